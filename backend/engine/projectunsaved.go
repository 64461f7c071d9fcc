package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// unsavedKey is the setting that says which projects could not be backed up by
// themselves at the last time.
const unsavedKey = "projects_unsaved"

// ProjectUnsaved tells that the automatic backup of a project fails.
type ProjectUnsaved struct {
	ProjectID    int64          `json:"project_id"`
	Project      string         `json:"project"`
	UserID       int64          `json:"user_id"`
	User         string         `json:"user"`
	Since        time.Time      `json:"since"`        // the first time, with none since that worked
	At           time.Time      `json:"at"`           // the last time
	ExecutionID  string         `json:"execution_id"` // of the job; "": none could be begun
	Error        *domain.Error  `json:"error"`        // nil: see Reason
	Reason       domain.Reason  `json:"reason"`       // why the job ended
	ReasonParams map[string]any `json:"reason_params"`
}

// unsavedNow is what is kept, by project.
func (e *Engine) unsavedNow(ctx context.Context) (map[int64]ProjectUnsaved, error) {
	kept := map[int64]ProjectUnsaved{}
	_, err := e.store.Setting(ctx, unsavedKey, &kept)
	return kept, err
}

// keepUnsaved keeps which projects could not be backed up, where that is news,
// and tells their owners.
func (e *Engine) keepUnsaved(ctx context.Context, a Actor, now map[int64]ProjectUnsaved) error {
	before, err := e.unsavedNow(ctx)
	if err != nil {
		return err
	}
	for id, u := range now {
		if known, ok := before[id]; ok {
			u.Since = known.Since
			now[id] = u
		}
	}
	if len(now) == 0 && len(before) == 0 {
		return nil
	}
	if err := e.store.SetSetting(ctx, a, unsavedKey, now); err != nil {
		return err
	}
	maps.Copy(before, now) // also those that are backed up again
	for id, u := range before {
		e.projectChanged(domain.Project{ID: id, UserID: u.UserID, Name: u.Project}, "")
	}
	return nil
}

// Unsaved lists the projects whose automatic backup fails, of one user or, for
// 0, of all: those that have been backed up otherwise since are none.
func (e *Engine) Unsaved(ctx context.Context, userID int64) ([]ProjectUnsaved, error) {
	list := []ProjectUnsaved{}
	kept, err := e.unsavedNow(ctx)
	if err != nil || !e.Config().DataManagement.AutoBackup {
		return list, err
	}
	for _, id := range slices.Sorted(maps.Keys(kept)) {
		u := kept[id]
		p, err := e.store.Project(ctx, id)
		if domain.HasCode(err, domain.CodeNotFound) {
			continue // it was deleted
		}
		if err != nil {
			return list, err
		}
		if userID != 0 && userID != p.UserID {
			continue
		}
		owner, err := e.KnownUser(ctx, p.UserID)
		if err != nil {
			return list, err
		}
		backups, err := e.store.ProjectBackups(ctx, p.UserID)
		if err != nil {
			return list, err
		}
		if slices.ContainsFunc(backups, func(b ProjectBackup) bool {
			return b.ProjectID == id && b.Reason != store.BackupUploaded && b.CreatedAt.After(u.At) && e.backupThere(b)
		}) {
			continue
		}
		u.Project, u.UserID, u.User = p.Name, p.UserID, owner.Name // as they are now
		list = append(list, u)
	}
	return list, nil
}

// notSaved is what is kept of the failure to back a project up.
func notSaved(u domain.User, p domain.Project, x domain.Execution, err error) ProjectUnsaved {
	now := time.Now().UTC()
	f := ProjectUnsaved{
		ProjectID: p.ID, Project: p.Name, UserID: u.ID, User: u.Name, Since: now, At: now,
		ExecutionID: x.ID, Error: x.Error, Reason: x.Reason, ReasonParams: map[string]any{},
	}
	maps.Copy(f.ReasonParams, x.ReasonParams)
	if x.ExitCode != nil {
		f.ReasonParams["exit_code"] = *x.ExitCode
	}
	if x.Signal != "" {
		f.ReasonParams["signal"] = x.Signal
	}
	if err != nil {
		if f.Error = domain.AsError(err); f.Error == nil {
			f.Error = domain.NewError(domain.CodeBackupFailed, "detail", err.Error())
		}
	}
	return f
}
