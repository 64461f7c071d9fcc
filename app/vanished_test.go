package app_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// DIS-9: what hangs on a script is there again when the script is.
func TestVanishedScriptKeepsHistoryTagsAndPermissions(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	writeScript(t, w, demoParameters, nil)
	operator, admin := w.client(t, w.users[domain.LevelOperator]), w.client(t, w.users[domain.LevelAdmin])
	run := call[app.RunResult](t, operator, "Executions.Run", app.RunRequest{ScriptID: "demo/t"})
	if err := w.engine.Wait(ctx, run.Execution.ID); err != nil {
		t.Fatal(err)
	}
	tags := call[app.ScriptTags](t, operator, "Tags.Change", app.ChangeTagsRequest{ScriptID: "demo/t", Add: []string{"mine"}})
	call[[]domain.Permission](t, admin, "Permissions.Set", app.PermissionsRequest{Changes: []app.PermissionRequest{
		{ScriptID: "demo/t", User: w.other.Name, Effect: app.PermissionDeny},
	}})
	path := filepath.Join(w.engine.Root().Groups(), "demo", "t.py")
	for _, way := range [][2]string{{path, path + ".away"}, {path + ".away", path}} {
		if err := os.Rename(way[0], way[1]); err != nil {
			t.Fatal(err)
		}
		if err := w.engine.Rescan(ctx); err != nil {
			t.Fatal(err)
		}
		away := way[0] == path
		if s, err := w.engine.Script(ctx, "demo/t"); err != nil || s.Active == away {
			t.Fatalf("away %v: %+v, %v", away, s, err)
		}
		page := call[app.ExecutionPage](t, operator, "Executions.List", app.ExecutionQuery{ScriptID: "demo/t"})
		if len(page.Items) != 1 || page.Items[0].ID != run.Execution.ID {
			t.Errorf("away %v: history %+v", away, page.Items)
		}
	}
	if again := call[app.ScriptTags](t, operator, "Tags.Of", app.ScriptRequest{ScriptID: "demo/t"}); !reflect.DeepEqual(again, tags) {
		t.Errorf("tags %+v, want %+v", again, tags)
	}
	_, err := ask[app.ScriptDetail](t, w.client(t, w.other), "Scripts.Get", app.ScriptRequest{ScriptID: "demo/t"})
	wantCode(t, err, domain.CodeNotFound)
}

// adminsDocument gives a version of the document of a script that only
// administrators see.
func adminsDocument(t *testing.T, w *world) int64 {
	t.Helper()
	ctx := context.Background()
	dir := filepath.Join(w.engine.Root().Groups(), "kept")
	if err := os.MkdirAll(filepath.Join(dir, "docs"), 0o700); err != nil {
		t.Fatal(err)
	}
	text := "\"\"\"T\n\nScriptsManager Metadata:\n@required_level: admin\n@description_long: docs/s.md\n\"\"\"\n"
	if err := os.WriteFile(filepath.Join(dir, "s.py"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Rescan(ctx); err != nil {
		t.Fatal(err)
	}
	script, err := w.engine.Script(ctx, "kept/s")
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.engine.SaveDocument(ctx, engine.Actor{Kind: "system", Name: "test"}, script, engine.DocumentSave{Language: domain.English, Text: "# S\n"})
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}
