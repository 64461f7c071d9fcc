package sandbox

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Wish is what a script needs, in the words of an execution. Paths that are
// not there are left out.
type Wish struct {
	Python    string   // the interpreter
	Prefix    string   // of its environment
	Environ   []string // the activated environment: where conda lies
	Home      string   // the account's own home
	Group     string   // folder of the script's group
	Data      string   // folder of the script's data
	Private   string   // folder of this execution alone
	Cache     string   // folder of this script for this user alone; "" is none
	Files     []string // files of ours that it reads
	Approved  []string // what an administrator opened to it for writing, as it was then
	Read      []string // what people chose for it to read
	Write     []string // what people chose for it to write
	Protected []string // what nothing that people choose, and no wide grant, may open
	// Interpreters are the prefixes of all that is known: whatever people choose
	// or approve, no script changes what a later one, or we, start.
	Interpreters []string
	// Environments is a folder that may lie in what is protected: an interpreter's
	// prefix in it is opened whole; of one elsewhere there, what belongs to it.
	Environments string
}

// systemFolders hold programs, libraries, fonts, certificates, names.
var systemFolders = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix/store", "/snap",
	"/proc", "/sys", "/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf", "/run/nscd",
	"/var/lib/ca-certificates", "/var/cache/fontconfig", "/var/lib/texmf",
}

// secretsOfSystem are what only root could read in them.
var secretsOfSystem = []string{
	"/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers", "/etc/sudoers.d", "/etc/ssh",
	"/etc/ssl/private", "/etc/scriptsmanager", "/etc/NetworkManager/system-connections", "/etc/wireguard",
}

// devices and graphics cards.
var (
	deviceFiles    = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts"}
	deviceGlobs    = []string{"/dev/nvidia*", "/dev/dri", "/dev/kfd", "/dev/dxg"}
	sharedFolders  = []string{"/dev/shm"}
	secretsOfHome  = []string{".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".netrc", ".pgpass", ".config", ".mozilla", ".password-store"}
	neverWriteInto = []string{"/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/boot", "/dev", "/proc", "/sys", "/run", "/opt", "/var/lib", "/var/spool"}
)

// Grants fills in what a policy grants of files, and gives those of the chosen
// paths that are not granted as they lie in what is protected.
func (p *Policy) Grants(w Wish) (refused []string) {
	g := &granter{protected: resolved(w.Protected), home: Resolve(w.Home), environments: Resolve(w.Environments)}
	made := prefixes(w)
	g.keep(w, made)
	systemSecrets := g.protected
	if os.Geteuid() == 0 {
		systemSecrets = append(slices.Clone(g.protected), secretsOfSystem...)
	}
	for _, dir := range systemFolders {
		g.wide(&g.read, dir, systemSecrets)
	}
	if target := Resolve("/etc/resolv.conf"); target != "" && !inside(target, "/etc") {
		g.own(&g.read, target)
	}
	for _, dir := range made {
		g.prefix(dir)
	}
	for _, path := range append([]string{w.Python, w.Group}, w.Files...) {
		g.own(&g.read, path)
	}
	g.own(&g.write, w.Data)
	g.own(&g.write, w.Private)
	g.own(&g.write, w.Cache)
	for _, path := range w.Approved {
		if Resolve(path) == path {
			g.wide(&g.write, path, slices.Concat(g.protected, g.kept))
		}
	}
	for _, path := range w.Read {
		g.chosen(&g.read, path, false)
	}
	for _, path := range w.Write {
		g.chosen(&g.write, path, true)
		g.chosen(&g.read, path, false) // what may not be written there may be looked at
	}
	p.Read, p.Write = without(g.read, g.write), distinct(g.write)
	p.Shared = resolved(sharedFolders)
	for _, pattern := range deviceGlobs {
		found, _ := filepath.Glob(pattern) // the pattern is good
		p.Devices = append(p.Devices, found...)
	}
	p.Devices = append(p.Devices, deviceFiles...)
	return g.refused
}

type granter struct {
	protected []string
	home      string
	// environments is Wish.Environments
	environments string
	kept         []string // of interpreters, which no script writes
	read, write  []string
	refused      []string
}

// own grants a path of ours as it is.
func (g *granter) own(to *[]string, path string) {
	if path = Resolve(path); path != "" {
		*to = append(*to, path)
	}
}

// wide grants a folder without what is protected in it.
func (g *granter) wide(to *[]string, path string, protected []string) {
	if path = Resolve(path); path != "" {
		*to = append(*to, carve(path, protected)...)
	}
}

// prefix grants an interpreter's prefix. Where that is a whole home or more,
// as with an interpreter in ~/bin, only what belongs to Python in it.
func (g *granter) prefix(dir string) {
	if dir = Resolve(dir); dir == "" {
		return
	}
	if g.environments != "" && dir != g.environments && inside(dir, g.environments) {
		g.own(&g.read, dir)
		return
	}
	if slices.ContainsFunc(g.protected, func(p string) bool { return inside(dir, p) }) {
		g.within(dir)
		return
	}
	if dir != "/" && (g.home == "" || !inside(g.home, dir)) {
		g.wide(&g.read, dir, g.protected)
		return
	}
	for _, pattern := range []string{"lib/python3*", "lib64/python3*", "lib/libpython3*", "include/python3*"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern)) // at worst a bad pattern, which finds nothing
		for _, path := range found {
			g.wide(&g.read, path, g.protected)
		}
	}
}

// within grants an interpreter's prefix that lies in what is protected, as a
// venv beside the scripts does: what belongs to it, and nothing that a link in
// it would add. What conda made may have anything in it, and is granted whole
// where it is not what is protected itself.
func (g *granter) within(dir string) {
	if exists(filepath.Join(dir, "conda-meta")) && !slices.ContainsFunc(g.protected, func(p string) bool { return inside(p, dir) }) {
		g.own(&g.read, dir)
		return
	}
	for _, part := range partsOf(dir) {
		// What a link leads to elsewhere is opened by no link: systemFolders are anyway.
		if inside(part, dir) {
			g.own(&g.read, part)
		}
	}
}

// keep notes what of interpreters no script writes: of its own and what that is
// made from, whose prefixes are made, and of the others.
func (g *granter) keep(w Wish, made []string) {
	if len(w.Write)+len(w.Approved) == 0 {
		return // nothing wide is opened for writing
	}
	for _, dir := range slices.Concat(made, w.Interpreters) {
		real := Resolve(dir)
		marked := exists(filepath.Join(real, "pyvenv.cfg")) || exists(filepath.Join(real, "conda-meta"))
		switch {
		case real == "":
		case marked:
			g.kept = append(g.kept, partsOf(real)...)
			// Packages of conda are linked from there: to write the one is to write the other.
			if pkgs := Resolve(filepath.Join(real, "pkgs")); pkgs != "" {
				g.kept = append(g.kept, pkgs)
			}
		case exists(filepath.Join(real, "urls.txt")): // a folder of conda's packages elsewhere
			g.kept = append(g.kept, real)
		case real != Resolve(w.Prefix) && !slices.ContainsFunc(systemFolders, func(s string) bool { return inside(real, s) }):
			g.kept = append(g.kept, partsOf(real)...)
		}
	}
	g.kept = distinct(g.kept)
}

// partsOf gives what belongs to an interpreter in its prefix, free of links;
// nothing where none has its modules there.
func partsOf(prefix string) []string {
	if prefix == "" {
		return nil
	}
	modules := false
	for _, pattern := range []string{"lib/python3*", "lib64/python3*"} {
		found, _ := filepath.Glob(filepath.Join(prefix, pattern)) // at worst a bad pattern, which finds nothing
		modules = modules || len(found) > 0
	}
	if !modules {
		return nil
	}
	var parts []string
	for _, name := range []string{"bin", "lib", "lib64", "include", "share", "etc", "ssl", "conda-meta", "pyvenv.cfg"} {
		if part := Resolve(filepath.Join(prefix, name)); part != "" {
			parts = append(parts, part)
		}
	}
	return distinct(parts)
}

// chosen grants what people named, but never what is protected.
func (g *granter) chosen(to *[]string, path string, write bool) {
	real := Resolve(path)
	if real == "" {
		return
	}
	if slices.ContainsFunc(g.write, func(own string) bool { return inside(real, own) }) {
		return // as in its own data folder
	}
	protected := slices.Clone(g.protected)
	if g.home != "" && g.home != "/" {
		if write {
			// Whoever writes the settings of a shell or a desktop has programs started.
			hidden, _ := filepath.Glob(filepath.Join(g.home, ".*"))
			protected = append(protected, hidden...)
		}
		for _, name := range secretsOfHome {
			protected = append(protected, filepath.Join(g.home, name))
		}
	}
	if os.Geteuid() == 0 {
		protected = append(protected, secretsOfSystem...)
	}
	if write {
		protected = slices.Concat(protected, neverWriteInto, g.kept)
	}
	granted := carve(real, protected)
	if len(granted) == 0 && !slices.Contains(g.refused, path) {
		g.refused = append(g.refused, path)
	}
	*to = append(*to, granted...)
}

// carve gives path, or, where something protected lies in it, all else that
// lies there now: a rule of Landlock cannot take away from one above it.
func carve(path string, protected []string) []string {
	above := false
	for _, p := range protected {
		if inside(path, p) {
			return nil
		}
		above = above || inside(p, path)
	}
	if !above {
		return []string{path}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil
	}
	var some []string
	for _, e := range entries {
		if e.Type()&os.ModeSymlink == 0 {
			some = append(some, carve(filepath.Join(path, e.Name()), protected)...)
		}
	}
	return some
}

// prefixes are the folders of which an interpreter is made: its environment's,
// that of the file it is a link to, a venv's base, conda's root and packages,
// and the person's own packages.
func prefixes(w Wish) []string {
	dirs := []string{w.Prefix}
	if real := Resolve(w.Python); real != "" {
		dirs = append(dirs, filepath.Dir(filepath.Dir(real)))
	}
	for _, prefix := range slices.Clone(dirs) {
		if base := venvBase(prefix); base != "" {
			dirs = append(dirs, base)
		}
	}
	// <conda>/envs/<name>
	if parent := filepath.Dir(w.Prefix); filepath.Base(parent) == "envs" {
		if root := filepath.Dir(parent); exists(filepath.Join(root, "conda-meta")) || exists(filepath.Join(root, "pkgs")) {
			dirs = append(dirs, root)
		}
	}
	for _, kv := range w.Environ {
		name, value, _ := strings.Cut(kv, "=")
		switch {
		case !filepath.IsAbs(value):
		case name == "CONDA_EXE": // <conda>/bin/conda
			dirs = append(dirs, filepath.Dir(filepath.Dir(value)))
		case name == "MAMBA_ROOT_PREFIX":
			dirs = append(dirs, value)
		case name == "CONDA_PKGS_DIRS":
			dirs = append(dirs, filepath.SplitList(value)...)
		}
	}
	if w.Home != "" {
		own, _ := filepath.Glob(filepath.Join(w.Home, ".local", "lib", "python3*"))
		dirs = append(dirs, own...)
	}
	return distinct(dirs)
}

// venvBase reads where the interpreter of a venv comes from (pyvenv.cfg, PEP 405).
func venvBase(prefix string) string {
	b, err := os.ReadFile(filepath.Join(prefix, "pyvenv.cfg"))
	if err != nil {
		return ""
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		if value = strings.TrimSpace(value); strings.TrimSpace(key) == "home" && filepath.IsAbs(value) {
			return filepath.Dir(value)
		}
	}
	return ""
}

// inside tells whether path is dir or lies in it.
func inside(path, dir string) bool {
	rest, below := strings.CutPrefix(path, strings.TrimSuffix(dir, "/"))
	return below && (rest == "" || rest[0] == '/')
}

// Resolve gives a path free of links, or "" where nothing is there.
func Resolve(path string) string {
	if !filepath.IsAbs(path) {
		return ""
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	return real
}

// resolved leaves out what is not there; of what may come to be there later,
// the folder that is there is resolved.
func resolved(paths []string) []string {
	var all []string
	for _, path := range paths {
		if real := Resolve(path); real != "" {
			all = append(all, real)
		} else if filepath.IsAbs(path) {
			all = append(all, filepath.Clean(path))
		}
	}
	return distinct(all)
}

// without leaves out what the second list grants anyway.
func without(paths, more []string) []string {
	return slices.DeleteFunc(distinct(paths), func(path string) bool {
		return slices.ContainsFunc(more, func(m string) bool { return inside(path, m) })
	})
}

// distinct sorts, and leaves out what lies in another one.
func distinct(paths []string) []string {
	paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == "" })
	slices.Sort(paths)
	paths = slices.Compact(paths)
	there := make(map[string]bool, len(paths))
	for _, path := range paths {
		there[filepath.Clean(path)] = true
	}
	return slices.DeleteFunc(paths, func(path string) bool {
		for dir := filepath.Clean(path); dir != filepath.Dir(dir); {
			if dir = filepath.Dir(dir); there[dir] {
				return true
			}
		}
		return false
	})
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
