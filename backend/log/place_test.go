package log_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// A long log is not looked through when it is opened: what is wrong in the
// middle of its index is met on the way, and read around.
func TestPlacesInDamagedLog(t *testing.T) {
	const lines = 100_000
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "line %d of many words\n", i)
	}
	var runs []run
	for rest := text.String(); rest != ""; {
		n := min(len(rest), 7777)
		runs, rest = append(runs, out(rest[:n])), rest[n:]
	}
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, true, runs...)
	good, e := os.ReadFile(base + format.IndexSuffix)
	if e != nil {
		t.Fatal(e)
	}
	last := format.HeaderSize + (len(runs)-1)*format.RecordSize
	at := func(i int) int { return format.HeaderSize + i*format.RecordSize }
	for name, bad := range map[string][]byte{
		"whole":         good,
		"rubbish":       slices.Concat(good[:at(100)], bytes.Repeat([]byte{7}, 320), good[at(110):]),
		"zeros":         slices.Concat(good[:at(100)], make([]byte, 10*format.RecordSize), good[at(110):]),
		"a gap":         slices.Concat(good[:at(100)], good[at(110):]),
		"twice":         slices.Concat(good[:at(110)], good[at(100):]),
		"rubbish last":  slices.Concat(good[:last], bytes.Repeat([]byte{7}, 64)),
		"cut":           good[:at(100)+5],
		"empty":         nil,
		"half a header": good[:9],
		"foreign":       []byte(strings.Repeat("something else\n", 1000)),
		"of another":    bytes.Replace(good, []byte(format.Magic), []byte("SMLOGXXX"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			if e := os.WriteFile(base+format.IndexSuffix, bad, 0o600); e != nil {
				t.Fatal(e)
			}
			// As one finds it when the writer is long gone.
			if e := os.Chtimes(base+format.LogSuffix, stamp(0), stamp(0)); e != nil {
				t.Fatal(e)
			}
			rows, e := open(t, base).Rows(domain.Stdout, 1000, 0, 0)
			if e != nil || rows.Count != lines || rows.Next != lines+1 || len(rows.Starts) != lines/1000 || rows.Starts[50] != 50_001 {
				t.Errorf("%d rows, %d starts, next %d, %v", rows.Count, len(rows.Starts), rows.Next, e)
			}
			// The line that ended in the run of that time, where times are left; before and behind what is damaged.
			for _, run := range []int{50, 200} {
				line, e := open(t, base).LineAt(stamp(run))
				if e != nil || line < 1 || line > lines {
					t.Errorf("run %d: line %d, %v", run, line, e)
				}
				if (name == "whole" || name == "rubbish" || name == "zeros" || name == "a gap") && line/10 != int64(strings.Count(text.String()[:run*7777], "\n")+1)/10 {
					t.Errorf("run %d: line %d", run, line)
				}
			}
			if got, want := open(t, base).Tail(60, domain.Stdout), "line 99998 of many words\nline 99999 of many words\n"; got != want {
				t.Errorf("its end: %q", got)
			}
			if p := read(t, open(t, base), lines/2, 2); p.Total != lines || len(p.Lines) != 2 || p.Lines[1].Text != "line 50000 of many words" {
				t.Errorf("%d lines, %v", p.Total, p.Lines)
			}
		})
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
