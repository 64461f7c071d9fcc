package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/imports"
	"scriptsmanager/backend/execution/module"
)

// What a person assigned is kept as settings under the prefix, one for each
// group and script, with the environment's path: names may repeat.
const (
	assignedPrefix = "environment:"
	assignedGroup  = assignedPrefix + "group:"
	assignedScript = assignedPrefix + "script:"
)

// assignment is one of these settings. Environment "" is taken back.
type assignment struct {
	Environment string `json:"environment"` // the path
	Name        string `json:"name"`        // for who reads the audit
}

type assignments map[string]json.RawMessage

func (e *Engine) assignments(ctx context.Context) (assignments, error) {
	all, err := e.store.Settings(ctx, assignedPrefix)
	if err != nil {
		return nil, fmt.Errorf("read assigned environments: %w", err)
	}
	return all, nil
}

func (a assignments) of(key string) string {
	var one assignment
	if raw, ok := a[key]; !ok || json.Unmarshal(raw, &one) != nil {
		return ""
	}
	return one.Environment
}

func (a assignments) group(g *domain.Group) {
	if path := a.of(assignedGroup + g.ID); path != "" {
		g.Environment, g.EnvironmentAssigned = path, true
	}
}

func (a assignments) script(s *domain.Script) {
	if path := a.of(assignedScript + s.ID); path != "" {
		s.Environment, s.EnvironmentAssigned = path, true
	}
}

// AssignToGroup makes a group's scripts run in an environment from their next
// start on, unless they say one of their own. nil takes it back: the group's
// files count again, else the default.
func (e *Engine) AssignToGroup(ctx context.Context, a Actor, groupID string, env *domain.Environment) error {
	return e.assign(ctx, a, assignedGroup+groupID, env)
}

// AssignToScript is the same for one script, before what its group says.
func (e *Engine) AssignToScript(ctx context.Context, a Actor, id domain.ScriptID, env *domain.Environment) error {
	return e.assign(ctx, a, assignedScript+id, env)
}

func (e *Engine) assign(ctx context.Context, a Actor, key string, env *domain.Environment) error {
	var one assignment
	if env != nil {
		one = assignment{env.Path, env.Name}
	}
	if err := e.store.SetSetting(context.WithoutCancel(ctx), a, key, one); err != nil {
		return err
	}
	e.bus.Publish(domain.Event{Type: domain.EventEnvironmentChanged})
	return nil
}

// ScriptImports is what an environment lacks for one script. Files are
// relative to the group's folder.
type ScriptImports struct {
	ScriptID   domain.ScriptID        `json:"script_id"`
	ScriptName domain.Text            `json:"script_name"`
	Missing    []domain.MissingModule `json:"missing"` // never nil; what is needed first
	Problem    *domain.ImportProblem  `json:"problem"`
}

// CheckImports reads what scripts import and says what env lacks of it, for
// those for which there is something to say. Nothing of a script is run. It
// fails with CodeEnvironmentBroken where env's Python does not answer.
func (e *Engine) CheckImports(ctx context.Context, env domain.Environment, scripts []domain.Script) ([]ScriptImports, error) {
	found := []ScriptImports{}
	if len(scripts) == 0 {
		return found, nil
	}
	environ := inherited(e.options.Environ, e.Config())
	activated, err := environmentsOf{e.environments}.Activate(ctx, env, environ)
	if err != nil {
		return nil, err
	}
	environ = activated.Environ
	helper := module.Setting(e.helperFolder(), environ) // scripts have it on their path
	environ = append(slices.DeleteFunc(environ, func(kv string) bool { return strings.HasPrefix(kv, "PYTHONPATH=") }), helper)
	scripts = slices.Clone(scripts)
	slices.SortFunc(scripts, func(a, b domain.Script) int { return cmp.Compare(a.ID, b.ID) })
	paths := make([]string, len(scripts))
	for i, s := range scripts {
		paths[i] = s.Path
	}
	reports, err := e.imports.Check(ctx, imports.Interpreter{Python: activated.Python, Environ: environ}, paths)
	if err != nil {
		return nil, err
	}
	for i, r := range reports {
		if len(r.Missing) == 0 && r.Problem == nil {
			continue
		}
		folder := filepath.Dir(scripts[i].Path)
		one := ScriptImports{ScriptID: scripts[i].ID, ScriptName: scripts[i].Name, Missing: slices.Clone(r.Missing), Problem: r.Problem}
		for n := range one.Missing {
			one.Missing[n].File = below(folder, one.Missing[n].File)
		}
		if p := r.Problem; p != nil {
			problem := *p
			problem.File = below(folder, p.File)
			one.Problem = &problem
		}
		found = append(found, one)
	}
	return found, nil
}

func below(folder, path string) string {
	if rel, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}
