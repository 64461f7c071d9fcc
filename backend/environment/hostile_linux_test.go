package environment_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

// Interpreters get so long where an answer is wanted, on a machine that is busy
// with much else.
const patient = 2 * time.Minute

// allocated gives the bytes that a function takes, of which much is free again
// at its end.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A list of 100,000 lines, most of them dead, many rubbish, loses none of the
// environments in it and takes neither long nor much.
func TestHugeAndRottenEnvironmentsTxt(t *testing.T) { // ENV-1
	m := newMachine(t)
	m.conda("work/first ü", "x")
	m.conda("work/last 漢字", "x")
	var b bytes.Buffer
	random := rand.NewChaCha8([32]byte{7})
	noise := make([]byte, 60)
	fmt.Fprintf(&b, "%s\n", m.path("work/first ü"))
	for i := range 100_000 {
		switch i % 5 {
		case 0:
			_, _ = random.Read(noise)
			b.Write(noise)
			b.WriteByte('\n')
		case 1:
			fmt.Fprintf(&b, "%s\r\n", m.path("work/first ü")) // the same again and again
		case 2:
			fmt.Fprintf(&b, "%s/./x/../%d/..\n", m.path("work/first ü"), i) // dead, by a way through it
		default:
			fmt.Fprintf(&b, "/nowhere/%d/envs/an environment that was removed\n", i)
		}
	}
	fmt.Fprintf(&b, "/%s\n", strings.Repeat("long/", 2000))
	fmt.Fprintf(&b, "%s", m.path("work/last 漢字")) // without an end of line
	m.write("home/.conda/environments.txt", b.String(), 0o644)
	var found []environment.Found
	start := time.Now()
	bytes := allocated(func() { found = environment.Find(t.Context(), m.options()) })
	if len(found) != 2 {
		t.Fatalf("found %+v", found)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %s", took)
	}
	if bytes > 200<<20 {
		t.Errorf("took %d MB of memory", bytes>>20)
	}
	t.Logf("%d KB in %s, %d MB allocated", b.Len()>>10, time.Since(start), bytes>>20)
}

// What is no text at all, a folder, a pipe's or nobody's file is as no list.
func TestRubbishForEnvironmentsTxt(t *testing.T) { // ENV-1
	random := rand.NewChaCha8([32]byte{3})
	rubbish := make([]byte, 1<<20)
	_, _ = random.Read(rubbish)
	for name, prepare := range map[string]func(m *machine){
		"binary": func(m *machine) { m.write("home/.conda/environments.txt", string(rubbish), 0o644) },
		"zeros":  func(m *machine) { m.write("home/.conda/environments.txt", string(make([]byte, 1<<20)), 0o644) },
		"folder": func(m *machine) { m.mkdir("home/.conda/environments.txt") },
		"one line": func(m *machine) {
			m.write("home/.conda/environments.txt", "/"+strings.Repeat("x", 8<<20), 0o644)
		},
		"link to itself": func(m *machine) { m.link(m.path("home/.conda/environments.txt"), "home/.conda/environments.txt") },
		"condarc, too": func(m *machine) {
			m.write("home/.condarc", string(rubbish), 0o644)
			m.write("home/.mambarc", "envs_dirs: "+strings.Repeat("[", 20_000), 0o644)
			m.write("etc/conda/condarc", "a: &a [x]\n"+strings.Repeat("b: &b [*a,*a]\n", 1000)+"envs_dirs: *b\n", 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.installation("opt/conda")
			m.conda("disk/fem", "x")
			prepare(m)
			m.write("home/.conda/.condarc", "envs_dirs:\n  - '"+m.path("disk")+"'\n", 0o644)
			if found := environment.Find(t.Context(), m.options()); len(found) != 2 {
				t.Errorf("found %+v", found)
			}
		})
	}
}

// An environment whose path is almost as long as the system allows is found,
// verified and activated as any other; a longer one is passed over.
func TestVeryLongPaths(t *testing.T) { // ENV-1, ENV-5
	needsFlask(t)
	m := newMachine(t)
	const component = "/ä long nam"               // 12 bytes
	deep := strings.Repeat(component, 300)        // 3,600
	if len(m.path("work"))+len(deep)+300 > 4096 { // PATH_MAX, with the longest file of an environment
		t.Fatalf("the folder for tests is too long: %s", m.dir)
	}
	deep = "work" + deep
	m.conda(deep, "x")
	m.write(deep+"/etc/conda/activate.d/a.sh", "export SEEN=\"$CONDA_PREFIX\"\n", 0o644)
	m.conda("work/short", "x")
	m.write("home/.conda/environments.txt", strings.Join([]string{
		m.path(deep), m.path(deep) + strings.Repeat("/x", 400), m.path("work/short"),
	}, "\n"), 0o644)
	m.write("home/.condarc", "envs_dirs: ["+m.path(deep)+strings.Repeat("/y", 400)+"]\n", 0o644)
	e := environment.New(m.options(), &memory{}, nil)
	e.SetLimit(patient)
	list := refresh(t, e)
	if len(list) != 2 {
		t.Fatalf("found %d", len(list))
	}
	env := at(t, list, m.path(deep))
	if env.State != domain.EnvironmentOK {
		t.Fatalf("%s: %v", env.State, env.Problem)
	}
	a, err := e.Activation(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	if a.Env["SEEN"] != m.path(deep) || a.Path[0] != m.path(deep)+"/bin" {
		t.Errorf("SEEN %q, PATH %q", a.Env["SEEN"], a.Path)
	}
}

func TestStrangeNames(t *testing.T) { // ENV-1, ENV-2, ENV-5
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/mini conda ñ")
	names := []string{
		"análisis térmico", "ana\u0301lisis", " spaces ", "a\nb", "-rf", "$HOME;a&b|c", "a'b\"c`d`\\", "[x]*?~", "漢字🐍",
	}
	for _, name := range names {
		m.conda("opt/mini conda ñ/envs/"+name, "opt/mini conda ñ")
		m.write("opt/mini conda ñ/envs/"+name+"/etc/conda/activate.d/a script.sh", "export SEEN=\"$CONDA_PREFIX\"\n", 0o644)
	}
	o := m.options("CONDA_EXE=" + m.path("opt/mini conda ñ/bin/conda"))
	e := environment.New(o, &memory{}, nil)
	e.SetLimit(patient)
	list := refresh(t, e)
	if len(list) != len(names)+1 {
		t.Errorf("found %d of %d", len(list), len(names)+1)
	}
	for _, name := range names {
		path := m.path("opt/mini conda ñ/envs/") + "/" + name
		env := at(t, list, path)
		if env.Name != name || env.State != domain.EnvironmentOK {
			t.Errorf("%q: name %q, %s, %v", name, env.Name, env.State, env.Problem)
			continue
		}
		if a, err := e.Activation(t.Context(), env); err != nil || a.Env["SEEN"] != path || a.Env["CONDA_DEFAULT_ENV"] != name {
			t.Errorf("%q: %q, %v", name, a.Env, err)
		}
		if again, err := e.Lookup(t.Context(), path); err != nil || again.Path != path {
			t.Errorf("%q by its path: %+v, %v", name, again, err)
		}
	}
}

// program of another machine: a whole ELF header, and nothing to run.
func foreign(machine elf.Machine) string {
	h := elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT), Ehsize: 64, Phentsize: 56, Shentsize: 64,
	}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, h)
	return b.String()
}

// What is wrong with an interpreter that cannot work is said by its cause.
func TestWhyAnInterpreterFails(t *testing.T) { // ENV-2, ENV-6
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/conda")
	python := func(name, text string, mode os.FileMode) {
		p := "opt/conda/envs/" + name
		m.conda(p, "opt/conda")
		os.Remove(m.path(p + "/bin/python"))
		if text != "" {
			m.write(p+"/bin/python", text, mode)
		}
	}
	python("foreign", foreign(elf.EM_VAX), 0o755) // which no emulator takes
	python("locked", "#!/bin/sh\nexec "+systemPython+" \"$@\"\n", 0o644)
	python("folder", "", 0)
	m.mkdir("opt/conda/envs/folder/bin/python")
	// -I, with which it is asked, would pass over the variable that makes a
	// real Python lose its library.
	lost := "#!/bin/sh\nwhile [ \"$1\" != -c ]; do shift; done\nPYTHONHOME=/nowhere/python exec " + systemPython + " \"$@\"\n"
	python("lost", lost, 0o755)
	m.write("root/venvs/copied/pyvenv.cfg", "home = /nowhere/python/bin\nversion = 3.11.2\n", 0o644)
	m.write("root/venvs/copied/bin/python", lost, 0o755)
	m.write("root/venvs/moved/pyvenv.cfg", "home = /nowhere/python/bin\nversion = 3.11.2\n", 0o644)
	m.link("/nowhere/python/bin/python3.11", "root/venvs/moved/bin/python")
	python("loader", "#!/nowhere/bin/python3\n", 0o755)
	o := m.options()
	o.RootDir = m.path("root")
	e := environment.New(o, &memory{}, nil)
	e.SetLimit(patient)
	list := refresh(t, e)
	for path, want := range map[string]struct{ problem, param, value, detail string }{
		"opt/conda/envs/foreign": {domain.ProblemWrongArchitecture, "architecture", "vax", "exec format error"},
		"opt/conda/envs/locked":  {domain.ProblemNoPermission, "python", m.path("opt/conda/envs/locked/bin/python"), "permission denied"},
		"opt/conda/envs/folder":  {domain.ProblemNoPermission, "python", m.path("opt/conda/envs/folder/bin/python"), "permission denied"},
		"opt/conda/envs/lost":    {domain.ProblemStandardLibrary, "python", m.path("opt/conda/envs/lost/bin/python"), "encodings"},
		"root/venvs/copied":      {domain.ProblemStandardLibrary, "python", m.path("root/venvs/copied/bin/python"), "encodings"},
		"root/venvs/moved":       {domain.ProblemBrokenLink, "home", "/nowhere/python/bin", ""},
		"opt/conda/envs/loader":  {domain.ProblemMissingLibrary, "library", "/nowhere/bin/python3", "no such file"},
	} {
		env := at(t, list, m.path(path))
		if env.State != domain.EnvironmentStateBroken || env.Problem == nil {
			t.Errorf("%s: %s, %v", path, env.State, env.Problem)
			continue
		}
		if p := env.Problem; p.Code != want.problem || p.Params[want.param] != want.value || !strings.Contains(p.Detail, want.detail) {
			t.Errorf("%s: %s %v %q", path, p.Code, p.Params, p.Detail)
		}
	}
}

// An environment that goes between finding and asking, or between asking and
// running, is told as what it is then.
func TestRemovedWhileItIsLookedAt(t *testing.T) { // ENV-6
	needsFlask(t)
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/fem", "opt/conda")
	e := environment.New(m.options(), &memory{}, nil)
	e.SetLimit(patient)
	fem, ok := byPath(environment.Find(t.Context(), m.options()), m.path("opt/conda/envs/fem"))
	if !ok {
		t.Fatal("not found")
	}
	os.Remove(fem.Python)
	env, err := e.Check(t.Context(), fem)
	if err != nil || env.State != domain.EnvironmentStateBroken || env.Problem.Code != domain.ProblemNoPython {
		t.Errorf("its Python was removed: %s, %v, %v", env.State, env.Problem, err)
	}
	os.RemoveAll(fem.Path)
	env, err = e.Check(t.Context(), fem)
	if err != nil || env.Usable() || env.Problem == nil {
		t.Errorf("all of it was removed: %s, %v, %v", env.State, env.Problem, err)
	}
	// Removed after it was chosen for a run, and its place taken by another.
	m.conda("opt/conda/envs/fem", "opt/conda")
	refresh(t, e)
	env, _, err = e.Resolve(t.Context(), "fem", true)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(env.Path, filepath.Join(m.dir, "moved")); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Activation(t.Context(), env); !domain.HasCode(err, domain.CodeEnvironmentBroken) {
		t.Errorf("activation: %v", err)
	}
	m.write("opt/conda/envs/fem", "a file", 0o644)
	if _, err := e.Activation(t.Context(), env); !domain.HasCode(err, domain.CodeEnvironmentBroken) {
		t.Errorf("activation where a file stands: %v", err)
	}
}
