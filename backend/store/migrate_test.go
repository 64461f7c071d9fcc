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

// olderData is what a database of each earlier version holds before it is
// upgraded, as statements that were right then, and a query that must give 1
// afterwards. A new migration adds the entry of the version before it.
var olderData = map[int64]struct{ insert, check string }{
	1: {
		`INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ann', 'ann@localhost', 'h', 'admin', 'ann', 'Ann', 'Ann');
		INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder) VALUES (1, 'project_default', TRUE, 'project_default', 'project_default');
		INSERT INTO script_groups (name, directory_path, required_level, ref, digest, data) VALUES ('G', '/g', 'viewer', 'g', 1, '{"id":"g"}');
		INSERT INTO scripts (group_id, filename, required_level, ref, digest, data, parameters) VALUES (1, 's.py', 'viewer', 'g/s', 1, '{"id":"g/s"}', 'null');
		INSERT INTO execution_logs (script_id, user_id, project_id, execution_uuid, status, kind, script_ref, group_ref, data)
			VALUES (1, 1, 1, 'e', 'completed', 'script', 'g/s', 'g', '{"id":"e"}');`,
		`SELECT count(*) FROM execution_logs e JOIN users u ON u.id = e.user_id JOIN scripts s ON s.id = e.script_id
			WHERE u.username = 'Ann' AND s.ref = 'g/s' AND e.created_at GLOB '????-??-??T??:??:??.?????????Z'`,
	},
	2: {
		`INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ann', 'ann@localhost', 'h', 'admin', 'ann', 'Ann', 'Ann');
		INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder) VALUES (1, 'project_default', TRUE, 'project_default', 'project_default');
		INSERT INTO script_groups (name, directory_path, required_level, ref, digest, data) VALUES ('G', '/g', 'viewer', 'g', 1, '{"id":"g"}');
		INSERT INTO scripts (group_id, filename, required_level, ref, digest, data, parameters) VALUES (1, 's.py', 'viewer', 'g/s', 1, '{"id":"g/s"}', 'null');
		INSERT INTO execution_logs (script_id, user_id, project_id, execution_uuid, status, kind, script_ref, group_ref, data)
			VALUES (1, 1, 1, 'e', 'completed', 'script', 'g/s', 'g', '{"id":"e"}');
		INSERT INTO always_on (script_ref, user_id, project_id, parameters, created_at, created_by)
			VALUES ('g/s', 1, 1, '{"n":1}', '2026-01-02T03:04:05.000000000Z', 'Ann');`,
		`SELECT count(*) FROM always_on a JOIN users u ON u.id = a.user_id JOIN execution_logs e ON e.script_ref = a.script_ref
			WHERE u.username = 'Ann' AND a.parameters = '{"n":1}'`,
	},
	3: {
		`INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ann', 'ann@localhost', 'h', 'admin', 'ann', 'Ann', 'Ann');
		INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder) VALUES (1, 'project_default', TRUE, 'project_default', 'project_default');
		INSERT INTO script_groups (name, directory_path, required_level, ref, digest, data) VALUES ('G', '/g', 'viewer', 'g', 1, '{"id":"g"}');
		INSERT INTO scripts (group_id, filename, required_level, ref, digest, data, parameters) VALUES (1, 's.py', 'viewer', 'g/s', 1, '{"id":"g/s"}', 'null');
		INSERT INTO execution_logs (script_id, user_id, project_id, execution_uuid, status, kind, script_ref, group_ref, data)
			VALUES (1, 1, 1, 'e', 'completed', 'script', 'g/s', 'g', '{"id":"e","environment_path":"/opt/conda"}');
		INSERT INTO always_on (script_ref, user_id, project_id, parameters, created_at, created_by)
			VALUES ('g/s', 1, 1, '{"n":1}', '2026-01-02T03:04:05.000000000Z', 'Ann');`,
		`SELECT count(*) FROM execution_logs INDEXED BY execution_logs_environment
			WHERE json_extract(data, '$.environment_path') = '/opt/conda'`,
	},
	4: {
		`INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ann', 'ann@localhost', 'h', 'admin', 'ann', 'Ann', 'Ann');
		INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder) VALUES (1, 'project_default', TRUE, 'project_default', 'project_default');
		INSERT INTO script_groups (name, directory_path, required_level, ref, digest, data) VALUES ('G', '/g', 'viewer', 'g', 1, '{"id":"g"}');
		INSERT INTO scripts (group_id, filename, required_level, ref, digest, data, parameters) VALUES (1, 's.py', 'viewer', 'g/s', 1, '{"id":"g/s"}', 'null');
		INSERT INTO execution_logs (script_id, user_id, project_id, execution_uuid, status, kind, script_ref, group_ref, data, duration_ms)
			VALUES (1, 1, 1, 'e', 'completed', 'script', 'g/s', 'g', '{"id":"e"}', 1500);
		INSERT INTO execution_marks (user_id, execution, bookmarked, note, updated_at) VALUES (1, 1, TRUE, 'n', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO execution_shares (execution, shared_by, shared_at) VALUES (1, 'Ann', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO saved_filters (user_id, name, name_key, filter, created_at) VALUES (1, 'F', 'f', 'state=failed', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO always_on (script_ref, user_id, project_id, parameters, created_at, created_by)
			VALUES ('g/s', 1, 1, '{"n":1}', '2026-01-02T03:04:05.000000000Z', 'Ann');`,
		`SELECT count(*) FROM execution_logs e JOIN execution_marks m ON m.execution = e.id JOIN execution_shares s ON s.execution = e.id
			JOIN saved_filters f ON f.user_id = e.user_id WHERE e.duration_ms = 1500 AND m.note = 'n' AND f.name = 'F'`,
	},
	5: {
		`INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ann', 'ann@localhost', 'h', 'admin', 'ann', 'Ann', 'Ann');
		INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder) VALUES (1, 'project_default', TRUE, 'project_default', 'project_default');
		INSERT INTO script_groups (name, directory_path, required_level, ref, digest, data) VALUES ('G', '/g', 'viewer', 'g', 1, '{"id":"g"}');
		INSERT INTO scripts (group_id, filename, required_level, ref, digest, data, parameters) VALUES (1, 's.py', 'viewer', 'g/s', 1, '{"id":"g/s"}', 'null');
		INSERT INTO execution_logs (script_id, user_id, project_id, execution_uuid, status, kind, script_ref, group_ref, data, duration_ms, compressed)
			VALUES (1, 1, 1, 'e', 'completed', 'script', 'g/s', 'g', '{"id":"e"}', 1500, TRUE);
		INSERT INTO execution_marks (user_id, execution, bookmarked, note, updated_at) VALUES (1, 1, TRUE, 'n', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO execution_shares (execution, shared_by, shared_at) VALUES (1, 'Ann', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO saved_filters (user_id, name, name_key, filter, created_at) VALUES (1, 'F', 'f', 'state=failed', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO always_on (script_ref, user_id, project_id, parameters, created_at, created_by)
			VALUES ('g/s', 1, 1, '{"n":1}', '2026-01-02T03:04:05.000000000Z', 'Ann');
		INSERT INTO audit (at, actor_kind, user_id, actor, action, object, after) VALUES
			('2026-01-02T03:04:05.000000000Z', 'user', 1, 'Ann', 'sign in', 'user:Ann', NULL),
			('2026-01-02T03:04:06.000000000Z', 'system', NULL, 'setup', 'setting.set', 'x', '1');`,
		`SELECT count(*) FROM execution_logs e JOIN execution_marks m ON m.execution = e.id JOIN execution_shares s ON s.execution = e.id
			JOIN saved_filters f ON f.user_id = e.user_id WHERE e.duration_ms = 1500 AND e.compressed AND m.note = 'n' AND f.name = 'F'
				AND (SELECT count(*) FROM audit) = 2`,
	},
	6: {
		`INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ann', 'ann@localhost', 'h', 'admin', 'ann', 'Ann', 'Ann');
		INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder) VALUES (1, 'project_default', TRUE, 'project_default', 'project_default');
		INSERT INTO script_groups (name, directory_path, required_level, ref, digest, data) VALUES ('G', '/g', 'viewer', 'g', 1, '{"id":"g"}');
		INSERT INTO scripts (group_id, filename, required_level, ref, digest, data, parameters) VALUES (1, 's.py', 'viewer', 'g/s', 1, '{"id":"g/s"}', 'null');
		INSERT INTO execution_logs (script_id, user_id, project_id, execution_uuid, status, kind, script_ref, group_ref, data, duration_ms, compressed)
			VALUES (1, 1, 1, 'e', 'completed', 'script', 'g/s', 'g', '{"id":"e"}', 1500, TRUE);
		INSERT INTO execution_marks (user_id, execution, bookmarked, note, updated_at) VALUES (1, 1, TRUE, 'n', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO execution_shares (execution, shared_by, shared_at) VALUES (1, 'Ann', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO saved_filters (user_id, name, name_key, filter, created_at) VALUES (1, 'F', 'f', 'state=failed', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO always_on (script_ref, user_id, project_id, parameters, created_at, created_by)
			VALUES ('g/s', 1, 1, '{"n":1}', '2026-01-02T03:04:05.000000000Z', 'Ann');
		INSERT INTO audit (at, actor_kind, user_id, actor, actor_level, action, object, after, hash) VALUES
			('2026-01-02T03:04:05.000000000Z', 'user', 1, 'Ann', 'admin', 'sign in', 'user:Ann', NULL, zeroblob(32)),
			('2026-01-02T03:04:06.000000000Z', 'system', NULL, 'setup', '', 'setting.set', 'x', '1', zeroblob(32));`,
		`SELECT count(*) FROM execution_logs e JOIN execution_marks m ON m.execution = e.id JOIN execution_shares s ON s.execution = e.id
			JOIN saved_filters f ON f.user_id = e.user_id WHERE e.duration_ms = 1500 AND e.compressed AND m.note = 'n' AND f.name = 'F'
				AND (SELECT count(*) FROM audit) = 2`,
	},
	7: {
		`INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ann', 'ann@localhost', 'h', 'admin', 'ann', 'Ann', 'Ann');
		INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder) VALUES (1, 'project_default', TRUE, 'project_default', 'project_default');
		INSERT INTO script_groups (name, directory_path, required_level, ref, digest, data) VALUES ('G', '/g', 'viewer', 'g', 1, '{"id":"g"}');
		INSERT INTO scripts (group_id, filename, required_level, ref, digest, data, parameters) VALUES (1, 's.py', 'viewer', 'g/s', 1, '{"id":"g/s"}', 'null');
		INSERT INTO execution_logs (script_id, user_id, project_id, execution_uuid, status, kind, script_ref, group_ref, data, duration_ms, compressed)
			VALUES (1, 1, 1, 'e', 'completed', 'script', 'g/s', 'g', '{"id":"e"}', 1500, TRUE);
		INSERT INTO execution_marks (user_id, execution, bookmarked, note, updated_at) VALUES (1, 1, TRUE, 'n', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO execution_shares (execution, shared_by, shared_at) VALUES (1, 'Ann', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO saved_filters (user_id, name, name_key, filter, created_at) VALUES (1, 'F', 'f', 'state=failed', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO always_on (script_ref, user_id, project_id, parameters, created_at, created_by)
			VALUES ('g/s', 1, 1, '{"n":1}', '2026-01-02T03:04:05.000000000Z', 'Ann');
		INSERT INTO audit (at, actor_kind, user_id, actor, actor_level, action, object, after, hash) VALUES
			('2026-01-02T03:04:05.000000000Z', 'user', 1, 'Ann', 'admin', 'sign in', 'user:Ann', NULL, zeroblob(32)),
			('2026-01-02T03:04:06.000000000Z', 'system', NULL, 'setup', '', 'setting.set', 'x', '1', zeroblob(32));`,
		`SELECT count(*) FROM execution_logs e JOIN execution_marks m ON m.execution = e.id JOIN execution_shares s ON s.execution = e.id
			JOIN saved_filters f ON f.user_id = e.user_id WHERE e.duration_ms = 1500 AND e.compressed AND m.note = 'n' AND f.name = 'F'
				AND (SELECT count(*) FROM audit) = 2`,
	},
	8: {
		`INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ann', 'ann@localhost', 'h', 'admin', 'ann', 'Ann', 'Ann');
		INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder) VALUES (1, 'project_default', TRUE, 'project_default', 'project_default');
		INSERT INTO script_groups (name, directory_path, required_level, ref, digest, data) VALUES ('G', '/g', 'viewer', 'g', 1, '{"id":"g"}');
		INSERT INTO scripts (group_id, filename, required_level, ref, digest, data, parameters) VALUES (1, 's.py', 'viewer', 'g/s', 1, '{"id":"g/s"}', 'null');
		INSERT INTO execution_logs (script_id, user_id, project_id, execution_uuid, status, kind, script_ref, group_ref, data, duration_ms, compressed)
			VALUES (1, 1, 1, 'e', 'completed', 'script', 'g/s', 'g', '{"id":"e"}', 1500, TRUE);
		INSERT INTO execution_marks (user_id, execution, bookmarked, note, updated_at) VALUES (1, 1, TRUE, 'n', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO execution_shares (execution, shared_by, shared_at) VALUES (1, 'Ann', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO saved_filters (user_id, name, name_key, filter, created_at) VALUES (1, 'F', 'f', 'state=failed', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO always_on (script_ref, user_id, project_id, parameters, created_at, created_by)
			VALUES ('g/s', 1, 1, '{"n":1}', '2026-01-02T03:04:05.000000000Z', 'Ann');
		INSERT INTO permissions (group_ref, script_ref, user_id, allowed, set_by, set_at) VALUES ('g', '', 1, FALSE, 'Ann', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO audit (at, actor_kind, user_id, actor, actor_level, action, object, after, hash) VALUES
			('2026-01-02T03:04:05.000000000Z', 'user', 1, 'Ann', 'admin', 'sign in', 'user:Ann', NULL, zeroblob(32)),
			('2026-01-02T03:04:06.000000000Z', 'system', NULL, 'setup', '', 'setting.set', 'x', '1', zeroblob(32));`,
		`SELECT count(*) FROM execution_logs e JOIN execution_marks m ON m.execution = e.id JOIN execution_shares s ON s.execution = e.id
			JOIN saved_filters f ON f.user_id = e.user_id WHERE e.duration_ms = 1500 AND e.compressed AND m.note = 'n' AND f.name = 'F'
				AND (SELECT count(*) FROM audit) = 2
				AND (SELECT count(*) FROM permissions) = 1`,
	},
}

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
