package app

import (
	"context"
	"slices"

	"scriptsmanager/backend/domain"
)

// Setup is the wizard of the first start: language, administrator,
// environments found (SPEC UI-1).
type Setup struct{ c *Client }

// SetupState is what the wizard shows.
type SetupState struct {
	Root            string               `json:"root"`
	Languages       []domain.Language    `json:"languages"`
	Environments    []domain.Environment `json:"environments"`
	Groups          []SetupGroup         `json:"groups"`
	PasswordMinimum int                  `json:"password_minimum"`
	Step            string               `json:"step"` // where it was left; "" is the first one
}

// SetupGroup is one group that was found.
type SetupGroup struct {
	ID      string      `json:"id"`
	Name    domain.Text `json:"name"`
	Scripts int         `json:"scripts"`
}

// open fails with CodeSetupDone where there is an administrator, and with
// CodeNotAllowed where the client is not the root's owner.
func (s *Setup) open(ctx context.Context, method string) error {
	if _, err := s.c.require(ctx, method); err != nil {
		return err
	}
	needed, err := s.c.app.engine.SetupNeeded(ctx)
	if err != nil {
		return err
	}
	if !needed {
		return domain.NewError(domain.CodeSetupDone)
	}
	if !s.c.options.Owner {
		return domain.NewError(domain.CodeSetupNeeded)
	}
	return nil
}

// State gives what was found on this machine.
func (s *Setup) State(ctx context.Context) (SetupState, error) {
	if err := s.open(ctx, "Setup.State"); err != nil {
		return SetupState{}, err
	}
	groups, err := s.c.app.engine.Groups(ctx)
	if err != nil {
		return SetupState{}, err
	}
	state := SetupState{
		Root: s.c.app.engine.Root().Dir, Languages: domain.Languages(),
		Environments: s.c.app.engine.Environments(), PasswordMinimum: s.c.app.engine.PasswordMinimum(),
		Groups: []SetupGroup{},
	}
	if state.Step, err = s.c.app.engine.SetupStep(ctx); err != nil {
		return SetupState{}, err
	}
	for _, g := range groups {
		state.Groups = append(state.Groups, SetupGroup{ID: g.ID, Name: g.Name, Scripts: g.ScriptCount})
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
	if err := s.open(ctx, "Setup.KeepStep"); err != nil {
		return err
	}
	if !slices.Contains([]string{"language", "found", "administrator"}, r.Step) {
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
	if err := s.open(ctx, "Setup.CreateAdministrator"); err != nil {
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
	}
	return s.c.become(ctx, user, checked)
}
