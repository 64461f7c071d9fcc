package shim_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/shim"
	"scriptsmanager/backend/shim/protocol"
)

// tree starts, besides itself, a child, daemons by setsid and double fork with
// a cleared environment, and one that ignores SIGTERM; each prints its pid.
const tree = `
import os, signal, subprocess, sys, time
def say(): os.write(1, b"pid %d\n" % os.getpid())
def daemon(ignore):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            if ignore: signal.signal(signal.SIGTERM, signal.SIG_IGN)
            say()
            if not ignore: os.execve("/bin/sleep", ["sleep", "1000"], {})
            while True: time.sleep(1000)
        os._exit(0)
    os.wait()
say()
for i in range(6): daemon(i % 2 == 0)
p = subprocess.Popen(["/bin/sh", "-c", "echo pid $$; sleep 1000"], env={})
`

const treeSize = 8

// pids waits until the tree is whole and gives its processes.
func pids(t *testing.T, spec shim.Spec) []process.Identity {
	t.Helper()
	until(t, "the whole tree", func() bool {
		b, _ := os.ReadFile(spec.LogBase + format.LogSuffix)
		return strings.Count(string(b), "pid ") == treeSize && strings.HasSuffix(string(b), "\n")
	})
	var found []process.Identity
	for _, line := range strings.Fields(strings.ReplaceAll(output(t, spec), "pid ", "")) {
		pid, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		id, err := process.Of(pid)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, id)
	}
	return found
}

func alive(ids []process.Identity) int {
	n := 0
	for _, id := range ids {
		if id.Alive() {
			n++
		}
	}
	return n
}

// EXE-3: nothing is left, whatever the script forked.
func TestStopEndsTree(t *testing.T) {
	spec := script(t, tree+"time.sleep(1000)")
	s := start(t, spec)
	if pid := await[shim.Started](t, s).PID; pid <= 0 {
		t.Errorf("pid %d", pid)
	}
	ids := pids(t, spec)
	begin := time.Now()
	if err := s.Stop(300 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	stopping := await[shim.Stopping](t, s)
	if stopping.End != protocol.EndStopped || time.Until(stopping.Until) > 300*time.Millisecond {
		t.Errorf("stopping: %+v", stopping)
	}
	ended := await[shim.Ended](t, s)
	if n := alive(ids); n != 0 {
		t.Errorf("%d processes are left", n)
	}
	// The script heard SIGTERM; one daemon ignores it and needs the whole grace.
	if text(ended) != "stopped - SIGTERM" || !ended.GraceOver {
		t.Errorf("%s, grace over %v", text(ended), ended.GraceOver)
	}
	if took := time.Since(begin); took < 300*time.Millisecond || took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestStopHeard(t *testing.T) {
	spec := script(t, `
import os, signal, time
def bye(*_):
    os.write(1, b"bye\n"); os._exit(7)
signal.signal(signal.SIGTERM, bye)
print("ready", flush=True)
time.sleep(1000)`)
	s := start(t, spec)
	said(t, spec, "ready")
	if err := s.Stop(20 * time.Second); err != nil {
		t.Fatal(err)
	}
	ended := await[shim.Ended](t, s)
	if text(ended) != "stopped 7" || ended.GraceOver || output(t, spec) != "ready\nbye\n" {
		t.Errorf("%s, %q", text(ended), output(t, spec))
	}
}

func TestStopIgnored(t *testing.T) {
	spec := script(t, `
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(1000)`)
	s := start(t, spec)
	said(t, spec, "ready")
	begin := time.Now()
	if err := s.Stop(time.Minute); err != nil {
		t.Fatal(err)
	}
	// Asked again, the earlier end of the grace holds.
	if err := errors.Join(s.Stop(200*time.Millisecond), s.Stop(time.Hour)); err != nil {
		t.Fatal(err)
	}
	ended := await[shim.Ended](t, s)
	if text(ended) != "stopped - SIGKILL" || !ended.GraceOver {
		t.Errorf("%s, grace over %v", text(ended), ended.GraceOver)
	}
	if took := time.Since(begin); took < 200*time.Millisecond || took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if err := errors.Join(s.Stop(0), s.Kill()); err != nil {
		t.Errorf("stop after the end: %v", err)
	}
}

func TestStopSuspended(t *testing.T) {
	spec := script(t, "import os, signal; print('x', flush=True); os.kill(os.getpid(), signal.SIGSTOP)")
	s := start(t, spec)
	said(t, spec, "x")
	if err := s.Stop(20 * time.Second); err != nil {
		t.Fatal(err)
	}
	if ended := await[shim.Ended](t, s); ended.GraceOver {
		t.Errorf("a suspended script did not hear SIGTERM: %+v", ended)
	}
}

func TestKill(t *testing.T) {
	spec := script(t, tree+"time.sleep(1000)")
	s := start(t, spec)
	ids := pids(t, spec)
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if ended := await[shim.Ended](t, s); text(ended) != "killed - SIGKILL" || alive(ids) != 0 {
		t.Errorf("%s, %d left", text(ended), alive(ids))
	}
}

// The end of the script is the end of the execution, whatever it left behind.
func TestScriptEndsBeforeChildren(t *testing.T) {
	spec := script(t, tree+"sys.exit(5)")
	spec.Grace = 200 * time.Millisecond
	s := start(t, spec)
	if ended := await[shim.Ended](t, s); text(ended) != "exit 5" {
		t.Error(text(ended))
	}
	for _, line := range strings.Fields(strings.ReplaceAll(output(t, spec), "pid ", "")) {
		if pid, _ := strconv.Atoi(line); exists(pid) {
			t.Errorf("%d is left", pid)
		}
	}
}

func exists(pid int) bool {
	_, err := process.Of(pid)
	return err == nil
}

// engineFor starts this program as an engine that holds the execution.
func engineFor(t *testing.T, spec shim.Spec) *exec.Cmd {
	t.Helper()
	raw, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "engine", program, string(raw))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("engine: %q, %v", line, err)
	}
	return cmd
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

func TestEngineLostStop(t *testing.T) {
	spec := script(t, tree+"time.sleep(1000)")
	spec.Grace = 300 * time.Millisecond
	cmd := engineFor(t, spec)
	ids := pids(t, spec)
	kill(t, cmd)
	until(t, "the end of the tree", func() bool { return alive(ids) == 0 })
	until(t, "the end in the state", func() bool {
		state, err := shim.ReadState(spec.RunDir)
		return err == nil && state.End == protocol.EndHolderLost && state.Phase == protocol.PhaseEnded
	})
	// Whoever comes now still hears how it ended.
	s, err := shim.Attach(context.Background(), spec.RunDir)
	if err != nil {
		t.Fatal(err)
	}
	if ended := await[shim.Ended](t, s); ended.End != protocol.EndHolderLost || ended.Lines != treeSize {
		t.Errorf("%+v", ended)
	}
	if state, err := shim.ReadState(spec.RunDir); err != nil || state.Token != "" {
		t.Errorf("the token outlives the shim: %v, %v", state.Token, err)
	}
}

func TestEngineLostContinue(t *testing.T) {
	spec := script(t, `
import os, sys, time
for i in range(100000):
    print("line", i, flush=True)
    if os.path.exists(sys.argv[1]): sys.exit(9)
    time.sleep(0.001)`, filepath.Join(t.TempDir(), "end"))
	spec.OnLoss = shim.LossContinue
	cmd := engineFor(t, spec)
	said(t, spec, "line 10\n")
	kill(t, cmd)
	before := strings.Count(output(t, spec), "\n")
	until(t, "output without an engine", func() bool { return strings.Count(output(t, spec), "\n") > before+20 })
	s, err := shim.Attach(context.Background(), spec.RunDir)
	if err != nil {
		t.Fatal(err)
	}
	if started := await[shim.Started](t, s); !exists(started.PID) {
		t.Errorf("started: %+v", started)
	}
	if state, err := s.Status(); err != nil || state.Phase != protocol.PhaseRunning || state.Memory == 0 || state.Processes != 1 || state.Token != "" {
		t.Errorf("status: %+v, %v", state, err)
	}
	if err := os.WriteFile(spec.Argv[3], nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ended := await[shim.Ended](t, s)
	if text(ended) != "exit 9" {
		t.Error(text(ended))
	}
	for i, line := range strings.Split(strings.TrimSuffix(output(t, spec), "\n"), "\n") {
		if line != fmt.Sprint("line ", i) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
}

// A hand-over from one holder to the next is no loss.
func TestRelease(t *testing.T) {
	spec := script(t, "print('x', flush=True)\nimport time\ntime.sleep(1000)")
	first := start(t, spec)
	second, err := shim.Attach(context.Background(), spec.RunDir)
	if err != nil {
		t.Fatal(err)
	}
	await[shim.Started](t, second)
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	within(t, first)
	third, err := shim.Attach(context.Background(), spec.RunDir)
	if err != nil {
		t.Fatal(err)
	}
	if state, err := third.Status(); err != nil || state.Phase != protocol.PhaseRunning {
		t.Errorf("after the release: %+v, %v", state, err)
	}
	if err := third.Kill(); err != nil {
		t.Fatal(err)
	}
	await[shim.Ended](t, second)
	await[shim.Ended](t, third)
}

// LOG-3: byte for byte.
func TestManyBytes(t *testing.T) {
	spec := script(t, `
import os, hashlib, random, sys
random.seed(1)
h, n = hashlib.sha256(), 0
while n < 50_000_000:
    b = random.randbytes(random.randint(1, 200_000)); h.update(b); n += len(b)
    while b: b = b[os.write(1, b):]
open(sys.argv[1], "w").write(h.hexdigest())`, filepath.Join(t.TempDir(), "sum"))
	s := start(t, spec)
	ended := await[shim.Ended](t, s)
	if text(ended) != "exit 0" {
		t.Fatal(text(ended))
	}
	got := output(t, spec)
	want, err := os.ReadFile(spec.Argv[3])
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(got))); sum != string(want) || int64(len(got)) != ended.Bytes {
		t.Errorf("other bytes: %d of %d", len(got), ended.Bytes)
	}
	if feeds := int64(strings.Count(got, "\n")); ended.Lines != feeds && ended.Lines != feeds+1 {
		t.Errorf("%d lines for %d line feeds", ended.Lines, feeds)
	}
}

// As long as the shim keeps up, lines stand in the order of writing over both
// streams. The script waits for each to be in the log, which also shows that
// what it wrote is there without any flush of ours.
func TestOrder(t *testing.T) {
	spec := script(t, `
import os, sys, time
size = 0
for i in range(50):
    size += os.write(1 + i % 2, b"%d\n" % i)
    while os.stat(sys.argv[1]).st_size < size: time.sleep(0.001)`)
	spec.Argv = append(spec.Argv, spec.LogBase+format.LogSuffix)
	s := start(t, spec)
	await[shim.Ended](t, s)
	var want []string
	for i := range 50 {
		want = append(want, fmt.Sprintf("%s %d", []string{"stdout", "stderr"}[i%2], i))
	}
	if got := lines(t, spec); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestEvents(t *testing.T) {
	spec := script(t, "for i in range(100000): print(i)")
	s := start(t, spec)
	var kinds []string
	var last shim.Output
	for e := range s.Events() {
		if o, ok := e.(shim.Output); ok {
			if o.Lines < last.Lines || o.Bytes < last.Bytes {
				t.Errorf("output goes back: %+v after %+v", o, last)
			}
			last = o
			if n := len(kinds); n > 0 && kinds[n-1] == "shim.Output" {
				continue
			}
		}
		kinds = append(kinds, fmt.Sprintf("%T", e))
	}
	if got := strings.Join(kinds, " "); got != "shim.Started shim.Output shim.Ended" {
		t.Error(got)
	}
	if last.Lines != 100000 {
		t.Errorf("last output event: %+v", last)
	}
}

// Nobody takes the events: neither script nor shim waits for that.
func TestEventsUnread(t *testing.T) {
	spec := script(t, "import time\nfor i in range(300): print('x' * 1000, flush=True); time.sleep(0.001)")
	s := start(t, spec)
	until(t, "the end", func() bool {
		state, err := shim.ReadState(spec.RunDir)
		return err == nil && state.Phase == protocol.PhaseEnded
	})
	n := 0
	for range s.Events() {
		n++
	}
	if n > 5 {
		t.Errorf("%d events were kept", n)
	}
}

// The script inherits nothing but its three streams.
func TestNoLeaks(t *testing.T) {
	leaked, err := os.CreateTemp(t.TempDir(), "leak")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = leaked.Close() }()
	// As a C library would leave it: open across exec.
	if _, err := unix.FcntlInt(leaked.Fd(), unix.F_SETFD, 0); err != nil {
		t.Fatal(err)
	}
	spec := script(t, `
import os, resource, signal
print(sorted(int(f) for f in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + f)))
print(os.readlink("/proc/self/fd/0"), os.getpgid(0) == os.getpid(), dict(os.environ).get("GOMAXPROCS"))
print([s.name for s in signal.valid_signals() if isinstance(s, signal.Signals) and signal.getsignal(s) == signal.SIG_IGN])
print(len(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
print(os.listdir("/proc/%d/fd" % os.getppid()) and [l for l in (os.readlink("/proc/%d/fd/%s" % (os.getppid(), f)) for f in os.listdir("/proc/%d/fd" % os.getppid())) if "leak" in l])`)
	s := start(t, spec)
	await[shim.Ended](t, s)
	want := "[0, 1, 2]\n/dev/null True None\n['SIGPIPE', 'SIGXFSZ']\n0\n[]\n" // the two are Python's own
	if got := output(t, spec); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// findShim gives the identity of the running shim.
func findShim(t *testing.T, spec shim.Spec) process.Identity {
	t.Helper()
	state, err := shim.ReadState(spec.RunDir)
	if err != nil {
		t.Fatal(err)
	}
	return state.Shim
}

func TestShimKilled(t *testing.T) {
	spec := script(t, tree+"time.sleep(1000)")
	s := start(t, spec)
	ids := pids(t, spec)
	if _, err := shim.Sweep(spec.RunDir); !errors.Is(err, shim.ErrAlive) {
		t.Errorf("sweep of a living shim: %v", err)
	}
	if err := findShim(t, spec).Kill(); err != nil {
		t.Fatal(err)
	}
	for e := range s.Events() {
		if _, ok := e.(shim.Ended); ok {
			t.Errorf("an end that nobody saw: %+v", e)
		}
	}
	until(t, "the shim gone", func() bool { return !findShim(t, spec).Alive() })
	if _, err := shim.Attach(context.Background(), spec.RunDir); !errors.Is(err, shim.ErrLost) {
		t.Errorf("attach: %v", err)
	}
	if alive(ids) != treeSize {
		t.Fatalf("%d are left before the sweep", alive(ids))
	}
	state, err := shim.Sweep(spec.RunDir)
	if err != nil || state.End != protocol.EndLost || state.Lines != treeSize || len(state.Left) != 0 {
		t.Errorf("swept: %+v, %v", state, err)
	}
	if n := alive(ids); n != 0 {
		t.Errorf("%d are left after the sweep", n)
	}
	r, err := log.Open(spec.LogBase)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if page, err := r.Read(1, 0); err != nil || len(page.Lines) != treeSize || !page.Ended || page.Lines[0].Time.IsZero() {
		t.Errorf("log: %+v, %v", page, err)
	}
	if again, err := shim.Sweep(spec.RunDir); err != nil || again.End != protocol.EndLost {
		t.Errorf("swept again: %+v, %v", again, err)
	}
	if _, err := s.Status(); err != nil {
		t.Errorf("status after the sweep: %v", err)
	}
}

// The tag alone finds what a shim left that was killed before it noted anything.
func TestSweepBySpec(t *testing.T) {
	spec := script(t, tree+"time.sleep(1000)")
	s := start(t, spec)
	ids := pids(t, spec)
	state, err := shim.ReadState(spec.RunDir)
	if err != nil {
		t.Fatal(err)
	}
	if err := state.Shim.Kill(); err != nil {
		t.Fatal(err)
	}
	within(t, s)
	spec.Tag, spec.Token = state.Tag, state.Token
	if err := protocol.WriteFile(spec.RunDir, protocol.SpecFile, spec); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(spec.RunDir, protocol.StateFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := shim.Sweep(spec.RunDir); err != nil || alive(ids) != 0 {
		t.Errorf("%d left, %v", alive(ids), err)
	}
}

// Only who knows the token is listened to.
func TestToken(t *testing.T) {
	spec := script(t, "print('x', flush=True)\nimport time\ntime.sleep(1000)")
	s := start(t, spec)
	said(t, spec, "x")
	for _, text := range []string{
		`{"v":1,"id":1,"op":"kill"}`, `{"v":1,"id":1,"op":"hello","token":""}`,
		`{"v":1,"id":1,"op":"hello","token":"` + strings.Repeat("0", 64) + `"}`, `nonsense`, strings.Repeat("x", 70_000),
	} {
		conn, err := net.Dial("unix", filepath.Join(spec.RunDir, protocol.SocketFile))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte(text + "\n" + `{"v":1,"id":2,"op":"kill"}` + "\n"))
		if answer, _ := io.ReadAll(conn); len(answer) != 0 {
			t.Errorf("%.60s was answered: %s", text, answer)
		}
		_ = conn.Close()
	}
	if state, err := s.Status(); err != nil || state.Phase != protocol.PhaseRunning {
		t.Errorf("%+v, %v", state, err)
	}
	for name, mode := range map[string]os.FileMode{"": 0o700, protocol.StateFile: 0o600, protocol.SocketFile: 0o600} {
		if info, err := os.Stat(filepath.Join(spec.RunDir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q has mode %v, %v", name, info.Mode(), err)
		}
	}
	if _, err := os.Stat(filepath.Join(spec.RunDir, protocol.SpecFile)); !errors.Is(err, os.ErrNotExist) {
		t.Error("the spec, with the script's environment, is still there")
	}
}

// A slow or silent reader of the socket holds up nobody.
func TestSubscriberThatDoesNotRead(t *testing.T) {
	spec := script(t, "import time\nfor i in range(2000): print('x' * 100, flush=True)\ntime.sleep(0.2)")
	s := start(t, spec)
	state, err := shim.ReadState(spec.RunDir)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("unix", state.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "{\"v\":1,\"id\":1,\"op\":\"hello\",\"token\":%q}\n{\"v\":1,\"id\":2,\"op\":\"subscribe\"}\n", state.Token); err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 2000 {
			if _, err := io.WriteString(conn, "{\"v\":1,\"id\":3,\"op\":\"status\"}\n"); err != nil {
				return
			}
		}
	}()
	if ended := await[shim.Ended](t, s); text(ended) != "exit 0" || ended.Lines != 2000 {
		t.Errorf("%s, %d lines", text(ended), ended.Lines)
	}
}

func TestShimMissing(t *testing.T) {
	_, err := shim.Start(context.Background(), "/nonexistent/shim", script(t, ""))
	if err == nil || !strings.Contains(err.Error(), "shim_missing") {
		t.Error(err)
	}
}

// Who gives up the start leaves nothing running.
func TestStartCancelled(t *testing.T) {
	for wait := range 30 {
		spec := script(t, "import time; time.sleep(1000)")
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(wait)*time.Millisecond)
		s, err := shim.Start(ctx, program, spec)
		cancel()
		if err != nil {
			if state, e := shim.ReadState(spec.RunDir); e != nil || state.Phase != protocol.PhaseEnded || state.Script.Alive() {
				t.Errorf("after %d ms (%v): %+v, %v", wait, err, state, e)
			}
			continue
		}
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
		within(t, s)
	}
}

func TestLogExists(t *testing.T) {
	spec := script(t, "print('new')")
	if err := os.MkdirAll(filepath.Dir(spec.LogBase), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spec.LogBase+format.LogSuffix, []byte("old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := shim.Start(context.Background(), program, spec); err == nil || output(t, spec) != "old\n" {
		t.Errorf("an old log was written over: %v", err)
	}
}

// A full disk is told of, does not stop the script, and is got over.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a small file system can be mounted by root only")
	}
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a tmpfs cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 512<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	flag := filepath.Join(t.TempDir(), "flag")
	spec := script(t, `
import os, sys, time
for i in range(2000): print("%0999d" % i, flush=True)
print("flood over", file=open(sys.argv[1], "w"))
while os.path.exists(sys.argv[1]): time.sleep(0.005)
print("room again", flush=True); print("err", file=sys.stderr)`, flag)
	spec.LogBase = filepath.Join(disk, "execution_1")
	s := start(t, spec)
	disk1 := await[shim.Disk](t, s)
	if !disk1.Full {
		t.Errorf("%+v", disk1)
	}
	until(t, "the script is not held up", func() bool { _, err := os.Stat(flag); return err == nil })
	if state, err := shim.ReadState(spec.RunDir); err != nil || state.Error != protocol.ErrorDiskFull || !state.DiskFull {
		t.Errorf("%+v, %v", state, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for disk2 := disk1; disk2.Full; { // it is tried again without new output
		disk2 = await[shim.Disk](t, s)
	}
	if err := os.Remove(flag); err != nil {
		t.Fatal(err)
	}
	ended := await[shim.Ended](t, s)
	if text(ended) != "exit 0" || ended.Error != protocol.ErrorDiskFull || ended.LostBytes == 0 ||
		ended.Bytes+ended.LostBytes != 2000*1000+int64(len("room again\nerr\n")) {
		t.Errorf("%+v", ended)
	}
	got := lines(t, spec)
	if n := len(got); n < 100 || got[n-2] != "stdout room again" || got[n-1] != "stderr err" || got[0] != "stdout "+fmt.Sprintf("%0999d", 0) {
		t.Errorf("%d lines, the last %.40q", n, got[max(0, len(got)-2):])
	}
	debug, err := os.ReadFile(spec.LogBase + format.DebugSuffix)
	if err != nil || !strings.Contains(string(debug), "lost_bytes") {
		t.Errorf("debug: %s, %v", debug, err)
	}
}

// No room for the log at all: refused before anything runs.
func TestDiskFullAtStart(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a small file system can be mounted by root only")
	}
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=64k,nr_inodes=2"); err != nil {
		t.Skipf("a tmpfs cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	spec := script(t, "")
	spec.LogBase = filepath.Join(disk, "execution_1")
	if _, err := shim.Start(context.Background(), program, spec); err == nil || !strings.Contains(err.Error(), "disk_full") {
		t.Error(err)
	}
}

// DESIGN's limits: under 4 MB on the disk, under 6 MB in memory.
func TestSize(t *testing.T) {
	info, err := os.Stat(program)
	if err != nil || info.Size() >= 4<<20 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	spec := script(t, "print('x' * 1000, flush=True)\nimport time\ntime.sleep(1000)")
	s := start(t, spec)
	said(t, spec, "x")
	if _, err := s.Status(); err != nil {
		t.Fatal(err)
	}
	memory := process.UsageOf([]int{findShim(t, spec).PID}).Memory
	t.Logf("%d KiB on the disk, %d KiB resident", info.Size()>>10, memory>>10)
	if memory >= 6<<20 {
		t.Errorf("%d KiB resident", memory>>10)
	}
}

func TestSignalToShim(t *testing.T) {
	spec := script(t, "print('x', flush=True)\nimport time\ntime.sleep(1000)")
	s := start(t, spec)
	said(t, spec, "x")
	if err := findShim(t, spec).Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if ended := await[shim.Ended](t, s); text(ended) != "shim_stopped - SIGTERM" {
		t.Error(text(ended))
	}
}

// What the start of a shim costs: from Start until the program could run, side
// by side with starting the same program bare. Limit: 8 ms more in the median.
func BenchmarkStart(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		for range b.N {
			if err := exec.Command("/bin/true").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("shim", func(b *testing.B) {
		var toExec, toStart []time.Duration
		for range b.N {
			b.StopTimer()
			spec := specOf(b, "/bin/date", "+%s%N")
			b.StartTimer()
			begin := time.Now()
			s, err := shim.Start(context.Background(), program, spec)
			if err != nil {
				b.Fatal(err)
			}
			toStart = append(toStart, time.Since(begin))
			b.StopTimer()
			within(b, s)
			ns, err := strconv.ParseInt(strings.TrimSpace(output(b, spec)), 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			toExec = append(toExec, time.Unix(0, ns).Sub(begin))
			b.StartTimer()
		}
		b.ReportMetric(float64(median(toExec).Microseconds()), "µs-to-program")
		b.ReportMetric(float64(median(toStart).Microseconds()), "µs-to-connected")
	})
	b.Run("bare date", func(b *testing.B) {
		var toExec []time.Duration
		for range b.N {
			begin := time.Now()
			out, err := exec.Command("/bin/date", "+%s%N").Output()
			if err != nil {
				b.Fatal(err)
			}
			ns, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			toExec = append(toExec, time.Unix(0, ns).Sub(begin))
		}
		b.ReportMetric(float64(median(toExec).Microseconds()), "µs-to-program")
	})
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// Throughput of the capture.
func BenchmarkCapture(b *testing.B) {
	const size = 256 << 20
	b.SetBytes(size)
	for range b.N {
		spec := specOf(b, "/bin/dd", "if=/dev/zero", "bs=64k", "count="+strconv.Itoa(size>>16), "status=none")
		within(b, start(b, spec))
	}
}
