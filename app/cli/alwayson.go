package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type alwaysOnCmds struct {
	List  alwaysOnListCmd  `cmd:"" help:"List what is wanted to run all the time, and how it stands."`
	Set   alwaysOnSetCmd   `cmd:"" help:"Keep a script running: start it with the application, and again when it ended."`
	Clear alwaysOnClearCmd `cmd:"" help:"Keep it running no longer, and stop it."`
}

type alwaysOnListCmd struct{}

// Run lists what is always on.
func (alwaysOnListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var list []app.AlwaysOnView
		if err := door.Call(ctx, c, "AlwaysOn.List", app.AlwaysOnQuery{}, &list); err != nil {
			return err
		}
		var rows [][]string
		for _, one := range list {
			rows = append(rows, []string{fmt.Sprint(one.ID), one.ScriptID, one.User, one.Project, one.Actual.State, s.stands(one.Actual)})
		}
		return s.print(list, func(w io.Writer) {
			table(w, []string{"ID", "SCRIPT", "USER", "PROJECT", "STATE", "WHY"}, rows)
		})
	})
}

// stands says in words why it does not run, or what runs.
func (s *session) stands(a domain.AlwaysOnActual) string {
	switch {
	case a.Why != nil:
		return s.Texts.Error(s.lang, a.Why)
	case a.State == domain.AlwaysOnRunning:
		return a.ExecutionID
	}
	text := s.reason(domain.Execution{Error: a.LastError, Reason: a.LastReason, ReasonParams: a.LastParams})
	if a.NextTry != nil {
		text += " → " + a.NextTry.Local().Format(time.DateTime)
	}
	return text
}

type alwaysOnSetCmd struct {
	scriptRun
	As string `help:"Act with this user's rights, and run it for him." placeholder:"USER"`
}

// Run keeps a script running.
func (r alwaysOnSetCmd) Run(ctx context.Context, s *session) error {
	if r.Template != "" && len(r.Set) > 0 {
		return domain.NewError(domain.CodeUsage, "detail", "--template "+r.Template+", --set: "+s.Texts.Text(s.lang, "cli.template.alone", nil))
	}
	return s.with(ctx, r.As, func(c *connection) error {
		_, run, err := r.find(ctx, s, c)
		if err != nil {
			return err
		}
		request := app.AlwaysOnRequest{ScriptID: run.ScriptID, ProjectID: run.ProjectID, Parameters: run.Parameters, TemplateID: run.TemplateID}
		var one domain.AlwaysOn
		if err := door.Call(ctx, c, "AlwaysOn.Set", request, &one); err != nil {
			return err
		}
		return s.print(one, func(w io.Writer) { _, _ = fmt.Fprintln(w, one.ID) })
	})
}

type alwaysOnClearCmd struct {
	ID int64 `arg:"" help:"Its number, as always-on list shows it."`
}

// Run keeps a script running no longer.
func (r alwaysOnClearCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		if err := door.Call(ctx, c, "AlwaysOn.Clear", app.AlwaysOnID{ID: r.ID}, nil); err != nil {
			return err
		}
		return s.print(map[string]any{"id": r.ID}, func(io.Writer) {})
	})
}
