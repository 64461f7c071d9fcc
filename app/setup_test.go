package app_test

import (
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
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

// setupClient is one that goes through the wizard.
func setupClient(t *testing.T, a *app.App, o app.ClientOptions) *door.Local {
	t.Helper()
	local := door.NewLocal(a.NewClient(o))
	t.Cleanup(func() { _ = local.Close() })
	return local
}

// Until the setup is complete there is no dashboard and nothing runs, while
// settings are saved; only the root's owner goes through it. UI-1
func TestWhatTheSetupLeavesOpen(t *testing.T) {
	e := openEngine(t)
	a := app.New(e)
	owner := setupClient(t, a, app.ClientOptions{Kind: app.ClientBrowser, Owner: true})
	command := setupClient(t, a, app.ClientOptions{Kind: app.ClientCommand, Owner: true, System: true})
	stranger := setupClient(t, a, app.ClientOptions{Kind: app.ClientBrowser})
	for method, argument := range map[string]any{
		"Dashboard.Get": nil, "Running.List": nil, "Executions.Run": app.RunRequest{ScriptID: "thermal_analysis/heat_transfer"},
	} {
		if err := door.Call(t.Context(), command, method, argument, nil); !domain.HasCode(err, domain.CodeSetupNeeded) {
			t.Errorf("%s at the command line: %v", method, err)
		}
		if err := door.Call(t.Context(), owner, method, argument, nil); !domain.HasCode(err, domain.CodeNotSignedIn) {
			t.Errorf("%s in a browser: %v", method, err)
		}
	}
	if err := door.Call(t.Context(), command, "Settings.Set", app.SettingsSetRequest{Values: map[string]any{"limits.grace_seconds": 7}}, nil); err != nil {
		t.Error(err)
	}
	for _, method := range []string{"Setup.State", "Setup.SetSamples", "Setup.SetBackups", "Setup.SetSignIn"} {
		if err := door.Call(t.Context(), stranger, method, map[string]any{}, nil); !domain.HasCode(err, domain.CodeSetupNeeded) {
			t.Errorf("%s by not the owner: %v", method, err)
		}
	}
	var state app.SetupState
	request := app.SetupBackupsRequest{On: true, Time: "25:00", Versions: 9}
	err := door.Call(t.Context(), owner, "Setup.SetBackups", request, &state)
	if failure := domain.AsError(err); failure == nil || failure.Fields["data_management.backup_schedule_time"] == nil {
		t.Errorf("no time of day: %v", err)
	}
	request.Time = "04:30"
	if err := door.Call(t.Context(), owner, "Setup.SetBackups", request, &state); err != nil {
		t.Fatal(err)
	}
	d := e.Config().DataManagement
	if d.BackupScheduleTime != "04:30" || d.MaxBackupVersions != 9 || state.Backups.Time != "04:30" || state.Backups.Folder != e.Root().ProjectBackups() {
		t.Errorf("%+v, told as %+v", d, state.Backups)
	}
}

// The choice to sign in as the system's user waits for the administrator, and is
// to be had only where the system tells whose the client is. UI-1, USR-7
func TestSetupSignsInAsTheSystemsUser(t *testing.T) {
	e := openEngine(t)
	a := app.New(e)
	choose := func(c *door.Local, on bool) (state app.SetupState, err error) {
		err = door.Call(t.Context(), c, "Setup.SetSignIn", app.SetupSignInRequest{On: on}, &state)
		return state, err
	}
	browser := setupClient(t, a, app.ClientOptions{Kind: app.ClientBrowser, Owner: true})
	if _, err := choose(browser, true); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("in a browser: %v", err)
	}
	desktop := app.ClientOptions{Kind: app.ClientDesktop, Owner: true, Account: engine.OwnAccount()}
	window := setupClient(t, a, desktop)
	if state, err := choose(window, true); err != nil || !state.SignIn.Offered || !state.SignIn.On || state.SignIn.Account != desktop.Account.Name {
		t.Fatalf("%+v, %v", state.SignIn, err)
	}
	request := app.AdministratorRequest{Name: "anna", Password: password, Language: domain.English, Theme: domain.ThemeLight}
	if err := door.Call(t.Context(), window, "Setup.CreateAdministrator", request, nil); err != nil {
		t.Fatal(err)
	}
	who := func() string {
		u, err := e.SystemUser(t.Context(), desktop.Account)
		if err != nil && !domain.HasCode(err, domain.CodeNotFound) {
			t.Fatal(err)
		}
		return u.Name
	}
	if who() != "anna" {
		t.Errorf("%q signs in as the system's user", who())
	}
	// The administrator goes through it again, and takes it back.
	var state app.SetupState
	if err := door.Call(t.Context(), window, "Setup.State", nil, &state); err != nil || !state.Again || !state.SignIn.On || state.Step != "" {
		t.Errorf("again: %+v, %v", state, err)
	}
	if state, err := choose(window, false); err != nil || state.SignIn.On || who() != "" {
		t.Errorf("taken back: %+v, %v", state.SignIn, err)
	}
	for method, argument := range map[string]any{"Setup.KeepStep": app.SetupStepRequest{Step: "found"}, "Setup.CreateAdministrator": request} {
		if err := door.Call(t.Context(), window, method, argument, nil); !domain.HasCode(err, domain.CodeSetupDone) {
			t.Errorf("%s again: %v", method, err)
		}
	}
}
