package app_test

import (
	"context"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Who an administrator has chosen signs in as the system's user, where the
// system itself says whose the client is; a browser never does. USR-7
func TestSignInAsTheSystemsUser(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	boss := w.client(t, w.users[domain.LevelAdmin])
	here, stranger := engine.OwnAccount(), engine.SystemAccount{ID: "uid:4294967000", Name: "stranger"}
	if here.ID == "" {
		t.Fatal("the system does not say who we are")
	}
	enter := func(account engine.SystemAccount, kind string) (state app.SessionState, err error) {
		c := w.app.NewClient(app.ClientOptions{Kind: kind, Owner: true, Account: account})
		t.Cleanup(c.Close)
		local := door.NewLocal(c)
		var before app.SessionState
		if err := door.Call(ctx, local, "Session.State", nil, &before); err != nil {
			t.Fatal(err)
		}
		err = door.Call(ctx, local, "Session.SignInSystem", nil, &state)
		if offered := before.SystemUser != ""; offered != (err == nil) || err == nil && before.SystemUser != state.User.Name {
			t.Errorf("offered %q, then %v", before.SystemUser, err)
		}
		return state, err
	}
	refuse := func(why string, account engine.SystemAccount, kind string) {
		t.Helper()
		if _, err := enter(account, kind); !domain.HasCode(err, domain.CodeNotFound) {
			t.Errorf("%s: %v", why, err)
		}
	}
	set := func(id int64) {
		t.Helper()
		var answer app.SystemAccountsAnswer
		if err := door.Call(ctx, boss, "Users.SetSystemAccount", app.SystemAccountRequest{UserID: id}, &answer); err != nil || answer.Here != here || !answer.On {
			t.Fatalf("%+v, %v", answer, err)
		}
	}
	refuse("nobody is chosen", here, app.ClientDesktop)
	set(w.other.ID)
	if state, err := enter(here, app.ClientDesktop); err != nil || state.User.ID != w.other.ID {
		t.Errorf("%+v, %v", state.User, err)
	}
	refuse("another account of the system", stranger, app.ClientDesktop)
	refuse("no account is known, as over TCP", engine.SystemAccount{}, app.ClientBrowser)
	active := false
	if _, err := w.engine.ChangeUser(ctx, engine.Actor{Kind: "system", Name: "test"}, w.other.ID, engine.UserChange{Active: &active}); err != nil {
		t.Fatal(err)
	}
	refuse("deactivated", here, app.ClientDesktop)
	if err := door.Call(ctx, boss, "Users.SetSystemAccount", app.SystemAccountRequest{UserID: w.other.ID}, nil); !domain.HasCode(err, domain.CodeAccountClosed) {
		t.Errorf("a closed account is chosen: %v", err)
	}
	set(w.users[domain.LevelViewer].ID)
	if state, err := enter(here, app.ClientDesktop); err != nil || state.User.Level != domain.LevelViewer {
		t.Errorf("%+v, %v", state.User, err)
	}
	set(0)
	refuse("taken back", here, app.ClientDesktop)
	if n := w.recorded(t, "user.set_system_account", here.Name+" ("+here.ID+")"); n != 3 {
		t.Errorf("%d changes are recorded", n)
	}
	if n := w.recorded(t, "user.sign_in", "user:"+w.other.Name); n != 1 {
		t.Errorf("%d sign-ins are recorded", n)
	}
}
