package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"
)

// How a setting was changed.
const (
	SettingByForm = "form" // in the application or by a command
	SettingByFile = "file" // the file was edited by hand
	SettingBack   = "back" // a change was taken back
)

// SettingChange is one change of a key of the configuration.
type SettingChange struct {
	ID        int64           `json:"id"`
	Batch     int64           `json:"batch"` // the id of the first of those that were made in one go
	At        time.Time       `json:"at"`
	ActorKind string          `json:"actor_kind"`
	UserID    int64           `json:"user_id,omitempty"`
	Actor     string          `json:"actor"`
	Source    string          `json:"source"` // form, file, back
	Key       string          `json:"key"`
	Before    json.RawMessage `json:"before"` // null: it did not stand in the file
	After     json.RawMessage `json:"after"`
}

// Configuration gives the last content of the configuration file that was
// without mistakes, and from when it is; found is false before the first.
func (s *Store) Configuration(ctx context.Context) (content []byte, taken time.Time, found bool, err error) {
	var m moment
	err = s.read.DB.QueryRowContext(ctx, `SELECT content, taken_at FROM configuration WHERE id = 1`).Scan(&content, &m)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, time.Time{}, false, nil
	}
	return content, m.Time, err == nil, s.wrap("read the configuration", err)
}

// SetConfiguration keeps the content and records the changes that led to it,
// also in the audit. write, unless nil, puts the content into its file: where it
// fails, nothing is kept.
func (s *Store) SetConfiguration(ctx context.Context, a Actor, source string, content []byte, changes []SettingChange, write func() error) error {
	if content == nil {
		content = []byte{}
	}
	return s.change(ctx, "keep the configuration", func(tx bun.Tx) error {
		now := at(time.Now())
		if _, err := tx.Tx.ExecContext(ctx, `INSERT INTO configuration (id, content, taken_at) VALUES (1, ?, ?)
			ON CONFLICT (id) DO UPDATE SET content = excluded.content, taken_at = excluded.taken_at`, content, now); err != nil {
			return err
		}
		batch := int64(0)
		for _, c := range changes {
			done, err := tx.Tx.ExecContext(ctx, `INSERT INTO configuration_changes (batch, at, actor_kind, user_id, actor, source, key, before, after)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, batch, now, a.Kind, nullID(a.UserID), withoutNUL(a.Name), source, c.Key, nullJSON(c.Before), nullJSON(c.After))
			if err != nil {
				return err
			}
			if batch == 0 {
				if batch, err = done.LastInsertId(); err != nil {
					return err
				}
				if _, err := tx.Tx.ExecContext(ctx, `UPDATE configuration_changes SET batch = id WHERE id = ?`, batch); err != nil {
					return err
				}
			}
			if err := audit(ctx, tx, a, "setting.change", "setting:"+c.Key, sideOf(c.Before), sideOf(c.After)); err != nil {
				return err
			}
		}
		if write == nil {
			return nil
		}
		return write()
	})
}

// sideOf is nil for what did not stand in the file.
func sideOf(value json.RawMessage) any {
	if value == nil {
		return nil
	}
	return value
}

// SettingFilter chooses changes of the configuration.
type SettingFilter struct {
	Key    string // "" for all
	Before int64  // ids below it; 0 for all
	From   int64  // ids from it on; 0 for all
	Limit  int    // 0 for all
}

// SettingChanges gives changes of the configuration, the newest first.
func (s *Store) SettingChanges(ctx context.Context, f SettingFilter) ([]SettingChange, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = -1
	}
	list := []SettingChange{}
	err := s.each(ctx, `SELECT id, batch, at, actor_kind, coalesce(user_id, 0), actor, source, key, before, after FROM configuration_changes
		WHERE (? = '' OR key = ?) AND (? = 0 OR id < ?) AND id >= ? ORDER BY id DESC LIMIT ?`,
		[]any{f.Key, f.Key, f.Before, f.Before, f.From, limit}, func(rows *sql.Rows) error {
			var c SettingChange
			var m moment
			var before, after []byte
			if err := rows.Scan(&c.ID, &c.Batch, &m, &c.ActorKind, &c.UserID, &c.Actor, &c.Source, &c.Key, &before, &after); err != nil {
				return err
			}
			c.At, c.Before, c.After = m.Time, before, after
			list = append(list, c)
			return nil
		})
	return list, s.wrap("read changes of the configuration", err)
}
