package app

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Data tells what an account has: projects with what their files take, and
// what runs. It fails with CodeNotFound.
func (u *Users) Data(ctx context.Context, r UserRequest) (engine.UserData, error) {
	if _, err := u.c.require(ctx, "Users.Data"); err != nil {
		return engine.UserData{}, err
	}
	return u.c.app.engine.UserData(ctx, r.UserID)
}

// Deleted lists accounts that were deleted, the newest first.
func (u *Users) Deleted(ctx context.Context) ([]domain.DeletedUser, error) {
	if _, err := u.c.require(ctx, "Users.Deleted"); err != nil {
		return nil, err
	}
	return u.c.app.engine.DeletedUsers(ctx)
}

// DeleteUserRequest deletes an account.
type DeleteUserRequest struct {
	UserID  int64  `json:"user_id"`
	Confirm string `json:"confirm"`              // its name, typed once more
	Data    string `json:"data"`                 // keep, hand_over, delete
	To      int64  `json:"to_user_id,omitempty"` // whose its projects become
}

// Delete deletes an account: it is signed out, what runs for it is stopped,
// and its projects are kept, handed over or deleted. It fails with
// CodeNotFound, CodeNameTyped, CodeLastAdmin, CodeUserRuns, and CodeInvalid
// with the fields "data" and "to_user_id".
func (u *Users) Delete(ctx context.Context, r DeleteUserRequest) (domain.DeletedUser, error) {
	w, err := u.c.require(ctx, "Users.Delete")
	if err != nil {
		return domain.DeletedUser{}, err
	}
	e, fate := u.c.app.engine, domain.DataFate(r.Data)
	user, err := e.User(ctx, r.UserID)
	if err != nil {
		return domain.DeletedUser{}, err
	}
	if r.Confirm != user.Name {
		return domain.DeletedUser{}, domain.NewError(domain.CodeNameTyped, "name", user.Name)
	}
	if field := r.wrong(ctx, e); field != "" {
		return domain.DeletedUser{}, &domain.Error{Code: domain.CodeInvalid, Fields: map[string]*domain.Error{field: domain.NewError(domain.CodeInvalid)}}
	}
	ctx = context.WithoutCancel(ctx) // half of it is nothing that anybody wants
	inactive := false
	if user, err = e.ChangeUser(ctx, w.Actor, r.UserID, engine.UserChange{Active: &inactive}); err != nil {
		return domain.DeletedUser{}, err
	}
	u.c.shutOutOf(user.ID)
	return e.DeleteUser(ctx, w.Actor, user, fate, r.To)
}

// wrong names the field that is.
func (r DeleteUserRequest) wrong(ctx context.Context, e *engine.Engine) string {
	fate := domain.DataFate(r.Data)
	if !fate.Valid() {
		return "data"
	}
	if fate != domain.DataHandOver {
		return ""
	}
	if heir, err := e.User(ctx, r.To); err != nil || heir.ID == r.UserID || !heir.Active {
		return "to_user_id"
	}
	return ""
}

// ResetDataRequest removes the data folders of an account.
type ResetDataRequest struct {
	UserID  int64  `json:"user_id"`
	Confirm string `json:"confirm"` // its name, typed once more
}

// ResetData removes the data folders of an account; its projects stay. It
// fails with CodeNotFound, CodeNameTyped, and CodeUserRuns while something of
// the account runs.
func (u *Users) ResetData(ctx context.Context, r ResetDataRequest) (engine.UserData, error) {
	w, err := u.c.require(ctx, "Users.ResetData")
	if err != nil {
		return engine.UserData{}, err
	}
	name, err := u.c.app.engine.NameOf(ctx, r.UserID)
	if err != nil {
		return engine.UserData{}, err
	}
	if r.Confirm != name {
		return engine.UserData{}, domain.NewError(domain.CodeNameTyped, "name", name)
	}
	return u.c.app.engine.ResetUserData(ctx, w.Actor, r.UserID)
}

// HandOverRequest gives what was kept of a deleted account to another one.
type HandOverRequest struct {
	UserID  int64  `json:"user_id"`
	Confirm string `json:"confirm"`    // its name, typed once more
	To      int64  `json:"to_user_id"` // whose its projects become
}

// HandOver gives what was kept of a deleted account to another one: projects
// with their files and backups, and offered templates. It fails with
// CodeNotFound, CodeNameTyped, and CodeInvalid with the field "to_user_id".
func (u *Users) HandOver(ctx context.Context, r HandOverRequest) (domain.DeletedUser, error) {
	w, err := u.c.require(ctx, "Users.HandOver")
	if err != nil {
		return domain.DeletedUser{}, err
	}
	e := u.c.app.engine
	name, err := e.NameOf(ctx, r.UserID)
	if err != nil {
		return domain.DeletedUser{}, err
	}
	if r.Confirm != name {
		return domain.DeletedUser{}, domain.NewError(domain.CodeNameTyped, "name", name)
	}
	if heir, err := e.User(ctx, r.To); err != nil || !heir.Active {
		return domain.DeletedUser{}, &domain.Error{Code: domain.CodeInvalid, Fields: map[string]*domain.Error{"to_user_id": domain.NewError(domain.CodeInvalid)}}
	}
	return e.HandOverKept(ctx, w.Actor, r.UserID, r.To)
}
