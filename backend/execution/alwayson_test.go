package execution

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
)

func TestBackoffDoublesToFiveMinutes(t *testing.T) { // EXE-8
	for failures, want := range map[int]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 9: 256 * time.Second,
		10: 5 * time.Minute, 16: 5 * time.Minute, 17: 5 * time.Minute, 1 << 30: 5 * time.Minute,
	} {
		if got := backoff(failures); got != want {
			t.Errorf("after %d failures %v, want %v", failures, got, want)
		}
	}
}

// hall is a world with a clock of its own in which one script is wanted. It is
// used by one goroutine, as look is called by hand.
type hall struct {
	now      time.Time
	wanted   []domain.AlwaysOn
	runs     map[string]domain.Execution
	starts   int
	changes  int
	existing bool
	err      error
}

func (h *hall) Now() time.Time                                    { return h.now }
func (h *hall) After(time.Duration) (<-chan time.Time, func())    { return nil, func() {} }
func (h *hall) Wanted(context.Context) ([]domain.AlwaysOn, error) { return h.wanted, nil }
func (h *hall) Changed(domain.AlwaysOn)                           { h.changes++ }

func (h *hall) Running(w domain.AlwaysOn) (domain.Execution, bool) {
	for _, x := range h.runs {
		if x.AlwaysOn == w.ID && x.State.Live() {
			return x, true
		}
	}
	return domain.Execution{}, false
}

func (h *hall) Execution(_ context.Context, id string) (domain.Execution, error) {
	return h.runs[id], nil
}

func (h *hall) Start(_ context.Context, w domain.AlwaysOn) (domain.Execution, bool, error) {
	if h.err != nil || h.existing {
		return domain.Execution{ID: "another"}, h.existing, h.err
	}
	h.starts++
	began := h.now
	x := domain.Execution{ID: fmt.Sprint(h.starts), AlwaysOn: w.ID, State: domain.StateRunning, StartedAt: &began}
	h.runs[x.ID] = x
	return x, false, nil
}

// end ends what was started last, after a while.
func (h *hall) end(after time.Duration, reason domain.Reason) {
	h.now = h.now.Add(after)
	x, at := h.runs[fmt.Sprint(h.starts)], h.now
	x.State, x.Reason, x.EndedAt = domain.StateFailed, reason, &at
	h.runs[x.ID] = x
}

func newHall() (*hall, *Keeper) {
	h := &hall{now: time.Unix(1e9, 0), wanted: []domain.AlwaysOn{{ID: 7}}, runs: map[string]domain.Execution{}}
	return h, NewKeeper(h, h, slog.New(slog.DiscardHandler))
}

func TestKeeperStartsAgainWithBackoff(t *testing.T) { // EXE-8
	h, k := newHall()
	if _, again := k.look(t.Context()); again || h.starts != 1 || k.Actual(7).State != domain.AlwaysOnRunning {
		t.Fatalf("started %d times: %+v", h.starts, k.Actual(7))
	}
	for i, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		h.end(500*time.Millisecond, domain.ReasonSignal)
		wait, again := k.look(t.Context())
		if a := k.Actual(7); !again || wait != want || a.Failures != i+1 || a.State != domain.AlwaysOnWaiting ||
			!a.NextTry.Equal(h.now.Add(want)) || a.LastReason != domain.ReasonSignal || a.LastID != fmt.Sprint(h.starts) || a.ExecutionID != "" {
			t.Fatalf("after failure %d: wait %v, %+v", i+1, wait, a)
		}
		h.now = h.now.Add(want - 1)
		if k.look(t.Context()); h.starts != i+1 {
			t.Fatal("started too soon")
		}
		h.now = h.now.Add(1)
		if k.look(t.Context()); h.starts != i+2 {
			t.Fatal("not started in time")
		}
	}
	// It ran well for a while: the next failure counts as the first.
	h.end(time.Minute, domain.ReasonExitCode)
	if wait, _ := k.look(t.Context()); wait != time.Second || k.Actual(7).Failures != 1 {
		t.Errorf("after it ran well: %v, %+v", wait, k.Actual(7))
	}
	h.now = h.now.Add(time.Second)
	k.look(t.Context())
	// Who stops it meant that: it did not fail, and starts again.
	h.end(time.Second, domain.ReasonStopped)
	if wait, _ := k.look(t.Context()); wait != time.Second || k.Actual(7).Failures != 0 {
		t.Errorf("after a stop: %v, %+v", wait, k.Actual(7))
	}
}

func TestKeeperTakesUpWhatRuns(t *testing.T) { // EXE-6: an earlier engine started it
	h, k := newHall()
	h.runs["old"] = domain.Execution{ID: "old", AlwaysOn: 7, State: domain.StateRunning}
	if k.look(t.Context()); h.starts != 0 || k.Actual(7).ExecutionID != "old" {
		t.Errorf("started %d, %+v", h.starts, k.Actual(7))
	}
	changes := h.changes
	if k.look(t.Context()); h.changes != changes {
		t.Error("told a change where nothing changed")
	}
}

func TestKeeperSaysWhyItDoesNotStart(t *testing.T) { // EXE-8
	h, k := newHall()
	h.err = domain.NewError(domain.CodeScriptInactive, "script", "g/s")
	if _, again := k.look(t.Context()); again || k.Actual(7).State != domain.AlwaysOnBlocked || k.Actual(7).Why.Code != domain.CodeScriptInactive {
		t.Errorf("vanished script: %+v", k.Actual(7))
	}
	h.err, h.existing = nil, true
	if k.look(t.Context()); k.Actual(7).Why.Code != domain.CodeAlwaysOnRuns {
		t.Errorf("a person's own run in its place: %+v", k.Actual(7))
	}
	h.existing, h.err = false, errors.New("something")
	if wait, again := k.look(t.Context()); !again || wait != time.Second || k.Actual(7).LastError == nil || k.Actual(7).Why != nil {
		t.Errorf("a failed start: %v, %+v", wait, k.Actual(7))
	}
	h.err, h.now = nil, h.now.Add(time.Second)
	if k.look(t.Context()); h.starts != 1 || k.Actual(7).State != domain.AlwaysOnRunning {
		t.Errorf("afterwards: %+v", k.Actual(7))
	}
	h.wanted = nil
	if k.look(t.Context()); len(k.kept) != 0 {
		t.Error("remembers what nobody wants")
	}
}
