package engine

import (
	"context"

	"scriptsmanager/backend/domain"
)

// Groups lists all groups, active or not.
func (e *Engine) Groups(ctx context.Context) ([]domain.Group, error) {
	groups, err := e.store.Groups(ctx)
	if err != nil {
		return nil, err
	}
	assigned, err := e.assignments(ctx)
	for i := range groups {
		assigned.group(&groups[i])
	}
	return groups, err
}

// groupNames gives what groups are called, by id, active or not.
func (e *Engine) groupNames(ctx context.Context) (map[string]domain.Text, error) {
	groups, err := e.store.Groups(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[string]domain.Text, len(groups))
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	return names, nil
}

// Group gives one group. It fails with CodeNotFound.
func (e *Engine) Group(ctx context.Context, id string) (domain.Group, error) {
	group, err := e.store.Group(ctx, id)
	if err != nil {
		return domain.Group{}, err
	}
	assigned, err := e.assignments(ctx)
	assigned.group(&group)
	return group, err
}

// Scripts lists the scripts of a group, or of all where it is "".
func (e *Engine) Scripts(ctx context.Context, groupID string) ([]domain.Script, error) {
	scripts, err := e.store.Scripts(ctx, groupID)
	if err != nil {
		return nil, err
	}
	assigned, err := e.assignments(ctx)
	for i := range scripts {
		assigned.script(&scripts[i])
	}
	return scripts, err
}

// Script gives one script. It fails with CodeNotFound.
func (e *Engine) Script(ctx context.Context, id domain.ScriptID) (domain.Script, error) {
	script, err := e.store.Script(ctx, id)
	if err != nil {
		return domain.Script{}, err
	}
	assigned, err := e.assignments(ctx)
	assigned.script(&script)
	return script, err
}
