package desktop

import (
	"regexp"
	"strings"

	"scriptsmanager/backend/domain"
)

var (
	tracebackFrame = regexp.MustCompile(`^\s+File "([^"]+)", line \d+`)
	installed      = regexp.MustCompile(`[/\\](lib|Lib|lib64)[/\\](python[\d.]+[/\\])?|[/\\](site|dist)-packages[/\\]|^<`)
)

// ownLine finds, in the last Python traceback of an output, the line that the
// script's author should look at first: the last frame in the script's own
// file, else the last one outside of Python and its packages. It gives the
// index of that line, or -1 where there is no traceback.
func ownLine(lines []domain.LogLine, source string) int {
	own, near := -1, -1
	for i, line := range lines {
		if strings.HasPrefix(line.Text, "Traceback (most recent call last)") {
			own, near = -1, -1
		}
		frame := tracebackFrame.FindStringSubmatch(line.Text)
		if frame == nil {
			continue
		}
		if source != "" && frame[1] == source {
			own = i
		}
		if !installed.MatchString(frame[1]) {
			near = i
		}
	}
	if own >= 0 {
		return own
	}
	return near
}
