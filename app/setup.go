package app

import (
	"context"
	"slices"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Setup is the wizard of the first start: language, environments found,
// samples, backups, sign-in, administrator (SPEC UI-1). An administrator goes
// through it again, without the last step.
type Setup struct{ c *Client }

// SetupState is what the wizard shows.
type SetupState struct {
	Root            string               `json:"root"`
	Languages       []domain.Language    `json:"languages"`
	Environments    []domain.Environment `json:"environments"`
	Groups          []SetupGroup         `json:"groups"`
	Samples         []engine.Sample      `json:"samples"`
	Backups         SetupBackups         `json:"backups"`
	SignIn          SetupSignIn          `json:"sign_in"`
	PasswordMinimum int                  `json:"password_minimum"`
	Step            string               `json:"step"`  // where it was left; "" is the first one
	Again           bool                 `json:"again"` // it is complete: an administrator goes through it again
}

// SetupGroup is one group that was found and did not come with the product.
type SetupGroup struct {
	ID      string      `json:"id"`
	Name    domain.Text `json:"name"`
	Scripts int         `json:"scripts"`
}

// open tells who goes through the wizard: the root's owner until there is an
// administrator, and an administrator from then on. It fails with CodeSetupDone
// or CodeSetupNeeded.
func (s *Setup) open(ctx context.Context, method string) (w who, again bool, err error) {
	if w, err = s.c.require(ctx, method); err != nil {
		return who{}, false, err
	}
	needed, err := s.c.app.engine.SetupNeeded(ctx)
	switch {
	case err != nil:
		return who{}, false, err
	case !needed && !w.User.Level.AtLeast(domain.LevelAdmin):
		return who{}, false, domain.NewError(domain.CodeSetupDone)
	case needed && !s.c.options.Owner:
		return who{}, false, domain.NewError(domain.CodeSetupNeeded)
	}
	if needed {
		w.Actor = engine.Actor{Kind: "system", Name: "setup"}
	}
	return w, !needed, nil
}

// first is open, until there is an administrator only.
func (s *Setup) first(ctx context.Context, method string) error {
	_, again, err := s.open(ctx, method)
	if err == nil && again {
		return domain.NewError(domain.CodeSetupDone)
	}
	return err
}

// State gives what was found on this machine, and the values that hold.
func (s *Setup) State(ctx context.Context) (SetupState, error) {
	w, again, err := s.open(ctx, "Setup.State")
	if err != nil {
		return SetupState{}, err
	}
	return s.state(ctx, w, again)
}

func (s *Setup) state(ctx context.Context, w who, again bool) (SetupState, error) {
	e := s.c.app.engine
	groups, err := e.Groups(ctx)
	if err != nil {
		return SetupState{}, err
	}
	state := SetupState{
		Root: e.Root().Dir, Languages: domain.Languages(), Environments: e.Environments(), PasswordMinimum: e.PasswordMinimum(),
		Groups: []SetupGroup{}, Backups: s.backups(), Again: again,
	}
	if state.Samples, err = e.Samples(); err != nil {
		return SetupState{}, err
	}
	if state.SignIn, err = s.signIn(ctx, w, again); err != nil {
		return SetupState{}, err
	}
	if !again {
		if state.Step, err = e.SetupStep(ctx); err != nil {
			return SetupState{}, err
		}
	}
	for _, g := range groups {
		if g.Active && !slices.ContainsFunc(state.Samples, func(one engine.Sample) bool { return one.ID == g.ID }) {
			state.Groups = append(state.Groups, SetupGroup{ID: g.ID, Name: g.Name, Scripts: g.ScriptCount})
		}
	}
	return state, nil
}

// SetupStepRequest says where the wizard is.
type SetupStepRequest struct {
	Step string `json:"step"`
}

// KeepStep keeps where the wizard is, so that it is taken up again there, also
// after a restart. It fails with CodeInvalid for a step that there is not.
func (s *Setup) KeepStep(ctx context.Context, r SetupStepRequest) error {
	if err := s.first(ctx, "Setup.KeepStep"); err != nil {
		return err
	}
	if !slices.Contains([]string{"language", "found", "samples", "backups", "sign_in", "administrator"}, r.Step) {
		return &domain.Error{Code: domain.CodeInvalid, Fields: map[string]*domain.Error{"step": domain.NewError(domain.CodeInvalid)}}
	}
	return s.c.app.engine.KeepSetupStep(ctx, r.Step)
}

// AdministratorRequest is the first account.
type AdministratorRequest struct {
	Name     string          `json:"name"`
	Password string          `json:"password"`
	Language domain.Language `json:"language"`
	Theme    domain.Theme    `json:"theme"`
}

// CreateAdministrator makes the first account, completes the setup and signs
// the client in. It fails as Users.Add does.
func (s *Setup) CreateAdministrator(ctx context.Context, r AdministratorRequest) (SessionState, error) {
	if err := s.first(ctx, "Setup.CreateAdministrator"); err != nil {
		return SessionState{}, err
	}
	checked := s.c.app.now()
	user, err := s.c.app.engine.CreateFirstAdmin(ctx, r.Name, r.Password, r.Language, r.Theme)
	if err != nil {
		return SessionState{}, err
	}
	if s.c.options.Kind != ClientCommand {
		// Who ends the wizard is signed in, and that is noted as any sign-in is.
		if user, err = s.c.app.engine.SignIn(ctx, user.Name, r.Password); err != nil {
			return SessionState{}, err
		}
		if err := s.applySignIn(ctx, user); err != nil {
			return SessionState{}, err
		}
	}
	return s.c.become(ctx, user, checked)
}
