package log

import (
	"context"
	"errors"
	"io"
	"os"

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
	return progress.Main(file, told, stderr, compressStep, func(ctx context.Context, c Compressing, r *progress.Report) (map[string]any, error) {
		var total, did, saved int64
		for _, l := range c.Logs {
			total += l.Bytes
		}
		failed := 0
		for i, l := range c.Logs {
			less, err := Compress(ctx, l.Base)
			switch {
			case ctx.Err() != nil:
				return nil, ctx.Err()
			case platform.IsDiskFull(err):
				return nil, domain.NewError(domain.CodeDiskFull, "path", l.Base)
			case err != nil && !errors.Is(err, os.ErrNotExist):
				failed++
				r.Say("%s: %v", l.Base, err)
			}
			did += l.Bytes
			saved += less
			r.Bytes(did, total, int64(i+1), "")
		}
		return map[string]any{"logs": len(c.Logs) - failed, "failed": failed, "saved_bytes": saved}, nil
	})
}

// IsCompressed tells whether a log's output is compressed, and only so.
func IsCompressed(base string) bool {
	_, plain := os.Lstat(base + format.LogSuffix)
	_, packed := os.Lstat(base + format.LogSuffix + Compressed)
	return errors.Is(plain, os.ErrNotExist) && packed == nil
}
