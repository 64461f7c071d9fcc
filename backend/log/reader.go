// Package log reads the logs of executions, while they are written and after,
// and writes the debug lines beside them.
//
// A Reader gives lines from any position on in O(log n); how the files are laid
// out stands in log/format. It promises to read whatever is there: a missing or
// damaged index is built anew in memory, with times unknown. The output itself
// is written by scriptsmanager-shim alone.
package log

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/format"
)

const (
	// MaxText is the longest text of a line in bytes that Read gives and Find
	// looks at.
	MaxText = 64 << 10
	// DefaultLimit is the number of lines that Read gives where none is said.
	DefaultLimit = 1000
	// MaxLimit is the most that one Read gives.
	MaxLimit = 10000
	// pageText bounds the text of a page, so that long lines make short pages.
	pageText = 4 << 20
	// pageScan bounds what one Read looks at when lines of one stream are far
	// apart: then the page is short, even empty, and Next is further on.
	pageScan = 256 << 20
	// settled is how long bytes without a record must have been there until
	// they are taken as the end of a log whose writer was killed.
	settled = 2 * time.Second
)

// Reader reads one log. Its methods may be called from several goroutines.
type Reader struct {
	base string

	mu    sync.Mutex
	log   *Content
	idx   *Content
	index index
	debug debugLines
}

// Open opens the log with the base (a path without extension). The files need
// not be there yet; a log without files is empty.
func Open(base string) (*Reader, error) {
	r := &Reader{base: base, debug: debugLines{path: base + format.DebugSuffix}}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.refresh(); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// Close closes the files.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.close()
}

func (r *Reader) close() error {
	var errs []error
	for _, f := range []*Content{r.log, r.idx} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	r.log, r.idx = nil, nil
	return errors.Join(errs...)
}

// Lines is how many complete lines of output there are now.
func (r *Reader) Lines() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refresh() != nil || r.index == nil {
		return 0
	}
	end := r.index.end()
	return end.Lines()
}

// Read gives lines from the number from (counted from 1) on: up to limit of
// them (0: DefaultLimit), of the streams that are named, or of stdout and
// stderr. Debug lines have numbers of their own and are read alone.
//
// Page.Total counts complete lines. Lines without an end come last, with Open
// set and numbers above Total; Next stays at the first of them, so that asking
// from there gives them again, longer. A page may have fewer lines than there
// are, even none: what counts is Next, and the end is Next > Total.
// Page.Ended is set where the log was closed in order and Next > Total.
func (r *Reader) Read(from int64, limit int, streams ...domain.Stream) (domain.LogPage, error) {
	return r.ReadLong(from, limit, MaxText, streams...)
}

// ReadLong is Read with texts of up to most bytes. A page takes as much memory
// as its last line is longer than those of other pages are together.
func (r *Reader) ReadLong(from int64, limit, most int, streams ...domain.Stream) (domain.LogPage, error) {
	want, debug, err := chosen(streams)
	if err != nil {
		return domain.LogPage{}, err
	}
	from = max(from, 1)
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit = min(limit, MaxLimit)
	r.mu.Lock()
	defer r.mu.Unlock()
	if debug {
		if err := r.refresh(); err != nil {
			return domain.LogPage{}, err
		}
		page, err := r.debug.read(from, limit, most)
		page.Ended = page.Next > page.Total && r.ended()
		return page, err
	}
	var page domain.LogPage
	err = r.mended(func() (err error) {
		page, err = r.read(from, limit, most, want)
		return err
	})
	return page, err
}

func (r *Reader) ended() bool {
	if r.index == nil {
		return false
	}
	end := r.index.end()
	return end.Ended()
}

// chosen tells which of stdout and stderr are wanted, or that it is debug.
func chosen(streams []domain.Stream) (want [2]bool, debug bool, err error) {
	for _, s := range streams {
		switch s {
		case domain.Stdout:
			want[0] = true
		case domain.Stderr:
			want[1] = true
		case domain.Debug:
			debug = true
		default:
			return want, false, fmt.Errorf("read a log: stream %q is not known", s)
		}
	}
	if len(streams) == 0 {
		want = [2]bool{true, true}
	}
	if debug && (want[0] || want[1]) {
		return want, false, errors.New("read a log: debug lines have numbers of their own, they are read alone")
	}
	return want, debug, nil
}

// refresh opens what is there, and takes in what is new.
func (r *Reader) refresh() error {
	if r.log == nil {
		f, err := OpenContent(r.base + format.LogSuffix)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		r.log = f
	}
	if r.idx == nil {
		f, err := OpenContent(r.base + format.IndexSuffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !domain.HasCode(err, domain.CodeLogDamaged) {
			return err
		}
		if err == nil {
			r.idx = f
		}
	}
	if r.index == nil {
		if r.idx != nil {
			r.index = &fileIndex{log: r.log, idx: r.idx}
		} else {
			r.rebuild()
		}
	}
	err := r.index.refresh()
	if errors.Is(err, errDamaged) {
		r.rebuild()
		err = r.index.refresh()
	}
	return err
}

// rebuild goes over to an index in memory.
func (r *Reader) rebuild() { r.index = &memoryIndex{log: r.log, idx: r.idx} }
