package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// resolve puts in what the group's scripts run in, unless they say one of their
// own. Without a page, none of them needs Flask.
func (c *Client) resolve(ctx context.Context, g *GroupView, scripts []domain.Script) {
	wanted, from := domain.EnvironmentWanted(domain.Script{}, g.Group)
	g.EnvironmentSource = from
	environment, fallback, err := c.app.engine.ResolveEnvironment(ctx, wanted, pageIn(scripts, g.ID))
	if err != nil {
		g.EnvironmentError = c.app.shown(err)
		return
	}
	g.EffectiveEnvironment, g.EnvironmentFallback = &environment, fallback
}

func pageIn(scripts []domain.Script, groupID string) bool {
	return slices.ContainsFunc(scripts, func(s domain.Script) bool {
		return s.GroupID == groupID && s.Environment == "" && s.Interface != domain.InterfaceNone
	})
}

// EnvironmentUse is an environment that groups or scripts run in.
type EnvironmentUse struct {
	Path    string           `json:"path"`
	Groups  []GroupReference `json:"groups"`  // never nil
	Scripts []ScriptUse      `json:"scripts"` // those that say one of their own; never nil
}

// GroupReference names a group.
type GroupReference struct {
	ID   string      `json:"id"`
	Name domain.Text `json:"name"`
	Icon string      `json:"icon"`
	// Unusable tells that the environment is wanted and its scripts cannot run
	// in it: they fail, or another one takes its place.
	Unusable bool `json:"unusable"`
}

// ScriptUse names a script.
type ScriptUse struct {
	ID        domain.ScriptID `json:"id"`
	Name      domain.Text     `json:"name"`
	GroupName domain.Text     `json:"group_name"`
	Unusable  bool            `json:"unusable"` // as of a group
}

// Uses tells which groups and scripts run in which environment now, or are to
// and cannot, as far as the person may see them.
func (n *Environments) Uses(ctx context.Context) ([]EnvironmentUse, error) {
	w, err := n.c.require(ctx, "Environments.Uses")
	if err != nil {
		return nil, err
	}
	return n.uses(ctx, w)
}

func (n *Environments) uses(ctx context.Context, w who) ([]EnvironmentUse, error) {
	scripts := &Scripts{n.c}
	groups, err := scripts.groups(ctx, w)
	if err != nil {
		return nil, err
	}
	visible, err := scripts.visible(ctx, w, "")
	if err != nil {
		return nil, err
	}
	uses := []EnvironmentUse{}
	of := func(path string) *EnvironmentUse {
		for i := range uses {
			if uses[i].Path == path {
				return &uses[i]
			}
		}
		uses = append(uses, EnvironmentUse{Path: path, Groups: []GroupReference{}, Scripts: []ScriptUse{}})
		return &uses[len(uses)-1]
	}
	names := map[string]domain.Text{}
	for _, g := range groups {
		names[g.ID] = g.Name
		wanted, _ := domain.EnvironmentWanted(domain.Script{}, g.Group)
		n.eachUse(ctx, wanted, g.EffectiveEnvironment, g.EnvironmentFallback, func(path string, unusable bool) {
			u := of(path)
			u.Groups = append(u.Groups, GroupReference{g.ID, g.Name, g.Icon, unusable})
		})
	}
	for _, s := range visible {
		if s.Environment == "" {
			continue
		}
		var effective *domain.Environment
		env, fallback, err := n.c.app.engine.ResolveEnvironment(ctx, s.Environment, s.Interface != domain.InterfaceNone)
		if err == nil {
			effective = &env
		}
		n.eachUse(ctx, s.Environment, effective, fallback, func(path string, unusable bool) {
			u := of(path)
			u.Scripts = append(u.Scripts, ScriptUse{s.ID, s.Name, names[s.GroupID], unusable})
		})
	}
	return uses, nil
}

// eachUse gives the environment in which it runs, and the one that is wanted
// where that is another one or none runs: who removes or mends it must see that.
func (n *Environments) eachUse(ctx context.Context, wanted string, effective *domain.Environment, fallback string, use func(path string, unusable bool)) {
	if effective != nil {
		use(effective.Path, false)
	}
	if wanted == "" || (effective != nil && fallback == "") {
		return
	}
	env, err := n.c.app.engine.Environment(ctx, wanted)
	if err != nil || (effective != nil && env.Path == effective.Path) {
		return // it is not there: the group's or the script's own page says so
	}
	use(env.Path, true)
}

// unassigned fails with CodeEnvironmentAssigned where groups or scripts are to
// run in the environment by what was assigned or by their files. Those that the
// person may not see are counted.
func (n *Environments) unassigned(ctx context.Context, w who, env domain.Environment) error {
	e := n.c.app.engine
	groups, err := e.Groups(ctx)
	if err != nil {
		return err
	}
	scripts, err := e.Scripts(ctx, "")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range scripts {
		if s.Active && e.CanSee(w.User, s) {
			seen[s.GroupID], seen[s.ID] = true, true
		}
	}
	var users []string
	others := 0
	look := func(id, wanted string, active bool) {
		if wanted == "" || !active {
			return
		}
		found, fallback, err := e.ResolveEnvironment(ctx, wanted, false)
		switch {
		case err != nil || fallback != "" || found.Path != env.Path:
		case seen[id] || w.User.Level.AtLeast(domain.LevelAdmin):
			users = append(users, id)
		default:
			others++
		}
	}
	for _, g := range groups {
		look(g.ID, g.Environment, g.Active)
	}
	for _, s := range scripts {
		look(s.ID, s.Environment, s.Active)
	}
	if len(users)+others == 0 {
		return nil
	}
	slices.Sort(users)
	if others > 0 {
		users = append(users, fmt.Sprintf("+%d", others))
	}
	return domain.NewError(domain.CodeEnvironmentAssigned, "environment", env.Name, "path", env.Path, "users", strings.Join(users, ", "))
}

// ImportRequest names a group, or a script, and the environment (path or name)
// to check it against.
type ImportRequest struct {
	GroupID     string          `json:"group_id,omitempty"`
	ScriptID    domain.ScriptID `json:"script_id,omitempty"`
	Environment string          `json:"environment"`
}

// ImportCheck is what the environment lacks.
type ImportCheck struct {
	Environment domain.Environment     `json:"environment"`
	Checked     int                    `json:"checked"` // scripts that were read
	Scripts     []engine.ScriptImports `json:"scripts"` // those with something to say; never nil
}

// Check reads what the scripts import and says what the environment lacks,
// without running them. Of a group it checks those that say no environment of
// their own. It fails with CodeNotFound,
// CodeEnvironmentUnknown, CodeEnvironmentNames or CodeEnvironmentBroken.
func (n *Environments) Check(ctx context.Context, r ImportRequest) (ImportCheck, error) {
	w, err := n.c.require(ctx, "Environments.Check")
	if err != nil {
		return ImportCheck{}, err
	}
	scripts, err := n.scriptsOf(ctx, w, r.GroupID, r.ScriptID)
	if err != nil {
		return ImportCheck{}, err
	}
	env, err := n.c.app.engine.Environment(ctx, r.Environment)
	if err != nil {
		return ImportCheck{}, err
	}
	found, err := n.c.app.engine.CheckImports(ctx, env, scripts)
	return ImportCheck{Environment: env, Checked: len(scripts), Scripts: found}, err
}

// scriptsOf gives what an assignment to the group or the script concerns. It
// fails with CodeNotFound or CodeUsage.
func (n *Environments) scriptsOf(ctx context.Context, w who, groupID string, scriptID domain.ScriptID) ([]domain.Script, error) {
	switch {
	case groupID != "" && scriptID == "":
		if _, err := n.c.group(ctx, w, groupID); err != nil {
			return nil, err
		}
		scripts, err := (&Scripts{n.c}).visible(ctx, w, groupID)
		return slices.DeleteFunc(scripts, func(s domain.Script) bool { return s.Environment != "" }), err
	case scriptID != "" && groupID == "":
		script, err := n.c.script(ctx, w, scriptID)
		return []domain.Script{script}, err
	}
	return nil, domain.NewError(domain.CodeUsage, "detail", "name a group or a script")
}

// AssignRequest says what a group or a script is to run in: a path or a name;
// "" takes it back.
type AssignRequest struct {
	GroupID     string          `json:"group_id,omitempty"`
	ScriptID    domain.ScriptID `json:"script_id,omitempty"`
	Environment string          `json:"environment"`
}

// Assigned is what runs from the next start on.
type Assigned struct {
	GroupID     string                 `json:"group_id,omitempty"`
	ScriptID    domain.ScriptID        `json:"script_id,omitempty"`
	Environment *domain.Environment    `json:"environment"` // null where there is none
	Source      string                 `json:"source"`      // script, group or default
	Fallback    string                 `json:"fallback"`    // what is wanted and not there, "" is none
	Error       *domain.Error          `json:"error"`       // why runs will fail in it
	Imports     []engine.ScriptImports `json:"imports"`     // what it lacks, of those scripts with something to say; never nil
	ImportError *domain.Error          `json:"import_error"`
}

// Assign makes a group, or one script, run in an environment from the next
// start on (SPEC ENV-4). What the environment lacks is told and no reason to
// refuse; one in which nothing runs is. It fails with CodeNotFound,
// CodeEnvironmentUnknown, CodeEnvironmentNames or CodeEnvironmentUnfit.
func (n *Environments) Assign(ctx context.Context, r AssignRequest) (Assigned, error) {
	w, err := n.c.require(ctx, "Environments.Assign")
	if err != nil {
		return Assigned{}, err
	}
	e := n.c.app.engine
	if _, err := n.scriptsOf(ctx, w, r.GroupID, r.ScriptID); err != nil {
		return Assigned{}, err
	}
	var env *domain.Environment
	if r.Environment != "" {
		found, err := e.FindEnvironment(ctx, r.Environment)
		if err != nil {
			return Assigned{}, err
		}
		if !found.Usable() && found.State != domain.EnvironmentNoFlask {
			return Assigned{}, domain.NewError(domain.CodeEnvironmentUnfit, "environment", found.Name, "path", found.Path)
		}
		env = &found
	}
	if r.GroupID != "" {
		err = e.AssignToGroup(ctx, w.Actor, r.GroupID, env)
	} else {
		err = e.AssignToScript(ctx, w.Actor, r.ScriptID, env)
	}
	if err != nil {
		return Assigned{}, err
	}
	return n.assigned(ctx, w, r)
}

// assigned looks at what the assignment comes to.
func (n *Environments) assigned(ctx context.Context, w who, r AssignRequest) (Assigned, error) {
	e := n.c.app.engine
	scripts, err := n.scriptsOf(ctx, w, r.GroupID, r.ScriptID)
	if err != nil {
		return Assigned{}, err
	}
	groupID, script, needFlask := r.GroupID, domain.Script{}, pageIn(scripts, r.GroupID)
	if r.ScriptID != "" {
		script = scripts[0]
		groupID, needFlask = script.GroupID, script.Interface != domain.InterfaceNone
	}
	group, err := e.Group(ctx, groupID)
	if err != nil {
		return Assigned{}, err
	}
	a := Assigned{GroupID: r.GroupID, ScriptID: r.ScriptID, Imports: []engine.ScriptImports{}}
	wanted, from := domain.EnvironmentWanted(script, group)
	a.Source = from
	env, fallback, err := e.ResolveEnvironment(ctx, wanted, needFlask)
	if err != nil {
		a.Error = n.c.app.shown(err)
		if !domain.HasCode(err, domain.CodeFlaskMissing) {
			return a, nil
		}
		// What else is missing beside Flask is worth knowing.
		if env, err = e.Environment(ctx, wanted); err != nil {
			return a, nil //nolint:nilerr // why there is none is told already
		}
	}
	a.Environment, a.Fallback = &env, fallback
	found, err := e.CheckImports(ctx, env, scripts)
	if err != nil {
		a.ImportError = n.c.app.shown(err)
		return a, nil
	}
	a.Imports = found
	return a, nil
}
