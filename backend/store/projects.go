package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

const projectPrefix = "project_"

type projectRow struct {
	bun.BaseModel `bun:"table:user_projects,alias:user_projects"`
	ID            int64  `bun:"id,pk,autoincrement"`
	UserID        int64  `bun:"user_id"`
	ProjectName   string `bun:"project_name"`
	Description   string `bun:"description"`
	IsDefault     bool   `bun:"is_default"`
	CreatedAt     moment `bun:"created_at"`
	LastAccessed  moment `bun:"last_accessed"`
	NameKey       string `bun:"name_key"`
	Folder        string `bun:"folder"`
	ArchivedAt    moment `bun:"archived_at"`
	Version       int64  `bun:"version"`
}

func (r projectRow) project() domain.Project {
	return domain.Project{
		ID: r.ID, UserID: r.UserID, Name: r.ProjectName, Description: r.Description, IsDefault: r.IsDefault,
		Folder: r.Folder, CreatedAt: r.CreatedAt.Time, LastAccessed: r.LastAccessed.pointer(),
		ArchivedAt: r.ArchivedAt.pointer(), Version: r.Version,
	}
}

// Projects gives a user's projects, the default one first, then by name.
func (s *Store) Projects(ctx context.Context, userID int64) ([]domain.Project, error) {
	var rows []projectRow
	if err := s.read.NewSelect().Model(&rows).Where("user_id = ?", userID).Order("is_default DESC", "name_key").Scan(ctx); err != nil {
		return nil, s.wrap("read projects", err)
	}
	projects := make([]domain.Project, len(rows))
	for i, r := range rows {
		projects[i] = r.project()
	}
	return projects, nil
}

// Project gives a project. It fails with CodeNotFound.
func (s *Store) Project(ctx context.Context, id int64) (domain.Project, error) {
	row, err := projectByID(ctx, s.read, id)
	return row.project(), s.wrap("read project", err)
}

func projectByID(ctx context.Context, db bun.IDB, id int64) (row projectRow, err error) {
	return row, found(db.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx), "project", id)
}

// CreateProject makes a project that spans all groups. At most maximum
// projects per user: else CodeLimitReached. It fails with CodeNameTaken (case
// does not count) and, for an unknown user, CodeNotFound.
func (s *Store) CreateProject(ctx context.Context, a Actor, userID int64, name, description string, maximum int) (domain.Project, error) {
	var row projectRow
	err := s.change(ctx, "create project "+name, func(tx bun.Tx) error {
		if _, err := userByID(ctx, tx, userID); err != nil {
			return err
		}
		n, err := tx.NewSelect().Table("user_projects").Where("user_id = ?", userID).Count(ctx)
		if err != nil {
			return fmt.Errorf("count projects: %w", err)
		}
		if n >= int64(maximum) {
			return domain.NewError(domain.CodeLimitReached, "limit", "max_projects_per_user", "value", maximum)
		}
		if row, err = insertProject(ctx, tx, projectRow{UserID: userID, ProjectName: name, Description: withoutNUL(description)}); err != nil {
			return err
		}
		return audit(ctx, tx, a, "project.create", "project:"+row.Folder, nil, row.project())
	})
	if err != nil {
		return domain.Project{}, err
	}
	return row.project(), nil
}

func insertProject(ctx context.Context, tx bun.Tx, row projectRow) (projectRow, error) {
	row.NameKey, row.CreatedAt, row.Version = key(row.ProjectName), at(time.Now()), 1
	base := projectPrefix + platform.SafeName(strings.TrimPrefix(platform.SafeName(row.ProjectName), projectPrefix))
	var err error
	if row.Folder, err = freeFolder(base, projectFolderTaken(ctx, tx, row.UserID)); err != nil {
		return row, err
	}
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return row, projectTaken(err, row.ProjectName)
	}
	return row, nil
}

// projectFolderTaken tells of names of folders whether a user has a project
// there, or had one that has left something: that must not be another's.
func projectFolderTaken(ctx context.Context, tx bun.Tx, userID int64) func(string) (bool, error) {
	return func(folder string) (bool, error) {
		taken, err := tx.NewSelect().Table("user_projects").Where("user_id = ? AND lower(folder) = lower(?)", userID, folder).Exists(ctx)
		if err != nil || taken {
			return taken, err
		}
		return tx.NewSelect().Table("project_removals").Where("lower(folder) = lower(?)", folder).
			Where("user_folder = (SELECT folder FROM users WHERE id = ?)", userID).Exists(ctx)
	}
}

func projectTaken(err error, name string) error {
	if notUnique(err, "user_projects.name_key") {
		return domain.NewError(domain.CodeNameTaken, "name", name).Because(err)
	}
	return err
}
