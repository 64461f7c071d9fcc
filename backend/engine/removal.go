package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/store"
)

// endAllWithin is how long executions have to end, beyond their grace, before
// an account is not deleted.
const endAllWithin = 20 * time.Second

// UserData is what an account has.
type UserData struct {
	Projects   []UserProject `json:"projects"`
	Files      int64         `json:"files"` // all of the data folders
	Bytes      int64         `json:"bytes"`
	Partial    bool          `json:"partial"` // there is more that cannot be read
	Executions int64         `json:"executions"`
	Backups    int           `json:"backups"` // zips of projects
	ZipBytes   int64         `json:"backup_bytes"`
	LogBytes   int64         `json:"log_bytes"`
	Running    int           `json:"running"` // executions that run, wait or are kept always on
}

// UserProject is one project with what its data folders take.
type UserProject struct {
	domain.Project
	project.Size
}

// UserData tells what an account has, also of a deleted one. It fails with
// CodeNotFound.
func (e *Engine) UserData(ctx context.Context, id int64) (UserData, error) {
	user, err := e.KnownUser(ctx, id)
	if err != nil {
		return UserData{}, err
	}
	projects, err := e.store.Projects(ctx, id)
	if err != nil {
		return UserData{}, err
	}
	sizes, partial, err := project.Sizes(e.options.Root, user.Folder)
	if err != nil {
		return UserData{}, fmt.Errorf("measure data of %s: %w", user.Name, err)
	}
	logs, _, err := e.store.LogUseOf(ctx, id)
	if err != nil {
		return UserData{}, err
	}
	running, err := e.runningOf(ctx, id)
	if err != nil {
		return UserData{}, err
	}
	d := UserData{Projects: make([]UserProject, len(projects)), Executions: logs.Executions, LogBytes: logs.Bytes, Running: running, Partial: partial}
	for i, p := range projects {
		d.Projects[i] = UserProject{Project: p, Size: sizes[project.Dir(p.Folder)]}
	}
	backups, err := e.store.ProjectBackups(ctx, id)
	for _, b := range backups {
		d.Backups++
		d.ZipBytes += b.Size
	}
	for _, s := range sizes {
		d.Files += s.Files
		d.Bytes += s.Bytes
	}
	return d, err
}

// KnownUser gives an account, also a deleted one. It fails with CodeNotFound.
func (e *Engine) KnownUser(ctx context.Context, id int64) (domain.User, error) {
	user, err := e.store.User(ctx, id)
	if domain.HasCode(err, domain.CodeNotFound) {
		deleted, err := e.store.DeletedUser(ctx, id)
		return deleted.User, err
	}
	return user, err
}

// NameOf gives an account's name, also of a deleted one. It fails with
// CodeNotFound.
func (e *Engine) NameOf(ctx context.Context, id int64) (string, error) {
	user, err := e.KnownUser(ctx, id)
	return user.Name, err
}

// runningOf counts what runs for an account, or is to run all the time.
func (e *Engine) runningOf(ctx context.Context, id int64) (int, error) {
	live := e.LiveOf(id)
	n := len(live)
	wanted, err := e.alwaysOnOf(ctx, id)
	for _, w := range wanted {
		if _, runs := (keeping{e}).Running(w); !runs {
			n++
		}
	}
	return n, err
}

func (e *Engine) alwaysOnOf(ctx context.Context, id int64) (own []domain.AlwaysOn, err error) {
	all, err := e.store.AlwaysOn(ctx)
	for _, w := range all {
		if w.UserID == id {
			own = append(own, w)
		}
	}
	return own, err
}

// DeletedUsers lists deleted accounts, the newest first.
func (e *Engine) DeletedUsers(ctx context.Context) ([]domain.DeletedUser, error) {
	return e.store.DeletedUsers(ctx)
}

// DeleteUser deletes an account that cannot sign in any more: what runs for it
// is stopped first. Its executions and their logs stay under its name for as
// long as those of its level are kept. It fails with CodeNotFound, also for to,
// CodeLastAdmin, and CodeUserNotDeleted where something does not end: what was
// always on is not any more then, and nothing is deleted.
func (e *Engine) DeleteUser(ctx context.Context, a Actor, user domain.User, fate domain.DataFate, to int64) (domain.DeletedUser, error) {
	ctx = context.WithoutCancel(ctx)
	cleared, err := e.endAllOf(ctx, a, user)
	var deleted domain.DeletedUser
	if err == nil {
		deleted, err = e.deleteAtRest(ctx, a, user, fate, to)
	}
	if err != nil {
		return domain.DeletedUser{}, notDeleted(err, cleared)
	}
	if err := e.readPermissions(ctx); err != nil {
		e.log.Error("read permissions after an account was deleted", "error", err)
	}
	if err := e.removeCaches(user); err != nil {
		e.log.Warn("remove caches of a deleted account", "user", user.Name, "error", err)
	}
	if fate == domain.DataDelete {
		if err := e.removeFilesOf(ctx, a, deleted); err != nil {
			e.log.Error("remove files of a deleted account; tried again at the next start", "user", user.Name, "error", err)
		}
	}
	e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: user.ID, Data: deleted.User})
	e.bus.Publish(domain.Event{Type: domain.EventTemplateChanged})
	e.tellEveryoneShared()
	if fate == domain.DataHandOver {
		e.bus.Publish(domain.Event{Type: domain.EventProjectChanged, UserID: to})
	}
	return deleted, nil
}

// notDeleted says, where something did not end, what was done all the same.
func notDeleted(err error, cleared int) error {
	e := domain.AsError(err)
	if !domain.HasCode(err, domain.CodeUserRuns) {
		return err
	}
	return domain.NewError(domain.CodeUserNotDeleted, "name", e.Params["name"], "count", e.Params["count"], "always_on", cleared)
}

// deleteAtRest deletes an account of which nothing runs, and lets nothing begin
// meanwhile.
func (e *Engine) deleteAtRest(ctx context.Context, a Actor, user domain.User, fate domain.DataFate, to int64) (domain.DeletedUser, error) {
	e.projecting.Lock()
	defer e.projecting.Unlock()
	if left := len(e.LiveOf(user.ID)); left > 0 {
		return domain.DeletedUser{}, domain.NewError(domain.CodeUserRuns, "name", user.Name, "count", left)
	}
	if err := e.settleHandOver(ctx); err != nil {
		return domain.DeletedUser{}, err
	}
	deleted, err := e.store.DeleteUser(ctx, a, user.ID, fate, to, func(moves []store.ProjectMove) error { return e.handOver(user.ID, moves) })
	if settled := e.settleHandOver(ctx); settled != nil {
		e.log.Error("settle a hand-over; tried again at the next start", "user", user.Name, "error", settled)
	}
	return deleted, err
}

// endAllOf stops everything of an account, and what is always on for it; it
// tells how much of that it cleared. It fails with CodeUserRuns.
func (e *Engine) endAllOf(ctx context.Context, a Actor, user domain.User) (cleared int, err error) {
	wanted, err := e.alwaysOnOf(ctx, user.ID)
	if err != nil {
		return 0, err
	}
	for _, w := range wanted {
		if err := e.ClearAlwaysOn(ctx, a, w.ID); err != nil && !domain.HasCode(err, domain.CodeNotFound) {
			return cleared, err
		}
		cleared++
	}
	live := e.LiveOf(user.ID)
	for _, x := range live {
		err := e.StopBy(ctx, a, x, execution.StopRequest{Reason: domain.ReasonStopped, By: a.Name})
		if err != nil && !domain.HasCode(err, domain.CodeExecutionEnded) {
			return cleared, err
		}
	}
	wait, cancel := context.WithTimeout(ctx, time.Duration(e.Config().Limits.GraceSeconds)*time.Second+endAllWithin)
	defer cancel()
	for _, x := range live {
		if e.Wait(wait, x.ID) != nil {
			break
		}
	}
	if left := len(e.LiveOf(user.ID)); left > 0 {
		return cleared, domain.NewError(domain.CodeUserRuns, "name", user.Name, "count", left)
	}
	return cleared, nil
}

// ResetUserData removes the data folders of an account; its projects stay, and
// begin anew with what their groups give. Of a deleted one whose data were kept
// it removes the backups, too: there is nobody left to use them. It fails with CodeNotFound, and CodeUserRuns while something of
// it runs.
func (e *Engine) ResetUserData(ctx context.Context, a Actor, id int64) (UserData, error) {
	user, err := e.KnownUser(ctx, id)
	if err != nil {
		return UserData{}, err
	}
	before, err := e.UserData(ctx, id)
	if err != nil {
		return UserData{}, err
	}
	ctx = context.WithoutCancel(ctx)
	aside, err := e.putDataAside(ctx, a, user, before)
	for _, dir := range aside {
		if err := project.RemoveAll(dir); err != nil {
			e.log.Error("remove data that were put aside; tried again at the next start", "user", user.Name, "error", err)
		}
	}
	if err != nil {
		return UserData{}, err
	}
	if _, err := e.store.DeletedUser(ctx, id); err == nil {
		if err := e.removeBackupsOf(ctx, a, id); err != nil {
			return UserData{}, err
		}
	}
	if err := e.store.FilesRemoved(ctx, id); err != nil {
		return UserData{}, err
	}
	e.bus.Publish(domain.Event{Type: domain.EventProjectChanged, UserID: id})
	e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: id, Data: user})
	return e.UserData(ctx, id)
}

// putDataAside takes the data folders of an account of which nothing runs out
// of sight, and lets nothing begin meanwhile.
func (e *Engine) putDataAside(ctx context.Context, a Actor, user domain.User, before UserData) ([]string, error) {
	e.projecting.Lock()
	defer e.projecting.Unlock()
	running, err := e.runningOf(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	if running > 0 {
		return nil, domain.NewError(domain.CodeUserRuns, "name", user.Name, "count", running)
	}
	aside, failed := project.PutAside(e.options.Root, project.UserDir(user.Folder))
	if failed == nil || len(aside) > 0 {
		what := map[string]any{"files": before.Files, "bytes": before.Bytes}
		var rest any
		if failed != nil { // of some groups they are there still
			rest = map[string]any{"partial": true, "folders": len(aside)}
		}
		failed = errors.Join(failed, e.store.Audit(ctx, a, "user.reset_data", "user:"+user.Name, what, rest))
	}
	if failed != nil {
		return aside, fmt.Errorf("remove data of %s: %w", user.Name, failed)
	}
	return aside, e.removeCaches(user)
}

func (e *Engine) removeCaches(user domain.User) error {
	return os.RemoveAll(filepath.Join(e.options.Root.Caches(), project.UserDir(user.Folder)))
}

// removeFilesOf removes what was to be deleted with an account.
func (e *Engine) removeFilesOf(ctx context.Context, a Actor, d domain.DeletedUser) error {
	if err := errors.Join(project.RemoveOf(e.options.Root, d.Folder), e.removeBackupsOf(ctx, a, d.ID)); err != nil {
		return err
	}
	return e.store.FilesRemoved(ctx, d.ID)
}

// removeBackupsOf removes all zips of an account's projects.
func (e *Engine) removeBackupsOf(ctx context.Context, a Actor, id int64) error {
	backups, err := e.store.ProjectBackups(ctx, id)
	errs := []error{err}
	for _, b := range backups {
		errs = append(errs, e.DeleteProjectBackup(ctx, a, b))
	}
	return errors.Join(errs...)
}

// removeLeftFiles goes on where an engine was killed while it did so.
func (e *Engine) removeLeftFiles(ctx context.Context) {
	if err := project.RemoveAside(e.options.Root); err != nil {
		e.log.Warn("remove data that were put aside", "error", err)
	}
	left, err := e.store.FilesToRemove(ctx)
	if err != nil {
		e.log.Error("look for files of deleted accounts", "error", err)
	}
	for _, d := range left {
		if err := e.removeFilesOf(ctx, Actor{Kind: store.ActorSystem, Name: "deletion"}, d); err != nil {
			e.log.Error("remove files of a deleted account", "user", d.Name, "error", err)
		}
	}
}
