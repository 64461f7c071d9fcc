package domain

import "time"

// Permission allows or denies a script, or all of a group, to a person or to
// all of a level, whatever the level would say (SPEC USR-3).
type Permission struct {
	GroupID  string    `json:"group_id"`
	ScriptID ScriptID  `json:"script_id,omitempty"` // "": the whole group
	UserID   int64     `json:"user_id,omitempty"`   // 0: of all of Level
	User     string    `json:"user,omitempty"`
	Level    Level     `json:"level,omitempty"`
	Allow    bool      `json:"allow"` // else it is denied
	SetBy    string    `json:"set_by"`
	SetAt    time.Time `json:"set_at"`
}

// The reasons of a Verdict.
const (
	VerdictInactive   = "inactive"   // the account may not sign in
	VerdictAdmin      = "admin"      // administrators may do everything
	VerdictPermission = "permission" // there is an entry for it
	VerdictLevel      = "level"      // there is none, so the level decides
)

// Verdict is what a person may do with a script, and why.
type Verdict struct {
	ScriptID   ScriptID    `json:"script_id"`
	See        bool        `json:"see"`
	Run        bool        `json:"run"`
	Reason     string      `json:"reason"`
	Permission *Permission `json:"permission,omitempty"` // what decided, where one did
	Required   Level       `json:"required_level"`
}
