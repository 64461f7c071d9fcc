package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"scriptsmanager/backend/account"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// Actor is who causes a change, for the audit.
type Actor = store.Actor

// UserActor is a person who is signed in.
func UserActor(u domain.User) Actor {
	return Actor{Kind: store.ActorUser, UserID: u.ID, Name: u.Name, Level: u.Level}
}

// SetupNeeded tells whether there is no administrator yet.
func (e *Engine) SetupNeeded(ctx context.Context) (bool, error) {
	has, err := e.store.HasAdmin(ctx)
	return !has, err
}

// CreateFirstAdmin makes the first administrator and completes the setup. It
// fails with CodeSetupDone, or as account.Accounts.Add does.
func (e *Engine) CreateFirstAdmin(ctx context.Context, name, password string, language domain.Language, theme domain.Theme) (domain.User, error) {
	needed, err := e.SetupNeeded(ctx)
	if err != nil {
		return domain.User{}, err
	}
	if !needed {
		return domain.User{}, domain.NewError(domain.CodeSetupDone)
	}
	user, err := e.accounts.Add(ctx, Actor{Kind: store.ActorSystem, Name: "setup"}, account.NewAccount{
		Name: name, Password: password, Level: domain.LevelAdmin, Language: language, Theme: theme,
	})
	if err == nil {
		e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: user.ID, Data: user})
	}
	return user, err
}

// FirstAdmin is the active administrator with the lowest id, for whom the
// owner's command line acts where no user is named.
func (e *Engine) FirstAdmin(ctx context.Context) (domain.User, bool, error) {
	users, err := e.store.Users(ctx)
	if err != nil {
		return domain.User{}, false, err
	}
	users = slices.DeleteFunc(users, func(u domain.User) bool { return !u.Active || u.Level != domain.LevelAdmin })
	if len(users) == 0 {
		return domain.User{}, false, nil
	}
	return slices.MinFunc(users, func(a, b domain.User) int { return int(a.ID - b.ID) }), true, nil
}

// PasswordMinimum is the least length of a password, in characters.
func (e *Engine) PasswordMinimum() int { return account.PasswordMinimum }

// SignIn checks a password and notes the sign-in, also a refused one.
func (e *Engine) SignIn(ctx context.Context, name, password string) (domain.User, error) {
	user, err := e.accounts.SignIn(ctx, name, password)
	if err != nil {
		e.signInRefused(ctx, name, err)
		return domain.User{}, err
	}
	return user, e.store.Audit(ctx, UserActor(user), "user.sign_in", "user:"+user.Name, nil, nil)
}

// signInRefused records it, and counts wrong passwords up to the lock. Who
// goes away before the answer is counted, too. At a try during the wait no
// password was looked at: whoever only makes noise fills no audit.
func (e *Engine) signInRefused(ctx context.Context, name string, why error) {
	if !domain.HasCode(why, domain.CodeSignInFailed) {
		return
	}
	r := store.Refusal{LockAfter: e.Config().SignIn.LockAfter}
	r.Unrecorded, r.Before = e.refusals.next(time.Now())
	locked, err := e.store.SignInRefused(context.WithoutCancel(ctx), account.NormalName(name), r)
	if err != nil {
		e.log.Error("record of a refused sign-in", "error", err)
	}
	if locked != nil {
		e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: locked.ID, Data: *locked})
	}
}

// refusalsAMinute is how many refused sign-ins are recorded one by one.
const refusalsAMinute = 60

// refusals bounds how fast people who are not signed in can fill the audit.
type refusals struct {
	mu      sync.Mutex
	since   time.Time // the minute that is counted
	count   int
	skipped int // not recorded yet
}

// next tells whether this one is only counted, else how many were before it.
func (r *refusals) next(now time.Time) (skip bool, before int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := now.Sub(r.since); d < 0 || d >= time.Minute {
		r.since, r.count = now, 0
	}
	if r.count++; r.count > refusalsAMinute {
		r.skipped++
		return true, 0
	}
	before, r.skipped = r.skipped, 0
	return false, before
}

// UnlockUser lets an account sign in again that wrong passwords have locked.
// It fails with CodeNotFound.
func (e *Engine) UnlockUser(ctx context.Context, a Actor, id int64) (domain.User, error) {
	user, err := e.accounts.Unlock(ctx, a, id)
	if err == nil {
		e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: id, Data: user})
	}
	return user, err
}

// SignedOut notes the end of a session.
func (e *Engine) SignedOut(ctx context.Context, a Actor) error {
	return e.store.Audit(ctx, a, "user.sign_out", "user:"+a.Name, nil, nil)
}

// SessionUnused notes that a session was ended since nobody used it.
func (e *Engine) SessionUnused(ctx context.Context, a Actor, client string) error {
	return e.store.Audit(ctx, a, "session.expire", "user:"+a.Name, nil, map[string]any{"client": client})
}

// User gives an account. It fails with CodeNotFound.
func (e *Engine) User(ctx context.Context, id int64) (domain.User, error) {
	return e.store.User(ctx, id)
}

// UserByName gives an active account. It fails with CodeNotFound.
func (e *Engine) UserByName(ctx context.Context, name string) (domain.User, error) {
	user, _, err := e.store.UserByName(ctx, name)
	if err == nil && !user.Active {
		return domain.User{}, domain.NewError(domain.CodeNotFound, "what", "user", "name", name)
	}
	return user, err
}

// AnyUserByName gives an account, also a closed one. It fails with CodeNotFound.
func (e *Engine) AnyUserByName(ctx context.Context, name string) (domain.User, error) {
	user, _, err := e.store.UserByName(ctx, name)
	return user, err
}

// Users lists all accounts.
func (e *Engine) Users(ctx context.Context) ([]domain.User, error) { return e.store.Users(ctx) }

// AddUser makes an account.
func (e *Engine) AddUser(ctx context.Context, a Actor, name, password string, level domain.Level, displayName, email string) (domain.User, error) {
	user, err := e.accounts.Add(ctx, a, account.NewAccount{
		Name: name, Password: password, Level: level, DisplayName: displayName, Email: email, Language: e.DefaultLanguage(),
		Theme: domain.ThemeSystem,
	})
	if err == nil {
		e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: user.ID, Data: user})
	}
	return user, err
}

// UserChange is what may change of an account.
type UserChange = account.Change

// ChangeUser changes an account. It fails as account.Accounts.Change.
func (e *Engine) ChangeUser(ctx context.Context, a Actor, id int64, c UserChange) (domain.User, error) {
	user, err := e.accounts.Change(ctx, a, id, c)
	if err == nil {
		e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: id, Data: user})
	}
	return user, err
}

// ChangePassword changes a person's own password. It fails as
// account.Accounts.ChangePassword.
func (e *Engine) ChangePassword(ctx context.Context, a Actor, id int64, old, password string) error {
	err := e.accounts.ChangePassword(ctx, a, id, old, password)
	if user, err2 := e.store.User(ctx, id); err != nil && err2 == nil {
		e.signInRefused(ctx, user.Name, err)
	}
	return err
}

// SetPassword gives an account another password, and lets it sign in at once
// where wrong ones had slowed that down. It fails as account.Accounts.SetPassword.
func (e *Engine) SetPassword(ctx context.Context, a Actor, id int64, password string) error {
	return e.accounts.SetPassword(ctx, a, id, password)
}

// SessionsEnded notes that an administrator signed a person out.
func (e *Engine) SessionsEnded(ctx context.Context, a Actor, user domain.User, count int) error {
	return e.store.Audit(ctx, a, "user.end_sessions", "user:"+user.Name, nil, map[string]any{"count": count})
}

// SetPreferences changes an account's language and theme; "" stays.
func (e *Engine) SetPreferences(ctx context.Context, a Actor, id int64, language domain.Language, theme domain.Theme) (domain.User, error) {
	var change store.UserChange
	if language != "" {
		change.Language = &language
	}
	if theme != "" {
		change.Theme = &theme
	}
	user, err := e.store.UpdateUser(ctx, a, id, change)
	if err == nil {
		e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: id, Data: user})
	}
	return user, err
}
