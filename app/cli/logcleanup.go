package cli

import (
	"context"
	"fmt"
	"io"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/i18n"
)

type logCleanUpCmd struct {
	DryRun bool `help:"Only tell what would be removed and compressed."`
}

// Run cleans up, waits until logs are compressed, and prints what was done.
func (r logCleanUpCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		events := c.Events(ctx)
		var done engine.Cleaned
		if err := door.Call(ctx, c, "Logs.CleanUp", app.LogCleanUpRequest{DryRun: r.DryRun}, &done); err != nil {
			return err
		}
		if done.JobID != "" {
			f := &front{s: s, c: c, id: done.JobID, events: events}
			if err := f.follow(ctx); err != nil {
				return err
			}
		}
		saved := int64(0)
		if done.JobID != "" {
			var x domain.Execution
			if err := door.Call(ctx, c, "Executions.Get", app.ExecutionRequest{ExecutionID: done.JobID}, &x); err != nil {
				return err
			}
			if x.Job != nil {
				n, _ := x.Job.Result["saved_bytes"].(float64)
				saved = int64(n)
			}
		}
		answer := map[string]any{
			"dry_run": r.DryRun, "expired": done.Expired, "over": done.Over, "compress": done.Compress, "exports": done.Exports, "saved_bytes": saved,
		}
		return s.print(answer, func(w io.Writer) {
			key := "cli.cleanup.done"
			if r.DryRun {
				key = "cli.cleanup.would"
			}
			for _, one := range []struct {
				what string
				engine.Removed
			}{{"expired", done.Expired}, {"over", done.Over}, {"compress", done.Compress}} {
				_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, key+"."+one.what, map[string]any{
					"count": one.Executions, "megabytes": i18n.Decimal(s.lang, float64(one.Bytes)/(1<<20), 1),
				}))
			}
		})
	})
}
