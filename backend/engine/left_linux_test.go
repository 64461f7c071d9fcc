package engine_test

import (
	"fmt"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// What is left by its last window is given back by a Run that would start just
// the same; one with other values ends it and starts anew. WIN-5
func TestRunAfterTheLastWindow(t *testing.T) {
	source := fmt.Sprintf(page, `@parameters: [{"name": "height", "type": "integer", "default": 1}]`)
	n := newInstallation(t, map[string]string{"a.py": source}, oneAtATime)
	run := func(height int) (domain.Execution, bool) {
		t.Helper()
		e, existing, err := n.engine.Run(t.Context(), engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name},
			n.request("a", map[string]any{"height": height}))
		if err != nil {
			t.Fatal(err)
		}
		return e, existing
	}
	show := func(id string) (release func()) {
		t.Helper()
		release, err := n.engine.Attach(id, time.Hour, "browser")
		if err != nil {
			t.Fatal(err)
		}
		n.await(id, "shown", func(e domain.Execution) bool { return e.Attachments == 1 })
		return release
	}
	leave := func(id string, release func()) {
		t.Helper()
		release()
		n.await(id, "left", func(e domain.Execution) bool { return e.Attachments == 0 })
	}

	first, _ := run(2)
	if again, existing := run(3); !existing || again.ID != first.ID {
		t.Error("it was started twice before its window had come")
	}
	n.ready(first.ID)
	release := show(first.ID)
	if again, existing := run(3); !existing || again.ID != first.ID {
		t.Error("it was started twice, or taken from below its window")
	}
	leave(first.ID, release)
	if again, existing := run(2); !existing || again.ID != first.ID {
		t.Error("the same was started anew")
	}
	leave(first.ID, show(first.ID))

	// Only one page may run here: it takes the room of the one that it replaces.
	second, existing := run(3)
	if existing || second.ID == first.ID {
		t.Fatal("the new values are ignored")
	}
	if again, existing := run(3); !existing || again.ID != second.ID {
		t.Errorf("the same once more: %s, %v", again.ID, existing)
	}
	if e := n.ended(first.ID); e.State != domain.StateCompleted || e.Reason != domain.ReasonWindowClosed {
		t.Errorf("the first ended as %s, %s", e.State, e.Reason)
	}
	second = n.ready(second.ID)
	if get(t, second.URL); second.Parameters["height"] != int64(3) {
		t.Errorf("it runs with %v", second.Parameters)
	}

	// So does a script that was changed meanwhile.
	leave(second.ID, show(second.ID))
	n.write("a.py", source+"\n# mended\n")
	if err := n.engine.Rescan(t.Context()); err != nil {
		t.Fatal(err)
	}
	third, existing := run(3)
	if existing || third.ID == second.ID {
		t.Fatal("the script of before goes on")
	}

	// A check of it is of a new one in any case.
	leave(third.ID, show(third.ID))
	report, err := n.engine.CheckContract(t.Context(), engine.Actor{}, n.request("a", map[string]any{"height": 3}))
	if err != nil || report.Execution.ID == third.ID {
		t.Errorf("checked: %+v, %v", report, err)
	}
}
