package app_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDataUseIsMeasuredAndCleared(t *testing.T) { // ADM-6
	w := newWorld(t)
	root := w.engine.Root()
	write(t, filepath.Join(root.ScriptData(), "group_a", "user_operator", "project_default", "x.txt"), "12345")
	write(t, filepath.Join(root.ScriptData(), "group_b", "user_operator", "project_default", "deep", "y.txt"), "678")
	write(t, filepath.Join(root.ScriptData(), "group_b", "user_gone", "project_old", "z.txt"), "1")
	write(t, filepath.Join(root.Caches(), "user_operator", "c", "fonts"), "1234")
	write(t, filepath.Join(root.ProjectBackups(), "user_operator_project_default_20260101_000000.zip"), "nobody's") // by its name alone it is not his
	w.bring(t, w.users[domain.LevelOperator])
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	write(t, filepath.Join(elsewhere, "file"), "not ours")
	if err := os.Symlink(elsewhere, filepath.Join(root.ScriptData(), "group_a", "user_operator", "project_link")); err != nil {
		t.Fatal(err)
	}
	<-w.engine.MeasureData(t.Context())
	c := w.client(t, w.users[domain.LevelAdmin])
	rows := func() map[string]engine.ProjectUse {
		found := map[string]engine.ProjectUse{}
		for _, row := range call[engine.DataUse](t, c, "DataUse.Get", nil).Projects {
			found[row.User+"/"+row.Project] = row
		}
		return found
	}
	found := rows()
	project := found["operator/project_default"]
	if project.Data != (engine.Size{Bytes: 8, Files: 2}) || project.Logs.Files == 0 || project.ProjectID == 0 {
		t.Errorf("the operator's project takes %+v", project)
	}
	if found["operator/"].Backups.Files+project.Backups.Files != 1 || found["?/"].Backups != (engine.Size{Bytes: 8, Files: 1}) {
		t.Errorf("backups: %+v, %+v", found["operator/"], found["?/"])
	}
	if found["operator/"].Caches.Bytes != 4 || found["user_gone/project_old"].Data.Bytes != 1 || found["user_gone/project_old"].UserID != 0 {
		t.Errorf("found %+v", found)
	}
	if _, there := found["operator/project_link"]; there {
		t.Error("a link was followed")
	}

	clear := engine.ClearRequest{What: engine.ClearData, UserFolder: project.UserFolder, ProjectFolder: project.ProjectFolder}
	_, err := ask[engine.Size](t, c, "DataUse.Clear", clear)
	wantCode(t, err, domain.CodeInvalid)
	clear.Confirm = "project_default"
	if size := call[engine.Size](t, c, "DataUse.Clear", clear); size.Files != 2 {
		t.Errorf("cleared %+v", size)
	}
	call[engine.Size](t, c, "DataUse.Clear", engine.ClearRequest{What: engine.ClearCaches, UserFolder: "user_operator"})
	call[engine.Size](t, c, "DataUse.Clear", engine.ClearRequest{What: engine.ClearLogs, UserFolder: "user_operator", Confirm: "operator"})
	<-w.engine.MeasureData(t.Context())
	found = rows()
	if now := found["operator/project_default"]; now.Data.Files != 0 || now.Logs.Files != 0 || now.Backups != project.Backups || found["operator/"].Caches.Files != 0 {
		t.Errorf("left %+v", now)
	}
	if _, err := os.Stat(filepath.Join(elsewhere, "file")); err != nil {
		t.Error(err)
	}
	records, err := w.engine.AuditRecords(t.Context(), engine.AuditFilter{Action: "data.clear"})
	if err != nil || len(records) != 3 || records[0].Object != "user:operator" {
		t.Errorf("recorded %+v, %v", records, err)
	}
}

// What was kept of a deleted account, and its logs, are told as its own; where
// the last of it is cleared, nothing is kept any more.
func TestDataUseKnowsDeletedAccounts(t *testing.T) { // ADM-6, USR-6
	w := newWorld(t)
	w.fill(t, w.other, w.defaultProject(t, w.other), "kept.txt")
	c := w.client(t, w.users[domain.LevelAdmin])
	call[domain.DeletedUser](t, c, "Users.Delete", app.DeleteUserRequest{UserID: w.other.ID, Confirm: w.other.Name, Data: "keep"})
	rows := func() (found []engine.ProjectUse) {
		<-w.engine.MeasureData(t.Context())
		for _, row := range call[engine.DataUse](t, c, "DataUse.Get", nil).Projects {
			if row.UserID == w.other.ID {
				found = append(found, row)
			}
		}
		return found
	}
	var kept engine.ProjectUse
	for _, row := range rows() {
		if kept = row; row.ProjectID != 0 {
			break
		}
	}
	if !kept.Deleted || kept.User != w.other.Name || kept.Project != "project_default" || kept.Data.Files != 2 || kept.Logs.Files == 0 {
		t.Fatalf("kept: %+v", kept)
	}
	call[engine.Size](t, c, "DataUse.Clear", engine.ClearRequest{What: engine.ClearData, UserFolder: kept.UserFolder, ProjectFolder: kept.ProjectFolder, Confirm: kept.Project})
	if list := call[[]domain.DeletedUser](t, c, "Users.Deleted", nil); len(list) != 1 || list[0].Data != domain.DataDelete {
		t.Errorf("cleared, and yet: %+v", list)
	}
	call[engine.Size](t, c, "DataUse.Clear", engine.ClearRequest{What: engine.ClearLogs, UserFolder: kept.UserFolder, Confirm: w.other.Name})
	if left := rows(); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

// What was nobody's when it was measured, and is a project's now, is not cleared
// as nobody's.
func TestClearGoesByWhoseItIsNow(t *testing.T) { // ADM-6
	w := newWorld(t)
	operator := w.users[domain.LevelOperator]
	file := filepath.Join(w.engine.Root().ScriptData(), "group_b", "user_operator", "project_Oven", "z.txt")
	write(t, file, "1")
	<-w.engine.MeasureData(t.Context())
	p, err := w.engine.CreateProject(t.Context(), engine.Actor{Kind: "system", Name: "test"}, operator.ID, "Oven", "")
	if err != nil || p.Folder != "project_Oven" {
		t.Fatalf("%+v, %v", p, err)
	}
	c := w.client(t, w.users[domain.LevelAdmin])
	clear := engine.ClearRequest{What: engine.ClearData, UserFolder: "user_operator", ProjectFolder: "project_Oven", Confirm: "project_Oven"}
	_, err = ask[engine.Size](t, c, "DataUse.Clear", clear)
	wantCode(t, err, domain.CodeInvalid)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	<-w.engine.MeasureData(t.Context())
	clear.Confirm = "Oven"
	if size := call[engine.Size](t, c, "DataUse.Clear", clear); size.Files != 1 {
		t.Errorf("cleared %+v", size)
	}
	if w.recorded(t, "data.clear", "user:operator") != 1 {
		t.Error("not recorded")
	}
}

func TestDiscoveryStatusTellsAllProblems(t *testing.T) { // ADM-6, DIS-8
	w := newWorld(t)
	writeScript(t, w, `[{"name": "n", "type": "whatever"}]`, map[string]string{"bad.json": "{\n oops"})
	write(t, filepath.Join(w.engine.Root().Groups(), "demo", "metadata.json"), "{\n\"required_level\": \"king\"}")
	c := w.client(t, w.users[domain.LevelAdmin])
	s := call[engine.DiscoveryStatus](t, c, "Discovery.Refresh", nil)
	told := map[string]bool{}
	for _, p := range s.Problems {
		told[p.File+" "+p.GroupID+" "+p.ScriptID] = p.Line > 0
	}
	for _, want := range []string{"demo/t.py demo demo/t", "demo/metadata.json demo ", "demo/examples/bad.json demo "} {
		if !told[want] {
			t.Errorf("%s is not told with its line: %+v", want, s.Problems)
		}
	}
	if s.Scanning || s.ScannedAt.IsZero() || s.TookMS <= 0 || s.Of == 0 || s.Looked != s.Of || s.Groups < 5 {
		t.Errorf("status %+v", s)
	}
}

func TestDocumentStatus(t *testing.T) { // DOC-4
	w := newWorld(t)
	dir := filepath.Join(w.engine.Root().Groups(), "system", "docs")
	old, err := os.Stat(filepath.Join(dir, "disk_use.md"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "disk_use.md"), old.ModTime().Add(1e9), old.ModTime().Add(3600e9)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "disk_use_fr.md")); err != nil {
		t.Fatal(err)
	}
	for _, one := range call[[]engine.DocumentStatus](t, w.client(t, w.users[domain.LevelAdmin]), "DocumentStatus.List", nil) {
		got := ""
		for _, l := range domain.Languages() {
			got += one.Languages[l] + " "
		}
		want := "there there there there "
		if one.ScriptID == "system/disk_use" {
			want = "there old old missing "
		}
		if one.GroupID == "system" && got != want {
			t.Errorf("%s: %s, want %s", one.ScriptID, got, want)
		}
	}
}

// Links to what a person may not see are as those to what does not exist.
func TestDocumentCheckTellsNobodyOfHiddenScripts(t *testing.T) { // DOC-3, USR-2
	w := newWorld(t)
	groups := w.engine.Root().Groups()
	write(t, filepath.Join(groups, "secret", "plans.py"), "\"\"\"Plans.\n\nScriptsManager Metadata:\n@required_level: admin\n\"\"\"\n")
	path := filepath.Join(groups, "system", "docs", "disk_use.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(text)+"\n[plans](script:secret/plans) [none](script:secret/none)\n")
	if err := w.engine.Rescan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for level, want := range map[domain.Level]int{domain.LevelDeveloper: 2, domain.LevelAdmin: 1} {
		list := call[[]engine.DocumentStatus](t, w.client(t, w.users[level]), "DocumentStatus.Check", app.DocumentCheckRequest{What: "system/disk_use"})
		dead := 0
		for _, p := range list[0].Problems {
			if p.Code == domain.CodeDocumentScript && p.Line > 0 && p.File == "docs/disk_use.md" {
				dead++
			}
		}
		if len(list) != 1 || dead != want {
			t.Errorf("%s: %d dead links, want %d: %+v", level, dead, want, list)
		}
	}
}

func TestSystemLogIsReadFilteredAndFollowed(t *testing.T) { // ADM-6
	w := newWorld(t)
	path := filepath.Join(w.engine.Root().SystemLogs(), "access.log")
	record := func(level, msg string) string {
		return `{"time":"2026-01-02T03:04:05Z","level":"` + level + `","msg":"` + msg + `","n":1}` + "\n"
	}
	text := ""
	for range 20000 { // some windows long
		text += record("INFO", "usual "+strings.Repeat("x", 50))
	}
	write(t, path, record("ERROR", "first")+text+record("WARN", "Last one")+`{"half`)
	c := w.client(t, w.users[domain.LevelAdmin])
	page := call[engine.SystemLogPage](t, c, "SystemLogs.Read", engine.SystemLogRequest{File: "access"})
	if len(page.Lines) != 500 || page.Lines[499].Message != "Last one" || page.Before != page.Lines[0].Offset || page.Before == 0 {
		t.Fatalf("%d lines, the last %+v, before %d", len(page.Lines), page.Lines[len(page.Lines)-1], page.Before)
	}
	older := call[engine.SystemLogPage](t, c, "SystemLogs.Read", engine.SystemLogRequest{File: "access", Before: page.Before})
	if len(older.Lines) != 500 || older.Lines[499].Offset >= page.Before {
		t.Errorf("%d older ones", len(older.Lines))
	}
	for _, r := range []engine.SystemLogRequest{{File: "access", Level: "WARN"}, {File: "access", Text: "ST"}} {
		found := call[engine.SystemLogPage](t, c, "SystemLogs.Read", r)
		if len(found.Lines) != 2 || found.Lines[0].Message != "first" || found.Lines[1].Message != "Last one" || found.Before != 0 {
			t.Errorf("%+v finds %+v, before %d", r, found.Lines, found.Before)
		}
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("\"}\n" + record("INFO", "new")); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	more := call[engine.SystemLogPage](t, c, "SystemLogs.Read", engine.SystemLogRequest{File: "access", From: page.End})
	if n := len(more.Lines); n != 2 || more.Lines[1].Message != "new" || more.Lines[0].Message != `{"half"}` {
		t.Errorf("since then %+v", more.Lines)
	}
	// The next file was begun.
	write(t, path, record("INFO", "fresh"))
	more = call[engine.SystemLogPage](t, c, "SystemLogs.Read", engine.SystemLogRequest{File: "access", From: more.End})
	if len(more.Lines) != 1 || more.Lines[0].Message != "fresh" {
		t.Errorf("of the next file %+v", more.Lines)
	}
	file := call[app.SystemLogFile](t, c, "SystemLogs.Export", app.SystemLogName{File: "access"})
	if file.Name != "access.log" || string(file.Data) != record("INFO", "fresh") {
		t.Errorf("exported %s: %q", file.Name, file.Data)
	}
	records, err := w.engine.AuditRecords(t.Context(), engine.AuditFilter{Action: "system_log.export"})
	if err != nil || len(records) != 1 {
		t.Errorf("recorded %+v, %v", records, err)
	}
}

func TestSystemLogIsFollowedIntoTheNextFiles(t *testing.T) { // ADM-6
	w := newWorld(t)
	dir := w.engine.Root().SystemLogs()
	path := filepath.Join(dir, "access.log")
	record := func(msg string) string {
		return `{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"` + msg + `"}` + "\n"
	}
	c := w.client(t, w.users[domain.LevelAdmin])
	read := func(r engine.SystemLogRequest) (engine.SystemLogPage, string) {
		t.Helper()
		r.File = "access"
		page := call[engine.SystemLogPage](t, c, "SystemLogs.Read", r)
		said := ""
		for _, line := range page.Lines {
			said += line.Message + " "
		}
		return page, said
	}
	next := func(name string) {
		t.Helper()
		if err := os.Rename(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, path, record("one"))
	page, _ := read(engine.SystemLogRequest{})
	first := page
	// What came at the end of the file that was read, all of the next one, and
	// the beginning of today's, which is longer than the place read so far.
	write(t, path, record("one")+record("two"))
	next("access-2026-01-02T04-00-00.000.log")
	write(t, path, record("three")+record("four"))
	next("access-2026-01-02T05-00-00.000.log")
	if page, said := read(engine.SystemLogRequest{From: page.End, Begun: page.Begun}); said != "" || page.End != first.End || page.Begun != first.Begun {
		t.Errorf("%q, %+v while there is no file", said, page)
	}
	write(t, path, record("five")+record("six")+record("seven"))
	for _, want := range []string{"two ", "three four ", "five six seven ", ""} {
		var said string
		if page, said = read(engine.SystemLogRequest{From: page.End, Begun: page.Begun}); said != want {
			t.Errorf("%q, not %q", said, want)
		}
	}
	// What is before is looked for in the file that it was in.
	if _, said := read(engine.SystemLogRequest{Before: first.End, Begun: first.Begun}); said != "one " {
		t.Errorf("before: %q", said)
	}
	if _, said := read(engine.SystemLogRequest{Before: first.End, Begun: "gone"}); said != "" {
		t.Errorf("before in a file that is gone: %q", said)
	}
	if _, said := read(engine.SystemLogRequest{From: 1, Begun: "gone"}); said != "five six seven " {
		t.Errorf("after a file that is gone: %q", said)
	}
}

// What is exported has the files before today's, too, each once. ADM-6
func TestSystemLogIsExportedWithEarlierOnes(t *testing.T) {
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelAdmin])
	dir := w.engine.Root().SystemLogs()
	if one := call[app.SystemLogFile](t, c, "SystemLogs.Export", app.SystemLogName{File: "error"}); one.Name != "error.log" {
		t.Errorf("alone it is %q", one.Name)
	}
	write(t, filepath.Join(dir, "error.log"), "{\"msg\":\"now\"}\n")
	write(t, filepath.Join(dir, "error-2026-01-01T00-00-00.000.log"), "{\"msg\":\"old\"}\n")
	write(t, filepath.Join(dir, "error-2026-01-02T00-00-00.000.log"), "{\"msg\":\"now\"}\n") // as if it had just become an earlier one
	file := call[app.SystemLogFile](t, c, "SystemLogs.Export", app.SystemLogName{File: "error"})
	z, err := zip.NewReader(bytes.NewReader(file.Data), int64(len(file.Data)))
	if err != nil || file.Name != "error-logs.zip" {
		t.Fatalf("%q: %v", file.Name, err)
	}
	got := []string{}
	for _, f := range z.File {
		got = append(got, f.Name)
	}
	if strings.Join(got, " ") != "error.log error-2026-01-01T00-00-00.000.log" {
		t.Errorf("in it: %v", got)
	}
	if w.recorded(t, "system_log.export", "log:error") != 2 {
		t.Error("not recorded")
	}
}
