package port

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"scriptsmanager/backend/domain"
)

// Store keeps the leases. InsertLease fails with domain.CodePortTaken when a
// live lease has the port already.
type Store interface {
	InsertLease(ctx context.Context, lease domain.Lease) (int64, error)
	ActivateLease(ctx context.Context, id int64, pid int) error
	ReleaseLease(ctx context.Context, executionID string) error
	LiveLeases(ctx context.Context) ([]domain.Lease, error)
}

// Request says for whom a port is wanted.
type Request struct {
	ExecutionID string
	ScriptID    domain.ScriptID
	UserID      int64
	ProjectID   int64
	Wish        []int // tried first, in this order; may lie outside the range; below 1024 and what browsers refuse is ignored
	Avoid       []int // never given: ports on which the script's own bind failed before
}

// Leases gives out ports. It is safe for concurrent use.
type Leases struct {
	store Store
	log   *slog.Logger
	rules atomic.Pointer[Rules]

	mu   sync.Mutex
	held map[string]*Held // by execution
}

// Rules say which ports are leased, and how.
type Rules struct {
	Start, End int // of the range, both included
	Retries    int // how many other ports are tried for a script whose own bind fails
	// Unchecked leases without asking the system first whether a port is free:
	// only other leases count then, and what a script cannot bind is found out
	// when it tries.
	Unchecked bool
}

// New makes the leases.
func New(r Rules, store Store, log *slog.Logger) *Leases {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	l := &Leases{store: store, log: log, held: map[string]*Held{}}
	l.SetRules(r)
	return l
}

// SetRules changes what holds from the next Acquire on; leased ports stay.
func (l *Leases) SetRules(r Rules) { l.rules.Store(&r) }

// Retries is how many further ports an execution may ask for, naming those
// that failed in Request.Avoid, when its script cannot bind the port it got.
func (l *Leases) Retries() int { return l.rules.Load().Retries }

// Held is a leased port.
type Held struct {
	Port    int
	LeaseID int64

	mu   sync.Mutex
	hold *hold
}

// Blocks tells whether the script itself could not bind the port before Yield:
// true on Windows. On Linux a server that sets SO_REUSEADDR, as Flask and
// nearly all others do, gets the port although it is held.
func (h *Held) Blocks() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hold != nil && holdBlocks
}

// Yield drops the reserving socket; the lease stays. Call it before the start
// where Blocks, and elsewhere once the script listens or when its server is
// known not to set SO_REUSEADDR. Further calls do nothing.
func (h *Held) Yield() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hold == nil {
		return nil
	}
	err := h.hold.close()
	h.hold = nil
	if err != nil {
		return fmt.Errorf("give up port %d: %w", h.Port, err)
	}
	return nil
}

// Acquire leases a port: the wishes in their order, else the lowest free of
// the range, and none that browsers refuse to open. It fails with
// domain.CodePortsExhausted. An execution has one
// port: a second call for the same execution first releases the first.
func (l *Leases) Acquire(ctx context.Context, r Request) (*Held, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rules := l.rules.Load()
	if _, again := l.held[r.ExecutionID]; again {
		if err := l.releaseLocked(ctx, r.ExecutionID); err != nil {
			return nil, err
		}
	}
	live, err := l.store.LiveLeases(ctx)
	if err != nil {
		return nil, fmt.Errorf("lease a port for %s: %w", r.ExecutionID, err)
	}
	taken := make(map[int]bool, len(live)+len(r.Avoid))
	for _, lease := range live {
		taken[lease.Port] = true
	}
	for _, p := range r.Avoid {
		taken[p] = true
	}
	candidates := make([]int, 0, len(r.Wish)+rules.End-rules.Start+1)
	for _, p := range r.Wish {
		if p >= 1024 && p <= 65535 && !refused(p) {
			candidates = append(candidates, p)
		}
	}
	wishes := len(candidates)
	for p := rules.Start; p <= rules.End; p++ {
		if !refused(p) {
			candidates = append(candidates, p)
		}
	}
	// A port whose last connections are still in TIME_WAIT is good for the
	// script that had it (a wish), and otherwise the second choice.
	for _, lingering := range []bool{false, true} {
		for i, p := range candidates {
			if taken[p] {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			h := reserve(p, lingering || i < wishes)
			if h == nil && !rules.Unchecked {
				continue
			}
			id, err := l.store.InsertLease(ctx, domain.Lease{
				Port: p, State: domain.LeaseAllocated, ExecutionID: r.ExecutionID, ScriptID: r.ScriptID,
				UserID: r.UserID, ProjectID: r.ProjectID, AllocatedAt: time.Now().UTC(),
			})
			if err == nil {
				held := &Held{Port: p, LeaseID: id, hold: h}
				l.held[r.ExecutionID] = held
				return held, nil
			}
			if h != nil {
				if closeErr := h.close(); closeErr != nil {
					l.log.WarnContext(ctx, "close the reserving socket", "port", p, "error", closeErr)
				}
			}
			if !domain.HasCode(err, domain.CodePortTaken) {
				return nil, fmt.Errorf("lease port %d for %s: %w", p, r.ExecutionID, err)
			}
			taken[p] = true
		}
	}
	return nil, domain.NewError(domain.CodePortsExhausted, "start", rules.Start, "end", rules.End)
}

// Activate records that the execution's process pid has the port now.
func (l *Leases) Activate(ctx context.Context, held *Held, pid int) error {
	if err := l.store.ActivateLease(ctx, held.LeaseID, pid); err != nil {
		return fmt.Errorf("activate the lease of port %d: %w", held.Port, err)
	}
	return nil
}

// Restore records that the execution's process pid has the port, where what is
// recorded of it says something else or nothing. It fails with
// domain.CodePortTaken where the port is leased to another execution.
func (l *Leases) Restore(ctx context.Context, r Request, port, pid int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	live, err := l.store.LiveLeases(ctx)
	if err != nil {
		return fmt.Errorf("record port %d for %s: %w", port, r.ExecutionID, err)
	}
	id := int64(0)
	for _, lease := range live {
		if lease.ExecutionID == r.ExecutionID && lease.Port == port {
			id = lease.ID
		}
	}
	if id == 0 {
		if err := l.store.ReleaseLease(ctx, r.ExecutionID); err != nil {
			return fmt.Errorf("record port %d for %s: %w", port, r.ExecutionID, err)
		}
		id, err = l.store.InsertLease(ctx, domain.Lease{
			Port: port, State: domain.LeaseAllocated, ExecutionID: r.ExecutionID, ScriptID: r.ScriptID,
			UserID: r.UserID, ProjectID: r.ProjectID, AllocatedAt: time.Now().UTC(),
		})
		if err != nil {
			return fmt.Errorf("record port %d for %s: %w", port, r.ExecutionID, err)
		}
	}
	if err := l.store.ActivateLease(ctx, id, pid); err != nil {
		return fmt.Errorf("record port %d for %s: %w", port, r.ExecutionID, err)
	}
	return nil
}

// Release ends the execution's lease; one that has none is no error, so that
// it may be called however an execution ended.
func (l *Leases) Release(ctx context.Context, executionID string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.releaseLocked(ctx, executionID)
}

func (l *Leases) releaseLocked(ctx context.Context, executionID string) error {
	var yieldErr error
	if held := l.held[executionID]; held != nil {
		yieldErr = held.Yield()
		delete(l.held, executionID)
	}
	if err := l.store.ReleaseLease(ctx, executionID); err != nil {
		return errors.Join(yieldErr, fmt.Errorf("release the port of %s: %w", executionID, err))
	}
	return yieldErr
}

// Live lists the leases that are not released.
func (l *Leases) Live(ctx context.Context) ([]domain.Lease, error) {
	live, err := l.store.LiveLeases(ctx)
	if err != nil {
		return nil, fmt.Errorf("list port leases: %w", err)
	}
	return live, nil
}

// Close drops all reserving sockets. The leases stay in the store.
func (l *Leases) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for id, held := range l.held {
		errs = append(errs, held.Yield())
		delete(l.held, id)
	}
	return errors.Join(errs...)
}

// Free tells whether the port could be leased now as far as the system goes:
// nobody listens on it and a trial bind succeeds.
func Free(port int) bool {
	h := reserve(port, true)
	if h == nil {
		return false
	}
	return h.close() == nil
}
