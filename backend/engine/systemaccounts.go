package engine

import (
	"context"
	"net"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/store"
)

// SystemAccount is an account of the operating system, as the system itself
// says it: of this process, or of the other end of the local socket.
type SystemAccount = platform.Account

// OwnAccount gives the one that this process runs in.
func OwnAccount() SystemAccount { return platform.OwnAccount() }

// PeerAccount gives the one at the other end of a local connection.
func PeerAccount(c net.Conn) SystemAccount { return platform.PeerAccount(c) }

// SystemAccounts lists who may sign in as the system's account that he has.
func (e *Engine) SystemAccounts(ctx context.Context) ([]domain.SystemAccount, error) {
	return e.store.SystemAccounts(ctx)
}

// SetSystemAccount says who may sign in as an account of the system; user 0 is
// nobody. It fails with CodeNotFound.
func (e *Engine) SetSystemAccount(ctx context.Context, a Actor, account SystemAccount, user int64) error {
	err := e.store.SetSystemAccount(ctx, a, account.ID, account.Name, user)
	if err == nil {
		e.bus.Publish(domain.Event{Type: domain.EventSystemAccounts})
	}
	return err
}

// SystemUser gives who an account of the system signs in as. It fails with
// CodeNotFound where nobody does, also while sign_in.system_user is off.
func (e *Engine) SystemUser(ctx context.Context, account SystemAccount) (domain.User, error) {
	nobody := domain.NewError(domain.CodeNotFound, "what", "user", "name", account.Name)
	if account.ID == "" || !e.Config().SignIn.SystemUser {
		return domain.User{}, nobody
	}
	list, err := e.store.SystemAccounts(ctx)
	if err != nil {
		return domain.User{}, err
	}
	for _, a := range list {
		if a.Account != account.ID {
			continue
		}
		if user, err := e.store.User(ctx, a.UserID); err != nil || user.Active {
			return user, err
		}
	}
	return domain.User{}, nobody
}

// SignInSystem signs in who is the system's account, without a password, and
// notes that, also a refusal. It fails with CodeSystemSignIn where nobody is.
func (e *Engine) SignInSystem(ctx context.Context, account SystemAccount) (domain.User, error) {
	user, err := e.SystemUser(ctx, account)
	if domain.HasCode(err, domain.CodeNotFound) {
		e.systemSignInRefused(ctx, account)
		return domain.User{}, domain.NewError(domain.CodeSystemSignIn)
	}
	if err != nil {
		return domain.User{}, err
	}
	now := time.Now().UTC()
	if err := e.store.TouchLogin(ctx, user.ID, now); err != nil {
		return domain.User{}, err
	}
	user.LastLogin = &now
	return user, e.store.Audit(ctx, UserActor(user), "user.sign_in", "user:"+user.Name, nil,
		map[string]string{"system_account": account.Name, "id": account.ID})
}

// systemSignInRefused records it, as far as the audit is not filled by it.
func (e *Engine) systemSignInRefused(ctx context.Context, account SystemAccount) {
	var r store.Refusal
	r.Unrecorded, r.Before = e.refusals.next(time.Now())
	if err := e.store.SystemSignInRefused(context.WithoutCancel(ctx), account.Name, r); err != nil {
		e.log.Error("record of a refused sign-in", "error", err)
	}
}
