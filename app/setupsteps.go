package app

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// SetupBackups is what the wizard asks of the zips of projects. The backup of
// everything is none of it: nothing makes one yet.
type SetupBackups struct {
	On       bool   `json:"on"`
	Time     string `json:"time"` // HH:MM
	Versions int    `json:"versions"`
	Folder   string `json:"folder"`
}

func (s *Setup) backups() SetupBackups {
	d := s.c.app.engine.Config().DataManagement
	return SetupBackups{On: d.AutoBackup, Time: d.BackupScheduleTime, Versions: d.MaxBackupVersions, Folder: s.c.app.engine.Root().ProjectBackups()}
}

// SetupSamplesRequest says which sample groups are to be there.
type SetupSamplesRequest struct {
	Keep []string `json:"keep"`
}

// SetSamples leaves these sample groups and no others; what a person changed or
// made stays. It fails with CodeNotFound and CodeGroupRuns.
func (s *Setup) SetSamples(ctx context.Context, r SetupSamplesRequest) (SetupState, error) {
	w, again, err := s.open(ctx, "Setup.SetSamples")
	if err != nil {
		return SetupState{}, err
	}
	if _, err := s.c.app.engine.KeepSamples(ctx, w.Actor, r.Keep); err != nil {
		return SetupState{}, err
	}
	return s.state(ctx, w, again)
}

// SetupBackupsRequest is what is to hold for the zips of projects.
type SetupBackupsRequest struct {
	On       bool   `json:"on"`
	Time     string `json:"time"`
	Versions int    `json:"versions"`
}

// SetBackups writes what differs from what holds. It fails as Settings.Set.
func (s *Setup) SetBackups(ctx context.Context, r SetupBackupsRequest) (SetupState, error) {
	w, again, err := s.open(ctx, "Setup.SetBackups")
	if err != nil {
		return SetupState{}, err
	}
	is, values := s.backups(), map[string]any{}
	if r.On != is.On {
		values["data_management.auto_backup"] = r.On
	}
	if r.Time != is.Time {
		values["data_management.backup_schedule_time"] = r.Time
	}
	if r.Versions != is.Versions {
		values["data_management.max_backup_versions"] = float64(r.Versions)
	}
	if len(values) > 0 {
		if _, err := s.c.app.engine.SetSettings(ctx, w.Actor, engine.SettingsRequest{Values: values}); err != nil {
			return SetupState{}, err
		}
	}
	return s.state(ctx, w, again)
}

// SetupSignIn is the sign-in as the operating system's user. It is offered only
// where the system says whose the client is: in the window, not in a browser.
type SetupSignIn struct {
	Offered bool   `json:"offered"`
	Account string `json:"account"`
	On      bool   `json:"on"`
	User    string `json:"user"` // who signs in so now, where that is somebody else
}

func (s *Setup) signIn(ctx context.Context, w who, again bool) (SetupSignIn, error) {
	e, account := s.c.app.engine, s.c.options.Account
	v := SetupSignIn{Offered: account.ID != "" && account.ID == engine.OwnAccount().ID && e.Config().SignIn.SystemUser, Account: account.Name}
	if !again {
		var err error
		v.On, err = e.SetupSystemUser(ctx)
		return v, err
	}
	user, err := e.SystemUser(ctx, account)
	if err != nil && !domain.HasCode(err, domain.CodeNotFound) {
		return SetupSignIn{}, err
	}
	if v.On = err == nil && user.ID == w.User.ID; !v.On {
		v.User = user.Name
	}
	return v, nil
}

// SetupSignInRequest says whether who goes through the wizard signs in as the
// system's user.
type SetupSignInRequest struct {
	On bool `json:"on"`
}

// SetSignIn keeps that for the administrator that there will be, or sets it for
// the one that there is. It fails with CodeNotFound where it is not offered.
func (s *Setup) SetSignIn(ctx context.Context, r SetupSignInRequest) (SetupState, error) {
	w, again, err := s.open(ctx, "Setup.SetSignIn")
	if err != nil {
		return SetupState{}, err
	}
	is, err := s.signIn(ctx, w, again)
	if err != nil {
		return SetupState{}, err
	}
	if r.On && !is.Offered {
		return SetupState{}, domain.NewError(domain.CodeNotFound, "what", "account", "name", s.c.options.Account.Name)
	}
	if is.On != r.On {
		if err := s.setSignIn(ctx, w, again, r.On); err != nil {
			return SetupState{}, err
		}
	}
	return s.state(ctx, w, again)
}

func (s *Setup) setSignIn(ctx context.Context, w who, again, on bool) error {
	e := s.c.app.engine
	if !again {
		return e.KeepSetupSystemUser(ctx, on)
	}
	user := w.User.ID
	if !on {
		user = 0
	}
	return e.SetSystemAccount(ctx, w.Actor, s.c.options.Account, user)
}

// applySignIn does what was chosen before there was an administrator.
func (s *Setup) applySignIn(ctx context.Context, user domain.User) error {
	w := who{User: user, Actor: engine.UserActor(user)}
	chosen, err := s.signIn(ctx, w, false)
	if err != nil || !chosen.Offered || !chosen.On {
		return err
	}
	return s.setSignIn(ctx, w, true, true)
}
