package environment

import "time"

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
