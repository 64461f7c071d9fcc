package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"
)

const limitBytes = 256 << 20 // of each quantity below

// limits measures what the machine itself gives: no figure of ours can be
// better than the one of these that it stands on.
func limits(count int) (results []result, err error) {
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	block := make([]byte, 64<<10)
	for i := range block {
		block[i] = byte(i)
	}
	path := filepath.Join(dir, "limit")
	for _, one := range []struct {
		name, unit string
		measure    func() (float64, error)
	}{
		{"limit of the machine: memory copied", "MB/s", func() (float64, error) { return rate(copyMemory) }},
		{"limit of the machine: a pipe read and thrown away", "MB/s", func() (float64, error) { return rate(func() error { return throughPipe(block) }) }},
		{"limit of the machine: a file written, not synced", "MB/s", func() (float64, error) { return rate(func() error { return writeFile(path, block, false) }) }},
		{"limit of the machine: a file written and synced", "MB/s", func() (float64, error) { return rate(func() error { return writeFile(path, block, true) }) }},
		{"limit of the machine: a file read again", "MB/s", func() (float64, error) { return rate(func() error { return readFile(path) }) }},
		{"limit of the machine: 4 KiB appended and synced", "ms", func() (float64, error) { return syncOne(path, block[:4<<10]) }},
	} {
		var values []float64
		for range count {
			v, err := one.measure()
			if err != nil {
				return results, err
			}
			values = append(values, v)
		}
		results = append(results, compare(one.name, "", one.unit, values, nil))
	}
	return results, nil
}

// rate is how many megabytes a second limitBytes make.
func rate(do func() error) (float64, error) {
	began := time.Now()
	err := do()
	return float64(limitBytes) / 1e6 / time.Since(began).Seconds(), err
}

func copyMemory() error {
	from, to := make([]byte, 16<<20), make([]byte, 16<<20)
	for range limitBytes / len(from) {
		copy(to, from)
	}
	return nil
}

func throughPipe(block []byte) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() {
		for range limitBytes / len(block) {
			if _, err := w.Write(block); err != nil {
				written <- errors.Join(err, w.Close())
				return
			}
		}
		written <- w.Close()
	}()
	buffer := make([]byte, len(block))
	for {
		if _, err = r.Read(buffer); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, <-written, r.Close())
}

func writeFile(path string, block []byte, sync bool) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	for range limitBytes / len(block) {
		if _, err := f.Write(block); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if sync {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func readFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	buffer := make([]byte, 64<<10)
	for err == nil {
		_, err = f.Read(buffer)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

func syncOne(path string, block []byte) (float64, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	_, err = f.Write(block)
	err = errors.Join(err, f.Sync())
	took := milliseconds(time.Since(began))
	return took, errors.Join(err, f.Close())
}
