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
	"scriptsmanager/backend/project"
)

// fill lays a file of 5 bytes into a user's project, for two groups.
func (w *world) fill(t *testing.T, u domain.User, p domain.Project, name string) {
	t.Helper()
	for _, group := range []string{"thermal_analysis", "a b"} {
		dir := project.DataDir(w.engine.Root(), u.Folder, p.Folder, group)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("12345"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) defaultProject(t *testing.T, u domain.User) domain.Project {
	t.Helper()
	p, err := w.engine.ProjectOrDefault(context.Background(), u.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// recorded counts the records of an action on an object.
func (w *world) recorded(t *testing.T, action, object string) (n int) {
	t.Helper()
	records, err := w.engine.AuditRecords(context.Background(), engine.AuditFilter{Action: action})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r.Object == object {
			n++
		}
	}
	return n
}

// A deleted account cannot sign in, its name is free, and what it ran is under
// its name as it was. USR-6
func TestDeletedAccountLeavesItsName(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	boss, own := w.client(t, w.users[domain.LevelAdmin]), w.client(t, w.other)
	w.fill(t, w.other, w.defaultProject(t, w.other), "kept.txt")
	ask := app.DeleteUserRequest{UserID: w.other.ID, Confirm: w.other.Name, Data: "keep"}
	for name, c := range map[string]struct {
		change func(*app.DeleteUserRequest)
		code   domain.Code
	}{
		"another name":    {func(r *app.DeleteUserRequest) { r.Confirm = "OTHER" }, domain.CodeNameTyped},
		"no name":         {func(r *app.DeleteUserRequest) { r.Confirm = "" }, domain.CodeNameTyped},
		"no fate":         {func(r *app.DeleteUserRequest) { r.Data = "burn" }, domain.CodeInvalid},
		"heir is itself":  {func(r *app.DeleteUserRequest) { r.Data, r.To = "hand_over", w.other.ID }, domain.CodeInvalid},
		"heir is nobody":  {func(r *app.DeleteUserRequest) { r.Data, r.To = "hand_over", 99 }, domain.CodeInvalid},
		"nobody":          {func(r *app.DeleteUserRequest) { r.UserID = 99 }, domain.CodeNotFound},
		"the last of all": {func(r *app.DeleteUserRequest) { r.UserID, r.Confirm = w.users[domain.LevelAdmin].ID, "admin" }, domain.CodeLastAdmin},
	} {
		r := ask
		c.change(&r)
		if err := door.Call(ctx, boss, "Users.Delete", r, nil); !domain.HasCode(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if u, err := w.engine.User(ctx, w.other.ID); err != nil || !u.Active {
		t.Fatalf("refused, and yet: %+v, %v", u, err)
	}
	var deleted domain.DeletedUser
	if err := door.Call(ctx, boss, "Users.Delete", ask, &deleted); err != nil {
		t.Fatal(err)
	}
	if deleted.Name != w.other.Name || deleted.Data != domain.DataKeep || deleted.Email != "" || deleted.DeletedAt.IsZero() {
		t.Errorf("%+v", deleted)
	}
	if err := door.Call(ctx, own, "Projects.List", nil, nil); !domain.HasCode(err, domain.CodeNotSignedIn) {
		t.Errorf("still signed in: %v", err)
	}
	for _, name := range []string{w.other.Name, "deleted:" + "5"} {
		for _, secret := range []string{password, ""} {
			if _, err := w.engine.SignIn(ctx, name, secret); !domain.HasCode(err, domain.CodeSignInFailed) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if err := door.Call(ctx, boss, "Users.Delete", ask, nil); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("twice: %v", err)
	}
	if err := door.Call(ctx, boss, "Users.Edit", app.EditUserRequest{UserID: w.other.ID}, nil); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("changed: %v", err)
	}
	var x domain.Execution
	if err := door.Call(ctx, boss, "Executions.Get", app.ExecutionRequest{ExecutionID: w.runs[w.other.ID]}, &x); err != nil || x.User != w.other.Name {
		t.Errorf("execution of %q, %v", x.User, err)
	}
	if w.recorded(t, "user.delete", "user:"+w.other.Name) != 1 {
		t.Error("not recorded")
	}
	// Somebody new of the same name gets nothing of the old one's.
	again, err := w.engine.AddUser(ctx, engine.Actor{Kind: "system", Name: "test"}, w.other.Name, password, domain.LevelOperator, "", "")
	if err != nil || again.Folder == w.other.Folder || again.ID == w.other.ID {
		t.Fatalf("%+v, %v", again, err)
	}
	keptDataAreRemovedLater(t, w, boss, deleted)
}

func keptDataAreRemovedLater(t *testing.T, w *world, boss *door.Local, deleted domain.DeletedUser) {
	t.Helper()
	ctx := context.Background()
	var data engine.UserData
	if err := door.Call(ctx, boss, "Users.Data", app.UserRequest{UserID: deleted.ID}, &data); err != nil || data.Bytes != 10 || data.Files != 2 {
		t.Errorf("kept: %+v, %v", data, err)
	}
	// Until then an administrator looks into them, which is recorded.
	var page struct{ Entries []struct{ Name string } }
	place := app.DataFolderRequest{ProjectID: data.Projects[0].ID, GroupID: "thermal_analysis"}
	if err := door.Call(ctx, boss, "Data.List", place, &page); err != nil || len(page.Entries) != 1 || page.Entries[0].Name != "kept.txt" {
		t.Errorf("looked into: %+v, %v", page, err)
	}
	if err := door.Call(ctx, w.client(t, w.users[domain.LevelDeveloper]), "Data.List", place, nil); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("not by a developer: %v", err)
	}
	if err := door.Call(ctx, boss, "Users.ResetData", app.ResetDataRequest{UserID: deleted.ID, Confirm: deleted.Name}, &data); err != nil || data.Bytes != 0 {
		t.Errorf("removed later: %+v, %v", data, err)
	}
	var list []domain.DeletedUser
	if err := door.Call(ctx, boss, "Users.Deleted", nil, &list); err != nil || len(list) != 1 || list[0].Data != domain.DataDelete || list[0].Name != deleted.Name {
		t.Errorf("%+v, %v", list, err)
	}
}

// Projects that are handed over come with their files, of every group, and
// take a name that is free. USR-6
func TestProjectsAreHandedOver(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	boss, heir := w.client(t, w.users[domain.LevelAdmin]), w.users[domain.LevelDeveloper]
	test := engine.Actor{Kind: "system", Name: "test"}
	names := map[string]int64{}
	for _, u := range []domain.User{w.other, heir} {
		p, err := w.engine.CreateProject(ctx, test, u.ID, "Oven", "")
		if err != nil {
			t.Fatal(err)
		}
		if u.ID == w.other.ID {
			w.fill(t, u, p, "oven.txt")
			w.fill(t, u, w.defaultProject(t, u), "default.txt")
			names["Oven (other)"], names["project_default (other)"] = p.ID, w.defaultProject(t, u).ID
		}
	}
	var deleted domain.DeletedUser
	r := app.DeleteUserRequest{UserID: w.other.ID, Confirm: w.other.Name, Data: "hand_over", To: heir.ID}
	if err := door.Call(ctx, boss, "Users.Delete", r, &deleted); err != nil || deleted.To != heir.Name {
		t.Fatalf("%+v, %v", deleted, err)
	}
	var data engine.UserData
	if err := door.Call(ctx, boss, "Users.Data", app.UserRequest{UserID: heir.ID}, &data); err != nil || data.Bytes != 20 {
		t.Fatalf("%+v, %v", data, err)
	}
	for _, p := range data.Projects {
		if id, handed := names[p.Name]; handed && (p.ID != id || p.Bytes != 10 || p.IsDefault || p.UserID != heir.ID) {
			t.Errorf("%+v", p)
		}
		delete(names, p.Name)
	}
	if len(names) > 0 {
		t.Errorf("not there: %v, but %+v", names, data.Projects)
	}
	if _, err := os.Lstat(filepath.Dir(project.DataDir(w.engine.Root(), w.other.Folder, "x", "thermal_analysis"))); !os.IsNotExist(err) {
		t.Errorf("something is left: %v", err)
	}
}

// Where a folder cannot be handed over, nothing was.
func TestHandOverIsWholeOrNone(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	heir := w.users[domain.LevelDeveloper]
	mine := w.defaultProject(t, w.other)
	w.fill(t, w.other, mine, "mine.txt")
	// In the way: the folder that it would get, for one of the two groups.
	blocked := project.DataDir(w.engine.Root(), heir.Folder, "project_default_other", "thermal_analysis")
	if err := os.MkdirAll(filepath.Join(blocked, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := app.DeleteUserRequest{UserID: w.other.ID, Confirm: w.other.Name, Data: "hand_over", To: heir.ID}
	if err := door.Call(ctx, w.client(t, w.users[domain.LevelAdmin]), "Users.Delete", r, nil); err == nil {
		t.Fatal("handed over onto another's files")
	}
	data, err := w.engine.UserData(ctx, w.other.ID)
	if err != nil || data.Bytes != 10 || len(data.Projects) != 1 || data.Projects[0].Bytes != 10 {
		t.Errorf("%+v, %v", data, err)
	}
	if u, err := w.engine.User(ctx, w.other.ID); err != nil || u.Active {
		t.Errorf("after a failure it is deactivated, and there: %+v, %v", u, err)
	}
}

// Data that go with an account are gone, others' are not; a reset removes files
// and keeps projects. USR-6
func TestDataAreDeletedAndReset(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	boss, viewer := w.client(t, w.users[domain.LevelAdmin]), w.users[domain.LevelViewer]
	for _, u := range []domain.User{w.other, viewer} {
		w.fill(t, u, w.defaultProject(t, u), "x.txt")
	}
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("stays"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(project.DataDir(w.engine.Root(), viewer.Folder, "project_default", "thermal_analysis"), "link")
	if err := os.Symlink(filepath.Dir(outside), link); err != nil {
		t.Skip("no links here")
	}
	r := app.DeleteUserRequest{UserID: w.other.ID, Confirm: w.other.Name, Data: "delete"}
	if err := door.Call(ctx, boss, "Users.Delete", r, nil); err != nil {
		t.Fatal(err)
	}
	if data, err := w.engine.UserData(ctx, w.other.ID); err != nil || data.Bytes != 0 {
		t.Errorf("deleted: %+v, %v", data, err)
	}
	if data, err := w.engine.UserData(ctx, viewer.ID); err != nil || data.Bytes != 10 {
		t.Errorf("another's: %+v, %v", data, err)
	}
	reset := app.ResetDataRequest{UserID: viewer.ID, Confirm: "viewers"}
	if err := door.Call(ctx, boss, "Users.ResetData", reset, nil); !domain.HasCode(err, domain.CodeNameTyped) {
		t.Errorf("another name: %v", err)
	}
	reset.Confirm = viewer.Name
	var data engine.UserData
	if err := door.Call(ctx, boss, "Users.ResetData", reset, &data); err != nil || data.Bytes != 0 || len(data.Projects) != 1 {
		t.Errorf("reset: %+v, %v", data, err)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("a link was followed: %v", err)
	}
	if w.recorded(t, "user.reset_data", "user:"+viewer.Name) != 1 {
		t.Error("not recorded")
	}
}

// What was kept of a deleted account is given to another one later. USR-6
func TestKeptDataAreHandedOverLater(t *testing.T) {
	w := newWorld(t)
	boss, heir := w.client(t, w.users[domain.LevelAdmin]), w.users[domain.LevelViewer]
	p := w.defaultProject(t, w.other)
	w.fill(t, w.other, p, "kept.txt")
	w.bring(t, w.other)
	r := app.HandOverRequest{UserID: w.other.ID, Confirm: w.other.Name, To: heir.ID}
	_, err := ask[domain.DeletedUser](t, boss, "Users.HandOver", r)
	wantCode(t, err, domain.CodeNotFound) // it is not deleted
	call[domain.DeletedUser](t, boss, "Users.Delete", app.DeleteUserRequest{UserID: w.other.ID, Confirm: w.other.Name, Data: "keep"})
	r.To = w.other.ID
	_, err = ask[domain.DeletedUser](t, boss, "Users.HandOver", r)
	wantCode(t, err, domain.CodeInvalid)
	r.To = heir.ID
	if d := call[domain.DeletedUser](t, boss, "Users.HandOver", r); d.Data != domain.DataHandOver || d.To != heir.Name || d.Name != w.other.Name {
		t.Errorf("%+v", d)
	}
	data := call[engine.UserData](t, boss, "Users.Data", app.UserRequest{UserID: heir.ID})
	if data.Files != 2 || data.Backups != 1 {
		t.Errorf("the heir has %+v", data)
	}
	if left := call[engine.UserData](t, boss, "Users.Data", app.UserRequest{UserID: w.other.ID}); left.Files != 0 || left.Backups != 0 || len(left.Projects) != 0 {
		t.Errorf("left: %+v", left)
	}
	_, err = ask[domain.DeletedUser](t, boss, "Users.HandOver", r)
	wantCode(t, err, domain.CodeNotFound) // nothing is kept
	if w.recorded(t, "user.hand_over", "user:"+w.other.Name) != 1 {
		t.Error("not recorded")
	}
}
