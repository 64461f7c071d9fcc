package shim

import (
	"sync"
	"time"

	"scriptsmanager/backend/shim/protocol"
)

// inbox keeps what the reader of the events is still to hear: of each kind the
// newest only, so that it never grows and never blocks.
type inbox struct {
	mu       sync.Mutex
	changed  *sync.Cond
	started  *Started
	told     bool // Started was taken
	output   *Output
	stopping *Stopping
	disk     *Disk
	ended    *Ended
	closed   bool
}

func newInbox() *inbox {
	b := &inbox{}
	b.changed = sync.NewCond(&b.mu)
	return b
}

func (b *inbox) put(m protocol.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.changed.Signal()
	if m.Event == protocol.EventOutput {
		b.output = &Output{Lines: m.Lines, Bytes: m.Bytes}
		return
	}
	s := m.State
	if s == nil {
		return
	}
	switch m.Event {
	case protocol.EventStarted:
		if !b.told {
			b.started = &Started{
				PID: s.Script.PID, At: s.StartedAt, Confinement: s.Confinement, Limits: s.Limits, Means: s.Means,
			}
		}
	case protocol.EventStopping:
		b.stopping = &Stopping{End: s.End}
		if s.GraceEndsAt != nil {
			b.stopping.Until = *s.GraceEndsAt
		}
	case protocol.EventDisk:
		b.disk = &Disk{Full: s.DiskFull, LostBytes: s.LostBytes}
	case protocol.EventEnded:
		b.ended = ended(*s)
	}
}

func ended(s State) *Ended {
	e := &Ended{
		End: s.End, ExitCode: s.ExitCode, Signal: s.Signal, GraceOver: s.GraceOver, StartError: s.StartError,
		Error: s.Error, LostBytes: s.LostBytes, CPUSeconds: s.CPUSeconds, MemoryPeak: s.MemoryPeak,
		Lines: s.Lines, Bytes: s.Bytes, StartedAt: s.StartedAt, LeftRunning: s.Left, Limits: s.Limits,
	}
	if s.EndedAt != nil {
		e.EndedAt = *s.EndedAt
	} else {
		e.EndedAt = time.Now().UTC()
	}
	return e
}

func (b *inbox) hasEnd() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended != nil
}

func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.changed.Signal()
}

// take waits for an event. The order is that of a run: first Started, last Ended.
func (b *inbox) take() (Event, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		switch {
		case b.started != nil:
			e := *b.started
			b.started, b.told = nil, true
			return e, true
		case b.output != nil:
			e := *b.output
			b.output = nil
			return e, true
		case b.disk != nil:
			e := *b.disk
			b.disk = nil
			return e, true
		case b.stopping != nil:
			e := *b.stopping
			b.stopping = nil
			return e, true
		case b.ended != nil:
			return *b.ended, true
		case b.closed:
			return nil, false
		}
		b.changed.Wait()
	}
}
