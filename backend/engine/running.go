package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
)

// Use is what a live execution uses now, with all that it started.
type Use struct {
	CPUPercent float64 // of one processor, so that it may be above 100
	CPUSeconds float64
	Memory     int64 // resident bytes
	MemoryPeak int64
	Processes  int
}

// usage asks the shims what executions use, and keeps the answers: what a
// processor does shows only between two of them, and several people who look
// at the same time cost no more than one.
type usage struct {
	mu     sync.Mutex // guards former
	former map[string]sample
}

type sample struct {
	execution.Figures
	percent float64
	known   bool // percent is of two samples
}

const (
	askFor  = 800 * time.Millisecond // how long a shim may take to answer
	between = 400 * time.Millisecond // the least time between two samples that are compared
)

// of gives what the live executions use; one that does not answer is left out.
func (u *usage) of(ctx context.Context, s *execution.Service, live []domain.Execution) map[string]Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	limited, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	u.take(s.Figures(limited, nil))
	found := map[string]Use{}
	for _, e := range live {
		now, ok := u.former[e.ID]
		if !ok {
			continue
		}
		use := Use{
			CPUPercent: now.percent, CPUSeconds: now.CPUSeconds, Memory: now.Memory,
			MemoryPeak: now.MemoryPeak, Processes: now.Processes,
		}
		if !now.known && e.StartedAt != nil {
			// At first sight, what it has used on average since it began.
			use.CPUPercent = percent(now.CPUSeconds, now.At.Sub(*e.StartedAt))
		}
		found[e.ID] = use
	}
	return found
}

func (u *usage) take(figures map[string]execution.Figures) {
	samples := make(map[string]sample, len(figures))
	for id, f := range figures {
		now := sample{Figures: f}
		if before, ok := u.former[id]; ok {
			if f.At.Sub(before.At) < between {
				now = before
			} else {
				now.percent, now.known = percent(f.CPUSeconds-before.CPUSeconds, f.At.Sub(before.At)), true
			}
		}
		samples[id] = now
	}
	u.former = samples
}

func percent(cpu float64, of time.Duration) float64 {
	if of <= 0 || cpu <= 0 {
		return 0
	}
	return 100 * cpu / of.Seconds()
}

// Running lists everyone's live executions, oldest first, and what they use.
func (e *Engine) Running(ctx context.Context) ([]domain.Execution, map[string]Use) {
	live := e.executions.AllLive()
	return live, e.usage.of(ctx, e.executions, live)
}

// WithUse gives a live execution with what it has used until now.
func (e *Engine) WithUse(ctx context.Context, x domain.Execution) domain.Execution {
	if !x.State.Live() || x.PID == 0 {
		return x
	}
	limited, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	if f, ok := e.executions.Figures(limited, []string{x.ID})[x.ID]; ok {
		x.CPUSeconds, x.MemoryPeak = f.CPUSeconds, max(x.MemoryPeak, f.MemoryPeak)
	}
	return x
}

// Leases lists the leases that are not released, by port.
func (e *Engine) Leases(ctx context.Context) ([]domain.Lease, error) { return e.ports.Live(ctx) }

// EndLease ends what holds the port: its execution is stopped, which gives the
// port back; a lease without an execution that runs is given back at once. It
// records who did it, and fails with CodeNotFound where the port is not leased.
func (e *Engine) EndLease(ctx context.Context, a Actor, number int, r execution.StopRequest) error {
	leases, err := e.Leases(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(leases, func(l domain.Lease) bool { return l.Port == number })
	if i < 0 {
		return domain.NewError(domain.CodeNotFound, "what", "port", "name", number)
	}
	if x, live := e.executions.Live(leases[i].ExecutionID); live {
		return e.StopBy(ctx, a, x, r)
	}
	if err := e.ports.Release(ctx, leases[i].ExecutionID); err != nil {
		return err
	}
	return e.store.Audit(context.WithoutCancel(ctx), a, "port.release", "execution:"+leases[i].ExecutionID, leases[i], nil)
}
