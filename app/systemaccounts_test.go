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
		if _, err := enter(account, kind); !domain.HasCode(err, domain.CodeSystemSignIn) {
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

// windowOf is a window of the system's account, as the system tells it.
func (w *world) windowOf(t *testing.T, account engine.SystemAccount) *door.Local {
	t.Helper()
	c := w.app.NewClient(app.ClientOptions{Kind: app.ClientDesktop, Owner: true, Account: account})
	t.Cleanup(c.Close)
	return door.NewLocal(c)
}

// Where the sign-in as the system's user is taken back or switched off, who
// came in by it is out, but for who did that. USR-7, USR-4
func TestSystemSignInTakenBackEndsItsSessions(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	go w.app.EndTakenBack(ctx)
	boss := w.client(t, w.users[domain.LevelAdmin])
	here := engine.OwnAccount()
	call := func(c *door.Local, method string, argument any) {
		t.Helper()
		if err := door.Call(ctx, c, method, argument, nil); err != nil {
			t.Fatal(err)
		}
	}
	enter := func(u domain.User) *door.Local {
		t.Helper()
		call(boss, "Users.SetSystemAccount", app.SystemAccountRequest{UserID: u.ID})
		c := w.windowOf(t, here)
		call(c, "Session.SignInSystem", nil)
		return c
	}
	byPassword := w.window(t, app.ClientDesktop, w.other)
	window := enter(w.other)
	events := window.Events(ctx)
	call(boss, "Users.SetSystemAccount", app.SystemAccountRequest{UserID: w.other.ID})
	if !in(window) {
		t.Fatal("out, though nothing was taken back")
	}
	call(boss, "Users.SetSystemAccount", app.SystemAccountRequest{})
	if in(window) || !in(byPassword) {
		t.Errorf("taken back: in %t, by password %t", in(window), in(byPassword))
	}
	ended(t, events)

	window = enter(w.other)
	events = window.Events(ctx)
	off := app.SettingsSetRequest{Values: map[string]any{"sign_in.system_user": false}}
	on := app.SettingsSetRequest{Values: map[string]any{"sign_in.system_user": true}}
	call(boss, "Settings.Set", off)
	ended(t, events)
	if in(window) || !in(byPassword) {
		t.Errorf("switched off: in %t, by password %t", in(window), in(byPassword))
	}
	call(boss, "Settings.Set", on)
	own := enter(w.users[domain.LevelAdmin])
	call(own, "Settings.Set", off)
	call(boss, "Settings.Set", on)
	call(own, "Users.SetSystemAccount", app.SystemAccountRequest{})
	if !in(own) {
		t.Error("who took it back is out")
	}
}

// Who is refused as the system's user is recorded, and not without end. USR-7, ADM-4
func TestSystemSignInRefusedIsRecorded(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	browser := w.client(t, domain.User{})
	for range 100 {
		if err := door.Call(ctx, browser, "Session.SignInSystem", nil, nil); !domain.HasCode(err, domain.CodeSystemSignIn) {
			t.Fatal(err)
		}
	}
	if n := w.recorded(t, "user.sign_in_refused", "user:(unknown)"); n != 60 {
		t.Errorf("%d are recorded", n)
	}
}

// The sign-in page hears of what it shows, and of nothing else. USR-7, USR-1
func TestSignedOutPagesHearOfWhatTheyShow(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	boss := w.client(t, w.users[domain.LevelAdmin])
	window, stranger := w.windowOf(t, engine.OwnAccount()), w.client(t, domain.User{})
	state := func(c *door.Local) (s app.SessionState) {
		t.Helper()
		if err := door.Call(ctx, c, "Session.State", nil, &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	state(window)
	state(stranger)
	heard, others := window.Events(ctx), stranger.Events(ctx)
	set := func(u domain.User) {
		t.Helper()
		// What happens to an account is nobody's business out there.
		name := "Somebody " + u.Name
		if _, err := w.engine.ChangeUser(ctx, engine.Actor{Kind: "system", Name: "test"}, w.other.ID, engine.UserChange{DisplayName: &name}); err != nil {
			t.Fatal(err)
		}
		if err := door.Call(ctx, boss, "Users.SetSystemAccount", app.SystemAccountRequest{UserID: u.ID}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range []domain.User{w.other, {}} {
		set(u)
		if e := <-heard; e.Type != domain.EventSessionChanged || e.Data != nil {
			t.Errorf("%+v", e)
		}
		if s := state(window); s.SystemUser != u.Name {
			t.Errorf("%q is offered, not %q", s.SystemUser, u.Name)
		}
	}
	w.engine.Events().Publish(domain.Event{Type: domain.EventMissed})
	if e := <-others; e.Type != domain.EventMissed {
		t.Errorf("a browser hears %+v", e)
	}
}

// A wizard that is open hears that the first administrator was made elsewhere. USR-1
func TestWizardHearsThatSetupIsDone(t *testing.T) {
	e := openEngineWith(t, "")
	a := app.New(e)
	c := a.NewClient(app.ClientOptions{Kind: app.ClientBrowser})
	t.Cleanup(c.Close)
	local := door.NewLocal(c)
	var s app.SessionState
	if err := door.Call(t.Context(), local, "Session.State", nil, &s); err != nil || !s.SetupNeeded {
		t.Fatalf("%+v, %v", s, err)
	}
	heard := local.Events(t.Context())
	if _, err := e.CreateFirstAdmin(t.Context(), "admin", password, domain.English, domain.ThemeLight); err != nil {
		t.Fatal(err)
	}
	if e := <-heard; e.Type != domain.EventSessionChanged || e.Data != nil {
		t.Errorf("%+v", e)
	}
}
