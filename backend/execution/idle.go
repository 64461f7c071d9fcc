package execution

import (
	"context"
	"time"

	"scriptsmanager/backend/domain"
)

// Meter tells whether a script's port was used since it was asked last. It is
// asked by one goroutine.
type Meter interface{ Used() (bool, error) }

// idleWatch ends a page that nobody uses (SPEC WIN-4): it warns first, and use
// takes the warning back.
type idleWatch struct {
	limit, before, look time.Duration
	meter               Meter
	used                <-chan struct{} // a person used it
	warn                func(endsAt time.Time)
	unwarn              func()
	end                 func()
	blind               func(error) // told once, where use cannot be measured: then nothing is ended
}

// run watches until ctx ends or the page has been ended.
func (w *idleWatch) run(ctx context.Context) {
	if _, err := w.meter.Used(); err != nil {
		w.blind(err)
		return
	}
	last, warned := time.Now(), false
	timer := time.NewTimer(w.next(last, warned))
	defer timer.Stop()
	for {
		used := false
		select {
		case <-ctx.Done():
			return
		case <-w.used:
			used = true
		case <-timer.C:
			var err error
			if used, err = w.meter.Used(); err != nil {
				w.blind(err)
				if warned {
					w.unwarn()
				}
				return
			}
		}
		now := time.Now()
		switch {
		case used:
			last = now
			if warned {
				warned = false
				w.unwarn()
			}
		case now.Sub(last) >= w.limit:
			w.end()
			return
		case !warned && now.Sub(last) >= w.limit-w.before:
			warned = true
			w.warn(last.Add(w.limit))
		}
		timer.Reset(w.next(last, warned))
	}
}

// next is when to look again: in time for the warning and for the end, and
// often enough meanwhile that nothing is forgotten by the system.
func (w *idleWatch) next(last time.Time, warned bool) time.Duration {
	until := w.limit - w.before
	if warned {
		until = w.limit
	}
	return max(min(time.Until(last.Add(until)), w.look), time.Millisecond)
}

// watchUse begins to look for use once the page is there.
func (a *actor) watchUse(ctx context.Context) {
	limit, ok := limitOf(a.e, domain.LimitIdle)
	if !ok || a.idle != nil || a.e.Phase != domain.PhaseReady || a.stopping != nil || a.service.config.NewMeter == nil {
		return
	}
	d := time.Duration(limit.Value * float64(time.Second))
	warnings := a.service.config.Warnings
	// During a warning, use is to take it back while a person still looks.
	look := min(warnings.look(), max(warnings.before(d)/4, 20*time.Millisecond))
	do := func(f func()) { a.send(command{do: f}) }
	a.idle = &idleWatch{
		limit: d, before: warnings.before(d), look: look,
		meter: a.service.config.NewMeter(a.e.Port), used: a.used,
		warn: func(ends time.Time) {
			do(func() {
				a.warn(&domain.EndWarning{Reason: domain.ReasonIdle, EndsAt: ends.UTC(), Seconds: limit.Value, Source: limit.Source})
			})
		},
		unwarn: func() { do(func() { a.warn(nil) }) },
		end: func() {
			a.send(command{stop: &StopRequest{
				Reason: domain.ReasonIdle,
				Params: map[string]any{"duration": domain.ShortDuration(d), "seconds": limit.Value},
			}})
		},
		blind: func(err error) {
			a.service.log.Warn("use of a page cannot be seen, its idle limit is off", "execution", a.id, "error", err)
		},
	}
	go a.idle.run(ctx)
}

// use notes that a person used the page.
func (a *actor) use() {
	select {
	case a.used <- struct{}{}:
	default:
	}
}
