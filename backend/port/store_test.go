//go:build sqlite_fts5

package port_test

import (
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/port"
	"scriptsmanager/backend/store"
)

// The real database has the last word: engines that share it never lease a
// port twice, and what one leased the other sees.
func TestLeasesInTheDatabase(t *testing.T) { // PRT-2, PRT-4
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const n = 12
	base := freeRange(t, n)
	engines := []*port.Leases{port.New(port.Rules{Start: base, End: base + n - 1, Retries: 3}, s, nil), port.New(port.Rules{Start: base, End: base + n - 1, Retries: 3}, s, nil)}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		seen = map[int]bool{}
	)
	for i := range n {
		wg.Go(func() {
			r := port.Request{ExecutionID: "e" + strconv.Itoa(i), ScriptID: "system/disk", Wish: []int{base + i/2}}
			h, err := engines[i%2].Acquire(t.Context(), r)
			if domain.HasCode(err, domain.CodePortsExhausted) {
				return // both looked at the last ones in the same instant
			}
			if err == nil {
				err = engines[i%2].Activate(t.Context(), h, 1000+i)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			} else if seen[h.Port] {
				t.Errorf("port %d was leased twice", h.Port)
			} else {
				seen[h.Port] = true
			}
		})
	}
	wg.Wait()
	live, err := engines[0].Live(t.Context())
	if err != nil || len(live) != len(seen) || len(seen) == 0 {
		t.Fatalf("%d live leases of %d, %v", len(live), len(seen), err)
	}
	for _, l := range live {
		if l.State != domain.LeaseActive || !seen[l.Port] || l.PID < 1000 {
			t.Errorf("lease %+v", l)
		}
	}
	for i := range n {
		if err := engines[i%2].Release(t.Context(), "e"+strconv.Itoa(i)); err != nil {
			t.Error(err)
		}
	}
	if live, err := engines[1].Live(t.Context()); err != nil || len(live) != 0 {
		t.Errorf("%d live leases after release, %v", len(live), err)
	}
	if h, err := engines[1].Acquire(t.Context(), port.Request{ExecutionID: "again", Wish: []int{base + 3}}); err != nil || h.Port != base+3 {
		t.Errorf("a released port is not had again: %+v, %v", h, err)
	}
	for _, e := range engines {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
