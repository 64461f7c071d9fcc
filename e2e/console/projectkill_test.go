//go:build e2e && linux

package console_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// filesOf reads all that is in some folders, by path.
func filesOf(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			found[path] = string(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// However early or late the engine is killed while a project is restored, alone
// or with all that belongs to it, the project is whole afterwards: as it was, or
// as in the backup. Nothing lies about.
func TestEngineIsKilledDuringARestore(t *testing.T) { // PRJ-4, EXE-7
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("write", task("", `print(1)`))
	in.ok(in.command("user", "add", "otto", "--level", "operator").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	in.ok(in.command("project", "create", "Oven", "--as", "otto"))
	data := filepath.Join(in.dir, "data", "script_groups")
	var dirs []string
	for _, group := range []string{"group_tools", "group_other", "group_third"} {
		dirs = append(dirs, filepath.Join(data, group, "user_otto", "project_Oven"))
	}
	fill := func(text string) {
		t.Helper()
		for _, dir := range dirs {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			for i := range 200 {
				path := filepath.Join(dir, fmt.Sprint("deep", i%7), fmt.Sprint(text, "_", i, ".txt"))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(strings.Repeat(text+" ", 4000)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	fill("old")
	old := filesOf(t, dirs...)
	in.ok(in.command("project", "backup", "Oven", "--as", "otto"))
	first := number(in.backups("--as", "otto")[0])
	restored, kept := 0, 0
	for round := range 6 {
		fill("now")
		now := filesOf(t, dirs...)
		server, _ := in.serve()
		asked := in.command("project", "restore", first, "--exact", "--as", "otto", "--wait", "no", "--json").start()
		jobs := filepath.Join(in.dir, "data", "project_jobs")
		var id string
		for end := time.Now().Add(patience); id == "" && time.Now().Before(end); time.Sleep(time.Millisecond) {
			if entries, err := os.ReadDir(jobs); err == nil && len(entries) > 0 {
				id = entries[0].Name()
			}
		}
		time.Sleep(time.Duration(round*10) * time.Millisecond) // the moment is the point
		asked.signal(syscall.SIGKILL)                          // it would ask the next engine again
		server.signal(syscall.SIGKILL)
		<-asked.done
		<-server.done
		if round%3 > 0 { // as where the machine goes out
			for _, line := range processesOf(in.dir) {
				if pid, err := strconv.Atoi(line[:strings.IndexByte(line, ':')]); err == nil {
					_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
				}
			}
		}
		waitFor(t, "the end of all processes", func() bool { return len(processesOf(in.dir)) == 0 })
		var state any
		waitFor(t, "the restore's end on record", func() bool {
			state = in.show(id)["state"]
			return state == "completed" || state == "failed" || state == "terminated"
		})
		switch is := filesOf(t, dirs...); {
		case maps.Equal(is, old):
			restored++
		case maps.Equal(is, now):
			kept++
			if state == "completed" {
				t.Errorf("round %d: the restore is %v, and the project as it was", round, state)
			}
		default:
			t.Fatalf("round %d: the project is neither as it was nor as in the backup: %d files", round, len(is))
		}
		left, _ := filepath.Glob(filepath.Join(in.dir, "data", "backups", ".*"))
		works, _ := filepath.Glob(filepath.Join(jobs, "*"))
		beside, _ := filepath.Glob(filepath.Join(data, "*", "user_otto", "*"))
		above, _ := filepath.Glob(filepath.Join(data, ".*"))
		hidden, _ := filepath.Glob(filepath.Join(data, "*", "user_otto", ".*"))
		if all := append(append(append(left, works...), above...), hidden...); len(all) > 0 || len(beside) != len(dirs) {
			t.Errorf("round %d: left behind: %v, %v", round, all, beside)
		}
		zips, _ := filepath.Glob(filepath.Join(in.dir, "data", "backups", "*.zip"))
		listed := in.backups("--as", "otto")
		if len(zips) != len(listed) {
			t.Errorf("round %d: %d zips, %d on record", round, len(zips), len(listed))
		}
		for _, b := range listed {
			if b["missing"] == true {
				t.Errorf("round %d: %v is not whole", round, b["file"])
			}
		}
	}
	t.Logf("%d times as in the backup, %d times as it was", restored, kept)
}
