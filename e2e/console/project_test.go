//go:build e2e && linux

package console_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// projectNamed gives what the list says of a project.
func (in *installation) projectNamed(name string, args ...string) map[string]any {
	for _, p := range in.list(append([]string{"project", "list"}, args...)...) {
		if p["name"] == name {
			return p
		}
	}
	return nil
}

func TestProjects(t *testing.T) { // PRJ-1, PRJ-6, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("write", task("", `
import os, sys
dir = sys.argv[sys.argv.index("--data-dir") + 1]
open(os.path.join(dir, "result.txt"), "w").write("42")`))
	for _, user := range []string{"otto", "olga"} {
		in.ok(in.command("user", "add", user, "--level", "operator").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	}
	in.ok(in.command("project", "create", "Oven 3", "--description", "walls", "--as", "otto"))
	in.ok(in.command("run", "tools/write", "--project", "Oven 3", "--as", "otto", "--wait", "end"))
	p := in.projectNamed("Oven 3", "--as", "otto")
	if p == nil || p["description"] != "walls" || p["files"] != float64(1) || p["bytes"] != float64(2) || p["running"] != float64(0) {
		t.Fatalf("listed %v", p)
	}
	folder := filepath.Join(in.dir, "data", "script_groups", "group_tools", "user_otto", "project_Oven_3")
	in.ok(in.command("project", "rename", "oven 3", "Kiln", "--as", "otto"))
	in.ok(in.command("project", "describe", "Kiln", "bricks", "--as", "otto"))
	if b, err := os.ReadFile(filepath.Join(folder, "result.txt")); err != nil || string(b) != "42" {
		t.Errorf("renamed, its files are %q, %v", b, err)
	}
	in.ok(in.command("project", "archive", "Kiln", "--as", "otto"))
	if r := in.command("run", "tools/write", "--project", "Kiln", "--as", "otto", "--wait", "end").run(); r.code == 0 {
		t.Errorf("run in the archive: %v", r)
	}
	in.ok(in.command("project", "unarchive", "Kiln", "--as", "otto"))

	// What is another's is not there; an administrator reaches it, which is recorded.
	for _, c := range [][]string{
		{"project", "rename", "Kiln", "x", "--as", "olga"},
		{"project", "delete", "Kiln", "--confirm", "Kiln", "--as", "olga"},
	} {
		if r := in.command(c...).run(); r.code != 4 {
			t.Errorf("%v: %v", c, r)
		}
	}
	if r := in.command("project", "list", "--user", "otto", "--as", "olga").run(); r.code != 3 {
		t.Errorf("another's list: %v", r)
	}
	if p := in.projectNamed("Kiln", "--user", "otto"); p == nil || p["description"] != "bricks" {
		t.Errorf("to an administrator: %v", p)
	}
	if r := in.command("audit", "list", "--action", "project.list").run(); !strings.Contains(r.stdout, "user:otto") {
		t.Errorf("recorded: %v", r)
	}

	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"project", "create", "KILN", "--as", "otto"}, 1},
		{[]string{"project", "create", "a\nb", "--as", "otto"}, 2},
		{[]string{"project", "create", strings.Repeat("x", 101), "--as", "otto"}, 2},
		{[]string{"project", "delete", "Kiln", "--as", "otto"}, 2},
		{[]string{"project", "delete", "Kiln", "--confirm", "kiln", "--as", "otto"}, 2},
		{[]string{"project", "delete", "project_default", "--confirm", "project_default", "--as", "otto"}, 1},
		{[]string{"project", "archive", "project_default", "--as", "otto"}, 1},
		{[]string{"project", "rename", "none", "x", "--as", "otto"}, 4},
	} {
		if r := in.command(c.args...).run(); r.code != c.code || r.stderr == "" {
			t.Errorf("%q: want code %d, got %v", c.args, c.code, r)
		}
	}
	// Reserved names of Windows, dots and slashes make no folder of that name.
	for _, name := range []string{"CON", "..", "a/../../b", "nul.txt"} {
		in.ok(in.command("project", "create", name, "--as", "otto"))
		if f, _ := in.projectNamed(name, "--as", "otto")["folder"].(string); !strings.HasPrefix(f, "project_") || strings.ContainsAny(f, `./\`) {
			t.Errorf("%q lies in %q", name, f)
		}
	}
	in.ok(in.command("project", "delete", "Kiln", "--confirm", "Kiln", "--as", "otto"))
	if _, err := os.Lstat(folder); err == nil {
		t.Error("its folder is there still")
	}
	if in.projectNamed("Kiln", "--as", "otto") != nil {
		t.Error("deleted, and listed still")
	}
}
