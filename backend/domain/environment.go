package domain

import (
	"fmt"
	"time"
)

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

// Codes of what is wrong with an environment. The text for each stands in
// translations/ under "environment.problem.<code>": what is wrong and what to
// do. The comment names the parameters.
const (
	ProblemNoPython          = "no_python"           // python: where it is expected
	ProblemPythonMissing     = "python_missing"      // version, python: the records say version, the file is not there
	ProblemBrokenLink        = "broken_link"         // python, home: a link that leads nowhere
	ProblemWrongArchitecture = "wrong_architecture"  // python, architecture: what it was made for
	ProblemMissingLibrary    = "missing_library"     // python, library
	ProblemStandardLibrary   = "no_standard_library" // python
	ProblemNoPermission      = "no_permission"       // python
	ProblemNoAnswer          = "no_answer"           // python, seconds
	ProblemTooOld            = "too_old"             // version
	ProblemNotPython         = "not_python"          // python: it starts, but is no Python
	ProblemPythonFailed      = "python_failed"       // python: it ended with an error
	ProblemNoFlask           = "no_flask"            // python
	ProblemInterrupted       = "interrupted"         // missing: what is not there, below the environment
	ProblemUnreadable        = "unreadable"          // path
	ProblemActivation        = "activation_failed"   //
)

// Programs that own environments.
const (
	ToolConda      = "conda" // and mamba, which works on the same installations
	ToolMicromamba = "micromamba"
	ToolPixi       = "pixi"
)

// EnvironmentProblem says what keeps scripts from running in an environment,
// in a form that can be told in every language.
type EnvironmentProblem struct {
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
	Detail string         `json:"detail,omitempty"` // the program's or the system's own words, for who repairs it
}

// NewEnvironmentProblem makes a problem from a code and pairs of parameter
// name and value, with the detail that detail has to tell, if any.
func NewEnvironmentProblem(code string, detail string, pairs ...any) *EnvironmentProblem {
	e := NewError(Code(code), pairs...)
	return &EnvironmentProblem{Code: code, Params: e.Params, Detail: detail}
}

// String is for logs.
func (p *EnvironmentProblem) String() string {
	if p == nil {
		return ""
	}
	s := p.Code
	if len(p.Params) > 0 {
		s += fmt.Sprintf(" %v", p.Params)
	}
	if p.Detail != "" {
		s += ": " + p.Detail
	}
	return s
}

// Environment is a Python installation that scripts run in. Its identity is
// its path; names may repeat.
type Environment struct {
	ID               string              `json:"id"` // the path
	Name             string              `json:"name"`
	Path             string              `json:"path"`   // the prefix
	Python           string              `json:"python"` // the interpreter's absolute path
	Kind             string              `json:"kind"`
	Tool             string              `json:"tool"` // the program that owns it: ToolConda, …; "" for venvs and system Pythons
	Root             string              `json:"root"` // the conda installation that owns it; "" is none or unknown
	PythonVersion    string              `json:"python_version"`
	FlaskVersion     string              `json:"flask_version"` // "" is none
	State            string              `json:"state"`
	Problem          *EnvironmentProblem `json:"problem"`            // nil where the state is ok
	Size             int64               `json:"size_bytes"`         // of its files, each counted once; 0 is not measured
	WritableByOthers bool                `json:"writable_by_others"` // people other than its owner and the administrator may change what runs in it
	Default          bool                `json:"default"`            // used where nothing else is said
	DetectedAt       time.Time           `json:"detected_at"`
	VerifiedAt       *time.Time          `json:"verified_at"`
}

// Usable tells whether scripts with a page can run in it.
func (e Environment) Usable() bool { return e.State == EnvironmentOK }

// Where a package of an environment comes from.
const (
	PackageConda = "conda"
	PackagePip   = "pip" // by pip, or another installer of Python packages
)

// EnvironmentPackage is one package that is installed in an environment.
type EnvironmentPackage struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Build   string `json:"build"`   // of conda's packages
	Channel string `json:"channel"` // of conda's packages; "pypi" for those of pip
	Source  string `json:"source"`  // PackageConda, PackagePip
}

// Where the environment of a run is said.
const (
	EnvironmentFromScript  = "script"
	EnvironmentFromGroup   = "group"
	EnvironmentFromDefault = "default"
)

// EnvironmentWanted gives what a script's run wants, "" for the default, and
// where that is said (SPEC ENV-4).
func EnvironmentWanted(script Script, group Group) (wanted, from string) {
	switch {
	case script.Environment != "":
		return script.Environment, EnvironmentFromScript
	case group.Environment != "":
		return group.Environment, EnvironmentFromGroup
	}
	return "", EnvironmentFromDefault
}

// EnvironmentActivation is what activating an environment changes in the
// variables that scripts inherit.
type EnvironmentActivation struct {
	Environment string            `json:"environment"` // its path
	Python      string            `json:"python"`
	Variables   map[string]string `json:"variables"` // to set, with PATH
	Unset       []string          `json:"unset"`     // sorted
	Path        []string          `json:"path"`      // the folders of PATH
	Withheld    []string          `json:"withheld"`  // what was inherited and is kept from scripts; sorted, never nil
}
