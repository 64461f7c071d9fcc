package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

// The system logs of an installation that runs for years stay below 180 MiB.
const (
	systemLogSize    = 10 // MiB, from which on the next file is begun
	systemLogBackups = 5  // files of before that are kept, with the time in their names
)

// openLog opens the system logs (SPEC section 2): application.log has all,
// error.log what went wrong, access.log who
// called what by HTTP, stderr what a person at the terminal must see.
func (e *Engine) openLog() error {
	dir := e.options.Root.SystemLogs()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("open system logs: %w", err)
	}
	var handlers fanout
	for name, level := range map[string]slog.Leveler{"application.log": &e.more, "error.log": slog.LevelError} {
		f := &lumberjack.Logger{Filename: filepath.Join(dir, name), MaxSize: systemLogSize, MaxBackups: systemLogBackups}
		if _, err := f.Write(nil); err != nil { // so that it is told here what cannot be written
			return fmt.Errorf("open system logs: %w", err)
		}
		e.logs = append(e.logs, f)
		handlers = append(handlers, slog.NewJSONHandler(f, &slog.HandlerOptions{Level: level}))
	}
	access := &lumberjack.Logger{Filename: filepath.Join(dir, "access.log"), MaxSize: systemLogSize, MaxBackups: systemLogBackups}
	e.logs = append(e.logs, access) // it is made with the first access
	e.access = slog.New(slog.NewJSONHandler(access, nil))
	if e.options.Stderr != nil {
		handlers = append(handlers, slog.NewTextHandler(e.options.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	}
	e.log = slog.New(handlers)
	return nil
}

// fanout hands each record to several handlers.
type fanout []slog.Handler

// Enabled tells whether any handler wants the level.
func (f fanout) Enabled(ctx context.Context, l slog.Level) bool {
	for _, h := range f {
		if h.Enabled(ctx, l) {
			return true
		}
	}
	return false
}

// Handle hands the record on.
func (f fanout) Handle(ctx context.Context, r slog.Record) error {
	var errs []error
	for _, h := range f {
		if h.Enabled(ctx, r.Level) {
			errs = append(errs, h.Handle(ctx, r.Clone()))
		}
	}
	return errors.Join(errs...)
}

// WithAttrs gives handlers that add attributes.
func (f fanout) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := make(fanout, len(f))
	for i, h := range f {
		out[i] = h.WithAttrs(attrs)
	}
	return out
}

// WithGroup gives handlers that open a group.
func (f fanout) WithGroup(name string) slog.Handler {
	out := make(fanout, len(f))
	for i, h := range f {
		out[i] = h.WithGroup(name)
	}
	return out
}
