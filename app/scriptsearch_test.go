package app_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/find"
)

func foundScripts(t *testing.T, c door.Caller, text string) []string {
	t.Helper()
	result := call[app.ScriptSearchResult](t, c, "Scripts.Search", app.ScriptSearchRequest{Text: text, Limit: 100})
	ids := []string{}
	for _, h := range result.Hits {
		ids = append(ids, h.ScriptID)
	}
	if result.Total != len(ids) {
		t.Errorf("%q: %d of %d", text, len(ids), result.Total)
	}
	return ids
}

func TestSearchFindsWhatThePersonMaySee(t *testing.T) { // TAG-2, UI-6
	w := newWorld(t)
	operator, developer := w.client(t, w.users[domain.LevelOperator]), w.client(t, w.users[domain.LevelDeveloper])
	const hidden = "system/log_cleaner"
	if got := foundScripts(t, developer, "log_cleaner"); !slices.Equal(got, []string{hidden}) {
		t.Errorf("a developer finds %v", got)
	}
	if got := foundScripts(t, operator, "log_cleaner"); len(got) != 0 {
		t.Errorf("an operator finds %v", got)
	}
	if got := foundScripts(t, operator, "heat_transfer"); !slices.Contains(got, heat) {
		t.Errorf("an operator finds %v", got)
	}
	addTags(t, operator, "thermal_analysis/fin_efficiency", "zeppelin")
	if got := foundScripts(t, operator, "ZEPPEL"); !slices.Equal(got, []string{"thermal_analysis/fin_efficiency"}) {
		t.Errorf("an own tag finds %v", got)
	}
	if got := foundScripts(t, w.client(t, w.users[domain.LevelAdmin]), "zeppel"); len(got) != 0 {
		t.Errorf("another one's tag finds %v", got)
	}
}

// What is written while the application runs is found by the next search, and
// what is denied from then on is not.
func TestSearchFollowsChanges(t *testing.T) { // TAG-2, DIS-7
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelOperator])
	if got := foundScripts(t, c, "quokka"); len(got) != 0 {
		t.Errorf("found %v", got)
	}
	dir := filepath.Join(w.engine.Root().Groups(), "demo")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, "docs"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("docs/t.md", "# About\n\nThe **quökka** of "+strings.Repeat("x ", 100)+"ends.")
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "docs", "t_it.md")); err != nil {
		t.Fatal(err)
	}
	write("t.py", "\"\"\"T\n\nScriptsManager Metadata:\n@display_name: Plain\n@description_long: docs/t.md\n@description_long_it: docs/t_it.md\n\"\"\"\n")
	if err := w.engine.Rescan(context.Background()); err != nil {
		t.Fatal(err)
	}
	result := call[app.ScriptSearchResult](t, c, "Scripts.Search", app.ScriptSearchRequest{Text: "quokka plain"})
	if len(result.Hits) != 1 || result.Hits[0].ScriptID != "demo/t" {
		t.Fatalf("found %+v", result)
	}
	h := result.Hits[0]
	if len(h.Name) != 1 || !h.Name[0].Hit || len(h.Matches) != 1 || h.Matches[0].Field != "document" || h.Matches[0].Language != domain.English {
		t.Errorf("it says %+v", h)
	}
	if !slices.Contains(h.Matches[0].Parts, find.Part{Text: "quökka", Hit: true}) {
		t.Errorf("it marks %+v", h.Matches[0].Parts)
	}
	if got := foundScripts(t, c, "nologin"); len(got) != 0 {
		t.Errorf("a document that is a link out of the group finds %v", got)
	}
	change := engine.PermissionChange{Permission: domain.Permission{GroupID: "demo", ScriptID: "demo/t", UserID: w.users[domain.LevelOperator].ID}}
	if err := w.engine.SetPermissions(context.Background(), engine.Actor{Kind: "system", Name: "test"}, []engine.PermissionChange{change}); err != nil {
		t.Fatal(err)
	}
	if got := foundScripts(t, c, "quokka"); len(got) != 0 {
		t.Errorf("what is denied is found: %v", got)
	}
}

// Documentation is found where no header names it, in the languages that the
// header does not name, and as soon as it is saved in the application.
func TestSearchFindsDocumentsThatNoHeaderNames(t *testing.T) { // TAG-2, DOC-1
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelAdmin])
	dir := filepath.Join(w.engine.Root().Groups(), "demo")
	for name, text := range map[string]string{
		"a.py":          "pass\n",
		"docs/a.md":     "# Wombat",
		"docs/a_it.md":  "# Vombato",
		"b.py":          "\"\"\"B\n\nScriptsManager Metadata:\n@description_long: docs/about.md\n\"\"\"\n",
		"docs/about.md": "# Numbat",
		"docs/b.md":     "# Not shown: quoll",
		"docs/b_fr.md":  "# Fourmilier marsupial",
	} {
		if err := os.MkdirAll(filepath.Join(dir, "docs"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.engine.Rescan(context.Background()); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		"wombat": {"demo/a"}, "vombato": {"demo/a"}, "numbat": {"demo/b"}, "fourmilier": {"demo/b"}, "quoll": {},
	} {
		if got := foundScripts(t, c, text); !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", text, got, want)
		}
	}
	call[any](t, c, "DocumentEditor.Save", map[string]any{"script_id": "demo/a", "language": "es", "text": "# Bilby", "base": ""})
	if got := foundScripts(t, c, "bilby"); !slices.Equal(got, []string{"demo/a"}) {
		t.Errorf("what was saved this moment: %v", got)
	}
	result := call[app.ScriptSearchResult](t, c, "Scripts.Search", app.ScriptSearchRequest{Text: "bilby"})
	if m := result.Hits[0].Matches; len(m) != 1 || m[0].Language != domain.Spanish || len(m[0].Parts) == 0 {
		t.Errorf("it says %+v", m)
	}
}

// What is chosen beside the words is chosen before the best are taken.
func TestSearchAmongWhatIsChosen(t *testing.T) { // TAG-2, UI-3
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelOperator])
	dir := filepath.Join(w.engine.Root().Groups(), "demo")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, lines := range map[string]string{
		"best":  "@display_name: Platypus",
		"tag":   "@display_name: The platypus one\n@tags: oven, wall",
		"kind":  "@display_name: The platypus two\n@category: heat\n@tags: oven",
		"level": "@display_name: The platypus three\n@required_level: viewer",
		"mine":  "@display_name: The platypus four",
	} {
		text := "\"\"\"T\n\nScriptsManager Metadata:\n" + lines + "\n\"\"\"\n"
		if err := os.WriteFile(filepath.Join(dir, name+".py"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.engine.Rescan(context.Background()); err != nil {
		t.Fatal(err)
	}
	addTags(t, c, "demo/mine", "zeppelin")
	for name, one := range map[string]struct {
		ask   app.ScriptSearchRequest
		best  string
		total int
	}{
		"nothing":     {app.ScriptSearchRequest{}, "demo/best", 5},
		"a tag":       {app.ScriptSearchRequest{Tags: []string{"WALL"}}, "demo/tag", 1},
		"both tags":   {app.ScriptSearchRequest{Tags: []string{"oven", "wall"}}, "demo/tag", 1},
		"any tag":     {app.ScriptSearchRequest{Tags: []string{"zeppelin", "wall"}, AnyTag: true}, "demo/mine", 2},
		"an own tag":  {app.ScriptSearchRequest{Tags: []string{"zeppelin"}}, "demo/mine", 1},
		"no such tag": {app.ScriptSearchRequest{Tags: []string{"oven", "none"}}, "", 0},
		"any, none":   {app.ScriptSearchRequest{AnyTag: true}, "demo/best", 5},
		"a category":  {app.ScriptSearchRequest{Category: "heat"}, "demo/kind", 1},
		"a level":     {app.ScriptSearchRequest{Level: domain.LevelViewer}, "demo/level", 1},
		"a group":     {app.ScriptSearchRequest{GroupID: "system"}, "", 0},
		"tag, level":  {app.ScriptSearchRequest{Tags: []string{"oven"}, Level: domain.LevelViewer}, "", 0},
	} {
		one.ask.Text, one.ask.Limit = "platypus", 1
		result := call[app.ScriptSearchResult](t, c, "Scripts.Search", one.ask)
		best := ""
		if len(result.Hits) > 0 {
			best = result.Hits[0].ScriptID
		}
		if best != one.best || result.Total != one.total {
			t.Errorf("%s: %q of %d, want %q of %d", name, best, result.Total, one.best, one.total)
		}
	}
}

// Below the best hits it is only said that the words are in the documentation:
// reading all of it would take too long for each key.
func TestSearchReadsSoMuchOfDocuments(t *testing.T) { // TAG-2
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelOperator])
	dir := filepath.Join(w.engine.Root().Groups(), "demo")
	if err := os.MkdirAll(filepath.Join(dir, "docs"), 0o700); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("Nothing of it here.\n", 10_000) + "The echidna comes.\n"
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		for file, text := range map[string]string{name + ".py": "pass\n", "docs/" + name + ".md": long} {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(file)), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.engine.Rescan(context.Background()); err != nil {
		t.Fatal(err)
	}
	result := call[app.ScriptSearchResult](t, c, "Scripts.Search", app.ScriptSearchRequest{Text: "echidna"})
	if len(result.Hits) != 5 {
		t.Fatalf("found %+v", result)
	}
	for i, h := range result.Hits {
		if len(h.Matches) != 1 || h.Matches[0].Field != "document" || (len(h.Matches[0].Parts) > 0) != (i < 1) {
			t.Errorf("hit %d says %+v", i, h.Matches)
		}
	}
}
