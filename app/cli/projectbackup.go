package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/project/archive"
)

type projectBackupCmd struct {
	Project string `arg:"" help:"The project's name."`
	User    string `help:"A project of another person; administrators only." placeholder:"USER"`
	changing
}

// Run backs a project up and stays in front of it.
func (r projectBackupCmd) Run(ctx context.Context, s *session) error {
	var id int64
	err := acting{As: r.As, User: r.User}.project(ctx, s, r.Project, func(_ *connection, p engine.ProjectView) error {
		id = p.ID
		return nil
	})
	if err != nil {
		return err
	}
	return r.doThen(ctx, s, "Projects.BackUp", app.ProjectRequestID{ProjectID: id}, around{
		done: func(c *connection, e domain.Execution) (made, error) { return r.made(ctx, s, c, e) },
	})
}

// madeBackup is what --json tells of a backup that was made.
type madeBackup struct {
	engine.ProjectBackup
	Path string `json:"path"`
}

// made tells where the zip is, and its number.
func (r projectBackupCmd) made(ctx context.Context, s *session, c *connection, e domain.Execution) (made, error) {
	var list app.ProjectBackupList
	if err := door.Call(ctx, c, "Projects.Backups", app.ProjectListRequest{User: r.User}, &list); err != nil {
		return made{}, err
	}
	for _, b := range list.Backups {
		if path := e.Job.Target; b.File == filepath.Base(path) {
			line := s.Texts.Text(s.lang, "cli.project.backed_up", map[string]any{"backup": fmt.Sprint(b.ID), "path": path})
			return made{name: "backup", value: madeBackup{b.ProjectBackup, path}, line: line}, nil
		}
	}
	return made{}, nil // somebody has deleted it already
}

type projectBackupsCmd struct{ acting }

// Run lists the backups of projects.
func (r projectBackupsCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var list app.ProjectBackupList
		if err := door.Call(ctx, c, "Projects.Backups", app.ProjectListRequest{User: r.User}, &list); err != nil {
			return err
		}
		rows := make([][]string, len(list.Backups))
		for i, b := range list.Backups {
			state := "verified"
			switch {
			case b.Missing:
				state = "missing"
			case b.LeftOut+b.Unsteady > 0:
				state = fmt.Sprintf("verified, %d left out, %d changing", b.LeftOut, b.Unsteady)
			}
			rows[i] = []string{
				fmt.Sprint(b.ID), b.Project, b.CreatedAt.Local().Format(time.DateTime), fmt.Sprint(b.Size), fmt.Sprint(b.Files), b.Reason, b.MadeBy, state,
			}
		}
		return s.print(list.Backups, func(w io.Writer) {
			table(w, []string{"ID", "PROJECT", "MADE", "BYTES", "FILES", "WHY", "BY", "STATE"}, rows)
		})
	})
}

type projectRestoreCmd struct {
	Backup  string   `arg:"" help:"The number of a backup, as project backups lists it, or a zip of one."`
	Into    string   `help:"The project to restore into; the one that it is of, else." placeholder:"PROJECT"`
	New     string   `help:"Restore as a new project of this name." placeholder:"NAME"`
	File    []string `help:"Only this file or folder of it; may be given several times." sep:"none" placeholder:"PATH"`
	Exact   bool     `help:"Remove what is in the project and not in the backup."`
	Preview bool     `help:"Tell what would be done, and do nothing."`
	User    string   `help:"Of another person; administrators only." placeholder:"USER"`
	changing
}

// Run puts a backup back.
func (r projectRestoreCmd) Run(ctx context.Context, s *session) error {
	if r.Into != "" && r.New != "" {
		return domain.NewError(domain.CodeUsage, "detail", "--into, --new")
	}
	request := app.ProjectRestoreRequest{NewName: r.New, Files: r.File, Exact: r.Exact}
	var preview archive.Preview
	var brought int64 // the backup that this call has brought; 0: none
	err := s.with(ctx, r.As, func(c *connection) error {
		err := r.choose(ctx, c, &request, &brought)
		if err == nil && r.Preview {
			err = door.Call(ctx, c, "Projects.Preview", app.ProjectPreviewRequest{BackupID: request.BackupID, ProjectID: request.ProjectID}, &preview)
		}
		if err != nil || r.Preview {
			err = errors.Join(err, forget(context.WithoutCancel(ctx), c, brought))
		}
		return err
	})
	if err != nil {
		return err
	}
	if r.Preview {
		return s.print(preview, func(w io.Writer) {
			rows := make([][]string, len(preview.Files))
			for i, f := range preview.Files {
				rows[i] = []string{f.State, fmt.Sprint(f.Size), f.Path}
			}
			table(w, []string{"STATE", "BYTES", "FILE"}, rows)
			_, _ = fmt.Fprintf(w, "new %d, changed %d, same %d, only here %d\n", preview.New, preview.Changed, preview.Same, preview.Here)
		})
	}
	return r.doThen(ctx, s, "Projects.Restore", request, around{
		refused: func(c *connection) error { return forget(context.WithoutCancel(ctx), c, brought) },
	})
}

// choose finds what is restored, and where: first that, so that a zip is only
// brought where it has a place.
func (r projectRestoreCmd) choose(ctx context.Context, c *connection, request *app.ProjectRestoreRequest, brought *int64) error {
	id, failed := strconv.ParseInt(r.Backup, 10, 64)
	if failed != nil { // a file
		if r.User != "" { // what one brings is one's own
			return domain.NewError(domain.CodeUsage, "detail", "--user, "+r.Backup)
		}
		if err := r.target(ctx, c, engine.ProjectBackup{}, request); err != nil {
			return err
		}
		b, err := upload(ctx, c, r.Backup)
		request.BackupID, *brought = b.ID, b.ID
		return err
	}
	var list app.ProjectBackupList
	if err := door.Call(ctx, c, "Projects.Backups", app.ProjectListRequest{User: r.User}, &list); err != nil {
		return err
	}
	for _, b := range list.Backups {
		if b.ID == id {
			request.BackupID = id
			return r.target(ctx, c, b.ProjectBackup, request)
		}
	}
	return domain.NewError(domain.CodeNotFound, "what", "backup", "name", r.Backup)
}

// target finds the project to restore into: the one that is named, else that
// which the backup is of. Where it is of none that is there, one has to be named:
// another of the same name is not meant.
func (r projectRestoreCmd) target(ctx context.Context, c *connection, b engine.ProjectBackup, request *app.ProjectRestoreRequest) error {
	if r.New != "" {
		return nil
	}
	if r.Into == "" {
		if request.ProjectID = b.ProjectID; b.ProjectID == 0 {
			return domain.NewError(domain.CodeUsage, "detail", "--into PROJECT | --new NAME")
		}
		return nil
	}
	list, err := acting{User: r.User}.list(ctx, c)
	if err != nil {
		return err
	}
	for _, p := range list.Projects {
		if strings.EqualFold(p.Name, r.Into) {
			request.ProjectID = p.ID
			return nil
		}
	}
	return domain.NewError(domain.CodeNotFound, "what", "project", "name", r.Into)
}

// forget deletes a backup that was brought for nothing.
func forget(ctx context.Context, c *connection, id int64) error {
	if id == 0 {
		return nil
	}
	return door.Call(ctx, c, "Projects.DeleteBackup", app.ProjectBackupRequest{BackupID: id}, nil)
}

// upload brings a zip to the engine, part by part.
func upload(ctx context.Context, c *connection, path string) (engine.ProjectBackup, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return engine.ProjectBackup{}, domain.NewError(domain.CodeNotFound, "what", "backup", "name", path)
	}
	if err != nil {
		return engine.ProjectBackup{}, domain.NewError(domain.CodeFileUnreadable, "path", path, "detail", err.Error()).Because(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return engine.ProjectBackup{}, domain.NewError(domain.CodeFileUnreadable, "path", path, "detail", "")
	}
	request := app.ProjectUploadRequest{UploadID: rand.Text(), Size: info.Size()}
	buffer := make([]byte, sentPart)
	for {
		n, err := io.ReadFull(f, buffer)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return engine.ProjectBackup{}, domain.NewError(domain.CodeFileUnreadable, "path", path, "detail", err.Error()).Because(err)
		}
		request.Data, request.Last = buffer[:n], err != nil || request.Offset+int64(n) >= info.Size()
		var got app.ProjectUploaded
		if err := door.Call(ctx, c, "Projects.UploadBackup", request, &got); err != nil {
			return engine.ProjectBackup{}, err
		}
		if got.Backup != nil {
			return *got.Backup, nil
		}
		request.Offset += int64(n)
	}
}

type projectDownloadCmd struct {
	Backup int64  `arg:"" help:"The number of a backup, as project backups lists it."`
	Output string `short:"o" help:"The file to write; what is there is replaced." required:"" placeholder:"FILE"`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run writes the zip of a backup to a file.
func (r projectDownloadCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		size, err := fetched(r.Output, "backup", func(offset int64, part *app.ExportedPart) error {
			return door.Call(ctx, c, "Projects.BackupPart", app.ProjectBackupPartRequest{BackupID: r.Backup, Offset: offset}, part)
		})
		if err != nil {
			return err
		}
		return s.print(map[string]any{"path": r.Output, "bytes": size}, func(w io.Writer) { _, _ = fmt.Fprintln(w, r.Output) })
	})
}

type projectDeleteBackupCmd struct {
	Backup int64  `arg:"" help:"The number of a backup, as project backups lists it."`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run deletes a backup.
func (r projectDeleteBackupCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		if err := door.Call(ctx, c, "Projects.DeleteBackup", app.ProjectBackupRequest{BackupID: r.Backup}, nil); err != nil {
			return err
		}
		return s.print(map[string]any{"backup_id": r.Backup}, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.project.backup_deleted", map[string]any{"backup": fmt.Sprint(r.Backup)}))
		})
	})
}
