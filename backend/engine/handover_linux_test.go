package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/store"
)

// person makes an account with a file in its default project, and gives the
// file's path.
func (n *installation) person(name string) (domain.User, domain.Project, string) {
	n.t.Helper()
	u, err := n.engine.AddUser(n.t.Context(), n.actor(), name, "correct horse", domain.LevelOperator, "", "")
	if err != nil {
		n.t.Fatal(err)
	}
	p, err := n.engine.ProjectOrDefault(n.t.Context(), u.ID, 0)
	if err != nil {
		n.t.Fatal(err)
	}
	return u, p, n.fileOf(u, p)
}

func (n *installation) fileOf(u domain.User, p domain.Project) string {
	n.t.Helper()
	dir := project.DataDir(n.root, u.Folder, p.Folder, "g")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		n.t.Fatal(err)
	}
	path := filepath.Join(dir, "mine.txt")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		n.t.Fatal(err)
	}
	return path
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Where the database does not take a hand-over, the files lie where they lay.
func TestHandOverIsTakenBack(t *testing.T) { // USR-6
	n := newInstallation(t, nil, "")
	bob, _, file := n.person("bob")
	// A reference that leads nowhere and is looked at with the commit alone.
	n.exec(`CREATE TABLE refuses (user_id INTEGER REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)`)
	n.exec(`CREATE TRIGGER refuse AFTER UPDATE OF removal ON users BEGIN INSERT INTO refuses VALUES (-1); END`)
	if _, err := n.engine.DeleteUser(t.Context(), n.actor(), bob, domain.DataHandOver, n.user.ID); err == nil {
		t.Fatal("deleted")
	}
	if !there(file) {
		t.Error("the files are the heir's, and the project is not")
	}
	if there(filepath.Join(n.root.Data(), "hand_over.json")) {
		t.Error("the hand-over is not settled")
	}
	n.exec(`DROP TRIGGER refuse`)
	// What a script has closed to writing is handed over, too.
	if err := os.Chmod(filepath.Dir(file), 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := n.engine.DeleteUser(t.Context(), n.actor(), bob, domain.DataHandOver, n.user.ID); err != nil {
		t.Fatal(err)
	}
	if moved := filepath.Join(project.DataDir(n.root, n.user.Folder, "project_default_bob", "g"), "mine.txt"); there(file) || !there(moved) {
		t.Error("not handed over")
	}
}

// What the power cut off before the commit is taken back by the next start.
func TestCutOffHandOverIsTakenBack(t *testing.T) { // USR-6
	n := newInstallation(t, nil, "")
	bob, p, file := n.person("bob")
	if err := n.engine.CutOffHandOver(bob.ID, []store.ProjectMove{{FromUser: bob.Folder, From: p.Folder, ToUser: n.user.Folder, To: "project_bobs"}}); err != nil {
		t.Fatal(err)
	}
	if there(file) {
		t.Fatal("nothing was moved")
	}
	if err := n.engine.Close(t.Context(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	n.open()
	if !there(file) || there(filepath.Join(n.root.Data(), "hand_over.json")) {
		t.Error("not taken back")
	}
}

// A folder that a deleted project has left is nobody's, not a handed-over one's.
func TestHandedOverProjectGetsAFolderOfItsOwn(t *testing.T) { // USR-6
	n := newInstallation(t, nil, "")
	bob, _, _ := n.person("bob")
	p, err := n.engine.CreateProject(t.Context(), n.actor(), bob.ID, "Oven", "")
	if err != nil {
		t.Fatal(err)
	}
	n.fileOf(bob, p)
	n.exec(`INSERT INTO project_removals (user_folder, folder, removed_at) VALUES (?, ?, '2026-01-01T00:00:00.000000000Z')`, n.user.Folder, p.Folder)
	if _, err := n.engine.DeleteUser(t.Context(), n.actor(), bob, domain.DataHandOver, n.user.ID); err != nil {
		t.Fatal(err)
	}
	now, err := n.engine.Project(t.Context(), p.ID)
	if err != nil || now.UserID != n.user.ID || now.Folder == p.Folder {
		t.Errorf("%+v, %v", now, err)
	}
	if !there(filepath.Join(project.DataDir(n.root, n.user.Folder, now.Folder, "g"), "mine.txt")) {
		t.Error("its files are not there")
	}
}

// backedUp backs up a project, and gives the zip's path.
func (n *installation) backedUp(u domain.User, p domain.Project) string {
	n.t.Helper()
	job, err := n.engine.BackUpProject(n.t.Context(), n.actor(), u, "user", p, "asked")
	if err != nil {
		n.t.Fatal(err)
	}
	if e := n.done(job.ID); e.State != domain.StateCompleted {
		n.t.Fatalf("the backup is %s: %+v", e.State, e.Error)
	}
	list, err := n.engine.ProjectBackups(n.t.Context(), u.ID)
	if err != nil || len(list) != 1 {
		n.t.Fatalf("%+v, %v", list, err)
	}
	return filepath.Join(n.root.ProjectBackups(), list[0].File)
}

// Zips go the way of the projects: deleted, handed over, kept and removed later.
func TestBackupsOfDeletedAccounts(t *testing.T) { // USR-6
	n := newInstallation(t, nil, "")
	for _, fate := range []domain.DataFate{domain.DataDelete, domain.DataHandOver, domain.DataKeep} {
		u, p, _ := n.person("bob")
		zip := n.backedUp(u, p)
		if data, err := n.engine.UserData(t.Context(), u.ID); err != nil || data.Backups != 1 || data.ZipBytes == 0 {
			t.Errorf("%+v, %v", data, err)
		}
		if _, err := n.engine.DeleteUser(t.Context(), n.actor(), u, fate, n.user.ID); err != nil {
			t.Fatal(err)
		}
		if there(zip) != (fate != domain.DataDelete) {
			t.Errorf("%s: the zip is there: %v", fate, there(zip))
		}
		left, err := n.engine.ProjectBackups(t.Context(), u.ID)
		if err != nil || (len(left) == 1) != (fate == domain.DataKeep) {
			t.Errorf("%s: noted %+v, %v", fate, left, err)
		}
		if list := n.backups(); fate == domain.DataHandOver && (len(list) != 1 || list[0].ProjectID != p.ID || list[0].Missing) {
			t.Errorf("the heir has %+v", list)
		}
		if fate != domain.DataKeep {
			continue
		}
		if data, err := n.engine.ResetUserData(t.Context(), n.actor(), u.ID); err != nil || data.Backups != 0 || there(zip) {
			t.Errorf("removed later: %+v, %v", data, err)
		}
	}
}

// What is done in a project that was kept is waited for, and an heir is somebody.
func TestWhatWasKeptIsHandedOverAtRest(t *testing.T) { // USR-6
	gate, change := heldUp(t)
	n := newInstallation(t, nil, "", change)
	u, p, _ := n.person("bob")
	gone, _, _ := n.person("gone")
	no := false
	if _, err := n.engine.ChangeUser(t.Context(), n.actor(), gone.ID, engine.UserChange{Active: &no}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.engine.DeleteUser(t.Context(), n.actor(), u, domain.DataKeep, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := n.engine.HandOverKept(t.Context(), n.actor(), u.ID, gone.ID); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("to who is not active: %v", err)
	}
	job, err := n.engine.BackUpProject(t.Context(), n.actor(), u, "user", p, "asked")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.engine.HandOverKept(t.Context(), n.actor(), u.ID, n.user.ID); !domain.HasCode(err, domain.CodeProjectBusy) {
		t.Errorf("while it is backed up: %v", err)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	n.done(job.ID)
	handed := make(chan error, 1)
	err = n.engine.ChangeData(t.Context(), engine.DataPlace{Owner: u, Project: p, GroupID: "g"}, func() error {
		go func() {
			_, err := n.engine.HandOverKept(context.WithoutCancel(t.Context()), n.actor(), u.ID, n.user.ID)
			handed <- err
		}()
		select {
		case err := <-handed:
			handed <- err
			t.Error("not waited for")
		case <-time.After(100 * time.Millisecond): // that nothing happens has no event
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-handed; err != nil {
		t.Error(err)
	}
}

// Private templates go with the account; offered ones stay, with the heir where
// there is one.
func TestTemplatesOfDeletedAccounts(t *testing.T) { // PRJ-5, USR-6
	n := newInstallation(t, map[string]string{"waits.py": waits}, "")
	script, err := n.engine.Script(t.Context(), "g/waits")
	if err != nil {
		t.Fatal(err)
	}
	save := func(u domain.User, name string, shared bool) domain.Template {
		one, err := n.engine.SaveTemplate(t.Context(), n.actor(), script, domain.Template{ScriptID: script.ID, UserID: u.ID, Name: name, Shared: shared, Parameters: map[string]any{}})
		if err != nil {
			t.Fatal(err)
		}
		return one
	}
	save(n.user, "Offered", false)
	for _, fate := range []domain.DataFate{domain.DataKeep, domain.DataHandOver} {
		u, _, _ := n.person("bob")
		offered, private := save(u, "offered", true), save(u, "private", false)
		if _, err := n.engine.DeleteUser(t.Context(), n.actor(), u, fate, n.user.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := n.engine.Template(t.Context(), private.ID); !domain.HasCode(err, domain.CodeNotFound) {
			t.Errorf("%s: the private one: %v", fate, err)
		}
		want := domain.Template{UserID: u.ID, Name: "offered", User: "bob"}
		if fate == domain.DataHandOver {
			want = domain.Template{UserID: n.user.ID, Name: "offered (bob)", User: n.user.Name}
		}
		if one, err := n.engine.Template(t.Context(), offered.ID); err != nil || one.UserID != want.UserID || one.Name != want.Name || one.User != want.User {
			t.Errorf("%s: the offered one: %+v, %v", fate, one, err)
		}
	}
}
