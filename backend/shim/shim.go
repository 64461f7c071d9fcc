// Package shim is the engine's side of scriptsmanager-shim, the program that
// runs one execution and outlives the engine.
//
// It starts a shim, takes one up again by its run folder, hears of its events,
// tells it to stop, and cleans up behind one that was killed. It does not read
// logs, and keeps no list of executions.
package shim

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim/protocol"
)

// What the caller of this package says and hears in the protocol's words.
type (
	// Spec says what to run. Start fills in Version, Socket, Token, Tag and
	// Holder. Env is the whole environment of the program; nothing is inherited.
	Spec = protocol.Spec
	// State is what a shim knows about its run.
	State = protocol.State
)

// Values of Spec.OnLoss.
const (
	LossStop     = protocol.LossStop
	LossContinue = protocol.LossContinue
)

// ErrLost says that a shim is gone without having noted an end: Sweep is next.
var ErrLost = errors.New("the shim is gone")

// startLimit is how long a shim may take until it listens, on a machine that
// starts hundreds of them at once.
const startLimit = 30 * time.Second

// maxMessage and maxReady bound what the shim says.
const (
	maxMessage = 1 << 20
	maxReady   = 64 << 10
)

// Event is something that happened: Started, Output, Stopping, Disk or Ended.
type Event interface{ event() }

// Started says that the program runs.
type Started struct {
	PID         int
	At          time.Time
	Confinement sandbox.Report // what of Spec.Confine is enforced
	Limits      sandbox.Limits // as they are now
	Means       protocol.Means // how they are held
}

// Output tells how much there is in the log now.
type Output struct{ Lines, Bytes int64 }

// Stopping says that the program was asked to end, and is killed at Until. Until
// is zero when that is happening already.
type Stopping struct {
	End   string // why, as in State.End
	Until time.Time
}

// Disk says that the log cannot be written (Full), or can again. LostBytes are
// in no file.
type Disk struct {
	Full      bool
	LostBytes int64
}

// Ended is the last event. All output is in the log.
type Ended struct {
	End         string // why, as in State.End
	ExitCode    *int   // nil where a signal ended it or it never ran
	Signal      string // "SIGKILL"
	GraceOver   bool   // it had to be killed
	StartError  *protocol.StartError
	Error       string // protocol.ErrorDiskFull or ErrorLogWrite where output was lost
	LostBytes   int64
	CPUSeconds  float64
	MemoryPeak  int64 // bytes
	Lines       int64
	Bytes       int64
	StartedAt   time.Time
	EndedAt     time.Time
	LeftRunning []int // processes that could not be killed
	Limits      sandbox.Limits
}

func (Started) event()  {}
func (Output) event()   {}
func (Stopping) event() {}
func (Disk) event()     {}
func (Ended) event()    {}

// Shim is a connection to a shim. While it stands, it holds the execution: its
// end without Release is the loss of the engine.
type Shim struct {
	runDir string
	events chan Event
	inbox  *inbox

	mu      sync.Mutex
	conn    net.Conn // nil where the run was over when we came
	next    int64
	waiting map[int64]chan protocol.Message
	broken  error
}

// Start writes the spec into spec.RunDir (made with mode 700 where it is
// missing), starts the shim program apart from this process, and connects to
// it. The program it runs is started meanwhile; whether that worked is told by
// the events. Errors: CodeShimMissing, CodeDiskFull.
func Start(ctx context.Context, program string, spec Spec) (*Shim, error) {
	return start(ctx, spec, func(runDir string) (*started, *os.File, error) { return launch(program, runDir) })
}

// starting gives a shim that is at work on the run folder, and where it says
// that it is ready.
type starting func(runDir string) (*started, *os.File, error)

func start(ctx context.Context, spec Spec, launch starting) (*Shim, error) {
	if err := complete(&spec); err != nil {
		return nil, err
	}
	s, err := run(ctx, spec, launch)
	if err != nil {
		_ = os.Remove(filepath.Join(spec.RunDir, protocol.SpecFile))
		return nil, fmt.Errorf("start execution %s: %w", spec.ExecutionID, err)
	}
	return s, nil
}

func run(ctx context.Context, spec Spec, launch starting) (*Shim, error) {
	if err := protocol.WriteFile(spec.RunDir, protocol.SpecFile, spec); err != nil {
		if diskFull(err) {
			return nil, domain.NewError(domain.CodeDiskFull, "path", spec.RunDir).Because(err)
		}
		return nil, err
	}
	shim, readiness, err := launch(spec.RunDir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = readiness.Close() }()
	refused, err := awaitReady(ctx, readiness, spec)
	if err == nil {
		var s *Shim
		if s, err = open(ctx, spec.RunDir, spec.Socket, spec.Token); err == nil {
			return s, nil
		}
	}
	if !refused {
		// Nobody would hold what it has started.
		shim.kill()
		<-shim.exited
		if !begun(spec) {
			err = errors.Join(errNotBegun, err)
		}
		if _, e := Sweep(spec.RunDir); e != nil {
			err = errors.Join(err, e)
		}
	}
	return nil, err
}

// errNotBegun says that a shim is gone that has not touched its execution.
var errNotBegun = errors.New("the shim ended before it began")

// begun tells whether a shim may have started the program: it makes the log first.
func begun(spec Spec) bool {
	_, err := os.Lstat(spec.LogBase + format.LogSuffix)
	return !errors.Is(err, os.ErrNotExist)
}

// started is a shim that this process started.
type started struct {
	kill   func()
	exited chan struct{} // closed when it has ended
}

func complete(spec *Spec) error {
	dir, err := filepath.Abs(spec.RunDir)
	if err != nil {
		return fmt.Errorf("find the run folder: %w", err)
	}
	if spec.LogBase, err = filepath.Abs(spec.LogBase); err != nil {
		return fmt.Errorf("find the log: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the run folder: %w", err)
	}
	self, err := process.Self()
	if err != nil {
		return err
	}
	if spec.OnLoss == "" {
		spec.OnLoss = LossStop
	}
	spec.RunDir, spec.Version, spec.Holder = dir, protocol.Version, self
	spec.Token, spec.Tag = newToken(), process.NewTag()
	spec.Socket = address(dir)
	return nil
}

// newToken gives 32 random bytes in hex.
func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	return hex.EncodeToString(b[:])
}

// awaitReady reads the line that the shim writes when it listens. It may refuse,
// and ends in order then.
func awaitReady(ctx context.Context, from *os.File, spec Spec) (refused bool, err error) {
	until := time.Now().Add(startLimit)
	if d, ok := ctx.Deadline(); ok && d.Before(until) {
		until = d
	}
	// Where pipes have no deadlines, the shim's end closes it all the same.
	_ = from.SetReadDeadline(until)
	stop := context.AfterFunc(ctx, func() { _ = from.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	line, err := bufio.NewReader(io.LimitReader(from, maxReady)).ReadBytes('\n')
	if err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		crash, _ := os.ReadFile(filepath.Join(spec.RunDir, protocol.CrashFile))
		return false, fmt.Errorf("the shim did not get ready: %w: %.2000s", err, crash)
	}
	var ready protocol.Ready
	if err := json.Unmarshal(line, &ready); err != nil {
		return false, fmt.Errorf("the shim answered %.200q: %w", line, err)
	}
	if ready.Error == "" {
		return false, nil
	}
	cause := errors.New(ready.Error)
	if ready.Code == protocol.ErrorDiskFull {
		return true, domain.NewError(domain.CodeDiskFull, "path", filepath.Dir(spec.LogBase)).Because(cause)
	}
	return true, cause
}

// Attach connects to the shim of a run folder, and holds it from now on. Where
// the run is over already, the events tell its end. It fails with ErrLost where
// the shim is gone and noted no end.
func Attach(ctx context.Context, runDir string) (*Shim, error) {
	state, err := ReadState(runDir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("attach to %s: %w", runDir, errors.Join(ErrLost, err))
	}
	if err != nil {
		return nil, fmt.Errorf("attach to %s: %w", runDir, err)
	}
	if state.Phase != protocol.PhaseEnded && !state.Shim.Alive() {
		// It may have ended between the two looks.
		if state, err = ReadState(runDir); err == nil && state.Phase != protocol.PhaseEnded {
			return nil, fmt.Errorf("attach to %s: %w", runDir, ErrLost)
		}
	}
	return open(ctx, runDir, state.Socket, state.Token)
}

// ReadState reads what the shim of a run folder last noted.
func ReadState(runDir string) (State, error) { return protocol.ReadState(runDir) }

// open connects, proves the token, holds and subscribes, all in one write.
func open(ctx context.Context, runDir, socket, token string) (*Shim, error) {
	s := &Shim{
		runDir: runDir, events: make(chan Event, 1), inbox: newInbox(),
		waiting: map[int64]chan protocol.Message{},
	}
	conn, err := dial(ctx, socket)
	if err != nil {
		// A short run is over before we get there.
		if !s.tellEnd() {
			return nil, fmt.Errorf("connect to the shim in %s: %w", runDir, errors.Join(ErrLost, err))
		}
		s.broken = ErrLost
		go s.deliver()
		return s, nil
	}
	s.conn = conn
	var hello []byte
	for i, op := range []string{protocol.OpHello, protocol.OpHold, protocol.OpSubscribe} {
		line, _ := json.Marshal(protocol.Request{Version: protocol.Version, ID: int64(i + 1), Op: op, Token: token})
		hello = append(append(hello, line...), '\n')
	}
	s.next = 3
	// An error here shows at the reader, too, which knows how to go on.
	_, _ = conn.Write(hello)
	go s.read()
	go s.deliver()
	return s, nil
}

// Events gives what happens. The channel is closed after Ended; or without it
// where the shim was killed, and then Sweep is next. Who reads slowly gets
// fewer Output events, and holds up nobody.
func (s *Shim) Events() <-chan Event { return s.events }

// Stop asks the whole tree to end, and has it killed when the grace is over; a
// negative grace is the spec's. It does not wait for the end.
func (s *Shim) Stop(grace time.Duration) error {
	return s.order(protocol.Request{Op: protocol.OpStop, Grace: grace})
}

// Kill ends the whole tree at once. It does not wait for the end.
func (s *Shim) Kill() error { return s.order(protocol.Request{Op: protocol.OpKill}) }

// SetOnLoss changes what happens when the engine is lost.
func (s *Shim) SetOnLoss(onLoss string) error {
	return s.order(protocol.Request{Op: protocol.OpPolicy, OnLoss: onLoss})
}

// Extend moves the limit of time: limit is counted from the start of the
// program, 0 takes it away. It fails where the run is being ended already, and
// with a shim of before that cannot do it.
func (s *Shim) Extend(limit time.Duration) error {
	_, err := s.ask(protocol.Request{Op: protocol.OpExtend, Time: limit})
	return err
}

// Release lets go of the execution without a loss: it runs on for whoever
// attaches next. The connection is closed, and so is the channel of events.
func (s *Shim) Release() error { return s.HandOver(0) }

// HandOver is Release for an engine that is about to attach: where none has
// within the time given, the execution has lost its engine after all. 0 waits
// for ever.
func (s *Shim) HandOver(within time.Duration) error {
	err := s.order(protocol.Request{Op: protocol.OpRelease, Grace: within})
	if s.conn != nil {
		err = errors.Join(err, s.conn.Close())
	}
	return err
}

// Drop closes the connection to a shim that does not live any more. The channel
// of events is closed.
func (s *Shim) Drop() {
	if s.conn != nil {
		_ = s.conn.Close() // the reader learns of it
	}
}

// Status asks what is now, with CPU time and memory of the whole tree. When the
// run is over it is what was noted at the end.
func (s *Shim) Status() (State, error) {
	m, err := s.ask(protocol.Request{Op: protocol.OpStatus})
	if err == nil && m.State != nil {
		return *m.State, nil
	}
	state, readErr := ReadState(s.runDir)
	if readErr != nil {
		return State{}, errors.Join(err, readErr)
	}
	if state.Phase != protocol.PhaseEnded {
		return state, errors.Join(ErrLost, err)
	}
	return state, nil
}

// order asks for something that is pointless, and no error, when the run is over.
func (s *Shim) order(q protocol.Request) error {
	_, err := s.ask(q)
	if err != nil {
		if state, readErr := ReadState(s.runDir); readErr == nil && state.Phase == protocol.PhaseEnded {
			return nil
		}
	}
	return err
}

// askLimit bounds the wait for an answer; the shim answers at once or is dead.
const askLimit = 10 * time.Second

func (s *Shim) ask(q protocol.Request) (protocol.Message, error) {
	answer := make(chan protocol.Message, 1)
	s.mu.Lock()
	if s.broken != nil {
		s.mu.Unlock()
		return protocol.Message{}, s.broken
	}
	s.next++
	q.ID, q.Version = s.next, protocol.Version
	s.waiting[q.ID] = answer
	line, _ := json.Marshal(q)
	_ = s.conn.SetWriteDeadline(time.Now().Add(askLimit))
	_, err := s.conn.Write(append(line, '\n'))
	if err != nil {
		delete(s.waiting, q.ID)
	}
	s.mu.Unlock()
	if err != nil {
		return protocol.Message{}, fmt.Errorf("ask the shim to %s: %w", q.Op, err)
	}
	select {
	case m, ok := <-answer:
		if !ok {
			return protocol.Message{}, fmt.Errorf("ask the shim to %s: %w", q.Op, ErrLost)
		}
		if m.Error != "" {
			return m, fmt.Errorf("ask the shim to %s: %s", q.Op, m.Error)
		}
		return m, nil
	case <-time.After(askLimit):
		return protocol.Message{}, fmt.Errorf("ask the shim to %s: %w", q.Op, os.ErrDeadlineExceeded)
	}
}

// read takes in messages until the connection ends.
func (s *Shim) read() {
	lines := bufio.NewScanner(s.conn)
	lines.Buffer(make([]byte, 0, 4096), maxMessage)
	for lines.Scan() {
		var m protocol.Message
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			continue // of a newer shim, perhaps
		}
		if m.Event != "" {
			s.inbox.put(m)
			continue
		}
		s.mu.Lock()
		answer := s.waiting[m.ID]
		delete(s.waiting, m.ID)
		s.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	}
	s.mu.Lock()
	s.broken = ErrLost
	for id, answer := range s.waiting {
		close(answer)
		delete(s.waiting, id)
	}
	_ = s.conn.Close()
	s.mu.Unlock()
	if !s.inbox.hasEnd() && !s.tellEnd() {
		s.inbox.close()
	}
}

// tellEnd takes the end from the state file, where it stands there.
func (s *Shim) tellEnd() bool {
	state, err := ReadState(s.runDir)
	if err != nil || state.Phase != protocol.PhaseEnded {
		return false
	}
	if state.Script.PID != 0 {
		s.inbox.put(protocol.Message{Event: protocol.EventStarted, State: &state})
	}
	s.inbox.put(protocol.Message{Event: protocol.EventEnded, State: &state})
	return true
}

func (s *Shim) deliver() {
	defer close(s.events)
	for {
		event, ok := s.inbox.take()
		if !ok {
			return
		}
		s.events <- event
		if _, last := event.(Ended); last {
			return
		}
	}
}
