package app_test

import (
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

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
