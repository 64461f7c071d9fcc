package execution

import (
	"context"
	"sync"
	"time"

	"scriptsmanager/backend/shim/protocol"
)

// Figures is what an execution, with all that it started, uses now.
type Figures struct {
	At         time.Time
	CPUSeconds float64
	Memory     int64 // resident bytes
	MemoryPeak int64 // bytes; the most that was seen
	Processes  int
}

// askAgainAfter is how long an answer is as good as new: a shim goes through all
// processes of the machine for it, and commands and pages ask at each line of output.
const askAgainAfter = time.Second

// askTogether is how many shims are asked at the same time.
const askTogether = 8

// Figures asks the shims of the executions what they use, until ctx ends; nil
// asks all. One that was asked within the last second is not asked again. Those that do not answer, or that do not run yet or any more, are
// left out.
func (s *Service) Figures(ctx context.Context, ids []string) map[string]Figures {
	var actors []*actor
	if ids == nil {
		actors = s.supervised()
	}
	for _, id := range ids {
		if a := s.actor(id); a != nil {
			actors = append(actors, a)
		}
	}
	var mu sync.Mutex // guards the two below
	found, late := map[string]Figures{}, false
	var answers sync.WaitGroup
	slots := make(chan struct{}, askTogether)
	for _, a := range actors {
		if f := a.figures.Load(); f != nil && time.Since(f.At) < askAgainAfter {
			mu.Lock()
			found[a.id] = *f
			mu.Unlock()
			continue
		}
		sh := a.asked.Load()
		if sh == nil {
			continue
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		answers.Add(1)
		go func() {
			defer answers.Done()
			defer func() { <-slots }()
			state, err := sh.Status()
			if err != nil || state.Phase == protocol.PhaseEnded || state.Script.PID == 0 {
				return
			}
			f := Figures{
				At: time.Now(), CPUSeconds: state.CPUSeconds, Memory: state.Memory, MemoryPeak: state.MemoryPeak,
				Processes: state.Processes,
			}
			a.figures.Store(&f)
			mu.Lock()
			defer mu.Unlock()
			if !late {
				found[a.id] = f
			}
		}()
	}
	all := make(chan struct{})
	go func() { answers.Wait(); close(all) }()
	select {
	case <-all:
	case <-ctx.Done():
	}
	mu.Lock()
	defer mu.Unlock()
	late = true // what comes now is for nobody
	return found
}
