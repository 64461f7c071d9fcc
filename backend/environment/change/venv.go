package change

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/printed"
)

// about is what an interpreter says of itself.
type about struct {
	Version   string `json:"version"` // 3.11
	Venv      bool   `json:"venv"`
	Ensurepip bool   `json:"ensurepip"`
}

// Debian leaves out ensurepip's wheels, not its package's folder alone.
const askAbout = `import json, sys
def has(name):
    try:
        __import__(name)
        return True
    except Exception:
        return False
print(json.dumps({"version": "%d.%d" % sys.version_info[:2], "venv": has("venv"), "ensurepip": has("ensurepip")}))`

// venvPython is the interpreter of a venv.
func venvPython(prefix string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(prefix, "Scripts", "python.exe")
	}
	return filepath.Join(prefix, "bin", "python")
}

// claim makes the target's folder, which is not there: of two that make the
// same one, also for different installations, one is first.
func (j *job) claim() error {
	if err := os.MkdirAll(filepath.Dir(j.spec.Target), 0o700); err != nil {
		return diskError(err, j.spec.Target)
	}
	err := os.Mkdir(j.spec.Target, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return j.taken()
	}
	return diskError(err, j.spec.Target)
}

// taken says that somebody else was quicker, and has it left alone.
func (j *job) taken() error {
	if j.spec.Draft != "" {
		_ = os.Remove(j.spec.Draft)
	}
	return domain.NewError(domain.CodeEnvironmentExists, "environment", j.spec.Name, "path", j.spec.Target)
}

// createVenv makes a venv and puts into it what is wanted.
func (j *job) createVenv(ctx context.Context) (map[string]any, error) {
	s := j.spec
	j.report.plan([]string{"check", "venv", "packages", "verify"}, []float64{5, 25, 65, 5})
	j.report.begin("check")
	o, err := j.run(ctx, command{name: s.Python, argv: []string{s.Python, "-I", "-c", askAbout}, quiet: true, silence: 5 * time.Minute})
	if err != nil {
		return nil, err
	}
	var a about
	if o.code != 0 || json.Unmarshal([]byte(o.stdout), &a) != nil {
		return nil, domain.NewError(domain.CodeEnvironmentFailed, "tool", s.Python, "detail", lastLine(o.stderr))
	}
	wheel := ""
	if !a.Ensurepip || !a.Venv {
		wheel = pipWheel(s.Offline)
		if !a.Venv || wheel == "" {
			return nil, domain.NewError(domain.CodeVenvMissing, "python", s.Python, "version", a.Version)
		}
	}
	if err := j.claim(); err != nil {
		return nil, err
	}
	j.report.begin("venv")
	argv := []string{s.Python, "-I", "-m", "venv"}
	if wheel != "" {
		argv = append(argv, "--without-pip")
	}
	o, err = j.run(ctx, command{name: "venv", argv: append(argv, s.Target), silence: 5 * time.Minute})
	if err == nil && o.code != 0 && strings.Contains(o.stdout+o.stderr, "ensurepip") && exists(venvPython(s.Target)) {
		// venv keeps to itself why pip could not be put in.
		o, err = j.run(ctx, command{name: "ensurepip", argv: []string{venvPython(s.Target), "-I", "-m", "ensurepip", "--default-pip"}, silence: 5 * time.Minute})
	}
	if err == nil && o.code != 0 {
		err = j.pipError("venv", o)
	}
	if err != nil {
		return nil, err
	}
	if wheel != "" {
		if err := j.pipInstall(ctx, []string{venvPython(s.Target), filepath.Join(wheel, "pip")}, []string{"pip"}, ""); err != nil {
			return nil, err
		}
	}
	if err := j.fillVenv(ctx); err != nil {
		return nil, err
	}
	j.report.begin("verify")
	o, err = j.run(ctx, command{
		name: "python", quiet: true, silence: 5 * time.Minute,
		argv: []string{venvPython(s.Target), "-c", "import sys; print(sys.version.split()[0])"},
	})
	if err == nil && o.code != 0 {
		err = domain.NewError(domain.CodeEnvironmentFailed, "tool", "python", "detail", lastLine(o.stderr))
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"path": s.Target, "python_version": strings.TrimSpace(o.stdout)}, nil
}

// fillVenv installs what is wanted into a venv that is there.
func (j *job) fillVenv(ctx context.Context) error {
	s := j.spec
	if s.Requirements == "" && len(s.Packages) == 0 {
		return nil
	}
	j.report.begin("packages")
	pip := []string{venvPython(s.Target), "-m", "pip"}
	return j.pipInstall(ctx, pip, s.Packages, s.Requirements)
}

// pipArguments are those of an installation; offline is a folder of wheels, in
// whose place pip asks nobody.
func pipArguments(pip, packages []string, requirements, offline string) []string {
	argv := append([]string{}, pip...)
	argv = append(argv, "install", "--disable-pip-version-check", "--no-input", "--no-user", "--progress-bar", "off")
	if offline != "" {
		argv = append(argv, "--no-index", "--find-links", offline)
	}
	if requirements != "" {
		argv = append(argv, "--requirement", requirements)
	}
	if len(packages) > 0 {
		argv = append(append(argv, "--"), packages...)
	}
	return argv
}

func (j *job) pipInstall(ctx context.Context, pip, packages []string, requirements string) error {
	s := j.spec
	seen := 0.0
	o, err := j.run(ctx, command{
		name: "pip", argv: pipArguments(pip, packages, requirements, s.Offline), dir: pipFolder(requirements, s.Target),
		env: []string{"PIP_NO_COLOR=1"},
		out: func(text string) bool {
			text = strings.TrimSpace(text)
			switch {
			case strings.HasPrefix(text, "Collecting "), strings.HasPrefix(text, "Processing "), strings.HasPrefix(text, "Downloading "):
				seen++ // how many there will be, pip does not tell
				j.report.part(0.7*seen/(seen+4), text)
			case strings.HasPrefix(text, "Installing collected packages"), strings.HasPrefix(text, "Building wheels"):
				j.report.part(0.75, text)
			}
			return false
		},
	})
	if err != nil {
		return err
	}
	if o.code != 0 {
		return j.pipError("pip", o)
	}
	return nil
}

// pipFolder is where pip is started: what a requirements file names relatively
// lies beside it.
func pipFolder(requirements, target string) string {
	if requirements != "" {
		return filepath.Dir(requirements)
	}
	return target
}

var (
	pipNone     = regexp.MustCompile(`(?m)^ERROR: No matching distribution found for (.+)$`)
	pipConflict = regexp.MustCompile(`(?m)^ERROR: (Cannot install .+|ResolutionImpossible.*)$`)
	pipErrors   = regexp.MustCompile(`(?mi)^(?:error|fatal): ?(.+)$`)
	unreachable = regexp.MustCompile(`(?i)Failed to establish a new connection|Name or service not known|name resolution|getaddrinfo failed|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|Read timed out|ConnectTimeout|Connection refused|CondaHTTPError|CONNECTION FAILED|Could not resolve host|Download error`)
	noSpace     = regexp.MustCompile(`(?i)No space left on device|\[Errno 28\]|NoSpaceLeftError|WinError 112|Disk quota exceeded|\[Errno 122\]`)
)

// pipError says in our words why pip, or venv, which calls it, failed.
func (j *job) pipError(tool string, o outcome) error { return pipFailed(j.spec, tool, o) }

func pipFailed(s Spec, tool string, o outcome) error {
	all := o.stderr + "\n" + o.stdout
	where := "PyPI"
	if s.Kind == domain.EnvironmentVenv && s.Offline != "" {
		where = s.Offline
	}
	switch {
	case noSpace.MatchString(all):
		return domain.NewError(domain.CodeDiskFull, "path", s.Target)
	case unreachable.MatchString(all):
		return domain.NewError(domain.CodePackagesOffline, "detail", Mask(firstMatch(all, unreachable)))
	case pipNone.MatchString(all):
		return domain.NewError(domain.CodePackagesMissing, "packages", pipNone.FindStringSubmatch(all)[1], "places", where)
	case pipConflict.MatchString(all):
		return domain.NewError(domain.CodePackagesConflict, "detail", pipConflict.FindStringSubmatch(all)[1])
	case strings.Contains(all, "No module named pip"):
		return domain.NewError(domain.CodePipMissing, "environment", s.Name)
	}
	detail := lastLine(all)
	if m := pipErrors.FindAllStringSubmatch(o.stderr, -1); m != nil {
		detail = m[len(m)-1][1]
	}
	return domain.NewError(domain.CodeEnvironmentFailed, "tool", tool, "detail", Mask(printed.Brief(detail)))
}

// firstMatch is the line with the first match.
func firstMatch(text string, r *regexp.Regexp) string {
	for l := range strings.Lines(text) {
		if r.MatchString(l) {
			return strings.TrimSpace(l)
		}
	}
	return ""
}

// pipWheel finds pip itself in a folder of wheels: it can be run as it lies
// there.
func pipWheel(folder string) string {
	if folder == "" {
		return ""
	}
	found, _ := filepath.Glob(filepath.Join(globEscape(folder), "pip-*-py3-none-any.whl"))
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}

// globEscape has a folder's name mean itself in a pattern.
func globEscape(s string) string {
	return regexp.MustCompile(`[*?\[\\]`).ReplaceAllStringFunc(s, func(c string) string {
		if runtime.GOOS == "windows" {
			return c // a backslash separates there
		}
		return `\` + c
	})
}
