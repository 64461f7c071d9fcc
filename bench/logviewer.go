package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// logViewing is what the browser's run tells by name, and what is aimed at.
var logViewing = map[string]struct{ name, aim string }{
	"jump":           {"log of 10 million lines, scrolled anywhere: until the lines' text is in the page", "under 50 ms"},
	"jump painted":   {"the same until they are painted", ""},
	"jump request":   {"the longest request of a jump, as the browser sees it", ""},
	"heap":           {"JavaScript heap after the jumps, cleaned", "under 300 MB"},
	"heap before":    {"JavaScript heap during the jumps, not cleaned", "under 300 MB"},
	"process":        {"memory of the page's process after the jumps (PSS)", "under 300 MB"},
	"line to screen": {"a line of a moderate stream, from print to the page", "under 100 ms"},
}

// logViewers measures the viewer of logs in Chromium against the real server:
// a script writes 10 million lines, and the page is scrolled to places at
// random. It needs e2e's node_modules and a Chromium.
func logViewers(ctx context.Context, programs string, count int) ([]result, error) {
	bin, err := filepath.Abs(programs)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	output := filepath.Join(dir, "logviewer.json")
	cmd := exec.CommandContext(ctx, "npx", "playwright", "test", "--config=bench.config.ts", "logviewer")
	cmd.Dir = "e2e"
	cmd.Env = append(cmd.Environ(), "SM_BIN="+bin, "SM_BENCH_OUTPUT="+output, "SM_BENCH_COUNT="+strconv.Itoa(10*count))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run the browser: %w: %s", err, said.Bytes())
	}
	b, err := os.ReadFile(output)
	if err != nil {
		return nil, err
	}
	var measured []struct {
		Name, Unit string
		Values     []float64
	}
	if err := json.Unmarshal(b, &measured); err != nil {
		return nil, err
	}
	var results []result
	for _, m := range measured {
		what, ok := logViewing[m.Name]
		if !ok || len(m.Values) == 0 {
			return results, fmt.Errorf("the browser measured %q, which is not known or has no values", m.Name)
		}
		results = append(results, compare(what.name, what.aim, m.Unit, m.Values, nil))
	}
	return results, nil
}
