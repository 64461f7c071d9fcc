// Package guard puts the guard of loopback in front of scripts' pages without
// changing the scripts (SPEC SEC-4): it holds the Python files that do it, says
// which environment variables have every Python of a script load them, and
// reads what they note of refusals. What is
// refused, and why, stands in python/scriptsmanager_guard.py. It holds for
// Flask and Werkzeug; a script can undo it, as both run in one interpreter.
package guard

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/execution/module"
	"scriptsmanager/backend/platform"
)

//go:embed python/*.py
var files embed.FS

// RecordFile is the name of the file in a run folder in which refusals are
// noted.
const RecordFile = "refused.jsonl"

// framesFile is read by the guard at each page that is opened.
const framesFile = "frames.json"

// Modules are the Python files, to be installed by package module.
func Modules() fs.FS {
	sub, err := fs.Sub(files, "python")
	if err != nil {
		panic(err) // the name is a good one
	}
	return sub
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
// environ: dir is where Modules are installed, record the path of RecordFile.
func Settings(dir, record string, environ []string) []string {
	return []string{module.Setting(dir, environ), "SCRIPTSMANAGER_GUARD=" + record}
}
