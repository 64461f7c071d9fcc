package engine

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
	"scriptsmanager/backend/environment/change"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/sandbox"
)

// ChangeRequest is what a person asks for of an environment.
type ChangeRequest = change.Request

func (e *Engine) environmentOptions() environment.Options {
	o, c := e.options, e.Config()
	return environment.Options{
		Home: o.Home, Environ: withoutSecrets(o.Environ), RootDir: o.Root.Dir,
		Base:     inherited(o.Environ, c),
		Settings: environmentSettings(c),
		Hidden:   e.drafts().Hidden,
	}
}

// VenvFolder is where environments are made that belong to the installation.
func (e *Engine) VenvFolder() string { return filepath.Join(e.options.Root.Dir, "environments") }

func (e *Engine) drafts() change.Drafts {
	return change.Drafts{Folder: filepath.Join(e.options.Root.Data(), "environment_jobs"), Home: e.options.Home}
}

// ChangeEnvironment begins a job that makes, changes, writes out or removes an
// environment, and records who asked for it. It returns at once. See
// change.Plan and execution.Service.StartJob for what it fails with.
//
// A new environment can be for a group: what is not said is taken from the
// group, see GroupNeeds, and once it is whole the group's scripts run in it.
func (e *Engine) ChangeEnvironment(ctx context.Context, a Actor, user domain.User, actor string, q ChangeRequest, groupID string) (domain.Execution, error) {
	ctx = context.WithoutCancel(ctx)
	place, err := e.changePlace(ctx)
	if err != nil {
		return domain.Execution{}, err
	}
	if groupID != "" {
		if q, err = e.forGroup(ctx, q, groupID, place); err != nil {
			return domain.Execution{}, err
		}
	}
	spec, err := change.Plan(q, place)
	if domain.HasCode(err, domain.CodeEnvironmentExists) {
		// What stands there may be on its way only.
		for _, x := range e.AllLive() {
			if x.Job != nil && x.Job.Target == spec.Target {
				return domain.Execution{}, domain.NewError(domain.CodeEnvironmentBusy,
					"environment", spec.Name, "action", x.Job.Action, "execution", x.ID)
			}
		}
	}
	if err != nil {
		return domain.Execution{}, err
	}
	shown := shownRequest(spec)
	if groupID != "" {
		shown["group"] = groupID
	}
	return e.executions.StartJob(ctx, execution.JobRequest{
		Kind: domain.KindEnvironment, Action: spec.Action, Target: spec.Target, Source: spec.Source,
		Name: e.jobName(spec), Environment: spec.Name,
		Argv: []string{e.jobProgram(), "job", "environment"}, Input: &spec, Dir: e.options.Root.Dir,
		Environ: jobEnviron(e.options.Environ, e.Config().ConfinementEnvironment), Parameters: shown,
		User: user, Actor: actor, By: a,
		Prepare: func(id string) error {
			return e.drafts().Begin(id, &spec)
		},
	})
}

// changePlace is what a change of an environment is planned for.
func (e *Engine) changePlace(ctx context.Context) (change.Place, error) {
	list, err := e.environments.Wait(ctx)
	if err != nil {
		return change.Place{}, err
	}
	return change.Place{
		Environments: list, Tools: change.FindTools(list, e.options.Home, e.options.Environ, e.environments.EnvsFolders), VenvFolder: e.VenvFolder(),
		Lookup: func(wanted string) (domain.Environment, error) { return e.FindEnvironment(ctx, wanted) },
	}, nil
}

// Removable tells whether an environment may be removed here, as long as
// nothing runs in it.
func (e *Engine) Removable(ctx context.Context, env domain.Environment) (bool, error) {
	place, err := e.changePlace(ctx)
	return err == nil && change.Removable(env, place), err
}

// jobProgram is the product's own command line.
func (e *Engine) jobProgram() string {
	for _, name := range []string{"scriptsmanager", "scriptsmanager-desktop"} {
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		if path := filepath.Join(e.options.Program, name); isFile(path) {
			return path
		}
	}
	return filepath.Join(e.options.Program, "scriptsmanager")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// jobName says in each language what a job does.
func (e *Engine) jobName(s change.Spec) domain.Text {
	name := domain.Text{}
	for _, l := range domain.Languages() {
		name[l] = e.options.Texts.Text(l, "job.environment."+s.Action, map[string]any{"environment": s.Name})
	}
	return name
}

// shownRequest is what people see of a job, without secrets of addresses.
func shownRequest(s change.Spec) map[string]any {
	shown := map[string]any{"kind": s.Kind}
	for name, value := range map[string]string{
		"python": s.Python, "tool": s.Tool.Path, "requirements": s.Requirements, "offline_folder": s.Offline,
		"file": s.File, "source": s.Source, "format": s.Format,
	} {
		if value != "" {
			shown[name] = value
		}
	}
	for name, values := range map[string][]string{"packages": s.Packages, "channels": s.Channels} {
		if len(values) > 0 {
			masked := make([]string, len(values))
			for i, v := range values {
				masked[i] = change.Mask(v)
			}
			shown[name] = masked
		}
	}
	return shown
}

// Besides what scripts may have (proxies, certificates, language), the tools of
// environments get the settings of their own that say where packages come from
// and where they are kept. What would bend them (an activation of before,
// pip's target) is left out.
var jobVariables = []string{
	"CONDA_PKGS_DIRS", "CONDA_ENVS_DIRS", "CONDA_ENVS_PATH", "CONDARC", "MAMBARC", "CONDA_CHANNELS", "CONDA_CHANNEL_ALIAS",
	"CONDA_SSL_VERIFY", "CONDA_CLIENT_SSL_CERT", "CONDA_CLIENT_SSL_CERT_KEY", "CONDA_OFFLINE", "CONDA_SOLVER", "CONDA_REMOTE_*",
	"CONDA_OVERRIDE_*", "CONDA_PLUGINS_*", "CONDA_DEFAULT_CHANNELS", "CONDA_CUSTOM_*", "CONDA_MIGRATED_*", "CONDA_CHANNEL_PRIORITY",
	"CONDA_ALLOWLIST_CHANNELS", "CONDA_DENYLIST_CHANNELS", "CONDA_REPODATA_*", "CONDA_PROXY_SERVERS", "CONDA_ALWAYS_COPY",
	"CONDA_ALWAYS_SOFTLINK", "CONDA_ALLOW_*", "CONDA_PINNED_PACKAGES", "CONDA_CREATE_DEFAULT_PACKAGES", "CONDA_NO_LOCK",
	"MAMBA_ROOT_PREFIX", "MAMBA_CHANNELS", "MAMBA_CHANNEL_ALIAS", "MAMBA_CHANNEL_PRIORITY", "MAMBA_PKGS_DIRS", "MAMBA_ENVS_DIRS",
	"MAMBA_SSL_VERIFY", "MAMBA_OFFLINE", "MAMBA_REMOTE_*", "MAMBA_RC_FILE", "MAMBA_USE_*",
	"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_CLIENT_CERT", "PIP_PROXY", "PIP_CONFIG_FILE", "PIP_CACHE_DIR",
	"PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT", "PIP_RETRIES", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_ONLY_BINARY", "PIP_NO_BINARY",
	"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR",
}

// jobEnviron is the environment of a job.
func jobEnviron(environ, more []string) []string {
	return sandbox.Environ(withoutSecrets(environ), slices.Concat(jobVariables, more))
}

// lookAfterJob bounds how long the end of a job waits for the environments to
// be looked at.
const lookAfterJob = 60 * time.Second

// jobEnded removes what a job did not bring to its end, and has what changed
// found before anybody hears of the end.
func (e *Engine) jobEnded(x domain.Execution) error {
	switch x.Kind {
	case domain.KindCleanup:
		return e.logsCompressed()
	case domain.KindProject:
		return e.projectJobEnded(x)
	case domain.KindEnvironment:
	default:
		return nil
	}
	err := e.drafts().End(x.ID, x.State == domain.StateCompleted)
	if x.Job.Action == domain.JobExport {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), e.lookAfterJob)
	defer cancel()
	if _, failed := e.LookForEnvironments(ctx); failed != nil {
		e.log.Warn("look for environments after a job", "execution", x.ID, "error", failed)
	}
	if err == nil && x.State == domain.StateCompleted {
		// Not in the time of the look: it may have used that up.
		if failed := e.assignMade(context.Background(), x); failed != nil {
			e.log.Warn("assign an environment to the group that it was made for", "execution", x.ID, "error", failed)
		}
	}
	return err
}

// sweepDrafts removes what jobs left that were killed together with the
// machine, or of which no record tells.
func (e *Engine) sweepDrafts() {
	removed, err := e.drafts().Sweep(func(job string) bool { _, lives := e.executions.Live(job); return lives })
	if err != nil {
		e.log.Warn("remove environments that did not become whole", "error", err)
	}
	if len(removed) > 0 {
		e.log.Info("removed environments that did not become whole", "jobs", strings.Join(removed, " "))
	}
}
