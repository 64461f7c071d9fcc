package log

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/escape"
	"scriptsmanager/backend/log/format"
)

// Hit is a line in which something was found. What it points to is valid only
// while the function that is told of it runs.
type Hit struct {
	Seq    int64
	Stream domain.Stream
	Time   time.Time // zero: not known
	Text   []byte    // of the line, up to MaxText, without control sequences (escape.Strip)
	Start  int       // of the first match in Text
	End    int
	Open   bool // the line has no end yet; its number is one that Read gives it
}

// Span says where to look for something.
type Span struct {
	From    int64           // line; below 1: the first
	To      int64           // the last line; 0: to the end, lines without an end included
	Streams []domain.Stream // none: stdout and stderr; debug lines are looked through alone
	Most    int64           // bytes to look through; 0: all
}

// Progress tells how far it was looked.
type Progress struct {
	Next    int64 // the line to go on from
	Total   int64 // complete lines
	Scanned int64 // bytes
}

// scanWindow is how much of a log is read at once. It is cancelled in between.
const scanWindow = 1 << 20

// Find goes through lines in order and tells take of each in which m finds
// something, until take returns false, the span is at its end, Span.Most bytes
// were read, or ctx is done (which is an error). Progress.Next is the line
// after the last that was looked at, so that going on from there misses
// nothing and finds nothing twice; lines without an end are found again once
// they have one.
func (r *Reader) Find(ctx context.Context, m Matcher, s Span, take func(Hit) bool) (Progress, error) {
	want, debug, err := chosen(s.Streams)
	if err != nil {
		return Progress{}, err
	}
	s.From = max(s.From, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if debug {
		return r.findDebug(ctx, m, s, take)
	}
	var at Progress
	err = r.mended(func() (err error) {
		// What was told stands: the numbers of lines do not change by rebuilding.
		scanned := at.Scanned
		s.From = max(s.From, at.Next)
		at, err = r.find(ctx, m, s, want, take)
		at.Scanned += scanned
		return err
	})
	return at, err
}

// backStep is how many bytes FindLast goes back at once.
const backStep = 1 << 20

// FindLast finds the lines up to and including Span.From (below 1: the last) in
// which m finds something: take is told of the last first. Progress.Next is the
// line to go on from downwards, 0 at the beginning of the log. Lines without an
// end are left out, and Span.To is.
func (r *Reader) FindLast(ctx context.Context, m Matcher, s Span, take func(Hit) bool) (Progress, error) {
	total, debug := r.Lines(), false
	if len(s.Streams) == 1 && s.Streams[0] == domain.Debug {
		page, err := r.Read(1, 1, domain.Debug)
		if err != nil {
			return Progress{}, err
		}
		total, debug = page.Total, true
	}
	upto := s.From
	if upto <= 0 || upto > total {
		upto = total
	}
	done := Progress{Next: upto, Total: total}
	for done.Next > 0 {
		low := int64(1)
		if !debug {
			low = max(r.lineBefore(done.Next, backStep), 1)
		}
		var hits []Hit
		at, err := r.Find(ctx, m, Span{From: low, To: done.Next, Streams: s.Streams}, func(h Hit) bool {
			h.Text = bytes.Clone(h.Text)
			hits = append(hits, h)
			return true
		})
		if err != nil {
			return done, err
		}
		done.Scanned += at.Scanned
		for i := len(hits) - 1; i >= 0; i-- {
			done.Next = hits[i].Seq - 1
			if !take(hits[i]) {
				return done, nil
			}
		}
		done.Next = low - 1
		if s.Most > 0 && done.Scanned >= s.Most {
			break
		}
	}
	return done, nil
}

// lineBefore gives a line that ends about so many bytes before another ends.
func (r *Reader) lineBefore(seq, distance int64) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.index == nil {
		return 1
	}
	i, err := searchLine(r.index, seq)
	if err != nil || r.index.count() == 0 {
		return 1
	}
	rec, err := r.index.at(i)
	if err != nil {
		return 1
	}
	if i, err = searchOffset(r.index, max(0, rec.Offset-distance)); err != nil {
		return 1
	}
	if rec, err = r.index.at(i); err != nil {
		return 1
	}
	return min(rec.Lines+1, seq)
}

// findDebug looks through debug lines, of which there are few.
func (r *Reader) findDebug(ctx context.Context, m Matcher, s Span, take func(Hit) bool) (Progress, error) {
	done := Progress{Next: s.From}
	for {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		page, err := r.debug.read(done.Next, DefaultLimit, MaxText)
		if err != nil {
			return done, err
		}
		done.Total = page.Total
		for _, line := range page.Lines {
			if s.To > 0 && line.Seq > s.To {
				return done, nil
			}
			done.Next = line.Seq + 1
			text := escape.Strip(nil, []byte(line.Text))
			done.Scanned += int64(len(text))
			if start, end := m.Next(text, 0); start >= 0 {
				hit := Hit{Seq: line.Seq, Stream: line.Stream, Time: line.Time, Text: text, Start: start, End: end}
				if !take(hit) {
					return done, nil
				}
			}
		}
		if len(page.Lines) == 0 {
			return done, nil
		}
	}
}

// finder goes through the records of a log.
type finder struct {
	pager  // where to begin, and unfinished lines
	m      Matcher
	blocks bool
	to     int64
	take   func(Hit) bool
	full   bool // take has enough, or the span is at its end
	plain  []byte
	window []byte // of the log, from at on
	at     int64
	ahead  int64 // how long a window is
	size   int64 // of the log
}

func (r *Reader) find(ctx context.Context, m Matcher, s Span, want [2]bool, take func(Hit) bool) (Progress, error) {
	done := Progress{Next: s.From}
	if r.index == nil {
		return done, nil
	}
	end := r.index.end()
	done.Total = end.Lines()
	done.Next = min(s.From, done.Total+1)
	f := &finder{m: m, take: take, to: s.To, size: end.Offset()}
	f.pager = pager{r: r, want: want, from: done.Next, parts: parts(MaxText)}
	_, f.blocks = m.(wholeBlocks)
	if f.ahead = scanWindow; s.Most > 0 {
		f.ahead = min(f.ahead, s.Most)
	}
	if f.to == 0 {
		f.to = math.MaxInt64 - 1
	}
	first, err := f.begin(done.Total)
	if err == nil {
		err = f.run(ctx, first, s, done.Total)
	}
	done.Next, done.Scanned = max(done.Next, min(f.seq, f.to+1)), f.scanned
	if err != nil || f.full || s.To != 0 || f.seq <= done.Total {
		return done, err
	}
	f.last(end)
	return done, nil
}

// run goes through the records from the one in which the first line ends.
func (f *finder) run(ctx context.Context, i int, s Span, total int64) error {
	return walk(f.r.index, i, total, func(i int, rec format.Record, after int64) (bool, error) {
		switch {
		case f.full || f.seq > f.to:
			return false, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		case rec.Lines != f.seq-1:
			return false, errDamaged
		case s.Most > 0 && f.scanned >= s.Most && f.seq > s.From:
			return false, nil
		}
		return true, f.look(i, rec, after)
	})
}

// look goes through record i; after it there are so many lines.
func (f *finder) look(i int, rec format.Record, after int64) error {
	if !rec.Kind.Data() {
		return f.mark(i, rec, after)
	}
	ends := after - rec.Lines
	s := rec.Kind.Stream()
	part := &f.parts[s]
	if !f.want[s] {
		f.seq += ends
		return nil
	}
	if ends == 0 && part.cut {
		return nil
	}
	data, err := f.bytes(rec.Offset, rec.Length)
	if err != nil {
		return err
	}
	if int64(bytes.Count(data, []byte{'\n'})) != ends {
		return errDamaged
	}
	if ends == 0 {
		part.add(data)
		return nil
	}
	// The end of the line that was open, the lines in between, the beginning of the next.
	first, last := bytes.IndexByte(data, '\n'), bytes.LastIndexByte(data, '\n')
	if len(part.text) > 0 || part.cut {
		part.add(data[:first])
		f.overwritten(s, i, data[:first])
		f.line(s, rec.Time, part.text)
		part.reset()
		data, last = data[first+1:], last-first-1
	}
	if last >= 0 {
		f.lines(s, rec.Time, data[:last+1])
	}
	part.add(data[last+1:])
	return nil
}

// mark takes record i, which has no bytes and may end lines.
func (f *finder) mark(i int, rec format.Record, after int64) error {
	ended, err := endedBy(f.r.index, i, rec, after)
	for _, s := range ended {
		f.overwritten(s, i, nil)
		f.line(s, rec.Time, f.parts[s].text)
		f.parts[s].reset()
	}
	return err
}

// lines looks through complete lines, each with its line feed.
func (f *finder) lines(stream int, at int64, data []byte) {
	for len(data) > 0 && !f.full {
		if f.blocks && f.seq >= f.from {
			// Control sequences may stand in the middle of what is looked for.
			clear := data
			if escape := bytes.IndexByte(data, 0x1b); escape >= 0 {
				clear = data[:bytes.LastIndexByte(data[:escape], '\n')+1]
			}
			if len(clear) > 0 {
				f.block(stream, at, clear)
				data = data[len(clear):]
				continue
			}
		}
		end := bytes.IndexByte(data, '\n')
		f.line(stream, at, data[:end])
		data = data[end+1:]
	}
}

// block looks through lines without control sequences all at once.
func (f *finder) block(stream int, at int64, data []byte) {
	for done := 0; ; {
		start, end := f.m.Next(data, done)
		if start < 0 {
			f.seq += int64(bytes.Count(data[done:], []byte{'\n'}))
			return
		}
		begin := bytes.LastIndexByte(data[:start], '\n') + 1
		f.seq += int64(bytes.Count(data[done:begin], []byte{'\n'}))
		if f.seq > f.to {
			f.full = true
			return
		}
		text := data[begin:]
		text = text[:bytes.IndexByte(text, '\n')]
		done = begin + len(text) + 1
		if len(text) > MaxText { // what is shown of it may be another part
			if f.line(stream, at, text); f.full {
				return
			}
			continue
		}
		hit := Hit{Seq: f.seq, Stream: streams[stream], Time: unixTime(at), Text: shown(text), Start: start - begin, End: end - begin}
		f.seq++
		if hit.End <= len(hit.Text) && !f.take(hit) {
			f.full = true
			return
		}
	}
}

var streams = [2]domain.Stream{domain.Stdout, domain.Stderr}

// shown is the part of a line that Read gives.
func shown(text []byte) []byte {
	if len(text) > MaxText {
		if tail := latest(text[len(text)-MaxText:]); tail != nil {
			return tail
		}
	}
	return bytes.TrimSuffix(text[:min(len(text), MaxText)], []byte{'\r'})
}

// overwritten has the unfinished line of a stream, which ends in record i with
// the rest, say what Read gives of it.
func (f *finder) overwritten(stream, i int, rest []byte) {
	if part := &f.parts[stream]; part.cut && f.want[stream] && f.seq >= f.from && !f.full {
		f.overwrite(part, stream, i, rest)
	}
}

// line looks at one line and counts it.
func (f *finder) line(stream int, at int64, text []byte) {
	seq := f.seq
	if f.full || seq > f.to {
		f.full = true
		return
	}
	f.seq++
	if seq < f.from || !f.want[stream] {
		return
	}
	f.test(Hit{Seq: seq, Stream: streams[stream], Time: unixTime(at)}, text)
}

func (f *finder) test(h Hit, text []byte) {
	text = shown(text)
	h.Text = escape.Strip(f.plain[:0], text)
	if len(h.Text) != len(text) {
		f.plain = h.Text // the buffer may have grown
	}
	if h.Start, h.End = f.m.Next(h.Text, 0); h.Start >= 0 && !f.take(h) {
		f.full = true
	}
}

// last looks at the lines that have no end yet.
func (f *finder) last(end format.Builder) {
	start := unfinishedAtEnd(end)
	seq := f.seq
	for _, s := range inOrder(start) {
		if start[s] == 0 {
			continue
		}
		if f.want[s] && !f.full {
			f.overwritten(s, f.r.index.count(), nil)
			f.test(Hit{Seq: seq, Stream: streams[s], Open: true}, f.parts[s].text)
		}
		seq++
	}
}

// bytes gives bytes of the log, out of a window that goes along with it: a
// script that writes each line by itself makes a record of each.
func (f *finder) bytes(offset int64, length int) ([]byte, error) {
	f.scanned += int64(length)
	from := offset - f.at
	if from < 0 || from+int64(length) > int64(len(f.window)) {
		size := min(max(int64(length), f.ahead), f.size-offset)
		if size < int64(length) {
			return nil, errDamaged
		}
		if int64(cap(f.window)) < size {
			f.window = make([]byte, size)
		}
		f.window, f.at, from = f.window[:size], offset, 0
		if _, err := f.r.log.ReadAt(f.window, offset); err != nil {
			f.window = f.window[:0]
			if errors.Is(err, io.EOF) {
				return nil, errDamaged // the log is shorter than its index says
			}
			return nil, fmt.Errorf("read a log: %w", err)
		}
	}
	return f.window[from : from+int64(length)], nil
}

func unixTime(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(0, at).UTC()
}
