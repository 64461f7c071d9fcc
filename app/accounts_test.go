package app_test

import (
	"context"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

// ended waits for the event that tells a client that its session has ended.
func ended(t *testing.T, events <-chan domain.Event) {
	t.Helper()
	for e := range events {
		if e.Type == domain.EventSessionEnded {
			return
		}
	}
	t.Error("the session's end is not told")
}

// Another password, a deactivated account and a person's own wish end sessions
// at once, but for the one that asks; the others are told.
func TestSessionsAreEnded(t *testing.T) { // USR-4
	w := newWorld(t)
	ctx := context.Background()
	u := w.other
	boss := w.client(t, w.users[domain.LevelAdmin])
	if err := door.Call(ctx, boss, "Users.EndSessions", app.UserRequest{UserID: u.ID}, nil); err != nil {
		t.Fatal(err)
	}
	for _, end := range []struct {
		name string
		by   func(own *door.Local) error
		own  bool // the one that asks stays
	}{
		{"own password", func(own *door.Local) error {
			return door.Call(ctx, own, "Session.SetPassword", app.OwnPasswordRequest{Old: password, New: "8 plates"}, nil)
		}, true},
		{"own wish", func(own *door.Local) error { return door.Call(ctx, own, "Session.EndSessions", nil, nil) }, true},
		{"password", func(*door.Local) error {
			return door.Call(ctx, boss, "Users.SetPassword", app.PasswordRequest{UserID: u.ID, Password: password}, nil)
		}, false},
		{"administrator", func(*door.Local) error {
			return door.Call(ctx, boss, "Users.EndSessions", app.UserRequest{UserID: u.ID}, nil)
		}, false},
		{"deactivated", func(*door.Local) error {
			for _, active := range []bool{false, true} {
				if err := door.Call(ctx, boss, "Users.Edit", app.EditUserRequest{UserID: u.ID, Active: &active}, nil); err != nil {
					return err
				}
			}
			return nil
		}, false},
	} {
		t.Run(end.name, func(t *testing.T) {
			own, elsewhere, foreign := w.client(t, u), w.client(t, u), w.client(t, w.users[domain.LevelViewer])
			var list []app.PersonSession
			if err := door.Call(ctx, own, "Session.Sessions", nil, &list); err != nil || len(list) != 2 || list[0].Current == list[1].Current {
				t.Fatalf("sessions %+v, %v", list, err)
			}
			watching, stop := context.WithCancel(ctx)
			defer stop()
			events := elsewhere.Events(watching)
			if err := end.by(own); err != nil {
				t.Fatal(err)
			}
			ended(t, events)
			for which, c := range map[string]*door.Local{"own": own, "elsewhere": elsewhere, "foreign": foreign} {
				err := door.Call(ctx, c, "Projects.List", nil, nil)
				if stays := which == "foreign" || which == "own" && end.own; stays != (err == nil) || !stays && !domain.HasCode(err, domain.CodeNotSignedIn) {
					t.Errorf("%s: %v", which, err)
				}
			}
			for _, c := range []*door.Local{own, elsewhere} {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	oneIsEnded(t, w)
}

// A password takes its time to be checked: what counted before it was changed
// does not sign in after that.
func TestSignInThatIsOvertaken(t *testing.T) { // USR-4
	w := newWorld(t)
	ctx := context.Background()
	boss := w.client(t, w.users[domain.LevelAdmin])
	off, on := false, true
	for name, overtake := range map[string]func() error{
		"password": func() error {
			return door.Call(ctx, boss, "Users.SetPassword", app.PasswordRequest{UserID: w.other.ID, Password: password}, nil)
		},
		"own password": func() error {
			own := w.client(t, w.other)
			if err := door.Call(ctx, own, "Session.SetPassword", app.OwnPasswordRequest{Old: password, New: "8 plates"}, nil); err != nil {
				return err
			}
			return door.Call(ctx, boss, "Users.SetPassword", app.PasswordRequest{UserID: w.other.ID, Password: password}, nil)
		},
		"deactivated": func() error {
			for _, active := range []*bool{&off, &on} {
				if err := door.Call(ctx, boss, "Users.Edit", app.EditUserRequest{UserID: w.other.ID, Active: active}, nil); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			late := w.app.NewClient(app.ClientOptions{Kind: app.ClientBrowser})
			t.Cleanup(late.Close)
			checked := w.app.Now()
			user, err := w.engine.SignIn(ctx, w.other.Name, password)
			if err != nil {
				t.Fatal(err)
			}
			if err := overtake(); err != nil {
				t.Fatal(err)
			}
			if _, err := late.Become(ctx, user, checked); !domain.HasCode(err, domain.CodeSignInFailed) || late.SignedIn() {
				t.Errorf("%v, signed in: %v", err, late.SignedIn())
			}
			again := app.SignInRequest{Name: w.other.Name, Password: password}
			if err := door.Call(ctx, door.NewLocal(late), "Session.SignIn", again, nil); err != nil {
				t.Errorf("the next one: %v", err)
			}
		})
	}
}

// A change is made as a whole or not at all.
func TestHalfAChangeIsNone(t *testing.T) { // USR-6
	w := newWorld(t)
	ctx := context.Background()
	boss, own := w.client(t, w.users[domain.LevelAdmin]), w.client(t, w.other)
	name, level, mail, worst, better := "Somebody Else", "developer", "nobody", "password1", "8 plates"
	for _, c := range []struct {
		change app.EditUserRequest
		code   domain.Code
	}{
		{app.EditUserRequest{DisplayName: &name, Level: &level, Password: &worst}, domain.CodePasswordCommon},
		{app.EditUserRequest{Email: &mail, Password: &better}, domain.CodeInvalid},
	} {
		c.change.UserID = w.other.ID
		if err := door.Call(ctx, boss, "Users.Edit", c.change, nil); !domain.HasCode(err, c.code) {
			t.Errorf("%v, want %s", err, c.code)
		}
	}
	if u, err := w.engine.User(ctx, w.other.ID); err != nil || u.DisplayName != w.other.DisplayName || u.Level != w.other.Level {
		t.Errorf("%+v, %v", u, err)
	}
	if err := door.Call(ctx, own, "Projects.List", nil, nil); err != nil {
		t.Errorf("signed out by a change that was not made: %v", err)
	}
	if err := door.Call(ctx, boss, "Users.Edit", app.EditUserRequest{UserID: w.other.ID, DisplayName: &name, Password: &better}, nil); err != nil {
		t.Fatal(err)
	}
	if err := door.Call(ctx, own, "Projects.List", nil, nil); !domain.HasCode(err, domain.CodeNotSignedIn) {
		t.Errorf("after another password: %v", err)
	}
	if u, err := w.engine.SignIn(ctx, w.other.Name, better); err != nil || u.DisplayName != name {
		t.Errorf("%+v, %v", u, err)
	}
}

func oneIsEnded(t *testing.T, w *world) {
	t.Helper()
	ctx := context.Background()
	own, one, two := w.client(t, w.other), w.client(t, w.other), w.client(t, w.other)
	var list []app.PersonSession
	if err := door.Call(ctx, one, "Session.Sessions", nil, &list); err != nil || len(list) != 3 {
		t.Fatalf("sessions %+v, %v", list, err)
	}
	for _, s := range list {
		if s.Current {
			err := door.Call(ctx, own, "Session.EndSessions", app.EndSessionsRequest{ID: s.ID}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := door.Call(ctx, w.client(t, w.users[domain.LevelViewer]), "Session.EndSessions", app.EndSessionsRequest{ID: s.ID}, nil); !domain.HasCode(err, domain.CodeNotFound) {
				t.Errorf("a foreign one: %v", err)
			}
		}
	}
	for _, c := range []struct {
		client *door.Local
		in     bool
	}{{own, true}, {one, false}, {two, true}} {
		if err := door.Call(ctx, c.client, "Projects.List", nil, nil); (err == nil) != c.in {
			t.Errorf("signed in: %v, %v", c.in, err)
		}
	}
}
