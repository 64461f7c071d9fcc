package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
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

const (
	// uploadsMost is how many zips a person brings at once, uploadedMost how many
	// brought ones are kept, which no other rule removes.
	uploadsMost  = 4
	uploadedMost = 50
	// uploadLargest is how large a zip may be, in bytes: more does not unpack to
	// what is allowed.
	uploadLargest = 100 << 30
	// uploadIdle is how long the next part of one is waited for.
	uploadIdle = 30 * time.Minute
)

// backupUploads are the zips that are being brought.
type backupUploads struct {
	mu      sync.Mutex // guards all below
	of      map[string]*backupUpload
	placing sync.Mutex // held while a whole one gets its name
}

// backupUpload is one of them.
type backupUpload struct {
	mu     sync.Mutex // held while a part is taken
	userID int64
	size   int64        // of the whole
	came   atomic.Int64 // of it
	idle   *time.Timer
}

// UploadedPart is a part of a zip that somebody brings.
type UploadedPart struct {
	ID     string
	Size   int64 // of the whole zip, which the first part tells
	Offset int64
	Data   []byte
	Last   bool
}

// begin takes note of a zip that begins to come. It fails with CodeLimitReached,
// with CodeSpaceShort where the free bytes are not enough for it and
// what is still to come of the others.
func (u *backupUploads) begin(path string, userID, size, free int64, kept int, giveUp func(*backupUpload)) (*backupUpload, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of == nil {
		u.of = map[string]*backupUpload{}
	}
	under := 0
	for _, other := range u.of {
		free -= other.size - other.came.Load()
		if other.userID == userID {
			under++
		}
	}
	switch {
	case u.of[path] != nil:
		return nil, domain.NewError(domain.CodeUploadBroken, "name", "zip")
	case under >= uploadsMost:
		return nil, domain.NewError(domain.CodeLimitReached, "limit", "uploads", "value", uploadsMost)
	case kept+under >= uploadedMost:
		return nil, domain.NewError(domain.CodeLimitReached, "limit", "uploaded_backups", "value", uploadedMost)
	case size > free:
		return nil, domain.NewError(domain.CodeSpaceShort, "needed", size, "free", max(0, free))
	}
	one := &backupUpload{userID: userID, size: size}
	one.idle = time.AfterFunc(uploadIdle, func() { giveUp(one) })
	u.of[path] = one
	return one, nil
}

func (u *backupUploads) known(path string) *backupUpload {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.of[path]
}

func (u *backupUploads) forget(path string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if one := u.of[path]; one != nil {
		one.idle.Stop()
	}
	delete(u.of, path)
}

// close leaves what did not come to its end to the next start.
func (u *backupUploads) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, one := range u.of {
		one.idle.Stop()
	}
	u.of = nil
}

// UploadBackup takes a part of a zip that somebody brings, which follows the one
// before; after the last it is checked whole and noted. What is not good, or
// does not go on, is not kept. It fails with CodeFileLarge and CodeSpaceShort
// before anything is taken, with CodeUploadBroken, CodeLimitReached,
// CodeDiskFull and as archive.Open.
func (e *Engine) UploadBackup(ctx context.Context, a Actor, user domain.User, part UploadedPart) (size int64, _ *ProjectBackup, err error) {
	broken := domain.NewError(domain.CodeUploadBroken, "name", "zip")
	if !uploadID.MatchString(part.ID) {
		return 0, nil, broken
	}
	path := filepath.Join(e.options.Root.ProjectBackups(), fmt.Sprintf("%s%d-%s", uploadPrefix, user.ID, part.ID))
	u := e.uploads.known(path)
	if part.Offset == 0 {
		if u, err = e.beginUpload(ctx, user, path, part.Size); err != nil {
			return 0, nil, err
		}
	}
	if u == nil || !u.mu.TryLock() {
		return 0, nil, broken
	}
	defer u.mu.Unlock()
	if e.uploads.known(path) != u { // it was given up meanwhile
		return 0, nil, broken
	}
	u.idle.Reset(uploadIdle)
	came := part.Offset + int64(len(part.Data))
	if came > u.size || part.Last && came != u.size {
		return 0, nil, errors.Join(broken, e.dropUpload(path))
	}
	if !part.Last {
		if err := e.uploadPart(path, part.Offset, part.Data, false); err != nil {
			return 0, nil, errors.Join(err, e.dropUpload(path))
		}
		u.came.Store(came)
		return came, nil, nil
	}
	var b ProjectBackup
	if err = e.uploadPart(path, part.Offset, part.Data, true); err == nil {
		b, err = e.takeUpload(ctx, a, user, path)
	}
	if err = errors.Join(err, e.dropUpload(path)); err != nil {
		return 0, nil, err
	}
	return came, &b, nil
}

func (e *Engine) beginUpload(ctx context.Context, user domain.User, path string, size int64) (*backupUpload, error) {
	if size <= 0 {
		return nil, domain.NewError(domain.CodeUploadBroken, "name", "zip")
	}
	if size > uploadLargest {
		return nil, domain.NewError(domain.CodeFileLarge, "name", "zip", "size", size, "maximum", int64(uploadLargest))
	}
	free := int64(math.MaxInt64)
	if known, _, err := platform.DiskUsage(filepath.Dir(path)); err == nil { // else writing tells
		free = int64(min(known-min(known, e.keepFree), math.MaxInt64))
	}
	list, err := e.store.ProjectBackups(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	kept := 0
	for _, b := range list {
		if b.Reason == store.BackupUploaded {
			kept++
		}
	}
	return e.uploads.begin(path, user.ID, size, free, kept, func(u *backupUpload) {
		if !u.mu.TryLock() { // a part is being taken
			u.idle.Reset(uploadIdle)
			return
		}
		defer u.mu.Unlock()
		if err := e.dropUpload(path); err != nil {
			e.log.Warn("remove a zip that did not come to its end", "error", err)
		}
	})
}

// dropUpload forgets a zip that came, and removes what is left of it.
func (e *Engine) dropUpload(path string) error {
	e.uploads.forget(path)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what was brought: %w", err)
	}
	return nil
}

// uploadPart writes a part behind the one before, and leaves room on the disk.
func (e *Engine) uploadPart(path string, offset int64, data []byte, last bool) error {
	full := domain.NewError(domain.CodeDiskFull, "path", filepath.Dir(path))
	if free, _, err := platform.DiskUsage(filepath.Dir(path)); err == nil && free < uint64(len(data))+e.keepFree {
		return full
	}
	flags := os.O_WRONLY
	if offset == 0 {
		flags |= os.O_CREATE | os.O_EXCL
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return fmt.Errorf("take a zip: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() != offset {
		err = domain.NewError(domain.CodeUploadBroken, "name", "zip")
	}
	if err == nil {
		_, err = f.WriteAt(data, offset)
	}
	if err == nil && last {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); platform.IsDiskFull(err) {
		return full.Because(err)
	}
	return err
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
	e.uploads.placing.Lock()
	defer e.uploads.placing.Unlock()
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
	e.projectChanged(domain.Project{UserID: user.ID}, "")
	return b, e.store.Audit(ctx, a, "backup.upload", b.File, nil, map[string]any{"project": b.Project})
}

// sweepBackupUploads removes zips that did not come to their end.
func (e *Engine) sweepBackupUploads() {
	left, _ := filepath.Glob(filepath.Join(e.options.Root.ProjectBackups(), uploadPrefix+"*"))
	for _, path := range left {
		_ = os.Remove(path) // if not now, then the next time
	}
}
