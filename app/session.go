package app

import (
	"context"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Session signs people in and out and keeps what they chose.
type Session struct{ c *Client }

// SessionState is what an interface needs to know before it shows anything.
type SessionState struct {
	SetupNeeded  bool            `json:"setup_needed"`
	SetupAllowed bool            `json:"setup_allowed"` // this client may make the administrator
	User         *domain.User    `json:"user"`
	Project      *domain.Project `json:"project"`
	Language     domain.Language `json:"language"`
	Theme        domain.Theme    `json:"theme"`
	Client       string          `json:"client"`
	Version      string          `json:"version"`
	Product      string          `json:"product"`
	// PasswordMinimum is the least length of a password, in characters.
	PasswordMinimum int `json:"password_minimum"`
	// SystemUser is who signs in here as the system's user, "" is nobody.
	SystemUser string `json:"system_user"`
	// Idle: the last session here was ended since nobody used it.
	Idle bool `json:"idle,omitempty"`
}

// State tells who is signed in and how to show it.
func (s *Session) State(ctx context.Context) (SessionState, error) {
	w, err := s.c.require(ctx, "Session.State")
	if err != nil {
		return SessionState{}, err
	}
	return s.c.state(ctx, w)
}

func (c *Client) state(ctx context.Context, w who) (SessionState, error) {
	needed, err := c.app.engine.SetupNeeded(ctx)
	if err != nil {
		return SessionState{}, err
	}
	system := ""
	if w.User.ID == 0 {
		user, err := c.app.engine.SystemUser(ctx, c.options.Account)
		if err != nil && !domain.HasCode(err, domain.CodeNotFound) {
			return SessionState{}, err
		}
		system = user.Name
	}
	c.mu.Lock()
	c.told = outside{needed, system}
	state := SessionState{
		SystemUser:  system,
		SetupNeeded: needed, SetupAllowed: needed && c.options.Owner,
		Language: c.language, Theme: c.theme,
		Client: c.options.Kind, Version: domain.Version, Product: Product,
		PasswordMinimum: c.app.engine.PasswordMinimum(), Idle: w.User.ID == 0 && c.idleUser != 0,
	}
	c.mu.Unlock()
	if w.User.ID != 0 {
		state.User, state.Project = &w.User, &w.Project
		state.Language, state.Theme = w.User.Language, w.User.Theme
	}
	return state, nil
}

// SignInRequest is a name and a password.
type SignInRequest struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// SignIn fails with CodeSignInFailed, or CodeSignInWait after several wrong
// passwords.
func (s *Session) SignIn(ctx context.Context, r SignInRequest) (SessionState, error) {
	if _, err := s.c.require(ctx, "Session.SignIn"); err != nil {
		return SessionState{}, err
	}
	checked := s.c.app.now()
	user, err := s.c.app.engine.SignIn(ctx, r.Name, r.Password)
	if err != nil {
		return SessionState{}, err
	}
	return s.c.become(ctx, user, checked)
}

// become makes the client the user's, who was found after checked. It fails
// with CodeSignInFailed where the user was shut out since.
func (c *Client) become(ctx context.Context, user domain.User, checked uint64) (SessionState, error) {
	refused, wasIdle := false, false
	c.leaveData() // of who was signed in before
	c.view(func() {
		if refused = c.app.shutOutSince(user.ID, checked); refused {
			return
		}
		if c.idleUser != user.ID {
			c.project = 0
		}
		c.userID, c.name, c.since = user.ID, user.Name, time.Now()
		c.used, c.touched, c.out, c.system = c.since, c.app.elapsed(), false, ""
		wasIdle, c.idleUser = c.idleUser != 0, 0
		c.logsRead, c.logsOpen, c.logSearch = nil, nil, "" // what another person looked at is not this one's
		c.language, c.theme = user.Language, user.Theme
	})
	if refused {
		actor := engine.UserActor(user)
		if err := c.app.engine.SignedOut(ctx, actor); err != nil { // the sign-in is noted already
			return SessionState{}, err
		}
		return SessionState{}, domain.NewError(domain.CodeSignInFailed)
	}
	if wasIdle { // what it shows still stands, and has heard nothing since
		c.app.engine.Events().Publish(domain.Event{Type: domain.EventMissed, Client: c.id})
	}
	w, err := c.who(ctx)
	if err != nil {
		return SessionState{}, err
	}
	return c.state(ctx, w)
}

// ActAs gives the client the rights of a user without a password. Only a
// system client may (SPEC API-1, --as). It fails with CodeNotAllowed or
// CodeNotFound. It is not part of the door.
func (c *Client) ActAs(ctx context.Context, name string) error {
	if !c.options.System {
		return domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelAdmin))
	}
	checked := c.app.now()
	user, err := c.app.engine.UserByName(ctx, name)
	if err != nil {
		return err
	}
	_, err = c.become(ctx, user, checked)
	return err
}

// SignOutRequest says whether running pages may be stopped.
type SignOutRequest struct {
	StopRunning bool `json:"stop_running"`
}

// SignOut ends the session. Where pages of the user run it fails with
// CodeInterfacesRunning unless StopRunning is set; jobs and background scripts
// go on (SPEC WIN-3). If the person is signed in elsewhere too, pages stay.
func (s *Session) SignOut(ctx context.Context, r SignOutRequest) (SessionState, error) {
	w, err := s.c.require(ctx, "Session.SignOut")
	if err != nil {
		return SessionState{}, err
	}
	if w.System {
		return s.c.state(ctx, w) // it signed in nobody, and the pages are others'
	}
	if len(s.c.app.sessionsOf(w.User.ID)) == 1 {
		pages := s.c.app.engine.PagesOf(ctx, w.User.ID)
		if len(pages) > 0 && !r.StopRunning {
			return SessionState{}, domain.NewError(domain.CodeInterfacesRunning, "count", len(pages))
		}
		s.c.app.stopPages(pages)
	}
	if err := s.c.app.engine.SignedOut(ctx, w.Actor); err != nil {
		return SessionState{}, err
	}
	s.c.view(func() { s.c.userID, s.c.project, s.c.logsOpen = 0, 0, nil })
	s.c.leaveData()
	return s.c.state(ctx, who{})
}

// PreferencesRequest has what is to change; "" stays.
type PreferencesRequest struct {
	Language domain.Language `json:"language,omitempty"`
	Theme    domain.Theme    `json:"theme,omitempty"`
}

// SetPreferences changes language and theme, for the account where somebody
// is signed in, else for this client alone. It fails with CodeInvalid.
func (s *Session) SetPreferences(ctx context.Context, r PreferencesRequest) (SessionState, error) {
	w, err := s.c.require(ctx, "Session.SetPreferences")
	if err != nil {
		return SessionState{}, err
	}
	if (r.Language != "" && !r.Language.Valid()) || (r.Theme != "" && !r.Theme.Valid()) {
		return SessionState{}, domain.NewError(domain.CodeInvalid)
	}
	if w.User.ID != 0 {
		if w.User, err = s.c.app.engine.SetPreferences(ctx, w.Actor, w.User.ID, r.Language, r.Theme); err != nil {
			return SessionState{}, err
		}
	}
	s.c.mu.Lock()
	if r.Language != "" {
		s.c.language = r.Language
	}
	if r.Theme != "" {
		s.c.theme = r.Theme
	}
	s.c.mu.Unlock()
	return s.c.state(ctx, w)
}

// ProjectRequest names a project.
type ProjectRequest struct {
	ProjectID int64 `json:"project_id"`
}

// SetProject makes one of the user's own projects the active one of this
// session (SPEC PRJ-2). It fails with CodeNotFound or CodeProjectArchived.
func (s *Session) SetProject(ctx context.Context, r ProjectRequest) (SessionState, error) {
	w, err := s.c.require(ctx, "Session.SetProject")
	if err != nil {
		return SessionState{}, err
	}
	p, err := s.c.app.engine.UsableProject(ctx, w.User.ID, r.ProjectID)
	if err != nil {
		return SessionState{}, err
	}
	s.c.mu.Lock()
	s.c.project = p.ID
	s.c.mu.Unlock()
	s.c.app.engine.ProjectChosen(p, s.c.id)
	w.Project = p
	return s.c.state(ctx, w)
}
