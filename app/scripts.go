package app

import (
	"context"
	"slices"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Scripts shows groups and scripts, as far as the person may see them.
type Scripts struct{ c *Client }

// GroupView is a group with what it runs in now.
type GroupView struct {
	domain.Group
	Running              int                 `json:"running"`
	EffectiveEnvironment *domain.Environment `json:"effective_environment"`
	EnvironmentSource    string              `json:"environment_source"`   // group or default; "" where it was not looked for
	EnvironmentFallback  string              `json:"environment_fallback"` // what is wanted and not there
	EnvironmentError     *domain.Error       `json:"environment_error"`
}

// ScriptView is a script as one person sees it.
type ScriptView struct {
	domain.Script
	MayRun    bool              `json:"may_run"`
	Running   int               `json:"running"`
	LastRun   *domain.Execution `json:"last_run"`
	GroupName domain.Text       `json:"group_name"`
}

// ScriptDetail is all that a script's page shows.
type ScriptDetail struct {
	Script              ScriptView          `json:"script"`
	Group               GroupView           `json:"group"`
	Environment         *domain.Environment `json:"environment"`
	EnvironmentSource   string              `json:"environment_source"` // script, group or default
	EnvironmentFallback string              `json:"environment_fallback"`
	EnvironmentError    *domain.Error       `json:"environment_error"`
	LastParameters      map[string]any      `json:"last_parameters"`
	MayRun              bool                `json:"may_run"`
	WhyNot              *domain.Error       `json:"why_not"`
	Running             []domain.Execution  `json:"running"`
	Languages           []domain.Language   `json:"languages"`
	// Paths are the folders that the script asks for in its header.
	Paths []engine.PathApproval `json:"paths"`
	Guard *domain.Guard         `json:"guard"` // of its page; null where it has none
}

// Groups lists the active groups of which the person sees a script.
func (s *Scripts) Groups(ctx context.Context) ([]GroupView, error) {
	w, err := s.c.require(ctx, "Scripts.Groups")
	if err != nil {
		return nil, err
	}
	return s.groups(ctx, w)
}

func (s *Scripts) groups(ctx context.Context, w who) ([]GroupView, error) {
	groups, err := s.c.app.engine.Groups(ctx)
	if err != nil {
		return nil, err
	}
	visible, err := s.visible(ctx, w, "")
	if err != nil {
		return nil, err
	}
	live := s.c.app.engine.LiveOf(w.User.ID)
	views := []GroupView{}
	for _, g := range groups {
		count := 0
		for _, script := range visible {
			if script.GroupID == g.ID {
				count++
			}
		}
		// A group whose files are broken has no scripts to show; those who can
		// mend it must still see why.
		if !g.Active || (count == 0 && !(len(g.Problems) > 0 && w.User.Level.AtLeast(domain.LevelDeveloper) && !s.c.app.engine.DeniesGroup(w.User, g.ID))) {
			continue
		}
		g.ScriptCount = count
		view := GroupView{Group: g}
		for _, e := range live {
			if e.GroupID == g.ID {
				view.Running++
			}
		}
		s.c.resolve(ctx, &view, visible)
		views = append(views, view)
	}
	return views, nil
}

// visible gives the active scripts that the person may see.
func (s *Scripts) visible(ctx context.Context, w who, groupID string) ([]domain.Script, error) {
	scripts, err := s.c.app.engine.Scripts(ctx, groupID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(scripts, func(script domain.Script) bool {
		return !script.Active || !s.c.app.engine.CanSee(w.User, script)
	}), nil
}

// script gives a script that the person may see; what may not be seen is not
// found.
func (c *Client) script(ctx context.Context, w who, id string) (domain.Script, error) {
	script, err := c.app.engine.Script(ctx, id)
	if err != nil {
		return domain.Script{}, err
	}
	if !c.app.engine.CanSee(w.User, script) {
		return domain.Script{}, domain.NewError(domain.CodeNotFound, "what", "script", "name", id)
	}
	return script, nil
}

// group gives a group of which the person may see a script. Developers see one
// without scripts, too: it may be filled, or its files mended. What may not be
// seen is not found.
func (c *Client) group(ctx context.Context, w who, id string) (domain.Group, error) {
	hidden := domain.NewError(domain.CodeNotFound, "what", "group", "name", id)
	g, err := c.app.engine.Group(ctx, id)
	if err != nil {
		return domain.Group{}, err
	}
	scripts, err := c.app.engine.Scripts(ctx, id)
	if err != nil {
		return domain.Group{}, err
	}
	active := 0
	for _, script := range scripts {
		if c.app.engine.CanSee(w.User, script) {
			return g, nil
		}
		if script.Active {
			active++
		}
	}
	if active > 0 || !w.User.Level.AtLeast(domain.LevelDeveloper) || c.app.engine.DeniesGroup(w.User, id) {
		return domain.Group{}, hidden
	}
	return g, nil
}

// ScriptsRequest names a group; "" is all.
type ScriptsRequest struct {
	GroupID string `json:"group_id,omitempty"`
}

// List lists the scripts of a group, or of all.
func (s *Scripts) List(ctx context.Context, r ScriptsRequest) ([]ScriptView, error) {
	w, err := s.c.require(ctx, "Scripts.List")
	if err != nil {
		return nil, err
	}
	scripts, err := s.visible(ctx, w, r.GroupID)
	if err != nil {
		return nil, err
	}
	if r.GroupID != "" && len(scripts) == 0 {
		if _, err := s.c.group(ctx, w, r.GroupID); err != nil {
			return nil, err
		}
	}
	return s.views(ctx, w, scripts)
}

func (s *Scripts) views(ctx context.Context, w who, scripts []domain.Script) ([]ScriptView, error) {
	groups, err := s.c.app.engine.Groups(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]domain.Text{}
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	last, err := s.c.app.engine.LastRuns(ctx, w.User.ID)
	if err != nil {
		return nil, err
	}
	live := s.c.app.engine.LiveOf(w.User.ID)
	views := make([]ScriptView, 0, len(scripts))
	for _, script := range scripts {
		view := ScriptView{
			Script: script, MayRun: s.c.app.engine.CanRun(w.User, script), GroupName: names[script.GroupID],
		}
		if e, ok := last[script.ID]; ok {
			view.LastRun = &e
		}
		for _, e := range live {
			if e.ScriptID == script.ID {
				view.Running++
			}
		}
		views = append(views, view)
	}
	return views, nil
}

// ScriptRequest names a script by "<group>/<script>".
type ScriptRequest struct {
	ScriptID domain.ScriptID `json:"script_id"`
}

// Get gives all about one script. It fails with CodeNotFound.
func (s *Scripts) Get(ctx context.Context, r ScriptRequest) (ScriptDetail, error) {
	w, err := s.c.require(ctx, "Scripts.Get")
	if err != nil {
		return ScriptDetail{}, err
	}
	script, err := s.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return ScriptDetail{}, err
	}
	views, err := s.views(ctx, w, []domain.Script{script})
	if err != nil {
		return ScriptDetail{}, err
	}
	group, err := s.c.app.engine.Group(ctx, script.GroupID)
	if err != nil {
		return ScriptDetail{}, err
	}
	d := ScriptDetail{
		Script: views[0], Group: GroupView{Group: group},
		MayRun: views[0].MayRun, Running: []domain.Execution{}, Languages: s.c.app.engine.DocumentLanguages(ctx, script),
	}
	for _, e := range s.c.app.engine.LiveOf(w.User.ID) {
		if e.ScriptID == script.ID {
			d.Running = append(d.Running, e)
		}
	}
	if d.Paths, err = s.c.app.engine.Paths(ctx, script); err != nil {
		return ScriptDetail{}, err
	}
	if d.LastParameters, err = s.c.app.engine.LastParameters(ctx, w.User.ID, script.ID); err != nil {
		return ScriptDetail{}, err
	}
	wanted, from := domain.EnvironmentWanted(script, group)
	d.EnvironmentSource = from
	environment, fallback, err := s.c.app.engine.ResolveEnvironment(ctx, wanted, script.Interface != domain.InterfaceNone)
	if err != nil {
		d.EnvironmentError = s.c.app.shown(err)
	} else {
		d.Environment, d.EnvironmentFallback = &environment, fallback
	}
	if script.Interface != domain.InterfaceNone {
		guard, err := s.c.app.engine.Guard(ctx, script.ID)
		if err != nil {
			return ScriptDetail{}, err
		}
		d.Guard = &guard
	}
	switch {
	case !d.MayRun && w.User.Level == domain.LevelViewer:
		d.WhyNot = domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelOperator))
	case !d.MayRun:
		d.WhyNot = domain.NewError(domain.CodeNotAllowed, "level", string(script.RequiredLevel))
	case !script.Active:
		d.MayRun, d.WhyNot = false, domain.NewError(domain.CodeScriptInactive, "script", script.ID)
	}
	return d, nil
}

// ApprovePathsRequest names those of the folders in a script's header that it
// may write into; all others are not, or no longer, approved.
type ApprovePathsRequest struct {
	ScriptID domain.ScriptID `json:"script_id"`
	Paths    []string        `json:"paths"`
}

// ApprovePaths opens folders to a confined script (SPEC SEC-2). It fails with
// CodeNotFound or CodePathNotApprovable.
func (s *Scripts) ApprovePaths(ctx context.Context, r ApprovePathsRequest) ([]engine.PathApproval, error) {
	w, err := s.c.require(ctx, "Scripts.ApprovePaths")
	if err != nil {
		return nil, err
	}
	script, err := s.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return nil, err
	}
	if err := s.c.app.engine.ApprovePaths(ctx, w.Actor, script, r.Paths); err != nil {
		return nil, err
	}
	return s.c.app.engine.Paths(ctx, script)
}

// GuardRequest says whether a script's page is to be guarded.
type GuardRequest struct {
	ScriptID domain.ScriptID `json:"script_id"`
	On       bool            `json:"on"`
}

// SetGuard switches the guard in front of a script's page (SPEC SEC-4), from
// the script's next start on. It fails with CodeNotFound.
func (s *Scripts) SetGuard(ctx context.Context, r GuardRequest) (domain.Guard, error) {
	w, err := s.c.require(ctx, "Scripts.SetGuard")
	if err != nil {
		return domain.Guard{}, err
	}
	script, err := s.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return domain.Guard{}, err
	}
	return s.c.app.engine.SetGuard(ctx, w.Actor, script, r.On)
}

// DocumentRequest asks for a script's documentation.
type DocumentRequest struct {
	ScriptID domain.ScriptID `json:"script_id"`
	Language domain.Language `json:"language"`
}

// Document is a script's long description as Markdown.
type Document struct {
	Language  domain.Language `json:"language"`
	Requested domain.Language `json:"requested"`
	Fallback  bool            `json:"fallback"` // another language than asked for
	Text      string          `json:"text"`
	Path      string          `json:"path"` // relative to the group's folder
}

// Document gives a script's documentation in the language, else in English
// (SPEC DOC-1). It fails with CodeNotFound where there is none.
func (s *Scripts) Document(ctx context.Context, r DocumentRequest) (Document, error) {
	w, err := s.c.require(ctx, "Scripts.Document")
	if err != nil {
		return Document{}, err
	}
	script, err := s.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return Document{}, err
	}
	source, err := s.c.app.engine.Document(ctx, script, r.Language)
	if err != nil {
		return Document{}, err
	}
	return Document{
		Language: source.Language, Requested: r.Language, Fallback: source.Language != r.Language, Text: string(source.Text), Path: source.File,
	}, nil
}

// Refresh looks at all groups' folders again.
func (s *Scripts) Refresh(ctx context.Context) error {
	if _, err := s.c.require(ctx, "Scripts.Refresh"); err != nil {
		return err
	}
	return s.c.app.engine.Rescan(ctx)
}

// CheckContract runs a script and says what of the contract it breaks (SPEC
// SDK-5). It answers when the script has ended, and fails as Executions.Run
// does, and with CodeContractRuns.
func (s *Scripts) CheckContract(ctx context.Context, r RunRequest) (engine.ContractReport, error) {
	w, err := s.c.require(ctx, "Scripts.CheckContract")
	if err != nil {
		return engine.ContractReport{}, err
	}
	q, err := (&Executions{s.c}).request(ctx, w, r)
	if err != nil {
		return engine.ContractReport{}, err
	}
	return s.c.app.engine.CheckContract(ctx, w.Actor, q)
}

// Create makes a working script with its documentation from a template (SPEC
// DIS-10). It fails with CodeScriptName, CodeScriptTitle, CodeScriptTemplate
// and CodeScriptExists.
func (s *Scripts) Create(ctx context.Context, n engine.NewScript) (domain.Script, error) {
	w, err := s.c.require(ctx, "Scripts.Create")
	if err != nil {
		return domain.Script{}, err
	}
	if _, err := s.c.app.engine.Group(ctx, n.GroupID); err == nil { // else it is made
		if _, err := s.c.group(ctx, w, n.GroupID); err != nil {
			return domain.Script{}, err
		}
	}
	return s.c.app.engine.CreateScript(ctx, w.Actor, n)
}
