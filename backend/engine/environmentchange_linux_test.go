package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/shim"
)

// quickPython is a Python whose venvs are made without pip, which is most of
// the work.
func quickPython(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python3")
	text := `#!/bin/sh
case "$*" in
*"-m venv"*)
	for target; do :; done
	exec /usr/bin/python3 -I -m venv --without-pip "$target" ;;
*) exec /usr/bin/python3 "$@" ;;
esac
`
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// done waits for a job's end, on a machine however busy.
func (n *installation) done(id string) domain.Execution {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), 5*time.Minute)
	defer cancel()
	if err := n.engine.Wait(ctx, id); err != nil {
		n.t.Fatal(err)
	}
	e, err := n.engine.Execution(ctx, id)
	if err != nil || e.State.Live() {
		n.t.Fatalf("job is %s: %v", e.State, err)
	}
	return e
}

// slowPython is a Python whose venv begins and does not come to its end, with
// a child that goes on alone.
func slowPython(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python3")
	text := `#!/bin/sh
case "$*" in
*"-m venv"*)
	for target; do :; done
	mkdir -p "$target/bin"; echo "home = /usr/bin" > "$target/pyvenv.cfg"
	(trap '' TERM; while :; do echo more >> "$target/late"; sleep 0.1; done) &
	echo begun
	wait ;;
*) exec /usr/bin/python3 "$@" ;;
esac
`
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func (n *installation) alter(q engine.ChangeRequest) (domain.Execution, error) {
	n.t.Helper()
	by := engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}
	return n.engine.ChangeEnvironment(n.t.Context(), by, n.user, "user", q, "")
}

func (n *installation) starts(q engine.ChangeRequest) domain.Execution {
	n.t.Helper()
	e, err := n.alter(q)
	if err != nil {
		n.t.Fatal(err)
	}
	return e
}

// leftovers lists what lies where environments are made and where it is noted
// what is being made.
func (n *installation) leftovers() (all []string) {
	n.t.Helper()
	for _, dir := range []string{n.engine.VenvFolder(), filepath.Join(n.root.Data(), "environment_jobs")} {
		entries, _ := os.ReadDir(dir) // not there: nothing is
		for _, e := range entries {
			all = append(all, e.Name())
		}
	}
	return all
}

func begun(e domain.Execution) bool { return e.Lines > 0 || !e.State.Live() }

func TestVenvIsMade(t *testing.T) { // ENV-7, ENV-8, JOB-1
	n := newInstallation(t, nil, "")
	e := n.done(n.starts(engine.ChangeRequest{Action: domain.JobCreate, Name: "fluid-2", Kind: domain.EnvironmentVenv, Python: quickPython(t)}).ID)
	if e.State != domain.StateCompleted || e.Kind != domain.KindEnvironment || e.Job.Progress.PercentDone != 100 {
		t.Fatalf("ended as %s: %v %+v", e.State, e.Error, e.Job)
	}
	if e.Job.Result["path"] != e.Job.Target || e.Confinement != "none" || e.HasPage {
		t.Errorf("execution: %+v", e)
	}
	i := slices.IndexFunc(n.engine.Environments(), func(x domain.Environment) bool { return x.Path == e.Job.Target })
	if i < 0 {
		t.Fatal("the environment is not in the list when the end is told")
	}
	if got := n.leftovers(); !slices.Equal(got, []string{"fluid-2"}) {
		t.Errorf("there is %v", got)
	}
	_, err := n.alter(engine.ChangeRequest{Action: domain.JobCreate, Name: "fluid-2", Kind: domain.EnvironmentVenv})
	if !domain.HasCode(err, domain.CodeEnvironmentExists) {
		t.Errorf("made over the one that is there: %v", err)
	}
	e = n.done(n.starts(engine.ChangeRequest{Action: domain.JobRemove, Name: "fluid-2", Confirm: "fluid-2"}).ID)
	if e.State != domain.StateCompleted || len(n.leftovers()) > 0 {
		t.Errorf("removal ended as %s (%v), there is %v", e.State, e.Error, n.leftovers())
	}
}

func TestStoppedCreationLeavesNothing(t *testing.T) { // ENV-7
	n := newInstallation(t, nil, `{"web_interface":{"port_range":{"start":START,"end":END}},"limits":{"grace_seconds":20}}`)
	q := engine.ChangeRequest{Action: domain.JobCreate, Name: "demo", Kind: domain.EnvironmentVenv, Python: slowPython(t)}
	e := n.starts(q)
	if _, err := n.alter(q); !domain.HasCode(err, domain.CodeEnvironmentBusy) && !domain.HasCode(err, domain.CodeEnvironmentExists) {
		t.Errorf("two creations of one name: %v", err)
	}
	n.await(e.ID, "begun", begun)
	list, err := n.engine.RefreshEnvironments(t.Context())
	if err != nil || slices.ContainsFunc(list, func(x domain.Environment) bool { return x.Path == e.Job.Target }) {
		t.Errorf("what is being made is in the list: %v", err)
	}
	if err := n.engine.Stop(e.ID, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}); err != nil {
		t.Fatal(err)
	}
	e = n.done(e.ID)
	if e.State != domain.StateTerminated || e.Reason != domain.ReasonStopped {
		t.Errorf("ended as %s, %s: %v", e.State, e.Reason, e.Error)
	}
	if left := n.leftovers(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// killAll ends a job, its shim and all that they started, at once.
func (n *installation) killAll(e domain.Execution) {
	n.t.Helper()
	dirs, _ := filepath.Glob(filepath.Join(n.engine.RunDir(), "*", "state.json"))
	for _, path := range dirs {
		state, err := shim.ReadState(filepath.Dir(path))
		if err != nil || state.ExecutionID != e.ID {
			continue
		}
		_ = state.Shim.Signal(syscall.SIGSTOP)
		state.Script.KillTree()
		_ = state.Script.Kill()
		if err := state.Shim.Kill(); err != nil {
			n.t.Fatal(err)
		}
		return
	}
	n.t.Fatal("no shim of the job")
}

func TestKilledCreationLeavesNothing(t *testing.T) { // ENV-7, EXE-7
	for _, who := range []string{"this engine", "the next engine", "no record"} {
		t.Run(who, func(t *testing.T) {
			n := newInstallation(t, nil, "")
			e := n.starts(engine.ChangeRequest{Action: domain.JobCreate, Name: "demo", Kind: domain.EnvironmentVenv, Python: slowPython(t)})
			e = n.await(e.ID, "begun", begun)
			if got := n.leftovers(); len(got) != 2 {
				t.Fatalf("there is %v", got)
			}
			if who == "this engine" {
				n.killAll(e)
				if e = n.done(e.ID); e.State != domain.StateFailed || e.Reason != domain.ReasonLost {
					t.Errorf("ended as %s, %s", e.State, e.Reason)
				}
			} else {
				if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
					t.Fatal(err)
				}
				n.killAll(e)
				if who == "no record" {
					for _, name := range []string{"scriptsmanager.db", "scriptsmanager.db-wal", "scriptsmanager.db-shm"} {
						_ = os.Remove(filepath.Join(n.root.Data(), name))
					}
				}
				n.open()
			}
			if left := n.leftovers(); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

func TestCreationGoesOnWithoutEngine(t *testing.T) { // EXE-6, JOB-1
	n := newInstallation(t, nil, "")
	gate := filepath.Join(t.TempDir(), "go")
	python := filepath.Join(t.TempDir(), "python3")
	text := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *'-m venv'*) echo begun; while [ ! -e '%s' ]; do sleep 0.05; done;; esac\nfor target; do :; done\ncase \"$*\" in *'-m venv'*) exec /usr/bin/python3 -I -m venv --without-pip \"$target\";; esac\nexec /usr/bin/python3 \"$@\"\n", gate)
	if err := os.WriteFile(python, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	e := n.starts(engine.ChangeRequest{Action: domain.JobCreate, Name: "demo", Kind: domain.EnvironmentVenv, Python: python})
	n.await(e.ID, "begun", begun)
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	n.open()
	x, err := n.engine.Execution(t.Context(), e.ID)
	if err != nil || !x.State.Live() {
		t.Fatalf("not taken up again: %s %v", x.State, err)
	}
	_, err = n.alter(engine.ChangeRequest{Action: domain.JobCreate, Name: "demo", Kind: domain.EnvironmentVenv})
	if !domain.HasCode(err, domain.CodeEnvironmentBusy) && !domain.HasCode(err, domain.CodeEnvironmentExists) {
		t.Errorf("a second creation while one of before goes on: %v", err)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if x = n.done(e.ID); x.State != domain.StateCompleted || len(x.Job.Progress.Steps) != 4 {
		t.Errorf("ended as %s: %v %+v", x.State, x.Error, x.Job)
	}
	if got := n.leftovers(); !slices.Equal(got, []string{"demo"}) {
		t.Errorf("there is %v", got)
	}
}

func TestEnvironmentInUseIsNotRemoved(t *testing.T) { // ENV-7
	n := newInstallation(t, map[string]string{
		"j.py": "'''ScriptsManager Metadata:\n@interface: none\n'''\nimport time\nprint('up', flush=True)\nwhile True: time.sleep(0.1)\n",
	}, "")
	made := n.done(n.starts(engine.ChangeRequest{Action: domain.JobCreate, Name: "used", Kind: domain.EnvironmentVenv, Python: quickPython(t)}).ID)
	q := n.request("j", nil)
	q.Script.Environment = made.Job.Target
	var x domain.Execution
	// While a new environment is looked at, scripts may run in another one.
	for until := time.Now().Add(time.Minute); ; {
		var err error
		if x, _, err = n.engine.Run(t.Context(), engine.Actor{}, q); err != nil {
			t.Fatal(err)
		}
		if x = n.ready(x.ID); ready(x) && x.EnvironmentPath == made.Job.Target {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("the script is %s %s in %s (%s): %v", x.State, x.Phase, x.EnvironmentPath, x.Fallback, x.Error)
		}
		_ = n.engine.Stop(x.ID, execution.StopRequest{Reason: domain.ReasonStopped, Now: true}) // it may have ended by itself
		n.ended(x.ID)
	}
	remove := engine.ChangeRequest{Action: domain.JobRemove, Name: made.Job.Target, Confirm: "used"}
	_, err := n.alter(remove)
	if own := domain.AsError(err); own == nil || own.Code != domain.CodeEnvironmentInUse || !strings.Contains(fmt.Sprint(own.Params["scripts"]), "g/j (anna)") {
		t.Fatalf("removal of what is used: %v", err)
	}
	if err := n.engine.Stop(x.ID, execution.StopRequest{Reason: domain.ReasonStopped, Now: true}); err != nil {
		t.Fatal(err)
	}
	n.ended(x.ID)
	if e := n.done(n.starts(remove).ID); e.State != domain.StateCompleted {
		t.Errorf("removal ended as %s: %v", e.State, e.Error)
	}
}

func TestRemovalOfWhatIsNotOurs(t *testing.T) { // ENV-7
	outside := t.TempDir()
	venv := filepath.Join(outside, "venv")
	if err := os.MkdirAll(filepath.Join(venv, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n"} {
		if err := os.WriteFile(filepath.Join(venv, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/usr/bin/python3", filepath.Join(venv, "bin", "python")); err != nil {
		t.Fatal(err)
	}
	n := newInstallation(t, nil, "", func(o *engine.Options) { o.Environ = append(o.Environ, "VIRTUAL_ENV="+venv) })
	for name, c := range map[string]struct {
		q    engine.ChangeRequest
		want domain.Code
	}{
		"a venv elsewhere": {engine.ChangeRequest{Name: venv, Confirm: "venv"}, domain.CodeEnvironmentKept},
		"the system's":     {engine.ChangeRequest{Name: "/usr", Confirm: "system"}, domain.CodeEnvironmentKept},
		"no environment":   {engine.ChangeRequest{Name: outside, Confirm: filepath.Base(outside)}, domain.CodeEnvironmentUnknown},
	} {
		c.q.Action = domain.JobRemove
		if _, err := n.alter(c.q); !domain.HasCode(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(venv, "pyvenv.cfg")); err != nil {
		t.Error(err)
	}
}
