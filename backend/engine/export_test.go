package engine

import (
	"context"
	"time"
)

// SetLookAfterJob changes how long the end of a job waits for the environments
// to be looked at.
func (e *Engine) SetLookAfterJob(d time.Duration) { e.lookAfterJob = d }

// SetKeepFree changes how much of the disk backups leave free.
func (e *Engine) SetKeepFree(bytes uint64) { e.keepFree = bytes }

// SaveProjects backs up what has changed, as it is done by itself at its time.
func (e *Engine) SaveProjects(ctx context.Context) error {
	return e.saveProjects(ctx, Actor{Kind: "system", Name: "automatic backup"})
}
