package door_test

import (
	"testing"

	"golang.org/x/crypto/bcrypt"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Over the local socket the system says whose a window is: nothing that the
// client sends. USR-7
func TestWindowSignsInAsTheSystemsUser(t *testing.T) {
	o := options(t)
	o.PasswordCost = bcrypt.MinCost
	host, err := door.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := host.Close(domain.ReasonQuit); err != nil {
			t.Error(err)
		}
	}()
	boss, err := host.Engine.CreateFirstAdmin(t.Context(), "boss", "correct horse", domain.English, domain.ThemeLight)
	if err != nil {
		t.Fatal(err)
	}
	conn, owner, err := engine.DialOwner(t.Context(), o.Root)
	if err != nil {
		t.Fatal(err)
	}
	window, err := door.Dial(t.Context(), conn, owner.Token, app.ClientDesktop, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = window.Close() }()
	var state app.SessionState
	if err := door.Call(t.Context(), window, "Session.SignInSystem", nil, nil); !domain.HasCode(err, domain.CodeSystemSignIn) {
		t.Errorf("nobody is chosen: %v", err)
	}
	test := engine.Actor{Kind: "system", Name: "test"}
	if err := host.Engine.SetSystemAccount(t.Context(), test, engine.OwnAccount(), boss.ID); err != nil {
		t.Fatal(err)
	}
	if err := door.Call(t.Context(), window, "Session.State", nil, &state); err != nil || state.SystemUser != boss.Name || state.User != nil {
		t.Errorf("offered: %q to %v, %v", state.SystemUser, state.User, err)
	}
	if err := door.Call(t.Context(), window, "Session.SignInSystem", nil, &state); err != nil || state.User == nil || state.User.ID != boss.ID {
		t.Errorf("signed in: %+v, %v", state.User, err)
	}
}
