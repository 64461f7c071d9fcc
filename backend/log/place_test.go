package log_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/format"
)

func TestRows(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var runs []run
	for range 2000 {
		text := make([]byte, 1+random.IntN(40))
		for i := range text {
			text[i] = "abc\n"[random.IntN(4)]
		}
		runs = append(runs, run{format.Kind(1 + random.IntN(2)), string(text)})
	}
	runs = append(runs, out("no end"), err("none either"))
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, true, runs...)
	r := open(t, base)
	for _, stream := range []domain.Stream{domain.Stdout, domain.Stderr} {
		var want, got []int64
		for next := int64(1); next <= r.Lines(); {
			p := read(t, r, next, log.MaxLimit, stream)
			for _, l := range p.Lines {
				want = append(want, l.Seq)
			}
			next = p.Next
		}
		rows, e := r.Rows(stream, 1, 1, 0)
		if e != nil || !slices.Equal(rows.Starts, want) || rows.Count != int64(len(want)) || rows.Next != r.Lines()+1 {
			t.Fatalf("%s: %d rows and %d starts, want %d; next %d, %v", stream, rows.Count, len(rows.Starts), len(want), rows.Next, e)
		}
		// In the middle of a record, and on from there.
		for _, from := range []int64{2, 777, r.Lines() - 1, r.Lines()} {
			before, _ := slices.BinarySearch(want, from)
			rest, e := r.Rows(stream, 10, from, int64(before))
			if e != nil || rest.Count != int64(len(want)) {
				t.Errorf("%s from %d: %d rows, want %d, %v", stream, from, rest.Count, len(want), e)
			}
			got = got[:0]
			for row := (before + 9) / 10 * 10; row < len(want); row += 10 {
				got = append(got, want[row])
			}
			if !slices.Equal(rest.Starts, got) {
				t.Errorf("%s from %d: %v, want %v", stream, from, rest.Starts, got)
			}
		}
	}
	if _, e := r.Rows(domain.Debug, 1, 1, 0); e == nil {
		t.Error("debug lines have rows of their own")
	}
}

func TestLineAt(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	w := write(t, base, false, out("a\n"), out("b"), out("\nc\n"), err("d\n"))
	// The clock is set back by an hour.
	if _, e := w.Write(format.Stdout, stamp(0).Add(-time.Hour).UnixNano(), []byte("e\n")); e != nil {
		t.Fatal(e)
	}
	r := open(t, base)
	for _, c := range []struct {
		at   time.Time
		want int64
	}{
		{time.Time{}.Add(time.Hour), 1},
		{stamp(0), 1},
		{stamp(1), 2},
		{stamp(2), 2},
		{stamp(3), 4},
		{stamp(99), 5},
	} {
		if got, e := r.LineAt(c.at); e != nil || got != c.want {
			t.Errorf("%v: line %d, want %d, %v", c.at, got, c.want, e)
		}
	}
	if got, e := open(t, base+"-none").LineAt(stamp(0)); e != nil || got != 1 {
		t.Errorf("no log: line %d, %v", got, e)
	}
}
