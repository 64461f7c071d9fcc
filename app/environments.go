package app

import (
	"context"

	"scriptsmanager/backend/domain"
)

// Environments shows what scripts can run in.
type Environments struct{ c *Client }

// List lists the environments that were found, as last verified.
func (n *Environments) List(ctx context.Context) ([]domain.Environment, error) {
	if _, err := n.c.require(ctx, "Environments.List"); err != nil {
		return nil, err
	}
	return n.c.app.engine.Environments(), nil
}

// Refresh looks for environments again and verifies what changed.
func (n *Environments) Refresh(ctx context.Context) ([]domain.Environment, error) {
	if _, err := n.c.require(ctx, "Environments.Refresh"); err != nil {
		return nil, err
	}
	return n.c.app.engine.RefreshEnvironments(ctx)
}
