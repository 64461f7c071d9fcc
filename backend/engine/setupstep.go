package engine

import (
	"context"

	"scriptsmanager/backend/store"
)

// setupStepKey is the setting that says where the setup was left.
const setupStepKey = "setup_step"

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
