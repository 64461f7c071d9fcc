package app_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
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
	call[app.ProjectList](t, admin, "Projects.Overview", app.ProjectListRequest{User: "operator"})
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
