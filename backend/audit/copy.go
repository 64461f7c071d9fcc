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
	"os"
	"path/filepath"

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
	files   []*copied
	seen    int64 // all records up to this one are in the copy
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

// Serve copies what is there and what comes, until ctx ends.
func (c *Copier) Serve(ctx context.Context) error {
	if err := c.open(); err != nil {
		return fmt.Errorf("copy audit: %w", err)
	}
	for {
		// What was recorded until the end belongs into the copy, too.
		if err := c.copy(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("copy audit: %w", err)
		}
		select {
		case <-c.records.Audited():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *Copier) String() string { return "copy audit" }

// open finds how far the files are, and takes off the part of a line that a
// crash left.
func (c *Copier) open() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	for _, f := range c.files {
		f.last = 0
		size := int64(0)
		err := readCopy(f.path, func(line []byte) error {
			size += int64(len(line))
			if r, ok := record(line); ok {
				f.last = max(f.last, r.ID)
			}
			return nil
		})
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.Truncate(f.path, size); err != nil {
			return err
		}
	}
	c.seen = min(c.files[0].last, c.files[1].last)
	return nil
}

// copy appends what the files lack.
func (c *Copier) copy(ctx context.Context) error {
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
				return err
			}
			f.last = max(f.last, records[len(records)-1].ID)
		}
		c.seen = records[len(records)-1].ID
	}
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

// readCopy gives each whole line of a file.
func readCopy(path string, each func(line []byte) error) (err error) {
	file, err := platform.OpenPlain(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r := bufio.NewReaderSize(file, 1<<16)
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
