// Package health looks at what the product needs of a machine and says what is
// there, what is missing and what to do about it, for the command doctor and
// the System page. It reads and measures only: it installs nothing, changes
// nothing and starts no program. What other parts know (environments, free
// ports) is handed to it.
package health

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
)

// State tells how a finding stands.
type State string

// The states. Missing is what must be put right before the product works as
// it was asked to; Warning is what one should know.
const (
	OK      State = "ok"
	Warning State = "warning"
	Missing State = "missing"
)

// Finding is one thing that was looked at. Title and HowTo are keys of texts;
// HowTo's text says how it stands and what to do, with Params put in.
type Finding struct {
	ID     string
	State  State
	Title  string
	HowTo  string
	Params map[string]any
}

// Input is what to look at.
type Input struct {
	Root         string               // the installation's root
	ProgramDir   string               // where the running program lies
	Desktop      bool                 // windows are wanted; otherwise their lack is a warning only
	Display      string               // $DISPLAY
	Wayland      string               // $WAYLAND_DISPLAY
	LibraryPath  string               // $LD_LIBRARY_PATH
	Environments []domain.Environment // as found and verified
	PortStart    int
	PortEnd      int
	PortFree     func(port int) bool // nobody has the port
	DiskUsage    func(path string) (free, total uint64, err error)
	Confinement  Confinement
}

// Confinement is what the machine can enforce on scripts, and what the
// configuration wants.
type Confinement struct {
	Policy  string   // require, prefer, off
	Level   string   // full, files, limits, none
	System  string   // landlock, or "" where there is nothing
	ABI     int      // Landlock's version
	Missing []string // what is not enforced, in words
}

// Check looks at everything, in the order in which a person would put it
// right. It ends early, with what it has, when ctx ends.
func Check(ctx context.Context, in Input) []Finding {
	checks := []func(Input) []Finding{
		version, python, conda, shim, root, disk, ports, window, display, confinement,
	}
	var findings []Finding
	for _, check := range checks {
		if ctx.Err() != nil {
			break
		}
		findings = append(findings, check(in)...)
	}
	return findings
}

// Worst gives the worst state of the findings.
func Worst(findings []Finding) State {
	worst := OK
	for _, f := range findings {
		if f.State == Missing || f.State == Warning && worst == OK {
			worst = f.State
		}
	}
	return worst
}

// finding makes one whose text is "health.<id>.<state>".
func finding(id string, state State, params map[string]any) []Finding {
	return variant(id, state, string(state), params)
}

// variant makes one whose text is "health.<id>.<text>".
func variant(id string, state State, text string, params map[string]any) []Finding {
	return []Finding{{ID: id, State: state, Title: "health." + id + ".title", HowTo: "health." + id + "." + text, Params: params}}
}

func version(Input) []Finding {
	return finding("version", OK, map[string]any{"version": domain.Version, "system": runtime.GOOS + "/" + runtime.GOARCH})
}

func python(in Input) []Finding {
	usable := 0
	var chosen, without *domain.Environment
	for i := range in.Environments {
		e := &in.Environments[i]
		if e.Usable() {
			usable++
			if chosen == nil || e.Default {
				chosen = e
			}
		} else if e.State == domain.EnvironmentNoFlask && without == nil {
			without = e
		}
	}
	switch {
	case chosen != nil:
		return finding("python_with_flask", OK, map[string]any{
			"count": usable, "environment": chosen.Name, "path": chosen.Path, "python": chosen.PythonVersion, "flask": chosen.FlaskVersion,
		})
	case without != nil:
		return variant("python_with_flask", Missing, "no_flask", map[string]any{"environment": without.Name, "path": without.Path, "python": without.PythonVersion})
	}
	return finding("python_with_flask", Missing, nil)
}

// conda is a help, not a need: without it scripts run on other Pythons.
func conda(in Input) []Finding {
	count, broken := 0, []string{}
	for _, e := range in.Environments {
		if e.Kind != domain.EnvironmentConda {
			continue
		}
		count++
		if e.State == domain.EnvironmentStateBroken || e.State == domain.EnvironmentInterrupted {
			broken = append(broken, e.Name)
		}
	}
	switch {
	case count == 0:
		return variant("conda", OK, "none", nil)
	case len(broken) > 0:
		slices.Sort(broken)
		return finding("conda", Warning, map[string]any{"count": count, "broken": slices.Compact(broken)})
	}
	return finding("conda", OK, map[string]any{"count": count})
}

func shim(in Input) []Finding {
	name := "scriptsmanager-shim"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	p := filepath.Join(in.ProgramDir, name)
	info, err := os.Stat(p)
	switch {
	case err != nil || info.IsDir():
		return finding("shim", Missing, map[string]any{"path": p})
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0:
		return variant("shim", Missing, "not_executable", map[string]any{"path": p})
	}
	return finding("shim", OK, map[string]any{"path": p})
}

func root(in Input) []Finding {
	params := map[string]any{"root": in.Root}
	f, err := os.CreateTemp(in.Root, ".doctor-*")
	if err == nil {
		_, err = f.WriteString("x")
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if removeErr := os.Remove(f.Name()); err == nil {
			err = removeErr
		}
	}
	if err != nil {
		params["reason"] = err.Error()
		return finding("root", Missing, params)
	}
	return finding("root", OK, params)
}

// Below these a run's log and data may no longer fit.
const (
	diskWarning = 1 << 30
	diskMissing = 100 << 20
)

func disk(in Input) []Finding {
	if in.DiskUsage == nil {
		return nil
	}
	free, total, err := in.DiskUsage(in.Root)
	if err != nil {
		return variant("disk", Warning, "unknown", map[string]any{"root": in.Root, "reason": err.Error()})
	}
	state := OK
	switch {
	case free < diskMissing:
		state = Missing
	case free < diskWarning:
		state = Warning
	}
	return finding("disk", state, map[string]any{"root": in.Root, "free": size(free), "total": size(total)})
}

// size writes a number of bytes for people, in powers of 1024. Only small
// figures have a decimal: its sign differs from language to language.
func size(n uint64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	value, unit := float64(n)/(1<<20), "MiB"
	for _, next := range []string{"GiB", "TiB"} {
		if value >= 1024 {
			value, unit = value/1024, next
		}
	}
	if value >= 10 {
		return fmt.Sprintf("%.0f %s", value, unit)
	}
	return fmt.Sprintf("%.1f %s", value, unit)
}

func ports(in Input) []Finding {
	if in.PortFree == nil {
		return nil
	}
	free, all := 0, 0
	for p := in.PortStart; p <= in.PortEnd; p++ {
		all++
		if in.PortFree(p) {
			free++
		}
	}
	params := map[string]any{"start": in.PortStart, "end": in.PortEnd, "free": free, "all": all}
	switch {
	case free == 0:
		return finding("ports", Missing, params)
	case free*10 < all:
		return finding("ports", Warning, params)
	}
	return finding("ports", OK, params)
}

// lacking is how bad it is that windows cannot be shown.
func lacking(in Input) State {
	if in.Desktop {
		return Missing
	}
	return Warning
}

func confinement(in Input) []Finding {
	c := in.Confinement
	params := map[string]any{"abi": c.ABI, "missing": strings.Join(c.Missing, "; ")}
	switch {
	case c.Policy == "":
		return nil // nobody asked
	case c.Policy == "off":
		return variant("confinement", Warning, "off", params)
	case c.Level == "full":
		return variant("confinement", OK, "full", params)
	case c.Policy == "require":
		return variant("confinement", Missing, "required", params)
	case c.ABI > 0:
		return variant("confinement", Warning, "partly", params)
	}
	return finding("confinement", Warning, params)
}

// library looks for a shared library in the folders where the dynamic loader
// would, without loading it.
func library(name, libraryPath string, confs []string, dirs []string) string {
	all := append(strings.FieldsFunc(libraryPath, func(r rune) bool { return r == ':' || r == ';' }), dirs...)
	seen := map[string]bool{}
	for _, conf := range confs {
		all = append(all, loaderFolders(conf, seen)...)
	}
	for _, dir := range all {
		if p := filepath.Join(dir, name); filepath.IsAbs(dir) {
			if _, err := os.Stat(p); err == nil {
				return p
			}
		}
	}
	return ""
}

// loaderFolders reads ld.so.conf(8): a folder a line, "include" with a pattern.
func loaderFolders(conf string, seen map[string]bool) []string {
	if seen[conf] {
		return nil
	}
	seen[conf] = true
	b, err := os.ReadFile(conf)
	if err != nil {
		return nil
	}
	var dirs []string
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 2 && fields[0] == "include":
			pattern := fields[1]
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(filepath.Dir(conf), pattern)
			}
			files, err := filepath.Glob(pattern)
			if err != nil {
				continue
			}
			for _, f := range files {
				dirs = append(dirs, loaderFolders(f, seen)...)
			}
		case len(fields) == 1:
			dirs = append(dirs, fields[0])
		}
	}
	return dirs
}
