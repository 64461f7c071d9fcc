package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

type groupSetEnvironmentCmd struct {
	Group       string `arg:"" help:"The group, as group list shows it."`
	Environment string `arg:"" optional:"" help:"The environment's name, or its path where several have the name."`
	Default     bool   `help:"Take it back: what the group's files say counts again, else the default environment."`
	As          string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run assigns an environment to a group.
func (r groupSetEnvironmentCmd) Run(ctx context.Context, s *session) error {
	return s.assign(ctx, app.AssignRequest{GroupID: r.Group, Environment: r.Environment}, r.Default, r.As)
}

type scriptSetEnvironmentCmd struct {
	Script      string `arg:"" help:"The script, as GROUP/SCRIPT." name:"G/S"`
	Environment string `arg:"" optional:"" help:"The environment's name, or its path where several have the name."`
	Default     bool   `help:"Take it back: what the script's header or its group says counts again."`
	As          string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run assigns an environment to a script.
func (r scriptSetEnvironmentCmd) Run(ctx context.Context, s *session) error {
	return s.assign(ctx, app.AssignRequest{ScriptID: strings.TrimSuffix(r.Script, ".py"), Environment: r.Environment}, r.Default, r.As)
}

func (s *session) assign(ctx context.Context, r app.AssignRequest, back bool, as string) error {
	if back == (r.Environment != "") {
		return domain.NewError(domain.CodeUsage, "detail", "name an environment, or --default")
	}
	r.Environment = environmentPath(r.Environment)
	return s.with(ctx, as, func(c *connection) error {
		var a app.Assigned
		if err := door.Call(ctx, c, "Environments.Assign", r, &a); err != nil {
			return err
		}
		return s.print(s.assignedJSON(a), func(w io.Writer) { s.showAssigned(w, a) })
	})
}

// assignedJSON is what was assigned, with the warnings in words.
func (s *session) assignedJSON(a app.Assigned) map[string]any {
	return map[string]any{
		"group": a.GroupID, "script": a.ScriptID, "environment": a.Environment, "source": a.Source, "fallback": a.Fallback,
		"error": a.Error, "imports": a.Imports, "import_error": a.ImportError, "warnings": s.assignedWarnings(a),
	}
}

func (s *session) showAssigned(w io.Writer, a app.Assigned) {
	if a.Environment != nil {
		_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.environment.from_"+a.Source, map[string]any{
			"what": a.GroupID + a.ScriptID, "name": a.Environment.Name, "path": a.Environment.Path,
		}))
	}
	for _, text := range s.assignedWarnings(a) {
		_, _ = fmt.Fprintln(w, text)
	}
}

// assignedWarnings says in words what a person should know before the next run.
func (s *session) assignedWarnings(a app.Assigned) []string {
	warnings := []string{}
	if a.Error != nil {
		warnings = append(warnings, s.Texts.Error(s.lang, a.Error))
	}
	if a.Fallback != "" {
		warnings = append(warnings, s.Texts.Text(s.lang, "ui.environment.fallback", map[string]any{"environment": a.Fallback}))
	}
	if a.ImportError != nil {
		warnings = append(warnings, s.Texts.Error(s.lang, a.ImportError))
	}
	for _, script := range a.Imports {
		warnings = append(warnings, s.importWarnings(script)...)
	}
	return warnings
}

func (s *session) importWarnings(script engine.ScriptImports) []string {
	var list []string
	group, _, _ := strings.Cut(script.ScriptID, "/")
	at := func(file string, line int) string {
		if line > 0 {
			file = fmt.Sprintf("%s:%d", file, line)
		}
		return group + "/" + file
	}
	for _, m := range script.Missing {
		key := "imports.needs"
		switch {
		case m.Optional:
			key = "imports.can_use"
		case m.Standard:
			key = "imports.needs_standard"
		case m.Package != m.Module:
			key = "imports.needs_package"
		}
		list = append(list, at(m.File, m.Line)+": "+s.Texts.Text(s.lang, key, map[string]any{"module": m.Module, "package": m.Package}))
	}
	if p := script.Problem; p != nil {
		list = append(list, at(p.File, p.Line)+": "+s.Texts.Text(s.lang, "imports."+p.Kind, map[string]any{"detail": p.Detail}))
	}
	return list
}
