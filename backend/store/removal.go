package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// ProjectMove is a project's folder that becomes another user's.
type ProjectMove struct {
	FromUser, From string // folders of user and project
	ToUser, To     string
}

// removal says what became of a deleted account's data.
type removal struct {
	Data domain.DataFate `json:"data"`
	To   string          `json:"to,omitempty"` // the name of who got it
	// Files are still to be removed.
	Files bool `json:"files,omitempty"`
}

// DeleteUser deletes an account. Its row stays, without password and address,
// for executions and records to tell of; its name is free again. Permissions,
// filters, marks, what is shared by it and with it, templates that it did not
// offer and what is always on go with it. Projects that are handed over become those of to, with their backups and
// offered templates: move moves the folders, last of all, and nothing is
// changed where it fails; where DeleteUser fails after it, the caller has to
// move them back. Files that are to be deleted are the caller's to remove; see
// FilesRemoved. It fails with CodeNotFound, also for to, and CodeLastAdmin.
func (s *Store) DeleteUser(ctx context.Context, a Actor, id int64, fate domain.DataFate, to int64, move func([]ProjectMove) error) (domain.DeletedUser, error) {
	var row userRow
	err := s.change(ctx, "delete user", func(tx bun.Tx) (err error) {
		if row, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		if err := spare(ctx, tx, row); err != nil {
			return err
		}
		// What was shared with him, and by him: who gets his projects shares them anew.
		if _, err := tx.Tx.ExecContext(ctx, `DELETE FROM project_shares WHERE user_id = ?1 OR project_id IN (SELECT id FROM user_projects WHERE user_id = ?1)`, id); err != nil {
			return err
		}
		before, what := row.user(), removal{Data: fate, Files: fate == domain.DataDelete}
		var moves []ProjectMove
		if fate == domain.DataHandOver {
			if what.To, moves, err = handOver(ctx, tx, row, to); err != nil {
				return err
			}
		}
		for _, statement := range []string{
			// What others keep on with a template goes on with what that had.
			`UPDATE always_on SET parameters = (SELECT parameters FROM templates WHERE id = template_id), template_id = NULL
				WHERE template_id IN (SELECT id FROM templates WHERE user_id = ? AND NOT shared)`,
			`DELETE FROM templates WHERE user_id = ? AND NOT shared`,
			`DELETE FROM always_on WHERE user_id = ?`, `DELETE FROM permissions WHERE user_id = ?`, `DELETE FROM saved_filters WHERE user_id = ?`,
			`DELETE FROM execution_marks WHERE user_id = ?`, `DELETE FROM system_accounts WHERE user_id = ?`, `DELETE FROM user_script_tags WHERE user_id = ?`,
		} {
			if _, err := tx.Tx.ExecContext(ctx, statement, id); err != nil {
				return err
			}
		}
		text, err := json.Marshal(what)
		if err != nil {
			return err
		}
		row.DeletedName, row.DeletedAt, row.Removal = row.Username, at(time.Now()), string(text)
		free := "deleted:" + strconv.FormatInt(id, 10) // no name and no address is like that
		row.Username, row.NameKey, row.Email, row.PasswordHash, row.IsActive, row.LockedAt = free, free, free, "", false, moment{}
		row.Revision++
		if _, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
			return err
		}
		if err := audit(ctx, tx, a, "user.delete", "user:"+before.Name, before, map[string]any{"data": fate, "to": what.To}); err != nil || len(moves) == 0 {
			return err
		}
		return move(moves)
	})
	if err != nil {
		return domain.DeletedUser{}, err
	}
	return row.deleted()
}

func (r userRow) deleted() (domain.DeletedUser, error) {
	var what removal
	err := json.Unmarshal([]byte(r.Removal), &what)
	d := domain.DeletedUser{User: r.user(), DeletedAt: r.DeletedAt.Time, Data: what.Data, To: what.To}
	d.Email = ""
	return d, err
}

// handOver makes a user's projects, with their backups, and offered templates
// those of another one, and gives his name and what that moves.
func handOver(ctx context.Context, tx bun.Tx, from userRow, to int64) (string, []ProjectMove, error) {
	heir, err := userByID(ctx, tx, to)
	if err == nil && (to == from.ID || !heir.IsActive) {
		err = domain.NewError(domain.CodeNotFound, "what", "user", "name", from.Username)
	}
	if err != nil {
		return "", nil, err
	}
	var rows []projectRow
	if err := tx.NewSelect().Model(&rows).Where("user_id = ?", from.ID).Order("id").Scan(ctx); err != nil {
		return "", nil, fmt.Errorf("read projects: %w", err)
	}
	moves := make([]ProjectMove, len(rows))
	for i, p := range rows {
		nameTaken := func(value string) (bool, error) {
			return tx.NewSelect().Table("user_projects").Where("user_id = ? AND name_key = ?", to, value).Exists(ctx)
		}
		moves[i] = ProjectMove{FromUser: from.Folder, From: p.Folder, ToUser: heir.Folder}
		base := p.Folder
		if p.IsDefault { // the heir has one of that name
			base = platform.SafeName(p.Folder + "_" + from.Folder)
		}
		if p.Folder, err = freeFolder(base, projectFolderTaken(ctx, tx, to)); err != nil {
			return "", nil, err
		}
		if p.ProjectName, err = freeName(p.ProjectName, from.Username, p.IsDefault, nameTaken); err != nil {
			return "", nil, err
		}
		moves[i].To = p.Folder
		p.UserID, p.NameKey, p.IsDefault = to, key(p.ProjectName), false
		p.Version++
		if _, err := tx.NewUpdate().Model(&p).Column("user_id", "project_name", "name_key", "folder", "is_default", "version").WherePK().Exec(ctx); err != nil {
			return "", nil, err
		}
	}
	return heir.Username, moves, handOverRest(ctx, tx, from, to)
}

// handOverRest makes a user's backups of projects and offered templates those
// of another one.
func handOverRest(ctx context.Context, tx bun.Tx, from userRow, to int64) error {
	if _, err := tx.Tx.ExecContext(ctx, `UPDATE project_backups SET user_id = ? WHERE user_id = ?`, to, from.ID); err != nil {
		return err
	}
	var rows []struct {
		ID     int64
		Script string `bun:"script_ref"`
		Name   string
	}
	if err := tx.NewSelect().Table("templates").Column("id", "script_ref", "name").Where("user_id = ? AND shared", from.ID).Order("id").Scan(ctx, &rows); err != nil {
		return fmt.Errorf("read templates: %w", err)
	}
	for _, t := range rows {
		name, err := freeName(t.Name, from.Username, false, func(value string) (bool, error) {
			return tx.NewSelect().Table("templates").Where("user_id = ? AND script_ref = ? AND name_key = ?", to, t.Script, value).Exists(ctx)
		})
		if err != nil {
			return err
		}
		if _, err := tx.Tx.ExecContext(ctx, `UPDATE templates SET user_id = ?, name = ?, name_key = ?, version = version + 1 WHERE id = ?`, to, name, key(name), t.ID); err != nil {
			return err
		}
	}
	return nil
}

// freeName gives the name, else (or always, marked) one with whose it was.
func freeName(name, owner string, marked bool, taken func(string) (bool, error)) (string, error) {
	const maximum = 100 // as of projects and templates
	for n := 0; ; n++ {
		mark := ""
		switch {
		case n == 0 && marked:
			continue
		case n == 1:
			mark = " (" + owner + ")"
		case n > 1:
			mark = fmt.Sprintf(" (%s %d)", owner, n)
		}
		short := name
		for utf8.RuneCountInString(short+mark) > maximum {
			_, size := utf8.DecodeLastRuneInString(short)
			short = short[:len(short)-size]
		}
		used, err := taken(key(short + mark))
		if err != nil || !used {
			return short + mark, err
		}
	}
}

// EveryUser gives all accounts there ever were: what they left is cleaned up
// by the same rules.
func (s *Store) EveryUser(ctx context.Context) ([]domain.User, error) {
	return s.users(ctx, "TRUE", "id")
}

// DeletedUsers lists deleted accounts, the newest first.
func (s *Store) DeletedUsers(ctx context.Context) ([]domain.DeletedUser, error) {
	return s.deletedUsers(ctx, "TRUE")
}

// FilesToRemove gives deleted accounts whose files were to be deleted and may
// be there still.
func (s *Store) FilesToRemove(ctx context.Context) ([]domain.DeletedUser, error) {
	return s.deletedUsers(ctx, "json_extract(removal, '$.files')")
}

func (s *Store) deletedUsers(ctx context.Context, which string) ([]domain.DeletedUser, error) {
	var rows []userRow
	if err := s.read.NewSelect().Model(&rows).Where("deleted_at IS NOT NULL").Where(which).Order("deleted_at DESC", "id DESC").Scan(ctx); err != nil {
		return nil, s.wrap("read deleted users", err)
	}
	list := make([]domain.DeletedUser, len(rows))
	for i, r := range rows {
		var err error
		if list[i], err = r.deleted(); err != nil {
			return nil, fmt.Errorf("read deleted user %d: %w", r.ID, err)
		}
	}
	return list, nil
}

// DeletedUser gives one of them. It fails with CodeNotFound.
func (s *Store) DeletedUser(ctx context.Context, id int64) (domain.DeletedUser, error) {
	var row userRow
	err := s.read.NewSelect().Model(&row).Where("id = ? AND deleted_at IS NOT NULL", id).Scan(ctx)
	if err != nil {
		return domain.DeletedUser{}, s.wrap("read deleted user", found(err, "user", id))
	}
	return row.deleted()
}

// FilesRemoved notes that the files of a deleted account are gone; of another
// one it notes nothing.
func (s *Store) FilesRemoved(ctx context.Context, id int64) error {
	text, err := json.Marshal(removal{Data: domain.DataDelete})
	if err != nil {
		return err
	}
	_, err = s.write.NewUpdate().Table("users").Set("removal = ?", string(text)).Where("id = ? AND deleted_at IS NOT NULL AND json_extract(removal, '$.data') <> ?", id, domain.DataHandOver).Exec(ctx)
	return s.wrap("note that files are gone", err)
}
