package account_test

import (
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/account"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

func TestPasswordsThatAreGuessedFirst(t *testing.T) { // USR-4
	about := []string{"m.rossi", "Mario Rossi", "mario.rossi@example.com"}
	for _, refused := range []string{
		"password", "Password1", "P@ssw0rd!", "passw0rd2026", "!!password!!", "contraseña1", "Motdepasse2026", "benvenuto1", "Welcome123", "letmein please",
		"12345678", "87654321", "0123456789", "aaaaaaaa", "abababab", "abcdabcd", "qwertzuiop", "poiuytrewq", "1q2w3e4r5t", "abcdefgh",
		"m.rossi2026", "MarioRossi", "Mario Rossi", "mario.rossi1", "scriptsmanager", "Administrator!", "Estate2026",
	} {
		if err := account.CheckPassword(refused, about...); !domain.HasCode(err, domain.CodePasswordCommon) && !domain.HasCode(err, domain.CodePasswordShort) {
			t.Errorf("%q: %v", refused, err)
		}
	}
	for _, taken := range []string{password, "correct horse 7", "8 plates", "mario likes rain", "pass the salt", "longest", "tornillo azul", "passwordless trees", longest, "ключ от двери"} {
		if len(taken) < 8 {
			continue
		}
		if err := account.CheckPassword(taken, about...); err != nil {
			t.Errorf("%q: %v", taken, err)
		}
	}
	for text, code := range map[string]domain.Code{
		"":                         domain.CodePasswordShort,
		"Password":                 domain.CodePasswordCommon,
		strings.Repeat("é", 37):    domain.CodePasswordLong,
		strings.Repeat("ab c", 19): domain.CodePasswordLong,
	} {
		wantCode(t, account.CheckPassword(text), code)
	}
}

// A clock that is set back by a year makes nobody wait for a year, nor sign in
// sooner than who waits.
func TestClockSetBackWhileWaiting(t *testing.T) { // USR-4
	a, _, c := newAccounts(t)
	ctx := t.Context()
	add(t, a, account.NewAccount{Name: "ann"})
	for range 3 {
		_, err := a.SignIn(ctx, "ann", "not this one")
		wantCode(t, err, domain.CodeSignInFailed)
	}
	c.add(-365 * 24 * time.Hour)
	_, err := a.SignIn(ctx, "ann", password)
	if e := wantCode(t, err, domain.CodeSignInWait); e.Params["seconds"] != 300 {
		t.Errorf("waits %v s", e.Params["seconds"])
	}
	c.add(5 * time.Minute)
	if _, err := a.SignIn(ctx, "ann", password); err != nil {
		t.Error(err)
	}
}

// A lock has no end by the clock.
func TestLockIsNotOfTheClock(t *testing.T) { // USR-4
	a, s, c := newAccounts(t)
	ctx := t.Context()
	u := add(t, a, account.NewAccount{Name: "ann"})
	locked, err := s.SignInRefused(ctx, "ann", store.Refusal{LockAfter: 1})
	if err != nil || locked == nil || locked.ID != u.ID {
		t.Fatal(locked, err)
	}
	for _, d := range []time.Duration{0, -365 * 24 * time.Hour, 3 * 365 * 24 * time.Hour} {
		c.add(d)
		_, err := a.SignIn(ctx, "ann", password)
		wantCode(t, err, domain.CodeSignInFailed)
	}
	if _, err := a.Unlock(ctx, system, u.ID); err != nil {
		t.Fatal(err)
	}
	c.add(-2 * 365 * 24 * time.Hour)
	if _, err := a.SignIn(ctx, "ann", password); err != nil {
		t.Error(err)
	}
	_, err = a.Unlock(ctx, system, 99)
	wantCode(t, err, domain.CodeNotFound)
}

// Names that Windows keeps for itself are names like others; their folders are
// made safe. Very long ones are refused.
func TestNamesThatWindowsKeeps(t *testing.T) { // Bad input
	a, _, _ := newAccounts(t)
	for _, name := range []string{"con", "NUL", "com1", "aux.txt", "lpt9"} {
		u := add(t, a, account.NewAccount{Name: name})
		if strings.EqualFold(u.Folder, name) {
			t.Errorf("%s has the folder %s", name, u.Folder)
		}
	}
	for _, name := range []string{strings.Repeat("x", 51), strings.Repeat("é", 51), strings.Repeat("x", 1<<20)} {
		_, err := a.Add(t.Context(), system, account.NewAccount{Name: name, Password: password, Level: domain.LevelViewer})
		wantCode(t, err, domain.CodeNameInvalid)
		_, err = a.SignIn(t.Context(), name, password)
		wantCode(t, err, domain.CodeSignInFailed)
	}
}

// Where a password is chosen the rules hold; one that was chosen before them is still right.
func TestRulesHoldForEveryPassword(t *testing.T) { // USR-4
	a, _, _ := newAccounts(t)
	ctx := t.Context()
	_, err := a.Add(ctx, system, account.NewAccount{Name: "giulia.verdi", Password: "Giulia.Verdi1", Level: domain.LevelViewer})
	wantCode(t, err, domain.CodePasswordCommon)
	u := add(t, a, account.NewAccount{Name: "giulia.verdi"})
	wantCode(t, a.SetPassword(ctx, system, u.ID, "password123"), domain.CodePasswordCommon)
	wantCode(t, a.ChangePassword(ctx, system, u.ID, password, "GiuliaVerdi"), domain.CodePasswordCommon)
	wantCode(t, a.ChangePassword(ctx, system, u.ID, password, password), domain.CodePasswordSame)
	wantCode(t, a.SetPassword(ctx, system, 99, "8 plates"), domain.CodeNotFound)
	if _, err := a.SignIn(ctx, "giulia.verdi", password); err != nil {
		t.Error(err)
	}
}

func TestNamesThatLookAlike(t *testing.T) { // USR-1
	a, _, _ := newAccounts(t)
	for _, name := range []string{"anna", "Ivo", "user1", "zoë", "MARTA", "олег"} {
		add(t, a, account.NewAccount{Name: name, Level: domain.LevelViewer})
	}
	for name, c := range map[string]struct {
		code  domain.Code
		other string
	}{
		"Anna":  {domain.CodeNameTaken, "Anna"},
		"аnna":  {domain.CodeNameAlike, "anna"},  // Cyrillic а
		"ａｎｎａ":  {domain.CodeNameAlike, "anna"},  // full width
		"lvo":   {domain.CodeNameAlike, "Ivo"},   // a small L
		"userl": {domain.CodeNameAlike, "user1"}, // a small L
		"МАRТА": {domain.CodeNameAlike, "MARTA"}, // Cyrillic М, А, Т, А
		"oлeг":  {domain.CodeNameAlike, "олег"},
		"ZOË":   {domain.CodeNameTaken, "ZOË"},
	} {
		_, err := a.Add(t.Context(), system, account.NewAccount{Name: name, Password: password, Level: domain.LevelViewer, Email: "x@example.com"})
		e := wantCode(t, err, c.code)
		if e.Params["name"] != name && c.code == domain.CodeNameTaken || c.code == domain.CodeNameAlike && e.Params["other"] != c.other {
			t.Errorf("%s: %v", name, e.Params)
		}
	}
	for _, name := range []string{"zoe", "anna2", "ivo2", "user2", "марта"} {
		add(t, a, account.NewAccount{Name: name, Level: domain.LevelViewer})
	}
}

func TestTheLastAdministratorStays(t *testing.T) { // USR-6
	a, _, _ := newAccounts(t)
	ctx := t.Context()
	one := add(t, a, account.NewAccount{Name: "one", Level: domain.LevelAdmin})
	two := add(t, a, account.NewAccount{Name: "two", Level: domain.LevelAdmin})
	add(t, a, account.NewAccount{Name: "three", Level: domain.LevelDeveloper})
	off, on, operator := false, true, domain.LevelOperator
	change := func(id int64, c account.Change) error {
		_, err := a.Change(ctx, system, id, c)
		return err
	}
	if err := change(two.ID, account.Change{Active: &off}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, change(one.ID, account.Change{Active: &off}), domain.CodeLastAdmin)
	wantCode(t, change(one.ID, account.Change{Level: &operator}), domain.CodeLastAdmin)
	if err := change(one.ID, account.Change{Active: &on}); err != nil {
		t.Error(err)
	}
	// One that is inactive is not the last one.
	if err := change(two.ID, account.Change{Level: &operator}); err != nil {
		t.Error(err)
	}
}
