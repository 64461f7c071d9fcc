package environment

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
)

// What to do where the wanted environment is missing or broken.
const (
	FallbackFirstWithFlask = "first_with_flask"
	FallbackFail           = "fail"
)

// Options say where to look. The zero value of a field leaves its places out.
type Options struct {
	Home     string   // the person's home folder
	Environ  []string // the inherited environment: "NAME=value"
	Base     []string // what programs inherit of Environ, before activation; nil is all
	RootDir  string   // the installation's root: venvs and pixi environments below it
	Settings          // as at first; see SetSettings
	System   string   // stands for "/" when installations for all people are looked for; "" is "/". PATH is not changed by it
	// Hidden gives the paths of what is no environment yet, or no longer: it is
	// being made or removed. nil is none.
	Hidden func() []string
}

// Settings are what an administrator says of environments.
type Settings struct {
	Folders     []string // further environments, or folders that hold some
	Fallback    string   // FallbackFirstWithFlask (also "") or FallbackFail
	OnlyFolders bool     // look only there, below the root, and for the system's Pythons
}

// Found is an environment as the file system shows it.
type Found struct {
	Name          string
	Path          string // the prefix
	Python        string // the interpreter, absolute; "" where there is none
	Kind          string // domain.EnvironmentConda, …
	Root          string // the conda installation that owns it; "" unknown
	Base          bool   // it is a conda installation itself
	Tool          string // domain.ToolConda, …; "" for venvs and system Pythons
	PythonVersion string // by the records; "" unknown until verified
	State         string // domain.EnvironmentOK: nothing speaks against it, verify it
	Problem       *domain.EnvironmentProblem
	Writable      bool // others may change what runs in it
}

// finder collects environments; real paths are seen once.
type finder struct {
	ctx     context.Context
	o       Options
	env     map[string]string
	windows bool

	seen   map[string]bool // by real path
	roots  []string        // conda installations, in order of trust
	asked  map[string]bool // installations already read
	envs   map[string]bool // folders of environments already read
	conda  []Found
	venvs  []Found
	sys    []Found
	places places
	tools  []condaTool
	named  map[string]bool // folders whose environments go by their folder's name
	hidden []string        // Options.Hidden
}

// Find looks for environments by the file system alone and starts no program.
// Order: conda installations' base environments, other conda environments by
// path, venvs, system Pythons in the order of PATH. Where ctx ends it gives
// what it has so far.
func Find(ctx context.Context, o Options) []Found {
	return find(ctx, o, nil).all
}

// places are the folders in which environments may come and go, with what
// counts in them.
type places map[string]placeKind

type placeKind int

const (
	placeNames placeKind = 1 + iota // only well-known names count: a home, /opt
	placeWalk                       // folders and pyvenv.cfg count: below the root
	placeEnvs                       // everything in it may be an environment
)

// place notes that environments are looked for in the folder.
func (f *finder) place(dir string, kind placeKind) {
	if dir != "" && filepath.IsAbs(dir) {
		dir = filepath.Clean(dir)
		f.places[dir] = max(f.places[dir], kind)
	}
}

// finding is what a look at the file system gives.
type finding struct {
	all    []Found
	places places
	tools  []condaTool // programs that can be asked for environments
}

// find does it; told are paths of which conda said that they are environments.
func find(ctx context.Context, o Options, told []string) finding {
	return newFinder(ctx, o).find(told)
}

func (f *finder) find(told []string) finding {
	if !f.o.OnlyFolders {
		f.findConda()
		for _, p := range told {
			f.add(p, false)
		}
		f.findMicromamba()
	}
	f.findVenvs()
	f.findSystem()
	slices.SortStableFunc(f.conda, func(a, b Found) int {
		switch {
		case a.Base && !b.Base:
			return -1
		case b.Base && !a.Base:
			return 1
		case a.Base:
			return 0 // in order of trust
		}
		return strings.Compare(a.Path, b.Path)
	})
	all, who := slices.Concat(f.conda, f.venvs, f.sys), newOwners()
	for i := range all {
		all[i].Writable = who.writable(all[i])
	}
	return finding{all, f.places, f.tools}
}

func newFinder(ctx context.Context, o Options) *finder {
	var hidden []string
	if o.Hidden != nil {
		hidden = o.Hidden()
	}
	return &finder{
		ctx: ctx, o: o, hidden: hidden, env: environMap(o.Environ), windows: runtime.GOOS == "windows",
		seen: map[string]bool{}, asked: map[string]bool{}, envs: map[string]bool{}, named: map[string]bool{},
		places: places{},
	}
}

func environMap(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, kv := range environ {
		// Windows has hidden variables that begin with '='
		if i := strings.IndexByte(kv, '='); i > 0 {
			m[envName(kv[:i])] = kv[i+1:]
		}
	}
	return m
}

func envName(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

func (f *finder) get(name string) string { return f.env[envName(name)] }

// system gives the place for all people at the absolute path p.
func (f *finder) system(p string) string {
	if f.o.System == "" {
		return p
	}
	return filepath.Join(f.o.System, p)
}

func (f *finder) home(parts ...string) string {
	if f.o.Home == "" {
		return ""
	}
	return filepath.Join(append([]string{f.o.Home}, parts...)...)
}

// once tells whether the folder is seen for the first time, by its real path.
func once(seen map[string]bool, dir string) bool {
	key, err := filepath.EvalSymlinks(dir)
	if err != nil {
		key = dir
	}
	if seen[key] {
		return false
	}
	seen[key] = true
	return true
}

func exists(parts ...string) bool {
	_, err := os.Stat(filepath.Join(parts...))
	return err == nil
}

func isConda(prefix string) bool { return exists(prefix, "conda-meta", "history") }

// isInstallation tells whether prefix is a conda installation, not only an
// environment of one.
func isInstallation(prefix string) bool {
	return isConda(prefix) && (exists(prefix, "condabin") || exists(prefix, "envs"))
}

// isBase tells whether prefix is the base environment of an installation. One
// in the envs folder of another is not, also where conda is among its packages,
// which brings a condabin.
func isBase(prefix string) bool {
	if !isInstallation(prefix) {
		return false
	}
	parent := filepath.Dir(prefix)
	return filepath.Base(parent) != "envs" || !isInstallation(filepath.Dir(parent))
}

func isVenv(prefix string) bool { return exists(prefix, "pyvenv.cfg") }

// add reads one folder if it is an environment of any kind. inEnvs tells that
// it lies in a folder of environments, where a half-made one counts too.
func (f *finder) add(prefix string, inEnvs bool) bool {
	if prefix == "" || !filepath.IsAbs(prefix) || f.ctx.Err() != nil {
		return false
	}
	prefix = filepath.Clean(prefix)
	switch {
	case slices.Contains(f.hidden, prefix):
	case isConda(prefix):
		if once(f.seen, prefix) {
			e := f.readConda(prefix)
			f.conda = append(f.conda, e)
			f.owner(prefix)
			f.root(e.Root) // its history may be all that tells of an installation
		}
	case isVenv(prefix):
		if once(f.seen, prefix) {
			f.venvs = append(f.venvs, f.readVenv(prefix))
		}
	case inEnvs && (exists(prefix, "conda-meta") || condaPython(prefix, f.windows) != ""):
		if once(f.seen, prefix) {
			f.conda = append(f.conda, Found{
				Name: f.condaName(prefix), Path: prefix, Python: condaPython(prefix, f.windows), Kind: domain.EnvironmentConda,
				Root: f.rootOf(prefix, ""), Tool: domain.ToolConda,
				State: domain.EnvironmentInterrupted, Problem: domain.NewEnvironmentProblem(domain.ProblemInterrupted, "", "missing", "conda-meta/history"),
			})
		}
	default:
		return false
	}
	return true
}

// owner follows an environment to the installation that it belongs to.
func (f *finder) owner(prefix string) {
	if isInstallation(prefix) {
		f.root(prefix)
	}
	if parent := filepath.Dir(prefix); filepath.Base(parent) == "envs" {
		f.root(filepath.Dir(parent))
	}
}

// root reads an installation (or a folder like one) and its envs folder.
func (f *finder) root(dir string) {
	if dir == "" || !filepath.IsAbs(dir) || !once(f.asked, dir) {
		return
	}
	dir = filepath.Clean(dir)
	if isBase(dir) {
		f.roots = append(f.roots, dir)
	}
	f.toolIn(dir)
	f.named[filepath.Join(dir, "envs")] = true
	f.add(dir, false)
	f.envsFolder(filepath.Join(dir, "envs"))
}

// envsFolder reads a folder whose sub-folders are environments.
func (f *finder) envsFolder(dir string) {
	if dir == "" || !filepath.IsAbs(dir) || !once(f.envs, dir) {
		return
	}
	f.place(dir, placeEnvs)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	f.named[filepath.Clean(dir)] = true
	for _, e := range entries {
		if e.IsDir() || e.Type()&os.ModeSymlink != 0 {
			f.add(filepath.Join(dir, e.Name()), true)
		}
	}
}

func (f *finder) readConda(prefix string) Found {
	e := Found{Path: prefix, Kind: domain.EnvironmentConda, Python: condaPython(prefix, f.windows), State: domain.EnvironmentOK}
	b, _ := readFile(filepath.Join(prefix, "conda-meta", "history")) // unreadable is as empty
	h := parseHistory(b)
	e.Base = isBase(prefix)
	e.Root = f.rootOf(prefix, h.Command)
	pixi := exists(prefix, "conda-meta", "pixi")
	e.Tool = toolOf(e.Root, pixi, f.windows)
	e.Name = f.condaName(prefix)
	records, python := 0, ""
	entries, err := os.ReadDir(filepath.Join(prefix, "conda-meta"))
	if err != nil {
		e.State, e.Problem = domain.EnvironmentStateBroken, domain.NewEnvironmentProblem(domain.ProblemUnreadable, err.Error(), "path", filepath.Join(prefix, "conda-meta"))
		return e
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		records++
		if m := recordPython.FindStringSubmatch(name); m != nil && (python == "" || m[1] == h.Python) {
			python = m[1]
		}
	}
	e.PythonVersion = python
	expected := condaPythonPath(prefix, f.windows)
	switch {
	case records == 0 && !pixi:
		e.State, e.Problem = domain.EnvironmentInterrupted, domain.NewEnvironmentProblem(domain.ProblemInterrupted, "", "missing", "conda-meta/*.json")
	case python != "" && e.Python == "":
		e.State, e.Problem = domain.EnvironmentStateBroken, domain.NewEnvironmentProblem(domain.ProblemPythonMissing, "", "version", python, "python", expected)
	case e.Python == "":
		e.State, e.Problem = domain.EnvironmentNoPython, domain.NewEnvironmentProblem(domain.ProblemNoPython, "", "python", expected)
	}
	return e
}

// toolOf gives the program that owns an environment of the conda kind.
func toolOf(root string, pixi, windows bool) string {
	switch {
	case pixi:
		return domain.ToolPixi
	case root != "" && condaProgram(root, windows) == "":
		return domain.ToolMicromamba
	}
	return domain.ToolConda
}

// rootOf gives the installation that a conda environment belongs to; command is
// the program that made it. A folder with envs and pkgs is micromamba's root,
// but also where conda puts both for a person who cannot write into the
// installation: in ~/.conda, or where a condarc says.
func (f *finder) rootOf(prefix, command string) string {
	if isBase(prefix) {
		return prefix
	}
	above := ""
	if parent := filepath.Dir(prefix); filepath.Base(parent) == "envs" {
		above = filepath.Dir(parent)
	}
	made := ""
	if filepath.IsAbs(command) {
		// <root>/bin/conda, <root>\Scripts\conda-script.py
		if g := filepath.Dir(filepath.Dir(command)); isInstallation(g) {
			made = g
		}
	}
	byConda := made != "" && strings.HasPrefix(filepath.Base(command), "conda")
	switch {
	case above != "" && isInstallation(above):
		return above
	case above != "" && !byConda && filepath.Base(above) != ".conda" && micromambaRoot(above):
		return above
	case made != "":
		return made
	case len(f.roots) > 0:
		return f.roots[0]
	}
	return ""
}

// micromambaRoot: micromamba's root has envs and pkgs, but no base environment.
func micromambaRoot(dir string) bool { return exists(dir, "pkgs") && exists(dir, "envs") }

// condaName is what `conda activate` calls the environment, where it has a name.
func (f *finder) condaName(prefix string) string {
	parent := filepath.Dir(prefix)
	switch {
	case isBase(prefix):
		return "base"
	case filepath.Base(parent) == "envs" || f.named[parent]:
		return filepath.Base(prefix)
	}
	return folderName(prefix)
}

// folderName is the name of an environment that has none: its folder's, with
// the folder above where the folder's own says nothing.
func folderName(prefix string) string {
	base := filepath.Base(prefix)
	switch strings.ToLower(base) {
	case ".venv", "venv", ".env", "env", ".conda":
		return filepath.Base(filepath.Dir(prefix)) + "/" + base
	}
	return base
}

func condaPythonPath(prefix string, windows bool) string {
	if windows {
		return filepath.Join(prefix, "python.exe")
	}
	return filepath.Join(prefix, "bin", "python")
}

// condaPython gives the interpreter of a conda environment, or "".
func condaPython(prefix string, windows bool) string {
	if p := condaPythonPath(prefix, windows); exists(p) {
		return p
	}
	return ""
}

// condaProgram gives the conda program of an installation, or "".
func condaProgram(root string, windows bool) string {
	p := filepath.Join(root, "bin", "conda")
	if windows {
		p = filepath.Join(root, "Scripts", "conda.exe")
	}
	if exists(p) {
		return p
	}
	return ""
}

func (f *finder) readVenv(prefix string) Found {
	e := Found{Name: folderName(prefix), Path: prefix, Kind: domain.EnvironmentVenv, State: domain.EnvironmentOK}
	b, _ := readFile(filepath.Join(prefix, "pyvenv.cfg")) // unreadable is as empty
	cfg := parseVenv(b)
	e.PythonVersion = cfg["version"]
	if v := cfg["version_info"]; e.PythonVersion == "" {
		e.PythonVersion = v
	}
	candidates := []string{filepath.Join(prefix, "bin", "python"), filepath.Join(prefix, "bin", "python3")}
	if f.windows {
		candidates = []string{filepath.Join(prefix, "Scripts", "python.exe")}
	}
	link := ""
	for _, p := range candidates {
		if exists(p) {
			e.Python = p
			return e
		}
		if _, err := os.Lstat(p); err == nil {
			link = p
		}
	}
	if link != "" {
		e.State, e.Problem = domain.EnvironmentStateBroken, domain.NewEnvironmentProblem(domain.ProblemBrokenLink, "", "python", link, "home", cfg["home"])
	} else {
		e.State, e.Problem = domain.EnvironmentNoPython, domain.NewEnvironmentProblem(domain.ProblemNoPython, "", "python", candidates[0])
	}
	return e
}
