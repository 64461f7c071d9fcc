package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/project/archive"
	"scriptsmanager/backend/store"
)

var uploadID = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// uploadPrefix begins the name of a zip that is being brought.
const uploadPrefix = ".upload-"

// ProjectBackupRules tells whether, how often (hours), when (HH:MM) projects are
// backed up by themselves, and how many backups of each are kept.
func (e *Engine) ProjectBackupRules() (automatic bool, hours int, at string, keep int) {
	c := e.Config().DataManagement
	return c.AutoBackup, c.BackupIntervalHours, c.BackupScheduleTime, max(c.MaxBackupVersions, 1)
}

// UploadBackup takes a part of a zip that somebody brings, which follows the one
// before; after the last it is checked whole and noted. What is not good is not
// kept.
func (e *Engine) UploadBackup(ctx context.Context, a Actor, user domain.User, id string, offset int64, data []byte, last bool) (size int64, _ *ProjectBackup, err error) {
	broken := domain.NewError(domain.CodeUploadBroken, "name", "zip")
	if !uploadID.MatchString(id) {
		return 0, nil, broken
	}
	path := filepath.Join(e.options.Root.ProjectBackups(), fmt.Sprintf("%s%d-%s", uploadPrefix, user.ID, id))
	e.uploading.Lock()
	defer e.uploading.Unlock()
	flags := os.O_WRONLY
	if offset == 0 {
		flags |= os.O_CREATE | os.O_EXCL
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return 0, nil, errors.Join(broken, err)
	}
	drop := func(err error) (int64, *ProjectBackup, error) {
		if platform.IsDiskFull(err) {
			err = domain.NewError(domain.CodeDiskFull, "path", filepath.Dir(path)).Because(err)
		}
		return 0, nil, errors.Join(err, os.Remove(path))
	}
	info, err := f.Stat()
	if err != nil || info.Size() != offset {
		return drop(errors.Join(broken, f.Close()))
	}
	if _, err := f.WriteAt(data, offset); err != nil {
		return drop(errors.Join(err, f.Close()))
	}
	if last {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return drop(err)
	}
	if size = offset + int64(len(data)); !last {
		return size, nil, nil
	}
	b, err := e.takeUpload(ctx, a, user, path)
	if err != nil {
		return drop(err)
	}
	return size, &b, nil
}

func (e *Engine) takeUpload(ctx context.Context, a Actor, user domain.User, path string) (b ProjectBackup, err error) {
	z, err := archive.Open(path, archive.ForeignLimits())
	if err != nil {
		return b, err
	}
	err = z.Verify(ctx, nil)
	m := z.Manifest
	if err = errors.Join(err, z.Close()); err != nil {
		return b, err
	}
	if m.Project, err = project.CheckName(m.Project); err != nil {
		return b, err
	}
	made, err := archive.Known(ctx, path, archive.ForeignLimits())
	if err != nil {
		return b, err
	}
	now := time.Now()
	target, err := e.backupName(ctx, user, platform.SafeName(m.Project), now)
	if err != nil {
		return b, err
	}
	if err := os.Rename(path, target); err != nil {
		return b, fmt.Errorf("keep a backup: %w", err)
	}
	b, err = e.store.AddProjectBackup(ctx, ProjectBackup{
		UserID: user.ID, Project: m.Project, File: filepath.Base(target), CreatedAt: now, MadeBy: user.Name, Reason: store.BackupUploaded,
		Size: made.Size, Files: made.Files, Bytes: made.Bytes, LeftOut: made.LeftOut, Unsteady: made.Unsteady, SHA256: made.SHA256, VerifiedAt: now,
	})
	if err != nil {
		return b, errors.Join(err, os.Remove(target))
	}
	e.bus.Publish(domain.Event{Type: domain.EventProjectChanged, UserID: user.ID, Data: domain.Project{UserID: user.ID}})
	return b, e.store.Audit(ctx, a, "backup.upload", b.File, nil, map[string]any{"project": b.Project})
}

// sweepBackupUploads removes zips that did not come to their end.
func (e *Engine) sweepBackupUploads() {
	left, _ := filepath.Glob(filepath.Join(e.options.Root.ProjectBackups(), uploadPrefix+"*"))
	for _, path := range left {
		_ = os.Remove(path) // if not now, then the next time
	}
}
