//go:build unix

package environment_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

// sleepy makes a Python that notes its starts and gives no answer while the
// file "hang" is there.
func (m *machine) sleepy(p string) (starts func() int) {
	m.t.Helper()
	os.Remove(m.path(p + "/bin/python"))
	count := m.path("starts")
	m.write(p+"/bin/python", fmt.Sprintf("#!/bin/sh\necho x >> '%s'\n[ ! -e '%s' ] || exec /bin/sleep 300\nexec %s \"$@\"\n",
		count, m.path("hang"), systemPython), 0o755)
	return func() int {
		b, _ := os.ReadFile(count)
		return strings.Count(string(b), "x")
	}
}

// verifiedLater makes the store's records younger than every file.
func verifiedLater(store *memory) {
	store.mu.Lock()
	defer store.mu.Unlock()
	later := time.Now().Add(time.Minute).UTC()
	for i := range store.saved {
		store.saved[i].VerifiedAt = &later
	}
}

// An interpreter that gives no answer is waited for where a person wants all to
// be looked at again, or a run wants it; by nothing else.
func TestSilentInterpreterIsWaitedForByRunsAlone(t *testing.T) { // ENV-2, ENV-3
	needsFlask(t)
	m := newMachine(t)
	m.mkdir("opt/mm/pkgs")
	m.conda("opt/mm/envs/fem", "x")
	starts := m.sleepy("opt/mm/envs/fem")
	path := m.path("opt/mm/envs/fem")
	o := m.options("MAMBA_ROOT_PREFIX=" + m.path("opt/mm"))
	o.Fallback = environment.FallbackFail
	m.write("hang", "", 0o644)
	store := &memory{}
	state := func(what string, list []domain.Environment, problem string, wanted int) {
		t.Helper()
		env := at(t, list, path)
		code := ""
		if env.Problem != nil {
			code = env.Problem.Code
		}
		if code != problem || starts() != wanted {
			t.Fatalf("%s: %s, %v after %d starts, want %q after %d", what, env.State, env.Problem, starts(), problem, wanted)
		}
	}
	look := func(e *environment.Environments) []domain.Environment {
		t.Helper()
		list, err := e.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	e := environment.New(o, store, nil)
	e.SetLimit(time.Second)
	state("the first look", look(e), domain.ProblemNoAnswer, 1)
	state("a look", look(e), domain.ProblemNoAnswer, 1)
	state("a refresh", refresh(t, e), domain.ProblemNoAnswer, 2)
	silent := slices.Clone(store.saved)
	if _, _, err := e.Resolve(t.Context(), "fem", true); !domain.HasCode(err, domain.CodeEnvironmentBroken) || starts() != 3 {
		t.Fatalf("a run, when it was asked already: %v after %d starts", err, starts())
	}
	os.Remove(m.path("hang"))
	if env, _, err := e.Preview(t.Context(), "fem", true); !domain.HasCode(err, domain.CodeEnvironmentBroken) || starts() != 3 {
		t.Fatalf("what a run would have, when it was asked already: %s, %v after %d starts", env.State, err, starts())
	}
	e.SetLimit(patient)
	if env, _, err := e.Resolve(t.Context(), "fem", true); err != nil || !env.Usable() || starts() != 4 {
		t.Fatalf("a run, when the machine has time again: %s, %v after %d starts", env.State, err, starts())
	}
	os.Remove(m.path("starts"))
	m.write("starts", "xx", 0o644)
	store = &memory{saved: silent}
	verifiedLater(store)
	silent = slices.Clone(store.saved)

	// after a start; it would answer, if it were asked
	e = environment.New(o, store, nil)
	e.SetLimit(patient)
	if _, _, err := e.Preview(t.Context(), "fem", true); !domain.HasCode(err, domain.CodeEnvironmentBroken) || starts() != 2 {
		t.Fatalf("what a run would have: %v after %d starts", err, starts())
	}
	state("a look after a start", look(e), domain.ProblemNoAnswer, 2)
	if list, err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	} else {
		state("the list after a start", list, domain.ProblemNoAnswer, 2)
	}
	if env, _, err := e.Resolve(t.Context(), "fem", true); err != nil || !env.Usable() || starts() != 3 {
		t.Fatalf("a run: %s, %v after %d starts", env.State, err, starts())
	}
	state("what the run has found", e.List(), "", 3)

	// a run before the first look
	e = environment.New(o, &memory{saved: slices.Clone(silent)}, nil)
	e.SetLimit(patient)
	if env, _, err := e.Resolve(t.Context(), "fem", true); err != nil || !env.Usable() || starts() != 4 {
		t.Fatalf("a run at the start: %s, %v after %d starts", env.State, err, starts())
	}

	// the watch asks it once, beside all else
	e = environment.New(o, &memory{saved: slices.Clone(silent)}, nil)
	e.SetLimit(patient)
	e.Recall(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told, ended := make(chan environment.Change, 10), make(chan error, 1)
	go func() { ended <- e.Watch(ctx, func(c environment.Change) { told <- c }) }()
	deadline := time.After(patient)
	for !at(t, e.List(), path).Usable() {
		select {
		case <-told:
		case <-deadline:
			t.Fatalf("never asked: %+v", e.List())
		}
	}
	if starts() != 5 {
		t.Errorf("asked %d times", starts()-4)
	}
	cancel()
	<-ended
}

// What fails at once is asked again by every look: what it lacks may have come.
func TestFailedInterpreterIsAskedAgain(t *testing.T) { // ENV-2
	needsFlask(t)
	m := newMachine(t)
	m.mkdir("opt/mm/pkgs")
	m.conda("opt/mm/envs/fem", "x")
	os.Remove(m.path("opt/mm/envs/fem/bin/python"))
	m.write("opt/mm/envs/fem/bin/python", fmt.Sprintf("#!/bin/sh\n[ -e '%s' ] || { echo 'ImportError: libx.so: cannot open shared object file' >&2; exit 1; }\nexec %s \"$@\"\n",
		m.path("libx.so"), systemPython), 0o755)
	e := environment.New(m.options("MAMBA_ROOT_PREFIX="+m.path("opt/mm")), &memory{}, nil)
	e.SetLimit(patient)
	list, err := e.Look(t.Context())
	if err != nil || list[0].Problem == nil || list[0].Problem.Code != domain.ProblemMissingLibrary {
		t.Fatalf("%+v, %v", list, err)
	}
	m.write("libx.so", "", 0o644)
	if list, err = e.Look(t.Context()); err != nil || list[0].State != domain.EnvironmentOK {
		t.Errorf("%+v, %v", list, err)
	}
}
