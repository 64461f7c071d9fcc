package environment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"scriptsmanager/backend/domain"
)

// So many interpreters are asked at once: one that hangs must not hold up the rest.
const maxStarts = 4

// flight is an interpreter that is being asked, for all who want its answer.
type flight struct {
	key  uint64
	done chan struct{} // closed when env and err are there
	env  domain.Environment
	err  error
}

// Change tells which environments, by path, are new, gone or different.
type Change struct{ Added, Removed, Changed []string }

// Any tells whether there is anything to tell.
func (c Change) Any() bool { return len(c.Added)+len(c.Removed)+len(c.Changed) > 0 }

// effort says which interpreters are asked again though nothing changed.
type effort int

const (
	askChanged effort = iota // none
	askFailed                // those that failed, which they do at once: what they lack may be there now
	askSilent                // and those that gave no answer in the time they had
)

// Refresh finds all environments, verifies those that are new or changed or
// could not be verified the last time, and saves the result, which it gives in
// the order of Find. Where saving fails it gives the environments together with
// the error.
func (e *Environments) Refresh(ctx context.Context) ([]domain.Environment, error) {
	return e.refresh(ctx, askSilent)
}

// Look is a Refresh that does not ask those interpreters again that gave no
// answer the last time: it would take as long as they may.
func (e *Environments) Look(ctx context.Context) ([]domain.Environment, error) {
	return e.refresh(ctx, askFailed)
}

func (e *Environments) refresh(ctx context.Context, how effort) ([]domain.Environment, error) {
	start := time.Now()
	due, saved, err := e.look(ctx, how)
	if err != nil {
		return nil, err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	for _, f := range due {
		group.Go(func() error {
			_, err := e.check(groupCtx, f.Found, saved, f.again)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("verify environments: %w", err)
	}
	list := e.arrange()
	e.mu.Lock()
	e.refreshed = true
	e.mu.Unlock()
	e.log.InfoContext(ctx, "environments refreshed", "found", len(list), "verified", len(due), "duration", time.Since(start))
	if err := e.store.SaveEnvironments(ctx, list); err != nil {
		return list, fmt.Errorf("save environments: %w", err)
	}
	return list, nil
}

// due is an environment that has to be verified, again though nothing changed.
type due struct {
	Found
	again bool
}

// look finds environments by the file system, arranges the list of those of
// which all is known, and gives those that have to be verified.
func (e *Environments) look(ctx context.Context, how effort) ([]due, map[string]domain.Environment, error) {
	e.finding.Lock()
	defer e.finding.Unlock()
	e.mu.Lock()
	before := e.all
	e.mu.Unlock()
	found := e.find(ctx)
	all := found.all
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	var todo []due
	saved := e.saved(ctx)
	for _, f := range all {
		env, ok := e.known(ctx, f, saved)
		failed := ok && f.State == domain.EnvironmentOK && env.State == domain.EnvironmentStateBroken && !answered(env)
		again := failed && (how == askSilent || how == askFailed && !silent(env))
		if !ok || again {
			todo = append(todo, due{f, again})
		}
	}
	e.mu.Lock()
	for _, f := range e.all {
		if !isIn(before, f.Path) && !isIn(all, f.Path) {
			all = append(all, f) // named meanwhile
		}
	}
	e.all, e.places, e.tools = all, found.places, found.tools
	for path := range e.verified {
		if !isIn(all, path) {
			delete(e.verified, path)
		}
	}
	e.mu.Unlock()
	e.arrange()
	return todo, saved, nil
}

// arrange makes the list of what was found and is verified; what is verified
// at this moment stands there as it was before, if it was. Where the list has
// changed, Watch hears of it.
func (e *Environments) arrange() []domain.Environment {
	e.mu.Lock()
	defer e.mu.Unlock()
	former := make(map[string]domain.Environment, len(e.list))
	for _, env := range e.list {
		former[env.Path] = env
	}
	list := make([]domain.Environment, 0, len(e.all))
	found := map[string]Found{}
	for _, f := range e.all {
		env, ok := former[f.Path]
		if v, verified := e.verified[f.Path]; verified {
			env, ok = v.env, true
		}
		if !ok {
			continue
		}
		env.Default = false
		f.describe(&env)
		// Two programs of PATH may lead to one Python; the first counts.
		if _, twice := found[env.ID]; twice {
			continue
		}
		f.Path, f.Python = env.Path, env.Python
		found[env.ID] = f
		list = append(list, env)
	}
	if d := preferred(list, true); d >= 0 {
		list[d].Default = true
	}
	changed := difference(e.list, list).Any()
	e.list, e.found = list, found
	for id := range e.activations {
		if _, ok := found[id]; !ok {
			delete(e.activations, id)
		}
	}
	if changed {
		select {
		case e.wake <- struct{}{}:
		default: // it is awake
		}
	}
	return slices.Clone(list)
}

func difference(before, after []domain.Environment) Change {
	var c Change
	old := make(map[string]domain.Environment, len(before))
	for _, env := range before {
		old[env.ID] = env
	}
	for _, env := range after {
		was, ok := old[env.ID]
		delete(old, env.ID)
		switch {
		case !ok:
			c.Added = append(c.Added, env.Path)
		case !same(was, env):
			c.Changed = append(c.Changed, env.Path)
		}
	}
	for _, env := range before {
		if _, gone := old[env.ID]; gone {
			c.Removed = append(c.Removed, env.Path)
		}
	}
	return c
}

// same tells whether a person would see no difference. A new time of
// verification is one: something in the environment changed.
func same(a, b domain.Environment) bool {
	at := func(t *time.Time) int64 {
		if t == nil {
			return 0
		}
		return t.UnixMilli()
	}
	if at(a.VerifiedAt) != at(b.VerifiedAt) || a.Problem.String() != b.Problem.String() {
		return false
	}
	a.VerifiedAt, a.DetectedAt, a.Problem = b.VerifiedAt, b.DetectedAt, b.Problem
	return a == b
}

// saved gives what the store knows, by path; empty where it cannot be read, as
// everything in it can be found again.
func (e *Environments) saved(ctx context.Context) map[string]domain.Environment {
	byPath := map[string]domain.Environment{}
	list, err := e.store.Environments(ctx)
	if err != nil {
		e.log.WarnContext(ctx, "read the saved environments", "error", err)
		return byPath
	}
	for _, s := range list {
		byPath[s.Path] = s
	}
	return byPath
}

// known gives an environment that need not be verified: nothing changed since
// it was, or the file system alone shows that it cannot be used.
func (e *Environments) known(ctx context.Context, f Found, saved map[string]domain.Environment) (domain.Environment, bool) {
	before := stampOf(f, e.options.Home)
	e.mu.Lock()
	known, ok := e.verified[f.Path]
	e.mu.Unlock()
	if ok && known.key == before.key {
		env := known.env
		f.describe(&env)
		return env, true
	}
	if f.State != domain.EnvironmentOK {
		if isWhole(lookAt(ctx, e.options, f.Path)) {
			return domain.Environment{}, false // it was still being made when it was found, and no more when the stamp was taken
		}
		env := recordOf(f)
		seenNow(&env, saved[f.Path])
		e.remember(f.Path, verification{key: before.key, env: env})
		return env, true
	}
	old, inStore := saved[f.Path]
	// The second leaves out changes in the same tick of a coarse clock.
	if inStore && !ok && old.Kind == f.Kind && old.Python == f.Python && (answered(old) || silent(old)) &&
		old.VerifiedAt != nil && before.newest.Add(time.Second).Before(*old.VerifiedAt) {
		old.Default = false
		f.describe(&old)
		e.remember(f.Path, verification{key: before.key, env: old})
		return old, true
	}
	return domain.Environment{}, false
}

// check verifies one environment, unless it did so already and nothing changed
// since, or it shall do so again. Who asks while it is being verified gets the
// same answer.
func (e *Environments) check(ctx context.Context, f Found, saved map[string]domain.Environment, again bool) (domain.Environment, error) {
	for ; ; again = false {
		if env, ok := e.known(ctx, f, saved); ok && !again {
			return env, nil
		}
		// the stamp from before: what changes while it is asked is asked again
		key := stampOf(f, e.options.Home).key
		e.mu.Lock()
		running := e.flights[f.Path]
		if running == nil {
			running = &flight{key: key, done: make(chan struct{})}
			e.flights[f.Path] = running
			e.mu.Unlock()
			running.env, running.err = e.verify(ctx, f, key, saved)
			e.mu.Lock()
			delete(e.flights, f.Path)
			e.mu.Unlock()
			close(running.done)
			return running.env, running.err
		}
		e.mu.Unlock()
		select {
		case <-running.done:
		case <-ctx.Done():
			return domain.Environment{}, ctx.Err()
		}
		if running.err == nil && running.key == key {
			return running.env, nil
		}
	}
}

func (e *Environments) verify(ctx context.Context, f Found, key uint64, saved map[string]domain.Environment) (domain.Environment, error) {
	select {
	case e.starts <- struct{}{}:
		defer func() { <-e.starts }()
	case <-ctx.Done():
		return domain.Environment{}, ctx.Err()
	}
	if f.State != domain.EnvironmentOK {
		// known has seen that it became whole since it was found.
		if whole, ok := lookAt(ctx, e.options, f.Path); isWhole(whole, ok) {
			f.Python, f.PythonVersion, f.State, f.Problem = whole.Python, whole.PythonVersion, whole.State, whole.Problem
		}
	}
	env, err := verify(ctx, f, e.options.Environ, e.limit)
	if err != nil {
		return env, err
	}
	seenNow(&env, saved[f.Path])
	if env.State == domain.EnvironmentStateBroken {
		e.log.WarnContext(ctx, "environment is broken", "path", env.Path, "problem", env.Problem.String())
	}
	e.remember(f.Path, verification{key: key, env: env, asked: true})
	return env, nil
}

// describe puts in what finding alone tells, whatever was verified when.
func (f Found) describe(env *domain.Environment) {
	env.Name, env.Tool, env.Root, env.WritableByOthers = f.Name, f.Tool, f.Root, f.Writable
}

// seenNow puts in the times of an environment that was looked at now; it was
// detected when that was the first time, which old has where there is one.
func seenNow(env *domain.Environment, old domain.Environment) {
	now := time.Now().UTC()
	env.DetectedAt, env.VerifiedAt = now, &now
	if !old.DetectedAt.IsZero() {
		env.DetectedAt = old.DetectedAt
	}
}

// isWhole tells whether nothing speaks against what lookAt gave.
func isWhole(f Found, ok bool) bool { return ok && f.State == domain.EnvironmentOK }

// answered tells whether the interpreter itself said what is recorded, which it
// would again: one that did not answer may have had a bad day.
func answered(old domain.Environment) bool {
	return old.Usable() || old.Problem != nil && (old.State == domain.EnvironmentNoFlask || isTooOld(old.PythonVersion))
}

// silent tells whether the interpreter gave no answer in the time it had.
func silent(env domain.Environment) bool {
	return env.State == domain.EnvironmentStateBroken && env.Problem != nil && env.Problem.Code == domain.ProblemNoAnswer
}

func (e *Environments) remember(path string, v verification) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.verified[path] = v
}

// hear asks an interpreter that was silent the last time, as a run may find it
// awake. One that was chosen is asked by each run: a machine that was too busy
// for a moment must not have its scripts run elsewhere from then on. One that is
// merely the default is asked once after our start.
func (e *Environments) hear(ctx context.Context, f Found, env domain.Environment, chosen bool) (domain.Environment, error) {
	e.mu.Lock()
	asked := e.verified[f.Path].asked
	e.mu.Unlock()
	if !silent(env) || asked && !chosen {
		return env, nil
	}
	env, err := e.check(ctx, f, nil, true)
	if err != nil {
		return env, fmt.Errorf("verify environment %s: %w", f.Path, err)
	}
	e.arrange()
	return env, nil
}
