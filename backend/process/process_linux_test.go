package process_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"scriptsmanager/backend/process"
)

// start runs a shell command that first prints a line, and gives that.
func start(t *testing.T, command string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", command)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(line)
}

func TestIdentity(t *testing.T) {
	self, err := process.Self()
	if err != nil || self.PID != os.Getpid() || self.Start == 0 || self.BootID == "" || !self.Alive() {
		t.Errorf("%+v, %v", self, err)
	}
	cmd, _ := start(t, "echo x; exec sleep 1000")
	id, err := process.Of(cmd.Process.Pid)
	if err != nil || !id.Alive() {
		t.Fatalf("%+v, %v", id, err)
	}
	for name, other := range map[string]process.Identity{
		"another start": {PID: id.PID, Start: id.Start + 1, BootID: id.BootID},
		"another boot":  {PID: id.PID, Start: id.Start, BootID: "x"},
		"none":          {},
	} {
		if other.Alive() {
			t.Errorf("%s is alive", name)
		}
		if err := other.Kill(); err == nil {
			t.Errorf("%s was killed", name)
		}
	}
	if !id.Alive() {
		t.Fatal("it was killed under another's name")
	}
	if err := id.Kill(); err != nil {
		t.Fatal(err)
	}
	// A zombie, as nobody has waited for it yet, is not alive.
	for limit := time.Now().Add(10 * time.Second); id.Alive() && time.Now().Before(limit); {
		time.Sleep(time.Millisecond)
	}
	if id.Alive() {
		t.Error("a zombie is alive")
	}
	_ = cmd.Wait()
	if err := id.Signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal after the end: %v", err)
	}
}

func TestTree(t *testing.T) {
	// The name in brackets is the worst that a program can call itself.
	cmd, inner := start(t, `cp /bin/sleep "/tmp/x) S 1 $$" && sh -c '"/tmp/x) S 1 '$$'" 1000 & echo $$ $!; wait'; rm -f "/tmp/x) S 1 $$"`)
	t.Cleanup(func() { _ = os.Remove("/tmp/x) S 1 " + strconv.Itoa(cmd.Process.Pid)) })
	var want []int
	for _, field := range strings.Fields(inner) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, pid)
	}
	if got := process.Children(cmd.Process.Pid); !slices.Equal(got, want[:1]) {
		t.Errorf("children %v, want %v", got, want[:1])
	}
	if got := process.Tree(cmd.Process.Pid); !slices.Equal(got, want) {
		t.Errorf("tree %v, want %v", got, want)
	}
	if u := process.UsageOf(want); u.Count != 2 || u.Memory == 0 {
		t.Errorf("usage %+v", u)
	}
	if n := process.KillTree(cmd.Process.Pid); n != 2 {
		t.Errorf("%d killed", n)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the root did not go on: %v", err)
	}
}

func TestTag(t *testing.T) {
	seen := map[process.Tag]bool{}
	for range 1000 {
		tag := process.NewTag()
		if tag == (process.Tag{}) {
			t.Skip("the limit of message queues leaves no room here")
		}
		if tag.Soft > tag.Hard || tag.Soft < 100_000 || seen[tag] {
			t.Fatalf("tag %+v, seen before: %v", tag, seen[tag])
		}
		seen[tag] = true
	}
	tag := process.NewTag()
	limits := strconv.FormatUint(tag.Soft, 10) + ":" + strconv.FormatUint(tag.Hard, 10)
	cmd, daemon := start(t, "exec prlimit --msgqueue="+limits+" sh -c 'env -i setsid sleep 1000 & echo $!; wait'")
	found := tag.Find()
	var pids []int
	for _, id := range found {
		pids = append(pids, id.PID)
	}
	pid, _ := strconv.Atoi(daemon)
	if want := []int{cmd.Process.Pid, pid}; !slices.Equal(pids, want) {
		t.Errorf("found %v, want %v", pids, want)
	}
	for _, id := range found {
		_ = id.Kill()
	}
	if got := (process.Tag{}).Find(); got != nil {
		t.Errorf("no tag finds %v", got)
	}
}
