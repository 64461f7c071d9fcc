package log

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/format"
)

// partial is the unfinished line of a stream.
type partial struct {
	text []byte
	cut  bool
	most int // bytes of text
}

func (p *partial) add(data []byte) {
	if room := p.most - len(p.text); len(data) > room {
		data, p.cut = data[:room], true
	}
	p.text = append(p.text, data...)
}

func parts(most int) [2]partial { return [2]partial{{most: most}, {most: most}} }

func (p *partial) reset() { p.text, p.cut = p.text[:0], false }

// pager puts a page together.
type pager struct {
	r     *Reader
	want  [2]bool
	from  int64
	limit int

	page    domain.LogPage
	seq     int64 // of the next line that ends
	text    int   // bytes on the page
	scanned int64
	parts   [2]partial
	buffer  []byte
}

func (r *Reader) read(from int64, limit, most int, want [2]bool) (domain.LogPage, error) {
	if r.index == nil {
		return domain.LogPage{Lines: []domain.LogLine{}, Next: 1}, nil
	}
	end := r.index.end()
	total := end.Lines()
	from = min(from, total+1)
	p := &pager{r: r, want: want, from: from, limit: limit, parts: parts(most)}
	p.page = domain.LogPage{Lines: []domain.LogLine{}, Total: total}
	if err := p.run(total); err != nil {
		return domain.LogPage{}, err
	}
	p.page.Next = p.seq
	p.page.Ended = end.Ended() && p.seq > total
	return p.page, nil
}

// full tells whether the page is.
func (p *pager) full() bool {
	return len(p.page.Lines) >= p.limit || p.text >= pageText || p.scanned >= pageScan && p.seq > p.from
}

// run goes through the records from that in which the first line ends.
func (p *pager) run(total int64) error {
	x := p.r.index
	first, err := p.begin(total)
	if err != nil {
		return err
	}
	err = walk(x, first, total, func(i int, rec format.Record, after int64) (bool, error) {
		if p.full() {
			return false, nil
		}
		if rec.Lines != p.seq-1 {
			return false, errDamaged
		}
		return true, p.record(i, rec, after)
	})
	if err != nil {
		return err
	}
	if p.seq != total+1 {
		if p.full() {
			return nil
		}
		return errDamaged
	}
	p.open(unfinishedAtEnd(x.end()))
	return nil
}

// begin finds where to start and reads what the unfinished lines have there
// already.
func (p *pager) begin(total int64) (first int, err error) {
	x := p.r.index
	var start [2]int64 // plus 1
	if p.from > total {
		first = x.count()
		p.seq = total + 1
		start = unfinishedAtEnd(x.end())
	} else {
		if first, err = searchLine(x, p.from); err != nil {
			return 0, err
		}
		rec, err := x.at(first)
		if err != nil {
			return 0, err
		}
		if rec.Lines >= p.from {
			return 0, errDamaged
		}
		p.seq = rec.Lines + 1
		if start, err = unfinished(x, first); err != nil {
			return 0, err
		}
	}
	for s, at := range start {
		if at == 0 || !p.want[s] {
			continue
		}
		if err := p.collect(s, at-1, first); err != nil {
			return 0, err
		}
	}
	return first, nil
}

// unfinished gives where each stream's unfinished line began that there is
// before record i, plus 1; 0: there is none.
func unfinished(x index, i int) (start [2]int64, err error) {
	for s := range start {
		if start[s], err = opened(x, i, s); err != nil {
			return start, err
		}
	}
	return start, nil
}

// unfinishedAtEnd gives the same at the end of a log.
func unfinishedAtEnd(end format.Builder) (start [2]int64) {
	for s := range start {
		if at, ok := end.Open(s); ok {
			start[s] = at + 1
		}
	}
	return start
}

// opened gives where the unfinished line of a stream began that there is before
// record i, plus 1.
func opened(x index, i, stream int) (int64, error) {
	rec, err := x.at(i)
	if err != nil {
		return 0, err
	}
	for rec.Open[stream] == format.Far {
		// An earlier record knows more.
		if i, err = searchOffset(x, rec.Offset-format.Far); err != nil {
			return 0, err
		}
		if i+1 < x.count() {
			i++ // the first behind that place: the line was open there already
		}
		next, err := x.at(i)
		if err != nil {
			return 0, err
		}
		if next.Offset >= rec.Offset || next.Open[stream] == 0 {
			return 0, errDamaged
		}
		rec = next
	}
	if rec.Open[stream] == 0 {
		return 0, nil
	}
	return rec.Offset - int64(rec.Open[stream]) + 1, nil
}

// collect reads the beginning of a stream's unfinished line, in the records
// before the one given.
func (p *pager) collect(stream int, from int64, before int) error {
	x := p.r.index
	i, err := searchOffset(x, from)
	if err != nil {
		return err
	}
	for part := &p.parts[stream]; i < before && !part.cut; i++ {
		rec, err := x.at(i)
		if err != nil {
			return err
		}
		if !rec.Kind.Data() || rec.Kind.Stream() != stream {
			continue
		}
		skip := int(max(0, from-rec.Offset))
		// One byte above the limit shows that the line is cut.
		length := min(rec.Length-skip, part.most-len(part.text)+1)
		if length <= 0 {
			continue
		}
		data, err := p.bytes(rec.Offset+int64(skip), length)
		if err != nil {
			return err
		}
		part.add(data)
	}
	return nil
}

// bytes reads from the log. The result is valid until the next call.
func (p *pager) bytes(offset int64, length int) ([]byte, error) {
	if cap(p.buffer) < length {
		p.buffer = make([]byte, max(length, blockSize))
	}
	data := p.buffer[:length]
	if _, err := p.r.log.ReadAt(data, offset); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errDamaged // the log is shorter than its index says
		}
		return nil, err
	}
	p.scanned += int64(length)
	return data, nil
}

// record goes through record i; after it there are so many lines.
func (p *pager) record(i int, rec format.Record, after int64) error {
	if !rec.Kind.Data() {
		return p.mark(i, rec, after)
	}
	ends := after - rec.Lines
	s := rec.Kind.Stream()
	part := &p.parts[s]
	if !p.want[s] {
		p.seq += ends
		p.scanned += format.RecordSize
		return nil
	}
	if ends == 0 && part.cut {
		return nil // the middle of a long line
	}
	data, err := p.bytes(rec.Offset, rec.Length)
	if err != nil {
		return err
	}
	if int64(bytes.Count(data, []byte{'\n'})) != ends {
		return errDamaged
	}
	for ; ends > 0; ends-- {
		at := bytes.IndexByte(data, '\n')
		if p.full() {
			return nil
		}
		p.line(s, i, rec.Time, data[:at], true)
		data = data[at+1:]
	}
	if len(data) > 0 {
		part.add(data)
	}
	return nil
}

// line takes the end of a line, which is the rest, in record i. Its number goes
// up whether it is shown or not.
func (p *pager) line(stream, i int, at int64, rest []byte, terminated bool) {
	part := &p.parts[stream]
	if p.seq >= p.from && p.want[stream] {
		// A carriage return before the end belongs to the end, wherever the
		// reads were cut.
		part.add(rest)
		if part.cut {
			p.overwrite(part, stream, i, rest)
		}
		p.add(part, stream, at, terminated, false)
	}
	part.reset()
	p.seq++
}

// overwrite has a line that is too long say its end where it overwrites itself:
// of a progress bar that has run for a while, only what it says now is of use.
// The rest is what record i has of the line.
func (p *pager) overwrite(part *partial, stream, i int, rest []byte) {
	parts := [][]byte{rest[max(0, len(rest)-part.most):]} // last first
	room := part.most - len(parts[0])
	for i--; i >= 0 && room > 0; i-- {
		rec, err := p.r.index.at(i)
		if err != nil {
			return
		}
		if rec.Kind.Stream() != stream {
			continue
		}
		if !rec.Kind.Data() {
			break // what was lost ends a line
		}
		data := make([]byte, min(room, rec.Length))
		if _, err := p.r.log.ReadAt(data, rec.Next()-int64(len(data))); err != nil {
			return
		}
		parts = append(parts, data)
		room -= len(data)
	}
	slices.Reverse(parts)
	if tail := latest(bytes.Join(parts, nil)); tail != nil {
		part.text = tail
	}
}

// latest gives what the end of a long line says from the first place on where it
// overwrites itself; nil: it does not.
func latest(tail []byte) []byte {
	if at := bytes.IndexByte(tail, '\r'); at >= 0 && at < len(tail)-1 {
		return tail[at:]
	}
	return nil
}

func (p *pager) add(part *partial, stream int, at int64, terminated, open bool) {
	text := part.text
	if terminated && !part.cut {
		text = bytes.TrimSuffix(text, []byte{'\r'})
	}
	line := domain.LogLine{
		Seq: p.seq, Time: unixTime(at), Stream: streams[stream], Text: clean(text, part.cut || open), Open: open, Cut: part.cut,
	}
	p.text += len(line.Text)
	p.page.Lines = append(p.page.Lines, line)
}

// mark takes record i, which has no bytes and may end lines.
func (p *pager) mark(i int, rec format.Record, after int64) error {
	ended, err := endedBy(p.r.index, i, rec, after)
	if err != nil {
		return err
	}
	for _, s := range ended {
		if p.full() {
			return nil
		}
		p.line(s, i, rec.Time, nil, false)
	}
	return nil
}

// open shows what has no end yet. It does not count.
func (p *pager) open(start [2]int64) {
	seq := p.seq
	for _, s := range inOrder(start) {
		if start[s] == 0 {
			continue
		}
		if p.want[s] && !p.full() {
			if p.parts[s].cut {
				p.overwrite(&p.parts[s], s, p.r.index.count(), nil)
			}
			p.add(&p.parts[s], s, 0, false, true)
		}
		p.seq++
	}
	p.seq = seq
}

// inOrder gives the streams, first the one whose line began first.
func inOrder(start [2]int64) [2]int {
	if start[1] != 0 && (start[0] == 0 || start[1] < start[0]) {
		return [2]int{1, 0}
	}
	return [2]int{0, 1}
}

// clean gives valid UTF-8. Where the text was cut, a rune that is not whole is
// left away.
func clean(text []byte, cut bool) string {
	if cut {
		for i := 1; i <= min(utf8.UTFMax-1, len(text)); i++ {
			if c := text[len(text)-i]; utf8.RuneStart(c) {
				if !utf8.FullRune(text[len(text)-i:]) {
					text = text[:len(text)-i]
				}
				break
			}
		}
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}
