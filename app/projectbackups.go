package app

import (
	"context"
	"fmt"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/project/archive"
)

// ProjectBackupList is all of somebody's backups of projects.
type ProjectBackupList struct {
	User    string                     `json:"user"`
	Backups []engine.ProjectBackupView `json:"backups"`
	Keep    int                        `json:"keep"` // how many of each project stay
	// Automatic tells whether they are made by themselves, At when and Hours how often.
	Automatic bool   `json:"automatic"`
	At        string `json:"at"`
	Hours     int    `json:"hours"`
}

// Backups lists a person's backups of projects, also of deleted ones, the
// newest first. It fails with CodeNotAllowed or CodeNotFound.
func (p *Projects) Backups(ctx context.Context, r ProjectListRequest) (ProjectBackupList, error) {
	w, err := p.c.requirePerson(ctx, "Projects.Backups")
	if err != nil {
		return ProjectBackupList{}, err
	}
	user, err := p.c.ownerOf(ctx, w, r.User)
	if err != nil {
		return ProjectBackupList{}, err
	}
	list := ProjectBackupList{User: user.Name}
	list.Backups, err = p.c.app.engine.ProjectBackups(ctx, user.ID)
	list.Automatic, list.Hours, list.At, list.Keep = p.c.app.engine.ProjectBackupRules()
	return list, err
}

// ProjectRequestID names a project.
type ProjectRequestID struct {
	ProjectID int64 `json:"project_id"`
}

// BackUp begins a job that writes a project into a zip. It fails with
// CodeNotFound or CodeProjectBusy.
func (p *Projects) BackUp(ctx context.Context, r ProjectRequestID) (domain.Execution, error) {
	w, err := p.c.requirePerson(ctx, "Projects.BackUp")
	if err != nil {
		return domain.Execution{}, err
	}
	project, err := p.reach(ctx, w, r.ProjectID)
	if err != nil {
		return domain.Execution{}, err
	}
	owner, err := p.c.app.engine.User(ctx, project.UserID)
	if err != nil {
		return domain.Execution{}, err
	}
	return p.c.app.engine.BackUpProject(ctx, w.Actor, owner, w.actor(), project, "asked")
}

// backup gives a backup that the person may use; all others are not found. To
// look into another's takes security.admin_can_access_all_data.
func (p *Projects) backup(ctx context.Context, w who, id int64, look bool) (engine.ProjectBackup, error) {
	b, err := p.c.app.engine.ProjectBackup(ctx, id)
	foreign := err == nil && b.UserID != w.User.ID
	switch {
	case err != nil:
		return b, err
	case foreign && w.User.Level != domain.LevelAdmin:
		return engine.ProjectBackup{}, domain.NewError(domain.CodeNotFound, "what", "backup", "name", fmt.Sprint(id))
	case foreign && look && !p.c.app.engine.AdminSeesData():
		return engine.ProjectBackup{}, domain.NewError(domain.CodeDataClosed)
	}
	return b, nil
}

// ProjectBackupRequest names a backup.
type ProjectBackupRequest struct {
	BackupID int64 `json:"backup_id"`
}

// DeleteBackup removes a backup for good. It fails with CodeNotFound or
// CodeProjectBusy.
func (p *Projects) DeleteBackup(ctx context.Context, r ProjectBackupRequest) error {
	w, err := p.c.require(ctx, "Projects.DeleteBackup")
	if err != nil {
		return err
	}
	b, err := p.backup(ctx, w, r.BackupID, false)
	if err != nil {
		return err
	}
	return p.c.app.engine.DeleteProjectBackup(ctx, w.Actor, b)
}

// ProjectBackupPartRequest says which part of a backup is wanted.
type ProjectBackupPartRequest struct {
	BackupID int64 `json:"backup_id"`
	Offset   int64 `json:"offset"`
}

// BackupPart gives a part of a backup's zip. It fails with CodeNotFound. That
// an administrator takes another's is recorded.
func (p *Projects) BackupPart(ctx context.Context, r ProjectBackupPartRequest) (ExportedPart, error) {
	w, err := p.c.require(ctx, "Projects.BackupPart")
	if err != nil {
		return ExportedPart{}, err
	}
	b, err := p.backup(ctx, w, r.BackupID, true)
	if err == nil {
		err = p.recordRead(ctx, w, b)
	}
	if err != nil {
		return ExportedPart{}, err
	}
	data, err := p.c.app.engine.BackupPart(b, max(0, r.Offset), exportedPart)
	return ExportedPart{Name: b.File, Data: data, Size: b.Size}, err
}

// recordRead records that an administrator looks into another's backup or takes
// any part of it, once while that goes on.
func (p *Projects) recordRead(ctx context.Context, w who, b engine.ProjectBackup) error {
	if b.UserID == w.User.ID {
		return nil
	}
	return p.c.recordLook(fmt.Sprint("backup.read\x00", b.ID), func() error { return p.c.app.engine.RecordBackupRead(ctx, w.Actor, b) })
}

// ProjectPreviewRequest names a backup and what to compare it with.
type ProjectPreviewRequest struct {
	BackupID  int64 `json:"backup_id"`
	ProjectID int64 `json:"project_id,omitempty"` // 0: a new project
}

// Preview tells what a restore would do. It fails with CodeNotFound,
// CodeBackupInvalid, CodeBackupUnsafe or CodeBackupBomb.
func (p *Projects) Preview(ctx context.Context, r ProjectPreviewRequest) (archive.Preview, error) {
	w, err := p.c.require(ctx, "Projects.Preview")
	if err != nil {
		return archive.Preview{}, err
	}
	b, err := p.backup(ctx, w, r.BackupID, true)
	if err != nil {
		return archive.Preview{}, err
	}
	if err := p.recordRead(ctx, w, b); err != nil {
		return archive.Preview{}, err
	}
	owner, err := p.c.app.engine.User(ctx, b.UserID)
	if err != nil {
		return archive.Preview{}, err
	}
	if r.ProjectID == 0 {
		return p.c.app.engine.PreviewBackup(ctx, owner, nil, b)
	}
	project, err := p.c.app.engine.OwnProject(ctx, b.UserID, r.ProjectID)
	if err != nil {
		return archive.Preview{}, err
	}
	return p.c.app.engine.PreviewBackup(ctx, owner, &project, b)
}

// ProjectRestoreRequest says what of a backup to put where: into a project, or
// into a new one of a name.
type ProjectRestoreRequest struct {
	BackupID  int64    `json:"backup_id"`
	ProjectID int64    `json:"project_id,omitempty"`
	NewName   string   `json:"new_name,omitempty"`
	Files     []string `json:"files,omitempty"` // names of files and folders in it; none: all
	// Exact removes what is only in the project; with all files alone.
	Exact bool `json:"exact,omitempty"`
}

// Restore begins a job that puts a backup back; the present state of the
// project is backed up first. It fails with CodeNotFound, CodeProjectRuns,
// CodeProjectBusy, CodeProjectArchived, as Create, and as Preview.
func (p *Projects) Restore(ctx context.Context, r ProjectRestoreRequest) (domain.Execution, error) {
	w, err := p.c.require(ctx, "Projects.Restore")
	if err != nil {
		return domain.Execution{}, err
	}
	b, err := p.backup(ctx, w, r.BackupID, true)
	if err != nil {
		return domain.Execution{}, err
	}
	e := p.c.app.engine
	owner, err := e.User(ctx, b.UserID)
	if err != nil {
		return domain.Execution{}, err
	}
	q := engine.RestoreRequest{Backup: b, Files: r.Files, Exact: r.Exact}
	if r.ProjectID == 0 {
		return e.RestoreAsProject(ctx, w.Actor, owner, w.actor(), r.NewName, q)
	}
	project, err := e.OwnProject(ctx, b.UserID, r.ProjectID)
	if err != nil {
		return domain.Execution{}, err
	}
	return e.RestoreProject(ctx, w.Actor, owner, w.actor(), project, q)
}

// ProjectUploadRequest is a part of a zip that is brought: in order, the last
// one says so.
type ProjectUploadRequest struct {
	UploadID string `json:"upload_id"` // chosen by who uploads, for one file
	Size     int64  `json:"size"`      // of the whole, with the first part at least
	Offset   int64  `json:"offset"`
	Data     []byte `json:"data"`
	Last     bool   `json:"last,omitempty"`
}

// ProjectUploaded tells how much has come, and, after the last part, what it is.
type ProjectUploaded struct {
	Size   int64                 `json:"size"`
	Backup *engine.ProjectBackup `json:"backup"`
}

// UploadBackup takes a zip of a project in parts; after the last one it is
// checked and is a backup as the others are. One that is too large, or has no
// room on the disk, is refused with its first part: CodeFileLarge and
// CodeSpaceShort. It also fails with CodeUploadBroken, CodeDiskFull, CodeBackupInvalid, CodeBackupUnsafe or CodeBackupBomb.
func (p *Projects) UploadBackup(ctx context.Context, r ProjectUploadRequest) (ProjectUploaded, error) {
	w, err := p.c.requirePerson(ctx, "Projects.UploadBackup")
	if err != nil {
		return ProjectUploaded{}, err
	}
	size, b, err := p.c.app.engine.UploadBackup(ctx, w.Actor, w.User, engine.UploadedPart{
		ID: r.UploadID, Size: r.Size, Offset: r.Offset, Data: r.Data, Last: r.Last,
	})
	return ProjectUploaded{Size: size, Backup: b}, err
}
