package app

import (
	"context"

	"scriptsmanager/backend/engine"
)

// LogCleanUpRequest asks for a clean-up of everybody's logs.
type LogCleanUpRequest struct {
	DryRun bool `json:"dry_run,omitempty"` // only tell what would be done
}

// CleanUp removes the logs that are kept no longer, and begins a job that
// compresses old ones. It tells what it does, or with DryRun would do.
func (l *Logs) CleanUp(ctx context.Context, r LogCleanUpRequest) (engine.Cleaned, error) {
	w, err := l.c.requirePerson(ctx, "Logs.CleanUp")
	if err != nil {
		return engine.Cleaned{}, err
	}
	return l.c.app.engine.CleanLogs(ctx, w.Actor, w.User, w.actor(), r.DryRun)
}

// Use tells what the person's logs take, and what holds for them.
func (l *Logs) Use(ctx context.Context) (engine.LogUse, error) {
	w, err := l.c.require(ctx, "Logs.Use")
	if err != nil {
		return engine.LogUse{}, err
	}
	return l.c.app.engine.LogUse(ctx, w.User)
}

// LogKeepDays says how long a person keeps logs.
type LogKeepDays struct {
	Days int `json:"days"` // from 1 to what the level has; 0 is as long as that
}

// SetKeepDays changes how long the person's own logs are kept. It fails with
// CodeInvalid (days).
func (l *Logs) SetKeepDays(ctx context.Context, r LogKeepDays) (engine.LogUse, error) {
	w, err := l.c.requirePerson(ctx, "Logs.SetKeepDays")
	if err != nil {
		return engine.LogUse{}, err
	}
	if err := l.c.app.engine.SetLogDays(ctx, w.Actor, w.User, r.Days); err != nil {
		return engine.LogUse{}, err
	}
	return l.c.app.engine.LogUse(ctx, w.User)
}
