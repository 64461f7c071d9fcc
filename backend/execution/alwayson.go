package execution

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
)

// Keeping is what a Keeper needs of the rest.
type Keeping interface {
	// Wanted lists what is to run all the time.
	Wanted(ctx context.Context) ([]domain.AlwaysOn, error)
	// Running gives the live execution that was started for w.
	Running(w domain.AlwaysOn) (domain.Execution, bool)
	// Start starts it; existing means that somebody's own execution of it is
	// in its place.
	Start(ctx context.Context, w domain.AlwaysOn) (x domain.Execution, existing bool, err error)
	Execution(ctx context.Context, id string) (domain.Execution, error)
	// Changed is told when how it stands has changed.
	Changed(w domain.AlwaysOn)
}

// Clock is the time, for tests to have their own.
type Clock interface {
	Now() time.Time
	// After gives a channel that gets the time when d has passed, and stops it.
	After(d time.Duration) (at <-chan time.Time, stop func())
}

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now is the time.
func (SystemClock) Now() time.Time { return time.Now() }

// After is a timer.
func (SystemClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// How soon what ended is started again (SPEC EXE-8).
const (
	firstWait = time.Second     // after the first failure; doubles with each
	longWait  = 5 * time.Minute // no longer
	ranWell   = time.Minute     // who ran so long begins with the first wait again
)

// backoff is the wait after so many failures in a row, from 1.
func backoff(failures int) time.Duration {
	if failures > 16 { // the doubled wait would be far too long, and overflow at last
		return longWait
	}
	return min(firstWait<<max(failures-1, 0), longWait)
}

// kept is what a Keeper knows of one that is wanted.
type kept struct {
	executionID string
	failures    int
	next        time.Time // not before
	actual      domain.AlwaysOnActual
}

// Keeper keeps running what is wanted to run all the time: it starts it with
// the engine, and again when it ended, each time a little later while it
// fails. It looks anew at each Wake and trusts nothing that it remembers of
// what runs.
type Keeper struct {
	keeping Keeping
	clock   Clock
	log     *slog.Logger
	wake    chan struct{}

	mu   sync.Mutex // guards kept
	kept map[int64]*kept
}

// NewKeeper makes a keeper; Serve lets it work.
func NewKeeper(k Keeping, clock Clock, log *slog.Logger) *Keeper {
	return &Keeper{keeping: k, clock: clock, log: log, wake: make(chan struct{}, 1), kept: map[int64]*kept{}}
}

// Wake makes it look at once: something was wanted, ended or changed.
func (k *Keeper) Wake() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// Actual tells how what is wanted under the id stands.
func (k *Keeper) Actual(id int64) domain.AlwaysOnActual {
	k.mu.Lock()
	defer k.mu.Unlock()
	if one, ok := k.kept[id]; ok {
		return one.actual
	}
	return domain.AlwaysOnActual{State: domain.AlwaysOnWaiting} // it is about to be looked at
}

// Serve works until ctx ends.
func (k *Keeper) Serve(ctx context.Context) error {
	for {
		var timer <-chan time.Time
		stop := func() {}
		if wait, ok := k.look(ctx); ok {
			timer, stop = k.clock.After(wait)
		}
		select {
		case <-ctx.Done():
			stop()
			return ctx.Err()
		case <-k.wake:
		case <-timer:
		}
		stop()
	}
}

// look brings what is wanted and what runs together, and tells how long until
// it must look again by itself.
func (k *Keeper) look(ctx context.Context) (wait time.Duration, again bool) {
	wanted, err := k.keeping.Wanted(ctx)
	if err != nil {
		if ctx.Err() == nil {
			k.log.Error("read what is always on", "error", err)
		}
		return longWait, true
	}
	now := k.clock.Now()
	known := map[int64]bool{}
	for _, w := range wanted {
		known[w.ID] = true
		one := k.one(w.ID)
		k.bring(ctx, w, one, now)
		k.settle(w, one)
		if one.actual.State == domain.AlwaysOnWaiting && (!again || one.next.Sub(now) < wait) {
			wait, again = max(one.next.Sub(now), 0), true
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for id := range k.kept {
		if !known[id] {
			delete(k.kept, id)
		}
	}
	return wait, again
}

// one gives a copy of what is known, which settle puts back.
func (k *Keeper) one(id int64) *kept {
	k.mu.Lock()
	defer k.mu.Unlock()
	if one, ok := k.kept[id]; ok {
		c := *one
		return &c
	}
	return &kept{}
}

func (k *Keeper) settle(w domain.AlwaysOn, one *kept) {
	one.actual.ExecutionID, one.actual.Failures, one.actual.NextTry = one.executionID, one.failures, nil
	if one.actual.State == domain.AlwaysOnWaiting {
		next := one.next.UTC()
		one.actual.NextTry = &next
	}
	k.mu.Lock()
	before, ok := k.kept[w.ID]
	same := ok && reflect.DeepEqual(before.actual, one.actual)
	k.kept[w.ID] = one
	k.mu.Unlock()
	if !same {
		k.keeping.Changed(w)
	}
}

// bring brings one of them nearer to what is wanted.
func (k *Keeper) bring(ctx context.Context, w domain.AlwaysOn, one *kept, now time.Time) {
	if x, ok := k.keeping.Running(w); ok {
		one.runs(x.ID)
		return
	}
	if one.executionID != "" {
		x, err := k.keeping.Execution(ctx, one.executionID)
		if err != nil || x.State.Live() {
			return // its end is about to be told
		}
		one.ended(x, now)
	}
	if now.Before(one.next) {
		one.actual.State, one.actual.Why = domain.AlwaysOnWaiting, nil
		return
	}
	x, existing, err := k.keeping.Start(ctx, w)
	switch {
	case err == nil && existing:
		one.blocked(domain.NewError(domain.CodeAlwaysOnRuns, "script", w.ScriptID))
	case err == nil:
		one.runs(x.ID)
	case blocks(err):
		one.blocked(domain.AsError(err))
	default:
		k.log.Warn("start what is always on", "script", w.ScriptID, "error", err)
		one.failures++
		one.next = now.Add(backoff(one.failures))
		one.actual.State, one.actual.LastError, one.actual.Why = domain.AlwaysOnWaiting, asDomain(err), nil
	}
}

// blocks tells whether trying again helps nothing until something changes.
func blocks(err error) bool {
	e := domain.AsError(err)
	return e != nil && slices.Contains([]domain.Code{
		domain.CodeNotFound, domain.CodeScriptInactive, domain.CodeNotAllowed, domain.CodeInvalid,
		domain.CodeAlwaysOnUser, domain.CodeAlwaysOnDenied, domain.CodeAlwaysOnSecret, domain.CodeUnavailable,
		domain.CodeProjectBusy, // until the restore has ended
	}, e.Code)
}

func (one *kept) runs(id string) {
	one.executionID, one.next = id, time.Time{}
	one.actual.State, one.actual.Why = domain.AlwaysOnRunning, nil
}

func (one *kept) blocked(why *domain.Error) {
	one.actual.State, one.actual.Why = domain.AlwaysOnBlocked, why
}

// ended notes an end and when to start again. What a person stopped did not fail.
func (one *kept) ended(x domain.Execution, now time.Time) {
	if x.StartedAt != nil && x.EndedAt != nil && x.EndedAt.Sub(*x.StartedAt) >= ranWell {
		one.failures = 0
	}
	if x.Reason == domain.ReasonStopped {
		one.failures = 0
		one.next = now.Add(firstWait)
	} else {
		one.failures++
		one.next = now.Add(backoff(one.failures))
	}
	one.executionID = ""
	one.actual.LastID, one.actual.LastReason = x.ID, x.Reason
	one.actual.LastParams, one.actual.LastError = x.ReasonParams, x.Error
}
