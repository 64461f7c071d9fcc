//go:build e2e && linux

package console_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func (in *installation) backups(args ...string) []map[string]any {
	return in.list(append([]string{"project", "backups"}, args...)...)
}

func number(b map[string]any) string {
	id, _ := b["id"].(float64)
	return strconv.Itoa(int(id))
}

func TestProjectBackups(t *testing.T) { // PRJ-4, SEC-5
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("write", task("", `
import os, sys
dir = sys.argv[sys.argv.index("--data-dir") + 1]
open(os.path.join(dir, "result.txt"), "w").write("42")
os.makedirs(os.path.join(dir, "deep"), exist_ok=True)
open(os.path.join(dir, "deep", "more.csv"), "w").write("a,b")
os.symlink("/etc/passwd", os.path.join(dir, "link"))`))
	for _, user := range []string{"otto", "olga"} {
		in.ok(in.command("user", "add", user, "--level", "operator").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	}
	in.ok(in.command("project", "create", "Oven", "--as", "otto"))
	in.ok(in.command("run", "tools/write", "--project", "Oven", "--as", "otto", "--wait", "end"))
	folder := filepath.Join(in.dir, "data", "script_groups", "group_tools", "user_otto", "project_Oven")
	said := in.ok(in.command("project", "backup", "Oven", "--as", "otto"))
	list := in.backups("--as", "otto")
	if len(list) != 1 || list[0]["files"] != float64(2) || list[0]["left_out"] != float64(1) || list[0]["reason"] != "asked" || list[0]["made_by"] != "otto" {
		t.Fatalf("backups %v", list)
	}
	first := number(list[0])
	name, _ := list[0]["file"].(string)
	if !strings.HasPrefix(name, "user_otto_project_Oven_") {
		t.Errorf("it is called %s", name)
	}
	if want := "Backup " + first + ": " + filepath.Join(in.dir, "data", "backups", name) + "\n"; !strings.HasSuffix(said, want) {
		t.Errorf("it says %q, not %q", said, want)
	}
	z, err := zip.OpenReader(filepath.Join(in.dir, "data", "backups", name))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	_ = z.Close()
	if got := strings.Join(names, " "); got != "README.txt data/group_tools/deep/more.csv data/group_tools/result.txt manifest.json" {
		t.Errorf("in it: %s", got)
	}

	// Preview, a chosen file, all of it: the present state is kept first.
	for path, text := range map[string]string{"result.txt": "43", "own.txt": "own"} {
		if err := os.WriteFile(filepath.Join(folder, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.Remove(filepath.Join(folder, "deep", "more.csv"))
	preview := in.object("project", "restore", first, "--preview", "--as", "otto")
	if preview["new"] != float64(1) || preview["changed"] != float64(1) || preview["here"] != float64(1) {
		t.Errorf("preview %v", preview)
	}
	in.ok(in.command("project", "restore", first, "--file", "group_tools/deep", "--as", "otto"))
	text := func(name string) string {
		b, _ := os.ReadFile(filepath.Join(folder, name))
		return string(b)
	}
	if text("deep/more.csv") != "a,b" || text("result.txt") != "43" || text("own.txt") != "own" {
		t.Errorf("one folder: %q %q %q", text("deep/more.csv"), text("result.txt"), text("own.txt"))
	}
	in.ok(in.command("project", "restore", first, "--exact", "--as", "otto"))
	if text("result.txt") != "42" || text("own.txt") != "" {
		t.Errorf("exactly: %q %q", text("result.txt"), text("own.txt"))
	}
	if list = in.backups("--as", "otto"); len(list) != 3 || list[0]["reason"] != "before_restore" {
		t.Errorf("backups of the states before: %v", list)
	}

	// Another's is not there. As a new project, from a file, also of another person.
	for _, c := range [][]string{{"restore", first, "--new", "x"}, {"download", first, "-o", filepath.Join(t.TempDir(), "x")}, {"delete-backup", first}} {
		if r := in.command(append(append([]string{"project"}, c...), "--as", "olga")...).run(); r.code != 4 {
			t.Errorf("%v: %v", c, r)
		}
	}
	file := filepath.Join(t.TempDir(), "oven.zip")
	in.ok(in.command("project", "download", first, "-o", file, "--as", "otto"))
	in.ok(in.command("project", "restore", file, "--new", "From a file", "--as", "olga"))
	if b, err := os.ReadFile(filepath.Join(in.dir, "data", "script_groups", "group_tools", "user_olga", "project_From_a_file", "result.txt")); err != nil || string(b) != "42" {
		t.Errorf("from a file: %q, %v", b, err)
	}
	// A look at a file leaves no backup, and neither does what has no place.
	brought := len(in.backups("--as", "olga"))
	if p := in.object("project", "restore", file, "--new", "Not yet", "--preview", "--as", "olga"); p["new"] != float64(2) {
		t.Errorf("preview of a file: %v", p)
	}
	for what, c := range map[string]struct {
		args []string
		code int
	}{
		"nowhere": {nil, 2}, "no such project": {[]string{"--into", "None"}, 4}, "a name that is taken": {[]string{"--new", "From a file"}, 1},
		"a file for another": {[]string{"--new", "x", "--user", "otto"}, 2},
	} {
		if r := in.command(append([]string{"project", "restore", file, "--as", "olga"}, c.args...)...).run(); r.code != c.code {
			t.Errorf("%s: %v", what, r)
		}
	}
	if n := len(in.backups("--as", "olga")); n != brought {
		t.Errorf("%d backups, %d before", n, brought)
	}
	// What is no good leaves nothing.
	b, _ := os.ReadFile(file)
	b[len(b)/2] ^= 0xff
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := in.command("project", "restore", file, "--new", "Damaged", "--as", "olga").run(); r.code == 0 || in.projectNamed("Damaged", "--as", "olga") != nil {
		t.Errorf("damaged: %v", r)
	}
	hostile := filepath.Join(t.TempDir(), "hostile.zip")
	f, _ := os.Create(hostile)
	w := zip.NewWriter(f)
	for _, name := range []string{"data/group_tools/../../../../evil", "manifest.json"} {
		to, _ := w.Create(name)
		_, _ = to.Write([]byte("{}"))
	}
	_, _ = w.Close(), f.Close()
	if r := in.command("project", "restore", hostile, "--new", "Hostile", "--as", "olga").run(); r.code == 0 || !strings.Contains(r.stderr, "..") {
		t.Errorf("hostile: %v", r)
	}
	left, _ := filepath.Glob(filepath.Join(in.dir, "data", "backups", ".*"))
	jobs, _ := filepath.Glob(filepath.Join(in.dir, "data", "project_jobs", "*"))
	if len(left)+len(jobs) > 0 {
		t.Errorf("left behind: %v %v", left, jobs)
	}

	// A deleted project comes back from its backup.
	in.ok(in.command("project", "delete", "Oven", "--confirm", "Oven", "--as", "otto"))
	in.ok(in.command("project", "create", "Oven", "--as", "otto"))
	if r := in.command("project", "restore", first, "--as", "otto").run(); r.code != 2 { // that one is another
		t.Errorf("into another of that name: %v", r)
	}
	in.ok(in.command("project", "delete", "Oven", "--confirm", "Oven", "--as", "otto"))
	in.ok(in.command("project", "restore", first, "--new", "Oven", "--as", "otto"))
	if p := in.projectNamed("Oven", "--as", "otto"); p == nil || p["files"] != float64(2) {
		t.Errorf("back again: %v", p)
	}
	in.ok(in.command("project", "delete-backup", first, "--as", "otto"))
	if len(in.backups("--as", "otto")) != 2 {
		t.Error("deleted, and listed still")
	}
	if r := in.command("audit", "list", "--action", "project.restore").run(); strings.Count(r.stdout, "project.restore") < 4 {
		t.Errorf("recorded: %v", r)
	}
}

func TestBackupsThatAreKept(t *testing.T) { // data_management.max_backup_versions
	t.Parallel()
	in := newInstallation(t, nil)
	in.write("config.json", `{"data_management": {"max_backup_versions": 2, "compress_backups": false}}`)
	in.script("write", task("", `
import os, sys
open(os.path.join(sys.argv[sys.argv.index("--data-dir") + 1], "x"), "w").write("x" * 1000)`))
	in.ok(in.command("run", "tools/write", "--wait", "end"))
	for range 4 {
		in.ok(in.command("project", "backup", "project_default"))
	}
	list := in.backups()
	if len(list) != 2 {
		t.Fatalf("kept %v", list)
	}
	files, _ := filepath.Glob(filepath.Join(in.dir, "data", "backups", "*.zip"))
	if size, _ := list[0]["size"].(float64); len(files) != 2 || size < 1000 {
		t.Errorf("files %v, %v", files, list[0])
	}
	// The last one stays, whatever becomes of the others.
	_ = os.Remove(files[1])
	in.ok(in.command("project", "backup", "project_default"))
	if n := len(in.backups()); n != 3 { // two that are there, one that is missing
		t.Errorf("%d", n)
	}
}
