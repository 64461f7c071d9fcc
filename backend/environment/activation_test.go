package environment_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

func activation(t *testing.T, o environment.Options, name string) environment.Activation {
	t.Helper()
	e := environment.New(o, &memory{}, nil)
	env, _, err := e.Resolve(t.Context(), name, false)
	if err != nil {
		t.Fatal(err)
	}
	a, err := e.Activation(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// demo makes the environment of which conda's own answer is recorded in testdata.
func demo(m *machine) {
	m.installation("opt/conda")
	m.conda("opt/conda/envs/demo", "opt/conda")
	m.write("opt/conda/envs/demo/etc/conda/env_vars.d/rigdata.json", `{"RIG_USER_VAR":"hello"}`, 0o644)
	m.write("opt/conda/envs/demo/conda-meta/state", `{"version": 1, "env_vars": {"rig_user_var": "hello world", "FLASK_DEBUG": 0, "GONE": "***unset***", "PATH": "/evil"}}`, 0o644)
}

func TestActivationIsThatOfConda(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	b, err := os.ReadFile("testdata/conda-24.11-activate.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Path map[string][]string `json:"path"`
		Vars struct {
			Export map[string]any `json:"export"`
		} `json:"vars"`
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(b), "%ROOT%", m.path("opt/conda"))), &recorded); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for name, value := range recorded.Vars.Export {
		want[name] = fmt.Sprint(value)
	}
	o := m.options()
	o.Environ = []string{"PATH=/usr/local/bin:/usr/bin:/bin"}
	a := activation(t, o, "demo")
	for name := range want {
		if a.Env[name] != want[name] {
			t.Errorf("%s = %q, conda has %q", name, a.Env[name], want[name])
		}
	}
	for name, value := range a.Env {
		if _, ok := want[name]; !ok {
			t.Errorf("%s = %q, conda does not set it", name, value)
		}
	}
	if !slices.Equal(a.Path, recorded.Path["PATH"]) {
		t.Errorf("PATH %q, conda has %q", a.Path, recorded.Path["PATH"])
	}
	if a.Python != m.path("opt/conda/envs/demo/bin/python") {
		t.Errorf("Python %s", a.Python)
	}
}

func TestActivationDeactivatesWhatWasActive(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	m.installation("srv/other")
	m.conda("srv/other/envs/old", "srv/other")
	o := m.options()
	old := m.path("srv/other/envs/old")
	o.Environ = []string{
		"PATH=" + old + "/bin:" + m.path("srv/other/condabin") + ":/venv/bin:/usr/bin", "CONDA_PREFIX=" + old, "CONDA_SHLVL=2", "CONDA_PREFIX_1=" + m.path("srv/other"),
		"CONDA_STACKED_2=true", "__CONDA_SHLVL_1_X=1", "_CE_M=m", "PYTHONHOME=/x", "PYTHONPATH=/y", "VIRTUAL_ENV=/venv", "CONDA_EXE=" + m.path("srv/other/bin/conda"), "HOME=/h", "EMPTY=",
	}
	a := activation(t, o, "demo")
	got := a.Apply(o.Environ)
	want := []string{
		"CONDA_DEFAULT_ENV=demo", "CONDA_EXE=" + m.path("opt/conda/bin/conda"), "CONDA_PREFIX=" + m.path("opt/conda/envs/demo"), "CONDA_PROMPT_MODIFIER=(demo) ",
		"CONDA_PYTHON_EXE=" + m.path("opt/conda/bin/python"), "CONDA_SHLVL=1", "EMPTY=", "FLASK_DEBUG=0", "HOME=/h",
		"PATH=" + m.path("opt/conda/envs/demo/bin") + ":" + m.path("opt/conda/condabin") + ":" + m.path("srv/other/condabin") + ":/usr/bin",
		"RIG_USER_VAR=hello world", "_CE_CONDA=", "_CE_M=",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, name := range []string{"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_STACKED_2", "__CONDA_SHLVL_1_X"} {
		if !slices.Contains(a.Unset, name) {
			t.Errorf("%s is not in Unset %q", name, a.Unset)
		}
	}
}

func TestActivateScripts(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	dir := "opt/conda/envs/demo/etc/conda/activate.d/"
	m.write(dir+"10-first.sh", "export ORDER=1 MULTI='two\nlines' SEEN=\"$CONDA_PREFIX\"\necho noise; echo 'X=1' >&3 2>/dev/null; /bin/sleep 60 &\n", 0o644)
	m.write(dir+"20 it's second.sh", "export ORDER=\"${ORDER}2\" PATH=\"/from/script:$PATH\"\nunset FLASK_DEBUG HOME\nfalse\n", 0o644)
	m.write(dir+"ignored.fish", "exit 3\n", 0o644)
	o := m.options()
	o.Environ = []string{"PATH=/usr/bin:/bin", "HOME=/h", "KEPT=yes", "BASH_ENV=/nowhere", "SHLVL=7"}
	a := activation(t, o, "demo")
	for name, want := range map[string]string{"ORDER": "12", "MULTI": "two\nlines", "SEEN": m.path("opt/conda/envs/demo"), "RIG_USER_VAR": "hello world"} {
		if a.Env[name] != want {
			t.Errorf("%s = %q, want %q", name, a.Env[name], want)
		}
	}
	if a.Path[0] != "/from/script" || a.Path[1] != m.path("opt/conda/envs/demo/bin") {
		t.Errorf("PATH %q", a.Path)
	}
	got := a.Apply(o.Environ)
	for _, kv := range []string{"KEPT=yes", "BASH_ENV=/nowhere", "SHLVL=7"} {
		if !slices.Contains(got, kv) {
			t.Errorf("%s is missing in %q", kv, got)
		}
	}
	for _, kv := range got {
		if strings.HasPrefix(kv, "HOME=") || strings.HasPrefix(kv, "FLASK_DEBUG=") || strings.HasPrefix(kv, "X=") {
			t.Errorf("%s is there", kv)
		}
	}
}

func TestActivateScriptThatFails(t *testing.T) {
	m := newMachine(t)
	demo(m)
	m.write("opt/conda/envs/demo/etc/conda/activate.d/a.sh", "export A=1\n", 0o644)
	m.write("opt/conda/envs/demo/etc/conda/activate.d/bad.sh", "echo 'licence server not found' >&2\nexit 0\n", 0o644)
	e := environment.New(m.options(), &memory{}, nil)
	env, _, err := e.Resolve(t.Context(), "demo", false)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Activation(t.Context(), env)
	if !domain.HasCode(err, domain.CodeEnvironmentBroken) || !strings.Contains(err.Error(), "licence server not found") || !strings.Contains(err.Error(), "activate.d/bad.sh ended the shell") {
		t.Errorf("got %v", err)
	}
}

func TestActivationIsComputedAgainAfterAChange(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	e := environment.New(m.options(), &memory{}, nil)
	env, _, err := e.Resolve(t.Context(), "demo", false)
	if err != nil {
		t.Fatal(err)
	}
	first, err := e.Activation(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	first.Env["RIG_USER_VAR"] = "changed by the caller"
	if again, _ := e.Activation(t.Context(), env); again.Env["RIG_USER_VAR"] != "hello world" {
		t.Errorf("the cache was changed from outside: %q", again.Env["RIG_USER_VAR"])
	}
	m.write("opt/conda/envs/demo/conda-meta/state", `{"env_vars": {"RIG_USER_VAR": "a new value"}}`, 0o644)
	if again, _ := e.Activation(t.Context(), env); again.Env["RIG_USER_VAR"] != "a new value" {
		t.Errorf("after conda env config vars set: %q", again.Env["RIG_USER_VAR"])
	}
}

func TestActivationOfVenvAndSystem(t *testing.T) { // ENV-8
	m := newMachine(t)
	m.venv("root/venvs/solver")
	o := m.options()
	o.RootDir, o.Environ = m.path("root"), []string{"PATH=/bin:/usr/bin", "PYTHONHOME=/x"}
	venv := activation(t, o, "solver")
	if venv.Env["VIRTUAL_ENV"] != m.path("root/venvs/solver") || venv.Path[0] != m.path("root/venvs/solver/bin") {
		t.Errorf("venv: %+v", venv)
	}
	cmd := exec.Command(venv.Python, "-c", "import sys; print(sys.prefix)")
	cmd.Env = venv.Apply(o.Environ)
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != m.path("root/venvs/solver") {
		t.Errorf("the venv's Python says %s, %v", out, err)
	}
	system := activation(t, o, "system")
	if len(system.Env) != 0 || !slices.Equal(system.Path, []string{"/bin", "/usr/bin"}) || !slices.Equal(system.Unset, []string{"PYTHONHOME"}) {
		t.Errorf("system: %+v", system)
	}
}

// Launching through the cached activation may cost next to nothing.
func BenchmarkActivationCached(b *testing.B) {
	m := newMachine(b)
	demo(m)
	m.write("opt/conda/envs/demo/etc/conda/activate.d/a.sh", "export A=1\n", 0o644)
	e := environment.New(m.options(), &memory{}, nil)
	env, _, err := e.Resolve(b.Context(), "demo", false)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Activation(b.Context(), env); err != nil {
			b.Fatal(err)
		}
	}
}

func TestActiveNameIsThatOfConda(t *testing.T) { // ENV-5
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/own", "opt/conda")
	m.conda("home/.conda/envs/v1.2", "opt/conda") // of a person to whom the installation does not belong
	m.conda("disk/mine", "opt/conda")
	m.mkdir("mm/pkgs")
	m.conda("mm/envs/rig.v2", "mm")
	o := m.options("MAMBA_ROOT_PREFIX=" + m.path("mm"))
	o.Folders = []string{m.path("disk/mine")}
	for path, want := range map[string]string{
		"opt/conda":             "base",
		"opt/conda/envs/own":    "own",
		"home/.conda/envs/v1.2": "v1.2",
		"disk/mine":             m.path("disk/mine"),
		"mm/envs/rig.v2":        "rig",
	} {
		a := activation(t, o, m.path(path))
		if got := a.Env["CONDA_DEFAULT_ENV"]; got != want || a.Env["CONDA_PROMPT_MODIFIER"] != "("+want+") " {
			t.Errorf("%s is called %q, %q; conda has %q", path, got, a.Env["CONDA_PROMPT_MODIFIER"], want)
		}
	}
}
