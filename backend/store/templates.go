package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// maximumTemplates is how many a user may have.
const maximumTemplates = 1000

const templateColumns = `SELECT t.id, t.script_ref, t.user_id, coalesce(u.deleted_name, u.username), t.name, t.shared, t.parameters, t.version, t.created_at, t.updated_at, t.updated_by
	FROM templates t JOIN users u ON u.id = t.user_id`

func scanTemplate(scan func(...any) error) (t domain.Template, err error) {
	var parameters []byte
	var created, updated moment
	err = scan(&t.ID, &t.ScriptID, &t.UserID, &t.User, &t.Name, &t.Shared, &parameters, &t.Version, &created, &updated, &t.UpdatedBy)
	if err == nil {
		err = json.Unmarshal(parameters, &t.Parameters)
	}
	t.CreatedAt, t.UpdatedAt = created.Time, updated.Time
	return t, err
}

// TemplateFilter chooses templates; the zero value of a field chooses all.
type TemplateFilter struct {
	ScriptID domain.ScriptID
	OwnerID  int64 // this user's
	SeenBy   int64 // this user's, and those offered to all
}

// Templates lists templates, by script and name.
func (s *Store) Templates(ctx context.Context, f TemplateFilter) ([]domain.Template, error) {
	var t terms
	if f.ScriptID != "" {
		t = append(t, term{"t.script_ref = ?", []any{f.ScriptID}})
	}
	if f.OwnerID != 0 {
		t = append(t, term{"t.user_id = ?", []any{f.OwnerID}})
	}
	if f.SeenBy != 0 {
		t = append(t, term{"(t.user_id = ? OR t.shared)", []any{f.SeenBy}})
	}
	where, args := t.where()
	list := []domain.Template{}
	err := s.each(ctx, templateColumns+where+` ORDER BY t.script_ref, t.name_key, t.id`, args, func(rows *sql.Rows) error {
		one, err := scanTemplate(rows.Scan)
		list = append(list, one)
		return err
	})
	return list, s.wrap("read templates", err)
}

// Template gives a template. It fails with CodeNotFound.
func (s *Store) Template(ctx context.Context, id int64) (domain.Template, error) {
	t, err := templateByID(ctx, s.read.DB, id)
	return t, s.wrap("read template", err)
}

func templateByID(ctx context.Context, q querier, id int64) (domain.Template, error) {
	t, err := scanTemplate(q.QueryRowContext(ctx, templateColumns+` WHERE t.id = ?`, id).Scan)
	return t, found(err, "template", id)
}

// CreateTemplate keeps a new template of t.UserID. It fails with CodeNameTaken
// (case does not count), CodeLimitReached or CodeNotFound (the user).
func (s *Store) CreateTemplate(ctx context.Context, a Actor, t domain.Template) (domain.Template, error) {
	parameters, err := json.Marshal(t.Parameters)
	if err != nil {
		return domain.Template{}, err
	}
	err = s.change(ctx, "keep template "+t.Name, func(tx bun.Tx) error {
		if _, err := userByID(ctx, tx, t.UserID); err != nil {
			return err
		}
		var n int
		if err := tx.Tx.QueryRowContext(ctx, `SELECT count(*) FROM templates WHERE user_id = ?`, t.UserID).Scan(&n); err != nil {
			return err
		}
		if n >= maximumTemplates {
			return domain.NewError(domain.CodeLimitReached, "limit", "templates", "value", maximumTemplates)
		}
		now := at(time.Now())
		done, err := tx.Tx.ExecContext(ctx, `INSERT INTO templates
			(script_ref, user_id, name, name_key, shared, parameters, version, created_at, updated_at, updated_by)
			VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`,
			t.ScriptID, t.UserID, t.Name, key(t.Name), t.Shared, string(parameters), now, now, a.Name)
		if err != nil {
			return templateTaken(err, t.Name)
		}
		id, err := done.LastInsertId()
		if err != nil {
			return err
		}
		if t, err = templateByID(ctx, tx.Tx, id); err != nil {
			return err
		}
		return audit(ctx, tx, a, "template.create", "script:"+t.ScriptID, nil, recordedTemplate(t))
	})
	return t, err
}

func templateTaken(err error, name string) error {
	if notUnique(err, "templates.name_key") {
		return domain.NewError(domain.CodeNameTaken, "name", name).Because(err)
	}
	return err
}

func recordedTemplate(t domain.Template) map[string]any {
	return map[string]any{"template": t.Name, "user": t.User, "shared": t.Shared, "parameters": t.Parameters}
}

// UpdateTemplate changes name, values and whether a template is offered, where
// it is still of t.Version; where it was offered and is no longer, or its
// values stay, what else reads it stays as it is. It fails with CodeNotFound,
// CodeNameTaken, CodeTemplateChanged where somebody saved it meanwhile, and
// CodeTemplateUsed where it would be taken from what others keep always on.
func (s *Store) UpdateTemplate(ctx context.Context, a Actor, t domain.Template) (domain.Template, error) {
	parameters, err := json.Marshal(t.Parameters)
	if err != nil {
		return domain.Template{}, err
	}
	var now domain.Template
	err = s.change(ctx, "change template", func(tx bun.Tx) error {
		before, err := templateByID(ctx, tx.Tx, t.ID)
		if err != nil {
			return err
		}
		if before.Version != t.Version {
			return domain.NewError(domain.CodeTemplateChanged, "name", before.Name, "user", before.UpdatedBy, "time", before.UpdatedAt)
		}
		if before.Shared && !t.Shared {
			if err := unusedByOthers(ctx, tx, before); err != nil {
				return err
			}
		}
		if _, err := tx.Tx.ExecContext(ctx, `UPDATE templates SET name = ?, name_key = ?, shared = ?, parameters = ?, version = version + 1,
			updated_at = ?, updated_by = ? WHERE id = ?`, t.Name, key(t.Name), t.Shared, string(parameters), at(time.Now()), a.Name, t.ID); err != nil {
			return templateTaken(err, t.Name)
		}
		if now, err = templateByID(ctx, tx.Tx, t.ID); err != nil {
			return err
		}
		return audit(ctx, tx, a, "template.update", "script:"+now.ScriptID, recordedTemplate(before), recordedTemplate(now))
	})
	return now, err
}

// unusedByOthers fails with CodeTemplateUsed where what is always on for
// others than the template's owner reads it.
func unusedByOthers(ctx context.Context, tx bun.Tx, t domain.Template) error {
	var n int
	if err := tx.Tx.QueryRowContext(ctx, `SELECT count(*) FROM always_on WHERE template_id = ? AND user_id <> ?`, t.ID, t.UserID).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return domain.NewError(domain.CodeTemplateUsed, "name", t.Name, "count", n)
	}
	return nil
}

// DeleteTemplate forgets a template and gives it. Where it is read by what is
// always on for its owner, the values that it had stay there. It fails with
// CodeNotFound, and CodeTemplateUsed where others keep something always on with it.
func (s *Store) DeleteTemplate(ctx context.Context, a Actor, id int64) (t domain.Template, err error) {
	err = s.change(ctx, "delete template", func(tx bun.Tx) error {
		if t, err = templateByID(ctx, tx.Tx, id); err != nil {
			return err
		}
		if err := unusedByOthers(ctx, tx, t); err != nil {
			return err
		}
		if _, err := tx.Tx.ExecContext(ctx, `UPDATE always_on SET template_id = NULL, parameters = (SELECT parameters FROM templates WHERE id = ?1)
			WHERE template_id = ?1`, id); err != nil {
			return err
		}
		if _, err := tx.Tx.ExecContext(ctx, `DELETE FROM templates WHERE id = ?`, id); err != nil {
			return err
		}
		return audit(ctx, tx, a, "template.delete", "script:"+t.ScriptID, recordedTemplate(t), nil)
	})
	return t, err
}
