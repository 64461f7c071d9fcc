package environment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/folders"
)

// Store keeps what was found and verified over a restart.
type Store interface {
	SaveEnvironments(ctx context.Context, environments []domain.Environment) error
	Environments(ctx context.Context) ([]domain.Environment, error)
}

// Environments knows the environments of this machine. It is safe for
// concurrent use.
type Environments struct {
	options Options
	store   Store
	log     *slog.Logger
	limit   time.Duration // for an interpreter to answer

	condaLimit time.Duration // for a conda
	condaDelay time.Duration // until it is asked

	finding sync.Mutex     // one look at the file system at a time; taken before mu
	starts  chan struct{}  // an interpreter that is asked holds a place
	wake    chan struct{}  // the list has changed
	bounds  folders.Bounds // of Watch

	mu          sync.Mutex
	settings    Settings
	base        []string // see Options.Base
	all         []Found  // as last found
	places      places   // where that was looked for
	tools       []condaTool
	told        []string          // environments that conda alone knew of
	condaFailed map[string]string // why, by program
	list        []domain.Environment
	found       map[string]Found // by domain.Environment.ID
	verified    map[string]verification
	flights     map[string]*flight
	activations map[string]activation
	folders     map[string]envsFolders // by installation
	deactivated []string               // the inherited variables without what was active; nil is not computed
	refreshed   bool
}

type verification struct {
	key   uint64
	env   domain.Environment
	asked bool // its interpreter was asked by this process
}

type activation struct {
	key uint64
	act Activation
}

// New makes an Environments that knows nothing yet: call Refresh.
func New(options Options, store Store, log *slog.Logger) *Environments {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Environments{
		options: options, settings: options.Settings, base: options.Base, store: store, log: log, limit: verifyLimit, condaLimit: condaLimit, condaDelay: condaDelay, starts: make(chan struct{}, maxStarts), wake: make(chan struct{}, 1), bounds: defaultBounds(),
		flights: map[string]*flight{}, condaFailed: map[string]string{},
		found: map[string]Found{}, verified: map[string]verification{}, activations: map[string]activation{},
		folders: map[string]envsFolders{},
	}
}

// SetSettings changes what an administrator says of environments. Where they are
// looked for changes with the next look.
func (e *Environments) SetSettings(s Settings) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Equal(s.Folders, e.settings.Folders) || s.OnlyFolders != e.settings.OnlyFolders {
		e.all, e.told = nil, nil // what was found elsewhere is not to stay for having been found
	}
	e.settings = s
}

// SetBase changes what programs inherit, before activation; nil is all.
func (e *Environments) SetBase(base []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if slices.Equal(base, e.base) {
		return
	}
	e.base = base
	clear(e.activations)
}

// where are the options with the settings in force.
func (e *Environments) where() Options {
	e.mu.Lock()
	defer e.mu.Unlock()
	o := e.options
	o.Settings, o.Base = e.settings, e.base
	return o
}

// Recall takes up what was known when the application ended, so that there is
// something to show until the first Refresh.
func (e *Environments) Recall(ctx context.Context) {
	list, err := e.store.Environments(ctx)
	if err != nil {
		e.log.WarnContext(ctx, "read the saved environments", "error", err)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.refreshed {
		e.list = list
	}
}

// List gives the environments as of the last Refresh, before it those of Recall.
func (e *Environments) List() []domain.Environment {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.list)
}

// preferred gives the index of the environment that is used where nothing is
// said: conda's base, else the first that has Flask (needFlask) or the first
// that has a Python; -1 is none.
func preferred(list []domain.Environment, needFlask bool) int {
	good := func(env domain.Environment) bool {
		return env.Usable() || !needFlask && env.State == domain.EnvironmentNoFlask
	}
	for i, env := range list {
		if env.Kind == domain.EnvironmentConda && env.Name == "base" && good(env) {
			return i
		}
	}
	for i, env := range list {
		if env.Usable() {
			return i
		}
	}
	return slices.IndexFunc(list, good)
}

// Resolve chooses the environment for a script. wanted is a name, a path, or
// "" for the default: conda's base, else the first that has Flask. needFlask
// says that the script has a page. Where the wanted environment is missing or
// broken and the options allow it, another one is given and fallbackFrom says
// what was wanted. Errors: domain.CodePythonMissing, CodeFlaskMissing,
// CodeEnvironmentMissing, CodeEnvironmentBroken.
func (e *Environments) Resolve(ctx context.Context, wanted string, needFlask bool) (env domain.Environment, fallbackFrom string, err error) {
	return e.choose(ctx, wanted, needFlask, true)
}

// Preview gives what Resolve would, but does not wait for an interpreter that
// gave no answer the last time: it stands as broken.
func (e *Environments) Preview(ctx context.Context, wanted string, needFlask bool) (env domain.Environment, fallbackFrom string, err error) {
	return e.choose(ctx, wanted, needFlask, false)
}

func (e *Environments) choose(ctx context.Context, wanted string, needFlask, run bool) (env domain.Environment, fallbackFrom string, err error) {
	wanted = trimmed(e.List(), wanted)
	if env, ok, err := e.quick(ctx, wanted, needFlask, run); ok || err != nil {
		return env, "", err
	}
	if err := e.ensure(ctx); err != nil {
		return domain.Environment{}, "", err
	}
	for range 2 {
		env, fallbackFrom, err = e.resolve(ctx, wanted, needFlask, run)
		if err != nil || env.Python == "" || exists(env.Python) {
			return env, fallbackFrom, err
		}
		// It was removed since we looked: look again, once.
		if _, err := e.Look(ctx); err != nil && ctx.Err() != nil {
			return domain.Environment{}, "", err
		}
	}
	return env, fallbackFrom, domain.NewError(domain.CodeEnvironmentBroken, "environment", env.Name, "problem", missingPython(env.Python))
}

// find finds, and adds what is known beyond it: what conda told, and what a
// person named by its path, as long as it is there.
func (e *Environments) find(ctx context.Context) finding {
	e.mu.Lock()
	before, told := e.all, e.told
	e.mu.Unlock()
	found := find(ctx, e.where(), told)
	for _, f := range before {
		if !isIn(found.all, f.Path) {
			if named, ok := lookAt(ctx, e.options, f.Path); ok {
				found.all = append(found.all, named)
			}
		}
	}
	return found
}

func isIn(list []Found, path string) bool {
	return slices.ContainsFunc(list, func(f Found) bool { return f.Path == path })
}

// quick answers before the first refresh is through, if it can be answered by
// looking at the wanted environment alone: a run need not wait until every
// interpreter of the machine was started.
func (e *Environments) quick(ctx context.Context, wanted string, needFlask, run bool) (domain.Environment, bool, error) {
	e.mu.Lock()
	ready := e.refreshed
	e.mu.Unlock()
	if ready {
		return domain.Environment{}, false, nil
	}
	var saved map[string]domain.Environment
	for _, f := range e.find(ctx).all {
		if wanted != "" && wanted != f.Name && wanted != f.Path {
			continue
		}
		if saved == nil {
			saved = e.saved(ctx)
		}
		env, err := e.check(ctx, f, saved, false)
		if err != nil {
			return domain.Environment{}, false, fmt.Errorf("verify environment %s: %w", f.Path, err)
		}
		if run && (wanted != "" || f.Base) {
			if env, err = e.hear(ctx, f, env, wanted != ""); err != nil {
				return domain.Environment{}, false, err
			}
		}
		if env.Usable() || wanted != "" && !needFlask && env.State == domain.EnvironmentNoFlask {
			f.Path, f.Python = env.Path, env.Python
			e.mu.Lock()
			if _, known := e.found[env.ID]; !known {
				e.found[env.ID] = f
			}
			e.mu.Unlock()
			return env, true, nil
		}
		if f.Base {
			break // it is wanted and not good: what comes in its place, and why, needs the whole list
		}
	}
	return domain.Environment{}, false, ctx.Err()
}

// ensure refreshes once, if nobody has.
func (e *Environments) ensure(ctx context.Context) error {
	e.mu.Lock()
	ready := e.refreshed
	e.mu.Unlock()
	if ready {
		return nil
	}
	if _, err := e.refresh(ctx, askChanged); err != nil {
		if ctx.Err() != nil {
			return err
		}
		e.log.WarnContext(ctx, "refresh environments", "error", err) // found, but not saved
	}
	return nil
}

func (e *Environments) resolve(ctx context.Context, wanted string, needFlask, run bool) (domain.Environment, string, error) {
	list := e.List()
	if wanted == "" {
		if base, ok := match(list, "base"); ok && run {
			if _, err := e.heard(ctx, base, false); err != nil {
				return domain.Environment{}, "", err
			}
		}
		return defaultOf(e.List(), needFlask)
	}
	env, ok := match(list, wanted)
	if ok && run {
		var err error
		if env, err = e.heard(ctx, env, true); err != nil {
			return domain.Environment{}, "", err
		}
		list = e.List()
	}
	if !ok && filepath.IsAbs(wanted) {
		var err error
		if env, ok, err = e.take(ctx, wanted); err != nil {
			return domain.Environment{}, "", err
		}
	}
	var problem *domain.Error
	switch {
	case !ok:
		problem = domain.NewError(domain.CodeEnvironmentMissing, "environment", wanted)
	case env.Usable() || env.State == domain.EnvironmentNoFlask && !needFlask:
		return env, "", nil
	case env.State == domain.EnvironmentNoFlask:
		// Another environment that has Flask may lack all the rest that the
		// script needs: say what is missing in the one that was chosen.
		return domain.Environment{}, "", domain.NewError(domain.CodeFlaskMissing, "environment", env.Name, "path", env.Path)
	default:
		problem = domain.NewError(domain.CodeEnvironmentBroken, "environment", env.Name, "problem", env.Problem)
	}
	if e.where().Fallback == FallbackFail {
		return domain.Environment{}, "", problem
	}
	other := preferred(list, needFlask)
	switch {
	case other >= 0:
		return list[other], wanted, nil
	case !hasPython(list):
		return domain.Environment{}, "", domain.NewError(domain.CodePythonMissing).Because(problem)
	}
	return domain.Environment{}, "", problem
}

// heard is hear for an environment of the list.
func (e *Environments) heard(ctx context.Context, env domain.Environment, chosen bool) (domain.Environment, error) {
	e.mu.Lock()
	f, ok := e.found[env.ID]
	e.mu.Unlock()
	if !ok {
		return env, nil
	}
	return e.hear(ctx, f, env, chosen)
}

// defaultOf chooses where nothing was wanted. A base that is there but cannot
// be used is named, so that a person learns why another one was taken.
func defaultOf(list []domain.Environment, needFlask bool) (domain.Environment, string, error) {
	i := preferred(list, needFlask)
	base := slices.IndexFunc(list, func(env domain.Environment) bool {
		return env.Kind == domain.EnvironmentConda && env.Name == "base"
	})
	switch {
	case i >= 0 && base >= 0 && list[i].Name != "base":
		return list[i], "base", nil
	case i >= 0:
		return list[i], "", nil
	case !hasPython(list):
		return domain.Environment{}, "", domain.NewError(domain.CodePythonMissing)
	}
	without := list[slices.IndexFunc(list, func(env domain.Environment) bool { return env.State == domain.EnvironmentNoFlask })]
	return domain.Environment{}, "", domain.NewError(domain.CodeFlaskMissing, "environment", without.Name, "path", without.Path)
}

func hasPython(list []domain.Environment) bool {
	return slices.ContainsFunc(list, func(env domain.Environment) bool {
		return env.Usable() || env.State == domain.EnvironmentNoFlask
	})
}

// match finds an environment by path, else by name; of several with the name
// one that can be used.
func match(list []domain.Environment, wanted string) (domain.Environment, bool) {
	if filepath.IsAbs(wanted) {
		for _, env := range list {
			if env.Path == filepath.Clean(wanted) || env.Python == filepath.Clean(wanted) {
				return env, true
			}
		}
		for _, env := range list {
			if samePath(env.Path, wanted) {
				return env, true
			}
		}
		return domain.Environment{}, false
	}
	first, any := domain.Environment{}, false
	for _, env := range list {
		if env.Name != wanted {
			continue
		}
		if env.Usable() {
			return env, true
		}
		if !any {
			first, any = env, true
		}
	}
	return first, any
}

// take looks at a path that was not found by itself and keeps it if it is an
// environment.
func (e *Environments) take(ctx context.Context, path string) (domain.Environment, bool, error) {
	f, ok := lookAt(ctx, e.options, path)
	if !ok {
		return domain.Environment{}, false, nil
	}
	env, err := e.check(ctx, f, nil, false)
	if err != nil {
		return domain.Environment{}, false, fmt.Errorf("verify environment %s: %w", path, err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, twice := e.found[env.ID]; !twice {
		f.Path, f.Python = env.Path, env.Python
		e.all = append(slices.Clone(e.all), f)
		e.found[env.ID] = f
		e.list = append(slices.Clone(e.list), env)
	}
	return env, true, nil
}

// lookAt reads one folder that a person named.
func lookAt(ctx context.Context, o Options, path string) (Found, bool) {
	f := newFinder(ctx, Options{Home: o.Home, Environ: o.Environ, System: o.System, Hidden: o.Hidden})
	if f.add(path, false) {
		for _, found := range slices.Concat(f.conda, f.venvs) {
			if found.Path == filepath.Clean(path) {
				found.Writable = newOwners().writable(found)
				return found, true
			}
		}
	}
	return Found{}, false
}

// Activation gives what must change in the inherited environment for env. It
// is computed once and again when the environment's files change. Scripts in
// activate.d that fail are an error that names them.
func (e *Environments) Activation(ctx context.Context, env domain.Environment) (Activation, error) {
	e.mu.Lock()
	f, ok := e.found[env.ID]
	known, cached := e.activations[env.ID]
	e.mu.Unlock()
	if !ok {
		return Activation{}, domain.NewError(domain.CodeEnvironmentMissing, "environment", cmp.Or(env.Name, env.Path))
	}
	if f.Python == "" && f.Problem != nil {
		return Activation{}, domain.NewError(domain.CodeEnvironmentBroken, "environment", env.Name, "problem", f.Problem)
	}
	if f.Python == "" || !exists(f.Python) {
		return Activation{}, domain.NewError(domain.CodeEnvironmentBroken, "environment", env.Name, "problem", missingPython(cmp.Or(f.Python, env.Python)))
	}
	settings := promptFiles(ctx, e.options, f)
	key := stampOf(f, e.options.Home).key ^ stampOfFiles(settings)
	if cached && known.key == key {
		return known.act.clone(), nil
	}
	act, err := e.compute(ctx, f, readPrompt(f, environMap(e.options.Environ), settings))
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return Activation{}, err
		}
		return Activation{}, domain.NewError(domain.CodeEnvironmentBroken, "environment", env.Name,
			"problem", domain.NewEnvironmentProblem(domain.ProblemActivation, err.Error())).Because(err)
	}
	e.mu.Lock()
	e.activations[env.ID] = activation{key, act}
	e.mu.Unlock()
	return act.clone(), nil
}

func missingPython(path string) *domain.EnvironmentProblem {
	return domain.NewEnvironmentProblem(domain.ProblemNoPython, "", "python", path)
}

// compute computes an activation. What was active where we were started is
// taken away first, once.
func (e *Environments) compute(ctx context.Context, f Found, prompt promptSettings) (Activation, error) {
	e.mu.Lock()
	environ := e.deactivated
	e.mu.Unlock()
	if environ == nil {
		var err error
		if environ, err = deactivated(ctx, e.options.Environ, e.log); err != nil {
			return Activation{}, err
		}
		e.mu.Lock()
		e.deactivated = environ
		e.mu.Unlock()
	}
	base := e.where().Base
	if base == nil {
		base = e.options.Environ
	}
	return computed(ctx, f, prompt, e.options.Environ, environ, base)
}
