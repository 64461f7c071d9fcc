package environment

import (
	"context"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
)

// deactivated gives the inherited variables as they are after conda has
// deactivated the environment that was active where we were started. Its
// deactivate.d scripts are run, as conda does: what its activate.d scripts
// have set (GDAL_DATA, PROJ_LIB, …) would otherwise lead scripts of another
// environment to its files. Then the variables of its packages and of the
// person go, or become what they were before it. A script that fails is told
// to the log only: the fault is not in the environment that is wanted.
//
// What is nested below (CONDA_SHLVL above 1) has no variables left: conda took
// them away when it activated the next. But what these were before comes back.
func deactivated(ctx context.Context, environ []string, log *slog.Logger) ([]string, error) {
	env := environMap(environ)
	prefix := env["CONDA_PREFIX"]
	if !filepath.IsAbs(prefix) || !isConda(prefix) {
		return environ, nil
	}
	prefix = filepath.Clean(prefix)
	scripts := scriptsIn(filepath.Join(prefix, "etc", "conda", "deactivate.d"))
	slices.Reverse(scripts)
	after, said, err := sourced(ctx, prefix, scripts, environ)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		log.WarnContext(ctx, "deactivate the environment that was active at the start", "path", prefix, "error", err)
	default:
		environ, env = after, environMap(after)
		if said != "" {
			log.DebugContext(ctx, "the scripts that deactivate what was active at the start", "path", prefix, "printed", said)
		}
	}
	gone, before := undone(env)
	var restored []string
	for name, was := range before {
		restored = append(restored, name+"="+was)
	}
	left := slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		i := strings.IndexByte(kv, '=')
		return i > 0 && envName(kv[:i]) != "PATH" && gone[envName(kv[:i])]
	})
	return append(left, restored...), nil
}

// undone walks down the environments that are active one in another, as conda
// does when all of them are deactivated, and gives the variables that they have
// set: what each was before, where conda put it by as __CONDA_SHLVL_<level>_<name>.
func undone(env map[string]string) (gone map[string]bool, before map[string]string) {
	gone, before = map[string]bool{}, map[string]string{}
	level, _ := strconv.Atoi(env["CONDA_SHLVL"]) // no number counts as 0
	prefix := env["CONDA_PREFIX"]
	for ; filepath.IsAbs(prefix) && isConda(prefix); prefix = env["CONDA_PREFIX_"+strconv.Itoa(level)] {
		level--
		for name := range condaVariables(prefix) {
			name = envName(name)
			gone[name] = true
			if was, ok := env["__CONDA_SHLVL_"+strconv.Itoa(level)+"_"+name]; ok {
				before[name] = was
			}
		}
	}
	return gone, before
}

// computed gives the activation of an environment for programs that inherit
// base, of which what was active at the start has been taken away as it has
// from environ. The activate.d scripts run in a clean shell: they see base,
// not what the application itself inherited besides. prompt is what the
// person's settings have conda put before the prompt.
func computed(ctx context.Context, found Found, prompt promptSettings, inheritedEnviron, environ, base []string) (Activation, error) {
	a := activate(found, environ)
	if name, ok := a.Env["CONDA_DEFAULT_ENV"]; ok {
		a.Env["CONDA_PROMPT_MODIFIER"] = prompt.modifier(found, name)
	}
	// base, as it is after the deactivation
	now := environMap(environ)
	clean := make([]string, 0, len(base))
	for _, kv := range base {
		i := strings.IndexByte(kv, '=')
		if i <= 0 {
			continue
		}
		name := envName(kv[:i])
		value, still := now[name]
		switch {
		case !still:
			continue
		case value != kv[i+1:] && name != "PATH" && !inherited(name):
			if _, set := a.Env[name]; !set {
				a.Env[name] = value
			}
		}
		clean = append(clean, kv)
	}
	// What came back by the deactivation, where nothing is kept from programs.
	before, passed := environMap(inheritedEnviron), environMap(base)
	for name, value := range now {
		_, had := before[name]
		if _, set := a.Env[name]; !had && !set && len(passed) == len(before) && name != "PATH" && !inherited(name) {
			a.Env[name] = value
		}
	}
	for name := range before {
		_, still := now[name]
		if _, set := a.Env[name]; (!still || inherited(name)) && !set && name != "PATH" && !slices.Contains(a.Unset, name) {
			a.Unset = append(a.Unset, name)
		}
	}
	sort.Strings(a.Unset)
	a, err := withScripts(ctx, a, found, clean)
	a.Withheld = withheld(a, environ, base)
	return a, err
}

// withheld names what of the variables after an activation of environ is not
// there after one of base.
func withheld(a Activation, environ, base []string) []string {
	got := environMap(a.Apply(base))
	var names []string
	for name := range environMap(a.Apply(environ)) {
		if _, ok := got[name]; !ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// withScripts runs the environment's activate.d scripts over the activation.
func withScripts(ctx context.Context, a Activation, found Found, environ []string) (Activation, error) {
	if found.Kind != domain.EnvironmentConda {
		return a, nil
	}
	scripts := scriptsIn(filepath.Join(found.Path, "etc", "conda", "activate.d"))
	if len(scripts) == 0 {
		return a, nil
	}
	before := a.Apply(environ)
	after, said, err := sourced(ctx, found.Path, scripts, before)
	if err != nil {
		return a, err
	}
	a.Printed = said
	a.Env = maps.Clone(a.Env)
	old, now := environMap(before), environMap(after)
	for name, value := range now {
		if name == "PATH" {
			a.Path = slices.DeleteFunc(filepath.SplitList(value), func(d string) bool { return d == "" })
		} else if was, had := old[name]; !had || was != value {
			a.Env[name] = value
			a.Unset = slices.DeleteFunc(slices.Clone(a.Unset), func(n string) bool { return n == name })
		}
	}
	for name := range old {
		if _, still := now[name]; !still {
			delete(a.Env, name)
			a.Unset = append(slices.Clone(a.Unset), name)
		}
	}
	sort.Strings(a.Unset)
	a.Unset = slices.Compact(a.Unset)
	return a, nil
}
