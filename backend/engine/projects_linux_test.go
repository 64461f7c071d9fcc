package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/project"
)

// waits is a script that runs until a file "go" is in its data folder, and
// writes all the time.
const waits = `'''ScriptsManager Metadata:
@interface: none
'''
import os, sys, time
dir = sys.argv[sys.argv.index("--data-dir") + 1]
print("begun", flush=True)
while not os.path.exists(dir + "/go"):
    open(dir + "/writes", "a").write("x" * 1000)
    time.sleep(0.001)
`

func (n *installation) actor() engine.Actor {
	return engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}
}

func (n *installation) newProject(name string) domain.Project {
	n.t.Helper()
	p, err := n.engine.CreateProject(n.t.Context(), n.actor(), n.user.ID, name, "")
	if err != nil {
		n.t.Fatal(err)
	}
	return p
}

func (n *installation) backups() []engine.ProjectBackupView {
	n.t.Helper()
	list, err := n.engine.ProjectBackups(n.t.Context(), n.user.ID)
	if err != nil {
		n.t.Fatal(err)
	}
	return list
}

func (n *installation) put(p domain.Project, name, text string) string {
	n.t.Helper()
	dir := project.DataDir(n.root, n.user.Folder, p.Folder, "g")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		n.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		n.t.Fatal(err)
	}
	return dir
}

// What runs in a project keeps it from being taken away, archived or replaced,
// and not from being backed up.
func TestProjectWithWhatRuns(t *testing.T) { // PRJ-1, PRJ-4
	n := newInstallation(t, map[string]string{"waits.py": waits}, "")
	p := n.newProject("Oven")
	q := n.request("waits", nil)
	q.Project = p
	x, _, err := n.engine.Run(t.Context(), n.actor(), q)
	if err != nil {
		t.Fatal(err)
	}
	n.await(x.ID, "running", func(e domain.Execution) bool { return e.Lines > 0 })
	job, err := n.engine.BackUpProject(t.Context(), n.actor(), n.user, "user", p, "asked")
	if err != nil {
		t.Fatal(err)
	}
	if e := n.done(job.ID); e.State != domain.StateCompleted {
		t.Fatalf("the backup is %s: %+v", e.State, e.Error)
	}
	b := n.backups()
	if len(b) != 1 || b[0].Files != 1 || b[0].ProjectID != p.ID || b[0].SHA256 == "" {
		t.Fatalf("backups %+v", b)
	}
	yes := true
	_, archiving := n.engine.ChangeProject(t.Context(), n.actor(), p, engine.ProjectChange{Archived: &yes})
	_, restoring := n.engine.RestoreProject(t.Context(), n.actor(), n.user, "user", p, engine.RestoreRequest{Backup: b[0].ProjectBackup})
	for what, err := range map[string]error{
		"deleted": n.engine.DeleteProject(t.Context(), n.actor(), p, "Oven"), "archived": archiving, "restored": restoring,
	} {
		if e := domain.AsError(err); e == nil || e.Code != domain.CodeProjectRuns || e.Params["count"] != 1 {
			t.Errorf("%s while something runs in it: %v", what, err)
		}
	}
	dir := n.put(p, "go", "")
	n.ended(x.ID)
	// Nor does anything begin in it, or write there, while a backup is put back.
	job, err = n.engine.RestoreProject(t.Context(), n.actor(), n.user, "user", p, engine.RestoreRequest{Backup: b[0].ProjectBackup})
	if err != nil {
		t.Fatal(err)
	}
	_, _, running := n.engine.Run(t.Context(), n.actor(), q)
	_, writing := n.engine.WritableProject(t.Context(), n.user.ID, p.ID)
	if e := n.done(job.ID); e.State != domain.StateCompleted {
		t.Fatalf("the restore is %s: %+v", e.State, e.Error)
	}
	for what, err := range map[string]error{"run": running, "written to": writing} {
		if e := domain.AsError(err); e == nil || e.Code != domain.CodeProjectBusy || e.Params["execution"] != job.ID {
			t.Errorf("%s while a backup is put back: %v", what, err)
		}
	}
	if _, err := n.engine.WritableProject(t.Context(), n.user.ID, p.ID); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if err := n.engine.DeleteProject(t.Context(), n.actor(), p, "Oven"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(dir); err == nil {
		t.Error("its folder is there still")
	}
	if b := n.backups(); len(b) != 2 || b[0].ProjectID != 0 || b[0].Project != "Oven" || b[0].Missing {
		t.Errorf("backups of what was deleted: %+v", b)
	}
	// A failing restore leaves no new project.
	if err := os.WriteFile(filepath.Join(n.root.ProjectBackups(), b[0].File), make([]byte, b[0].Size), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := n.engine.RestoreAsProject(t.Context(), n.actor(), n.user, "user", "Again", engine.RestoreRequest{Backup: b[0].ProjectBackup}); !domain.HasCode(err, domain.CodeBackupInvalid) {
		t.Errorf("from a damaged one: %v", err)
	}
	if list, err := n.engine.Projects(t.Context(), n.user.ID); err != nil || len(list) != 1 {
		t.Errorf("projects %+v, %v", list, err)
	}
}

func TestProjectsAreBackedUpByThemselves(t *testing.T) { // data_management.auto_backup
	n := newInstallation(t, nil, "")
	p := n.newProject("Oven")
	n.newProject("Empty")
	n.put(p, "x", "1")
	for round, want := range []int{1, 1, 2, 2} {
		if round == 2 {
			n.put(p, "x", "22")
		}
		if err := n.engine.SaveProjects(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b := n.backups(); len(b) != want || b[0].Reason != "automatic" || b[0].MadeBy != "" {
			t.Errorf("round %d: %+v", round, b)
		}
	}
}

// What a killed machine left of restores is one whole state after the next start.
func TestRestoresThatWereCutOff(t *testing.T) { // PRJ-4: kill -9
	n := newInstallation(t, nil, "")
	ready, half, fresh := n.newProject("Ready"), n.newProject("Half"), n.newProject("Fresh")
	work := filepath.Join(n.root.Data(), "project_jobs")
	prepared := func(id string, p domain.Project) (string, string) {
		dir := n.put(p, "x", "old")
		staged := filepath.Join(work, id, "new", "group_g")
		if err := os.MkdirAll(staged, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(staged, "x"), []byte("new"), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(work, id), dir
	}
	folder, place := prepared("11111111-ready", ready)
	if err := os.WriteFile(filepath.Join(folder, "commit.json"), fmt.Appendf(nil, `{"group_g":%q}`, place), 0o600); err != nil {
		t.Fatal(err)
	}
	_, halfPlace := prepared("22222222-half", half)
	folder, freshPlace := prepared("33333333-fresh", fresh)
	if err := os.WriteFile(filepath.Join(folder, "fresh"), fmt.Append(nil, fresh.ID), 0o600); err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(n.root.ProjectBackups(), ".part-user_anna_project_x_20260101_000000.zip")
	if err := os.WriteFile(part, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	n.open()
	for dir, want := range map[string]string{place: "new", halfPlace: "old"} {
		if b, err := os.ReadFile(filepath.Join(dir, "x")); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", dir, b, err)
		}
	}
	if _, err := os.Lstat(freshPlace); err == nil {
		t.Error("the files of a project that did not become one are there")
	}
	list, err := n.engine.Projects(t.Context(), n.user.ID)
	var names []string
	for _, p := range list {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); err != nil || got != "project_default Half Ready" {
		t.Errorf("projects %s, %v", got, err)
	}
	left, _ := filepath.Glob(filepath.Join(work, "*"))
	parts, _ := filepath.Glob(filepath.Join(n.root.ProjectBackups(), ".*"))
	if len(left)+len(parts) > 0 {
		t.Errorf("left: %v %v", left, parts)
	}
}
