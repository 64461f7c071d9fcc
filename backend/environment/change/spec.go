package change

import (
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// Spec says what a job is to do; all paths are absolute.
type Spec struct {
	Action   string   `json:"action"` // domain.JobCreate, …
	Kind     string   `json:"kind"`   // domain.EnvironmentVenv or EnvironmentConda
	Name     string   `json:"name"`
	Target   string   `json:"target"`           // the environment's folder
	Tool     Tool     `json:"tool"`             // for conda
	Python   string   `json:"python,omitempty"` // venv: the interpreter; conda: the version
	Packages []string `json:"packages,omitempty"`
	Channels []string `json:"channels,omitempty"`
	// Requirements is a requirements.txt, for venvs.
	Requirements string `json:"requirements,omitempty"`
	// Offline is a folder of wheels (venv) or a channel's folder (conda): the
	// network is not used.
	Offline string `json:"offline,omitempty"`
	File    string `json:"file,omitempty"`   // to import
	Source  string `json:"source,omitempty"` // the environment to clone
	Format  string `json:"format,omitempty"` // of an export
	Output  string `json:"output,omitempty"` // the file to export to
	Draft   string `json:"draft,omitempty"`  // the record of what is being made, see Drafts
	Trash   string `json:"trash,omitempty"`  // where what is removed is moved first
	Silence int    `json:"silence_seconds,omitempty"`
}

// Formats of an export.
const (
	FormatFull        = "full"         // every package with its build: environment.yml, or pip's freeze
	FormatFromHistory = "from-history" // what was asked for: environment.yml
	FormatExplicit    = "explicit"     // every package by its address, which needs no solver
)

// makes tells whether the action makes Target, which is not there before.
func makes(action string) bool {
	return action == domain.JobCreate || action == domain.JobImport || action == domain.JobClone
}

// maxName is the longest name, in bytes: activation puts it into prompts, and
// some file systems take 255.
const maxName = 100

// CheckName refuses names that conda does not take, that mean something to a
// shell or a file system, or that lead out of their folder. It fails with
// CodeEnvironmentName.
func CheckName(name string) error {
	bad := domain.NewError(domain.CodeEnvironmentName, "name", name)
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return bad
	}
	for i, r := range name {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		if !letter && (i == 0 || !strings.ContainsRune("._-+", r)) && r != '_' {
			return bad
		}
	}
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	if strings.HasSuffix(name, ".") || strings.Contains(name, "..") || stem == "base" || stem == "root" || platform.Reserved(stem) || // conda's and Windows' own
		strings.HasSuffix(strings.ToLower(name), ".lock") {
		return bad
	}
	return nil
}

// checkPackage refuses what a tool would take for an option, a file or an
// address: packages come from channels and indexes that the person named.
func checkPackage(spec string) bool {
	if spec == "" || len(spec) > 300 || strings.HasPrefix(spec, "-") {
		return false
	}
	for _, r := range spec {
		if unicode.IsControl(r) || strings.ContainsRune("/\\\"'`$;&@", r) {
			return false
		}
	}
	return unicode.IsLetter(rune(spec[0])) || unicode.IsDigit(rune(spec[0])) || spec[0] == '_'
}

// inside tells whether path is directly below folder.
func inside(path, folder string) bool {
	return folder != "" && filepath.Dir(filepath.Clean(path)) == filepath.Clean(folder)
}

// version is a version of Python: 3, 3.11 or 3.11.7.
var version = regexp.MustCompile(`^[0-9]+(\.[0-9]+){0,2}$`)
