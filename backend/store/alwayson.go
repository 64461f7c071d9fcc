package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

const alwaysOnColumns = `SELECT a.id, a.script_ref, a.user_id, u.username, a.project_id, p.project_name, a.parameters,
	coalesce(a.template_id, 0), coalesce(t.name, ''), a.created_at, a.created_by
	FROM always_on a JOIN users u ON u.id = a.user_id JOIN user_projects p ON p.id = a.project_id LEFT JOIN templates t ON t.id = a.template_id`

func scanAlwaysOn(scan func(...any) error) (w domain.AlwaysOn, err error) {
	var parameters []byte
	var created moment
	err = scan(&w.ID, &w.ScriptID, &w.UserID, &w.User, &w.ProjectID, &w.Project, &parameters, &w.TemplateID, &w.Template, &created, &w.CreatedBy)
	if err == nil {
		err = json.Unmarshal(parameters, &w.Parameters)
	}
	w.CreatedAt = created.Time
	return w, err
}

// AlwaysOn lists what is wanted to run all the time, oldest first.
func (s *Store) AlwaysOn(ctx context.Context) ([]domain.AlwaysOn, error) {
	rows, err := s.read.DB.QueryContext(ctx, alwaysOnColumns+` ORDER BY a.id`)
	if err != nil {
		return nil, s.wrap("read what is always on", err)
	}
	defer func() { _ = rows.Close() }()
	list := []domain.AlwaysOn{}
	for rows.Next() {
		w, err := scanAlwaysOn(rows.Scan)
		if err != nil {
			return nil, s.wrap("read what is always on", err)
		}
		list = append(list, w)
	}
	return list, s.wrap("read what is always on", rows.Err())
}

// SetAlwaysOn keeps that a script is wanted to run all the time, in the place
// of what was wanted of it for the same user and project.
func (s *Store) SetAlwaysOn(ctx context.Context, a Actor, w domain.AlwaysOn) (domain.AlwaysOn, error) {
	parameters, err := json.Marshal(w.Parameters)
	if err != nil {
		return domain.AlwaysOn{}, err
	}
	err = s.change(ctx, "keep "+w.ScriptID+" always on", func(tx bun.Tx) error {
		_, err := tx.Tx.ExecContext(ctx, `INSERT INTO always_on (script_ref, user_id, project_id, parameters, template_id, created_at, created_by)
			VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (script_ref, user_id, project_id)
			DO UPDATE SET parameters = excluded.parameters, template_id = excluded.template_id, created_at = excluded.created_at, created_by = excluded.created_by`,
			w.ScriptID, w.UserID, w.ProjectID, string(parameters), nullID(w.TemplateID), at(time.Now()), a.Name)
		if err != nil {
			return err
		}
		w, err = scanAlwaysOn(tx.Tx.QueryRowContext(ctx, alwaysOnColumns+` WHERE a.script_ref = ? AND a.user_id = ? AND a.project_id = ?`,
			w.ScriptID, w.UserID, w.ProjectID).Scan)
		if err != nil {
			return err
		}
		return audit(ctx, tx, a, "always_on.set", "script:"+w.ScriptID, nil, recordedAlwaysOn(w))
	})
	return w, err
}

// ClearAlwaysOn ends that a script is wanted to run all the time, and gives
// what was wanted. It fails with CodeNotFound.
func (s *Store) ClearAlwaysOn(ctx context.Context, a Actor, id int64) (w domain.AlwaysOn, err error) {
	err = s.change(ctx, "switch off always on", func(tx bun.Tx) error {
		w, err = scanAlwaysOn(tx.Tx.QueryRowContext(ctx, alwaysOnColumns+` WHERE a.id = ?`, id).Scan)
		if err != nil {
			return found(err, "always on", id)
		}
		if _, err := tx.Tx.ExecContext(ctx, `DELETE FROM always_on WHERE id = ?`, id); err != nil {
			return err
		}
		return audit(ctx, tx, a, "always_on.clear", "script:"+w.ScriptID, recordedAlwaysOn(w), nil)
	})
	return w, err
}

func recordedAlwaysOn(w domain.AlwaysOn) map[string]any {
	r := map[string]any{"user": w.User, "project": w.Project, "parameters": w.Parameters}
	if w.TemplateID != 0 {
		r["template"] = w.Template
	}
	return r
}
