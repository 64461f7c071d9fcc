package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

// scriptRun is the script that a command runs, and with what.
type scriptRun struct {
	Script  string   `arg:"" help:"The script, as GROUP/SCRIPT." name:"G/S"`
	Project string   `help:"The user's project; the default one else." placeholder:"P"`
	Set     []string `help:"A parameter's value; may be given several times." placeholder:"NAME=VALUE" sep:"none"`
	// The values of a template are the person's to change.
	Template string `help:"Take the values of this template or example; --set goes before them." placeholder:"NAME"`
}

// find finds the script, and makes the request to run it.
func (r scriptRun) find(ctx context.Context, s *session, c *connection) (d app.ScriptDetail, request app.RunRequest, err error) {
	if d, err = s.script(ctx, c, r.Script); err != nil {
		return d, request, err
	}
	request.ScriptID = d.Script.ID
	if request.Parameters, err = parameters(d.Script.Parameters, r.Set); err != nil {
		return d, request, err
	}
	if r.Template != "" {
		t, err := s.template(ctx, c, d.Script.ID, r.Template)
		if err != nil {
			return d, request, err
		}
		if faults := s.templateFaults(t); faults != "" {
			_, _ = fmt.Fprintln(s.Stderr, "scriptsmanager: "+faults)
		}
		request.TemplateID, request.Example = t.ID, t.Example
		for name, v := range t.Parameters {
			if _, given := request.Parameters[name]; !given {
				request.Parameters[name] = v
			}
		}
	}
	if r.Project != "" {
		request.ProjectID, err = project(ctx, c, r.Project)
	}
	return d, request, err
}

type runCmd struct {
	scriptRun
	As    string `help:"Act with this user's rights." placeholder:"USER"`
	Queue bool   `help:"Where a limit of interfaces is reached, wait for room instead of failing."`
	Wait  string `help:"ready: print the address when the page answers, stay until the end; end: wait for the end." enum:",ready,end" default:""`
	Theme string `help:"light or dark." enum:",light,dark" default:"" hidden:""`
}

// Run runs a script.
func (r runCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error { return r.run(ctx, s, c) })
}

func (r runCmd) run(ctx context.Context, s *session, c *connection) error {
	// Ctrl-C must stop the script, not only us.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	_, request, err := r.find(ctx, s, c)
	if err != nil {
		return err
	}
	open := false
	request.Theme, request.Open, request.Queue = domain.Theme(r.Theme), &open, r.Queue
	events, result, err := begin(ctx, c, request)
	if err != nil {
		return err
	}
	if result.Ignored {
		_, _ = fmt.Fprintln(s.Stderr, s.Texts.Text(s.lang, "cli.run.ignored", map[string]any{"script": request.ScriptID}))
	}
	wait := r.Wait
	if wait == "" && c.owner {
		wait = "end" // there is nobody else to look after it
	}
	if wait == "" {
		return s.print(map[string]any{"execution_id": result.Execution.ID, "state": result.Execution.State}, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, result.Execution.ID)
		})
	}
	f := &front{s: s, c: c, id: result.Execution.ID, wait: wait, events: events, signals: signals, request: request}
	return f.follow(ctx)
}

// begin has the engine run the script. One that is just ending starts nothing
// more: then the next one is asked.
func begin(ctx context.Context, c *connection, r app.RunRequest) (<-chan domain.Event, app.RunResult, error) {
	for {
		events := c.Events(ctx)
		var result app.RunResult
		err := door.Call(ctx, c, "Executions.Run", r, &result)
		if c.owner || !domain.HasCode(err, domain.CodeUnavailable) || door.Gone(err) {
			return events, result, err
		}
		if err := c.renew(ctx); err != nil {
			return nil, result, err
		}
	}
}

// parameters reads name=value pairs. Paths are made absolute, since the
// engine's folder is not the person's.
func parameters(declared []domain.Parameter, set []string) (map[string]any, error) {
	values := map[string]any{}
	types := map[string]domain.Parameter{}
	for _, p := range declared {
		types[p.Name] = p
	}
	for _, pair := range set {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, domain.NewError(domain.CodeUsageForm, "given", "--set "+pair, "form", "--set NAME=VALUE")
		}
		switch p := types[name]; p.Type {
		case domain.TypeFile, domain.TypeDirectory, domain.TypePath:
			if value != "" && !p.Multiple {
				absolute, err := filepath.Abs(value)
				if err != nil {
					return nil, fmt.Errorf("--set %s: %w", name, err)
				}
				value = absolute
			}
		}
		values[name] = value
	}
	return values, nil
}

func project(ctx context.Context, c door.Caller, name string) (int64, error) {
	var projects []domain.Project
	if err := door.Call(ctx, c, "Projects.List", nil, &projects); err != nil {
		return 0, err
	}
	for _, p := range projects {
		if p.Name == name {
			return p.ID, nil
		}
	}
	return 0, domain.NewError(domain.CodeNotFound, "what", "project", "name", name)
}

// front stays in front of an execution until it has ended.
type front struct {
	s       *session
	c       *connection
	id      string
	wait    string // ready or end
	events  <-chan domain.Event
	signals <-chan os.Signal
	request app.RunRequest // of run; what waits may have to be asked for again
	// done tells what a completed job has made; nil: nothing is told.
	done func(domain.Execution) (made, error)

	ready       bool
	interrupted bool
	printed     int64 // the next line to print
	place       int   // in the queue, as last told
	release     func()
}

// pollEvery is how often the execution is looked at where no event tells of
// it: events may have been missed.
const pollEvery = 500 * time.Millisecond

func (f *front) follow(ctx context.Context) error {
	if err := f.attach(ctx); err != nil {
		return err
	}
	defer func() { f.release() }()
	f.printed = 1
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		e, err := f.look(ctx)
		if door.Gone(err) {
			if err := f.again(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if !e.State.Live() && e.ReasonParams["handed_over"] == true && !f.interrupted {
			err := f.askAgain(ctx)
			if door.Gone(err) {
				// The next owner is asked. Nothing runs twice: of a page that
				// runs already, that one is given.
				err = f.c.renew(ctx)
			}
			if err != nil {
				return err
			}
			continue
		}
		if !e.State.Live() {
			return f.end(e)
		}
		for again := false; !again; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-f.signals:
				f.interrupt(ctx)
			case event, open := <-f.events:
				if !open {
					f.events = nil
				}
				again = !open || f.concerns(event)
			case <-tick.C:
				again = true
			}
		}
	}
}

// attach says that the command is in front of the execution, whose end is then
// the end of a page.
func (f *front) attach(ctx context.Context) error {
	f.release = func() {}
	release, err := f.c.Attach(ctx, f.id)
	if err == nil {
		f.release = release
	}
	if domain.HasCode(err, domain.CodeExecutionEnded) || door.Gone(err) {
		return nil // look will tell
	}
	return err
}

// again goes on where the owner of the root has ended: with the next one, or
// as the next one.
func (f *front) again(ctx context.Context) error {
	if err := f.c.renew(ctx); err != nil {
		return err
	}
	f.events = f.c.Events(ctx)
	if err := f.attach(ctx); err != nil {
		return err
	}
	if f.interrupted {
		// The stop may not have been heard any more.
		_ = door.Call(ctx, f.c, "Executions.Stop", app.StopRequest{ExecutionID: f.id}, nil)
	}
	return nil
}

// askAgain has the next owner run what waited for room when the engine of
// another command ended.
func (f *front) askAgain(ctx context.Context) error {
	events, result, err := begin(ctx, f.c, f.request)
	if err != nil {
		return err
	}
	f.events, f.id, f.place, f.printed = events, result.Execution.ID, 0, 1
	f.release()
	return f.attach(ctx)
}

// interrupt stops the script, and kills it when asked a second time.
func (f *front) interrupt(ctx context.Context) {
	// One that has ended meanwhile is what was wanted.
	_ = door.Call(ctx, f.c, "Executions.Stop", app.StopRequest{ExecutionID: f.id, Now: f.interrupted}, nil)
	f.interrupted = true
}

func (f *front) concerns(e domain.Event) bool {
	if e.Type == domain.EventMissed {
		return true
	}
	if e.Type != domain.EventExecutionChanged && e.Type != domain.EventExecutionOutput {
		return false
	}
	b, err := json.Marshal(e.Data)
	if err != nil {
		return true
	}
	var about struct {
		ID          string `json:"id"`
		ExecutionID string `json:"execution_id"`
	}
	return json.Unmarshal(b, &about) != nil || about.ID == f.id || about.ExecutionID == f.id
}

// look prints what is new and says when the page answers.
func (f *front) look(ctx context.Context) (domain.Execution, error) {
	var e domain.Execution
	if err := door.Call(ctx, f.c, "Executions.Get", app.ExecutionRequest{ExecutionID: f.id}, &e); err != nil {
		return e, err
	}
	f.waiting(e)
	if f.wait == "ready" && !f.ready && e.Phase == domain.PhaseReady {
		f.ready = true
		answer := map[string]any{
			"execution_id": e.ID, "url": e.URL, "port": e.Port, "pid": e.PID, "state": e.State,
		}
		err := f.s.print(answer, func(w io.Writer) {
			if e.URL != "" {
				_, _ = fmt.Fprintln(w, e.URL)
			} else {
				_, _ = fmt.Fprintln(w, e.ID)
			}
		})
		if err != nil {
			return e, err
		}
	}
	return e, f.output(ctx)
}

// waiting tells a person, not a program, what the execution waits for.
func (f *front) waiting(e domain.Execution) {
	if e.Queue == nil || e.Queue.Place == f.place || f.s.flags.JSON {
		return
	}
	f.place = e.Queue.Place
	_, _ = fmt.Fprintln(f.s.Stderr, f.s.Texts.Text(f.s.lang, "cli.run.queued", map[string]any{
		"place": e.Queue.Place, "limit": e.Queue.Limit, "value": e.Queue.Value,
	}))
}

// output prints new lines of the script, unless JSON was asked for.
func (f *front) output(ctx context.Context) error {
	for !f.s.flags.JSON {
		var page domain.LogPage
		err := door.Call(ctx, f.c, "Executions.Log", app.LogRequest{ExecutionID: f.id, From: f.printed, Limit: 1000}, &page)
		if err != nil {
			return err
		}
		for _, line := range page.Lines {
			if line.Open && !page.Ended {
				continue
			}
			w := f.s.Stdout
			if line.Stream == domain.Stderr {
				w = f.s.Stderr
			}
			_, _ = fmt.Fprintln(w, line.Text)
		}
		if page.Next <= f.printed || page.Next > page.Total {
			f.printed = page.Next
			return nil
		}
		f.printed = page.Next
	}
	return nil
}

// end gives the script's result as the exit code.
func (f *front) end(e domain.Execution) error {
	var told made
	if f.done != nil && e.State == domain.StateCompleted {
		var err error
		if told, err = f.done(e); err != nil {
			return err
		}
	}
	if f.wait == "end" && f.s.flags.JSON {
		m := f.s.executionJSON(e)
		if told.name != "" {
			m[told.name] = told.value
		}
		if err := f.s.print(m, nil); err != nil {
			return err
		}
	} else if told.line != "" {
		_, _ = fmt.Fprintln(f.s.Stdout, told.line)
	}
	if f.interrupted && e.State == domain.StateTerminated {
		return nil
	}
	switch {
	case e.State == domain.StateCompleted:
		return nil
	case f.s.flags.JSON && f.wait == "end":
		return exitCode(ExitFailed)
	}
	if e.Error != nil {
		code := f.s.report(e.Error)
		if e.Reason != domain.ReasonStartFailed {
			code = ExitFailed
		}
		return exitCode(code)
	}
	_, _ = fmt.Fprintln(f.s.Stderr, "scriptsmanager: "+f.s.reason(e))
	return exitCode(ExitFailed)
}

type stopCmd struct {
	ID  string `arg:"" help:"The execution's id."`
	Now bool   `help:"Kill it without a grace period."`
}

// Run stops an execution and waits until it has ended.
func (r stopCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		events := c.Events(ctx)
		var e domain.Execution
		if err := door.Call(ctx, c, "Executions.Stop", app.StopRequest{ExecutionID: r.ID, Now: r.Now}, &e); err != nil {
			return err
		}
		f := &front{s: s, c: c, id: r.ID, events: events}
		tick := time.NewTicker(pollEvery)
		defer tick.Stop()
		for e.State.Live() {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case event, open := <-f.events:
				if !open {
					f.events = nil
				} else if !f.concerns(event) {
					continue
				}
			case <-tick.C:
			}
			err := door.Call(ctx, c, "Executions.Get", app.ExecutionRequest{ExecutionID: r.ID}, &e)
			if door.Gone(err) {
				if err = c.renew(ctx); err == nil {
					f.events = c.Events(ctx)
				}
			}
			if err != nil {
				return err
			}
		}
		return s.print(s.executionJSON(e), func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "state."+string(e.State), nil)+": "+s.reason(e))
		})
	})
}
