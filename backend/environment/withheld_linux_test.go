package environment_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
	"scriptsmanager/backend/sandbox"
)

func variables(environ []string) map[string]string {
	m := map[string]string{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		m[name] = value
	}
	return m
}

// shells set these by themselves.
func ofTheShell(name string) bool {
	return slices.Contains([]string{"_", "SHLVL", "PWD", "OLDPWD", "PS1"}, name)
}

// The activation with scripts of packages gives what a real conda gave, one by
// one; then some of what was inherited is withheld from scripts, and listed.
func TestActivationWithScriptsIsThatOfConda(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	// What the recorded scripts did: one of a package, one of the person.
	dir := "opt/conda/envs/demo/etc/conda/activate.d/"
	m.write(dir+"rigdata-activate.sh", "export RIG_DATA=\"$CONDA_PREFIX/share/rigdata\"\nexport RIG_MULTILINE=\"line one\nline two\"\necho 'noise on stdout from activate.d'\n", 0o644)
	m.write(dir+"zz-user.sh", "export RIG_USER_SCRIPT=1\n[ -z \"$SECRET_TOKEN\" ] || export SEEN=1\n", 0o644)
	b, err := os.ReadFile("testdata/conda-24.11-run-demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, object, _ := strings.Cut(strings.ReplaceAll(string(b), "%ROOT%", m.path("opt/conda")), "\n") // noise before
	var recorded struct {
		Exe string            `json:"exe"`
		Env map[string]string `json:"env"`
	}
	if err := json.Unmarshal([]byte(object), &recorded); err != nil {
		t.Fatal(err)
	}
	inherited := []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + m.Home, "LANG=es_ES.UTF-8", "LM_LICENSE_FILE=27000@server", "OMP_NUM_THREADS=4",
		"SECRET_TOKEN=x", "DISPLAY=:0", "SSH_AUTH_SOCK=/run/agent", "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/bus", "LD_LIBRARY_PATH=/opt/lib",
		"LD_PRELOAD=/opt/lib/x.so", "XDG_RUNTIME_DIR=/run/user/1000", "AWS_SECRET_ACCESS_KEY=x",
	}
	o := m.options()
	o.Environ, o.Base = inherited, sandbox.Environ(inherited, nil)
	a := activation(t, o, "demo")
	if a.Python != recorded.Exe {
		t.Errorf("Python %s, conda's is %s", a.Python, recorded.Exe)
	}
	// before the filter
	want := variables(inherited)
	for name, value := range recorded.Env {
		switch name {
		case "CONDA_PREFIX_1", "CONDA_ROOT", "SHLVL": // `conda run` goes over its base; the recorder's own; the shell's
			continue
		case "CONDA_SHLVL":
			value = "1"
		}
		want[name] = value
	}
	want["_CE_M"] = "" // the recording has those with CONDA or RIG in their names alone
	got := variables(a.Apply(inherited))
	for name, value := range want {
		if now, ok := got[name]; !ok || now != value {
			t.Errorf("%s = %q (%v), conda has %q", name, now, ok, value)
		}
	}
	for name, value := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s = %q, conda does not set it", name, value)
		}
	}
	// the filter
	withheld := []string{
		"AWS_SECRET_ACCESS_KEY", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "LD_LIBRARY_PATH", "LD_PRELOAD", "SECRET_TOKEN", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR",
	}
	if !slices.Equal(a.Withheld, withheld) {
		t.Errorf("withheld %q, want %q", a.Withheld, withheld)
	}
	script := variables(a.Apply(o.Base))
	for name, value := range want {
		now, ok := script[name]
		if slices.Contains(withheld, name) == ok || ok && now != value {
			t.Errorf("a script has %s = %q (%v)", name, now, ok)
		}
	}
	if len(script) != len(want)-len(withheld) {
		t.Errorf("a script has %d variables, want %d without %d", len(script), len(want), len(withheld))
	}
	o.Base = nil // without confinement
	if a := activation(t, o, "demo"); len(a.Withheld) != 0 {
		t.Errorf("without the filter, withheld: %q", a.Withheld)
	}
}

// Where a conda is to be had, each of its environments is activated by it, in a
// clean shell, and by us.
func TestActivationIsThatOfTheCondaHere(t *testing.T) { // ENV-5
	conda := os.Getenv("CONDA_EXE")
	if conda == "" {
		conda, _ = exec.LookPath("conda")
	}
	if conda == "" {
		t.Skip("there is no conda here to compare with")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	conda, err = filepath.EvalSymlinks(conda)
	if err != nil {
		t.Fatal(err)
	}
	clean := []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + home, "LANG=C.UTF-8"}
	e := environment.New(environment.Options{Home: home, Environ: append(slices.Clone(clean), "CONDA_EXE="+conda)}, &memory{}, nil)
	e.SetLimit(patient)
	for _, env := range refresh(t, e) {
		if env.Kind != domain.EnvironmentConda || env.Tool != domain.ToolConda || !env.Usable() {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "/bin/bash", "--noprofile", "--norc", "-c",
			`eval "$("$1" shell.posix hook)" >&2 && conda activate "$2" >&2 && exec /usr/bin/env -0`, "bash", conda, env.Path)
		cmd.Env = clean
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("conda activate %s: %v", env.Path, err)
			continue
		}
		a, err := e.Activation(t.Context(), env)
		if err != nil {
			t.Errorf("%s: %v", env.Path, err)
			continue
		}
		theirs, ours := variables(strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")), variables(a.Apply(clean))
		for name, value := range theirs {
			if now, ok := ours[name]; !ofTheShell(name) && (!ok || now != value) {
				t.Errorf("%s: %s = %q (%v), conda has %q", env.Path, name, now, ok, value)
			}
		}
		for name, value := range ours {
			if _, ok := theirs[name]; !ofTheShell(name) && !ok {
				t.Errorf("%s: %s = %q, conda does not set it", env.Path, name, value)
			}
		}
	}
}
