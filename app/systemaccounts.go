package app

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// SignInSystem signs in as the operating system's user, where an administrator
// has said who that is; never over TCP. It fails with CodeNotFound.
func (s *Session) SignInSystem(ctx context.Context) (SessionState, error) {
	if _, err := s.c.require(ctx, "Session.SignInSystem"); err != nil {
		return SessionState{}, err
	}
	checked := s.c.app.now()
	user, err := s.c.app.engine.SignInSystem(ctx, s.c.options.Account)
	if err != nil {
		return SessionState{}, err
	}
	return s.c.become(ctx, user, checked)
}

// SystemAccountsAnswer says who may sign in as the system's user.
type SystemAccountsAnswer struct {
	On   bool                   `json:"on"`   // sign_in.system_user
	Here engine.SystemAccount   `json:"here"` // which ScriptsManager runs in: the only one that gets to it
	Set  []domain.SystemAccount `json:"set"`
}

// SystemAccounts tells who may sign in as the system's user.
func (u *Users) SystemAccounts(ctx context.Context) (SystemAccountsAnswer, error) {
	if _, err := u.c.require(ctx, "Users.SystemAccounts"); err != nil {
		return SystemAccountsAnswer{}, err
	}
	e := u.c.app.engine
	list, err := e.SystemAccounts(ctx)
	return SystemAccountsAnswer{On: e.Config().SignIn.SystemUser, Here: engine.OwnAccount(), Set: list}, err
}

// SystemAccountRequest says who an account of the system is.
type SystemAccountRequest struct {
	Account string `json:"account,omitempty"` // as listed; "": which ScriptsManager runs in
	UserID  int64  `json:"user_id"`           // 0: nobody
}

// SetSystemAccount says who may sign in as an account of the system. It fails
// with CodeNotFound.
func (u *Users) SetSystemAccount(ctx context.Context, r SystemAccountRequest) (SystemAccountsAnswer, error) {
	w, err := u.c.require(ctx, "Users.SetSystemAccount")
	if err != nil {
		return SystemAccountsAnswer{}, err
	}
	account := engine.OwnAccount()
	if r.Account != "" && r.Account != account.ID {
		list, err := u.c.app.engine.SystemAccounts(ctx)
		if err != nil {
			return SystemAccountsAnswer{}, err
		}
		account = engine.SystemAccount{}
		for _, a := range list {
			if a.Account == r.Account {
				account = engine.SystemAccount{ID: a.Account, Name: a.Name}
			}
		}
	}
	if account.ID == "" {
		return SystemAccountsAnswer{}, domain.NewError(domain.CodeNotFound, "what", "account", "name", r.Account)
	}
	if err := u.c.app.engine.SetSystemAccount(ctx, w.Actor, account, r.UserID); err != nil {
		return SystemAccountsAnswer{}, err
	}
	return u.SystemAccounts(ctx)
}
