package domain

import "time"

// AlwaysOn is a script that is wanted to run all the time (SPEC EXE-8), and
// how that stands.
type AlwaysOn struct {
	ID         int64          `json:"id"`
	ScriptID   ScriptID       `json:"script_id"`
	UserID     int64          `json:"user_id"` // for whom it runs
	User       string         `json:"user"`
	ProjectID  int64          `json:"project_id"`
	Project    string         `json:"project"`
	Parameters map[string]any `json:"parameters"`
	// TemplateID: it is started with what this template has then; 0: with Parameters.
	TemplateID int64          `json:"template_id,omitempty"`
	Template   string         `json:"template,omitempty"` // its name
	CreatedAt  time.Time      `json:"created_at"`
	CreatedBy  string         `json:"created_by"` // who switched it on last
	Actual     AlwaysOnActual `json:"actual"`
}

// AlwaysOnActual is how what is wanted stands.
type AlwaysOnActual struct {
	State       string         `json:"state"`        // AlwaysOnRunning and so on
	ExecutionID string         `json:"execution_id"` // while it runs
	Failures    int            `json:"failures"`     // in a row
	LastID      string         `json:"last_id"`      // the execution that ended last
	LastReason  Reason         `json:"last_reason"`  // why it ended
	LastParams  map[string]any `json:"last_params,omitempty"`
	LastError   *Error         `json:"last_error,omitempty"` // also where it could not be started
	NextTry     *time.Time     `json:"next_try"`             // while it waits
	Why         *Error         `json:"why,omitempty"`        // while it is blocked
}

// How an always-on script stands.
const (
	AlwaysOnRunning = "running"
	AlwaysOnWaiting = "waiting" // it ended and is tried again at NextTry
	AlwaysOnBlocked = "blocked" // it cannot be started until something changes: see Why
	AlwaysOnOff     = "off"     // nobody keeps it now: the engine is that of a command
)
