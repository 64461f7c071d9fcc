package desktop

import (
	"context"
	"time"

	"scriptsmanager/backend/domain"
)

// The web view takes some ten thousand single events a second but hundreds of
// thousands in batches, and nobody sees more than sixty pictures a second.
const (
	batchWait = 16 * time.Millisecond
	batchMost = 1000
)

// batch collects events for at most batchWait after the first one, and gives
// them to emit together, until in is closed or ctx ends.
func batch(ctx context.Context, in <-chan domain.Event, emit func([]domain.Event)) {
	var collected []domain.Event
	var due <-chan time.Time
	flush := func() {
		if len(collected) > 0 {
			emit(collected)
		}
		collected, due = nil, nil
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-due:
			flush()
		case e, open := <-in:
			if !open {
				flush()
				return
			}
			collected = append(collected, e)
			if len(collected) >= batchMost {
				flush()
			} else if due == nil {
				due = time.After(batchWait)
			}
		}
	}
}
