package environment_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

func TestPackages(t *testing.T) { // ENV-2
	m := newMachine(t)
	m.installation("opt/conda")
	starts := m.counting("opt/conda")
	const site = "opt/conda/lib/python3.11/site-packages/"
	m.write("opt/conda/conda-meta/flask-2.2.2-pyhd8ed1ab_0.json", `{"build":"pyhd8ed1ab_0","channel":"https://user:secret@conda.example/t/token/main/noarch"}`, 0o644)
	m.write("opt/conda/conda-meta/no-history-1.0-h1_0.json", `{"files":["a","b"],"nested":{"channel":"no"},"channel":"https://user:secret@conda.example/t/tk-1/lab/linux-64","name":"no-history"}`, 0o644)
	m.write("opt/conda/conda-meta/broken-record-1.0-h1_0.json", `{"files":[`, 0o644)
	m.write("opt/conda/conda-meta/notadist.json", `{}`, 0o644)
	m.write("opt/conda/conda-meta/ö ünïcode-1!2.0.post1-py_0.json", `{}`, 0o644)
	m.write(site+"flask-2.2.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: Flask\nVersion: 2.2.2\n\nName: not this\n", 0o644) // conda's own
	m.write(site+"tables-3.9.dist-info/INSTALLER", "conda\n", 0o644)                                                                // conda calls it pytables
	m.write(site+"flask_cors-4.0.0.dist-info/METADATA", "Name: Flask-Cors\r\nVersion: 4.0.0\r\n", 0o644)
	m.write(site+"no_metadata-1.5.dist-info/RECORD", "", 0o644)
	m.write(site+"old-1.0-py3.11.egg-info", "Name: old\nVersion: 1.0\n", 0o644)
	m.write(site+"older.egg-info/PKG-INFO", "Name: older\nVersion: 0.1\n", 0o644)
	m.write(site+"~umpy-1.0.dist-info/METADATA", "Name: numpy\nVersion: 1.0\n", 0o644)
	m.write(site+"flask_cors/__init__.py", "", 0o644)
	m.mkdir(site + ".dist-info")
	e := environment.New(m.options(), &memory{}, nil)
	refresh(t, e)
	before := starts()
	packages, err := e.Packages(t.Context(), m.path("opt/conda"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range packages {
		got = append(got, fmt.Sprintf("%s %s %s %s %s", p.Name, p.Version, p.Build, p.Channel, p.Source))
	}
	want := []string{
		"broken-record 1.0 h1_0  conda",
		"flask 2.2.2 pyhd8ed1ab_0 conda-forge conda",
		"Flask-Cors 4.0.0  pypi pip",
		"no-history 1.0 h1_0 https://conda.example/lab conda",
		"no_metadata 1.5  pypi pip",
		"old 1.0  pypi pip",
		"older 0.1  pypi pip",
		"python 3.11.7 h955ad1f_0_cpython conda-forge conda",
		"python_abi 3.11 5_cp311 conda-forge conda",
		"ö ünïcode 1!2.0.post1 py_0  conda",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if starts() != before {
		t.Error("listing packages started Python")
	}
	if _, err := e.Packages(t.Context(), "/nowhere"); !domain.HasCode(err, domain.CodeEnvironmentMissing) {
		t.Errorf("of an environment that is not there: %v", err)
	}
	if err := os.RemoveAll(m.path("opt/conda")); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Packages(t.Context(), m.path("opt/conda")); !domain.HasCode(err, domain.CodeFileUnreadable) {
		t.Errorf("of an environment that was removed: %v", err)
	}
}

func TestPackagesOfAVenv(t *testing.T) { // ENV-2, ENV-8
	m := newMachine(t)
	m.venv("root/venvs/bare")
	m.write("root/venvs/bare/lib/python3.99/site-packages/Flask-3.0.0.dist-info/METADATA", "Name: Flask\nVersion: 3.0.0\n", 0o644)
	o := m.options()
	o.RootDir = m.path("root")
	e := environment.New(o, &memory{}, nil)
	refresh(t, e)
	packages, err := e.Packages(t.Context(), m.path("root/venvs/bare"))
	if err != nil || len(packages) != 1 || packages[0] != (domain.EnvironmentPackage{Name: "Flask", Version: "3.0.0", Channel: "pypi", Source: domain.PackagePip}) {
		t.Errorf("got %+v, %v", packages, err)
	}
}

func TestLookup(t *testing.T) {
	m := newMachine(t)
	m.installation("opt/conda")
	m.installation("opt/miniforge3")
	m.conda("opt/conda/envs/fem", "opt/conda")
	m.conda("far/away", "x")
	e := environment.New(m.options(), &memory{}, nil)
	for wanted, want := range map[string]string{
		"fem":                              m.path("opt/conda/envs/fem"),
		m.path("opt/conda/envs/../") + "/": m.path("opt/conda"),
		m.path("opt/miniforge3"):           m.path("opt/miniforge3"),
		m.path("opt/conda/bin/python"):     m.path("opt/conda"),
		m.path("far/away"):                 m.path("far/away"),
	} {
		if env, err := e.Lookup(t.Context(), wanted); err != nil || env.Path != want {
			t.Errorf("%s: %s, %v", wanted, env.Path, err)
		}
	}
	_, err := e.Lookup(t.Context(), "base")
	if !domain.HasCode(err, domain.CodeEnvironmentNames) || fmt.Sprint(domain.AsError(err).Params["paths"]) != fmt.Sprint([]string{m.path("opt/conda"), m.path("opt/miniforge3")}) {
		t.Errorf("two base: %v", err)
	}
	for _, wanted := range []string{"nope", "", m.path("none"), "../fem"} {
		if _, err = e.Lookup(t.Context(), wanted); !domain.HasCode(err, domain.CodeEnvironmentUnknown) || !strings.Contains(fmt.Sprint(domain.AsError(err).Params["known"]), "fem") {
			t.Errorf("%q: %v", wanted, err)
		}
	}
}

func TestRecallShowsWhatWasKnown(t *testing.T) {
	m := newMachine(t)
	m.installation("opt/conda")
	e := environment.New(m.options(), &memory{saved: []domain.Environment{{ID: "/x", Name: "x", Path: "/x"}}}, nil)
	e.Recall(t.Context())
	if list := e.List(); len(list) != 1 || list[0].Name != "x" {
		t.Errorf("before the first look: %+v", list)
	}
	refresh(t, e)
	e.Recall(t.Context())
	if list := e.List(); len(list) != 1 || list[0].Name != "base" {
		t.Errorf("after it: %+v", list)
	}
}
