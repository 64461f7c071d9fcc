package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// oneLine gives a text whose control characters, which a name of a file may
// have, cannot break a line or steer a terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// table prints rows in columns.
func table(w io.Writer, header []string, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, strings.Join(header, "\t"))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = oneLine(cell)
		}
		_, _ = fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	_ = t.Flush()
}

// named gives v's JSON object with "name" in the person's language and all
// names under "names", since lists have a plain name for every object.
func (s *session) named(v any, name domain.Text) (map[string]any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	m := map[string]any{}
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, err
	}
	m["name"], m["names"] = name.In(s.lang), name
	return m, nil
}

type groupListCmd struct {
	As string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run lists the groups.
func (r groupListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var groups []app.GroupView
		if err := door.Call(ctx, c, "Scripts.Groups", nil, &groups); err != nil {
			return err
		}
		list, rows := []any{}, [][]string{}
		for _, g := range groups {
			m, err := s.named(g, g.Name)
			if err != nil {
				return err
			}
			list = append(list, m)
			environment := ""
			if g.EffectiveEnvironment != nil {
				environment = g.EffectiveEnvironment.Name
			}
			rows = append(rows, []string{g.ID, g.Name.In(s.lang), fmt.Sprint(g.ScriptCount), environment})
		}
		return s.print(list, func(w io.Writer) { table(w, []string{"ID", "NAME", "SCRIPTS", "ENVIRONMENT"}, rows) })
	})
}

type scriptListCmd struct {
	Group string `help:"Only those of this group." placeholder:"G"`
	As    string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run lists scripts.
func (r scriptListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var scripts []app.ScriptView
		if err := door.Call(ctx, c, "Scripts.List", app.ScriptsRequest{GroupID: r.Group}, &scripts); err != nil {
			return err
		}
		list, rows := []any{}, [][]string{}
		for _, script := range scripts {
			m, err := s.named(script, script.Name)
			if err != nil {
				return err
			}
			list = append(list, m)
			rows = append(rows, []string{
				script.ID, script.Name.In(s.lang), string(script.RequiredLevel), problems(script.Problems),
			})
		}
		return s.print(list, func(w io.Writer) { table(w, []string{"ID", "NAME", "LEVEL", "PROBLEMS"}, rows) })
	})
}

func problems(list []domain.Problem) string {
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprint(len(list))
}

type scriptShowCmd struct {
	Script string `arg:"" help:"The script, as GROUP/SCRIPT." name:"G/S"`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run shows one script.
func (r scriptShowCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		d, err := s.script(ctx, c, r.Script)
		if err != nil {
			return err
		}
		m, err := s.named(d.Script, d.Script.Name)
		if err != nil {
			return err
		}
		m["effective_environment"], m["environment_error"] = d.Environment, d.EnvironmentError
		m["running"], m["documents"] = d.Running, d.Languages
		return s.print(m, func(w io.Writer) { s.showScript(w, d) })
	})
}

// script asks for a script by what a person typed, with or without .py.
func (s *session) script(ctx context.Context, c door.Caller, id string) (app.ScriptDetail, error) {
	var d app.ScriptDetail
	err := door.Call(ctx, c, "Scripts.Get", app.ScriptRequest{ScriptID: strings.TrimSuffix(id, ".py")}, &d)
	return d, err
}

func (s *session) showScript(w io.Writer, d app.ScriptDetail) {
	script := d.Script
	p := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(w, "%-13s %s\n", name, value)
		}
	}
	p("Script", script.ID)
	p("Name", script.Name.In(s.lang))
	p("Description", script.Description.In(s.lang))
	p("File", script.Path)
	p("Level", string(script.RequiredLevel))
	p("Tags", strings.Join(script.Tags, ", "))
	p("Interface", script.Interface)
	if d.Environment != nil {
		p("Environment", d.Environment.Name+" ("+d.Environment.Path+", Python "+d.Environment.PythonVersion+")")
	}
	if d.EnvironmentError != nil {
		p("Environment", s.Texts.Error(s.lang, d.EnvironmentError))
	}
	p("Sources", sources(script.Sources))
	for _, q := range script.Parameters {
		text := string(q.Type)
		if q.Required {
			text += ", required"
		}
		if q.Default != nil {
			text += fmt.Sprintf(", default %v", q.Default)
		}
		p("  --"+q.Name, text+"  "+q.Description.In(s.lang))
	}
	for _, problem := range script.Problems {
		p("Problem", s.problem(problem))
	}
}

// problem is file, line and reason (SPEC DIS-8).
func (s *session) problem(p domain.Problem) string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return where + ": " + s.Texts.Error(s.lang, &domain.Error{Code: p.Code, Params: p.Params})
}

type executionListCmd struct {
	State  []string `help:"Only those in this state (queued, running, completed, failed, terminated)." placeholder:"STATE"`
	Script string   `help:"Only those of this script." placeholder:"G/S"`
	Limit  int      `help:"At most so many." default:"50"`
}

// Run lists executions of everyone: the command line is the owner's.
func (r executionListCmd) Run(ctx context.Context, s *session) error {
	states, err := states(r.State)
	if err != nil {
		return err
	}
	q := app.ExecutionQuery{States: states, ScriptID: strings.TrimSuffix(r.Script, ".py"), AllUsers: true, Limit: r.Limit}
	return s.with(ctx, "", func(c *connection) error {
		var page app.ExecutionPage
		if err := door.Call(ctx, c, "Executions.List", q, &page); err != nil {
			return err
		}
		rows := [][]string{}
		for _, e := range page.Items {
			rows = append(rows, []string{
				e.ID, e.ScriptID, e.User, string(e.State), e.CreatedAt.Local().Format(time.DateTime), duration(e), s.reason(e),
			})
		}
		return s.print(page.Items, func(w io.Writer) {
			table(w, []string{"ID", "SCRIPT", "USER", "STATE", "STARTED", "DURATION", "REASON"}, rows)
		})
	})
}

func duration(e domain.Execution) string {
	if e.State.Live() {
		return ""
	}
	return (time.Duration(e.DurationMS) * time.Millisecond).Round(10 * time.Millisecond).String()
}

// reason says in words why an execution ended so.
func (s *session) reason(e domain.Execution) string {
	if e.Error != nil {
		return s.Texts.Error(s.lang, e.Error)
	}
	if e.Reason == "" {
		return ""
	}
	return s.Texts.Text(s.lang, "reason."+string(e.Reason), e.ReasonParams)
}

type executionShowCmd struct {
	ID string `arg:"" help:"The execution's id."`
}

// Run shows one execution.
func (r executionShowCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var e domain.Execution
		if err := door.Call(ctx, c, "Executions.Get", app.ExecutionRequest{ExecutionID: r.ID}, &e); err != nil {
			return err
		}
		return s.print(s.executionJSON(e), func(w io.Writer) { s.showExecution(w, e) })
	})
}

// executionJSON is an execution with its reason in words.
func (s *session) executionJSON(e domain.Execution) map[string]any {
	b, _ := json.Marshal(e) // of marshallable fields only
	m := map[string]any{}
	_ = json.Unmarshal(b, &m)
	m["reason_text"] = s.reason(e)
	return m
}

func (s *session) showExecution(w io.Writer, e domain.Execution) {
	p := func(name string, value any) {
		if text := fmt.Sprint(value); text != "" && text != "0" {
			_, _ = fmt.Fprintf(w, "%-12s %s\n", name, text)
		}
	}
	p("Execution", e.ID)
	p("Script", e.ScriptID)
	p("User", e.User)
	p("Project", e.Project)
	if t := e.Template; t != nil {
		p("Template", t.Name)
	}
	p("State", s.Texts.Text(s.lang, "state."+string(e.State), nil))
	p("Reason", s.reason(e))
	if e.Queue != nil {
		p("Place", fmt.Sprintf("%d (%s: %d)", e.Queue.Place, e.Queue.Limit, e.Queue.Value))
	}
	if e.ExitCode != nil {
		_, _ = fmt.Fprintf(w, "%-12s %d\n", "Exit code", *e.ExitCode)
	}
	p("Process", e.PID)
	p("Port", e.Port)
	p("Address", e.URL)
	p("Environment", e.Environment)
	p("Confinement", e.Confinement)
	for _, l := range e.Limits {
		p("Limit", limitText(l))
	}
	if w := e.Warning; w != nil {
		p("Ends at", w.EndsAt.Local().Format(time.DateTime)+" ("+string(w.Reason)+")")
	}
	p("Started", e.CreatedAt.Local().Format(time.DateTime))
	p("Duration", duration(e))
	p("Log", e.LogPath)
	for _, f := range e.Files {
		p("File", f.Path)
	}
}

type portListCmd struct{}

// Run lists the leased ports of everyone.
func (portListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var list []app.PortView
		if err := door.Call(ctx, c, "Ports.List", nil, &list); err != nil {
			return err
		}
		rows := [][]string{}
		for _, p := range list {
			pid := ""
			if p.PID != 0 {
				pid = fmt.Sprint(p.PID)
			}
			rows = append(rows, []string{
				fmt.Sprint(p.Port), p.State, p.ScriptID, p.User, p.Project, pid, p.Since.Local().Format(time.DateTime), p.ExecutionID,
			})
		}
		return s.print(list, func(w io.Writer) {
			table(w, []string{"PORT", "STATE", "SCRIPT", "USER", "PROJECT", "PROCESS", "SINCE", "EXECUTION"}, rows)
		})
	})
}

// limitText is "memory 512 MB, of the script, watched".
func limitText(l domain.Limit) string {
	var value string
	switch l.Kind {
	case domain.LimitTime, domain.LimitIdle:
		value = domain.ShortDuration(time.Duration(l.Value * float64(time.Second)))
	case domain.LimitMemory:
		value = strconv.FormatInt(int64(l.Value)>>20, 10) + " MB"
	case domain.LimitProcesses, domain.LimitCPU:
		value = strconv.FormatFloat(l.Value, 'g', -1, 64)
	}
	text := string(l.Kind) + " " + value + ", of the " + l.Source
	if l.Means != "" {
		text += ", " + string(l.Means)
	}
	return text
}

type executionKeepCmd struct {
	ID string `arg:"" help:"The execution's id."`
}

// Run keeps an execution from being ended for want of use, or for its time.
func (r executionKeepCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var e domain.Execution
		if err := door.Call(ctx, c, "Executions.KeepRunning", app.ExecutionRequest{ExecutionID: r.ID}, &e); err != nil {
			return err
		}
		return s.print(s.executionJSON(e), func(w io.Writer) { s.showExecution(w, e) })
	})
}

type doctorCmd struct{}

// Run tells what is missing on this machine.
func (doctorCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var findings []engine.Finding
		if err := door.Call(ctx, c, "System.Doctor", app.DoctorRequest{Language: s.lang}, &findings); err != nil {
			return err
		}
		var confinement engine.Confinement
		if err := door.Call(ctx, c, "System.Confinement", nil, &confinement); err != nil {
			return err
		}
		return s.print(map[string]any{"findings": findings, "confinement": confinement, "version": domain.Version}, func(w io.Writer) {
			for _, f := range findings {
				_, _ = fmt.Fprintf(w, "%-8s %s\n         %s\n", f.State, f.Title, f.Text)
			}
		})
	})
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(_ context.Context, s *session) error {
	return s.print(map[string]string{"product": app.Product, "version": domain.Version}, func(w io.Writer) {
		_, _ = fmt.Fprintln(w, app.Product, domain.Version)
	})
}
