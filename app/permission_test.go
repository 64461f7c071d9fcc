package app_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"scriptsmanager/app"
	samples "scriptsmanager/app/backend/script_groups"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/backend/platform"
	"scriptsmanager/translations"
)

// world is a real engine on a real root with an account of each level. It has
// no shim beside it: what is run fails at once and is a record all the same.
type world struct {
	engine *engine.Engine
	app    *app.App
	users  map[domain.Level]domain.User
	other  domain.User // an operator whose things are foreign to all others
	runs   map[int64]string
}

// openEngine is a real engine on an empty root, without accounts.
func openEngine(t *testing.T) *engine.Engine { return openEngineWith(t, "") }

// openEngineWith is openEngine with a config.json, "" for none.
func openEngineWith(t *testing.T, configuration string) *engine.Engine {
	t.Helper()
	ctx := context.Background()
	root, err := platform.Prepare(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if configuration != "" {
		if err := os.WriteFile(root.Config(), []byte(configuration), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	texts, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(ctx, engine.Options{
		Root: root, Kind: platform.OwnerCommand, Program: t.TempDir(), Home: t.TempDir(),
		Environ: []string{"PATH=" + os.Getenv("PATH")}, Samples: samples.Groups, Texts: texts, Stderr: io.Discard,
		PasswordCost: bcrypt.MinCost,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.Background(), domain.ReasonQuit); err != nil {
			t.Error(err)
		}
	})
	if err := e.Start(ctx); err != nil {
		t.Fatal(err)
	}
	return e
}

func newWorld(t *testing.T) *world { return newWorldWith(t, "") }

func newWorldWith(t *testing.T, configuration string) *world {
	t.Helper()
	ctx, e := context.Background(), openEngineWith(t, configuration)
	var err error
	w := &world{engine: e, app: app.New(e), users: map[domain.Level]domain.User{}, runs: map[int64]string{}}
	if w.users[domain.LevelAdmin], err = e.CreateFirstAdmin(ctx, "admin", password, domain.English, domain.ThemeLight); err != nil {
		t.Fatal(err)
	}
	add := func(name string, level domain.Level) domain.User {
		u, err := e.AddUser(ctx, engine.Actor{Kind: "system", Name: "test"}, name, password, level, "", "")
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, l := range []domain.Level{domain.LevelViewer, domain.LevelOperator, domain.LevelDeveloper} {
		w.users[l] = add(string(l), l)
	}
	w.other = add("other", domain.LevelOperator)
	for _, u := range []domain.User{w.other, w.users[domain.LevelOperator], w.users[domain.LevelDeveloper], w.users[domain.LevelAdmin]} {
		w.run(t, u)
	}
	// A viewer runs nothing, but may have been an operator before.
	w.runs[w.users[domain.LevelViewer].ID] = w.runs[w.users[domain.LevelOperator].ID]
	return w
}

const password = "correct horse"

// run makes an ended execution of the user's.
func (w *world) run(t *testing.T, u domain.User) {
	t.Helper()
	ctx := context.Background()
	c := w.client(t, u)
	var result app.RunResult
	if err := door.Call(ctx, c, "Executions.Run", app.RunRequest{ScriptID: "thermal_analysis/heat_transfer"}, &result); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Wait(ctx, result.Execution.ID); err != nil {
		t.Fatal(err)
	}
	w.runs[u.ID] = result.Execution.ID
}

// client gives a client to which the user is signed in; nobody for a zero user.
func (w *world) client(t *testing.T, u domain.User) *door.Local {
	t.Helper()
	c := w.app.NewClient(app.ClientOptions{Kind: app.ClientBrowser, Owner: true, System: u.ID != 0})
	t.Cleanup(c.Close)
	if u.ID != 0 {
		if err := c.ActAs(context.Background(), u.Name); err != nil {
			t.Fatal(err)
		}
	}
	return door.NewLocal(c)
}

// outcomes is what a call gives for nobody, viewer, operator, developer,
// admin: "ok" or an error's code.
type outcomes [5]string

var (
	all           = outcomes{"ok", "ok", "ok", "ok", "ok"}
	signedIn      = outcomes{"not_signed_in", "ok", "ok", "ok", "ok"}
	onlyAdmin     = outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "ok"}
	developerUp   = outcomes{"not_signed_in", "not_allowed", "not_allowed", "ok", "ok"}
	operatorUp    = outcomes{"not_signed_in", "not_allowed", "ok", "ok", "ok"}
	onlyAdminSees = outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "ok"}
	// foreign objects are not found, except by an administrator.
	foreign = outcomes{"not_signed_in", "not_found", "not_found", "not_found", "ok"}
	// shared ones may be read from developers up.
	sharedOne = outcomes{"not_signed_in", "not_found", "not_found", "ok", "ok"}
)

// permissionCase is a call, on an own or a foreign object, and what it gives.
type permissionCase struct {
	method   string
	what     string
	argument func(u domain.User) string
	want     outcomes
}

// permissionTable is every method, on own and on foreign objects. It is called
// along every way in (permissionways_test.go).
func permissionTable(t *testing.T, w *world) []permissionCase {
	t.Helper()
	foreignRun := w.runs[w.other.ID]
	foreignProject := func() int64 {
		p, err := w.engine.ProjectOrDefault(context.Background(), w.other.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}()
	foreignAlwaysOn := func() int64 {
		one, err := w.engine.SetAlwaysOn(context.Background(), engine.Actor{Kind: "system", Name: "test"}, domain.AlwaysOn{
			ScriptID: "thermal_analysis/heat_transfer", UserID: w.other.ID, ProjectID: foreignProject,
		})
		if err != nil {
			t.Fatal(err)
		}
		return one.ID
	}()
	foreignFilter := func() int64 {
		f, err := w.engine.SaveFilter(context.Background(), w.other.ID, engine.SavedFilter{Name: "F", Filter: "state=failed"})
		if err != nil {
			t.Fatal(err)
		}
		return f.ID
	}()
	foreignBackup := w.bring(t, w.other)
	w.run(t, w.other)
	sharedRun := w.runs[w.other.ID]
	if err := w.engine.SetShared(context.Background(), engine.Actor{Kind: "system", Name: "test"}, sharedRun, true); err != nil {
		t.Fatal(err)
	}
	template := func(name string, shared bool) int64 {
		script, err := w.engine.Script(context.Background(), "thermal_analysis/heat_transfer")
		if err != nil {
			t.Fatal(err)
		}
		one, err := w.engine.SaveTemplate(context.Background(), engine.Actor{Kind: "system", Name: "test"}, script, domain.Template{
			ScriptID: script.ID, UserID: w.other.ID, Name: name, Shared: shared, Parameters: map[string]any{},
		})
		if err != nil {
			t.Fatal(err)
		}
		return one.ID
	}
	foreignTemplate, offeredTemplate, keptTemplate := template("private", false), template("offered", true), template("kept", false)
	id := func(s string) string { return fmt.Sprintf(`{"execution_id":%q}`, s) }
	rows := []permissionCase{
		{"Session.State", "", nil, all},
		{"Session.SignIn", "wrong password", func(u domain.User) string { return fmt.Sprintf(`{"name":"nobody %s","password":"wrong"}`, u.Name) }, outcomes{"sign_in_failed", "sign_in_failed", "sign_in_failed", "sign_in_failed", "sign_in_failed"}},
		{"Session.SetPreferences", "", fixed(`{"theme":"dark"}`), all},
		{"Session.SetPreferences", "no such language", fixed(`{"language":"de"}`), outcomes{"invalid", "invalid", "invalid", "invalid", "invalid"}},
		{"Session.SetProject", "foreign", fixed(fmt.Sprintf(`{"project_id":%d}`, foreignProject)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Projects.Overview", "own", nil, signedIn},
		{"Projects.Overview", "of another", fixed(fmt.Sprintf(`{"user":%q}`, w.other.Name)), onlyAdmin},
		{"Projects.Change", "foreign", fixed(fmt.Sprintf(`{"project_id":%d,"description":"x"}`, foreignProject)), foreign},
		{"Projects.Change", "none", fixed(`{"project_id":99999,"description":"x"}`), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Projects.Delete", "foreign, the default one", fixed(fmt.Sprintf(`{"project_id":%d,"confirm":"project_default"}`, foreignProject)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "project_default"}},
		{"Projects.Backups", "own", nil, signedIn},
		{"Projects.Backups", "of another", fixed(fmt.Sprintf(`{"user":%q}`, w.other.Name)), onlyAdmin},
		{"Projects.BackUp", "foreign", fixed(fmt.Sprintf(`{"project_id":%d}`, foreignProject)), operatorsOwn("ok")},
		{"Projects.BackupPart", "foreign", fixed(fmt.Sprintf(`{"backup_id":%d,"offset":0}`, foreignBackup)), operatorsOwn("ok")},
		{"Projects.Preview", "foreign", fixed(fmt.Sprintf(`{"backup_id":%d}`, foreignBackup)), operatorsOwn("ok")},
		{"Projects.Restore", "foreign", fixed(fmt.Sprintf(`{"backup_id":%d,"project_id":99999}`, foreignBackup)), operatorsOwn("not_found")},
		{"Projects.Restore", "none", fixed(`{"backup_id":99999,"project_id":99999}`), operatorsOwn("not_found")},
		{"Projects.UploadBackup", "no number", fixed(`{"upload_id":"../x","offset":0,"data":"","last":true}`), outcomes{"not_signed_in", "not_allowed", "upload_broken", "upload_broken", "upload_broken"}},
		{"Projects.DeleteBackup", "foreign", fixed(fmt.Sprintf(`{"backup_id":%d}`, foreignBackup)), operatorsOwn("ok")},
		{"Setup.State", "after the setup", nil, setupAgain("ok")},
		{"Setup.SetSamples", "after the setup", fixed(`{"keep":["thermal_analysis","fluid_systems","production","data_analysis","system"]}`), setupAgain("ok")},
		{"Setup.SetSamples", "no such", fixed(`{"keep":["../x"]}`), setupAgain("not_found")},
		{"Setup.SetBackups", "after the setup", fixed(`{"on":true,"time":"24:00","versions":3}`), setupAgain("invalid")},
		{"Setup.SetSignIn", "after the setup", fixed(`{"on":false}`), setupAgain("ok")},
		{"Setup.KeepStep", "after the setup", fixed(`{"step":"found"}`), outcomes{"setup_done", "setup_done", "setup_done", "setup_done", "setup_done"}},
		{"Setup.CreateAdministrator", "after the setup", fixed(`{"name":"evil","password":"correct horse","language":"en","theme":"light"}`), outcomes{"setup_done", "setup_done", "setup_done", "setup_done", "setup_done"}},
		{"Dashboard.Get", "", nil, signedIn},
		{"Scripts.Groups", "", nil, signedIn},
		{"Scripts.List", "", nil, signedIn},
		{"Scripts.Get", "for operators", fixed(`{"script_id":"system/disk_use"}`), outcomes{"not_signed_in", "not_found", "ok", "ok", "ok"}},
		{"Scripts.Get", "for developers", fixed(`{"script_id":"system/log_cleaner"}`), outcomes{"not_signed_in", "not_found", "not_found", "ok", "ok"}},
		{"Scripts.Get", "for all", fixed(`{"script_id":"data_analysis/csv_summary"}`), signedIn},
		{"Scripts.Document", "for developers", fixed(`{"script_id":"system/log_cleaner","language":"it"}`), outcomes{"not_signed_in", "not_found", "not_found", "ok", "ok"}},
		{"Scripts.Refresh", "", nil, developerUp},
		{"Scripts.ApprovePaths", "", fixed(`{"script_id":"system/log_cleaner","paths":[]}`), onlyAdmin},
		{"Scripts.Create", "", func(u domain.User) string {
			return fmt.Sprintf(`{"group_id":"mine","name":%q,"template":"job"}`, "of_"+strings.ToLower(string(u.Level)))
		}, developerUp},
		{"Scripts.Create", "outside", fixed(`{"group_id":"..","name":"x"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "script_name", "script_name"}},
		{"Scripts.CheckContract", "", fixed(`{"script_id":"system/log_cleaner","parameters":{"directory":"/"}}`), developerUp},
		{"Scripts.CheckContract", "no such script", fixed(`{"script_id":"thermal_analysis/none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Scripts.CheckContract", "in a foreign project", fixed(fmt.Sprintf(`{"script_id":"thermal_analysis/heat_transfer","project_id":%d}`, foreignProject)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Scripts.SetGuard", "", fixed(`{"script_id":"thermal_analysis/heat_transfer","on":false}`), onlyAdmin},
		{"Scripts.SetGuard", "no such script", fixed(`{"script_id":"thermal_analysis/none","on":false}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"Executions.Run", "for operators", fixed(`{"script_id":"thermal_analysis/heat_transfer"}`), operatorUp},
		{"Executions.Run", "for all, but viewers run nothing", fixed(`{"script_id":"data_analysis/csv_summary"}`), operatorUp},
		{"Executions.Run", "for developers", fixed(`{"script_id":"system/log_cleaner","parameters":{"directory":"/"}}`), outcomes{"not_signed_in", "not_allowed", "not_found", "ok", "ok"}},
		{"Executions.Run", "in a foreign project", fixed(fmt.Sprintf(`{"script_id":"thermal_analysis/heat_transfer","project_id":%d}`, foreignProject)), outcomes{"not_signed_in", "not_allowed", "not_found", "not_found", "not_found"}},
		{"Executions.Preview", "", fixed(`{"script_id":"thermal_analysis/heat_transfer"}`), operatorUp},
		{"Executions.Again", "own", func(u domain.User) string { return id(w.runs[u.ID]) }, operatorUp},
		{"Executions.Again", "foreign", fixed(id(foreignRun)), outcomes{"not_signed_in", "not_allowed", "not_found", "not_found", "ok"}},
		{"Executions.List", "own", nil, signedIn},
		{"Executions.List", "everyone's", fixed(`{"all_users":true}`), onlyAdmin},
		{"Executions.List", "of another", fixed(fmt.Sprintf(`{"user":%q}`, w.other.Name)), onlyAdmin},
		{"Executions.List", "no such sort", fixed(`{"sort":"id"}`), outcomes{"not_signed_in", "usage", "usage", "usage", "usage"}},
		{"Executions.Get", "foreign", fixed(id(foreignRun)), foreign},
		{"Executions.Get", "foreign, shared", fixed(id(sharedRun)), sharedOne},
		{"Executions.Log", "foreign, shared", fixed(fmt.Sprintf(`{"execution_id":%q,"from":1,"limit":10}`, sharedRun)), sharedOne},
		{"Executions.Stop", "foreign, shared", fixed(id(sharedRun)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "execution_ended"}},
		{"Executions.Marks", "foreign", fixed(id(foreignRun)), foreign},
		{"Executions.Marks", "foreign, shared", fixed(id(sharedRun)), sharedOne},
		{"Executions.SetMark", "foreign", fixed(fmt.Sprintf(`{"execution_id":%q,"bookmarked":false,"note":"x"}`, foreignRun)), foreign},
		{"Executions.SetMark", "foreign, shared", fixed(fmt.Sprintf(`{"execution_id":%q,"bookmarked":false,"note":"x"}`, sharedRun)), sharedOne},
		{"Executions.SetMark", "own, too long a note", func(u domain.User) string {
			return fmt.Sprintf(`{"execution_id":%q,"bookmarked":false,"note":%q}`, w.runs[u.ID], strings.Repeat("é", 2049))
		}, outcomes{"not_signed_in", "not_found", "invalid", "invalid", "invalid"}},
		{"Executions.Timeline", "foreign", fixed(id(foreignRun)), foreign},
		{"Executions.Timeline", "foreign, shared", fixed(id(sharedRun)), sharedOne},
		{"Executions.Viewing", "foreign, of which nothing is said", fixed(fmt.Sprintf(`{"execution_ids":[%q]}`, foreignRun)), signedIn},
		{"Executions.Share", "foreign", fixed(fmt.Sprintf(`{"execution_id":%q,"shared":false}`, foreignRun)), onlyAdmin},
		{"Executions.Delete", "none", fixed(`{"execution_ids":[]}`), signedIn},
		{"Executions.Filters", "", nil, signedIn},
		{"Executions.SaveFilter", "", fixed(`{"id":0,"name":"failed ones","filter":"state=failed"}`), signedIn},
		{"Executions.SaveFilter", "foreign", fixed(fmt.Sprintf(`{"id":%d,"name":"mine","filter":""}`, foreignFilter)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Executions.DeleteFilter", "foreign", fixed(fmt.Sprintf(`{"id":%d}`, foreignFilter)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Executions.Stop", "foreign", fixed(id(foreignRun)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "execution_ended"}},
		{"Executions.Log", "foreign", fixed(fmt.Sprintf(`{"execution_id":%q,"from":1,"limit":10}`, foreignRun)), foreign},
		{"Executions.FindInLog", "foreign", fixed(fmt.Sprintf(`{"execution_id":%q,"text":"x"}`, foreignRun)), foreign},
		{"Executions.LogRows", "foreign", fixed(fmt.Sprintf(`{"execution_id":%q,"stream":"stdout"}`, foreignRun)), foreign},
		{"Executions.LogLineAt", "foreign", fixed(fmt.Sprintf(`{"execution_id":%q,"time":"2026-01-01T00:00:00Z"}`, foreignRun)), foreign},
		{"Logs.CleanUp", "", fixed(`{"dry_run":true}`), onlyAdmin},
		{"Logs.Use", "own", nil, signedIn},
		{"Logs.SetKeepDays", "too long", fixed(`{"days":366}`), outcomes{"not_signed_in", "invalid", "invalid", "invalid", "invalid"}},
		{"Logs.SetKeepDays", "own", fixed(`{"days":5}`), signedIn},
		{"Executions.Tracebacks", "foreign", fixed(fmt.Sprintf(`{"execution_id":%q}`, foreignRun)), foreign},
		{"Logs.Export", "foreign", fixed(fmt.Sprintf(`{"execution_ids":[%q],"format":"txt"}`, foreignRun)), foreign},
		{"Logs.Export", "no format", fixed(fmt.Sprintf(`{"execution_ids":[%q],"format":"doc"}`, foreignRun)), outcomes{"not_signed_in", "invalid", "invalid", "invalid", "invalid"}},
		{"Logs.Export", "nothing", fixed(`{"execution_ids":[],"format":"txt"}`), outcomes{"not_signed_in", "invalid", "invalid", "invalid", "invalid"}},
		{"Logs.Exported", "of no export", fixed(id(foreignRun)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Logs.Statistics", "own", fixed(`{"days":30}`), signedIn},
		{"Logs.Statistics", "everyone's", fixed(`{"days":30,"all_users":true}`), onlyAdmin},
		{"Logs.Statistics", "of another", fixed(fmt.Sprintf(`{"user":%q}`, w.other.Name)), onlyAdmin},
		{"Logs.Statistics", "no such period", fixed(`{"days":-1}`), outcomes{"not_signed_in", "invalid", "invalid", "invalid", "invalid"}},
		{"Logs.Search", "own", fixed(`{"query":"x"}`), signedIn},
		{"Logs.Search", "everyone's", fixed(`{"query":"x","all_users":true}`), onlyAdmin},
		{"Logs.Search", "of another", fixed(fmt.Sprintf(`{"query":"x","user":%q}`, w.other.Name)), onlyAdmin},
		{"Logs.Search", "nothing", fixed(`{"query":" "}`), outcomes{"not_signed_in", "invalid", "invalid", "invalid", "invalid"}},
		{"Executions.Raise", "foreign", fixed(id(foreignRun)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "execution_ended"}},
		{"Permissions.List", "", nil, onlyAdmin},
		{"Permissions.Set", "", fixed(`{"changes":[{"script_id":"system/log_cleaner","level":"viewer","effect":"default"}]}`), onlyAdmin},
		{"Permissions.Set", "nothing", fixed(`{"changes":[]}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "invalid"}},
		{"Permissions.Set", "administrators", fixed(`{"changes":[{"group_id":"system","level":"admin","effect":"deny"}]}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "invalid"}},
		{"Permissions.Set", "nobody", fixed(`{"changes":[{"group_id":"system","user":"nobody at all","effect":"deny"}]}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"Permissions.Explain", "", fixed(fmt.Sprintf(`{"user":%q}`, w.other.Name)), onlyAdmin},
		{"Permissions.Explain", "nobody", fixed(`{"user":"nobody at all"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"DataUse.Get", "", nil, onlyAdmin},
		{"DataUse.Measure", "", nil, onlyAdmin},
		{"DataUse.Clear", "outside", fixed(`{"what":"data","user_folder":"user_..","project_folder":"../project_x","confirm":"../project_x"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"Discovery.Get", "", nil, onlyAdmin},
		{"Discovery.Refresh", "", nil, onlyAdmin},
		{"DocumentStatus.List", "", nil, onlyAdmin},
		{"Documents.Get", "for all", fixed(`{"script_id":"data_analysis/csv_summary","language":"it"}`), signedIn},
		{"Documents.Get", "for developers", fixed(`{"script_id":"system/log_cleaner","language":"it"}`), outcomes{"not_signed_in", "not_found", "not_found", "ok", "ok"}},
		{"Documents.Image", "for developers", fixed(`{"script_id":"system/log_cleaner","path":"docs/log_cleaner.png"}`), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Documents.Image", "no image", fixed(`{"script_id":"data_analysis/csv_summary","path":"metadata.json"}`), outcomes{"not_signed_in", "document_image_type", "document_image_type", "document_image_type", "document_image_type"}},
		{"Documents.Preview", "", fixed(`{"script_id":"data_analysis/csv_summary","language":"en","text":"# A"}`), developerUp},
		{"DocumentStatus.Check", "", nil, developerUp},
		{"DocumentStatus.Check", "a script", fixed(`{"what":"system/disk_use"}`), developerUp},
		{"DocumentStatus.Check", "a script that may not be seen", fixed(`{"what":"none/none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"DocumentStatus.Check", "no such group", fixed(`{"what":"none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"DocumentEditor.Open", "", fixed(`{"script_id":"system/disk_use","language":"it"}`), developerUp},
		{"DocumentEditor.Open", "a script that may not be seen", fixed(`{"script_id":"none/none","language":"it"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"DocumentEditor.Open", "no such language", fixed(`{"script_id":"system/disk_use","language":"xx"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"DocumentEditor.Check", "", fixed(`{"script_id":"system/disk_use","language":"it","text":"x"}`), developerUp},
		{"DocumentEditor.Save", "over another's", fixed(`{"script_id":"system/disk_use","language":"it","text":"x","base":""}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "document_changed", "document_changed"}},
		{"DocumentEditor.Save", "of a script that may not be seen", fixed(`{"script_id":"none/none","language":"it","text":"x","base":""}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"DocumentEditor.History", "", fixed(`{"script_id":"system/disk_use","language":"it"}`), developerUp},
		{"DocumentEditor.Version", "no such", fixed(`{"id":99}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"DocumentEditor.Version", "foreign: of an administrators' script", fixed(fmt.Sprintf(`{"id":%d}`, adminsDocument(t, w))), onlyAdminSees},
		{"DocumentEditor.AddImage", "no image", fixed(`{"script_id":"system/disk_use","language":"en","name":"x.png","data":"eA=="}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "document_paste", "document_paste"}},
		{"SystemLogs.Read", "", fixed(`{"file":"application"}`), onlyAdmin},
		{"SystemLogs.Read", "no such", fixed(`{"file":"../../scriptsmanager.db"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"SystemLogs.Export", "", fixed(`{"file":"error"}`), onlyAdmin},
		{"System.SupportBundle", "", nil, onlyAdmin},
		{"Settings.List", "", nil, onlyAdmin},
		{"Settings.Set", "", fixed(`{"values":{"limits.grace_seconds":6}}`), onlyAdmin},
		{"Settings.Set", "no such key", fixed(`{"values":{"limits.grave_seconds":6}}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "invalid"}},
		{"Settings.Check", "", fixed(`{"values":{"limits.grace_seconds":7}}`), onlyAdmin},
		{"Settings.History", "", fixed(`{}`), onlyAdmin},
		{"Settings.TakeBack", "the first", fixed(`{"id":1}`), onlyAdmin},
		{"Settings.TakeBack", "no such change", fixed(`{"id":99}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"Settings.Restore", "a file that is whole", nil, outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "invalid"}},
		{"Audit.List", "", nil, onlyAdmin},
		{"Audit.Words", "", nil, onlyAdmin},
		{"Audit.Verify", "", nil, onlyAdmin},
		{"Audit.Verify", "no head", fixed(`{"head":"x"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "usage"}},
		{"Audit.Export", "", fixed(`{"format":"csv"}`), onlyAdmin},
		{"Audit.Export", "no format", fixed(`{"format":"xml"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "invalid"}},
		{"Running.List", "", nil, onlyAdmin},
		{"Ports.List", "", nil, onlyAdmin},
		{"Ports.End", "nobody's", fixed(`{"port":1}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"Executions.KeepRunning", "foreign", fixed(id(foreignRun)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "execution_ended"}},
		{"Executions.Used", "foreign", fixed(id(foreignRun)), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "execution_ended"}},
		{"AlwaysOn.List", "", nil, signedIn},
		{"AlwaysOn.Set", "", fixed(`{"script_id":"thermal_analysis/heat_transfer"}`), developerUp},
		{"AlwaysOn.Set", "for somebody else", fixed(fmt.Sprintf(`{"script_id":"thermal_analysis/heat_transfer","user_id":%d}`, w.other.ID)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "ok"}},
		{"AlwaysOn.Set", "in a foreign project", fixed(fmt.Sprintf(`{"script_id":"thermal_analysis/heat_transfer","project_id":%d}`, foreignProject)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"AlwaysOn.Clear", "foreign", fixed(fmt.Sprintf(`{"id":%d}`, foreignAlwaysOn)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "ok"}},
		{"Templates.List", "", nil, signedIn},
		{"Templates.List", "of a script for operators", fixed(`{"script_id":"system/disk_use"}`), outcomes{"not_signed_in", "not_found", "ok", "ok", "ok"}},
		{"Templates.List", "of another", fixed(fmt.Sprintf(`{"user":%q}`, w.other.Name)), onlyAdmin},
		{"Templates.Get", "foreign", fixed(fmt.Sprintf(`{"id":%d}`, foreignTemplate)), foreign},
		{"Templates.Get", "foreign, offered to who sees the script", fixed(fmt.Sprintf(`{"id":%d}`, offeredTemplate)), outcomes{"not_signed_in", "not_found", "ok", "ok", "ok"}},
		{"Templates.Get", "no such", fixed(`{"id":999}`), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Templates.Save", "own", func(u domain.User) string {
			return fmt.Sprintf(`{"script_id":"thermal_analysis/heat_transfer","name":"of %s","parameters":{"area":2}}`, u.Name)
		}, operatorUp},
		{"Templates.Save", "offered to all", func(u domain.User) string {
			return fmt.Sprintf(`{"script_id":"thermal_analysis/heat_transfer","name":"for all of %s","shared":true,"parameters":{}}`, u.Name)
		}, outcomes{"not_signed_in", "not_allowed", "not_allowed", "ok", "ok"}},
		{"Templates.Save", "for a script that may not be seen", fixed(`{"script_id":"system/log_cleaner","name":"x","parameters":{}}`), outcomes{"not_signed_in", "not_allowed", "not_found", "ok", "ok"}},
		{"Templates.Save", "foreign", fixed(fmt.Sprintf(`{"id":%d,"version":1,"name":"mine"}`, foreignTemplate)), outcomes{"not_signed_in", "not_allowed", "not_found", "not_found", "ok"}},
		{"Templates.Save", "foreign, offered", fixed(fmt.Sprintf(`{"id":%d,"version":1,"name":"mine too","shared":true}`, offeredTemplate)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "ok"}},
		{"Templates.Delete", "foreign", fixed(fmt.Sprintf(`{"id":%d}`, foreignTemplate)), foreign},
		{"Templates.Delete", "foreign, offered", fixed(fmt.Sprintf(`{"id":%d}`, offeredTemplate)), outcomes{"not_signed_in", "not_found", "not_allowed", "not_allowed", "ok"}},
		{"Scripts.Search", "", fixed(`{"text":"log"}`), signedIn},
		{"Tags.List", "", nil, signedIn},
		{"Tags.Of", "", fixed(`{"script_id":"thermal_analysis/heat_transfer"}`), outcomes{"not_signed_in", "not_found", "ok", "ok", "ok"}},
		{"Tags.Of", "a script that may not be seen", fixed(`{"script_id":"system/log_cleaner"}`), outcomes{"not_signed_in", "not_found", "not_found", "ok", "ok"}},
		{"Tags.Change", "", fixed(`{"script_id":"thermal_analysis/heat_transfer","add":["mine"]}`), outcomes{"not_signed_in", "not_found", "ok", "ok", "ok"}},
		{"Tags.Change", "a script that may not be seen", fixed(`{"script_id":"system/log_cleaner","add":["mine"]}`), outcomes{"not_signed_in", "not_found", "not_found", "ok", "ok"}},
		{"Tags.Rename", "", fixed(`{"from":"mine","to":"My_own"}`), outcomes{"not_signed_in", "not_found", "ok", "ok", "ok"}},
		{"Tags.Rename", "no such", fixed(`{"from":"mine","to":"x"}`), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Tags.Remove", "", fixed(`{"name":"my_own"}`), outcomes{"not_signed_in", "not_found", "ok", "ok", "ok"}},
		{"Tags.Remove", "no such", fixed(`{"name":"my_own"}`), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Executions.Run", "with a foreign template", fixed(fmt.Sprintf(`{"script_id":"thermal_analysis/heat_transfer","template_id":%d}`, keptTemplate)), outcomes{"not_signed_in", "not_allowed", "not_found", "not_found", "ok"}},
		{"Executions.Preview", "with a foreign template", fixed(fmt.Sprintf(`{"script_id":"thermal_analysis/heat_transfer","template_id":%d}`, keptTemplate)), outcomes{"not_signed_in", "not_allowed", "not_found", "not_found", "ok"}},
		{"AlwaysOn.Set", "with a foreign template", fixed(fmt.Sprintf(`{"script_id":"thermal_analysis/heat_transfer","template_id":%d}`, keptTemplate)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Metadata.Get", "", fixed(`{"script_id":"thermal_analysis/heat_transfer"}`), developerUp},
		{"Metadata.Get", "no such script", fixed(`{"script_id":"none/none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Metadata.Check", "", fixed(`{"script_id":"thermal_analysis/heat_transfer","values":{"category":"x"}}`), developerUp},
		{"Metadata.Set", "", fixed(`{"script_id":"thermal_analysis/heat_transfer","values":{"category":"x"}}`), developerUp},
		{"Metadata.Set", "a level above a developer's", fixed(`{"script_id":"production/line_efficiency","values":{"required_level":"admin"}}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "invalid", "ok"}},
		{"Metadata.Set", "no such script", fixed(`{"script_id":"none/none","values":{}}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Metadata.History", "", fixed(`{"script_id":"thermal_analysis/heat_transfer"}`), developerUp},
		{"Metadata.TakeBack", "foreign: another script's", fixed(fmt.Sprintf(`{"script_id":"production/line_efficiency","id":%d}`, editedOnce(t, w))), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Metadata.Reread", "a group", fixed(`{"group_id":"thermal_analysis"}`), developerUp},
		{"Metadata.Reread", "no such group", fixed(`{"group_id":"none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Metadata.Reread", "a script", fixed(`{"script_id":"thermal_analysis/heat_transfer"}`), developerUp},
		{"Environments.List", "", nil, signedIn},
		{"Environments.Refresh", "", nil, developerUp},
		{"Environments.Look", "", nil, developerUp},
		{"Environments.Choices", "", nil, developerUp},
		{"Environments.Choices", "for a group", fixed(`{"group_id":"thermal_analysis"}`), developerUp},
		{"Environments.Choices", "no such group", fixed(`{"group_id":"none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Environments.Create", "for no group", fixed(`{"name":"x","group_id":"none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Environments.Create", "", fixed(`{"name":".."}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "environment_name", "environment_name"}},
		{"Environments.Import", "", fixed(`{"name":"../x","file":"/x"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "invalid", "invalid"}},
		{"Environments.Clone", "", fixed(`{"name":"copy","source":"/nowhere"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "environment_unknown", "environment_unknown"}},
		{"Environments.Install", "", fixed(`{"environment":"/nowhere","packages":["flask"]}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "environment_unknown", "environment_unknown"}},
		{"Environments.Export", "", fixed(`{"environment":"/nowhere"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "environment_unknown", "environment_unknown"}},
		{"Environments.Remove", "", fixed(`{"environment":"/nowhere","confirm":"nowhere"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "environment_unknown", "environment_unknown"}},
		{"Environments.Get", "", fixed(`{"environment":"system"}`), signedIn},
		{"Environments.Get", "no such", fixed(`{"environment":"nope"}`), outcomes{"not_signed_in", "environment_unknown", "environment_unknown", "environment_unknown", "environment_unknown"}},
		{"Environments.Packages", "", fixed(`{"environment":"system"}`), signedIn},
		{"Environments.Activation", "", fixed(`{"environment":"system"}`), developerUp},
		{"Environments.Uses", "", nil, signedIn},
		{"Environments.Check", "no such group", fixed(`{"group_id":"none","environment":"/none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Environments.Check", "a script that may not be seen", fixed(`{"script_id":"none/none","environment":"/none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Environments.Check", "no such environment", fixed(`{"group_id":"thermal_analysis","environment":"/none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "environment_unknown", "environment_unknown"}},
		{"Environments.Assign", "taken back", fixed(`{"group_id":"thermal_analysis","environment":""}`), developerUp},
		{"Environments.Assign", "to a script", fixed(`{"script_id":"thermal_analysis/heat_transfer","environment":""}`), developerUp},
		{"Environments.Assign", "to nothing", fixed(`{"environment":""}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "usage", "usage"}},
		{"Environments.Assign", "no such environment", fixed(`{"group_id":"thermal_analysis","environment":"none"}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "environment_unknown", "environment_unknown"}},
		{"Environments.Assign", "no such group", fixed(`{"group_id":"none","environment":""}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_found", "not_found"}},
		{"Projects.List", "", nil, signedIn},
		{"Projects.Create", "", func(u domain.User) string { return fmt.Sprintf(`{"name":"project of %s"}`, u.Name) }, signedIn},
		{"Users.List", "", nil, onlyAdmin},
		{"Users.Edit", "", fixed(fmt.Sprintf(`{"user_id":%d,"display_name":"Another"}`, w.other.ID)), onlyAdmin},
		{"Users.Edit", "the last administrator", fixed(fmt.Sprintf(`{"user_id":%d,"level":"viewer"}`, w.users[domain.LevelAdmin].ID)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "last_admin"}},
		{"Users.Edit", "no such", fixed(`{"user_id":99}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"Users.SetPassword", "", fixed(fmt.Sprintf(`{"user_id":%d,"password":"8 plates"}`, w.other.ID)), onlyAdmin},
		{"Users.SetPassword", "common", fixed(fmt.Sprintf(`{"user_id":%d,"password":"password1"}`, w.other.ID)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "password_common"}},
		{"Users.Unlock", "", fixed(fmt.Sprintf(`{"user_id":%d}`, w.other.ID)), onlyAdmin},
		{"Session.SignInSystem", "", nil, outcomes{"system_sign_in", "system_sign_in", "system_sign_in", "system_sign_in", "system_sign_in"}},
		{"Users.SystemAccounts", "", nil, onlyAdmin},
		{"Users.SetSystemAccount", "no such", fixed(`{"user_id":99}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"Users.Data", "", fixed(fmt.Sprintf(`{"user_id":%d}`, w.other.ID)), onlyAdmin},
		{"Users.Data", "no such", fixed(`{"user_id":99}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"Users.Deleted", "", nil, onlyAdmin},
		{"Users.Delete", "not typed", fixed(fmt.Sprintf(`{"user_id":%d,"confirm":"","data":"keep"}`, w.other.ID)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "name_typed"}},
		{"Users.ResetData", "not typed", fixed(fmt.Sprintf(`{"user_id":%d,"confirm":"x"}`, w.other.ID)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "name_typed"}},
		{"Users.HandOver", "not typed", fixed(fmt.Sprintf(`{"user_id":%d,"confirm":"x","to_user_id":1}`, w.other.ID)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "name_typed"}},
		{"Users.Unlock", "no such", fixed(`{"user_id":99}`), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "not_found"}},
		{"Users.Edit", "another's change is under it", fixed(fmt.Sprintf(`{"user_id":%d,"revision":99,"level":"viewer"}`, w.other.ID)), outcomes{"not_signed_in", "not_allowed", "not_allowed", "not_allowed", "user_conflict"}},
		{"Users.Sessions", "", fixed(fmt.Sprintf(`{"user_id":%d}`, w.other.ID)), onlyAdmin},
		{"Users.EndSessions", "", fixed(fmt.Sprintf(`{"user_id":%d}`, w.other.ID)), onlyAdmin},
		{"Session.Sessions", "", nil, signedIn},
		{"Session.Use", "", nil, signedIn},
		{"Session.EndSessions", "", fixed(`{}`), signedIn},
		{"Session.EndSessions", "foreign", fixed(`{"id":"none"}`), outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}},
		{"Session.SetPassword", "the old one is wrong", fixed(`{"old":"wrong","new":"8 plates"}`), outcomes{"not_signed_in", "sign_in_failed", "sign_in_failed", "sign_in_failed", "sign_in_failed"}},
		{"Users.Add", "", fixed(`{"name":"new","password":"correct horse","level":"viewer"}`), onlyAdmin},
		{"System.About", "", nil, all},
		{"System.Doctor", "", nil, signedIn},
		{"System.Confinement", "", nil, signedIn},
		{"Executions.Delete", "foreign, which is left by all but administrators", fixed(fmt.Sprintf(`{"execution_ids":[%q]}`, sharedRun)), signedIn},
		{"Session.SignOut", "", fixed(`{"stop_running":true}`), signedIn},
	}
	return slices.Concat(dataCases(t, w, foreignProject), shareCases(foreignProject), rows)
}

// setupAgain is for administrators only, once there is one.
func setupAgain(admin string) outcomes {
	return outcomes{"setup_done", "setup_done", "setup_done", "setup_done", admin}
}

func fixed(argument string) func(domain.User) string {
	return func(domain.User) string { return argument }
}

// TestListsShowOwnOnly looks into what lists give, since a list that is not
// refused may still show too much.
func TestListsShowOwnOnly(t *testing.T) { // PRJ-6, USR-2
	w := newWorld(t)
	ctx := context.Background()
	for _, level := range domain.Levels() {
		u := w.users[level]
		c := w.client(t, u)
		var page app.ExecutionPage
		if err := door.Call(ctx, c, "Executions.List", nil, &page); err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			if e.UserID != u.ID {
				t.Errorf("%s sees an execution of %s", level, e.User)
			}
		}
		var scripts []app.ScriptView
		if err := door.Call(ctx, c, "Scripts.List", nil, &scripts); err != nil {
			t.Fatal(err)
		}
		for _, s := range scripts {
			if !level.AtLeast(s.RequiredLevel) {
				t.Errorf("%s sees %s, which is for %s", level, s.ID, s.RequiredLevel)
			}
			if s.MayRun && level == domain.LevelViewer {
				t.Errorf("a viewer may run %s", s.ID)
			}
		}
		var projects []domain.Project
		if err := door.Call(ctx, c, "Projects.List", nil, &projects); err != nil {
			t.Fatal(err)
		}
		for _, p := range projects {
			if p.UserID != u.ID {
				t.Errorf("%s sees project %s of user %d", level, p.Name, p.UserID)
			}
		}
	}
}

// A session that has ended may do nothing more, whoever still holds it.
func TestClosedClientMayNothing(t *testing.T) { // USR-4
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelAdmin])
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Call(context.Background(), "Users.List", nil); !domain.HasCode(err, domain.CodeNotSignedIn) {
		t.Errorf("after its end a session gives %v", err)
	}
}
