package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/document"
	"scriptsmanager/backend/document/check"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

func diskUse(l domain.Language) app.DocumentRequest {
	return app.DocumentRequest{ScriptID: "system/disk_use", Language: l}
}

func saveRequest(l domain.Language, text, base string) app.DocumentSaveRequest {
	return app.DocumentSaveRequest{DocumentTextRequest: app.DocumentTextRequest{DocumentRequest: diskUse(l), Text: text}, Base: base}
}

// tried calls a method that is to fail.
func tried(t *testing.T, c door.Caller, method string, argument any) error {
	t.Helper()
	return door.Call(context.WithoutCancel(t.Context()), c, method, argument, nil)
}

func TestDocumentIsEditedWithHistory(t *testing.T) { // DOC-2
	w := newWorld(t)
	path := filepath.Join(w.engine.Root().Groups(), "system", "docs", "disk_use_it.md")
	sample, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Its line ends, its mark at the beginning and its mode are kept.
	write(t, path, "\ufeff"+strings.ReplaceAll(string(sample), "\n", "\r\n"))
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	c := w.client(t, w.users[domain.LevelDeveloper])
	opened := call[engine.DocumentSource](t, c, "DocumentEditor.Open", diskUse(domain.Italian))
	if opened.Text != string(sample) || !opened.There || opened.Encoding != "utf-8-bom" || len(opened.Problems) != 0 {
		t.Fatalf("opened %+v", opened)
	}
	text := opened.Text + "\nIn più.\n"
	saved := call[engine.DocumentSource](t, c, "DocumentEditor.Save", saveRequest(domain.Italian, text, opened.Hash))
	if saved.Text != text || saved.Hash == opened.Hash {
		t.Errorf("saved %+v", saved)
	}
	on, err := os.ReadFile(path)
	if err != nil || string(on) != "\ufeff"+strings.ReplaceAll(text, "\n", "\r\n") {
		t.Errorf("the file holds %q %v", on, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v %v", info.Mode(), err)
	}
	// Another one who opened it before is told, and nothing is written.
	other := w.client(t, w.users[domain.LevelAdmin])
	if err := tried(t, other, "DocumentEditor.Save", saveRequest(domain.Italian, "mine", opened.Hash)); !domain.HasCode(err, domain.CodeDocumentChanged) {
		t.Errorf("over another's change: %v", err)
	}
	// So is who edits while the file is changed or removed on the disk.
	write(t, path, "# By hand\n")
	if err := tried(t, c, "DocumentEditor.Save", saveRequest(domain.Italian, text, saved.Hash)); !domain.HasCode(err, domain.CodeDocumentChanged) {
		t.Errorf("over a change by hand: %v", err)
	}
	byHand := call[engine.DocumentSource](t, c, "DocumentEditor.Open", diskUse(domain.Italian))
	call[engine.DocumentSource](t, c, "DocumentEditor.Save", saveRequest(domain.Italian, "# All\n", byHand.Hash))
	history := call[[]domain.DocumentVersion](t, c, "DocumentEditor.History", diskUse(domain.Italian))
	authors := []string{}
	for _, v := range history {
		authors = append(authors, v.Author)
	}
	name := w.users[domain.LevelDeveloper].Name
	if got, want := strings.Join(authors, ","), name+",,"+name+","; got != want {
		t.Fatalf("written by %q, want %q", got, want)
	}
	oldest := call[app.DocumentVersionText](t, c, "DocumentEditor.Version", app.DocumentVersionID{ID: history[3].ID})
	if oldest.Text != string(sample) {
		t.Errorf("the oldest version is %q", oldest.Text)
	}
	back := saveRequest(domain.Italian, oldest.Text, history[0].Hash)
	back.Origin = oldest.ID
	if now := call[engine.DocumentSource](t, c, "DocumentEditor.Save", back); now.Text != string(sample) {
		t.Errorf("taken back: %q", now.Text)
	}
	back.Language, back.Base = domain.French, call[engine.DocumentSource](t, c, "DocumentEditor.Open", diskUse(domain.French)).Hash
	if err := tried(t, c, "DocumentEditor.Save", back); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("another document's version: %v", err)
	}
	if saves, backs := w.recorded(t, "document.save", "script:system/disk_use"), w.recorded(t, "document.take_back", "script:system/disk_use"); saves != 2 || backs != 1 {
		t.Errorf("recorded %d and %d", saves, backs)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := tried(t, c, "DocumentEditor.Save", saveRequest(domain.Italian, text, history[0].Hash)); !domain.HasCode(err, domain.CodeDocumentChanged) {
		t.Errorf("over a file that went: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNewDocumentIsBegunFromTheTemplate(t *testing.T) { // DOC-3
	w := newWorld(t)
	groups := w.engine.Root().Groups()
	write(t, filepath.Join(groups, "plain", "one.py"), "print(1)\n")
	if err := w.engine.Rescan(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := w.client(t, w.users[domain.LevelDeveloper])
	for l, place := range map[domain.Language]string{domain.English: "docs/one.md", domain.Spanish: "docs/one_es.md"} {
		r := app.DocumentRequest{ScriptID: "plain/one", Language: l}
		d := call[engine.DocumentSource](t, c, "DocumentEditor.Open", r)
		if d.There || d.Path != place || !strings.HasPrefix(d.Text, "# One\n") || len(d.Problems) != 0 {
			t.Errorf("begun as %+v", d)
		}
		call[engine.DocumentSource](t, c, "DocumentEditor.Save", app.DocumentSaveRequest{DocumentTextRequest: app.DocumentTextRequest{DocumentRequest: r, Text: d.Text}})
	}
	shown := call[app.ScriptDetail](t, c, "Scripts.Get", app.ScriptRequest{ScriptID: "plain/one"})
	if len(shown.Languages) != 2 {
		t.Errorf("readers find it in %v", shown.Languages)
	}
}

func TestBadDocumentsAreNotWrittenOver(t *testing.T) { // DOC-2
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelDeveloper])
	path := filepath.Join(w.engine.Root().Groups(), "system", "docs", "disk_use.md")
	outside := filepath.Join(t.TempDir(), "outside.md")
	write(t, outside, "# Outside\n")
	for name, one := range map[string]struct {
		make func() error
		want domain.Code
	}{
		"a folder":              {func() error { return os.Mkdir(path, 0o700) }, domain.CodeDocumentFolder},
		"a link that leads out": {func() error { return os.Symlink(outside, path) }, domain.CodeDocumentFolder},
		"10 MB":                 {func() error { return os.WriteFile(path, make([]byte, 10<<20), 0o600) }, domain.CodeDocumentLong},
		"no text":               {func() error { return os.WriteFile(path, []byte("a\x00b"), 0o600) }, domain.CodeDocumentBinary},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if err := one.make(); err != nil {
				t.Fatal(err)
			}
			if err := tried(t, c, "DocumentEditor.Open", diskUse(domain.English)); !domain.HasCode(err, one.want) {
				t.Errorf("opened: %v, want %s", err, one.want)
			}
			if err := tried(t, c, "DocumentEditor.Save", saveRequest(domain.English, "x", "")); err == nil {
				t.Error("it was written over")
			}
		})
	}
	if b, err := os.ReadFile(outside); err != nil || string(b) != "# Outside\n" {
		t.Errorf("the file outside holds %q %v", b, err)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	write(t, path, "# Caf\xe9\n")
	d := call[engine.DocumentSource](t, c, "DocumentEditor.Open", diskUse(domain.English))
	if d.Text != "# Café\n" || d.Encoding != "windows-1252" {
		t.Errorf("not UTF-8: %+v", d)
	}
	call[engine.DocumentSource](t, c, "DocumentEditor.Save", saveRequest(domain.English, d.Text, d.Hash))
	if b, err := os.ReadFile(path); err != nil || string(b) != "# Café\n" {
		t.Errorf("written as %q %v", b, err)
	}
	if err := tried(t, c, "DocumentEditor.Save", saveRequest(domain.English, strings.Repeat("x", check.MaxText+1), d.Hash)); !domain.HasCode(err, domain.CodeDocumentLong) {
		t.Errorf("a long text: %v", err)
	}
}

func TestImageIsPutBesideTheDocument(t *testing.T) { // DOC-2
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelDeveloper])
	docs := filepath.Join(w.engine.Root().Groups(), "system", "docs")
	png := "\x89PNG\r\n\x1a\n"
	add := func(name, content string) (string, error) {
		var added app.DocumentImageAdded
		err := door.Call(t.Context(), c, "DocumentEditor.AddImage", app.DocumentImageAdd{DocumentRequest: diskUse(domain.Italian), Name: name, Data: []byte(content)}, &added)
		return added.Path, err
	}
	for _, one := range []struct{ name, content, want string }{
		{"../../Schéma 1.jpeg", png + "1", "images/______Schema_1.png"},
		{"../../Schéma 1.jpeg", png + "1", "images/______Schema_1.png"},
		{"../../Schéma 1.jpeg", png + "2", "images/______Schema_1-" + document.Hash([]byte(png + "2"))[:8] + ".png"},
		{"", png + "3", "images/_.png"},
	} {
		if got, err := add(one.name, one.content); err != nil || got != one.want {
			t.Errorf("%q lies at %q %v, want %q", one.name, got, err, one.want)
		} else if b, err := os.ReadFile(filepath.Join(docs, filepath.FromSlash(got))); err != nil || string(b) != one.content {
			t.Errorf("%s holds %q %v", got, b, err)
		}
	}
	for name, content := range map[string]string{"page.png": "<svg onload=alert(1)>", "large.png": png + strings.Repeat("x", 9<<20)} {
		if _, err := add(name, content); !domain.HasCode(err, domain.CodeDocumentPaste) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each pause of typing checks the text: it asks for the scripts that links name, not for all there are.
func TestCheckAsksForScriptsThatAreNamed(t *testing.T) { // DOC-2
	w := newWorld(t)
	s, err := w.engine.Script(t.Context(), "system/disk_use")
	if err != nil {
		t.Fatal(err)
	}
	var asked []domain.ScriptID
	seen := func(s domain.Script) bool {
		asked = append(asked, s.ID)
		return true
	}
	dead := func(text string) (n int) {
		t.Helper()
		problems, err := w.engine.CheckDocument(t.Context(), s, domain.English, text, seen)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			if p.Code == domain.CodeDocumentScript {
				n++
			}
		}
		return n
	}
	here := "[a](script:system/disk_use) "
	if n := dead(here + here + "[b](script:gone/gone)"); n != 1 || len(asked) != 1 || asked[0] != s.ID {
		t.Errorf("%d lead nowhere, asked for %v", n, asked)
	}
	var many strings.Builder
	for i := range 80 {
		_, _ = fmt.Fprintf(&many, "[b](script:gone/gone%d) ", i)
	}
	if n := dead(many.String() + here); n != 80 {
		t.Errorf("%d of 80 lead nowhere", n)
	}
}
