package format

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Finish closes a log whose writer was killed: bytes at its end that have no
// record get one of stdout with no time, and the record End follows. It gives
// the numbers of lines and bytes. A log that is finished is left as it is. The
// writer must be dead. It fails where there is no valid .idx.
func Finish(base string, now int64) (lines, size int64, err error) {
	log, err := os.Open(base + LogSuffix)
	if err != nil {
		return 0, 0, fmt.Errorf("finish a log: %w", err)
	}
	defer func() { _ = log.Close() }()
	idx, err := os.OpenFile(base+IndexSuffix, os.O_RDWR, 0)
	if err != nil {
		return 0, 0, fmt.Errorf("finish a log: %w", err)
	}
	defer func() { err = errors.Join(err, idx.Close()) }()
	b, at, err := resume(log, idx)
	if err != nil {
		return 0, 0, fmt.Errorf("finish a log: %w", err)
	}
	if b.Ended() {
		return b.Lines(), b.Offset(), nil
	}
	buffer := make([]byte, 1<<20)
	for {
		n, err := log.ReadAt(buffer, b.Offset())
		if n > 0 {
			if _, err := idx.WriteAt(b.Run(Stdout, 0, buffer[:n]).Append(nil), at); err != nil {
				return 0, 0, fmt.Errorf("finish a log: %w", err)
			}
			at += RecordSize
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, 0, fmt.Errorf("finish a log: %w", err)
		}
	}
	if _, err := idx.WriteAt(b.End(now).Append(nil), at); err != nil {
		return 0, 0, fmt.Errorf("finish a log: %w", err)
	}
	return b.Lines(), b.Offset(), nil
}

// resume gives the builder behind the last record of an .idx, and where the
// next one belongs.
func resume(log, idx *os.File) (Builder, int64, error) {
	info, err := idx.Stat()
	if err != nil {
		return Builder{}, 0, err
	}
	header := make([]byte, HeaderSize)
	if _, err := idx.ReadAt(header, 0); err != nil || !ValidHeader(header) {
		return Builder{}, 0, errors.New("the index has no valid header")
	}
	count := (info.Size() - HeaderSize) / RecordSize
	at := HeaderSize + count*RecordSize
	if count == 0 {
		return Builder{}, at, nil
	}
	raw := make([]byte, RecordSize)
	if _, err := idx.ReadAt(raw, at-RecordSize); err != nil {
		return Builder{}, 0, err
	}
	last, ok := Parse(raw)
	if !ok {
		return Builder{}, 0, errors.New("the index ends in a record that is none")
	}
	var data []byte
	if last.Kind.Data() {
		data = make([]byte, last.Length)
		if _, err := log.ReadAt(data, last.Offset); err != nil {
			return Builder{}, 0, err
		}
	}
	return At(last, data), at, nil
}
