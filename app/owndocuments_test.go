package app_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Who may name a script's documents must not come by it to read, find or write
// what is not this script's.
func TestMetadataNamesOnlyOwnDocuments(t *testing.T) { // DIS-5, DOC-1, DOC-2, USR-2
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	dir := filepath.Join(w.engine.Root().Groups(), "demo")
	hidden := func(more string) {
		write(t, filepath.Join(dir, "hidden.py"), "\"\"\"H\n\nScriptsManager Metadata:\n@required_level: admin\n"+more+"\"\"\"\nkey = 'zebrafish'\n")
		if err := w.engine.Rescan(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "docs"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "docs", "hidden.md"), "# Hidden\n\nzebrafish\n")
	write(t, filepath.Join(dir, "docs", "free.md"), "# Free\n\nquagga\n")
	if err := os.Symlink("docs", filepath.Join(dir, "linked")); err != nil {
		t.Skip(err)
	}
	hidden("")
	c, admin := w.client(t, w.users[domain.LevelDeveloper]), w.client(t, w.users[domain.LevelAdmin])
	named := func(path string) app.MetadataSetRequest {
		return app.MetadataSetRequest{ScriptID: "demo/t", Values: raw(map[string]any{"description_long": map[string]string{"en": path}})}
	}
	for path, want := range map[string]domain.Code{
		"hidden.py": domain.CodeEditValue, "t.py": domain.CodeEditValue, "metadata.json": domain.CodeEditValue,
		"docs./hidden.md": domain.CodeEditValue, "docs/hidden.md": domain.CodeDocumentOther, "docs/HIDDEN.md": domain.CodeDocumentOther,
		"linked/hidden.md": domain.CodeDocumentOther,
	} {
		for _, method := range []string{"Metadata.Check", "Metadata.Set"} {
			_, err := ask[any](t, c, method, app.MetadataCheckRequest{ScriptID: "demo/t", Values: named(path).Values})
			e := wantCode(t, err, domain.CodeInvalid)
			if at := e.Fields["description_long"]; at != nil && at.Code == want {
				continue
			}
			if at := e.Fields["description_long.en"]; at == nil || at.Code != want {
				t.Errorf("%s to %s says %v", method, path, e.Fields)
			}
		}
	}
	document := app.DocumentRequest{ScriptID: "demo/t", Language: domain.English}
	call[engine.Metadata](t, c, "Metadata.Set", named("docs/free.md"))
	if d := call[engine.DocumentView](t, c, "Documents.Get", document); d.Path != "docs/free.md" {
		t.Fatalf("shows %s", d.Path)
	}
	found := func(word string) int { return len(foundScripts(t, c, word)) }
	if found("quagga") != 1 || found("zebrafish") != 0 {
		t.Errorf("found %d and %d", found("quagga"), found("zebrafish"))
	}
	hidden("@description_long: docs/free.md\n") // it is the hidden script's from now on
	for _, method := range []string{"Documents.Get", "Scripts.Document"} {
		if _, err := ask[any](t, c, method, document); !domain.HasCode(err, domain.CodeNotFound) {
			t.Errorf("%s of another's: %v", method, err)
		}
	}
	if d := call[app.ScriptDetail](t, c, "Scripts.Get", app.ScriptRequest{ScriptID: "demo/t"}); len(d.Languages) != 0 {
		t.Errorf("has documents in %v", d.Languages)
	}
	if found("quagga") != 0 {
		t.Error("another's words are found")
	}
	opened := call[engine.DocumentSource](t, c, "DocumentEditor.Open", document)
	if opened.Path != "docs/t.md" || opened.There {
		t.Errorf("edits %s", opened.Path)
	}
	saved := call[engine.DocumentSource](t, c, "DocumentEditor.Save", app.DocumentSaveRequest{DocumentTextRequest: app.DocumentTextRequest{DocumentRequest: document, Text: "# Mine\n"}})
	if text, err := os.ReadFile(filepath.Join(dir, "docs", "free.md")); err != nil || string(text) != "# Free\n\nquagga\n" || saved.Path != "docs/t.md" {
		t.Errorf("wrote over another's: %s %q %v", saved.Path, text, err)
	}
	if d := call[engine.DocumentView](t, admin, "Documents.Get", app.DocumentRequest{ScriptID: "demo/hidden", Language: domain.English}); d.Path != "docs/free.md" {
		t.Errorf("its own script shows %s", d.Path)
	}
}

func TestFilesNameOnlyTexts(t *testing.T) { // DIS-5
	w := newWorld(t)
	writeScript(t, w, demoParameters, nil)
	path := filepath.Join(w.engine.Root().Groups(), "demo", "t.py")
	write(t, path, "\"\"\"T\n\nScriptsManager Metadata:\n@description_long: t.py\n\"\"\"\nkey = 1\n")
	if err := w.engine.Rescan(context.Background()); err != nil {
		t.Fatal(err)
	}
	c := w.client(t, w.users[domain.LevelViewer])
	if _, err := ask[any](t, c, "Documents.Get", app.DocumentRequest{ScriptID: "demo/t", Language: domain.English}); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("source as documentation: %v", err)
	}
}
