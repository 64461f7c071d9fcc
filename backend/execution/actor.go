package execution

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/shim"
)

// command is one message to an actor; what is not set does not apply.
type command struct {
	stop   *StopRequest
	attach int // +1, -1
	grace  time.Duration
	alone  bool // stop only if no attachment has come meanwhile
	quit   *quitRequest
	update func(*domain.Execution)
	keep   bool // store the update, since the next engine may need it
	gone   bool // the shim does not live any more, whatever its connection says
	do     func()
}

// actor is the one goroutine that changes an execution's record.
type actor struct {
	id      string
	service *Service
	request Request
	job     *JobRequest // nil for a script, and for a job of an earlier engine
	base    string      // of the log files
	done    chan struct{}
	turn    <-chan struct{} // closed when there is room for it; nil: it need not wait

	mailMu sync.Mutex // guards the two below
	mail   []command
	ended  bool
	wake   chan struct{} // capacity 1: there is mail

	mu   sync.Mutex // guards the two below: the actor writes, others read
	e    domain.Execution
	left bool // its last window is gone, and it ends if none comes soon

	asked   atomic.Pointer[shim.Shim] // shim, for those that ask it what is used
	figures atomic.Pointer[Figures]   // what it answered last

	// What follows belongs to the actor's goroutine alone.
	shim       *shim.Shim // changed by setShim
	debug      *slog.Logger
	stopping   *StopRequest
	failure    *domain.Error // why it is being ended as failed
	quitting   *quitRequest
	attached   bool // it had an attachment at some time
	lastClose  *time.Timer
	killed     bool
	avoid      []int              // ports that other programs took from it
	resumed    bool               // started by an earlier engine
	takenPort  bool               // another program answered on the leased port
	plainBind  bool               // its server cannot bind a port that is held
	reattached int                // how often its connection was made anew
	cancel     context.CancelFunc // of the launch and of waiting for the page
	changed    func() []domain.ChangedFile
	unsettled  []unsettled // what could not be written about its end
	timeWarn   *time.Timer // when its limit of time is warned of; see limits.go
	idle       *idleWatch  // nil where it has no idle limit; see idle.go

	told  jobFollower      // of a job
	tells progressFollower // of a script

	using    string // the environment of a script; guarded by the service's mu
	replaced bool   // another one of its script takes its place; guarded by the service's mu

	used chan struct{} // holds a token when a person used it
	// endRefusals takes the last of what the guard of its page noted.
	endRefusals func()
}

func newActor(s *Service, e domain.Execution, r Request) *actor {
	return &actor{
		id: e.ID, service: s, request: r, e: e,
		base: trimLog(e.LogPath),
		done: make(chan struct{}), wake: make(chan struct{}, 1), used: make(chan struct{}, 1),
		changed: func() []domain.ChangedFile { return nil },
		debug:   slog.New(slog.DiscardHandler), endRefusals: func() {},
	}
}

func (a *actor) setShim(sh *shim.Shim) {
	a.shim = sh
	a.asked.Store(sh)
}

func trimLog(path string) string {
	const ext = ".log"
	if len(path) > len(ext) {
		return path[:len(path)-len(ext)]
	}
	return path
}

func (a *actor) snapshot() domain.Execution {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.e
}

// send puts a command into the mailbox; false means that the execution has
// ended. It never blocks, so that it may be called from anywhere.
func (a *actor) send(c command) bool {
	a.mailMu.Lock()
	defer a.mailMu.Unlock()
	if a.ended {
		return false
	}
	a.mail = append(a.mail, c)
	select {
	case a.wake <- struct{}{}:
	default:
	}
	return true
}

func (a *actor) takeMail() []command {
	a.mailMu.Lock()
	defer a.mailMu.Unlock()
	mail := a.mail
	a.mail = nil
	return mail
}

// change writes the record and tells about it; the store is asked only where
// what changed must survive a crash.
func (a *actor) change(durable bool, f func(e *domain.Execution)) {
	a.mu.Lock()
	f(&a.e)
	e := a.e
	a.mu.Unlock()
	if durable {
		a.store(e)
	}
	a.service.publish(domain.Event{Type: domain.EventExecutionChanged, UserID: e.UserID, Data: e})
}

func (a *actor) store(e domain.Execution) {
	err := patiently(func() error { return a.service.store.UpdateExecution(context.Background(), e) })
	if err != nil {
		a.service.log.Error("execution not recorded", "execution", e.ID, "state", e.State, "error", err)
	}
}

// run launches the execution and sees it to its end.
func (a *actor) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a.cancel = cancel
	debug, closeDebug, err := a.service.logs.Debug(a.base)
	if err != nil {
		// A log that cannot be opened is a run that cannot be recorded.
		a.finish(nil, asDomain(err))
		return
	}
	a.debug = debug
	defer func() {
		if err := closeDebug(); err != nil {
			a.service.log.Warn("close debug log", "execution", a.id, "error", err)
		}
	}()
	if a.turn != nil && !a.waitForRoom(ctx) {
		return
	}
	for a.attempt(ctx) {
	}
}

// attempt launches the script once and sees it to its end. It gives true
// where another program took the port, so that it is worth another one.
func (a *actor) attempt(ctx context.Context) (again bool) {
	launched := make(chan launchResult, 1)
	go func() { launched <- a.launch(ctx) }()
	for {
		select {
		case <-a.wake:
			a.handleMail()
		case r := <-launched:
			// What the launch changed comes by mail: the record must have it,
			// above all the port, where the execution is let go of now.
			a.handleMail()
			a.changed = r.changed
			if r.err != nil {
				a.closeHold(r.hold)
				a.finish(nil, asDomain(r.err))
				return false
			}
			a.setShim(r.shim)
			return a.supervise(ctx, r.hold)
		}
	}
}

// resume goes on with an execution whose shim outlived an earlier engine.
func (a *actor) resume(sh *shim.Shim) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a.cancel = cancel
	a.setShim(sh)
	a.resumed = true
	if err := sh.SetOnLoss(a.onLoss()); err != nil {
		a.service.log.Warn("hold script", "execution", a.id, "error", err)
	}
	if debug, closeDebug, err := a.service.logs.Debug(a.base); err == nil {
		a.debug = debug
		defer func() { _ = closeDebug() }()
	}
	a.debug.Info("taken up again by a new engine")
	a.supervise(ctx, nil)
}

// supervise follows the shim until the script has ended. It gives true where
// the script is to be started again on another port.
func (a *actor) supervise(ctx context.Context, hold Hold) (again bool) {
	if a.stopping != nil {
		a.beginStop()
	} else if a.quitting != nil {
		a.letGo(hold)
		return false
	}
	defer a.followRefusals()()
	look, endLook := a.watchProgress()
	defer endLook()
	endUse := a.keepUse()
	defer endUse()
	var ready <-chan error
	events := a.shim.Events()
	for {
		select {
		case <-look:
			if a.isJob() {
				a.followJob()
			} else {
				a.followProgress()
			}
		case <-a.wake:
			a.handleMail()
			if a.quitting != nil && a.stopping == nil {
				a.letGo(hold)
				return false
			}
		case err := <-ready:
			ready = nil
			a.pageAnswered(err)
			a.watchUse(ctx)
		case event, open := <-events:
			if !open {
				if a.reattach() {
					events = a.shim.Events()
					continue
				}
				a.closeHold(hold)
				endUse()
				a.lost()
				return false
			}
			switch event := event.(type) {
			case shim.Started:
				a.limitsHeld(event)
				ready = a.started(ctx, event, hold)
				a.watchUse(ctx)
			case shim.Output:
				a.output(event)
			case shim.Disk:
				a.debug.Warn("log on a full disk", "full", event.Full, "lost_bytes", event.LostBytes)
			case shim.Ended:
				a.closeHold(hold)
				endUse() // its file is part of the log
				if a.portWasTaken(hold) {
					return a.prepareAgain(hold.Port())
				}
				a.finish(&event, nil)
				return false
			}
		}
	}
}

func (a *actor) handleMail() {
	for _, c := range a.takeMail() {
		switch {
		case c.do != nil:
			c.do()
		case c.update != nil:
			a.change(c.keep, func(e *domain.Execution) {
				c.update(e)
				if a.stopping != nil {
					e.Phase = domain.PhaseStopping
				}
			})
		case c.gone:
			if a.shim != nil {
				a.shim.Drop()
			}
		case c.attach != 0:
			a.attachmentChanged(c)
		case c.quit != nil:
			a.quit(c.quit)
		case c.stop != nil:
			if !c.alone || a.e.Attachments == 0 {
				a.stop(*c.stop)
			}
		}
	}
}

func (a *actor) stop(r StopRequest) {
	if r.Now {
		a.killed = true
	}
	if a.takenPort {
		// It is being ended to be tried on another port; now it is not.
		a.takenPort, a.failure = false, nil
		a.stopping = &r
		a.debug.Info("stop", "reason", r.Reason, "by", r.By, "now", r.Now)
		a.cancel()
	}
	if a.stopping == nil {
		a.stopping = &r
		a.debug.Info("stop", "reason", r.Reason, "by", r.By, "now", r.Now)
		a.cancel()
		if a.shim == nil {
			a.change(false, func(e *domain.Execution) { e.Phase = domain.PhaseStopping })
			return
		}
		a.beginStop()
		return
	}
	if r.Now && a.shim != nil {
		a.debug.Info("kill", "by", r.By)
		if err := a.shim.Kill(); err != nil {
			a.service.log.Warn("kill script", "execution", a.id, "error", err)
		}
	}
}

// takeBack is how long a job that changes an environment may take back what it
// has begun: killed in the midst, it leaves a broken one to the scripts.
const takeBack = time.Minute

func (a *actor) beginStop() {
	grace := a.service.rules().Grace
	if a.isJob() && a.e.Job.Action == domain.JobInstall {
		grace = max(grace, takeBack)
	}
	var err error
	if a.killed {
		grace = 0
		err = a.shim.Kill()
	} else {
		err = a.shim.Stop(grace)
	}
	if err != nil {
		a.service.log.Warn("stop script", "execution", a.id, "error", err)
	}
	ends := time.Now().UTC().Add(grace)
	a.change(false, func(e *domain.Execution) {
		e.Phase = domain.PhaseStopping
		e.GraceEndsAt = &ends
		e.URL = ""
		e.Warning = nil
	})
}

// fail ends the script because of something that makes it useless.
func (a *actor) fail(err *domain.Error) {
	if a.stopping != nil {
		return
	}
	a.failure = err
	a.debug.Error("failed", "error", err.Error())
	a.stopping = &StopRequest{Reason: domain.ReasonStartFailed}
	a.beginStop()
}

func (a *actor) attachmentChanged(c command) {
	count := 0
	a.change(false, func(e *domain.Execution) {
		e.Attachments += c.attach
		count = e.Attachments
		a.attached = a.attached || c.attach > 0
		a.left = count == 0 && a.attached && a.endsWithWindow()
	})
	if c.attach > 0 {
		if a.lastClose != nil {
			a.lastClose.Stop()
			a.lastClose = nil
		}
		return
	}
	if count > 0 || !a.attached || !a.endsWithWindow() || (a.stopping != nil && !a.takenPort) {
		return
	}
	if c.grace == 0 {
		a.stop(*c.stop)
		return
	}
	if a.lastClose != nil {
		a.lastClose.Stop()
	}
	stop := *c.stop
	a.lastClose = time.AfterFunc(c.grace, func() { a.send(command{stop: &stop, alone: true}) })
}

// leftWith tells whether a request finds the execution left by its last window,
// and would start it otherwise: with other values, or what has been changed since.
func (a *actor) leftWith(r Request) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := a.request
	same := reflect.DeepEqual(was.Values, r.Values) && reflect.DeepEqual(was.Script, r.Script) &&
		reflect.DeepEqual(was.Group, r.Group) && was.Theme == r.Theme && was.Language == r.Language
	return a.left && (r.Fresh || !same)
}

// endsWithWindow tells whether closing the last window stops the script.
func (a *actor) endsWithWindow() bool {
	return a.e.HasPage && !a.request.Script.Background && !a.request.Script.AlwaysOn
}

// onLoss is what the shim does when the engine dies (SPEC EXE-6).
func (a *actor) onLoss() string {
	if a.endsWithWindow() {
		return shim.LossStop
	}
	return shim.LossContinue
}

// quitRequest says that the engine ends.
type quitRequest struct {
	reason domain.Reason
	// handOver: the engine was only that of a command, so that what others
	// started in it goes on.
	handOver bool
}

func (a *actor) quit(q *quitRequest) {
	if q.handOver || (a.shim != nil && a.onLoss() == shim.LossContinue) {
		a.quitting = q
		return
	}
	a.stop(StopRequest{Reason: q.reason})
}

// handOverWithin is how long a page goes on without an engine while the client
// that shows it becomes the next one.
const handOverWithin = 20 * time.Second

// letGo leaves the script to its shim; the next engine takes it up again.
func (a *actor) letGo(hold Hold) {
	a.closeHold(hold)
	a.debug.Info("the engine ended, the script goes on")
	e := a.snapshot()
	within := time.Duration(0)
	switch {
	case a.onLoss() == shim.LossContinue:
	case e.Attachments > 0:
		within = handOverWithin
	default:
		// Nobody is in front of it, as where it was started without waiting.
		if err := a.shim.SetOnLoss(shim.LossContinue); err != nil {
			a.service.log.Warn("let script go on", "execution", a.id, "error", err)
		}
	}
	e.Attachments = 0 // they were to this engine
	a.store(e)
	if err := a.shim.HandOver(within); err != nil {
		a.service.log.Warn("let go of shim", "execution", a.id, "error", err)
	}
	a.refuse()
	close(a.done)
}

func (a *actor) closeHold(hold Hold) {
	if hold == nil {
		return
	}
	if err := hold.Close(); err != nil {
		a.service.log.Warn("close port hold", "execution", a.id, "error", err)
	}
}

// refuse makes the mailbox take no more commands.
func (a *actor) refuse() {
	a.mailMu.Lock()
	a.ended = true
	a.mailMu.Unlock()
}

func (a *actor) output(o shim.Output) {
	a.mu.Lock()
	a.e.Lines = o.Lines
	e := a.e
	a.mu.Unlock()
	a.service.publish(domain.Event{
		Type: domain.EventExecutionOutput, UserID: e.UserID,
		Data: domain.OutputEvent{ExecutionID: e.ID, Lines: o.Lines},
	})
}

// A connection that breaks though the shim lives is made anew, so often.
const reattachments = 3

// dying is how long a shim that was killed may still look alive: its
// connections end before it does.
const dying = 5 * time.Second

// reattach connects again to a shim that did not end with its connection.
func (a *actor) reattach() bool {
	for ; a.reattached < reattachments; a.reattached++ {
		ctx, cancel := context.WithTimeout(context.Background(), dying)
		sh, err := shim.Attach(ctx, a.service.runDir(a.id))
		cancel()
		if err == nil {
			a.service.log.Warn("connection to a shim broke and was made again", "execution", a.id)
			a.setShim(sh)
			a.reattached++
			return true
		}
		if errors.Is(err, shim.ErrLost) {
			return false
		}
		time.Sleep(100 * time.Millisecond)
	}
	return false
}

// lost ends an execution whose shim is gone without having said how it ended:
// what it left running is ended, and its own note has the truth if it still
// wrote one.
func (a *actor) lost() {
	state, err := sweep(a.service.runDir(a.id))
	if err != nil {
		a.service.log.Warn("no trace of a lost shim", "execution", a.id, "error", err)
		a.finish(nil, domain.NewError(domain.CodeExecutionLost))
		return
	}
	ended := endOf(state)
	a.finish(&ended, nil)
}

// recoverEnd records the end of an execution whose shim has gone while no
// engine was there.
func (a *actor) recoverEnd() {
	a.cancel = func() {}
	a.lost()
}

// endOf is the end that a shim noted, in the words of the event.
func endOf(s shim.State) shim.Ended {
	ended := shim.Ended{
		End: s.End, ExitCode: s.ExitCode, Signal: s.Signal, GraceOver: s.GraceOver, StartError: s.StartError,
		Error: s.Error, LostBytes: s.LostBytes, CPUSeconds: s.CPUSeconds, MemoryPeak: s.MemoryPeak,
		Lines: s.Lines, Bytes: s.Bytes, StartedAt: s.StartedAt, LeftRunning: s.Left, Limits: s.Limits,
	}
	if s.EndedAt != nil {
		ended.EndedAt = *s.EndedAt
	}
	return ended
}

// removeRunDir takes away what only a running execution needs: the socket,
// the spec with its token, the file with the parameters, the script's own folder.
func (a *actor) removeRunDir() {
	if err := os.RemoveAll(a.service.runDir(a.id)); err != nil {
		a.service.log.Warn("remove run folder", "execution", a.id, "error", err)
	}
}
