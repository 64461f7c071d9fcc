package main

import (
	"fmt"
	"syscall"
	"time"

	"scriptsmanager/backend/domain"
)

// forks is how many processes the tree has beside the script.
const forks = 4

// tree is a script whose processes leave its session, its group and its
// environment behind.
const tree = `"""ScriptsManager Metadata:
@interface: none
"""
import os, sys, time
for i in range(4):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.execve("/bin/sleep", ["sleep", "MARK"], {})
        os._exit(0)
print("ready", flush=True)
while True: time.sleep(1)
`

// withTree starts the tree so many times and does something to it, after which
// nothing of it may be left.
func withTree(t *trial, s *site, end func(e domain.Execution) error, limit time.Duration) error {
	if err := s.script("tree", tree); err != nil {
		return err
	}
	if err := s.setup(); err != nil {
		return err
	}
	for range t.Count {
		if s.server == nil {
			if err := s.start(); err != nil {
				return err
			}
		}
		e, err := s.run("tree")
		if err != nil {
			return err
		}
		err = await(time.Minute, func() (bool, error) {
			if e, err = s.execution(e.ID); err != nil {
				return false, err
			}
			if !e.State.Live() {
				return false, fmt.Errorf("the tree is %s: %s", e.State, e.Reason)
			}
			return e.PID != 0 && len(s.processes(s.mark)) >= forks, nil
		})
		if err != nil {
			return fmt.Errorf("start the tree: %w", err)
		}
		if err := end(e); err != nil {
			return err
		}
		nothing := func() (bool, error) {
			return len(s.processes(s.mark))+len(s.processes(s.group())) == 0, nil
		}
		if await(limit, nothing) != nil {
			t.bad("orphan", "%v %v", s.processes(s.mark), s.processes(s.group()))
			for _, p := range s.processes(s.mark) {
				_ = syscall.Kill(p.pid, syscall.SIGKILL)
			}
		}
		err = await(time.Minute, func() (bool, error) {
			now, err := s.execution(e.ID)
			return !now.State.Live(), err
		})
		if err != nil {
			t.bad("execution", "%s goes on: %v", e.ID, err)
		}
	}
	return s.over(t, false)
}

func killShim(t *trial, s *site) error {
	return withTree(t, s, func(e domain.Execution) error {
		shim, err := shimOf(e.PID)
		if err != nil {
			return err
		}
		return syscall.Kill(shim, syscall.SIGKILL)
	}, lossLimit)
}

func killBoth(t *trial, s *site) error {
	return withTree(t, s, func(e domain.Execution) error {
		shim, err := shimOf(e.PID)
		if err != nil {
			return err
		}
		if s.random.IntN(2) == 0 {
			s.server.Kill()
			err = syscall.Kill(shim, syscall.SIGKILL)
		} else {
			err = syscall.Kill(shim, syscall.SIGKILL)
			s.server.Kill()
		}
		if err != nil {
			return err
		}
		return s.start()
	}, lossLimit)
}

func stopTrees(t *trial, s *site) error {
	return withTree(t, s, func(e domain.Execution) error {
		var ignored any
		if err := s.server.Call("Executions.Stop", map[string]any{"execution_id": e.ID}, &ignored); err != nil {
			return err
		}
		return await(time.Minute, func() (bool, error) {
			now, err := s.execution(e.ID)
			return !now.State.Live(), err
		})
	}, 0)
}
