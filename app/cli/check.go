package cli

import (
	"context"
	"fmt"
	"io"

	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

type checkCmd struct {
	scriptRun
	As string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run checks a script: the exit code says whether it breaks anything.
func (r checkCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error { return r.check(ctx, s, c) })
}

func (r checkCmd) check(ctx context.Context, s *session, c *connection) error {
	d, request, err := r.find(ctx, s, c)
	if err != nil {
		return err
	}
	var report engine.ContractReport
	if err := door.Call(ctx, c, "Scripts.CheckContract", request, &report); err != nil {
		return err
	}
	// What is wrong with its header was known before it ran.
	findings := append(append([]domain.Problem{}, d.Script.Problems...), report.Findings...)
	ok := true
	list := []map[string]any{}
	for _, f := range findings {
		ok = ok && f.Warning
		list = append(list, map[string]any{
			"code": f.Code, "params": f.Params, "warning": f.Warning, "file": f.File, "line": f.Line,
			"text": s.Texts.Error(s.lang, &domain.Error{Code: f.Code, Params: f.Params}),
		})
	}
	document := map[string]any{"script_id": d.Script.ID, "execution_id": report.Execution.ID, "ok": ok, "findings": list}
	if err := s.print(document, func(w io.Writer) { r.words(w, s, findings) }); err != nil {
		return err
	}
	if !ok {
		return exitCode(ExitFailed)
	}
	return nil
}

func (r checkCmd) words(w io.Writer, s *session, findings []domain.Problem) {
	for _, f := range findings {
		word := "cli.check.breaks"
		if f.Warning {
			word = "cli.check.advice"
		}
		text := s.Texts.Error(s.lang, &domain.Error{Code: f.Code, Params: f.Params})
		if f.File != "" {
			text = s.problem(f)
		}
		_, _ = fmt.Fprintf(w, "%s  %s\n", s.Texts.Text(s.lang, word, nil), text)
	}
	if len(findings) == 0 {
		_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.check.keeps", map[string]any{"script": r.Script}))
	}
}
