package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project"
)

// What of the data of users can be cleared.
const (
	ClearData   = "data"   // of a project, in all groups
	ClearLogs   = "logs"   // of a user: ended executions without a bookmark
	ClearCaches = "caches" // of a user
)

// ClearRequest names what is to be cleared, as the last measurement has it.
type ClearRequest struct {
	What          string `json:"what"`
	UserFolder    string `json:"user_folder"`
	ProjectFolder string `json:"project_folder,omitempty"` // of ClearData
	Confirm       string `json:"confirm,omitempty"`        // the name, typed: of the project, else of the user
}

// ClearDataUse removes what may be removed, and records it, also where it could
// not remove all. It fails with CodeNotFound where nothing of that kind was
// measured, CodeInvalid (confirm) and CodeExecutionRuns.
func (e *Engine) ClearDataUse(ctx context.Context, a Actor, r ClearRequest) (Size, error) {
	ctx = context.WithoutCancel(ctx)
	use, aside, size, err := e.takeToClear(ctx, r)
	if use.User == "" {
		return Size{}, err
	}
	errs := []error{err}
	if r.What == ClearLogs {
		removed, err := e.removeLogs(ctx, a, removal{user: use.UserID, before: time.Now(), bytes: -1})
		size, errs = Size{Bytes: removed.Bytes, Files: removed.Executions}, append(errs, err)
	}
	removed, err := e.removeFolders(ctx, aside)
	size.add(removed)
	if errs = append(errs, err); errors.Join(errs...) == nil || size != (Size{}) {
		errs = append(errs, e.store.Audit(ctx, a, "data.clear", "user:"+use.User, map[string]any{"what": r.What, "project": use.Project, "bytes": size.Bytes, "files": size.Files}, nil))
	}
	if use.Deleted && r.What == ClearData {
		errs = append(errs, e.noteCleared(ctx, use.UserID))
	}
	e.MeasureData(ctx)
	if err := errors.Join(errs...); err != nil {
		return size, fmt.Errorf("clear %s of %s: %w", r.What, strings.Trim(use.User+"/"+use.Project, "/"), err)
	}
	return size, nil
}

// noteCleared notes that nothing is left of what was kept of a deleted account,
// where that is so.
func (e *Engine) noteCleared(ctx context.Context, userID int64) error {
	data, err := e.UserData(ctx, userID)
	if err != nil || data.Files > 0 || data.Partial || data.Backups > 0 {
		return err
	}
	deleted, err := e.store.DeletedUser(ctx, userID)
	if err == nil {
		err = e.store.FilesRemoved(ctx, userID)
	}
	if err == nil {
		e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: userID, Data: deleted.User})
	}
	return err
}

// takeToClear says whose it is that is to be cleared, and takes it out of use
// while nothing can begin in it; no user where it may not be cleared. Data are
// put aside for removal, caches removed.
func (e *Engine) takeToClear(ctx context.Context, r ClearRequest) (use ProjectUse, aside []string, size Size, err error) {
	e.projecting.Lock()
	defer e.projecting.Unlock()
	use, found := e.measured(r)
	if found {
		if use, err = e.asNow(ctx, use); err != nil {
			return ProjectUse{}, nil, size, err
		}
	}
	if !found || r.What == ClearLogs && use.UserID == 0 {
		return ProjectUse{}, nil, size, domain.NewError(domain.CodeNotFound, "what", "folder", "name", strings.Trim(r.UserFolder+"/"+r.ProjectFolder, "/"))
	}
	name := use.User
	if r.What == ClearData {
		name = use.Project
	}
	if r.What != ClearCaches && r.Confirm != name {
		return ProjectUse{}, nil, size, domain.NewError(domain.CodeInvalid).With("confirm", domain.NewError(domain.CodeFieldInvalid, "name", "confirm", "value", r.Confirm))
	}
	for _, x := range e.executions.AllLive() {
		if r.What != ClearLogs && x.UserID == use.UserID && use.UserID != 0 && (r.What == ClearCaches || x.ProjectID == use.ProjectID) {
			return ProjectUse{}, nil, size, domain.NewError(domain.CodeExecutionRuns)
		}
	}
	switch r.What {
	case ClearData:
		aside, err = project.PutAside(e.options.Root, filepath.Join(use.UserFolder, use.ProjectFolder))
	case ClearCaches:
		size, err = e.removeFolders(ctx, []string{filepath.Join(e.options.Root.Caches(), use.UserFolder)})
	}
	return use, aside, size, err
}

// asNow says whose a folder is now: what was nobody's when it was measured may
// be a project's.
func (e *Engine) asNow(ctx context.Context, use ProjectUse) (ProjectUse, error) {
	use.UserID, use.User, use.Deleted, use.ProjectID, use.Project = 0, use.UserFolder, false, 0, use.ProjectFolder
	users, err := e.everyUser(ctx)
	if err != nil {
		return use, err
	}
	for _, u := range users {
		if !strings.EqualFold(project.UserDir(u.Folder), use.UserFolder) {
			continue
		}
		use.UserID, use.User, use.Deleted = u.ID, u.Name, u.deleted
		projects, err := e.store.Projects(ctx, u.ID)
		if err != nil {
			return use, err
		}
		for _, p := range projects {
			if strings.EqualFold(project.Dir(p.Folder), use.ProjectFolder) {
				use.ProjectID, use.Project = p.ID, p.Name
			}
		}
	}
	return use, nil
}

// measured finds what is to be cleared among what was measured: so no other
// folder is ever named.
func (e *Engine) measured(r ClearRequest) (ProjectUse, bool) {
	for _, use := range e.DataUse().Projects {
		if use.UserFolder != r.UserFolder {
			continue
		}
		switch r.What {
		case ClearData:
			if use.ProjectFolder == r.ProjectFolder && r.ProjectFolder != "" {
				return use, true
			}
		case ClearLogs, ClearCaches:
			if use.ProjectFolder == "" && (r.What == ClearCaches || use.UserID != 0) {
				return use, true
			}
		}
	}
	return ProjectUse{}, false
}

// removeFolders removes folders, as far as it can, and tells what that freed.
func (e *Engine) removeFolders(ctx context.Context, dirs []string) (all Size, err error) {
	m := &measurement{e: e, ctx: ctx, told: time.Now()}
	var errs []error
	for _, dir := range dirs {
		size, err := m.size(dir)
		if err == nil {
			err = project.RemoveAll(dir)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all.add(size)
	}
	return all, errors.Join(errs...)
}
