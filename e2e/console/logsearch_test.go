//go:build e2e && linux

package console_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Lines of all executions are found at the command line, also of what runs now,
// of a script that wrote in colour, and where the index was damaged.
func TestLogsAreSearched(t *testing.T) { // LOG-5, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("first", task("", `print("pump P-101 started"); print("\033[31mpump\033[0m failed at 3.14 bar")`))
	in.script("second", task("", `sys.stderr.write("the pump is fine\n"); sys.exit(3)`))
	in.script("third", page("@display_name: Third", `print("pump here", flush=True)`))
	in.ok(in.command("run", "tools/first", "--wait", "end"))
	if code := in.command("run", "tools/second", "--wait", "end").run().code; code != 1 {
		t.Fatalf("exit code %d", code)
	}
	texts := func(args ...string) string {
		var found []string
		for _, line := range in.list(append([]string{"log", "search"}, args...)...) {
			text, _ := line["text"].(string)
			found = append(found, text)
		}
		return strings.Join(found, "|")
	}
	check := func(want string, args ...string) {
		t.Helper()
		if got := texts(args...); got != want {
			t.Errorf("log search %q: %q, want %q", args, got, want)
		}
	}
	check("the pump is fine|pump failed at 3.14 bar|pump P-101 started", "pump")
	check("pump failed at 3.14 bar", "PUMP 3.14 -started")
	check("the pump is fine", `"pump is"`)
	check("pump P-101 started", "*tarte*")
	check("the pump is fine", "pump", "--script", "tools/second.py")
	check("the pump is fine", "pump", "--stream", "stderr")
	check("the pump is fine", "pump", "--state", "failed")
	check("the pump is fine", "pump", "--limit", "1")
	check("", "pump", "--until", "1h")
	check("the pump is fine", "pump", "--kind", "script", "--limit", "1")
	check("", "pump", "--kind", "environment")
	check("", "pump", "--only", "shared")
	check("", "pump", "--only", "bookmarked")
	check("the pump is fine|pump failed at 3.14 bar|pump P-101 started", "pump", "--since", "1h", "--user", adminName)
	lines := in.list("log", "search", "failed")
	if len(lines) != 1 {
		t.Fatalf("%v", lines)
	}
	wantKeys(t, "log search", lines[0], "execution_id", "line", "time", "stream", "text", "script_id", "user")
	wantTimes(t, "log search", lines[0])

	in.serve()
	command, answer := in.front("tools/third")
	waitFor(t, "the line of what runs", func() bool { return strings.HasPrefix(texts("pump", "--limit", "1"), "pump here") })
	in.ok(in.command("stop", answer.ExecutionID))
	command.end()

	for _, refused := range [][]string{
		{"log", "search", "*"},
		{"log", "search", "pump", "--since", "tomorrow"},
		{"log", "search", "pump", "--limit", "0"},
		{"log", "search", "pump", "--state", "odd"},
		{"log", "search", "pump", "--kind", "odd"},
		{"log", "search", "pump", "--only", "odd"},
		{"log", "search", "pump", "--stream", "debug"},
		{"log", "search", "--", "-pump"},
	} {
		if r := in.command(refused...).run(); r.code != 2 || r.stderr == "" {
			t.Errorf("%q: %s", refused, r)
		}
	}
}

func TestDamagedIndexOfLogsIsMadeAnew(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("first", task("", `print("pump started")`))
	in.ok(in.command("run", "tools/first", "--wait", "end"))
	for range 2 {
		if found := in.list("log", "search", "pump"); len(found) != 1 {
			t.Errorf("%v", found)
		}
		if err := os.WriteFile(filepath.Join(in.dir, "data", "log_index.db"), []byte(strings.Repeat("rubbish", 5000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
