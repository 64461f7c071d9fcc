package log

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	seekable "github.com/SaveTheRbtz/zstd-seekable-format-go/pkg"
	"github.com/klauspost/compress/zstd"

	"scriptsmanager/backend/domain"
)

// Compressed is behind the names of a log's files that Compress has made
// smaller: zstd in frames of their own with a table of them at the end (the
// "seekable format" of zstd), which zstd and zstdcat read as any other file.
const Compressed = ".zst"

// maxFrame bounds the memory that a frame of a foreign file can take.
const maxFrame = 64 << 20

// Content is what a log's file holds, whether it is compressed or not.
type Content struct {
	io.ReaderAt
	file *os.File
	size int64 // of a compressed file's content; below 0: the file's own
	done func()
}

// OpenContent opens a file of a log by the name that it has uncompressed. It
// fails with os.ErrNotExist where neither form of it is there, and with
// CodeLogDamaged.
func OpenContent(path string) (*Content, error) {
	f, err := os.Open(path)
	if err == nil {
		return &Content{ReaderAt: f, file: f, size: -1}, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open a log: %w", err)
	}
	if f, err = os.Open(path + Compressed); err != nil {
		return nil, fmt.Errorf("open a log: %w", err)
	}
	c, err := decompressed(f)
	if err != nil {
		return nil, domain.NewError(domain.CodeLogDamaged, "path", f.Name()).Because(errors.Join(err, f.Close()))
	}
	return c, nil
}

func decompressed(f *os.File) (*Content, error) {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxFrame))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		decoder.Close()
		return nil, err
	}
	r, err := seekable.NewReader(nil, decoder, seekable.WithReaderEnvironment(bounded{f, info.Size()}))
	if err != nil {
		decoder.Close()
		return nil, err
	}
	table, err := r.SeekTable()
	if err != nil {
		decoder.Close()
		return nil, err
	}
	size := int64(table.Size()) //nolint:gosec // NewReader refuses what is above an int64
	return &Content{ReaderAt: packed{r, f.Name()}, file: f, size: size, done: decoder.Close}, nil
}

// footer is the length of what a compressed file ends with.
const footer = 9

// bounded reads parts of a compressed file, none longer than the file: sizes in
// a damaged one may say anything.
type bounded struct {
	file io.ReaderAt
	size int64
}

// GetFrameByIndex reads a compressed frame.
func (b bounded) GetFrameByIndex(e seekable.FrameOffsetEntry) ([]byte, error) {
	return b.part(int64(e.CompressedOffset), int64(e.CompressedSize)) //nolint:gosec // part refuses what is below zero
}

// ReadFooter reads the end of the file.
func (b bounded) ReadFooter() ([]byte, error) { return b.part(b.size-footer, footer) }

// ReadSkipFrame reads the table of frames, which is so far from the end.
func (b bounded) ReadSkipFrame(before int64) ([]byte, error) { return b.part(b.size-before, before) }

func (b bounded) part(at, length int64) ([]byte, error) {
	if at < 0 || length < 0 || length > b.size || at > b.size-length {
		return nil, io.ErrUnexpectedEOF
	}
	data := make([]byte, length)
	_, err := b.file.ReadAt(data, at)
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	return data, err
}

// packed is the content of a compressed file, and says so where it is damaged.
type packed struct {
	content io.ReaderAt
	path    string
}

// ReadAt is io.ReaderAt's. It fails with CodeLogDamaged.
func (p packed) ReadAt(b []byte, at int64) (int, error) {
	n, err := p.content.ReadAt(b, at)
	if err != nil && !errors.Is(err, io.EOF) {
		err = domain.NewError(domain.CodeLogDamaged, "path", p.path).Because(err)
	}
	return n, err
}

// Size is how many bytes there are now, uncompressed.
func (c *Content) Size() (int64, error) {
	size, _, err := c.state()
	return size, err
}

// state gives the size, and when the file was last written to.
func (c *Content) state() (int64, time.Time, error) {
	info, err := c.file.Stat()
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("look at a log: %w", err)
	}
	if c.size >= 0 {
		return c.size, info.ModTime(), nil
	}
	return info.Size(), info.ModTime(), nil
}

// Close closes the file.
func (c *Content) Close() error {
	if c.done != nil {
		c.done()
	}
	return c.file.Close()
}
