package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// TestDigestSeesEveryField changes one field after the other, in whatever
// depth, and asks that the digest changes with it.
func TestDigestSeesEveryField(t *testing.T) {
	kept := map[string]bool{
		"Group.DiscoveredAt":        true,                                     // see groupDigest
		"Group.EnvironmentAssigned": true, "Script.EnvironmentAssigned": true, // settings, which no folder says
	}
	script, group := domain.Script{}, domain.Group{}
	mutate(t, reflect.ValueOf(&script).Elem(), "Script", kept, func() int64 { return scriptDigest(&script) })
	mutate(t, reflect.ValueOf(&group).Elem(), "Group", kept, func() int64 { return groupDigest(&group) })
}

func mutate(t *testing.T, v reflect.Value, path string, kept map[string]bool, digest func() int64) {
	t.Helper()
	if kept[path] {
		return
	}
	zero := reflect.Zero(v.Type())
	differs := func(value reflect.Value) {
		t.Helper()
		before := digest()
		v.Set(value)
		if digest() == before {
			t.Errorf("%s does not count", path)
		}
	}
	switch v.Kind() {
	case reflect.String:
		differs(reflect.ValueOf("x").Convert(v.Type()))
	case reflect.Bool:
		differs(reflect.ValueOf(true))
	case reflect.Int, reflect.Int64, reflect.Float64:
		differs(reflect.ValueOf(7).Convert(v.Type()))
	case reflect.Pointer:
		differs(reflect.New(v.Type().Elem()))
		mutate(t, v.Elem(), path+"*", kept, digest)
	case reflect.Interface:
		for _, any := range []any{"x", 1.5, true, []any{1.0}, map[string]any{"a": "b"}, []any{2.0}} {
			differs(reflect.ValueOf(any))
		}
	case reflect.Slice:
		differs(reflect.MakeSlice(v.Type(), 1, 1))
		mutate(t, v.Index(0), path+"[0]", kept, digest)
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		m.SetMapIndex(reflect.ValueOf("k").Convert(v.Type().Key()), reflect.Zero(v.Type().Elem()))
		differs(m)
		m = reflect.MakeMap(v.Type())
		m.SetMapIndex(reflect.ValueOf("k").Convert(v.Type().Key()), reflect.ValueOf("v").Convert(v.Type().Elem()))
		differs(m)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			differs(reflect.ValueOf(time.Unix(1, 0)))
			differs(reflect.ValueOf(time.Unix(1, 1)))
			break
		}
		for i := range v.NumField() {
			mutate(t, v.Field(i), path+"."+v.Type().Field(i).Name, kept, digest)
		}
	default:
		t.Errorf("%s: no test for %s", path, v.Kind())
	}
	v.Set(zero)
}

func TestDigestTellsFieldsApart(t *testing.T) {
	a, b := domain.Script{Category: "x"}, domain.Script{Environment: "x"}
	if scriptDigest(&a) == scriptDigest(&b) {
		t.Error("a value in another field has the same digest")
	}
	a, b = domain.Script{Tags: []string{"ab", "c"}}, domain.Script{Tags: []string{"a", "bc"}}
	if scriptDigest(&a) == scriptDigest(&b) {
		t.Error("tags cut elsewhere have the same digest")
	}
	if got := scriptDigest(&domain.Script{ID: "g/s", Name: domain.Text{"en": "a", "es": "b", "it": "c"}}); got != scriptDigest(&domain.Script{ID: "g/s", Name: domain.Text{"it": "c", "es": "b", "en": "a"}}) {
		t.Error("the order of a map counts")
	}
}

func TestTail(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "short": "short", "bad\xff": "bad\uFFFD",
		strings.Repeat("a", 5000):       strings.Repeat("a", 4096),
		strings.Repeat("é", 2500) + "x": strings.Repeat("é", 2047) + "x",
	} {
		if got := tail(in); got != want || !utf8.ValidString(got) {
			t.Errorf("tail of %d bytes has %d, want %d", len(in), len(got), len(want))
		}
	}
}

func TestMomentSorts(t *testing.T) {
	whole := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	var texts []string
	for _, m := range []time.Time{whole, whole.Add(time.Nanosecond), whole.Add(500 * time.Millisecond), whole.Add(time.Second)} {
		v, err := at(m).Value()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := v.(string)
		var back moment
		if err := back.Scan(text); err != nil || !back.Equal(m) || back.Location() != time.UTC {
			t.Errorf("%s read back as %s, %v", m, back, err)
		}
		if len(texts) > 0 && texts[len(texts)-1] >= text {
			t.Errorf("%s does not sort after %s", text, texts[len(texts)-1])
		}
		texts = append(texts, text)
	}
	if texts[0] != "2026-01-02T02:04:05.000000000Z" {
		t.Errorf("text %s", texts[0])
	}
	if err := new(moment).Scan("yesterday"); err == nil {
		t.Error("read a time from words")
	}
}

// The columns that other programs read tell the truth.
func TestExecutionColumns(t *testing.T) { // LOG-1, PRT-4
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "scriptsmanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx := t.Context()
	u, err := s.CreateUser(ctx, Actor{Kind: ActorSystem}, NewUser{Name: "ann", Email: "a@b", PasswordHash: "h", Level: domain.LevelOperator})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SyncScripts(ctx, []domain.Group{{ID: "g", Active: true}}, []domain.Script{{ID: "g/s", GroupID: "g", Active: true}}); err != nil {
		t.Fatal(err)
	}
	started := time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC)
	ended, code := started.Add(90500*time.Millisecond), 3
	e := domain.Execution{
		ID: "e", Kind: domain.KindScript, ScriptID: "g/s", GroupID: "g", UserID: u.ID, ProjectID: 1, State: domain.StateRunning, HasPage: true,
		PID: 4711, Port: 5200, Environment: "base", Parameters: map[string]any{"n": 1}, CreatedAt: started.Add(-time.Second), StartedAt: &started,
	}
	if err := s.InsertExecution(ctx, e, Actor{Kind: ActorUser, UserID: u.ID, Name: "ana"}); err != nil {
		t.Fatal(err)
	}
	records, err := s.AuditRecords(ctx, AuditFilter{Limit: 1})
	if err != nil || len(records) != 1 || records[0].Actor != "ana" || records[0].Action != "execution.run" || records[0].Object != "execution:e" ||
		string(records[0].After) != `{"parameters":{"n":1},"project":"","script":"g/s"}` {
		t.Errorf("recorded %+v, %v", records, err)
	}
	row := func(query string) string {
		t.Helper()
		var text sql.NullString
		if err := s.read.DB.QueryRowContext(ctx, query).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text.String
	}
	const process = `SELECT concat_ws('|', script_id, user_id, process_id, flask_port, tab_session_id, status, started_at, last_ping IS NULL, ended_at) FROM script_processes`
	if got, want := row(process), "1|1|4711|5200|e|running|2026-01-01T00:00:01.000000000Z|0"; got != want {
		t.Errorf("process %s, want %s", got, want)
	}
	e.State, e.EndedAt, e.DurationMS, e.ExitCode = domain.StateFailed, &ended, 90500, &code
	if err := s.UpdateExecution(ctx, e); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPreview(ctx, "e", "out", "err", "debug"); err != nil {
		t.Fatal(err)
	}
	if got, want := row(process), "1|1|4711|5200|e|failed|2026-01-01T00:00:01.000000000Z|0|2026-01-01T00:01:31.500000000Z"; got != want {
		t.Errorf("process %s, want %s", got, want)
	}
	got := row(`SELECT concat_ws('|', script_id, user_id, project_id, session_id, execution_uuid, status, start_time, end_time, duration_seconds,
		output, error_output, debug_output, exit_code, parameters, conda_environment, flask_port, log_level, created_at) FROM execution_logs`)
	want := `1|1|1|e|e|failed|2026-01-01T00:00:01.000000000Z|2026-01-01T00:01:31.500000000Z|90|out|err|debug|3|{"n":1}|base|5200|ERROR|2026-01-01T00:00:00.000000000Z`
	if got != want {
		t.Errorf("row  %s\nwant %s", got, want)
	}
}

// TestPagesUseIndices holds the queries of long lists away from sorting and
// from scanning the table.
func TestPagesUseIndices(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "scriptsmanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	user := int64(1)
	for _, own := range []*int64{nil, &user} {
		for _, sort := range []ExecutionSort{SortCreated, SortState, SortScript, SortDuration, SortProject, SortUser, SortReason} {
			f := ExecutionFilter{Sort: sort, UserID: own, Limit: 50}
			by, _ := sort.sorted()
			all, _ := f.filterTerms()
			for _, after := range []terms{nil, {{"(" + by.column + ", created_at, id) < ('x', '2026', 9)", nil}}} {
				if own != nil && sort == SortUser || sort == SortCreated && after != nil {
					continue
				}
				index := "list_" + by.index
				if own != nil {
					index = "list_own_" + by.index
				}
				where, _ := append(append(terms{}, all...), after...).where()
				where = strings.Replace(where, "user_id = ?", "user_id = 1", 1)
				p := plan(t, s, `SELECT id, created_at, `+by.column+` FROM execution_logs INDEXED BY `+index+where+f.order(by)+` LIMIT 50`)
				if !strings.Contains(p, "COVERING INDEX "+index) || strings.Contains(p, "TEMP B-TREE") || (after != nil) != strings.Contains(p, "<") {
					t.Errorf("sorted by %s, %q: %s", by.column, where, p)
				}
			}
		}
	}
	for _, f := range []ExecutionFilter{
		{ScriptID: "g/s"},
		{GroupID: "g"},
		{ProjectID: 1},
		{States: []domain.State{"failed"}},
		{Kind: "environment"},
		{Shortest: time.Second},
		{Longest: time.Second},
		{Since: time.Now()},
		{Until: time.Now()},
	} {
		for _, own := range []*int64{nil, &user} {
			f.UserID = own
			_, seeks := f.filterTerms()
			if len(seeks) != 1 {
				t.Fatalf("%+v: %d indices", f, len(seeks))
			}
			where, args := seeks[0].terms.where()
			for range args {
				where = strings.Replace(where, "?", "'1'", 1)
			}
			p := plan(t, s, `SELECT count(*) FROM execution_logs INDEXED BY `+seeks[0].index+where)
			if !strings.Contains(p, "SEARCH") || !strings.Contains(p, "COVERING INDEX") {
				t.Errorf("%+v: %s", f, p)
			}
		}
	}
	if p := plan(t, s, `SELECT data FROM execution_logs WHERE status IN ('queued', 'running') ORDER BY created_at, id`); !strings.Contains(p, "USING INDEX list_status") {
		t.Errorf("live: %s", p)
	}
	for _, q := range []string{
		`SELECT status, count(*) FROM execution_logs WHERE created_at >= '2026' AND created_at < '2027' GROUP BY status`,
		`SELECT status, count(*) FROM execution_logs WHERE created_at >= '2026' AND created_at < '2027' AND user_id = 1 GROUP BY status`,
		`SELECT script_ref, max(created_at) AS last FROM execution_logs WHERE user_id = 1 AND script_ref <> '' GROUP BY script_ref ORDER BY last DESC LIMIT 5`,
	} {
		if p := plan(t, s, q); !strings.Contains(p, "COVERING INDEX") {
			t.Errorf("%s: %s", q, p)
		}
	}
}

func plan(t *testing.T, s *Store, query string) string {
	t.Helper()
	rows, err := s.read.DB.QueryContext(context.Background(), `EXPLAIN QUERY PLAN `+query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var id, parent, none int
		var detail string
		if err := rows.Scan(&id, &parent, &none, &detail); err != nil {
			t.Fatal(err)
		}
		all = append(all, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "; ")
}

func TestDatabaseIsSafe(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "scriptsmanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
		var got string
		if err := s.write.DB.QueryRowContext(t.Context(), `PRAGMA `+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v", pragma, got, err)
		}
	}
	if _, err := s.read.DB.ExecContext(t.Context(), `DELETE FROM users`); err == nil {
		t.Error("a reader can write")
	}
	if _, err := s.write.DB.ExecContext(t.Context(), fmt.Sprintf(`INSERT INTO script_processes (user_id, process_id, status, execution_uuid) VALUES (%d, 1, 'x', 'x')`, 99)); err == nil {
		t.Error("foreign keys do not hold")
	}
}
