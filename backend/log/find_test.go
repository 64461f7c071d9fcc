package log_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/escape"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/format"
)

func matcher(t testing.TB, p log.Pattern) log.Matcher {
	t.Helper()
	m, e := p.Matcher()
	if e != nil {
		t.Fatal(e)
	}
	return m
}

// find goes on until the span is at its end.
func find(t testing.TB, r *log.Reader, p log.Pattern, s log.Span) []string {
	t.Helper()
	var found []string
	for {
		at, e := r.Find(t.Context(), matcher(t, p), s, func(h log.Hit) bool {
			found = append(found, fmt.Sprintf("%d%c:%s|%s", h.Seq, h.Stream[3], h.Text[:h.Start], h.Text[h.Start:h.End]))
			return true
		})
		if e != nil {
			t.Fatal(e)
		}
		if at.Next > at.Total || s.To > 0 && at.Next > s.To {
			return found
		}
		if at.Next <= s.From {
			t.Fatalf("it does not go on from %d", at.Next)
		}
		s.From = at.Next
	}
}

func TestFind(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, false,
		out("Alpha beta\nal"), err("no alpha here\r\nALPHABET\n"), out("pha\n\n"),
		out("\x1b[31mal\x1b[0mpha Größe GRÖSSE\n50%\ralpha_\ralpha 100%\n"), err("alpha, without an end"))
	r := open(t, base)
	for _, c := range []struct {
		name    string
		pattern log.Pattern
		span    log.Span
		want    []string
	}{
		{"whatever the case", log.Pattern{Text: "ALPHA"}, log.Span{}, []string{
			"1o:|Alpha", "2e:no |alpha", "3e:|ALPHA", "4o:|alpha", "6o:|alpha", "7o:50%\r|alpha", "8e:|alpha",
		}},
		{"by the case", log.Pattern{Text: "alpha", Case: true}, log.Span{}, []string{
			"2e:no |alpha", "4o:|alpha", "6o:|alpha", "7o:50%\r|alpha", "8e:|alpha",
		}},
		{"whole words", log.Pattern{Text: "alpha", Word: true}, log.Span{}, []string{
			"1o:|Alpha", "2e:no |alpha", "4o:|alpha", "6o:|alpha", "7o:50%\ralpha_\r|alpha", "8e:|alpha",
		}},
		{"a stream", log.Pattern{Text: "alpha"}, log.Span{Streams: []domain.Stream{domain.Stderr}}, []string{
			"2e:no |alpha", "3e:|ALPHA", "8e:|alpha",
		}},
		{"from a line to another", log.Pattern{Text: "alpha"}, log.Span{From: 2, To: 4}, []string{
			"2e:no |alpha", "3e:|ALPHA", "4o:|alpha",
		}},
		{"letters beyond ASCII", log.Pattern{Text: "grösse"}, log.Span{}, []string{"6o:alpha Größe |GRÖSSE"}},
		{"an expression", log.Pattern{Text: `^\w+ b|\d+%$`, Regexp: true}, log.Span{}, []string{
			"1o:|Alpha b", "7o:50%\ralpha_\ralpha |100%",
		}},
		{"an expression in words", log.Pattern{Text: `al[a-z]+`, Regexp: true, Word: true, Case: true}, log.Span{}, []string{
			"2e:no |alpha", "4o:|alpha", "6o:|alpha", "7o:50%\ralpha_\r|alpha", "8e:|alpha",
		}},
		{"an expression that would be a bomb elsewhere", log.Pattern{Text: `(a+)+$`, Regexp: true}, log.Span{}, []string{"1o:Alpha bet|a", "4o:alph|a"}},
		{"what is not there", log.Pattern{Text: "gamma"}, log.Span{}, nil},
	} {
		if got := find(t, r, c.pattern, c.span); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPatternIsChecked(t *testing.T) {
	for _, p := range []log.Pattern{
		{},
		{Text: "two\nlines"},
		{Text: strings.Repeat("x", log.PatternMost+1)},
		{Text: "(", Regexp: true},
		{Text: "(a{1000}){1000}", Regexp: true},
	} {
		var failed *domain.Error
		if _, e := p.Matcher(); !errors.As(e, &failed) || failed.Code != domain.CodeInvalid {
			t.Errorf("%.20q: %v", p.Text, e)
		}
	}
}

// What is found is what one finds by reading every line, wherever the reads of
// the writer were cut and however little is looked through at once.
func TestFindAgreesWithRead(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var runs []run
	for range 400 {
		text := make([]byte, 1+random.IntN(60))
		for i := range text {
			text[i] = "aAb_ \n"[random.IntN(6)]
		}
		if random.IntN(20) == 0 {
			text = slices.Insert(text, random.IntN(len(text)), []byte("\x1b[3mA\x1b[m")...)
		}
		runs = append(runs, run{format.Kind(1 + random.IntN(2)), string(text)})
	}
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, true, runs...)
	r := open(t, base)
	var all []domain.LogLine
	for next := int64(1); next <= r.Lines(); {
		p := read(t, r, next, log.MaxLimit)
		all, next = append(all, p.Lines...), p.Next
	}
	for _, p := range []log.Pattern{
		{Text: "aab"},
		{Text: "Aab", Case: true},
		{Text: "aa", Word: true},
		{Text: "a+b", Regexp: true},
		{Text: "b_", Word: true, Case: true},
	} {
		for _, stream := range []domain.Stream{"", domain.Stdout, domain.Stderr} {
			var streams []domain.Stream
			if stream != "" {
				streams = append(streams, stream)
			}
			var want []string
			for _, l := range all {
				if stream != "" && l.Stream != stream {
					continue
				}
				text := escape.Strip(nil, []byte(l.Text))
				if start, end := matcher(t, p).Next(text, 0); start >= 0 {
					want = append(want, fmt.Sprintf("%d%c:%s|%s", l.Seq, l.Stream[3], text[:start], text[start:end]))
				}
			}
			if len(want) < 5 {
				t.Fatalf("%v: only %d lines", p, len(want))
			}
			for _, most := range []int64{0, 1, 3000} {
				got := find(t, r, p, log.Span{Streams: streams, Most: most})
				if !slices.Equal(got, want) {
					t.Errorf("%v in %q, %d bytes at once: %d lines, want %d", p, stream, most, len(got), len(want))
				}
			}
			var back []string
			for from := int64(-1); from != 0; {
				at, e := r.FindLast(t.Context(), matcher(t, p), log.Span{From: from, Streams: streams}, func(h log.Hit) bool {
					back = append(back, fmt.Sprintf("%d%c:%s|%s", h.Seq, h.Stream[3], h.Text[:h.Start], h.Text[h.Start:h.End]))
					return len(back)%3 != 0
				})
				if e != nil {
					t.Fatal(e)
				}
				from = at.Next
			}
			slices.Reverse(back)
			if !slices.Equal(back, want) {
				t.Errorf("%v in %q backwards: %d lines, want %d", p, stream, len(back), len(want))
			}
		}
	}
}

func TestFindStops(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, true, out("a\nb\na\na\n"), out("a\n"))
	r := open(t, base)
	m := matcher(t, log.Pattern{Text: "a"})
	var seen []int64
	at, e := r.Find(t.Context(), m, log.Span{}, func(h log.Hit) bool {
		seen = append(seen, h.Seq)
		return len(seen) < 2
	})
	if e != nil || at.Next != 4 || !slices.Equal(seen, []int64{1, 3}) {
		t.Errorf("%v, next %d, %v", seen, at.Next, e)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, e := r.Find(ctx, m, log.Span{}, func(log.Hit) bool { return true }); !errors.Is(e, context.Canceled) {
		t.Errorf("cancelled: %v", e)
	}
	if at, e := open(t, base+"-none").Find(t.Context(), m, log.Span{}, nil); e != nil || at.Total != 0 {
		t.Errorf("a log that is not there: %v, %v", at, e)
	}
}

// An index that is gone or wrong in the middle of a long log costs nothing.
func TestFindInDamagedLog(t *testing.T) {
	var text strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&text, "line %d of many words\n", i)
	}
	var runs []run
	for rest := text.String(); rest != ""; {
		n := min(len(rest), 7777)
		runs, rest = append(runs, out(rest[:n])), rest[n:]
	}
	base := filepath.Join(t.TempDir(), "x")
	write(t, base, true, runs...)
	idx, e := os.ReadFile(base + format.IndexSuffix)
	if e != nil {
		t.Fatal(e)
	}
	for name, bad := range map[string][]byte{
		"none":  nil,
		"wrong": slices.Concat(idx[:format.HeaderSize+100*format.RecordSize], bytes.Repeat([]byte{7}, 320), idx[format.HeaderSize+110*format.RecordSize:]),
	} {
		if e := os.WriteFile(base+format.IndexSuffix, bad, 0o600); e != nil {
			t.Fatal(e)
		}
		// As one finds it when the writer is long gone.
		if e := os.Chtimes(base+format.LogSuffix, stamp(0), stamp(0)); e != nil {
			t.Fatal(e)
		}
		got := find(t, open(t, base), log.Pattern{Text: "LINE 99999 of"}, log.Span{})
		if len(got) != 1 || got[0] != "100000o:|line 99999 of" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestFindInLongLine(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	long := strings.Repeat("x", log.MaxText-6)
	write(t, base, true, out("first\n"+long+"needle needle\n"), out(strings.Repeat("y", log.MaxText)), out("needle"), out("\nneedle\n"))
	r := open(t, base)
	if got := find(t, r, log.Pattern{Text: "needle"}, log.Span{From: 2}); len(got) != 2 || got[1] != "4o:|needle" {
		t.Errorf("%d lines", len(got))
	}
}

// Of a bar that has overwritten itself for long, what Read shows is looked at,
// wherever its records are cut and however it ends.
func TestFindInLongLineThatOverwritesItself(t *testing.T) {
	steps := make([]string, 4000)
	for i := range steps {
		steps[i] = fmt.Sprintf("\r%5d %% %s", i, strings.Repeat("#", 40))
	}
	all := strings.Join(steps, "")
	var each []run
	for i, step := range steps {
		each = append(each, out(step))
		if i%7 == 0 {
			each = append(each, err("other\n"))
		}
	}
	for name, runs := range map[string][]run{
		"open":                each,
		"ended":               append(slices.Clone(each), out("\n")),
		"ended as on Windows": append(slices.Clone(each), out("\r\nnext\n")),
		"finished":            each,
		"at once":             {out("before\n" + all + "\nnext\n")},
		"with colours":        {out("before\n\x1b[1mbold\n" + all + "\x1b[m\nnext\n")},
		"begun before":        {out("before\n" + all[:len(all)-10]), out(all[len(all)-10:] + "\nnext\n")},
	} {
		base := filepath.Join(t.TempDir(), "x")
		write(t, base, name == "finished", runs...)
		r := open(t, base)
		stdout := log.Span{Streams: []domain.Stream{domain.Stdout}}
		var shown []string
		for _, l := range read(t, r, 1, 5000, domain.Stdout).Lines {
			if strings.Contains(l.Text, " 3999 %") && !strings.Contains(l.Text, "    3 %") {
				shown = append(shown, fmt.Sprintf("%d", l.Seq))
			}
		}
		for text, want := range map[string][]string{" 3999 %": shown, `399\d %`: shown, "    3 %": nil} {
			var got []string
			for _, hit := range find(t, r, log.Pattern{Text: text, Regexp: text[0] == '3'}, stdout) {
				seq, _, _ := strings.Cut(hit, "o:")
				got = append(got, seq)
			}
			if len(shown) != 1 || !slices.Equal(got, want) {
				t.Errorf("%s: %q is found in %q, shown in %q", name, text, got, shown)
			}
		}
	}
}

func TestFindInDebugLines(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	for i := range 5 {
		if e := log.AppendDebug(base, fmt.Sprintf("phase %d", i)); e != nil {
			t.Fatal(e)
		}
	}
	r := open(t, base)
	s := log.Span{Streams: []domain.Stream{domain.Debug}}
	if got := find(t, r, log.Pattern{Text: "PHASE 3"}, s); len(got) != 1 || !strings.HasPrefix(got[0], "4") {
		t.Errorf("%q", got)
	}
	var last int64
	if _, e := r.FindLast(t.Context(), matcher(t, log.Pattern{Text: "phase"}), s, func(h log.Hit) bool {
		last = h.Seq
		return false
	}); e != nil || last != 5 {
		t.Errorf("the last is %d, %v", last, e)
	}
}

func BenchmarkFind(b *testing.B) {
	base := filepath.Join(b.TempDir(), "x")
	line := strings.Repeat("some words of a line ", 5)[:99] + "\n"
	block := strings.Repeat(line, 655)
	var runs []run
	for range 1600 {
		runs = append(runs, out(block))
	}
	write(b, base, true, runs...)
	r, e := log.Open(base)
	if e != nil {
		b.Fatal(e)
	}
	defer func() { _ = r.Close() }()
	for name, p := range map[string]log.Pattern{
		"case": {Text: "needle", Case: true}, "fold": {Text: "needle"}, "word": {Text: "needle", Word: true},
		"everywhere": {Text: "words"}, "regexp": {Text: `need\d+`, Regexp: true, Case: true},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(block) * len(runs)))
			for b.Loop() {
				if _, e := r.Find(b.Context(), matcher(b, p), log.Span{}, func(log.Hit) bool { return true }); e != nil {
					b.Fatal(e)
				}
			}
		})
	}
}
