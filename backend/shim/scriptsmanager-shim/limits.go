package main

import (
	"errors"
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

// watchLimits ends the tree when it goes over a limit of memory or processes. It
// watches, as this account may have no control group of its own to have the
// system do it.
func (r *run) watchLimits() {
	l := r.spec.Limits
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

// limitTime winds the clock of the spec. It is called before anybody can move
// the limit, or it would undo that.
func (r *run) limitTime() {
	if r.child == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wind(r.spec.Limits.Time)
}

// wind sets the limit of time, counted from the start. The caller holds mu.
func (r *run) wind(limit time.Duration) {
	if r.clock != nil {
		r.clock.Stop()
		r.clock = nil
	}
	r.state.Limits.Time = limit
	r.state.Means.Time = ""
	if limit <= 0 {
		return
	}
	r.state.Means.Time = protocol.MeansWatched
	r.clock = time.AfterFunc(limit-time.Since(r.began), func() { r.timeOver(limit) })
}

// timeOver ends the tree, unless the limit has been moved while we came here.
func (r *run) timeOver(limit time.Duration) {
	r.mu.Lock()
	holds := r.state.Limits.Time == limit
	r.mu.Unlock()
	if holds {
		r.debug.Warn("over its limit", "seconds", limit.Seconds())
		r.stop(protocol.EndTime, r.spec.Grace)
	}
}

// extend moves the limit of time of a run that is not being ended.
func (r *run) extend(limit time.Duration) error {
	if limit < 0 {
		return errors.New("a limit of time is not negative")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.child == nil || r.state.Phase != protocol.PhaseRunning {
		return errors.New("it is being ended already")
	}
	r.wind(limit)
	r.saveOrWarn()
	r.debug.Info("the limit of time was moved", "seconds", limit.Seconds())
	return nil
}

// means says how the limits of a running program are held.
func means(spec protocol.Spec, c *child) protocol.Means {
	var m protocol.Means
	watched := func(limited bool) string {
		if limited {
			return protocol.MeansWatched
		}
		return ""
	}
	m.Memory, m.Processes, m.Time = watched(spec.Limits.Memory > 0), watched(spec.Limits.Processes > 0), watched(spec.Limits.Time > 0)
	if spec.Limits.CPUs > 0 {
		m.CPUs = protocol.MeansNone
		if c.report.CPUs > 0 {
			m.CPUs = protocol.MeansProcessors
		}
	}
	return m
}
