package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
)

type supportBundleCmd struct {
	Output string `short:"o" help:"The file to write, or a folder; what is there is replaced." default:"." placeholder:"FILE"`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run writes the zip.
func (r supportBundleCmd) Run(ctx context.Context, s *session) error {
	output, err := absolutes(r.Output)
	if err != nil {
		return err
	}
	return s.with(ctx, r.As, func(c *connection) error {
		var b app.SupportBundleResult
		if err := door.Call(ctx, c, "System.SupportBundle", nil, &b); err != nil {
			return err
		}
		path := output[0]
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, b.Name)
		}
		size, err := written(path, func(w io.Writer) error {
			if _, err := w.Write(b.Data); err != nil {
				return unwritten(path, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return s.print(map[string]any{"path": path, "bytes": size}, func(w io.Writer) { _, _ = fmt.Fprintln(w, path) })
	})
}
