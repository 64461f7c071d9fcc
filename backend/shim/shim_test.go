package shim_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/shim"
)

const python = "/usr/bin/python3"

// program is the built shim.
var program string

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "engine" {
		engine(os.Args[2:])
		return
	}
	// Programs inherit what their parent ignores: heard here, a hangup is not
	// ignored by them, also where the tests were started by nohup.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	// An account that cannot build is given the program.
	if program = os.Getenv("SHIM_PROGRAM"); program != "" {
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp("", "shim")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "scriptsmanager-shim")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./scriptsmanager-shim")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("build the shim: %v\n%s", err, out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// specOf makes a spec with folders of its own. Sockets need short paths.
func specOf(t testing.TB, argv ...string) shim.Spec {
	t.Helper()
	dir, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return shim.Spec{
		ExecutionID: "11111111-2222-3333-4444-555555555555",
		RunDir:      filepath.Join(dir, "run"), LogBase: filepath.Join(dir, "logs", "execution_1"),
		Argv: argv, Env: []string{"PATH=/usr/bin:/bin"}, Dir: dir,
		OnLoss: shim.LossStop, Grace: 10 * time.Second,
	}
}

// script makes a spec for a Python program.
func script(t testing.TB, text string, args ...string) shim.Spec {
	t.Helper()
	return specOf(t, append([]string{python, "-c", text}, args...)...)
}

func start(t testing.TB, spec shim.Spec) *shim.Shim {
	t.Helper()
	s, err := shim.Start(context.Background(), program, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Kill(); within(t, s) })
	return s
}

// within drains the events, so that nothing of a test outlives it.
func within(t testing.TB, s *shim.Shim) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case _, ok := <-s.Events():
			if !ok {
				return
			}
		case <-limit:
			t.Error("the shim does not end")
			return
		}
	}
}

// await takes events until one of the type comes.
func await[E shim.Event](t testing.TB, s *shim.Shim) E {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case e, ok := <-s.Events():
			if !ok {
				t.Fatalf("no %T before the events end", *new(E))
			}
			if e, ok := e.(E); ok {
				return e
			}
		case <-limit:
			t.Fatalf("no %T in time", *new(E))
		}
	}
}

// until polls for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func output(t testing.TB, spec shim.Spec) string {
	t.Helper()
	b, err := os.ReadFile(spec.LogBase + format.LogSuffix)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// said waits until the script printed the text.
func said(t testing.TB, spec shim.Spec, text string) {
	t.Helper()
	until(t, "output "+text, func() bool {
		b, _ := os.ReadFile(spec.LogBase + format.LogSuffix)
		return strings.Contains(string(b), text)
	})
}

func lines(t testing.TB, spec shim.Spec) []string {
	t.Helper()
	r, err := log.Open(spec.LogBase)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	page, err := r.Read(1, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, l := range page.Lines {
		all = append(all, string(l.Stream)+" "+l.Text)
	}
	return all
}

func text(e shim.Ended) string {
	code := "-"
	if e.ExitCode != nil {
		code = fmt.Sprint(*e.ExitCode)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", e.End, code, e.Signal))
}

// EXE-3, LOG-1
func TestEnds(t *testing.T) {
	tests := []struct {
		name string
		spec shim.Spec
		want string
	}{
		{"exit 0", script(t, "print('hello')"), "exit 0"},
		{"exit 3", script(t, "import sys; print('x'); sys.exit(3)"), "exit 3"},
		{"exception", script(t, "raise ValueError('bad')"), "exit 1"},
		{"signal", script(t, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"), "exit - SIGSEGV"},
		{"at once", specOf(t, "/bin/true"), "exit 0"},
		{"no such program", specOf(t, "/nonexistent/python"), "start_failed -"},
		{"no folder", func() shim.Spec { s := script(t, ""); s.Dir = "/nonexistent"; return s }(), "start_failed -"},
		{"not executable", specOf(t, "/etc/passwd"), "start_failed -"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, test.spec)
			ended := await[shim.Ended](t, s)
			if got := text(ended); got != test.want {
				t.Errorf("%q (%+v), want %q", got, ended.StartError, test.want)
			}
			if failed := ended.End == "start_failed"; failed != (ended.StartError != nil) {
				t.Errorf("start error %+v", ended.StartError)
			}
			state, err := shim.ReadState(test.spec.RunDir)
			if err != nil || state.Phase != "ended" || state.Lines != ended.Lines {
				t.Errorf("state %+v, %v", state, err)
			}
		})
	}
}
