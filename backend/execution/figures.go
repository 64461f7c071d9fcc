package execution

import (
	"context"
	"sync"
	"time"

	"scriptsmanager/backend/shim"
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

// askTogether is how many shims are asked at the same time.
const askTogether = 8

// Figures asks the shims of the executions what they use, until ctx ends; nil
// asks all. Those that do not answer, or that do not run yet or any more, are
// left out.
func (s *Service) Figures(ctx context.Context, ids []string) map[string]Figures {
	asked := map[string]*shim.Shim{}
	s.mu.Lock()
	for id, a := range s.actors {
		asked[id] = a.asked.Load()
	}
	s.mu.Unlock()
	if ids == nil {
		for id := range asked {
			ids = append(ids, id)
		}
	}
	var mu sync.Mutex // guards the two below
	found, late := map[string]Figures{}, false
	var answers sync.WaitGroup
	slots := make(chan struct{}, askTogether)
	for _, id := range ids {
		sh := asked[id]
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
			mu.Lock()
			defer mu.Unlock()
			if !late {
				found[id] = Figures{
					At: time.Now(), CPUSeconds: state.CPUSeconds, Memory: state.Memory, MemoryPeak: state.MemoryPeak,
					Processes: state.Processes,
				}
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
