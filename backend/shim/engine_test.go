package shim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"scriptsmanager/backend/shim"
)

// engine is what this test program is when it is started as an engine that can
// be killed: it starts a shim from a spec and waits.
func engine(args []string) {
	var spec shim.Spec
	if err := json.Unmarshal([]byte(args[1]), &spec); err != nil {
		panic(err)
	}
	starter := shim.NewStarter(args[0])
	starter.Keep(0)
	s, err := starter.Start(context.Background(), spec)
	if err != nil {
		panic(err)
	}
	fmt.Println("held")
	for range s.Events() {
	}
	os.Exit(0)
}
