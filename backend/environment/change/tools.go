package change

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/program"
)

// Names of tools.
const (
	Conda      = program.Conda
	Mamba      = program.Mamba
	Micromamba = program.Micromamba
)

// Tool is a program that makes and changes conda environments.
type Tool struct {
	Name string `json:"name"` // Conda, Mamba or Micromamba
	Path string `json:"path"`
	Root string `json:"root"` // its installation: where its cache and its environments are
	Envs string `json:"envs"` // where it would put a new environment
	// Lib tells that it is of libmamba alone, micromamba or mamba 2, which take
	// and say other things than conda.
	Lib bool `json:"lib"`
}

// FindTools lists the tools of the installations among the environments, in
// their order, conda before mamba; then a micromamba of the person's own. It
// starts none. folders gives where the settings of an installation have new
// environments go; nil is nowhere else.
func FindTools(known []domain.Environment, home string, environ []string, folders func(root string) []string) []Tool {
	var tools []Tool
	add := func(t Tool) {
		if t.Path == "" || slices.ContainsFunc(tools, func(o Tool) bool { return o.Name == t.Name && o.Root == t.Root }) {
			return
		}
		var named []string
		if folders != nil {
			named = folders(t.Root)
		}
		t.Envs = envsOf(t.Root, home, named)
		tools = append(tools, t)
	}
	micromamba := program.Alone(home, environ)
	for _, k := range known {
		root := k.Root
		if root == "" {
			continue
		}
		add(Tool{Name: Conda, Root: root, Path: program.In(root, Conda)})
		if path := program.In(root, Mamba); path != "" {
			old, _ := filepath.Glob(filepath.Join(globEscape(root), "conda-meta", "mamba-[01].*.json"))
			add(Tool{Name: Mamba, Root: root, Path: path, Lib: len(old) == 0})
		}
		own := program.In(root, Micromamba)
		if own == "" && k.Tool == domain.ToolMicromamba {
			own = micromamba
		}
		add(Tool{Name: Micromamba, Root: root, Path: own, Lib: true})
	}
	if micromamba != "" && !slices.ContainsFunc(tools, func(t Tool) bool { return t.Name == Micromamba }) {
		if root := micromambaRoot(home, environ); root != "" {
			add(Tool{Name: Micromamba, Root: root, Path: micromamba, Lib: true})
		}
	}
	return tools
}

// micromambaRoot is where a micromamba without an installation would keep its
// environments, by its documentation.
func micromambaRoot(home string, environ []string) string {
	if root := program.Variable(environ, "MAMBA_ROOT_PREFIX"); filepath.IsAbs(root) {
		return root
	}
	if home == "" {
		return ""
	}
	if old := filepath.Join(home, "micromamba"); isFolder(old) {
		return old
	}
	return filepath.Join(home, ".local", "share", "mamba")
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// envsOf is where a new environment goes: into the first of the folders named
// for it in which we may write, else into the installation's own, or, where
// another person owns that, the person's own, as conda does it.
func envsOf(root, home string, named []string) string {
	envs := filepath.Join(root, "envs")
	for _, dir := range append(slices.Clone(named), envs) {
		if mayWrite(dir) {
			return dir
		}
	}
	if home == "" {
		return envs
	}
	return filepath.Join(home, ".conda", "envs")
}

// mayWrite tells whether we may write in a folder, or make it.
func mayWrite(dir string) bool {
	for {
		info, err := os.Stat(dir)
		parent := filepath.Dir(dir)
		switch {
		case err == nil && info.IsDir():
			return writable(dir)
		case !errors.Is(err, fs.ErrNotExist) || parent == dir:
			return false
		}
		dir = parent
	}
}
