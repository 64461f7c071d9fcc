package engine_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/project/archive"
)

// heldUp has jobs begin when the file named gate is there.
func heldUp(t *testing.T) (gate string, change func(*engine.Options)) {
	t.Helper()
	dir := t.TempDir()
	gate = filepath.Join(dir, "gate")
	entries, err := os.ReadDir(programs)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "scriptsmanager" {
			continue
		}
		if err := os.Symlink(filepath.Join(programs, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	text := fmt.Sprintf("#!/bin/sh\nwhile [ ! -e %q ]; do sleep 0.02; done\nexec %q \"$@\"\n", gate, filepath.Join(programs, "scriptsmanager"))
	if err := os.WriteFile(filepath.Join(dir, "scriptsmanager"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return gate, func(o *engine.Options) { o.Program = dir }
}

// What would be run or saved in a project while it is replaced would be lost:
// it is refused, and what is being saved is waited for.
func TestNothingIsChangedDuringARestore(t *testing.T) { // PRJ-4
	gate, change := heldUp(t)
	n := newInstallation(t, map[string]string{"waits.py": waits}, "", change)
	p := n.newProject("Oven")
	dir := n.put(p, "x", "1")
	open := func() {
		if err := os.WriteFile(gate, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open()
	job, err := n.engine.BackUpProject(t.Context(), engine.Actor{Kind: "user", UserID: 7, Name: "boss"}, n.user, "user", p, "asked")
	if err != nil {
		t.Fatal(err)
	}
	n.done(job.ID)
	if by := n.backups()[0].MadeBy; by != "boss" {
		t.Errorf("made by %q", by)
	}
	if err := os.Remove(gate); err != nil {
		t.Fatal(err)
	}
	place := engine.DataPlace{Owner: n.user, Project: p, GroupID: "g"}
	saving, saved, restoring := make(chan struct{}), make(chan error, 1), make(chan error, 1)
	end := make(chan struct{})
	go func() {
		saved <- n.engine.ChangeData(context.Background(), place, func() error {
			close(saving)
			<-end
			return os.WriteFile(filepath.Join(dir, "saved"), nil, 0o600)
		})
	}()
	<-saving
	var x domain.Execution
	go func() {
		var err error
		x, err = n.engine.RestoreProject(context.Background(), n.actor(), n.user, "user", p, engine.RestoreRequest{Backup: n.backups()[0].ProjectBackup})
		restoring <- err
	}()
	select {
	case err := <-restoring:
		t.Fatalf("does not wait for what is being saved: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(end)
	for _, err := range []error{<-saved, <-restoring} {
		if err != nil {
			t.Fatal(err)
		}
	}
	q := n.request("waits", nil)
	q.Project = p
	_, _, running := n.engine.Run(t.Context(), n.actor(), q)
	changing := n.engine.ChangeData(t.Context(), place, func() error {
		t.Error("something is changed during a restore")
		return nil
	})
	for what, err := range map[string]error{"run": running, "saved": changing} {
		if e := domain.AsError(err); e == nil || e.Code != domain.CodeProjectBusy || e.Params["execution"] != x.ID {
			t.Errorf("%s during a restore: %v", what, err)
		}
	}
	open()
	if e := n.done(x.ID); e.State != domain.StateCompleted {
		t.Fatalf("the restore is %s: %+v", e.State, e.Error)
	}
	if _, err := os.Lstat(filepath.Join(dir, "saved")); err != nil {
		t.Errorf("what was saved before is lost: %v", err)
	}
	if err := n.engine.ChangeData(t.Context(), place, func() error { return nil }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func (n *installation) putFile(path, text string) {
	n.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		n.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		n.t.Fatal(err)
	}
}

// Nobody works in a project of which a restore put a part in place and can
// neither go on nor go back.
func TestRestoreThatIsNotFinished(t *testing.T) { // PRJ-4
	gate, change := heldUp(t)
	n := newInstallation(t, nil, "", change)
	p := n.newProject("Oven")
	dir := n.put(p, "x", "1")
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	job, err := n.engine.BackUpProject(t.Context(), n.actor(), n.user, "user", p, "asked")
	if err != nil {
		t.Fatal(err)
	}
	n.done(job.ID)
	if err := os.Remove(gate); err != nil {
		t.Fatal(err)
	}
	x, err := n.engine.RestoreProject(t.Context(), n.actor(), n.user, "user", p, engine.RestoreRequest{Backup: n.backups()[0].ProjectBackup})
	if err != nil {
		t.Fatal(err)
	}
	// What a job leaves that was killed in the middle, of a group that was put in
	// place and taken away again and one that cannot be.
	work := filepath.Join(n.root.Data(), "project_jobs", x.ID)
	obstacle := filepath.Join(n.root.ScriptData(), "group_h")
	n.putFile(obstacle, "no folder")
	n.putFile(filepath.Join(work, "new", "group_h", "y"), "new")
	n.putFile(filepath.Join(work, "commit.json"), fmt.Sprintf(`{"group_g":%q,"group_h":%q}`, filepath.Join(n.t.TempDir(), "gone"), filepath.Join(obstacle, "user_anna", "project_Oven")))
	if err := n.engine.Stop(x.ID, execution.StopRequest{Reason: domain.ReasonStopped, Now: true}); err != nil {
		t.Fatal(err)
	}
	n.done(x.ID)
	place := engine.DataPlace{Owner: n.user, Project: p, GroupID: "g"}
	saving := n.engine.ChangeData(t.Context(), place, func() error {
		t.Error("something is changed between two states")
		return nil
	})
	_, backing := n.engine.BackUpProject(t.Context(), n.actor(), n.user, "user", p, "asked")
	for what, err := range map[string]error{
		"saved": saving, "backed up": backing, "deleted": n.engine.DeleteProject(t.Context(), n.actor(), p, "Oven"),
	} {
		if e := domain.AsError(err); e == nil || e.Code != domain.CodeProjectBusy || e.Params["execution"] != x.ID {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	if err := n.engine.ChangeData(t.Context(), place, func() error { return nil }); err != nil {
		t.Errorf("once it can be finished: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(obstacle, "user_anna", "project_Oven", "y")); err != nil {
		t.Errorf("it was not finished: %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "x")); err != nil || string(b) != "1" {
		t.Errorf("%q, %v", b, err)
	}
}

// One project that a script closed to all keeps no other from its backup.
func TestOneProjectDoesNotEndTheBackups(t *testing.T) { // data_management.auto_backup
	if os.Geteuid() == 0 {
		t.Skip("root looks into every folder")
	}
	n := newInstallation(t, nil, "")
	bad, good := n.newProject("Bad"), n.newProject("Good")
	dir := n.put(bad, "x", "1")
	n.put(good, "x", "1")
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if err := n.engine.SaveProjects(t.Context()); err != nil {
		t.Error(err)
	}
	left := map[int64]int{}
	for _, b := range n.backups() {
		left[b.ProjectID] = b.LeftOut
	}
	if len(left) != 2 || left[bad.ID] != 1 || left[good.ID] != 0 {
		t.Errorf("backups by project, with what is left out: %v", left)
	}
}

// That a project is not backed up by itself is told, with why and since when,
// until it is.
func TestProjectsThatAreNotBackedUpAreTold(t *testing.T) { // data_management.auto_backup
	n := newInstallation(t, nil, "")
	p, other := n.newProject("Oven"), n.newProject("Other")
	n.put(p, "x", "1")
	unsaved := func() *engine.ProjectUnsaved {
		t.Helper()
		views, err := n.engine.ProjectViews(t.Context(), n.user)
		if err != nil {
			t.Fatal(err)
		}
		var found *engine.ProjectUnsaved
		for _, v := range views {
			if v.ID == p.ID {
				found = v.Unsaved
			} else if v.Unsaved != nil {
				t.Errorf("%s: %+v", v.Name, v.Unsaved)
			}
		}
		return found
	}
	save := func() {
		t.Helper()
		if err := n.engine.SaveProjects(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	n.engine.SetKeepFree(1 << 62)
	save()
	first := unsaved()
	if first == nil || first.Error == nil || first.Error.Code != domain.CodeDiskFull || first.ExecutionID == "" || first.Project != "Oven" {
		t.Fatalf("told %+v", first)
	}
	save()
	again := unsaved()
	if again == nil || !again.Since.Equal(first.Since) || !again.At.After(first.At) || again.ExecutionID == first.ExecutionID {
		t.Errorf("the second time %+v, after %+v", again, first)
	}
	if all, err := n.engine.Unsaved(t.Context(), 0); err != nil || len(all) != 1 || all[0].User != n.user.Name {
		t.Errorf("to administrators: %+v, %v", all, err)
	}
	if others, err := n.engine.Unsaved(t.Context(), n.user.ID+1); err != nil || len(others) != 0 {
		t.Errorf("to another: %+v, %v", others, err)
	}
	n.engine.SetKeepFree(0)
	job, err := n.engine.BackUpProject(t.Context(), n.actor(), n.user, "user", p, "asked")
	if err != nil {
		t.Fatal(err)
	}
	n.done(job.ID)
	if u := unsaved(); u != nil {
		t.Errorf("once somebody backed it up: %+v", u)
	}
	n.put(other, "x", "1")
	save()
	if all, err := n.engine.Unsaved(t.Context(), 0); err != nil || len(all) != 0 {
		t.Errorf("afterwards: %+v, %v", all, err)
	}
}

// Zips that are brought take a bounded part of the disk.
func TestUploadsOfBackupsAreBounded(t *testing.T) { // SEC-5
	n := newInstallation(t, nil, "")
	part := func(id string, offset int64) error {
		_, _, err := n.engine.UploadBackup(t.Context(), n.actor(), n.user, engine.UploadedPart{ID: id, Size: 100 << 20, Offset: offset, Data: []byte("part")})
		return err
	}
	for i := range 4 {
		if err := part(fmt.Sprint("upload-", i), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := part("upload-4", 0); !domain.HasCode(err, domain.CodeLimitReached) {
		t.Errorf("a fifth one: %v", err)
	}
	if err := part("upload-0", 0); !domain.HasCode(err, domain.CodeUploadBroken) {
		t.Errorf("begun twice: %v", err)
	}
	if err := part("upload-0", 3); !domain.HasCode(err, domain.CodeUploadBroken) {
		t.Errorf("a part that does not follow: %v", err)
	}
	if err := part("upload-4", 0); err != nil {
		t.Errorf("after one was given up: %v", err)
	}
	// What is too large, or has no room, is refused before it is sent.
	announced := func(size int64) error {
		_, _, err := n.engine.UploadBackup(t.Context(), n.actor(), n.user, engine.UploadedPart{ID: "upload-9", Size: size, Data: []byte("part")})
		return err
	}
	if err := n.engine.DropUpload(n.user, "upload-3"); err != nil {
		t.Fatal(err)
	}
	if err := announced(0); !domain.HasCode(err, domain.CodeUploadBroken) {
		t.Errorf("without a size: %v", err)
	}
	if err := announced(101 << 30); !domain.HasCode(err, domain.CodeFileLarge) {
		t.Errorf("too large: %v", err)
	}
	free, _, err := platform.DiskUsage(n.root.Data())
	if err != nil {
		t.Fatal(err)
	}
	n.engine.SetKeepFree(free - min(free, 500<<20)) // the others have 300 MiB to come
	if err := announced(400 << 20); !domain.HasCode(err, domain.CodeSpaceShort) {
		t.Errorf("without room beside the others: %v", err)
	}
	n.engine.SetKeepFree(math.MaxInt64)
	if err := announced(4); !domain.HasCode(err, domain.CodeSpaceShort) {
		t.Errorf("without room: %v", err)
	}
	if err := part("upload-1", 4); !domain.HasCode(err, domain.CodeDiskFull) {
		t.Errorf("on a disk without room: %v", err)
	}
	left, _ := filepath.Glob(filepath.Join(n.root.ProjectBackups(), ".upload-*"))
	if len(left) != 2 {
		t.Errorf("left: %v", left)
	}
}

// While one zip is looked through, another one comes.
func TestUploadsDoNotWaitForEachOther(t *testing.T) {
	n := newInstallation(t, nil, "")
	p := n.newProject("Oven")
	dir := n.put(p, "x", "1")
	made, err := archive.Write(t.Context(), archive.Backup{Folders: map[string]string{project.GroupFolder("g"): dir}, Output: filepath.Join(t.TempDir(), "z.zip"), Project: "Oven"}, silent{})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(made.Path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 3)
	for i := range 3 {
		go func() {
			_, b, err := n.engine.UploadBackup(context.Background(), n.actor(), n.user, engine.UploadedPart{
				ID: fmt.Sprint("upload-", i), Size: int64(len(whole)), Data: whole, Last: true,
			})
			if err == nil && b.Files != 1 {
				err = fmt.Errorf("%+v", b)
			}
			ended <- err
		}()
	}
	for range 3 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if b := n.backups(); len(b) != 3 || b[0].Missing || b[1].Missing || b[2].Missing {
		t.Errorf("backups %+v", b)
	}
}

type silent struct{}

func (silent) Begin(string)                      {}
func (silent) Bytes(int64, int64, int64, string) {}
func (silent) Say(string, ...any)                {}
