package progress

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"scriptsmanager/backend/domain"
)

// Main is the process of a job of one step: it reads what to do from a file, does
// it, tells of it to the file named told, and gives the exit code, 0 or 1. A
// signal ends ctx; whoever sent it knows why, so nothing is told of it then.
func Main[Spec any](file, told string, stderr io.Writer, step string, do func(ctx context.Context, s Spec, r *Report) (result map[string]any, err error)) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b, err := os.ReadFile(file)
	var s Spec
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "read what to do:", err)
		return 1
	}
	r, done := Open(told, stderr)
	defer done()
	r.Plan([]string{step}, []float64{100})
	r.Begin(step)
	result, err := do(ctx, s, r)
	switch {
	case err == nil:
		r.End(nil, result)
		return 0
	case ctx.Err() != nil:
	default:
		r.End(domain.AsError(err), nil)
	}
	return 1
}
