package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"scriptsmanager/backend/domain"
)

func copyOf(files fs.FS) fstest.MapFS {
	m := fstest.MapFS{}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		m[name] = &fstest.MapFile{Data: data}
	}
	return m
}

// databaseOf makes a database of an earlier version with its data.
func databaseOf(t *testing.T, files fs.FS, version int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scriptsmanager.db")
	db, err := sql.Open("sqlite3", dsn(path, false))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), olderData[version].insert); err != nil {
		t.Fatalf("data of version %d: %v", version, err)
	}
	return path
}

func TestUpgradeFromEveryVersion(t *testing.T) {
	files := copyOf(embedded())
	newest := int64(len(files))
	// One more, as a later version of the product will have it.
	files[fmt.Sprintf("%05d_next.sql", newest+1)] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE next (id INTEGER);\nALTER TABLE users ADD COLUMN next TEXT;\n")}
	for v := int64(1); v <= newest; v++ {
		t.Run(fmt.Sprint("from ", v), func(t *testing.T) {
			if olderData[v].insert == "" {
				t.Fatalf("no data for version %d in olderData", v)
			}
			path := databaseOf(t, files, v)
			s, err := open(t.Context(), path, files)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			for name, db := range map[string]*sql.DB{"upgraded": s.read.DB, "copy": openCopy(t, path, v)} {
				var n int
				if err := db.QueryRowContext(t.Context(), olderData[v].check).Scan(&n); err != nil || n != 1 {
					t.Errorf("%s: %d rows, %v", name, n, err)
				}
			}
			if err := s.write.DB.QueryRowContext(t.Context(), `SELECT count(*) FROM next`).Scan(new(int)); err != nil {
				t.Error(err)
			}
			totals, err := s.Totals(t.Context(), nil)
			if err != nil || totals.Completed != 1 {
				t.Errorf("totals %+v, %v", totals, err)
			}
		})
	}
}

func openCopy(t *testing.T, path string, version int64) *sql.DB {
	t.Helper()
	copies, err := filepath.Glob(fmt.Sprintf("%s.version-%d-*", path, version))
	if err != nil || len(copies) != 1 {
		t.Fatalf("copies %v, %v", copies, err)
	}
	if info, err := os.Stat(copies[0]); err != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Errorf("copy has mode %o, %v", info.Mode().Perm(), err)
	}
	db, err := sql.Open("sqlite3", dsn(copies[0], true))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	files := copyOf(embedded())
	path := databaseOf(t, files, 1)
	files["90000_bad.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE half (id INTEGER);\nINSERT INTO no_such_table VALUES (1);\n")}
	if _, err := open(t.Context(), path, files); err == nil || !strings.Contains(err.Error(), "90000_bad.sql") {
		t.Fatalf("error %v", err)
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var tables int
	if err := s.read.DB.QueryRowContext(t.Context(), `SELECT count(*) FROM sqlite_master WHERE name = 'half'`).Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d tables of half a migration, %v", tables, err)
	}
}

func TestNewerDatabaseIsRefusedUntouched(t *testing.T) {
	files := copyOf(embedded())
	files["90000_future.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE future (id INTEGER);\n")}
	path := filepath.Join(t.TempDir(), "scriptsmanager.db")
	s, err := open(t.Context(), path, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(context.Background(), path)
	if !domain.HasCode(err, domain.CodeDatabaseNewer) || domain.AsError(err).Params["path"] != path {
		t.Fatalf("error %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(before) {
		t.Errorf("the newer database was changed, %v", err)
	}
}

func TestNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scriptsmanager.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); err == nil {
		t.Error("opened a text as a database")
	}
}

// The customer's tables keep their names and columns.
func TestAgreedColumnsAreThere(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "scriptsmanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for table, columns := range map[string]string{
		"users":              "id username email password_hash user_level preferred_language preferred_theme created_at last_login is_active",
		"script_groups":      "id name directory_path description required_level conda_environment is_active discovered_at",
		"scripts":            "id group_id filename display_name description description_long_path tags required_level parameters is_active last_modified",
		"user_script_tags":   "id user_id script_id tags created_at",
		"conda_environments": "id name path python_version is_available detected_at last_verified",
		"user_projects":      "id user_id project_name group_id description is_default created_at last_accessed",
		"port_allocations":   "id port_number script_id user_id project_id process_id status allocated_at released_at",
		"script_processes":   "id script_id user_id process_id flask_port tab_session_id status started_at last_ping ended_at",
		"execution_logs": "id script_id user_id project_id session_id execution_uuid status start_time end_time duration_seconds output " +
			"error_output debug_output exit_code parameters conda_environment flask_port log_level tags created_at last_updated",
	} {
		for column := range strings.FieldsSeq(columns) {
			if _, err := s.read.DB.ExecContext(t.Context(), `SELECT "`+column+`" IS NULL, `+column+` FROM `+table); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestListColumnsOfOlderExecutions asks that what lists are sorted by is there
// for executions from before there were lists.
func TestListColumnsOfOlderExecutions(t *testing.T) {
	path := databaseOf(t, embedded(), 3)
	db, err := sql.Open("sqlite3", dsn(path, false))
	if err != nil {
		t.Fatal(err)
	}
	for id, end := range map[string]string{"ended": "'2026-01-02T03:04:05.000000000Z'", "live": "NULL"} {
		if _, err := db.ExecContext(t.Context(), `INSERT INTO execution_logs (user_id, execution_uuid, status, kind, script_ref, group_ref, end_time, data)
			VALUES (1, '`+id+`', 'x', 'script', 'g/s', 'g', `+end+`, '{"user":"Ann","project":"north","reason":"exit","duration_ms":1500}')`); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for id, took := range map[string]int64{"ended": 1500, "live": -1} {
		var n int
		if err := s.read.DB.QueryRowContext(t.Context(), `SELECT count(*) FROM execution_logs WHERE execution_uuid = ? AND user_name = 'Ann'
			AND project_name = 'north' AND reason = 'exit' AND duration_ms = ?`, id, took).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", id, n, err)
		}
	}
}

// Records of before there was a chain are in it afterwards.
func TestUpgradeChainsTheAudit(t *testing.T) {
	s, err := Open(t.Context(), databaseOf(t, embedded(), 5))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Audit(t.Context(), Actor{Kind: ActorSystem, Name: "test"}, "x", "y", nil, nil); err != nil {
		t.Fatal(err)
	}
	records, err := s.AuditRecords(t.Context(), AuditFilter{Oldest: true})
	if err != nil || len(records) != 3 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	last := ""
	for _, r := range records {
		if last = r.Sum(last); last != r.Hash {
			t.Errorf("record %d is not in the chain", r.ID)
		}
	}
}
