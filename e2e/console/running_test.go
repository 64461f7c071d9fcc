//go:build e2e && linux

package console_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What runs, what it uses and what it holds is told while it runs, and how it
// ended afterwards.
func TestWhatRunsIsTold(t *testing.T) { // ADM-2, PRT-5, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("page", page("@display_name: A page", ""))
	in.script("other", task("", `sys.exit(7)`))
	in.serve()
	command, answer := in.front("tools/page")
	id := answer.ExecutionID

	var live map[string]any
	waitFor(t, "figures of what runs", func() bool {
		live = in.show(id)
		cpu, _ := live["cpu_seconds"].(float64)
		memory, _ := live["memory_peak_bytes"].(float64)
		return cpu > 0 && memory > 1<<20
	})
	wantKeys(t, "execution show", live, "state", "reason", "exit_code", "confinement", "port", "pid", "cpu_seconds", "memory_peak_bytes")
	if live["state"] != "running" || live["reason"] != "" || live["exit_code"] != nil || live["pid"] != float64(answer.PID) {
		t.Errorf("execution show: %v", live)
	}

	ids := func(state string) (list []string) {
		for _, e := range in.list("execution", "list", "--state", state) {
			one, _ := e["id"].(string)
			list = append(list, one)
		}
		return list
	}
	if running := ids("running"); !slices.Equal(running, []string{id}) {
		t.Errorf("execution list --state running: %v", running)
	}

	var ports []map[string]any
	waitFor(t, "the port as the page's", func() bool { // it is written beside, just after the page answers
		ports = in.list("port", "list")
		return len(ports) == 1 && ports[0]["state"] == "active"
	})
	wantTimes(t, "port list", ports[0])
	for key, want := range map[string]any{
		"port": live["port"], "execution_id": id, "script_id": "tools/page", "user": adminName,
		"project": "project_default", "pid": float64(answer.PID), "state": "active",
	} {
		if ports[0][key] != want {
			t.Errorf("port list: %s is %v, want %v", key, ports[0][key], want)
		}
	}
	wantKeys(t, "port list", ports[0], "since")
	number, _ := live["port"].(float64)
	if text := in.ok(in.command("port", "list")); !strings.Contains(text, strconv.Itoa(int(number))) || !strings.Contains(text, id) {
		t.Errorf("port list for people:\n%s", text)
	}

	in.ok(in.command("stop", id))
	command.end()
	ended := in.show(id)
	if cpu, _ := ended["cpu_seconds"].(float64); ended["state"] != "terminated" || ended["reason"] != "stopped" || cpu <= 0 {
		t.Errorf("execution show afterwards: %v", ended)
	}
	if left := in.list("port", "list"); len(left) != 0 {
		t.Errorf("port list afterwards: %v", left)
	}
	if running := ids("running"); len(running) != 0 {
		t.Errorf("running afterwards: %v", running)
	}
	in.command("run", "tools/other", "--wait", "end", "--json").run()
	failed := in.list("execution", "list", "--state", "failed")
	if len(failed) != 1 || failed[0]["exit_code"] != float64(7) || failed[0]["reason"] != "exit_code" {
		t.Errorf("what failed: %v", failed)
	}
}

func TestDoctorTellsWhatIsEnforced(t *testing.T) { // SEC-2, PKG-3
	t.Parallel()
	in := newRoot(t, map[string]any{"confinement": "prefer"})
	found, _ := in.object("doctor")["confinement"].(map[string]any)
	wantKeys(t, "doctor", found, "policy", "level", "system", "abi", "holds", "missing")
	if found["policy"] != "prefer" {
		t.Errorf("the policy is %v", found["policy"])
	}
	level, _ := found["level"].(string)
	if !slices.Contains([]string{"full", "files", "limits", "none"}, level) {
		t.Errorf("the level is %q", level)
	}
	holds, _ := found["holds"].([]any)
	missing, _ := found["missing"].([]any)
	if len(holds)+len(missing) != 10 {
		t.Errorf("of ten parts, these hold: %v; and these are missing: %v", holds, missing)
	}
}
