package environment_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

// needsFlask skips where the system's Python has no Flask, which the
// environments made here link to.
func needsFlask(t testing.TB) {
	t.Helper()
	if err := exec.Command(systemPython, "-I", "-c", "import flask").Run(); err != nil {
		t.Skipf("%s has no Flask: %v", systemPython, err)
	}
}

// counting makes a Python that notes each of its starts.
func (m *machine) counting(p string) (starts func() int) {
	m.t.Helper()
	count := m.path("starts-" + strings.ReplaceAll(p, "/", "_"))
	os.Remove(m.path(p + "/bin/python"))
	m.write(p+"/bin/python", fmt.Sprintf("#!/bin/sh\necho x >> '%s'\nexec %s \"$@\"\n", count, systemPython), 0o755)
	return func() int {
		b, _ := os.ReadFile(count)
		return strings.Count(string(b), "x")
	}
}

func (m *machine) venv(p string) {
	m.t.Helper()
	if out, err := exec.Command(systemPython, "-m", "venv", "--without-pip", m.path(p)).CombinedOutput(); err != nil {
		m.t.Fatalf("make a venv: %v: %s", err, out)
	}
}

func refresh(t testing.TB, e *environment.Environments) []domain.Environment {
	t.Helper()
	list, err := e.Refresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func at(t testing.TB, list []domain.Environment, path string) domain.Environment {
	t.Helper()
	i := slices.IndexFunc(list, func(e domain.Environment) bool { return e.Path == path })
	if i < 0 {
		t.Fatalf("%s is not in %+v", path, list)
	}
	return list[i]
}

func TestVerifyStates(t *testing.T) { // ENV-2, ENV-6
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/a b ä'$(x)", "opt/conda")
	for name, python := range map[string]string{
		"library": "#!/bin/sh\necho 'python: error while loading shared libraries: libpython3.11.so: cannot open shared object file: No such file or directory' >&2\nexit 127\n",
		"rubbish": "\x7fELF not really",
		"talks":   "#!/bin/sh\necho 'Welcome to Python'\n",
		"warns":   "#!/bin/sh\necho '@noise warning' ; echo more >&2\nexec " + systemPython + " \"$@\"\n",
		"daemon":  "#!/bin/sh\n/bin/sleep 300 &\nexec " + systemPython + " \"$@\"\n",
	} {
		p := "opt/conda/envs/" + name
		m.conda(p, "opt/conda")
		os.Remove(m.path(p + "/bin/python"))
		m.write(p+"/bin/python", python, 0o755)
	}
	m.venv("root/venvs/bare")
	o := m.options()
	o.RootDir = m.path("root")
	store := &memory{}
	e := environment.New(o, store, nil)
	list := refresh(t, e)
	for path, want := range map[string]struct{ state, problem, detail string }{
		"opt/conda":                 {domain.EnvironmentOK, "", ""},
		"opt/conda/envs/a b ä'$(x)": {domain.EnvironmentOK, "", ""},
		"opt/conda/envs/warns":      {domain.EnvironmentOK, "", ""},
		"opt/conda/envs/daemon":     {domain.EnvironmentOK, "", ""},
		"opt/conda/envs/library":    {domain.EnvironmentStateBroken, domain.ProblemMissingLibrary, "libpython3.11.so"},
		"opt/conda/envs/rubbish":    {domain.EnvironmentStateBroken, domain.ProblemNotPython, "exec format error"},
		"opt/conda/envs/talks":      {domain.EnvironmentStateBroken, domain.ProblemNotPython, "Welcome to Python"},
		"root/venvs/bare":           {domain.EnvironmentNoFlask, domain.ProblemNoFlask, ""},
	} {
		got := at(t, list, m.path(path))
		code, detail := "", ""
		if got.Problem != nil {
			code, detail = got.Problem.Code, got.Problem.Detail
		}
		if got.State != want.state || code != want.problem || !strings.Contains(detail, want.detail) {
			t.Errorf("%s: %s, %v", path, got.State, got.Problem)
		}
		if got.ID != got.Path || got.VerifiedAt == nil || got.DetectedAt.IsZero() {
			t.Errorf("%s: %+v", path, got)
		}
		if got.State == domain.EnvironmentOK && (!strings.HasPrefix(got.PythonVersion, "3.") || !strings.Contains(got.FlaskVersion, ".")) {
			t.Errorf("%s: Python %q, Flask %q", path, got.PythonVersion, got.FlaskVersion)
		}
	}
	if !at(t, list, m.path("opt/conda")).Default {
		t.Error("base is not the default")
	}
	if len(store.saved) != len(list) || len(e.List()) != len(list) {
		t.Errorf("saved %d, listed %d of %d", len(store.saved), len(e.List()), len(list))
	}
	m.leftNothing()
}

// Interpreters that never answer are ended with all that they started.
func TestVerifyHasALimit(t *testing.T) { // ENV-2
	m := newMachine(t)
	for name, python := range map[string]string{
		"hangs":  "#!/bin/sh\n/bin/sleep 300 & /bin/sleep 300\n",
		"floods": "#!/bin/sh\n/usr/bin/yes 2>/dev/null\n",
	} {
		p := "opt/conda/envs/" + name
		m.conda(p, "opt/conda")
		os.Remove(m.path(p + "/bin/python"))
		m.write(p+"/bin/python", python, 0o755)
	}
	m.mkdir("opt/conda/pkgs")
	e := environment.New(m.options("MAMBA_ROOT_PREFIX="+m.path("opt/conda")), &memory{}, nil)
	e.SetLimit(time.Second)
	list := refresh(t, e)
	for _, name := range []string{"hangs", "floods"} {
		got := at(t, list, m.path("opt/conda/envs/"+name))
		if got.State != domain.EnvironmentStateBroken || got.Problem == nil || got.Problem.Code != domain.ProblemNoAnswer {
			t.Errorf("%s: %s, %v", name, got.State, got.Problem)
		}
	}
	m.leftNothing()
}

// leftNothing wants that no process of an interpreter of this machine runs.
func (m *machine) leftNothing() {
	t := m.t
	t.Helper()
	if out, _ := exec.Command("pgrep", "-f", "sleep 300").Output(); len(out) > 0 {
		for pid := range strings.FieldsSeq(string(out)) {
			if cwd, _ := os.Readlink("/proc/" + pid + "/cwd"); strings.HasPrefix(cwd, m.dir) {
				t.Errorf("process %s of an interpreter is left", pid)
			}
		}
	}
}

func TestVerifiedOnceUntilChanged(t *testing.T) { // ENV-2, ENV-3
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/conda")
	starts := m.counting("opt/conda")
	m.write("opt/conda/etc/conda/activate.d/a.sh", "true\n", 0o644)
	m.mkdir("opt/conda/lib/python3.11/site-packages")
	store := &memory{}
	e := environment.New(m.options(), store, nil)
	want := 1
	check := func(what string) {
		t.Helper()
		refresh(t, e)
		if got := starts(); got != want {
			t.Errorf("%s: %d starts, want %d", what, got, want)
			want = got
		}
	}
	check("first")
	check("nothing changed")
	for _, c := range []struct{ what, file string }{
		{"pip installed something", "opt/conda/lib/python3.11/site-packages/flask/__init__.py"},
		{"conda changed the history", "opt/conda/conda-meta/history"},
		{"a variable was set", "opt/conda/conda-meta/state"},
		{"a script was edited in place", "opt/conda/etc/conda/activate.d/a.sh"},
	} {
		m.write(c.file, `{"text":"`+c.what+`"}`, 0o644)
		want++
		check(c.what)
	}
	// Over a restart the saved result is good, once the last change is older than it.
	saved := slices.Clone(store.saved)
	later := time.Now().Add(time.Minute).UTC()
	saved[0].VerifiedAt = &later
	store.saved = saved
	e = environment.New(m.options(), store, nil)
	check("restart")
	earlier := time.Now().Add(-time.Hour).UTC()
	saved[0].VerifiedAt = &earlier
	store.saved = saved
	e = environment.New(m.options(), store, nil)
	want++
	check("restart after a change")
	if got := e.List()[0]; !got.DetectedAt.Equal(saved[0].DetectedAt) {
		t.Errorf("detected %v, want the first time %v", got.DetectedAt, saved[0].DetectedAt)
	}
}

func TestResolve(t *testing.T) { // ENV-4, ENV-6, ENV-8
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/fem", "opt/conda")
	m.conda("opt/conda/envs/broken", "opt/conda")
	os.Remove(m.path("opt/conda/envs/broken/bin/python"))
	m.venv("root/venvs/bare")
	m.conda("far/away", "x")
	all := func(o *environment.Options) { o.RootDir = m.path("root") }
	noConda := func(o *environment.Options) { o.System, o.RootDir = m.path("none"), m.path("root") }
	onlyBare := noConda
	withSystem := func(o *environment.Options) {
		noConda(o)
		o.Environ = []string{"PATH=/usr/bin"}
	}
	nothing := func(o *environment.Options) { o.System, o.Environ = m.path("none"), []string{"PATH=" + m.path("none")} }
	strict := func(o *environment.Options) { all(o); o.Fallback = environment.FallbackFail }
	// Interpreters are started once for each kind of options.
	stores := map[string]*memory{}
	stored := func(o environment.Options) *memory {
		key := fmt.Sprint(o.System, o.Environ, o.RootDir)
		if stores[key] == nil {
			s := &memory{}
			refresh(t, environment.New(o, s, nil))
			later := time.Now().Add(time.Minute).UTC()
			for i := range s.saved {
				s.saved[i].VerifiedAt = &later
			}
			stores[key] = s
		}
		return &memory{saved: slices.Clone(stores[key].saved)}
	}
	for name, c := range map[string]struct {
		options func(*environment.Options)
		wanted  string
		noPage  bool
		want    string
		from    string
		code    domain.Code
	}{
		"default is base":                 {options: all, want: m.path("opt/conda")},
		"by name":                         {options: all, wanted: "fem", want: m.path("opt/conda/envs/fem")},
		"by path":                         {options: all, wanted: m.path("opt/conda/envs/fem") + "/", want: m.path("opt/conda/envs/fem")},
		"by a path nobody knew":           {options: all, wanted: m.path("far/away"), want: m.path("far/away")},
		"missing":                         {options: all, wanted: "nope", want: m.path("opt/conda"), from: "nope"},
		"missing path":                    {options: all, wanted: "/no/env", want: m.path("opt/conda"), from: "/no/env"},
		"missing, no fallback":            {options: strict, wanted: "nope", code: domain.CodeEnvironmentMissing},
		"broken":                          {options: all, wanted: "broken", want: m.path("opt/conda"), from: "broken"},
		"broken, no fallback":             {options: strict, wanted: "broken", code: domain.CodeEnvironmentBroken},
		"wanted one has no Flask":         {options: all, wanted: "bare", code: domain.CodeFlaskMissing},
		"wanted one without a page":       {options: all, wanted: "bare", noPage: true, want: m.path("root/venvs/bare")},
		"no conda, system":                {options: withSystem, want: "/usr"},
		"base wanted, no conda":           {options: withSystem, wanted: "base", want: "/usr", from: "base"},
		"no Flask anywhere":               {options: onlyBare, code: domain.CodeFlaskMissing},
		"no Flask anywhere, without page": {options: onlyBare, noPage: true, want: m.path("root/venvs/bare")},
		"missing, and no Flask anywhere":  {options: onlyBare, wanted: "nope", code: domain.CodeEnvironmentMissing},
		"no Python":                       {options: nothing, code: domain.CodePythonMissing},
		"no Python, one wanted":           {options: nothing, wanted: "base", code: domain.CodePythonMissing},
	} {
		for _, before := range []string{"at once", "after a refresh"} {
			t.Run(name+" "+before, func(t *testing.T) {
				o := m.options()
				c.options(&o)
				e := environment.New(o, stored(o), nil)
				if before == "after a refresh" {
					refresh(t, e)
				}
				env, from, err := e.Resolve(t.Context(), c.wanted, !c.noPage)
				if c.code != "" {
					if !domain.HasCode(err, c.code) {
						t.Fatalf("got %+v, %v; want %s", env, err, c.code)
					}
					return
				}
				if err != nil || env.Path != c.want || from != c.from {
					t.Fatalf("got %s from %q, %v; want %s from %q", env.Path, from, err, c.want, c.from)
				}
				if a, err := e.Activation(t.Context(), env); err != nil || a.Python != env.Python {
					t.Errorf("activation %+v, %v", a, err)
				}
			})
		}
	}
}

func TestBaseWithoutFlaskIsTold(t *testing.T) {
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/conda")
	os.Remove(m.path("opt/conda/bin/python"))
	m.conda("opt/conda/envs/fem", "opt/conda")
	e := environment.New(m.options(), &memory{}, nil)
	env, from, err := e.Resolve(t.Context(), "", true)
	if err != nil || env.Name != "fem" || from != "base" {
		t.Errorf("got %s from %q, %v", env.Name, from, err)
	}
}

func TestRemovedBetweenCheckAndRun(t *testing.T) { // ENV-6
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/fem", "opt/conda")
	e := environment.New(m.options(), &memory{}, nil)
	refresh(t, e)
	fem := at(t, e.List(), m.path("opt/conda/envs/fem"))
	if err := os.RemoveAll(fem.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Activation(t.Context(), fem); !domain.HasCode(err, domain.CodeEnvironmentBroken) {
		t.Errorf("activation of a removed environment: %v", err)
	}
	if env, from, err := e.Resolve(t.Context(), "fem", true); err != nil || env.Name != "base" || from != "fem" {
		t.Errorf("got %s from %q, %v", env.Name, from, err)
	}
	if _, err := e.Activation(t.Context(), fem); !domain.HasCode(err, domain.CodeEnvironmentMissing) {
		t.Errorf("activation of one that is forgotten: %v", err)
	}
}

func TestFindsItsWayThroughAShim(t *testing.T) {
	needsFlask(t)
	m := newMachine(t)
	m.write("shims/bin/python3", "#!/bin/sh\nexec "+systemPython+" \"$@\"\n", 0o755)
	o := m.options()
	o.Environ = []string{"PATH=" + m.path("shims/bin") + ":/usr/bin"}
	e := environment.New(o, &memory{}, nil)
	list := refresh(t, e)
	if len(list) != 1 || list[0].Path != "/usr" || list[0].Kind != domain.EnvironmentSystem {
		t.Errorf("got %+v", list)
	}
}

func TestStoreThatFails(t *testing.T) {
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/conda")
	store := &memory{fail: errors.New("disk I/O error")}
	e := environment.New(m.options(), store, nil)
	if list, err := e.Refresh(t.Context()); !errors.Is(err, store.fail) || len(list) != 1 {
		t.Errorf("%d environments, %v", len(list), err)
	}
	if env, _, err := e.Resolve(t.Context(), "", true); err != nil || env.Name != "base" {
		t.Errorf("got %+v, %v", env, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := environment.New(m.options(), store, nil).Refresh(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled refresh: %v", err)
	}
}

func TestManyResolveWhileRefreshing(t *testing.T) {
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/fem", "opt/conda")
	e := environment.New(m.options(), &memory{}, nil)
	done := make(chan error)
	for i := range 8 {
		go func() {
			if i%2 == 0 {
				_, err := e.Refresh(t.Context())
				done <- err
				return
			}
			env, _, err := e.Resolve(t.Context(), "fem", true)
			if err == nil {
				_, err = e.Activation(t.Context(), env)
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if filepath.Base(at(t, e.List(), m.path("opt/conda/envs/fem")).Path) != "fem" {
		t.Error("fem is gone")
	}
}

// What became whole after it was found half made is not remembered as half
// made: nothing about it would change any more, so that it would stay so.
func TestMadeWhileItIsLookedAt(t *testing.T) { // ENV-6
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/fem", "opt/conda")
	e := environment.New(m.options(), &memory{}, nil)
	env, err := e.Check(t.Context(), environment.Found{
		Name: "fem", Path: m.path("opt/conda/envs/fem"), Kind: domain.EnvironmentConda, State: domain.EnvironmentInterrupted,
		Problem: domain.NewEnvironmentProblem(domain.ProblemInterrupted, "", "missing", "conda-meta/history"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if env.State == domain.EnvironmentInterrupted || env.Python == "" {
		t.Errorf("%s, %q: %v", env.State, env.Python, env.Problem)
	}
}
