package cli

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

type docsCheckCmd struct {
	What   string `arg:"" optional:"" help:"A group, or a script as GROUP/SCRIPT; else all." name:"G[/S]"`
	Strict bool   `help:"Fail for advice too: languages that are missing or older than the English one, headings with nothing under them."`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run checks documentation: the exit code says whether errors were found.
func (r docsCheckCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var list []engine.DocumentStatus
		request := app.DocumentCheckRequest{What: strings.TrimSuffix(r.What, "/")}
		if err := door.Call(ctx, c, "DocumentStatus.Check", request, &list); err != nil {
			return err
		}
		wrong, advice := 0, 0
		for _, one := range list {
			for _, p := range one.Problems {
				if p.Warning {
					advice++
				} else {
					wrong++
				}
			}
		}
		ok := wrong == 0 && (advice == 0 || !r.Strict)
		report := map[string]any{"ok": ok, "errors": wrong, "warnings": advice, "scripts": s.checkedJSON(list)}
		if err := s.print(report, func(w io.Writer) { s.checkedWords(w, list, wrong, advice) }); err != nil {
			return err
		}
		if !ok {
			return exitCode(ExitFailed)
		}
		return nil
	})
}

func (s *session) checkedJSON(list []engine.DocumentStatus) []map[string]any {
	scripts := []map[string]any{}
	for _, one := range list {
		findings := []map[string]any{}
		for _, p := range one.Problems {
			findings = append(findings, map[string]any{
				"file": path.Join(one.GroupID, p.File), "line": p.Line, "code": p.Code, "params": p.Params, "warning": p.Warning,
				"text": s.Texts.Error(s.lang, &domain.Error{Code: p.Code, Params: p.Params}),
			})
		}
		scripts = append(scripts, map[string]any{"script_id": one.ScriptID, "languages": one.Languages, "findings": findings})
	}
	return scripts
}

func (s *session) checkedWords(w io.Writer, list []engine.DocumentStatus, wrong, advice int) {
	for _, one := range list {
		for _, p := range one.Problems {
			word := "cli.docs.error"
			if p.Warning {
				word = "cli.check.advice"
			}
			p.File = path.Join(one.GroupID, p.File)
			_, _ = fmt.Fprintln(w, oneLine(s.problem(p)+"  ["+s.Texts.Text(s.lang, word, nil)+"]"))
		}
	}
	_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.docs.checked", map[string]any{"scripts": len(list), "errors": wrong, "advice": advice}))
}
