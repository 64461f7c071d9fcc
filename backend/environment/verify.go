package environment

import (
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/process"
)

// An interpreter gets so long to answer: a machine that is busy with fifty other
// things, or reads it from a share, must not lose its environments.
const verifyLimit = 20 * time.Second

// probe runs in any Python from 2.7 on. It looks Flask up where a script would
// find it, a person's own site-packages included (which -I leaves out), but
// does not import it: that would cost ten times as much.
const probe = `
import json, sys
out = {"version": ".".join(str(n) for n in sys.version_info[:3]), "prefix": sys.prefix, "executable": sys.executable, "flask": ""}
try:
    import site
    if sys.prefix == getattr(sys, "base_prefix", sys.prefix):
        user = site.getusersitepackages()
        if user not in sys.path:
            site.addsitedir(user)
except Exception:
    pass
try:
    from importlib.util import find_spec
    found = find_spec("flask") is not None
except Exception:
    found = False
if found:
    try:
        from importlib.metadata import version
        out["flask"] = version("flask")
    except Exception:
        try:
            import pkg_resources
            out["flask"] = pkg_resources.get_distribution("flask").version
        except Exception:
            out["flask"] = "unknown"
sys.stdout.write("\n@scriptsmanager " + json.dumps(out) + "\n")
`

type answer struct {
	Version    string `json:"version"`
	Prefix     string `json:"prefix"`
	Executable string `json:"executable"`
	Flask      string `json:"flask"`
}

// ask starts the interpreter once and reads what it says of itself. The error
// is ctx's alone; what is wrong with the interpreter is the problem.
func ask(parent context.Context, a Activation, environ []string, limit time.Duration) (answer, *domain.EnvironmentProblem, error) {
	ctx, cancel := context.WithTimeout(parent, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, a.Python, "-I", "-c", probe)
	if isPython2(a.Python) {
		cmd = exec.CommandContext(ctx, a.Python, "-E", "-s", "-c", probe)
	}
	cmd.Dir = filepath.Dir(a.Python)
	cmd.Env = a.Apply(environ)
	stdout, stderr := process.NewTail(64<<10), process.NewTail(2000)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	process.Group(cmd)
	if err := cmd.Start(); err != nil {
		if parent.Err() != nil {
			return answer{}, nil, parent.Err()
		}
		return answer{}, notStarted(a.Python, err), nil
	}
	err := process.Wait(cmd)
	switch {
	case timedOut(ctx, parent):
		return answer{}, noAnswer(a.Python, limit), nil
	case parent.Err() != nil:
		return answer{}, nil, parent.Err()
	}
	if err == nil {
		if got, ok := parseAnswer(stdout.String()); ok {
			return got, nil, nil
		}
	}
	said := strings.TrimSpace(stderr.String())
	if said == "" {
		said = strings.TrimSpace(stdout.String())
		if over := len(said) - 2000; over > 0 {
			said = strings.ToValidUTF8(said[over:], "")
		}
	}
	code := 0
	if err != nil {
		code = cmd.ProcessState.ExitCode() // -1: a signal
		if said == "" {
			said = err.Error()
		}
	}
	return answer{}, ended(a.Python, code, said), nil
}

// parseAnswer finds the line of the probe in what an interpreter printed:
// warnings of its start may stand before it, anything after it.
func parseAnswer(printed string) (answer, bool) {
	for rest := printed; ; {
		_, text, ok := strings.Cut(rest, "@scriptsmanager ")
		if !ok {
			return answer{}, false
		}
		line, _, _ := strings.Cut(text, "\n")
		var got answer
		if json.Unmarshal([]byte(line), &got) == nil && got.Version != "" {
			return got, true
		}
		rest = text
	}
}

func isPython2(path string) bool {
	real, err := filepath.EvalSymlinks(path)
	return err == nil && strings.HasPrefix(filepath.Base(real), "python2")
}

// verify starts the environment's interpreter and gives the whole record. The
// error is ctx's alone: all else is a state of the environment.
func verify(ctx context.Context, found Found, environ []string, limit time.Duration) (domain.Environment, error) {
	e := recordOf(found)
	if found.State != domain.EnvironmentOK {
		return e, nil
	}
	got, problem, err := ask(ctx, activate(found, environ), environ, limit)
	if err != nil {
		return e, err
	}
	if problem != nil {
		e.State, e.Problem = domain.EnvironmentStateBroken, problem
	} else {
		record(&e, got)
	}
	return e, nil
}

// recordOf is what the file system alone tells of an environment.
func recordOf(found Found) domain.Environment {
	return domain.Environment{
		ID: found.Path, Name: found.Name, Path: found.Path, Python: found.Python, Kind: found.Kind, Tool: found.Tool, Root: found.Root,
		PythonVersion: found.PythonVersion, State: found.State, Problem: found.Problem, WritableByOthers: found.Writable,
	}
}

func isTooOld(version string) bool { return strings.HasPrefix(version, "2.") }

// record puts in what the interpreter said of itself.
func record(e *domain.Environment, got answer) {
	e.PythonVersion, e.FlaskVersion = got.Version, got.Flask
	// A program in PATH may be a script that starts a Python elsewhere.
	if e.Kind == domain.EnvironmentSystem && filepath.IsAbs(got.Prefix) && !samePath(got.Prefix, e.Path) {
		e.Path, e.ID = filepath.Clean(got.Prefix), filepath.Clean(got.Prefix)
		if filepath.IsAbs(got.Executable) {
			e.Python = got.Executable
		}
	}
	switch {
	case isTooOld(got.Version):
		e.State, e.Problem = domain.EnvironmentStateBroken, domain.NewEnvironmentProblem(domain.ProblemTooOld, "", "version", got.Version)
	case got.Flask == "":
		e.State, e.Problem = domain.EnvironmentNoFlask, domain.NewEnvironmentProblem(domain.ProblemNoFlask, "", "python", e.Python)
	}
}

func samePath(a, b string) bool {
	return realPath(a) == realPath(b)
}
