package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/project/archive"
	"scriptsmanager/backend/store"
)

// ProjectBackup is the zip of a project.
type ProjectBackup = store.ProjectBackup

// ProjectBackupView is one with what is there of it now.
type ProjectBackupView struct {
	ProjectBackup
	Missing bool `json:"missing"` // somebody took its file away, or changed it
}

// ProjectBackups lists a user's backups of projects, the newest first.
func (e *Engine) ProjectBackups(ctx context.Context, userID int64) ([]ProjectBackupView, error) {
	list, err := e.store.ProjectBackups(ctx, userID)
	views := make([]ProjectBackupView, 0, len(list))
	for _, b := range list {
		views = append(views, ProjectBackupView{ProjectBackup: b, Missing: !e.backupThere(b)})
	}
	return views, err
}

// ProjectBackup gives one. It fails with CodeNotFound.
func (e *Engine) ProjectBackup(ctx context.Context, id int64) (ProjectBackup, error) {
	return e.store.ProjectBackup(ctx, id)
}

func (e *Engine) backupPath(b ProjectBackup) string {
	return filepath.Join(e.options.Root.ProjectBackups(), filepath.Base(b.File))
}

func (e *Engine) backupThere(b ProjectBackup) bool {
	info, err := os.Lstat(e.backupPath(b))
	return err == nil && info.Mode().IsRegular() && info.Size() == b.Size
}

// spaceKept is what is left free of the disk: a database that cannot write is
// worse than a backup that is refused.
const spaceKept = 64 << 20

// projectWork is where restores are prepared: on the file system of the data.
func (e *Engine) projectWork() string { return filepath.Join(e.options.Root.Data(), "project_jobs") }

// What is kept of a job of a project in its parameters.
const (
	whyParameter   = "reason"
	byParameter    = "by" // who asked for it
	freshParameter = "new_project"
)

// backupOf is what a backup of a project is to be.
func (e *Engine) backupOf(ctx context.Context, owner domain.User, p domain.Project, now time.Time) (archive.Backup, error) {
	folders, err := project.Folders(e.options.Root, owner.Folder, p.Folder)
	if err != nil {
		return archive.Backup{}, err
	}
	path, err := e.backupName(ctx, owner, p.Folder, now)
	if err != nil {
		return archive.Backup{}, err
	}
	return archive.Backup{
		Reserve: e.keepFree, Folders: folders, Output: path, Compress: e.Config().DataManagement.CompressBackups, Product: domain.Version, MadeAt: now,
		User: owner.Name, Project: p.Name, Description: p.Description,
		Readme: e.options.Texts.Text(owner.Language, "backup.readme", map[string]any{
			"project": p.Name, "user": owner.Name, "user_folder": project.UserDir(owner.Folder), "project_folder": project.ProjectDir(p.Folder),
		}),
	}, nil
}

// backupName gives the path of a new backup, which no other has or had.
func (e *Engine) backupName(ctx context.Context, owner domain.User, projectFolder string, now time.Time) (string, error) {
	base := project.UserDir(owner.Folder) + "_" + project.ProjectDir(projectFolder) + "_"
	for at := now; ; at = at.Add(time.Second) { // another one of this second
		path := filepath.Join(e.options.Root.ProjectBackups(), base+at.Local().Format("20060102_150405")+".zip")
		noted, err := e.store.ProjectBackupFile(ctx, filepath.Base(path))
		if err != nil || !noted && !e.taken(path) {
			return path, err
		}
	}
}

// startProjectJob begins a job of a project, of which there is one at a time.
func (e *Engine) startProjectJob(ctx context.Context, a Actor, owner domain.User, actor string, p domain.Project, r execution.JobRequest) (domain.Execution, error) {
	if _, job := e.inProject(p.ID); job != "" {
		return domain.Execution{}, domain.NewError(domain.CodeProjectBusy, "project", p.Name, "execution", job)
	}
	if err := e.finished(p); err != nil {
		return domain.Execution{}, err
	}
	r.Name = domain.Text{}
	for _, l := range domain.Languages() {
		r.Name[l] = e.options.Texts.Text(l, "job.project."+r.Action, map[string]any{"project": p.Name})
	}
	r.Project, r.User, r.Actor, r.By = p, owner, actor, a
	r.Parameters[byParameter] = a.Name
	r.Argv, r.Dir = []string{e.jobProgram(), "job", "project"}, e.options.Root.Dir
	r.Environ = jobEnviron(e.options.Environ, e.Config().ConfinementEnvironment)
	x, err := e.executions.StartJob(ctx, r)
	if err == nil {
		e.projectChanged(p, "")
	}
	return x, err
}

// BackUpProject begins a job that writes a project into a zip. It fails with
// CodeProjectBusy or CodeNotFound.
func (e *Engine) BackUpProject(ctx context.Context, a Actor, owner domain.User, actor string, p domain.Project, why string) (domain.Execution, error) {
	ctx = context.WithoutCancel(ctx)
	e.projecting.Lock()
	defer e.projecting.Unlock()
	p, err := e.store.Project(ctx, p.ID)
	if err != nil {
		return domain.Execution{}, err
	}
	b, err := e.backupOf(ctx, owner, p, time.Now())
	if err != nil {
		return domain.Execution{}, err
	}
	return e.startProjectJob(ctx, a, owner, actor, p, execution.JobRequest{
		Kind: domain.KindProject, Action: domain.JobBackup, Target: b.Output, Input: archive.Job{Backup: &b},
		Parameters: map[string]any{"project": p.Name, whyParameter: why},
	})
}

// RestoreRequest says what of a backup to put where.
type RestoreRequest struct {
	Backup ProjectBackup
	Files  []string // none: all
	Exact  bool     // what is only in the project goes away; with all files
}

// RestoreProject begins a job that puts a backup back into a project, whose
// present state is saved first. It fails with CodeProjectRuns, CodeProjectBusy,
// CodeNotFound or CodeProjectArchived.
func (e *Engine) RestoreProject(ctx context.Context, a Actor, owner domain.User, actor string, p domain.Project, q RestoreRequest) (domain.Execution, error) {
	return e.restore(context.WithoutCancel(ctx), a, owner, actor, p, q, false)
}

// RestoreAsProject does the same as a new project, which is there while the job
// works, and is gone again where that fails. It fails as CreateProject, too.
func (e *Engine) RestoreAsProject(ctx context.Context, a Actor, owner domain.User, actor, name string, q RestoreRequest) (domain.Execution, error) {
	ctx = context.WithoutCancel(ctx)
	p, err := e.CreateProject(ctx, a, owner.ID, name, "")
	if err != nil {
		return domain.Execution{}, err
	}
	x, err := e.restore(ctx, a, owner, actor, p, q, true)
	if err != nil {
		err = errors.Join(err, e.dropProject(ctx, p))
	}
	return x, err
}

func (e *Engine) restore(ctx context.Context, a Actor, owner domain.User, actor string, p domain.Project, q RestoreRequest, fresh bool) (domain.Execution, error) {
	defer e.holdChanges(p.ID)()
	e.projecting.Lock()
	defer e.projecting.Unlock()
	p, err := e.UsableProject(ctx, owner.ID, p.ID)
	if err != nil {
		return domain.Execution{}, err
	}
	if err := e.projectAtRest(p); err != nil {
		return domain.Execution{}, err
	}
	r := archive.Restore{
		Zip: e.backupPath(q.Backup), Limits: e.limitsOf(q.Backup), Files: q.Files, Exact: q.Exact && len(q.Files) == 0,
		Reserve: e.keepFree,
	}
	z, err := archive.Open(r.Zip, r.Limits)
	if err != nil {
		return domain.Execution{}, err
	}
	defer func() { _ = z.Close() }()
	if _, err := z.Chosen(r.Files); err != nil {
		return domain.Execution{}, err
	}
	if r.Places, err = project.Folders(e.options.Root, owner.Folder, p.Folder); err != nil {
		return domain.Execution{}, err
	}
	empty := len(r.Places) == 0
	for _, group := range z.Groups() {
		r.Places[group] = project.FolderIn(e.options.Root, group, owner.Folder, p.Folder)
	}
	job := execution.JobRequest{
		Kind: domain.KindProject, Action: domain.JobRestore, Target: filepath.Join(e.projectWork(), strconv.FormatInt(p.ID, 10)), Source: r.Zip,
		Parameters: map[string]any{"project": p.Name, "backup": q.Backup.File, freshParameter: fresh},
	}
	if len(q.Files) > 0 {
		job.Parameters["files"] = q.Files
	}
	if !fresh && !empty {
		b, err := e.backupOf(ctx, owner, p, time.Now())
		if err != nil {
			return domain.Execution{}, err
		}
		r.Safety, job.Target = &b, b.Output
	}
	spec := archive.Job{Restore: &r}
	job.Input = &spec
	job.Prepare = func(id string) error {
		r.Work = filepath.Join(e.projectWork(), id)
		if err := os.MkdirAll(r.Work, 0o700); err != nil || !fresh {
			return err
		}
		return platform.WriteFile(filepath.Join(r.Work, archive.Fresh), []byte(strconv.FormatInt(p.ID, 10)), 0o600)
	}
	return e.startProjectJob(ctx, a, owner, actor, p, job)
}

// limitsOf are stricter for what came from elsewhere.
func (e *Engine) limitsOf(b ProjectBackup) archive.Limits {
	if b.Reason == store.BackupUploaded {
		return archive.ForeignLimits()
	}
	return archive.OwnLimits()
}

// PreviewBackup compares a backup with a project; with none, all in it is new.
func (e *Engine) PreviewBackup(ctx context.Context, owner domain.User, p *domain.Project, b ProjectBackup) (archive.Preview, error) {
	z, err := archive.Open(e.backupPath(b), e.limitsOf(b))
	if err != nil {
		return archive.Preview{}, err
	}
	defer func() { _ = z.Close() }()
	folders := map[string]string{}
	if p != nil {
		if folders, err = project.Folders(e.options.Root, owner.Folder, p.Folder); err != nil {
			return archive.Preview{}, err
		}
	}
	return z.Compare(ctx, folders)
}

// dropProject takes a project away that did not become one.
func (e *Engine) dropProject(ctx context.Context, p domain.Project) error {
	err := e.store.DeleteProject(ctx, Actor{Kind: store.ActorSystem, Name: "restore"}, p.ID)
	if domain.HasCode(err, domain.CodeNotFound) {
		return nil
	}
	e.projectChanged(p, "")
	e.removeProjects(ctx)
	return err
}

// projectJobEnded notes what a job of a project has made, and makes one whole
// state of what it left.
func (e *Engine) projectJobEnded(x domain.Execution) error {
	ctx := context.Background()
	var errs []error
	if x.Job.Action == domain.JobRestore {
		errs = append(errs, e.endRestore(ctx, x.ProjectID, filepath.Join(e.projectWork(), x.ID)))
	}
	why := store.BackupSafety
	if text, ok := x.Parameters[whyParameter].(string); ok {
		why = text
	}
	if filepath.Dir(x.Job.Target) == e.options.Root.ProjectBackups() {
		if err := os.Remove(archive.Part(x.Job.Target)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		errs = append(errs, e.noteBackup(ctx, x, why))
	}
	if p, err := e.store.Project(ctx, x.ProjectID); err == nil {
		e.projectChanged(p, "")
	}
	return errors.Join(errs...)
}

// noteBackup notes the zip that a job has made, if it has, and removes those
// that are too many now.
func (e *Engine) noteBackup(ctx context.Context, x domain.Execution, why string) error {
	path := x.Job.Target
	if _, err := os.Lstat(path); err != nil {
		return nil //nolint:nilerr // it was not made
	}
	made, err := archive.Known(ctx, path, archive.OwnLimits())
	if err != nil {
		return err
	}
	result := x.Job.Result
	if safety, ok := result["safety"].(map[string]any); ok {
		result = safety
	}
	made.Content, _ = result["content"].(string)
	maker, known := x.Parameters[byParameter].(string)
	if !known {
		maker = x.User
	}
	if x.Actor == store.ActorSystem && why == store.BackupAutomatic {
		maker = ""
	}
	_, err = e.store.AddProjectBackup(ctx, ProjectBackup{
		UserID: x.UserID, ProjectID: x.ProjectID, Project: x.Project, File: filepath.Base(path), CreatedAt: x.CreatedAt, MadeBy: maker,
		Reason: why, Size: made.Size, Files: made.Files, Bytes: made.Bytes, LeftOut: made.LeftOut, Unsteady: made.Unsteady,
		SHA256: made.SHA256, Content: made.Content, VerifiedAt: time.Now(),
	})
	if err != nil {
		return err
	}
	return e.removeOldBackups(ctx, x.UserID, x.ProjectID)
}

// removeOldBackups keeps the newest of a project's backups that are good, and
// those that somebody brought.
func (e *Engine) removeOldBackups(ctx context.Context, userID, projectID int64) error {
	list, err := e.store.ProjectBackups(ctx, userID)
	if err != nil {
		return err
	}
	good := 0
	var errs []error
	for _, b := range list { // the newest first
		switch {
		case b.ProjectID != projectID || b.Reason == store.BackupUploaded || !e.backupThere(b):
		case good < max(e.Config().DataManagement.MaxBackupVersions, 1):
			good++
		case !e.backupInUse(b):
			errs = append(errs, e.DeleteProjectBackup(ctx, Actor{Kind: store.ActorSystem, Name: "retention"}, b))
		}
	}
	return errors.Join(errs...)
}

func (e *Engine) backupInUse(b ProjectBackup) bool {
	for _, x := range e.executions.AllLive() {
		if x.Job != nil && x.Job.Source == e.backupPath(b) {
			return true
		}
	}
	return false
}

// DeleteProjectBackup removes a backup for good. It fails with CodeNotFound, and
// with CodeProjectBusy while it is being restored.
func (e *Engine) DeleteProjectBackup(ctx context.Context, a Actor, b ProjectBackup) error {
	if e.backupInUse(b) {
		return domain.NewError(domain.CodeProjectBusy, "project", b.Project, "execution", "")
	}
	// A record without a file is told of as missing; a file without a record would be lost.
	if err := os.Remove(e.backupPath(b)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a backup: %w", err)
	}
	err := e.store.DeleteProjectBackup(context.WithoutCancel(ctx), a, b.ID)
	p, failed := e.store.Project(ctx, b.ProjectID)
	if failed != nil { // the backup is of none that is there
		p = domain.Project{UserID: b.UserID}
	}
	e.projectChanged(p, "")
	return err
}

// sweepProjectJobs does that for restores that were killed together with the
// machine, and removes what was not to become a zip any more.
func (e *Engine) sweepProjectJobs(ctx context.Context) {
	entries, _ := os.ReadDir(e.projectWork())
	for _, one := range entries {
		if _, lives := e.executions.Live(one.Name()); lives {
			continue
		}
		x, _ := e.store.Execution(ctx, one.Name()) // without one it is of no project that is there
		if err := e.endRestore(ctx, x.ProjectID, filepath.Join(e.projectWork(), one.Name())); err != nil {
			e.log.Warn("end a restore that was cut off", "job", one.Name(), "error", err)
		}
	}
	parts, _ := filepath.Glob(archive.Part(filepath.Join(e.options.Root.ProjectBackups(), "*")))
	for _, part := range parts {
		whole := strings.TrimPrefix(filepath.Base(part), archive.PartPrefix)
		if !e.taken(filepath.Join(filepath.Dir(part), whole)) {
			_ = os.Remove(part) // if not now, then the next time
		}
	}
}

// BackupPart reads a part of a backup: up to length bytes. It fails with
// CodeNotFound where its file is gone.
func (e *Engine) BackupPart(b ProjectBackup, offset int64, length int) ([]byte, error) {
	f, err := platform.OpenPlain(e.backupPath(b))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, domain.NewError(domain.CodeNotFound, "what", "backup", "name", b.File)
	}
	if err != nil {
		return nil, fmt.Errorf("open a backup: %w", err)
	}
	defer func() { _ = f.Close() }()
	part := make([]byte, min(int64(length), max(0, b.Size-offset)))
	n, err := f.ReadAt(part, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read a backup: %w", err)
	}
	return part[:n], nil
}

// RecordBackupRead records that an administrator looks into, or takes, another's
// backup.
func (e *Engine) RecordBackupRead(ctx context.Context, a Actor, b ProjectBackup) error {
	return e.store.Audit(ctx, a, "backup.read", b.File, nil, map[string]any{"project": b.Project})
}
