package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type templateCmds struct {
	List   templateListCmd   `cmd:"" help:"List templates, and of one script the examples of its group, too."`
	Show   templateShowCmd   `cmd:"" help:"Show a template with its values."`
	Save   templateSaveCmd   `cmd:"" help:"Keep parameters of a script as a template, or change one."`
	Delete templateDeleteCmd `cmd:"" help:"Delete a template."`
}

type templateListCmd struct {
	Script string `arg:"" name:"G/S" optional:"" help:"The script; all where none is named."`
	User   string `help:"All of this user's, for administrators; it is recorded." placeholder:"U"`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run lists templates.
func (r templateListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var list []app.TemplateView
		q := app.TemplatesRequest{ScriptID: strings.TrimSuffix(r.Script, ".py"), User: r.User}
		if err := door.Call(ctx, c, "Templates.List", q, &list); err != nil {
			return err
		}
		rows := [][]string{}
		for _, t := range list {
			id, kind, changed := "", "example", ""
			if t.ID != 0 {
				id, kind, changed = fmt.Sprint(t.ID), "private", t.UpdatedAt.Local().Format("2006-01-02 15:04")
				if t.Shared {
					kind = "offered"
				}
			}
			rows = append(rows, []string{id, s.templateName(t), t.ScriptID, t.User, kind, changed, s.templateFaults(t)})
		}
		return s.print(list, func(w io.Writer) {
			table(w, []string{"ID", "NAME", "SCRIPT", "OWNER", "KIND", "CHANGED", "PROBLEMS"}, rows)
		})
	})
}

// templateName is what a template is found by: an example by its file.
func (s *session) templateName(t app.TemplateView) string {
	if t.Example != "" {
		return t.Example
	}
	return t.Name
}

// templateFaults says in words what of a template the script does not take.
func (s *session) templateFaults(t app.TemplateView) string {
	var parts []string
	for _, p := range t.Problems {
		parts = append(parts, fmt.Sprintf("%s:%d: %s", p.File, p.Line, s.Texts.Error(s.lang, &domain.Error{Code: p.Code, Params: p.Params})))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Unfit)) {
		parts = append(parts, s.Texts.Error(s.lang, t.Unfit[name]))
	}
	return strings.Join(parts, " ")
}

// template finds a script's template by its name: the own one first, then
// those that others offer, then the file of an example. OWNER/NAME tells
// several of one name apart.
func (s *session) template(ctx context.Context, c door.Caller, script domain.ScriptID, name string) (app.TemplateView, error) {
	var list []app.TemplateView
	if err := door.Call(ctx, c, "Templates.List", app.TemplatesRequest{ScriptID: script}, &list); err != nil {
		return app.TemplateView{}, err
	}
	file := strings.TrimSuffix(strings.TrimPrefix(name, "examples/"), ".json")
	var others []app.TemplateView
	for _, t := range list {
		switch {
		case t.ID != 0 && t.Own && strings.EqualFold(t.Name, name):
			return t, nil
		case t.ID != 0 && (strings.EqualFold(t.Name, name) || strings.EqualFold(t.User+"/"+t.Name, name)),
			t.Example == "examples/"+file+".json":
			others = append(others, t)
		}
	}
	switch len(others) {
	case 0:
		return app.TemplateView{}, domain.NewError(domain.CodeNotFound, "what", "template", "name", name)
	case 1:
		return others[0], nil
	}
	users := []string{}
	for _, t := range others {
		if t.User != "" {
			users = append(users, t.User)
		}
	}
	return app.TemplateView{}, domain.NewError(domain.CodeTemplateSeveral, "name", name, "users", users)
}

// templateOf finds the script and its template.
func (s *session) templateOf(ctx context.Context, c *connection, script, name string) (app.ScriptDetail, app.TemplateView, error) {
	d, err := s.script(ctx, c, script)
	if err != nil {
		return d, app.TemplateView{}, err
	}
	t, err := s.template(ctx, c, d.Script.ID, name)
	return d, t, err
}

type templateShowCmd struct {
	Script string `arg:"" name:"G/S" help:"The script."`
	Name   string `arg:"" help:"The template's name, OWNER/NAME, or the file of an example."`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run shows a template.
func (r templateShowCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		_, t, err := s.templateOf(ctx, c, r.Script, r.Name)
		if err != nil {
			return err
		}
		return s.print(t, func(w io.Writer) { s.showTemplate(w, t) })
	})
}

func (s *session) showTemplate(w io.Writer, t app.TemplateView) {
	p := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(w, "%-12s %s\n", name, value)
		}
	}
	p("Template", s.templateName(t))
	p("Title", t.Title.In(s.lang))
	p("Script", t.ScriptID)
	p("Owner", t.User)
	if t.ID != 0 {
		p("Offered", yes(t.Shared))
		p("Changed", t.UpdatedAt.Local().Format("2006-01-02 15:04")+" "+t.UpdatedBy)
	}
	for _, u := range t.Uses {
		p("Always on", fmt.Sprintf("%d (%s, %s)", u.ID, u.User, u.Project))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		_, _ = fmt.Fprintf(w, "  %s=%s\n", name, valueText(t.Parameters[name]))
	}
	p("Problems", s.templateFaults(t))
}

type templateSaveCmd struct {
	Script  string   `arg:"" name:"G/S" help:"The script."`
	Name    string   `arg:"" help:"What it is called."`
	Set     []string `help:"A parameter's value; may be given several times." placeholder:"NAME=VALUE" sep:"none"`
	Shared  bool     `help:"Offer it to all who see the script (developers and administrators)."`
	Private bool     `help:"Offer it no longer."`
	Rename  string   `help:"Another name." placeholder:"NAME"`
	Replace bool     `help:"Change the one that has the name: --set replaces its values, without --set they stay."`
	As      string   `help:"Act with this user's rights." placeholder:"USER"`
}

// Run keeps a template.
func (r templateSaveCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		d, err := s.script(ctx, c, r.Script)
		if err != nil {
			return err
		}
		q := app.SaveTemplateRequest{ScriptID: d.Script.ID, Name: r.Name, Shared: r.Shared}
		if len(r.Set) > 0 || !r.Replace {
			if q.Parameters, err = parameters(d.Script.Parameters, r.Set); err != nil {
				return err
			}
		}
		if r.Replace {
			t, err := s.template(ctx, c, d.Script.ID, r.Name)
			if err != nil {
				return err
			}
			if t.ID == 0 {
				return domain.NewError(domain.CodeNotFound, "what", "template", "name", r.Name)
			}
			q.ID, q.Version, q.ScriptID, q.Name = t.ID, t.Version, "", t.Name
			q.Shared = (t.Shared || r.Shared) && !r.Private
		}
		if r.Rename != "" {
			q.Name = r.Rename
		}
		var saved app.TemplateView
		if err := door.Call(ctx, c, "Templates.Save", q, &saved); err != nil {
			return err
		}
		return s.print(saved, func(w io.Writer) { s.showTemplate(w, saved) })
	})
}

type templateDeleteCmd struct {
	Script string `arg:"" name:"G/S" help:"The script."`
	Name   string `arg:"" help:"The template's name, or OWNER/NAME."`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run deletes a template.
func (r templateDeleteCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		_, t, err := s.templateOf(ctx, c, r.Script, r.Name)
		if err != nil {
			return err
		}
		if err := door.Call(ctx, c, "Templates.Delete", app.TemplateID{ID: t.ID}, nil); err != nil {
			return err
		}
		return s.print(map[string]any{"id": t.ID}, func(io.Writer) {})
	})
}
