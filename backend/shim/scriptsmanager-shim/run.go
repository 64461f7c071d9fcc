package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/shim/protocol"
)

const (
	// bufferSize is the most that one read takes; with pipes of 64 KiB most of
	// it is never touched and costs no memory.
	bufferSize = 1 << 20
	// outputEvery is the pause between two output events: live enough for an
	// eye, and no load whatever the script prints.
	outputEvery = 30 * time.Millisecond
	// unkillable is how long processes that do not even end when killed (waiting
	// for a dead disk, or of another user) hold up the end of a run.
	unkillable = 10 * time.Second
	// syncLimit bounds the wait for a slow disk at the end of a run.
	syncLimit = 3 * time.Second
	// holderEvery is how often the engine is looked for until it has connected.
	holderEvery = 200 * time.Millisecond
	// diskEvery is how often a full disk is tried again while nothing is printed.
	diskEvery = time.Second
)

// exit is how the program ended.
type exit struct {
	code   *int
	signal string
}

// run is one execution.
type run struct {
	dir     string
	spec    protocol.Spec
	debug   *slog.Logger
	writer  *capture // of the pump's goroutine until that ends
	child   *child   // nil where it could not be started
	signals chan os.Signal
	clients clients
	lines   atomic.Int64
	bytes   atomic.Int64
	gaveUp  chan struct{} // closed when processes could not be killed

	mu      sync.Mutex
	state   protocol.State
	onLoss  string
	holders int
	held    bool      // there was a holder
	began   time.Time // by the clock that nobody sets; StartedAt is of the other
	timer   *time.Timer
	clock   *time.Timer // of Limits.Time; nil where there is none
	killing bool
}

func newRun(dir string, spec protocol.Spec, writer *format.Writer, debug *slog.Logger, c *child, signals chan os.Signal) *run {
	shim, err := process.Self()
	if err != nil {
		debug.Warn("own identity unknown", "error", err.Error())
	}
	r := &run{
		dir: dir, spec: spec, writer: newCapture(writer, spec), debug: debug, child: c, signals: signals,
		gaveUp: make(chan struct{}), onLoss: spec.OnLoss, began: time.Now(),
		state: protocol.State{
			Version: protocol.Version, ExecutionID: spec.ExecutionID, Phase: protocol.PhaseStarting,
			Shim: shim, Socket: spec.Socket, Token: spec.Token, Tag: spec.Tag, LogBase: spec.LogBase,
			OnLoss: spec.OnLoss, StartedAt: time.Now().UTC(), Limits: spec.Limits,
		},
	}
	if c != nil {
		r.state.Script = c.identity
		r.state.Phase = protocol.PhaseRunning
		r.state.Confinement = c.report
		r.state.Means = means(spec, c)
	}
	return r
}

// save writes state.json. The caller holds mu, or is alone.
func (r *run) save() error {
	r.count(&r.state)
	return protocol.WriteFile(r.dir, protocol.StateFile, r.state)
}

func (r *run) saveOrWarn() {
	if err := r.save(); err != nil {
		r.debug.Warn("state not written", "error", err.Error())
	}
}

func (r *run) count(s *protocol.State) {
	s.Lines, s.Bytes = r.lines.Load(), r.bytes.Load()
}

// snapshot is the state for a client: without the token, with what is used now.
func (r *run) snapshot(usage bool) *protocol.State {
	r.mu.Lock()
	s := r.state
	r.mu.Unlock()
	s.Token = ""
	r.count(&s)
	if usage && r.child != nil && s.Phase != protocol.PhaseEnded {
		u := r.child.usage()
		s.CPUSeconds, s.Memory, s.Processes = u.CPU.Seconds(), u.Memory, u.Count
		s.MemoryPeak = max(s.MemoryPeak, u.Memory)
	}
	return &s
}

// supervise sees the run through to its end, and returns when all is written
// and told.
func (r *run) supervise() {
	if r.child != nil {
		r.debug.Info("start", "pid", r.child.identity.PID, "shim", os.Getpid(), "dir", r.spec.Dir)
		r.debug.Info("confinement", "level", r.child.report.Level, "landlock", r.child.report.ABI,
			"holds", r.child.report.Holds, "missing", r.child.report.Missing, "notes", r.child.report.Notes)
		go r.watchHolder()
		go r.watchLimits()
		go r.watchSignals()
		pumped := make(chan struct{})
		go func() { defer close(pumped); r.child.pump(r) }()

		select {
		case <-r.child.mainDone:
			r.mainEnded()
		case <-r.gaveUp:
		}
		select {
		case <-r.child.treeDone:
		case <-r.gaveUp:
		}
		r.child.finish()
		<-pumped
	}
	r.end()
	r.clients.flush()
	r.cleanUp()
}

// mainEnded notes the exit, and ends what the program left behind.
func (r *run) mainEnded() {
	r.mu.Lock()
	e := r.child.exit
	r.state.ExitCode, r.state.Signal = e.code, e.signal
	if r.state.End == "" {
		r.state.End = protocol.EndExit
	}
	stopping := r.state.Phase == protocol.PhaseStopping
	r.state.Phase = protocol.PhaseStopping
	r.mu.Unlock()

	// What only has to be collected is given the moment that this takes.
	select {
	case <-r.child.treeDone:
		return
	case <-time.After(2 * time.Millisecond):
	}
	r.debug.Info("the program ended, its children are ended", "processes", len(process.Tree(os.Getpid())))
	r.child.terminateRest()
	if !stopping {
		r.arm(r.spec.Grace)
	}
}

// stop asks the tree to end, and kills it when the grace is over. Asked again,
// the earlier end of the grace holds.
func (r *run) stop(end string, grace time.Duration) {
	r.mu.Lock()
	if r.child == nil || r.state.Phase == protocol.PhaseEnded || r.killing {
		r.mu.Unlock()
		return
	}
	until := time.Now().Add(grace).UTC()
	first := r.state.End == ""
	if first {
		r.state.End = end
	}
	if r.state.GraceEndsAt == nil || until.Before(*r.state.GraceEndsAt) {
		r.state.GraceEndsAt = &until
	}
	r.state.Phase = protocol.PhaseStopping
	r.saveOrWarn()
	r.mu.Unlock()
	if first {
		r.debug.Info("stop", "why", end, "grace_ms", grace.Milliseconds())
	}
	r.child.terminate()
	r.arm(grace)
	r.clients.notify(stoppingBit)
}

// arm has the tree killed after the grace, or at the time set before, whichever
// is earlier.
func (r *run) arm(grace time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	until := time.Now().Add(grace)
	if r.state.GraceEndsAt != nil && r.state.GraceEndsAt.Before(until) {
		grace = time.Until(*r.state.GraceEndsAt)
	}
	if r.timer != nil {
		r.timer.Stop()
	}
	r.timer = time.AfterFunc(grace, func() {
		r.mu.Lock()
		r.state.GraceOver = true
		r.mu.Unlock()
		r.debug.Info("the grace is over, the tree is killed")
		r.kill("")
	})
}

// kill ends the tree at once, and goes on until nothing is left of it. end is
// the reason where there is none yet.
func (r *run) kill(end string) {
	r.mu.Lock()
	if r.child == nil || r.state.Phase == protocol.PhaseEnded {
		r.mu.Unlock()
		return
	}
	if r.state.End == "" {
		r.state.End = end
	}
	r.state.Phase = protocol.PhaseStopping
	started := r.killing
	r.killing = true
	r.mu.Unlock()
	if !started {
		go r.killAll()
		r.clients.notify(stoppingBit)
	}
}

func (r *run) killAll() {
	limit := time.Now().Add(unkillable)
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		r.child.kill()
		select {
		case <-r.child.treeDone:
			return
		case <-time.After(wait):
		}
		if time.Now().After(limit) {
			left := process.Tree(os.Getpid())
			r.mu.Lock()
			r.state.Left = left
			r.mu.Unlock()
			r.debug.Error("processes cannot be killed", "pids", left)
			close(r.gaveUp)
			return
		}
	}
}

func (r *run) watchSignals() {
	for range r.signals {
		r.stop(protocol.EndShimStopped, r.spec.Grace)
	}
}

// watchHolder sees to it that an engine that dies before it connects is missed.
func (r *run) watchHolder() {
	if r.spec.Holder.PID == 0 {
		return
	}
	for {
		time.Sleep(holderEvery)
		r.mu.Lock()
		held := r.held || r.state.Phase == protocol.PhaseEnded
		r.mu.Unlock()
		if held {
			return
		}
		if !r.spec.Holder.Alive() {
			r.lost()
			return
		}
	}
}

func (r *run) hold(change int) {
	r.mu.Lock()
	r.held = true
	r.holders += change
	gone := r.holders == 0
	r.mu.Unlock()
	if gone {
		r.lost()
	}
}

// release takes a hold back that is no loss, or that is one where nobody holds
// the run when the time for it is over: the next engine never came.
func (r *run) release(within time.Duration) {
	r.mu.Lock()
	r.holders--
	r.mu.Unlock()
	if within <= 0 {
		return
	}
	time.AfterFunc(within, func() {
		r.mu.Lock()
		nobody := r.holders == 0
		r.mu.Unlock()
		if nobody {
			r.lost()
		}
	})
}

func (r *run) lost() {
	r.mu.Lock()
	policy, ended := r.onLoss, r.state.Phase == protocol.PhaseEnded
	r.mu.Unlock()
	if ended {
		return
	}
	r.debug.Warn("the engine is gone", "policy", policy)
	if policy == protocol.LossStop {
		r.stop(protocol.EndHolderLost, r.spec.Grace)
	}
}

func (r *run) setPolicy(onLoss string) {
	r.mu.Lock()
	r.onLoss, r.state.OnLoss = onLoss, onLoss
	r.saveOrWarn()
	r.mu.Unlock()
}

// record writes what was read. It is called from one goroutine at a time.
func (r *run) record(kind format.Kind, data []byte) {
	err := r.writer.take(kind, time.Now().UnixNano(), data)
	r.lines.Store(r.writer.Lines())
	r.bytes.Store(r.writer.Bytes())
	r.disk(err)
	r.clients.notify(outputBit)
}

// retry tries a full disk again.
func (r *run) retry() { r.disk(r.writer.Retry()) }

// disk notes whether the log can be written.
func (r *run) disk(err error) {
	r.mu.Lock()
	changed := r.state.DiskFull != (err != nil)
	limited := r.writer.full && r.state.Error == ""
	if limited {
		r.state.Error = protocol.ErrorLogLimit
		r.saveOrWarn()
	}
	lost := r.writer.Lost()
	r.state.DiskFull = err != nil
	r.state.LostBytes = lost
	if lost > 0 && r.state.Error == "" {
		r.state.Error = protocol.ErrorLogWrite
		if diskFull(err) {
			r.state.Error = protocol.ErrorDiskFull
		}
		changed = true
	}
	if changed {
		r.saveOrWarn()
	}
	r.mu.Unlock()
	if limited {
		r.debug.Warn("the log has reached its limit", "bytes", r.spec.LogLimit)
	}
	if !changed {
		return
	}
	if err != nil {
		r.debug.Error("output cannot be written", "error", err.Error())
	} else {
		r.debug.Info("output can be written again", "lost_bytes", lost)
	}
	r.clients.notify(diskBit)
}

// end writes all there is to know about the end: first the log, then the state,
// then the event.
func (r *run) end() {
	now := time.Now()
	if err := r.writer.finish(now.UnixNano()); err != nil {
		r.debug.Error("end of the log not written", "error", err.Error())
	}
	r.sync()
	r.lines.Store(r.writer.Lines())
	r.bytes.Store(r.writer.Bytes())

	r.mu.Lock()
	for _, t := range []*time.Timer{r.timer, r.clock} {
		if t != nil {
			t.Stop()
		}
	}
	s := &r.state
	if r.child != nil {
		cpu, peak := r.child.total()
		s.CPUSeconds, s.MemoryPeak = cpu.Seconds(), peak
	}
	if s.End == "" {
		s.End = protocol.EndExit
	}
	ended := now.UTC()
	s.EndedAt, s.GraceEndsAt, s.LostBytes = &ended, nil, r.writer.Lost()
	s.Phase = protocol.PhaseEnded
	s.Token = "" // nobody listens any more
	r.saveOrWarn()
	final := *s
	r.mu.Unlock()

	attrs := []any{
		"end", final.End, "duration_ms", ended.Sub(final.StartedAt).Milliseconds(),
		"cpu_seconds", final.CPUSeconds, "memory_peak_bytes", final.MemoryPeak, "lines", final.Lines, "bytes", final.Bytes,
	}
	if final.ExitCode != nil {
		attrs = append(attrs, "exit_code", *final.ExitCode)
	}
	if final.Signal != "" {
		attrs = append(attrs, "signal", final.Signal)
	}
	if e := final.StartError; e != nil {
		attrs = append(attrs, "code", e.Code, "error", e.Text)
	}
	if final.LostBytes > 0 {
		attrs = append(attrs, "lost_bytes", final.LostBytes)
	}
	r.debug.Info("exit", attrs...)
	r.clients.notify(endedBit)
}

// sync waits for the disk, but not for a sick one.
func (r *run) sync() {
	done := make(chan error, 1)
	go func() { done <- r.writer.Sync() }()
	select {
	case err := <-done:
		if err != nil {
			r.debug.Error("log not synced", "error", err.Error())
		}
	case <-time.After(syncLimit):
		r.debug.Warn("the disk is slow, the end of the log may not be on it yet")
	}
}

// cleanUp takes away what nobody needs after the end; state.json stays.
func (r *run) cleanUp() {
	if r.spec.Socket == filepath.Join(r.dir, protocol.SocketFile) {
		_ = os.Remove(r.spec.Socket)
	}
	crash := filepath.Join(r.dir, protocol.CrashFile)
	if info, err := os.Stat(crash); err == nil && info.Size() == 0 {
		_ = os.Remove(crash)
	}
}
