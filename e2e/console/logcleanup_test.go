//go:build e2e && linux

package console_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sql changes the database of an installation that nobody uses now.
func (in *installation) sql(statement string) {
	in.t.Helper()
	program := "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute('PRAGMA foreign_keys = ON')\nc.executescript(sys.argv[2])\nc.commit()\n"
	if out, err := exec.Command("/usr/bin/python3", "-c", program, filepath.Join(in.dir, "data", "scriptsmanager.db"), statement).CombinedOutput(); err != nil {
		in.t.Fatalf("%s: %v, %s", statement, err, out)
	}
}

// Logs that are kept no longer are removed, old ones are compressed and read as
// before, bookmarked ones stay (LOG-8).
func TestLogsAreCleanedUp(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("talk", task("", `
for i in range(20000): print("line %d of pump P-7" % i)
print("the last word")`))
	ids := map[string]string{}
	for _, name := range []string{"ancient", "kept", "old", "new"} {
		in.ok(in.command("run", "tools/talk", "--wait", "end"))
		id, _ := in.list("execution", "list")[0]["id"].(string)
		ids[name] = id
	}
	for name, days := range map[string]string{"ancient": "-400", "kept": "-401", "old": "-20"} {
		at := "strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now', '" + days + " days')"
		in.sql("UPDATE execution_logs SET created_at = " + at + ", end_time = " + at + " WHERE execution_uuid = '" + ids[name] + "'")
	}
	in.sql("INSERT INTO execution_marks (user_id, execution, bookmarked, note, updated_at) SELECT 1, id, TRUE, '', created_at FROM execution_logs WHERE execution_uuid = '" + ids["kept"] + "'")
	paths := func(id string) string {
		found, err := filepath.Glob(filepath.Join(in.dir, "data", "logs", "executions", "*", "*", "execution_"+id+".*"))
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range found {
			found[i] = strings.TrimPrefix(filepath.Base(path), "execution_"+id)
		}
		return strings.Join(found, " ")
	}
	number := func(answer map[string]any, what string) any {
		part, _ := answer[what].(map[string]any)
		return part["executions"]
	}
	before := in.ok(in.command("log", "show", ids["old"]))
	would := in.object("log", "cleanup", "--dry-run")
	if number(would, "expired") != 1.0 || number(would, "over") != 0.0 || number(would, "compress") != 3.0 { // the expired one is still there
		t.Errorf("%v", would)
	}
	if got := paths(ids["ancient"]); !strings.Contains(got, ".log") {
		t.Errorf("a dry run removed something: %s", got)
	}
	did := in.object("log", "cleanup")
	if number(did, "expired") != 1.0 || number(did, "compress") != 2.0 || did["saved_bytes"].(float64) < 100_000 {
		t.Errorf("%v", did)
	}
	if got := paths(ids["ancient"]); got != "" {
		t.Errorf("of the expired one are left: %s", got)
	}
	for _, name := range []string{"kept", "old"} {
		if got := paths(ids[name]); strings.Contains(got+" ", ".log ") || !strings.Contains(got, ".log.zst") || !strings.Contains(got, ".idx.zst") {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := paths(ids["new"]); strings.Contains(got, ".zst") {
		t.Errorf("a new one is compressed: %s", got)
	}
	if after := in.ok(in.command("log", "show", ids["old"])); after != before || !strings.HasSuffix(after, "the last word\n") {
		t.Errorf("%d bytes of a compressed log, before %d", len(after), len(before))
	}
	in.ok(in.command("log", "search", `"line 19999 of"`))
	if found := in.list("log", "search", `"line 19999 of"`); len(found) != 3 {
		t.Errorf("%d lines found, want one of each that is left", len(found))
	}
	if again := in.object("log", "cleanup"); number(again, "expired") != 0.0 || number(again, "compress") != 0.0 {
		t.Errorf("again: %v", again)
	}
	wantFailure(t, in.command("log", "show", ids["ancient"]).run(), exitNotFound, ids["ancient"])

	// Over the quota, the oldest go, but for the bookmarked one.
	if err := os.WriteFile(filepath.Join(in.dir, "config.json"), []byte(`{"logs": {"quota_megabytes": {"admin": 1}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	in.script("flood", task("", `print("x" * 900_000)`))
	in.ok(in.command("run", "tools/flood", "--wait", "end"))
	if did := in.object("log", "cleanup"); number(did, "over") == 0.0 {
		t.Errorf("over the quota: %v", did)
	}
	left := in.ok(in.command("execution", "list"))
	if strings.Contains(left, ids["old"]) || !strings.Contains(left, ids["kept"]) || !strings.Contains(left, "flood") {
		t.Errorf("left:\n%s", left)
	}
	if text := in.ok(in.command("log", "cleanup", "--dry-run")); !strings.Contains(text, "0 expired executions would be removed") {
		t.Errorf("%s", text)
	}
}
