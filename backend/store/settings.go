package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Setting reads a setting of the installation into a pointer and tells
// whether it was ever set.
func (s *Store) Setting(ctx context.Context, key string, into any) (bool, error) {
	var b []byte
	err := s.read.DB.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = ?`, key).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, s.wrap("read setting "+key, err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return false, fmt.Errorf("read setting %s: %w", key, err)
	}
	return true, nil
}

// Settings gives all settings whose keys begin with prefix, as JSON by key.
func (s *Store) Settings(ctx context.Context, prefix string) (map[string]json.RawMessage, error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT key, value FROM settings WHERE key >= ? AND key < ?`,
		prefix, prefix+"\U0010FFFF")
	if err != nil {
		return nil, s.wrap("read settings "+prefix, err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]json.RawMessage{}
	for rows.Next() {
		var key string
		var value []byte
		if err := rows.Scan(&key, &value); err != nil {
			return nil, s.wrap("read settings "+prefix, err)
		}
		all[key] = value
	}
	return all, s.wrap("read settings "+prefix, rows.Err())
}

// SetSetting keeps a setting of the installation.
func (s *Store) SetSetting(ctx context.Context, a Actor, key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keep setting %s: %w", key, err)
	}
	return s.change(ctx, "keep setting "+key, func(tx bun.Tx) error {
		var before any
		var old []byte
		switch err := tx.Tx.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = ?`, key).Scan(&old); {
		case err == nil:
			before = json.RawMessage(old)
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		if _, err := tx.Tx.ExecContext(ctx, `INSERT INTO settings (key, value, updated_at) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
			key, string(b), at(time.Now())); err != nil {
			return err
		}
		return audit(ctx, tx, a, "setting.set", key, before, json.RawMessage(b))
	})
}
