package domain

import "time"

// Template is a user's named, reusable set of parameters for a script (SPEC
// PRJ-5), or an example that a group brings.
type Template struct {
	ID         int64          `json:"id"` // 0: an example
	ScriptID   ScriptID       `json:"script_id"`
	UserID     int64          `json:"user_id"` // whose it is; 0: an example
	User       string         `json:"user"`
	Name       string         `json:"name"`
	Title      Text           `json:"title,omitempty"`   // of an example, by language
	Example    string         `json:"example,omitempty"` // the file of an example, relative to the group's folder
	Shared     bool           `json:"shared"`            // offered to all who see the script
	Parameters map[string]any `json:"parameters"`        // without secret values
	Version    int64          `json:"version"`           // grows with each change
	CreatedAt  time.Time      `json:"created_at"`
	UpdatedAt  time.Time      `json:"updated_at"`
	UpdatedBy  string         `json:"updated_by"`
	// Problems of an example: what of its file is wrong, with the line.
	Problems []Problem `json:"problems,omitempty"`
}

// ExecutionTemplate is the template that an execution was started from.
type ExecutionTemplate struct {
	ID      int64  `json:"id,omitempty"`      // 0: an example
	Example string `json:"example,omitempty"` // its file
	Name    string `json:"name"`              // as it was then
	Changed bool   `json:"changed"`           // it was started with other values than the template had
}
