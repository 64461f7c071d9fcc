package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/export"
)

type logExportCmd struct {
	IDs    []string `arg:"" name:"id" help:"The executions' ids."`
	Format string   `help:"txt, json, csv, pdf or raw (the bytes of the script, of several executions a ZIP of them); by the ending of --output where it is not said." placeholder:"FORMAT"`
	Output string   `short:"o" help:"The file to write; what is there is replaced." required:"" placeholder:"FILE"`
	As     string   `help:"Act with this user's rights." placeholder:"USER"`
}

// Run writes the file and stays in front until it is there.
func (r logExportCmd) Run(ctx context.Context, s *session) error {
	format := r.Format
	if format == "" && filepath.Ext(r.Output) != "" {
		format = strings.ToLower(filepath.Ext(r.Output)[1:])
		if format == "log" || format == "zip" {
			format = export.RAW
		}
	}
	output, err := absolutes(r.Output)
	if err != nil {
		return err
	}
	if info, err := os.Stat(filepath.Dir(output[0])); err != nil || !info.IsDir() {
		return domain.NewError(domain.CodeUsage, "detail", "--output "+r.Output+" ("+filepath.Dir(output[0])+"?)")
	}
	if info, err := os.Stat(output[0]); err == nil && info.IsDir() {
		return domain.NewError(domain.CodeUsage, "detail", "--output "+r.Output+": "+s.Texts.Text(s.lang, "cli.export.folder", nil))
	}
	return s.with(ctx, r.As, func(c *connection) error {
		signals := make(chan os.Signal, 4) // Ctrl-C must end the work, not only us
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(signals)
		events, x, err := changing{}.begin(ctx, c, "Logs.Export", app.LogExportRequest{ExecutionIDs: r.IDs, Format: format, Language: s.lang})
		if err != nil {
			return err
		}
		f := &front{s: s, c: c, id: x.ID, events: events, signals: signals}
		if err := f.follow(ctx); err != nil {
			return err
		}
		if f.interrupted {
			return exitCode(ExitFailed)
		}
		size, err := fetch(ctx, c, x.ID, output[0])
		if err != nil {
			return err
		}
		incomplete, err := missing(ctx, c, x.ID)
		if err != nil {
			return err
		}
		if incomplete > 0 {
			_, _ = fmt.Fprintln(s.Stderr, "scriptsmanager: "+s.Texts.Text(s.lang, "ui.export.incomplete", map[string]any{
				"count": incomplete, "count_text": fmt.Sprint(incomplete),
			}))
		}
		answer := map[string]any{"execution_id": x.ID, "path": output[0], "format": format, "bytes": size, "incomplete": incomplete}
		return s.print(answer, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, output[0])
		})
	})
}

// missing is how many of the executions had logs that are not there any more,
// or not all of them.
func missing(ctx context.Context, c *connection, id string) (int, error) {
	var x domain.Execution
	if err := door.Call(ctx, c, "Executions.Get", app.ExecutionRequest{ExecutionID: id}, &x); err != nil || x.Job == nil {
		return 0, err
	}
	n, _ := x.Job.Result["incomplete"].(float64)
	return int(n), nil
}

// fetch writes what was exported to a file.
func fetch(ctx context.Context, c *connection, id, path string) (size int64, err error) {
	return fetched(path, "export", func(offset int64, part *app.ExportedPart) error {
		return door.Call(ctx, c, "Logs.Exported", app.ExportedRequest{ExecutionID: id, Offset: offset}, part)
	})
}

// fetched writes what comes in parts to a file; what says what that is.
func fetched(path, what string, next func(offset int64, part *app.ExportedPart) error) (int64, error) {
	return written(path, func(w io.Writer) error {
		for size := int64(0); ; {
			var part app.ExportedPart
			if err := next(size, &part); err != nil {
				return err
			}
			if _, err := w.Write(part.Data); err != nil {
				return unwritten(path, err)
			}
			size += int64(len(part.Data))
			if size >= part.Size {
				return nil
			}
			if len(part.Data) == 0 {
				return domain.NewError(domain.CodeNotFound, "what", what, "name", part.Name)
			}
		}
	})
}
