package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/format"
)

// witness is what both scripts do: each line goes to the log first and then
// into a file of the script's own, so that the log must have all of that file.
const witness = `import os, random, sys, time
def lines(data_dir, until):
    own = os.open(os.path.join(data_dir, "witness_" + os.environ["SCRIPTSMANAGER_EXECUTION_ID"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    n = 0
    while time.monotonic() < until:
        for _ in range(random.randrange(1, 200)):
            line = b"line %d of what must not be lost\n" % n
            os.write(1, line); os.write(own, line); n += 1
        time.sleep(random.random() / 100)
`

const job = `"""ScriptsManager Metadata:
@interface: none
"""
import argparse
` + witness + `
p = argparse.ArgumentParser(); p.add_argument("--data-dir"); a, _ = p.parse_known_args()
lines(a.data_dir, time.monotonic() + 2 + random.random() * 8)
`

const linesPage = `"""ScriptsManager Metadata:
@description: a page
"""
import argparse, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
` + witness + `
p = argparse.ArgumentParser(); p.add_argument("--port", type=int); p.add_argument("--data-dir"); a, _ = p.parse_known_args()
threading.Thread(target=lines, args=(a.data_dir, time.monotonic() + 60), daemon=True).start()
class H(BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"page")
HTTPServer(("127.0.0.1", a.port), H).serve_forever()
`

const (
	jobs       = 3
	pages      = 2
	lossLimit  = 5 * time.Second // until nothing of a page is left, beside the grace
	killWithin = 300 * time.Millisecond
)

func killEngine(t *trial, s *site) error {
	for i := range jobs {
		if err := s.script(fmt.Sprintf("job%d", i), job); err != nil {
			return err
		}
	}
	for i := range pages {
		if err := s.script(fmt.Sprintf("page%d", i), linesPage); err != nil {
			return err
		}
	}
	if err := s.setup(); err != nil {
		return err
	}
	for range t.Count {
		if err := s.start(); err != nil {
			return err
		}
		moment := time.After(time.Duration(s.random.Int64N(int64(killWithin))))
		running, err := s.live()
		if err != nil {
			return err
		}
		// What does not run is started, one by one, until the moment comes.
		var asked []chan struct{}
		for _, script := range s.missing(running) {
			done := make(chan struct{})
			asked = append(asked, done)
			go func() {
				defer close(done)
				_, _ = s.run(script) // the engine may be killed meanwhile
			}()
		}
		<-moment
		s.server.Kill()
		for _, done := range asked {
			<-done
		}
		s.server = nil
		if s.random.IntN(2) == 0 {
			continue // the next engine comes while pages are being stopped
		}
		late := await(grace+lossLimit, func() (bool, error) { return len(s.processes(s.group()+"/page")) == 0, nil })
		if errors.Is(late, errLate) {
			t.bad("orphan", "%v", s.processes(s.group()+"/page"))
		}
		if err := s.settled(t, false); err != nil {
			return err
		}
	}
	return s.over(t, true)
}

// missing gives the scripts that are to be started.
func (s *site) missing(running []domain.Execution) (names []string) {
	is := map[string]bool{}
	for _, e := range running {
		is[strings.TrimPrefix(e.ScriptID, "t/")] = true
	}
	for i := range jobs {
		if name := fmt.Sprintf("job%d", i); !is[name] && s.random.IntN(3) == 0 {
			names = append(names, name)
		}
	}
	for i := range pages {
		if name := fmt.Sprintf("page%d", i); !is[name] && s.random.IntN(2) == 0 {
			names = append(names, name)
		}
	}
	return names
}

// over ends all and counts what is left, and what the logs lack.
func (s *site) over(t *trial, logs bool) error {
	if s.server == nil {
		if err := s.start(); err != nil {
			return err
		}
	}
	if err := s.stopAll(false); err != nil {
		return err
	}
	if err := s.server.Stop(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	s.server = nil
	late := await(lossLimit, func() (bool, error) { return len(s.processes(s.group()))+len(s.processes(s.mark)) == 0, nil })
	if late != nil {
		t.bad("orphan", "%v %v", s.processes(s.group()), s.processes(s.mark))
	}
	if err := s.settled(t, true); err != nil {
		return err
	}
	if logs {
		return s.compareLogs(t)
	}
	return nil
}

// compareLogs holds each log against what its script wrote for itself.
func (s *site) compareLogs(t *trial) error {
	executions, lines := 0, 0
	err := filepath.WalkDir(filepath.Join(s.root, "data", "script_groups"), func(path string, d os.DirEntry, err error) error {
		id, ok := strings.CutPrefix(filepath.Base(path), "witness_")
		if err != nil || !ok {
			return err
		}
		said, err := os.ReadFile(path) //nolint:gosec // a folder of our own making
		if err != nil {
			return err
		}
		found, err := filepath.Glob(filepath.Join(s.root, "data", "logs", "executions", "*", "*", "execution_"+id+format.LogSuffix))
		if err != nil {
			return err
		}
		executions++
		lines += bytes.Count(said, []byte{'\n'})
		if len(found) != 1 {
			t.bad("line", "%s has %d logs", id, len(found))
			return nil
		}
		log, err := os.ReadFile(found[0])
		if err != nil {
			return err
		}
		if same := common(said, log); same < len(said) {
			t.Bad["line"] += max(0, bytes.Count(said[same:], []byte{'\n'})-1)
			t.bad("line", "%s: the log differs after %d of %d bytes", id, same, len(said))
		}
		return nil
	})
	t.Figures = map[string]float64{"executions": float64(executions), "lines": float64(lines)}
	if executions == 0 {
		return errors.Join(err, errors.New("nothing ran"))
	}
	return err
}

// common is how many bytes both begin with.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
