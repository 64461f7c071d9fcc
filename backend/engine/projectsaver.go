package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/project/archive"
	"scriptsmanager/backend/store"
)

const (
	// savedKey is the setting that says when projects were last backed up by
	// themselves.
	savedKey = "projects_saved_at"
	// saveEvery is how often is looked whether it is time.
	saveEvery = time.Minute
)

// projectSaver backs up projects by itself (data_management.auto_backup).
type projectSaver struct{ e *Engine }

func (p *projectSaver) String() string { return "back up projects" }

// Serve runs until ctx ends.
func (p *projectSaver) Serve(ctx context.Context) error {
	ticker := time.NewTicker(saveEvery)
	defer ticker.Stop()
	for {
		if err := p.e.saveProjectsIfDue(ctx, time.Now()); err != nil && ctx.Err() == nil {
			p.e.log.Error("back up projects", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// lastDue is the last time, not after now, at which projects are to be backed
// up: at hh:mm and every so many hours from there.
func lastDue(now time.Time, clock string, hours int) time.Time {
	now = now.Local()
	at, err := time.Parse("15:04", clock)
	if err != nil {
		at = time.Time{}
	}
	due := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, time.Local)
	if every := time.Duration(hours) * time.Hour; hours > 0 && hours < 24 {
		for due.After(now) {
			due = due.Add(-every)
		}
		for !due.Add(every).After(now) {
			due = due.Add(every)
		}
		return due
	}
	if due.After(now) {
		due = due.AddDate(0, 0, -1)
	}
	return due
}

// due tells whether projects are to be backed up: what was missed is made up
// once. A clock that was set back does not keep them waiting for long.
func due(last, now time.Time, clock string, hours int) bool {
	if last.After(now) {
		return true
	}
	days := max(hours/24, 1) // from a day on, every so many days at the time
	return last.Before(lastDue(now, clock, hours).AddDate(0, 0, 1-days))
}

func (e *Engine) saveProjectsIfDue(ctx context.Context, now time.Time) error {
	c := e.Config().DataManagement
	if !c.AutoBackup {
		return nil
	}
	var last time.Time
	known, err := e.store.Setting(ctx, savedKey, &last)
	if err != nil {
		return err
	}
	if known && !due(last, now, c.BackupScheduleTime, c.BackupIntervalHours) {
		return nil
	}
	a := Actor{Kind: store.ActorSystem, Name: "automatic backup"}
	if known { // else a new installation, or one from before: from now on
		err = e.saveProjects(ctx, a)
	}
	if ctx.Err() != nil { // the next start does the rest: what was done has not changed then
		return err
	}
	return errors.Join(err, e.store.SetSetting(ctx, a, savedKey, now.UTC()))
}

// saveProjects backs up each project of everybody in which something has
// changed since its last backup, one after the other. One that cannot be backed
// up keeps no other from it; what could not be is kept for its owner to see.
func (e *Engine) saveProjects(ctx context.Context, a Actor) error {
	users, err := e.store.Users(ctx)
	if err != nil {
		return err
	}
	var errs []error
	unsaved := map[int64]ProjectUnsaved{}
	for _, u := range users {
		projects, err := e.store.Projects(ctx, u.ID)
		errs = append(errs, err)
		backups, err := e.store.ProjectBackups(ctx, u.ID)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, p := range projects {
			x, err := e.saveProject(ctx, a, u, p, backups)
			if ctx.Err() != nil {
				return errors.Join(append(errs, err)...)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("back up %s of %s: %w", p.Name, u.Name, err))
			}
			if err != nil || x.ID != "" && x.State != domain.StateCompleted {
				unsaved[p.ID] = notSaved(u, p, x, err)
			}
		}
	}
	return errors.Join(append(errs, e.keepUnsaved(ctx, a, unsaved))...)
}

// saveProject gives the job that has backed a project up, or was to; none where
// nothing has changed.
func (e *Engine) saveProject(ctx context.Context, a Actor, u domain.User, p domain.Project, backups []ProjectBackup) (domain.Execution, error) {
	changed, err := e.changedSince(ctx, u, p, backups)
	if err != nil || !changed {
		return domain.Execution{}, err
	}
	x, err := e.BackUpProject(ctx, a, u, store.ActorSystem, p, store.BackupAutomatic)
	if domain.HasCode(err, domain.CodeProjectBusy) || domain.HasCode(err, domain.CodeNotFound) { // it is being restored, or has gone
		e.log.Warn("back up a project", "user", u.Name, "project", p.Name, "error", err)
		return domain.Execution{}, nil
	}
	if err != nil {
		return domain.Execution{}, err
	}
	if err := e.executions.Wait(ctx, x.ID); err != nil {
		return x, err
	}
	return e.Execution(ctx, x.ID)
}

// changedSince tells whether a project is another one than in its last backup.
func (e *Engine) changedSince(ctx context.Context, u domain.User, p domain.Project, backups []ProjectBackup) (bool, error) {
	folders, err := project.Folders(e.options.Root, u.Folder, p.Folder)
	if err != nil || len(folders) == 0 {
		return false, err
	}
	now, err := archive.Fingerprint(ctx, folders)
	if err != nil {
		return false, err
	}
	for _, b := range backups { // the newest first
		if b.ProjectID == p.ID && b.Reason != store.BackupUploaded && e.backupThere(b) {
			return b.Content != now, nil
		}
	}
	return true, nil
}
