package app

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
)

// Templates keeps sets of parameters for scripts (SPEC PRJ-5). Everybody sees
// his own, those that are offered to all, and the examples of groups.
// Administrators can ask for those of another, which is recorded.
type Templates struct{ c *Client }

// TemplateView is a template as one person sees it. Its parameters are those
// that the script takes now.
type TemplateView struct {
	domain.Template
	ScriptName domain.Text              `json:"script_name"` // empty where the script is gone
	Own        bool                     `json:"own"`
	MayEdit    bool                     `json:"may_edit"`
	Unfit      map[string]*domain.Error `json:"unfit,omitempty"` // values that the script does not take any more, and why
	Uses       []TemplateUse            `json:"uses"`            // what is always on with it, as far as the person may see it
	OtherUses  int                      `json:"other_uses"`      // and how many more are
}

// TemplateUse is something always on that reads a template at each start.
type TemplateUse struct {
	ID      int64  `json:"id"`
	User    string `json:"user"`
	Project string `json:"project"`
}

// TemplatesRequest chooses templates.
type TemplatesRequest struct {
	ScriptID domain.ScriptID `json:"script_id,omitempty"` // with its examples; "" is every script, without examples
	User     string          `json:"user,omitempty"`      // all of this user's; of another only for administrators
}

// List lists templates by script and name, examples last. It fails with
// CodeNotFound (the script, the user) and CodeNotAllowed.
func (t *Templates) List(ctx context.Context, r TemplatesRequest) ([]TemplateView, error) {
	w, err := t.c.require(ctx, "Templates.List")
	if err != nil {
		return nil, err
	}
	e := t.c.app.engine
	scripts := map[domain.ScriptID]domain.Script{}
	if r.ScriptID != "" {
		script, err := t.c.script(ctx, w, r.ScriptID)
		if err != nil {
			return nil, err
		}
		scripts[script.ID] = script
	} else {
		list, err := e.Scripts(ctx, "")
		if err != nil {
			return nil, err
		}
		for _, script := range list {
			scripts[script.ID] = script
		}
	}
	filter := engine.TemplateFilter{ScriptID: r.ScriptID, SeenBy: w.User.ID}
	if r.User != "" {
		owner, other, err := t.c.userOrSelf(ctx, w, r.User)
		if err != nil {
			return nil, err
		}
		filter.SeenBy, filter.OwnerID = 0, owner.ID
		if other {
			look := func() error { return e.TemplateRead(ctx, w.Actor, owner.Name, nil) }
			if err := t.c.recordLook("template.read\x00"+owner.Name, look); err != nil {
				return nil, err
			}
		}
	}
	kept, err := e.Templates(ctx, filter)
	if err != nil {
		return nil, err
	}
	always, err := e.AlwaysOn(ctx)
	if err != nil {
		return nil, err
	}
	views := []TemplateView{}
	for _, one := range kept {
		script, there := scripts[one.ScriptID]
		if there && !e.CanSee(w.User, script) || !there && one.UserID != w.User.ID && w.User.Level != domain.LevelAdmin {
			continue
		}
		views = append(views, t.view(w, one, script, always))
	}
	if script, ok := scripts[r.ScriptID]; ok && r.User == "" {
		examples, err := t.examples(ctx, w, script)
		if err != nil {
			return nil, err
		}
		views = append(views, examples...)
	}
	return views, nil
}

// examples gives those of a script. Faulty ones, of which nothing can be
// loaded, are shown to who can mend them.
func (t *Templates) examples(ctx context.Context, w who, script domain.Script) ([]TemplateView, error) {
	list, err := t.c.app.engine.Examples(ctx, script)
	views := []TemplateView{}
	for _, one := range list {
		if (one.ScriptID == "" || len(one.Parameters) == 0 && len(one.Problems) > 0) && !w.User.Level.AtLeast(domain.LevelDeveloper) {
			continue
		}
		if !w.User.Level.AtLeast(domain.LevelDeveloper) {
			one.Problems = nil
		}
		views = append(views, TemplateView{Template: one, ScriptName: script.Name, Uses: []TemplateUse{}})
	}
	return views, err
}

// view shows a kept template; the script is empty where it is gone.
func (t *Templates) view(w who, one domain.Template, script domain.Script, always []domain.AlwaysOn) TemplateView {
	v := TemplateView{
		Template: one, ScriptName: script.Name, Own: one.UserID == w.User.ID, Uses: []TemplateUse{},
		MayEdit: one.UserID == w.User.ID || w.User.Level == domain.LevelAdmin,
	}
	if script.ID != "" {
		v.Parameters, v.Unfit = t.c.app.engine.FitTemplate(script, one)
	}
	for _, a := range always {
		switch {
		case a.TemplateID != one.ID:
		case a.UserID == w.User.ID || w.User.Level == domain.LevelAdmin:
			v.Uses = append(v.Uses, TemplateUse{ID: a.ID, User: a.User, Project: a.Project})
		default:
			v.OtherUses++
		}
	}
	return v
}

// template gives a template that the person may see; what may not be seen is
// not found. An administrator's look at another's private one is recorded.
func (c *Client) template(ctx context.Context, w who, id int64) (domain.Template, error) {
	hidden := domain.NewError(domain.CodeNotFound, "what", "template", "name", strconv.FormatInt(id, 10))
	one, err := c.app.engine.Template(ctx, id)
	if err != nil {
		return domain.Template{}, err
	}
	if one.UserID == w.User.ID {
		return one, nil
	}
	if !one.Shared && w.User.Level != domain.LevelAdmin {
		return domain.Template{}, hidden
	}
	if script, err := c.app.engine.Script(ctx, one.ScriptID); err != nil || !c.app.engine.CanSee(w.User, script) {
		if w.User.Level != domain.LevelAdmin {
			return domain.Template{}, hidden
		}
	}
	if !one.Shared {
		err = c.app.engine.TemplateRead(ctx, w.Actor, one.User, &one)
	}
	return one, err
}

// TemplateID names a kept template.
type TemplateID struct {
	ID int64 `json:"id"`
}

// Get gives one template. It fails with CodeNotFound.
func (t *Templates) Get(ctx context.Context, r TemplateID) (TemplateView, error) {
	w, err := t.c.require(ctx, "Templates.Get")
	if err != nil {
		return TemplateView{}, err
	}
	one, err := t.c.template(ctx, w, r.ID)
	if err != nil {
		return TemplateView{}, err
	}
	return t.shown(ctx, w, one)
}

func (t *Templates) shown(ctx context.Context, w who, one domain.Template) (TemplateView, error) {
	script, err := t.c.app.engine.Script(ctx, one.ScriptID)
	if err != nil && !domain.HasCode(err, domain.CodeNotFound) {
		return TemplateView{}, err
	}
	always, err := t.c.app.engine.AlwaysOn(ctx)
	if err != nil {
		return TemplateView{}, err
	}
	return t.view(w, one, script, always), nil
}

// SaveTemplateRequest has a new template, or all of a changed one.
type SaveTemplateRequest struct {
	ID         int64           `json:"id,omitempty"`        // 0: a new one
	Version    int64           `json:"version,omitempty"`   // of the one that was changed, as it was read
	ScriptID   domain.ScriptID `json:"script_id,omitempty"` // of a new one
	Name       string          `json:"name"`
	Shared     bool            `json:"shared,omitempty"`     // offered to all: developers and administrators
	Parameters map[string]any  `json:"parameters,omitempty"` // null: those of a changed one stay
}

// Save keeps a template. It fails with CodeNotFound, CodeNotAllowed,
// CodeInvalid (name and values, by field), CodeLimitReached,
// CodeTemplateChanged and CodeTemplateUsed.
func (t *Templates) Save(ctx context.Context, r SaveTemplateRequest) (TemplateView, error) {
	w, err := t.c.requirePerson(ctx, "Templates.Save")
	if err != nil {
		return TemplateView{}, err
	}
	one := domain.Template{ScriptID: r.ScriptID, UserID: w.User.ID}
	if r.ID != 0 {
		if one, err = t.editable(ctx, w, r.ID); err != nil {
			return TemplateView{}, err
		}
		one.Version = r.Version
	}
	if r.Shared && !w.User.Level.AtLeast(domain.LevelDeveloper) {
		return TemplateView{}, domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelDeveloper))
	}
	script, err := t.c.script(ctx, w, one.ScriptID)
	if err != nil {
		return TemplateView{}, err
	}
	one.Name, one.Shared, one.Parameters = r.Name, r.Shared, r.Parameters
	if one.Parameters == nil && r.ID == 0 {
		one.Parameters = map[string]any{}
	}
	if one, err = t.c.app.engine.SaveTemplate(ctx, w.Actor, script, one); err != nil {
		return TemplateView{}, err
	}
	return t.shown(ctx, w, one)
}

// editable gives a template that the person may change or delete. One that is
// only offered may be seen, and is not.
func (t *Templates) editable(ctx context.Context, w who, id int64) (domain.Template, error) {
	one, err := t.c.template(ctx, w, id)
	if err == nil && one.UserID != w.User.ID && w.User.Level != domain.LevelAdmin {
		err = domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelAdmin))
	}
	return one, err
}

// Delete forgets a template. It fails with CodeNotFound, CodeNotAllowed and
// CodeTemplateUsed.
func (t *Templates) Delete(ctx context.Context, r TemplateID) error {
	w, err := t.c.require(ctx, "Templates.Delete")
	if err != nil {
		return err
	}
	if _, err := t.editable(ctx, w, r.ID); err != nil {
		return err
	}
	return t.c.app.engine.DeleteTemplate(ctx, w.Actor, r.ID)
}

// fromTemplate puts what a run's template has into the request, where that
// has no values itself, and says what it was started from. It fails with
// CodeNotFound where there is neither.
func (x *Executions) fromTemplate(ctx context.Context, w who, script domain.Script, r *RunRequest) (*domain.ExecutionTemplate, error) {
	var one domain.Template
	switch {
	case r.TemplateID != 0:
		var err error
		one, err = x.c.template(ctx, w, r.TemplateID)
		if err == nil && one.ScriptID != script.ID {
			err = domain.NewError(domain.CodeNotFound, "what", "template", "name", strconv.FormatInt(r.TemplateID, 10))
		}
		if r.Parameters != nil && domain.HasCode(err, domain.CodeNotFound) {
			return nil, nil // it has gone, or is not offered any more: the values are there
		}
		if err != nil {
			return nil, err
		}
		one.Parameters, _ = x.c.app.engine.FitTemplate(script, one)
	case r.Example != "":
		list, err := x.c.app.engine.Examples(ctx, script)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(t domain.Template) bool { return t.Example == r.Example && t.ScriptID == script.ID })
		if i < 0 && r.Parameters != nil {
			return nil, nil
		}
		if i < 0 {
			return nil, domain.NewError(domain.CodeNotFound, "what", "template", "name", r.Example)
		}
		one = list[i]
	default:
		return nil, nil
	}
	from := &domain.ExecutionTemplate{ID: one.ID, Example: one.Example, Name: one.Name}
	if r.Parameters == nil {
		r.Parameters = one.Parameters
		return from, nil
	}
	from.Changed = !sameChoice(script.Parameters, one.Parameters, r.Parameters)
	return from, nil
}

// sameChoice tells whether two sets of values come to the same for a script.
func sameChoice(declared []domain.Parameter, a, b map[string]any) bool {
	text := func(values map[string]any) string {
		checked, err := execution.Check(declared, values)
		if err != nil {
			checked, _ = execution.Fit(declared, values)
		}
		out, err := json.Marshal(execution.Public(declared, checked))
		if err != nil {
			return ""
		}
		return string(out)
	}
	return text(a) == text(b)
}
