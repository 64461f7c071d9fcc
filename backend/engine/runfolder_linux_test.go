package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/shim/protocol"
)

const endless = "'''ScriptsManager Metadata:\n@interface: none\n'''\nimport time\nwhile True: time.sleep(0.1)\n"

// EXE-6: a script that goes on is taken up again by an engine that was started
// from another environment, as after a new sign-in.
func TestTakenUpInAnotherEnvironment(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	n := newInstallation(t, map[string]string{"j.py": endless}, "")
	running := n.ready(n.run("j"))
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(os.Getenv("XDG_RUNTIME_DIR")); err != nil { // as the end of a session does
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("TMPDIR", t.TempDir())
	n.open()
	n.stopsAlive(running)
}

// EXE-6: what an engine of before started is found in the place of before.
func TestTakenUpFromTheFormerPlace(t *testing.T) {
	session := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", session)
	n := newInstallation(t, map[string]string{"j.py": endless}, "")
	running := n.ready(n.run("j"))
	runs := n.engine.RunDir()
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(runs)
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == "guard" || e.Name() == "helper" })
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", entries, err)
	}
	// A socket cannot be copied to another disk, so the place of before leads here.
	own, moved := filepath.Join(runs, entries[0].Name()), filepath.Join(filepath.Dir(runs), "moved-"+entries[0].Name())
	before := filepath.Join(session, "scriptsmanager", filepath.Base(runs), entries[0].Name())
	t.Cleanup(func() { _ = os.RemoveAll(moved) })
	if err := errors.Join(os.Rename(own, moved), os.MkdirAll(filepath.Dir(before), 0o700), os.Symlink(moved, before)); err != nil {
		t.Fatal(err)
	}
	state, err := protocol.ReadState(moved)
	if err != nil {
		t.Fatal(err)
	}
	state.Socket = filepath.Join(moved, protocol.SocketFile)
	b, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(moved, protocol.StateFile), b, 0o600); err != nil {
		t.Fatal(err)
	}
	n.open()
	n.stopsAlive(running)
	if _, err := os.Lstat(before); !os.IsNotExist(err) {
		t.Errorf("left: %v", err)
	}
}

// stopsAlive expects an execution of before to be held again, and stops it.
func (n *installation) stopsAlive(running domain.Execution) {
	n.t.Helper()
	if e, err := n.engine.Execution(n.t.Context(), running.ID); err != nil || !e.State.Live() || !alive(running.PID) {
		n.t.Fatalf("%s %s, %v", e.State, e.Reason, err)
	}
	if err := n.engine.Stop(running.ID, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}); err != nil {
		n.t.Fatal(err)
	}
	if e := n.ended(running.ID); e.State != domain.StateTerminated || e.Reason != domain.ReasonStopped || alive(running.PID) {
		n.t.Errorf("%s %s, alive %v", e.State, e.Reason, alive(running.PID))
	}
}

// EXE-6: the folder for sockets goes with the engine, but not under what runs on.
func TestRunFolderGoesWithTheEngine(t *testing.T) {
	n := newInstallation(t, map[string]string{"j.py": endless}, "")
	dir := n.engine.RunDir()
	running := n.ready(n.run("j"))
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "guard")); err != nil {
		t.Errorf("under what runs on: %v", err)
	}
	n.open()
	n.stopsAlive(running)
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with nothing left: %v", err)
	}
}
