package main

import (
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
// mapped, beside an empty Wails program. It needs a display and xdotool.
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

func mapped(title, program string, args ...string) (float64, error) {
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	found := false
	for deadline := began.Add(time.Minute); !found && time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		out, err := exec.Command("xdotool", "search", "--onlyvisible", "--name", "^"+title+"$").Output()
		found = err == nil && strings.TrimSpace(string(out)) != ""
	}
	took := milliseconds(time.Since(began))
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	if !found {
		return 0, errors.New("no window in a minute")
	}
	return took, nil
}
