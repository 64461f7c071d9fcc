package bridge

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// refusalsKept is how many refusals of a second are recorded: anybody of this
// machine can make as many as it bears.
const refusalsKept = 5

// refusals counts those of a second.
type refusals struct {
	mu    sync.Mutex
	since time.Time
	kept  int
	left  int // that were not recorded since the last one that was
}

// take tells whether one is to be recorded, and how many were not before it.
func (c *refusals) take(now time.Time) (bool, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.since) >= time.Second {
		c.since, c.kept = now, 0
	}
	if c.kept >= refusalsKept {
		c.left++
		return false, 0
	}
	left := c.left
	c.kept, c.left = c.kept+1, 0
	return true, left
}

// refused records a request that got no further than this package.
func (b *Bridge) refused(r *http.Request, outcome string) {
	if b.options.Access == nil {
		return
	}
	record, left := b.refusals.take(time.Now())
	if !record {
		return
	}
	b.options.Access.WarnContext(r.Context(), "refused", "path", short(r.URL.Path), "outcome", outcome,
		"host", short(r.Host), "origin", short(r.Header.Get("Origin")), "from", r.RemoteAddr, "not_recorded", left)
}

// short cuts what a caller names as it likes to what is recorded of it.
func short(s string) string { return s[:min(len(s), 100)] }

// follows tells a look at the end of a system log, which a page takes every two
// seconds: recorded, it would fill the log that it shows.
func follows(method string, argument []byte) bool {
	var request struct {
		From *int64 `json:"from"`
	}
	return method == "SystemLogs.Read" && json.Unmarshal(argument, &request) == nil && request.From != nil
}
