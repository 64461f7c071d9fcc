package engine

import (
	"slices"
	"sync"

	"scriptsmanager/backend/domain"
)

// viewers counts who has which logs open.
type viewers struct {
	mu   sync.Mutex          // guards all below
	open map[string][]string // executions, by client
	of   map[string]int      // clients, by execution
}

// ViewLogs says whose logs a client has open from now on, in place of those
// that it had. Administrators are told of what changed by EventLogViewers.
func (e *Engine) ViewLogs(client string, executions []string) {
	v := &e.viewers
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.of == nil {
		v.open, v.of = map[string][]string{}, map[string]int{}
	}
	executions = slices.Compact(slices.Sorted(slices.Values(executions)))
	before := v.open[client]
	if len(executions) == 0 {
		delete(v.open, client)
	} else {
		v.open[client] = executions
	}
	for _, x := range before {
		if !slices.Contains(executions, x) {
			v.of[x]--
			e.tellViewers(x, v.of[x])
		}
		if v.of[x] == 0 {
			delete(v.of, x)
		}
	}
	for _, x := range executions {
		if !slices.Contains(before, x) {
			v.of[x]++
			e.tellViewers(x, v.of[x])
		}
	}
}

func (e *Engine) tellViewers(execution string, count int) {
	e.bus.Publish(domain.Event{
		Type: domain.EventLogViewers, Data: domain.LogViewers{ExecutionID: execution, Viewers: count},
	})
}

// LogViewers tells how many clients have an execution's log open.
func (e *Engine) LogViewers(execution string) int {
	e.viewers.mu.Lock()
	defer e.viewers.mu.Unlock()
	return e.viewers.of[execution]
}
