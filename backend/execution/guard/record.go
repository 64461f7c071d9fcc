package guard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"unicode/utf8"

	"scriptsmanager/backend/platform"
)

// Note is what the guard wrote: that it stands (Kind begins with On), or that
// it refused requests.
type Note struct {
	Kind   string `json:"kind"`   // host, origin, site, user or peer
	Count  int    `json:"count"`  // since the note of the kind before
	Detail string `json:"detail"` // of the last one: the header, or the user id
}

// On begins the kind of a note that says what is guarded now.
const On = "on:"

// known lists the kinds.
func known(kind string) bool {
	switch kind {
	case "host", "origin", "site", "user", "peer", On + "flask.app", On + "werkzeug.serving":
		return true
	}
	return false
}

const (
	maxRecord = 512 << 10 // the guard stops at half of it; a script may write what it likes
	maxLine   = 4 << 10
	maxDetail = 200 // characters
	maxCount  = 1e9
)

// Record reads a record while it grows. How far it was read stands in a file
// beside it, so that the next engine goes on there.
type Record struct {
	path string

	mu   sync.Mutex
	read int64
}

// Create makes an empty record for a script to write to.
func Create(path string) error {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return fmt.Errorf("make the record of refusals: %w", err)
	}
	return nil
}

// Open gives the record at path; whether it is there is seen when it is read.
func Open(path string) *Record {
	r := &Record{path: path}
	if b, err := os.ReadFile(path + ".read"); err == nil {
		if n, err := strconv.ParseInt(string(b), 10, 64); err == nil && n >= 0 {
			r.read = n
		}
	}
	return r
}

// Next gives what was noted since the last call. The file is the script's to
// write: whatever is no note is left out, and what is no file is not read.
func (r *Record) Next() ([]Note, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if info, err := os.Lstat(r.path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() <= r.read {
		return nil, nil
	}
	f, err := platform.OpenPlain(r.path)
	if err != nil {
		return nil, fmt.Errorf("open the record of refusals: %w", err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.NewSectionReader(f, r.read, max(0, maxRecord-r.read)))
	if err != nil {
		return nil, fmt.Errorf("read the record of refusals: %w", err)
	}
	end := bytes.LastIndexByte(b, '\n') + 1
	if end == 0 {
		return nil, nil
	}
	r.read += int64(end)
	if err := os.WriteFile(r.path+".read", []byte(strconv.FormatInt(r.read, 10)), 0o600); err != nil {
		return parse(b[:end]), fmt.Errorf("note how far the record of refusals was read: %w", err)
	}
	return parse(b[:end]), nil
}

// parse reads lines of JSON, one note each.
func parse(b []byte) []Note {
	var notes []Note
	for line := range bytes.Lines(b) {
		var n Note
		if len(line) > maxLine || json.Unmarshal(line, &n) != nil || !known(n.Kind) || n.Count < 1 || n.Count > maxCount ||
			utf8.RuneCountInString(n.Detail) > maxDetail {
			continue
		}
		notes = append(notes, n)
	}
	return notes
}
