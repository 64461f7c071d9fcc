package engine

import (
	"context"
	"slices"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/store"
)

// ExecutionFilter chooses executions and sorts them.
type ExecutionFilter = store.ExecutionFilter

// ExecutionSort is what a list is sorted by.
type ExecutionSort = store.ExecutionSort

// Run starts an execution and records who did it.
func (e *Engine) Run(ctx context.Context, a Actor, q execution.Request) (domain.Execution, bool, error) {
	// Who asked may be gone by now: what is begun is done, and recorded, whole.
	ctx = context.WithoutCancel(ctx)
	q.By = a
	e.projecting.RLock()
	defer e.projecting.RUnlock()
	var err error
	if q.Project, err = e.mayRunIn(ctx, q.Project); err != nil {
		return domain.Execution{}, false, err
	}
	return e.executions.Start(ctx, q)
}

// CommandLine is what Run would start, with "<port>" for the port.
func (e *Engine) CommandLine(ctx context.Context, q execution.Request) ([]string, error) {
	wanted, _ := domain.EnvironmentWanted(q.Script, q.Group)
	hasPage := q.Script.Interface != domain.InterfaceNone
	env, _, err := e.environments.Resolve(ctx, wanted, hasPage)
	if err != nil {
		return nil, err
	}
	dir := project.DataDir(e.options.Root, q.User.Folder, q.Project.Folder, q.Group.ID)
	argv := execution.CommandLine(env.Python, q, dir, 0)
	if i := slices.Index(argv, "--port"); hasPage && i >= 0 {
		argv[i+1] = "<port>"
	}
	return argv, nil
}

// Execution gives one execution as it is now. It fails with CodeNotFound.
func (e *Engine) Execution(ctx context.Context, id string) (domain.Execution, error) {
	if x, live := e.executions.Live(id); live {
		return x, nil
	}
	return e.store.Execution(ctx, id)
}

// ExecutionList gives a page of executions, live ones as they
// are now.
func (e *Engine) ExecutionList(ctx context.Context, f ExecutionFilter) ([]domain.Execution, string, error) {
	items, next, err := e.store.Executions(ctx, f)
	for i, x := range items {
		if now, live := e.executions.Live(x.ID); live {
			items[i] = now
		}
	}
	return items, next, err
}

// LiveOf lists a user's live executions, oldest first.
func (e *Engine) LiveOf(userID int64) []domain.Execution {
	return slices.DeleteFunc(e.executions.AllLive(), func(x domain.Execution) bool { return x.UserID != userID })
}

// AllLive lists everyone's live executions, oldest first.
func (e *Engine) AllLive() []domain.Execution { return e.executions.AllLive() }

// RunningCount counts everyone's live executions.
func (e *Engine) RunningCount() int { return len(e.executions.AllLive()) }

// PagesOf lists a user's live executions that end with their windows.
func (e *Engine) PagesOf(ctx context.Context, userID int64) []domain.Execution {
	return slices.DeleteFunc(e.LiveOf(userID), func(x domain.Execution) bool {
		script, err := e.store.Script(ctx, x.ScriptID)
		return !x.HasPage || (err == nil && script.Background) || x.AlwaysOn != 0
	})
}

// Stop asks an execution to end.
func (e *Engine) Stop(id string, r execution.StopRequest) error { return e.executions.Stop(id, r) }

// StopBy asks an execution to end and records who did it.
func (e *Engine) StopBy(ctx context.Context, a Actor, x domain.Execution, r execution.StopRequest) error {
	if err := e.executions.Stop(x.ID, r); err != nil {
		return err
	}
	return e.store.Audit(context.WithoutCancel(ctx), a, "execution.stop", "execution:"+x.ID, nil, map[string]any{"script": x.ScriptID, "user": x.User, "now": r.Now})
}

// KeepRunning says that an execution is wanted, and records who moved its
// limit of time, where it was about to be over. See execution.Service.
func (e *Engine) KeepRunning(ctx context.Context, a Actor, x domain.Execution) error {
	if err := e.executions.KeepRunning(ctx, x.ID); err != nil {
		return err
	}
	if x.Warning == nil || x.Warning.Reason != domain.ReasonTimeout {
		return nil
	}
	return e.store.Audit(context.WithoutCancel(ctx), a, "execution.extend", "execution:"+x.ID, nil,
		map[string]any{"script": x.ScriptID, "user": x.User, "seconds": x.Warning.Seconds})
}

// Used notes that a person used an execution's page.
func (e *Engine) Used(id string) error { return e.executions.Used(id) }

// Wait blocks until the execution has ended or ctx has.
func (e *Engine) Wait(ctx context.Context, id string) error { return e.executions.Wait(ctx, id) }

// Attach attaches a window, tab or command; see execution.Service.Attach. The
// end of a command in front of an execution is somebody's stop, the closing of
// a window is how a page ends.
func (e *Engine) Attach(id string, grace time.Duration, kind string) (func(), error) {
	stop := execution.StopRequest{Reason: domain.ReasonWindowClosed}
	if kind == "command" {
		stop.Reason = domain.ReasonStopped
	}
	return e.executions.Attach(id, grace, stop)
}

// Raise asks the client to show the execution's window.
func (e *Engine) Raise(x domain.Execution, client string) {
	e.bus.Publish(domain.Event{
		Type: domain.EventWindowRaise, UserID: x.UserID, Client: client, Data: domain.RaiseEvent{ExecutionID: x.ID},
	})
}

// RaiseMain asks the desktop to show its main window.
func (e *Engine) RaiseMain() {
	e.bus.Publish(domain.Event{Type: domain.EventWindowRaise, Data: domain.RaiseEvent{}})
}

// ReadLog reads lines of an execution's log from a number on; 0 is the first,
// a negative number asks for the last so many. See log.Reader.Read.
func (e *Engine) ReadLog(x domain.Execution, from int64, limit int, streams []domain.Stream) (domain.LogPage, error) {
	r, err := e.openLogOf(x)
	if err != nil {
		return domain.LogPage{}, err
	}
	defer func() { _ = r.Close() }()
	if from < 0 {
		total := r.Lines()
		if len(streams) == 1 && streams[0] == domain.Debug {
			page, err := r.Read(1, 1, domain.Debug)
			if err != nil {
				return domain.LogPage{}, err
			}
			total = page.Total
		}
		from = max(total+from+1, 1)
	}
	page, err := r.Read(from, limit, streams...)
	// A log that was never begun, or whose shim was killed, ends with its
	// execution all the same.
	page.Ended = page.Next > page.Total && (page.Ended || !x.State.Live())
	return page, err
}

// LastParameters gives what the user ran the script with last.
func (e *Engine) LastParameters(ctx context.Context, userID int64, id domain.ScriptID) (map[string]any, error) {
	values, err := e.store.LastParameters(ctx, userID, id)
	if values == nil {
		values = map[string]any{}
	}
	return values, err
}

// LastRuns gives a user's newest execution of each script.
func (e *Engine) LastRuns(ctx context.Context, userID int64) (map[domain.ScriptID]domain.Execution, error) {
	return e.store.LastRuns(ctx, userID)
}

// RecentScripts lists the scripts that the user ran last, newest first.
func (e *Engine) RecentScripts(ctx context.Context, userID int64, limit int) ([]domain.ScriptID, error) {
	return e.store.RecentScripts(ctx, userID, limit)
}

// Totals counts a user's executions.
type Totals struct {
	Runs, Completed, Failed, Terminated int64
	LastRun                             *time.Time
}

// Day counts what ended on one day.
type Day struct {
	Date                          string
	Completed, Failed, Terminated int64
}

// Statistics counts a user's executions, in all and by day, oldest first.
func (e *Engine) Statistics(ctx context.Context, userID int64, days int) (Totals, []Day, error) {
	counts, err := e.store.Totals(ctx, &userID)
	if err != nil {
		return Totals{}, nil, err
	}
	totals := Totals{Runs: counts.All, Completed: counts.Completed, Failed: counts.Failed, Terminated: counts.Terminated}
	last, _, err := e.store.Executions(ctx, ExecutionFilter{UserID: &userID, Limit: 1})
	if err != nil {
		return Totals{}, nil, err
	}
	if len(last) > 0 {
		totals.LastRun = &last[0].CreatedAt
	}
	list, err := e.store.Days(ctx, &userID, days)
	if err != nil {
		return Totals{}, nil, err
	}
	strip := make([]Day, 0, len(list))
	for _, d := range list {
		strip = append(strip, Day(d))
	}
	return totals, strip, nil
}

// DiskUsage tells the room on the disk of the root, in bytes.
func (e *Engine) DiskUsage() (free, total uint64, err error) {
	return platform.DiskUsage(e.options.Root.Dir)
}
