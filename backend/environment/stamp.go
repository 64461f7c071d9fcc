package environment

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"time"

	"scriptsmanager/backend/domain"
)

// stamp tells one state of an environment's files from another.
type stamp struct {
	key    uint64    // over path, time and size of all that a change touches
	newest time.Time // the latest change of any of them
}

// stampOf looks at the files that conda and pip touch when they change an
// environment: conda-meta and its history and state, activate.d and env_vars.d
// with each file in them (editing one in place touches nothing else), the
// interpreter, and the folders of Python packages.
func stampOf(found Found, home string) stamp {
	s := stamp{}
	h := fnv.New64a()
	look := func(p string) {
		info, err := os.Stat(p)
		if err != nil {
			fmt.Fprintf(h, "%s -\n", p)
			return
		}
		changed := changeTime(info)
		fmt.Fprintf(h, "%s %d %d %d\n", p, info.ModTime().UnixNano(), changed.UnixNano(), info.Size())
		if changed.After(s.newest) {
			s.newest = changed
		}
	}
	folder := func(dir string) {
		look(dir)
		entries, _ := os.ReadDir(dir) // not there: look has noted that
		for _, e := range entries {
			look(filepath.Join(dir, e.Name()))
		}
	}
	look(found.Path)
	if found.Python != "" {
		look(found.Python) // what a link leads to, too
	}
	switch found.Kind {
	case domain.EnvironmentConda:
		for _, name := range []string{"conda-meta", "conda-meta/history", "conda-meta/state"} {
			look(filepath.Join(found.Path, filepath.FromSlash(name)))
		}
		folder(filepath.Join(found.Path, "etc", "conda", "activate.d"))
		folder(filepath.Join(found.Path, "etc", "conda", "env_vars.d"))
	case domain.EnvironmentVenv:
		cfg := filepath.Join(found.Path, "pyvenv.cfg")
		look(cfg)
		b, _ := readFile(cfg) // not there: look has noted that
		values := parseVenv(b)
		if sharesPackages(values) && values["home"] != "" {
			for _, dir := range packageFolders(filepath.Dir(values["home"])) {
				look(dir)
			}
		}
	}
	dirs := packageFolders(found.Path)
	if home != "" && found.Kind != domain.EnvironmentVenv {
		dirs = append(dirs, packageFolders(filepath.Join(home, ".local"))...)
	}
	for _, dir := range dirs {
		look(dir)
	}
	s.key = h.Sum64()
	return s
}

// stampOfFiles tells one state of files, also of their being there, from another.
func stampOfFiles(paths []string) uint64 {
	h := fnv.New64a()
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil {
			fmt.Fprintf(h, "%s %d %d %d\n", p, info.ModTime().UnixNano(), changeTime(info).UnixNano(), info.Size())
		}
	}
	return h.Sum64()
}

// packageFolders are where the Pythons of a prefix have their packages;
// Debian's has dist-packages, also below /usr/local.
func packageFolders(prefix string) []string {
	var dirs []string
	patterns := []string{"lib/python3*/site-packages", "lib/python3*/dist-packages", "lib64/python3*/site-packages", "Lib/site-packages"}
	if filepath.Base(prefix) == "usr" {
		patterns = append(patterns, "local/lib/python3*/dist-packages")
	}
	for _, pattern := range patterns {
		found, _ := filepath.Glob(filepath.Join(escapeGlob(prefix), filepath.FromSlash(pattern))) // the pattern is good
		dirs = append(dirs, found...)
	}
	return dirs
}
