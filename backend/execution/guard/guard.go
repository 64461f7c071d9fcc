// Package guard puts the guard of loopback in front of scripts' pages without
// changing the scripts (SPEC SEC-4): it holds the Python files that do it,
// writes them to a folder of ours, says which environment variables have every
// Python of a script load them, and reads what they note of refusals. What is
// refused, and why, stands in python/scriptsmanager_guard.py. It holds for
// Flask and Werkzeug; a script can undo it, as both run in one interpreter.
package guard

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/platform"
)

//go:embed python/*.py
var files embed.FS

// RecordFile is the name of the file in a run folder in which refusals are
// noted.
const RecordFile = "refused.jsonl"

// framesFile is read by the guard at each page that is opened.
const framesFile = "frames.json"

// Install writes the Python files into dir, made where it is missing, as far
// as they are not there as they should be.
func Install(dir string) error {
	if strings.ContainsRune(dir, os.PathListSeparator) {
		return fmt.Errorf("put the guard of pages into %s: Python takes that for two folders", dir)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the folder of the guard of pages: %w", err)
	}
	entries, err := files.ReadDir("python")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		want, err := files.ReadFile("python/" + entry.Name())
		if err != nil {
			return err
		}
		path := filepath.Join(dir, entry.Name())
		if now, err := os.ReadFile(path); err == nil && bytes.Equal(now, want) {
			continue
		}
		if err := platform.WriteFile(path, want, 0o600); err != nil {
			return fmt.Errorf("write the guard of pages: %w", err)
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
func Compile(ctx context.Context, dir, python string) error {
	entries, err := files.ReadDir("python")
	if err != nil {
		return err
	}
	args := []string{"-I", "-S", "-c", compile}
	for _, entry := range entries {
		args = append(args, filepath.Join(dir, entry.Name()))
	}
	cmd := exec.CommandContext(ctx, python, args...)
	hide(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile the guard of pages with %s: %w: %.500s", python, err, out)
	}
	return nil
}

// SetFrames says whose pages may show a script's page in a frame, by origin;
// it holds for scripts that run already too.
func SetFrames(dir string, origins []string) error {
	if origins == nil {
		origins = []string{}
	}
	b, err := json.Marshal(origins)
	if err != nil {
		return fmt.Errorf("say who may show pages: %w", err)
	}
	if err := platform.WriteFile(filepath.Join(dir, framesFile), b, 0o600); err != nil {
		return fmt.Errorf("say who may show pages: %w", err)
	}
	return nil
}

// Origins are those under which a browser knows what answers at an address of
// this machine, in the form of Content-Security-Policy, which has none for
// addresses of IPv6.
func Origins(address net.Addr) []string {
	host, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return nil
	}
	origins := []string{"http://127.0.0.1:" + port, "http://localhost:" + port}
	if own := "http://" + host + ":" + port; !strings.Contains(host, ":") && !slices.Contains(origins, own) {
		origins = append(origins, own)
	}
	return origins
}

// Settings are the environment variables for a script whose other ones are
// environ: dir is where Install wrote, record the path of RecordFile.
func Settings(dir, record string, environ []string) []string {
	path := dir
	for _, kv := range environ {
		// Of two settings of one name, Python takes the first.
		if more, ok := strings.CutPrefix(kv, "PYTHONPATH="); ok {
			if more != "" {
				path += string(os.PathListSeparator) + more
			}
			break
		}
	}
	return []string{"PYTHONPATH=" + path, "SCRIPTSMANAGER_GUARD=" + record}
}
