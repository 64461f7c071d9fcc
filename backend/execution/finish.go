package execution

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim"
	"scriptsmanager/backend/shim/protocol"
)

// previewBytes is how much of each stream the database keeps.
const previewBytes = 4 << 10

// finish records how it ended, gives the port back and tells everyone. ended
// is nil where the script never ran or nobody knows how it ended; failure is
// then the reason.
func (a *actor) finish(ended *shim.Ended, failure *domain.Error) {
	if a.lastClose != nil {
		a.lastClose.Stop()
	}
	if a.timeWarn != nil {
		a.timeWarn.Stop()
	}
	a.endRefusals()
	now := time.Now().UTC()
	stderr := a.service.logs.Tail(a.base, domain.Stderr, previewBytes)
	files := a.changed()
	if failure != nil {
		a.debug.Error("ended", "error", failure.Error())
	}
	a.mu.Lock()
	e := a.e
	a.mu.Unlock()
	if a.isJob() {
		a.told.path = filepath.Join(a.service.runDir(a.id), progressFile)
		a.followJob() // what it told last
		e.Job = a.e.Job
	}
	a.conclude(&e, ended, failure, stderr)
	if a.isJob() {
		a.concludeJob(&e)
	}
	e.Phase, e.URL, e.GraceEndsAt, e.Warning, e.Progress, e.Busy = "", "", nil, nil, nil, false
	e.EndedAt, e.Files = &now, files
	from := e.CreatedAt
	if e.Queue != nil {
		e.Queue, from = nil, now // it waited, and never ran
	}
	if e.StartedAt != nil {
		from = *e.StartedAt
	}
	e.DurationMS = max(0, now.Sub(from).Milliseconds())
	a.debug.Info("end", "state", e.State, "reason", e.Reason, "exit_code", e.ExitCode, "signal", e.Signal,
		"cpu_seconds", e.CPUSeconds, "memory_peak_bytes", e.MemoryPeak, "duration_ms", e.DurationMS)
	e.LogBytes = a.service.logs.Size(a.base)

	ctx := context.Background()
	a.must("release port", func() error { return a.service.ports.Release(ctx, a.id) })
	// Whoever hears that it ended must find that it has.
	a.refuse()
	a.mu.Lock()
	e.Attachments = 0 // nobody counts them any more
	a.e = e
	a.mu.Unlock()
	a.must("record the end", func() error {
		err := a.service.store.UpdateExecution(ctx, e)
		if err == nil {
			// Not before: until the end is recorded, it stands there alone.
			a.removeRunDir()
		}
		return err
	})
	a.service.publish(domain.Event{Type: domain.EventExecutionChanged, UserID: e.UserID, Data: e})
	defer close(a.done)
	err := a.service.store.SetPreview(ctx, a.id,
		a.service.logs.Tail(a.base, domain.Stdout, previewBytes), stderr,
		a.service.logs.Tail(a.base, domain.Debug, previewBytes))
	if err != nil {
		a.service.log.Error("keep preview", "execution", a.id, "error", err)
	}
}

// unsettled is something that has to be written about an ended execution and
// could not be.
type unsettled struct {
	what  string
	write func() error
}

// must writes what must not be forgotten; what fails is for settle.
func (a *actor) must(what string, write func() error) {
	if err := patiently(write); err != nil {
		a.service.log.Error(what, "execution", a.id, "error", err)
		a.unsettled = append(a.unsettled, unsettled{what, write})
	}
}

// patiently tries for a while: a full disk may have room again.
func patiently(write func() error) error {
	var err error
	for _, wait := range []time.Duration{0, 100 * time.Millisecond, time.Second} {
		time.Sleep(wait)
		if err = write(); err == nil {
			return nil
		}
	}
	return err
}

// settleEvery is how often is tried again what could not be written.
const settleEvery = 2 * time.Second

// settle goes on trying until all is written or the service closes: a port
// must come free, and the end stand in the record, without a restart. The
// execution stays known until then, as it truly is.
func (a *actor) settle() {
	for closing := false; len(a.unsettled) > 0 && !closing; {
		select {
		case <-time.After(settleEvery):
		case <-a.service.closing:
			closing = true
		}
		a.unsettled = slices.DeleteFunc(a.unsettled, func(u unsettled) bool {
			err := u.write()
			if err == nil {
				a.service.log.Info(u.what+": done at last", "execution", a.id)
			}
			return err == nil
		})
	}
}

// conclude settles state, reason and error from how the process ended and
// from what we wanted.
func (a *actor) conclude(e *domain.Execution, ended *shim.Ended, failure *domain.Error, stderr string) {
	if ended == nil {
		a.concludeUnstarted(e, failure)
		return
	}
	e.ExitCode, e.Signal = ended.ExitCode, ended.Signal
	e.CPUSeconds, e.MemoryPeak, e.Lines = ended.CPUSeconds, ended.MemoryPeak, ended.Lines
	switch {
	case a.failure != nil:
		e.State, e.Reason, e.Error = domain.StateFailed, domain.ReasonStartFailed, a.failure
	case ended.StartError != nil && ended.StartError.Code == protocol.CodeConfinement:
		e.State, e.Reason = domain.StateFailed, domain.ReasonStartFailed
		e.Error = domain.NewError(domain.CodeNotConfined)
	case ended.StartError != nil:
		e.State, e.Reason, e.Error = domain.StateFailed, domain.ReasonStartFailed, a.startError(ended.StartError.Text)
	case ended.End == protocol.EndLost:
		e.State, e.Reason, e.Error = domain.StateFailed, domain.ReasonLost, domain.NewError(domain.CodeExecutionLost)
	case a.stopping != nil:
		e.State, e.Reason = domain.StateTerminated, a.stopping.Reason
		if a.stopping.By != "" {
			e.ReasonParams = map[string]any{"user": a.stopping.By}
		}
		if a.stopping.Params != nil {
			e.ReasonParams = a.stopping.Params
		}
		if a.stopping.Reason == domain.ReasonWindowClosed && !ended.GraceOver && !a.killed {
			// Closing its window is how a page is meant to end.
			e.State = domain.StateCompleted
		}
	case ended.End == protocol.EndTime:
		e.State, e.Reason = domain.StateTerminated, domain.ReasonTimeout
		e.ReasonParams = map[string]any{"seconds": int(ended.Limits.Time.Seconds())}
	case ended.End == protocol.EndMemory:
		e.State, e.Reason = domain.StateTerminated, domain.ReasonMemory
		e.ReasonParams = map[string]any{"megabytes": ended.Limits.Memory >> 20}
	case ended.End == protocol.EndProcesses:
		e.State, e.Reason = domain.StateTerminated, domain.ReasonProcesses
		e.ReasonParams = map[string]any{"processes": ended.Limits.Processes}
	case ended.End == protocol.EndHolderLost || ended.End == protocol.EndShimStopped:
		e.State, e.Reason = domain.StateTerminated, domain.ReasonQuit
	case ended.Error == protocol.ErrorDiskFull && ended.ExitCode != nil && *ended.ExitCode == 0:
		// The script did well, but its log is not whole: that must be seen.
		e.State, e.Reason = domain.StateCompleted, domain.ReasonExit
		e.Error = domain.NewError(domain.CodeDiskFull, "path", e.LogPath)
	case ended.Signal != "":
		e.State, e.Reason = domain.StateFailed, domain.ReasonSignal
		e.ReasonParams = map[string]any{"signal": ended.Signal}
	case ended.ExitCode != nil && *ended.ExitCode == 0:
		e.State, e.Reason = domain.StateCompleted, domain.ReasonExit
		if e.HasPage && e.ReadyAt == nil {
			e.State = domain.StateFailed
			e.Error = domain.NewError(domain.CodeScriptExitedEarly, "script", e.ScriptID, "exit_code", 0)
		}
	default:
		a.concludeExitCode(e, ended, stderr)
	}
}

func (a *actor) concludeExitCode(e *domain.Execution, ended *shim.Ended, stderr string) {
	code := -1
	if ended.ExitCode != nil {
		code = *ended.ExitCode
	}
	e.State, e.Reason = domain.StateFailed, domain.ReasonExitCode
	e.ReasonParams = map[string]any{"exit_code": code}
	if e.Job != nil {
		e.Error = domain.NewError(domain.CodeEnvironmentFailed, "tool", e.Name, "detail", lastLine(stderr)) // unless it said more
		return
	}
	e.Error = diagnose(a.request.Script, e.Environment, stderr)
	if e.Error == nil && e.HasPage && e.ReadyAt == nil && e.Confinement != string(sandbox.None) && bindRefused.MatchString(stderr) {
		e.Error = domain.NewError(domain.CodeScriptPortRefused, "script", e.ScriptID, "port", e.Port)
	}
	if path := refusedPath(stderr, filepath.Dir(a.request.Script.Path)); e.Error == nil && path != "" && e.Confinement != string(sandbox.None) && sandbox.Withheld(path) {
		e.Error = domain.NewError(domain.CodeScriptRefused, "script", e.ScriptID, "path", path)
	}
	if e.Error == nil && e.HasPage && e.ReadyAt == nil {
		e.Error = domain.NewError(domain.CodeScriptExitedEarly, "script", e.ScriptID, "exit_code", code)
	}
	if e.Error == nil {
		e.Error = domain.NewError(domain.CodeScriptFailed, "exit_code", code)
	}
}

func (a *actor) concludeUnstarted(e *domain.Execution, failure *domain.Error) {
	switch {
	case failure != nil && failure.Code == domain.CodeExecutionLost:
		e.State, e.Reason, e.Error = domain.StateFailed, domain.ReasonLost, failure
	case a.stopping != nil:
		e.State, e.Reason = domain.StateTerminated, a.stopping.Reason
		if a.stopping.By != "" {
			e.ReasonParams = map[string]any{"user": a.stopping.By}
		}
		if a.stopping.Reason == domain.ReasonLost {
			e.Error = domain.NewError(domain.CodeQueueLost)
		}
	default:
		if failure.Code == domain.CodeInternal {
			incident := a.id[:8]
			a.service.log.Error("launch failed", "incident", incident, "execution", a.id, "error", failure)
			failure = domain.NewError(domain.CodeInternal, "incident", incident).Because(failure)
		}
		e.State, e.Reason, e.Error = domain.StateFailed, domain.ReasonStartFailed, failure
	}
}

// bindRefused is what Python, and Werkzeug by itself on a line, say of a port
// that confinement does not open.
var bindRefused = regexp.MustCompile(`(?m)bind\(.*\n(?:.*\n)?PermissionError: \[Errno 13\]|^Permission denied$`)

// lastLine is the last line of a text that is not empty.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// startError is for an interpreter that could not be started at all.
func (a *actor) startError(text string) *domain.Error {
	return domain.NewError(domain.CodeEnvironmentBroken, "environment", a.e.Environment, "reason", text)
}
