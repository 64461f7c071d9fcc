package imports

import (
	"bytes"
	"context"
	_ "embed" // the program below
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"scriptsmanager/backend/process"
)

//go:embed python/read_imports.py
var program string

const (
	answerLimit = 60 * time.Second // for reading all scripts of a group
	outputLimit = 16 << 20         // bytes of an answer
	keptLimit   = 20_000           // reports that are kept
)

// Interpreter is a Python with the variables that it starts with.
type Interpreter struct {
	Python  string   // absolute
	Environ []string // as a script's, activated
}

// Checker checks scripts against environments. It is safe for concurrent use.
type Checker struct {
	limit time.Duration
	slots chan struct{} // interpreters that run at once

	mu   sync.Mutex // guards kept
	kept map[question]keptReport
}

type question struct{ python, search, script string }

type keptReport struct {
	report  Report
	folders []stamp // of installed packages; the same slice for all of one answer
	files   []stamp
}

// New makes a Checker.
func New() *Checker {
	return &Checker{limit: answerLimit, slots: make(chan struct{}, 2), kept: map[question]keptReport{}}
}

// Check gives a report for each script, in their order. The interpreter is
// started once, and only where something has changed since the last time. An
// error is the interpreter's: a script that cannot be read is one's report.
func (c *Checker) Check(ctx context.Context, in Interpreter, scripts []string) ([]Report, error) {
	search := variable(in.Environ, "PYTHONPATH")
	reports := make([]Report, len(scripts))
	var ask []string
	var asked []int
	looked := map[string]stamp{} // one look at each file for a whole group
	for i, script := range scripts {
		q := question{in.Python, search, script}
		c.mu.Lock()
		k, ok := c.kept[q]
		c.mu.Unlock()
		if ok && fresh(k.folders, looked) && fresh(k.files, looked) {
			reports[i] = k.report
			continue
		}
		ask, asked = append(ask, script), append(asked, i)
	}
	if len(ask) == 0 {
		return reports, nil
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	answer, err := c.run(ctx, in, search, ask)
	if err != nil {
		return nil, fmt.Errorf("read imports with %s: %w", in.Python, err)
	}
	// The interpreter itself may be exchanged for another one.
	folders := append(answer.Folders, look(in.Python))
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept)+len(ask) > keptLimit {
		clear(c.kept)
	}
	for n, s := range answer.Scripts {
		reports[asked[n]] = s.report()
		c.kept[question{in.Python, search, s.Path}] = keptReport{s.report(), folders, s.Files}
	}
	return reports, nil
}

// run starts the interpreter with our program. It is isolated from the person's
// variables (-I) and writes no bytecode (-B); the folders of PYTHONPATH, which
// a script would see, are handed over beside the scripts.
func (c *Checker) run(ctx context.Context, in Interpreter, search string, scripts []string) (answered, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	input, err := json.Marshal(map[string]any{"search": folders(search), "scripts": scripts})
	if err != nil {
		return answered{}, err
	}
	cmd := exec.CommandContext(ctx, in.Python, "-I", "-B", "-c", program)
	cmd.Dir = filepath.Dir(in.Python)
	cmd.Env = in.Environ
	cmd.Stdin = bytes.NewReader(input)
	stdout, stderr := process.NewTail(outputLimit), process.NewTail(4<<10)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	process.Group(cmd)
	if err := cmd.Start(); err != nil {
		return answered{}, fmt.Errorf("it cannot be started: %w", err)
	}
	err = process.Wait(cmd)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return answered{}, fmt.Errorf("it did not answer within %s: %w", c.limit, ctx.Err())
	case ctx.Err() != nil:
		return answered{}, ctx.Err()
	}
	if err != nil {
		if said := strings.TrimSpace(stderr.String()); said != "" {
			return answered{}, fmt.Errorf("%w: %s", err, said)
		}
		return answered{}, err
	}
	return parse(stdout.Bytes(), scripts)
}

// fresh tells whether files and folders are as they were.
func fresh(stamps []stamp, looked map[string]stamp) bool {
	for _, s := range stamps {
		now, ok := looked[s.Path]
		if !ok {
			now = look(s.Path)
			looked[s.Path] = now
		}
		if now != s {
			return false
		}
	}
	return true
}

func look(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{Path: path, Size: -1}
	}
	s := stamp{Path: path, Modified: info.ModTime().UnixNano()}
	if !info.IsDir() { // what a folder's size is differs from system to system
		s.Size = info.Size()
	}
	return s
}

// variable gives the last value of a variable.
func variable(environ []string, name string) string {
	value := ""
	for _, kv := range environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}

func folders(search string) []string {
	list := []string{}
	for _, dir := range filepath.SplitList(search) {
		if filepath.IsAbs(dir) {
			list = append(list, dir)
		}
	}
	return list
}
