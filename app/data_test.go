package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/project/files"
)

const dataGroup = "thermal_analysis"

// dataFile puts a file into a user's default project.
func (w *world) dataFile(t *testing.T, u domain.User, name, text string) (project int64, path string) {
	t.Helper()
	p, err := w.engine.ProjectOrDefault(t.Context(), u.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	place := engine.DataPlace{Owner: u, Project: p, GroupID: dataGroup}
	folder, err := w.engine.MakeData(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	folder.Close()
	path = filepath.Join(w.engine.DataDir(place), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p.ID, path
}

// dataCases are the rows of Data in the table of permissions: own files, and
// those of the other operator, which are not found except by administrators.
func dataCases(t *testing.T, w *world, foreignProject int64) []permissionCase {
	for _, u := range w.users {
		w.dataFile(t, u, "own.json", "{}")
	}
	w.dataFile(t, w.other, "theirs.json", "{}")
	theirs := func(more string) func(domain.User) string {
		return fixed(fmt.Sprintf(`{"project_id":%d,"group_id":%q%s}`, foreignProject, dataGroup, more))
	}
	own := func(more string) func(domain.User) string {
		return fixed(fmt.Sprintf(`{"group_id":%q%s}`, dataGroup, more))
	}
	const notIn = "not_signed_in"
	nobodys := outcomes{notIn, "not_found", "not_found", "not_found", "not_found"}
	viewers := outcomes{notIn, "not_allowed", "not_found", "not_found", "not_found"}
	changes := outcomes{notIn, "not_allowed", "not_found", "not_found", "ok"} // another's: not_found, except by administrators
	each := func(format string) func(domain.User) string {
		return func(u domain.User) string {
			return fmt.Sprintf(`{"group_id":%q,`+format+`}`, dataGroup, string(u.Level))
		}
	}
	dialect := `,"path":"%s","encoding":"utf-8","dialect":{"delimiter":",","quote":"\"","header":false}`
	return []permissionCase{
		{"Data.Groups", "own", fixed(`{}`), signedIn},
		{"Data.Groups", "foreign", fixed(fmt.Sprintf(`{"project_id":%d}`, foreignProject)), foreign},
		{"Data.Groups", "none", fixed(`{"project_id":999}`), nobodys},
		{"Data.List", "own", own(``), signedIn},
		{"Data.List", "foreign", theirs(``), foreign},
		{"Data.List", "no such group", fixed(`{"group_id":"none"}`), nobodys},
		{"Data.List", "a group that is not seen", fixed(`{"group_id":"system"}`), outcomes{notIn, "not_found", "ok", "ok", "ok"}},
		{"Data.Look", "own", own(`,"path":"own.json"`), signedIn},
		{"Data.Look", "foreign", theirs(`,"path":"theirs.json"`), foreign},
		{"Data.Look", "out of the folder", own(`,"path":"../project_default/own.json"`), outcomes{notIn, "file_name_path", "file_name_path", "file_name_path", "file_name_path"}},
		{"Data.Text", "own", own(`,"path":"own.json"`), signedIn},
		{"Data.Text", "foreign", theirs(`,"path":"theirs.json"`), foreign},
		{"Data.Read", "own", own(`,"path":"own.json"`), signedIn},
		{"Data.Read", "foreign", theirs(`,"path":"theirs.json"`), foreign},
		{"Data.Table", "own", own(fmt.Sprintf(dialect, "own.json")), signedIn},
		{"Data.Table", "foreign", theirs(fmt.Sprintf(dialect, "theirs.json")), foreign},
		{"Data.FormatJSON", "", fixed(`{"text":"{}"}`), signedIn},
		{"Data.Watch", "own", own(`,"paths":[""]`), signedIn},
		{"Data.Watch", "foreign", theirs(`,"paths":[""]`), foreign},
		{"Data.Weigh", "own", own(`,"paths":["own.json"]`), signedIn},
		{"Data.Weigh", "foreign", theirs(`,"paths":["theirs.json"]`), foreign},
		{"Data.Download", "own", own(`,"paths":["own.json"]`), signedIn},
		{"Data.Download", "foreign", theirs(`,"paths":["theirs.json"]`), foreign},
		{"Data.DownloadPart", "none", fixed(`{"id":"none"}`), nobodys},
		{"Data.TransferEnd", "none", fixed(`{"id":"none"}`), signedIn},
		{"Data.Save", "own, new", each(`"path":"new of %s.txt","text":"x"`), operatorUp},
		{"Data.Save", "own, no JSON", own(`,"path":"bad.json","text":"{"`), outcomes{notIn, "not_allowed", "file_json", "file_json", "file_json"}},
		{"Data.Save", "foreign", theirs(`,"path":"planted.txt","text":"x"`), changes},
		{"Data.MakeFolder", "own", each(`"path":"folder of %s"`), operatorUp},
		{"Data.MakeFolder", "foreign", theirs(`,"path":"planted"`), changes},
		{"Data.Move", "own", own(`,"from":"own.json","to":"moved.json"`), operatorUp},
		{"Data.Move", "foreign", theirs(`,"from":"theirs.json","to":"moved.json"`), changes},
		{"Data.Upload", "own", each(`"path":"upload of %s","size":1`), operatorUp},
		{"Data.Upload", "foreign", theirs(`,"path":"planted.bin","size":1`), changes},
		{"Data.UploadPart", "none", fixed(`{"id":"none","offset":0,"data":""}`), viewers},
		{"Data.UploadEnd", "none", fixed(`{"id":"none"}`), viewers},
		{"Data.Delete", "own", own(`,"paths":["moved.json"],"files":1`), operatorUp},
		{"Data.Delete", "foreign", theirs(`,"paths":["moved.json"],"files":1`), changes},
	}
}

func TestDataOfOthersIsRecorded(t *testing.T) { // PRJ-6
	w := newWorld(t)
	project, _ := w.dataFile(t, w.other, "theirs.json", "{}")
	own, _ := w.dataFile(t, w.users[domain.LevelAdmin], "own.json", "{}")
	admin := w.client(t, w.users[domain.LevelAdmin])
	recorded := func(action string) []engine.AuditRecord {
		list, err := w.engine.AuditRecords(t.Context(), engine.AuditFilter{Action: action, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	call[app.DataFileView](t, admin, "Data.Look", app.DataFileRequest{ProjectID: own, GroupID: dataGroup, Path: "own.json"})
	if list := recorded("data.read"); len(list) != 0 {
		t.Errorf("own reading is recorded: %+v", list)
	}
	for range 3 { // parts of one look
		call[app.DataFileView](t, admin, "Data.Look", app.DataFileRequest{ProjectID: project, GroupID: dataGroup, Path: "theirs.json"})
		call[app.DataPart](t, admin, "Data.Read", app.DataReadRequest{ProjectID: project, GroupID: dataGroup, Path: "theirs.json"})
		call[app.DataFolderView](t, admin, "Data.List", app.DataFolderRequest{ProjectID: project, GroupID: dataGroup})
	}
	call[files.Count](t, admin, "Data.Weigh", app.DataPathsRequest{ProjectID: project, GroupID: dataGroup, Paths: []string{"theirs.json"}})
	want := "other/project_default/" + dataGroup + "/theirs.json"
	if list := recorded("data.read"); len(list) != 1 || list[0].Object != want || list[0].Actor != "admin" {
		t.Errorf("recorded %+v, want one of %s", list, want)
	}
	if list := recorded("data.list"); len(list) != 2 { // the folder, and what the file weighs
		t.Errorf("recorded %+v", list)
	}
	call[app.DataSaved](t, admin, "Data.Save", app.DataSaveRequest{ProjectID: project, GroupID: dataGroup, Path: "planted.txt", Text: "x"})
	if list := recorded("data.save"); len(list) != 1 || !strings.HasSuffix(list[0].Object, "planted.txt") {
		t.Errorf("recorded %+v", list)
	}
}

func TestUpload(t *testing.T) { // PRJ-3
	w := newWorld(t)
	u := w.users[domain.LevelOperator]
	_, path := w.dataFile(t, u, "a.csv", "old")
	c := w.client(t, u)
	begin := func(name, existing string, size int64) (app.DataTransfer, error) {
		return ask[app.DataTransfer](t, c, "Data.Upload", app.DataUploadRequest{GroupID: dataGroup, Path: name, Size: size, Existing: existing})
	}
	send := func(id, text string) {
		for i := 0; i < len(text); i += 2 {
			call[app.DataReceived](t, c, "Data.UploadPart", app.DataPartRequest{ID: id, Offset: int64(i), Data: []byte(text[i:min(i+2, len(text))])})
		}
	}
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(path), name))
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
	if _, err := begin("a.csv", "", 3); outcome(err) != "file_exists" {
		t.Errorf("an existing name: %v", err)
	}
	if _, err := begin("x.csv", "", 1<<60); outcome(err) != "space_short" {
		t.Errorf("too large: %v", err)
	}
	if _, err := begin("../x.csv", "", 3); outcome(err) != "file_name_path" {
		t.Errorf("out of the folder: %v", err)
	}
	for _, name := range []string{"a:b", "line\nbreak", "con", strings.Repeat("x", 256), "end."} {
		if _, err := begin(name, "", 3); !strings.HasPrefix(outcome(err), "file_name_") {
			t.Errorf("%q: %v", name, err)
		}
	}

	up, err := begin("new/deep/b.csv", "", 5)
	if err != nil {
		t.Fatal(err)
	}
	send(up.ID, "1234")
	if got := read("new/deep/b.csv"); got == "1234" {
		t.Error("half a file is seen")
	}
	if _, err := ask[app.DataUploaded](t, c, "Data.UploadEnd", app.DataUploadEndRequest{ID: up.ID}); outcome(err) != "upload_broken" {
		t.Errorf("not whole: %v", err)
	}
	if _, err := ask[app.DataReceived](t, c, "Data.UploadPart", app.DataPartRequest{ID: up.ID, Offset: 9, Data: []byte("5")}); outcome(err) != "upload_broken" {
		t.Errorf("a gap: %v", err)
	}
	if _, err := ask[app.DataReceived](t, w.client(t, w.other), "Data.UploadPart", app.DataPartRequest{ID: up.ID, Offset: 4, Data: []byte("5")}); outcome(err) != "not_found" {
		t.Errorf("another one's: %v", err)
	}
	call[app.DataReceived](t, c, "Data.UploadPart", app.DataPartRequest{ID: up.ID, Offset: 4, Data: []byte("5")})
	if done := call[app.DataUploaded](t, c, "Data.UploadEnd", app.DataUploadEndRequest{ID: up.ID}); done.Path != "new/deep/b.csv" || read(done.Path) != "12345" {
		t.Errorf("uploaded %+v: %s", done, read(done.Path))
	}

	// Somebody writes the file while it is uploaded: nothing is lost.
	up, err = begin("a.csv", "replace", 3)
	if err != nil {
		t.Fatal(err)
	}
	send(up.ID, "new")
	if err := os.WriteFile(path, []byte("of a script"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ask[app.DataUploaded](t, c, "Data.UploadEnd", app.DataUploadEndRequest{ID: up.ID}); outcome(err) != "file_changed" || read("a.csv") != "of a script" {
		t.Errorf("a second writer: %v, %s", err, read("a.csv"))
	}
	if done := call[app.DataUploaded](t, c, "Data.UploadEnd", app.DataUploadEndRequest{ID: up.ID, Existing: "both"}); done.Path != "a (2).csv" || read(done.Path) != "new" {
		t.Errorf("kept both: %+v", done)
	}
	up, err = begin("a.csv", "replace", 3)
	if err != nil {
		t.Fatal(err)
	}
	send(up.ID, "new")
	call[app.DataUploaded](t, c, "Data.UploadEnd", app.DataUploadEndRequest{ID: up.ID})
	if read("a.csv") != "new" {
		t.Errorf("replaced: %s", read("a.csv"))
	}

	// The session ends in the middle.
	up, err = begin("late.csv", "", 4)
	if err != nil {
		t.Fatal(err)
	}
	send(up.ID, "12")
	call[app.SessionState](t, c, "Session.SignOut", app.SignOutRequest{StopRunning: true})
	if _, err := ask[app.DataReceived](t, c, "Data.UploadPart", app.DataPartRequest{ID: up.ID, Offset: 2, Data: []byte("34")}); outcome(err) != "not_found" { // the client of a test goes on as the owner
		t.Errorf("after the session: %v", err)
	}
	left, err := os.ReadDir(w.engine.Root().Uploads())
	if err != nil || len(left) != 0 {
		t.Errorf("left of uploads: %v, %v", left, err)
	}
}

func TestDownloadWhileItIsWritten(t *testing.T) {
	w := newWorld(t)
	u := w.users[domain.LevelOperator]
	_, path := w.dataFile(t, u, "big", strings.Repeat("x", 3<<20))
	c := w.client(t, u)
	down := call[app.DataTransfer](t, c, "Data.Download", app.DataPathsRequest{GroupID: dataGroup, Paths: []string{"big"}})
	call[app.DataDownloaded](t, c, "Data.DownloadPart", app.DataTransferRequest{ID: down.ID})
	if err := os.WriteFile(path, []byte(strings.Repeat("y", 2<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	for {
		part, err := ask[app.DataDownloaded](t, c, "Data.DownloadPart", app.DataTransferRequest{ID: down.ID})
		if err != nil {
			if outcome(err) != "file_changed" {
				t.Errorf("error %v", err)
			}
			return
		}
		if part.End {
			t.Fatal("halves of two files were given as one")
		}
	}
}

func TestNamesAndSizesOnly(t *testing.T) { // section 18: security.admin_can_access_all_data
	w := newWorldWith(t, `{"security":{"admin_can_access_all_data":false}}`)
	project, _ := w.dataFile(t, w.other, "theirs.json", `{"a":1}`)
	w.dataFile(t, w.users[domain.LevelAdmin], "own.json", `{"a":1}`)
	admin := w.client(t, w.users[domain.LevelAdmin])
	if list := call[app.DataFolderView](t, admin, "Data.List", app.DataFolderRequest{ProjectID: project, GroupID: dataGroup}); len(list.Entries) == 0 || list.Entries[len(list.Entries)-1].Size == 0 {
		t.Errorf("names and sizes: %+v", list)
	}
	look := call[app.DataFileView](t, admin, "Data.Look", app.DataFileRequest{ProjectID: project, GroupID: dataGroup, Path: "theirs.json"})
	if look.Text != "" || look.Head != "" || look.Entry.Size != 7 {
		t.Errorf("look %+v", look)
	}
	for method, argument := range map[string]any{
		"Data.Read":     app.DataReadRequest{ProjectID: project, GroupID: dataGroup, Path: "theirs.json"},
		"Data.Text":     app.DataTextRequest{ProjectID: project, GroupID: dataGroup, Path: "theirs.json"},
		"Data.Download": app.DataPathsRequest{ProjectID: project, GroupID: dataGroup, Paths: []string{"theirs.json"}},
		"Data.Save":     app.DataSaveRequest{ProjectID: project, GroupID: dataGroup, Path: "x", Text: "x"},
		"Data.Delete":   app.DataDeleteRequest{ProjectID: project, GroupID: dataGroup, Paths: []string{"theirs.json"}, Files: 1},
	} {
		if _, err := ask[json.RawMessage](t, admin, method, argument); outcome(err) != "data_closed" {
			t.Errorf("%s: %v", method, err)
		}
	}
	if own := call[app.DataFileView](t, admin, "Data.Look", app.DataFileRequest{GroupID: dataGroup, Path: "own.json"}); own.Text == "" {
		t.Errorf("the own file: %+v", own)
	}
}

func TestDataOfAnArchivedProject(t *testing.T) { // PRJ-1: it is read, and nothing in it changes
	w := newWorld(t)
	u := w.users[domain.LevelOperator]
	c := w.client(t, u)
	p := call[domain.Project](t, c, "Projects.Create", app.CreateProjectRequest{Name: "Old oven"})
	call[app.DataSaved](t, c, "Data.Save", app.DataSaveRequest{ProjectID: p.ID, GroupID: dataGroup, Path: "a.txt", Text: "x"})
	archived := true
	call[domain.Project](t, c, "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID, Archived: &archived})
	if view := call[app.DataFileView](t, c, "Data.Look", app.DataFileRequest{ProjectID: p.ID, GroupID: dataGroup, Path: "a.txt"}); view.Text != "x" {
		t.Errorf("look %+v", view)
	}
	if groups := call[app.DataGroups](t, c, "Data.Groups", app.DataProjectRequest{ProjectID: p.ID}); groups.Rights.Write || !groups.Rights.Read {
		t.Errorf("rights %+v", groups.Rights)
	}
	if _, err := ask[app.DataSaved](t, c, "Data.Save", app.DataSaveRequest{ProjectID: p.ID, GroupID: dataGroup, Path: "b.txt", Text: "x"}); outcome(err) != "project_archived" {
		t.Errorf("a write: %v", err)
	}
}
