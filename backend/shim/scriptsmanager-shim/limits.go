package main

import (
	"os"
	"time"

	"scriptsmanager/backend/process"
	"scriptsmanager/backend/shim/protocol"
)

const (
	// limitsEvery is how often the tree is measured where it has a limit: a fast
	// program takes some hundred megabytes between two looks.
	limitsEvery = 100 * time.Millisecond
	// overForked is how far over its limit of processes a tree is killed without
	// a grace: it forks faster than it could be asked to end.
	overForked = 2
)

// watchLimits ends the tree when it goes over a limit. It watches, as this
// account may have no control group of its own to have the system do it.
func (r *run) watchLimits() {
	l := r.spec.Limits
	if l.Time > 0 {
		time.AfterFunc(l.Time, func() {
			r.debug.Warn("over its limit", "seconds", l.Time.Seconds())
			r.stop(protocol.EndTime, r.spec.Grace)
		})
	}
	if l.Memory <= 0 && l.Processes <= 0 {
		return
	}
	for {
		select {
		case <-r.child.treeDone:
			return
		case <-time.After(limitsEvery):
		}
		tree := process.Descendants(os.Getpid())
		if l.Processes > 0 && len(tree) > l.Processes {
			r.debug.Warn("over its limit", "processes", len(tree), "most", l.Processes)
			if len(tree) > overForked*l.Processes {
				r.kill(protocol.EndProcesses)
				return
			}
			r.stop(protocol.EndProcesses, r.spec.Grace)
		}
		if l.Memory <= 0 {
			continue
		}
		// Resident pages count in each process that shares them: only what is
		// over by them is counted exactly, which takes longer.
		if process.UsageOf(tree).Memory > l.Memory {
			if used := process.SharedOnce(tree); used > l.Memory {
				r.debug.Warn("over its limit", "memory_bytes", used, "most", l.Memory)
				// With a grace it would take what is left of the machine's memory.
				r.kill(protocol.EndMemory)
				return
			}
		}
	}
}
