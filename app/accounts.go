package app

import (
	"context"
	"slices"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
)

// PersonSession is one window, tab or command to which somebody is signed in.
type PersonSession struct {
	ID      string    `json:"id"`
	Client  string    `json:"client"` // ClientDesktop, ClientBrowser, ClientCommand
	Since   time.Time `json:"since"`
	Used    time.Time `json:"used"`
	Current bool      `json:"current"` // the one that asks
}

// sessionList tells of the sessions of a user, the one used last first.
func (c *Client) sessionList(userID int64) []PersonSession {
	list := []PersonSession{}
	for _, one := range c.app.sessionsOf(userID) {
		one.mu.Lock()
		list = append(list, PersonSession{ID: one.id, Client: one.options.Kind, Since: one.since, Used: one.used, Current: one == c})
		one.mu.Unlock()
	}
	slices.SortFunc(list, func(a, b PersonSession) int { return b.Used.Compare(a.Used) })
	return list
}

// endSessions signs the user out of the session with the id, "" is all, but
// not of this one. Scripts go on: their owner may sign in again. It tells how
// many it ended.
func (c *Client) endSessions(userID int64, id string) int {
	ended := 0
	for _, one := range c.app.sessionsOf(userID) {
		if one == c || id != "" && one.id != id {
			continue
		}
		if one.endWhere(func() bool { return one.userID == userID }) { // nobody else signed in meanwhile
			ended++
		}
	}
	return ended
}

// endWhere ends the client's session from elsewhere if that holds still, which
// is asked while nothing of the client changes; it tells whether it did.
func (c *Client) endWhere(holds func() bool) bool {
	ended := false
	c.view(func() {
		if ended = holds(); ended {
			c.userID, c.project, c.logsOpen, c.out = 0, 0, nil, true
		}
	})
	if ended {
		c.app.engine.Events().Publish(domain.Event{Type: domain.EventSessionEnded, Client: c.id})
		c.leaveData()
	}
	return ended
}

// shutOutOf ends the user's sessions but this one, as endSessions does, and
// keeps out who is just signing in with what counted until now: checking a
// password takes its time.
func (c *Client) shutOutOf(userID int64) {
	c.app.mu.Lock()
	c.app.shutOuts++
	c.app.shutOut[userID] = c.app.shutOuts
	c.app.mu.Unlock()
	c.endSessions(userID, "")
}

// now is a point in the order of those who were shut out, for shutOutSince.
func (a *App) now() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shutOuts
}

func (a *App) shutOutSince(userID int64, point uint64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shutOut[userID] > point
}

// stopPages stops pages of a person who is signed in no more.
func (a *App) stopPages(pages []domain.Execution) {
	for _, e := range pages {
		// One that ended by itself meanwhile is as it should be.
		_ = a.engine.Stop(e.ID, execution.StopRequest{Reason: domain.ReasonSignedOut})
	}
}

// Sessions lists the caller's own sessions.
func (s *Session) Sessions(ctx context.Context) ([]PersonSession, error) {
	w, err := s.c.require(ctx, "Session.Sessions")
	if err != nil {
		return nil, err
	}
	return s.c.sessionList(w.User.ID), nil
}

// EndSessionsRequest names one session; "" is all but the caller's.
type EndSessionsRequest struct {
	ID string `json:"id,omitempty"`
}

// EndSessions signs the caller out elsewhere. It fails with CodeNotFound for a
// session that is not the caller's own, or the one that asks.
func (s *Session) EndSessions(ctx context.Context, r EndSessionsRequest) error {
	w, err := s.c.require(ctx, "Session.EndSessions")
	if err != nil {
		return err
	}
	if s.c.endSessions(w.User.ID, r.ID) == 0 && r.ID != "" {
		return domain.NewError(domain.CodeNotFound, "what", "session", "name", r.ID)
	}
	return nil
}

// OwnPasswordRequest changes the caller's own password.
type OwnPasswordRequest struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// SetPassword changes the caller's own password and ends the other sessions.
// It fails as account.Accounts.ChangePassword.
func (s *Session) SetPassword(ctx context.Context, r OwnPasswordRequest) error {
	w, err := s.c.require(ctx, "Session.SetPassword")
	if err != nil {
		return err
	}
	if err := s.c.app.engine.ChangePassword(ctx, w.Actor, w.User.ID, r.Old, r.New); err != nil {
		return err
	}
	s.c.shutOutOf(w.User.ID)
	return nil
}

// EditUserRequest has what is to change of an account; what is left out stays.
type EditUserRequest struct {
	UserID      int64   `json:"user_id"`
	Revision    int64   `json:"revision,omitempty"` // the one that the change is made upon
	DisplayName *string `json:"display_name,omitempty"`
	Email       *string `json:"email,omitempty"`
	Level       *string `json:"level,omitempty"`
	Active      *bool   `json:"active,omitempty"`
	Password    *string `json:"password,omitempty"`
}

// Edit changes an account, all that is asked for or nothing. One that is
// deactivated or given another password is signed out everywhere else; pages
// of one that is deactivated are stopped. It fails with CodeNotFound, with
// CodeUserConflict where somebody else changed the account meanwhile,
// CodeLevelUnknown, CodeLastAdmin, CodeInvalid with the fields, and as
// account.CheckPassword.
func (u *Users) Edit(ctx context.Context, r EditUserRequest) (domain.User, error) {
	w, err := u.c.require(ctx, "Users.Edit")
	if err != nil {
		return domain.User{}, err
	}
	change := engine.UserChange{Revision: r.Revision, DisplayName: r.DisplayName, Email: r.Email, Active: r.Active, Password: r.Password}
	if r.Level != nil {
		level, err := domain.ParseLevel(*r.Level)
		if err != nil {
			return domain.User{}, err
		}
		change.Level = &level
	}
	user, err := u.c.app.engine.ChangeUser(ctx, w.Actor, r.UserID, change)
	if err == nil && (!user.Active || r.Password != nil) {
		u.c.shutOutOf(user.ID)
	}
	if err == nil && !user.Active {
		u.c.app.stopPages(u.c.app.engine.PagesOf(context.WithoutCancel(ctx), user.ID))
	}
	return user, err
}

// PasswordRequest gives an account another password.
type PasswordRequest struct {
	UserID   int64  `json:"user_id"`
	Password string `json:"password"`
}

// SetPassword gives an account another password, and signs it out everywhere
// else. It fails with CodeNotFound, and as account.CheckPassword.
func (u *Users) SetPassword(ctx context.Context, r PasswordRequest) error {
	w, err := u.c.require(ctx, "Users.SetPassword")
	if err != nil {
		return err
	}
	if err := u.c.app.engine.SetPassword(ctx, w.Actor, r.UserID, r.Password); err != nil {
		return err
	}
	u.c.shutOutOf(r.UserID)
	return nil
}

// UserRequest names an account.
type UserRequest struct {
	UserID int64 `json:"user_id"`
}

// Unlock lets an account sign in again that wrong passwords have locked. It
// fails with CodeNotFound.
func (u *Users) Unlock(ctx context.Context, r UserRequest) (domain.User, error) {
	w, err := u.c.require(ctx, "Users.Unlock")
	if err != nil {
		return domain.User{}, err
	}
	return u.c.app.engine.UnlockUser(ctx, w.Actor, r.UserID)
}

// Sessions lists where an account is signed in.
func (u *Users) Sessions(ctx context.Context, r UserRequest) ([]PersonSession, error) {
	if _, err := u.c.require(ctx, "Users.Sessions"); err != nil {
		return nil, err
	}
	if _, err := u.c.app.engine.User(ctx, r.UserID); err != nil {
		return nil, err
	}
	return u.c.sessionList(r.UserID), nil
}

// EndSessions signs an account out everywhere but here.
func (u *Users) EndSessions(ctx context.Context, r UserRequest) error {
	w, err := u.c.require(ctx, "Users.EndSessions")
	if err != nil {
		return err
	}
	user, err := u.c.app.engine.User(ctx, r.UserID)
	if err != nil {
		return err
	}
	if ended := u.c.endSessions(user.ID, ""); ended > 0 {
		return u.c.app.engine.SessionsEnded(ctx, w.Actor, user, ended)
	}
	return nil
}
