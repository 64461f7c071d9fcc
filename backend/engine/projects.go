package engine

import (
	"context"
	"fmt"
	"slices"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/store"
)

// ProjectChange is what is to change of a project.
type ProjectChange = store.ProjectChange

// ProjectView is a project with what it holds and what happens in it.
type ProjectView struct {
	domain.Project
	Groups   []ProjectGroup `json:"groups"`
	Files    int64          `json:"files"`
	Bytes    int64          `json:"bytes"`
	Partial  bool           `json:"partial"`   // it has more files than are counted
	Running  int            `json:"running"`   // executions in it
	AlwaysOn int            `json:"always_on"` // scripts that are to run in it all the time
	JobID    string         `json:"job_id"`    // of its backup or restore that runs; "": none does
	// Unsaved tells that its automatic backup fails; nil: it does not.
	Unsaved *ProjectUnsaved `json:"unsaved"`
	// Shares are those with whom it is shared, as far as that is switched on.
	Shares []domain.ProjectShare `json:"shares"`
}

// ProjectGroup is what a project holds of a group.
type ProjectGroup struct {
	GroupID string      `json:"group_id"` // "": there is no such group any more
	Name    domain.Text `json:"name"`
	project.Use
}

// Projects lists the projects that a user can work in, the default one first.
func (e *Engine) Projects(ctx context.Context, userID int64) ([]domain.Project, error) {
	list, err := e.store.Projects(ctx, userID)
	return slices.DeleteFunc(list, func(p domain.Project) bool { return p.ArchivedAt != nil }), err
}

// ProjectViews lists all projects of a user, with what they hold.
func (e *Engine) ProjectViews(ctx context.Context, user domain.User) ([]ProjectView, error) {
	list, err := e.store.Projects(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	groups, err := e.Groups(ctx)
	if err != nil {
		return nil, err
	}
	wanted, err := e.store.AlwaysOn(ctx)
	if err != nil {
		return nil, err
	}
	shares, err := e.ProjectShares(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	unsaved, err := e.Unsaved(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	views := []ProjectView{}
	for _, p := range list {
		v := ProjectView{Project: p, Groups: []ProjectGroup{}, Shares: append([]domain.ProjectShare{}, shares[p.ID]...)}
		uses, err := project.Uses(ctx, e.options.Root, user.Folder, p.Folder)
		if err != nil {
			return nil, err
		}
		for _, u := range uses {
			g := ProjectGroup{Use: u}
			for _, known := range groups {
				if project.GroupFolder(known.ID) == u.Folder {
					g.GroupID, g.Name = known.ID, known.Name
				}
			}
			v.Groups = append(v.Groups, g)
			v.Files, v.Bytes, v.Partial = v.Files+u.Files, v.Bytes+u.Bytes, v.Partial || u.Partial
		}
		for _, w := range wanted {
			if w.ProjectID == p.ID {
				v.AlwaysOn++
			}
		}
		if at := slices.IndexFunc(unsaved, func(u ProjectUnsaved) bool { return u.ProjectID == p.ID }); at >= 0 {
			v.Unsaved = &unsaved[at]
		}
		v.Running, v.JobID = e.inProject(p.ID)
		views = append(views, v)
	}
	return views, nil
}

// inProject counts the executions that run in a project, and gives its job.
func (e *Engine) inProject(id int64) (running int, job string) {
	for _, x := range e.executions.AllLive() {
		switch {
		case x.ProjectID != id:
		case x.Job != nil:
			job = x.ID
		default:
			running++
		}
	}
	return running, job
}

// MaxProjects is how many projects a user may have.
func (e *Engine) MaxProjects() int { return e.Config().MultiUser.MaxProjectsPerUser }

// AdminSeesData tells whether administrators may look into others' data.
func (e *Engine) AdminSeesData() bool { return e.Config().Security.AdminCanAccessAllData }

// Project gives anybody's project. It fails with CodeNotFound.
func (e *Engine) Project(ctx context.Context, id int64) (domain.Project, error) {
	return e.store.Project(ctx, id)
}

// OwnProject gives a project of the user. Another's is not found.
func (e *Engine) OwnProject(ctx context.Context, userID, id int64) (domain.Project, error) {
	p, err := e.store.Project(ctx, id)
	if err == nil && p.UserID != userID {
		return domain.Project{}, domain.NewError(domain.CodeNotFound, "what", "project", "name", fmt.Sprint(id))
	}
	return p, err
}

// UsableProject is OwnProject for one to work in. It fails with
// CodeProjectArchived, too.
func (e *Engine) UsableProject(ctx context.Context, userID, id int64) (domain.Project, error) {
	p, err := e.OwnProject(ctx, userID, id)
	if err == nil && p.ArchivedAt != nil {
		return domain.Project{}, domain.NewError(domain.CodeProjectArchived, "project", p.Name)
	}
	return p, err
}

// WritableProject is UsableProject for who writes into its folders. It fails
// with CodeProjectBusy, too, while a backup is put back: what is written then
// would be lost.
func (e *Engine) WritableProject(ctx context.Context, userID, id int64) (domain.Project, error) {
	p, err := e.UsableProject(ctx, userID, id)
	if err != nil {
		return p, err
	}
	for _, x := range e.executions.AllLive() {
		if x.ProjectID == id && x.Job != nil && x.Job.Action == domain.JobRestore {
			return domain.Project{}, domain.NewError(domain.CodeProjectBusy, "project", p.Name, "execution", x.ID)
		}
	}
	return p, e.finished(p)
}

// ProjectOrDefault gives the user's project, or the default one where id is 0
// or the project has gone or is archived.
func (e *Engine) ProjectOrDefault(ctx context.Context, userID, id int64) (domain.Project, error) {
	if id != 0 {
		p, err := e.UsableProject(ctx, userID, id)
		if err == nil || !domain.HasCode(err, domain.CodeNotFound) && !domain.HasCode(err, domain.CodeProjectArchived) {
			return p, err
		}
	}
	projects, err := e.store.Projects(ctx, userID)
	if err != nil {
		return domain.Project{}, err
	}
	for _, p := range projects {
		if p.IsDefault {
			return p, nil
		}
	}
	return domain.Project{}, domain.NewError(domain.CodeNotFound, "what", "project", "name", domain.DefaultProject)
}

// CreateProject makes a project of the user.
func (e *Engine) CreateProject(ctx context.Context, a Actor, userID int64, name, description string) (domain.Project, error) {
	name, err := project.CheckName(name)
	if err == nil {
		err = project.CheckDescription(description)
	}
	if err != nil {
		return domain.Project{}, err
	}
	p, err := e.store.CreateProject(ctx, a, userID, name, description, e.Config().MultiUser.MaxProjectsPerUser)
	if err == nil {
		e.projectChanged(p, "")
	}
	return p, err
}

func (e *Engine) projectChanged(p domain.Project, client string) {
	e.bus.Publish(domain.Event{Type: domain.EventProjectChanged, UserID: p.UserID, Client: client, Data: p})
}

// ProjectChosen tells all that shows a client's session which project it is in.
func (e *Engine) ProjectChosen(p domain.Project, client string) { e.projectChanged(p, client) }

// ChangeProject changes a project; nothing of it that is on the disk moves. It
// fails as store.Store.ChangeProject does, with CodeNameInvalid and, where it is
// to be archived and something runs in it, CodeProjectRuns or CodeProjectBusy.
func (e *Engine) ChangeProject(ctx context.Context, a Actor, p domain.Project, c ProjectChange) (domain.Project, error) {
	ctx = context.WithoutCancel(ctx)
	if c.Name != nil {
		name, err := project.CheckName(*c.Name)
		if err != nil {
			return domain.Project{}, err
		}
		c.Name = &name
	}
	if c.Description != nil {
		if err := project.CheckDescription(*c.Description); err != nil {
			return domain.Project{}, err
		}
	}
	if c.Archived != nil && *c.Archived {
		defer e.holdChanges(p.ID)()
		e.projecting.Lock()
		defer e.projecting.Unlock()
		if err := e.projectAtRest(p); err != nil {
			return domain.Project{}, err
		}
	}
	p, err := e.store.ChangeProject(ctx, a, p.ID, c)
	if err == nil {
		e.projectChanged(p, "")
		e.tellShared(e.sharers(ctx, p)...)
	}
	return p, err
}

// projectAtRest fails where something happens in a project. The caller holds
// projecting.
func (e *Engine) projectAtRest(p domain.Project) error {
	running, job := e.inProject(p.ID)
	if running > 0 {
		return domain.NewError(domain.CodeProjectRuns, "project", p.Name, "count", running)
	}
	if job != "" {
		return domain.NewError(domain.CodeProjectBusy, "project", p.Name, "execution", job)
	}
	return e.finished(p)
}

// mayRunIn gives a project as it is now. It fails where nothing can run in it:
// it has gone, is archived, or is being restored. The caller holds projecting
// until the execution is there.
func (e *Engine) mayRunIn(ctx context.Context, p domain.Project) (domain.Project, error) {
	if p.ID == 0 {
		return p, nil
	}
	return e.WritableProject(ctx, p.UserID, p.ID)
}

// DeleteProject takes a project away with its data, for good. Others see it
// whole or not at all; what is left on the disk after a crash is removed by the
// next start. It fails with CodeProjectDefault, CodeProjectTyped,
// CodeProjectRuns, CodeProjectBusy or CodeNotFound.
func (e *Engine) DeleteProject(ctx context.Context, a Actor, p domain.Project, confirm string) error {
	ctx = context.WithoutCancel(ctx)
	if p.IsDefault {
		return domain.NewError(domain.CodeProjectDefault, "project", p.Name)
	}
	if confirm != p.Name {
		return domain.NewError(domain.CodeProjectTyped, "project", p.Name)
	}
	sharers := e.sharers(ctx, p)
	if err := e.takeProjectAway(ctx, a, p); err != nil {
		return err
	}
	e.keeper.Wake()
	e.projectChanged(p, "")
	e.tellShared(sharers...)
	e.bus.Publish(domain.Event{Type: domain.EventAlwaysOnChanged, UserID: p.UserID})
	e.removeProjects(ctx)
	return nil
}

func (e *Engine) takeProjectAway(ctx context.Context, a Actor, p domain.Project) error {
	defer e.holdChanges(p.ID)()
	e.projecting.Lock()
	defer e.projecting.Unlock()
	if err := e.projectAtRest(p); err != nil {
		return err
	}
	return e.store.DeleteProject(ctx, a, p.ID)
}

// removeProjects removes what deleted projects have left on the disk. What
// cannot be removed now is tried again at the next start.
func (e *Engine) removeProjects(ctx context.Context) {
	list, err := e.store.ProjectRemovals(ctx)
	if err != nil {
		e.log.Warn("look for deleted projects", "error", err)
	}
	for _, r := range list {
		err := project.Remove(e.options.Root, r.UserFolder, r.Folder, r.ID)
		if err == nil {
			err = e.store.RemovedProject(ctx, r.ID)
		}
		if err != nil {
			e.log.Warn("remove a deleted project", "user", r.UserFolder, "project", r.Folder, "error", err)
		}
	}
}

// RecordProjectsSeen records that an administrator looks at another's projects.
func (e *Engine) RecordProjectsSeen(ctx context.Context, a Actor, user domain.User) error {
	return e.store.Audit(ctx, a, "project.list", "user:"+user.Name, nil, nil)
}
