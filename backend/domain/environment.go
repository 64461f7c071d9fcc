package domain

import "time"

// Kinds of environment.
const (
	EnvironmentConda  = "conda"
	EnvironmentVenv   = "venv"
	EnvironmentSystem = "system"
)

// States of an environment (SPEC ENV-2, ENV-6).
const (
	EnvironmentOK          = "ok"
	EnvironmentNoPython    = "no_python"
	EnvironmentStateBroken = "broken"
	EnvironmentInterrupted = "interrupted"
	EnvironmentNoFlask     = "no_flask"
)

// Environment is a Python installation that scripts run in. Its identity is
// its path; names may repeat.
type Environment struct {
	ID            string     `json:"id"` // the path
	Name          string     `json:"name"`
	Path          string     `json:"path"`   // the prefix
	Python        string     `json:"python"` // the interpreter's absolute path
	Kind          string     `json:"kind"`
	PythonVersion string     `json:"python_version"`
	FlaskVersion  string     `json:"flask_version"` // "" is none
	State         string     `json:"state"`
	Reason        string     `json:"reason,omitempty"` // what is broken, for a person to read in detail
	Default       bool       `json:"default"`          // used where nothing else is said
	DetectedAt    time.Time  `json:"detected_at"`
	VerifiedAt    *time.Time `json:"verified_at"`
}

// Usable tells whether scripts with a page can run in it.
func (e Environment) Usable() bool { return e.State == EnvironmentOK }
