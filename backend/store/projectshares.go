package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// ProjectShares tells by project with whom a user shares, by name.
func (s *Store) ProjectShares(ctx context.Context, owner int64) (map[int64][]domain.ProjectShare, error) {
	shares := map[int64][]domain.ProjectShare{}
	err := s.each(ctx, `SELECT s.project_id, u.id, u.username, u.display_name, u.is_active, s.shared_at
		FROM user_projects p JOIN project_shares s ON s.project_id = p.id JOIN users u ON u.id = s.user_id
		WHERE p.user_id = ? ORDER BY u.name_key`, []any{owner}, func(rows *sql.Rows) error {
		var project int64
		var one domain.ProjectShare
		var at moment
		err := rows.Scan(&project, &one.UserID, &one.User, &one.Name, &one.Active, &at)
		one.SharedAt = at.Time
		shares[project] = append(shares[project], one)
		return err
	})
	return shares, s.wrap("read who projects are shared with", err)
}

// SharedProjects gives the projects that others share with a user, by owner.
func (s *Store) SharedProjects(ctx context.Context, userID int64) ([]domain.SharedProject, error) {
	type found struct {
		project   int64
		owner     string
		ownerName string
		at        moment
	}
	var list []found
	err := s.each(ctx, `SELECT p.id, u.username, u.display_name, s.shared_at
		FROM project_shares s JOIN user_projects p ON p.id = s.project_id JOIN users u ON u.id = p.user_id
		WHERE s.user_id = ? ORDER BY u.name_key, p.name_key`, []any{userID}, func(rows *sql.Rows) error {
		var f found
		err := rows.Scan(&f.project, &f.owner, &f.ownerName, &f.at)
		list = append(list, f)
		return err
	})
	if err != nil {
		return nil, s.wrap("read shared projects", err)
	}
	projects := []domain.SharedProject{}
	for _, f := range list {
		p, err := s.Project(ctx, f.project)
		if domain.HasCode(err, domain.CodeNotFound) {
			continue // it went meanwhile
		}
		if err != nil {
			return nil, err
		}
		projects = append(projects, domain.SharedProject{Project: p, Owner: f.owner, OwnerName: f.ownerName, SharedAt: f.at.Time})
	}
	return projects, nil
}

// SharedWith tells whether a project is shared with a user.
func (s *Store) SharedWith(ctx context.Context, projectID, userID int64) (bool, error) {
	shared, err := s.read.NewSelect().Table("project_shares").Where("project_id = ? AND user_id = ?", projectID, userID).Exists(ctx)
	return shared, s.wrap("read who a project is shared with", err)
}

// ShareProject lets users read a project of another: all of them or none. With
// whom it is shared already it stays so. It fails with CodeNotFound.
func (s *Store) ShareProject(ctx context.Context, a Actor, projectID int64, users []int64) error {
	return s.change(ctx, "share project", func(tx bun.Tx) error {
		return eachShare(ctx, tx, projectID, users, func(object string, id int64, with map[string]string) error {
			done, err := tx.Tx.ExecContext(ctx, `INSERT INTO project_shares (project_id, user_id, shared_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
				projectID, id, at(time.Now()))
			if changed, err := hasChanged(done, err); !changed {
				return err
			}
			return audit(ctx, tx, a, "project.share", object, nil, with)
		})
	})
}

// UnshareProject takes that back. It fails with CodeNotFound.
func (s *Store) UnshareProject(ctx context.Context, a Actor, projectID int64, users []int64) error {
	return s.change(ctx, "take a shared project back", func(tx bun.Tx) error {
		return eachShare(ctx, tx, projectID, users, func(object string, id int64, with map[string]string) error {
			done, err := tx.Tx.ExecContext(ctx, `DELETE FROM project_shares WHERE project_id = ? AND user_id = ?`, projectID, id)
			if changed, err := hasChanged(done, err); !changed {
				return err
			}
			return audit(ctx, tx, a, "project.unshare", object, with, nil)
		})
	})
}

// eachShare calls change for each of the users, with what is recorded of it.
func eachShare(ctx context.Context, tx bun.Tx, projectID int64, users []int64, change func(object string, id int64, with map[string]string) error) error {
	project, err := projectByID(ctx, tx, projectID)
	if err != nil {
		return err
	}
	for _, id := range users {
		user, err := userByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := change("project:"+project.Folder, id, map[string]string{"user": user.Username, "project": project.ProjectName}); err != nil {
			return err
		}
	}
	return nil
}

func hasChanged(done sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}
