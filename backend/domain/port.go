package domain

import "time"

// Lease states (SPEC PRT-4).
const (
	LeaseAllocated = "allocated"
	LeaseActive    = "active"
	LeaseReleased  = "released"
)

// Lease is the right of one execution to one port.
type Lease struct {
	ID          int64      `json:"id"`
	Port        int        `json:"port"`
	State       string     `json:"state"`
	ExecutionID string     `json:"execution_id"`
	ScriptID    ScriptID   `json:"script_id"`
	UserID      int64      `json:"user_id"`
	User        string     `json:"user"`
	ProjectID   int64      `json:"project_id"`
	Project     string     `json:"project"` // name
	PID         int        `json:"pid"`
	AllocatedAt time.Time  `json:"allocated_at"`
	ReleasedAt  *time.Time `json:"released_at"`
}
