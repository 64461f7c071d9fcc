//go:build e2e && linux

package console_test

import (
	"strconv"
	"syscall"
	"testing"
)

// TestAlwaysOn: it is started with serve, and again after it was killed, also
// together with serve (SPEC EXE-6, EXE-8).
func TestAlwaysOn(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("keeper", page("@always_on: true", ""))
	number := int(in.object("always-on", "set", "tools/keeper")["id"].(float64))
	actual := func() map[string]any { return in.list("always-on", "list")[0]["actual"].(map[string]any) }
	if a := actual(); a["state"] != "off" {
		t.Errorf("without serve: %v", a)
	}
	// comes waits until another execution than before is ready, and gives it.
	comes := func(before string) (id string, pid int) {
		t.Helper()
		waitFor(t, "the script", func() bool {
			id, _ = actual()["execution_id"].(string)
			return id != "" && id != before && in.show(id)["phase"] == "ready"
		})
		return id, int(in.show(id)["pid"].(float64))
	}
	server, _ := in.serve()
	first, pid := comes("")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	second, pid := comes(first)
	if a := actual(); a["failures"] != 1.0 || a["last_id"] != first || a["last_reason"] != "signal" {
		t.Errorf("after it was killed: %v", a)
	}

	// It goes on without serve, and the next one takes it up.
	server.signal(syscall.SIGKILL)
	server.end()
	in.serve()
	if third, again := comes(""); third != second || again != pid {
		t.Errorf("after serve was killed it is %s (%d), was %s (%d)", third, again, second, pid)
	}
	in.ok(in.command("always-on", "clear", strconv.Itoa(number)))
	waitFor(t, "its end", func() bool { return in.show(second)["state"] == "terminated" })
	gone(t, pid)
	if list := in.list("always-on", "list"); len(list) != 0 {
		t.Errorf("switched off: %v", list)
	}
	wantFailure(t, in.command("always-on", "clear", strconv.Itoa(number)).run(), exitNotFound, strconv.Itoa(number))
}
