package app

import (
	"context"
	"strconv"

	"scriptsmanager/backend/domain"
)

// AlwaysOn shows and says what runs all the time (SPEC EXE-8). Everybody sees
// his own; administrators see all.
type AlwaysOn struct{ c *Client }

// AlwaysOnView is one that is wanted, with its script's name.
type AlwaysOnView struct {
	domain.AlwaysOn
	ScriptName domain.Text `json:"script_name"` // empty where the script is gone
}

// AlwaysOnQuery filters the list; "" is every script.
type AlwaysOnQuery struct {
	ScriptID domain.ScriptID `json:"script_id,omitempty"`
}

// List lists what is wanted and how it stands, oldest first.
func (o *AlwaysOn) List(ctx context.Context, r AlwaysOnQuery) ([]AlwaysOnView, error) {
	w, err := o.c.require(ctx, "AlwaysOn.List")
	if err != nil {
		return nil, err
	}
	list, err := o.c.app.engine.AlwaysOn(ctx)
	if err != nil {
		return nil, err
	}
	views := []AlwaysOnView{}
	for _, one := range list {
		if (one.UserID != w.User.ID && w.User.Level != domain.LevelAdmin) || (r.ScriptID != "" && r.ScriptID != one.ScriptID) {
			continue
		}
		view := AlwaysOnView{AlwaysOn: one}
		if script, err := o.c.app.engine.Script(ctx, one.ScriptID); err == nil {
			view.ScriptName = script.Name
		}
		views = append(views, view)
	}
	return views, nil
}

// AlwaysOnRequest says what to keep running.
type AlwaysOnRequest struct {
	ScriptID   domain.ScriptID `json:"script_id"`
	UserID     int64           `json:"user_id,omitempty"`    // for whom it runs; 0: the caller, another only by administrators
	ProjectID  int64           `json:"project_id,omitempty"` // 0: the caller's active project; of another user, his default one
	Parameters map[string]any  `json:"parameters,omitempty"`
	// TemplateID: start it each time with what this template has then, in the
	// place of Parameters.
	TemplateID int64 `json:"template_id,omitempty"`
}

// Set wants a script to run all the time, in the place of what was wanted of
// it in the same project. It fails with CodeNotFound, CodeNotAllowed,
// CodeScriptInactive, CodeAlwaysOnUser, CodeAlwaysOnDenied, CodeAlwaysOnSecret or CodeInvalid.
func (o *AlwaysOn) Set(ctx context.Context, r AlwaysOnRequest) (domain.AlwaysOn, error) {
	w, err := o.c.requirePerson(ctx, "AlwaysOn.Set")
	if err != nil {
		return domain.AlwaysOn{}, err
	}
	if _, err := o.c.script(ctx, w, r.ScriptID); err != nil {
		return domain.AlwaysOn{}, err
	}
	if r.UserID == 0 {
		r.UserID = w.User.ID
	}
	if r.UserID != w.User.ID && w.User.Level != domain.LevelAdmin {
		return domain.AlwaysOn{}, domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelAdmin))
	}
	project := w.Project
	switch {
	case r.ProjectID != 0:
		project, err = o.c.app.engine.UsableProject(ctx, r.UserID, r.ProjectID)
	case r.UserID != w.User.ID:
		project, err = o.c.app.engine.ProjectOrDefault(ctx, r.UserID, 0)
	}
	if err != nil {
		return domain.AlwaysOn{}, err
	}
	if r.TemplateID != 0 {
		if _, err := o.c.template(ctx, w, r.TemplateID); err != nil {
			return domain.AlwaysOn{}, err
		}
	}
	if r.Parameters == nil {
		r.Parameters = map[string]any{}
	}
	return o.c.app.engine.SetAlwaysOn(ctx, w.Actor, domain.AlwaysOn{
		ScriptID: r.ScriptID, UserID: r.UserID, ProjectID: project.ID, Parameters: r.Parameters, TemplateID: r.TemplateID,
	})
}

// AlwaysOnID names one that is wanted.
type AlwaysOnID struct {
	ID int64 `json:"id"`
}

// Clear ends that it runs all the time, and stops it. It fails with CodeNotFound.
func (o *AlwaysOn) Clear(ctx context.Context, r AlwaysOnID) error {
	w, err := o.c.require(ctx, "AlwaysOn.Clear")
	if err != nil {
		return err
	}
	list, err := o.c.app.engine.AlwaysOn(ctx)
	if err != nil {
		return err
	}
	for _, one := range list {
		if one.ID == r.ID && (one.UserID == w.User.ID || w.User.Level == domain.LevelAdmin) {
			return o.c.app.engine.ClearAlwaysOn(ctx, w.Actor, r.ID)
		}
	}
	return domain.NewError(domain.CodeNotFound, "what", "always on", "name", strconv.FormatInt(r.ID, 10))
}
