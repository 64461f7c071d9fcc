package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/bench/machine"
	"scriptsmanager/bench/served"
)

const plotScript = `"""ScriptsManager Metadata:
@interface: none
"""
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
plt.plot([1, 2, 3])
plt.title("x")
plt.savefig("/dev/null", format="png")
`

// confinements measures what confinement costs: the same scripts by two
// engines, one of which confines, alternating; and the memory of a shim.
func confinements(programs string, count int) (results []result, err error) {
	engines := map[string]*served.Server{}
	for _, mode := range []string{"prefer", "off"} {
		dir, err := os.MkdirTemp("", "sm-bench-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		s, err := startServe(programs, dir, mode)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, s.Stop()) }()
		if err := s.SignIn(); err != nil {
			return nil, err
		}
		engines[mode] = s
	}
	var confined, free []float64
	for i := range count + 1 {
		for _, mode := range []string{"prefer", "off"} {
			took, err := launch(engines[mode])
			switch {
			case err != nil:
				return results, err
			case i == 0: // the first warms both
			case mode == "off":
				free = append(free, took)
			default:
				confined = append(confined, took)
			}
		}
	}
	results = append(results, difference("launch to the first answer, confined over not", "under 5 ms more", confined, free))
	memory, err := shimMemory(engines["prefer"])
	if err != nil {
		return results, err
	}
	results = append(results, memory)
	var detail struct {
		Environment struct {
			Python string `json:"python"`
		} `json:"environment"`
	}
	if err := engines["prefer"].Call("Scripts.Get", map[string]any{"script_id": "bench/plot"}, &detail); err != nil {
		return results, err
	}
	if err := exec.Command(detail.Environment.Python, "-c", "import matplotlib").Run(); err != nil {
		return results, fmt.Errorf("%s has no matplotlib to draw with: %w", detail.Environment.Python, err)
	}
	confined, free = nil, nil
	for i := range min(count, 7) + 1 {
		for _, mode := range []string{"prefer", "off"} {
			took, err := job(engines[mode], "bench/plot")
			switch {
			case err != nil:
				return results, err
			case i == 0: // makes the caches
			case mode == "off":
				free = append(free, took)
			default:
				confined = append(confined, took)
			}
		}
	}
	return append(results, difference("a plot by matplotlib from the second time on, confined over not", "no slower", confined, free)), nil
}

func difference(name, aim string, ours, peer []float64) result {
	r := compare(name, aim, "ms", ours, peer)
	r.Note = fmt.Sprintf("%.1f ms more in the median", r.Ours-r.Peer)
	return r
}

// job runs a script without a page to its end.
func job(s *served.Server, script string) (float64, error) {
	var run struct {
		Execution struct {
			ID string `json:"id"`
		} `json:"execution"`
	}
	began := time.Now()
	if err := s.Call("Executions.Run", map[string]any{"script_id": script}, &run); err != nil {
		return 0, err
	}
	for {
		var e struct {
			State string `json:"state"`
		}
		if err := s.Call("Executions.Get", map[string]any{"execution_id": run.Execution.ID}, &e); err != nil {
			return 0, err
		}
		switch e.State {
		case "completed":
			return milliseconds(time.Since(began)), nil
		case "running", "queued":
			time.Sleep(2 * time.Millisecond)
		default:
			return 0, fmt.Errorf("%s %s", script, e.State)
		}
	}
}

// shimMemory is that of the shim of a page that runs.
func shimMemory(s *served.Server) (result, error) {
	var run struct {
		Execution struct {
			ID string `json:"id"`
		} `json:"execution"`
	}
	if err := s.Call("Executions.Run", map[string]any{"script_id": "bench/flask_page"}, &run); err != nil {
		return result{}, err
	}
	id := map[string]any{"execution_id": run.Execution.ID}
	var e struct {
		PID   int    `json:"pid"`
		Phase string `json:"phase"`
		State string `json:"state"`
	}
	for deadline := time.Now().Add(time.Minute); e.Phase != "ready"; time.Sleep(5 * time.Millisecond) {
		if err := s.Call("Executions.Get", id, &e); err != nil {
			return result{}, err
		}
		if time.Now().After(deadline) {
			return result{}, errors.New("no page in a minute")
		}
	}
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(e.PID), "status"))
	if err != nil {
		return result{}, err
	}
	_, rest, _ := strings.Cut(string(status), "\nPPid:\t")
	number, _, _ := strings.Cut(rest, "\n")
	shim, err := strconv.Atoi(number)
	if err != nil {
		return result{}, err
	}
	pss, err := machine.Memory(shim)
	if err != nil {
		return result{}, err
	}
	r := compare("memory of a shim (PSS) while a page runs", "under 6 MB", "MB", []float64{float64(pss) / 1e6}, nil)
	if err := s.Call("Executions.Stop", id, &e); err != nil {
		return r, err
	}
	return r, gone()
}
