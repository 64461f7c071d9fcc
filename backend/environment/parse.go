package environment

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
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

// A condarc that is longer is none.
const maxCondarc = 1 << 20

// parseCondarc gives the values of envs_dirs (or its alias envs_path) of a
// condarc file: a list or a single string.
func parseCondarc(b []byte) (dirs []string) {
	eachSetting(b, func(key string, value *yaml.Node, _ bool) {
		switch {
		case key != "envs_dirs" && key != "envs_path":
		case value.Kind == yaml.SequenceNode:
			for _, item := range value.Content {
				dirs = appendScalar(dirs, referred(item))
			}
		default:
			dirs = appendScalar(dirs, value)
		}
	})
	return dirs
}

// eachSetting gives the settings of a condarc file, in their order; final tells
// that the file has the last word on it ("#!final"). Where the file as a whole
// is no YAML, each of its keys is read by itself, so that a mistake elsewhere
// in it loses no environments.
func eachSetting(b []byte, use func(key string, value *yaml.Node, final bool)) {
	if len(b) > maxCondarc {
		return
	}
	if settingsIn(b, use) == nil {
		return
	}
	for _, part := range topLevel(b) {
		_ = settingsIn(part, use) // what is no YAML says nothing
	}
}

func settingsIn(b []byte, use func(key string, value *yaml.Node, final bool)) error {
	// A Node is read, not a map: it takes a key that stands there twice, and
	// does not follow references into references.
	var document yaml.Node
	if err := yaml.Unmarshal(b, &document); err != nil {
		return err
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	pairs := document.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		key, value := pairs[i], referred(pairs[i+1])
		use(key.Value, value, strings.Contains(key.LineComment+pairs[i+1].LineComment, "!final"))
	}
	return nil
}

// referred is what an alias stands for.
func referred(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func appendScalar(dirs []string, n *yaml.Node) []string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.ContainsAny(n.Value, "\n\x00") {
		return dirs
	}
	return appendDir(dirs, strings.TrimSpace(n.Value))
}

// topLevel cuts a file before each line that begins a key of the outermost
// level.
func topLevel(b []byte) [][]byte {
	var parts [][]byte
	start, at := 0, 0
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	for line := range bytes.Lines(b) {
		if at > start && bytes.IndexByte([]byte(" \t\r\n#-]}"), line[0]) < 0 {
			parts = append(parts, b[start:at])
			start = at
		}
		at += len(line)
	}
	return append(parts, b[start:])
}

func appendDir(dirs []string, d string) []string {
	if d == "" || slices.Contains(dirs, d) {
		return dirs
	}
	return append(dirs, d)
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
			for at := 0; ; { // a folder above it may be called the same
				i := strings.Index(cmd[at:], sep+name)
				if i < 0 {
					break
				}
				at += i + len(sep) + len(name)
				if at == len(cmd) || cmd[at] == ' ' {
					return cmd[:at]
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
