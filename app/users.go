package app

import (
	"context"

	"scriptsmanager/backend/domain"
)

// Users keeps the accounts.
type Users struct{ c *Client }

// List lists all accounts.
func (u *Users) List(ctx context.Context) ([]domain.User, error) {
	if _, err := u.c.require(ctx, "Users.List"); err != nil {
		return nil, err
	}
	return u.c.app.engine.Users(ctx)
}

// AddUserRequest is a new account.
type AddUserRequest struct {
	Name        string `json:"name"`
	Password    string `json:"password"`
	Level       string `json:"level"`
	DisplayName string `json:"display_name,omitempty"`
	Email       string `json:"email,omitempty"`
}

// Add makes an account. It fails with CodeNameInvalid, CodeNameTaken,
// CodePasswordShort, CodePasswordLong or CodeLevelUnknown.
func (u *Users) Add(ctx context.Context, r AddUserRequest) (domain.User, error) {
	w, err := u.c.require(ctx, "Users.Add")
	if err != nil {
		return domain.User{}, err
	}
	level, err := domain.ParseLevel(r.Level)
	if err != nil {
		return domain.User{}, err
	}
	return u.c.app.engine.AddUser(ctx, w.Actor, r.Name, r.Password, level, r.DisplayName, r.Email)
}
