package engine

import (
	"context"

	"scriptsmanager/backend/account"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// PermissionChange sets what is allowed or denied at a place, or takes it back.
type PermissionChange = store.PermissionChange

// Permissions lists what is allowed and denied on top of levels.
func (e *Engine) Permissions(ctx context.Context) ([]domain.Permission, error) {
	return e.store.Permissions(ctx)
}

// SetPermissions makes all of the changes, or none. They hold from when it
// returns; what runs goes on.
func (e *Engine) SetPermissions(ctx context.Context, a Actor, changes []PermissionChange) error {
	e.permitting.Lock()
	defer e.permitting.Unlock()
	if err := e.store.SetPermissions(ctx, a, changes); err != nil {
		return err
	}
	if err := e.readPermissions(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	// Without the groups: they are none of those people's business who may not see them.
	e.bus.Publish(domain.Event{Type: domain.EventDiscoveryChanged, Data: domain.DiscoveryEvent{}})
	return nil
}

func (e *Engine) readPermissions(ctx context.Context) error {
	permissions, err := e.store.Permissions(ctx)
	if err == nil {
		p := account.NewPolicy(permissions)
		e.policy.Store(&p)
	}
	return err
}

// CanSee tells whether the user sees the script (SPEC USR-2, USR-3).
func (e *Engine) CanSee(u domain.User, s domain.Script) bool { return e.policy.Load().CanSee(u, s) }

// CanRun tells whether the user may run the script (SPEC USR-2, USR-3).
func (e *Engine) CanRun(u domain.User, s domain.Script) bool { return e.policy.Load().CanRun(u, s) }

// mayStart says why an execution that waited for room may not start any more: a
// person's rights, his account and the script can have changed meanwhile. It
// fails with CodeScriptInactive or CodeQueueDenied, and with what the database
// gives.
func (e *Engine) mayStart(ctx context.Context, x domain.Execution) error {
	script, err := e.Script(ctx, x.ScriptID)
	switch {
	case domain.HasCode(err, domain.CodeNotFound), err == nil && !script.Active:
		return domain.NewError(domain.CodeScriptInactive, "script", x.ScriptID)
	case err != nil:
		return err
	}
	user, err := e.store.User(ctx, x.UserID)
	switch {
	case domain.HasCode(err, domain.CodeNotFound), err == nil && !(user.Active && e.CanRun(user, script)):
		return domain.NewError(domain.CodeQueueDenied, "script", x.ScriptID)
	case err != nil:
		return err
	}
	return nil
}

// Explain tells what the user may do with the script, and why.
func (e *Engine) Explain(u domain.User, s domain.Script) domain.Verdict {
	return e.policy.Load().Explain(u, s)
}

// DeniesGroup tells whether a permission keeps a whole group from the user.
func (e *Engine) DeniesGroup(u domain.User, groupID string) bool {
	return e.policy.Load().Denies(u, groupID)
}
