package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// windows measures from the start of the program until its first window is
// mapped, beside an empty Wails program. It needs a display, xdotool and xprop.
func windows(programs, empty string, count int) ([]result, error) {
	if os.Getenv("DISPLAY") == "" {
		return nil, errors.New("no display")
	}
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	product, err := filepath.Abs(filepath.Join(programs, "scriptsmanager-desktop"))
	if err != nil {
		return nil, err
	}
	// As on the second day: a first start looks at every Python of the machine,
	// and would do so again and again where it is ended as soon as it is seen.
	if out, err := exec.Command(filepath.Join(programs, "scriptsmanager"), "--root", dir, "environment", "list").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("find environments: %w: %s", err, out)
	}
	var ours, peer []float64
	for i := range count + 1 {
		p, err := mapped("empty", empty)
		if err != nil {
			return nil, fmt.Errorf("empty program: %w", err)
		}
		o, err := mapped("SIDEL ScriptsManager", product, "--root", dir)
		if err != nil {
			return nil, fmt.Errorf("product: %w", err)
		}
		if i > 0 { // the first warms both, and fills the root
			peer, ours = append(peer, p), append(ours, o)
		}
	}
	return []result{compare("first window shown, over an empty Wails program", "1.5 or less", "ms", ours, peer)}, nil
}

// mapped starts a program and gives the milliseconds until its window is to be
// seen. The window manager's list of windows tells when to look: asking all the
// time would take a whole processor from what is measured.
func mapped(title, program string, args ...string) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	spy := exec.CommandContext(ctx, "xprop", "-root", "-spy", "_NET_CLIENT_LIST")
	out, err := spy.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := spy.Start(); err != nil {
		return 0, err
	}
	defer func() { _, _ = spy.Process.Kill(), spy.Wait() }()
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !listed(lines.Text()) { // what is there now
		return 0, errNoList
	}
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	found := false
	for !found && lines.Scan() {
		for listed := time.Now(); !found && time.Since(listed) < 200*time.Millisecond; {
			out, err := exec.CommandContext(ctx, "xdotool", "search", "--onlyvisible", "--name", "^"+title+"$").Output()
			found = err == nil && strings.TrimSpace(string(out)) != ""
		}
	}
	took := milliseconds(time.Since(began))
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	if !found {
		return 0, errors.New("no window in a minute")
	}
	return took, nil
}
