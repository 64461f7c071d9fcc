package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/process"
)

// errStopped says that somebody asked the job to end.
var errStopped = errors.New("stopped")

// Main is the job's process: it does what the file says, tells its progress to
// the file named, and gives the exit code, 0 or 1. It ends by itself, and has
// ended its tools, when it is asked to by a signal.
func Main(environ []string, file, progress string, stdout, stderr io.Writer) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		<-signals
		cancel(errStopped)
	}()
	adopt()
	b, err := os.ReadFile(file)
	var s Spec
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "read what to do:", err)
		return 1
	}
	// What tools print is the job's standard output, which for an export is all.
	r, done := openReport(progress, stderr)
	defer done()
	environ = slices.DeleteFunc(slices.Clone(environ), func(kv string) bool { return strings.HasPrefix(kv, "SCRIPTSMANAGER_") })
	err = run(ctx, s, environ, r, stdout, stderr)
	if err != nil && makes(s.Action) {
		killBelow()
	}
	if err == nil {
		return 0
	}
	if domain.AsError(err) == nil {
		_, _ = fmt.Fprintln(stderr, err) // else it is told in each person's language
	}
	if s.Draft != "" && makes(s.Action) {
		// Who takes note of our end does so too where we are killed in it.
		if _, there := os.Stat(s.Draft); there == nil {
			_ = platform.RemoveAll(s.Target)
		}
	}
	return 1
}

// killBelow ends what is left of what this process has started.
func killBelow() {
	for i := 0; i < 100 && process.KillTree(os.Getpid()) > 0; i++ {
	}
}

// run does what the spec says.
func run(ctx context.Context, s Spec, environ []string, r *report, stdout, stderr io.Writer) error {
	j := &job{spec: s, report: r, env: environ, out: stdout, errs: stderr}
	result, err := j.do(ctx)
	if err == nil {
		r.end(nil, result)
		return nil
	}
	own := domain.AsError(err)
	switch {
	case own != nil:
	case errors.Is(err, errStopped) || errors.Is(err, context.Canceled):
		return err // the execution's own reason says it better
	case noSpace.MatchString(err.Error()):
		own = domain.NewError(domain.CodeDiskFull, "path", s.Target)
	default:
		own = domain.NewError(domain.CodeEnvironmentFailed, "tool", s.Action, "detail", err.Error())
	}
	r.end(own, nil)
	return err
}

func (j *job) do(ctx context.Context) (map[string]any, error) {
	switch j.spec.Kind + " " + j.spec.Action {
	case domain.EnvironmentVenv + " " + domain.JobCreate:
		return j.createVenv(ctx)
	case domain.EnvironmentVenv + " " + domain.JobInstall:
		return j.installVenv(ctx)
	}
	switch {
	case j.spec.Action == domain.JobExport:
		return j.export(ctx)
	case j.spec.Action == domain.JobRemove:
		return j.remove(ctx)
	case j.spec.Kind == domain.EnvironmentVenv && j.spec.Action == domain.JobClone:
		return j.cloneVenv(ctx)
	case j.spec.Kind != domain.EnvironmentConda:
	case j.spec.Action == domain.JobImport && j.spec.Format == fileArchive:
		return j.unpackArchive(ctx)
	case makes(j.spec.Action):
		return j.makeConda(ctx)
	case j.spec.Action == domain.JobInstall:
		return j.installConda(ctx)
	}
	return nil, fmt.Errorf("%s of %s is not known", j.spec.Action, j.spec.Kind)
}

func (j *job) installVenv(ctx context.Context) (map[string]any, error) {
	j.report.plan([]string{"packages"}, []float64{100})
	if err := j.fillVenv(ctx); err != nil {
		return nil, err
	}
	return map[string]any{"path": j.spec.Target}, nil
}

// remove moves the folder aside, in one step, and removes it there: stopped or
// not, there is no half environment. conda's own way to remove one has nothing
// over that but its list, which Drafts keeps right.
func (j *job) remove(ctx context.Context) (map[string]any, error) {
	j.report.plan([]string{"remove"}, []float64{100})
	j.report.begin("remove")
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	j.report.say("remove %s", j.spec.Target)
	if err := os.Rename(j.spec.Target, j.spec.Trash); err != nil {
		return nil, err
	}
	if err := platform.RemoveAll(j.spec.Trash); err != nil {
		return nil, err
	}
	return map[string]any{"path": j.spec.Target}, nil
}
