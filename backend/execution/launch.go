package execution

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim"
)

// launchResult is what a launch ends with: a shim, or an error. A hold that
// is set must be closed by whoever gets it.
type launchResult struct {
	shim    *shim.Shim
	hold    Hold
	changed func() []domain.ChangedFile
	err     error
}

// launch does all that comes before the script runs. It runs beside the
// actor, so that a stop is heard meanwhile, and changes the record only
// through it.
func (a *actor) launch(ctx context.Context) (r launchResult) {
	if a.job != nil {
		return a.launchJob(ctx)
	}
	r.changed = func() []domain.ChangedFile { return nil }
	s, q := a.service, a.request
	began := time.Now()
	step := func(name string, args ...any) {
		a.debug.Info(name, append(args, "ms", float64(time.Since(began).Microseconds())/1000)...)
	}

	wanted, _ := domain.EnvironmentWanted(q.Script, q.Group)
	environment, fallbackFrom, err := s.envs.Resolve(ctx, wanted, a.e.HasPage)
	if err != nil {
		r.err = err
		return r
	}
	if r.err = s.use(a, environment); r.err != nil {
		return r
	}
	rules := s.rules()
	activated, err := s.envs.Activate(ctx, environment, rules.Environ)
	if err != nil {
		r.err = err
		return r
	}
	python, environ := activated.Python, activated.Environ
	step("environment", "name", environment.Name, "path", environment.Path, "python", python,
		"version", environment.PythonVersion, "wanted", wanted, "fallback_from", fallbackFrom,
		"set", activated.Set, "unset", activated.Unset)
	if activated.Printed != "" {
		a.debug.Info("activation scripts", "printed", activated.Printed)
	}
	a.send(command{update: func(e *domain.Execution) {
		e.Environment, e.EnvironmentPath, e.Fallback = environment.Name, environment.Path, fallbackFrom
		if e.HasPage {
			e.Phase = domain.PhasePort
		} else {
			e.Phase = domain.PhaseStarting
		}
	}})

	// The port takes a record of its own in the database: what does not need its
	// number is made ready meanwhile.
	leased := a.lease(ctx)
	ready, err := a.prepare(ctx, environment, python, environ)
	lease := <-leased
	r.hold = lease.hold
	if ready.changed != nil {
		r.changed = ready.changed
	}
	if lease.err != nil {
		err = lease.err
	}
	if err != nil {
		r.err = err
		return r
	}
	port := 0
	if r.hold != nil {
		port = r.hold.Port()
		ready.confine.Bind = []int{port}
		if a.plainBind {
			if r.err = r.hold.Close(); r.err != nil {
				return r
			}
		}
		step("port", "port", port, "wish", q.Script.FlaskPort)
	}
	environ, dataDir := ready.environ, ready.dataDir
	if len(ready.refused) > 0 {
		a.debug.Warn("chosen paths that are not opened to the script", "paths", ready.refused)
	}
	argv := CommandLine(python, q, dataDir, port)
	step("command", "argv", argv, "dir", filepath.Dir(q.Script.Path))
	a.send(command{keep: true, update: func(e *domain.Execution) {
		e.Phase, e.Port, e.DataDir, e.Command = domain.PhaseStarting, port, dataDir, argv
		e.Limits = listLimits(rules, q, e.HasPage)
	}})

	r.shim, r.err = s.shims.Start(ctx, shim.Spec{
		ExecutionID: a.id, RunDir: s.runDir(a.id), LogBase: a.base,
		Argv: argv, Dir: filepath.Dir(q.Script.Path),
		Env: with(environ,
			"SCRIPTSMANAGER_EXECUTION_ID="+a.id,
			"SCRIPTSMANAGER_PARAMETERS="+ready.parameters,
			"SCRIPTSMANAGER_LOGO="+s.config.Logo,
			"SCRIPTSMANAGER_BRAND_CSS="+s.config.BrandCSS,
			"SCRIPTSMANAGER_LOCALES="+filepath.Join(filepath.Dir(q.Script.Path), "locales"),
			ProgressVariable+"="+ready.progress,
			"PYTHONUNBUFFERED=1", "PYTHONUTF8=1", "PYTHONIOENCODING=utf-8",
			// A proxy for the outside must not catch the script's own page.
			"no_proxy="+withLoopback(environ, "no_proxy"), "NO_PROXY="+withLoopback(environ, "NO_PROXY"),
		),
		OnLoss: a.onLoss(), Grace: rules.Grace,
		Confine: ready.confine, Limits: limitsOf(rules, q, a.e.HasPage),
		LogLimit: rules.LogLimit, Secrets: secretsOf(q.Script.Parameters, q.Values),
	})
	if r.err != nil {
		return r
	}
	step("shim started")
	return r
}

// lease acquires the execution's port, beside its caller; without a page it
// gives nothing.
func (a *actor) lease(ctx context.Context) <-chan leaseResult {
	leased := make(chan leaseResult, 1)
	if !a.e.HasPage {
		leased <- leaseResult{}
		return leased
	}
	e := a.snapshot()
	go func() {
		hold, err := a.service.ports.Acquire(ctx, e, a.request.Script.FlaskPort, a.avoid)
		leased <- leaseResult{hold, err}
	}()
	return leased
}

type leaseResult struct {
	hold Hold
	err  error
}

// prepared is what a launch needs besides its port.
type prepared struct {
	dataDir    string
	changed    func() []domain.ChangedFile
	parameters string // file with the values
	progress   string // file that the script writes
	confine    sandbox.Policy
	refused    []string // chosen paths that are not granted
	environ    []string
}

// prepare makes the script's folders and files and says what it may reach.
func (a *actor) prepare(ctx context.Context, env domain.Environment, python string, environ []string) (prepared, error) {
	s, q := a.service, a.request
	dataDir, err := s.folders.Prepare(ctx, q.User.Folder, q.Project.Folder, q.Group.ID)
	if err != nil {
		return prepared{}, err
	}
	p := prepared{dataDir: dataDir, changed: s.folders.Snapshot(dataDir), parameters: filepath.Join(s.runDir(a.id), parametersFile)}
	if err := os.MkdirAll(s.runDir(a.id), 0o700); err != nil {
		return p, err
	}
	if err := writeParameters(p.parameters, q.Values); err != nil {
		return p, err
	}
	confined, err := a.confine(ctx, env, python, dataDir, p.parameters, environ)
	if err != nil {
		return p, err
	}
	p.confine, p.refused, p.environ = confined.policy, confined.refused, with(environ, confined.environ...)
	helper, err := a.putHelper(python, &p.confine, p.environ)
	if err != nil {
		return p, err
	}
	p.environ = with(p.environ, helper...)
	if p.progress, err = a.makeProgressFile(&p.confine); err != nil {
		return p, err
	}
	guarded, err := a.guardPage(ctx, python, &p.confine, p.environ)
	p.environ = with(p.environ, guarded...)
	return p, err
}

// parametersFile, in the run folder, has the values of a script's parameters.
const parametersFile = "parameters.json"

// CommandLine is what runs a script by the contract (SPEC EXE-1): the seven
// arguments, then the declared parameters. Without a page the port is 0.
func CommandLine(python string, r Request, dataDir string, port int) []string {
	argv := []string{
		python, "-u", r.Script.Path,
		"--data-dir", dataDir,
		"--user-level", string(r.User.Level),
		"--port", strconv.Itoa(port),
		"--project-id", strconv.FormatInt(r.Project.ID, 10),
		"--project-name", r.Project.Name,
		"--theme", string(r.Theme),
		"--language", string(r.Language),
	}
	return append(argv, Arguments(r.Script.Parameters, r.Values)...)
}

// with sets variables. What was set before goes: of two settings of one name,
// Python takes the first.
func with(environ []string, settings ...string) []string {
	name := func(kv string) string { name, _, _ := strings.Cut(kv, "="); return name }
	rest := slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		return slices.ContainsFunc(settings, func(s string) bool { return name(s) == name(kv) })
	})
	return append(rest, settings...)
}

func withLoopback(environ []string, name string) string {
	const loopback = "127.0.0.1,localhost,::1"
	for _, kv := range environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok && v != "" {
			return v + "," + loopback
		}
	}
	return loopback
}

// writeParameters writes all values, the secret ones too, for the script
// alone; the file goes with the run folder.
func writeParameters(path string, values map[string]any) error {
	b, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("write parameters: %w", err)
	}
	if values == nil {
		b = []byte("{}")
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return fmt.Errorf("write parameters: %w", err)
	}
	return nil
}

// started notes the script's process and begins to wait for its page.
func (a *actor) started(ctx context.Context, event shim.Started, hold Hold) <-chan error {
	now, began := time.Now().UTC(), event.At
	a.debug.Info("script started", "pid", event.PID, "confinement", event.Confinement.Level)
	level := string(event.Confinement.Level)
	if level == "" {
		level = string(sandbox.None) // a shim of before confinement
	}
	if a.resumed && a.e.ReadyAt != nil {
		return nil
	}
	if !a.e.HasPage {
		a.change(true, func(e *domain.Execution) {
			e.PID, e.Confinement = event.PID, level
			e.StartedAt = &began
			if a.stopping == nil {
				e.Phase, e.ReadyAt = domain.PhaseReady, &now
			}
		})
		return nil
	}
	a.change(false, func(e *domain.Execution) { e.PID, e.StartedAt, e.Confinement = event.PID, &began, level })
	ready, port := make(chan error, 1), a.e.Port
	go func() {
		ready <- a.waitForPage(ctx, event.PID, port)
	}()
	if hold == nil {
		return ready
	}
	go func() {
		if err := hold.Activate(ctx, event.PID); err != nil && ctx.Err() == nil {
			a.service.log.Warn("activate port lease", "execution", a.id, "error", err)
		}
	}()
	return ready
}

const (
	firstAsk = time.Millisecond      // a warm script answers after some 150 ms
	lastAsk  = 50 * time.Millisecond // asking costs some 15 µs
	// otherPortAfter is how long a script may listen elsewhere, and not on its
	// port, before it is told so: a helper process of its own may be first.
	otherPortAfter = 4 * time.Second
	// foreignAfter is how long another program may listen on the port before the
	// script is ended to be tried elsewhere: one that takes ports for a moment is
	// gone before most scripts get to theirs.
	foreignAfter = 2 * time.Second
)

// waitForPage connects until the script's port answers (SPEC EXE-1, PRT-3).
func (a *actor) waitForPage(ctx context.Context, pid, port int) error {
	began := time.Now()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	timeout := a.service.rules().StartTimeout
	deadline := began.Add(timeout)
	var otherSince, foreignSince time.Time
	lookAgain := began.Add(time.Second)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for wait := firstAsk; ; wait = min(wait*5/4, lastAsk) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		if conn, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			_ = conn.Close()
			err := a.proveOwner(pid, port)
			if err == nil {
				return nil
			}
			if foreignSince.IsZero() {
				foreignSince = time.Now()
			} else if time.Since(foreignSince) >= foreignAfter {
				return err
			}
		} else {
			foreignSince = time.Time{}
		}
		now := time.Now()
		if now.After(lookAgain) {
			lookAgain = now.Add(time.Second)
			others := a.service.ports.ListenersOf(append(process.Tree(pid), pid))
			if len(others) == 0 {
				otherSince = time.Time{}
			} else if otherSince.IsZero() {
				otherSince = now
			} else if now.Sub(otherSince) >= otherPortAfter {
				return domain.NewError(domain.CodeScriptOtherPort, "script", a.e.ScriptID, "port", port, "other", others[0])
			}
		}
		if now.After(deadline) {
			return domain.NewError(domain.CodeScriptNoPage, "script", a.e.ScriptID, "port", port,
				"seconds", int(timeout/time.Second))
		}
		timer.Reset(wait)
	}
}

// proveOwner refuses a page that another program serves on the leased port
// (SPEC PRT-3). Where the system does not tell, the page is believed.
func (a *actor) proveOwner(pid, port int) error {
	own, err := a.service.ports.OwnedBy(port, append(process.Tree(pid), pid))
	if err != nil {
		a.service.log.Warn("who listens is not known", "execution", a.id, "port", port, "error", err)
		return nil
	}
	if !own {
		return domain.NewError(domain.CodePortTaken, "port", port)
	}
	return nil
}

// portWasTaken tells whether the script ended, or was ended, because another
// program had its port, and may be tried on another one.
func (a *actor) portWasTaken(hold Hold) bool {
	if hold == nil || a.e.ReadyAt != nil || len(a.avoid) >= a.service.ports.Retries() {
		return false
	}
	if a.stopping != nil && !a.takenPort {
		return false
	}
	return a.takenPort || addressInUse.MatchString(a.service.logs.Tail(a.base, domain.Stderr, previewBytes))
}

// prepareAgain clears what the failed attempt left, so that the next one has
// a log of its own; how the failed one ended stays in the debug stream.
func (a *actor) prepareAgain(port int) bool {
	a.debug.Warn("port taken by another program, trying another one", "port", port,
		"stderr", a.service.logs.Tail(a.base, domain.Stderr, previewBytes))
	a.avoid = append(a.avoid, port)
	// A port that nobody listens on was refused because we hold it: the server
	// does not set SO_REUSEADDR.
	if busy, err := a.service.ports.Listening(port); err == nil && !busy && !a.takenPort {
		a.plainBind = true
	}
	a.stopping, a.failure, a.takenPort = nil, nil, false
	a.setShim(nil)
	a.removeRunDir()
	if err := a.service.logs.Remove(a.base); err != nil {
		a.finish(nil, asDomain(err))
		return false
	}
	if err := a.service.ports.Release(context.Background(), a.id); err != nil {
		a.finish(nil, asDomain(err))
		return false
	}
	a.change(false, func(e *domain.Execution) {
		e.Phase, e.PID, e.Port, e.GraceEndsAt, e.Lines = domain.PhasePort, 0, 0, nil, 0
	})
	return true
}

// addressInUse is what Python says, in words of Linux and of Windows.
var addressInUse = regexp.MustCompile(`(?i)address already in use|\[Errno 98\]|\[WinError 10048\]|only one usage of each socket address|port \d+ is in use`)

func (a *actor) pageAnswered(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	if err != nil {
		failure := asDomain(err)
		a.takenPort = a.stopping == nil && failure.Code == domain.CodePortTaken
		a.fail(failure)
		return
	}
	if a.stopping != nil {
		return
	}
	now := time.Now().UTC()
	a.debug.Info("page answers", "ms_since_created", float64(now.Sub(a.e.CreatedAt).Microseconds())/1000)
	a.change(false, func(e *domain.Execution) {
		e.Phase, e.ReadyAt = domain.PhaseReady, &now
		e.URL = fmt.Sprintf("http://127.0.0.1:%d/", e.Port)
	})
	a.store(a.snapshot())
}

// asDomain gives the failure that a person is told.
func asDomain(err error) *domain.Error {
	if e := domain.AsError(err); e != nil {
		return e
	}
	return domain.NewError(domain.CodeInternal).Because(err)
}
