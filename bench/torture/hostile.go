package main

import (
	"fmt"
	"os"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/bench/machine"
)

// hostiles are scripts that do their worst, each bounded by itself too, so that
// a limit that does not hold costs no machine.
var hostiles = []struct {
	name, header, text string
	reason             domain.Reason
	bytes              int64 // what its log must have; 0 is not looked at
}{
	{"forks", "", `import os, time
for i in range(300):
    try:
        if os.fork() == 0: time.sleep(60); os._exit(0)
    except OSError: time.sleep(0.01)
time.sleep(60)
`, domain.ReasonProcesses, 0},
	{"memory", "@memory_limit: 200MB", `import time
hog = []
for i in range(60):
    hog.append(bytearray(b"x" * 10000000)); time.sleep(0.02)
time.sleep(60)
`, domain.ReasonMemory, 0},
	{"line", "", `import os
for i in range(100): os.write(1, b"x" * 1000000)
`, domain.ReasonExit, 100_000_000},
	{"flood", "", `import os
block = (b"y" * 99 + b"\n") * 10000
left = 1000000000
while left:
    n = os.write(1, block[:min(left, len(block))]); left -= n
`, domain.ReasonExit, 1_000_000_000},
	{"bytes", "", `import os
for i in range(20000): os.write(1 + i % 2, bytes(range(256)) + b"\x00\xff\xfe\xc3\n")
`, domain.ReasonExit, 20000 * 261},
}

const (
	mostMemory = 150 << 20
	mostWait   = 100 * time.Millisecond
)

func hostile(t *trial, s *site) error {
	for _, h := range hostiles {
		text := "\"\"\"ScriptsManager Metadata:\n@interface: none\n" + h.header + "\n\"\"\"\n" + h.text
		if err := s.script(h.name, text); err != nil {
			return err
		}
	}
	if err := s.setup(); err != nil {
		return err
	}
	if err := s.start(); err != nil {
		return err
	}
	t.Figures = map[string]float64{}
	for range t.Count {
		for _, h := range hostiles {
			e, err := s.run(h.name)
			if err != nil {
				return err
			}
			began := time.Now()
			late := await(5*time.Minute, func() (bool, error) {
				asked := time.Now()
				if _, err := s.live(); err != nil {
					return false, err
				}
				t.most("slowest_answer_ms", float64(time.Since(asked).Microseconds())/1000)
				t.weigh(s)
				e, err = s.execution(e.ID)
				return !e.State.Live(), err
			})
			if late != nil {
				t.bad("endless", "%s: %v", h.name, late)
				continue
			}
			t.most(h.name+"_s", time.Since(began).Seconds())
			if e.Reason != h.reason {
				t.bad("reason", "%s: %s %v %v, not %s", h.name, e.Reason, e.ReasonParams, e.Error, h.reason)
			}
			if info, err := os.Stat(e.LogPath); h.bytes > 0 && (err != nil || info.Size() != h.bytes) {
				t.bad("log", "%s: %v %v", h.name, info, err)
			}
			var page domain.LogPage
			if err := s.server.Call("Executions.Log", map[string]any{"execution_id": e.ID, "from": -100, "limit": 100}, &page); err != nil {
				t.bad("log", "%s cannot be read: %v", h.name, err)
			}
			t.weigh(s)
		}
	}
	if t.Figures["engine_memory_mb"]*1e6 > mostMemory {
		t.bad("memory", "the engine had %.0f MB", t.Figures["engine_memory_mb"])
	}
	if ms := t.Figures["slowest_answer_ms"]; ms > float64(mostWait.Milliseconds()) {
		// A figure, not a failure: what else runs on the machine counts in it.
		t.Notes = append(t.Notes, fmt.Sprintf("the slowest answer took %.0f ms", ms))
	}
	return s.over(t, false)
}

// weigh notes the engine's memory; where the system does not tell it, that is
// bad, as nothing is known then.
func (t *trial) weigh(s *site) {
	bytes, err := machine.Memory(s.server.Cmd.Process.Pid)
	if err != nil {
		t.bad("memory", "not known: %v", err)
		return
	}
	t.most("engine_memory_mb", float64(bytes)/1e6)
}

func (t *trial) most(name string, value float64) { t.Figures[name] = max(t.Figures[name], value) }
