package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// writeScript puts a script into the group demo, and has it found.
func writeScript(t *testing.T, w *world, parameters string, examples map[string]string) {
	t.Helper()
	dir := filepath.Join(w.engine.Root().Groups(), "demo")
	if err := os.MkdirAll(filepath.Join(dir, "examples"), 0o700); err != nil {
		t.Fatal(err)
	}
	text := "\"\"\"T\n\nScriptsManager Metadata:\n@interface: none\n@parameters: " + parameters + "\n\"\"\"\n"
	if err := os.WriteFile(filepath.Join(dir, "t.py"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, example := range examples {
		if err := os.WriteFile(filepath.Join(dir, "examples", name), []byte(example), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.engine.Rescan(context.Background()); err != nil {
		t.Fatal(err)
	}
}

const demoParameters = `[{"name": "n", "type": "integer", "default": 1, "max": 10}, {"name": "word", "type": "string"},
	{"name": "key", "type": "password"}]`

func wantCode(t *testing.T, err error, code domain.Code) *domain.Error {
	t.Helper()
	if !domain.HasCode(err, code) {
		t.Fatalf("gives %v, want %s", err, code)
	}
	return domain.AsError(err)
}

func TestTemplateIsKeptAndRun(t *testing.T) { // PRJ-5
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	c := w.client(t, w.users[domain.LevelOperator])
	saved := call[app.TemplateView](t, c, "Templates.Save", app.SaveTemplateRequest{
		ScriptID: "demo/t", Name: " Small  one ", Parameters: map[string]any{"n": "3", "word": "steam", "key": "top secret"},
	})
	if saved.Name != "Small  one" || !saved.Own || !saved.MayEdit || !reflect.DeepEqual(saved.Parameters, map[string]any{"n": 3.0, "word": "steam"}) {
		t.Errorf("saved %+v", saved)
	}
	_, err := ask[app.TemplateView](t, c, "Templates.Save", app.SaveTemplateRequest{ScriptID: "demo/t", Name: "SMALL  ONE", Parameters: map[string]any{}})
	if e := wantCode(t, err, domain.CodeInvalid); e.Fields["name"].Code != domain.CodeNameTaken {
		t.Errorf("a taken name gives %v", e)
	}
	_, err = ask[app.TemplateView](t, c, "Templates.Save", app.SaveTemplateRequest{ScriptID: "demo/t", Name: "x", Parameters: map[string]any{"n": 11, "no": 1}})
	wrong := wantCode(t, err, domain.CodeInvalid).Fields["parameters"]
	if wrong == nil || wrong.Fields["n"].Code != domain.CodeParameterMax || wrong.Fields["no"].Code != domain.CodeParameterUnknown {
		t.Errorf("bad values give %v", err)
	}
	for _, name := range []string{"", "  ", "a\nb", strings.Repeat("é", 101), "a\u202eb"} {
		_, err = ask[app.TemplateView](t, c, "Templates.Save", app.SaveTemplateRequest{ScriptID: "demo/t", Name: name, Parameters: map[string]any{}})
		if e := wantCode(t, err, domain.CodeInvalid); e.Fields["name"].Code != domain.CodeTemplateName {
			t.Errorf("the name %q gives %v", name, e)
		}
	}
	for name, one := range map[string]struct {
		parameters map[string]any
		changed    bool
		values     string
	}{
		"as it is":           {nil, false, `{"n":3,"word":"steam"}`},
		"the same, by form":  {map[string]any{"n": 3, "word": "steam", "key": "s"}, false, `{"n":3,"word":"steam"}`},
		"with another value": {map[string]any{"n": 4, "word": "steam"}, true, `{"n":4,"word":"steam"}`},
		"with one less":      {map[string]any{"n": 3}, true, `{"n":3}`},
	} {
		t.Run(name, func(t *testing.T) {
			run := call[app.RunResult](t, c, "Executions.Run", app.RunRequest{ScriptID: "demo/t", TemplateID: saved.ID, Parameters: one.parameters}).Execution
			values, err := json.Marshal(run.Parameters)
			if err != nil {
				t.Fatal(err)
			}
			if run.Template == nil || run.Template.ID != saved.ID || run.Template.Name != saved.Name || run.Template.Changed != one.changed || string(values) != one.values {
				t.Errorf("started from %+v with %s", run.Template, values)
			}
		})
	}
	// What ran keeps its values and its link, whatever becomes of the template.
	run := call[app.RunResult](t, c, "Executions.Run", app.RunRequest{ScriptID: "demo/t", TemplateID: saved.ID}).Execution
	if err := w.engine.Wait(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	edited := call[app.TemplateView](t, c, "Templates.Save", app.SaveTemplateRequest{ID: saved.ID, Version: saved.Version, Name: "Other", Parameters: map[string]any{"n": 9}})
	then := call[domain.Execution](t, c, "Executions.Get", app.ExecutionRequest{ExecutionID: run.ID})
	if then.Parameters["n"] != 3.0 || then.Template.Name != saved.Name {
		t.Errorf("then %v, %+v", then.Parameters, then.Template)
	}
	again := call[app.RunResult](t, c, "Executions.Again", app.AgainRequest{ExecutionID: run.ID}).Execution
	if again.Template == nil || again.Template.ID != saved.ID || !again.Template.Changed || again.Parameters["n"] != int64(3) && again.Parameters["n"] != 3.0 {
		t.Errorf("again %+v with %v", again.Template, again.Parameters)
	}
	call[any](t, c, "Templates.Delete", app.TemplateID{ID: edited.ID})
	again = call[app.RunResult](t, c, "Executions.Again", app.AgainRequest{ExecutionID: run.ID}).Execution
	if again.Template != nil {
		t.Errorf("from a template that has gone: %+v", again.Template)
	}
	// A form that does not know yet that it has gone runs with its values.
	run = call[app.RunResult](t, c, "Executions.Run", app.RunRequest{ScriptID: "demo/t", TemplateID: saved.ID, Parameters: map[string]any{"n": 5}}).Execution
	if run.Template != nil || run.Parameters["n"] != int64(5) && run.Parameters["n"] != 5.0 {
		t.Errorf("from a template that has gone: %+v with %v", run.Template, run.Parameters)
	}
	_, err = ask[app.RunResult](t, c, "Executions.Run", app.RunRequest{ScriptID: "demo/t", TemplateID: saved.ID})
	wantCode(t, err, domain.CodeNotFound)
}

func TestTwoWritersOfATemplateAreTold(t *testing.T) { // PRJ-5
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	owner, admin := w.client(t, w.users[domain.LevelDeveloper]), w.client(t, w.users[domain.LevelAdmin])
	one := call[app.TemplateView](t, owner, "Templates.Save", app.SaveTemplateRequest{ScriptID: "demo/t", Name: "T", Shared: true, Parameters: map[string]any{"n": 1}})
	theirs := call[app.TemplateView](t, admin, "Templates.Save", app.SaveTemplateRequest{ID: one.ID, Version: one.Version, Name: "T", Shared: true, Parameters: map[string]any{"n": 2}})
	mine := app.SaveTemplateRequest{ID: one.ID, Version: one.Version, Name: "T", Shared: true, Parameters: map[string]any{"n": 3}}
	_, err := ask[app.TemplateView](t, owner, "Templates.Save", mine)
	if e := wantCode(t, err, domain.CodeTemplateChanged); e.Params["user"] != "admin" {
		t.Errorf("told %v", e)
	}
	if now := call[app.TemplateView](t, owner, "Templates.Get", app.TemplateID{ID: one.ID}); now.Parameters["n"] != 2.0 || now.UpdatedBy != "admin" || now.User != "developer" {
		t.Errorf("now %+v", now)
	}
	mine.Version = theirs.Version
	call[app.TemplateView](t, owner, "Templates.Save", mine)
}

func TestTemplateThatDoesNotFitAnyMore(t *testing.T) { // PRJ-5
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	c := w.client(t, w.users[domain.LevelOperator])
	one := call[app.TemplateView](t, c, "Templates.Save", app.SaveTemplateRequest{ScriptID: "demo/t", Name: "T", Parameters: map[string]any{"n": 3, "word": "steam"}})
	writeScript(t, w, `[{"name": "n", "type": "integer", "max": 2}, {"name": "word", "type": "string"}, {"name": "more", "type": "string"}]`, nil)
	now := call[[]app.TemplateView](t, c, "Templates.List", app.TemplatesRequest{ScriptID: "demo/t"})[0]
	if now.Unfit["n"].Code != domain.CodeParameterMax || len(now.Unfit) != 1 || !reflect.DeepEqual(now.Parameters, map[string]any{"word": "steam"}) {
		t.Errorf("now %+v, unfit %v", now.Parameters, now.Unfit)
	}
	run := call[app.RunResult](t, c, "Executions.Run", app.RunRequest{ScriptID: "demo/t", TemplateID: one.ID}).Execution
	if !reflect.DeepEqual(run.Parameters, map[string]any{"word": "steam"}) {
		t.Errorf("runs with %v", run.Parameters)
	}
	// A new name loses nothing that may fit again.
	call[app.TemplateView](t, c, "Templates.Save", app.SaveTemplateRequest{ID: one.ID, Version: one.Version, Name: "U"})
	writeScript(t, w, demoParameters, nil)
	if now := call[app.TemplateView](t, c, "Templates.Get", app.TemplateID{ID: one.ID}); now.Name != "U" || now.Parameters["n"] != 3.0 {
		t.Errorf("again %+v", now)
	}
}

func TestExamplesAreTemplates(t *testing.T) { // PRJ-5
	w := newWorld(t)
	writeScript(t, w, demoParameters, map[string]string{
		"good.json":    `{"name": {"en": "Good", "it": "Buono"}, "script": "t.py", "parameters": {"n": 5, "key": "never"}}`,
		"unfit.json":   "{\n  \"name\": \"Unfit\",\n  \"script\": \"t\",\n  \"parameters\": {\n    \"word\": \"w\",\n    \"n\": 99\n  }\n}",
		"broken.json":  "{\n  \"script\": \"t.py\",\n  oops\n}",
		"nobody.json":  "{\n  \"script\": \"none.py\",\n  \"parameters\": {}\n}",
		"list.json":    "{\"script\": \"t.py\",\n\"parameters\": [1]}",
		"notes.txt":    "no example",
		".hidden.json": "{",
	})
	if err := os.Symlink("/etc/passwd", filepath.Join(w.engine.Root().Groups(), "demo", "examples", "link.json")); err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, one := range call[[]app.TemplateView](t, w.client(t, w.users[domain.LevelDeveloper]), "Templates.List", app.TemplatesRequest{ScriptID: "demo/t"}) {
		told[one.Example] = fmt.Sprint(one.Name, " ", one.Parameters)
		for _, p := range one.Problems {
			told[one.Example] += fmt.Sprintf(" %s:%d %s", filepath.Base(p.File), p.Line, p.Code)
		}
	}
	want := map[string]string{
		"examples/good.json":   "Good map[n:5]",
		"examples/unfit.json":  "Unfit map[word:w] unfit.json:6 parameter_max",
		"examples/broken.json": "broken.json map[] broken.json:3 example_json",
		"examples/nobody.json": "nobody.json map[] nobody.json:1 example_script",
		"examples/list.json":   "list.json map[] list.json:2 example_parameters",
		"examples/link.json":   "link.json map[] link.json:0 file_unreadable",
	}
	if !reflect.DeepEqual(told, want) {
		t.Errorf("told %v", told)
	}
	c := w.client(t, w.users[domain.LevelOperator])
	list := call[[]app.TemplateView](t, c, "Templates.List", app.TemplatesRequest{ScriptID: "demo/t"})
	if len(list) != 2 || len(list[1].Problems) != 0 {
		t.Errorf("an operator is offered %+v", list)
	}
	run := call[app.RunResult](t, c, "Executions.Run", app.RunRequest{ScriptID: "demo/t", Example: "examples/good.json"}).Execution
	if run.Template == nil || run.Template.Example != "examples/good.json" || run.Template.Changed || fmt.Sprint(run.Parameters) != "map[n:5]" {
		t.Errorf("started from %+v with %v", run.Template, run.Parameters)
	}
	_, err := ask[app.RunResult](t, c, "Executions.Run", app.RunRequest{ScriptID: "demo/t", Example: "examples/../t.py"})
	wantCode(t, err, domain.CodeNotFound)
}

// Examples that come with the product fit their scripts.
func TestSampleExamplesFit(t *testing.T) {
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelAdmin])
	examples := 0
	for _, script := range call[[]app.ScriptView](t, c, "Scripts.List", nil) {
		for _, one := range call[[]app.TemplateView](t, c, "Templates.List", app.TemplatesRequest{ScriptID: script.ID}) {
			if examples++; len(one.Problems) > 0 || one.ScriptID != script.ID {
				t.Errorf("%s: %+v", one.Example, one.Problems)
			}
		}
	}
	if examples < 10 {
		t.Errorf("%d examples", examples)
	}
}

func TestAlwaysOnReadsItsTemplate(t *testing.T) { // PRJ-5, EXE-8
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	developer, admin := w.users[domain.LevelDeveloper], w.users[domain.LevelAdmin]
	c, other := w.client(t, developer), w.client(t, admin)
	one := call[app.TemplateView](t, c, "Templates.Save", app.SaveTemplateRequest{ScriptID: "demo/t", Name: "T", Shared: true, Parameters: map[string]any{"n": 2}})
	mine := call[domain.AlwaysOn](t, c, "AlwaysOn.Set", app.AlwaysOnRequest{ScriptID: "demo/t", TemplateID: one.ID})
	theirs := call[domain.AlwaysOn](t, other, "AlwaysOn.Set", app.AlwaysOnRequest{ScriptID: "demo/t", TemplateID: one.ID})
	if mine.Template != "T" || mine.Parameters["n"] != 2.0 {
		t.Errorf("always on %+v", mine)
	}
	one = call[app.TemplateView](t, c, "Templates.Save", app.SaveTemplateRequest{ID: one.ID, Version: one.Version, Name: "T", Shared: true, Parameters: map[string]any{"n": 7}})
	if len(one.Uses) != 1 || one.Uses[0].ID != mine.ID || one.OtherUses != 1 {
		t.Errorf("used by %+v and %d more", one.Uses, one.OtherUses)
	}
	if all := call[app.TemplateView](t, other, "Templates.Get", app.TemplateID{ID: one.ID}); len(all.Uses) != 2 {
		t.Errorf("an administrator is shown %+v", all.Uses)
	}
	for _, q := range []domain.AlwaysOn{mine, theirs} {
		values, from, err := w.engine.AlwaysOnValues(t.Context(), q)
		if err != nil || fmt.Sprint(values["n"]) != "7" || from == nil || from.ID != one.ID {
			t.Errorf("starts with %v from %+v, %v", values, from, err)
		}
	}
	// Others rely on it: it is neither taken away nor taken back.
	_, err := ask[any](t, c, "Templates.Delete", app.TemplateID{ID: one.ID})
	wantCode(t, err, domain.CodeTemplateUsed)
	private := app.SaveTemplateRequest{ID: one.ID, Version: one.Version, Name: "T"}
	_, err = ask[app.TemplateView](t, c, "Templates.Save", private)
	wantCode(t, err, domain.CodeTemplateUsed)
	call[any](t, other, "AlwaysOn.Clear", app.AlwaysOnID{ID: theirs.ID})
	one = call[app.TemplateView](t, c, "Templates.Save", private)
	call[any](t, c, "Templates.Delete", app.TemplateID{ID: one.ID})
	left := call[[]app.AlwaysOnView](t, c, "AlwaysOn.List", app.AlwaysOnQuery{ScriptID: "demo/t"})
	if len(left) != 1 || left[0].TemplateID != 0 || left[0].Parameters["n"] != 7.0 {
		t.Errorf("left with %+v", left)
	}
}

// What an administrator sees of another's private templates is recorded.
func TestAdministratorsLookAtTemplatesIsRecorded(t *testing.T) { // PRJ-6
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	one := call[app.TemplateView](t, w.client(t, w.users[domain.LevelOperator]), "Templates.Save", app.SaveTemplateRequest{ScriptID: "demo/t", Name: "T", Parameters: map[string]any{}})
	c := w.client(t, w.users[domain.LevelAdmin])
	if list := call[[]app.TemplateView](t, c, "Templates.List", nil); len(list) != 0 {
		t.Errorf("without asking for it: %+v", list)
	}
	call[app.TemplateView](t, c, "Templates.Get", app.TemplateID{ID: one.ID})
	for range 3 { // a page that stays open looks again and again
		if list := call[[]app.TemplateView](t, c, "Templates.List", app.TemplatesRequest{User: "operator"}); len(list) != 1 {
			t.Errorf("of the operator: %+v", list)
		}
	}
	records, err := w.engine.AuditRecords(t.Context(), engine.AuditFilter{Action: "template.read"})
	if err != nil || len(records) != 2 || records[0].Object != "user:operator" || records[1].Object != "script:demo/t" || records[1].Actor != "admin" {
		t.Errorf("recorded %+v, %v", records, err)
	}
}

// What goes into the audit with each change is bounded.
func TestTextsForTheAuditAreBounded(t *testing.T) { // PRJ-1, PRJ-5
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	c := w.client(t, w.users[domain.LevelOperator])
	template := app.SaveTemplateRequest{ScriptID: "demo/t", Name: "long", Parameters: map[string]any{"n": 2, "word": strings.Repeat("x", 64<<10)}}
	_, err := ask[app.TemplateView](t, c, "Templates.Save", template)
	wantCode(t, err, domain.CodeTemplateLong)
	template.Parameters["word"] = strings.Repeat("x", 60<<10)
	call[app.TemplateView](t, c, "Templates.Save", template)

	long, fits := strings.Repeat("è", 2001), strings.Repeat("è", 2000)
	_, err = ask[domain.Project](t, c, "Projects.Create", app.CreateProjectRequest{Name: "Oven", Description: long})
	if e := wantCode(t, err, domain.CodeInvalid); e.Fields["description"] == nil || e.Fields["description"].Code != domain.CodeDescriptionLong {
		t.Errorf("fields %v", e.Fields)
	}
	p := call[domain.Project](t, c, "Projects.Create", app.CreateProjectRequest{Name: "Oven", Description: fits})
	_, err = ask[domain.Project](t, c, "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID, Description: &long})
	if e := wantCode(t, err, domain.CodeInvalid); e.Fields["description"] == nil {
		t.Errorf("fields %v", e.Fields)
	}
}
