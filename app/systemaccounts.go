package app

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// SignInSystem signs in as the operating system's user, where an administrator
// has said who that is; never over TCP. It fails with CodeSystemSignIn.
func (s *Session) SignInSystem(ctx context.Context) (SessionState, error) {
	if _, err := s.c.require(ctx, "Session.SignInSystem"); err != nil {
		return SessionState{}, err
	}
	checked := s.c.app.now()
	user, err := s.c.app.engine.SignInSystem(ctx, s.c.options.Account)
	if err != nil {
		return SessionState{}, err
	}
	state, err := s.c.become(ctx, user, checked)
	if err != nil {
		return state, err
	}
	s.c.mu.Lock()
	s.c.system = s.c.options.Account.ID
	s.c.mu.Unlock()
	if s.c.endTakenBack(ctx) { // just meanwhile
		return SessionState{}, domain.NewError(domain.CodeSystemSignIn)
	}
	return state, nil
}

// endTakenBack ends the session where somebody signed in as the system's user
// who is not that any more, and tells whether it did.
func (c *Client) endTakenBack(ctx context.Context) bool {
	c.mu.Lock()
	userID, system := c.userID, c.system
	c.mu.Unlock()
	if userID == 0 || system == "" {
		return false
	}
	user, err := c.app.engine.SystemUser(ctx, c.options.Account)
	if err == nil && user.ID == userID || err != nil && !domain.HasCode(err, domain.CodeNotFound) {
		return false
	}
	return c.endWhere(func() bool { return c.userID == userID && c.system == system })
}

// EndTakenBack ends sessions of who signed in as the system's user and is not
// that any more, each time that this may have changed, until ctx ends.
func (a *App) EndTakenBack(ctx context.Context) {
	sub := a.engine.Events().Subscribe(func(e domain.Event) bool {
		return e.Type == domain.EventSettingsChanged || e.Type == domain.EventMissed
	})
	defer sub.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-sub.Events():
			if !open {
				return
			}
			a.endTakenBack(ctx)
		}
	}
}

func (a *App) endTakenBack(ctx context.Context) {
	for _, c := range a.everyClient() {
		c.endTakenBack(ctx)
	}
}

// keepOwn lets the session of whoever takes the sign-in back go on, as with
// another password; back undoes that where nothing was changed.
func (c *Client) keepOwn() (back func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	userID, system := c.userID, c.system
	c.system = ""
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.userID == userID && c.system == "" {
			c.system = system
		}
	}
}

// outside is what a client is told before anybody signs in, and what changes
// without anybody's doing there.
type outside struct {
	setup  bool   // an administrator is to be made
	system string // who signs in as the system's user
}

// changesOutside tells whether an event that nobody there may see is about what
// the sign-in page or the setup shows.
func (c *Client) changesOutside(ctx context.Context, e domain.Event) bool {
	switch e.Type {
	case domain.EventUserChanged, domain.EventSettingsChanged, domain.EventSystemAccounts:
	default:
		return false
	}
	c.mu.Lock()
	before, in := c.told, c.userID != 0 || c.options.System
	c.mu.Unlock()
	if in {
		return false
	}
	needed, err := c.app.engine.SetupNeeded(ctx)
	if err != nil {
		return true // it asks again, and is told then
	}
	user, err := c.app.engine.SystemUser(ctx, c.options.Account)
	if err != nil {
		user.Name = ""
	}
	return before != outside{needed, user.Name}
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

// SetSystemAccount says who may sign in as an account of the system, and ends
// other sessions of who signed in so and may no more. It fails with
// CodeNotFound.
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
	back := u.c.keepOwn()
	if err := u.c.app.engine.SetSystemAccount(ctx, w.Actor, account, r.UserID); err != nil {
		back()
		return SystemAccountsAnswer{}, err
	}
	u.c.app.endTakenBack(ctx)
	return u.SystemAccounts(ctx)
}
