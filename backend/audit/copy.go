package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/store"
)

// The files of the copy, one record as JSON in each line: what administrators
// and the product itself did, and what all others did.
const (
	AdminFile = "admin_actions.log"
	UserFile  = "user_actions.log"
)

// batch is how many records are read at once.
const batch = 1000

// Records is where the records are.
type Records interface {
	AuditRecords(ctx context.Context, f store.AuditFilter) ([]store.AuditRecord, error)
	Audited() <-chan struct{}
}

// Copier writes the copy. One at a time may write in a folder.
type Copier struct {
	records Records
	dir     string

	mu     sync.Mutex // guards all below, and the files
	opened bool
	files  []*copied
	seen   int64 // all records up to this one are in the copy
}

// copied is one of the files, and the number of the newest record in it.
type copied struct {
	path string
	last int64
}

// NewCopier makes one for the records, into a folder, which is made.
func NewCopier(records Records, dir string) *Copier {
	c := &Copier{records: records, dir: dir}
	for _, path := range copies(dir) {
		c.files = append(c.files, &copied{path: path})
	}
	return c
}

func copies(dir string) []string {
	return []string{filepath.Join(dir, AdminFile), filepath.Join(dir, UserFile)}
}

// fileOf is which of the files a record belongs into.
func fileOf(r store.AuditRecord) int {
	if r.ActorKind != store.ActorUser || r.Level == domain.LevelAdmin {
		return 0
	}
	return 1
}

// Serve copies what is there and what comes, until ctx ends, and what was
// recorded until then.
func (c *Copier) Serve(ctx context.Context) error {
	for {
		if err := c.copy(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("copy audit: %w", err)
		}
		select {
		case <-c.records.Audited():
			continue
		case <-ctx.Done():
		}
		if err := c.copy(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("copy audit: %w", err)
		}
		return ctx.Err()
	}
}

func (c *Copier) String() string { return "copy audit" }

// copy appends what the files lack.
func (c *Copier) copy(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.catchUp(ctx)
}

func (c *Copier) catchUp(ctx context.Context) error {
	if !c.opened {
		if err := c.open(); err != nil {
			return err
		}
		c.opened = true
	}
	for {
		records, err := c.records.AuditRecords(ctx, store.AuditFilter{Oldest: true, Before: c.seen, Limit: batch})
		if err != nil || len(records) == 0 {
			return err
		}
		for i, f := range c.files {
			var lines bytes.Buffer
			for _, r := range records {
				if fileOf(r) != i || r.ID <= f.last {
					continue
				}
				line, err := json.Marshal(r)
				if err != nil {
					return err
				}
				lines.Write(append(line, '\n'))
			}
			if err := f.append(lines.Bytes()); err != nil {
				c.opened = false // it may have a part of a line
				return err
			}
			f.last = max(f.last, records[len(records)-1].ID)
		}
		c.seen = records[len(records)-1].ID
	}
}

// open finds how far the files are, and takes off the part of a line that a
// crash left. A file that is gone is made anew from the first record on.
func (c *Copier) open() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	fresh, newest, oldest := false, int64(0), int64(math.MaxInt64)
	for _, f := range c.files {
		made, err := f.open()
		if err != nil {
			return err
		}
		fresh = fresh || made
		newest, oldest = max(newest, f.last), min(oldest, f.last)
	}
	// A crash between the files of one batch leaves the second behind by no more than it.
	c.seen = max(oldest, newest-batch)
	if fresh {
		c.seen = 0
	}
	return nil
}

// open looks for the last record in the file, from its end.
func (f *copied) open() (made bool, err error) {
	f.last = 0
	file, err := platform.OpenPlain(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		file, err := os.OpenFile(f.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return false, err
		}
		return true, file.Close()
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return false, err
	}
	whole := int64(-1)
	var tail []byte
	for from := info.Size(); from > 0 && f.last == 0; {
		part := make([]byte, min(from, 1<<16))
		from -= int64(len(part))
		if _, err := file.ReadAt(part, from); err != nil {
			return false, err
		}
		tail = append(part, tail...)
		lines := tail
		if from > 0 { // the first line of it may be the end of one
			_, lines, _ = bytes.Cut(tail, []byte{'\n'})
		}
		end := bytes.LastIndexByte(tail, '\n') + 1
		if whole < 0 && end > 0 {
			whole = from + int64(end)
		}
		if n := bytes.LastIndexByte(lines, '\n'); n >= 0 {
			for line := range bytes.SplitSeq(lines[:n], []byte{'\n'}) {
				if r, ok := record(line); ok {
					f.last = max(f.last, r.ID)
				}
			}
		}
	}
	if whole = max(whole, 0); whole == info.Size() {
		return false, nil
	}
	return false, os.Truncate(f.path, whole)
}

// Verify goes through all records and their copy. Nothing is copied while it
// looks how far the copy is.
func (c *Copier) Verify(ctx context.Context, noted *Head) (Verified, error) {
	c.mu.Lock()
	err := c.catchUp(ctx)
	files := snapshot(c.dir)
	c.mu.Unlock()
	if err != nil {
		return Verified{}, fmt.Errorf("copy audit: %w", err)
	}
	return verify(ctx, c.records, files, noted)
}

func (f *copied) append(lines []byte) (err error) {
	if len(lines) == 0 {
		return nil
	}
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(lines); err != nil {
		return err
	}
	return file.Sync()
}

// file is what one of the files was when it was looked at.
type file struct {
	path string
	size int64
}

func snapshot(dir string) (files []file) {
	for _, path := range copies(dir) {
		if info, err := os.Stat(path); err == nil { // else there is none
			files = append(files, file{path, info.Size()})
		}
	}
	return files
}

// readCopy gives each whole line that a file had.
func readCopy(f file, each func(line []byte) error) (err error) {
	file, err := platform.OpenPlain(f.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r := bufio.NewReaderSize(io.LimitReader(file, f.size), 1<<16)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) { // what has no end is being written
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(line); err != nil {
			return err
		}
	}
}

// record reads a line of the copy.
func record(line []byte) (r store.AuditRecord, ok bool) {
	return r, json.Unmarshal(line, &r) == nil && r.ID > 0
}
