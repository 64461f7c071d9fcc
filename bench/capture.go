package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/shim"
)

const (
	capturedLines = 10_000_000 // of 100 bytes: 1 GB
	memoryEvery   = 20 * time.Millisecond
)

// produce writes lines of 100 bytes to standard output as fast as they are
// taken, and how long that took to a file, in nanoseconds.
func produce(lines int, into string) error {
	block := bytes.Repeat([]byte(strings.Repeat("0123456789", 9)+"123456789\n"), 640)
	began := time.Now()
	for left := lines * 100; left > 0; left -= len(block) {
		if _, err := os.Stdout.Write(block[:min(left, len(block))]); err != nil {
			return err
		}
	}
	return os.WriteFile(into, []byte(strconv.FormatInt(time.Since(began).Nanoseconds(), 10)), 0o600)
}

// captures measures how fast a program may write when a shim keeps its output
// (bytes, times, streams), beside a copy of the same pipe into a file; and the
// memory of the shim at that rate.
func captures(ctx context.Context, programs string, count int) ([]result, error) {
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	program, err := filepath.Abs(filepath.Join(programs, "scriptsmanager-shim"))
	if err != nil {
		return nil, err
	}
	took := filepath.Join(dir, "took")
	argv := []string{self, "-produce", strconv.Itoa(capturedLines), "-output", took}
	speed := func() (float64, error) {
		b, err := os.ReadFile(took)
		if err != nil {
			return 0, err
		}
		ns, err := strconv.ParseFloat(string(b), 64)
		return capturedLines * 100 / 1e6 / (ns / 1e9), errors.Join(err, os.Remove(took))
	}
	var ours, peer, memory []float64
	for i := range count + 1 {
		round := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(round, 0o700); err != nil {
			return nil, err
		}
		peak, err := captured(ctx, program, round, argv)
		if err != nil {
			return nil, err
		}
		mine, err := speed()
		if err != nil {
			return nil, err
		}
		if err := copied(ctx, filepath.Join(round, "copy"), argv); err != nil {
			return nil, err
		}
		other, err := speed()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			ours, peer, memory = append(ours, mine), append(peer, other), append(memory, peak)
		}
		if err := os.RemoveAll(round); err != nil {
			return nil, err
		}
	}
	return []result{
		compare("capture of 1 GB in lines of 100 bytes, over io.Copy from the pipe to a file", "0.9 or more of its speed", "MB/s", ours, peer),
		compare("memory of the shim at that rate", "under 10 MB", "MB", memory, nil),
	}, nil
}

// captured runs the program under a shim, and gives the shim's peak of memory in MB.
func captured(ctx context.Context, program, dir string, argv []string) (peak float64, err error) {
	spec := shim.Spec{
		ExecutionID: "bench", RunDir: filepath.Join(dir, "r"), LogBase: filepath.Join(dir, "execution_1"), Argv: argv,
		Dir: dir, OnLoss: shim.LossStop, Grace: time.Second,
	}
	s, err := shim.Start(ctx, program, spec)
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Kill() }()
	tick := time.NewTicker(memoryEvery)
	defer tick.Stop()
	for {
		select {
		case e, ok := <-s.Events():
			if !ok {
				return 0, errors.New("the shim said nothing of the end")
			}
			if ended, is := e.(shim.Ended); is {
				info, err := os.Stat(spec.LogBase + format.LogSuffix)
				if err != nil || info.Size() != capturedLines*100 || ended.Lines != capturedLines {
					return 0, fmt.Errorf("%d lines captured, %w", ended.Lines, err)
				}
				return peak, nil
			}
		case <-tick.C:
			if state, err := shim.ReadState(spec.RunDir); err == nil {
				peak = max(peak, resident(state.Shim.PID))
			}
		}
	}
}

// resident gives the peak of a process's memory in MB; 0 where it is gone.
func resident(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(b), "VmHWM:")
	kib, _ := strconv.ParseFloat(strings.TrimSuffix(strings.Fields(after + " 0")[0], "kB"), 64)
	return kib / 1024
}

// copied runs the program with its output copied into a file.
func copied(ctx context.Context, path string, argv []string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	_, err = io.Copy(f, out)
	return errors.Join(err, c.Wait())
}
