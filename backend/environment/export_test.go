package environment

import (
	"bytes"
	"context"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// SetLimit sets how long an interpreter gets to answer.
func (e *Environments) SetLimit(d time.Duration) { e.limit = d }

// Parsers for the fuzz tests.
var (
	ParseEnvironmentsTxt = parseEnvironmentsTxt
	ParseCondarc         = parseCondarc
	ParseVenv            = parseVenv
	CondaPathDirs        = condaPathDirs
)

// ParseHistory gives the Python version and the command of a history.
func ParseHistory(b []byte) (python, command string) {
	h := parseHistory(b)
	return h.Python, h.Command
}

// SetBounds makes a watch see sooner that it sees too little.
func (e *Environments) SetBounds(folders int, blind time.Duration) {
	e.bounds.Folders, e.bounds.Blind = folders, blind
}

// More parsers.
var (
	CmdLine         = cmdLine
	ParseSet        = parseSet
	WithOwn         = withOwn
	HistoryChannels = historyChannels
	MissingLibrary  = missingLibrary
)

// ParseAnswer gives the version that an interpreter told.
func ParseAnswer(s string) (string, bool) {
	a, ok := parseAnswer(s)
	return a.Version, ok
}

// SplitDist takes a record's name apart.
func SplitDist(s string) (name, version, build string, ok bool) {
	p, ok := splitDist(s)
	return p.Name, p.Version, p.Build, ok
}

// JSONChannel reads the channel of a record.
func JSONChannel(b []byte) string { return jsonChannel(bytes.NewReader(b)) }

// ParseMetadata reads name and version of a package.
func ParseMetadata(s string) (name, version string) { return parseMetadata(strings.NewReader(s)) }

// Check verifies an environment as it was found before.
func (e *Environments) Check(ctx context.Context, f Found) (domain.Environment, error) {
	return e.check(ctx, f, nil, false)
}

// SetConda sets how long a conda gets to answer, and when it is asked.
func (e *Environments) SetConda(limit, delay time.Duration) {
	e.condaLimit, e.condaDelay = limit, delay
}

// CrossCheck asks the programs of conda, and tells whether they know more.
func (e *Environments) CrossCheck(ctx context.Context) bool {
	tools, _ := e.condas()
	return e.crossCheck(ctx, tools)
}

// ParseEnvList reads a program's answer.
var ParseEnvList = parseEnvList

// FindAsOnWindows looks at a tree as on Windows, without the registry.
func FindAsOnWindows(ctx context.Context, o Options) []Found {
	f := newFinder(ctx, o)
	f.windows = true
	return f.find(nil).all
}

// Uninstalled reads an entry of Windows' list of installed programs.
var Uninstalled = uninstalled
