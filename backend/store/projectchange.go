package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// ProjectChange is what is to change of a project; nil stays.
type ProjectChange struct {
	Name        *string
	Description *string
	Archived    *bool
	Version     int64 // the project's, as who changes it saw it; 0: whichever
}

// ChangeProject changes what a project is called and described as and whether
// it is archived; its folder stays. It fails with CodeNotFound, CodeNameTaken,
// CodeProjectDefault (archived) and, where it is not as it was seen any more,
// CodeProjectChanged.
func (s *Store) ChangeProject(ctx context.Context, a Actor, id int64, c ProjectChange) (domain.Project, error) {
	var row projectRow
	err := s.change(ctx, "change project", func(tx bun.Tx) (err error) {
		if row, err = projectByID(ctx, tx, id); err != nil {
			return err
		}
		before := row.project()
		if c.Version != 0 && c.Version != row.Version {
			return domain.NewError(domain.CodeProjectChanged, "name", row.ProjectName, "description", row.Description)
		}
		if c.Name != nil {
			row.ProjectName, row.NameKey = *c.Name, key(*c.Name)
		}
		if c.Description != nil {
			row.Description = withoutNUL(*c.Description)
		}
		action := "project.update"
		if c.Archived != nil && *c.Archived != !row.ArchivedAt.IsZero() {
			row.ArchivedAt, action = moment{}, "project.unarchive"
			if *c.Archived {
				row.ArchivedAt, action = at(time.Now()), "project.archive"
			}
			if row.IsDefault && *c.Archived {
				return domain.NewError(domain.CodeProjectDefault, "project", row.ProjectName)
			}
		}
		row.Version++
		if _, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
			return projectTaken(err, row.ProjectName)
		}
		return audit(ctx, tx, a, action, "project:"+row.Folder, before, row.project())
	})
	if err != nil {
		return domain.Project{}, err
	}
	return row.project(), nil
}

// ProjectRemoval is the folder of a deleted project that is still on the disk.
type ProjectRemoval struct {
	ID                 int64
	UserFolder, Folder string
}

// DeleteProject takes a project away, and what is always on in it; executions
// stay, in no project. What lies on the disk is told by ProjectRemovals until
// RemovedProject. It fails with CodeNotFound and CodeProjectDefault.
func (s *Store) DeleteProject(ctx context.Context, a Actor, id int64) error {
	return s.change(ctx, "delete project", func(tx bun.Tx) error {
		row, err := projectByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if row.IsDefault {
			return domain.NewError(domain.CodeProjectDefault, "project", row.ProjectName)
		}
		for _, statement := range []string{
			`INSERT INTO project_removals (user_folder, folder, removed_at)
				SELECT u.folder, p.folder, strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now') FROM user_projects p JOIN users u ON u.id = p.user_id WHERE p.id = ?`,
			`DELETE FROM always_on WHERE project_id = ?`,
			`UPDATE port_allocations SET project_id = NULL WHERE project_id = ?`,
			`UPDATE execution_logs SET data = json_set(data, '$.project_id', 0), project_id = NULL WHERE project_id = ?`,
			`DELETE FROM user_projects WHERE id = ?`,
		} {
			if _, err := tx.Tx.ExecContext(ctx, statement, id); err != nil {
				return err
			}
		}
		return audit(ctx, tx, a, "project.delete", "project:"+row.Folder, row.project(), nil)
	})
}

// ProjectRemovals lists what deleted projects have left on the disk.
func (s *Store) ProjectRemovals(ctx context.Context) (list []ProjectRemoval, err error) {
	err = s.each(ctx, `SELECT id, user_folder, folder FROM project_removals ORDER BY id`, nil, func(rows *sql.Rows) error {
		var r ProjectRemoval
		err := rows.Scan(&r.ID, &r.UserFolder, &r.Folder)
		list = append(list, r)
		return err
	})
	return list, s.wrap("read removals of projects", err)
}

// RemovedProject notes that nothing of a deleted project is on the disk any more.
func (s *Store) RemovedProject(ctx context.Context, id int64) error {
	return s.change(ctx, "note the removal of a project", func(tx bun.Tx) error {
		_, err := tx.Tx.ExecContext(ctx, `DELETE FROM project_removals WHERE id = ?`, id)
		return err
	})
}
