package engine_test

import (
	"context"
	"fmt"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
)

const oneAtATime = `{"web_interface":{"port_range":{"start":START,"end":END},"max_concurrent_interfaces":1},"limits":{"grace_seconds":1,"start_seconds":20}}`

// queued runs a script that must wait, for the client.
func (n *installation) queued(script, client string) domain.Execution {
	n.t.Helper()
	q := n.request(script, nil)
	q.Queue, q.Client = true, client
	e, existing, err := n.engine.Run(n.t.Context(), engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}, q)
	if err != nil || existing || e.State != domain.StateQueued || e.Queue == nil {
		n.t.Fatalf("%s does not wait: %+v, %v, %v", script, e, existing, err)
	}
	return e
}

func TestQueue(t *testing.T) { // EXE-2, EXE-5
	n := newInstallation(t, map[string]string{
		"a.py": fmt.Sprintf(page, ""), "b.py": fmt.Sprintf(page, ""), "c.py": fmt.Sprintf(page, ""),
	}, oneAtATime)
	a := n.ready(n.run("a"))
	_, _, err := n.engine.Run(t.Context(), engine.Actor{}, n.request("b", nil))
	if e := domain.AsError(err); e == nil || e.Code != domain.CodeTooManyInterfaces ||
		e.Params["limit"] != "max_concurrent_interfaces" || e.Params["value"] != 1 {
		t.Fatalf("over the limit: %v", err)
	}

	opened := n.engine.Events().Subscribe(func(e domain.Event) bool { return e.Type == domain.EventWindowOpen })
	defer opened.Close()
	b, c := n.queued("b", "window 7"), n.queued("c", "")
	want := domain.QueuePlace{Limit: "max_concurrent_interfaces", Value: 1, Place: 1}
	if *b.Queue != want {
		t.Errorf("place: %+v", *b.Queue)
	}
	if want.Place = 2; *c.Queue != want {
		t.Errorf("place: %+v", *c.Queue)
	}
	if again, existing, err := n.engine.Run(t.Context(), engine.Actor{}, n.request("b", nil)); err != nil || !existing || again.ID != b.ID {
		t.Errorf("the same again while it waits: %v, %v", existing, err)
	}
	if kept, err := n.engine.Execution(t.Context(), b.ID); err != nil || kept.State != domain.StateQueued {
		t.Errorf("recorded as %s, %v", kept.State, err)
	}

	if err := n.engine.Stop(a.ID, execution.StopRequest{Reason: domain.ReasonStopped}); err != nil {
		t.Fatal(err)
	}
	b = n.ready(b.ID)
	if get(t, b.URL); b.Queue != nil || b.State != domain.StateRunning {
		t.Errorf("started: %+v", b)
	}
	if e := <-opened.Events(); e.Client != "window 7" || e.Data != (domain.RaiseEvent{ExecutionID: b.ID}) {
		t.Errorf("window: %+v", e)
	}
	n.await(c.ID, "first in the queue", func(e domain.Execution) bool { return e.Queue != nil && e.Queue.Place == 1 })

	// Cancelled, it never ran.
	if err := n.engine.Stop(c.ID, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}); err != nil {
		t.Fatal(err)
	}
	if c = n.ended(c.ID); c.State != domain.StateTerminated || c.Reason != domain.ReasonStopped || c.StartedAt != nil || c.DurationMS != 0 || c.Queue != nil {
		t.Errorf("cancelled: %+v", c)
	}
}

// What a person may not run any more when there is room is not started.
func TestQueuedRunIsCheckedAgain(t *testing.T) { // EXE-5, USR-3, SEC-1
	n := newInstallation(t, map[string]string{"a.py": fmt.Sprintf(page, ""), "b.py": fmt.Sprintf(page, ""), "c.py": fmt.Sprintf(page, "")}, oneAtATime)
	user, err := n.engine.AddUser(t.Context(), engine.Actor{}, "olga", "a long enough phrase", domain.LevelOperator, "", "")
	if err != nil {
		t.Fatal(err)
	}
	n.user = user // nobody denies an administrator anything
	a := n.ready(n.run("a"))
	b, c := n.queued("b", ""), n.queued("c", "")
	if err := n.engine.SetPermissions(t.Context(), engine.Actor{}, []engine.PermissionChange{
		{Permission: domain.Permission{UserID: n.user.ID, GroupID: b.GroupID, ScriptID: b.ScriptID}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := n.engine.Stop(a.ID, execution.StopRequest{Reason: domain.ReasonStopped}); err != nil {
		t.Fatal(err)
	}
	if b = n.ended(b.ID); b.State != domain.StateFailed || b.Error == nil || b.Error.Code != domain.CodeQueueDenied || b.StartedAt != nil {
		t.Errorf("denied meanwhile: %+v, %v", b, b.Error)
	}
	get(t, n.ready(c.ID).URL) // the room was not lost with it
}

func TestQueueEndsWithTheEngine(t *testing.T) { // EXE-5, EXE-6
	n := newInstallation(t, map[string]string{"a.py": fmt.Sprintf(page, ""), "b.py": fmt.Sprintf(page, "")}, oneAtATime)
	n.ready(n.run("a"))
	b := n.queued("b", "")
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	n.open()
	e, err := n.engine.Execution(t.Context(), b.ID)
	if err != nil || e.State != domain.StateTerminated || e.Reason != domain.ReasonQuit || e.Error != nil {
		t.Errorf("after a quit: %+v, %v", e, err)
	}
}
