package app

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Permissions are what is allowed and denied on top of levels (SPEC USR-3).
type Permissions struct{ c *Client }

// The effects of a permission.
const (
	PermissionAllow   = "allow"
	PermissionDeny    = "deny"
	PermissionDefault = "default" // what the group, or the level, says
)

// PermissionList is what is set, and what it can be set for.
type PermissionList struct {
	Permissions []domain.Permission `json:"permissions"`
	Groups      []domain.Group      `json:"groups"`
	Scripts     []domain.Script     `json:"scripts"`
	Users       []domain.User       `json:"users"`
}

// List lists what is allowed and denied, and all groups, scripts and accounts.
func (p *Permissions) List(ctx context.Context) (l PermissionList, err error) {
	if _, err := p.c.require(ctx, "Permissions.List"); err != nil {
		return l, err
	}
	e := p.c.app.engine
	if l.Permissions, err = e.Permissions(ctx); err != nil {
		return l, err
	}
	if l.Groups, err = e.Groups(ctx); err != nil {
		return l, err
	}
	if l.Scripts, err = e.Scripts(ctx, ""); err != nil {
		return l, err
	}
	l.Users, err = e.Users(ctx)
	return l, err
}

// PermissionRequest says what is to hold at a place: of a script or a whole
// group, for a person or for all of a level.
type PermissionRequest struct {
	GroupID  string `json:"group_id,omitempty"` // may be left out where a script is named
	ScriptID string `json:"script_id,omitempty"`
	User     string `json:"user,omitempty"`
	Level    string `json:"level,omitempty"`
	Effect   string `json:"effect"` // allow, deny or default
}

// PermissionsRequest has changes of which all are made, or none.
type PermissionsRequest struct {
	Changes []PermissionRequest `json:"changes"`
}

const permissionsMost = 10_000 // changes at once

// Set changes what is allowed and denied. It fails with CodeInvalid (changes,
// effect, level), CodeNotFound (group, script, user) and CodeLevelUnknown.
func (p *Permissions) Set(ctx context.Context, r PermissionsRequest) ([]domain.Permission, error) {
	w, err := p.c.require(ctx, "Permissions.Set")
	if err != nil {
		return nil, err
	}
	if len(r.Changes) == 0 || len(r.Changes) > permissionsMost {
		return nil, domain.NewError(domain.CodeInvalid).With("changes", domain.NewError(domain.CodeParameterRequired, "name", "changes"))
	}
	known, err := p.known(ctx)
	if err != nil {
		return nil, err
	}
	changes := make([]engine.PermissionChange, 0, len(r.Changes))
	for _, one := range r.Changes {
		c, err := known.change(one)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	if err := p.c.app.engine.SetPermissions(ctx, w.Actor, changes); err != nil {
		return nil, err
	}
	return p.c.app.engine.Permissions(ctx)
}

// known is what permissions can be set for.
type known struct {
	groups  map[string]bool
	scripts map[domain.ScriptID]domain.Script
	users   map[string]domain.User // by name in lower case, also those that are not active
}

func (p *Permissions) known(ctx context.Context) (known, error) {
	e := p.c.app.engine
	k := known{groups: map[string]bool{}, scripts: map[domain.ScriptID]domain.Script{}, users: map[string]domain.User{}}
	groups, err := e.Groups(ctx)
	if err != nil {
		return k, err
	}
	scripts, err := e.Scripts(ctx, "")
	if err != nil {
		return k, err
	}
	users, err := e.Users(ctx)
	if err != nil {
		return k, err
	}
	for _, g := range groups {
		k.groups[g.ID] = true
	}
	for _, s := range scripts {
		k.scripts[s.ID] = s
	}
	for _, u := range users {
		k.users[strings.ToLower(u.Name)] = u
	}
	return k, nil
}

func (k known) user(name string) (domain.User, error) {
	u, ok := k.users[strings.ToLower(norm.NFC.String(strings.TrimSpace(name)))]
	if !ok {
		return u, domain.NewError(domain.CodeNotFound, "what", "user", "name", name)
	}
	return u, nil
}

func (k known) change(r PermissionRequest) (c engine.PermissionChange, err error) {
	option := func(field string, options ...string) error {
		return domain.NewError(domain.CodeInvalid).With(field,
			domain.NewError(domain.CodeParameterOption, "name", field, "options", strings.Join(options, ", ")))
	}
	c.Clear, c.Allow = r.Effect == PermissionDefault, r.Effect == PermissionAllow
	if !c.Clear && !c.Allow && r.Effect != PermissionDeny {
		return c, option("effect", PermissionAllow, PermissionDeny, PermissionDefault)
	}
	c.GroupID, c.ScriptID = r.GroupID, r.ScriptID
	if r.ScriptID != "" {
		script, ok := k.scripts[r.ScriptID]
		if !ok {
			return c, domain.NewError(domain.CodeNotFound, "what", "script", "name", r.ScriptID)
		}
		if r.GroupID != "" && r.GroupID != script.GroupID {
			return c, option("group_id", script.GroupID)
		}
		c.GroupID = script.GroupID
	} else if !k.groups[r.GroupID] {
		return c, domain.NewError(domain.CodeNotFound, "what", "group", "name", r.GroupID)
	}
	if (r.User == "") == (r.Level == "") {
		return c, domain.NewError(domain.CodeInvalid).With("user", domain.NewError(domain.CodeParameterRequired, "name", "user"))
	}
	if r.Level != "" {
		if c.Level, err = domain.ParseLevel(r.Level); err == nil && c.Level == domain.LevelAdmin { // they may do everything
			err = option("level", string(domain.LevelViewer), string(domain.LevelOperator), string(domain.LevelDeveloper))
		}
		return c, err
	}
	user, err := k.user(r.User)
	c.UserID, c.User = user.ID, user.Name
	return c, err
}

// ExplainRequest names a person, and a script; without one all are explained.
type ExplainRequest struct {
	User     string `json:"user"`
	ScriptID string `json:"script_id,omitempty"`
}

// Explained is what a person may see and run, and why.
type Explained struct {
	User     domain.User      `json:"user"`
	Verdicts []domain.Verdict `json:"verdicts"`
}

// Explain tells what a person may see and run, and why. It fails with
// CodeNotFound.
func (p *Permissions) Explain(ctx context.Context, r ExplainRequest) (x Explained, err error) {
	if _, err := p.c.require(ctx, "Permissions.Explain"); err != nil {
		return x, err
	}
	e := p.c.app.engine
	known, err := p.known(ctx)
	if err != nil {
		return x, err
	}
	if x.User, err = known.user(r.User); err != nil {
		return x, err
	}
	var scripts []domain.Script
	if r.ScriptID != "" {
		script, err := e.Script(ctx, r.ScriptID)
		if err != nil {
			return x, err
		}
		scripts = []domain.Script{script}
	} else if scripts, err = e.Scripts(ctx, ""); err != nil {
		return x, err
	}
	x.Verdicts = make([]domain.Verdict, 0, len(scripts))
	for _, s := range scripts {
		x.Verdicts = append(x.Verdicts, e.Explain(x.User, s))
	}
	return x, nil
}
