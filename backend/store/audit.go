package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// The kinds of actor.
const (
	ActorUser     = "user"
	ActorSystem   = "system"
	ActorSchedule = "schedule"
)

// Actor is who makes a change.
type Actor struct {
	Kind   string
	UserID int64 // 0: not a user
	Name   string
}

// AuditRecord tells of one change.
type AuditRecord struct {
	ID        int64           `json:"id"`
	At        time.Time       `json:"at"`
	ActorKind string          `json:"actor_kind"`
	UserID    int64           `json:"user_id"`
	Actor     string          `json:"actor"`
	Action    string          `json:"action"`
	Object    string          `json:"object"`
	Before    json.RawMessage `json:"before,omitempty"`
	After     json.RawMessage `json:"after,omitempty"`
}

// Audit records something that changed outside of the database. Changes in it
// are recorded by the methods that make them.
func (s *Store) Audit(ctx context.Context, a Actor, action, object string, before, after any) error {
	return s.change(ctx, "record "+action, func(tx bun.Tx) error { return audit(ctx, tx, a, action, object, before, after) })
}

func audit(ctx context.Context, tx bun.Tx, a Actor, action, object string, before, after any) error {
	old, err := jsonOrNull(before)
	if err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	fresh, err := jsonOrNull(after)
	if err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	if _, err := tx.Tx.ExecContext(ctx, `INSERT INTO audit (at, actor_kind, user_id, actor, action, object, before, after)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, at(time.Now()), a.Kind, nullID(a.UserID), a.Name, action, object, old, fresh); err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}

// AuditRecords gives at most limit records, newest first; before is the id of
// the last one of the page before, 0 for the first page.
func (s *Store) AuditRecords(ctx context.Context, limit int, before int64) ([]AuditRecord, error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT id, at, actor_kind, coalesce(user_id, 0), actor, action, object, before, after
		FROM audit WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2`, before, limit)
	if err != nil {
		return nil, s.wrap("read audit", err)
	}
	defer func() { _ = rows.Close() }()
	records := []AuditRecord{}
	for rows.Next() {
		var r AuditRecord
		var t moment
		var old, fresh []byte
		if err := rows.Scan(&r.ID, &t, &r.ActorKind, &r.UserID, &r.Actor, &r.Action, &r.Object, &old, &fresh); err != nil {
			return nil, s.wrap("read audit", err)
		}
		r.At, r.Before, r.After = t.Time, bytes.Clone(old), bytes.Clone(fresh)
		records = append(records, r)
	}
	return records, s.wrap("read audit", rows.Err())
}

// jsonOrNull makes the text of a JSON column.
func jsonOrNull(v any) (any, error) {
	if v == nil {
		return nil, nil //nolint:nilnil // NULL
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return string(b), nil
}

func nullID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
