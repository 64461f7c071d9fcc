package log

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"slices"

	"scriptsmanager/backend/domain"
)

// Traceback is what Python says of one exception: with those in whose handling
// it came, from the first "Traceback" to the last sentence. Lines of the other
// stream that stand between are not part of it.
type Traceback struct {
	Stream domain.Stream
	First  int64           // line
	Parts  []TracebackPart // in order, the gaps are lines of the other stream
	Said   int64           // the row of the exception and its message
	Place  string          // "file.py:12" of the innermost line of the script's own; "": there is none
}

// TracebackPart is a run of rows: of lines of the streams that were looked
// through, counted from 0.
type TracebackPart struct{ Row, Count int64 }

// Tracebacks is what Reader.Tracebacks found, in the order of their ends. What
// is not certain to be at its end is there as it stands, and found again when
// it is gone on from Next: then it counts what is found from there on.
type Tracebacks struct {
	Found     []Traceback
	Next, Row int64 // the line to go on from, and its row
	Total     int64 // complete lines
	End       bool  // all of them were looked at
}

const (
	// tracebackMost is the most lines that are taken for one traceback.
	tracebackMost = 5000
	// tracebacksMost bounds what one call finds.
	tracebacksMost = 1000
	// syntaxMost is how many lines Python says of an error of syntax at most.
	syntaxMost = 6
)

var (
	tracebackHead = regexp.MustCompile(`^\s*Traceback \(most recent call last\):\s*$`)
	// groupHead begins that of an exception group: its lines have a bar or a cross each.
	groupHead = regexp.MustCompile(`^\s*\+ Exception Group Traceback \(most recent call last\):\s*$`)
	groupLine = regexp.MustCompile(`^\s+[|+]`)
	groupSaid = regexp.MustCompile(`^\s+\| [^\s]`)
	// syntaxHead begins what is said of a script that does not compile: it is in no function.
	syntaxHead  = regexp.MustCompile(`^  File ".+", line \d+\s*$`)
	syntaxError = regexp.MustCompile(`^(?:SyntaxError|IndentationError|TabError)(?::|\s*$)`)
	frameFile   = regexp.MustCompile(`^[\s|]*File "(.+)", line (\d+)`)
)

var (
	headWord     = []byte("Traceback (most recent call last):")
	fileWord     = []byte(`  File "`)
	duringPhrase = []byte("During handling of the above exception, another exception occurred:")
	causePhrase  = []byte("The above exception was the direct cause of the following exception:")
)

// Tracebacks looks for tracebacks from a line on, whose row is given, through
// up to most bytes. Folder is where the script's own files are.
func (r *Reader) Tracebacks(ctx context.Context, folder string, from, row, most int64, streams ...domain.Stream) (Tracebacks, error) {
	s := &tracebackScan{folder: folder, row: max(row, 0), found: []Traceback{}}
	if from <= 1 {
		from, s.row = 1, 0
	}
	at, err := r.Find(ctx, everyLine{}, Span{From: from, Streams: streams, Most: most}, s.take)
	if err != nil {
		return Tracebacks{}, err
	}
	t := Tracebacks{Found: s.found, Next: at.Next, Row: s.row, Total: at.Total, End: at.Next > at.Total}
	for _, open := range s.open {
		if open == nil {
			continue
		}
		if open.Said >= 0 {
			t.Found = append(t.Found, open.sure)
		}
		// One that is longer than a step is not waited for.
		if open.First < t.Next && (open.First > from || t.End) {
			t.Next, t.Row = open.First, open.Parts[0].Row
		}
	}
	// What goes on behind there comes whole with the next step, or not at all in
	// this one: its first line would be found anew as another one's.
	for again := true; again; {
		again = false
		for _, f := range t.Found {
			if last := f.Parts[len(f.Parts)-1]; f.First < t.Next && f.First > from && last.Row+last.Count > t.Row {
				t.Next, t.Row, again = f.First, f.Parts[0].Row, true
			}
		}
	}
	return t, nil
}

// everyLine finds something in each line.
type everyLine struct{}

func (everyLine) Next([]byte, int) (start, end int) { return 0, 0 }

// tracebackScan goes through the lines of both streams.
type tracebackScan struct {
	folder string
	found  []Traceback
	open   [2]*openTraceback
	row    int64 // of the next line
}

// openTraceback is one whose end is not seen yet.
type openTraceback struct {
	Traceback
	sure  Traceback // as it is if nothing more belongs to it
	lines int
	state tracebackState
}

type tracebackState int

const (
	inFrames tracebackState = iota
	inGroup
	inSyntax
	afterSaid // the sentence was there; a phrase may say that another follows
	afterGap  // and an empty line behind it
	linked    // the phrase was there
)

func (s *tracebackScan) take(h Hit) bool {
	if h.Open {
		return true
	}
	stream := 0
	if h.Stream == domain.Stderr {
		stream = 1
	}
	row := s.row
	s.row++
	if t := s.open[stream]; t != nil {
		if t.lines < tracebackMost && t.goesOn(h.Text) {
			t.add(h, row, s.folder)
			return true
		}
		if t.Said >= 0 {
			s.found = append(s.found, t.sure)
		}
		s.open[stream] = nil
	}
	if t := begin(h.Text); t != nil {
		t.Stream, t.First = h.Stream, h.Seq
		t.add(h, row, s.folder)
		s.open[stream] = t
	}
	return len(s.found) < tracebacksMost
}

// begin gives the traceback that a line begins; nil where it begins none.
func begin(text []byte) *openTraceback {
	if bytes.HasPrefix(text, fileWord) && syntaxHead.Match(text) {
		return &openTraceback{Traceback: Traceback{Said: -1}, state: inSyntax}
	}
	state, ok := headState(text)
	if !ok {
		return nil
	}
	return &openTraceback{Traceback: Traceback{Said: -1}, state: state}
}

// headState tells what follows a line that is the head of a traceback.
func headState(text []byte) (tracebackState, bool) {
	switch {
	case !bytes.Contains(text, headWord):
		return 0, false
	case groupHead.Match(text):
		return inGroup, true
	default:
		return inFrames, tracebackHead.Match(text)
	}
}

// goesOn tells whether a line belongs to the traceback, as far as can be said,
// and what may follow it.
func (t *openTraceback) goesOn(text []byte) bool {
	blank := len(bytes.TrimSpace(text)) == 0
	indented := !blank && (text[0] == ' ' || text[0] == '\t')
	switch t.state {
	case inFrames:
		if _, head := headState(text); head && !indented {
			return false
		}
		if !blank && !indented {
			t.state = afterSaid
		}
		return true
	case inSyntax:
		if syntaxError.Match(text) {
			t.state = afterSaid
			return true
		}
		return indented && t.lines < syntaxMost
	case inGroup:
		return groupLine.Match(text)
	case afterSaid:
		t.state = afterGap
		return blank
	case afterGap:
		t.state = linked
		return bytes.Equal(text, duringPhrase) || bytes.Equal(text, causePhrase)
	default:
		if blank {
			return true
		}
		state, head := headState(text)
		t.state = state
		return head
	}
}

// add takes a line that belongs to it.
func (t *openTraceback) add(h Hit, row int64, folder string) {
	t.lines++
	if n := len(t.Parts); n > 0 && t.Parts[n-1].Row+t.Parts[n-1].Count == row {
		t.Parts[n-1].Count++
	} else {
		t.Parts = append(t.Parts, TracebackPart{Row: row, Count: 1})
	}
	if place, ok := ownPlace(h.Text, folder); ok {
		t.Place = place
	}
	switch {
	case t.state == afterSaid, t.state == inGroup && t.sure.Parts == nil && groupSaid.Match(h.Text):
		t.Said = row
	case t.state != inGroup || t.Said < 0:
		return
	}
	t.sure = t.Traceback
	t.sure.Parts = slices.Clone(t.Parts)
}

// ownPlace gives the place in a line that names one of a file in the folder.
func ownPlace(text []byte, folder string) (string, bool) {
	if folder == "" || !bytes.Contains(text, []byte(`File "`)) {
		return "", false
	}
	m := frameFile.FindSubmatch(text)
	if m == nil {
		return "", false
	}
	name, err := filepath.Rel(folder, string(m[1]))
	if err != nil || !filepath.IsLocal(name) {
		return "", false
	}
	return filepath.ToSlash(name) + ":" + string(m[2]), true
}
