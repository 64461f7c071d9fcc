package app

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Projects keeps the person's own projects; administrators reach others', which
// is recorded.
type Projects struct{ c *Client }

// List lists the projects that the person can work in, the default one first.
func (p *Projects) List(ctx context.Context) ([]domain.Project, error) {
	w, err := p.c.require(ctx, "Projects.List")
	if err != nil {
		return nil, err
	}
	return p.c.app.engine.Projects(ctx, w.User.ID)
}

// ProjectListRequest says whose projects are wanted.
type ProjectListRequest struct {
	User string `json:"user,omitempty"` // "": the own; another's: administrators only
}

// ProjectList is all of somebody's projects, archived ones too.
type ProjectList struct {
	User     string               `json:"user"`
	Projects []engine.ProjectView `json:"projects"`
	Maximum  int                  `json:"maximum"` // how many a person may have
	Sharing  bool                 `json:"sharing"` // they may be shared with others
	// Shared are those of others that the person may read; of one's own list only.
	Shared []engine.SharedProjectView `json:"shared"`
}

// Overview lists all projects of a person, archived ones too, with what they
// hold. It fails with CodeNotAllowed or CodeNotFound.
func (p *Projects) Overview(ctx context.Context, r ProjectListRequest) (ProjectList, error) {
	w, err := p.c.requirePerson(ctx, "Projects.Overview")
	if err != nil {
		return ProjectList{}, err
	}
	user, err := p.c.ownerOf(ctx, w, r.User)
	if err != nil {
		return ProjectList{}, err
	}
	e := p.c.app.engine
	list := ProjectList{User: user.Name, Maximum: e.MaxProjects(), Sharing: e.SharingOn(), Shared: []engine.SharedProjectView{}}
	if list.Projects, err = e.ProjectViews(ctx, user); err != nil {
		return ProjectList{}, err
	}
	if user.ID == w.User.ID {
		list.Shared, err = p.shared(ctx, w)
	}
	return list, err
}

// ownerOf gives the person whose projects are wanted, and records a look at
// another's, once while it goes on.
func (c *Client) ownerOf(ctx context.Context, w who, name string) (domain.User, error) {
	user, other, err := c.userOrSelf(ctx, w, name)
	if err != nil || !other {
		return user, err
	}
	return user, c.recordLook("project.list\x00"+user.Name, func() error { return c.app.engine.RecordProjectsSeen(ctx, w.Actor, user) })
}

// userOrSelf gives who calls, or where another one is named that one, whom
// administrators alone may name. It fails with CodeNotAllowed or CodeNotFound.
func (c *Client) userOrSelf(ctx context.Context, w who, name string) (user domain.User, other bool, err error) {
	if name == "" || name == w.User.Name {
		return w.User, false, nil
	}
	if w.User.Level != domain.LevelAdmin {
		return domain.User{}, false, domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelAdmin))
	}
	user, err = c.app.engine.AnyUserByName(ctx, name)
	return user, err == nil, err
}

// reach gives a project that the person may change: an own one, for
// administrators anybody's. All others are not found.
func (p *Projects) reach(ctx context.Context, w who, id int64) (domain.Project, error) {
	if w.User.Level == domain.LevelAdmin {
		return p.c.app.engine.Project(ctx, id)
	}
	return p.c.app.engine.OwnProject(ctx, w.User.ID, id)
}

// CreateProjectRequest is a new project.
type CreateProjectRequest struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Create makes a project. It fails with CodeNameInvalid, CodeNameTaken or
// CodeLimitReached.
func (p *Projects) Create(ctx context.Context, r CreateProjectRequest) (domain.Project, error) {
	w, err := p.c.requirePerson(ctx, "Projects.Create")
	if err != nil {
		return domain.Project{}, err
	}
	return p.c.app.engine.CreateProject(ctx, w.Actor, w.User.ID, r.Name, r.Description)
}

// ChangeProjectRequest has what is to change; what is nil stays.
type ChangeProjectRequest struct {
	ProjectID   int64   `json:"project_id"`
	Version     int64   `json:"version,omitempty"` // the project's, as it was seen; 0: whichever
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	Archived    *bool   `json:"archived,omitempty"`
}

// Change renames, describes and archives a project; its folders stay as they
// are. It fails with CodeNotFound, CodeNameInvalid, CodeNameTaken,
// CodeProjectChanged where somebody else was first, and for archiving with
// CodeProjectDefault, CodeProjectRuns or CodeProjectBusy.
func (p *Projects) Change(ctx context.Context, r ChangeProjectRequest) (domain.Project, error) {
	w, err := p.c.require(ctx, "Projects.Change")
	if err != nil {
		return domain.Project{}, err
	}
	project, err := p.reach(ctx, w, r.ProjectID)
	if err != nil {
		return domain.Project{}, err
	}
	return p.c.app.engine.ChangeProject(ctx, w.Actor, project, engine.ProjectChange{
		Name: r.Name, Description: r.Description, Archived: r.Archived, Version: r.Version,
	})
}

// DeleteProjectRequest names a project to delete, and once more as it was typed.
type DeleteProjectRequest struct {
	ProjectID int64  `json:"project_id"`
	Confirm   string `json:"confirm"` // its name
}

// Delete removes a project with its data for good; its backups stay. It fails
// with CodeNotFound, CodeProjectDefault, CodeProjectTyped, CodeProjectRuns or
// CodeProjectBusy.
func (p *Projects) Delete(ctx context.Context, r DeleteProjectRequest) error {
	w, err := p.c.require(ctx, "Projects.Delete")
	if err != nil {
		return err
	}
	project, err := p.reach(ctx, w, r.ProjectID)
	if err != nil {
		return err
	}
	return p.c.app.engine.DeleteProject(ctx, w.Actor, project, r.Confirm)
}
