package environment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/printed"
	"scriptsmanager/backend/environment/program"
	"scriptsmanager/backend/process"
)

const (
	condaLimit  = time.Minute      // for a conda to answer: it takes one second, from a share many
	condaDelay  = 20 * time.Second // after all is verified: who has just come wants to run something
	condaOutput = 16 << 20         // bytes of an answer
	maxCondas   = 8
)

// condaTool is a program that may know environments: conda, mamba or micromamba.
type condaTool struct {
	path string
	root string // the installation that it belongs to; "" unknown
}

// tool notes a program, one for each installation.
func (f *finder) tool(path, root string) {
	for _, t := range f.tools {
		if t.path == path || root != "" && t.root == root {
			return
		}
	}
	if len(f.tools) < maxCondas {
		f.tools = append(f.tools, condaTool{path, root})
	}
}

// toolIn notes the program of an installation.
func (f *finder) toolIn(root string) {
	if path := program.First(root); path != "" {
		f.tool(path, root)
	}
}

// findMicromamba notes a micromamba that stands alone.
func (f *finder) findMicromamba() {
	if path := program.Alone(f.o.Home, f.o.Environ); path != "" {
		f.tool(path, f.get("MAMBA_ROOT_PREFIX"))
	}
}

// condas gives the programs to ask, and what tells one state of what was found
// from another: who has asked them in this state need not ask again.
func (e *Environments) condas() ([]condaTool, string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var key strings.Builder
	for _, t := range e.tools {
		key.WriteString(t.path + "\x00")
	}
	var paths []string
	for _, f := range e.all {
		if f.Kind == domain.EnvironmentConda && !slices.Contains(e.told, f.Path) {
			paths = append(paths, f.Path)
		}
	}
	slices.Sort(paths)
	return slices.Clone(e.tools), key.String() + strings.Join(paths, "\x00")
}

// crossCheck asks the programs of conda which environments they know, one after
// the other at low priority. Those that were not found by the file system are
// looked for from now on; it tells whether there are new ones. A program that
// gives no good answer is told to the log, once for each reason, and takes
// nothing away.
func (e *Environments) crossCheck(ctx context.Context, tools []condaTool) bool {
	var named []string
	failed := false
	for _, t := range tools {
		start := time.Now()
		paths, err := askConda(ctx, t, e.options.Environ, e.condaLimit)
		if ctx.Err() != nil {
			return false
		}
		e.mu.Lock()
		before := e.condaFailed[t.path]
		delete(e.condaFailed, t.path)
		if err != nil {
			e.condaFailed[t.path] = err.Error()
		}
		e.mu.Unlock()
		if err != nil {
			failed = true
			if before != err.Error() {
				e.log.WarnContext(ctx, "conda does not say which environments it knows; what was found without it stays", "program", t.path, "reason", err)
			}
			continue
		}
		e.log.DebugContext(ctx, "asked conda for its environments", "program", t.path, "environments", len(paths), "duration", time.Since(start))
		named = append(named, paths...)
	}
	real := map[string]bool{}
	for _, p := range named {
		real[realPath(p)] = true
	}
	e.mu.Lock()
	var told, unknown []string
	found := map[string]bool{}
	for _, f := range e.all {
		if !slices.Contains(e.told, f.Path) {
			found[realPath(f.Path)] = true
		}
		if f.Kind == domain.EnvironmentConda && f.Tool != domain.ToolPixi && !real[realPath(f.Path)] {
			unknown = append(unknown, f.Path)
		}
	}
	for _, p := range slices.Concat(e.told, named) {
		if r := realPath(p); !found[r] && (failed || real[r]) && exists(p) {
			found[r] = true
			told = append(told, p)
		}
	}
	added := slices.ContainsFunc(told, func(p string) bool { return !slices.Contains(e.told, p) })
	e.told = told
	e.mu.Unlock()
	if len(named) > 0 && len(unknown) > 0 {
		e.log.DebugContext(ctx, "environments that conda does not know", "paths", unknown)
	}
	if added {
		e.log.InfoContext(ctx, "conda knows environments that were not found in the file system", "paths", told)
	}
	return added
}

func realPath(p string) string {
	if r, err := filepath.EvalSymlinks(p); err == nil {
		return r
	}
	return filepath.Clean(p)
}

// askConda asks a program for the paths of the environments that it knows
// (conda 24, mamba and micromamba 2: `env list --json`, key "envs").
func askConda(parent context.Context, t condaTool, environ []string, limit time.Duration) ([]string, error) {
	ctx, cancel := context.WithTimeout(parent, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.path, "env", "list", "--json")
	cmd.Dir = filepath.Dir(t.path)
	for _, kv := range environ {
		// an activation of before would bend it
		if name, _, ok := strings.Cut(kv, "="); ok && !inherited(envName(name)) {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "CONDA_REPORT_ERRORS=false", "NO_COLOR=1", "MAMBA_NO_BANNER=1", "TERM=dumb")
	if _, set := environMap(environ)["MAMBA_ROOT_PREFIX"]; !set && t.root != "" && strings.HasPrefix(filepath.Base(t.path), program.Micromamba) {
		cmd.Env = append(cmd.Env, "MAMBA_ROOT_PREFIX="+t.root)
	}
	stdout, stderr := process.NewTail(condaOutput), process.NewTail(2000)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	process.Group(cmd)
	lowly(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start it: %w", err)
	}
	lower(cmd)
	err := process.Wait(cmd)
	switch {
	case timedOut(ctx, parent):
		return nil, fmt.Errorf("no answer within %s", limit)
	case parent.Err() != nil:
		return nil, parent.Err()
	}
	return parseEnvList(stdout.String(), stderr.String(), err)
}

// parseEnvList reads what a program printed that ended with err. What it says
// counts more than how it ended: it ends with 0 and an error inside, too.
func parseEnvList(out, said string, err error) ([]string, error) {
	var paths []string
	understood := false
	for object := range printed.Objects(out) {
		var one struct {
			Envs      *[]string `json:"envs"`
			Success   *bool     `json:"success"`
			Error     string    `json:"error"`
			Exception string    `json:"exception_name"`
			Message   string    `json:"message"`
		}
		if json.Unmarshal(object, &one) != nil {
			continue
		}
		if one.Error != "" || one.Exception != "" || one.Success != nil && !*one.Success {
			return nil, errors.New(printed.Brief(strings.Join([]string{one.Exception, one.Message, one.Error}, " ")))
		}
		if one.Envs == nil {
			continue
		}
		understood, paths = true, nil
		for _, p := range *one.Envs {
			if filepath.IsAbs(p) && !strings.ContainsRune(p, 0) {
				paths = append(paths, filepath.Clean(p))
			}
		}
	}
	if strings.TrimSpace(said) == "" {
		said = out
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %s", err, printed.Brief(said))
	case !understood:
		return nil, fmt.Errorf("what it says is not understood: %s", printed.Brief(said))
	}
	return paths, nil
}
