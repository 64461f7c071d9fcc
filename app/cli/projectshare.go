package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

func sharedWith(shares []domain.ProjectShare) string {
	names := make([]string, len(shares))
	for i, one := range shares {
		names[i] = one.User
	}
	return strings.Join(names, " ")
}

// listShared prints what others share with one.
func (s *session) listShared(list []engine.SharedProjectView) error {
	rows := make([][]string, len(list))
	for i, p := range list {
		groups := []string{}
		for _, g := range p.Groups {
			groups = append(groups, g.GroupID)
		}
		state := "active"
		if p.Archived {
			state = "archived"
		}
		rows[i] = []string{
			p.Owner, p.Name, state, fmt.Sprint(p.Files), fmt.Sprint(p.Bytes), p.SharedAt.Local().Format(time.DateTime), strings.Join(groups, " "),
		}
	}
	return s.print(list, func(w io.Writer) {
		table(w, []string{"OWNER", "NAME", "STATE", "FILES", "BYTES", "SHARED", "GROUPS"}, rows)
	})
}

// sharedProject gives the number of a project that its owner shares; the
// default one where none is named.
func sharedProject(ctx context.Context, c *connection, owner, name string) (int64, error) {
	name = cmp.Or(name, domain.DefaultProject)
	list, err := acting{}.list(ctx, c)
	if err != nil {
		return 0, err
	}
	for _, p := range list.Shared {
		if strings.EqualFold(p.Owner, owner) && strings.EqualFold(p.Name, name) {
			return p.ID, nil
		}
	}
	return 0, domain.NewError(domain.CodeNotFound, "what", "project", "name", owner+"/"+name)
}

type projectShareCmd struct {
	Project string   `arg:"" help:"The project's name."`
	With    []string `arg:"" help:"Those who may read it, by the names that they sign in with." name:"user"`
	As      string   `help:"Act with this user's rights." placeholder:"USER"`
}

// Run shares a project.
func (r projectShareCmd) Run(ctx context.Context, s *session) error {
	return s.share(ctx, acting{As: r.As}, "Projects.Share", r.Project, r.With)
}

type projectUnshareCmd struct {
	Project string   `arg:"" help:"The project's name."`
	From    []string `arg:"" optional:"" help:"Those who may not read it any more; everybody, else." name:"user"`
	acting
}

// Run takes a shared project back.
func (r projectUnshareCmd) Run(ctx context.Context, s *session) error {
	return s.share(ctx, r.acting, "Projects.Unshare", r.Project, r.From)
}

func (s *session) share(ctx context.Context, a acting, method, project string, users []string) error {
	return a.project(ctx, s, project, func(c *connection, p engine.ProjectView) error {
		var list app.ProjectShareList
		if err := door.Call(ctx, c, method, app.ProjectShareRequest{ProjectID: p.ID, Users: users}, &list); err != nil {
			return err
		}
		return s.print(list.Shares, func(w io.Writer) {
			key := "cli.project.shared"
			if len(list.Shares) == 0 {
				key = "cli.project.not_shared"
			}
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, key, map[string]any{"project": p.Name, "users": sharedWith(list.Shares)}))
		})
	})
}
