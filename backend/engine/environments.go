package engine

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

// verifier finds and verifies environments, and follows what changes.
type verifier struct{ e *Engine }

// Serve runs until ctx ends.
func (v *verifier) Serve(ctx context.Context) error {
	return v.e.environments.Watch(ctx, func(c environment.Change) {
		v.e.bus.Publish(domain.Event{Type: domain.EventEnvironmentChanged, Data: domain.EnvironmentEvent{
			Added: c.Added, Removed: c.Removed, Changed: c.Changed,
		}})
	})
}

func (v *verifier) String() string { return "verify environments" }

// Environments lists the environments as last verified.
func (e *Engine) Environments() []domain.Environment { return e.environments.List() }

// ResolveEnvironment gives the environment in which what wants it would run.
func (e *Engine) ResolveEnvironment(ctx context.Context, wanted string, needFlask bool) (domain.Environment, string, error) {
	return e.environments.Preview(ctx, wanted, needFlask)
}

// WaitEnvironments lists the environments after the first look for them.
func (e *Engine) WaitEnvironments(ctx context.Context) ([]domain.Environment, error) {
	return e.environments.Wait(ctx)
}

// RefreshEnvironments finds environments, verifies those that are new, changed
// or could not be verified, and tells about it.
func (e *Engine) RefreshEnvironments(ctx context.Context) ([]domain.Environment, error) {
	return e.lookForEnvironments(ctx, e.environments.Refresh)
}

// LookForEnvironments does the same, but asks no interpreter again that gave no
// answer in the time it had.
func (e *Engine) LookForEnvironments(ctx context.Context) ([]domain.Environment, error) {
	return e.lookForEnvironments(ctx, e.environments.Look)
}

func (e *Engine) lookForEnvironments(ctx context.Context, look func(context.Context) ([]domain.Environment, error)) ([]domain.Environment, error) {
	list, err := look(ctx)
	if err != nil {
		return nil, err
	}
	e.bus.Publish(domain.Event{Type: domain.EventEnvironmentChanged, Data: domain.EnvironmentEvent{}})
	return list, nil
}

// Environment gives the environment that a person names by path or name.
// Errors: domain.CodeEnvironmentUnknown, CodeEnvironmentNames.
func (e *Engine) Environment(ctx context.Context, wanted string) (domain.Environment, error) {
	return e.environments.Lookup(ctx, wanted)
}

// FindEnvironment is the same, and looks for what is not known: it may have been
// made a moment ago.
func (e *Engine) FindEnvironment(ctx context.Context, wanted string) (domain.Environment, error) {
	found, err := e.Environment(ctx, wanted)
	if !domain.HasCode(err, domain.CodeEnvironmentUnknown) {
		return found, err
	}
	if _, err := e.LookForEnvironments(ctx); err != nil {
		return domain.Environment{}, err
	}
	return e.Environment(ctx, wanted)
}

// RunningIn counts the executions that run in an environment, by its path, or
// are about to.
func (e *Engine) RunningIn(path string) int { return len(e.executions.RunningIn(path)) }

// SharesPackages tells whether an environment is a venv that sees the packages
// of the Python that it was made from.
func (e *Engine) SharesPackages(env domain.Environment) bool { return environment.SharesPackages(env) }

// EnvironmentPackages lists what is installed in an environment.
func (e *Engine) EnvironmentPackages(ctx context.Context, env domain.Environment) ([]domain.EnvironmentPackage, error) {
	return e.environments.Packages(ctx, env.ID)
}

// ActivateEnvironment gives the variables that scripts get by activating an
// environment.
func (e *Engine) ActivateEnvironment(ctx context.Context, env domain.Environment) (domain.EnvironmentActivation, error) {
	a, err := e.environments.Activation(ctx, env)
	if err != nil {
		return domain.EnvironmentActivation{}, err
	}
	return activationOf(env, a), nil
}

func activationOf(env domain.Environment, a environment.Activation) domain.EnvironmentActivation {
	set := maps.Clone(a.Env)
	if set == nil {
		set = map[string]string{}
	}
	set["PATH"] = strings.Join(a.Path, string(os.PathListSeparator))
	return domain.EnvironmentActivation{
		Environment: env.Path, Python: a.Python, Variables: set,
		Unset: append([]string{}, a.Unset...), Path: append([]string{}, slices.Clone(a.Path)...),
		Withheld: append([]string{}, a.Withheld...),
	}
}
