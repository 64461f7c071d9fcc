package archive

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/progress"
)

// Job is what a job's process is to do: one of the two.
type Job struct {
	Backup  *Backup  `json:"backup,omitempty"`
	Restore *Restore `json:"restore,omitempty"`
}

// Main is the process of a job: it does what the file says, tells of it to the
// file named told, and gives the exit code, 0 or 1.
func Main(file, told string, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b, err := os.ReadFile(file)
	var j Job
	if err == nil {
		err = json.Unmarshal(b, &j)
	}
	if err != nil || j.Backup == nil && j.Restore == nil {
		_, _ = fmt.Fprintln(stderr, "read what to do:", err)
		return 1
	}
	r, done := progress.Open(told, stderr)
	defer done()
	var result any
	switch {
	case j.Backup != nil:
		r.Plan([]string{"backup", "verify"}, []float64{75, 25})
		result, err = Write(ctx, *j.Backup, r)
	case j.Restore.Safety != nil:
		r.Plan([]string{"check", "backup", "verify", "unpack", "replace"}, []float64{15, 35, 10, 35, 5})
		result, err = j.Restore.Run(ctx, r)
	default:
		r.Plan([]string{"check", "unpack", "replace"}, []float64{30, 65, 5})
		result, err = j.Restore.Run(ctx, r)
	}
	switch {
	case err == nil:
		r.End(nil, fields(result))
		return 0
	case ctx.Err() != nil: // whoever ended it knows why
	default:
		_, _ = fmt.Fprintln(stderr, err)
		r.End(domain.AsError(err), nil)
	}
	return 1
}

func fields(result any) map[string]any {
	var m map[string]any
	if b, err := json.Marshal(result); err == nil {
		_ = json.Unmarshal(b, &m)
	}
	return m
}
