package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"scriptsmanager/bench/machine"
	"scriptsmanager/bench/served"
)

// benchPort is the only port of the measured root, so that both sides are
// asked at the same address.
const benchPort = 5399

// betweenRuns passes before each start, of either side: a person who runs
// scripts does not press Run three times a second, and what the product makes
// ready for the next run it does half a second after the one before.
const betweenRuns = time.Second

const flaskScript = `"""ScriptsManager Metadata:
@description: the least that Flask serves
"""
import argparse
from flask import Flask
p = argparse.ArgumentParser(); p.add_argument("--port", type=int)
a, _ = p.parse_known_args()
app = Flask(__name__)
app.route("/")(lambda: "ok")
app.run(host="127.0.0.1", port=a.port)
`

// launches measures the time from the call that runs a minimal Flask script
// to the first answer of its page, beside starting the same interpreter with
// the same script; and the memory of the engine before anything runs.
func launches(programs string, count int) (results []result, err error) {
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := startServe(programs, dir, "prefer")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	if err := s.SignIn(); err != nil {
		return nil, err
	}
	pss, err := machine.Memory(s.Cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	m := compare("memory of the engine without windows (PSS of serve)", "60 MB or less", "MB", []float64{float64(pss) / 1e6}, nil)
	results = append(results, m)

	script := filepath.Join(dir, "app", "backend", "script_groups", "bench", "flask_page.py")
	var detail struct {
		Environment struct {
			Python string `json:"python"`
		} `json:"environment"`
	}
	if err := s.Call("Scripts.Get", map[string]any{"script_id": "bench/flask_page"}, &detail); err != nil {
		return results, err
	}
	var ours, bare []float64
	for i := range count + 1 {
		time.Sleep(betweenRuns)
		b, err := launchBare(detail.Environment.Python, script)
		if err != nil {
			return results, err
		}
		time.Sleep(betweenRuns)
		o, err := launch(s)
		if err != nil {
			return results, err
		}
		if i > 0 { // the first warms both
			bare, ours = append(bare, b), append(ours, o)
		}
	}
	return append(results, compare("launch to the first answer, over starting the same script bare", "1.10 or less", "ms", ours, bare)), nil
}

// answered waits for the page's first answer, asking often at both sides.
func answered() error {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(500 * time.Microsecond) {
		r, err := client.Get("http://127.0.0.1:" + strconv.Itoa(benchPort) + "/")
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		return nil
	}
	return errors.New("no answer in a minute")
}

// gone waits until nobody answers any more.
func gone() error {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		r, err := client.Get("http://127.0.0.1:" + strconv.Itoa(benchPort) + "/")
		if err != nil {
			return nil //nolint:nilerr // no answer is what is wanted
		}
		_ = r.Body.Close()
	}
	return errors.New("still answers after a minute")
}

func launchBare(python, script string) (float64, error) {
	cmd := exec.Command(python, "-u", script, "--port", strconv.Itoa(benchPort))
	cmd.Dir = filepath.Dir(script)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	err := answered()
	took := milliseconds(time.Since(began))
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	return took, errors.Join(err, gone())
}

// startServe starts the headless mode on a new root with the scripts in it.
func startServe(programs, root, confinement string) (*served.Server, error) {
	group := filepath.Join(root, "app", "backend", "script_groups", "bench")
	if err := os.MkdirAll(group, 0o700); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"flask_page.py": flaskScript, "plot.py": plotScript} {
		if err := os.WriteFile(filepath.Join(group, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	config := fmt.Sprintf(`{"web_interface":{"port_range":{"start":%d,"end":%d}},"confinement":%q}`, benchPort, benchPort, confinement)
	if err := os.WriteFile(filepath.Join(root, "config.json"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	if err := served.Setup(programs, root); err != nil {
		return nil, err
	}
	return served.Start(programs, root)
}

func launch(s *served.Server) (float64, error) {
	var run struct {
		Execution struct {
			ID string `json:"id"`
		} `json:"execution"`
	}
	began := time.Now()
	if err := s.Call("Executions.Run", map[string]any{"script_id": "bench/flask_page"}, &run); err != nil {
		return 0, err
	}
	err := answered()
	took := milliseconds(time.Since(began))
	var e struct {
		State string `json:"state"`
	}
	id := map[string]any{"execution_id": run.Execution.ID}
	if stop := s.Call("Executions.Stop", id, &e); stop != nil {
		return 0, errors.Join(err, stop)
	}
	for e.State == "running" {
		time.Sleep(5 * time.Millisecond)
		if got := s.Call("Executions.Get", id, &e); got != nil {
			return 0, errors.Join(err, got)
		}
	}
	return took, err
}
