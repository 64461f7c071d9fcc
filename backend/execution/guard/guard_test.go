package guard_test

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/execution/guard"
	"scriptsmanager/backend/execution/module"
)

func TestInstall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "guard")
	install := func() {
		t.Helper()
		if err := module.Install(guard.Modules(), dir); err != nil {
			t.Fatal(err)
		}
	}
	install()
	for _, name := range []string{"sitecustomize.py", "scriptsmanager_guard.py"} {
		path := filepath.Join(dir, name)
		want, err := os.ReadFile(filepath.Join("python", name))
		if err != nil {
			t.Fatal(err)
		}
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		install()
		if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s was written again: %v", name, err)
		}
		for _, spoil := range []func() error{func() error { return os.WriteFile(path, []byte("pass"), 0o600) }, func() error { return os.Remove(path) }} {
			if err := spoil(); err != nil {
				t.Fatal(err)
			}
			install()
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s was not put right: %v", name, err)
			}
		}
	}
	if err := module.Install(guard.Modules(), filepath.Join(t.TempDir(), "a"+string(os.PathListSeparator)+"b")); err == nil {
		t.Error("a folder that Python takes for two is used")
	}
}

func TestFrames(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		address net.Addr
		want    []string
	}{
		{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8420}, []string{"http://127.0.0.1:8420", "http://localhost:8420"}},
		{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 2), Port: 1}, []string{"http://127.0.0.1:1", "http://localhost:1", "http://127.0.0.2:1"}},
		{&net.TCPAddr{IP: net.IPv6loopback, Port: 80}, []string{"http://127.0.0.1:80", "http://localhost:80"}},
	} {
		origins := guard.Origins(c.address)
		if !slices.Equal(origins, c.want) {
			t.Errorf("%s: %v", c.address, origins)
		}
		if err := guard.SetFrames(dir, origins); err != nil {
			t.Fatal(err)
		}
		var kept []string
		if b, err := os.ReadFile(filepath.Join(dir, "frames.json")); err != nil || json.Unmarshal(b, &kept) != nil || !slices.Equal(kept, c.want) {
			t.Errorf("kept %v, %v", kept, err)
		}
	}
	if err := guard.SetFrames(dir, nil); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "frames.json")); err != nil || string(b) != "[]" {
		t.Errorf("nobody: %s, %v", b, err)
	}
}

func TestSettings(t *testing.T) {
	both := "/g" + string(os.PathListSeparator) + "/own"
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{nil, "/g"},
		{[]string{"PYTHONPATH="}, "/g"},
		{[]string{"A=b", "PYTHONPATH=/own"}, both},
		{[]string{"PYTHONPATH=/own", "PYTHONPATH=/later"}, both},
	} {
		got := guard.Settings("/g", "/r", c.environ)
		if !slices.Equal(got, []string{"PYTHONPATH=" + c.want, "SCRIPTSMANAGER_GUARD=/r"}) {
			t.Errorf("%v: %v", c.environ, got)
		}
	}
}

func TestRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), guard.RecordFile)
	if notes, err := guard.Open(path).Next(); err != nil || notes != nil {
		t.Errorf("without a file: %v, %v", notes, err)
	}
	if err := guard.Create(path); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r := guard.Open(path)
	next := func(want ...guard.Note) {
		t.Helper()
		got, err := r.Next()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	next()
	write(`{"kind":"host","count":2,"detail":"evil"}` + "\n" + `{"kind":"origin",`)
	next(guard.Note{Kind: "host", Count: 2, Detail: "evil"})
	next()
	write(`"count":1,"detail":"x"}` + "\n")
	r = guard.Open(path) // another engine
	next(guard.Note{Kind: "origin", Count: 1, Detail: "x"})
	write("\n{}\nnot json\n" + `{"kind":"new","count":1}` + "\n" + `{"kind":"host","count":0}` + "\n" + `{"kind":"host","count":-1}` + "\n" +
		`{"kind":"host","count":1,"detail":"` + strings.Repeat("x", 201) + `"}` + "\n" + `{"kind":"user","count":1,"detail":"7"}` + "\n")
	next(guard.Note{Kind: "user", Count: 1, Detail: "7"})
	write(strings.Repeat(" ", 1<<20) + "\n") // no more than the bound is ever read
	for range 3 {
		next()
	}
}

// What a script puts in the record's place is not read: it may be a secret of
// the account, or never end.
func TestRecordExchanged(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(`{"kind":"host","count":1,"detail":"secret"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, guard.RecordFile)
	if err := os.Symlink(secret, path); err != nil {
		t.Fatal(err)
	}
	if notes, err := guard.Open(path).Next(); err == nil || notes != nil {
		t.Errorf("a link is read: %v, %v", notes, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if notes, err := guard.Open(path).Next(); err == nil && notes != nil {
		t.Errorf("a folder is read: %v", notes)
	}
}

// The record is the script's to write: whatever stands there, notes are whole
// and bounded, and reading ends.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"kind":"host","count":2,"detail":"evil"}` + "\n"))
	f.Add([]byte(`{"kind":"on:flask.app","count":1,"detail":""}` + "\n{\"kind\":\"user\",\"count\":1e3}\n\xff\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), guard.RecordFile)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		r := guard.Open(path)
		notes, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(notes) > bytes.Count(text, []byte("\n")) {
			t.Errorf("%d notes", len(notes))
		}
		for _, n := range notes {
			if n.Count < 1 || len(n.Detail) > 4*200 || n.Kind == "" {
				t.Errorf("%+v", n)
			}
		}
		if more, err := r.Next(); err != nil || more != nil {
			t.Errorf("again: %v, %v", more, err)
		}
	})
}

// A confined script loads the guard compiled, as it may not compile it itself.
func TestCompile(t *testing.T) {
	python, err := exec.LookPath("/usr/bin/python3")
	if err != nil {
		t.Skip("there is no Python")
	}
	dir := filepath.Join(t.TempDir(), "guard")
	if err := module.Install(guard.Modules(), dir); err != nil {
		t.Fatal(err)
	}
	if err := module.Compile(t.Context(), guard.Modules(), dir, python); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-B", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import scriptsmanager_guard as g; print(g.__cached__); import sitecustomize", dir).Output()
	if cached := strings.TrimSpace(string(out)); err != nil || filepath.Dir(cached) != filepath.Join(dir, "__pycache__") {
		t.Fatalf("loaded from %q, %v", cached, err)
	} else if _, err := os.Stat(cached); err != nil {
		t.Error(err)
	}
	if err := module.Compile(t.Context(), guard.Modules(), dir, filepath.Join(dir, "no python")); err == nil {
		t.Error("a Python that is not there compiles")
	}
}
