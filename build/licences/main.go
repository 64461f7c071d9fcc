// Command licences lists the third-party parts that are linked into the
// programs or bundled into the frontend, with their licences, for the "About"
// page: go run ./build/licences > backend/engine/licences.json
// It fails for a part whose licence it does not know.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

type part struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"`
}

func main() {
	parts, err := collect()
	if err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	_ = e.Encode(parts)
}

func collect() ([]part, error) {
	found := map[string]part{}
	var errs []error
	for _, build := range []struct{ system, tags string }{
		{"linux", "sqlite_fts5"},
		{"linux", "desktop,production,webkit2_41,sqlite_fts5"},
		{"windows", "desktop,production,sqlite_fts5"},
	} {
		if err := goModules(build.system, build.tags, found); err != nil {
			errs = append(errs, err)
		}
	}
	if err := npmPackages("frontend", found); err != nil {
		errs = append(errs, err)
	}
	parts := make([]part, 0, len(found))
	for _, p := range found {
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Version, b.Version))
	})
	return parts, errors.Join(errs...)
}

// goModules adds the modules that a build links.
func goModules(system, tags string, found map[string]part) error {
	cmd := exec.Command("go", "list", "-deps", "-tags", tags, "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", ".")
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("list modules for %s: %w: %s", system, err, stderr.Bytes())
	}
	var errs []error
	for line := range strings.SplitSeq(string(out), "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			continue
		}
		if _, done := found[f[0]]; done {
			continue
		}
		licence, err := licenceOf(f[2])
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f[0], err))
		}
		found[f[0]] = part{Name: f[0], Version: f[1], Licence: licence}
	}
	if fonts, linked := found["github.com/go-fonts/dejavu"]; linked { // a licence of their own beside the package's
		found["DejaVu fonts"] = part{Name: "DejaVu fonts", Version: fonts.Version, Licence: "Bitstream-Vera"}
	}
	found["Go"] = part{Name: "Go", Version: "standard library", Licence: "BSD-3-Clause"}
	return errors.Join(errs...)
}

func licenceOf(dir string) (string, error) {
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "License*", "license*", "COPYING*", "UNLICENSE*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return "", err
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				continue
			}
			if spdx := classify(string(b)); spdx != "" {
				return spdx, nil
			}
		}
	}
	return "", errors.New("no licence that is known")
}

// classify tells licences by sentences that only they have.
func classify(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case has("Apache License") && has("Version 2.0"):
		return "Apache-2.0"
	case has("Mozilla Public License") && has("2.0"):
		return "MPL-2.0"
	case has("Permission is hereby granted, free of charge"):
		return "MIT"
	case has("Permission to use, copy, modify, and/or distribute") || has("Permission to use, copy, modify, and distribute this software"):
		return "ISC"
	case has("Redistribution and use in source and binary forms") && (has("Neither the name") || has("names of its contributors") || has("name of the copyright holder")):
		return "BSD-3-Clause"
	case has("Redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	case has("This is free and unencumbered software"):
		return "Unlicense"
	case has("CC0 1.0 Universal"):
		return "CC0-1.0"
	}
	return ""
}

// npmPackages adds the packages that are bundled: those that the lock file
// does not mark as needed for development alone.
func npmPackages(dir string, found map[string]part) error {
	b, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return err
	}
	var lock struct {
		Packages map[string]struct {
			Version string `json:"version"`
			License string `json:"license"`
			Dev     bool   `json:"dev"`
		} `json:"packages"`
	}
	if err := json.Unmarshal(b, &lock); err != nil {
		return err
	}
	var errs []error
	for path, p := range lock.Packages {
		i := strings.LastIndex(path, "node_modules/")
		if i < 0 || p.Dev {
			continue
		}
		name := path[i+len("node_modules/"):]
		if p.License == "" { // an old package may name none, but carry it
			p.License, _ = licenceOf(filepath.Join(dir, path))
		}
		if p.License == "" {
			errs = append(errs, fmt.Errorf("%s: no licence in the lock file", name))
		}
		found[name+"@"+p.Version] = part{Name: name, Version: p.Version, Licence: p.License} // several versions may be in use
	}
	return errors.Join(errs...)
}
