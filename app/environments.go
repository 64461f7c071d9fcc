package app

import (
	"context"

	"scriptsmanager/backend/domain"
)

// Environments shows what scripts can run in.
type Environments struct{ c *Client }

// EnvironmentRequest names an environment: by its path, or by its name where
// only one has it.
type EnvironmentRequest struct {
	Environment string `json:"environment"`
}

// EnvironmentDetail is an environment with what runs in it.
type EnvironmentDetail struct {
	domain.Environment
	Groups  []string `json:"groups"`  // ids of the groups whose scripts run in it
	Scripts []string `json:"scripts"` // ids of the scripts that have it as their own
	// Running is how many executions run in it now, of whomever.
	Running int `json:"running"`
	// SharesPackages tells whether it is a venv that sees the packages of the
	// Python that it was made from.
	SharesPackages bool `json:"shares_packages"`
	// Removable tells whether it may be removed here, once nothing runs in it.
	Removable bool `json:"removable"`
}

// List lists the environments that were found, as last verified. Before
// anything is known it waits for the first look.
func (n *Environments) List(ctx context.Context) ([]domain.Environment, error) {
	if _, err := n.c.require(ctx, "Environments.List"); err != nil {
		return nil, err
	}
	if list := n.c.app.engine.Environments(); len(list) > 0 {
		return list, nil
	}
	return n.c.app.engine.WaitEnvironments(ctx)
}

// Look looks for environments and verifies those that are new or changed.
func (n *Environments) Look(ctx context.Context) ([]domain.Environment, error) {
	if _, err := n.c.require(ctx, "Environments.Look"); err != nil {
		return nil, err
	}
	return n.c.app.engine.LookForEnvironments(ctx)
}

// Refresh does the same, and asks those again that gave no answer the last
// time, for which it waits.
func (n *Environments) Refresh(ctx context.Context) ([]domain.Environment, error) {
	if _, err := n.c.require(ctx, "Environments.Refresh"); err != nil {
		return nil, err
	}
	return n.c.app.engine.RefreshEnvironments(ctx)
}

// Get gives one environment, with the groups and scripts that the person may
// see and that run in it.
func (n *Environments) Get(ctx context.Context, r EnvironmentRequest) (EnvironmentDetail, error) {
	w, err := n.c.require(ctx, "Environments.Get")
	if err != nil {
		return EnvironmentDetail{}, err
	}
	d := EnvironmentDetail{Groups: []string{}, Scripts: []string{}}
	if d.Environment, err = n.c.app.engine.Environment(ctx, r.Environment); err != nil {
		return EnvironmentDetail{}, err
	}
	d.Running, d.SharesPackages = n.c.app.engine.RunningIn(d.Path), n.c.app.engine.SharesPackages(d.Environment)
	if d.Removable, err = n.c.app.engine.Removable(ctx, d.Environment); err != nil {
		return EnvironmentDetail{}, err
	}
	uses, err := n.uses(ctx, w)
	if err != nil {
		return EnvironmentDetail{}, err
	}
	for _, u := range uses {
		if u.Path != d.Path {
			continue
		}
		for _, g := range u.Groups {
			d.Groups = append(d.Groups, g.ID)
		}
		for _, s := range u.Scripts {
			d.Scripts = append(d.Scripts, s.ID)
		}
	}
	return d, nil
}

// Packages lists what is installed in an environment.
func (n *Environments) Packages(ctx context.Context, r EnvironmentRequest) ([]domain.EnvironmentPackage, error) {
	if _, err := n.c.require(ctx, "Environments.Packages"); err != nil {
		return nil, err
	}
	env, err := n.c.app.engine.Environment(ctx, r.Environment)
	if err != nil {
		return nil, err
	}
	return n.c.app.engine.EnvironmentPackages(ctx, env)
}

// Activation gives the variables that scripts get by activating an
// environment. They may tell more than everybody need know.
func (n *Environments) Activation(ctx context.Context, r EnvironmentRequest) (domain.EnvironmentActivation, error) {
	if _, err := n.c.require(ctx, "Environments.Activation"); err != nil {
		return domain.EnvironmentActivation{}, err
	}
	env, err := n.c.app.engine.Environment(ctx, r.Environment)
	if err != nil {
		return domain.EnvironmentActivation{}, err
	}
	return n.c.app.engine.ActivateEnvironment(ctx, env)
}
