package execution

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/progress"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim"
	"scriptsmanager/backend/store"
)

// Files of a job in its run folder.
const (
	jobInput     = "job.json" // JobRequest.Input, for the job alone
	progressFile = "progress" // what it tells, one JSON object a line; of a script, too
)

// ProgressVariable names, in the environment of a job and of a script, the file
// to which it appends how far it is. A file outlives engine and shim, so that
// nothing is lost with them. A script's lines are those of scriptProgress.
const ProgressVariable = "SCRIPTSMANAGER_PROGRESS"

// JobLine is a line of what a job tells of itself.
type JobLine = progress.Line

// JobRequest says what work of ours to do, and for whom. It is a process under
// a shim, as a script is, but it has no page, is not confined, and goes on when
// the engine ends.
type JobRequest struct {
	Kind        string         // domain.KindEnvironment, KindExport
	Project     domain.Project // that it is about, if any
	Action      string         // domain.Job.Action
	Target      string         // domain.Job.Target
	Source      string         // domain.Job.Source
	Name        domain.Text    // for people
	Environment string         // the name of the environment that it is about
	Argv        []string       // the path of a file with Input is added
	Input       any            // handed over in a file that only the job's account reads
	Environ     []string
	Dir         string
	Parameters  map[string]any // what is shown of it
	User        domain.User
	Actor       string // user, schedule, system
	By          store.Actor
	// Prepare is called before the job's process is started and may change what
	// Input points to; what it fails with is why the job cannot start.
	Prepare func(executionID string) error
}

// StartJob begins a job and returns at once, as Start does. It fails with
// CodeEnvironmentBusy, CodeEnvironmentInUse or CodeUnavailable.
func (s *Service) StartJob(ctx context.Context, r JobRequest) (domain.Execution, error) {
	now, id := time.Now().UTC(), uuid.NewString()
	e := domain.Execution{
		ID: id, Name: r.Name.In(domain.English), Kind: r.Kind, ScriptName: r.Name,
		UserID: r.User.ID, User: r.User.Name, Actor: r.Actor, ProjectID: r.Project.ID, Project: r.Project.Name,
		State: domain.StateRunning, Phase: domain.PhaseStarting,
		Environment: r.Environment, Confinement: string(sandbox.None),
		Parameters: r.Parameters, LogPath: s.folders.LogBase(r.User.Folder, id, now) + ".log", CreatedAt: now,
		Job: &domain.Job{Action: r.Action, Target: r.Target, Source: r.Source, Progress: domain.Progress{Steps: []domain.Step{}}},
	}
	if r.Kind == domain.KindEnvironment {
		e.EnvironmentPath = r.Target
	}
	a := newActor(s, e, Request{User: r.User, Project: r.Project, Actor: r.Actor, By: r.By})
	a.job = &r
	s.mu.Lock()
	if err := s.mayChangeLocked(r); err != nil {
		s.mu.Unlock()
		return domain.Execution{}, err
	}
	s.actors[e.ID] = a
	s.running.Add(1)
	s.mu.Unlock()
	if err := s.store.InsertExecution(ctx, e, r.By); err != nil {
		s.forget(a)
		a.refuse()
		close(a.done)
		s.running.Done()
		return domain.Execution{}, fmt.Errorf("record job on %s: %w", r.Target, err)
	}
	s.publish(domain.Event{Type: domain.EventExecutionChanged, UserID: e.UserID, Data: e})
	go s.see(a, a.run)
	return e, nil
}

// mayChangeLocked refuses a job whose target or source another one changes.
func (s *Service) mayChangeLocked(r JobRequest) error {
	if s.closed {
		return domain.NewError(domain.CodeUnavailable, "detail", "the engine is stopping")
	}
	for _, a := range s.actors {
		other := a.snapshot()
		j := other.Job
		if j == nil || !other.State.Live() {
			continue
		}
		if j.Target == r.Target || j.Target == r.Source || (j.Source != "" && j.Source == r.Target) {
			return domain.NewError(domain.CodeEnvironmentBusy,
				"environment", r.Environment, "action", j.Action, "execution", other.ID)
		}
	}
	if r.Action != domain.JobRemove {
		return nil
	}
	var users []string
	for _, e := range s.runningInLocked(r.Target) {
		users = append(users, fmt.Sprintf("%s (%s)", e.ScriptID, e.User))
	}
	if len(users) > 0 {
		slices.Sort(users)
		return domain.NewError(domain.CodeEnvironmentInUse, "environment", r.Environment, "scripts", strings.Join(users, ", "))
	}
	return nil
}

// RunningIn gives the live executions of scripts that run in an environment, by
// its path, or are about to: those because of which it cannot be removed.
func (s *Service) RunningIn(path string) []domain.Execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runningInLocked(path)
}

func (s *Service) runningInLocked(path string) []domain.Execution {
	var list []domain.Execution
	for _, a := range s.actors {
		e := a.snapshot()
		in := a.using // settled before the record says so
		if in == "" {
			in = e.EnvironmentPath // an earlier engine began it
		}
		if e.Job == nil && e.State.Live() && in == path {
			list = append(list, e)
		}
	}
	return list
}

// use notes in which environment a script is about to run, unless that is
// being taken away.
func (s *Service) use(a *actor, env domain.Environment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.actors {
		e := other.snapshot()
		if e.Job != nil && e.Job.Action == domain.JobRemove && e.Job.Target == env.Path && e.State.Live() {
			return domain.NewError(domain.CodeEnvironmentBusy,
				"environment", env.Name, "action", e.Job.Action, "execution", e.ID)
		}
	}
	a.using = env.Path
	return nil
}

// isJob tells whether it is work of ours, also where an earlier engine began it.
func (a *actor) isJob() bool { return a.e.Job != nil }

// launchJob starts a job's process.
func (a *actor) launchJob(ctx context.Context) (r launchResult) {
	r.changed = func() []domain.ChangedFile { return nil }
	s, q := a.service, a.job
	runDir := s.runDir(a.id)
	if r.err = os.MkdirAll(runDir, 0o700); r.err != nil {
		return r
	}
	if q.Prepare != nil {
		if r.err = q.Prepare(a.id); r.err != nil {
			return r
		}
	}
	input := filepath.Join(runDir, jobInput)
	b, err := json.Marshal(q.Input)
	if err == nil {
		err = os.WriteFile(input, b, 0o600)
	}
	if err != nil {
		r.err = fmt.Errorf("write what the job is to do: %w", err)
		return r
	}
	argv := append(slices.Clone(q.Argv), input)
	a.debug.Info("command", "argv", argv, "dir", q.Dir)
	a.send(command{keep: true, update: func(e *domain.Execution) { e.Command = argv }})
	r.shim, r.err = s.shims.Start(ctx, shim.Spec{
		ExecutionID: a.id, RunDir: runDir, LogBase: a.base, Argv: argv, Dir: q.Dir,
		Env: with(q.Environ, "SCRIPTSMANAGER_EXECUTION_ID="+a.id, ProgressVariable+"="+filepath.Join(runDir, progressFile),
			"PYTHONUNBUFFERED=1", "PYTHONUTF8=1", "PYTHONIOENCODING=utf-8"),
		OnLoss: a.onLoss(), Grace: s.rules().Grace, Confine: sandbox.Policy{Mode: sandbox.Off}, LogLimit: s.rules().LogLimit,
	})
	return r
}

// jobFollower reads what a job tells of itself.
type jobFollower struct {
	path   string
	offset int64
	failed *domain.Error
}

// maxJobLines bounds what is read at a time.
const maxJobLines = 1 << 20

// read gives the lines that are new and whole.
func (f *jobFollower) read() []JobLine {
	file, err := os.Open(f.path)
	if err != nil {
		return nil // nothing was told yet
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(f.offset, io.SeekStart); err != nil {
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(file, maxJobLines))
	if err != nil {
		return nil
	}
	end := bytes.LastIndexByte(b, '\n') + 1
	f.offset += int64(end)
	var lines []JobLine
	for line := range bytes.Lines(b[:end]) {
		var l JobLine
		if json.Unmarshal(line, &l) == nil {
			lines = append(lines, l)
		}
	}
	return lines
}

// followJob takes over what the job has told since the last time.
func (a *actor) followJob() {
	lines := a.told.read()
	if len(lines) == 0 {
		return
	}
	job := *a.e.Job // others may be reading the one that stands there
	for _, l := range lines {
		if l.Progress != nil {
			job.Progress = *l.Progress
		}
		if l.Error != nil {
			a.told.failed = l.Error
		}
		if l.Result != nil {
			job.Result = l.Result
		}
	}
	a.change(false, func(e *domain.Execution) { e.Job = &job })
}

// concludeJob settles why a job that ended by itself failed, and has cleaned
// up what it left, before anybody hears of its end.
func (a *actor) concludeJob(e *domain.Execution) {
	if e.State == domain.StateFailed && a.told.failed != nil {
		e.Error = a.told.failed
	}
	job := *e.Job
	job.Progress.Steps = slices.Clone(job.Progress.Steps)
	for i, step := range job.Progress.Steps {
		if step.State == domain.StepRunning && e.State != domain.StateCompleted {
			job.Progress.Steps[i].State = domain.StepFailed
		}
	}
	if e.State == domain.StateCompleted {
		job.Progress.PercentDone, job.Progress.ETASeconds = 100, 0
	}
	e.Job = &job
	if a.service.config.JobEnded == nil {
		return
	}
	if err := a.service.config.JobEnded(*e); err != nil {
		a.service.log.Error("clean up behind a job", "execution", a.id, "error", err)
		a.debug.Error("clean up", "error", err.Error())
		if own := domain.AsError(err); own != nil && e.Error == nil && !errors.Is(err, context.Canceled) {
			e.Error = own
		}
	}
}
