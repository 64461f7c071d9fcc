package app

import (
	"context"

	"scriptsmanager/backend/domain"
)

// Projects keeps the person's own projects.
type Projects struct{ c *Client }

// List lists the person's projects, the default one first.
func (p *Projects) List(ctx context.Context) ([]domain.Project, error) {
	w, err := p.c.require(ctx, "Projects.List")
	if err != nil {
		return nil, err
	}
	return p.c.app.engine.Projects(ctx, w.User.ID)
}

// CreateProjectRequest is a new project.
type CreateProjectRequest struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Create makes a project. It fails with CodeNameInvalid, CodeNameTaken or
// CodeLimitReached.
func (p *Projects) Create(ctx context.Context, r CreateProjectRequest) (domain.Project, error) {
	w, err := p.c.require(ctx, "Projects.Create")
	if err != nil {
		return domain.Project{}, err
	}
	if w.User.ID == 0 {
		return domain.Project{}, domain.NewError(domain.CodeSetupNeeded)
	}
	return p.c.app.engine.CreateProject(ctx, w.Actor, w.User.ID, r.Name, r.Description)
}
