package app_test

import (
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

// The wizard is taken up where it was left, and only the root's owner moves it. UI-1
func TestSetupIsTakenUpAgain(t *testing.T) {
	a := app.New(openEngine(t))
	client := func(owner bool) *door.Local {
		c := a.NewClient(app.ClientOptions{Kind: app.ClientBrowser, Owner: owner})
		t.Cleanup(c.Close)
		return door.NewLocal(c)
	}
	step := func(c *door.Local, step string) error {
		return door.Call(t.Context(), c, "Setup.KeepStep", app.SetupStepRequest{Step: step}, nil)
	}
	if err := step(client(false), "found"); !domain.HasCode(err, domain.CodeSetupNeeded) {
		t.Errorf("not the owner: %v", err)
	}
	if err := step(client(true), "nowhere"); !domain.HasCode(err, domain.CodeInvalid) {
		t.Errorf("no such step: %v", err)
	}
	if err := step(client(true), "found"); err != nil {
		t.Fatal(err)
	}
	var state app.SetupState
	if err := door.Call(t.Context(), client(true), "Setup.State", nil, &state); err != nil || state.Step != "found" {
		t.Errorf("%q, %v", state.Step, err)
	}
}

// Who ends the wizard has signed in by that; who sets up at the command line
// has not. UI-1
func TestFirstAdministratorHasSignedIn(t *testing.T) {
	for kind, signedIn := range map[string]bool{app.ClientDesktop: true, app.ClientCommand: false} {
		t.Run(kind, func(t *testing.T) {
			e := openEngine(t)
			client := app.New(e).NewClient(app.ClientOptions{Kind: kind, Owner: true, System: kind == app.ClientCommand})
			local := door.NewLocal(client)
			t.Cleanup(func() { _ = local.Close() })
			request := app.AdministratorRequest{Name: "anna", Password: password, Language: domain.Spanish, Theme: domain.ThemeDark}
			if err := door.Call(t.Context(), local, "Setup.CreateAdministrator", request, nil); err != nil {
				t.Fatal(err)
			}
			var users []domain.User
			if err := door.Call(t.Context(), local, "Users.List", nil, &users); err != nil {
				t.Fatal(err)
			}
			if len(users) != 1 || (users[0].LastLogin != nil) != signedIn {
				t.Errorf("after the setup: %+v", users)
			}
		})
	}
}
