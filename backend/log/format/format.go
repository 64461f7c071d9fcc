// Package format is the layout of an execution's log on disk, shared by the
// program that writes it (scriptsmanager-shim) and those that read it.
//
// A log is three files with one base name:
//
//	<base>.log          exactly the bytes that the script wrote to stdout and stderr, in order of arrival
//	<base>.idx          which of these bytes came when and from which stream, and how lines are counted
//	<base>.debug.jsonl  what the product did, slog JSON lines
//
// The package promises that a log stays readable whenever its writer is
// killed: the .log is complete without the .idx, which only adds to it.
package format

import (
	"bytes"
	"encoding/binary"
)

// The .idx begins with a header of HeaderSize bytes and goes on with records
// of RecordSize bytes each, all numbers little-endian. The header:
//
//	0  8  Magic
//	8  4  version of the layout, Version
//	12 4  size of a record, RecordSize
//	16 8  time of creation, Unix nanoseconds
//	24 8  0
//
// A record stands for one run of bytes of one stream, as one read gave them.
// Runs follow each other without a gap: a record's offset is the end of the
// one before.
//
//	0  6  offset of the run in the .log
//	6  1  Kind
//	7  1  check: over the other 31 bytes
//	8  8  time of arrival, Unix nanoseconds
//	16 5  lines that were complete before this run, of both streams together
//	21 3  length of the run in bytes; for the Lost kinds: bytes that are not in the .log
//	24 4  distance from offset back to the first byte of stdout's unfinished line, 0 where there is none
//	28 4  the same for stderr
//
// A distance of Far means "that far or farther": the record at offset-Far
// knows more. A line ends with its line feed, in the run that holds it; lines
// are numbered from 1 in the order in which they end. So line n ends in the
// last record with fewer than n lines before it, found by binary search, and
// the two distances tell where to start reading to have its beginning.
const (
	HeaderSize = 32
	RecordSize = 32
	Version    = 1
	Magic      = "SMLOGIDX"
	Far        = 1<<32 - 1
	MaxLength  = 1<<24 - 1
)

// Names of the three files, to be put behind the base.
const (
	LogSuffix   = ".log"
	IndexSuffix = ".idx"
	DebugSuffix = ".debug.jsonl"
)

// Kind says what a record stands for.
type Kind uint8

// The kinds.
const (
	Stdout     Kind = 1
	Stderr     Kind = 2
	LostStdout Kind = 3 // bytes that could not be written (disk full); ends the stream's unfinished line
	LostStderr Kind = 4
	End        Kind = 5 // no more output: unfinished lines count as lines, stdout's or stderr's first as they began
)

// Data tells whether bytes of the .log belong to a record of this kind.
func (k Kind) Data() bool { return k == Stdout || k == Stderr }

// Stream gives 0 for stdout, 1 for stderr, and -1 for neither.
func (k Kind) Stream() int {
	switch k {
	case Stdout, LostStdout:
		return 0
	case Stderr, LostStderr:
		return 1
	default:
		return -1
	}
}

// Record is one record of the .idx.
type Record struct {
	Offset int64
	Lines  int64 // complete before this run
	Time   int64 // Unix nanoseconds; 0: not known
	Length int
	Kind   Kind
	Open   [2]uint32 // distances, stdout's and stderr's
}

// Next is the offset at which the record after this one begins.
func (r Record) Next() int64 {
	if r.Kind.Data() {
		return r.Offset + int64(r.Length)
	}
	return r.Offset
}

// Append adds the record's RecordSize bytes to b.
func (r Record) Append(b []byte) []byte {
	var w [RecordSize]byte
	binary.LittleEndian.PutUint64(w[0:], uint64(r.Offset)&(1<<48-1)|uint64(r.Kind)<<48)
	binary.LittleEndian.PutUint64(w[8:], uint64(r.Time))
	binary.LittleEndian.PutUint64(w[16:], uint64(r.Lines)&(1<<40-1)|uint64(r.Length)<<40)
	binary.LittleEndian.PutUint32(w[24:], r.Open[0])
	binary.LittleEndian.PutUint32(w[28:], r.Open[1])
	w[7] = check(w[:])
	return append(b, w[:]...)
}

// Parse reads a record from the first RecordSize bytes of b. It reports false
// where they cannot be a record.
func Parse(b []byte) (Record, bool) {
	if len(b) < RecordSize || b[7] != check(b) {
		return Record{}, false
	}
	first := binary.LittleEndian.Uint64(b[0:])
	third := binary.LittleEndian.Uint64(b[16:])
	r := Record{
		Offset: int64(first & (1<<48 - 1)),
		Kind:   Kind(first >> 48 & 0xff),
		Time:   int64(binary.LittleEndian.Uint64(b[8:])),
		Lines:  int64(third & (1<<40 - 1)),
		Length: int(third >> 40),
		Open:   [2]uint32{binary.LittleEndian.Uint32(b[24:]), binary.LittleEndian.Uint32(b[28:])},
	}
	if r.Kind < Stdout || r.Kind > End || r.Kind.Data() && r.Length == 0 {
		return Record{}, false
	}
	for _, d := range r.Open {
		if int64(d) > r.Offset {
			return Record{}, false
		}
	}
	return r, true
}

// check is an 8 bit sum (FNV-1a, folded) over a record without its byte 7.
func check(b []byte) byte {
	h := uint32(2166136261)
	for i, c := range b[:RecordSize] {
		if i != 7 {
			h = (h ^ uint32(c)) * 16777619
		}
	}
	h ^= h >> 16
	return byte(h ^ h>>8)
}

// Header gives the first HeaderSize bytes of an .idx made at the time (Unix
// nanoseconds).
func Header(created int64) []byte {
	b := make([]byte, HeaderSize)
	copy(b, Magic)
	binary.LittleEndian.PutUint32(b[8:], Version)
	binary.LittleEndian.PutUint32(b[12:], RecordSize)
	binary.LittleEndian.PutUint64(b[16:], uint64(created))
	return b
}

// ValidHeader tells whether b begins with a header that this package can read.
func ValidHeader(b []byte) bool {
	return len(b) >= HeaderSize && string(b[:8]) == Magic &&
		binary.LittleEndian.Uint32(b[8:]) == Version && binary.LittleEndian.Uint32(b[12:]) == RecordSize
}

// Builder makes records from runs of bytes in order. Its zero value is at the
// beginning of a log.
type Builder struct {
	offset int64
	lines  int64
	open   [2]int64 // offset of the first byte of the unfinished line, plus 1; 0: none
	ended  bool
}

// At gives a builder that goes on behind a record whose bytes are data (nil
// where the kind has none).
func At(r Record, data []byte) Builder {
	b := Builder{offset: r.Offset, lines: r.Lines}
	for s, d := range r.Open {
		if d != 0 {
			b.open[s] = r.Offset - int64(d) + 1
		}
	}
	b.advance(r.Kind, data)
	return b
}

// Offset is where the next run begins.
func (b *Builder) Offset() int64 { return b.offset }

// Lines is how many lines are complete.
func (b *Builder) Lines() int64 { return b.lines }

// Ended tells whether there was a record of kind End.
func (b *Builder) Ended() bool { return b.ended }

// Open gives where the unfinished line of a stream (0 stdout, 1 stderr) began.
func (b *Builder) Open(stream int) (offset int64, ok bool) {
	return b.open[stream] - 1, b.open[stream] != 0
}

// Run gives the record of a run of bytes and goes on behind it. There must be
// from 1 to MaxLength of them.
func (b *Builder) Run(kind Kind, time int64, data []byte) Record {
	r := b.record(kind, time, len(data))
	b.advance(kind, data)
	return r
}

// Lost gives the record of n bytes that could not be written, n up to MaxLength.
func (b *Builder) Lost(kind Kind, time int64, n int) Record {
	r := b.record(kind, time, n)
	b.advance(kind, nil)
	return r
}

// End gives the last record.
func (b *Builder) End(time int64) Record {
	r := b.record(End, time, 0)
	b.advance(End, nil)
	return r
}

func (b *Builder) record(kind Kind, time int64, length int) Record {
	r := Record{Offset: b.offset, Lines: b.lines, Time: time, Length: length, Kind: kind}
	for s, o := range b.open {
		if o != 0 {
			r.Open[s] = uint32(min(b.offset-(o-1), Far))
		}
	}
	return r
}

func (b *Builder) advance(kind Kind, data []byte) {
	switch kind {
	case Stdout, Stderr:
		s := kind.Stream()
		if n := bytes.Count(data, newline); n > 0 {
			b.lines += int64(n)
			b.open[s] = 0
			if last := bytes.LastIndexByte(data, '\n'); last < len(data)-1 {
				b.open[s] = b.offset + int64(last) + 2
			}
		} else if b.open[s] == 0 && len(data) > 0 {
			b.open[s] = b.offset + 1
		}
		b.offset += int64(len(data))
	case LostStdout, LostStderr:
		if s := kind.Stream(); b.open[s] != 0 {
			b.lines++
			b.open[s] = 0
		}
	case End:
		for s := range b.open {
			if b.open[s] != 0 {
				b.lines++
				b.open[s] = 0
			}
		}
		b.ended = true
	}
}

var newline = []byte{'\n'}
