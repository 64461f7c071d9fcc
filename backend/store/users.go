package store

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// NewUser is what an account is made of; the caller has checked it.
type NewUser struct {
	Name, DisplayName, Email, PasswordHash string
	Level                                  domain.Level
	Language                               domain.Language // "": English
	Theme                                  domain.Theme    // "": light
	// Alike tells of the name of another account whether it is read as this one; nil is never.
	Alike func(name string) bool
}

// UserChange holds what is to change; nil stays.
type UserChange struct {
	Name, DisplayName, Email, PasswordHash *string
	Level                                  *domain.Level
	Language                               *domain.Language
	Theme                                  *domain.Theme
	Active                                 *bool
	// Revision is the one that the change was made upon; 0 is any.
	Revision int64
}

type userRow struct {
	bun.BaseModel     `bun:"table:users,alias:users"`
	ID                int64  `bun:"id,pk,autoincrement"`
	Username          string `bun:"username"`
	Email             string `bun:"email"`
	PasswordHash      string `bun:"password_hash"`
	UserLevel         string `bun:"user_level"`
	PreferredLanguage string `bun:"preferred_language"`
	PreferredTheme    string `bun:"preferred_theme"`
	CreatedAt         moment `bun:"created_at"`
	LastLogin         moment `bun:"last_login"`
	IsActive          bool   `bun:"is_active"`
	NameKey           string `bun:"name_key"`
	DisplayName       string `bun:"display_name"`
	Folder            string `bun:"folder"`
	Revision          int64  `bun:"revision"`
	WrongPasswords    int    `bun:"wrong_passwords"`
	LockedAt          moment `bun:"locked_at"`
	DeletedAt         moment `bun:"deleted_at"`
	DeletedName       string `bun:"deleted_name,nullzero"`
	Removal           string `bun:"removal,nullzero"` // JSON
}

func (r userRow) user() domain.User {
	name := r.Username
	if r.DeletedName != "" {
		name = r.DeletedName
	}
	return domain.User{
		ID: r.ID, Name: name, DisplayName: r.DisplayName, Email: r.Email, Level: domain.Level(r.UserLevel),
		Language: domain.Language(r.PreferredLanguage), Theme: domain.Theme(r.PreferredTheme), Active: r.IsActive,
		Folder: r.Folder, CreatedAt: r.CreatedAt.Time, LastLogin: r.LastLogin.pointer(),
		LockedAt: r.LockedAt.pointer(), Revision: r.Revision,
	}
}

// key makes names that differ in case only equal.
func key(name string) string { return strings.ToLower(name) }

// CreateUser makes an account and its default project. It fails with
// CodeNameTaken (case does not count), for a taken e-mail address within
// CodeInvalid as field "email".
func (s *Store) CreateUser(ctx context.Context, a Actor, n NewUser) (domain.User, error) {
	row := userRow{
		Username: n.Name, NameKey: key(n.Name), DisplayName: n.DisplayName, Email: n.Email, PasswordHash: n.PasswordHash,
		UserLevel: string(n.Level), PreferredLanguage: string(n.Language), PreferredTheme: string(n.Theme),
		CreatedAt: at(time.Now()), IsActive: true, Revision: 1,
	}
	if row.PreferredLanguage == "" {
		row.PreferredLanguage = string(domain.English)
	}
	if row.PreferredTheme == "" {
		row.PreferredTheme = string(domain.ThemeLight)
	}
	err := s.change(ctx, "create user "+n.Name, func(tx bun.Tx) error {
		if err := nobodyAlike(ctx, tx, n.Name, n.Alike); err != nil {
			return err
		}
		// The prefix is not doubled in paths, so "user_ann" and "ann" would share a folder.
		base := platform.SafeName(strings.TrimPrefix(platform.SafeName(n.Name), "user_"))
		var err error
		if row.Folder, err = freeFolder(base, func(folder string) (bool, error) {
			return tx.NewSelect().Table("users").Where("lower(folder) = lower(?)", folder).Exists(ctx)
		}); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return userTaken(err, n.Name, n.Email)
		}
		if _, err := insertProject(ctx, tx, projectRow{UserID: row.ID, ProjectName: domain.DefaultProject, IsDefault: true}); err != nil {
			return err
		}
		return audit(ctx, tx, a, "user.create", "user:"+row.Username, nil, row.user())
	})
	if err != nil {
		return domain.User{}, err
	}
	return row.user(), nil
}

// nobodyAlike fails with CodeNameAlike where another name is read as this one.
func nobodyAlike(ctx context.Context, tx bun.Tx, name string, alike func(string) bool) error {
	var names []string
	if alike == nil {
		return nil
	}
	if err := tx.NewSelect().Table("users").Column("username").Where("deleted_at IS NULL").Order("id").Scan(ctx, &names); err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	for _, other := range names {
		if key(other) != key(name) && alike(other) {
			return domain.NewError(domain.CodeNameAlike, "name", name, "other", other)
		}
	}
	return nil
}

func userTaken(err error, name, email string) error {
	switch {
	case notUnique(err, "users.email"):
		return &domain.Error{Code: domain.CodeInvalid, Fields: map[string]*domain.Error{
			"email": domain.NewError(domain.CodeNameTaken, "name", email),
		}}
	case notUnique(err, "users.name_key"), notUnique(err, "users.username"):
		return domain.NewError(domain.CodeNameTaken, "name", name).Because(err)
	}
	return err
}

// freeFolder gives base, else base_2, base_3, … whichever is not taken.
func freeFolder(base string, taken func(string) (bool, error)) (string, error) {
	for n := 1; ; n++ {
		folder := base
		if n > 1 {
			folder += "_" + strconv.Itoa(n)
		}
		used, err := taken(folder)
		if err != nil {
			return "", fmt.Errorf("find free folder name: %w", err)
		}
		if !used {
			return folder, nil
		}
	}
}

// UserByName finds an account by what one signs in with, and its password's
// hash. It fails with CodeNotFound.
func (s *Store) UserByName(ctx context.Context, name string) (domain.User, string, error) {
	row, err := userNamed(ctx, s.read, name)
	if err != nil {
		return domain.User{}, "", s.wrap("read user", found(err, "user", name))
	}
	return row.user(), row.PasswordHash, nil
}

// User gives an account. It fails with CodeNotFound.
func (s *Store) User(ctx context.Context, id int64) (domain.User, error) {
	row, err := userByID(ctx, s.read, id)
	return row.user(), s.wrap("read user", err)
}

func userByID(ctx context.Context, db bun.IDB, id int64) (row userRow, err error) {
	return row, found(db.NewSelect().Model(&row).Where("id = ? AND deleted_at IS NULL", id).Scan(ctx), "user", id)
}

// Users gives all accounts by name, but for deleted ones.
func (s *Store) Users(ctx context.Context) ([]domain.User, error) {
	return s.users(ctx, "deleted_at IS NULL", "name_key")
}

func (s *Store) users(ctx context.Context, which, order string) ([]domain.User, error) {
	var rows []userRow
	if err := s.read.NewSelect().Model(&rows).Where(which).Order(order).Scan(ctx); err != nil {
		return nil, s.wrap("read users", err)
	}
	users := make([]domain.User, len(rows))
	for i, r := range rows {
		users[i] = r.user()
	}
	return users, nil
}

// UpdateUser changes an account and gives it as it is then. It fails with
// CodeNotFound, with CodeUserConflict where it has another revision, as
// CreateUser where a name is taken, and with CodeLastAdmin where no
// administrator would be left who can sign in. Another password releases what
// is locked. The folder stays.
func (s *Store) UpdateUser(ctx context.Context, a Actor, id int64, c UserChange) (domain.User, error) {
	var row userRow
	err := s.change(ctx, "change user", func(tx bun.Tx) (err error) {
		if row, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		if c.Revision != 0 && c.Revision != row.Revision {
			return domain.NewError(domain.CodeUserConflict, "name", row.Username)
		}
		was, before := row, row.user()
		row.apply(c)
		if !row.administers() {
			if err := spare(ctx, tx, was); err != nil {
				return err
			}
		}
		after := struct {
			domain.User
			PasswordChanged bool `json:"password_changed,omitempty"`
		}{row.user(), c.PasswordHash != nil}
		if reflect.DeepEqual(before, after.User) && !after.PasswordChanged {
			return nil
		}
		own := before // language and theme are the person's own, and no administrator's concern
		own.Language, own.Theme = after.Language, after.Theme
		if after.PasswordChanged || !reflect.DeepEqual(own, after.User) {
			row.Revision++
			after.Revision = row.Revision
		}
		if _, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
			return userTaken(err, row.Username, row.Email)
		}
		return audit(ctx, tx, a, "user.update", "user:"+before.Name, before, after)
	})
	if err != nil {
		return domain.User{}, err
	}
	return row.user(), nil
}

func (r userRow) administers() bool {
	return r.IsActive && domain.Level(r.UserLevel) == domain.LevelAdmin
}

// spare fails with CodeLastAdmin where without this account nobody could
// administer.
func spare(ctx context.Context, tx bun.Tx, row userRow) error {
	if !row.administers() {
		return nil
	}
	another, err := tx.NewSelect().Table("users").
		Where("user_level = ? AND is_active AND locked_at IS NULL AND id <> ?", domain.LevelAdmin, row.ID).Exists(ctx)
	if err == nil && !another {
		err = domain.NewError(domain.CodeLastAdmin)
	}
	return err
}

func (r *userRow) apply(c UserChange) {
	set(&r.DisplayName, c.DisplayName)
	set(&r.Email, c.Email)
	if c.PasswordHash != nil {
		r.PasswordHash, r.WrongPasswords, r.LockedAt = *c.PasswordHash, 0, moment{}
	}
	set(&r.IsActive, c.Active)
	set((*domain.Level)(&r.UserLevel), c.Level)
	set((*domain.Language)(&r.PreferredLanguage), c.Language)
	set((*domain.Theme)(&r.PreferredTheme), c.Theme)
	if c.Name != nil {
		r.Username, r.NameKey = *c.Name, key(*c.Name)
	}
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// TouchLogin notes when a user signed in.
func (s *Store) TouchLogin(ctx context.Context, id int64, t time.Time) error {
	_, err := s.write.NewUpdate().Table("users").Set("last_login = ?", at(t)).Where("id = ?", id).Exec(ctx)
	return s.wrap("note sign-in", err)
}

// HasAdmin tells whether an active administrator exists.
func (s *Store) HasAdmin(ctx context.Context) (bool, error) {
	ok, err := s.read.NewSelect().Table("users").Where("user_level = ? AND is_active", domain.LevelAdmin).Exists(ctx)
	return ok, s.wrap("look for an administrator", err)
}
