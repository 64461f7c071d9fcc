package environment_test

import (
	"slices"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

// Whose an environment is decides by which conda it is activated and changed.
func TestOwnerOfAnEnvironment(t *testing.T) { // ENV-1
	m := newMachine(t)
	m.installation("opt/conda")
	// Who cannot write into the installation has both folders in the home.
	m.conda("home/.conda/envs/mine", "opt/conda")
	m.mkdir("home/.conda/pkgs")
	m.conda("home/.conda/envs/unknown", "nowhere")
	// A condarc moved both to a large disk.
	m.conda("scratch/envs/moved", "opt/conda")
	m.mkdir("scratch/pkgs")
	m.write("home/.condarc", "envs_dirs: ["+m.path("scratch/envs")+"]\n", 0o644)
	// Only the history tells of the installation.
	m.installation("srv/far conda/conda")
	m.conda("disk/told", "srv/far conda/conda")
	m.write("home/.conda/environments.txt", m.path("disk/told")+"\n", 0o644)
	// conda among the packages of an environment makes no base of it.
	m.conda("opt/conda/envs/build", "opt/conda")
	m.mkdir("opt/conda/envs/build/condabin")
	// micromamba's own root.
	m.conda("home/micromamba/envs/mm", "nowhere")
	m.mkdir("home/micromamba/pkgs")

	found := environment.Find(t.Context(), m.options())
	for path, want := range map[string]struct{ name, root, tool string }{
		"opt/conda":                {"base", "opt/conda", domain.ToolConda},
		"home/.conda/envs/mine":    {"mine", "opt/conda", domain.ToolConda},
		"home/.conda/envs/unknown": {"unknown", "opt/conda", domain.ToolConda},
		"scratch/envs/moved":       {"moved", "opt/conda", domain.ToolConda},
		"disk/told":                {"told", "srv/far conda/conda", domain.ToolConda},
		"srv/far conda/conda":      {"base", "srv/far conda/conda", domain.ToolConda},
		"opt/conda/envs/build":     {"build", "opt/conda", domain.ToolConda},
		"home/micromamba/envs/mm":  {"mm", "home/micromamba", domain.ToolMicromamba},
	} {
		f, ok := byPath(found, m.path(path))
		if !ok || f.Name != want.name || f.Root != m.path(want.root) || f.Tool != want.tool || f.Base != (want.name == "base") {
			t.Errorf("%s: %+v", path, f)
		}
	}
	if len(found) != 8 {
		t.Errorf("%d are found: %+v", len(found), found)
	}

	o := m.options()
	o.Environ = []string{"PATH=/usr/bin"}
	a := activation(t, o, "build")
	if a.Env["CONDA_DEFAULT_ENV"] != "build" || a.Env["CONDA_EXE"] != m.path("opt/conda/bin/conda") {
		t.Errorf("activated: %q", a.Env)
	}
	if a = activation(t, o, "mine"); a.Env["MAMBA_ROOT_PREFIX"] != "" || a.Env["CONDA_PYTHON_EXE"] != m.path("opt/conda/bin/python") {
		t.Errorf("activated: %q", a.Env)
	}
}

// Of environments that were activated one in another, what the first one put
// by comes back, also where the second one had taken it away.
func TestActivationAfterNestedOnes(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	m.conda("opt/conda/envs/inner", "opt/conda")
	m.write("opt/conda/envs/inner/conda-meta/state", `{"env_vars":{"BOTH":"inner","OWN":"inner"}}`, 0o644)
	m.conda("opt/conda/envs/outer", "opt/conda")
	m.write("opt/conda/envs/outer/conda-meta/state", `{"env_vars":{"BOTH":"outer","FIRST":"outer"}}`, 0o644)
	inner, outer := m.path("opt/conda/envs/inner"), m.path("opt/conda/envs/outer")
	o := m.options()
	o.Environ = []string{
		"PATH=" + inner + "/bin:" + m.path("opt/conda/condabin") + ":/usr/bin", "CONDA_SHLVL=3", "CONDA_PREFIX=" + inner,
		"CONDA_PREFIX_1=" + m.path("opt/conda"), "CONDA_PREFIX_2=" + outer, "CONDA_DEFAULT_ENV=inner",
		"BOTH=inner", "OWN=inner", "__CONDA_SHLVL_1_BOTH=mine", "__CONDA_SHLVL_2_BOTH=outer", "__CONDA_SHLVL_1_FIRST=mine", "__CONDA_SHLVL_2_OTHER=no",
	}
	a := activation(t, o, "demo")
	got := a.Apply(o.Environ)
	for _, want := range []string{"BOTH=mine", "FIRST=mine", "CONDA_SHLVL=1", "PATH=" + m.path("opt/conda/envs/demo") + "/bin:" + m.path("opt/conda/condabin") + ":/usr/bin"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	for _, kv := range got {
		if kv == "OWN=inner" || kv == "OTHER=no" || len(kv) > 12 && kv[:12] == "__CONDA_SHLV" {
			t.Errorf("%s is left", kv)
		}
	}
}

// Values are written as conda writes them, which is a program in Python.
func TestValuesOfVariables(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	m.write("opt/conda/envs/demo/conda-meta/state", `{"env_vars": {"LARGE": 10000000, "RATIO": 0.50, "YES": true, "NO": false, "NOTHING": null, "LINES": "a\nb"}}`, 0o644)
	m.write("opt/conda/envs/demo/etc/conda/env_vars.d/broken.json", `{"RIG": "x"} rubbish`, 0o644)
	o := m.options()
	o.Environ = []string{"PATH=/usr/bin"}
	a := activation(t, o, "demo")
	for name, want := range map[string]string{"LARGE": "10000000", "YES": "True", "NO": "False", "NOTHING": "None", "LINES": "a\nb", "RIG_USER_VAR": "hello", "RIG": ""} {
		if a.Env[name] != want {
			t.Errorf("%s = %q, want %q", name, a.Env[name], want)
		}
	}
}
