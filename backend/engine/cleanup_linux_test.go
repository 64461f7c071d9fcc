package engine_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// cleaned is a configuration of few days and 1 MiB.
const cleaned = `{"web_interface":{"port_range":{"start":START,"end":END}},"logs":{"compress_days":0,"quota_megabytes":{"admin":1},"retention_days":{"admin":30}}}`

var byTest = engine.Actor{Kind: "system", Name: "test"}

// before is an execution of before.
type before struct {
	age   time.Duration
	bytes int
	path  string
}

// keepRows writes executions into the record.
func keepRows(t *testing.T, n *installation, rows []before) {
	t.Helper()
	db, err := sql.Open("sqlite3", n.root.Database()+"?_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for i, r := range rows {
		at := time.Now().Add(-r.age).UTC().Format("2006-01-02T15:04:05.000000000Z")
		_, err = db.ExecContext(t.Context(), `INSERT INTO execution_logs (user_id, execution_uuid, status, created_at, kind, script_ref, group_ref, data, log_bytes, end_time)
			VALUES (?, ?, 'completed', ?, 'script', 'g/a', 'g', ?, ?, ?)`,
			n.user.ID, fmt.Sprintf("id-%d", i), at, fmt.Sprintf(`{"id":"id-%d","log_path":%q}`, i, r.path), r.bytes, at)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func keptRows(t *testing.T, n *installation) (count int) {
	t.Helper()
	db, err := sql.Open("sqlite3", n.root.Database())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM execution_logs WHERE execution_uuid LIKE 'id-%'`).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// Two clean-ups at once remove what one would.
func TestTwoCleanUps(t *testing.T) {
	n := newInstallation(t, nil, cleaned)
	var rows []before
	for i := range 100 {
		rows = append(rows, before{age: 10*24*time.Hour - time.Duration(i)*time.Minute, bytes: 20_000})
	}
	keepRows(t, n, rows)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if _, err := n.engine.CleanLogs(t.Context(), byTest, n.user, "system", false); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if left := keptRows(t, n); left != 52 {
		t.Errorf("%d are left, 52 fit", left)
	}
}

// One log that cannot be removed keeps no other one, and is told of.
func TestCleanUpGoesOn(t *testing.T) {
	n := newInstallation(t, nil, cleaned)
	stuck := filepath.Join(t.TempDir(), "a.log")
	if err := os.MkdirAll(filepath.Join(stuck, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	rows := []before{{age: 100 * 24 * time.Hour, bytes: 1, path: stuck}}
	for i := range 9 {
		rows = append(rows, before{age: 90*24*time.Hour - time.Duration(i)*time.Minute, bytes: 1})
	}
	keepRows(t, n, rows)
	c, err := n.engine.CleanLogs(t.Context(), byTest, n.user, "system", false)
	if err == nil || c.Expired.Executions != 9 || keptRows(t, n) != 1 {
		t.Errorf("%+v, %d left, %v", c, keptRows(t, n), err)
	}
}

// A dry run says what is done then, and no execution twice.
func TestDryCleanUp(t *testing.T) {
	n := newInstallation(t, nil, cleaned)
	var rows []before
	for i := range 30 {
		days := 100
		if i >= 10 {
			days = 10
		}
		rows = append(rows, before{age: time.Duration(days)*24*time.Hour - time.Duration(i)*time.Minute, bytes: 100_000 + i})
	}
	keepRows(t, n, rows)
	would, err := n.engine.CleanLogs(t.Context(), byTest, n.user, "system", true)
	if err != nil || keptRows(t, n) != 30 {
		t.Fatalf("%d left, %v", keptRows(t, n), err)
	}
	did, err := n.engine.CleanLogs(t.Context(), byTest, n.user, "system", false)
	if err != nil || would != did || did.Expired.Executions != 10 || did.Over.Executions != 10 {
		t.Errorf("would %+v, did %+v, %v", would, did, err)
	}
}

// What logs take of before it was kept is found out: it is not for nothing.
func TestCleanUpOfLogsWithoutSize(t *testing.T) {
	n := newInstallation(t, nil, cleaned)
	var rows []before
	for i := range 10 {
		path := filepath.Join(t.TempDir(), "a.log")
		if err := os.WriteFile(path, make([]byte, 100_000), 0o600); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, before{age: 10*24*time.Hour - time.Duration(i)*time.Minute, path: path})
	}
	rows = append(rows, before{age: time.Hour, bytes: 100_000})
	keepRows(t, n, rows)
	c, err := n.engine.CleanLogs(t.Context(), byTest, n.user, "system", false)
	if err != nil || c.Over.Executions != 1 || keptRows(t, n) != 10 {
		t.Errorf("%+v, %d left, %v", c, keptRows(t, n), err)
	}
}

// A root that was copied works on its own logs, not on those that its records
// were made with.
func TestCopiedRoot(t *testing.T) {
	n := newInstallation(t, nil, cleaned)
	tail := filepath.Join("user_otto", "2026-01-02", "execution_id-0.log")
	original := filepath.Join(t.TempDir(), "data", "logs", "executions", tail)
	own := filepath.Join(n.root.ExecutionLogs(), tail)
	for _, path := range []string{original, own} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("of "+path+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	keepRows(t, n, []before{{age: 100 * 24 * time.Hour, bytes: 1, path: original}})
	x := domain.Execution{ID: "id-0", LogPath: original}
	if page, err := n.engine.ReadLog(x, 1, 10, nil); err != nil || len(page.Lines) != 1 || page.Lines[0].Text != "of "+own {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := n.engine.CleanLogs(t.Context(), byTest, n.user, "system", false); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(original); err != nil {
		t.Errorf("the original's: %v", err)
	}
	if _, err := os.Stat(own); !os.IsNotExist(err) {
		t.Errorf("the root's own: %v", err)
	}
}
