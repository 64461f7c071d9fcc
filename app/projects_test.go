package app_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/progress"
	"scriptsmanager/backend/project/archive"
)

func codeOf(err error) domain.Code {
	if e := domain.AsError(err); e != nil {
		return e.Code
	}
	return ""
}

func TestProjects(t *testing.T) { // PRJ-1, PRJ-2, PRJ-6
	w, ctx := newWorld(t), context.Background()
	operator := w.users[domain.LevelOperator]
	c, second := w.client(t, operator), w.client(t, operator)
	p := call[domain.Project](t, c, "Projects.Create", app.CreateProjectRequest{Name: "Oven 3"})
	call[app.SessionState](t, c, "Session.SetProject", app.ProjectRequest{ProjectID: p.ID})
	run := call[app.RunResult](t, c, "Executions.Run", app.RunRequest{ScriptID: "thermal_analysis/heat_transfer"})
	if err := w.engine.Wait(ctx, run.Execution.ID); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(call[app.About](t, w.client(t, w.users[domain.LevelAdmin]), "System.About", nil).Root, "data", "script_groups",
		"group_thermal_analysis", "user_operator", p.Folder)
	if err := os.MkdirAll(filepath.Join(data, "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "deep", "walls.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	one := func() engine.ProjectView {
		t.Helper()
		for _, v := range call[app.ProjectList](t, c, "Projects.Overview", app.ProjectListRequest{}).Projects {
			if v.ID == p.ID {
				return v
			}
		}
		t.Fatal("not listed")
		return engine.ProjectView{}
	}
	if v := one(); v.Files < 1 || len(v.Groups) != 1 || v.Groups[0].GroupID != "thermal_analysis" || v.Running != 0 {
		t.Errorf("holds %+v", v)
	}
	// Two windows change it: the second is told, with what the first made of it.
	name, other := "Oven 4", "Kiln"
	p = call[domain.Project](t, c, "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID, Version: p.Version, Name: &name})
	err := door.Call(ctx, second, "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID, Version: p.Version - 1, Name: &other}, nil)
	if e := domain.AsError(err); e == nil || e.Code != domain.CodeProjectChanged || e.Params["name"] != "Oven 4" {
		t.Errorf("the second one: %v", err)
	}
	if v := one(); v.Name != "Oven 4" || v.Folder != p.Folder || v.Files < 1 {
		t.Errorf("renamed: %+v", v)
	}
	// In the archive, it is neither chosen nor run in, and whoever was in it is in the default one.
	yes, no := true, false
	call[domain.Project](t, c, "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID, Archived: &yes})
	if s := call[app.SessionState](t, c, "Session.State", nil); !s.Project.IsDefault {
		t.Errorf("the session is in %+v", s.Project)
	}
	if list := call[[]domain.Project](t, c, "Projects.List", nil); len(list) != 1 {
		t.Errorf("to choose from: %+v", list)
	}
	for method, argument := range map[string]any{
		"Session.SetProject": app.ProjectRequest{ProjectID: p.ID},
		"Executions.Run":     app.RunRequest{ScriptID: "thermal_analysis/heat_transfer", ProjectID: p.ID},
	} {
		if err := door.Call(ctx, c, method, argument, nil); codeOf(err) != domain.CodeProjectArchived {
			t.Errorf("%s in the archive: %v", method, err)
		}
	}
	call[domain.Project](t, c, "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID, Archived: &no})
	// Foreign is as if there were none, to the letter.
	stranger := w.client(t, w.other)
	foreign := door.Call(ctx, stranger, "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID, Name: &other}, nil)
	none := door.Call(ctx, stranger, "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID + 1, Name: &other}, nil)
	if e, f := domain.AsError(foreign), domain.AsError(none); e == nil || f == nil || e.Code != f.Code || e.Params["name"] == f.Params["name"] || len(e.Params) != len(f.Params) {
		t.Errorf("foreign %v, none %v", foreign, none)
	} else if _, text := e.Params["name"].(string); !text {
		t.Errorf("name is %T", e.Params["name"])
	}
	// Deleting asks for the name, and takes the data along.
	if err := door.Call(ctx, c, "Projects.Delete", app.DeleteProjectRequest{ProjectID: p.ID, Confirm: "oven 4"}, nil); codeOf(err) != domain.CodeProjectTyped {
		t.Errorf("another name: %v", err)
	}
	if _, err := os.Stat(data); err != nil {
		t.Errorf("data after a refusal: %v", err)
	}
	if err := door.Call(ctx, c, "Projects.Delete", app.DeleteProjectRequest{ProjectID: p.ID, Confirm: "Oven 4"}, nil); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(data), "*")); len(left) > 1 {
		t.Errorf("left: %v", left)
	}
	if hidden, _ := filepath.Glob(filepath.Join(filepath.Dir(data), ".deleted-*")); len(hidden) > 0 {
		t.Errorf("left: %v", hidden)
	}
	x := call[domain.Execution](t, c, "Executions.Get", app.ExecutionRequest{ExecutionID: run.Execution.ID})
	if x.ProjectID != 0 || x.Project != "Oven 3" {
		t.Errorf("an execution is in a project that is not there: %+v", x.ProjectID)
	}
	// An administrator's look is recorded.
	admin := w.client(t, w.users[domain.LevelAdmin])
	for range 3 { // a page that stays open looks again and again
		call[app.ProjectList](t, admin, "Projects.Overview", app.ProjectListRequest{User: "operator"})
		call[app.ProjectBackupList](t, admin, "Projects.Backups", app.ProjectListRequest{User: "operator"})
	}
	page := call[app.AuditPage](t, admin, "Audit.List", app.AuditRequest{Action: "project.list"})
	if len(page.Records) != 1 || page.Records[0].Object != "user:operator" {
		t.Errorf("recorded: %+v", page.Records)
	}
}

func TestProjectInUseIsNotTakenAway(t *testing.T) { // Bad input: a project in use
	w, ctx := newWorld(t), context.Background()
	operator := w.users[domain.LevelOperator]
	c := w.client(t, operator)
	call[domain.AlwaysOn](t, w.client(t, w.users[domain.LevelAdmin]), "AlwaysOn.Set", app.AlwaysOnRequest{
		ScriptID: "thermal_analysis/heat_transfer", UserID: operator.ID,
	})
	p := call[domain.Project](t, c, "Projects.Create", app.CreateProjectRequest{Name: "Used"})
	if _, err := w.engine.SetAlwaysOn(ctx, engine.Actor{Kind: "system", Name: "test"}, domain.AlwaysOn{
		ScriptID: "thermal_analysis/heat_transfer", UserID: operator.ID, ProjectID: p.ID,
	}); err != nil {
		t.Fatal(err)
	}
	if err := door.Call(ctx, c, "Projects.Delete", app.DeleteProjectRequest{ProjectID: p.ID, Confirm: "Used"}, nil); err != nil {
		t.Fatal(err)
	}
	list, err := w.engine.AlwaysOn(ctx)
	if err != nil || len(list) != 1 {
		t.Errorf("always on: %+v, %v", list, err)
	}
}

// operatorsOwn is what operators and above may do with what is their own; to an
// administrator what is another's gives an outcome of its own.
func operatorsOwn(toAdmin string) outcomes {
	return outcomes{"not_signed_in", "not_allowed", "not_found", "not_found", toAdmin}
}

// zipOf makes the zip of a project with one file.
func zipOf(t *testing.T, text string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.zip")
	if _, err := archive.Write(t.Context(), archive.Backup{Folders: map[string]string{"group_a": dir}, Output: path, Project: "P"}, progress.New(nil, io.Discard)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bring gives the number of a backup that the user has brought.
func (w *world) bring(t *testing.T, u domain.User) int64 {
	t.Helper()
	b := zipOf(t, "walls")
	c := w.client(t, u)
	half := len(b) / 2
	call[app.ProjectUploaded](t, c, "Projects.UploadBackup", app.ProjectUploadRequest{UploadID: "11111111", Size: int64(len(b)), Data: b[:half]})
	got := call[app.ProjectUploaded](t, c, "Projects.UploadBackup", app.ProjectUploadRequest{UploadID: "11111111", Offset: int64(half), Data: b[half:], Last: true})
	if got.Backup == nil || got.Size != int64(len(b)) || got.Backup.Files != 1 || got.Backup.Reason != "uploaded" {
		t.Fatalf("brought %+v", got)
	}
	return got.Backup.ID
}

func TestUploadsOfBackups(t *testing.T) { // SEC-5
	w, ctx := newWorld(t), context.Background()
	c, b := w.client(t, w.users[domain.LevelOperator]), zipOf(t, "walls")
	send := func(offset int64, data []byte, last bool) error {
		return door.Call(ctx, c, "Projects.UploadBackup", app.ProjectUploadRequest{UploadID: "22222222", Size: int64(len(b)), Offset: offset, Data: data, Last: last}, nil)
	}
	if err := send(0, b[:10], false); err != nil {
		t.Fatal(err)
	}
	if err := send(20, b[20:], true); codeOf(err) != domain.CodeUploadBroken {
		t.Errorf("a part is missing: %v", err)
	}
	if err := send(10, b[10:], true); codeOf(err) != domain.CodeUploadBroken {
		t.Errorf("of what was dropped: %v", err)
	}
	damaged := append([]byte{}, b...)
	damaged[bytes.Index(b, []byte("walls"))] ^= 1
	if err := send(0, damaged, true); err == nil {
		t.Error("a damaged one was taken")
	}
	// The one that is read back is the one that was brought.
	id := w.bring(t, w.users[domain.LevelOperator])
	var whole []byte
	for {
		part := call[app.ExportedPart](t, c, "Projects.BackupPart", app.ProjectBackupPartRequest{BackupID: id, Offset: int64(len(whole))})
		if whole = append(whole, part.Data...); int64(len(whole)) >= part.Size {
			break
		}
	}
	if !bytes.Contains(whole, []byte("walls")) {
		t.Errorf("read back: %d of %d bytes", len(whole), len(b))
	}
	root := call[app.About](t, w.client(t, w.users[domain.LevelAdmin]), "System.About", nil).Root
	if left, _ := filepath.Glob(filepath.Join(root, "data", "backups", ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	// An administrator's look into another's is recorded, and so is whatever part is taken.
	admin, second := w.client(t, w.users[domain.LevelAdmin]), w.client(t, w.users[domain.LevelAdmin])
	call[archive.Preview](t, admin, "Projects.Preview", app.ProjectPreviewRequest{BackupID: id})
	for offset := range int64(3) {
		call[app.ExportedPart](t, second, "Projects.BackupPart", app.ProjectBackupPartRequest{BackupID: id, Offset: offset + 1})
	}
	if page := call[app.AuditPage](t, admin, "Audit.List", app.AuditRequest{Action: "backup.read"}); len(page.Records) != 2 {
		t.Errorf("recorded: %+v", page.Records)
	}
}
