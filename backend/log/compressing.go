package log

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/progress"
)

// Compressing says which logs a job is to compress: their paths without
// extension, and what they take.
type Compressing struct {
	Logs []CompressingLog `json:"logs"`
}

// CompressingLog is one of them.
type CompressingLog struct {
	Base  string `json:"base"`
	Bytes int64  `json:"bytes"`
}

// compressStep is the only one of the job.
const compressStep = "compress"

// CompressMain is the process of a job that compresses logs: it does what the
// file says, tells its progress to the file named, and gives the exit code, 0 or
// 1. A log that cannot be compressed is told of and left as it is.
func CompressMain(file, told string, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b, err := os.ReadFile(file)
	var c Compressing
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "read what to compress:", err)
		return 1
	}
	r, done := progress.Open(told, stderr)
	defer done()
	r.Plan([]string{compressStep}, []float64{100})
	r.Begin(compressStep)
	var total, did, saved int64
	for _, l := range c.Logs {
		total += l.Bytes
	}
	failed := 0
	for i, l := range c.Logs {
		less, err := Compress(ctx, l.Base)
		switch {
		case ctx.Err() != nil:
			return 1 // the execution's own reason says it
		case platform.IsDiskFull(err):
			r.End(domain.NewError(domain.CodeDiskFull, "path", l.Base), nil)
			return 1
		case err != nil && !errors.Is(err, os.ErrNotExist):
			failed++
			r.Say("%s: %v", l.Base, err)
		}
		did += l.Bytes
		saved += less
		r.Bytes(did, total, int64(i+1), "")
	}
	r.End(nil, map[string]any{"logs": len(c.Logs) - failed, "failed": failed, "saved_bytes": saved})
	return 0
}

// IsCompressed tells whether a log's output is compressed, or not there at all.
func IsCompressed(base string) bool {
	_, err := os.Lstat(base + format.LogSuffix)
	return errors.Is(err, os.ErrNotExist)
}
