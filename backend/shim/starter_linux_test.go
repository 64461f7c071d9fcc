package shim_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"scriptsmanager/backend/process"
	"scriptsmanager/backend/shim"
	"scriptsmanager/backend/shim/protocol"
)

// spares gives the children of a process that are shims without an execution.
func spares(parent int) (pids []int) {
	for _, pid := range process.Tree(parent) {
		line, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
		if bytes.HasSuffix(line, []byte("\x00"+protocol.SpareArgument+"\x00")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func shimOf(t *testing.T, s *shim.Shim) int {
	t.Helper()
	state, err := s.Status()
	if err != nil {
		t.Fatal(err)
	}
	return state.Shim.PID
}

func TestStarterUsesTheShimThatIsReady(t *testing.T) {
	starter := shim.NewStarter(program)
	starter.Keep(0)
	defer starter.Close()
	var ready []int
	until(t, "one that waits", func() bool { ready = spares(os.Getpid()); return len(ready) == 1 })
	spec := script(t, "print('page', flush=True); import time; time.sleep(1000)")
	s, err := starter.Start(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if got := shimOf(t, s); got != ready[0] {
		t.Errorf("process %d runs it, %d waited for it", got, ready[0])
	}
	said(t, spec, "page")
	if err := s.Kill(); err != nil {
		t.Error(err)
	}
	within(t, s)
	// The one that ran the script says to the last that it waited once.
	others := func() []int {
		return slices.DeleteFunc(spares(os.Getpid()), func(pid int) bool { return pid == ready[0] })
	}
	until(t, "the next one that waits", func() bool { return len(others()) == 1 })
	starter.Close()
	if left := others(); len(left) > 0 {
		t.Errorf("after Close: %v", left)
	}
	s, err = starter.Start(context.Background(), script(t, "print('page', flush=True)"))
	if err != nil {
		t.Fatal(err)
	}
	within(t, s)
}

func TestStarterWithoutItsSpare(t *testing.T) {
	starter := shim.NewStarter(program)
	starter.Keep(0)
	defer starter.Close()
	var ready []int
	until(t, "one that waits", func() bool { ready = spares(os.Getpid()); return len(ready) == 1 })
	if err := syscall.Kill(ready[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "the end of the one that waits", func() bool {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(ready[0]), "stat"))
		return err != nil || bytes.Contains(stat, []byte(") Z "))
	})
	spec := script(t, "print('page', flush=True)")
	s, err := starter.Start(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	within(t, s)
	said(t, spec, "page")
}

// One that is killed when it has just been given its execution is replaced.
func TestStarterWhoseSpareDiesLate(t *testing.T) {
	starter := shim.NewStarter(program)
	starter.Keep(0)
	defer starter.Close()
	var ready []int
	until(t, "one that waits", func() bool { ready = spares(os.Getpid()); return len(ready) == 1 })
	if err := syscall.Kill(ready[0], syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	spec := script(t, "print('page', flush=True)")
	type result struct {
		shim *shim.Shim
		err  error
	}
	begun := make(chan result, 1)
	go func() {
		s, err := starter.Start(context.Background(), spec)
		begun <- result{s, err}
	}()
	until(t, "the spec", func() bool {
		_, err := os.Stat(filepath.Join(spec.RunDir, protocol.SpecFile))
		return err == nil
	})
	if err := syscall.Kill(ready[0], syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	r := <-begun
	if r.err != nil {
		t.Fatal(r.err)
	}
	within(t, r.shim)
	said(t, spec, "page")
}

// A crash of a shim that waited is written down as of any other.
func TestStarterTellsOfACrash(t *testing.T) {
	starter := shim.NewStarter(program)
	starter.Keep(0)
	defer starter.Close()
	spec := script(t, "import time; print('page', flush=True); time.sleep(1000)")
	s, err := starter.Start(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	said(t, spec, "page")
	if err := syscall.Kill(shimOf(t, s), syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	within(t, s)
	crash := filepath.Join(spec.RunDir, protocol.CrashFile)
	until(t, "the shim's own words", func() bool {
		b, _ := os.ReadFile(crash)
		return bytes.Contains(b, []byte("SIGABRT"))
	})
	if _, err := shim.Sweep(spec.RunDir); err != nil {
		t.Error(err)
	}
}
