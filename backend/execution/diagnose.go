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
	permission    = regexp.MustCompile(`(?m)^(?:\w+\.)*PermissionError: \[Errno (?:1|13)\] [^:\n]+: (?:'([^'\n]+)'|"([^"\n]+)")`)
	raised        = regexp.MustCompile(`^[A-Za-z_][\w.]*(?:: .*)?$`)
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

// Raised reads from the end of what a script wrote to stderr which error of
// Python's ended it, and where in its own folder that was. It gives false where
// Python says nothing of that.
func Raised(script domain.Script, stderr string) (what, file string, line int, ok bool) {
	stderr = strings.TrimSpace(stderr)
	last := stderr[strings.LastIndexByte(stderr, '\n')+1:]
	if !raised.MatchString(last) {
		return "", "", 0, false
	}
	for _, at := range tracebackFile.FindAllStringSubmatch(stderr, -1) {
		if filepath.Dir(at[1]) == filepath.Dir(script.Path) {
			file = filepath.Base(at[1])
			line, _ = strconv.Atoi(at[2])
		}
	}
	return last, file, line, file != ""
}

// refusedPath gives the path of the last permission that Python says it was
// denied, "" where it says nothing of that. Where the path is not absolute, it
// is of the folder that the script was started in.
func refusedPath(stderr, dir string) string {
	all := permission.FindAllStringSubmatch(stderr, -1)
	if all == nil {
		return ""
	}
	path := all[len(all)-1][1] + all[len(all)-1][2]
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return path
}
