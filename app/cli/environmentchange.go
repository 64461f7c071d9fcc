package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/change"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/export"
	"scriptsmanager/backend/project/archive"
)

// jobCmds are what the engine starts as processes of their own; they are not
// for people.
type jobCmds struct {
	Environment jobEnvironmentCmd `cmd:"" hidden:""`
	Export      jobExportCmd      `cmd:"" hidden:""`
	Compress    jobCompressCmd    `cmd:"" hidden:""`
	Project     jobProjectCmd     `cmd:"" hidden:""`
}

type jobProjectCmd struct{ jobFile }

// Run makes or puts back the zip that the file says.
func (r jobProjectCmd) Run(_ context.Context, s *session) error {
	return exited(archive.Main(r.File, s.progress(), s.Stderr))
}

type jobCompressCmd struct{ jobFile }

// Run compresses the logs that the file names.
func (r jobCompressCmd) Run(_ context.Context, s *session) error {
	return exited(log.CompressMain(r.File, s.progress(), s.Stderr))
}

type jobExportCmd struct{ jobFile }

// Run writes the file that the file says.
func (r jobExportCmd) Run(_ context.Context, s *session) error {
	return exited(export.Main(r.File, s.progress(), s.Stderr))
}

type jobEnvironmentCmd struct{ jobFile }

// Run does what the file says.
func (r jobEnvironmentCmd) Run(_ context.Context, s *session) error {
	return exited(change.Main(s.Environ, r.File, s.progress(), s.Stdout, s.Stderr))
}

// jobFile says what a job is to do.
type jobFile struct {
	File string `arg:""`
}

// progress is the file to which a job tells how far it is.
func (s *session) progress() string { return Variable(s.Environ, execution.ProgressVariable) }

// exited ends the command as the job's process ended.
func exited(code int) error {
	if code != ExitOK {
		return exitCode(code)
	}
	return nil
}

// changing are the flags of every command that changes an environment.
type changing struct {
	As   string `help:"Act with this user's rights." placeholder:"USER"`
	Wait string `help:"end: stay in front until it has ended (the default); no: where another process owns the root, print the execution's id and return." enum:",end,ready,no" default:""`
}

type environmentCreateCmd struct {
	Name          string   `arg:"" optional:"" help:"The new environment's name; with --group it may be left out."`
	Packages      []string `arg:"" optional:"" help:"What to install in it."`
	Group         string   `short:"g" help:"The group that it is for: what is in its requirements.txt is installed, and its scripts run in it from then on." placeholder:"GROUP"`
	Kind          string   `help:"venv or conda; conda where there is one, else." enum:",venv,conda" default:""`
	Tool          string   `help:"conda, mamba or micromamba; the first that there is, else." enum:",conda,mamba,micromamba" default:""`
	Python        string   `help:"Its Python: a version; for a venv also a Python's path or an environment." placeholder:"PYTHON"`
	Channel       []string `short:"c" help:"A channel to take packages from; may be given several times." sep:"none"`
	Requirements  string   `short:"r" help:"A requirements.txt." placeholder:"FILE"`
	OfflineFolder string   `help:"A folder of wheels, or of a conda channel: the network is not used." placeholder:"DIR"`
	changing
}

// Run makes an environment.
func (r environmentCreateCmd) Run(ctx context.Context, s *session) error {
	paths, err := absolutes(r.Requirements, r.OfflineFolder)
	if err != nil {
		return err
	}
	python := r.Python
	if strings.ContainsAny(python, `/\`) {
		if python, err = filepath.Abs(python); err != nil {
			return err
		}
	}
	return r.do(ctx, s, "Environments.Create", app.EnvironmentCreateRequest{
		Name: r.Name, Kind: r.Kind, Tool: r.Tool, Python: python, Packages: r.Packages, Channels: r.Channel,
		Requirements: paths[0], OfflineFolder: paths[1], GroupID: r.Group,
	})
}

type environmentImportCmd struct {
	File          string `arg:"" help:"An environment.yml, an explicit list, a conda-pack archive (.tar.gz) or a requirements.txt."`
	Name          string `arg:"" help:"The new environment's name."`
	Tool          string `help:"conda, mamba or micromamba; the first that there is, else." enum:",conda,mamba,micromamba" default:""`
	Python        string `help:"The Python of a venv." placeholder:"PYTHON"`
	OfflineFolder string `help:"A folder of wheels, or of a conda channel: the network is not used." placeholder:"DIR"`
	changing
}

// Run makes an environment from a file.
func (r environmentImportCmd) Run(ctx context.Context, s *session) error {
	paths, err := absolutes(r.File, r.OfflineFolder)
	if err != nil {
		return err
	}
	return r.do(ctx, s, "Environments.Import", app.EnvironmentImportRequest{
		Name: r.Name, File: paths[0], Tool: r.Tool, Python: r.Python, OfflineFolder: paths[1],
	})
}

type environmentCloneCmd struct {
	Source        string `arg:"" help:"The environment to copy: its name or path."`
	Name          string `arg:"" help:"The new environment's name."`
	Tool          string `help:"conda, mamba or micromamba; the one that made it, else." enum:",conda,mamba,micromamba" default:""`
	OfflineFolder string `help:"A folder of wheels, or of a conda channel: the network is not used." placeholder:"DIR"`
	changing
}

// Run copies an environment.
func (r environmentCloneCmd) Run(ctx context.Context, s *session) error {
	paths, err := absolutes(r.OfflineFolder)
	if err != nil {
		return err
	}
	return r.do(ctx, s, "Environments.Clone", app.EnvironmentCloneRequest{
		Source: environmentPath(r.Source), Name: r.Name, Tool: r.Tool, OfflineFolder: paths[0],
	})
}

type environmentInstallCmd struct {
	Environment   string   `arg:"" help:"The environment: its name or path."`
	Packages      []string `arg:"" optional:"" help:"What to install."`
	Channel       []string `short:"c" help:"A channel to take packages from; may be given several times." sep:"none"`
	Requirements  string   `short:"r" help:"A requirements.txt." placeholder:"FILE"`
	OfflineFolder string   `help:"A folder of wheels, or of a conda channel: the network is not used." placeholder:"DIR"`
	changing
}

// Run installs packages.
func (r environmentInstallCmd) Run(ctx context.Context, s *session) error {
	paths, err := absolutes(r.Requirements, r.OfflineFolder)
	if err != nil {
		return err
	}
	return r.do(ctx, s, "Environments.Install", app.EnvironmentInstallRequest{
		Environment: environmentPath(r.Environment), Packages: r.Packages, Channels: r.Channel, Requirements: paths[0], OfflineFolder: paths[1],
	})
}

type environmentExportCmd struct {
	Environment string `arg:"" help:"The environment: its name or path."`
	Format      string `help:"full, from-history or explicit." enum:",full,from-history,explicit" default:""`
	changing
}

// Run prints what is in an environment.
func (r environmentExportCmd) Run(ctx context.Context, s *session) error {
	return r.do(ctx, s, "Environments.Export", app.EnvironmentExportRequest{Environment: environmentPath(r.Environment), Format: r.Format})
}

type environmentRemoveCmd struct {
	Environment string `arg:"" help:"The environment: its name or path."`
	Confirm     string `help:"The environment's name once more; asked for at a terminal, else." placeholder:"NAME"`
	Force       bool   `help:"Also where groups or scripts are assigned to it: it is missing to them then."`
	changing
}

// Run removes an environment.
func (r environmentRemoveCmd) Run(ctx context.Context, s *session) error {
	confirm := s.confirmed(r.Confirm, s.Texts.Text(s.lang, "cli.environment.confirm", map[string]any{"environment": r.Environment}))
	return r.do(ctx, s, "Environments.Remove", app.EnvironmentRemoveRequest{Environment: environmentPath(r.Environment), Confirm: confirm, ConfirmAssigned: r.Force})
}

// absolutes makes paths absolute, since the engine's folder is not the
// person's; "" stays.
func absolutes(paths ...string) ([]string, error) {
	for i, p := range paths {
		if p == "" {
			continue
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", p, err)
		}
		paths[i] = abs
	}
	return paths, nil
}

// do begins the change and stays in front of it.
func (r changing) do(ctx context.Context, s *session, method string, request any) error {
	return r.doThen(ctx, s, method, request, around{})
}

// around is what is done where a job is not begun, and what is told of one that
// has done what it was to.
type around struct {
	refused func(*connection) error
	done    func(*connection, domain.Execution) (made, error)
}

// made is what a job has made: for --json, under a name, and as a line.
type made struct {
	name  string
	value any
	line  string
}

// doThen is do, and calls what is there of then.
func (r changing) doThen(ctx context.Context, s *session, method string, request any, then around) error {
	return s.with(ctx, r.As, func(c *connection) error {
		// Ctrl-C must end the work, not only us.
		signals := make(chan os.Signal, 4)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(signals)
		events, e, err := r.begin(ctx, c, method, request)
		if domain.AsError(err) != nil && !door.Gone(err) && then.refused != nil { // else it may have begun
			err = errors.Join(err, then.refused(c))
		}
		if err != nil {
			return err
		}
		if r.Wait == "no" && !c.owner {
			return s.print(map[string]any{"execution_id": e.ID, "state": e.State, "path": e.Job.Target}, func(w io.Writer) {
				_, _ = fmt.Fprintln(w, e.ID)
			})
		}
		f := &front{s: s, c: c, id: e.ID, wait: "end", events: events, signals: signals}
		if then.done != nil {
			f.done = func(e domain.Execution) (made, error) { return then.done(f.c, e) }
		}
		err = f.follow(ctx)
		if err == nil && f.interrupted {
			return exitCode(ExitFailed) // what was asked for is not there
		}
		return err
	})
}

// begin asks the engine, and the next one where that one is just ending.
func (changing) begin(ctx context.Context, c *connection, method string, request any) (<-chan domain.Event, domain.Execution, error) {
	for {
		events := c.Events(ctx)
		var e domain.Execution
		err := door.Call(ctx, c, method, request, &e)
		if c.owner || !domain.HasCode(err, domain.CodeUnavailable) || door.Gone(err) {
			return events, e, err
		}
		if err := c.renew(ctx); err != nil {
			return nil, e, err
		}
	}
}
