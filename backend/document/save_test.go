package document_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"scriptsmanager/backend/document"
)

func TestDraftGoesBack(t *testing.T) { // DOC-2
	dir := t.TempDir()
	group, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = group.Close() }()
	path := filepath.Join(dir, "docs", "a.md")
	put := func(text, want string) *document.Draft {
		t.Helper()
		d, err := document.Prepare(group, "docs/a.md", []byte(text), want, 1<<20)
		if err == nil {
			err = d.Put()
		}
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	back := func(d *document.Draft) string {
		t.Helper()
		if err := d.Back(); err != nil {
			t.Fatal(err)
		}
		d.Drop()
		content, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return "nothing"
		}
		return string(content)
	}
	if is := back(put("new", "")); is != "nothing" {
		t.Errorf("%q stands where nothing stood", is)
	}
	put("one", "")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	two := put("two", document.Hash([]byte("one")))
	if is := back(two); is != "one" {
		t.Errorf("%q stands where one stood", is)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v %v", info.Mode(), err)
	}
	if is := back(two); is != "one" {
		t.Errorf("twice gives %q", is)
	}
	// What somebody wrote since stays.
	three := put("three", document.Hash([]byte("one")))
	if err := os.WriteFile(path, []byte("by hand"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := three.Back(); err == nil {
		t.Error("a change by hand was written over")
	}
	if content, _ := os.ReadFile(path); string(content) != "by hand" {
		t.Errorf("the file holds %q", content)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left are %v %v", entries, err)
	}
}

func TestImagesOfOneName(t *testing.T) { // DOC-2
	group, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = group.Close() }()
	for _, one := range []struct{ content, want string }{
		{"first", "docs/images/job.png"},
		{"second", "docs/images/job-" + document.Hash([]byte("second"))[:8] + ".png"},
		{"third", "docs/images/job-" + document.Hash([]byte("third"))[:8] + ".png"},
		{"second", "docs/images/job-" + document.Hash([]byte("second"))[:8] + ".png"},
		{"first", "docs/images/job.png"},
	} {
		got, err := document.AddImage(group, "docs/job.md", "job.png", ".png", []byte(one.content))
		if err != nil || got != one.want {
			t.Errorf("%s lies as %q %v, want %q", one.content, got, err, one.want)
		}
	}
	if dir, err := group.Open("docs/images"); err != nil {
		t.Error(err)
	} else {
		names, _ := dir.Readdirnames(-1)
		_ = dir.Close()
		if len(names) != 3 {
			t.Errorf("there are %s", strings.Join(names, ", "))
		}
	}
}
