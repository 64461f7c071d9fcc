package environment_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

// follower runs a Watch and waits for what it tells.
type follower struct {
	t    *testing.T
	m    *machine
	e    *environment.Environments
	mu   sync.Mutex
	seen []environment.Change
	news chan struct{}
}

func follow(t *testing.T, m *machine, e *environment.Environments) *follower {
	t.Helper()
	f := &follower{t: t, m: m, e: e, news: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := e.Watch(ctx, func(c environment.Change) {
			f.mu.Lock()
			f.seen = append(f.seen, c)
			f.mu.Unlock()
			select {
			case f.news <- struct{}{}:
			default:
			}
		}); ctx.Err() == nil {
			t.Errorf("the watch ended: %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return f
}

// until waits for a change that the list then shows, too.
func (f *follower) until(what string, told func(environment.Change) bool, shown func([]domain.Environment) bool) {
	f.t.Helper()
	start := time.Now()
	late := time.After(2 * time.Minute)
	for {
		f.mu.Lock()
		heard := slices.ContainsFunc(f.seen, told)
		f.mu.Unlock()
		if heard && shown(f.e.List()) {
			f.t.Logf("%s: seen after %v", what, time.Since(start).Round(time.Millisecond))
			f.mu.Lock()
			f.seen = nil
			f.mu.Unlock()
			return
		}
		select {
		case <-f.news:
		case <-late:
			f.mu.Lock()
			defer f.mu.Unlock()
			f.t.Fatalf("%s: not seen; told %+v, listed %+v", what, f.seen, f.e.List())
		}
	}
}

func (f *follower) added(p string) {
	f.t.Helper()
	f.until("added "+p, func(c environment.Change) bool { return slices.Contains(c.Added, f.m.path(p)) }, func(list []domain.Environment) bool { return has(list, f.m.path(p)) })
}

func (f *follower) removed(p string) {
	f.t.Helper()
	f.until("removed "+p, func(c environment.Change) bool { return slices.Contains(c.Removed, f.m.path(p)) }, func(list []domain.Environment) bool { return !has(list, f.m.path(p)) })
}

func (f *follower) changed(p string, shown func(domain.Environment) bool) {
	f.t.Helper()
	f.until("changed "+p, func(c environment.Change) bool { return slices.Contains(c.Changed, f.m.path(p)) }, func(list []domain.Environment) bool {
		i := slices.IndexFunc(list, func(e domain.Environment) bool { return e.Path == f.m.path(p) })
		return i >= 0 && shown(list[i])
	})
}

func has(list []domain.Environment, path string) bool {
	return slices.ContainsFunc(list, func(e domain.Environment) bool { return e.Path == path })
}

// installed writes a conda environment beside its place and moves it there, as
// one step.
func (m *machine) arrive(p, root string) {
	m.t.Helper()
	m.conda("build/"+filepath.Base(p), root)
	m.mkdir(filepath.Dir(p))
	if err := os.Rename(m.path("build/"+filepath.Base(p)), m.path(p)); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) remove(p string) {
	m.t.Helper()
	if err := os.RemoveAll(m.path(p)); err != nil {
		m.t.Fatal(err)
	}
}

func TestWatch(t *testing.T) { // ENV-3
	m := newMachine(t)
	m.installation("opt/conda")
	m.mkdir("opt/conda/lib/python3.11/site-packages")
	m.mkdir("root/venvs")
	m.mkdir("home/.conda")
	o := m.options()
	o.RootDir = m.path("root")
	store := &memory{}
	e := environment.New(o, store, nil)
	f := follow(t, m, e)
	f.added("opt/conda")

	m.arrive("opt/conda/envs/fem", "opt/conda")
	f.added("opt/conda/envs/fem")
	m.write("home/.conda/environments.txt", m.path("far/away")+"\n", 0o644)
	m.arrive("far/away", "opt/conda")
	m.write("home/.conda/environments.txt", m.path("far/away")+"\n\n", 0o644)
	f.added("far/away")
	m.write("home/.conda/environments.txt", "\n", 0o644)
	m.remove("far/away")
	f.removed("far/away")
	m.installation("build2/miniforge3")
	if err := os.Rename(m.path("build2/miniforge3"), m.path("home/miniforge3")); err != nil {
		t.Fatal(err)
	}
	f.added("home/miniforge3")
	m.arrive("home/miniforge3/envs/new", "home/miniforge3") // in a folder that was not there at first
	f.added("home/miniforge3/envs/new")
	m.venv("root/venvs/solver")
	f.added("root/venvs/solver")

	verified := at(t, e.List(), m.path("opt/conda")).VerifiedAt
	again := func(e domain.Environment) bool { return e.VerifiedAt.After(*verified) }
	m.write("opt/conda/lib/python3.11/site-packages/new.dist-info/METADATA", "Name: new\n", 0o644)
	f.changed("opt/conda", again)
	verified = at(t, e.List(), m.path("opt/conda")).VerifiedAt
	m.write("opt/conda/conda-meta/state", `{"env_vars":{"A":"1"}}`, 0o644)
	f.changed("opt/conda", again)
	m.remove("opt/conda/envs/fem/bin/python")
	f.changed("opt/conda/envs/fem", func(e domain.Environment) bool { return e.State == domain.EnvironmentStateBroken })
	m.remove("opt/conda/envs/fem/conda-meta/history")
	f.changed("opt/conda/envs/fem", func(e domain.Environment) bool { return e.State == domain.EnvironmentInterrupted })
	m.remove("opt/conda/envs/fem")
	f.removed("opt/conda/envs/fem")
	m.remove("root/venvs/solver")
	f.removed("root/venvs/solver")
	if saved, _ := store.Environments(t.Context()); !has(saved, m.path("opt/conda")) || has(saved, m.path("root/venvs/solver")) {
		t.Errorf("saved %+v", saved)
	}
}

// One interpreter that hangs must not keep others from being seen.
func TestWatchIsNotHeldUpByOneThatHangs(t *testing.T) { // ENV-3
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/hangs", "opt/conda")
	m.remove("opt/conda/envs/hangs/bin/python")
	m.write("opt/conda/envs/hangs/bin/python", "#!/bin/sh\nexec /bin/sleep 600\n", 0o755)
	e := environment.New(m.options(), &memory{}, nil)
	e.SetLimit(300 * time.Second)
	f := follow(t, m, e)
	f.added("opt/conda")
	m.arrive("opt/conda/envs/fem", "opt/conda")
	f.added("opt/conda/envs/fem")
	m.remove("opt/conda/envs/fem")
	f.removed("opt/conda/envs/fem")
	if has(e.List(), m.path("opt/conda/envs/hangs")) {
		t.Error("one that has not answered is listed")
	}
}

func TestWatchStartsNothingThatDidNotChange(t *testing.T) { // ENV-3
	m := newMachine(t)
	m.installation("opt/conda")
	starts := m.counting("opt/conda")
	e := environment.New(m.options(), &memory{}, nil)
	f := follow(t, m, e)
	f.added("opt/conda")
	for _, name := range []string{"one", "two"} {
		m.arrive("opt/conda/envs/"+name, "opt/conda")
		f.added("opt/conda/envs/" + name)
	}
	if n := starts(); n != 1 {
		t.Errorf("base was started %d times", n)
	}
}

func TestWatchWithTooFewWatches(t *testing.T) { // ENV-3
	m := newMachine(t)
	m.installation("opt/conda")
	e := environment.New(m.options(), &memory{}, nil)
	e.SetBounds(0, 50*time.Millisecond)
	f := follow(t, m, e)
	f.added("opt/conda")
	m.arrive("opt/conda/envs/fem", "opt/conda")
	f.added("opt/conda/envs/fem")
}

// What was known when the application ended is listed until it is looked at;
// a person is told only of what is different.
func TestWatchAfterARestart(t *testing.T) { // ENV-3
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/fem", "opt/conda")
	m.conda("opt/conda/envs/gone", "opt/conda")
	store := &memory{}
	refresh(t, environment.New(m.options(), store, nil))
	m.remove("opt/conda/envs/gone")
	e := environment.New(m.options(), store, nil)
	e.Recall(t.Context())
	if !has(e.List(), m.path("opt/conda/envs/fem")) {
		t.Fatal("what was known is not listed")
	}
	f := follow(t, m, e)
	f.until("gone", func(c environment.Change) bool {
		for _, p := range slices.Concat(c.Added, c.Removed) {
			if !strings.HasSuffix(p, "/gone") {
				t.Errorf("told of %s", p)
			}
		}
		return slices.Contains(c.Removed, m.path("opt/conda/envs/gone"))
	}, func(list []domain.Environment) bool { return has(list, m.path("opt/conda/envs/fem")) })
}
