package engine

import (
	"context"
	"fmt"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
)

// reconciler compares record and machine now and then, and removes what ended
// executions left (SPEC EXE-7).
type reconciler struct{ e *Engine }

// Serve runs until ctx ends.
func (r *reconciler) Serve(ctx context.Context) error {
	intervals := func() (compare, clean time.Duration) {
		c := r.e.Config()
		return time.Duration(c.ReconcileInterval) * time.Second, time.Duration(c.WebInterface.CleanupInterval) * time.Second
	}
	comparing, cleaning := intervals()
	compare, clean := time.NewTicker(comparing), time.NewTicker(cleaning)
	defer compare.Stop()
	defer clean.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.e.repace:
			// Other changes do not put off what is due.
			if now, then := intervals(); now != comparing || then != cleaning {
				comparing, cleaning = now, then
				compare.Reset(comparing)
				clean.Reset(cleaning)
			}
		case <-compare.C:
			if _, err := r.e.Reconcile(ctx); err != nil && ctx.Err() == nil {
				r.e.log.Error("compare record and machine", "error", err)
			}
		case <-clean.C:
			r.e.CleanUp(ctx)
		}
	}
}

func (r *reconciler) String() string { return "compare record and machine" }

// Reconcile compares what is recorded with what runs, puts right what differs,
// and records and gives it. After an error, what was put right before it is
// recorded and given all the same.
func (e *Engine) Reconcile(ctx context.Context) ([]domain.Correction, error) {
	found, err := e.executions.Reconcile(ctx, e.knownScript(ctx))
	e.recordCorrections(ctx, found)
	if err != nil {
		return found, fmt.Errorf("compare record and machine: %w", err)
	}
	return found, nil
}

// CleanUp removes what ended executions left on the disk, and gives how many
// folders that were.
func (e *Engine) CleanUp(ctx context.Context) int {
	n := e.executions.Clean(ctx)
	e.sweepDrafts()
	if n > 0 {
		e.log.Info("removed what ended executions left", "folders", n)
	}
	return n
}

// recordCorrections tells of corrections: a line in the system log each, an
// entry of the audit and an event. What was put right stays so where it cannot
// be recorded.
func (e *Engine) recordCorrections(ctx context.Context, found []domain.Correction) {
	ctx = context.WithoutCancel(ctx)
	for _, c := range found {
		e.log.Warn("record and machine differed and were put right", "kind", c.Kind, "execution", c.ExecutionID,
			"script", c.ScriptID, "user", c.UserID, "port", c.Port, "pid", c.PID)
		err := e.store.Audit(ctx, execution.Corrector(), "execution.correct",
			"execution:"+c.ExecutionID, nil, c)
		if err != nil {
			e.log.Error("record a correction", "execution", c.ExecutionID, "error", err)
		}
		e.bus.Publish(domain.Event{Type: domain.EventCorrected, UserID: c.UserID, Data: c})
	}
}
