package app_test

import (
	"context"
	"io"
	"os"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/backend/platform"
	"scriptsmanager/translations"
)

// lockAfter is how many wrong passwords lock in these tests; waiting does not
// begin before.
const lockAfter = 4

// lockingEngine opens an engine on a root, with config.json for these tests.
func lockingEngine(t *testing.T, root platform.Root) *engine.Engine {
	t.Helper()
	if err := os.WriteFile(root.Config(), []byte(`{"sign_in":{"lock_after":4,"free_attempts":50}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(context.Background(), engine.Options{
		Root: root, Kind: platform.OwnerCommand, Program: t.TempDir(), Home: t.TempDir(),
		Environ: []string{"PATH=" + os.Getenv("PATH")}, Texts: texts, Stderr: io.Discard, PasswordCost: bcrypt.MinCost,
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func closeEngine(t *testing.T, e *engine.Engine) {
	t.Helper()
	if err := e.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Error(err)
	}
}

// refused signs in with a wrong password so often, and holds that each answer
// is the same.
func refused(t *testing.T, e *engine.Engine, name string, times int) {
	t.Helper()
	for range times {
		if _, err := e.SignIn(context.Background(), name, "not this one"); !domain.HasCode(err, domain.CodeSignInFailed) || len(domain.AsError(err).Params) > 0 {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func wantSignIn(t *testing.T, e *engine.Engine, name string, ok bool) {
	t.Helper()
	_, err := e.SignIn(context.Background(), name, password)
	if ok && err != nil || !ok && !domain.HasCode(err, domain.CodeSignInFailed) {
		t.Errorf("%s, may sign in: %v, but: %v", name, ok, err)
	}
}

// Wrong passwords lock an account, over restarts too, until an administrator
// releases it; the answer does not tell whether there is such an account. The
// last administrator is never locked. USR-4
func TestWrongPasswordsLock(t *testing.T) {
	ctx := context.Background()
	root, err := platform.Prepare(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := lockingEngine(t, root)
	boss, err := e.CreateFirstAdmin(ctx, "boss", password, domain.English, domain.ThemeLight)
	if err != nil {
		t.Fatal(err)
	}
	test := engine.Actor{Kind: "system", Name: "test"}
	anna, err := e.AddUser(ctx, test, "anna", password, domain.LevelOperator, "", "")
	if err != nil {
		t.Fatal(err)
	}
	// A right one in between begins anew.
	refused(t, e, "anna", lockAfter-1)
	wantSignIn(t, e, "anna", true)
	refused(t, e, " ANNA ", lockAfter-1)
	closeEngine(t, e)

	e = lockingEngine(t, root)
	wantSignIn(t, e, "boss", true)
	refused(t, e, "anna", 1)
	refused(t, e, "nobody", lockAfter+1)
	wantSignIn(t, e, "anna", false)
	closeEngine(t, e)

	e = lockingEngine(t, root)
	defer func() { closeEngine(t, e) }()
	wantSignIn(t, e, "anna", false)
	if u, err := e.User(ctx, anna.ID); err != nil || u.LockedAt == nil || u.Revision != 1 {
		t.Errorf("locked: %+v, %v", u, err)
	}
	// Who is signed in stays so, and is let in by an administrator.
	a := app.New(e)
	owner := a.NewClient(app.ClientOptions{Kind: app.ClientCommand, Owner: true, System: true})
	defer owner.Close()
	local := door.NewLocal(owner)
	var freed domain.User
	for range 2 { // one that is not locked is as it should be
		if err := door.Call(ctx, local, "Users.Unlock", app.UserRequest{UserID: anna.ID}, &freed); err != nil || freed.LockedAt != nil {
			t.Fatalf("%+v, %v", freed, err)
		}
	}
	wantSignIn(t, e, "anna", true)

	// Another password releases, too.
	refused(t, e, "anna", lockAfter)
	wantSignIn(t, e, "anna", false)
	if err := e.SetPassword(ctx, test, anna.ID, "8 plates and cups"); err != nil {
		t.Fatal(err)
	}
	if err := e.SetPassword(ctx, test, anna.ID, password); err != nil {
		t.Fatal(err)
	}
	wantSignIn(t, e, "anna", true)

	// The own old password is a guess like any other.
	for range lockAfter {
		if err := e.ChangePassword(ctx, test, anna.ID, "not this one", "8 plates"); !domain.HasCode(err, domain.CodeSignInFailed) {
			t.Fatal(err)
		}
	}
	wantSignIn(t, e, "anna", false)

	lastAdminIsNotLocked(t, e, boss)

	records, err := e.AuditRecords(ctx, engine.AuditFilter{Oldest: true})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, r := range records {
		seen[r.Action+" "+r.Object]++
	}
	if seen["user.lock user:anna"] != 3 || seen["user.unlock user:anna"] != 1 || seen["user.lock user:boss"] != 1 || seen["user.lock user:second"] != 0 || seen["user.sign_in_refused user:(unknown)"] < lockAfter {
		t.Errorf("recorded: %v", seen)
	}
}

// lastAdminIsNotLocked: guessing at all administrators leaves one who may
// still come in, and who is locked does not count as one who could.
func lastAdminIsNotLocked(t *testing.T, e *engine.Engine, boss domain.User) {
	t.Helper()
	ctx := context.Background()
	test := engine.Actor{Kind: "system", Name: "test"}
	refused(t, e, "boss", lockAfter+2)
	wantSignIn(t, e, "boss", true)
	second, err := e.AddUser(ctx, test, "second", password, domain.LevelAdmin, "", "")
	if err != nil {
		t.Fatal(err)
	}
	refused(t, e, "boss", lockAfter)
	wantSignIn(t, e, "boss", false)
	refused(t, e, "second", lockAfter+2)
	wantSignIn(t, e, "second", true)
	off := false
	if _, err := e.ChangeUser(ctx, test, second.ID, engine.UserChange{Active: &off}); !domain.HasCode(err, domain.CodeLastAdmin) {
		t.Errorf("the last administrator who may sign in was deactivated: %v", err)
	}
	if needed, err := e.SetupNeeded(ctx); err != nil || needed {
		t.Errorf("set up anew: %v, %v", needed, err)
	}
	if _, err := e.UnlockUser(ctx, test, boss.ID); err != nil {
		t.Fatal(err)
	}
}

// Two administrators change one account: the second one is told. USR-6
func TestTwoChangeOneAccount(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	one, two := w.client(t, w.users[domain.LevelAdmin]), w.client(t, w.users[domain.LevelAdmin])
	name, level, other := "Another Name", "viewer", "Yet Another"
	seen := w.other.Revision
	if seen == 0 {
		t.Fatal("no revision")
	}
	edit := func(c *door.Local, r app.EditUserRequest) (u domain.User, err error) {
		r.UserID = w.other.ID
		return u, door.Call(ctx, c, "Users.Edit", r, &u)
	}
	first, err := edit(one, app.EditUserRequest{Revision: seen, DisplayName: &name})
	if err != nil || first.Revision != seen+1 {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := edit(two, app.EditUserRequest{Revision: seen, Level: &level, DisplayName: &other}); !domain.HasCode(err, domain.CodeUserConflict) {
		t.Fatal(err)
	}
	if u, err := w.engine.User(ctx, w.other.ID); err != nil || u.DisplayName != name || u.Level != w.other.Level {
		t.Errorf("%+v, %v", u, err)
	}
	// What changes nothing is no change, and a person's own choice of language is none that the form shows.
	again, err := edit(one, app.EditUserRequest{Revision: first.Revision, DisplayName: &name})
	if err != nil || again.Revision != first.Revision {
		t.Errorf("%+v, %v", again, err)
	}
	own := w.client(t, w.other)
	if err := door.Call(ctx, own, "Session.SetPreferences", app.PreferencesRequest{Language: domain.Italian, Theme: domain.ThemeDark}, nil); err != nil {
		t.Fatal(err)
	}
	if u, err := edit(two, app.EditUserRequest{Revision: first.Revision, Level: &level, DisplayName: &other}); err != nil || u.DisplayName != other {
		t.Errorf("%+v, %v", u, err)
	}
	if u, err := edit(two, app.EditUserRequest{DisplayName: &name}); err != nil || u.DisplayName != name {
		t.Errorf("without a revision: %+v, %v", u, err)
	}
}
