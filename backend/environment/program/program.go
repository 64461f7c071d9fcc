// Package program finds the programs that make and know conda environments:
// conda, mamba and micromamba, in their installations and on their own. It is
// the one place that knows where they lie. It starts none, and does not find
// installations.
package program

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Names of programs.
const (
	Conda      = "conda"
	Mamba      = "mamba"
	Micromamba = "micromamba"
)

// In gives a program of an installation, "" where it is not there. On Windows
// it is the program itself, not the batch file, which cmd would read.
func In(root, name string) string {
	places := []string{filepath.Join("bin", name), filepath.Join("condabin", name)}
	if runtime.GOOS == "windows" {
		places = []string{filepath.Join("Scripts", name+".exe"), filepath.Join("Library", "bin", name+".exe"), name + ".exe"}
	}
	for _, place := range places {
		if path := filepath.Join(root, place); Is(path) {
			return path
		}
	}
	return ""
}

// First gives the program of an installation that knows the most: conda knows
// what its mamba does.
func First(root string) string {
	for _, name := range []string{Conda, Mamba, Micromamba} {
		if path := In(root, name); path != "" {
			return path
		}
	}
	return ""
}

// Alone gives a micromamba that belongs to no installation: the one of
// MAMBA_EXE, on PATH, or where its installers put it, in a home or on Windows
// in %LOCALAPPDATA%; "" where there is none. home may be "".
func Alone(home string, environ []string) string {
	name := Micromamba
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	var places []string
	// It may be mamba's, and carry its version: micromamba-2.1.
	if path := Variable(environ, "MAMBA_EXE"); strings.HasPrefix(strings.ToLower(filepath.Base(path)), Micromamba) {
		places = append(places, path)
	}
	for _, dir := range filepath.SplitList(Variable(environ, "PATH")) {
		places = append(places, filepath.Join(dir, name))
	}
	if home != "" {
		places = append(places, filepath.Join(home, ".local", "bin", name), filepath.Join(home, "bin", name))
	}
	if local := Variable(environ, "LOCALAPPDATA"); local != "" && runtime.GOOS == "windows" {
		places = append(places, filepath.Join(local, Micromamba, name))
	}
	for _, path := range places {
		if filepath.IsAbs(path) && Is(path) {
			return filepath.Clean(path)
		}
	}
	return ""
}

// Is tells whether there is a file at path that can be started.
func Is(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0)
}

// Variable gives a variable of an environment, "" where it is not set. Windows
// makes no difference between large and small letters in its name.
func Variable(environ []string, name string) string {
	value := ""
	for _, kv := range environ {
		n, v, ok := strings.Cut(kv, "=")
		if ok && (n == name || runtime.GOOS == "windows" && strings.EqualFold(n, name)) {
			value = v // the last one counts, as for programs that are started with it
		}
	}
	return value
}
