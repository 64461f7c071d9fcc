package app_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

func raw(values map[string]any) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for name, v := range values {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		m[name] = b
	}
	return m
}

func metadataField(t *testing.T, m engine.Metadata, name string) engine.MetadataField {
	t.Helper()
	for _, f := range m.Fields {
		if f.Field == name {
			return f
		}
	}
	t.Fatalf("no field %s", name)
	return engine.MetadataField{}
}

func TestMetadataIsEditedAndTakenBack(t *testing.T) { // DIS-5, ADM-5
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	c := w.client(t, w.users[domain.LevelDeveloper])
	before := call[engine.Metadata](t, c, "Metadata.Get", app.ScriptRequest{ScriptID: "demo/t"})
	if p := metadataField(t, before, "parameters"); p.Source != "header" || len(p.Layers) != 2 || before.Version != 0 {
		t.Fatalf("at first: %+v", before)
	}
	after := call[engine.Metadata](t, c, "Metadata.Set", app.MetadataSetRequest{
		ScriptID: "demo/t", Version: &before.Version, Values: raw(map[string]any{
			"description": map[string]any{"en": "Counts", "fr": "Compte"}, "interface": "web",
			"parameters": []any{map[string]any{"name": "only", "type": "integer", "max": 5}},
		}),
	})
	if f := metadataField(t, after, "interface"); f.Source != "edited" || f.EditedBy != "developer" || f.EditedAt == nil ||
		len(f.Layers) != 3 || f.Layers[1].Source != "header" || f.Layers[1].Value != "none" {
		t.Errorf("after the edit: %+v", f)
	}
	d := call[app.ScriptDetail](t, c, "Scripts.Get", app.ScriptRequest{ScriptID: "demo/t"})
	if d.Script.Interface != "web" || d.Script.Description[domain.French] != "Compte" || len(d.Script.Parameters) != 1 || d.Script.Sources["parameters"] != "edited" {
		t.Errorf("the script: %+v", d.Script.Script)
	}
	// The engine takes the parameters as they are edited.
	if _, err := ask[app.RunResult](t, c, "Executions.Run", app.RunRequest{ScriptID: "demo/t", Parameters: map[string]any{"only": 6}}); !domain.HasCode(err, domain.CodeInvalid) {
		t.Errorf("an edited limit is not held: %v", err)
	}
	// Somebody who saw the state before is told.
	_, err := ask[engine.Metadata](t, w.client(t, w.users[domain.LevelAdmin]), "Metadata.Set", app.MetadataSetRequest{
		ScriptID: "demo/t", Version: &before.Version, Values: raw(map[string]any{"category": "x"}),
	})
	if e := wantCode(t, err, domain.CodeMetadataChanged); e.Params["user"] != "developer" {
		t.Errorf("told %v", e.Params)
	}
	after = call[engine.Metadata](t, c, "Metadata.Set", app.MetadataSetRequest{ScriptID: "demo/t", Back: []string{"interface", "tags"}})
	if f := metadataField(t, after, "interface"); f.Source != "header" || f.Value != "none" || f.EditedBy != "" {
		t.Errorf("back to the file: %+v", f)
	}
	h := call[app.MetadataHistoryPage](t, c, "Metadata.History", app.MetadataHistoryRequest{ScriptID: "demo/t"})
	if len(h.Changes) != 2 || h.Next != 0 || len(h.Changes[0].Fields) != 1 || len(h.Changes[1].Fields) != 3 || h.Changes[1].Actor != "developer" ||
		h.Changes[0].Fields[0].BeforeSource != "edited" || h.Changes[0].Fields[0].AfterSource != "header" || h.Changes[0].ID != after.Version {
		t.Errorf("history %+v", h)
	}
	after = call[engine.Metadata](t, c, "Metadata.TakeBack", app.MetadataTakeBackRequest{ScriptID: "demo/t", ID: h.Changes[1].ID, Version: &after.Version})
	if f := metadataField(t, after, "parameters"); f.Source != "header" {
		t.Errorf("taken back: %+v", f)
	}
	if _, err := ask[engine.Metadata](t, c, "Metadata.TakeBack", app.MetadataTakeBackRequest{ScriptID: "thermal_analysis/heat_transfer", ID: h.Changes[1].ID}); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("a change of another script: %v", err)
	}
	records, err := w.engine.AuditRecords(context.Background(), engine.AuditFilter{Text: "script:demo/t", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, r := range records {
		actions = append(actions, r.Action)
	}
	if !reflect.DeepEqual(actions, []string{"metadata.take_back", "metadata.edit", "metadata.edit"}) {
		t.Errorf("recorded %v", actions)
	}
}

func TestMetadataMistakesStandAtTheField(t *testing.T) { // DIS-5
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	c := w.client(t, w.users[domain.LevelDeveloper])
	values := raw(map[string]any{"flask_port": 1, "parameters": []any{map[string]any{"name": "a"}, map[string]any{"name": "b", "min": 2, "max": 1}}})
	for _, method := range []string{"Metadata.Check", "Metadata.Set"} {
		_, err := ask[json.RawMessage](t, c, method, app.MetadataCheckRequest{ScriptID: "demo/t", Values: values})
		e := wantCode(t, err, domain.CodeInvalid)
		if e.Fields["flask_port"] == nil || e.Fields["parameters.1.min"] == nil || e.Fields["parameters.1.min"].Code != domain.CodeEditRange || len(e.Fields) != 2 {
			t.Errorf("%s says %v", method, e.Fields)
		}
	}
	if m := call[engine.Metadata](t, c, "Metadata.Get", app.ScriptRequest{ScriptID: "demo/t"}); m.Version != 0 {
		t.Error("part of a wrong edit was kept")
	}
	_, err := ask[engine.Metadata](t, c, "Metadata.Set", app.MetadataSetRequest{ScriptID: "demo/t", Back: []string{"nonsense"}})
	if e := wantCode(t, err, domain.CodeInvalid); e.Fields["nonsense"] == nil {
		t.Errorf("says %v", e.Fields)
	}
}

func TestMetadataLevelAboveOnesOwn(t *testing.T) { // USR-2
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	c, admin := w.client(t, w.users[domain.LevelDeveloper]), w.client(t, w.users[domain.LevelAdmin])
	set := func(level string) app.MetadataSetRequest {
		return app.MetadataSetRequest{ScriptID: "demo/t", Values: raw(map[string]any{"required_level": level})}
	}
	for _, method := range []string{"Metadata.Check", "Metadata.Set"} {
		_, err := ask[json.RawMessage](t, c, method, app.MetadataCheckRequest{ScriptID: "demo/t", Values: set("admin").Values})
		if e := wantCode(t, err, domain.CodeInvalid); e.Fields["required_level"].Code != domain.CodeNotAllowed {
			t.Errorf("%s says %v", method, e.Fields)
		}
	}
	call[engine.Metadata](t, c, "Metadata.Set", set("developer"))
	call[engine.Metadata](t, admin, "Metadata.Set", set("admin"))
	if _, err := ask[engine.Metadata](t, c, "Metadata.Get", app.ScriptRequest{ScriptID: "demo/t"}); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("a developer looks at an administrators' script: %v", err)
	}
	m := call[engine.Metadata](t, admin, "Metadata.Set", set("operator"))
	// Neither by taking back what an administrator opened.
	_, err := ask[engine.Metadata](t, c, "Metadata.TakeBack", app.MetadataTakeBackRequest{ScriptID: "demo/t", ID: m.Version})
	if e := wantCode(t, err, domain.CodeInvalid); e.Fields["required_level"] == nil {
		t.Errorf("says %v", e.Fields)
	}
}

// DIS-6, DIS-9: what was edited outlives changes of the file, its absence, and
// the program.
func TestMetadataOutlivesTheFile(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	writeScript(t, w, demoParameters, nil)
	c := w.client(t, w.users[domain.LevelDeveloper])
	call[engine.Metadata](t, c, "Metadata.Set", app.MetadataSetRequest{ScriptID: "demo/t", Values: raw(map[string]any{"category": "mine"})})
	path := filepath.Join(w.engine.Root().Groups(), "demo", "t.py")
	category := func() string {
		t.Helper()
		s, err := w.engine.Script(ctx, "demo/t")
		if err != nil {
			t.Fatal(err)
		}
		return s.Category
	}
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Rescan(ctx); err != nil {
		t.Fatal(err)
	}
	if s, err := w.engine.Script(ctx, "demo/t"); err != nil || s.Active || s.Category != "mine" {
		t.Errorf("away: %+v, %v", s, err)
	}
	_, err := ask[engine.Metadata](t, c, "Metadata.Set", app.MetadataSetRequest{ScriptID: "demo/t", Values: raw(map[string]any{"category": "other"})})
	wantCode(t, err, domain.CodeScriptInactive)
	text := "\"\"\"T\n\nScriptsManager Metadata:\n@category: of the file\n@description: new\n\"\"\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	list := call[[]engine.RereadScript](t, c, "Metadata.Reread", app.RereadRequest{GroupID: "demo"})
	if len(list) != 1 || !reflect.DeepEqual(list[0].Edited, []string{"category"}) {
		t.Errorf("read again: %+v", list)
	}
	if got := category(); got != "mine" {
		t.Errorf("back again it is %s", got)
	}
	h := call[app.MetadataHistoryPage](t, c, "Metadata.History", app.MetadataHistoryRequest{ScriptID: "demo/t"})
	if len(h.Changes) != 1 {
		t.Errorf("history %+v", h)
	}
}

// editedOnce gives a change of the metadata of thermal_analysis/heat_transfer.
func editedOnce(t *testing.T, w *world) int64 {
	t.Helper()
	ctx := context.Background()
	script, err := w.engine.Script(ctx, "thermal_analysis/heat_transfer")
	if err != nil {
		t.Fatal(err)
	}
	r := engine.MetadataRequest{Values: raw(map[string]any{"category": "once"}), Version: -1}
	if err := w.engine.SetMetadata(ctx, engine.Actor{Kind: "system", Name: "test"}, script, r); err != nil {
		t.Fatal(err)
	}
	m, err := w.engine.Metadata(ctx, script)
	if err != nil {
		t.Fatal(err)
	}
	return m.Version
}

// Every type of the specification, as it is edited, defaulted, checked and
// passed, with conditions.
func TestEditedParametersOfEveryType(t *testing.T) { // SPEC section 3
	w := newWorld(t)
	writeScript(t, w, "[]", nil)
	c := w.client(t, w.users[domain.LevelDeveloper])
	folder := t.TempDir()
	file := filepath.Join(folder, "f.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	declared := []map[string]any{
		{"name": "string", "type": "string", "pattern": "[a-z]+", "default": "abc"},
		{"name": "text", "type": "text", "max": 9, "default": "two\nrows"},
		{"name": "integer", "type": "integer", "min": 1, "max": 9, "step": 2, "default": 3},
		{"name": "number", "type": "number", "min": 0, "max": 1, "step": 0.1, "default": 0.5},
		{"name": "boolean", "type": "boolean", "default": false},
		{"name": "select", "type": "select", "options": []any{"a", map[string]any{"value": "b", "label": map[string]any{"en": "B", "fr": "Bé"}}}, "default": "b"},
		{"name": "multiselect", "type": "multiselect", "options": []any{"a", "b"}, "default": []any{"a", "b"}},
		{"name": "path", "type": "path", "default": filepath.Join(folder, "none")},
		{"name": "file", "type": "file", "default": file},
		{"name": "directory", "type": "directory", "default": folder},
		{"name": "date", "type": "date", "default": "2026-02-28"},
		{"name": "datetime", "type": "datetime", "default": "2026-02-28T12:30"},
		{"name": "color", "type": "color", "default": "#0a7cff"},
		{"name": "password", "type": "password"},
		{"name": "json", "type": "json", "default": map[string]any{"a": []any{1, nil}}},
		{"name": "several", "type": "integer", "multiple": true, "default": []any{1, 2}},
		{"name": "hidden", "type": "string", "sensitive": true},
		{"name": "shown", "type": "string", "required": true, "depends_on": map[string]any{"boolean": true, "select": []any{"a", "b"}}},
	}
	call[engine.Metadata](t, c, "Metadata.Set", app.MetadataSetRequest{ScriptID: "demo/t", Values: raw(map[string]any{"parameters": declared})})
	d := call[app.ScriptDetail](t, c, "Scripts.Get", app.ScriptRequest{ScriptID: "demo/t"})
	if len(d.Script.Parameters) != len(declared) {
		t.Fatalf("declared %+v", d.Script.Parameters)
	}
	wrong := map[string]any{
		"string": "ABC", "text": "0123456789", "integer": 2, "number": 0.55, "boolean": "perhaps", "select": "c", "multiselect": []any{"c"}, "path": "relative",
		"file": filepath.Join(folder, "none"), "directory": file, "date": "2026-02-30", "datetime": "noon", "color": "red", "json": "{", "several": []any{"x"},
	}
	_, err := ask[app.CommandPreview](t, c, "Executions.Preview", app.RunRequest{ScriptID: "demo/t", Parameters: wrong})
	e := wantCode(t, err, domain.CodeInvalid)
	for name := range wrong {
		if e.Fields[name] == nil {
			t.Errorf("%s: %v passes", name, wrong[name])
		}
	}
	// What hangs on another is asked for only where that has the value.
	_, err = ask[app.CommandPreview](t, c, "Executions.Preview", app.RunRequest{ScriptID: "demo/t", Parameters: map[string]any{"boolean": true}})
	if e := wantCode(t, err, domain.CodeInvalid); len(e.Fields) != 1 || e.Fields["shown"] == nil {
		t.Errorf("fields %v", e.Fields)
	}
	p := call[app.CommandPreview](t, c, "Executions.Preview", app.RunRequest{ScriptID: "demo/t", Parameters: map[string]any{"password": "secret", "hidden": "too"}})
	got := map[string]string{}
	for _, argument := range p.Command {
		if name, value, ok := strings.Cut(strings.TrimPrefix(argument, "--"), "="); ok {
			got[name] = value
		}
	}
	for name, want := range map[string]string{
		"string": "abc", "text": "two\nrows", "integer": "3", "number": "0.5", "boolean": "false", "select": "b", "multiselect": `["a","b"]`,
		"file": file, "directory": folder, "date": "2026-02-28", "datetime": "2026-02-28T12:30", "color": "#0a7cff", "json": `{"a":[1,null]}`, "several": "[1,2]",
	} {
		if got[name] != want {
			t.Errorf("--%s=%s, want %s", name, got[name], want)
		}
	}
	for _, name := range []string{"password", "hidden", "shown"} {
		if value, ok := got[name]; ok {
			t.Errorf("--%s=%s is passed", name, value)
		}
	}
}

// Who sees an administrators' script by the matrix alone does not open it to
// everybody.
func TestMetadataLevelThatWasAboveOnesOwn(t *testing.T) { // USR-2
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	c, admin := w.client(t, w.users[domain.LevelDeveloper]), w.client(t, w.users[domain.LevelAdmin])
	level := raw(map[string]any{"required_level": "viewer"})
	m := call[engine.Metadata](t, admin, "Metadata.Set", app.MetadataSetRequest{ScriptID: "demo/t", Values: raw(map[string]any{"required_level": "admin"})})
	allowed := engine.PermissionChange{Permission: domain.Permission{
		GroupID: "demo", ScriptID: "demo/t", UserID: w.users[domain.LevelDeveloper].ID, Allow: true,
	}}
	if err := w.engine.SetPermissions(context.Background(), engine.Actor{Kind: "system", Name: "test"}, []engine.PermissionChange{allowed}); err != nil {
		t.Fatal(err)
	}
	for method, argument := range map[string]any{
		"Metadata.Check":    app.MetadataCheckRequest{ScriptID: "demo/t", Values: level},
		"Metadata.Set":      app.MetadataSetRequest{ScriptID: "demo/t", Back: []string{"required_level"}},
		"Metadata.TakeBack": app.MetadataTakeBackRequest{ScriptID: "demo/t", ID: m.Version},
	} {
		_, err := ask[json.RawMessage](t, c, method, argument)
		if e := wantCode(t, err, domain.CodeInvalid); e.Fields["required_level"] == nil {
			t.Errorf("%s says %v", method, e.Fields)
		}
	}
	if _, err := ask[json.RawMessage](t, c, "Metadata.Set", app.MetadataSetRequest{ScriptID: "demo/t", Values: level}); !domain.HasCode(err, domain.CodeInvalid) {
		t.Errorf("opened: %v", err)
	}
	call[engine.Metadata](t, c, "Metadata.Set", app.MetadataSetRequest{ScriptID: "demo/t", Values: raw(map[string]any{"category": "x"})})
}
