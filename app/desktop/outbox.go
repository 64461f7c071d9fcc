package desktop

import (
	"context"
	"sync"

	"scriptsmanager/backend/domain"
)

// linesKept is how many lines of output a script's window shows, and how many
// wait for it at most: it shows the end, the log has all.
const (
	linesKept   = 500
	lineLongest = 4096 // characters that the window shows of a line
)

// outbox holds what a window has yet to be told. A window that hangs makes
// nobody wait and no memory grow: of each part the newest is kept.
type outbox struct {
	wake   chan struct{} // holds one token when there is something
	ending chan struct{} // closed when it is

	mu      sync.Mutex // guards what follows
	pending message
	filled  bool
	closed  bool
}

func newOutbox() *outbox {
	return &outbox{wake: make(chan struct{}, 1), ending: make(chan struct{})}
}

func (o *outbox) change(f func(*message)) {
	o.mu.Lock()
	f(&o.pending)
	o.filled = true
	o.mu.Unlock()
	o.ring()
}

func (o *outbox) ring() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.closed = true
		close(o.ending)
	}
}

// done is closed once nothing more will be told.
func (o *outbox) done() <-chan struct{} { return o.ending }

// next waits for something to tell. It gives false once the outbox is closed
// or ctx ended.
func (o *outbox) next(ctx context.Context) (message, bool) {
	for {
		o.mu.Lock()
		m, filled, closed := o.pending, o.filled, o.closed
		o.pending, o.filled = message{}, false
		o.mu.Unlock()
		if closed {
			return message{}, false
		}
		if filled {
			return m, true
		}
		select {
		case <-o.wake:
		case <-o.ending:
		case <-ctx.Done():
			return message{}, false
		}
	}
}

func (m *message) addLines(lines []domain.LogLine, reset bool) {
	if reset {
		m.Reset, m.Lines = true, nil
	}
	for _, line := range lines {
		if text := []rune(line.Text); len(line.Text) > lineLongest && len(text) > lineLongest {
			line.Text, line.Cut = string(text[:lineLongest]), true
		}
		m.Lines = append(m.Lines, line)
	}
	if over := len(m.Lines) - linesKept; over > 0 {
		m.Lines = append([]domain.LogLine(nil), m.Lines[over:]...)
	}
}

// rank orders what is known of one execution, so that an answer that was
// overtaken by an event does not take the window back.
func rank(e domain.Execution) int {
	switch {
	case !e.State.Live():
		return 6
	case e.State == domain.StateQueued:
		return 0
	}
	for i, p := range []domain.Phase{domain.PhaseEnvironment, domain.PhasePort, domain.PhaseStarting, domain.PhaseReady, domain.PhaseStopping} {
		if e.Phase == p {
			return 1 + i
		}
	}
	return 0
}
