package domain

import (
	"strconv"
	"strings"
	"time"
)

// LimitKind is what a limit bounds.
type LimitKind string

// The kinds, with the unit of Limit.Value.
const (
	LimitTime      LimitKind = "time"      // seconds from its start
	LimitIdle      LimitKind = "idle"      // seconds without use of its page
	LimitMemory    LimitKind = "memory"    // bytes, of all its processes together
	LimitProcesses LimitKind = "processes" // how many at once
	LimitCPU       LimitKind = "cpu"       // processors
)

// Means is how a limit is held.
type Means string

// The means.
const (
	MeansWatched    Means = "watched"    // measured again and again, and ended when it is over
	MeansProcessors Means = "processors" // the system runs it on so many processors only
	MeansGroup      Means = "group"      // a control group of the system
	MeansNone       Means = "none"       // this machine cannot hold it
)

// Limit is one limit of an execution, where it comes from and how it is held.
type Limit struct {
	Kind   LimitKind `json:"kind"`
	Value  float64   `json:"value"`
	Source string    `json:"source"` // SourceScript, SourceGroup or SourceConfiguration
	Means  Means     `json:"means"`  // "" until the script runs
}

// Where a limit comes from.
const (
	SourceScript        = "script"
	SourceGroup         = "group"
	SourceConfiguration = "configuration"
)

// EndWarning says that an execution will be ended at a time unless something
// is done before: ReasonIdle by using it, ReasonTimeout by extending it.
type EndWarning struct {
	Reason  Reason    `json:"reason"`
	EndsAt  time.Time `json:"ends_at"`
	Seconds float64   `json:"seconds"` // the limit
	Source  string    `json:"source"`  // of the limit
}

// ShortDuration writes a duration in units that are the same in all languages:
// "1 h 30 min", "45 s", "0.5 s".
func ShortDuration(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatFloat(d.Seconds(), 'g', 3, 64) + " s"
	}
	var parts []string
	add := func(n time.Duration, unit string) {
		if n > 0 {
			parts = append(parts, strconv.FormatInt(int64(n), 10)+" "+unit)
		}
	}
	d = d.Round(time.Second)
	add(d/time.Hour, "h")
	add(d%time.Hour/time.Minute, "min")
	add(d%time.Minute/time.Second, "s")
	return strings.Join(parts, " ")
}
