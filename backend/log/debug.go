package log

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/format"
)

// OpenDebug opens the debug lines of a log for adding to them, and gives a
// logger for that (slog JSON, a line for each record, in one write, so that
// engine and shim can both add). Close the closer when done.
func OpenDebug(base string) (*slog.Logger, io.Closer, error) {
	path := base + format.DebugSuffix
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, nil, fmt.Errorf("create the folder of a log: %w", err)
		}
		f, err = os.OpenFile(path, flags, 0o600)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("open debug lines: %w", err)
	}
	return slog.New(slog.NewJSONHandler(f, nil)), f, nil
}

// AppendDebug adds one debug line to a log.
func AppendDebug(base, message string, attrs ...slog.Attr) error {
	path := base + format.DebugSuffix
	logger, file, err := OpenDebug(base)
	if err != nil {
		return err
	}
	record := slog.NewRecord(time.Now(), slog.LevelInfo, message, 0)
	record.AddAttrs(attrs...)
	err = logger.Handler().Handle(context.Background(), record)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write to %s: %w", filepath.Base(path), err)
	}
	return nil
}

// debugLines reads the debug lines of a log. There are few.
type debugLines struct {
	path    string
	starts  []int64 // of complete lines
	scanned int64   // up to here
}

func (d *debugLines) read(from int64, limit, most int) (domain.LogPage, error) {
	page := domain.LogPage{Lines: []domain.LogLine{}, Next: from}
	f, err := os.Open(d.path)
	if errors.Is(err, os.ErrNotExist) {
		page.Next = 1
		return page, nil
	}
	if err != nil {
		return page, fmt.Errorf("open debug lines: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := d.scan(f); err != nil {
		return page, fmt.Errorf("read debug lines: %w", err)
	}
	page.Total = int64(len(d.starts))
	page.Next = min(from, page.Total+1)
	text := 0
	for ; page.Next <= page.Total && len(page.Lines) < limit && text < pageText; page.Next++ {
		line, err := d.line(f, page.Next, most)
		if err != nil {
			return page, fmt.Errorf("read debug lines: %w", err)
		}
		text += len(line.Text)
		page.Lines = append(page.Lines, line)
	}
	return page, nil
}

func (d *debugLines) scan(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < d.scanned {
		d.starts, d.scanned = nil, 0
	}
	buffer := make([]byte, blockSize)
	for at := d.scanned; ; {
		n, err := f.ReadAt(buffer, at)
		for rest := buffer[:n]; ; {
			end := bytes.IndexByte(rest, '\n')
			if end < 0 {
				break
			}
			d.starts = append(d.starts, d.scanned)
			d.scanned = at + int64(n-len(rest)+end) + 1
			rest = rest[end+1:]
		}
		at += int64(n)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (d *debugLines) line(f *os.File, seq int64, most int) (domain.LogLine, error) {
	start, end := d.starts[seq-1], d.scanned
	if int(seq) < len(d.starts) {
		end = d.starts[seq]
	}
	line := domain.LogLine{Seq: seq, Stream: domain.Debug, Cut: end-1-start > int64(most)}
	text := make([]byte, min(end-1-start, int64(most)))
	if _, err := f.ReadAt(text, start); err != nil && !errors.Is(err, io.EOF) {
		return line, err
	}
	var stamp struct{ Time time.Time }
	if !line.Cut && json.Unmarshal(text, &stamp) == nil {
		line.Time = stamp.Time.UTC()
	}
	line.Text = clean(text, line.Cut)
	return line, nil
}

// tailRecords bounds how far Tail looks back for a stream that said little.
const tailRecords = 200_000

// Tail gives the last text of a stream: up to n bytes, beginning with a line
// where that is to be had.
func (r *Reader) Tail(n int, stream domain.Stream) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n <= 0 || r.refresh() != nil {
		return ""
	}
	// One byte more tells whether the text begins with a line.
	var text []byte
	if stream == domain.Debug {
		text = tailFile(r.debug.path, n+1)
	} else if r.index != nil {
		// Without an error: of a log that cannot be read there is no text.
		_ = r.mended(func() (err error) {
			text, err = r.tail(n+1, stream)
			return err
		})
	}
	if len(text) > n {
		before := text[0]
		text = text[1:]
		if at := bytes.IndexByte(text, '\n'); before != '\n' && at >= 0 && at < len(text)-1 {
			text = text[at+1:]
		}
		for len(text) > 0 && text[0]&0xC0 == 0x80 { // the rest of a rune
			text = text[1:]
		}
	}
	return clean(text, false)
}

func (r *Reader) tail(n int, stream domain.Stream) ([]byte, error) {
	kind := format.Stdout
	if stream == domain.Stderr {
		kind = format.Stderr
	}
	var parts [][]byte // last first
	for i, seen := r.index.count()-1, 0; i >= 0 && n > 0 && seen < tailRecords; i, seen = i-1, seen+1 {
		rec, err := r.index.at(i)
		if err != nil {
			return nil, err
		}
		if rec.Kind != kind {
			continue
		}
		part := make([]byte, min(n, rec.Length))
		if _, err := r.log.ReadAt(part, rec.Next()-int64(len(part))); errors.Is(err, io.EOF) {
			return nil, errDamaged
		} else if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		n -= len(part)
	}
	var text []byte
	for i := len(parts) - 1; i >= 0; i-- {
		text = append(text, parts[i]...)
	}
	return text, nil
}

func tailFile(path string, n int) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	text := make([]byte, min(int64(n), info.Size()))
	got, _ := f.ReadAt(text, info.Size()-int64(len(text)))
	return text[:got]
}
