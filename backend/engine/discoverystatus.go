package engine

import (
	"context"
	"path"
	"slices"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
)

// scans keeps when the groups' folders were looked at last.
type scans struct {
	recording sync.Mutex // held while a result is recorded
	recorded  uint64     // the last one's number

	mu       sync.Mutex // guards what follows
	running  int
	at       time.Time // somebody looked at all of them
	took     time.Duration
	changed  time.Time // what was found was taken over, also from the watch
	problems []domain.Problem
}

// inOrder records a result unless a later one is recorded: the watch and a
// person who asks for a scan may come to it in either order.
func (s *scans) inOrder(number uint64, record func() error) error {
	s.recording.Lock()
	defer s.recording.Unlock()
	if number < s.recorded {
		return nil
	}
	err := record()
	if err == nil {
		s.recorded = number
	}
	return err
}

func (s *scans) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running++
}

func (s *scans) end(took time.Duration, whole bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running--; whole {
		s.at, s.took = time.Now().UTC(), took
	}
}

func (s *scans) found(problems []domain.Problem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed, s.problems = time.Now().UTC(), problems
}

// FoundProblem is what is wrong in a file of a group.
type FoundProblem struct {
	domain.Problem                 // File is relative to the folder of groups
	GroupID        string          `json:"group_id"`  // "": of the folder of groups itself
	ScriptID       domain.ScriptID `json:"script_id"` // "": of the group
}

// DiscoveryStatus is what was found in the groups' folders, and when.
type DiscoveryStatus struct {
	Scanning  bool           `json:"scanning"`
	Looked    int64          `json:"looked"` // groups so far
	Of        int64          `json:"of"`
	ScannedAt time.Time      `json:"scanned_at"` // all folders were looked at
	TookMS    float64        `json:"took_ms"`
	ChangedAt time.Time      `json:"changed_at"` // something was found that had changed
	Folder    string         `json:"folder"`
	Groups    int            `json:"groups"`
	Scripts   int            `json:"scripts"`
	Problems  []FoundProblem `json:"problems"`
}

// DiscoveryStatus tells what is wrong in all groups, examples too, mistakes
// before warnings.
func (e *Engine) DiscoveryStatus(ctx context.Context) (DiscoveryStatus, error) {
	groups, err := e.store.Groups(ctx)
	if err != nil {
		return DiscoveryStatus{}, err
	}
	scripts, err := e.store.Scripts(ctx, "")
	if err != nil {
		return DiscoveryStatus{}, err
	}
	e.scans.mu.Lock()
	s := DiscoveryStatus{
		Scanning: e.scans.running > 0, ScannedAt: e.scans.at, TookMS: float64(e.scans.took.Microseconds()) / 1000, ChangedAt: e.scans.changed,
		Folder: e.options.Root.Groups(), Problems: []FoundProblem{},
	}
	for _, p := range e.scans.problems {
		s.Problems = append(s.Problems, FoundProblem{Problem: p})
	}
	e.scans.mu.Unlock()
	s.Looked, s.Of = e.discovery.Progress()
	of := map[string][]domain.Script{} // by group
	for _, x := range scripts {
		of[x.GroupID] = append(of[x.GroupID], x)
	}
	in := func(group string, p domain.Problem) domain.Problem {
		p.File = path.Join(group, p.File)
		return p
	}
	for _, g := range groups {
		if !g.Active {
			continue
		}
		s.Groups++
		for _, p := range g.Problems {
			s.Problems = append(s.Problems, FoundProblem{Problem: in(g.ID, p), GroupID: g.ID})
		}
		for _, x := range of[g.ID] {
			if !x.Active {
				continue
			}
			s.Scripts++
			for _, p := range x.Problems {
				s.Problems = append(s.Problems, FoundProblem{Problem: in(g.ID, p), GroupID: g.ID, ScriptID: x.ID})
			}
		}
		examples, err := e.groupExamples(g.ID, of[g.ID])
		if err != nil {
			return s, err
		}
		for _, one := range examples {
			for _, p := range one.Problems {
				s.Problems = append(s.Problems, FoundProblem{Problem: in(g.ID, p), GroupID: g.ID, ScriptID: one.ScriptID})
			}
		}
	}
	slices.SortStableFunc(s.Problems, func(a, b FoundProblem) int {
		switch {
		case a.Warning == b.Warning:
			return 0
		case b.Warning:
			return -1
		}
		return 1
	})
	return s, nil
}
