package environment

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
)

// Folder names under which conda's installers put themselves.
var installerNames = regexp.MustCompile(`^(anaconda|miniconda|miniforge|mambaforge|micromamba)3?$`)

// findConda goes through every place where conda, mamba, micromamba and pixi
// keep environments, the person's own settings first.
func (f *finder) findConda() {
	for _, name := range []string{"CONDA_EXE", "MAMBA_EXE"} {
		if p := f.get(name); filepath.IsAbs(p) { // <root>/bin/conda, <root>\Scripts\conda.exe
			root := filepath.Dir(filepath.Dir(p))
			if f.windows && strings.EqualFold(filepath.Base(root), "library") { // <root>\Library\bin\mamba.exe
				root = filepath.Dir(root)
			}
			if isConda(root) {
				f.root(root)
			}
		}
	}
	for _, name := range []string{"CONDA_ROOT", "CONDA_DIR", "CONDA", "MAMBA_ROOT_PREFIX"} {
		f.root(f.get(name))
	}
	// Of a nested activation CONDA_PREFIX_1 is the first, CONDA_PREFIX the last.
	for _, name := range slices.Sorted(maps.Keys(f.env)) {
		if strings.HasPrefix(name, "CONDA_PREFIX_") {
			f.add(f.env[name], false)
		}
	}
	f.add(f.get("CONDA_PREFIX"), false)
	f.fromPath()
	for _, root := range f.knownRoots() {
		f.root(root)
	}
	f.envsFolder(f.home(".conda", "envs"))
	for _, dir := range f.envsDirs() {
		f.envsFolder(dir)
	}
	if txt := f.home(".conda", "environments.txt"); txt != "" {
		if b, err := readFile(txt); err == nil {
			listed, seen := standing{}, map[string]bool{}
			for _, p := range parseEnvironmentsTxt(b) {
				// most of a long list may be dead, or one place in many forms
				if p = filepath.Clean(p); !seen[p] && listed.there(p) {
					f.add(p, false)
				}
				seen[p] = true
			}
		}
	}
}

// standing remembers of paths whether they are there, and asks for none below a
// folder that is not.
type standing map[string]bool

func (s standing) there(p string) bool {
	if known, ok := s[p]; ok {
		return known
	}
	parent := filepath.Dir(p)
	if parent != p && s.gone(parent) {
		return false
	}
	s[p] = exists(p)
	for dir := p; !s[dir] && parent != dir; dir, parent = parent, filepath.Dir(parent) {
		if _, known := s[parent]; known {
			break
		}
		s[parent] = exists(parent) // for those that are listed beside it
	}
	return s[p]
}

// gone tells whether the folder, or one above it, is known not to be there.
func (s standing) gone(dir string) bool {
	for {
		if is, known := s[dir]; known && !is {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
}

// fromPath follows PATH: a conda program there shows its installation, and a
// bin folder there may be that of an environment.
func (f *finder) fromPath() {
	for _, dir := range filepath.SplitList(f.get("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		switch strings.ToLower(filepath.Base(dir)) {
		case "bin", "condabin", "scripts":
			if parent := filepath.Dir(filepath.Clean(dir)); isConda(parent) {
				f.add(parent, false)
				f.owner(parent)
			}
		}
		if f.windows {
			if isConda(dir) { // python.exe lies in the prefix itself
				f.add(dir, false)
				f.owner(dir)
			}
			continue
		}
		for _, name := range []string{"conda", "mamba"} {
			if real, err := filepath.EvalSymlinks(filepath.Join(dir, name)); err == nil {
				if root := filepath.Dir(filepath.Dir(real)); isInstallation(root) {
					f.root(root)
				}
			}
		}
	}
}

// knownRoots lists the installations that are there under the usual names in
// the usual folders. Each folder is listed once, which is far cheaper than to
// ask for every combination.
func (f *finder) knownRoots() []string {
	bases := []string{f.home(), f.home(".conda"), f.home(".local"), f.home("opt")}
	var roots []string
	if f.windows {
		local, data, drive := f.get("LOCALAPPDATA"), f.get("PROGRAMDATA"), f.get("SYSTEMDRIVE")
		bases = append(bases, local, data)
		if local != "" {
			bases = append(bases, filepath.Join(local, "Continuum"), filepath.Join(local, "conda", "conda"))
			roots = append(roots, filepath.Join(local, "conda", "conda"), filepath.Join(local, "mamba"))
		}
		if roaming := f.get("APPDATA"); roaming != "" { // where micromamba keeps them from itself
			roots = append(roots, filepath.Join(roaming, "mamba"))
		}
		if drive != "" {
			bases = append(bases, drive+string(filepath.Separator))
		}
		roots = append(roots, registryRoots()...)
	} else {
		for _, p := range []string{"/opt", "/usr/share", "/usr/local", "/usr", "/", "/home/linuxbrew/.linuxbrew"} {
			bases = append(bases, f.system(p))
		}
		roots = append(roots, f.system("/opt/conda"), f.home(".local", "share", "mamba"))
	}
	for _, base := range bases {
		if base == "" {
			continue
		}
		f.place(base, placeNames)
		entries, err := os.ReadDir(base)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if installerNames.MatchString(strings.ToLower(e.Name())) {
				roots = append(roots, filepath.Join(base, e.Name()))
			}
		}
	}
	return roots
}

// condarcs lists every condarc that conda would read (its own documentation,
// "Searching for .condarc"), for all people, of the installations, of the person.
func (f *finder) condarcs() []string {
	var files []string
	dir := func(d string) {
		if d == "" {
			return
		}
		files = append(files, filepath.Join(d, ".condarc"), filepath.Join(d, "condarc"))
		entries, err := os.ReadDir(filepath.Join(d, "condarc.d"))
		if err != nil {
			return
		}
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); ext == ".yml" || ext == ".yaml" {
				files = append(files, filepath.Join(d, "condarc.d", e.Name()))
			}
		}
	}
	if f.windows {
		if data := f.get("PROGRAMDATA"); data != "" {
			dir(filepath.Join(data, "conda"))
		}
	} else {
		dir(f.system("/etc/conda"))
		dir(f.system("/var/lib/conda"))
	}
	for _, root := range f.roots {
		dir(root)
	}
	if xdg := f.get("XDG_CONFIG_HOME"); xdg != "" {
		dir(filepath.Join(xdg, "conda"))
	}
	dir(f.home(".config", "conda"))
	dir(f.home(".conda"))
	if f.o.Home != "" {
		files = append(files, f.home(".condarc"), f.home(".mambarc"))
	}
	dir(f.get("CONDA_PREFIX"))
	for _, name := range []string{"CONDARC", "MAMBARC"} {
		if p := f.get(name); p != "" {
			files = append(files, f.expand(p))
		}
	}
	return files
}

// envsDirs lists the folders that conda's settings name for environments: of
// the variables, then of the condarc that counts most.
func (f *finder) envsDirs() (dirs []string) {
	add := func(list []string) {
		for _, dir := range list {
			if dir = f.expand(dir); filepath.IsAbs(dir) && !slices.Contains(dirs, filepath.Clean(dir)) {
				dirs = append(dirs, filepath.Clean(dir))
			}
		}
	}
	for _, name := range []string{"CONDA_ENVS_PATH", "CONDA_ENVS_DIRS"} {
		add(filepath.SplitList(f.get(name)))
	}
	for _, rc := range slices.Backward(f.condarcs()) {
		if b, err := readFile(rc); err == nil {
			add(parseCondarc(b))
		}
	}
	return dirs
}

// EnvsFolders lists the folders in which the installation at root would make
// an environment, as its settings name them, the first before the others. Its
// own folder of environments, which comes after them, is not among them. Its
// settings are read again only where a file of them has changed.
func (e *Environments) EnvsFolders(root string) []string {
	f := newFinder(context.Background(), Options{Home: e.options.Home, Environ: e.options.Environ, System: e.options.System})
	f.roots = []string{root}
	key := stampOfFiles(f.condarcs())
	e.mu.Lock()
	known, ok := e.folders[root]
	e.mu.Unlock()
	if !ok || known.key != key {
		known = envsFolders{key, f.envsDirs()}
		e.mu.Lock()
		e.folders[root] = known
		e.mu.Unlock()
	}
	return slices.Clone(known.dirs)
}

// envsFolders are the folders that settings name, as of a state of these.
type envsFolders struct {
	key  uint64
	dirs []string
}

// variable is how a path refers to a variable; the last form on Windows alone.
var variable = regexp.MustCompile(`\$\w+|\$\{[^}]*\}|%[^%]+%`)

// expand replaces "~" and "$NAME", as conda does in paths, and on Windows
// "%NAME%". What is no variable that is set stays as it is (Python's
// os.path.expandvars, which conda calls).
func (f *finder) expand(p string) string {
	p = variable.ReplaceAllStringFunc(strings.TrimSpace(p), func(reference string) string {
		value, set := f.env[envName(strings.Trim(reference, "${}%"))]
		if !set || reference[0] == '%' && !f.windows {
			return reference
		}
		return value
	})
	if rest, ok := strings.CutPrefix(p, "~"); ok && (rest == "" || rest[0] == '/' || rest[0] == '\\') {
		return f.home(filepath.FromSlash(rest))
	}
	return p
}

// findVenvs takes the active venv, those below the root and in the folders
// that were named, and those of the tools that keep them together.
func (f *finder) findVenvs() {
	if !f.o.OnlyFolders {
		f.add(f.get("VIRTUAL_ENV"), false)
	}
	if f.o.RootDir != "" {
		// data and backups are large and hold no environments
		f.walk(f.o.RootDir, 5, []string{filepath.Join(f.o.RootDir, "data"), filepath.Join(f.o.RootDir, "backup")})
	}
	for _, folder := range f.o.Folders {
		f.walk(f.expand(folder), 3, nil)
	}
	if f.o.OnlyFolders {
		return
	}
	for _, dir := range []string{
		f.get("WORKON_HOME"), f.home(".virtualenvs"), f.home(".venvs"), f.home(".local", "share", "virtualenvs"),
		f.home(".cache", "pypoetry", "virtualenvs"),
	} {
		if dir != "" {
			f.place(filepath.Dir(dir), placeNames)
			f.walk(dir, 1, nil)
		}
	}
}

// A walk looks into at most so many folders, whatever the tree is like.
const maxWalk = 20000

// walk looks for environments at and below dir, down to the depth. It does not
// follow links below dir and looks into no environment.
func (f *finder) walk(dir string, depth int, skip []string) {
	left := maxWalk
	var look func(dir string, depth int)
	look = func(dir string, depth int) {
		left--
		if left < 0 || f.ctx.Err() != nil || slices.Contains(skip, dir) {
			return
		}
		if isInstallation(dir) {
			f.root(dir)
			return
		}
		if f.add(dir, false) || depth == 0 {
			return
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return
		}
		f.place(dir, placeWalk)
		for _, e := range entries {
			name := e.Name()
			if !e.IsDir() && e.Type()&os.ModeSymlink == 0 {
				continue
			}
			p := filepath.Join(dir, name)
			switch {
			case name == ".pixi":
				f.pixi(filepath.Join(p, "envs"), filepath.Base(dir))
			case name == ".venv" || name == ".conda" || name == ".env":
				f.add(p, false)
			case e.Type()&os.ModeSymlink != 0:
				f.add(p, false)
			case name[0] == '.' || name == "node_modules" || name == "__pycache__" || name == "site-packages":
			default:
				look(p, depth-1)
			}
		}
	}
	if filepath.IsAbs(dir) {
		look(filepath.Clean(dir), depth)
	}
}

// pixi reads a project's environments; they go by the project's name, as all
// but a few are called "default".
func (f *finder) pixi(dir, project string) {
	f.place(filepath.Dir(dir), placeEnvs) // .pixi
	f.place(dir, placeEnvs)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		before := len(f.conda)
		if f.add(filepath.Join(dir, e.Name()), false) && len(f.conda) > before {
			f.conda[before].Name = project + "/" + e.Name()
		}
	}
}

// findSystem takes the Pythons of PATH and those that version managers keep.
func (f *finder) findSystem() {
	var pyenv []string
	for _, dir := range filepath.SplitList(f.get("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if parent := filepath.Dir(filepath.Clean(dir)); filepath.Base(dir) == "shims" && exists(parent, "versions") {
			// pyenv's shims are shell scripts: take what they lead to
			pyenv = append(pyenv, parent)
			f.pyenvVersions(parent, true)
			continue
		}
		f.systemPython(dir)
	}
	if f.windows {
		for _, dir := range registryPythons() {
			f.systemPython(dir)
		}
		return
	}
	for _, root := range append(pyenv, f.get("PYENV_ROOT"), f.home(".pyenv")) {
		if root != "" {
			f.place(filepath.Join(root, "versions"), placeEnvs)
			f.pyenvVersions(root, false)
		}
	}
	if uv := f.home(".local", "share", "uv", "python"); uv != "" {
		f.place(uv, placeEnvs)
		entries, _ := os.ReadDir(uv) // not there: nothing to add
		for _, e := range entries {
			f.systemPython(filepath.Join(uv, e.Name(), "bin"))
		}
	}
	for _, dir := range []string{"/usr/local/bin", "/usr/bin"} { // a service's PATH may be short
		f.systemPython(f.system(dir))
	}
}

// pyenvVersions adds the versions that are chosen for everywhere, or all.
func (f *finder) pyenvVersions(root string, chosen bool) {
	if !chosen {
		entries, _ := os.ReadDir(filepath.Join(root, "versions")) // not there: nothing to add
		for _, e := range entries {
			f.managed(filepath.Join(root, "versions", e.Name()))
		}
		return
	}
	b, _ := readFile(filepath.Join(root, "version")) // not there: none is chosen
	for line := range strings.Lines(string(b)) {
		if v := strings.TrimSpace(line); v != "" && v != "system" && filepath.IsLocal(v) {
			f.managed(filepath.Join(root, "versions", v))
		}
	}
}

func (f *finder) managed(prefix string) {
	if isConda(prefix) || isVenv(prefix) {
		f.add(prefix, false)
		f.owner(prefix)
		return
	}
	f.systemPython(filepath.Join(prefix, "bin"))
}

// systemPython adds the Python whose program lies in the folder.
func (f *finder) systemPython(dir string) {
	names := []string{"python3", "python"}
	if f.windows {
		if strings.Contains(strings.ToLower(dir), `\windowsapps`) {
			return // links that open the shop
		}
		names = []string{"python.exe"}
	}
	for _, name := range names {
		p := filepath.Join(dir, name)
		info, err := os.Stat(p)
		if err != nil || info.IsDir() {
			continue
		}
		prefix := filepath.Dir(filepath.Clean(dir))
		if f.windows {
			prefix = filepath.Clean(dir)
		}
		if isConda(prefix) || isVenv(prefix) {
			f.add(prefix, false)
			return
		}
		// Python takes its prefix from where its program really lies. The
		// name python3 is kept: it outlives an upgrade of python3.11.
		realDir, err := filepath.EvalSymlinks(dir)
		if err != nil {
			realDir = dir
		}
		if real, err := filepath.EvalSymlinks(p); err == nil && filepath.Dir(real) != realDir {
			p, realDir = real, filepath.Dir(real)
		} else {
			p = filepath.Join(realDir, name)
		}
		prefix = filepath.Dir(realDir)
		if f.windows {
			prefix = realDir
		}
		if isConda(prefix) {
			f.add(prefix, false)
			return
		}
		if once(f.seen, prefix) {
			f.sys = append(f.sys, Found{
				Name: f.systemName(prefix), Path: prefix, Python: p, Kind: domain.EnvironmentSystem, State: domain.EnvironmentOK,
			})
		}
		return
	}
}

func (f *finder) systemName(prefix string) string {
	base := filepath.Base(prefix)
	switch {
	case prefix == f.system("/usr") || prefix == f.system("/"):
		return "system"
	case filepath.Base(filepath.Dir(prefix)) == "versions":
		return "python-" + base
	}
	return base
}
