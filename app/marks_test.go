package app_test

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

func ask[R any](t *testing.T, c door.Caller, method string, argument any) (result R, err error) {
	t.Helper()
	err = door.Call(context.Background(), c, method, argument, &result)
	return result, err
}

func call[R any](t *testing.T, c door.Caller, method string, argument any) R {
	t.Helper()
	result, err := ask[R](t, c, method, argument)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return result
}

func TestDeletedExecutionsAreGone(t *testing.T) { // LOG-7, LOG-8
	w := newWorld(t)
	operator := w.users[domain.LevelOperator]
	w.run(t, operator)
	kept := w.runs[operator.ID]
	w.run(t, operator)
	gone, foreign := w.runs[operator.ID], w.runs[w.other.ID]
	c := w.client(t, operator)
	call[app.ExecutionMarks](t, c, "Executions.SetMark", app.MarkRequest{ExecutionID: kept, Bookmarked: true})
	e := call[domain.Execution](t, c, "Executions.Get", app.ExecutionRequest{ExecutionID: gone})
	files := strings.TrimSuffix(e.LogPath, ".log") + ".debug.jsonl"
	if _, err := os.Stat(files); err != nil {
		t.Fatal(err)
	}
	result := call[app.DeleteResult](t, c, "Executions.Delete", app.DeleteRequest{ExecutionIDs: []string{gone, kept, foreign, "none"}})
	if len(result.Deleted) != 1 || result.Deleted[0] != gone || len(result.Left) != 3 {
		t.Fatalf("deleted %+v", result)
	}
	for i, want := range []domain.Code{domain.CodeBookmarked, domain.CodeNotFound, domain.CodeNotFound} {
		if result.Left[i].Error.Code != want {
			t.Errorf("left %s as %s, want %s", result.Left[i].ExecutionID, result.Left[i].Error.Code, want)
		}
	}
	if _, err := os.Stat(files); !os.IsNotExist(err) {
		t.Errorf("its files are still there: %v", err)
	}
	if _, err := w.engine.Execution(context.Background(), gone); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("its record: %v", err)
	}
	if _, err := w.engine.Execution(context.Background(), foreign); err != nil {
		t.Errorf("another's is gone: %v", err)
	}
	// An administrator deletes anybody's.
	result = call[app.DeleteResult](t, w.client(t, w.users[domain.LevelAdmin]), "Executions.Delete", app.DeleteRequest{ExecutionIDs: []string{foreign}})
	if len(result.Deleted) != 1 {
		t.Errorf("an administrator deleted %+v", result)
	}
}

func TestSharedExecutionsAreFound(t *testing.T) { // LOG-10
	w := newWorld(t)
	shared := w.runs[w.other.ID]
	admin, developer, operator := w.client(t, w.users[domain.LevelAdmin]), w.client(t, w.users[domain.LevelDeveloper]), w.client(t, w.users[domain.LevelOperator])
	marks := call[app.ExecutionMarks](t, admin, "Executions.Share", app.ShareRequest{ExecutionID: shared, Shared: true})
	if marks.SharedBy != "admin" || marks.SharedAt == nil {
		t.Errorf("shared as %+v", marks)
	}
	list := func(c door.Caller) int {
		page := call[app.ExecutionPage](t, c, "Executions.List", app.ExecutionQuery{Shared: true})
		for _, e := range page.Items {
			if page.Marks[e.ID].SharedBy == "" {
				t.Errorf("%s is not shown as shared", e.ID)
			}
		}
		return len(page.Items)
	}
	if a, d, o, own := list(admin), list(developer), list(operator), list(w.client(t, w.other)); a != 1 || d != 1 || o != 0 || own != 1 {
		t.Errorf("administrator, developer, operator and owner see %d %d %d %d", a, d, o, own)
	}
	call[app.ExecutionMarks](t, admin, "Executions.Share", app.ShareRequest{ExecutionID: shared})
	if n := list(developer); n != 0 {
		t.Errorf("what is not shared any more is seen: %d", n)
	}
	if _, err := developer.Call(context.Background(), "Executions.Get", []byte(`{"execution_id":"`+shared+`"}`)); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("and can be read: %v", err)
	}
}

func TestNotesAreOnesOwn(t *testing.T) { // LOG-10
	w := newWorld(t)
	run := w.runs[w.other.ID]
	own, admin := w.client(t, w.other), w.client(t, w.users[domain.LevelAdmin])
	call[app.ExecutionMarks](t, own, "Executions.SetMark", app.MarkRequest{ExecutionID: run, Bookmarked: true, Note: " look at the pump \n"})
	if m := call[app.ExecutionMarks](t, own, "Executions.Marks", app.ExecutionRequest{ExecutionID: run}); !m.Bookmarked || m.Note != "look at the pump" {
		t.Errorf("own marks %+v", m)
	}
	if m := call[app.ExecutionMarks](t, admin, "Executions.Marks", app.ExecutionRequest{ExecutionID: run}); m.Bookmarked || m.Note != "" {
		t.Errorf("an administrator sees %+v", m)
	}
	if page := call[app.ExecutionPage](t, own, "Executions.List", app.ExecutionQuery{Bookmarked: true}); len(page.Items) != 1 || page.Items[0].ID != run {
		t.Errorf("%d with a bookmark", len(page.Items))
	}
	call[app.ExecutionMarks](t, own, "Executions.SetMark", app.MarkRequest{ExecutionID: run})
	if page := call[app.ExecutionPage](t, own, "Executions.List", app.ExecutionQuery{Bookmarked: true}); len(page.Items) != 0 {
		t.Errorf("%d with a bookmark that was taken away", len(page.Items))
	}
}

func TestSavedFilters(t *testing.T) { // LOG-4
	w := newWorld(t)
	c := w.client(t, w.other)
	ctx := context.Background()
	one := call[app.SavedFilter](t, c, "Executions.SaveFilter", app.SavedFilter{Name: "Failed", Filter: "state=failed"})
	two := call[app.SavedFilter](t, c, "Executions.SaveFilter", app.SavedFilter{Name: "Long", Filter: "longest=60"})
	if err := door.Call(ctx, c, "Executions.SaveFilter", app.SavedFilter{Name: "FAILED", Filter: "x=1"}, nil); !domain.HasCode(err, domain.CodeNameTaken) {
		t.Errorf("a name twice: %v", err)
	}
	if err := door.Call(ctx, c, "Executions.SaveFilter", app.SavedFilter{ID: two.ID, Name: "failed"}, nil); !domain.HasCode(err, domain.CodeNameTaken) {
		t.Errorf("renamed to a name that is there: %v", err)
	}
	if err := door.Call(ctx, c, "Executions.SaveFilter", app.SavedFilter{Name: " ", Filter: "x=1"}, nil); !domain.HasCode(err, domain.CodeNameInvalid) {
		t.Errorf("no name: %v", err)
	}
	if got := call[app.SavedFilter](t, c, "Executions.SaveFilter", app.SavedFilter{ID: one.ID, Name: "Bad ones"}); got.Filter != "state=failed" {
		t.Errorf("renamed %+v", got)
	}
	call[struct{}](t, c, "Executions.DeleteFilter", app.FilterRequest{ID: two.ID})
	list := call[[]app.SavedFilter](t, c, "Executions.Filters", nil)
	if len(list) != 1 || list[0] != (app.SavedFilter{ID: one.ID, Name: "Bad ones", Filter: "state=failed"}) {
		t.Errorf("filters %+v", list)
	}
}

// Whoever opens another's log is recorded once, however often its page reads.
func TestOpeningAnothersLogIsRecorded(t *testing.T) { // LOG-11
	w := newWorld(t)
	run := w.runs[w.other.ID]
	db, err := sql.Open("sqlite3", "file:"+w.engine.Root().Database()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	opened := func() (n int) {
		if err := db.QueryRowContext(context.Background(), `SELECT count(*) FROM audit WHERE action = 'log.open' AND object = ?`, "execution:"+run).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	read := func(c door.Caller) {
		for range 3 {
			call[domain.LogPage](t, c, "Executions.Log", app.LogRequest{ExecutionID: run, From: 1, Limit: 10})
			call[app.FindResult](t, c, "Executions.FindInLog", app.FindRequest{ExecutionID: run, Text: "x"})
		}
	}
	read(w.client(t, w.other))
	if n := opened(); n != 0 {
		t.Errorf("one's own log: %d records", n)
	}
	admin := w.client(t, w.users[domain.LevelAdmin])
	read(admin)
	read(admin)
	if n := opened(); n != 1 {
		t.Errorf("opened by an administrator: %d records", n)
	}
	read(w.client(t, w.users[domain.LevelAdmin]))
	if n := opened(); n != 2 {
		t.Errorf("opened again: %d records", n)
	}
	call[domain.Execution](t, w.client(t, w.users[domain.LevelAdmin]), "Logs.Export", app.LogExportRequest{ExecutionIDs: []string{run}, Format: "txt"})
	if n := opened(); n != 3 {
		t.Errorf("exported: %d records", n)
	}
}

func TestSharedExecutionsAreHeardOf(t *testing.T) { // LOG-10
	w := newWorld(t)
	shared := w.runs[w.other.ID]
	heard := func(u domain.User) <-chan domain.Event { return w.client(t, u).Events(t.Context()) }
	developer, operator := heard(w.users[domain.LevelDeveloper]), heard(w.users[domain.LevelOperator])
	admin := w.client(t, w.users[domain.LevelAdmin])
	grown := func() {
		w.engine.Events().Publish(domain.Event{
			Type: domain.EventExecutionOutput, UserID: w.other.ID, Data: domain.OutputEvent{ExecutionID: shared, Lines: 7},
		})
	}
	// What everybody hears of comes behind it, so that nothing has to be waited for.
	end := func() {
		w.engine.Events().Publish(domain.Event{Type: domain.EventDiscoveryChanged, Data: domain.DiscoveryEvent{Groups: []string{"end"}}})
	}
	outputs := func(events <-chan domain.Event) (n int) {
		for e := range events {
			switch data := e.Data.(type) {
			case domain.OutputEvent:
				n++
			case domain.DiscoveryEvent:
				if len(data.Groups) == 1 && data.Groups[0] == "end" {
					return n
				}
			}
		}
		return n
	}
	grown()
	call[app.ExecutionMarks](t, admin, "Executions.Share", app.ShareRequest{ExecutionID: shared, Shared: true})
	end()
	outputs(developer) // of whether the first came before it was shared, nothing is said
	grown()
	end()
	if n := outputs(developer); n != 1 {
		t.Errorf("a developer heard of %d lines of output of what is shared", n)
	}
	if n := outputs(operator) + outputs(operator); n != 0 {
		t.Errorf("an operator heard of it %d times", n)
	}
	call[app.ExecutionMarks](t, admin, "Executions.Share", app.ShareRequest{ExecutionID: shared})
	grown()
	end()
	if n := outputs(developer); n != 0 {
		t.Errorf("a developer heard of what is not shared any more %d times", n)
	}
}

func TestViewersOfALogAreCounted(t *testing.T) { // LOG-2
	w := newWorld(t)
	run := w.runs[w.other.ID]
	admin := w.client(t, w.users[domain.LevelAdmin])
	told := admin.Events(t.Context())
	ctx, leave := context.WithCancel(t.Context())
	own, operator := w.client(t, w.other), w.client(t, w.users[domain.LevelOperator])
	own.Events(ctx)
	open := func(c door.Caller, ids ...string) []domain.LogViewers {
		return call[app.ViewingResult](t, c, "Executions.Viewing", app.ViewingRequest{ExecutionIDs: ids}).Viewers
	}
	if seen := open(own, run, run, "none"); len(seen) != 0 {
		t.Errorf("a viewer without that right is told of %+v", seen)
	}
	open(operator, run) // may not see it, and hears nothing
	if seen := open(admin, run); len(seen) != 1 || seen[0] != (domain.LogViewers{ExecutionID: run, Viewers: 2}) {
		t.Errorf("an administrator is told of %+v", seen)
	}
	leave() // the connection goes; nobody says goodbye
	counts := []int{}
	for e := range told {
		if v, ok := e.Data.(domain.LogViewers); ok {
			if counts = append(counts, v.Viewers); len(counts) == 3 {
				break
			}
		}
	}
	if counts[0] != 1 || counts[1] != 2 || counts[2] != 1 {
		t.Errorf("an administrator heard of %v viewers", counts)
	}
	if open(admin); w.engine.LogViewers(run) != 0 {
		t.Errorf("%d viewers of a log that nobody has open", w.engine.LogViewers(run))
	}
}

// The list's own choices hold for the search in logs, too.
func TestLogsAreSearchedByKindAndMark(t *testing.T) { // LOG-5
	w := newWorld(t)
	operator := w.users[domain.LevelOperator]
	w.run(t, operator)
	first, marked, foreign := w.runs[w.users[domain.LevelViewer].ID], w.runs[operator.ID], w.runs[w.other.ID]
	for _, id := range w.runs { // whatever the scripts wrote
		e, err := w.engine.Execution(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(e.LogPath, []byte("the pump of "+e.User+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, developer, admin := w.client(t, operator), w.client(t, w.users[domain.LevelDeveloper]), w.client(t, w.users[domain.LevelAdmin])
	call[app.ExecutionMarks](t, c, "Executions.SetMark", app.MarkRequest{ExecutionID: marked, Bookmarked: true})
	call[app.ExecutionMarks](t, admin, "Executions.Share", app.ShareRequest{ExecutionID: foreign, Shared: true})
	found := func(c door.Caller, q app.LogSearch) string {
		q.Query = "pump"
		var ids []string
		for {
			page := call[app.LogSearchPage](t, c, "Logs.Search", q)
			for _, h := range page.Hits {
				ids = append(ids, h.ExecutionID)
			}
			if q.Before = page.Next; q.Before == "" {
				return strings.Join(ids, " ")
			}
		}
	}
	for _, one := range []struct {
		what string
		c    door.Caller
		q    app.LogSearch
		want string
	}{
		{"all", c, app.LogSearch{}, marked + " " + first},
		{"of scripts", c, app.LogSearch{Kind: domain.KindScript}, marked + " " + first},
		{"of environments", c, app.LogSearch{Kind: domain.KindEnvironment}, ""},
		{"bookmarked", c, app.LogSearch{Bookmarked: true}, marked},
		{"bookmarked by another", admin, app.LogSearch{Bookmarked: true, AllUsers: true}, ""},
		{"shared, for an operator", c, app.LogSearch{Shared: true}, ""},
		{"shared, for a developer", developer, app.LogSearch{Shared: true}, foreign},
		{"shared, for an administrator", admin, app.LogSearch{Shared: true, AllUsers: true}, foreign},
		{"shared and of environments", developer, app.LogSearch{Shared: true, Kind: domain.KindEnvironment}, ""},
		{"shared and bookmarked", developer, app.LogSearch{Shared: true, Bookmarked: true}, ""},
	} {
		if got := found(one.c, one.q); got != one.want {
			t.Errorf("%s: %q, want %q", one.what, got, one.want)
		}
	}
}
