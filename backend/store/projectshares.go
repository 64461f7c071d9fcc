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
		return eachShare(ctx, tx, a, "project.share", projectID, users,
			`INSERT INTO project_shares (project_id, user_id, shared_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, at(time.Now()))
	})
}

// UnshareProject takes that back. It fails with CodeNotFound.
func (s *Store) UnshareProject(ctx context.Context, a Actor, projectID int64, users []int64) error {
	return s.change(ctx, "take a shared project back", func(tx bun.Tx) error {
		return eachShare(ctx, tx, a, "project.unshare", projectID, users, `DELETE FROM project_shares WHERE project_id = ? AND user_id = ?`)
	})
}

// eachShare changes and records with whom a project is shared, where that changes.
func eachShare(ctx context.Context, tx bun.Tx, a Actor, action string, projectID int64, users []int64, statement string, more ...any) error {
	project, err := projectByID(ctx, tx, projectID)
	if err != nil {
		return err
	}
	for _, id := range users {
		user, err := userByID(ctx, tx, id)
		if err != nil {
			return err
		}
		done, err := tx.Tx.ExecContext(ctx, statement, append([]any{projectID, id}, more...)...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return err
			}
			continue
		}
		with := map[string]string{"user": user.Username, "project": project.ProjectName}
		var before, after any = with, nil
		if action == "project.share" {
			before, after = nil, with
		}
		if err := audit(ctx, tx, a, action, "project:"+project.Folder, before, after); err != nil {
			return err
		}
	}
	return nil
}
