//go:build e2e && linux

package console_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Files of a project from the terminal: put, listed, fetched, removed.
func TestData(t *testing.T) { // PRJ-3, PRJ-6, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("one", task("", `print("x")`))
	in.ok(in.command("user", "add", "otto", "--level", "operator").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	in.ok(in.command("user", "add", "vera", "--level", "viewer").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a, b := write("a.csv", "1,2\n"), write("b.bin", strings.Repeat("\x00x", 3<<20))

	if out := in.ok(in.command("data", "put", a, b, "tools/run 1", "--as", "otto")); out != "tools/run 1/a.csv\ntools/run 1/b.bin\n" {
		t.Errorf("put: %q", out)
	}
	in.ok(in.command("data", "put", "-", "tools/typed.txt", "--as", "otto").stdin("typed"))
	list := in.list("data", "list", "tools", "--recursive", "--as", "otto")
	var paths []string
	for _, l := range list {
		paths = append(paths, l["path"].(string))
	}
	if got := strings.Join(paths, ","); got != "run 1,run 1/a.csv,run 1/b.bin,typed.txt" {
		t.Errorf("listed %s", got)
	}
	groups := in.list("data", "list", "--as", "otto")
	used := ""
	for _, g := range groups {
		if g["used"] == true {
			used += g["group_id"].(string)
		}
	}
	if used != "tools" {
		t.Errorf("groups with files: %s of %v", used, groups)
	}
	if got := in.ok(in.command("data", "get", "tools/typed.txt", "-o", "-", "--as", "otto")); got != "typed" {
		t.Errorf("got %q", got)
	}
	back := filepath.Join(dir, "back.bin")
	in.ok(in.command("data", "get", "run 1/b.bin", "--group", "tools", "-o", back, "--as", "otto"))
	if got, err := os.ReadFile(back); err != nil || string(got) != strings.Repeat("\x00x", 3<<20) {
		t.Errorf("fetched %d bytes, %v", len(got), err)
	}
	// A link in the folder is shown, left out of the zip and told.
	data := filepath.Join(in.dir, "data", "script_groups", "group_tools", "user_otto", "project_default")
	if err := os.Symlink("/etc/passwd", filepath.Join(data, "run 1", "link")); err != nil {
		t.Fatal(err)
	}
	r := in.command("data", "get", "tools/run 1", "-o", filepath.Join(dir, "run.zip"), "--as", "otto").run()
	if r.code != 0 || !strings.Contains(r.stderr, "run 1/link") {
		t.Errorf("zip: %v", r)
	}
	z, err := zip.OpenReader(filepath.Join(dir, "run.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	if len(z.File) != 3 {
		t.Errorf("%d in the zip", len(z.File))
	}

	for what, c := range map[string]struct {
		args []string
		code int
	}{
		"existing":        {[]string{"data", "put", a, "tools/run 1/", "--as", "otto"}, 1},
		"out of it":       {[]string{"data", "put", a, "tools/../../x", "--as", "otto"}, 2},
		"device":          {[]string{"data", "put", a, "tools/con.txt", "--as", "otto"}, 2},
		"through a link":  {[]string{"data", "get", "tools/run 1/link", "-o", "-", "--as", "otto"}, 1},
		"no file":         {[]string{"data", "get", "tools/none", "-o", "-", "--as", "otto"}, 4},
		"no project":      {[]string{"data", "list", "tools", "--project", "none", "--as", "otto"}, 4},
		"no group":        {[]string{"data", "list", "none", "--as", "otto"}, 4},
		"a folder":        {[]string{"data", "remove", "tools/run 1", "--as", "otto"}, 2},
		"all":             {[]string{"data", "rm", "tools", "--recursive", "--as", "otto"}, 2},
		"a viewer writes": {[]string{"data", "put", a, "tools/x.csv", "--as", "vera"}, 3},
		"no source":       {[]string{"data", "put", filepath.Join(dir, "none"), "tools", "--as", "otto"}, 1},
		"no target":       {[]string{"data", "put", a, "--as", "otto"}, 2},
		"another's":       {[]string{"data", "get", "tools/typed.txt", "-o", "-"}, 4}, // the owner's own project
	} {
		if r := in.command(c.args...).run(); r.code != c.code {
			t.Errorf("%s: %v, want %d", what, r, c.code)
		}
	}
	in.ok(in.command("data", "put", write("a.csv", "3,4\n"), "tools/run 1/", "--replace", "--as", "otto"))
	if got := in.ok(in.command("data", "get", "tools/run 1/a.csv", "-o", "-", "--as", "otto")); got != "3,4\n" {
		t.Errorf("replaced: %q", got)
	}
	gone := in.object("data", "rm", "tools/run 1", "--recursive", "--as", "otto")
	if gone["files"] != 3.0 {
		t.Errorf("removed %v", gone)
	}
	if list := in.list("data", "list", "tools", "--as", "otto"); len(list) != 1 {
		t.Errorf("left %v", list)
	}
	if left, err := os.ReadDir(filepath.Join(in.dir, "data", "uploads")); err != nil || len(left) != 0 {
		t.Errorf("left of uploads: %v, %v", left, err)
	}
	if r := in.command("audit", "list").run(); strings.Count(r.stdout, "data.upload") != 4 || strings.Count(r.stdout, "data.delete") != 1 {
		t.Errorf("audit: %v", r)
	}
}
