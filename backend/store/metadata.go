package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// MetadataEdit is what somebody set for one field of a script.
type MetadataEdit struct {
	Value json.RawMessage `json:"value"`
	At    time.Time       `json:"at"`
	By    string          `json:"by"`
}

// MetadataFieldChange is one field of a change: its values, and where they
// came from (domain.SourceEdited, file, header, group, default).
type MetadataFieldChange struct {
	Field        string          `json:"field"`
	Before       json.RawMessage `json:"before"`
	BeforeSource string          `json:"before_source"`
	After        json.RawMessage `json:"after"`
	AfterSource  string          `json:"after_source"`
}

// MetadataChange is one change of what people set for a script.
type MetadataChange struct {
	ID        int64                 `json:"id"`
	ScriptID  domain.ScriptID       `json:"script_id"`
	At        time.Time             `json:"at"`
	ActorKind string                `json:"actor_kind"`
	UserID    int64                 `json:"user_id,omitempty"`
	Actor     string                `json:"actor"`
	TakesBack int64                 `json:"takes_back,omitempty"` // the change that this one takes back
	Fields    []MetadataFieldChange `json:"fields"`
}

// AllMetadataEdits gives the values that people set, by script and field.
func (s *Store) AllMetadataEdits(ctx context.Context) (map[domain.ScriptID]map[string]json.RawMessage, error) {
	all := map[domain.ScriptID]map[string]json.RawMessage{}
	err := s.each(ctx, `SELECT script_ref, field, value FROM metadata_edits`, nil, func(rows *sql.Rows) error {
		var ref, field string
		var value []byte
		if err := rows.Scan(&ref, &field, &value); err != nil {
			return err
		}
		if all[ref] == nil {
			all[ref] = map[string]json.RawMessage{}
		}
		all[ref][field] = value
		return nil
	})
	return all, s.wrap("read edited metadata", err)
}

// MetadataEdits gives what people set for one script, by field.
func (s *Store) MetadataEdits(ctx context.Context, id domain.ScriptID) (map[string]MetadataEdit, error) {
	edits := map[string]MetadataEdit{}
	err := s.each(ctx, `SELECT field, value, edited_at, edited_by FROM metadata_edits WHERE script_ref = ?`, []any{id}, func(rows *sql.Rows) error {
		var field string
		var one MetadataEdit
		var value []byte
		var m moment
		if err := rows.Scan(&field, &value, &m, &one.By); err != nil {
			return err
		}
		one.Value, one.At = value, m.Time
		edits[field] = one
		return nil
	})
	return edits, s.wrap("read edited metadata of "+id, err)
}

// ChangeMetadata keeps a change of a script's metadata as it is described by
// c.Fields, where the script's last change is still the one of version, and
// gives it. It fails with CodeMetadataChanged.
func (s *Store) ChangeMetadata(ctx context.Context, a Actor, version int64, c MetadataChange) (MetadataChange, error) {
	fields, err := json.Marshal(c.Fields)
	if err != nil {
		return MetadataChange{}, err
	}
	err = s.change(ctx, "change metadata of "+c.ScriptID, func(tx bun.Tx) error {
		var last int64
		var by string
		var when moment
		err := tx.Tx.QueryRowContext(ctx, `SELECT id, actor, at FROM metadata_changes WHERE script_ref = ? ORDER BY id DESC LIMIT 1`, c.ScriptID).Scan(&last, &by, &when)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if last != version {
			return domain.NewError(domain.CodeMetadataChanged, "script", c.ScriptID, "user", by, "time", when.Time)
		}
		c.At, c.ActorKind, c.UserID, c.Actor = at(time.Now()).Time, a.Kind, a.UserID, a.Name
		done, err := tx.Tx.ExecContext(ctx, `INSERT INTO metadata_changes (script_ref, at, actor_kind, user_id, actor, takes_back, changes)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, c.ScriptID, at(c.At), a.Kind, nullID(a.UserID), withoutNUL(a.Name), nullID(c.TakesBack), string(fields))
		if err != nil {
			return err
		}
		if c.ID, err = done.LastInsertId(); err != nil {
			return err
		}
		before, after := map[string]json.RawMessage{}, map[string]json.RawMessage{}
		for _, f := range c.Fields {
			if err := keepEdit(ctx, tx, a, c, f); err != nil {
				return err
			}
			before[f.Field], after[f.Field] = f.Before, f.After
		}
		action := "metadata.edit"
		if c.TakesBack != 0 {
			action = "metadata.take_back"
		}
		return audit(ctx, tx, a, action, "script:"+c.ScriptID, before, after)
	})
	return c, err
}

func keepEdit(ctx context.Context, tx bun.Tx, a Actor, c MetadataChange, f MetadataFieldChange) error {
	if f.AfterSource != domain.SourceEdited {
		_, err := tx.Tx.ExecContext(ctx, `DELETE FROM metadata_edits WHERE script_ref = ? AND field = ?`, c.ScriptID, f.Field)
		return err
	}
	_, err := tx.Tx.ExecContext(ctx, `INSERT INTO metadata_edits (script_ref, field, value, edited_at, edited_by) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (script_ref, field) DO UPDATE SET value = excluded.value, edited_at = excluded.edited_at, edited_by = excluded.edited_by`,
		c.ScriptID, f.Field, string(f.After), at(c.At), withoutNUL(a.Name))
	return err
}

// MetadataChanges gives the changes of a script's metadata, the newest first,
// those with ids below before (0: all), at most limit.
func (s *Store) MetadataChanges(ctx context.Context, id domain.ScriptID, before int64, limit int) ([]MetadataChange, error) {
	list := []MetadataChange{}
	err := s.each(ctx, metadataColumns+` WHERE script_ref = ? AND (? = 0 OR id < ?) ORDER BY id DESC LIMIT ?`, []any{id, before, before, limit},
		func(rows *sql.Rows) error {
			c, err := scanMetadataChange(rows.Scan)
			list = append(list, c)
			return err
		})
	return list, s.wrap("read changes of the metadata of "+id, err)
}

const metadataColumns = `SELECT id, script_ref, at, actor_kind, coalesce(user_id, 0), actor, coalesce(takes_back, 0), changes FROM metadata_changes`

func scanMetadataChange(scan func(...any) error) (c MetadataChange, err error) {
	var m moment
	var fields []byte
	if err = scan(&c.ID, &c.ScriptID, &m, &c.ActorKind, &c.UserID, &c.Actor, &c.TakesBack, &fields); err == nil {
		err = json.Unmarshal(fields, &c.Fields)
	}
	c.At = m.Time
	return c, err
}

// MetadataChange gives one change. It fails with CodeNotFound.
func (s *Store) MetadataChange(ctx context.Context, id int64) (MetadataChange, error) {
	c, err := scanMetadataChange(s.read.DB.QueryRowContext(ctx, metadataColumns+` WHERE id = ?`, id).Scan)
	return c, s.wrap("read change of metadata", found(err, "change", id))
}
