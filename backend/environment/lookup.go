package environment

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
)

// Lookup gives the environment that a person names: by its path, by the path
// of its Python, or by its name where only one has it. It waits for the first
// refresh. Errors: domain.CodeEnvironmentUnknown, CodeEnvironmentNames.
func (e *Environments) Lookup(ctx context.Context, wanted string) (domain.Environment, error) {
	if err := e.ensure(ctx); err != nil {
		return domain.Environment{}, err
	}
	list := e.List()
	wanted = trimmed(list, wanted)
	if filepath.IsAbs(wanted) {
		env, ok := match(list, wanted)
		if !ok {
			var err error
			if env, ok, err = e.take(ctx, wanted); err != nil {
				return domain.Environment{}, err
			}
		}
		if ok {
			return env, nil
		}
	}
	var named []domain.Environment
	for _, env := range list {
		if wanted != "" && env.Name == wanted {
			named = append(named, env)
		}
	}
	switch len(named) {
	case 1:
		return named[0], nil
	case 0:
		names := map[string]bool{}
		for _, env := range list {
			names[env.Name] = true
		}
		return domain.Environment{}, domain.NewError(domain.CodeEnvironmentUnknown, "environment", wanted, "known", slices.Sorted(maps.Keys(names)))
	}
	paths := make([]string, len(named))
	for i, env := range named {
		paths[i] = env.Path
	}
	return domain.Environment{}, domain.NewError(domain.CodeEnvironmentNames, "environment", wanted, "paths", paths)
}

// trimmed is what a person wanted without the spaces around it, unless an
// environment has them.
func trimmed(list []domain.Environment, wanted string) string {
	for _, env := range list {
		if env.Path == wanted || env.Name == wanted {
			return wanted
		}
	}
	return strings.TrimSpace(wanted)
}

// Wait gives the environments, after the first refresh.
func (e *Environments) Wait(ctx context.Context) ([]domain.Environment, error) {
	if err := e.ensure(ctx); err != nil {
		return nil, err
	}
	return e.List(), nil
}
