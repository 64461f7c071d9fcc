package engine

import (
	"testing"
	"time"
)

// Who is not signed in does not fill the audit: what is over a minute's measure
// is counted, and told with the next that is recorded.
func TestRefusalsAreBounded(t *testing.T) { // USR-4, ADM-4
	var r refusals
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range refusalsAMinute + 7 {
		if skip, before := r.next(now.Add(time.Duration(i) * time.Millisecond)); skip != (i >= refusalsAMinute) || before != 0 {
			t.Fatalf("%d: only counted %v, %d before", i, skip, before)
		}
	}
	if skip, before := r.next(now.Add(time.Minute)); skip || before != 7 {
		t.Errorf("a minute later: only counted %v, %d before", skip, before)
	}
	if skip, before := r.next(now.AddDate(-1, 0, 0)); skip || before != 0 {
		t.Errorf("the clock set back: only counted %v, %d before", skip, before)
	}
}
