package environment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"

	"scriptsmanager/backend/domain"
)

// Activation is what has to change in the inherited environment so that a
// program runs as after `conda activate` (or a venv's activate).
type Activation struct {
	Python string            // the interpreter to start, absolute
	Env    map[string]string // variables to set, without PATH
	Path   []string          // the whole search path, for PATH
	Unset  []string          // inherited variables to take away, sorted
	// Withheld are the variables that `conda activate` would leave as they are
	// and that programs do not get, as they are not of what they inherit; sorted.
	Withheld []string
	// Printed is the end of what its activate.d scripts printed.
	Printed string
}

func (a Activation) clone() Activation {
	a.Env, a.Path, a.Unset = maps.Clone(a.Env), slices.Clone(a.Path), slices.Clone(a.Unset)
	a.Withheld = slices.Clone(a.Withheld)
	return a
}

// Apply gives the environment with the activation in it, sorted, where environ
// is the inherited one.
func (a Activation) Apply(environ []string) []string {
	out := make([]string, 0, len(environ)+len(a.Env)+1)
	for _, kv := range environ {
		name := ""
		if i := strings.IndexByte(kv, '='); i > 0 {
			name = envName(kv[:i])
		}
		_, set := a.Env[name]
		if name == "" || name == "PATH" || set || slices.Contains(a.Unset, name) || inherited(name) {
			continue
		}
		out = append(out, kv)
	}
	for name, value := range a.Env {
		out = append(out, name+"="+value)
	}
	out = append(out, "PATH="+strings.Join(a.Path, string(os.PathListSeparator)))
	sort.Strings(out)
	return out
}

// inherited tells whether a variable is left over from an environment that was
// active where we were started, or would bend another interpreter.
func inherited(name string) bool {
	switch name {
	case "CONDA_ENVS_PATH", "CONDA_ENVS_DIRS", "CONDA_PKGS_DIRS": // settings, not traces of an activation
		return false
	case "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYVENV_LAUNCHER", "__PYVENV_LAUNCHER__":
		return true
	}
	return strings.HasPrefix(name, "CONDA_") || strings.HasPrefix(name, "__CONDA_SHLVL_") || strings.HasPrefix(name, "_CE_")
}

// condaPathDirs are the folders that conda puts before PATH, in its order
// (conda/activate.py, _get_path_dirs). has tells whether a folder is there.
func condaPathDirs(prefix string, windows bool, has func(string) bool) []string {
	if !windows {
		return []string{prefix + "/bin"}
	}
	dirs := []string{prefix}
	for _, arch := range []string{"ucrt64", "clang64", "mingw64", "clangarm64"} {
		if d := prefix + `\Library\` + arch + `\bin`; has(d) {
			dirs = append(dirs, d)
		}
	}
	return append(dirs, prefix+`\Library\mingw-w64\bin`, prefix+`\Library\usr\bin`, prefix+`\Library\bin`,
		prefix+`\Scripts`, prefix+`\bin`)
}

func venvBin(prefix string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(prefix, "Scripts")
	}
	return filepath.Join(prefix, "bin")
}

// deactivatedPath is the inherited search path without the folders of the
// environments that were active.
func deactivatedPath(env map[string]string) []string {
	windows := runtime.GOOS == "windows"
	drop := map[string]bool{}
	for name, value := range env {
		if value == "" || !filepath.IsAbs(value) {
			continue
		}
		switch {
		case name == "VIRTUAL_ENV":
			drop[venvBin(value)] = true
		case name == "CONDA_PREFIX" || strings.HasPrefix(name, "CONDA_PREFIX_"):
			for _, d := range condaPathDirs(filepath.Clean(value), windows, func(string) bool { return true }) {
				drop[d] = true
			}
		}
	}
	var path []string
	for _, dir := range filepath.SplitList(env["PATH"]) {
		if dir != "" && !drop[filepath.Clean(dir)] {
			path = append(path, dir)
		}
	}
	return path
}

// activate computes the activation of a found environment from its files; the
// activate.d scripts are run by sourced, after it.
func activate(found Found, environ []string) Activation {
	env := environMap(environ)
	a := Activation{Python: found.Python, Env: map[string]string{}, Path: deactivatedPath(env)}
	for name := range env {
		if inherited(name) {
			a.Unset = append(a.Unset, name)
		}
	}
	switch found.Kind {
	case domain.EnvironmentConda:
		activateConda(&a, found, env)
	case domain.EnvironmentVenv:
		a.Path = append([]string{venvBin(found.Path)}, a.Path...)
		a.Env["VIRTUAL_ENV"] = found.Path
		a.Env["VIRTUAL_ENV_PROMPT"] = filepath.Base(found.Path)
	case domain.EnvironmentSystem:
		// its folder goes to the front, so that pip and other programs of the
		// same Python are found first, unless it is there already
		if dir := filepath.Dir(found.Python); !slices.Contains(a.Path, dir) {
			a.Path = append([]string{dir}, a.Path...)
		}
	}
	a.Unset = slices.DeleteFunc(a.Unset, func(name string) bool { _, set := a.Env[name]; return set })
	sort.Strings(a.Unset)
	return a
}

func activateConda(a *Activation, found Found, env map[string]string) {
	windows := runtime.GOOS == "windows"
	dirs := condaPathDirs(found.Path, windows, func(d string) bool { return exists(d) })
	if found.Root != "" && found.Tool != domain.ToolPixi {
		// conda adds it where it is, micromamba in any case
		condabin := filepath.Join(found.Root, "condabin")
		if (found.Tool == domain.ToolMicromamba || exists(condabin)) && !slices.Contains(a.Path, condabin) {
			dirs = append(dirs, condabin)
		}
	}
	a.Path = append(dirs, a.Path...)
	name := activeName(found)
	a.Env["CONDA_PREFIX"] = found.Path
	a.Env["CONDA_SHLVL"] = "1"
	a.Env["CONDA_DEFAULT_ENV"] = name
	a.Env["CONDA_PROMPT_MODIFIER"] = promptSettings{}.modifier(found, name)
	switch {
	case found.Tool == domain.ToolMicromamba && found.Root != "":
		a.Env["MAMBA_ROOT_PREFIX"] = found.Root
		if exe := env["MAMBA_EXE"]; exe != "" {
			a.Env["MAMBA_EXE"] = exe
		}
	case found.Tool == domain.ToolConda && found.Root != "":
		if conda := condaProgram(found.Root, windows); conda != "" {
			a.Env["CONDA_EXE"] = conda
			a.Env["CONDA_PYTHON_EXE"] = condaPythonPath(found.Root, windows)
			a.Env["_CE_M"], a.Env["_CE_CONDA"] = "", ""
		}
	}
	for name, value := range condaVariables(found.Path) {
		if name = envName(name); name != "PATH" {
			a.Env[name] = value
		}
	}
}

// activeName is what is active, in CONDA_DEFAULT_ENV: conda and micromamba
// look only whether the folder above is called envs, whosever it is
// (conda/activate.py, _default_env; libmamba's Activator::get_default_env, which
// takes what follows the last dot for an extension).
func activeName(found Found) string {
	parent, name := filepath.Base(filepath.Dir(found.Path)), filepath.Base(found.Path)
	switch {
	case found.Base:
		return "base"
	case parent != "envs" || found.Tool == domain.ToolPixi:
		return found.Path
	case found.Tool == domain.ToolMicromamba && strings.LastIndexByte(name, '.') > 0:
		return name[:strings.LastIndexByte(name, '.')]
	}
	return name
}

// condaVariables reads what packages (etc/conda/env_vars.d/*.json) and the
// person (conda env config vars, in conda-meta/state) set in an environment.
// Files that are no such JSON count as empty, as with conda.
func condaVariables(prefix string) map[string]string {
	const unset = "***unset***" // conda/base/constants.py, CONDA_ENV_VARS_UNSET_VAR
	vars := map[string]string{}
	merge := func(values map[string]any) {
		for name, value := range values {
			name = strings.ToUpper(name)
			if s := asPython(value); s == unset {
				delete(vars, name)
			} else if validVariable(name, s) {
				vars[name] = s
			}
		}
	}
	files, _ := filepath.Glob(filepath.Join(escapeGlob(prefix), "etc", "conda", "env_vars.d", "*.json")) // the pattern is good
	slices.Sort(files)
	for _, p := range files {
		var values map[string]any
		if b, err := readFile(p); err == nil && unmarshal(b, &values) == nil {
			merge(values)
		}
	}
	var state struct {
		EnvVars map[string]any `json:"env_vars"`
	}
	if b, err := readFile(filepath.Join(prefix, "conda-meta", "state")); err == nil && unmarshal(b, &state) == nil {
		merge(state.EnvVars)
	}
	return vars
}

// unmarshal is json.Unmarshal that keeps numbers as they are written.
func unmarshal(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

// asPython writes a value of JSON as conda, which is written in Python, does.
func asPython(value any) string {
	switch value {
	case true:
		return "True"
	case false:
		return "False"
	case nil:
		return "None"
	}
	return fmt.Sprint(value)
}

func validVariable(name, value string) bool {
	return name != "" && !strings.ContainsAny(name, "=\x00") && !strings.ContainsRune(value, 0)
}

// escapeGlob makes a path safe as the fixed part of a pattern.
func escapeGlob(p string) string {
	if runtime.GOOS == "windows" {
		return p // Glob has no escape there, and brackets are rare in prefixes
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(p)
}
