package cli

import (
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

type projectCmds struct {
	List      projectListCmd      `cmd:"" help:"List projects, with what they hold."`
	Create    projectCreateCmd    `cmd:"" help:"Make a project."`
	Rename    projectRenameCmd    `cmd:"" help:"Rename a project; its folders stay as they are."`
	Describe  projectDescribeCmd  `cmd:"" help:"Describe a project."`
	Archive   projectArchiveCmd   `cmd:"" help:"Archive a project: nothing can run in it. Its data stay."`
	Unarchive projectUnarchiveCmd `cmd:"" help:"Take a project out of the archive."`
	Delete    projectDeleteCmd    `cmd:"" help:"Delete a project with its data for good. Its backups stay."`

	Share   projectShareCmd   `cmd:"" help:"Let others read a project of yours; they change nothing in it."`
	Unshare projectUnshareCmd `cmd:"" help:"Take a shared project back, from everybody where nobody is named."`

	Backup       projectBackupCmd       `cmd:"" help:"Write a project into a zip, and verify it."`
	Backups      projectBackupsCmd      `cmd:"" help:"List the backups of projects, the newest first."`
	Restore      projectRestoreCmd      `cmd:"" help:"Put a backup back into its project, into another or as a new one. The present state is backed up first."`
	Download     projectDownloadCmd     `cmd:"" help:"Write the zip of a backup to a file."`
	DeleteBackup projectDeleteBackupCmd `cmd:"" help:"Delete a backup."`
}

// acting are the flags of who acts, and on whose projects.
type acting struct {
	As   string `help:"Act with this user's rights." placeholder:"USER"`
	User string `help:"A project of another person; administrators only." placeholder:"USER"`
}

// project calls f with a connection and the project of that name.
func (a acting) project(ctx context.Context, s *session, name string, f func(*connection, engine.ProjectView) error) error {
	return s.with(ctx, a.As, func(c *connection) error {
		list, err := a.list(ctx, c)
		if err != nil {
			return err
		}
		for _, p := range list.Projects {
			if strings.EqualFold(p.Name, name) {
				return f(c, p)
			}
		}
		return domain.NewError(domain.CodeNotFound, "what", "project", "name", name)
	})
}

func (a acting) list(ctx context.Context, c *connection) (app.ProjectList, error) {
	var list app.ProjectList
	err := door.Call(ctx, c, "Projects.Overview", app.ProjectListRequest{User: a.User}, &list)
	return list, err
}

// said prints a project, or what became of it in words.
func (s *session) said(p domain.Project, key string) error {
	return s.print(p, func(w io.Writer) {
		_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, key, map[string]any{"project": p.Name}))
	})
}

type projectListCmd struct {
	Shared bool `help:"Those that others share with you, instead."`
	acting
}

// Run lists the projects.
func (r projectListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		list, err := r.list(ctx, c)
		if err != nil {
			return err
		}
		if r.Shared {
			return s.listShared(list.Shared)
		}
		rows := make([][]string, len(list.Projects))
		for i, p := range list.Projects {
			state, last, groups := "active", "", []string{}
			switch {
			case p.ArchivedAt != nil:
				state = "archived"
			case p.IsDefault:
				state = "default"
			}
			if p.LastAccessed != nil {
				last = p.LastAccessed.Local().Format(time.DateTime)
			}
			for _, g := range p.Groups {
				groups = append(groups, strings.TrimPrefix(g.Folder, "group_"))
			}
			rows[i] = []string{
				p.Name, state, fmt.Sprint(p.Files), fmt.Sprint(p.Bytes), fmt.Sprint(p.Running), last, sharedWith(p.Shares), strings.Join(groups, " "),
			}
		}
		return s.print(list.Projects, func(w io.Writer) {
			table(w, []string{"NAME", "STATE", "FILES", "BYTES", "RUNNING", "LAST USED", "SHARED WITH", "GROUPS"}, rows)
		})
	})
}

type projectCreateCmd struct {
	Name        string `arg:"" help:"Its name."`
	Description string `help:"What it is for."`
	As          string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run makes a project.
func (r projectCreateCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var p domain.Project
		if err := door.Call(ctx, c, "Projects.Create", app.CreateProjectRequest{Name: r.Name, Description: r.Description}, &p); err != nil {
			return err
		}
		return s.said(p, "cli.project.created")
	})
}

func (a acting) change(ctx context.Context, s *session, name, key string, change app.ChangeProjectRequest) error {
	return a.project(ctx, s, name, func(c *connection, p engine.ProjectView) error {
		change.ProjectID = p.ID
		var changed domain.Project
		if err := door.Call(ctx, c, "Projects.Change", change, &changed); err != nil {
			return err
		}
		return s.said(changed, key)
	})
}

type projectRenameCmd struct {
	Project string `arg:"" help:"The project's name."`
	Name    string `arg:"" help:"The new one."`
	acting
}

// Run renames a project.
func (r projectRenameCmd) Run(ctx context.Context, s *session) error {
	return r.change(ctx, s, r.Project, "cli.project.renamed", app.ChangeProjectRequest{Name: &r.Name})
}

type projectDescribeCmd struct {
	Project     string `arg:"" help:"The project's name."`
	Description string `arg:"" help:"What it is for."`
	acting
}

// Run describes a project.
func (r projectDescribeCmd) Run(ctx context.Context, s *session) error {
	return r.change(ctx, s, r.Project, "cli.project.described", app.ChangeProjectRequest{Description: &r.Description})
}

type projectArchiveCmd struct {
	Project string `arg:"" help:"The project's name."`
	acting
}

// Run archives a project.
func (r projectArchiveCmd) Run(ctx context.Context, s *session) error {
	yes := true
	return r.change(ctx, s, r.Project, "cli.project.archived", app.ChangeProjectRequest{Archived: &yes})
}

type projectUnarchiveCmd struct {
	Project string `arg:"" help:"The project's name."`
	acting
}

// Run takes a project out of the archive.
func (r projectUnarchiveCmd) Run(ctx context.Context, s *session) error {
	no := false
	return r.change(ctx, s, r.Project, "cli.project.unarchived", app.ChangeProjectRequest{Archived: &no})
}

type projectDeleteCmd struct {
	Project string `arg:"" help:"The project's name."`
	Confirm string `help:"The project's name once more; asked for at a terminal, else." placeholder:"NAME"`
	acting
}

// Run deletes a project with its data.
func (r projectDeleteCmd) Run(ctx context.Context, s *session) error {
	return r.project(ctx, s, r.Project, func(c *connection, p engine.ProjectView) error {
		confirm := s.confirmed(r.Confirm, s.Texts.Text(s.lang, "cli.project.confirm", map[string]any{
			"project": p.Name, "files": fmt.Sprint(p.Files),
		}))
		if err := door.Call(ctx, c, "Projects.Delete", app.DeleteProjectRequest{ProjectID: p.ID, Confirm: confirm}, nil); err != nil {
			return err
		}
		return s.said(p.Project, "cli.project.deleted")
	})
}
