package app_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

// idleWorld has sessions that end after ten minutes of no use, by a clock that
// goes forward by hand. The clock of the machine plays no part in it.
func idleWorld(t *testing.T) (w *world, pass func(time.Duration)) {
	w = newWorldWith(t, `{"sign_in":{"idle_minutes":10}}`)
	var elapsed atomic.Int64
	w.app.SetElapsed(func() time.Duration { return time.Duration(elapsed.Load()) })
	return w, func(d time.Duration) {
		elapsed.Add(int64(d))
		w.app.EndUnusedNow(context.Background())
	}
}

func (w *world) window(t *testing.T, kind string, u domain.User) *door.Local {
	t.Helper()
	c := door.NewLocal(w.app.NewClient(app.ClientOptions{Kind: kind}))
	t.Cleanup(func() { _ = c.Close() })
	if err := door.Call(context.Background(), c, "Session.SignIn", app.SignInRequest{Name: u.Name, Password: password}, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

func in(c *door.Local) bool {
	var state app.SessionState
	err := door.Call(context.Background(), c, "Session.State", nil, &state)
	return err == nil && state.User != nil
}

// What windows ask by themselves, and that they listen, prolongs nothing; what
// a person does there does.
func TestSessionsOfNoUseEnd(t *testing.T) { // USR-4
	w, pass := idleWorld(t)
	ctx := context.Background()
	u := w.other
	for _, kind := range []string{app.ClientBrowser, app.ClientDesktop} {
		t.Run(kind, func(t *testing.T) {
			used, left := w.window(t, kind, u), w.window(t, kind, u)
			command := w.window(t, app.ClientCommand, u)
			watching, stop := context.WithCancel(ctx)
			defer stop()
			events := left.Events(watching)
			for range 2 {
				pass(6 * time.Minute)
				if err := door.Call(ctx, used, "Session.Use", nil, nil); err != nil {
					t.Fatal(err)
				}
				_ = door.Call(ctx, left, "Projects.List", nil, nil)
				_ = door.Call(ctx, left, "Session.State", nil, nil)
			}
			ended(t, events)
			if !in(used) || in(left) || !in(command) {
				t.Fatalf("signed in: used %t, left %t, command %t", in(used), in(left), in(command))
			}
			if err := door.Call(ctx, left, "Session.Use", nil, nil); !domain.HasCode(err, domain.CodeNotSignedIn) {
				t.Errorf("use of a session that ended: %v", err)
			}
			// Loaded anew, the page still says why.
			var state app.SessionState
			if err := door.Call(ctx, left, "Session.State", nil, &state); err != nil || !state.Idle {
				t.Errorf("state %+v, %v", state, err)
			}
			pass(9 * time.Minute)
			if !in(used) {
				t.Error("ended before its time")
			}
			pass(time.Minute)
			if in(used) {
				t.Error("goes on after its time")
			}
		})
	}
	boss := w.client(t, w.users[domain.LevelAdmin])
	recorded := 0
	for _, one := range call[app.AuditPage](t, boss, "Audit.List", app.AuditRequest{Action: "session.expire"}).Records {
		if one.Actor == u.Name && strings.Contains(string(one.After), app.ClientDesktop) {
			recorded++
		}
	}
	if recorded != 2 {
		t.Errorf("recorded %d times", recorded)
	}
}

// Who signs in again goes on in the same project; another person does not.
func TestSessionGoesOnWhereItEnded(t *testing.T) { // USR-4
	w, pass := idleWorld(t)
	ctx := context.Background()
	c := w.window(t, app.ClientBrowser, w.other)
	var made domain.Project
	if err := door.Call(ctx, c, "Projects.Create", app.CreateProjectRequest{Name: "Test"}, &made); err != nil {
		t.Fatal(err)
	}
	if err := door.Call(ctx, c, "Session.SetProject", app.ProjectRequest{ProjectID: made.ID}, nil); err != nil {
		t.Fatal(err)
	}
	for _, again := range []struct {
		user domain.User
		same bool
	}{{w.other, true}, {w.users[domain.LevelOperator], false}} {
		pass(11 * time.Minute)
		if in(c) {
			t.Fatal("the session goes on")
		}
		watching, stop := context.WithCancel(ctx)
		events := c.Events(watching)
		var state app.SessionState
		if err := door.Call(ctx, c, "Session.SignIn", app.SignInRequest{Name: again.user.Name, Password: password}, &state); err != nil {
			t.Fatal(err)
		}
		if state.Idle || (state.Project.ID == made.ID) != again.same {
			t.Errorf("%s: %+v", again.user.Name, state)
		}
		if e := <-events; e.Type != domain.EventMissed {
			t.Errorf("told %s: what the page still shows is old", e.Type)
		}
		stop()
	}
}

// A file under way is use, and 0 ends no session.
func TestUploadKeepsSession(t *testing.T) { // USR-4
	w, pass := idleWorld(t)
	ctx := context.Background()
	c := w.window(t, app.ClientBrowser, w.other)
	var state app.SessionState
	if err := door.Call(ctx, c, "Session.State", nil, &state); err != nil {
		t.Fatal(err)
	}
	up := call[app.DataTransfer](t, c, "Data.Upload", app.DataUploadRequest{
		ProjectID: state.Project.ID, GroupID: "thermal_analysis", Path: "long.bin", Size: 3,
	})
	for i := range 3 {
		pass(6 * time.Minute)
		call[app.DataReceived](t, c, "Data.UploadPart", app.DataPartRequest{ID: up.ID, Offset: int64(i), Data: []byte("a")})
	}
	pass(6 * time.Minute)
	if !in(c) {
		t.Error("ended during an upload")
	}
	never := newWorldWith(t, `{"sign_in":{"idle_minutes":0}}`)
	never.app.SetElapsed(func() time.Duration { return 1000 * time.Hour })
	one := never.window(t, app.ClientBrowser, never.other)
	never.app.SetElapsed(func() time.Duration { return 9000 * time.Hour })
	never.app.EndUnusedNow(ctx)
	if !in(one) {
		t.Error("ended though sessions never end")
	}
}
