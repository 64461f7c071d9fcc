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

// run is what one read of the writer got.
type run struct {
	kind format.Kind
	data string
}

func out(s string) run { return run{format.Stdout, s} }
func err(s string) run { return run{format.Stderr, s} }

// write makes a log of the runs; each is a millisecond after the one before.
func write(t testing.TB, base string, finish bool, runs ...run) *format.Writer {
	t.Helper()
	w, e := format.Create(base)
	if e != nil {
		t.Fatal(e)
	}
	t.Cleanup(func() { _ = w.Close() })
	add(t, w, runs...)
	if finish {
		if e := w.Finish(stamp(len(runs)).UnixNano()); e != nil {
			t.Fatal(e)
		}
	}
	return w
}

func add(t testing.TB, w *format.Writer, runs ...run) {
	t.Helper()
	for i, r := range runs {
		if _, e := w.Write(r.kind, stamp(i).UnixNano(), []byte(r.data)); e != nil {
			t.Fatal(e)
		}
	}
}

func stamp(i int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Millisecond)
}

func open(t testing.TB, base string) *log.Reader {
	t.Helper()
	r, e := log.Open(base)
	if e != nil {
		t.Fatal(e)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func read(t testing.TB, r *log.Reader, from int64, limit int, streams ...domain.Stream) domain.LogPage {
	t.Helper()
	p, e := r.Read(from, limit, streams...)
	if e != nil {
		t.Fatal(e)
	}
	return p
}

// show is a page in short: "1o:text" a line, * for open and / for cut.
func show(p domain.LogPage) string {
	var b strings.Builder
	for _, l := range p.Lines {
		fmt.Fprintf(&b, "%d%c:%s", l.Seq, l.Stream[3], l.Text)
		if l.Open {
			b.WriteByte('*')
		}
		if l.Cut {
			b.WriteByte('/')
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

// LOG-1, LOG-3
func TestRead(t *testing.T) {
	both := []domain.Stream{domain.Stdout, domain.Stderr}
	tests := []struct {
		name    string
		runs    []run
		finish  bool
		from    int64
		limit   int
		streams []domain.Stream
		want    string
		next    int64
		ended   bool
	}{
		{"empty", nil, false, 1, 0, nil, "", 1, false},
		{"empty and ended", nil, true, 1, 0, nil, "", 1, true},
		{"lines", []run{out("a\nb\n")}, false, 1, 0, nil, "1o:a 2o:b", 3, false},
		{"empty lines", []run{out("\n\n")}, true, 1, 0, both, "1o: 2o:", 3, true},
		{"open", []run{out("a\nb")}, false, 1, 0, nil, "1o:a 2o:b*", 2, false},
		{"open at the end", []run{out("a\nb")}, true, 1, 0, nil, "1o:a 2o:b", 3, true},
		{"from the middle", []run{out("a\nb\nc\n")}, false, 2, 1, nil, "2o:b", 3, false},
		{"beyond the end", []run{out("a\n")}, false, 50, 0, nil, "", 2, false},
		{"carriage returns", []run{out("a\r\nb\r"), out("\nc\rd\n")}, false, 1, 0, nil, "1o:a 2o:b 3o:c\rd", 4, false},
		{"put together by stream", []run{out("on"), err("tw"), out("e\nth"), err("o\nfo"), out("ree"), err("ur")}, false, 1, 0, nil, "1o:one 2e:two 3o:three* 4e:four*", 3, false},
		{"numbers by end", []run{out("first begun"), err("x\n"), out("\n")}, true, 1, 0, nil, "1e:x 2o:first begun", 3, true},
		{"unfinished in order of beginning", []run{err("e"), out("o")}, true, 1, 0, nil, "1e:e 2o:o", 3, true},
		{"one of two unfinished", []run{err("e"), out("o")}, true, 1, 0, both[:1], "2o:o", 3, true},
		{"stderr alone", []run{out("a\n"), err("b\n"), out("c\n"), err("d\n")}, false, 1, 0, both[1:], "2e:b 4e:d", 5, false},
		{"stderr alone, page of one", []run{out("a\n"), err("b\n"), out("c\n"), err("d\n")}, false, 1, 1, both[1:], "2e:b", 3, false},
		{"begins before the page", []run{out("a\nlo"), err("x\n"), out("ng\nz\n")}, false, 3, 1, nil, "3o:long", 4, false},
		{"invalid UTF-8", []run{out("a\xff\xfeb\n")}, false, 1, 0, nil, "1o:a\uFFFDb", 2, false},
		{"a rune in two reads", []run{out("\xc3"), err("x\n"), out("\xa9\n")}, false, 1, 0, nil, "1e:x 2o:é", 3, false},
		{"half a rune so far", []run{out("a\xc3")}, false, 1, 0, nil, "1o:a*", 1, false},
		{"NUL kept", []run{out("a\x00b\n")}, false, 1, 0, nil, "1o:a\x00b", 2, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			base := filepath.Join(t.TempDir(), "execution_x")
			write(t, base, test.finish, test.runs...)
			check := func(name string) {
				r := open(t, base)
				p := read(t, r, test.from, test.limit, test.streams...)
				if got := show(p); got != test.want || p.Next != test.next || p.Ended != test.ended {
					t.Errorf("%s: %q, next %d, ended %v; want %q, %d, %v", name, got, p.Next, p.Ended, test.want, test.next, test.ended)
				}
			}
			check("from the files")
		})
	}
}

func TestTimes(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, true, out("a\nb"), err("c\n"), out("\n"), out("d"))
	var got []time.Time
	for _, l := range read(t, open(t, base), 1, 0).Lines {
		got = append(got, l.Time)
	}
	// The time of a line is that of its end.
	if want := []time.Time{stamp(0), stamp(1), stamp(2), stamp(4)}; !slices.Equal(got, want) {
		t.Errorf("times %v, want %v", got, want)
	}
}

func TestLost(t *testing.T) {
	var b format.Builder
	idx := format.Header(1)
	idx = b.Run(format.Stdout, 5, []byte("a\nhalf")).Append(idx)
	idx = b.Lost(format.LostStdout, 6, 1000).Append(idx)
	idx = b.Run(format.Stdout, 7, []byte("new\n")).Append(idx)
	base := files(t, []byte("a\nhalfnew\n"), idx)
	if got := show(read(t, open(t, base), 1, 0)); got != "1o:a 2o:half 3o:new" {
		t.Errorf("%q", got)
	}
}

// files makes a log of the given bytes, some hours ago.
func files(t testing.TB, data, idx []byte) string {
	t.Helper()
	base := filepath.Join(t.TempDir(), "x")
	old := time.Now().Add(-3 * time.Hour)
	for suffix, content := range map[string][]byte{format.LogSuffix: data, format.IndexSuffix: idx} {
		if content == nil {
			continue
		}
		if e := os.WriteFile(base+suffix, content, 0o600); e != nil {
			t.Fatal(e)
		}
		if e := os.Chtimes(base+suffix, old, old); e != nil {
			t.Fatal(e)
		}
	}
	return base
}

// LOG-2: pages of any size, from any position, give what all at once gives.
func TestPagesAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var runs []run
	for range 3000 {
		text := make([]byte, 1+random.IntN(40))
		for i := range text {
			text[i] = "abc\n"[random.IntN(4)]
		}
		runs = append(runs, run{format.Kind(1 + random.IntN(2)), string(text)})
	}
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, true, runs...)
	r := open(t, base)
	all := read(t, r, 1, log.MaxLimit).Lines
	for next := int64(len(all)) + 1; ; {
		p := read(t, r, next, log.MaxLimit)
		if p.Next == next {
			break
		}
		all, next = append(all, p.Lines...), p.Next
	}
	if int64(len(all)) != r.Lines() {
		t.Fatalf("%d lines of %d", len(all), r.Lines())
	}
	expectStreams(t, runs, all)
	for range 300 {
		from, limit := 1+random.Int64N(int64(len(all))), 1+random.IntN(50)
		got := read(t, r, from, limit).Lines
		want := all[from-1 : min(int(from)-1+limit, len(all))]
		if !slices.Equal(got, want) {
			t.Fatalf("from %d limit %d: %v, want %v", from, limit, got, want)
		}
	}
	for _, stream := range []domain.Stream{domain.Stdout, domain.Stderr} {
		var got []domain.LogLine
		for next := int64(1); ; {
			p := read(t, r, next, 7, stream)
			got = append(got, p.Lines...)
			if next = p.Next; p.Ended {
				break
			}
		}
		want := slices.DeleteFunc(slices.Clone(all), func(l domain.LogLine) bool { return l.Stream != stream })
		if !slices.Equal(got, want) {
			t.Errorf("%s alone: %d lines, want %d", stream, len(got), len(want))
		}
	}
}

// expectStreams compares lines with the runs, stream by stream.
func expectStreams(t *testing.T, runs []run, lines []domain.LogLine) {
	t.Helper()
	for kind, stream := range map[format.Kind]domain.Stream{format.Stdout: domain.Stdout, format.Stderr: domain.Stderr} {
		var all string
		for _, r := range runs {
			if r.kind == kind {
				all += r.data
			}
		}
		want := strings.Split(all, "\n")
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}
		var got []string
		for _, l := range lines {
			if l.Stream == stream {
				got = append(got, l.Text)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d lines, want %d, or other text", stream, len(got), len(want))
		}
	}
}

// EXE-10: a reader that is there while the log grows misses nothing.
func TestFollow(t *testing.T) {
	base := filepath.Join(t.TempDir(), "logs", "x")
	r := open(t, base) // nothing is there yet
	if p := read(t, r, 1, 0); len(p.Lines) != 0 || p.Next != 1 {
		t.Fatalf("page of nothing: %+v", p)
	}
	w := write(t, base, false)
	var got []string
	next := int64(1)
	for i := range 500 {
		add(t, w, out(fmt.Sprintf("line %d begins ", i)))
		p := read(t, r, next, 0)
		if last := p.Lines[len(p.Lines)-1]; !last.Open || last.Seq != int64(i+1) {
			t.Fatalf("line %d is not open: %+v", i, last)
		}
		add(t, w, out("and ends\n"))
		p = read(t, r, next, 0)
		for _, l := range p.Lines {
			got = append(got, l.Text)
		}
		next = p.Next
	}
	for i, text := range got {
		if want := fmt.Sprintf("line %d begins and ends", i); text != want {
			t.Fatalf("line %d is %q", i, text)
		}
	}
	if len(got) != 500 {
		t.Errorf("%d lines", len(got))
	}
	if e := w.Finish(1); e != nil {
		t.Fatal(e)
	}
	if p := read(t, r, next, 0); !p.Ended {
		t.Error("not ended")
	}
}

func TestLongLine(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	w := write(t, base, false, out("before\n"))
	block := run{format.Stdout, strings.Repeat("x", 1<<20)}
	for range 100 {
		add(t, w, block, err("."))
	}
	add(t, w, out("\nafter\n"), err("\n"))
	r := open(t, base)
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			read(t, r, 1, 0)
		}
	}).AllocedBytesPerOp()
	if allocated > 16<<20 {
		t.Errorf("reading took %d MiB", allocated>>20)
	}
	lines := read(t, r, 1, 0).Lines
	if len(lines) != 4 {
		t.Fatalf("%d lines", len(lines))
	}
	if l := lines[1]; !l.Cut || len(l.Text) != log.MaxText {
		t.Errorf("long line: cut %v, %d bytes", l.Cut, len(l.Text))
	}
	if lines[2].Text != "after" || lines[3].Text != strings.Repeat(".", 100) {
		t.Errorf("after the long line: %q, %q", lines[2].Text, lines[3].Text)
	}
	if p := read(t, r, 2, 1); len(p.Lines) != 1 || p.Lines[0] != lines[1] {
		t.Error("the long line alone is another one")
	}
}

// Damage of every kind: what the .log has is read, and nothing panics.
func TestDamage(t *testing.T) {
	runs := []run{out("one\ntw"), err("E1\n"), out("o\nthree\n"), err("E2\nE"), out("four\n"), err("3\n")}
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, true, runs...)
	data, _ := os.ReadFile(base + format.LogSuffix)
	idx, _ := os.ReadFile(base + format.IndexSuffix)
	intact := "1o:one 2e:E1 3o:two 4o:three 5e:E2 6o:four 7e:E3"
	edit := func(at int, b byte) []byte {
		c := slices.Clone(idx)
		c[at] ^= b
		return c
	}
	tests := []struct {
		name string
		idx  []byte
		want string
	}{
		{"intact", idx, intact},
		{"missing", nil, "1o:one 2o:twE1 3o:o 4o:three 5o:E2 6o:Efour 7o:3"},
		{"empty", []byte{}, "1o:one 2o:twE1 3o:o 4o:three 5o:E2 6o:Efour 7o:3"},
		{"bad header", edit(3, 1), intact},
		{"no end", idx[:len(idx)-format.RecordSize], intact},
		{"last record torn", idx[:len(idx)-format.RecordSize-10], "1o:one 2e:E1 3o:two 4o:three 5e:E2 6o:four 7o:3 8e:E*"},
		{"a record flipped", edit(format.HeaderSize+format.RecordSize+9, 4), "1o:one 2o:twE1 3o:o 4o:three 5e:E2 6o:four 7e:E3"},
		{"lines wrong", wrongLines(idx), intact},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := show(read(t, open(t, files(t, data, test.idx)), 1, 0)); got != test.want {
				t.Errorf("%q\nwant %q", got, test.want)
			}
		})
	}
	t.Run("log truncated", func(t *testing.T) {
		for size := range data {
			r := open(t, files(t, data[:size], idx))
			var text string
			for _, l := range read(t, r, 1, 0).Lines {
				text += l.Text
			}
			if want := bytes.ReplaceAll(data[:size], []byte("\n"), nil); len(text) != len(want) {
				t.Fatalf("of %d bytes: %q", size, text)
			}
		}
	})
	t.Run("log truncated while it is read", func(t *testing.T) {
		base := files(t, data, idx)
		r := open(t, base)
		read(t, r, 1, 0)
		if e := os.Truncate(base+format.LogSuffix, 5); e != nil {
			t.Fatal(e)
		}
		if got := show(read(t, r, 1, 0)); !strings.HasPrefix(got, "1o:one 2o:t") {
			t.Errorf("%q", got)
		}
	})
}

// wrongLines gives an index whose third record counts one line too many, with a
// valid check.
func wrongLines(idx []byte) []byte {
	c := slices.Clone(idx)
	at := format.HeaderSize + 2*format.RecordSize
	r, _ := format.Parse(c[at:])
	r.Lines++
	copy(c[at:], r.Append(nil))
	return c
}

func TestTail(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, false, out("first\nsecond\n"), err("bad\n"), out("thi"), out("rd\n"))
	r := open(t, base)
	tests := []struct {
		n      int
		stream domain.Stream
		want   string
	}{
		{100, domain.Stdout, "first\nsecond\nthird\n"},
		{19, domain.Stdout, "first\nsecond\nthird\n"},
		{13, domain.Stdout, "second\nthird\n"},
		{12, domain.Stdout, "third\n"},
		{3, domain.Stdout, "rd\n"},
		{100, domain.Stderr, "bad\n"},
		{0, domain.Stdout, ""},
		{100, domain.Debug, ""},
	}
	for _, test := range tests {
		if got := r.Tail(test.n, test.stream); got != test.want {
			t.Errorf("Tail(%d, %s) = %q, want %q", test.n, test.stream, got, test.want)
		}
	}
}

func TestDebug(t *testing.T) {
	base := filepath.Join(t.TempDir(), "logs", "x")
	if e := log.AppendDebug(base, "activate"); e != nil {
		t.Fatal(e)
	}
	logger, file, e := log.OpenDebug(base)
	if e != nil {
		t.Fatal(e)
	}
	defer func() { _ = file.Close() }()
	logger.Info("port", "port", 5200)
	r := open(t, base)
	p := read(t, r, 1, 0, domain.Debug)
	if len(p.Lines) != 2 || p.Total != 2 || p.Next != 3 || !strings.Contains(p.Lines[1].Text, `"port":5200`) || time.Since(p.Lines[0].Time) > time.Minute {
		t.Errorf("%+v", p)
	}
	logger.Info("later")
	if p := read(t, r, 3, 0, domain.Debug); len(p.Lines) != 1 || p.Lines[0].Seq != 3 {
		t.Errorf("%+v", p)
	}
	if _, e := r.Read(1, 0, domain.Debug, domain.Stdout); e == nil {
		t.Error("debug lines were read with others")
	}
	if !strings.Contains(r.Tail(4096, domain.Debug), "activate") {
		t.Error("no debug tail")
	}
	_ = file.Close() // Windows removes nothing that is open
	if e := log.Remove(base); e != nil {
		t.Fatal(e)
	}
	if left, _ := os.ReadDir(filepath.Dir(base)); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func FuzzIndex(f *testing.F) {
	var b format.Builder
	idx := format.Header(1)
	idx = b.Run(format.Stdout, 5, []byte("a\nhalf")).Append(idx)
	idx = b.Run(format.Stderr, 5, []byte("e\nh")).Append(idx)
	idx = b.Lost(format.LostStdout, 6, 1000).Append(idx)
	idx = b.End(7).Append(idx)
	f.Add([]byte("a\nhalfe\nh"), idx)
	f.Add([]byte("a\nhalfe\nh\n\n"), idx[:70])
	f.Add([]byte("a"), []byte{})
	f.Fuzz(func(t *testing.T, data, idx []byte) {
		// Most damage would die at the check: put it right for each record.
		for at := format.HeaderSize; at+format.RecordSize <= len(idx); at += format.RecordSize {
			for sum := range 256 {
				idx[at+7] = byte(sum)
				if _, ok := format.Parse(idx[at:]); ok {
					break
				}
			}
		}
		r := open(t, files(t, data, idx))
		complete := 0
		for next := int64(1); ; {
			p := read(t, r, next, 3)
			for _, l := range p.Lines {
				if !l.Open {
					complete++
				}
			}
			if p.Next <= next {
				break
			}
			next = p.Next
		}
		if feeds := bytes.Count(data, []byte("\n")); complete < feeds {
			t.Errorf("%d lines of %d", complete, feeds)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	base := filepath.Join(b.TempDir(), "x")
	w := write(b, base, false)
	line := strings.Repeat("x", 99) + "\n"
	for range 200_000 {
		add(b, w, out(line))
	}
	r := open(b, base)
	b.ResetTimer()
	for i := range b.N {
		if p := read(b, r, int64(i*7919%200_000)+1, 100); len(p.Lines) == 0 {
			b.Fatal("nothing read")
		}
	}
}

// A bar that overwrites itself in one line shows where it is, however long it
// has run.
func TestLongLineThatOverwritesItself(t *testing.T) {
	for _, ending := range []string{"", "\n", "\r\n", "end"} {
		var runs []run
		for i := range 4000 {
			runs = append(runs, out(fmt.Sprintf("\r%5d %s", i, strings.Repeat("#", 40))))
			if i%7 == 0 {
				runs = append(runs, err("other\n"))
			}
		}
		if strings.HasSuffix(ending, "\n") {
			runs = append(runs, out(ending))
		}
		base := filepath.Join(t.TempDir(), "x")
		write(t, base, ending == "end", runs...)
		r := open(t, base)
		lines := read(t, r, 1, 5000, domain.Stdout).Lines
		if len(lines) != 1 {
			t.Fatalf("%q: %d lines", ending, len(lines))
		}
		l := lines[0]
		want := "\r 3999 " + strings.Repeat("#", 40)
		if text := strings.TrimSuffix(l.Text, "\r"); !l.Cut || text[0] != '\r' || !strings.HasSuffix(text, want) || len(l.Text) > log.MaxText {
			t.Errorf("%q: %d bytes, cut %t, ends in %q", ending, len(l.Text), l.Cut, l.Text[max(0, len(l.Text)-60):])
		}
		if again := read(t, r, l.Seq, 1, domain.Stdout).Lines; len(again) != 1 || again[0].Text != l.Text {
			t.Errorf("%q: another text from line %d on", ending, l.Seq)
		}
	}
}
