package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
)

// stands waits until what is always on stands as wanted.
func (n *installation) stands(what string, wanted func(domain.AlwaysOnActual) bool) domain.AlwaysOnActual {
	n.t.Helper()
	sub := n.engine.Events().Subscribe(nil)
	defer sub.Close()
	deadline := time.After(60 * time.Second)
	for {
		list, err := n.engine.AlwaysOn(n.t.Context())
		if err != nil || len(list) != 1 {
			n.t.Fatalf("%+v, %v", list, err)
		}
		if wanted(list[0].Actual) {
			return list[0].Actual
		}
		select {
		case <-sub.Events():
		case <-deadline:
			n.t.Fatalf("it is not %s: %+v", what, list[0].Actual)
		}
	}
}

func runs(a domain.AlwaysOnActual) bool {
	return a.State == domain.AlwaysOnRunning && a.ExecutionID != ""
}

func TestAlwaysOnComesAgain(t *testing.T) { // EXE-6, EXE-8
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, "@always_on: true")}, "")
	if list, err := n.engine.AlwaysOn(t.Context()); err != nil || len(list) != 0 {
		t.Fatalf("the header alone switches it on: %+v, %v", list, err)
	}
	anna := engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}
	q := n.request("p", nil)
	w, err := n.engine.SetAlwaysOn(t.Context(), anna, domain.AlwaysOn{
		ScriptID: "g/p", UserID: n.user.ID, ProjectID: q.Project.ID, Parameters: map[string]any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	first := n.ready(n.stands("running", runs).ExecutionID)
	if first.AlwaysOn != w.ID || first.Actor != "system" {
		t.Errorf("started: %+v", first)
	}
	// Closing its window leaves it running.
	release, err := n.engine.Attach(first.ID, 0, "browser")
	if err != nil {
		t.Fatal(err)
	}
	release()
	n.await(first.ID, "without a window", func(e domain.Execution) bool { return e.Attachments == 0 })

	if err := syscall.Kill(first.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if e := n.ended(first.ID); e.Reason != domain.ReasonSignal {
		t.Errorf("killed: %s, %s", e.State, e.Reason)
	}
	again := n.stands("running again", func(a domain.AlwaysOnActual) bool { return runs(a) && a.ExecutionID != first.ID })
	if again.Failures != 1 || again.LastReason != domain.ReasonSignal || again.LastID != first.ID {
		t.Errorf("after a kill: %+v", again)
	}
	second := n.ready(again.ExecutionID)
	get(t, second.URL)

	// The application ends and comes back: it went on.
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	if !alive(second.PID) {
		t.Error("it ended with the application")
	}
	n.open()
	if a := n.stands("taken up", runs); a.ExecutionID != second.ID {
		t.Errorf("a second one was started: %+v", a)
	}

	// A vanished script is not started, with the reason.
	if err := os.Remove(filepath.Join(n.root.Groups(), "g", "p.py")); err != nil {
		t.Fatal(err)
	}
	if err := n.engine.Rescan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := n.engine.Stop(second.ID, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}); err != nil {
		t.Fatal(err)
	}
	if a := n.stands("blocked", func(a domain.AlwaysOnActual) bool { return a.State == domain.AlwaysOnBlocked }); a.Why.Code != domain.CodeScriptInactive {
		t.Errorf("why: %v", a.Why)
	}
	n.write("p.py", fmt.Sprintf(page, ""))
	if err := n.engine.Rescan(t.Context()); err != nil {
		t.Fatal(err)
	}
	third := n.stands("running when it is back", runs).ExecutionID
	n.ready(third)
	if err := n.engine.ClearAlwaysOn(t.Context(), anna, w.ID); err != nil {
		t.Fatal(err)
	}
	if e := n.ended(third); e.Reason != domain.ReasonStopped || e.ReasonParams["user"] != "anna" {
		t.Errorf("switched off: %s %v", e.Reason, e.ReasonParams)
	}
	if err := n.engine.ClearAlwaysOn(t.Context(), anna, w.ID); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("switched off twice: %v", err)
	}
}

func TestAlwaysOnKeepsNoSecret(t *testing.T) { // EXE-8, SEC-6
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, `@parameters: [{"name": "key", "type": "password"}]`)}, "")
	_, err := n.engine.SetAlwaysOn(t.Context(), engine.Actor{}, domain.AlwaysOn{
		ScriptID: "g/p", UserID: n.user.ID, ProjectID: n.request("p", nil).Project.ID, Parameters: map[string]any{"key": "x"},
	})
	if !domain.HasCode(err, domain.CodeAlwaysOnSecret) {
		t.Errorf("a secret value: %v", err)
	}
}
