package log

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/format"
)

// errDamaged says that the .idx does not fit itself or the .log.
var errDamaged = errors.New("the index of the log is damaged")

// index gives the records of a log.
type index interface {
	refresh() error
	count() int
	at(i int) (format.Record, error)
	end() format.Builder // stands behind the last record
}

// fileIndex reads an .idx that is as it should be, and says errDamaged where it
// is not. A short log is looked through when it is opened; of a long one only
// what is used is, so that opening it costs nothing.
type fileIndex struct {
	log, idx *Content
	n        int
	builder  format.Builder
	chunk    []byte // records from chunkAt on
	chunkAt  int
}

const (
	// chunkRecords is how many records are read at once.
	chunkRecords = 2048
	// verifySize is up to which length a log is looked through, within 1 ms.
	verifySize = 1 << 20
)

func (x *fileIndex) count() int          { return x.n }
func (x *fileIndex) end() format.Builder { return x.builder }

func (x *fileIndex) refresh() error {
	records, err := x.idx.Size()
	if err != nil {
		return err
	}
	n := int(max(0, records-format.HeaderSize) / format.RecordSize)
	// The index is looked at first: what it tells of is in the log by then.
	size, changed, err := x.log.state()
	if err != nil {
		return err
	}
	if n < x.n || size < x.builder.Offset() {
		return errDamaged
	}
	if n > x.n {
		if x.n == 0 {
			header := make([]byte, format.HeaderSize)
			if _, err := x.idx.ReadAt(header, 0); err != nil || !format.ValidHeader(header) {
				return errDamaged
			}
		}
		// A chunk that ended at the old end is short.
		x.chunk = nil
		before := x.n
		x.n = n
		err := x.advance(n-1, size)
		if err == nil && before == 0 && x.builder.Offset() <= verifySize {
			err = x.verify()
		}
		if err != nil {
			x.n = before
			return err
		}
	}
	if size > x.builder.Offset() && time.Since(changed) > settled {
		return errDamaged // a writer that was killed; or someone wrote into the log
	}
	return nil
}

// advance puts the builder behind record i.
func (x *fileIndex) advance(i int, logSize int64) error {
	last, err := x.at(i)
	if err != nil {
		return err
	}
	if last.Next() > logSize {
		return errDamaged
	}
	var data []byte
	if last.Kind.Data() {
		data = make([]byte, last.Length)
		if _, err := x.log.ReadAt(data, last.Offset); err != nil {
			return errDamaged
		}
	}
	x.builder = format.At(last, data)
	return nil
}

// verify looks at every record, and counts the lines itself.
func (x *fileIndex) verify() error {
	data := make([]byte, x.builder.Offset())
	if _, err := x.log.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read a log: %w", err)
	}
	var b format.Builder
	for i := range x.n {
		r, err := x.at(i)
		if err != nil {
			return err
		}
		var want format.Record
		switch {
		case b.Ended() || r.Next() > int64(len(data)):
			return errDamaged
		case r.Kind.Data():
			want = b.Run(r.Kind, r.Time, data[r.Offset:r.Next()])
		case r.Kind == format.End:
			want = b.End(r.Time)
		default:
			want = b.Lost(r.Kind, r.Time, r.Length)
		}
		if r != want { // its offset or its count of lines is not what it must be
			return errDamaged
		}
	}
	return nil
}

func (x *fileIndex) at(i int) (format.Record, error) {
	if i < x.chunkAt || i >= x.chunkAt+len(x.chunk)/format.RecordSize {
		// Searching jumps, reading goes on: the chunk begins a little before.
		first := max(0, i-chunkRecords/8)
		x.chunk = make([]byte, min(chunkRecords, x.n-first)*format.RecordSize)
		x.chunkAt = first
		n, err := x.idx.ReadAt(x.chunk, int64(format.HeaderSize+first*format.RecordSize))
		if domain.HasCode(err, domain.CodeLogDamaged) {
			x.chunk = nil
			return format.Record{}, errDamaged
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return format.Record{}, fmt.Errorf("read the index of a log: %w", err)
		}
		x.chunk = x.chunk[:n/format.RecordSize*format.RecordSize]
	}
	at := (i - x.chunkAt) * format.RecordSize
	if at+format.RecordSize > len(x.chunk) {
		x.chunk = nil
		return format.Record{}, errDamaged
	}
	r, ok := format.Parse(x.chunk[at:])
	if !ok {
		return r, errDamaged
	}
	return r, nil
}

// memoryIndex is built from the bytes of the .log, and those records of the
// .idx that fit them.
type memoryIndex struct {
	log, idx *Content // idx may be nil
	builder  format.Builder
	records  []format.Record
	used     int64 // how much of the .idx was looked at
}

const (
	// blockSize is how much of the log one record without a time stands for.
	blockSize = 64 << 10
	// mergeSize is up to where neighbours of one stream become one record, so
	// that a long log of short writes fits into memory.
	mergeSize = 4 << 10
)

func (x *memoryIndex) count() int                      { return len(x.records) }
func (x *memoryIndex) end() format.Builder             { return x.builder }
func (x *memoryIndex) at(i int) (format.Record, error) { return x.records[i], nil }

func (x *memoryIndex) refresh() error {
	size, changed, err := x.log.state()
	if err != nil {
		return err
	}
	if size < x.builder.Offset() { // truncated: begin anew
		x.builder, x.records, x.used = format.Builder{}, nil, 0
	}
	if x.idx != nil {
		err := x.take(size)
		if domain.HasCode(err, domain.CodeLogDamaged) {
			x.idx, err = nil, nil // what it has left is of no use
		}
		if err != nil {
			return err
		}
	}
	if x.builder.Ended() || size == x.builder.Offset() {
		return nil
	}
	if x.idx == nil || time.Since(changed) > settled {
		return x.fill(size)
	}
	return nil
}

// take uses the records of the .idx that are new.
func (x *memoryIndex) take(size int64) error {
	if x.used == 0 {
		header := make([]byte, format.HeaderSize)
		if n, err := x.idx.ReadAt(header, 0); err != nil && n < len(header) {
			if errors.Is(err, io.EOF) {
				return nil // none yet
			}
			return fmt.Errorf("read the index of a log: %w", err)
		}
		x.used = format.HeaderSize // of a bad header too: records tell by themselves what they are
	}
	chunk := make([]byte, chunkRecords*format.RecordSize)
	for {
		n, err := x.idx.ReadAt(chunk, x.used)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the index of a log: %w", err)
		}
		n -= n % format.RecordSize
		if n == 0 {
			return nil
		}
		for at := 0; at < n; at += format.RecordSize {
			if r, ok := format.Parse(chunk[at:]); ok {
				if err := x.use(r, size); err != nil {
					return err
				}
			}
		}
		x.used += int64(n)
	}
}

// use takes over stream and time of a record, as far as it is behind what there
// is and within the log.
func (x *memoryIndex) use(r format.Record, size int64) error {
	if x.builder.Ended() || r.Offset > size || r.Next() < x.builder.Offset() {
		return nil
	}
	if err := x.fill(min(r.Offset, size)); err != nil {
		return err
	}
	switch {
	case r.Kind == format.End:
		if r.Offset == size {
			x.records = append(x.records, x.builder.End(r.Time))
		}
	case r.Kind.Data():
		return x.add(r.Kind, r.Time, min(r.Next(), size))
	case r.Offset == x.builder.Offset():
		x.records = append(x.records, x.builder.Lost(r.Kind, r.Time, r.Length))
	}
	return nil
}

// fill makes records without a time up to an offset.
func (x *memoryIndex) fill(until int64) error { return x.add(format.Stdout, 0, until) }

func (x *memoryIndex) add(kind format.Kind, at int64, until int64) error {
	buffer := make([]byte, min(blockSize, max(0, until-x.builder.Offset())))
	for x.builder.Offset() < until {
		n, err := x.log.ReadAt(buffer[:min(int64(len(buffer)), until-x.builder.Offset())], x.builder.Offset())
		if n == 0 {
			if err == nil || errors.Is(err, io.EOF) {
				return nil // truncated meanwhile
			}
			return fmt.Errorf("read a log: %w", err)
		}
		r := x.builder.Run(kind, at, buffer[:n])
		if last := len(x.records) - 1; last >= 0 && x.records[last].Kind == kind &&
			(x.records[last].Time == 0) == (at == 0) && x.records[last].Length+n <= mergeSize {
			x.records[last].Length += n
			continue
		}
		x.records = append(x.records, r)
	}
	return nil
}

// searchLine gives the record in which line n ends: the last with fewer than n
// lines before it.
func searchLine(x index, n int64) (int, error) {
	return search(x, func(r format.Record) bool { return r.Lines >= n })
}

// searchOffset gives the record that holds the byte at an offset.
func searchOffset(x index, offset int64) (int, error) {
	return search(x, func(r format.Record) bool { return r.Offset > offset })
}

func search(x index, beyond func(format.Record) bool) (int, error) {
	var failed error
	i := sort.Search(x.count(), func(i int) bool {
		r, err := x.at(i)
		if err != nil {
			failed = err
		}
		return failed != nil || beyond(r)
	})
	return max(0, i-1), failed
}
