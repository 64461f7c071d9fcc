package execution

import (
	"context"
	"time"
)

// UseLog keeps what an execution uses over time.
type UseLog interface {
	Add(f Figures) error
	Every() time.Duration // how long to wait for the next one
	Close() error
}

// keepUse asks what an execution uses, and keeps the answers, until the
// function that it gives back is called; once more does no harm.
func (a *actor) keepUse() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := a.measureUse(ctx); err != nil && ctx.Err() == nil {
			// The execution is worth more than its figures.
			a.service.log.Warn("use is not kept", "execution", a.id, "error", err)
		}
	}()
	return func() { cancel(); <-done }
}

func (a *actor) measureUse(ctx context.Context) (err error) {
	uses, err := a.service.logs.Uses(a.base)
	if err != nil {
		return err
	}
	defer func() {
		if failed := uses.Close(); err == nil {
			err = failed
		}
	}()
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-wait.C:
		}
		if f, ok := a.service.Figures(ctx, []string{a.id})[a.id]; ok {
			if err := uses.Add(f); err != nil {
				return err
			}
		}
		wait.Reset(max(uses.Every(), askAgainAfter))
	}
}
