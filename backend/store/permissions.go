package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

const permissionColumns = `SELECT group_ref, script_ref, coalesce(user_id, 0), coalesce(u.username, ''), coalesce(permissions.user_level, ''),
	allowed, set_by, set_at FROM permissions LEFT JOIN users u ON u.id = permissions.user_id`

func scanPermission(scan func(...any) error) (p domain.Permission, err error) {
	var level string
	var set moment
	err = scan(&p.GroupID, &p.ScriptID, &p.UserID, &p.User, &level, &p.Allow, &p.SetBy, &set)
	p.Level, p.SetAt = domain.Level(level), set.Time
	return p, err
}

// Permissions lists what is allowed and denied on top of levels.
func (s *Store) Permissions(ctx context.Context) ([]domain.Permission, error) {
	list := []domain.Permission{}
	err := s.each(ctx, permissionColumns+` ORDER BY group_ref, script_ref, user_id IS NOT NULL, u.username, permissions.user_level`, nil,
		func(rows *sql.Rows) error {
			p, err := scanPermission(rows.Scan)
			list = append(list, p)
			return err
		})
	return list, s.wrap("read permissions", err)
}

// PermissionChange sets what is allowed or denied at a place, or takes it back.
type PermissionChange struct {
	domain.Permission
	Clear bool
}

// SetPermissions makes all of the changes, or none.
func (s *Store) SetPermissions(ctx context.Context, a Actor, changes []PermissionChange) error {
	return s.change(ctx, "set permissions", func(tx bun.Tx) error {
		for _, c := range changes {
			if err := setPermission(ctx, tx, a, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func setPermission(ctx context.Context, tx bun.Tx, a Actor, c PermissionChange) error {
	where, args := ` WHERE group_ref = ? AND script_ref = ? AND user_id = ?`, []any{c.GroupID, c.ScriptID, c.UserID}
	if c.UserID == 0 {
		where, args[2] = ` WHERE group_ref = ? AND script_ref = ? AND permissions.user_level = ?`, string(c.Level)
	}
	var before, after any
	old, err := scanPermission(tx.Tx.QueryRowContext(ctx, permissionColumns+where, args...).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if c.Clear {
			return nil
		}
	case err != nil:
		return err
	default:
		if !c.Clear && old.Allow == c.Allow {
			return nil
		}
		before = permitted(old)
	}
	if _, err := tx.Tx.ExecContext(ctx, `DELETE FROM permissions`+where, args...); err != nil {
		return err
	}
	if !c.Clear {
		if _, err := tx.Tx.ExecContext(ctx, `INSERT INTO permissions (group_ref, script_ref, user_id, user_level, allowed, set_by, set_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, c.GroupID, c.ScriptID, nullID(c.UserID), nullText(string(c.Level)), c.Allow, a.Name, at(time.Now())); err != nil {
			return err
		}
		after = permitted(c.Permission)
	}
	object := "group:" + c.GroupID
	if c.ScriptID != "" {
		object = "script:" + c.ScriptID
	}
	return audit(ctx, tx, a, "permission.set", object, before, after)
}

func permitted(p domain.Permission) map[string]any {
	m := map[string]any{"allow": p.Allow}
	if p.UserID != 0 {
		m["user"] = p.User
	} else {
		m["level"] = p.Level
	}
	return m
}
