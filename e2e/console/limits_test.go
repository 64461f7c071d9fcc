//go:build e2e && linux

package console_test

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// ended waits until the execution is over.
func (in *installation) ended(id string) map[string]any {
	in.t.Helper()
	var e map[string]any
	waitFor(in.t, "the end of "+id, func() bool {
		time.Sleep(100 * time.Millisecond) // each look is a process
		e = in.show(id)
		state := e["state"]
		return state != "queued" && state != "running"
	})
	return e
}

// started runs a script without waiting for it, and gives its execution's id.
func (in *installation) started(script string) string {
	in.t.Helper()
	id, ok := in.object("run", script)["execution_id"].(string)
	if !ok {
		in.t.Fatalf("%s was not started", script)
	}
	return id
}

// EXE-4: over a limit an execution is ended, with the reason in words; it says
// before which limits it has and how they are held.
func TestLimitsEndExecutions(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, map[string]any{"limits": map[string]any{"grace_seconds": 1, "start_seconds": 30, "processes": 8}})
	in.script("memory", task("@memory_limit: 100M", "x = bytearray(250 << 20)\ntime.sleep(200)"))
	in.script("time", task("@execution_timeout: 2", "time.sleep(200)"))
	in.script("processes", task("", "for i in range(14):\n    if os.fork() == 0: time.sleep(200)\ntime.sleep(200)"))
	_, _ = in.serve()
	for script, want := range map[string]struct{ reason, text, kind, source string }{
		"memory":    {"memory", "Ended: used more than 100 MB", "memory", "script"},
		"time":      {"timeout", "Ended: ran longer than 2 seconds", "time", "script"},
		"processes": {"processes", "Ended: had more than 8 processes", "processes", "configuration"},
	} {
		t.Run(script, func(t *testing.T) {
			in := *in
			in.t = t
			id := in.started("tools/" + script)
			e := in.ended(id)
			if e["state"] != "terminated" || e["reason"] != want.reason || e["reason_text"] != want.text {
				t.Errorf("%v %v %q, want %s %q", e["state"], e["reason"], e["reason_text"], want.reason, want.text)
			}
			found := false
			limits, _ := e["limits"].([]any)
			for _, l := range limits {
				limit, _ := l.(map[string]any)
				found = found || limit["kind"] == want.kind && limit["source"] == want.source && limit["means"] != "" && limit["means"] != "none"
			}
			if !found {
				t.Errorf("limits: %v", e["limits"])
			}
			if text := in.ok(in.command("execution", "show", id)); !strings.Contains(text, "Limit        "+want.kind+" ") {
				t.Errorf("not in words: %s", text)
			}
		})
	}
}

// EXE-4: who is warned of the time may have as much again, and it is recorded.
func TestTimeIsExtended(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("slow", task("@execution_timeout: 80", "time.sleep(300)"))
	_, _ = in.serve()
	id := in.started("tools/slow")
	warning := func() map[string]any { w, _ := in.show(id)["warning"].(map[string]any); return w }
	waitFor(t, "the warning", func() bool {
		time.Sleep(300 * time.Millisecond) // each look is a process
		return warning() != nil
	})
	if w := warning(); w["reason"] != "timeout" || w["seconds"] != float64(80) {
		t.Errorf("%v", w)
	}
	if e := in.object("execution", "keep", id); e["state"] != "running" || e["warning"] != nil {
		t.Errorf("kept: %v %v", e["state"], e["warning"])
	}
	if rows := in.query("SELECT action FROM audit WHERE action = 'execution.extend' AND object = 'execution:" + id + "'"); len(rows) != 1 {
		t.Errorf("audit: %v", rows)
	}
	in.ok(in.command("stop", id, "--now"))
}

// WIN-4: a page that nobody uses ends, with the reason in words; its port is free.
func TestIdlePageEnds(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, map[string]any{"web_interface": map[string]any{"session_timeout": 3}})
	in.script("page", page("", ""))
	in.script("background", page("@background: true", ""))
	_, _ = in.serve()
	background := in.started("tools/background")
	id := in.started("tools/page")
	e := in.ended(id)
	if e["state"] != "terminated" || e["reason"] != "idle" || e["reason_text"] != "Ended: not used for 3 s" {
		t.Errorf("%v %v %q", e["state"], e["reason"], e["reason_text"])
	}
	pid, _ := e["pid"].(float64)
	gone(t, int(pid))
	port, _ := e["port"].(float64)
	if answers(int(port)) {
		t.Error("port " + strconv.Itoa(int(port)) + " still answers")
	}
	if b := in.show(background); b["state"] != "running" || b["limits"] != nil {
		t.Errorf("a background page: %v %v", b["state"], b["limits"])
	}
	in.ok(in.command("stop", background))
}
