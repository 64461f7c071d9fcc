package shim_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

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
