package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Why a backup of a project was made.
const (
	BackupAsked     = "asked"
	BackupAutomatic = "automatic"
	BackupSafety    = "before_restore"
	BackupUploaded  = "uploaded"
)

// ProjectBackup is the zip of a project, whole and verified when it was noted.
type ProjectBackup struct {
	ID         int64     `json:"id"`
	UserID     int64     `json:"user_id"`
	ProjectID  int64     `json:"project_id"` // 0: the project is deleted
	Project    string    `json:"project"`    // what it is called; of a deleted one: was
	File       string    `json:"file"`       // in data/backups
	CreatedAt  time.Time `json:"created_at"`
	MadeBy     string    `json:"made_by"`
	Reason     string    `json:"reason"` // asked, automatic, before_restore, uploaded
	Size       int64     `json:"size"`   // of the zip
	Files      int       `json:"files"`
	Bytes      int64     `json:"bytes"`    // of the files in it
	LeftOut    int       `json:"left_out"` // links and the like
	Unsteady   int       `json:"unsteady"` // files that were written to each time they were read
	SHA256     string    `json:"sha256"`   // of the zip
	Content    string    `json:"-"`        // fingerprint of the project as it was
	VerifiedAt time.Time `json:"verified_at"`
}

const projectBackupColumns = `SELECT b.id, b.user_id, coalesce(b.project_id, 0), coalesce(p.project_name, b.project_name), b.file, b.created_at,
	b.made_by, b.reason, b.size, b.files, b.bytes, b.left_out, b.unsteady, b.sha256, b.content, b.verified_at
	FROM project_backups b LEFT JOIN user_projects p ON p.id = b.project_id`

func scanProjectBackup(scan func(...any) error) (b ProjectBackup, err error) {
	var created, verified moment
	err = scan(&b.ID, &b.UserID, &b.ProjectID, &b.Project, &b.File, &created, &b.MadeBy, &b.Reason, &b.Size, &b.Files, &b.Bytes,
		&b.LeftOut, &b.Unsteady, &b.SHA256, &b.Content, &verified)
	b.CreatedAt, b.VerifiedAt = created.Time, verified.Time
	return b, err
}

// ProjectBackups lists a user's backups of projects, the newest first.
func (s *Store) ProjectBackups(ctx context.Context, userID int64) ([]ProjectBackup, error) {
	list := []ProjectBackup{}
	err := s.each(ctx, projectBackupColumns+` WHERE b.user_id = ? ORDER BY b.created_at DESC, b.id DESC`, []any{userID}, func(rows *sql.Rows) error {
		b, err := scanProjectBackup(rows.Scan)
		list = append(list, b)
		return err
	})
	return list, s.wrap("read backups of projects", err)
}

// ProjectBackup gives a backup of a project. It fails with CodeNotFound.
func (s *Store) ProjectBackup(ctx context.Context, id int64) (ProjectBackup, error) {
	b, err := scanProjectBackup(s.read.DB.QueryRowContext(ctx, projectBackupColumns+` WHERE b.id = ?`, id).Scan)
	return b, s.wrap("read a backup of a project", found(err, "backup", id))
}

// ProjectBackupFile tells whether a file is noted as a backup.
func (s *Store) ProjectBackupFile(ctx context.Context, file string) (there bool, err error) {
	err = s.read.DB.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM project_backups WHERE file = ?)`, file).Scan(&there)
	return there, s.wrap("look for a backup of a project", err)
}

// AddProjectBackup notes a zip. Where its file is noted already, that is given.
func (s *Store) AddProjectBackup(ctx context.Context, b ProjectBackup) (ProjectBackup, error) {
	err := s.change(ctx, "note a backup of a project", func(tx bun.Tx) error {
		if _, err := tx.Tx.ExecContext(ctx, `INSERT INTO project_backups (user_id, project_id, project_name, file, created_at, made_by, reason,
				size, files, bytes, left_out, unsteady, sha256, content, verified_at)
			VALUES (?, (SELECT id FROM user_projects WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (file) DO NOTHING`,
			b.UserID, b.ProjectID, b.Project, b.File, at(b.CreatedAt), b.MadeBy, b.Reason, b.Size, b.Files, b.Bytes, b.LeftOut, b.Unsteady,
			b.SHA256, b.Content, at(b.VerifiedAt)); err != nil {
			return err
		}
		var err error
		if b, err = scanProjectBackup(tx.Tx.QueryRowContext(ctx, projectBackupColumns+` WHERE b.file = ?`, b.File).Scan); err != nil {
			return fmt.Errorf("read what was noted: %w", err)
		}
		return nil
	})
	return b, err
}

// DeleteProjectBackup forgets a zip, and records who deleted it. It fails with
// CodeNotFound.
func (s *Store) DeleteProjectBackup(ctx context.Context, a Actor, id int64) error {
	return s.change(ctx, "delete a backup of a project", func(tx bun.Tx) error {
		b, err := scanProjectBackup(tx.Tx.QueryRowContext(ctx, projectBackupColumns+` WHERE b.id = ?`, id).Scan)
		if err != nil {
			return found(err, "backup", id)
		}
		if _, err := tx.Tx.ExecContext(ctx, `DELETE FROM project_backups WHERE id = ?`, id); err != nil {
			return err
		}
		return audit(ctx, tx, a, "backup.delete", b.File, b, nil)
	})
}
