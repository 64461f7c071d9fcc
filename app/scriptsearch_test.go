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
