package app

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
)

// Executions runs scripts and shows what runs and ran. Everybody sees his
// own; administrators see all.
type Executions struct{ c *Client }

// RunRequest says what to run. Empty theme and language are the person's.
type RunRequest struct {
	ScriptID   domain.ScriptID `json:"script_id"`
	ProjectID  int64           `json:"project_id,omitempty"` // 0: the active project
	Parameters map[string]any  `json:"parameters,omitempty"`
	// TemplateID or Example: where Parameters is null, run with the values of
	// this template or example, else it is what they are from.
	TemplateID int64           `json:"template_id,omitempty"`
	Example    string          `json:"example,omitempty"` // its file
	Theme      domain.Theme    `json:"theme,omitempty"`   // light or dark, settled
	Language   domain.Language `json:"language,omitempty"`
	Open       *bool           `json:"open,omitempty"`  // show its window; nil: as the script says
	Queue      bool            `json:"queue,omitempty"` // where a limit of interfaces is reached, wait for room
}

// RunResult is the execution, new or already running in this project.
type RunResult struct {
	Execution domain.Execution `json:"execution"`
	Existing  bool             `json:"existing"`
	// Ignored: it was started with other values than those given now, and goes
	// on with them.
	Ignored bool `json:"ignored"`
}

// request checks a RunRequest and makes the engine's from it.
func (x *Executions) request(ctx context.Context, w who, r RunRequest) (execution.Request, error) {
	if w.User.ID == 0 {
		return execution.Request{}, domain.NewError(domain.CodeSetupNeeded)
	}
	e := x.c.app.engine
	script, err := x.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return execution.Request{}, err
	}
	if !e.CanRun(w.User, script) {
		// Who sees it and may not run it is a viewer (SPEC USR-2).
		return execution.Request{}, domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelOperator))
	}
	if !script.Active {
		return execution.Request{}, domain.NewError(domain.CodeScriptInactive, "script", script.ID)
	}
	group, err := e.Group(ctx, script.GroupID)
	if err != nil {
		return execution.Request{}, err
	}
	project := w.Project
	if r.ProjectID != 0 {
		if project, err = e.UsableProject(ctx, w.User.ID, r.ProjectID); err != nil {
			return execution.Request{}, err
		}
	}
	from, err := x.fromTemplate(ctx, w, script, &r)
	if err != nil {
		return execution.Request{}, err
	}
	values, err := execution.Check(script.Parameters, r.Parameters)
	if err != nil {
		return execution.Request{}, err
	}
	q := execution.Request{
		Template: from, Script: script, Group: group, User: w.User, Project: project, Values: values,
		Theme: r.Theme, Language: r.Language, Actor: "user",
	}
	if q.Theme != domain.ThemeDark && q.Theme != domain.ThemeLight {
		q.Theme = w.User.Theme.Settled()
	}
	if !q.Language.Valid() {
		q.Language = w.User.Language
	}
	if w.System {
		q.Actor = "system"
	}
	return q, nil
}

// Run starts a script. It returns at once; events tell how it goes on. It
// fails with CodeNotFound, CodeNotAllowed, CodeScriptInactive, CodeInvalid
// (parameters, by field), CodeTooManyInterfaces or CodeSetupNeeded.
func (x *Executions) Run(ctx context.Context, r RunRequest) (RunResult, error) {
	w, err := x.c.require(ctx, "Executions.Run")
	if err != nil {
		return RunResult{}, err
	}
	return x.run(ctx, w, r)
}

func (x *Executions) run(ctx context.Context, w who, r RunRequest) (RunResult, error) {
	q, err := x.request(ctx, w, r)
	if err != nil {
		return RunResult{}, err
	}
	open := q.Script.AutoOpenInterface
	if r.Open != nil {
		open = *r.Open
	}
	if open && x.c.options.Kind == ClientDesktop {
		q.Client = x.c.id
	}
	q.Queue = r.Queue
	e, existing, err := x.c.app.engine.Run(ctx, w.Actor, q)
	if err != nil {
		return RunResult{}, err
	}
	if existing && open && e.State == domain.StateRunning {
		x.c.app.engine.Raise(e, x.c.id)
	}
	ignored := existing && !sameValues(e.Parameters, execution.Public(q.Script.Parameters, q.Values))
	return RunResult{Execution: e, Existing: existing, Ignored: ignored}, nil
}

// sameValues compares values that may have been in the database meanwhile.
func sameValues(a, b map[string]any) bool {
	one, err := json.Marshal(a)
	if err != nil {
		return false
	}
	other, err := json.Marshal(b)
	return err == nil && (len(a)+len(b) == 0 || bytes.Equal(one, other))
}

// ExecutionRequest names an execution.
type ExecutionRequest struct {
	ExecutionID string `json:"execution_id"`
}

// own gives an execution that the person may see; another's is not found.
func (x *Executions) own(ctx context.Context, method, id string) (domain.Execution, error) {
	w, err := x.c.require(ctx, method)
	if err != nil {
		return domain.Execution{}, err
	}
	e, err := x.c.app.engine.Execution(ctx, id)
	if err != nil {
		return domain.Execution{}, err
	}
	if e.UserID != w.User.ID && w.User.Level != domain.LevelAdmin {
		return domain.Execution{}, domain.NewError(domain.CodeNotFound, "what", "execution", "name", id)
	}
	return e, nil
}

// AgainRequest names an execution whose script is run again.
type AgainRequest struct {
	ExecutionID string `json:"execution_id"`
	Queue       bool   `json:"queue,omitempty"` // as in RunRequest
}

// Again runs with the same parameters in the same project (SPEC EXE-9). It
// fails as Run does; where the script wants secret values, they are missing
// and CodeInvalid names them.
func (x *Executions) Again(ctx context.Context, r AgainRequest) (RunResult, error) {
	e, err := x.own(ctx, "Executions.Again", r.ExecutionID)
	if err != nil {
		return RunResult{}, err
	}
	w, err := x.c.who(ctx)
	if err != nil {
		return RunResult{}, err
	}
	again := RunRequest{ScriptID: e.ScriptID, Parameters: e.Parameters, Queue: r.Queue}
	if e.UserID == w.User.ID {
		again.ProjectID = e.ProjectID
	}
	if e.Template != nil {
		again.TemplateID, again.Example = e.Template.ID, e.Template.Example
	}
	result, err := x.run(ctx, w, again)
	if e.Template != nil && domain.HasCode(err, domain.CodeNotFound) && domain.AsError(err).Params["what"] == "template" {
		again.TemplateID, again.Example = 0, "" // it has gone: the values are those of then all the same
		return x.run(ctx, w, again)
	}
	return result, err
}

// CommandPreview is the exact command line of a run.
type CommandPreview struct {
	Command []string `json:"command"`
	Line    string   `json:"line"` // quoted, to be copied into a shell
}

// Preview gives the command line that Run would start. It fails as Run does.
func (x *Executions) Preview(ctx context.Context, r RunRequest) (CommandPreview, error) {
	w, err := x.c.require(ctx, "Executions.Preview")
	if err != nil {
		return CommandPreview{}, err
	}
	q, err := x.request(ctx, w, r)
	if err != nil {
		return CommandPreview{}, err
	}
	command, err := x.c.app.engine.CommandLine(ctx, q)
	if err != nil {
		return CommandPreview{}, err
	}
	quoted := make([]string, len(command))
	for i, arg := range command {
		quoted[i] = quote(arg)
	}
	return CommandPreview{Command: command, Line: strings.Join(quoted, " ")}, nil
}

// quote writes an argument for a POSIX shell.
func quote(s string) string {
	if s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%", r)
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Get gives one execution; of a live one also what it has used so far. It fails with CodeNotFound.
func (x *Executions) Get(ctx context.Context, r ExecutionRequest) (domain.Execution, error) {
	e, _, err := x.seen(ctx, "Executions.Get", r.ExecutionID)
	if err != nil {
		return domain.Execution{}, err
	}
	return x.c.app.engine.WithUse(ctx, e), nil
}

// StopRequest names an execution to end.
type StopRequest struct {
	ExecutionID string `json:"execution_id"`
	Now         bool   `json:"now,omitempty"` // kill without grace
}

// Stop asks an execution to end and gives it as it is then; it ends when its
// event says so. It fails with CodeNotFound or CodeExecutionEnded.
func (x *Executions) Stop(ctx context.Context, r StopRequest) (domain.Execution, error) {
	e, err := x.own(ctx, "Executions.Stop", r.ExecutionID)
	if err != nil {
		return domain.Execution{}, err
	}
	w, err := x.c.who(ctx)
	if err != nil {
		return domain.Execution{}, err
	}
	err = x.c.app.engine.StopBy(ctx, w.Actor, e, execution.StopRequest{
		Reason: domain.ReasonStopped, By: w.User.Name, Now: r.Now,
	})
	if err != nil {
		return domain.Execution{}, err
	}
	return x.c.app.engine.Execution(ctx, e.ID)
}

// KeepRunning takes back the warning that an execution is about to be ended:
// it counts as use of a page, and what is warned of its time gets as much
// again; where the time is the configuration's, only from administrators. It
// fails with CodeNotFound, CodeNotAllowed or CodeExecutionEnded.
func (x *Executions) KeepRunning(ctx context.Context, r ExecutionRequest) (domain.Execution, error) {
	e, err := x.own(ctx, "Executions.KeepRunning", r.ExecutionID)
	if err != nil {
		return domain.Execution{}, err
	}
	w, err := x.c.who(ctx)
	if err != nil {
		return domain.Execution{}, err
	}
	if g := e.Warning; g != nil && g.Reason == domain.ReasonTimeout && g.Source == domain.SourceConfiguration && w.User.Level != domain.LevelAdmin {
		return domain.Execution{}, domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelAdmin))
	}
	if err := x.c.app.engine.KeepRunning(ctx, w.Actor, e); err != nil {
		return domain.Execution{}, err
	}
	return x.c.app.engine.Execution(ctx, e.ID)
}

// Used tells that a person moved the mouse or typed in an execution's window;
// its traffic is seen without being told. It fails with CodeNotFound or
// CodeExecutionEnded.
func (x *Executions) Used(ctx context.Context, r ExecutionRequest) error {
	e, err := x.own(ctx, "Executions.Used", r.ExecutionID)
	if err != nil {
		return err
	}
	return x.c.app.engine.Used(e.ID)
}

// LogRequest asks for a run of lines.
type LogRequest struct {
	ExecutionID string          `json:"execution_id"`
	From        int64           `json:"from"`              // a Seq; 0 is the first; negative: the last so many
	Limit       int             `json:"limit"`             // 1 to 5000
	Streams     []domain.Stream `json:"streams,omitempty"` // none: stdout and stderr
}

// Log reads an execution's log from any position on. The debug stream counts
// by itself and is asked for alone. It fails with CodeNotFound or CodeInvalid.
func (x *Executions) Log(ctx context.Context, r LogRequest) (domain.LogPage, error) {
	e, err := x.readable(ctx, "Executions.Log", r.ExecutionID)
	if err != nil {
		return domain.LogPage{}, err
	}
	if err := checkStreams(r.Streams); err != nil {
		return domain.LogPage{}, err
	}
	return x.c.app.engine.ReadLog(e, r.From, min(max(r.Limit, 1), 5000), r.Streams)
}

// checkOutput refuses what is neither stdout nor stderr.
func checkOutput(s domain.Stream) error {
	if s != domain.Stdout && s != domain.Stderr {
		return domain.NewError(domain.CodeInvalid, "stream", string(s))
	}
	return nil
}

func checkStreams(streams []domain.Stream) error {
	for _, s := range streams {
		if s == domain.Debug && len(streams) == 1 {
			return nil
		}
		if err := checkOutput(s); err != nil {
			return err
		}
	}
	return nil
}

// Raise brings the execution's window to the front, or opens one.
func (x *Executions) Raise(ctx context.Context, r ExecutionRequest) error {
	e, err := x.own(ctx, "Executions.Raise", r.ExecutionID)
	if err != nil {
		return err
	}
	if !e.State.Live() {
		return domain.NewError(domain.CodeExecutionEnded)
	}
	x.c.app.engine.Raise(e, x.c.id)
	return nil
}
