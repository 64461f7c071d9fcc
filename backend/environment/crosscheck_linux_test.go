package environment_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/environment"
)

// standIn is a conda that answers what a real one did, late and from a child of
// its own, and fails loudly on other arguments. before is shell code that it runs first.
func (m *machine) standIn(p, recording, before string) (asked func() int) {
	m.t.Helper()
	b, err := os.ReadFile("testdata/" + recording)
	if err != nil {
		m.t.Fatal(err)
	}
	m.write(p+".answer", strings.ReplaceAll(string(b), "/opt/rig", m.path("rig")), 0o644)
	count := m.path(p + ".asked")
	m.write(p, fmt.Sprintf(`#!/bin/bash
[ "$*" = "env list --json" ] || { echo "stand-in: no recording of: $*" >&2; exit 99; }
[ -z "$CONDA_PREFIX$PYTHONPATH" ] || { echo "stand-in: bent by $CONDA_PREFIX $PYTHONPATH" >&2; exit 98; }
export PATH=/usr/bin:/bin
echo x >> '%s'
for i in {1..600}; do [ "$(nice)" -ge 15 ] && break; sleep 0.1; done
[ "$(nice)" -ge 15 ] || { echo "stand-in: not at low priority" >&2; exit 97; }
%s
bash -c 'sleep 0.1; cat "$0"' '%s'
`, count, before, m.path(p+".answer")), 0o755)
	return func() int {
		b, _ := os.ReadFile(count)
		return strings.Count(string(b), "x")
	}
}

type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

// rig is the installation of the recordings, with an environment of a project
// of which conda alone knows.
func rig(t *testing.T) (*machine, environment.Options) {
	t.Helper()
	m := newMachine(t)
	m.installation("rig/miniconda")
	m.conda("rig/projects/mein Projekt ä/.conda", "rig/miniconda")
	return m, m.options("CONDA_ROOT="+m.path("rig/miniconda"), "PYTHONPATH=/bent")
}

func paths(t *testing.T, e *environment.Environments) []string {
	t.Helper()
	list, err := e.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, env := range list {
		all = append(all, env.Path)
	}
	return all
}

func TestCondaKnowsMore(t *testing.T) { // ENV-1
	needsFlask(t)
	m, o := rig(t)
	m.conda("rig/miniconda/envs/ours alone", "rig/miniconda")
	asked := m.standIn("rig/miniconda/bin/conda", "conda-24.11-env-list.json", "echo 'WARNING: {odd} thing'")
	var log lines
	e := environment.New(o, &memory{}, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	e.SetLimit(patient)
	e.SetConda(patient, 0)
	base, project := m.path("rig/miniconda"), m.path("rig/projects/mein Projekt ä/.conda")
	before := paths(t, e)
	if !slices.Equal(before, []string{base, m.path("rig/miniconda/envs/ours alone")}) {
		t.Fatalf("by the file system: %q", before)
	}
	if !e.CrossCheck(t.Context()) || asked() != 1 {
		t.Fatalf("asked %d times: %s", asked(), log.b.String())
	}
	if got := paths(t, e); len(got) != 3 || !slices.Contains(got, project) {
		t.Errorf("with conda: %q", got)
	}
	if env := at(t, e.List(), project); env.Kind != "conda" || !env.Usable() || env.Root != base {
		t.Errorf("%+v", env)
	}
	if log.count("environments that conda does not know") != 1 || log.count("ours alone") == 0 {
		t.Errorf("not told what conda does not know: %s", log.b.String())
	}
	if e.CrossCheck(t.Context()) {
		t.Error("the same again is new")
	}
	// What conda said once stays where it fails, and the failure is told once.
	m.standIn("rig/miniconda/bin/conda", "conda-24.11-env-list.json", `echo '{"error": "CondaError: no", "exception_name": "CondaError"}'; exit 0`)
	for range 2 {
		if e.CrossCheck(t.Context()) {
			t.Error("a failure is new")
		}
	}
	if got := paths(t, e); len(got) != 3 {
		t.Errorf("after a failure: %q", got)
	}
	if n := log.count("conda does not say"); n != 1 {
		t.Errorf("a failure was told %d times", n)
	}
	// One that was removed is gone, whatever conda says.
	os.RemoveAll(project)
	if got := paths(t, e); len(got) != 2 {
		t.Errorf("after the removal: %q", got)
	}
}

func TestMicromambaKnowsMore(t *testing.T) { // ENV-1
	m, _ := rig(t)
	m.mkdir("tools")
	asked := m.standIn("tools/micromamba", "micromamba-2.1-env-list.json", `[ -n "$MAMBA_ROOT_PREFIX" ] || exit 96`)
	o := m.options("MAMBA_EXE="+m.path("tools/micromamba"), "MAMBA_ROOT_PREFIX="+m.path("rig/mmroot"))
	e := environment.New(o, &memory{}, nil)
	e.SetLimit(patient)
	e.SetConda(patient, 0)
	if before := paths(t, e); len(before) != 0 {
		t.Fatalf("by the file system: %q", before)
	}
	if !e.CrossCheck(t.Context()) || asked() != 1 {
		t.Fatalf("asked %d times", asked())
	}
	if got := paths(t, e); !slices.Contains(got, m.path("rig/miniconda")) || !slices.Contains(got, m.path("rig/projects/mein Projekt ä/.conda")) {
		t.Errorf("with micromamba: %q", got)
	}
}

func TestCondaThatHangs(t *testing.T) { // ENV-1
	m, o := rig(t)
	m.standIn("rig/miniconda/bin/conda", "conda-24.11-env-list.json", "/bin/sleep 300 & /bin/sleep 300")
	var log lines
	e := environment.New(o, &memory{}, slog.New(slog.NewJSONHandler(&log, nil)))
	e.SetLimit(patient)
	e.SetConda(time.Second, 0)
	before := paths(t, e)
	for range 2 {
		if e.CrossCheck(t.Context()) {
			t.Error("it knows more")
		}
	}
	if log.count("no answer within 1s") != 1 || !slices.Equal(paths(t, e), before) {
		t.Errorf("%s", log.b.String())
	}
	m.leftNothing()
	ctx, cancel := context.WithCancel(t.Context())
	e.SetConda(patient, 0)
	cancel()
	if e.CrossCheck(ctx) || log.count("conda does not say") != 1 {
		t.Errorf("cancelled: %s", log.b.String())
	}
}

func TestWhatCondaSays(t *testing.T) {
	ended := errors.New("exit status 1")
	for name, c := range map[string]struct {
		out, said string
		err       error
		want      []string
		fails     string
	}{
		"warnings before":       {out: "WARNING {x}\n{\"envs\": [\"/a\", \"/b/../c\", \"relative\", \"\\u0000\"]}\nbye", want: []string{"/a", "/c"}},
		"none":                  {out: `{"envs": []}`},
		"nothing":               {fails: "not understood"},
		"rubbish":               {out: "\x00\xff{{{\n{", fails: "not understood"},
		"another object":        {out: `{"channels": []}`, fails: "not understood"},
		"wrong types":           {out: `{"envs": "/a"}`, fails: "not understood"},
		"an error inside":       {out: `{"error": "it broke", "exception_name": "CondaError", "envs": ["/a"]}`, fails: "it broke"},
		"no success":            {out: `{"success": false, "message": "locked"}`, fails: "locked"},
		"fails":                 {said: "Traceback\n  no module conda", err: ended, fails: "no module conda"},
		"answers and then ends": {out: `{"envs": ["/a"]}`, err: ended, fails: "exit status 1"},
	} {
		got, err := environment.ParseEnvList(c.out, c.said, c.err)
		if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// The watch asks once all is verified, and again when something else is found.
func TestWatchAsksConda(t *testing.T) { // ENV-1, ENV-3
	needsFlask(t)
	m, o := rig(t)
	asked := m.standIn("rig/miniconda/bin/conda", "conda-24.11-env-list.json", "")
	e := environment.New(o, &memory{}, nil)
	e.SetLimit(patient)
	e.SetConda(patient, 0)
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(chan environment.Change, 100), make(chan error, 1)
	go func() { ended <- e.Watch(ctx, func(c environment.Change) { told <- c }) }()
	until := func(what string, done func() bool) {
		t.Helper()
		deadline := time.After(patient)
		for tick := time.NewTicker(50 * time.Millisecond); !done(); {
			select {
			case <-told:
			case <-tick.C:
			case <-deadline:
				t.Fatalf("%s: %+v, asked %d times", what, e.List(), asked())
			}
		}
	}
	project := m.path("rig/projects/mein Projekt ä/.conda")
	until("conda's environment", func() bool { return len(e.List()) == 2 && e.List()[1].Path == project && e.List()[1].Usable() })
	if asked() != 1 {
		t.Errorf("asked %d times for one state", asked())
	}
	m.conda("rig/miniconda/envs/new", "rig/miniconda")
	until("the new environment", func() bool { return len(e.List()) == 3 && asked() >= 2 })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzParseEnvList(f *testing.F) {
	f.Add("WARNING\n{\"envs\": [\"/a\"]}", "")
	f.Fuzz(func(t *testing.T, out, said string) {
		paths, err := environment.ParseEnvList(out, said, nil)
		for _, p := range paths {
			if err != nil || !strings.HasPrefix(p, "/") || strings.ContainsRune(p, 0) {
				t.Errorf("%q, %v", p, err)
			}
		}
	})
}
