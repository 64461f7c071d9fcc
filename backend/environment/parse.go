package environment

import (
	"bufio"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Files of other tools are read up to this size; more is rubbish.
const maxFile = 16 << 20

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// parseEnvironmentsTxt reads conda's list of environments: one path a line,
// '#' begins a comment line. Lines that are no absolute path are left out.
func parseEnvironmentsTxt(b []byte) []string {
	var paths []string
	seen := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		p := strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if p == "" || p[0] == '#' || len(p) > 4096 || strings.ContainsRune(p, 0) || !isAbs(p) || seen[p] {
			continue
		}
		seen[p] = true
		paths = append(paths, p)
	}
	return paths
}

// isAbs takes paths of both systems, as a home may be shared.
func isAbs(p string) bool {
	return strings.HasPrefix(p, "/") || strings.HasPrefix(p, `\\`) ||
		len(p) > 2 && p[1] == ':' && (p[2] == '\\' || p[2] == '/')
}

// parseCondarc gives the values of envs_dirs (or its alias envs_path) of a
// condarc file. Of YAML it knows what stands there in practice: a list with
// dashes, a list in brackets or a single string, quotes and comments.
func parseCondarc(b []byte) []string {
	var dirs []string
	inList := false
	scanner := bufio.NewScanner(strings.NewReader(string(b)))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := strings.TrimRight(strings.TrimPrefix(scanner.Text(), "\ufeff"), " \t\r")
		trimmed := strings.TrimLeft(line, " \t")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if inList && (trimmed == "-" || strings.HasPrefix(trimmed, "- ")) {
			dirs = appendDir(dirs, yamlScalar(trimmed[1:]))
			continue
		}
		inList = false
		if trimmed != line { // indented: belongs to another key
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		key = strings.Trim(strings.TrimSpace(key), `"'`)
		if !ok || key != "envs_dirs" && key != "envs_path" {
			continue
		}
		value = strings.TrimSpace(value)
		switch {
		case value == "" || value[0] == '#':
			inList = true
		case value[0] == '[':
			inner, _, _ := strings.Cut(value[1:], "]")
			for item := range strings.SplitSeq(inner, ",") {
				dirs = appendDir(dirs, yamlScalar(item))
			}
		default:
			dirs = appendDir(dirs, yamlScalar(value))
		}
	}
	return dirs
}

func appendDir(dirs []string, d string) []string {
	if d == "" || slices.Contains(dirs, d) {
		return dirs
	}
	return append(dirs, d)
}

func yamlScalar(s string) string {
	s = strings.TrimSpace(s)
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return s[1 : 1+end]
		}
		return s[1:]
	}
	if i := strings.Index(s, " #"); i >= 0 {
		s = strings.TrimSpace(s[:i])
	}
	return s
}

var historyPython = regexp.MustCompile(`^python-(\d[^-\s]*)-[^-\s]+$`)

// history is what conda-meta/history tells.
type history struct {
	Python  string // version of the last python that was linked; "" if it was unlinked again or never there
	Command string // the program of the last "# cmd:" line, which shows the installation that made it
}

func parseHistory(b []byte) history {
	var h history
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		if cmd, ok := strings.CutPrefix(line, "# cmd: "); ok {
			h.Command = historyCommand(cmd)
			continue
		}
		if line == "" || line[0] != '+' && line[0] != '-' {
			continue
		}
		dist := line[1:] // channel/subdir::name-version-build, before conda 4.4 without channel
		if i := strings.LastIndex(dist, "::"); i >= 0 {
			dist = dist[i+2:]
		}
		m := historyPython.FindStringSubmatch(strings.TrimSpace(dist))
		switch {
		case m == nil:
		case line[0] == '+':
			h.Python = m[1]
		case h.Python == m[1]:
			h.Python = ""
		}
	}
	return h
}

// historyCommand cuts the program off a command line in which nothing is
// quoted and paths may have spaces.
func historyCommand(cmd string) string {
	for _, name := range []string{"conda-script.py", "conda-env-script.py", "conda.exe", "mamba.exe", "micromamba.exe", "micromamba", "mamba", "conda-env", "conda"} {
		for _, sep := range []string{"/", `\`} {
			if i := strings.Index(cmd, sep+name); i >= 0 {
				end := i + len(sep) + len(name)
				if end == len(cmd) || cmd[end] == ' ' {
					return cmd[:end]
				}
			}
		}
	}
	first, _, _ := strings.Cut(cmd, " ")
	return first
}

var recordPython = regexp.MustCompile(`^python-(\d[^-]*)-[^-]+\.json$`)

// parseVenv reads pyvenv.cfg (PEP 405): "key = value" lines, keys in small letters.
func parseVenv(b []byte) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, "="); ok {
			values[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	return values
}
