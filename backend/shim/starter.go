package shim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"scriptsmanager/backend/shim/protocol"
)

// Starter starts shims. It keeps one that has started already and waits for its
// execution, as people wait for their page: the start of a process and of its
// runtime is done before they press Run. The one that waits ends with this
// process, whatever the cause.
type Starter struct {
	program string

	mu      sync.Mutex // guards all below
	keeping bool
	spare   *spare
	next    *time.Timer // until the next one is started
}

// spare is a shim without an execution.
type spare struct {
	shim      *started
	folder    *os.File // takes its run folder, as a line
	readiness *os.File
}

// restAfterStart is how long the machine is left to the script that was just
// started before the next spare shim is.
const restAfterStart = 500 * time.Millisecond

// spareEnds is how long a spare shim may take to end by itself.
const spareEnds = 2 * time.Second

// NewStarter makes a starter of the shim program; it keeps nothing ready until
// Keep.
func NewStarter(program string) *Starter { return &Starter{program: program} }

// Keep has a shim kept ready until Close, the first one after the time given.
// That none can be started is told by Start.
func (s *Starter) Keep(after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keeping = true
	s.refillLocked(after)
}

func (s *Starter) refillLocked(after time.Duration) {
	if s.next != nil {
		s.next.Stop()
	}
	s.next = time.AfterFunc(after, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.keeping && s.spare == nil {
			s.spare = newSpare(s.program)
		}
	})
}

// newSpare gives nil where none can be started.
func newSpare(program string) *spare {
	folderRead, folder, err := os.Pipe()
	if err != nil {
		return nil
	}
	defer func() { _ = folderRead.Close() }()
	shim, readiness, err := spawn(program, protocol.SpareArgument, folderRead, nil)
	if err != nil {
		_ = folder.Close()
		return nil
	}
	return &spare{shim: shim, folder: folder, readiness: readiness}
}

// take gives the spare shim, where there is one that lives, and has the next
// one started soon.
func (s *Starter) take() *spare {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.keeping {
		return nil
	}
	got := s.spare
	s.spare = nil
	s.refillLocked(restAfterStart)
	if got == nil {
		return nil
	}
	select {
	case <-got.shim.exited:
		got.close()
		return nil
	default:
		return got
	}
}

// Start is as the function Start, with the shim that is ready where there is one.
func (s *Starter) Start(ctx context.Context, spec Spec) (*Shim, error) {
	ready := s.take()
	if ready == nil {
		return Start(ctx, s.program, spec)
	}
	sh, err := start(ctx, spec, func(runDir string) (*started, *os.File, error) {
		_, err := ready.folder.WriteString(runDir + "\n")
		_ = ready.folder.Close()
		if err != nil {
			ready.shim.kill()
			_ = ready.readiness.Close()
			return nil, nil, errors.Join(errNotBegun, err)
		}
		return ready.shim, ready.readiness, nil
	})
	if errors.Is(err, errNotBegun) && ctx.Err() == nil {
		return Start(ctx, s.program, spec) // somebody ended the one that waited
	}
	return sh, err
}

// Close ends the shim that is kept ready, and waits for it.
func (s *Starter) Close() {
	s.mu.Lock()
	got := s.spare
	s.keeping, s.spare = false, nil
	if s.next != nil {
		s.next.Stop()
	}
	s.mu.Unlock()
	if got != nil {
		got.close()
		select {
		case <-got.shim.exited:
		case <-time.After(spareEnds):
			got.shim.kill()
			<-got.shim.exited
		}
	}
}

// close lets it end: the end of its input is the end of its waiting.
func (s *spare) close() {
	_ = s.folder.Close()
	_ = s.readiness.Close()
}

// launch starts a shim for a run folder.
func launch(program, runDir string) (shim *started, readiness *os.File, err error) {
	crash, err := os.OpenFile(filepath.Join(runDir, protocol.CrashFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the shim's own log: %w", err)
	}
	defer func() { _ = crash.Close() }()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", os.DevNull, err)
	}
	defer func() { _ = null.Close() }()
	return spawn(program, runDir, null, crash)
}
