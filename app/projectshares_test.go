package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

const sharingOn = `{"security":{"enable_project_sharing":true}}`

// shareCases are the rows of sharing in the table of permissions, where it is
// switched off.
func shareCases(foreignProject int64) []permissionCase {
	none := outcomes{"not_signed_in", "not_found", "not_found", "not_found", "not_found"}
	off := outcomes{"not_signed_in", "sharing_off", "sharing_off", "sharing_off", "sharing_off"}
	return []permissionCase{
		{"Projects.Share", "foreign", fixed(fmt.Sprintf(`{"project_id":%d,"users":["admin"]}`, foreignProject)), none},
		{"Projects.Share", "none", fixed(`{"project_id":99999,"users":["admin"]}`), none},
		{"Projects.Unshare", "foreign", fixed(fmt.Sprintf(`{"project_id":%d,"users":[]}`, foreignProject)), foreign},
		{"Projects.Unshare", "foreign, not shared", fixed(fmt.Sprintf(`{"project_id":%d,"users":["admin"]}`, foreignProject)), none},
		{"Projects.Unshare", "none", fixed(`{"project_id":99999,"users":[]}`), none},
		{"Projects.People", "", nil, off},
	}
}

// shared is a project of the other operator, with a file of each of two groups,
// and who gets it.
func (w *world) shared(t *testing.T) domain.Project {
	t.Helper()
	p := call[domain.Project](t, w.client(t, w.other), "Projects.Create", app.CreateProjectRequest{Name: "Oven 3"})
	for _, group := range []string{dataGroup, "data_analysis"} {
		folder, err := w.engine.MakeData(t.Context(), engine.DataPlace{Owner: w.other, Project: p, GroupID: group})
		if err != nil {
			t.Fatal(err)
		}
		folder.Close()
		c := w.client(t, w.other)
		call[app.DataSaved](t, c, "Data.Save", app.DataSaveRequest{ProjectID: p.ID, GroupID: group, Path: "deep.json", Text: `{"n":1}`})
	}
	return p
}

func (w *world) share(t *testing.T, p domain.Project, names ...string) {
	t.Helper()
	list := call[app.ProjectShareList](t, w.client(t, w.other), "Projects.Share", app.ProjectShareRequest{ProjectID: p.ID, Users: names})
	for _, name := range names {
		if !slices.ContainsFunc(list.Shares, func(s domain.ProjectShare) bool { return s.User == name && s.Active }) {
			t.Fatalf("shared with %+v", list.Shares)
		}
	}
}

// answer is what a call gives, with the number of the project taken out of it.
func answer(t *testing.T, c door.Caller, method, argument string, project int64) string {
	t.Helper()
	result, err := ask[json.RawMessage](t, c, method, json.RawMessage(strings.ReplaceAll(argument, "PROJECT", fmt.Sprint(project))))
	if e := domain.AsError(err); e != nil {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(text), fmt.Sprintf(`"%d"`, project), `"PROJECT"`)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "ok " + string(result)
}

// What reads, and what changes, of a project.
var (
	shareReads = map[string]string{
		"Data.Groups":   `{"project_id":PROJECT}`,
		"Data.List":     `{"project_id":PROJECT,"group_id":"thermal_analysis"}`,
		"Data.Look":     `{"project_id":PROJECT,"group_id":"thermal_analysis","path":"deep.json"}`,
		"Data.Text":     `{"project_id":PROJECT,"group_id":"thermal_analysis","path":"deep.json"}`,
		"Data.Read":     `{"project_id":PROJECT,"group_id":"thermal_analysis","path":"deep.json"}`,
		"Data.Watch":    `{"project_id":PROJECT,"group_id":"thermal_analysis","paths":[""]}`,
		"Data.Weigh":    `{"project_id":PROJECT,"group_id":"thermal_analysis","paths":[""]}`,
		"Data.Download": `{"project_id":PROJECT,"group_id":"thermal_analysis","paths":[""]}`,
	}
	shareChanges = map[string]string{
		"Data.Save":       `{"project_id":PROJECT,"group_id":"thermal_analysis","path":"new.json","text":"{}"}`,
		"Data.MakeFolder": `{"project_id":PROJECT,"group_id":"thermal_analysis","path":"new"}`,
		"Data.Move":       `{"project_id":PROJECT,"group_id":"thermal_analysis","from":"deep.json","to":"x.json"}`,
		"Data.Delete":     `{"project_id":PROJECT,"group_id":"thermal_analysis","paths":["deep.json"],"files":1}`,
		"Data.Upload":     `{"project_id":PROJECT,"group_id":"thermal_analysis","path":"up.json","size":2}`,
	}
	shareOthers = map[string]string{
		"Session.SetProject": `{"project_id":PROJECT}`,
		"Projects.Change":    `{"project_id":PROJECT,"description":"x"}`,
		"Projects.Delete":    `{"project_id":PROJECT,"confirm":"Oven 3"}`,
		"Projects.BackUp":    `{"project_id":PROJECT}`,
		"Projects.Share":     `{"project_id":PROJECT,"users":["developer"]}`,
		"Projects.Unshare":   `{"project_id":PROJECT}`,
		"Executions.Run":     `{"script_id":"thermal_analysis/heat_transfer","project_id":PROJECT}`,
	}
)

func TestSharedProjectIsReadAndNotChanged(t *testing.T) { // PRJ-6, section 18
	w := newWorldWith(t, sharingOn)
	p := w.shared(t)
	c := w.client(t, w.users[domain.LevelOperator])
	names := func() []string {
		people := call[[]app.Person](t, w.client(t, w.other), "Projects.People", nil)
		list := make([]string, len(people))
		for i, one := range people {
			list[i] = one.User
		}
		return list
	}
	if got := names(); !slices.Equal(got, []string{"admin", "developer", "operator", "viewer"}) {
		t.Errorf("to share with: %v", got)
	}
	for method, argument := range shareReads {
		if got, none := answer(t, c, method, argument, p.ID), answer(t, c, method, argument, 987654); got != none || !strings.Contains(got, "not_found") {
			t.Errorf("before, %s: %s, of none %s", method, got, none)
		}
	}
	w.share(t, p, "operator")
	list := call[app.ProjectList](t, c, "Projects.Overview", app.ProjectListRequest{})
	if len(list.Shared) != 1 || len(list.Projects) != 1 || list.Shared[0].Owner != "other" || list.Shared[0].Name != "Oven 3" || list.Shared[0].Files < 1 {
		t.Errorf("listed: %+v", list)
	}
	own := call[app.ProjectList](t, w.client(t, w.other), "Projects.Overview", app.ProjectListRequest{})
	if i := slices.IndexFunc(own.Projects, func(v engine.ProjectView) bool { return v.ID == p.ID }); i < 0 || len(own.Projects[i].Shares) != 1 || own.Projects[i].Shares[0].User != "operator" {
		t.Errorf("the owner sees %+v", own.Projects)
	}
	for method, argument := range shareReads {
		if got := answer(t, c, method, argument, p.ID); !strings.HasPrefix(got, "ok ") {
			t.Errorf("%s: %s", method, got)
		}
	}
	if r := call[app.DataGroups](t, c, "Data.Groups", app.DataProjectRequest{ProjectID: p.ID}).Rights; !r.Read || r.Write || r.Foreign || !r.Shared || r.Owner != "other" {
		t.Errorf("rights %+v", r)
	}
	for method, argument := range shareChanges {
		if got := answer(t, c, method, argument, p.ID); !strings.Contains(got, "project_read_only") {
			t.Errorf("%s: %s", method, got)
		}
	}
	for method, argument := range shareOthers {
		if got, none := answer(t, c, method, argument, p.ID), answer(t, c, method, argument, 987654); got != none || strings.HasPrefix(got, "ok ") {
			t.Errorf("%s: %s, of none %s", method, got, none)
		}
	}
	// To all others it is as before.
	stranger := w.client(t, w.users[domain.LevelDeveloper])
	for method, argument := range shareReads {
		if got := answer(t, stranger, method, argument, p.ID); !strings.Contains(got, "not_found") {
			t.Errorf("a stranger, %s: %s", method, got)
		}
	}
	if seen := call[app.ProjectList](t, stranger, "Projects.Overview", app.ProjectListRequest{}).Shared; len(seen) != 0 {
		t.Errorf("a stranger sees %+v", seen)
	}
	// That somebody reads what is shared with him is not recorded.
	for action, want := range map[string]int{"data.read": 0, "data.list": 0, "project.share": 1} {
		if page := call[app.AuditPage](t, w.client(t, w.users[domain.LevelAdmin]), "Audit.List", app.AuditRequest{Action: action}); len(page.Records) != want {
			t.Errorf("%s is recorded %d times", action, len(page.Records))
		}
	}
}

// A group that the receiver may not see is in what is shared as little as
// anywhere else.
func TestSharedProjectShowsNoHiddenGroup(t *testing.T) {
	w := newWorldWith(t, sharingOn)
	p := w.shared(t)
	w.share(t, p, "viewer", "operator")
	viewer, operator := w.client(t, w.users[domain.LevelViewer]), w.client(t, w.users[domain.LevelOperator])
	groups := func(c door.Caller) (ids []string) {
		for _, g := range call[app.DataGroups](t, c, "Data.Groups", app.DataProjectRequest{ProjectID: p.ID}).Groups {
			ids = append(ids, g.GroupID)
		}
		for _, g := range call[app.ProjectList](t, c, "Projects.Overview", app.ProjectListRequest{}).Shared[0].Groups {
			ids = append(ids, g.GroupID)
		}
		return ids
	}
	if got := groups(operator); !slices.Equal(got, []string{"data_analysis", "thermal_analysis", "data_analysis", "thermal_analysis"}) {
		t.Errorf("the operator sees %v", got)
	}
	if got := groups(viewer); !slices.Equal(got, []string{"data_analysis", "data_analysis"}) {
		t.Errorf("the viewer sees %v", got)
	}
	hidden := answer(t, viewer, "Data.List", `{"project_id":PROJECT,"group_id":"thermal_analysis"}`, p.ID)
	none := answer(t, viewer, "Data.List", `{"project_id":PROJECT,"group_id":"none"}`, p.ID)
	if strings.ReplaceAll(hidden, "thermal_analysis", "none") != none {
		t.Errorf("hidden %s, none %s", hidden, none)
	}
}

func TestShareIsTakenBack(t *testing.T) {
	w := newWorldWith(t, sharingOn)
	ctx := t.Context()
	p := w.shared(t)
	operator := w.users[domain.LevelOperator]
	c, owner, admin := w.client(t, operator), w.client(t, w.other), w.client(t, w.users[domain.LevelAdmin])
	gone := func(what string) {
		t.Helper()
		for method, argument := range shareReads {
			if got, none := answer(t, c, method, argument, p.ID), answer(t, c, method, argument, 987654); got != none {
				t.Errorf("%s, %s: %s, of none %s", what, method, got, none)
			}
		}
		if seen := call[app.ProjectList](t, c, "Projects.Overview", app.ProjectListRequest{}).Shared; len(seen) != 0 {
			t.Errorf("%s, %+v is listed", what, seen)
		}
	}
	shareOff := func(on bool) {
		t.Helper()
		call[json.RawMessage](t, admin, "Settings.Set", app.SettingsSetRequest{Values: map[string]any{"security.enable_project_sharing": on}})
	}
	w.share(t, p, "operator")
	// A download that is under way goes no further.
	d := call[app.DataTransfer](t, c, "Data.Download", app.DataPathsRequest{ProjectID: p.ID, GroupID: dataGroup, Paths: []string{"deep.json"}})
	call[app.ProjectShareList](t, owner, "Projects.Unshare", app.ProjectShareRequest{ProjectID: p.ID, Users: []string{"operator"}})
	if err := door.Call(ctx, c, "Data.DownloadPart", app.DataTransferRequest{ID: d.ID}, nil); codeOf(err) != domain.CodeNotFound {
		t.Errorf("a part after it was taken back: %v", err)
	}
	gone("taken back")
	if err := door.Call(ctx, owner, "Projects.Unshare", app.ProjectShareRequest{ProjectID: p.ID, Users: []string{"operator"}}, nil); codeOf(err) != domain.CodeNotFound {
		t.Errorf("taken back twice: %v", err)
	}
	// Switched off, it is kept; switched on again, it is there again.
	w.share(t, p, "operator")
	shareOff(false)
	gone("switched off")
	if own := call[app.ProjectList](t, owner, "Projects.Overview", app.ProjectListRequest{}); own.Sharing || len(own.Projects[1].Shares) != 0 {
		t.Errorf("switched off, the owner sees %+v", own)
	}
	if err := door.Call(ctx, owner, "Projects.Share", app.ProjectShareRequest{ProjectID: p.ID, Users: []string{"viewer"}}, nil); codeOf(err) != domain.CodeSharingOff {
		t.Errorf("shared while it is off: %v", err)
	}
	shareOff(true)
	if seen := call[app.ProjectList](t, c, "Projects.Overview", app.ProjectListRequest{}).Shared; len(seen) != 1 {
		t.Errorf("on again: %+v", seen)
	}
	// In the archive it is read still; an administrator takes it back.
	yes := true
	call[domain.Project](t, owner, "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID, Archived: &yes})
	if seen := call[app.ProjectList](t, c, "Projects.Overview", app.ProjectListRequest{}).Shared; len(seen) != 1 || !seen[0].Archived {
		t.Errorf("archived: %+v", seen)
	}
	if got := answer(t, c, "Data.List", shareReads["Data.List"], p.ID); !strings.HasPrefix(got, "ok ") {
		t.Errorf("archived: %s", got)
	}
	call[app.ProjectShareList](t, admin, "Projects.Unshare", app.ProjectShareRequest{ProjectID: p.ID})
	gone("taken back by an administrator")
	// With the project, and with who had it, it goes.
	w.share(t, p, "operator", "developer")
	call[json.RawMessage](t, admin, "Users.Delete", app.DeleteUserRequest{UserID: w.users[domain.LevelDeveloper].ID, Data: string(domain.DataKeep), Confirm: "developer"})
	if own := call[app.ProjectList](t, owner, "Projects.Overview", app.ProjectListRequest{}); len(own.Projects[1].Shares) != 1 {
		t.Errorf("after one was deleted: %+v", own.Projects[1].Shares)
	}
	call[json.RawMessage](t, owner, "Projects.Delete", app.DeleteProjectRequest{ProjectID: p.ID, Confirm: "Oven 3"})
	gone("deleted")
}

// Who gets the projects of a deleted account shares them anew.
func TestSharesEndWithTheirOwner(t *testing.T) {
	for _, fate := range []domain.DataFate{domain.DataKeep, domain.DataHandOver} {
		t.Run(string(fate), func(t *testing.T) {
			w := newWorldWith(t, sharingOn)
			p := w.shared(t)
			w.share(t, p, "operator")
			c, admin := w.client(t, w.users[domain.LevelOperator]), w.client(t, w.users[domain.LevelAdmin])
			// One whose account is closed shares still: what others work with does not vanish.
			no := false
			call[json.RawMessage](t, admin, "Users.Edit", app.EditUserRequest{UserID: w.other.ID, Active: &no})
			if got := answer(t, c, "Data.List", shareReads["Data.List"], p.ID); !strings.HasPrefix(got, "ok ") {
				t.Errorf("closed: %s", got)
			}
			r := app.DeleteUserRequest{UserID: w.other.ID, Data: string(fate), Confirm: "other"}
			if fate == domain.DataHandOver {
				r.To = w.users[domain.LevelDeveloper].ID
			}
			call[json.RawMessage](t, admin, "Users.Delete", r)
			if got := answer(t, c, "Data.List", shareReads["Data.List"], p.ID); !strings.Contains(got, "not_found") {
				t.Errorf("deleted: %s", got)
			}
			if seen := call[app.ProjectList](t, c, "Projects.Overview", app.ProjectListRequest{}).Shared; len(seen) != 0 {
				t.Errorf("deleted: %+v", seen)
			}
		})
	}
}

// An administrator with whom a project is shared reads it where others' data
// are closed to administrators, and that is recorded.
func TestSharedWithAnAdministrator(t *testing.T) {
	w := newWorldWith(t, `{"security":{"enable_project_sharing":true,"admin_can_access_all_data":false}}`)
	p := w.shared(t)
	admin := w.client(t, w.users[domain.LevelAdmin])
	if got := answer(t, admin, "Data.Read", shareReads["Data.Read"], p.ID); !strings.Contains(got, "data_closed") {
		t.Errorf("before: %s", got)
	}
	if err := door.Call(t.Context(), admin, "Projects.Share", app.ProjectShareRequest{ProjectID: p.ID, Users: []string{"admin"}}, nil); codeOf(err) != domain.CodeNotFound {
		t.Errorf("to oneself, what is another's: %v", err)
	}
	w.share(t, p, "admin")
	for method, argument := range shareReads {
		if got := answer(t, admin, method, argument, p.ID); !strings.HasPrefix(got, "ok ") {
			t.Errorf("%s: %s", method, got)
		}
	}
	for method, argument := range shareChanges {
		if got := answer(t, admin, method, argument, p.ID); !strings.Contains(got, "project_read_only") {
			t.Errorf("%s: %s", method, got)
		}
	}
	if n := len(call[app.AuditPage](t, admin, "Audit.List", app.AuditRequest{Action: "data.read"}).Records); n == 0 {
		t.Error("that an administrator reads it is not recorded")
	}
}

// Nobody is shared with half: where one name is wrong, none of them gets it.
func TestShareWithWhoIsNot(t *testing.T) {
	w := newWorldWith(t, sharingOn)
	p := w.shared(t)
	owner, admin := w.client(t, w.other), w.client(t, w.users[domain.LevelAdmin])
	no := false
	call[json.RawMessage](t, admin, "Users.Edit", app.EditUserRequest{UserID: w.users[domain.LevelDeveloper].ID, Active: &no})
	for what, names := range map[string][]string{
		"nobody of that name": {"operator", "nobody"}, "oneself": {"operator", "other"}, "a closed account": {"operator", "developer"},
	} {
		err := door.Call(t.Context(), owner, "Projects.Share", app.ProjectShareRequest{ProjectID: p.ID, Users: names}, nil)
		if e := domain.AsError(err); e == nil || e.Code != domain.CodeNotFound || e.Params["name"] != names[1] {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := door.Call(t.Context(), owner, "Projects.Share", app.ProjectShareRequest{ProjectID: p.ID}, nil); codeOf(err) != domain.CodeUsage {
		t.Errorf("with none: %v", err)
	}
	if seen := call[app.ProjectList](t, w.client(t, w.users[domain.LevelOperator]), "Projects.Overview", app.ProjectListRequest{}).Shared; len(seen) != 0 {
		t.Errorf("shared with half: %+v", seen)
	}
	// Twice is once.
	w.share(t, p, "operator")
	w.share(t, p, "operator")
	if n := len(call[app.AuditPage](t, admin, "Audit.List", app.AuditRequest{Action: "project.share"}).Records); n != 1 {
		t.Errorf("recorded %d times", n)
	}
}

// Both sides hear of it at once, and whom it does not concern hears nothing.
func TestSharingIsTold(t *testing.T) {
	w := newWorldWith(t, sharingOn)
	p := w.shared(t)
	hears := func(u domain.User) func(domain.EventType) {
		client := w.app.NewClient(app.ClientOptions{Kind: app.ClientBrowser, Owner: true, System: true})
		t.Cleanup(client.Close)
		if err := client.ActAs(t.Context(), u.Name); err != nil {
			t.Fatal(err)
		}
		events := client.Events(t.Context())
		return func(want domain.EventType) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			for {
				select {
				case e := <-events:
					if e.Type == want {
						return
					}
					if e.Type == domain.EventProjectShared {
						t.Fatalf("%s hears of what is shared with another", u.Name)
					}
				case <-ctx.Done():
					t.Fatalf("%s does not hear %s", u.Name, want)
				}
			}
		}
	}
	owner, receiver, stranger := hears(w.other), hears(w.users[domain.LevelOperator]), hears(w.users[domain.LevelDeveloper])
	w.share(t, p, "operator")
	owner(domain.EventProjectChanged)
	receiver(domain.EventProjectShared)
	name := "Kiln"
	call[domain.Project](t, w.client(t, w.other), "Projects.Change", app.ChangeProjectRequest{ProjectID: p.ID, Name: &name})
	receiver(domain.EventProjectShared)
	call[json.RawMessage](t, w.client(t, w.other), "Projects.Delete", app.DeleteProjectRequest{ProjectID: p.ID, Confirm: name})
	receiver(domain.EventProjectShared)
	call[domain.Project](t, w.client(t, w.users[domain.LevelDeveloper]), "Projects.Create", app.CreateProjectRequest{Name: "Mine"})
	stranger(domain.EventProjectChanged)
}
