package execution

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/sandbox"
)

// confined is what a launch hands to the shim about confinement, and what the
// script's environment has to say of it.
type confined struct {
	policy  sandbox.Policy
	environ []string // settings
	refused []string // chosen paths that are not granted
}

// confine says what the script may reach (SPEC SEC-2) besides its port, and makes
// the folder that is its own. environ is the activated environment.
func (a *actor) confine(ctx context.Context, env domain.Environment, python, dataDir, parametersPath string, environ []string) (confined, error) {
	s, q := a.service, a.request
	rules := s.rules()
	c := confined{policy: sandbox.Policy{Mode: rules.Confinement, Network: q.Script.Network}}
	if cpus := limitsOf(rules, q, a.e.HasPage).CPUs; cpus > 0 {
		c.policy.CPUs = int(math.Ceil(cpus))
	}
	if c.policy.Mode == sandbox.Off || c.policy.Mode == "" || !sandbox.Supported {
		return c, nil
	}
	private := filepath.Join(s.runDir(a.id), "own")
	home, tmp := filepath.Join(private, "home"), filepath.Join(private, "tmp")
	for _, dir := range []string{home, tmp} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return c, fmt.Errorf("make a folder for the script alone: %w", err)
		}
	}
	cache, err := s.folders.Cache(q.User.Folder, q.Script.ID)
	if err != nil {
		a.debug.Warn("no cache that lasts", "error", err.Error())
		cache = filepath.Join(private, "cache")
	}
	// The script makes what it needs in it: we follow no link that it put there.
	c.environ = []string{
		"HOME=" + home, "TMPDIR=" + tmp, "TMP=" + tmp, "TEMP=" + tmp, "XDG_CACHE_HOME=" + cache,
		"MPLCONFIGDIR=" + filepath.Join(cache, "matplotlib"), "NUMBA_CACHE_DIR=" + filepath.Join(cache, "numba"),
		"PIP_CACHE_DIR=" + filepath.Join(cache, "pip"), "CUDA_CACHE_PATH=" + filepath.Join(cache, "cuda"),
	}
	if ownModules(filepath.Dir(q.Script.Path)) > worthCompiling && !isSet(environ, "PYTHONPYCACHEPREFIX") {
		c.environ = append(c.environ, "PYTHONPYCACHEPREFIX="+filepath.Join(cache, "python"))
	}
	if base := filepath.Join(s.config.Home, ".local"); s.config.Home != "" && !isSet(environ, "PYTHONUSERBASE") {
		// The person's own packages lie in the home that is hidden.
		if info, err := os.Stat(filepath.Join(base, "lib")); err == nil && info.IsDir() {
			c.environ = append(c.environ, "PYTHONUSERBASE="+base)
		}
	}
	c.policy.Closed = s.closedPorts()
	wish := sandbox.Wish{
		Python: python, Prefix: env.Path, Environ: environ, Home: s.config.Home,
		Group: filepath.Dir(q.Script.Path), Data: dataDir, Private: private, Cache: cache,
		Files: append(logoFiles(s.config.Logo), s.config.BrandCSS, parametersPath), Protected: s.config.Protected,
		Environments: s.config.Environments,
	}
	for _, known := range s.envs.List() {
		wish.Interpreters = append(wish.Interpreters, known.Path)
	}
	approved, waiting, err := s.folders.Approved(ctx, q.Script)
	if err != nil {
		return c, err
	}
	if wish.Approved = approved; len(waiting) > 0 {
		a.debug.Warn("folders that the script asks for and no administrator approved", "paths", waiting)
	}
	wish.Read, wish.Write = chosenPaths(q.Script.Parameters, q.Values)
	c.refused = c.policy.Grants(wish)
	return c, nil
}

// logoFiles gives the logo and, where there is one, its variant for dark
// backgrounds, which scripts look for beside it.
func logoFiles(logo string) []string {
	extension := filepath.Ext(logo)
	dark := strings.TrimSuffix(logo, extension) + "_dark" + extension
	if _, err := os.Stat(dark); err != nil {
		return []string{logo}
	}
	return []string{logo, dark}
}

// worthCompiling is from how many bytes of Python in a group's folder on it is
// worth keeping the compiled modules, which Python cannot put beside them there:
// some 50 ms at each start. It then compiles the libraries anew, too, at the
// first start of each script (Flask 0.6 s, matplotlib 3 s).
const worthCompiling = 256 << 10

// lookedAt bounds how many entries of a group's folder are looked at.
const lookedAt = 500

// ownModules gives the size of the modules in a group's folder and the packages
// in it; those of a folder with very many files are not all counted.
func ownModules(group string) (size int64) {
	left := lookedAt
	var count func(dir string, depth int)
	count = func(dir string, depth int) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return
		}
		for _, e := range entries {
			if left--; left < 0 {
				return
			}
			switch {
			case e.IsDir() && depth > 0:
				count(filepath.Join(dir, e.Name()), depth-1)
			case e.Type().IsRegular() && filepath.Ext(e.Name()) == ".py":
				if info, err := e.Info(); err == nil {
					size += info.Size()
				}
			}
		}
	}
	count(group, 2)
	return size
}

func isSet(environ []string, name string) bool {
	for _, kv := range environ {
		if strings.HasPrefix(kv, name+"=") {
			return true
		}
	}
	return false
}

// chosenPaths are those that people gave as values: a file is read, a folder
// is written. A path may be of what is still to be made, so its folder is
// written where the path itself is not there.
func chosenPaths(declared []domain.Parameter, values map[string]any) (read, write []string) {
	for _, p := range declared {
		for _, path := range texts(values[p.Name]) {
			switch p.Type {
			case domain.TypeFile:
				read = append(read, path)
			case domain.TypeDirectory:
				write = append(write, path)
			case domain.TypePath:
				if _, err := os.Stat(path); err != nil {
					path = filepath.Dir(path)
				}
				write = append(write, path)
			}
		}
	}
	return read, write
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, texts(one)...)
		}
		return all
	}
	return nil
}

// memoryOf reads "512M", "2G" or "1.5GiB", in powers of 1024; a number alone is
// of megabytes.
func memoryOf(s string) (int64, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	number := strings.TrimRight(s, "KMGTIB ")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n <= 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return 0, false
	}
	shift := 20
	if unit := strings.TrimSpace(s[len(number):]); unit != "" {
		shift = 10 * strings.IndexByte("BKMGT", unit[0])
	}
	if shift < 0 {
		return 0, false
	}
	bytes := n * float64(uint64(1)<<shift)
	if bytes < 1 || bytes > math.MaxInt64/2 {
		return 0, false
	}
	return int64(bytes), true
}

// cpusOf reads "0.5", "2" or "150%".
func cpusOf(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	number, percent := strings.CutSuffix(s, "%")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || n <= 0 || n > 1e6 || math.IsNaN(n) {
		return 0, false
	}
	if percent {
		n /= 100
	}
	return n, true
}
