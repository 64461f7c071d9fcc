package account_test

import (
	"strings"
	"testing"

	"scriptsmanager/backend/account"
	"scriptsmanager/backend/domain"
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
