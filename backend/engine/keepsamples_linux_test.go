package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
)

// Samples come and go, and what a person changed or made is never touched. UI-1
func TestKeepSamples(t *testing.T) {
	text := "'''ScriptsManager Metadata:\n@interface: none\n'''\nimport time\ntime.sleep(60)\n"
	samples := fstest.MapFS{}
	for _, id := range []string{"one", "two", "edited", "more", "g"} {
		samples[id+"/a.py"] = &fstest.MapFile{Data: []byte(text)}
		samples[id+"/docs/en.md"] = &fstest.MapFile{Data: []byte("# A\n")}
		samples[id+"/metadata.json"] = &fstest.MapFile{Data: []byte(`{"name":{"en":"Group ` + id + `"},"description":{"en":"What for"}}`)}
	}
	n := newInstallation(t, map[string]string{"own.py": "print(1)\n"}, "", func(o *engine.Options) { o.Samples = samples })
	actor := engine.Actor{Kind: "system", Name: "setup"}
	path := func(name string) string { return filepath.Join(n.root.Groups(), filepath.FromSlash(name)) }
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keep := func(ids ...string) string {
		t.Helper()
		list, err := n.engine.KeepSamples(t.Context(), actor, ids)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, s := range list {
			if s.Name[domain.English] != "Group "+s.ID || s.Description[domain.English] != "What for" || s.Scripts != 1 {
				t.Errorf("%+v", s)
			}
			told = append(told, s.ID+" "+string(s.State))
		}
		return strings.Join(told, ", ")
	}
	if got := keep("one", "two", "edited", "more"); got != "edited there, g own, more there, one there, two there" {
		t.Error("all come: " + got)
	}
	if g, err := n.engine.Group(t.Context(), "one"); err != nil || !g.Active {
		t.Errorf("a group that has come: %+v, %v", g, err)
	}
	write("edited/a.py", text+"# mine\n")
	write("more/notes.txt", "mine")
	write("one/__pycache__/a.cpython-313.pyc", "compiled")
	if got := keep("two"); got != "edited own, g own, more own, one absent, two there" {
		t.Error("one goes: " + got)
	}
	if g, err := n.engine.Group(t.Context(), "one"); err != nil || g.Active {
		t.Errorf("a group that was removed: %+v, %v", g, err)
	}
	for name, want := range map[string]string{"edited/a.py": text + "# mine\n", "more/notes.txt": "mine", "g/own.py": "print(1)\n"} {
		if b, err := os.ReadFile(path(name)); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	if _, err := n.engine.KeepSamples(t.Context(), actor, []string{"../x"}); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("no such sample: %v", err)
	}

	q := n.request("own", nil)
	var err error
	if q.Script, err = n.engine.Script(t.Context(), "two/a"); err != nil {
		t.Fatal(err)
	}
	if q.Group, err = n.engine.Group(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	x, _, err := n.engine.Run(t.Context(), engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}, q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.engine.KeepSamples(t.Context(), actor, []string{"one"}); !domain.HasCode(err, domain.CodeGroupRuns) {
		t.Errorf("while its script runs: %v", err)
	}
	if _, err := os.Lstat(path("one")); err == nil {
		t.Error("something was done of what was refused")
	}
	if err := n.engine.Stop(x.ID, execution.StopRequest{Reason: domain.ReasonStopped, Now: true}); err != nil {
		t.Fatal(err)
	}
	n.ended(x.ID)
	if got := keep(); !strings.Contains(got, "two absent") {
		t.Error("none stays: " + got)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(n.root.Groups()), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A crash while a sample is taken away leaves no folder beside the groups, and
// what a person has changed is not lost. UI-1
func TestSamplesLeftByACrash(t *testing.T) {
	samples := fstest.MapFS{}
	for _, id := range []string{"one", "two", "three"} {
		samples[id+"/a.py"] = &fstest.MapFile{Data: []byte("print(1)\n")}
		samples[id+"/b.py"] = &fstest.MapFile{Data: []byte("print(2)\n")}
	}
	n := newInstallation(t, map[string]string{"own.py": "print(1)\n"}, "", func(o *engine.Options) { o.Samples = samples })
	if err := n.engine.Close(t.Context(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	beside := filepath.Dir(n.root.Groups())
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(beside, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(".removed-1/one/a.py", "print(1)\n") // half of it is gone already
	write(".removed-2/two/a.py", "print(1)\n# mine\n")
	write(".removed-3/three/a.py", "print(1)\n# mine\n")
	write("script_groups/three/a.py", "print(3)\n") // its place is taken
	if err := os.Mkdir(filepath.Join(beside, ".removed-4"), 0o700); err != nil {
		t.Fatal(err)
	}
	n.open()
	left, _ := filepath.Glob(filepath.Join(beside, ".removed-*"))
	if len(left) != 1 || filepath.Base(left[0]) != ".removed-3" {
		t.Errorf("left: %v", left)
	}
	if _, err := os.Stat(filepath.Join(n.root.Groups(), "one")); err == nil {
		t.Error("what was being taken away is there again")
	}
	for name, want := range map[string]string{"script_groups/two/a.py": "print(1)\n# mine\n", "script_groups/three/a.py": "print(3)\n", ".removed-3/three/a.py": "print(1)\n# mine\n"} {
		if got, err := os.ReadFile(filepath.Join(beside, name)); string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
