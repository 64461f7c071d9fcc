package app

import (
	"context"
	"time"

	"scriptsmanager/backend/domain"
)

// ID is what the engine calls the client.
func (c *Client) ID() string { return c.id }

// Now and Become are the two ends of a sign-in, for tests that come between.
func (a *App) Now() uint64 { return a.now() }

// Become ends a sign-in.
func (c *Client) Become(ctx context.Context, user domain.User, checked uint64) (SessionState, error) {
	return c.become(ctx, user, checked)
}

// SetElapsed replaces the clock that sessions are measured by.
func (a *App) SetElapsed(elapsed func() time.Duration) { a.elapsed = elapsed }

// EndUnusedNow ends what EndUnused would end at its next look.
func (a *App) EndUnusedNow(ctx context.Context) { a.endUnused(ctx) }

// Required gives the level that each listed method requires, "" for none.
func Required() map[string]domain.Level {
	levels := map[string]domain.Level{}
	for name, need := range requirements() {
		levels[name] = need.level
	}
	return levels
}
