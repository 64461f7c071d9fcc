package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type userListCmd struct{}

// Run lists the accounts.
func (userListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		users, err := accounts(ctx, c)
		if err != nil {
			return err
		}
		rows := make([][]string, len(users))
		for i, u := range users {
			state, last := "active", ""
			switch {
			case !u.Active:
				state = "inactive"
			case u.LockedAt != nil:
				state = "locked"
			}
			if u.LastLogin != nil {
				last = u.LastLogin.Local().Format(time.DateTime)
			}
			rows[i] = []string{u.Name, u.DisplayName, u.Email, string(u.Level), state, last}
		}
		return s.print(users, func(w io.Writer) {
			table(w, []string{"NAME", "DISPLAY NAME", "E-MAIL", "LEVEL", "STATE", "LAST SIGN-IN"}, rows)
		})
	})
}

func accounts(ctx context.Context, c *connection) ([]domain.User, error) {
	users := []domain.User{}
	err := door.Call(ctx, c, "Users.List", nil, &users)
	return users, err
}

// accountNamed gives the account that signs in with the name.
func accountNamed(ctx context.Context, c *connection, name string) (domain.User, error) {
	users, err := accounts(ctx, c)
	if err != nil {
		return domain.User{}, err
	}
	for _, u := range users {
		if strings.EqualFold(u.Name, name) {
			return u, nil
		}
	}
	return domain.User{}, domain.NewError(domain.CodeNotFound, "what", "user", "name", name)
}

type userEditCmd struct {
	Name        string  `arg:"" help:"What the person signs in with."`
	DisplayName *string `name:"display-name" help:"Name that others read."`
	Email       *string `help:"E-mail address."`
	Level       *string `help:"admin, developer, operator or viewer." placeholder:"LEVEL"`
}

// Run changes an account.
func (r userEditCmd) Run(ctx context.Context, s *session) error {
	return s.editUser(ctx, r.Name, app.EditUserRequest{DisplayName: r.DisplayName, Email: r.Email, Level: r.Level})
}

type userDeactivateCmd struct {
	Name string `arg:"" help:"What the person signs in with."`
}

// Run keeps a person from signing in, and signs them out.
func (r userDeactivateCmd) Run(ctx context.Context, s *session) error {
	active := false
	return s.editUser(ctx, r.Name, app.EditUserRequest{Active: &active})
}

type userActivateCmd struct {
	Name string `arg:"" help:"What the person signs in with."`
}

// Run lets a person sign in again.
func (r userActivateCmd) Run(ctx context.Context, s *session) error {
	active := true
	return s.editUser(ctx, r.Name, app.EditUserRequest{Active: &active})
}

type userUnlockCmd struct {
	Name string `arg:"" help:"What the person signs in with."`
}

// Run lets a person sign in again whom wrong passwords have locked out.
func (r userUnlockCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		user, err := accountNamed(ctx, c, r.Name)
		if err != nil {
			return err
		}
		if err := door.Call(ctx, c, "Users.Unlock", app.UserRequest{UserID: user.ID}, &user); err != nil {
			return err
		}
		return s.print(user, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.user.unlocked", map[string]any{"name": user.Name}))
		})
	})
}

func (s *session) editUser(ctx context.Context, name string, request app.EditUserRequest) error {
	return s.with(ctx, "", func(c *connection) error {
		user, err := accountNamed(ctx, c, name)
		if err != nil {
			return err
		}
		request.UserID = user.ID
		if err := door.Call(ctx, c, "Users.Edit", request, &user); err != nil {
			return err
		}
		return s.print(user, func(w io.Writer) {
			key := "cli.user.changed"
			if !user.Active {
				key = "cli.user.inactive"
			}
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, key, map[string]any{"name": user.Name, "level": string(user.Level)}))
		})
	})
}

type userResetPasswordCmd struct {
	Name string `arg:"" help:"What the person signs in with."`
}

// Run gives an account another password.
func (r userResetPasswordCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		user, err := accountNamed(ctx, c, r.Name)
		if err != nil {
			return err
		}
		password, err := s.password("SCRIPTSMANAGER_USER_PASSWORD", user.Name)
		if err != nil {
			return err
		}
		if err := door.Call(ctx, c, "Users.SetPassword", app.PasswordRequest{UserID: user.ID, Password: password}, nil); err != nil {
			return err
		}
		return s.print(user, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.user.password", map[string]any{"name": user.Name}))
		})
	})
}
