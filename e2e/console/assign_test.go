//go:build e2e && linux

package console_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// venvs makes virtual environments without Flask in a folder.
func venvs(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		if out, err := exec.Command("/usr/bin/python3", "-m", "venv", "--without-pip", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("make a venv: %v\n%s", err, out)
		}
	}
	return dir
}

// ENV-4: a group's environment, changed while the application runs.
func TestGroupSetEnvironment(t *testing.T) {
	t.Parallel()
	dir := venvs(t, "one", "two", "deep/one")
	in := newInstallation(t, map[string]any{"environments": map[string]any{"folders": []string{dir, filepath.Join(dir, "deep")}}})
	in.script("plain", task("", "import sys\ntry:\n    import optional_absent\nexcept ImportError:\n    pass\nprint(sys.prefix)"))
	in.script("own", task("@conda_environment: "+filepath.Join(dir, "one"), "import sys\nif not sys.prefix:\n    import yaml_absent\nprint(sys.prefix)"))
	in.script("needs", task("", "import cv2, absent_module\n"))
	in.serve()
	prefix := func(id string) string {
		t.Helper()
		return strings.TrimSpace(in.ok(in.command("run", id, "--wait", "end")))
	}
	if got := prefix("tools/plain"); got != "/usr" {
		t.Fatalf("by default it runs in %s", got)
	}

	set := in.object("group", "set-environment", "tools", "two")
	two := filepath.Join(dir, "two")
	if env, _ := set["environment"].(map[string]any); env["path"] != two || set["source"] != "group" {
		t.Errorf("assigned: %v", set)
	}
	// What is missing is told, with file and line, and refuses nothing.
	text := strings.Join(words(set["warnings"]), "\n")
	for _, want := range []string{"tools/needs.py:", "cv2", "opencv-python", "absent_module", "optional_absent"} {
		if !strings.Contains(text, want) {
			t.Errorf("the warnings do not say %s:\n%s", want, text)
		}
	}
	if strings.Contains(text, "own.py") {
		t.Errorf("a script with an environment of its own is checked:\n%s", text)
	}
	if got := prefix("tools/plain"); got != two {
		t.Errorf("the group's script runs in %s", got)
	}
	if got, want := prefix("tools/own"), filepath.Join(dir, "one"); got != want {
		t.Errorf("the script with its own runs in %s, want %s", got, want)
	}

	// Several have the name: only the path will do.
	if r := in.command("group", "set-environment", "tools", "one").run(); r.code != exitUsage ||
		!strings.Contains(r.stderr, filepath.Join(dir, "one")) || !strings.Contains(r.stderr, filepath.Join(dir, "deep/one")) {
		t.Errorf("an ambiguous name: %v", r)
	}
	in.object("group", "set-environment", "tools", filepath.Join(dir, "deep/one"))
	if got, want := prefix("tools/plain"), filepath.Join(dir, "deep/one"); got != want {
		t.Errorf("after the path it runs in %s, want %s", got, want)
	}
	in.object("script", "set-environment", "tools/own", two)
	if got := prefix("tools/own"); got != two {
		t.Errorf("the script's assignment: it runs in %s", got)
	}
	in.object("script", "set-environment", "tools/own", "--default")
	if got, want := prefix("tools/own"), filepath.Join(dir, "one"); got != want {
		t.Errorf("taken back, the script runs in %s, want %s", got, want)
	}
	if set := in.object("group", "set-environment", "tools", "--default"); set["source"] != "default" {
		t.Errorf("taken back: %v", set)
	}
	if got := prefix("tools/plain"); got != "/usr" {
		t.Errorf("taken back, it runs in %s", got)
	}
	changes := in.query("SELECT actor, object FROM audit WHERE object LIKE 'environment:%'")
	if len(changes) != 5 {
		t.Errorf("recorded changes: %v", changes)
	}
}

func TestGroupSetEnvironmentRefuses(t *testing.T) {
	t.Parallel()
	dir := venvs(t, "bare")
	in := newInstallation(t, map[string]any{"environments": map[string]any{"folders": []string{dir}}})
	in.script("page", page("", ""))
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"tools", "no-such"}, exitNotFound, "no-such"},
		{[]string{"no-such", "bare"}, exitNotFound, "no-such"},
		{[]string{"tools", dir}, exitNotFound, dir},
		{[]string{"tools", "../../etc; rm -rf $HOME"}, exitNotFound, "rm -rf"},
		{[]string{"tools"}, exitUsage, "--default"},
		{[]string{"tools", "bare", "--default"}, exitUsage, "--default"},
	} {
		if r := in.command(append([]string{"group", "set-environment"}, tc.args...)...).run(); r.code != tc.code || !strings.Contains(r.stderr, tc.want) {
			t.Errorf("%q: %v", tc.args, r)
		}
	}
	// Without Flask the page cannot run there, which is said at once.
	text := in.ok(in.command("group", "set-environment", "tools", "bare"))
	for _, want := range []string{filepath.Join(dir, "bare"), "Flask"} {
		if !strings.Contains(text, want) {
			t.Errorf("does not say %q:\n%s", want, text)
		}
	}
}

func words(v any) []string {
	var list []string
	all, _ := v.([]any)
	for _, one := range all {
		text, _ := one.(string)
		list = append(list, text)
	}
	return list
}
