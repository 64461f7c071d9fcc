package environment_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

// memory is the store's contract in memory.
type memory struct {
	mu    sync.Mutex
	saved []domain.Environment
	fail  error
}

func (m *memory) SaveEnvironments(_ context.Context, list []domain.Environment) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.saved = slices.Clone(list)
	return nil
}

func (m *memory) Environments(context.Context) ([]domain.Environment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.saved), m.fail
}

const systemPython = "/usr/bin/python3"

// machine is a file system of its own for finding environments.
type machine struct {
	t    testing.TB
	dir  string
	Home string
}

func newMachine(t testing.TB) *machine {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, dir: dir, Home: filepath.Join(dir, "home")}
	m.mkdir("home")
	m.mkdir("none")
	return m
}

func (m *machine) path(p string) string { return filepath.Join(m.dir, p) }

// replaceDir puts a machine's folder into a text.
func replaceDir(text, dir string) string { return strings.ReplaceAll(text, "%DIR%", dir) }

func (m *machine) mkdir(p string) {
	m.t.Helper()
	if err := os.MkdirAll(m.path(p), 0o755); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) write(p, text string, mode os.FileMode) {
	m.t.Helper()
	m.mkdir(filepath.Dir(p))
	if err := os.WriteFile(m.path(p), []byte(text), mode); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) link(target, p string) {
	m.t.Helper()
	m.mkdir(filepath.Dir(p))
	if err := os.Symlink(target, m.path(p)); err != nil {
		m.t.Fatal(err)
	}
}

// history as conda 24.11 writes it.
const condaHistory = `==> 2026-11-21 01:22:10 <==
# cmd: %ROOT%/bin/conda create -y -n demo python=3.11 flask
# conda version: 24.11.3
+https://conda.anaconda.org/conda-forge/linux-64::_libgcc_mutex-0.1-conda_forge
+https://conda.anaconda.org/conda-forge/noarch::flask-2.2.2-pyhd8ed1ab_0
+https://conda.anaconda.org/conda-forge/linux-64::python-3.11.7-h955ad1f_0_cpython
+https://conda.anaconda.org/conda-forge/noarch::python_abi-3.11-5_cp311
# update specs: ['flask', 'python=3.11']
`

// conda makes an environment in conda's layout, with a link to the system's Python.
func (m *machine) conda(p, root string) {
	m.t.Helper()
	m.write(p+"/conda-meta/history", strings.ReplaceAll(condaHistory, "%ROOT%", m.path(root)), 0o644)
	m.write(p+"/conda-meta/python-3.11.7-h955ad1f_0_cpython.json", `{"name":"python","version":"3.11.7"}`, 0o644)
	m.write(p+"/conda-meta/python_abi-3.11-5_cp311.json", `{}`, 0o644)
	m.link(systemPython, p+"/bin/python")
}

// installation makes a conda installation.
func (m *machine) installation(p string) {
	m.t.Helper()
	m.conda(p, p)
	m.mkdir(p + "/condabin")
	m.mkdir(p + "/envs")
	m.write(p+"/bin/conda", "#!/bin/sh\nexit 64\n", 0o755)
}

// options look at this machine alone, with a PATH that has no Python.
func (m *machine) options(environ ...string) environment.Options {
	return environment.Options{Home: m.Home, System: m.dir, Environ: append([]string{"PATH=" + m.path("none"), "HOME=" + m.Home}, environ...)}
}

func byPath(list []environment.Found, p string) (environment.Found, bool) {
	i := slices.IndexFunc(list, func(f environment.Found) bool { return f.Path == p })
	if i < 0 {
		return environment.Found{}, false
	}
	return list[i], true
}
