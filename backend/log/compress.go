package log

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	seekable "github.com/SaveTheRbtz/zstd-seekable-format-go/pkg"
	"github.com/klauspost/compress/zstd"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/platform"
)

// frameSize is how much of a log one frame holds: larger ones are smaller on
// the disk, smaller ones are read sooner. With 256 KiB, a page of lines out of
// the middle costs about a millisecond.
const frameSize = 256 << 10

// Compress makes the output of a finished log smaller, and tells by how many
// bytes. It is for logs that nobody writes any more. Whenever it is cut off, the
// log is there, in one form or the other.
func Compress(ctx context.Context, base string) (saved int64, err error) {
	before := Size(base)
	// The index goes first: it is of use without the other, not without itself.
	for _, suffix := range []string{format.IndexSuffix, format.LogSuffix} {
		if err := compress(ctx, base+suffix); err != nil {
			return 0, fmt.Errorf("compress a log: %w", err)
		}
	}
	return before - Size(base), nil
}

// compress puts a compressed file beside one, reads it again, and takes the
// other away. A file that is not there is left so.
func compress(ctx context.Context, path string) (err error) {
	from, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() {
		if from != nil {
			err = errors.Join(err, from.Close())
		}
	}()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	temporary := path + Compressed + newSuffix
	defer func() { _ = os.Remove(temporary) }() // it is elsewhere when all went well
	if err := pack(ctx, from, temporary); err != nil {
		return err
	}
	if err := same(ctx, from, temporary, info.Size()); err != nil {
		return err
	}
	if err := os.Chtimes(temporary, info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	if err := os.Rename(temporary, path+Compressed); err != nil {
		return err
	}
	if err := platform.SyncFolder(filepath.Dir(path)); err != nil {
		return err
	}
	if err := from.Close(); err != nil {
		return err
	}
	from = nil
	err = os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		// The log was removed meanwhile: nothing of it is to be left.
		return errors.Join(err, os.Remove(path+Compressed))
	}
	return err
}

func pack(ctx context.Context, from io.Reader, path string) (err error) {
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, encoder.Close()) }()
	w, err := seekable.NewWriter(to, encoder)
	if err != nil {
		return err
	}
	buffer := make([]byte, frameSize)
	for ctx.Err() == nil {
		n, err := io.ReadFull(from, buffer)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.Join(w.Close(), to.Sync())
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// same makes sure that the compressed file gives what the other has.
func same(ctx context.Context, from io.ReaderAt, path string, size int64) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	packed, err := decompressed(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	defer func() { err = errors.Join(err, packed.Close()) }()
	if packed.size != size {
		return fmt.Errorf("%d bytes came out as %d", size, packed.size)
	}
	one, other := make([]byte, frameSize), make([]byte, frameSize)
	for at := int64(0); at < size && ctx.Err() == nil; at += frameSize {
		n := min(frameSize, size-at)
		_, err := from.ReadAt(one[:n], at)
		_, failed := packed.ReadAt(other[:n], at)
		if err != nil || failed != nil || !bytes.Equal(one[:n], other[:n]) {
			return errors.Join(fmt.Errorf("other bytes came out near %d", at), err, failed)
		}
	}
	return ctx.Err()
}
