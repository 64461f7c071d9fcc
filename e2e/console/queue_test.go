//go:build e2e && linux

package console_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// one lets one page run at once.
func one() map[string]any {
	return map[string]any{"web_interface": map[string]any{"max_concurrent_interfaces": 1}}
}

// TestQueue: what is over the limit is refused with the limit named, or waits
// and starts by itself (SPEC EXE-5).
func TestQueue(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, one())
	for _, name := range []string{"first", "second", "third"} {
		in.script(name, page("", ""))
	}
	server, _ := in.serve()
	first := in.object("run", "tools/first")["execution_id"].(string)
	wantFailure(t, in.command("run", "tools/second").run(), exitBusy, "of all users", "at once: 1 (")

	second := in.command("run", "tools/second", "--queue", "--wait", "ready").start()
	waitFor(t, "the place", func() bool { return strings.Contains(second.stderr.String(), "of all users") })
	third := in.object("run", "tools/third", "--queue")
	if third["state"] != "queued" {
		t.Errorf("the third: %v", third)
	}
	id := third["execution_id"].(string)
	if queue, _ := in.show(id)["queue"].(map[string]any); queue["place"] != 2.0 || queue["limit"] != "max_concurrent_interfaces" {
		t.Errorf("the third waits as %v", queue)
	}
	in.ok(in.command("stop", first))
	waitFor(t, "the second's page", func() bool { return strings.Contains(second.stdout.String(), "http://") })
	waitFor(t, "the third to move up", func() bool {
		queue, _ := in.show(id)["queue"].(map[string]any)
		return queue["place"] == 1.0
	})
	second.signal(sigint)
	second.end()
	waitFor(t, "the third's page", func() bool { return in.show(id)["phase"] == "ready" })

	// What waits when the application is quit is ended, and what waits when it
	// is killed, too.
	quit := in.object("run", "tools/first", "--queue")["execution_id"].(string)
	server.signal(syscall.SIGTERM)
	server.end()
	if shown := in.show(quit); shown["state"] != "terminated" || shown["reason"] != "quit" {
		t.Errorf("after quit: %v", shown)
	}
	server, _ = in.serve()
	page := in.object("run", "tools/first")["execution_id"].(string)
	waitFor(t, "the page", func() bool { return in.show(page)["phase"] == "ready" })
	lost := in.object("run", "tools/second", "--queue")["execution_id"].(string)
	server.signal(syscall.SIGKILL)
	server.end()
	if shown := in.show(lost); shown["state"] != "terminated" || shown["reason"] != "lost" ||
		!strings.Contains(shown["reason_text"].(string), "waiting for room") {
		t.Errorf("after a kill: %v", shown)
	}
}

// TestQueueBehindAnotherCommand: the engine that it waits in ends with the
// command before it, whose page made room.
func TestQueueBehindAnotherCommand(t *testing.T) {
	t.Parallel()
	queueBehindAnotherCommand(newInstallation(t, one()))
}

// TestQueueBehindAnotherCommandOnASlowDisk: an engine takes its time to end
// there, and hangs up on those that ask it meanwhile.
func TestQueueBehindAnotherCommandOnASlowDisk(t *testing.T) {
	t.Parallel()
	library := filepath.Join(t.TempDir(), "slowdisk.so")
	if out, err := exec.Command("gcc", "-shared", "-fPIC", "-o", library, "testdata/slowdisk.c", "-ldl").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	in := newInstallation(t, one())
	in.envs = append(in.envs, "LD_PRELOAD="+library)
	queueBehindAnotherCommand(in)
}

func queueBehindAnotherCommand(in *installation) {
	t := in.t
	in.script("one", page("", ""))
	in.script("two", page("", ""))
	first, _ := in.front("tools/one")
	second := in.command("run", "tools/two", "--queue", "--wait", "ready").start()
	waitFor(t, "the place", func() bool { return strings.Contains(second.stderr.String(), "of all users") })
	first.signal(sigint)
	first.end()
	waitFor(t, "the second's page", func() bool { return strings.Contains(second.stdout.String(), "http://") })
	second.signal(sigint)
	if r := second.end(); r.code != exitOK {
		t.Errorf("the second: %v", r)
	}
}
