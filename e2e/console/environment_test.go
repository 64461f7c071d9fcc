//go:build e2e && linux

package console_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// conda makes an environment in conda's layout below the person's home, with a
// link to the system's Python; an installation where base is true.
func (in *installation) conda(name string, base bool) string {
	in.t.Helper()
	prefix := filepath.Join(in.home, filepath.FromSlash(name))
	for file, text := range map[string]string{
		"conda-meta/history": "==> 2026-11-21 01:22:10 <==\n# cmd: conda create\n+https://conda.anaconda.org/conda-forge/linux-64::python-3.11.7-h955ad1f_0_cpython\n",
		"conda-meta/python-3.11.7-h955ad1f_0_cpython.json": "{}",
		"conda-meta/state":            `{"version": 1, "env_vars": {"FEM_LICENCE": "it's here"}}`,
		"etc/conda/activate.d/fem.sh": "export FEM_DATA=\"$CONDA_PREFIX/share/fem\"\n",
	} {
		path := filepath.Join(prefix, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			in.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			in.t.Fatal(err)
		}
	}
	dirs := []string{"bin"}
	if base {
		dirs = append(dirs, "condabin", "envs")
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(filepath.Join(prefix, dir), 0o755); err != nil {
			in.t.Fatal(err)
		}
	}
	if err := os.Symlink("/usr/bin/python3", filepath.Join(prefix, "bin", "python")); err != nil {
		in.t.Fatal(err)
	}
	return prefix
}

func TestEnvironmentCommands(t *testing.T) { // ENV-1, ENV-2, ENV-5
	t.Parallel()
	in := newInstallation(t, nil)
	base := in.conda("miniconda3", true)
	other := in.conda("miniforge3", true)
	fem := in.conda("miniconda3/envs/fem b ü", false)
	broken := in.conda("miniconda3/envs/broken", false)
	odd := in.conda("miniconda3/envs/two\nlines\x1b[31m", false)
	if err := os.Remove(filepath.Join(broken, "bin", "python")); err != nil {
		t.Fatal(err)
	}

	byPath := map[any]map[string]any{}
	for _, e := range in.list("environment", "list") {
		wantKeys(t, "environment", e, "name", "path", "kind", "python_version", "state", "flask_version", "problem", "size_bytes", "writable_by_others")
		wantTimes(t, "environment", e)
		byPath[e["path"]] = e
	}
	for path, want := range map[string]string{base: "base conda ok", other: "base conda ok", fem: "fem b ü conda ok", broken: "broken conda broken", "/usr": "system system ok"} {
		e := byPath[path]
		if got := fmt.Sprint(e["name"], " ", e["kind"], " ", e["state"]); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if got := fmt.Sprint(byPath[broken]["reason"]); !strings.Contains(got, "3.11.7") {
		t.Errorf("what is broken is not told: %s", got)
	}
	if text := in.ok(in.command("environment", "list", "--lang", "it")); !strings.Contains(text, "Secondo i suoi dati Python 3.11.7") {
		t.Errorf("not in the person's language: %s", text)
	}
	// A name does not break the table, nor steer the terminal.
	for _, args := range [][]string{{"environment", "list"}, {"environment", "show", odd}} {
		text := in.ok(in.command(args...))
		if strings.ContainsRune(text, '\x1b') || !strings.Contains(text, "two\uFFFDlines\uFFFD[31m") {
			t.Errorf("%v: %q", args, text)
		}
	}
	if got := len(in.list("environment", "refresh")); got != len(byPath) {
		t.Errorf("refresh gives %d of %d", got, len(byPath))
	}

	shown := in.object("environment", "show", "fem b ü")
	wantKeys(t, "environment", shown, "name", "path", "kind", "state", "packages", "groups", "scripts", "tool", "root")
	packages, _ := shown["packages"].([]any)
	if shown["path"] != fem || shown["root"] != base || len(packages) != 1 || packages[0].(map[string]any)["name"] != "python" {
		t.Errorf("shown: %v", shown)
	}
	if shown = in.object("environment", "show", fem); shown["name"] != "fem b ü" {
		t.Errorf("shown by path: %v", shown)
	}
	if text := in.ok(in.command("environment", "show", fem)); !strings.Contains(text, "conda-forge") || !strings.Contains(text, fem) {
		t.Errorf("shown: %s", text)
	}

	a := in.object("environment", "activate", "fem b ü")
	set, _ := a["variables"].(map[string]any)
	for name, want := range map[string]string{
		"CONDA_PREFIX": fem, "CONDA_DEFAULT_ENV": "fem b ü", "CONDA_SHLVL": "1", "FEM_LICENCE": "it's here", "FEM_DATA": fem + "/share/fem",
		"PATH": strings.Join([]string{fem + "/bin", base + "/condabin", "/usr/bin", "/bin"}, ":"),
	} {
		if set[name] != want {
			t.Errorf("%s = %v, want %s", name, set[name], want)
		}
	}
	// a shell takes what is printed
	script := in.ok(in.command("environment", "activate", fem))
	out, err := exec.Command("/bin/sh", "-c", script+"\nprintf '%s|%s' \"$FEM_LICENCE\" \"$CONDA_PREFIX\"").CombinedOutput()
	if err != nil || string(out) != "it's here|"+fem {
		t.Errorf("in a shell: %s, %v", out, err)
	}

	for _, c := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"environment", "show", "base"}, exitUsage, []string{base, other}},
		{[]string{"environment", "activate", "nope"}, exitNotFound, []string{"nope", "fem b ü", "base"}},
		{[]string{"environment", "activate", "/no/where"}, exitNotFound, []string{"/no/where"}},
		{[]string{"environment", "activate", "broken"}, exitFailed, []string{"broken", "bin/python"}},
		{[]string{"environment", "show"}, exitUsage, nil},
	} {
		r := in.command(c.args...).run()
		if r.code != c.code || slices.ContainsFunc(c.says, func(s string) bool { return !strings.Contains(r.stderr, s) }) {
			t.Errorf("%v: %v", c.args, r)
		}
	}
}

// What an environment's scripts printed at its activation, and what they were
// refused, is found where the execution's other steps are (ENV-5, ENV-6).
func TestActivationInTheDebugStream(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	fem := in.conda("miniconda3/envs/fem", false)
	in.conda("miniconda3", true)
	scripts := filepath.Join(fem, "etc", "conda", "activate.d")
	if err := os.WriteFile(filepath.Join(scripts, "other.sh"), []byte("conda activate base\necho 'licence of fem found'\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	in.script("shows", task("@conda_environment: "+fem, `import os
print(os.environ["CONDA_DEFAULT_ENV"])`))
	r := in.command("run", "tools/shows", "--wait", "end").run()
	if r.code != exitOK {
		t.Fatal(r)
	}
	id, _ := in.list("execution", "list", "--limit", "1")[0]["id"].(string)
	text := in.ok(in.command("log", "show", id, "--stream", "debug"))
	for _, want := range []string{"licence of fem found", "conda activate: left out", "FEM_LICENCE", fem} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the debug stream:\n%s", want, text)
		}
	}
	if strings.Contains(text, "it's here") {
		t.Errorf("the value of a variable is in the debug stream:\n%s", text)
	}

	if err := os.WriteFile(filepath.Join(scripts, "z.sh"), []byte("echo 'no licence' >&2\nexit 4\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	wantFailure(t, in.command("run", "tools/shows", "--wait", "end").run(), exitFailed, "fem", "activation")
}
