package engine

import (
	"context"
	"slices"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project"
)

// SharedProjectView is a project that another lets one read, with what it holds
// of the groups that one sees.
type SharedProjectView struct {
	ID          int64          `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Owner       string         `json:"owner"`
	OwnerName   string         `json:"owner_name"` // as it is shown
	Archived    bool           `json:"archived"`
	SharedAt    time.Time      `json:"shared_at"`
	Groups      []ProjectGroup `json:"groups"`
	Files       int64          `json:"files"`
	Bytes       int64          `json:"bytes"`
	Partial     bool           `json:"partial"` // it has more files than are counted
}

// SharingOn tells whether people may share projects
// (security.enable_project_sharing). Where they may not, nothing is shared with
// anybody; with whom it was is kept.
func (e *Engine) SharingOn() bool { return e.Config().Security.EnableProjectSharing }

// SharedWith tells whether a project of another is shared with a user.
func (e *Engine) SharedWith(ctx context.Context, projectID, userID int64) (bool, error) {
	if !e.SharingOn() {
		return false, nil
	}
	return e.store.SharedWith(ctx, projectID, userID)
}

// ProjectShares tells by project with whom a user shares.
func (e *Engine) ProjectShares(ctx context.Context, owner int64) (map[int64][]domain.ProjectShare, error) {
	if !e.SharingOn() {
		return nil, nil
	}
	return e.store.ProjectShares(ctx, owner)
}

// SharedProjects lists what others share with a user, who sees these groups.
func (e *Engine) SharedProjects(ctx context.Context, userID int64, seen []domain.Group) ([]SharedProjectView, error) {
	views := []SharedProjectView{}
	if !e.SharingOn() {
		return views, nil
	}
	list, err := e.store.SharedProjects(ctx, userID)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		owner, err := e.KnownUser(ctx, p.UserID)
		if domain.HasCode(err, domain.CodeNotFound) {
			continue // it has just gone
		}
		if err != nil {
			return nil, err
		}
		v := SharedProjectView{
			ID: p.ID, Name: p.Name, Description: p.Description, Owner: p.Owner, OwnerName: p.OwnerName,
			Archived: p.ArchivedAt != nil, SharedAt: p.SharedAt, Groups: []ProjectGroup{},
		}
		uses, err := project.Uses(ctx, e.options.Root, owner.Folder, p.Folder)
		if err != nil {
			return nil, err
		}
		for _, u := range uses {
			at := slices.IndexFunc(seen, func(g domain.Group) bool { return project.GroupFolder(g.ID) == u.Folder })
			if at < 0 {
				continue // what one may not see is not told of
			}
			v.Groups = append(v.Groups, ProjectGroup{Use: u, GroupID: seen[at].ID, Name: seen[at].Name})
			v.Files, v.Bytes, v.Partial = v.Files+u.Files, v.Bytes+u.Bytes, v.Partial || u.Partial
		}
		views = append(views, v)
	}
	return views, nil
}

// People lists those whom a user may share with, by name.
func (e *Engine) People(ctx context.Context, userID int64) ([]domain.User, error) {
	if !e.SharingOn() {
		return nil, domain.NewError(domain.CodeSharingOff)
	}
	users, err := e.store.Users(ctx)
	return slices.DeleteFunc(users, func(u domain.User) bool { return !u.Active || u.ID == userID }), err
}

// ShareProject lets people, by name, read a project of another: all of them or
// none. It fails with CodeSharingOff, CodeUsage where nobody is named, and
// CodeNotFound, also for the owner and who is closed.
func (e *Engine) ShareProject(ctx context.Context, a Actor, p domain.Project, names []string) ([]domain.ProjectShare, error) {
	people, err := e.People(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, domain.NewError(domain.CodeUsage, "detail", "users")
	}
	open := make([]int64, len(people)) // not oneself, nor who is closed
	for i, one := range people {
		open[i] = one.ID
	}
	ids, err := e.usersNamed(ctx, names, open)
	if err != nil {
		return nil, err
	}
	return e.shareChanged(ctx, p, ids, e.store.ShareProject(ctx, a, p.ID, ids))
}

// UnshareProject takes a shared project back from people, by name; without
// names from everybody. Where sharing is switched off, too. It fails with
// CodeNotFound where it is not shared with one of them.
func (e *Engine) UnshareProject(ctx context.Context, a Actor, p domain.Project, names []string) ([]domain.ProjectShare, error) {
	shares, err := e.store.ProjectShares(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	ids := sharersOf(shares[p.ID])
	if len(names) > 0 {
		if ids, err = e.usersNamed(ctx, names, ids); err != nil {
			return nil, err
		}
	}
	return e.shareChanged(ctx, p, ids, e.store.UnshareProject(ctx, a, p.ID, ids))
}

// usersNamed gives people by their names. It fails with CodeNotFound where one
// is none of those who are meant.
func (e *Engine) usersNamed(ctx context.Context, names []string, among []int64) ([]int64, error) {
	ids := make([]int64, len(names))
	for i, name := range names {
		user, err := e.AnyUserByName(ctx, name)
		if err != nil && !domain.HasCode(err, domain.CodeNotFound) {
			return nil, err
		}
		if err != nil || !slices.Contains(among, user.ID) {
			return nil, domain.NewError(domain.CodeNotFound, "what", "user", "name", name)
		}
		ids[i] = user.ID
	}
	return ids, nil
}

// shareChanged tells the owner and the others of it, and gives with whom the
// project is shared now.
func (e *Engine) shareChanged(ctx context.Context, p domain.Project, users []int64, err error) ([]domain.ProjectShare, error) {
	if err != nil {
		return nil, err
	}
	e.projectChanged(p, "")
	e.tellShared(users...)
	shares, err := e.ProjectShares(ctx, p.UserID)
	return append([]domain.ProjectShare{}, shares[p.ID]...), err
}

// tellShared tells users that what is shared with them may be other than before.
func (e *Engine) tellShared(users ...int64) {
	for _, id := range users {
		e.bus.Publish(domain.Event{Type: domain.EventProjectShared, UserID: id})
	}
}

// tellEveryoneShared does that where it may concern anybody.
func (e *Engine) tellEveryoneShared() { e.tellShared(0) }

// sharers gives with whom a project is shared.
func (e *Engine) sharers(ctx context.Context, p domain.Project) []int64 {
	shares, err := e.ProjectShares(ctx, p.UserID)
	if err != nil {
		e.log.Warn("look with whom a project is shared", "project", p.Name, "error", err)
	}
	return sharersOf(shares[p.ID])
}

func sharersOf(shares []domain.ProjectShare) []int64 {
	ids := make([]int64, len(shares))
	for i, s := range shares {
		ids[i] = s.UserID
	}
	return ids
}
