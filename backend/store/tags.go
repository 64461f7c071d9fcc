package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// UserTags gives what a user's own tags are, as text, by script. Scripts that
// are gone keep theirs.
func (s *Store) UserTags(ctx context.Context, userID int64) (map[domain.ScriptID]string, error) {
	tags := map[domain.ScriptID]string{}
	err := s.each(ctx, `SELECT s.ref, coalesce(t.tags, '') FROM user_script_tags t JOIN scripts s ON s.id = t.script_id WHERE t.user_id = ?`, []any{userID},
		func(rows *sql.Rows) error {
			var script, text string
			err := rows.Scan(&script, &text)
			tags[script] = text
			return err
		})
	if err != nil {
		return nil, s.wrap("read tags", err)
	}
	return tags, nil
}

// ChangeUserTags makes a user's own tags of a script what change makes of them;
// "" is none. It fails with what change fails with, and with CodeNotFound.
func (s *Store) ChangeUserTags(ctx context.Context, userID int64, script domain.ScriptID, change func(string) (string, error)) error {
	return s.change(ctx, "change tags of "+script, func(tx bun.Tx) error {
		var id int64
		var before string
		if err := tx.Tx.QueryRowContext(ctx, `SELECT id FROM scripts WHERE ref = ?`, script).Scan(&id); err != nil {
			return found(err, "script", script)
		}
		err := tx.Tx.QueryRowContext(ctx, `SELECT coalesce(tags, '') FROM user_script_tags WHERE user_id = ? AND script_id = ?`, userID, id).Scan(&before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		after, err := change(before)
		if err != nil {
			return err
		}
		return setUserTags(ctx, tx, userID, id, after)
	})
}

// ChangeAllUserTags makes of a user's own tags of each script what change makes
// of them, and gives the scripts whose tags that has changed, by id.
func (s *Store) ChangeAllUserTags(ctx context.Context, userID int64, change func(script domain.ScriptID, tags string) string) (changed []domain.ScriptID, err error) {
	err = s.change(ctx, "change all tags", func(tx bun.Tx) error {
		changed = nil
		all, err := userTags(ctx, tx.Tx, userID)
		if err != nil {
			return err
		}
		for _, r := range all {
			after := change(r.ref, r.tags)
			if after == r.tags {
				continue
			}
			if err := setUserTags(ctx, tx, userID, r.id, after); err != nil {
				return err
			}
			changed = append(changed, r.ref)
		}
		return nil
	})
	return slices.Clip(changed), err
}

type tagsRow struct {
	id   int64 // of the script
	ref  string
	tags string
}

// userTags reads all before anything is written: a query's open rows and a
// write do not go together.
func userTags(ctx context.Context, tx *sql.Tx, userID int64) ([]tagsRow, error) {
	rows, err := tx.QueryContext(ctx, `SELECT s.id, s.ref, coalesce(t.tags, '') FROM user_script_tags t JOIN scripts s ON s.id = t.script_id
		WHERE t.user_id = ? ORDER BY s.ref`, userID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := []tagsRow{}
	for rows.Next() {
		var r tagsRow
		if err := rows.Scan(&r.id, &r.ref, &r.tags); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func setUserTags(ctx context.Context, tx bun.Tx, userID, script int64, tags string) error {
	if tags == "" {
		_, err := tx.Tx.ExecContext(ctx, `DELETE FROM user_script_tags WHERE user_id = ? AND script_id = ?`, userID, script)
		return err
	}
	_, err := tx.Tx.ExecContext(ctx, `INSERT INTO user_script_tags (user_id, script_id, tags, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (user_id, script_id) DO UPDATE SET tags = excluded.tags`, userID, script, withoutNUL(tags), at(time.Now()))
	return err
}
