package log_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
)

// What Python 3.11 prints, between lines of other output.
const (
	plainTraceback = `Traceback (most recent call last):
  File "/srv/scripts/pump/main.py", line 12, in <module>
    run()
  File "/usr/lib/python3/dist-packages/flask/app.py", line 3, in run
    raise ValueError("no pressure")
ValueError: no pressure
`
	chainedTraceback = `Traceback (most recent call last):
  File "/srv/scripts/pump/parts/read.py", line 2, in read
    1/0
    ~^~
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/python3.11/x.py", line 4, in <module>
    raise KeyError("k")
KeyError: 'k'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/lib/python3.11/y.py", line 6, in <module>
    raise RuntimeError("last") from e
RuntimeError: last
`
	syntaxTraceback = `  File "/srv/scripts/pump/main.py", line 3
    x = = 1
        ^
SyntaxError: invalid syntax
`
	groupTraceback = `  + Exception Group Traceback (most recent call last):
  |   File "/srv/scripts/pump/main.py", line 1, in <module>
  |     raise ExceptionGroup("eg", [ValueError(1)])
  | ExceptionGroup: eg (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +------------------------------------
`
)

// tracebacks goes through a log in steps, as the door does.
func tracebacks(t testing.TB, r *log.Reader, most int64, streams ...domain.Stream) []log.Traceback {
	t.Helper()
	var all []log.Traceback
	for from, row := int64(1), int64(0); ; {
		found, e := r.Tracebacks(t.Context(), "/srv/scripts/pump", from, row, most, streams...)
		if e != nil {
			t.Fatal(e)
		}
		all = slices.DeleteFunc(all, func(b log.Traceback) bool { return b.First >= from })
		all = append(all, found.Found...)
		if found.End {
			slices.SortFunc(all, func(a, b log.Traceback) int { return int(a.First - b.First) })
			return all
		}
		if found.Next <= from {
			t.Fatalf("it does not go on from line %d", from)
		}
		from, row = found.Next, found.Row
	}
}

func TestTracebacks(t *testing.T) {
	ranges := func(all []log.Traceback) string {
		var b strings.Builder
		for _, one := range all {
			for _, p := range one.Parts {
				fmt.Fprintf(&b, "%d+%d ", p.Row, p.Count)
			}
			fmt.Fprintf(&b, "said %d %s %s; ", one.Said, one.Stream, one.Place)
		}
		return b.String()
	}
	const half, rest = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n", "    f()\nOddity\n"
	stderrOnly := []domain.Stream{domain.Stderr}
	for _, c := range []struct {
		name    string
		runs    []run
		streams []domain.Stream
		want    string
	}{
		{"one", []run{out("begin\n"), err(plainTraceback), out("end\n")}, nil, "1+6 said 6 stderr main.py:12; "},
		{"chained are one", []run{err(chainedTraceback + "\nand more\n")}, nil, "0+19 said 18 stderr parts/read.py:2; "},
		{"two without anything between", []run{err(plainTraceback + plainTraceback)}, nil, "0+6 said 5 stderr main.py:12; 6+6 said 11 stderr main.py:12; "},
		{"an empty line behind is not part of it", []run{out(plainTraceback + "\n\nmore\n")}, nil, "0+6 said 5 stdout main.py:12; "},
		{"a script that does not compile", []run{err(syntaxTraceback)}, nil, "0+4 said 3 stderr main.py:3; "},
		{"a group", []run{err(groupTraceback + "more\n")}, nil, "0+7 said 3 stderr main.py:1; "},
		{"lines of the other stream between", []run{err(half), out("other\n"), err(rest)}, nil, "0+2 3+2 said 4 stderr ; "},
		{"the other stream left out", []run{out("one\n"), err(half), out("other\n"), err(rest)}, stderrOnly, "0+4 said 3 stderr ; "},
		{"colours", []run{err("\x1b[31mTraceback (most recent call last):\x1b[0m\n  File \"a.py\", line 1\n\x1b[1mE\x1b[0m: x\n")}, nil, "0+3 said 2 stderr ; "},
		{"without an end", []run{err("Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n")}, nil, ""},
		{"only spoken of", []run{out("the words Traceback (most recent call last): in a line\n  File \"a.py\", line 3\nno\n")}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := filepath.Join(t.TempDir(), "x")
			write(t, base, true, c.runs...)
			r := open(t, base)
			for _, most := range []int64{0, 1, 60, 400} {
				if most > 0 && strings.HasPrefix(c.name, "without") {
					continue
				}
				if got := ranges(tracebacks(t, r, 1000*most, c.streams...)); got != c.want {
					t.Errorf("in steps of %d bytes: %s, want %s", most, got, c.want)
				}
			}
		})
	}
}

func TestTracebacksOfALogThatGrows(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	w := write(t, base, false, out("begin\n"))
	r := open(t, base)
	var all []log.Traceback
	from, row := int64(1), int64(0)
	for _, line := range strings.SplitAfter(chainedTraceback+"end\n", "\n") {
		if line == "" {
			continue
		}
		add(t, w, err(line))
		found, e := r.Tracebacks(t.Context(), "", from, row, 0)
		if e != nil {
			t.Fatal(e)
		}
		all = slices.DeleteFunc(all, func(b log.Traceback) bool { return b.First >= from })
		all = append(all, found.Found...)
		from, row = found.Next, found.Row
	}
	if len(all) != 1 || all[0].First != 2 || all[0].Said != 19 || all[0].Parts[0] != (log.TracebackPart{Row: 1, Count: 19}) {
		t.Errorf("%+v", all)
	}
	if from != 22 {
		t.Errorf("it goes on from line %d", from)
	}
}

func FuzzTracebacks(f *testing.F) {
	for _, text := range []string{plainTraceback, chainedTraceback, syntaxTraceback, groupTraceback, "Traceback (most recent call last):\n\nx"} {
		f.Add(text, text, uint16(100))
	}
	f.Fuzz(func(t *testing.T, stdout, stderr string, most uint16) {
		base := filepath.Join(t.TempDir(), "x")
		var runs []run
		for stdout != "" || stderr != "" {
			n, m := min(len(stdout), 40), min(len(stderr), 30)
			if n > 0 {
				runs = append(runs, out(stdout[:n]))
			}
			if m > 0 {
				runs = append(runs, err(stderr[:m]))
			}
			stdout, stderr = stdout[n:], stderr[m:]
		}
		write(t, base, true, runs...)
		r := open(t, base)
		rows := r.Lines()
		for _, one := range tracebacks(t, r, int64(most)) {
			said, next := false, int64(0)
			for _, p := range one.Parts {
				if p.Row < next || p.Count < 1 || p.Row+p.Count > rows {
					t.Fatalf("%+v of %d rows", one, rows)
				}
				said = said || p.Row <= one.Said && one.Said < p.Row+p.Count
				next = p.Row + p.Count + 1
			}
			if !said {
				t.Fatalf("the sentence is not in %+v", one)
			}
		}
	})
}

func BenchmarkTracebacks(b *testing.B) {
	base := filepath.Join(b.TempDir(), "x")
	var runs []run
	line := strings.Repeat("pressure 4.2 bar, temperature 71.3 C; ", 3)[:99] + "\n"
	for range 100 {
		runs = append(runs, out(strings.Repeat(line, 1000)))
	}
	write(b, base, true, runs...)
	r := open(b, base)
	b.SetBytes(100 * 1000 * 100)
	for b.Loop() {
		tracebacks(b, r, 64<<20)
	}
}
