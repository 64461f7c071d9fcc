package log_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"scriptsmanager/backend/log"
)

func TestUsesAreKeptAndBounded(t *testing.T) { // LOG-6
	base := filepath.Join(t.TempDir(), "execution_x")
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now, peak, longest := start, int64(0), time.Duration(0)
	for restart := range 3 { // as engines do that take it up again
		l, err := log.OpenUses(base)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 4000 {
			u := log.Use{At: now, CPUSeconds: now.Sub(start).Seconds() / 2, Memory: int64(1000 + i%7), Processes: 1}
			if restart == 1 && i == 1234 {
				u.Memory = 1 << 40
			}
			peak = max(peak, u.Memory)
			if err := l.Add(u); err != nil {
				t.Fatal(err)
			}
			longest = max(longest, l.Every())
			now = now.Add(l.Every())
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		uses, err := log.ReadUses(base)
		if err != nil || len(uses) > log.MaximumUses || len(uses) < log.MaximumUses/2-1 {
			t.Fatalf("%d kept, %v", len(uses), err)
		}
	}
	uses, err := log.ReadUses(base)
	if err != nil {
		t.Fatal(err)
	}
	if !uses[0].At.Equal(start) {
		t.Errorf("the first one is gone: %s", uses[0].At)
	}
	most, gap := int64(0), time.Duration(0)
	for i, u := range uses {
		most = max(most, u.Memory)
		if i > 0 {
			gap = max(gap, u.At.Sub(uses[i-1].At))
		}
	}
	if most != peak {
		t.Errorf("the peak of memory is %d, want %d", most, peak)
	}
	if ran := uses[len(uses)-1].At.Sub(start); gap > ran/100 {
		t.Errorf("a gap of %s in %s: what is old was thinned more than what is new", gap, ran)
	}
	if names, err := filepath.Glob(base + "*"); err != nil || len(names) != 1 {
		t.Errorf("files left: %v, %v", names, err)
	}
}

func TestDamagedUsesAreLeftOut(t *testing.T) {
	base := filepath.Join(t.TempDir(), "execution_x")
	if uses, err := log.ReadUses(base); err != nil || len(uses) != 0 {
		t.Errorf("of nothing: %v, %v", uses, err)
	}
	text := `{"at":"2026-03-01T12:00:00Z","cpu":1,"mem":5,"n":1}
nonsense
{"at":"2026-03-01T11:00:00Z","cpu":1,"mem":5,"n":1}
{"at":"2026-03-01T12:00:02Z","cpu":2,"mem":-5,"n":1}
{"at":"2026-03-01T12:00:03Z","cpu":3,"mem":7,"n":1}
{"at":"2026-03-01T12:0`
	if err := os.WriteFile(base+log.UseSuffix, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := log.OpenUses(base)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Add(log.Use{At: time.Date(2026, 3, 1, 12, 0, 4, 0, time.UTC), CPUSeconds: 4, Memory: 8, Processes: 1}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	uses, err := log.ReadUses(base)
	if err != nil || len(uses) != 3 || uses[1].Memory != 7 || uses[2].Memory != 8 {
		t.Errorf("%+v, %v", uses, err)
	}
}

func FuzzReadUses(f *testing.F) {
	f.Add([]byte(`{"at":"2026-03-01T12:00:00Z","cpu":1,"mem":5,"n":1}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		base := filepath.Join(t.TempDir(), "execution_x")
		if err := os.WriteFile(base+log.UseSuffix, text, 0o600); err != nil {
			t.Fatal(err)
		}
		uses, err := log.ReadUses(base)
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range uses {
			if u.Memory < 0 || i > 0 && !u.At.After(uses[i-1].At) {
				t.Errorf("%d: %+v", i, u)
			}
		}
	})
}
