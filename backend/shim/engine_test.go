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
	s, err := shim.Start(context.Background(), args[0], spec)
	if err != nil {
		panic(err)
	}
	fmt.Println("held")
	for range s.Events() {
	}
	os.Exit(0)
}
