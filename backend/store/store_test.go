package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

var system = store.Actor{Kind: store.ActorSystem, Name: "test"}

func openStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "scriptsmanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code domain.Code) *domain.Error {
	t.Helper()
	if !domain.HasCode(err, code) {
		t.Fatalf("error %v, want code %s", err, code)
	}
	return domain.AsError(err)
}

func newUser(t testing.TB, s *store.Store, name string, level domain.Level) domain.User {
	t.Helper()
	return must(s.CreateUser(t.Context(), system, store.NewUser{
		Name: name, DisplayName: name, Email: name + "@localhost", PasswordHash: "hash of " + name, Level: level,
	}))(t)
}

func TestUsers(t *testing.T) { // USR-1, USR-5, PRJ-1
	s, ctx := openStore(t), t.Context()
	if must(s.HasAdmin(ctx))(t) {
		t.Error("an administrator in an empty database")
	}
	dev := newUser(t, s, "dev", domain.LevelDeveloper)
	if must(s.HasAdmin(ctx))(t) {
		t.Error("a developer counts as administrator")
	}
	ann := newUser(t, s, "Ann", domain.LevelAdmin)
	if ann.Language != domain.English || ann.Theme != domain.ThemeLight || !ann.Active || ann.CreatedAt.IsZero() || ann.LastLogin != nil {
		t.Errorf("made %+v", ann)
	}
	_, err := s.CreateUser(ctx, system, store.NewUser{Name: "aNN", Email: "x@y", PasswordHash: "h", Level: domain.LevelViewer})
	if e := wantCode(t, err, domain.CodeNameTaken); e.Params["name"] != "aNN" {
		t.Errorf("params %v", e.Params)
	}
	_, err = s.CreateUser(ctx, system, store.NewUser{Name: "bob", Email: "Ann@localhost", PasswordHash: "h", Level: domain.LevelViewer})
	if e := wantCode(t, err, domain.CodeInvalid); e.Fields["email"].Code != domain.CodeNameTaken {
		t.Errorf("fields %v", e.Fields)
	}
	projects := must(s.Projects(ctx, ann.ID))(t)
	if len(projects) != 1 || projects[0].Name != domain.DefaultProject || projects[0].Folder != domain.DefaultProject || !projects[0].IsDefault {
		t.Errorf("projects of a new user: %+v", projects)
	}
	now := time.Now().UTC()
	check(t, s.TouchLogin(ctx, ann.ID, now))
	level, language, theme, off := domain.LevelDeveloper, domain.French, domain.ThemeSystem, false
	hash, display := "other hash", "Ann B."
	_, err = s.UpdateUser(ctx, system, ann.ID, store.UserChange{Level: &level})
	wantCode(t, err, domain.CodeLastAdmin)
	eve := newUser(t, s, "eve", domain.LevelAdmin)
	changed := must(s.UpdateUser(ctx, system, ann.ID, store.UserChange{
		Level: &level, Language: &language, Theme: &theme, Active: &off, PasswordHash: &hash, DisplayName: &display,
	}))(t)
	read, readHash, err := s.UserByName(ctx, "ANN")
	check(t, err)
	want := ann
	want.Level, want.Language, want.Theme, want.Active, want.DisplayName, want.LastLogin, want.Revision = level, language, theme, off, display, &now, 2
	if !reflect.DeepEqual(read, want) || !reflect.DeepEqual(changed, want) || readHash != hash {
		t.Errorf("read %+v\nchanged %+v\nwant %+v, hash %q", read, changed, want, readHash)
	}
	_, err = s.UpdateUser(ctx, system, eve.ID, store.UserChange{Active: &off})
	wantCode(t, err, domain.CodeLastAdmin)
	_, _, err = s.UserByName(ctx, "nobody")
	if e := wantCode(t, err, domain.CodeNotFound); e.Params["what"] != "user" || e.Params["name"] != "nobody" {
		t.Errorf("params %v", e.Params)
	}
	_, _, err = s.UserByName(ctx, "ann\x00")
	wantCode(t, err, domain.CodeNotFound)
	_, err = s.User(ctx, 99)
	wantCode(t, err, domain.CodeNotFound)
	_, err = s.UpdateUser(ctx, system, 99, store.UserChange{})
	wantCode(t, err, domain.CodeNotFound)
	if users := must(s.Users(ctx))(t); len(users) != 3 || users[0].ID != ann.ID || users[1].ID != dev.ID || users[2].ID != eve.ID {
		t.Errorf("users %+v", users)
	}
}

func TestFoldersAreUnique(t *testing.T) { // SPEC section 2
	s := openStore(t)
	for _, c := range []struct{ name, folder string }{
		{"ann", "ann"}, {"user_ann", "ann_2"}, {"user_", "_"}, {"Zoë", "Zoe"}, {"zoe", "zoe_2"}, {"a.b", "a_b"}, {"a@b", "a_b_2"},
	} {
		if u := newUser(t, s, c.name, domain.LevelViewer); u.Folder != c.folder {
			t.Errorf("folder of %q is %q, want %q", c.name, u.Folder, c.folder)
		}
	}
}

func TestProjects(t *testing.T) { // PRJ-1
	s, ctx := openStore(t), t.Context()
	u := newUser(t, s, "ann", domain.LevelOperator)
	other := newUser(t, s, "bob", domain.LevelOperator)
	p := must(s.CreateProject(ctx, system, u.ID, "Oven 3", "walls", 3))(t)
	if p.Folder != "project_Oven_3" || p.IsDefault {
		t.Errorf("made %+v", p)
	}
	_, err := s.CreateProject(ctx, system, u.ID, "oven 3", "", 3)
	wantCode(t, err, domain.CodeNameTaken)
	q := must(s.CreateProject(ctx, system, u.ID, "oven-3", "", 3))(t)
	_, err = s.CreateProject(ctx, system, u.ID, "one more", "", 3)
	if e := wantCode(t, err, domain.CodeLimitReached); e.Params["limit"] != "max_projects_per_user" || e.Params["value"] != 3 {
		t.Errorf("params %v", e.Params)
	}
	must(s.CreateProject(ctx, system, other.ID, "Oven 3", "", 3))(t)
	rename := func(name, description string) (domain.Project, error) {
		return s.ChangeProject(ctx, system, q.ID, store.ProjectChange{Name: &name, Description: &description})
	}
	_, err = rename("OVEN 3", "")
	wantCode(t, err, domain.CodeNameTaken)
	renamed := must(rename("Kiln", "new"))(t)
	if renamed.Folder != q.Folder || renamed.Name != "Kiln" || renamed.Description != "new" {
		t.Errorf("renamed %+v", renamed)
	}
	check(t, s.InsertExecution(ctx, domain.Execution{ID: "x", Kind: domain.KindScript, ScriptID: "g/s", ProjectID: p.ID, Project: p.Name, State: domain.StateRunning, CreatedAt: time.Now()}, system))
	if p = must(s.Project(ctx, p.ID))(t); p.LastAccessed == nil {
		t.Error("use not noted")
	}
	var names []string
	for _, p := range must(s.Projects(ctx, u.ID))(t) {
		names = append(names, p.Name)
	}
	if want := []string{domain.DefaultProject, "Kiln", "Oven 3"}; !reflect.DeepEqual(names, want) {
		t.Errorf("projects %v, want %v", names, want)
	}
	_, err = s.Project(ctx, 99)
	wantCode(t, err, domain.CodeNotFound)
	_, err = s.CreateProject(ctx, system, 99, "x", "", 3)
	wantCode(t, err, domain.CodeNotFound)
}

func TestSettings(t *testing.T) {
	s, ctx := openStore(t), t.Context()
	var done bool
	if must(s.Setting(ctx, "setup_completed", &done))(t) {
		t.Error("set in an empty database")
	}
	check(t, s.SetSetting(ctx, system, "setup_completed", true))
	check(t, s.SetSetting(ctx, system, "setup_completed", true))
	if !must(s.Setting(ctx, "setup_completed", &done))(t) || !done {
		t.Error("not kept")
	}
}

func TestAuditIsPartOfTheChange(t *testing.T) {
	s, ctx := openStore(t), t.Context()
	ann := newUser(t, s, "ann", domain.LevelAdmin)
	actor := store.Actor{Kind: store.ActorUser, UserID: ann.ID, Name: "ann"}
	hash := "secret hash"
	must(s.UpdateUser(ctx, actor, ann.ID, store.UserChange{PasswordHash: &hash}))(t)
	must(s.UpdateUser(ctx, actor, ann.ID, store.UserChange{}))(t) // no change, no record
	must(s.CreateProject(ctx, actor, ann.ID, "x", "", 9))(t)
	if _, err := s.CreateProject(ctx, actor, ann.ID, "x", "", 9); err == nil {
		t.Fatal("made twice")
	}
	check(t, s.Audit(ctx, actor, "export", "logs", nil, map[string]int{"number": 3}))
	records := must(s.AuditRecords(ctx, store.AuditFilter{Limit: 3}))(t)
	rest := must(s.AuditRecords(ctx, store.AuditFilter{Limit: 10, Before: records[2].ID}))(t)
	var got []string
	for _, r := range append(records, rest...) {
		got = append(got, r.Actor+" "+r.Action+" "+r.Object)
		if strings.Contains(string(r.Before)+string(r.After), "hash") {
			t.Errorf("a password's hash in the audit: %s", r.After)
		}
		if time.Since(r.At) > time.Minute {
			t.Errorf("at %s", r.At)
		}
	}
	want := []string{"ann export logs", "ann project.create project:project_x", "ann user.update user:ann", "test user.create user:ann"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
	if !strings.Contains(string(rest[0].After)+string(records[2].After), `"password_changed":true`) {
		t.Errorf("the change of a password is not recorded: %s", records[2].After)
	}
}

func TestEnvironments(t *testing.T) { // ENV-2
	s, ctx := openStore(t), t.Context()
	now := time.Now().UTC()
	base := domain.Environment{ID: "/opt/a", Name: "base", Path: "/opt/a", Python: "/opt/a/bin/python", Kind: domain.EnvironmentConda, PythonVersion: "3.11.2", FlaskVersion: "2.2.2", State: domain.EnvironmentOK, Default: true, DetectedAt: now, VerifiedAt: &now}
	again := base
	again.ID, again.Path, again.Default, again.State = "/opt/b", "/opt/b", false, domain.EnvironmentNoFlask
	check(t, s.SaveEnvironments(ctx, []domain.Environment{base, again}))
	if got := must(s.Environments(ctx))(t); !reflect.DeepEqual(got, []domain.Environment{base, again}) {
		t.Errorf("read %+v", got)
	}
	later := base
	later.DetectedAt, later.FlaskVersion = now.Add(time.Hour), "3.0"
	check(t, s.SaveEnvironments(ctx, []domain.Environment{later}))
	later.DetectedAt = now
	if got := must(s.Environments(ctx))(t); !reflect.DeepEqual(got, []domain.Environment{later}) {
		t.Errorf("read %+v, want %+v", got, later)
	}
}

func TestPorts(t *testing.T) { // PRT-4
	s, ctx := openStore(t), t.Context()
	u := newUser(t, s, "ann", domain.LevelOperator)
	p := must(s.Projects(ctx, u.ID))(t)[0]
	lease := domain.Lease{Port: 5200, ExecutionID: "e1", ScriptID: "g/s", UserID: u.ID, ProjectID: p.ID}
	id := must(s.InsertLease(ctx, lease))(t)
	other := domain.Lease{Port: 5200, ExecutionID: "e2", ScriptID: "g/t", UserID: u.ID, ProjectID: p.ID}
	_, err := s.InsertLease(ctx, other)
	if e := wantCode(t, err, domain.CodePortTaken); e.Params["port"] != 5200 {
		t.Errorf("params %v", e.Params)
	}
	check(t, s.ActivateLease(ctx, id, 4711))
	live := must(s.LiveLeases(ctx))(t)
	if len(live) != 1 || live[0].State != domain.LeaseActive || live[0].PID != 4711 || live[0].User != "ann" ||
		live[0].ScriptID != "g/s" || live[0].ProjectID != p.ID || live[0].AllocatedAt.IsZero() {
		t.Errorf("live %+v", live)
	}
	check(t, s.ReleaseLease(ctx, "e1"))
	check(t, s.ReleaseLease(ctx, "never"))
	wantCode(t, s.ActivateLease(ctx, id, 1), domain.CodeNotFound)
	must(s.InsertLease(ctx, other))(t)
	if port := must(s.LastPort(ctx, u.ID, p.ID, "g/s"))(t); port != 5200 {
		t.Errorf("last port %d", port)
	}
	if port := must(s.LastPort(ctx, u.ID, 0, "g/s"))(t); port != 0 {
		t.Errorf("last port of no project %d", port)
	}
}

func newExecution(u domain.User, script string, created time.Time) domain.Execution {
	group, _, _ := strings.Cut(script, "/")
	return domain.Execution{
		ID: uuid.NewString(), Name: "Name", Kind: domain.KindScript, ScriptID: script, GroupID: group,
		ScriptName: domain.Text{domain.English: "Name"}, UserID: u.ID, User: u.Name, Actor: store.ActorUser,
		State: domain.StateQueued, Confinement: "none", Parameters: map[string]any{"depth": 2.5}, HasPage: true, CreatedAt: created,
	}
}

func TestExecutionLife(t *testing.T) { // EXE-2
	s, ctx := openStore(t), t.Context()
	u := newUser(t, s, "ann", domain.LevelOperator)
	e := newExecution(u, "g/s", time.Now().UTC())
	check(t, s.InsertExecution(ctx, e, system))
	if got := must(s.Execution(ctx, e.ID))(t); !reflect.DeepEqual(got, e) {
		t.Errorf("read %+v\nwant %+v", got, e)
	}
	started := time.Now().UTC()
	e.State, e.Phase, e.StartedAt, e.PID, e.Port = domain.StateRunning, domain.PhaseStarting, &started, 77, 5201
	check(t, s.UpdateExecution(ctx, e))
	if live := must(s.LiveExecutions(ctx))(t); len(live) != 1 || !reflect.DeepEqual(live[0], e) {
		t.Errorf("live %+v", live)
	}
	ended, code := started.Add(2*time.Second), 3
	e.State, e.Phase, e.Reason, e.EndedAt, e.ExitCode, e.DurationMS = domain.StateFailed, "", domain.ReasonExitCode, &ended, &code, 2000
	e.Error = domain.NewError(domain.CodeScriptFailed, "exit_code", "3")
	check(t, s.UpdateExecution(ctx, e))
	if got := must(s.Execution(ctx, e.ID))(t); !reflect.DeepEqual(got, e) {
		t.Errorf("read %+v\nwant %+v", got, e)
	}
	if live := must(s.LiveExecutions(ctx))(t); len(live) != 0 {
		t.Errorf("live %+v", live)
	}
	if p := must(s.LastParameters(ctx, u.ID, "g/s"))(t); p["depth"] != 2.5 { // EXE-9
		t.Errorf("last parameters %v", p)
	}
	if p := must(s.LastParameters(ctx, u.ID, "g/other"))(t); p != nil {
		t.Errorf("last parameters of nothing %v", p)
	}
	check(t, s.SetPreview(ctx, e.ID, strings.Repeat("é", 4000), "bad \xff", ""))
	_, err := s.Execution(ctx, "none")
	wantCode(t, err, domain.CodeNotFound)
	wantCode(t, s.UpdateExecution(ctx, newExecution(u, "g/s", time.Now())), domain.CodeNotFound)
}

func TestExecutionPages(t *testing.T) { // LOG-2
	s, ctx := openStore(t), t.Context()
	ann, bob := newUser(t, s, "ann", domain.LevelOperator), newUser(t, s, "bob", domain.LevelOperator)
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	states := []domain.State{domain.StateCompleted, domain.StateFailed, domain.StateTerminated, domain.StateRunning}
	var want []string
	for i := range 40 {
		u, script := ann, "g/s"
		if i%3 == 0 {
			u, script = bob, "h/t"
		}
		// Two in each moment, and whole seconds among fractions.
		e := newExecution(u, script, start.Add(time.Duration(i/2)*500*time.Millisecond))
		e.State = states[i%4]
		if i%8 == 0 {
			e.EnvironmentPath = "/opt/conda"
		}
		check(t, s.InsertExecution(ctx, e, system))
		want = append([]string{e.ID}, want...)
	}
	list := func(f store.ExecutionFilter) (ids []string) {
		t.Helper()
		for pages := 0; pages < 100; pages++ {
			items, next, err := s.Executions(ctx, f)
			check(t, err)
			for _, e := range items {
				ids = append(ids, e.ID)
			}
			if next == "" {
				return ids
			}
			f.Before = next
		}
		t.Fatal("pages without end")
		return nil
	}
	for _, limit := range []int{0, 1, 7, 40, 41} {
		if got := list(store.ExecutionFilter{Limit: limit}); !reflect.DeepEqual(got, want) {
			t.Errorf("pages of %d: %d ids, not the %d wanted in order", limit, len(got), len(want))
		}
	}
	for name, c := range map[string]struct {
		f store.ExecutionFilter
		n int
	}{
		"user":          {store.ExecutionFilter{UserID: &ann.ID}, 26},
		"script":        {store.ExecutionFilter{ScriptID: "h/t"}, 14},
		"group":         {store.ExecutionFilter{GroupID: "g"}, 26},
		"states":        {store.ExecutionFilter{States: states[:2]}, 20},
		"state of user": {store.ExecutionFilter{States: states[:1], UserID: &bob.ID}, 4},
		"environment":   {store.ExecutionFilter{Environment: "/opt/conda"}, 5},
		"kind":          {store.ExecutionFilter{Kind: "backup"}, 0},
		"since":         {store.ExecutionFilter{Since: start.Add(9 * time.Second)}, 4},
		"until":         {store.ExecutionFilter{Until: start.Add(time.Second)}, 4},
		"quotes":        {store.ExecutionFilter{ScriptID: "x' OR '1'='1"}, 0},
		"NUL":           {store.ExecutionFilter{ScriptID: "h/t\x00", States: []domain.State{"'"}}, 0},
		"project":       {store.ExecutionFilter{ProjectID: 1}, 0},
	} {
		c.f.Limit = 3
		if got := list(c.f); len(got) != c.n {
			t.Errorf("%s: %d, want %d", name, len(got), c.n)
		}
	}
	for _, cursor := range []string{"x", "2026_1", "2026-03-01T12:00:00.000000000Z_x"} {
		_, _, err := s.Executions(ctx, store.ExecutionFilter{Before: cursor})
		wantCode(t, err, domain.CodeUsage)
	}
	if got := must(s.Totals(ctx, nil))(t); got != (store.Totals{Running: 10, Completed: 10, Failed: 10, Terminated: 10, All: 40}) {
		t.Errorf("totals %+v", got)
	}
	if got := must(s.Totals(ctx, &bob.ID))(t); got.All != 14 {
		t.Errorf("totals of bob %+v", got)
	}
	if got := must(s.RecentScripts(ctx, bob.ID, 5))(t); !reflect.DeepEqual(got, []string{"h/t"}) {
		t.Errorf("recent %v", got)
	}
}

func TestDaysAndTotalsFollowChanges(t *testing.T) {
	s, ctx := openStore(t), t.Context()
	u := newUser(t, s, "ann", domain.LevelOperator)
	now := time.Now()
	yesterday := time.Date(now.Year(), now.Month(), now.Day()-1, 12, 0, 0, 0, time.Local)
	for i, state := range []domain.State{domain.StateCompleted, domain.StateFailed, domain.StateFailed} {
		created := now
		if i > 1 {
			created = yesterday
		}
		e := newExecution(u, "g/s", created.UTC())
		check(t, s.InsertExecution(ctx, e, system))
		e.State = state
		check(t, s.UpdateExecution(ctx, e))
	}
	if got := must(s.Totals(ctx, &u.ID))(t); got != (store.Totals{Completed: 1, Failed: 2, All: 3}) {
		t.Errorf("totals %+v", got)
	}
	for _, user := range []*int64{nil, &u.ID} {
		days := must(s.Days(ctx, user, 3))(t)
		want := []store.Day{
			{Date: yesterday.AddDate(0, 0, -1).Format(time.DateOnly)},
			{Date: yesterday.Format(time.DateOnly), Failed: 1},
			{Date: now.Format(time.DateOnly), Completed: 1, Failed: 1},
		}
		if !reflect.DeepEqual(days, want) {
			t.Errorf("days %+v, want %+v", days, want)
		}
	}
}

func TestReadersSeeWhatWasWritten(t *testing.T) {
	s, ctx := openStore(t), t.Context()
	u := newUser(t, s, "ann", domain.LevelOperator)
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		wg.Go(func() {
			for range 20 {
				e := newExecution(u, "g/s", time.Now().UTC())
				if err := s.InsertExecution(ctx, e, system); err != nil {
					errs <- err
					return
				}
				if _, err := s.Execution(ctx, e.ID); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if got := must(s.Totals(ctx, nil))(t); got.Queued != 160 {
		t.Errorf("totals %+v", got)
	}
}

func TestCancelledCallLeavesNothing(t *testing.T) {
	s := openStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.CreateUser(ctx, system, store.NewUser{Name: "ann", Email: "a", PasswordHash: "h"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if users := must(s.Users(t.Context()))(t); len(users) != 0 {
		t.Errorf("users %+v", users)
	}
}

func TestOpenInAwkwardFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b%20?x#é")
	check(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "scriptsmanager.db")
	s := must(store.Open(t.Context(), path))(t)
	newUser(t, s, "ann", domain.LevelAdmin)
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if info, err := os.Stat(name); err != nil {
			t.Error(err)
		} else if os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}
	check(t, s.Close())
	s = must(store.Open(t.Context(), path))(t)
	defer func() { check(t, s.Close()) }()
	if users := must(s.Users(t.Context()))(t); len(users) != 1 {
		t.Errorf("users %+v", users)
	}
}
