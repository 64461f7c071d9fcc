package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/log/export"
)

// LogExport says what to export of logs.
type LogExport struct {
	Executions []domain.Execution // one or more
	Format     string             // one of export.Formats
	Language   domain.Language
}

// ExportLogs begins a job that writes executions with their logs into one file
// of the user's, and records whose they are. It returns at once; the path is in
// the job's result. It fails with CodeUnavailable.
func (e *Engine) ExportLogs(ctx context.Context, a Actor, user domain.User, actor string, q LogExport) (domain.Execution, error) {
	ctx = context.WithoutCancel(ctx)
	now := time.Now()
	name := "logs"
	if x := q.Executions[0]; len(q.Executions) == 1 {
		name = export.FileName(x.Name)
		now = x.CreatedAt
	}
	ending := export.Ending(q.Format, len(q.Executions))
	path := filepath.Join(e.options.Root.Exports(), "user_"+user.Folder, fmt.Sprintf("%s_%s.%s", name, now.Local().Format("20060102_150405"), ending))
	for n := 2; e.taken(path); n++ {
		path = filepath.Join(filepath.Dir(path), fmt.Sprintf("%s_%s_%d.%s", name, now.Local().Format("20060102_150405"), n, ending))
	}
	text := func(key string, params map[string]any) string { return e.options.Texts.Text(q.Language, key, params) }
	spec := export.Spec{
		Format: q.Format, Output: path, Brand: e.brandName(), Logo: e.Logo(), Made: time.Now(), Words: exportWords(text),
	}
	pythons := map[string]string{} // versions, by the path of the environment
	for _, env := range e.environments.List() {
		pythons[env.Path] = env.PythonVersion
	}
	ids := make([]string, 0, len(q.Executions))
	for _, x := range q.Executions {
		item := export.Item{Execution: x, Base: e.logBase(x.LogPath), Title: x.ScriptName.In(q.Language), State: text("state."+string(x.State), nil), PythonVersion: pythons[x.EnvironmentPath]}
		if item.Title == "" {
			item.Title = x.Name
		}
		if x.Reason != "" {
			item.Reason = text("reason."+string(x.Reason), x.ReasonParams)
		}
		spec.Items = append(spec.Items, item)
		ids = append(ids, x.ID)
	}
	title := domain.Text{}
	for _, l := range domain.Languages() {
		title[l] = e.options.Texts.Text(l, "job.logs.export", nil)
	}
	return e.executions.StartJob(ctx, execution.JobRequest{
		Kind: domain.KindExport, Action: domain.JobExport, Target: path, Name: title,
		Argv: []string{e.jobProgram(), "job", "export"}, Input: &spec, Dir: e.options.Root.Dir,
		Environ:    jobEnviron(e.options.Environ, e.Config().ConfinementEnvironment),
		Parameters: map[string]any{"format": q.Format, "executions": ids},
		User:       user, Actor: actor, By: a,
	})
}

func (e *Engine) brandName() string {
	if name := e.Config().Brand.Name; name != "" {
		return name
	}
	return "ScriptsManager"
}

// taken tells whether a file is there, or a job is about to write it.
func (e *Engine) taken(path string) bool {
	if _, err := os.Lstat(path); err == nil {
		return true
	}
	return slices.ContainsFunc(e.AllLive(), func(x domain.Execution) bool { return x.Job != nil && x.Job.Target == path })
}

func exportWords(text func(key string, params map[string]any) string) export.Words {
	word := func(key string) string { return text("export."+key, nil) }
	return export.Words{
		Execution: word("execution"), Script: word("script"), User: word("user"), Project: word("project"), State: word("state"),
		Created: word("created"), Ended: word("ended"), Duration: word("duration"), ExitCode: word("exit_code"),
		Environment: word("environment"), Parameters: word("parameters"), Output: word("output"), NoOutput: word("no_output"),
		Page: text("export.page", map[string]any{"page": "{{page}}", "pages": "{{pages}}"}),
		Left: text("export.left", map[string]any{"lines": "{{lines}}"}), Removed: word("removed"),
		Cut: text("export.cut", map[string]any{"lines": "{{lines}}"}),
	}
}

// ExportedPart reads a part of what a job has exported: up to length bytes, and
// the size of the whole. It fails with CodeNotFound where there is no file (any
// more).
func (e *Engine) ExportedPart(x domain.Execution, offset int64, length int) (part []byte, size int64, err error) {
	if x.Kind != domain.KindExport || x.Job == nil || x.State != domain.StateCompleted {
		return nil, 0, domain.NewError(domain.CodeNotFound, "what", "export", "name", x.ID)
	}
	f, err := os.Open(x.Job.Target)
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, domain.NewError(domain.CodeNotFound, "what", "export", "name", filepath.Base(x.Job.Target))
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open an export: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("look at an export: %w", err)
	}
	part = make([]byte, min(int64(length), max(0, info.Size()-offset)))
	n, err := f.ReadAt(part, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, fmt.Errorf("read an export: %w", err)
	}
	return part[:n], info.Size(), nil
}
