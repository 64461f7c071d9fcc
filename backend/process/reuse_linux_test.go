package process

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// reused gives the identity of a process that has ended, and a living process
// that has its pid now. Where the system lets nobody choose a pid, the identity
// is made up from the living one.
func reused(t *testing.T) (Identity, *exec.Cmd) {
	t.Helper()
	sleep := func() *exec.Cmd {
		cmd := exec.Command("/bin/sleep", "1000")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		return cmd
	}
	first := sleep()
	id, err := Of(first.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	_ = first.Process.Kill()
	_ = first.Wait()
	for range 20 { // others start processes, too
		if os.WriteFile("/proc/sys/kernel/ns_last_pid", fmt.Append(nil, id.PID-1), 0) != nil {
			break
		}
		if again := sleep(); again.Process.Pid == id.PID {
			t.Log("the pid was given again")
			// Within a hundredth of a second both have the same start: no test of ours.
			if now, err := Of(id.PID); err == nil && now.Start == id.Start {
				id.Start--
			}
			return id, again
		}
	}
	other := sleep()
	now, err := Of(other.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	now.Start--
	return now, other
}

// EXE-3: a pid that is another process's by now is never signalled, on any path.
func TestReusedPID(t *testing.T) {
	gone, other := reused(t)
	child := exec.Command("/bin/sh", "-c", "sleep 1000 & echo x; wait")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { KillTree(child.Process.Pid); _ = child.Process.Kill(); _ = child.Wait() })
	if _, err := out.Read(make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	parent, err := Of(child.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	stale := parent
	stale.Start--
	if gone.Alive() || stale.Alive() {
		t.Error("one that is gone is alive")
	}
	for _, id := range []Identity{gone, stale} {
		if err := id.Signal(syscall.SIGKILL); err == nil {
			t.Error("signalled")
		}
		if err := id.Kill(); err == nil {
			t.Error("killed")
		}
		if n := id.KillTree(); n != 0 {
			t.Errorf("%d killed below", n)
		}
		member{id.PID, id.Start}.signal(syscall.SIGKILL)
	}
	if n := killBelow(1, map[int][]member{1: {{gone.PID, gone.Start}, {stale.PID, stale.Start}}}); n != 2 {
		t.Errorf("%d", n)
	}
	tree := members(child.Process.Pid)
	if s, err := readStat(other.Process.Pid); err != nil || s.state == 'Z' || s.state == 'T' {
		t.Errorf("who has the pid now: %c, %v", s.state, err)
	}
	if !parent.Alive() || len(tree) != 1 {
		t.Errorf("its tree is %v", tree)
	}
	if n := parent.KillTree(); n != 1 {
		t.Errorf("%d killed below who is meant", n)
	}
}
