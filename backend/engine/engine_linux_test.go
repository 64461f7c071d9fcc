package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/environment/change"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/project/archive"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/translations"
)

// programs is the folder with a shim built for these tests.
var programs string

func TestMain(m *testing.M) {
	if os.Getenv(jobVariable) != "" {
		// This is the product's program, as a job calls it: job environment FILE.
		if os.Args[2] == "project" {
			os.Exit(archive.Main(os.Args[3], os.Getenv(execution.ProgressVariable), os.Stderr))
		}
		os.Exit(change.Main(os.Environ(), os.Args[3], os.Getenv(execution.ProgressVariable), os.Stdout, os.Stderr))
	}
	dir, err := os.MkdirTemp("", "sm-engine-")
	if err != nil {
		panic(err)
	}
	programs = dir
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "scriptsmanager-shim"), "scriptsmanager/backend/shim/scriptsmanager-shim")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("build the shim: %v\n%s", err, out))
	}
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	job := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", jobVariable, self)
	if err := os.WriteFile(filepath.Join(dir, "scriptsmanager"), []byte(job), 0o700); err != nil {
		panic(err)
	}
	code := m.Run()
	if left := shims(); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "tests left shims running: %v\n", left)
		code = 1
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// jobVariable has this program do a job in place of tests.
const jobVariable = "SM_TEST_JOB"

// shims gives the processes that run the shim built for these tests.
func shims() (pids []string) {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range all {
		if b, err := os.ReadFile(name); err == nil && bytes.HasPrefix(b, []byte(programs+"/")) {
			pids = append(pids, filepath.Base(filepath.Dir(name)))
		}
	}
	return pids
}

// tests counts, and gives each test a range of its own, so that they do not meet.
var tests atomic.Int32

const portsFrom = 23000

// installation is a root with scripts of the test's own.
type installation struct {
	t      *testing.T
	root   platform.Root
	port   int // the first of its range of ten
	engine *engine.Engine
	user   domain.User
	change []func(*engine.Options)
}

const page = `"""ScriptsManager Metadata:
@description: a page
%s
"""
import argparse, signal, sys, os
from http.server import BaseHTTPRequestHandler, HTTPServer
p = argparse.ArgumentParser(); p.add_argument("--port", type=int); p.add_argument("--data-dir")
a, rest = p.parse_known_args()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class H(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"page of %%d" %% os.getpid())
open(os.path.join(a.data_dir, "made.txt"), "w").write("x")
print("serving", flush=True)
HTTPServer(("127.0.0.1", a.port), H).serve_forever()
`

func newInstallation(t *testing.T, scripts map[string]string, config string, change ...func(*engine.Options)) *installation {
	t.Helper()
	root, err := platform.Prepare(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	n := &installation{t: t, root: root, port: portsFrom + 10*int(tests.Add(1)), change: change}
	group := filepath.Join(root.Groups(), "g")
	if err := os.MkdirAll(group, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range scripts {
		n.write(name, text)
	}
	if config == "" {
		config = fmt.Sprintf(`{"web_interface":{"port_range":{"start":%d,"end":%d}},"limits":{"grace_seconds":1,"start_seconds":20},"reconcile_interval":86400}`, n.port, n.port+9)
	} else {
		config = strings.NewReplacer("START", fmt.Sprint(n.port), "END", fmt.Sprint(n.port+9)).Replace(config)
	}
	if err := os.WriteFile(root.Config(), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	n.open()
	if n.user, err = n.engine.CreateFirstAdmin(t.Context(), "anna", "correct horse", domain.English, domain.ThemeLight); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *installation) write(name, text string) {
	n.t.Helper()
	if err := os.WriteFile(filepath.Join(n.root.Groups(), "g", name), []byte(text), 0o600); err != nil {
		n.t.Fatal(err)
	}
}

// open starts an engine on the root; it is closed with the test, and all that
// runs in it before.
func (n *installation) open() {
	n.t.Helper()
	texts, err := i18n.New(translations.Files)
	if err != nil {
		n.t.Fatal(err)
	}
	o := engine.Options{
		Root: n.root, Kind: platform.OwnerServe, Program: programs, Home: n.t.TempDir(),
		Environ: []string{"PATH=/usr/bin:/bin", "no_proxy=.example.com", "PYTHONUTF8=0"}, Texts: texts, Stderr: io.Discard,
		PasswordCost: bcrypt.MinCost,
	}
	for _, change := range n.change {
		change(&o)
	}
	e, err := engine.Open(n.t.Context(), o)
	if err != nil {
		n.t.Fatal(err)
	}
	n.engine = e
	n.t.Cleanup(func() {
		for _, x := range e.AllLive() {
			_ = e.Stop(x.ID, execution.StopRequest{Reason: domain.ReasonQuit, Now: true}) // it may have ended by now
			if err := e.Wait(context.Background(), x.ID); err != nil {
				n.t.Error(err)
			}
		}
		if err := e.Close(context.Background(), domain.ReasonQuit); err != nil {
			n.t.Error(err)
		}
	})
	if err := e.Start(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
}

func (n *installation) request(script string, values map[string]any) execution.Request {
	n.t.Helper()
	ctx := n.t.Context()
	s, err := n.engine.Script(ctx, "g/"+script)
	if err != nil {
		n.t.Fatal(err)
	}
	g, err := n.engine.Group(ctx, "g")
	if err != nil {
		n.t.Fatal(err)
	}
	p, err := n.engine.ProjectOrDefault(ctx, n.user.ID, 0)
	if err != nil {
		n.t.Fatal(err)
	}
	clean, err := execution.Check(s.Parameters, values)
	if err != nil {
		n.t.Fatal(err)
	}
	return execution.Request{
		Script: s, Group: g, User: n.user, Project: p, Values: clean,
		Theme: domain.ThemeLight, Language: domain.English, Actor: "user",
	}
}

func (n *installation) run(script string) string {
	n.t.Helper()
	e, existing, err := n.engine.Run(n.t.Context(), engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}, n.request(script, nil))
	if err != nil {
		n.t.Fatal(err)
	}
	if existing {
		n.t.Fatalf("%s runs already", script)
	}
	return e.ID
}

// await waits until the execution is as wanted.
func (n *installation) await(id, what string, wanted func(domain.Execution) bool) domain.Execution {
	n.t.Helper()
	sub := n.engine.Events().Subscribe(func(e domain.Event) bool {
		return e.Type == domain.EventExecutionChanged || e.Type == domain.EventExecutionOutput
	})
	defer sub.Close()
	deadline := time.After(60 * time.Second)
	for {
		e, err := n.engine.Execution(n.t.Context(), id)
		if err != nil {
			n.t.Fatal(err)
		}
		if wanted(e) {
			return e
		}
		select {
		case <-sub.Events():
		case <-deadline:
			n.t.Fatalf("execution is not %s: %+v", what, e)
		}
	}
}

func ready(e domain.Execution) bool { return e.Phase == domain.PhaseReady }
func ended(e domain.Execution) bool { return !e.State.Live() }

func (n *installation) ready(id string) domain.Execution {
	n.t.Helper()
	return n.await(id, "ready", func(e domain.Execution) bool { return ready(e) || ended(e) })
}

func (n *installation) ended(id string) domain.Execution {
	n.t.Helper()
	e := n.await(id, "ended", ended)
	if err := n.engine.Wait(n.t.Context(), id); err != nil {
		n.t.Fatal(err)
	}
	return e
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}

func TestPageIsShownAndStopped(t *testing.T) { // EXE-1, EXE-3, PRT-4
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, "")}, "")
	e := n.ready(n.run("p"))
	if got, want := get(t, e.URL), fmt.Sprintf("page of %d", e.PID); got != want {
		t.Errorf("page says %q, want %q: pid must be the interpreter's", got, want)
	}
	if again, existing, err := n.engine.Run(t.Context(), engine.Actor{}, n.request("p", nil)); err != nil || !existing || again.ID != e.ID {
		t.Errorf("the same script in the same project starts twice: %v %v", existing, err) // WIN-5
	}
	if err := n.engine.Stop(e.ID, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}); err != nil {
		t.Fatal(err)
	}
	e = n.ended(e.ID)
	if e.State != domain.StateTerminated || e.Reason != domain.ReasonStopped || e.ReasonParams["user"] != "anna" || e.URL != "" {
		t.Errorf("ended as %s, %s %v", e.State, e.Reason, e.ReasonParams)
	}
	if alive(e.PID) {
		t.Error("the script lives on")
	}
	if len(e.Files) != 1 || e.Files[0].Path != "made.txt" || !e.Files[0].New {
		t.Errorf("files: %+v", e.Files)
	}
	if h := n.engine.Health(t.Context()); h.ActiveScripts != 0 || !strings.HasPrefix(h.PortUsage, "0/") {
		t.Errorf("health: %+v", h)
	}
	if err := n.engine.Stop(e.ID, execution.StopRequest{Reason: domain.ReasonStopped}); !domain.HasCode(err, domain.CodeExecutionEnded) {
		t.Errorf("stopping what has ended: %v", err)
	}
}

func TestLastWindowStopsThePage(t *testing.T) { // WIN-3
	n := newInstallation(t, map[string]string{
		"p.py": fmt.Sprintf(page, ""), "b.py": fmt.Sprintf(page, "@background: true"),
		"j.py": "'''ScriptsManager Metadata:\n@interface: none\n'''\nimport time\nwhile True: time.sleep(0.1)\n",
	}, "")
	e := n.ready(n.run("p"))
	attach := func(id string, grace time.Duration) func() {
		release, err := n.engine.Attach(id, grace, "browser")
		if err != nil {
			t.Fatal(err)
		}
		return release
	}
	first, second := attach(e.ID, 0), attach(e.ID, 0)
	first()
	first() // twice is once
	if e := n.await(e.ID, "shown once", func(e domain.Execution) bool { return e.Attachments == 1 }); !e.State.Live() {
		t.Fatal("stopped although one window is open")
	}
	second()
	if e = n.ended(e.ID); e.State != domain.StateCompleted || e.Reason != domain.ReasonWindowClosed {
		t.Errorf("closing the last window: %s, %s", e.State, e.Reason)
	}

	// A tab that loads again within its grace keeps the page.
	e = n.ready(n.run("p"))
	attach(e.ID, 30*time.Second)()
	again := attach(e.ID, 0)
	if e := n.await(e.ID, "attached again", func(e domain.Execution) bool { return e.Attachments == 1 }); !ready(e) {
		t.Errorf("a reload stops the page: %s %s", e.State, e.Phase)
	}
	again()
	n.ended(e.ID)

	b := n.ready(n.run("b"))
	attach(b.ID, 0)()
	n.await(b.ID, "shown by nobody", func(e domain.Execution) bool { return e.Attachments == 0 })
	if b, _ := n.engine.Execution(t.Context(), b.ID); !ready(b) {
		t.Errorf("a background script ends with its window: %s", b.State)
	}
	j := n.ready(n.run("j"))
	attach(j.ID, 0)()
	n.await(j.ID, "shown by nobody", func(e domain.Execution) bool { return e.Attachments == 0 })
	if j, _ := n.engine.Execution(t.Context(), j.ID); !ready(j) {
		t.Errorf("a script without a page ends with whoever looked at it: %s", j.State)
	}
}

func TestStubbornScriptIsKilled(t *testing.T) { // EXE-3
	n := newInstallation(t, map[string]string{
		"s.py": strings.Replace(fmt.Sprintf(page, ""), "lambda *_: sys.exit(0)", "signal.SIG_IGN", 1),
	}, `{"web_interface":{"port_range":{"start":START,"end":END}},"limits":{"grace_seconds":30}}`)
	e := n.ready(n.run("s"))
	stop := func(now bool) {
		if err := n.engine.Stop(e.ID, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna", Now: now}); err != nil {
			t.Fatal(err)
		}
	}
	stop(false)
	e = n.await(e.ID, "stopping", func(e domain.Execution) bool { return e.Phase == domain.PhaseStopping })
	if e.GraceEndsAt == nil || time.Until(*e.GraceEndsAt) < 10*time.Second {
		t.Errorf("grace ends at %v", e.GraceEndsAt)
	}
	stop(true)
	if e = n.ended(e.ID); e.State != domain.StateTerminated || e.Signal != "SIGKILL" || alive(e.PID) {
		t.Errorf("killed: %s %s, alive %v", e.State, e.Signal, alive(e.PID))
	}
}

func TestHowScriptsEnd(t *testing.T) { // EXE-2, EXE-11, Bad input
	n := newInstallation(t, map[string]string{
		"good.py":    "'''ScriptsManager Metadata:\n@interface: none\n'''\nprint('fine')\n",
		"three.py":   "'''ScriptsManager Metadata:\n@interface: none\n'''\nimport sys; sys.exit(3)\n",
		"crash.py":   "'''ScriptsManager Metadata:\n@interface: none\n'''\nimport os; os.kill(os.getpid(), 11)\n",
		"early.py":   "print('nothing to show')\n",
		"syntax.py":  "'''x'''\nprint('a')\nif True print('b')\n",
		"module.py":  "import no_such_module\n",
		"never.py":   "import time\nwhile True: time.sleep(0.1)\n",
		"other.py":   strings.Replace(fmt.Sprintf(page, ""), "a.port), H", "a.port + 5), H", 1),
		"missing.py": "'''ScriptsManager Metadata:\n@conda_environment: /no/such/env\n'''\n",
	}, `{"web_interface":{"port_range":{"start":START,"end":END},"max_interfaces_per_user":20},"limits":{"grace_seconds":1,"start_seconds":9},"environments":{"fallback":"fail"}}`)
	type endCase struct {
		script string
		state  domain.State
		reason domain.Reason
		code   domain.Code
		params map[string]any
	}
	other := endCase{"other", domain.StateFailed, domain.ReasonStartFailed, domain.CodeScriptOtherPort, nil}
	if slices.Contains(sandbox.Probe().Holds, sandbox.PartPort) { // it cannot even listen there
		other.reason, other.code = domain.ReasonExitCode, domain.CodeScriptPortRefused
	}
	cases := []endCase{
		{"good", domain.StateCompleted, domain.ReasonExit, "", nil},
		{"three", domain.StateFailed, domain.ReasonExitCode, domain.CodeScriptFailed, map[string]any{"exit_code": 3}},
		{"crash", domain.StateFailed, domain.ReasonSignal, "", nil},
		{"early", domain.StateFailed, domain.ReasonExit, domain.CodeScriptExitedEarly, map[string]any{"exit_code": 0}},
		{"syntax", domain.StateFailed, domain.ReasonExitCode, domain.CodeScriptSyntax, map[string]any{"file": "syntax.py", "line": 3}},
		{"module", domain.StateFailed, domain.ReasonExitCode, domain.CodeModuleMissing, map[string]any{"module": "no_such_module"}},
		{"never", domain.StateFailed, domain.ReasonStartFailed, domain.CodeScriptNoPage, map[string]any{"seconds": 9}},
		other,
		{"missing", domain.StateFailed, domain.ReasonStartFailed, domain.CodeEnvironmentMissing, map[string]any{"environment": "/no/such/env"}},
	}
	ids := map[string]string{}
	for _, c := range cases { // they run at the same time
		ids[c.script] = n.run(c.script)
	}
	for _, c := range cases {
		t.Run(c.script, func(t *testing.T) {
			e := n.ended(ids[c.script])
			if e.State != c.state || e.Reason != c.reason {
				t.Errorf("%s, %s, want %s, %s", e.State, e.Reason, c.state, c.reason)
			}
			var code domain.Code
			if e.Error != nil {
				code = e.Error.Code
			}
			if code != c.code {
				t.Fatalf("error %v, want %s", e.Error, c.code)
			}
			for name, want := range c.params {
				if got := fmt.Sprint(e.Error.Params[name]); got != fmt.Sprint(want) {
					t.Errorf("%s is %s, want %v", name, got, want)
				}
			}
			if e.PID != 0 && alive(e.PID) {
				t.Error("the script lives on")
			}
		})
	}
	page, err := n.engine.ReadLog(n.ended(ids["good"]), 1, 10, nil)
	if err != nil || len(page.Lines) != 1 || page.Lines[0].Text != "fine" || !page.Ended {
		t.Errorf("log: %+v %v", page, err)
	}
}

func TestMovesOnWhereThePortIsTaken(t *testing.T) { // PRT-2, PRT-3
	// The script lets another program take its port before it binds itself, as
	// a program without manners would.
	thief := strings.Replace(fmt.Sprintf(page, ""), "HTTPServer((", `
import socket, time
if a.port == FIRST:
    for _ in range(600):
        if os.path.exists(os.path.join(a.data_dir, "stolen")): break
        time.sleep(0.05)
HTTPServer((`, 1)
	n := newInstallation(t, nil, "")
	n.write("p.py", strings.Replace(thief, "FIRST", fmt.Sprint(n.port), 1))
	if err := n.engine.Rescan(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := n.run("p")
	e := n.await(id, "started", func(e domain.Execution) bool { return e.PID != 0 })
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) })
	}}
	l, err := config.Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", e.Port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.WriteFile(filepath.Join(e.DataDir, "stolen"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e = n.ready(id)
	if !ready(e) || e.Port == n.port {
		t.Fatalf("%s %s on port %d: %v", e.State, e.Phase, e.Port, e.Error)
	}
	if got, want := get(t, e.URL), fmt.Sprintf("page of %d", e.PID); got != want {
		t.Errorf("page says %q, want %q", got, want)
	}
}

func TestLimitsAndExhaustedRange(t *testing.T) { // EXE-5, PRT-1
	n := newInstallation(t, map[string]string{
		"a.py": fmt.Sprintf(page, ""), "b.py": fmt.Sprintf(page, ""), "c.py": fmt.Sprintf(page, ""),
	}, `{"web_interface":{"port_range":{"start":START,"end":START},"max_interfaces_per_user":2},"limits":{"grace_seconds":1}}`)
	a := n.ready(n.run("a"))
	b := n.ended(n.run("b"))
	if b.Error == nil || b.Error.Code != domain.CodePortsExhausted {
		t.Errorf("one port for two: %v", b.Error)
	}
	n.write("c.py", fmt.Sprintf(page, fmt.Sprintf("@flask_port: %d", n.port+3))) // a wish outside the range
	if err := n.engine.Rescan(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := n.ready(n.run("c"))
	if c.Port != n.port+3 {
		t.Errorf("wished for %d, got %d: %v", n.port+3, c.Port, c.Error)
	}
	_, _, err := n.engine.Run(t.Context(), engine.Actor{}, n.request("b", nil))
	if e := domain.AsError(err); e == nil || e.Code != domain.CodeTooManyInterfaces || e.Params["limit"] != "max_interfaces_per_user" {
		t.Errorf("a third page of a user who may have two: %v", err)
	}
	if !ready(a) {
		t.Errorf("the first page is %s %s", a.State, a.Phase)
	}
}

func TestSecretsAreInTheFileAlone(t *testing.T) { // SPEC section 3, SEC-6
	n := newInstallation(t, map[string]string{"s.py": `'''ScriptsManager Metadata:
@interface: none
@parameters: [{"name": "key", "type": "password", "required": true}, {"name": "plain", "type": "string"}]
'''
import json, os, sys
v = json.load(open(os.environ["SCRIPTSMANAGER_PARAMETERS"]))
print(len(v["key"]), oct(os.stat(os.environ["SCRIPTSMANAGER_PARAMETERS"]).st_mode & 0o777), [x for x in sys.argv if "key" in x])
print(sorted(k for k in os.environ if k.startswith("SCRIPTSMANAGER_")))
`}, "")
	const secret = "s3cret-value-71"
	e, _, err := n.engine.Run(t.Context(), engine.Actor{Kind: "user", UserID: n.user.ID, Name: "anna"},
		n.request("s", map[string]any{"key": secret, "plain": "--x"}))
	if err != nil {
		t.Fatal(err)
	}
	e = n.ended(e.ID)
	page, err := n.engine.ReadLog(e, 1, 10, nil)
	if err != nil || len(page.Lines) != 2 || page.Lines[0].Text != "15 0o600 []" {
		t.Errorf("the script says %+v, %v", page.Lines, err)
	}
	if _, stored := e.Parameters["key"]; stored || e.Parameters["plain"] != "--x" {
		t.Errorf("stored parameters: %v", e.Parameters)
	}
	err = filepath.WalkDir(n.root.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("the secret lies in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNextEngineTakesUpWhatGoesOn(t *testing.T) { // EXE-6, LOG-1
	n := newInstallation(t, map[string]string{
		"job.py": `'''ScriptsManager Metadata:
@interface: none
'''
import os, sys, time
print("begun", flush=True)
while not os.path.exists(sys.argv[sys.argv.index("--data-dir") + 1] + "/go"): time.sleep(0.02)
print("done", flush=True); sys.exit(4)
`,
		"page.py": fmt.Sprintf(page, ""),
	}, "")
	job, shown := n.run("job"), n.run("page")
	n.ready(shown)
	before := n.await(job, "running", func(e domain.Execution) bool { return e.PID != 0 && e.Lines > 0 })
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	if !alive(before.PID) {
		t.Fatal("a job ends with the engine")
	}
	n.open()
	if e := n.ended(shown); e.State != domain.StateTerminated || e.Reason != domain.ReasonQuit || alive(e.PID) {
		t.Errorf("the page: %s, %s", e.State, e.Reason)
	}
	if e, err := n.engine.Execution(t.Context(), job); err != nil || !e.State.Live() {
		t.Fatalf("the job after a restart: %s, %v", e.State, err)
	}
	if err := os.WriteFile(filepath.Join(before.DataDir, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e := n.ended(job)
	if e.State != domain.StateFailed || e.ExitCode == nil || *e.ExitCode != 4 {
		t.Errorf("the job: %s, exit code %v", e.State, e.ExitCode)
	}
	page, err := n.engine.ReadLog(e, 1, 10, nil)
	if err != nil || len(page.Lines) != 2 || page.Lines[1].Text != "done" {
		t.Errorf("log: %+v %v", page.Lines, err)
	}
}

func TestOneEngineOwnsARoot(t *testing.T) { // SPEC section 2
	n := newInstallation(t, nil, "")
	_, err := engine.Open(t.Context(), engine.Options{Root: n.root, Kind: platform.OwnerDesktop, Stderr: io.Discard})
	e := domain.AsError(err)
	if e == nil || e.Code != domain.CodeRootOwned || e.Params["pid"] != os.Getpid() || e.Params["owner"] != platform.OwnerServe {
		t.Errorf("a second engine: %v", err)
	}
}

func TestSamplesComeOnce(t *testing.T) { // SPEC section 2
	root, err := platform.Prepare(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	samples := fstest.MapFS{"one/a.py": {Data: []byte("print(1)\n")}}
	groups := func() int {
		e, err := engine.Open(t.Context(), engine.Options{Root: root, Kind: platform.OwnerCommand, Samples: samples, Stderr: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Close(context.Background(), domain.ReasonQuit); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(root.Groups())
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	if n := groups(); n != 1 {
		t.Fatalf("a new root has %d groups", n)
	}
	if err := os.RemoveAll(filepath.Join(root.Groups(), "one")); err != nil {
		t.Fatal(err)
	}
	if n := groups(); n != 0 {
		t.Error("samples that were removed come back")
	}
}
