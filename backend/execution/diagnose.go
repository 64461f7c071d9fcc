package execution

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
)

var (
	moduleMissing = regexp.MustCompile(`(?m)^ModuleNotFoundError: No module named '([^']+)'`)
	syntaxError   = regexp.MustCompile(`(?m)^(?:SyntaxError|IndentationError|TabError): (.+)$`)
	tracebackFile = regexp.MustCompile(`(?m)^\s*File "([^"]+)", line (\d+)`)
)

// diagnose reads the end of what a script wrote to stderr and says in our
// words why it ended, where Python said something that a person can act on;
// else nil.
func diagnose(script domain.Script, environment, stderr string) *domain.Error {
	if m := moduleMissing.FindStringSubmatch(stderr); m != nil {
		return domain.NewError(domain.CodeModuleMissing, "script", script.ID, "module", m[1], "environment", environment)
	}
	if m := syntaxError.FindStringSubmatch(stderr); m != nil {
		file, line := script.Filename, 0
		if at := tracebackFile.FindAllStringSubmatch(stderr, -1); at != nil {
			last := at[len(at)-1]
			file = filepath.Base(last[1])
			line, _ = strconv.Atoi(last[2])
		}
		return domain.NewError(domain.CodeScriptSyntax, "script", script.ID, "file", file, "line", line, "detail", strings.TrimSpace(m[1]))
	}
	return nil
}
