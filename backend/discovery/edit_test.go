package discovery_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/discovery"
	"scriptsmanager/backend/domain"
)

func edit(t *testing.T, text string) discovery.Edit {
	t.Helper()
	var e discovery.Edit
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func checked(t *testing.T, text string) discovery.Edit {
	t.Helper()
	e, wrong := discovery.CheckEdit(edit(t, text))
	if len(wrong) > 0 {
		t.Fatalf("%s: %v", text, wrong)
	}
	return e
}

func TestPrecedenceFieldByField(t *testing.T) { // DIS-5
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		"g/metadata.json":                `{"category": "of group", "required_level": "viewer", "memory_limit": "1G"}`,
		"g/scripts/script_metadata.json": `{"a.py": {"description": {"en": "file", "es": "fichero"}, "tags": ["file"]}}`,
		"g/a.py":                         header("@description: header\n@tags: header\n@display_name: Header\n@confirm_close: true\n@flask_port: 5300"),
		"g/b.py":                         header("@description: other"),
	})
	d := newDiscovery(dir)
	scan(t, d)
	d.SetEdits(map[domain.ScriptID]discovery.Edit{"g/a": checked(t, `{"tags": ["edited"], "category": "", "confirm_close": false, "flask_port": 0}`), "g/gone": checked(t, `{"category": "x"}`)})
	r := scan(t, d)
	a := script(t, r, "g/a")
	if !slices.Equal(a.Tags, []string{"edited"}) || a.Category != "" || a.ConfirmClose || a.FlaskPort != 0 ||
		a.Description[domain.Spanish] != "fichero" || a.Name[domain.English] != "Header" || a.RequiredLevel != domain.LevelViewer {
		t.Errorf("script %+v", a)
	}
	for field, want := range map[string]string{
		"tags": "edited", "category": "edited", "confirm_close": "edited", "flask_port": "edited", "description": "file", "name": "header",
		"required_level": "group", "memory_limit": "group", "interface": "default",
	} {
		if a.Sources[field] != want {
			t.Errorf("%s comes from %s, want %s", field, a.Sources[field], want)
		}
	}
	if b := script(t, r, "g/b"); b.Sources["category"] != "group" {
		t.Errorf("an edit of one script reaches another: %v", b.Sources)
	}

	layers := d.Layers("g/a")
	var sources []string
	said := map[string][]any{}
	for _, l := range layers {
		sources = append(sources, l.Source)
		if tags, ok := l.Values["tags"]; ok {
			said["tags"] = append(said["tags"], strings.Join(tags.([]string), ","))
		}
	}
	if !slices.Equal(sources, []string{"edited", "file", "header", "group", "default"}) || !slices.Equal(said["tags"], []any{"edited", "file", "header", ""}) {
		t.Errorf("layers %v: %v", sources, said)
	}
	if d.Layers("g/none") != nil || d.Layers("none/a") != nil {
		t.Error("there are layers of what is not there")
	}

	d.SetEdit("g/a", nil) // taken back
	if a := script(t, scan(t, d), "g/a"); a.Category != "of group" || !slices.Equal(a.Tags, []string{"file"}) || a.Sources["tags"] != "file" {
		t.Errorf("after taking back: %+v", a)
	}
}

func TestEditsStayWhenFilesChange(t *testing.T) { // DIS-6
	dir := t.TempDir()
	tree(t, dir, map[string]string{"g/a.py": header("@category: one\n@tags: one")})
	d := newDiscovery(dir)
	d.SetEdit("g/a", checked(t, `{"category": "mine"}`))
	scan(t, d)
	tree(t, dir, map[string]string{"g/a.py": header("@category: another\n@tags: another")})
	a := script(t, scan(t, d), "g/a")
	if a.Category != "mine" || !slices.Equal(a.Tags, []string{"another"}) {
		t.Errorf("script %+v", a)
	}

	// A script that vanishes and comes back has them again (DIS-9).
	if err := os.Remove(filepath.Join(dir, "g", "a.py")); err != nil {
		t.Fatal(err)
	}
	if got := scriptIDs(scan(t, d)); got != "" {
		t.Fatalf("scripts %s", got)
	}
	tree(t, dir, map[string]string{"g/a.py": header("@category: third")})
	if a := script(t, scan(t, d), "g/a"); a.Category != "mine" || a.Sources["category"] != "edited" {
		t.Errorf("back again: %+v", a)
	}
}

// An edited level opens a script whose file's level cannot be read: it goes
// before the file, and whoever edited it may say so.
func TestEditedLevelGoesBeforeABrokenOne(t *testing.T) { // DIS-5, DIS-8
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		"g/a.py":                         header("@required_level: boss"),
		"g/scripts/script_metadata.json": `{"a.py": {"required_level": `,
	})
	d := newDiscovery(dir)
	if a := script(t, scan(t, d), "g/a"); a.RequiredLevel != domain.LevelDeveloper {
		t.Fatalf("level %s", a.RequiredLevel)
	}
	d.SetEdit("g/a", checked(t, `{"required_level": "viewer"}`))
	if a := script(t, scan(t, d), "g/a"); a.RequiredLevel != domain.LevelViewer || len(a.Problems) == 0 {
		t.Errorf("script %+v", a)
	}
}

func TestRereadReadsWhatSeemsUnchanged(t *testing.T) { // DIS-6
	dir := t.TempDir()
	tree(t, dir, map[string]string{"g/a.py": header("@category: one"), "g/b.py": header("@category: one")})
	old := time.Now().Add(-time.Hour)
	for _, name := range []string{"a.py", "b.py"} {
		if err := os.Chtimes(filepath.Join(dir, "g", name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	d := newDiscovery(dir)
	scan(t, d)
	discovery.Settle(d)
	discovery.MakeStale(d, "g", "a.py", "stale")
	discovery.MakeStale(d, "g", "b.py", "stale")
	d.SetEdit("g/a", checked(t, `{"tags": ["mine"]}`)) // makes the group anew, of what is remembered
	if a := script(t, scan(t, d), "g/a"); a.Category != "stale" {
		t.Fatalf("a plain scan reads what has not changed: %s", a.Category)
	}
	r, err := d.Reread(t.Context(), "g", "a")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := script(t, r, "g/a"), script(t, r, "g/b"); a.Category != "one" || b.Category != "stale" || !slices.Equal(a.Tags, []string{"mine"}) {
		t.Errorf("after reading one again: %+v, %+v", a, b)
	}
	if r, err = d.Reread(t.Context(), "g", ""); err != nil || script(t, r, "g/b").Category != "one" {
		t.Errorf("after reading the group again: %v, %v", r.Scripts, err)
	}
}

func TestCheckEdit(t *testing.T) { // DIS-5: the rules of the files, at the field
	for _, c := range []struct{ edit, at, code string }{
		{`{"required_level": "boss"}`, "required_level", "edit_value"},
		{`{"name": ""}`, "name", "edit_value"},
		{`{"name": {"en": " "}}`, "name", "edit_value"},
		{`{"name": null}`, "name", "edit_value"},
		{`{"description": {"de": "x"}}`, "description.de", "edit_key"},
		{`{"description": {"en": 1}}`, "description.en", "edit_value"},
		{`{"description_long": {"en": "../x.md"}}`, "description_long", "edit_value"},
		{`{"execution_timeout": -1}`, "execution_timeout", "edit_value"},
		{`{"flask_port": 80}`, "flask_port", "edit_value"},
		{`{"memory_limit": "much"}`, "memory_limit", "edit_value"},
		{`{"network": "some"}`, "network", "edit_value"},
		{`{"confirm_close": "perhaps"}`, "confirm_close", "edit_value"},
		{`{"tags": [["x"]]}`, "tags.0", "edit_value"},
		{`{"parameters": "x"}`, "parameters", "edit_value"},
		{`{"parameters": [{"name": "a"}, {"name": "a"}]}`, "parameters.1.name", "edit_duplicate"},
		{`{"parameters": [{"name": "port"}]}`, "parameters.0.name", "edit_reserved"},
		{`{"parameters": [{"name": "a b"}]}`, "parameters.0.name", "edit_name"},
		{`{"parameters": [{}]}`, "parameters.0", "edit_name"},
		{`{"parameters": [{"name": "a"}, {"name": "b", "type": "colour"}]}`, "parameters.1.type", "edit_value"},
		{`{"parameters": [{"name": "a", "type": "select"}]}`, "parameters.0", "edit_options"},
		{`{"parameters": [{"name": "a", "type": "select", "options": []}]}`, "parameters.0.options", "edit_options"},
		{`{"parameters": [{"name": "a", "type": "select", "options": ["x", "x"]}]}`, "parameters.0.options.1", "edit_duplicate"},
		{`{"parameters": [{"name": "a", "type": "number", "min": 3, "max": 2}]}`, "parameters.0.min", "edit_range"},
		{`{"parameters": [{"name": "a", "type": "integer", "step": 0}]}`, "parameters.0.step", "edit_value"},
		{`{"parameters": [{"name": "a", "pattern": "("}]}`, "parameters.0.pattern", "edit_pattern"},
		{`{"parameters": [{"name": "a", "type": "password", "default": "x"}]}`, "parameters.0.default", "edit_secret"},
		{`{"parameters": [{"name": "a", "type": "date", "default": "tomorrow"}]}`, "parameters.0.default", "edit_default"},
		{`{"parameters": [{"name": "a", "depends_on": {"b": 1}}]}`, "parameters.0.depends_on", "edit_depends"},
		{`{"parameters": [{"name": "a", "colour": 1}]}`, "parameters.0.colour", "edit_key"},
		{`{"ignore": true}`, "ignore", "edit_key"},
		{`{"environment": "base"}`, "environment", "edit_key"},
		{`{"nonsense": 1}`, "nonsense", "edit_key"},
	} {
		kept, wrong := discovery.CheckEdit(edit(t, c.edit))
		if kept != nil || wrong[c.at] == nil || string(wrong[c.at].Code) != c.code {
			t.Errorf("%s: want %s at %s, got %v", c.edit, c.code, c.at, wrong)
		}
	}
	got := checked(t, `{"description": {"en": " text ", "fr": ""}, "tags": "a, b", "execution_timeout": "30", "auto_open_interface": "no",
		"memory_limit": "", "parameters": [{"name": "a", "type": "select", "options": [1, {"value": "x", "label": "X"}], "default": 1}]}`)
	want := map[string]string{
		"description": `{"en":"text"}`, "tags": `["a","b"]`, "execution_timeout": `30`, "auto_open_interface": `false`, "memory_limit": `""`,
		"parameters": `[{"name":"a","type":"select","default":"1","options":[{"value":"1"},{"value":"x","label":{"en":"X"}}]}]`,
	}
	for field := range maps.Keys(want) {
		if string(got[field]) != want[field] {
			t.Errorf("%s is kept as %s, want %s", field, got[field], want[field])
		}
	}
	// What is kept passes as it is.
	again, wrong := discovery.CheckEdit(got)
	if len(wrong) > 0 || !maps.EqualFunc(again, got, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
		t.Errorf("read again: %s %v", again, wrong)
	}
}
