package cli

import (
	"context"
	"io"
	"strings"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type permissionCmds struct {
	Set     permissionSetCmd     `cmd:"" help:"Allow or deny a script, or all of a group, to a person or to all of a level."`
	List    permissionListCmd    `cmd:"" help:"List what is allowed and denied on top of levels."`
	Explain permissionExplainCmd `cmd:"" help:"Tell what a person may see and run, and why."`
}

type permissionSetCmd struct {
	Object string `arg:"" name:"group[/script]" help:"A group, or a script of it."`
	User   string `help:"The person it is for." placeholder:"U" xor:"who" required:""`
	Level  string `help:"The level it is for: developer, operator or viewer." placeholder:"LEVEL" xor:"who" required:""`
	Allow  bool   `help:"Allow it." xor:"effect" required:""`
	Deny   bool   `help:"Deny it." xor:"effect" required:""`
	Clear  bool   `help:"Take back what was set: the group, or the level, decides." xor:"effect" required:""`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run sets one permission.
func (r permissionSetCmd) Run(ctx context.Context, s *session) error {
	q := app.PermissionRequest{User: r.User, Level: r.Level, Effect: app.PermissionDefault}
	switch {
	case r.Allow:
		q.Effect = app.PermissionAllow
	case r.Deny:
		q.Effect = app.PermissionDeny
	}
	if object := strings.TrimSuffix(r.Object, ".py"); strings.Contains(object, "/") {
		q.ScriptID = object
	} else {
		q.GroupID = object
	}
	return s.with(ctx, r.As, func(c *connection) error {
		var set []domain.Permission
		if err := door.Call(ctx, c, "Permissions.Set", app.PermissionsRequest{Changes: []app.PermissionRequest{q}}, &set); err != nil {
			return err
		}
		return s.print(set, func(w io.Writer) { showPermissions(w, set) })
	})
}

type permissionListCmd struct {
	As string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run lists all permissions.
func (r permissionListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var list app.PermissionList
		if err := door.Call(ctx, c, "Permissions.List", nil, &list); err != nil {
			return err
		}
		return s.print(list.Permissions, func(w io.Writer) { showPermissions(w, list.Permissions) })
	})
}

func showPermissions(w io.Writer, list []domain.Permission) {
	rows := [][]string{}
	for _, p := range list {
		rows = append(rows, []string{objectOf(p), whomOf(p), effectOf(p), p.SetBy, p.SetAt.Local().Format("2006-01-02 15:04")})
	}
	table(w, []string{"GROUP OR SCRIPT", "FOR", "EFFECT", "SET BY", "SET AT"}, rows)
}

func objectOf(p domain.Permission) string {
	if p.ScriptID != "" {
		return p.ScriptID
	}
	return p.GroupID
}

func whomOf(p domain.Permission) string {
	if p.UserID != 0 {
		return "user " + p.User
	}
	return "level " + string(p.Level)
}

func effectOf(p domain.Permission) string {
	if p.Allow {
		return app.PermissionAllow
	}
	return app.PermissionDeny
}

type permissionExplainCmd struct {
	User   string `arg:"" help:"The person."`
	Script string `arg:"" name:"group/script" optional:"" help:"The script; all where none is named."`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run tells what a person may see and run.
func (r permissionExplainCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var x app.Explained
		q := app.ExplainRequest{User: r.User, ScriptID: strings.TrimSuffix(r.Script, ".py")}
		if err := door.Call(ctx, c, "Permissions.Explain", q, &x); err != nil {
			return err
		}
		return s.print(x, func(w io.Writer) {
			rows := [][]string{}
			for _, v := range x.Verdicts {
				params := map[string]any{"level": s.level(x.User.Level), "required": s.level(v.Required)}
				if p := v.Permission; p != nil {
					params["effect"] = s.Texts.Text(s.lang, "cli.permission."+effectOf(*p), nil)
					params["object"], params["whom"], params["by"] = objectOf(*p), p.User, p.SetBy
					if p.UserID == 0 {
						params["whom"] = s.Texts.Text(s.lang, "cli.permission.level_of", map[string]any{"name": s.level(p.Level)})
					}
				}
				rows = append(rows, []string{
					v.ScriptID, yes(v.See), yes(v.Run), s.Texts.Text(s.lang, "cli.permission."+v.Reason, params),
				})
			}
			table(w, []string{"SCRIPT", "SEES", "RUNS", "WHY"}, rows)
		})
	})
}

func (s *session) level(l domain.Level) string {
	if !l.Valid() {
		return string(l)
	}
	return s.Texts.Text(s.lang, "level."+string(l), nil)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
