package execution

import (
	"context"
	"fmt"
	"slices"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim"
)

// Warnings says how people are warned before a limit of time ends something.
// What is 0 is as people are used to it.
type Warnings struct {
	Before time.Duration // the end; two minutes
	Share  float64       // of the limit, which the warning is at most before the end; a half
	Look   time.Duration // how often use is looked for; five seconds
}

func (w Warnings) before(limit time.Duration) time.Duration {
	before, share := w.Before, w.Share
	if before <= 0 {
		before = 2 * time.Minute
	}
	if share <= 0 {
		share = 0.5
	}
	return min(before, time.Duration(share*float64(limit)))
}

func (w Warnings) look() time.Duration {
	if w.Look <= 0 {
		return 5 * time.Second
	}
	return w.Look
}

// listLimits are the limits of one execution, each from the nearest place that
// has it: the script, its group, the configuration (SPEC EXE-4).
func listLimits(rules *Rules, q Request, hasPage bool) []domain.Limit {
	var list []domain.Limit
	add := func(kind domain.LimitKind, value float64, source string) {
		if value > 0 {
			list = append(list, domain.Limit{Kind: kind, Value: value, Source: source})
		}
	}
	// What a script does not say itself it has from its group.
	from := func(key string) string {
		if q.Script.Sources[key] == domain.SourceGroup {
			return domain.SourceGroup
		}
		return domain.SourceScript
	}

	seconds, source := rules.Limits.Time.Seconds(), domain.SourceConfiguration
	if hasPage {
		seconds = rules.Idle.Seconds()
	}
	if n := q.Group.ExecutionTimeout; n > 0 {
		seconds, source = float64(n), domain.SourceGroup
	}
	if n := q.Script.ExecutionTimeout; n > 0 {
		seconds, source = float64(n), domain.SourceScript
	}
	switch {
	case !hasPage:
		add(domain.LimitTime, seconds, source)
	case !q.Script.Background && !q.Script.AlwaysOn:
		add(domain.LimitIdle, seconds, source)
	}

	if n, ok := memoryOf(q.Script.MemoryLimit); ok {
		add(domain.LimitMemory, float64(n), from("memory_limit"))
	} else {
		add(domain.LimitMemory, float64(rules.Limits.Memory), domain.SourceConfiguration)
	}
	if n, ok := cpusOf(q.Script.CPULimit); ok {
		add(domain.LimitCPU, n, from("cpu_limit"))
	} else {
		add(domain.LimitCPU, rules.Limits.CPUs, domain.SourceConfiguration)
	}
	add(domain.LimitProcesses, float64(rules.Limits.Processes), domain.SourceConfiguration)
	return list
}

// limitsOf is what the shim is told of them. The idle limit is not for it, as
// it does not see use.
func limitsOf(rules *Rules, q Request, hasPage bool) (l sandbox.Limits) {
	for _, one := range listLimits(rules, q, hasPage) {
		switch one.Kind {
		case domain.LimitTime:
			l.Time = time.Duration(one.Value * float64(time.Second))
		case domain.LimitMemory:
			l.Memory = int64(one.Value)
		case domain.LimitProcesses:
			l.Processes = int(one.Value)
		case domain.LimitCPU:
			l.CPUs = one.Value
		case domain.LimitIdle:
		}
	}
	return l
}

func limitOf(e domain.Execution, kind domain.LimitKind) (domain.Limit, bool) {
	i := slices.IndexFunc(e.Limits, func(l domain.Limit) bool { return l.Kind == kind })
	if i < 0 {
		return domain.Limit{}, false
	}
	return e.Limits[i], true
}

// limitsHeld notes by what means the limits hold, for the record that is
// written next, and sets the clock for the warning before the time is over.
func (a *actor) limitsHeld(event shim.Started) {
	means := map[domain.LimitKind]string{
		domain.LimitTime: event.Means.Time, domain.LimitMemory: event.Means.Memory,
		domain.LimitProcesses: event.Means.Processes, domain.LimitCPU: event.Means.CPUs,
		domain.LimitIdle: string(domain.MeansWatched),
	}
	a.mu.Lock()
	a.e.Limits = slices.Clone(a.e.Limits) // who has the old record may be reading it
	for i, l := range a.e.Limits {
		a.e.Limits[i].Means = domain.Means(means[l.Kind])
	}
	a.mu.Unlock()
	a.windTime(event.At, event.Limits.Time)
}

// windTime has people warned before a limit of time that counts from began.
func (a *actor) windTime(began time.Time, limit time.Duration) {
	if a.timeWarn != nil {
		a.timeWarn.Stop()
		a.timeWarn = nil
	}
	own, ok := limitOf(a.e, domain.LimitTime)
	if limit <= 0 || !ok {
		return
	}
	ends := began.Add(limit)
	// However often it is extended, the warning comes as long before.
	before := a.service.config.Warnings.before(time.Duration(own.Value * float64(time.Second)))
	a.timeWarn = time.AfterFunc(time.Until(ends)-before, func() {
		a.send(command{do: func() {
			a.warn(&domain.EndWarning{
				Reason: domain.ReasonTimeout, EndsAt: ends.UTC(), Seconds: own.Value, Source: own.Source,
			})
		}})
	})
}

// warn tells people of an end to come, or, with nil, takes that back.
func (a *actor) warn(w *domain.EndWarning) {
	if a.stopping != nil || (w == nil && a.e.Warning == nil) {
		return
	}
	a.change(false, func(e *domain.Execution) { e.Warning = w })
	if w == nil {
		a.debug.Info("the warning is taken back")
		return
	}
	a.debug.Info("warned", "reason", w.Reason, "ends_at", w.EndsAt)
	e := a.snapshot()
	a.service.publish(domain.Event{Type: domain.EventExecutionWarned, UserID: e.UserID, Data: e})
}

// extend gives an execution that is warned of its time as much again, from now.
func (a *actor) extend() error {
	own, ok := limitOf(a.e, domain.LimitTime)
	if !ok || a.shim == nil || a.e.StartedAt == nil {
		return nil
	}
	began := *a.e.StartedAt
	limit := time.Since(began) + time.Duration(own.Value*float64(time.Second))
	if err := a.shim.Extend(limit); err != nil {
		return fmt.Errorf("extend the time of %s: %w", a.id, err)
	}
	a.windTime(began, limit)
	a.warn(nil)
	return nil
}

// KeepRunning is a person's word that an execution is wanted: it counts as use
// of its page, and gives one that is warned of its time as much again. It
// fails with CodeExecutionEnded.
func (s *Service) KeepRunning(ctx context.Context, id string) error {
	a := s.actor(id)
	if a == nil {
		return domain.NewError(domain.CodeExecutionEnded)
	}
	a.use()
	answer := make(chan error, 1)
	sent := a.send(command{do: func() {
		if a.stopping == nil && a.e.Warning != nil && a.e.Warning.Reason == domain.ReasonTimeout {
			answer <- a.extend()
			return
		}
		answer <- nil
	}})
	if !sent {
		return domain.NewError(domain.CodeExecutionEnded)
	}
	select {
	case err := <-answer:
		return err
	case <-a.done:
		return domain.NewError(domain.CodeExecutionEnded)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Used notes that a person used an execution's page, which its traffic may not
// tell. It fails with CodeExecutionEnded.
func (s *Service) Used(id string) error {
	a := s.actor(id)
	if a == nil {
		return domain.NewError(domain.CodeExecutionEnded)
	}
	a.use()
	return nil
}
