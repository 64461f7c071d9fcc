//go:build e2e && linux

package console_test

import (
	"strings"
	"testing"
)

// Executions are counted and measured at the command line.
func TestExecutionsAreCounted(t *testing.T) { // LOG-9, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("good", task("", `print("well")`))
	in.script("bad", task("", `sys.exit(3)`))
	empty := in.object("log", "stats")
	wantKeys(t, "log stats", empty, "executions", "completed", "failed", "terminated", "success_rate", "duration", "scripts", "projects", "bytes", "days")
	if empty["executions"] != 0.0 || empty["success_rate"] != nil || empty["duration"] != nil {
		t.Errorf("of nothing: %v", empty)
	}
	for range 2 {
		in.ok(in.command("run", "tools/good", "--wait", "end"))
	}
	if code := in.command("run", "tools/bad", "--wait", "end").run().code; code != 1 {
		t.Fatalf("exit code %d", code)
	}
	st := in.object("log", "stats", "--days", "7", "--user", adminName)
	if st["executions"] != 3.0 || st["completed"] != 2.0 || st["failed"] != 1.0 || st["terminated"] != 0.0 {
		t.Errorf("counts of %v", st)
	}
	if rate, _ := st["success_rate"].(float64); rate < 0.66 || rate > 0.67 {
		t.Errorf("success rate %v", st["success_rate"])
	}
	took, _ := st["duration"].(map[string]any)
	wantKeys(t, "durations", took, "mean_ms", "p50_ms", "p90_ms", "p99_ms")
	p50, _ := took["p50_ms"].(float64)
	p99, _ := took["p99_ms"].(float64)
	if p50 <= 0 || p99 < p50 {
		t.Errorf("durations %v", took)
	}
	scripts, _ := st["scripts"].([]any)
	if len(scripts) != 2 {
		t.Fatalf("scripts %v", scripts)
	}
	first, _ := scripts[0].(map[string]any)
	if first["script_id"] != "tools/good" || first["executions"] != 2.0 || first["success_rate"] != 1.0 {
		t.Errorf("most used %v", first)
	}
	if projects, _ := st["projects"].([]any); len(projects) != 1 {
		t.Errorf("projects %v", projects)
	}
	if days, _ := st["days"].([]any); len(days) != 7 {
		t.Errorf("days %v", days)
	}
	if bytes, _ := st["bytes"].(float64); bytes <= 0 {
		t.Errorf("logs take %v", st["bytes"])
	}
	if one := in.object("log", "stats", "--days", "0", "--script", "tools/bad.py"); one["executions"] != 1.0 || one["failed"] != 1.0 {
		t.Errorf("of one script %v", one)
	}
	r := in.command("log", "stats").run()
	for _, part := range []string{"success rate", "67 %", "tools/good", "tools/bad"} {
		if !strings.Contains(r.stdout, part) {
			t.Errorf("no %q in %s", part, r)
		}
	}
	for _, refused := range [][]string{{"log", "stats", "--days=-1"}, {"log", "stats", "--days", "99999"}, {"log", "stats", "--user", "nobody"}} {
		if r := in.command(refused...).run(); r.code == 0 || r.stderr == "" {
			t.Errorf("%q: %s", refused, r)
		}
	}
}
