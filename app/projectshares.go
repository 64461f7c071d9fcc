package app

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// seenGroups gives the groups that the person sees.
func (c *Client) seenGroups(ctx context.Context, w who) ([]domain.Group, error) {
	views, err := (&Scripts{c}).groups(ctx, w)
	groups := make([]domain.Group, len(views))
	for i, v := range views {
		groups[i] = v.Group
	}
	return groups, err
}

// shared lists what others let the person read.
func (p *Projects) shared(ctx context.Context, w who) ([]engine.SharedProjectView, error) {
	seen, err := p.c.seenGroups(ctx, w)
	if err != nil {
		return nil, err
	}
	return p.c.app.engine.SharedProjects(ctx, w.User.ID, seen)
}

// ProjectShareRequest names a project of one's own and people.
type ProjectShareRequest struct {
	ProjectID int64    `json:"project_id"`
	Users     []string `json:"users"`
}

// ProjectShareList is who may read a project of another.
type ProjectShareList struct {
	Shares []domain.ProjectShare `json:"shares"`
}

// Share lets others read a project of one's own, all who are named or none: they
// see its files of the groups that they see, and change nothing. It fails with
// CodeNotFound for a project of another, too, and for who is no active account
// or oneself, and with CodeSharingOff.
func (p *Projects) Share(ctx context.Context, r ProjectShareRequest) (ProjectShareList, error) {
	w, err := p.c.requirePerson(ctx, "Projects.Share")
	if err != nil {
		return ProjectShareList{}, err
	}
	project, err := p.c.app.engine.OwnProject(ctx, w.User.ID, r.ProjectID)
	if err != nil {
		return ProjectShareList{}, err
	}
	shares, err := p.c.app.engine.ShareProject(ctx, w.Actor, project, r.Users)
	return ProjectShareList{shares}, err
}

// Unshare takes a shared project back, from everybody where nobody is named.
// Administrators do so with anybody's. It fails with CodeNotFound.
func (p *Projects) Unshare(ctx context.Context, r ProjectShareRequest) (ProjectShareList, error) {
	w, err := p.c.requirePerson(ctx, "Projects.Unshare")
	if err != nil {
		return ProjectShareList{}, err
	}
	project, err := p.reach(ctx, w, r.ProjectID)
	if err != nil {
		return ProjectShareList{}, err
	}
	shares, err := p.c.app.engine.UnshareProject(ctx, w.Actor, project, r.Users)
	return ProjectShareList{shares}, err
}

// Person is somebody whom one may share with.
type Person struct {
	User string `json:"user"`
	Name string `json:"name"` // as it is shown
}

// People lists those whom one may share a project with. It fails with
// CodeSharingOff: nobody needs to know of the others else.
func (p *Projects) People(ctx context.Context) ([]Person, error) {
	w, err := p.c.requirePerson(ctx, "Projects.People")
	if err != nil {
		return nil, err
	}
	users, err := p.c.app.engine.People(ctx, w.User.ID)
	people := make([]Person, len(users))
	for i, u := range users {
		people[i] = Person{User: u.Name, Name: u.DisplayName}
	}
	return people, err
}
