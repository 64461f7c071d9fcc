// Package module gives scripts Python modules of ours: it writes them into a
// folder, has an interpreter compile them there, and says which environment
// variable lets Python find them. What they do is the business of others.
package module

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/process"
)

// Install writes the files into dir, made where it is missing, as far as they
// are not there as they should be. They lie side by side in files.
func Install(files fs.FS, dir string) error {
	if strings.ContainsRune(dir, os.PathListSeparator) {
		return fmt.Errorf("put Python modules into %s: Python takes that for two folders", dir)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make a folder of Python modules: %w", err)
	}
	names, err := fs.Glob(files, "*.py")
	if err != nil {
		return err
	}
	for _, name := range names {
		want, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, name)
		if now, err := os.ReadFile(path); err == nil && bytes.Equal(now, want) {
			continue
		}
		if err := platform.WriteFile(path, want, 0o600); err != nil {
			return fmt.Errorf("write a Python module: %w", err)
		}
	}
	return nil
}

// compile makes the files' compiled forms beside them. Names of its own: it runs
// where the modules lie, and must load none of them.
const compile = "import py_compile, sys\nfor path in sys.argv[1:]: py_compile.compile(path, doraise=True)"

// Compile has a Python compile what Install wrote, for the starts of scripts
// that come: confined ones may not write there, and would compile it each time,
// for some 10 ms.
func Compile(ctx context.Context, files fs.FS, dir, python string) error {
	names, err := fs.Glob(files, "*.py")
	if err != nil {
		return err
	}
	args := []string{"-I", "-S", "-c", compile}
	for _, name := range names {
		args = append(args, filepath.Join(dir, name))
	}
	cmd := exec.CommandContext(ctx, python, args...)
	process.Group(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile Python modules with %s: %w: %.500s", python, err, out)
	}
	return nil
}

// Setting is the environment variable with which Python finds the modules in
// dir, before those that environ names already.
func Setting(dir string, environ []string) string {
	for _, kv := range environ {
		// Of two settings of one name, Python takes the first.
		if more, ok := strings.CutPrefix(kv, "PYTHONPATH="); ok {
			if more != "" {
				dir += string(os.PathListSeparator) + more
			}
			break
		}
	}
	return "PYTHONPATH=" + dir
}
