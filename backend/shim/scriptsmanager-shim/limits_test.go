package main

import (
	"log/slog"
	"testing"
	"time"

	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim/protocol"
)

// EXE-4: a limit that is moved at once stays moved, even when the watch of the
// limits comes late.
func TestExtendedBeforeTheWatch(t *testing.T) {
	spec := protocol.Spec{Limits: sandbox.Limits{Time: time.Hour}}
	r := newRun(t.TempDir(), spec, nil, slog.New(slog.DiscardHandler), &child{}, nil)
	r.limitTime()
	if err := r.extend(2 * time.Hour); err != nil {
		t.Fatal(err)
	}
	r.watchLimits()
	if got := r.state.Limits.Time; got != 2*time.Hour {
		t.Errorf("the limit is %v, want 2h", got)
	}
	r.wind(0)
}
