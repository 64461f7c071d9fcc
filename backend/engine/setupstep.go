package engine

import (
	"context"

	"scriptsmanager/backend/store"
)

// setupStepKey is the setting that says where the setup was left.
const setupStepKey = "setup_step"

// setupSystemUserKey is the setting that says whether the administrator that
// there will be signs in as the system's user.
const setupSystemUserKey = "setup_system_user"

// SetupStep tells at which step the setup was left; "" is the first one.
func (e *Engine) SetupStep(ctx context.Context) (step string, err error) {
	_, err = e.store.Setting(ctx, setupStepKey, &step)
	return step, err
}

// KeepSetupStep keeps at which step the setup is.
func (e *Engine) KeepSetupStep(ctx context.Context, step string) error {
	if before, err := e.SetupStep(ctx); err != nil || before == step {
		return err
	}
	return e.store.SetSetting(ctx, Actor{Kind: store.ActorSystem, Name: "setup"}, setupStepKey, step)
}

// SetupSystemUser tells what was chosen for the sign-in as the system's user
// before there is an administrator.
func (e *Engine) SetupSystemUser(ctx context.Context) (on bool, err error) {
	_, err = e.store.Setting(ctx, setupSystemUserKey, &on)
	return on, err
}

// KeepSetupSystemUser keeps that.
func (e *Engine) KeepSetupSystemUser(ctx context.Context, on bool) error {
	return e.store.SetSetting(ctx, Actor{Kind: store.ActorSystem, Name: "setup"}, setupSystemUserKey, on)
}
