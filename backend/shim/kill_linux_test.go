package shim_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
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

// Engine, shim or both are killed at random moments: nothing is left, and what
// was acknowledged, that is, stands in the log, is read back whole. More cycles
// with SHIM_KILL_CYCLES.
func TestRandomKills(t *testing.T) {
	cycles := 9
	if n, err := strconv.Atoi(os.Getenv("SHIM_KILL_CYCLES")); err == nil {
		cycles = n
	}
	seed := rand.Uint64()
	t.Logf("seed %d, %d cycles", seed, cycles)
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range cycles {
		spec := script(t, `
import os, sys, time
for i in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.execve("/bin/sleep", ["sleep", "1000"], {})
        os._exit(0)
i = 0
while True:
    os.write(1 + i % 2, b"line %d\n" % i); i += 1
    if i % 100 == 0: time.sleep(0.001)`)
		spec.Grace = 100 * time.Millisecond
		cmd := engineFor(t, spec)
		state, err := shim.ReadState(spec.RunDir)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond) // the moment is the point
		what := [...]string{"engine", "shim", "both"}[i%3]
		acknowledged := 0
		switch what {
		case "engine":
			kill(t, cmd)
		case "shim":
			_ = state.Shim.Kill()
		case "both":
			_ = state.Shim.Kill()
			kill(t, cmd)
		}
		if what != "engine" {
			until(t, "the shim gone", func() bool { return !state.Shim.Alive() })
			b, _ := os.ReadFile(spec.LogBase + format.LogSuffix)
			acknowledged = strings.Count(string(b), "\n")
			if _, err := shim.Sweep(spec.RunDir); err != nil {
				t.Fatal(err)
			}
		}
		var left []process.Identity
		until(t, "the end of the tree after the "+what, func() bool { left = state.Tag.Find(); return len(left) == 0 })
		if acknowledged > 0 {
			readBack(t, spec, acknowledged)
		}
	}
}

// EXE-7: a sweep after a restart of the machine, or much later, finds other
// processes under the pids that were noted, and leaves them alone.
func TestSweepSparesReusedPIDs(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", "sleep 1000 & echo x; wait")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { process.KillTree(cmd.Process.Pid); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if _, err := out.Read(make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	now, err := process.Of(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	for name, then := range map[string]process.Identity{
		"another start": {PID: now.PID, Start: now.Start - 1, BootID: now.BootID},
		"another boot":  {PID: now.PID, Start: now.Start, BootID: "of before"},
	} {
		spec := specOf(t, "/bin/true")
		if err := os.MkdirAll(spec.RunDir, 0o700); err != nil {
			t.Fatal(err)
		}
		state := shim.State{
			Version: protocol.Version, Phase: protocol.PhaseRunning, Shim: then, Script: then,
			Socket: filepath.Join(spec.RunDir, protocol.SocketFile), LogBase: spec.LogBase,
		}
		if err := protocol.WriteFile(spec.RunDir, protocol.StateFile, state); err != nil {
			t.Fatal(err)
		}
		if _, err := shim.Attach(t.Context(), spec.RunDir); !errors.Is(err, shim.ErrLost) {
			t.Errorf("%s: attach: %v", name, err)
		}
		swept, err := shim.Sweep(spec.RunDir)
		if err != nil || swept.End != protocol.EndLost || len(swept.Left) != 0 {
			t.Errorf("%s: %+v, %v", name, swept, err)
		}
		if !now.Alive() || len(process.Tree(now.PID)) != 1 {
			t.Fatalf("%s: who has the pid now was ended", name)
		}
	}
}

// readBack expects line 0 to line n-1, odd ones on stderr.
func readBack(t *testing.T, spec shim.Spec, n int) {
	t.Helper()
	r, err := log.Open(spec.LogBase)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	seen := make([]bool, n)
	got := 0
	for next := int64(1); ; {
		page, err := r.Read(next, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Lines {
			var i int
			// One stream may be read before the other: of n lines, each second one.
			if _, err := fmt.Sscanf(l.Text, "line %d", &i); err != nil || i > 2*n {
				t.Fatalf("line %d is %q", l.Seq, l.Text)
			}
			if i < n && !seen[i] {
				seen[i] = true
				got++
			}
		}
		if next = page.Next; page.Ended || len(page.Lines) == 0 {
			break
		}
	}
	// Two streams: the last lines of one may be behind those of the other.
	if got < n-2000 || got > n {
		t.Errorf("%d lines read of %d", got, n)
	}
	if total := r.Lines(); total < int64(n) {
		t.Errorf("%d lines in all of %d", total, n)
	}
}
