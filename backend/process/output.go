package process

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// groupDelay is how long the output of a command of a Group may stay open after
// its end: something in the background may hold it.
const groupDelay = 500 * time.Millisecond

// Wait waits for a command of a Group that was started, and kills whatever is
// left of the group. That something in the background kept its output open is
// no error.
func Wait(cmd *exec.Cmd) error {
	end := grouped(cmd)
	err := cmd.Wait()
	end()
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	return err
}

// Tail keeps the last bytes that are written to it, so that a program that
// prints without end costs no memory. It is safe for concurrent use.
type Tail struct {
	limit int
	mu    sync.Mutex // guards buf
	buf   bytes.Buffer
}

// NewTail makes a Tail that keeps so many bytes.
func NewTail(limit int) *Tail { return &Tail{limit: limit} }

// Write never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p)
	if over := t.buf.Len() - t.limit; over > 0 {
		t.buf.Next(over)
	}
	return len(p), nil
}

// Bytes gives what is kept.
func (t *Tail) Bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.buf.Bytes())
}

// String gives what is kept, with a mark for what is no UTF-8.
func (t *Tail) String() string { return strings.ToValidUTF8(string(t.Bytes()), "\ufffd") }
