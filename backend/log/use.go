package log

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// UseSuffix ends the name of the file with what an execution used over time.
const UseSuffix = ".use.jsonl"

// MaximumUses is how many times of use are kept of an execution, however long
// it runs: where there are more, every second one goes.
const MaximumUses = 2000

// Use is what an execution, with all that it started, used at one time.
type Use struct {
	At         time.Time `json:"at"`
	CPUSeconds float64   `json:"cpu"` // since it started
	Memory     int64     `json:"mem"` // resident bytes; the most since the one before, where one was left out
	Processes  int       `json:"n"`
}

// UseLog adds to what is kept of an execution's use: a line of JSON each, so
// that it outlives the engine.
type UseLog struct {
	path string
	file *os.File
	uses []Use
}

// OpenUses opens what is kept of an execution's use, or begins it. Close it.
func OpenUses(base string) (*UseLog, error) {
	uses, err := ReadUses(base)
	if err != nil {
		return nil, err
	}
	l := &UseLog{path: base + UseSuffix, uses: uses}
	return l, l.write()
}

// ReadUses gives what is kept of an execution's use, the oldest first; nothing
// is no error. What is damaged is left out.
func ReadUses(base string) (uses []Use, err error) {
	f, err := os.Open(base + UseSuffix)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read use: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	for lines.Scan() && len(uses) < 2*MaximumUses {
		var u Use
		if json.Unmarshal(lines.Bytes(), &u) == nil && !u.At.IsZero() && u.Memory >= 0 && u.CPUSeconds >= 0 &&
			(len(uses) == 0 || u.At.After(uses[len(uses)-1].At)) {
			uses = append(uses, u)
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
		return uses, fmt.Errorf("read use: %w", err)
	}
	return uses, nil
}

// Add keeps one more.
func (l *UseLog) Add(u Use) error {
	l.uses = append(l.uses, u)
	if len(l.uses) >= MaximumUses {
		l.uses = thin(l.uses)
		return l.write()
	}
	b, err := json.Marshal(u)
	if err == nil {
		_, err = l.file.Write(append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keep use: %w", err)
	}
	return nil
}

// Every is how long to wait for the next one: at first often, and the less the
// longer it runs already.
func (l *UseLog) Every() time.Duration {
	n := len(l.uses)
	if n == 0 {
		return 0
	}
	ran := l.uses[n-1].At.Sub(l.uses[0].At)
	least := 15 * time.Second
	switch {
	case ran < 30*time.Second:
		least = time.Second
	case ran < 5*time.Minute:
		least = 2 * time.Second
	case ran < time.Hour:
		least = 5 * time.Second
	}
	return max(least, ran/(MaximumUses/2))
}

// Close closes the file.
func (l *UseLog) Close() error { return l.file.Close() }

// thin takes out every second one; the first and the last stay, and a peak of
// memory is not lost.
func thin(uses []Use) []Use {
	kept := uses[:1]
	for i := 1; i < len(uses); i++ {
		if i%2 == 1 && i < len(uses)-1 {
			uses[i+1].Memory = max(uses[i].Memory, uses[i+1].Memory)
			continue
		}
		kept = append(kept, uses[i])
	}
	return slices.Clip(kept)
}

// write writes all anew, beside the file first, and goes on there.
func (l *UseLog) write() error {
	var all bytes.Buffer
	for _, u := range l.uses {
		b, err := json.Marshal(u)
		if err != nil {
			return fmt.Errorf("keep use: %w", err)
		}
		all.Write(append(b, '\n'))
	}
	f, err := os.CreateTemp(filepath.Dir(l.path), filepath.Base(l.path)+".*")
	if err != nil {
		return fmt.Errorf("keep use: %w", err)
	}
	_, err = f.Write(all.Bytes())
	if err = errors.Join(err, f.Close()); err == nil {
		if l.file != nil { // Windows replaces no open file
			err = l.file.Close()
			l.file = nil
		}
	}
	if err == nil {
		err = os.Rename(f.Name(), l.path)
	}
	if err == nil {
		l.file, err = os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND, 0)
	}
	if err != nil {
		return fmt.Errorf("keep use: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
