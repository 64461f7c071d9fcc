package format

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// maxPending is how many bytes of records may wait for room on the disk.
const maxPending = 256 << 10

// Writer writes a log's .log and .idx. It is for one goroutine.
//
// A full disk does not stop it: what cannot be written is counted, and where
// there is room again a record of a Lost kind marks the place.
type Writer struct {
	log, idx *os.File
	builder  Builder
	idxAt    int64  // where pending belongs in the .idx
	pending  []byte // records that are not written yet
	owed     [2]int // bytes lost that no record tells of yet, by stream
	lost     int64
	failed   error
}

// Create makes the .log and the .idx of a new log (mode 600), and their folder
// (mode 700) where it is missing. It fails where either file exists already.
func Create(base string) (*Writer, error) {
	flags := os.O_RDWR | os.O_CREATE | os.O_EXCL
	log, err := os.OpenFile(base+LogSuffix, flags, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(base), 0o700); err != nil {
			return nil, fmt.Errorf("create the folder of a log: %w", err)
		}
		log, err = os.OpenFile(base+LogSuffix, flags, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("create a log: %w", err)
	}
	idx, err := os.OpenFile(base+IndexSuffix, flags, 0o600)
	if err != nil {
		err = errors.Join(err, log.Close(), os.Remove(base+LogSuffix))
		return nil, fmt.Errorf("create the index of a log: %w", err)
	}
	w := &Writer{log: log, idx: idx, pending: Header(time.Now().UnixNano())}
	w.flush()
	return w, nil
}

// Write appends a run of bytes. It gives the number of bytes that are in the
// log now; the others are lost. After an error the next Write tries again.
func (w *Writer) Write(kind Kind, now int64, data []byte) (int, error) {
	done := 0
	for done < len(data) {
		n, err := w.write(kind, now, data[done:min(len(data), done+MaxLength)])
		done += n
		if err != nil {
			w.lost += int64(len(data) - done)
			w.owed[kind.Stream()] += len(data) - done
			w.flush()
			w.failed = err
			return done, err
		}
	}
	w.flush()
	return done, w.failed
}

func (w *Writer) write(kind Kind, now int64, data []byte) (int, error) {
	if len(w.pending) > maxPending {
		if w.flush(); w.failed != nil {
			return 0, w.failed
		}
	}
	n, err := w.log.WriteAt(data, w.builder.Offset())
	if n == 0 {
		return 0, err
	}
	for s, kind := range [2]Kind{LostStdout, LostStderr} {
		for w.owed[s] > 0 {
			part := min(w.owed[s], MaxLength)
			w.pending = w.builder.Lost(kind, now, part).Append(w.pending)
			w.owed[s] -= part
		}
	}
	w.pending = w.builder.Run(kind, now, data[:n]).Append(w.pending)
	return n, err
}

// flush writes the records that wait. Their place is fixed, so a write that
// went half way is made good by the next one.
func (w *Writer) flush() {
	if len(w.pending) == 0 {
		w.failed = nil
		return
	}
	n, err := w.idx.WriteAt(w.pending, w.idxAt)
	if err != nil {
		w.failed = err
		return
	}
	w.idxAt += int64(n)
	w.pending = w.pending[:0]
	w.failed = nil
}

// Failed is why the last write failed, nil when all is well.
func (w *Writer) Failed() error { return w.failed }

// Drop counts bytes of a stream that are not to be in the log. A record tells of
// them where the next run is written.
func (w *Writer) Drop(kind Kind, n int64) {
	w.lost += n
	w.owed[kind.Stream()] += int(n)
}

// EndLines ends the lines of both streams that have no end yet.
func (w *Writer) EndLines(now int64) error {
	for s, kind := range [2]Kind{Stdout, Stderr} {
		if _, open := w.builder.Open(s); open {
			if _, err := w.Write(kind, now, newline); err != nil {
				return err
			}
		}
	}
	return nil
}

// Retry finds out whether there is room again, and writes what waits if so.
func (w *Writer) Retry() error {
	if w.failed != nil && len(w.pending) == 0 {
		return w.probe()
	}
	w.flush()
	return w.failed
}

// probe tries to write one byte where the next run will stand.
func (w *Writer) probe() error {
	if _, err := w.log.WriteAt([]byte{0}, w.builder.Offset()); err != nil {
		w.failed = err
		return err
	}
	w.failed = w.log.Truncate(w.builder.Offset())
	return w.failed
}

// Lines is how many complete lines there are.
func (w *Writer) Lines() int64 { return w.builder.Lines() }

// Bytes is how many bytes the .log has.
func (w *Writer) Bytes() int64 { return w.builder.Offset() }

// Lost is how many bytes could not be written.
func (w *Writer) Lost() int64 { return w.lost }

// Finish writes the last record. Close and Sync are to follow.
func (w *Writer) Finish(now int64) error {
	for s, kind := range [2]Kind{LostStdout, LostStderr} {
		for w.owed[s] > 0 {
			part := min(w.owed[s], MaxLength)
			w.pending = w.builder.Lost(kind, now, part).Append(w.pending)
			w.owed[s] -= part
		}
	}
	w.pending = w.builder.End(now).Append(w.pending)
	w.flush()
	return w.failed
}

// Sync has both files on the disk.
func (w *Writer) Sync() error { return errors.Join(w.log.Sync(), w.idx.Sync()) }

// Close closes both files.
func (w *Writer) Close() error { return errors.Join(w.log.Close(), w.idx.Close()) }
