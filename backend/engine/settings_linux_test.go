package engine_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
)

func (n *installation) set(values map[string]any) {
	n.t.Helper()
	if _, err := n.engine.SetSettings(n.t.Context(), engine.Actor{Kind: "user", Name: "anna"}, engine.SettingsRequest{Values: values}); err != nil {
		n.t.Fatal(err)
	}
}

// What is configured holds while the engine runs, for whoever took a copy too.
func TestChangedSettingsHoldAtOnce(t *testing.T) { // SPEC section 18, ADM-3
	n := newInstallation(t, map[string]string{
		"p.py": fmt.Sprintf(page, ""), "q.py": fmt.Sprintf(page, ""),
	}, "")
	first := n.ready(n.run("p"))
	n.set(map[string]any{
		"web_interface.port_range.start": float64(n.port + 5), "web_interface.max_interfaces_per_user": 1.0, "limits.memory_megabytes": 900.0,
	})
	refuse := n.request("q", nil)
	if _, _, err := n.engine.Run(t.Context(), engine.Actor{}, refuse); !domain.HasCode(err, domain.CodeTooManyInterfaces) {
		t.Errorf("over the new limit: %v", err)
	}
	refuse.Queue = true
	waits, _, err := n.engine.Run(t.Context(), engine.Actor{}, refuse)
	if err != nil || waits.State != domain.StateQueued {
		t.Fatalf("%v, %s", err, waits.State)
	}
	n.set(map[string]any{"web_interface.max_interfaces_per_user": nil}) // who waits, gets room
	second := n.ready(waits.ID)
	if second.Port < n.port+5 || first.Port >= n.port+5 {
		t.Errorf("ports %d, then %d, from %d", first.Port, second.Port, n.port)
	}
	if limit := limitIn(second, domain.LimitMemory); limit != 900<<20 {
		t.Errorf("memory limit %v", limit)
	}
	// Asked for when it is stopped: this one began with one second of grace.
	n.set(map[string]any{"limits.grace_seconds": 33.0})
	stopping := n.engine.Events().Subscribe(func(e domain.Event) bool {
		x, ok := e.Data.(domain.Execution)
		return ok && x.ID == first.ID && x.GraceEndsAt != nil
	})
	defer stopping.Close()
	if err := n.engine.Stop(first.ID, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}); err != nil {
		t.Fatal(err)
	}
	x, _ := (<-stopping.Events()).Data.(domain.Execution)
	if left := time.Until(*x.GraceEndsAt); left < 20*time.Second {
		t.Errorf("grace %v", left)
	}
	n.ended(first.ID)

	// By hand, and with a mistake.
	changed := n.engine.Events().Subscribe(func(e domain.Event) bool { return e.Type == domain.EventSettingsChanged })
	defer changed.Close()
	content, err := os.ReadFile(n.root.Config())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ content, problem string }{
		{strings.Replace(string(content), "33", "-33", 1), "config_kept"},
		{strings.Replace(string(content), "33", "34", 1), ""},
	} {
		if err := os.WriteFile(n.root.Config(), []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		<-changed.Events()
		problem := ""
		if p := n.engine.Notices(); len(p) > 0 {
			problem = string(p[0].Code)
		}
		if problem != c.problem {
			t.Errorf("%s: %s", c.content, problem)
		}
		findings, err := n.engine.Doctor(context.WithoutCancel(t.Context()), domain.English)
		if err != nil {
			t.Fatal(err)
		}
		told := false
		for _, f := range findings {
			told = told || f.ID == "configuration"
		}
		if told != (c.problem != "") {
			t.Errorf("doctor %+v", findings)
		}
	}
	if n.engine.Config().Limits.GraceSeconds != 34 {
		t.Errorf("grace %d", n.engine.Config().Limits.GraceSeconds)
	}
}

func limitIn(e domain.Execution, kind domain.LimitKind) float64 {
	for _, l := range e.Limits {
		if l.Kind == kind {
			return l.Value
		}
	}
	return 0
}
