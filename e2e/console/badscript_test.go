//go:build e2e && linux

package console_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// listen takes a port until the end of the test.
func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	// With the options of a program that does not care who else is there.
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		})
	}}
	l, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// TestBadScripts: each ends with a message that says what to do.
func TestBadScripts(t *testing.T) {
	t.Parallel()
	// Not confined, a script can have another port than its own.
	in := newInstallation(t, map[string]any{"confinement": "off", "limits": map[string]any{"grace_seconds": 1, "start_seconds": 10}})
	other := in.port + 9
	cases := []struct {
		name, text string
		code       int
		reason     string
		errorCode  string
		parts      []string
	}{
		{"syntax", page("", "") + "def broken(:\n    pass\n", exitFailed, "exit_code", "script_syntax", []string{"tools/syntax", "syntax.py", "line"}},
		{"indentation", page("", "") + "if True:\npass\n", exitFailed, "exit_code", "script_syntax", []string{"indentation.py"}},
		{"module", page("", "import no_such_module_at_all\n"), exitFailed, "exit_code", "module_missing", []string{"no_such_module_at_all", "pip install"}},
		{"quits0", page("", "sys.exit(0)\n"), exitFailed, "exit", "script_exited_early", []string{"tools/quits0", "0", "log"}},
		{"quits3", page("", "print('why it ended', file=sys.stderr)\nsys.exit(3)\n"), exitFailed, "exit_code", "script_exited_early", []string{"3"}},
		{"raises", page("", "raise RuntimeError('no pump')\n"), exitFailed, "exit_code", "script_exited_early", []string{"1"}},
		{"otherport", page("", fmt.Sprintf("args.port = %d\n", other)), exitFailed, "start_failed", "script_other_port", []string{"tools/otherport", strconv.Itoa(other), "--port"}},
		{"neverbinds", page("", "time.sleep(600)\n"), exitFailed, "start_failed", "script_no_page", []string{"tools/neverbinds", "10", "--port"}},
		{"crashes", page("", "os.abort()\n"), exitFailed, "signal", "", []string{"SIGABRT"}},
	}
	in.serve()
	for _, c := range cases {
		in.script(c.name, c.text)
	}
	waitFor(t, "the scripts", func() bool { return len(in.list("script", "list")) == len(cases) })
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			at := *in
			at.t = t
			r := at.command("run", "tools/"+c.name, "--wait", "ready").run()
			lines := strings.Split(strings.TrimSpace(r.stderr), "\n")
			message := result{r.code, r.stdout, lines[len(lines)-1]}
			wantFailure(t, message, c.code, c.parts...)
			shown := at.list("execution", "list", "--limit", "1")[0]
			if shown["state"] != "failed" || shown["reason"] != c.reason {
				t.Errorf("state %v, reason %v, want failed, %s", shown["state"], shown["reason"], c.reason)
			}
			if c.errorCode != "" {
				if e, _ := shown["error"].(map[string]any); e["code"] != c.errorCode {
					t.Errorf("error %v, want %s", shown["error"], c.errorCode)
				}
			}
			if pid, _ := shown["pid"].(float64); pid == 0 || alive(int(pid)) {
				t.Errorf("process %v", shown["pid"])
			}
		})
	}
}

// TestAnotherPortIsRefused: a confined script has its own port alone.
func TestAnotherPortIsRefused(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	if enforced, _ := decode[map[string]any](t, in.ok(in.command("doctor", "--json")))["confinement"].(map[string]any); enforced["level"] != "full" {
		t.Skip("this machine does not confine in full")
	}
	in.script("otherport", page("", fmt.Sprintf("args.port = %d\n", in.port+9)))
	r := in.command("run", "tools/otherport", "--wait", "ready").run()
	lines := strings.Split(strings.TrimSpace(r.stderr), "\n")
	shown := in.list("execution", "list", "--limit", "1")[0]
	given, _ := shown["port"].(float64) // the first that a test before left no connections at
	if int(given) < in.port || int(given) > in.port+8 {
		t.Errorf("port %v of %d", shown["port"], in.port)
	}
	wantFailure(t, result{r.code, r.stdout, lines[len(lines)-1]}, exitFailed, "tools/otherport", strconv.Itoa(int(given)), "--port")
	if e, _ := shown["error"].(map[string]any); e["code"] != "script_port_refused" {
		t.Errorf("error %v", shown["error"])
	}
}

func TestForeignListeners(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("page", page("", ""))
	for i := range 3 {
		listen(t, local(in.port+i))
	}
	command, answer := in.front("tools/page")
	if answer.Port != in.port+3 {
		t.Errorf("port %d, want %d", answer.Port, in.port+3)
	}
	command.signal(sigint)
	command.end()
}

func TestPortsExhausted(t *testing.T) {
	t.Parallel()
	in := newRoot(t, nil)
	in.write("config.json", fmt.Sprintf(`{"web_interface": {"port_range": {"start": %d, "end": %d}}}`, in.port, in.port))
	in.setup()
	in.script("one", page("", ""))
	in.script("two", page("", ""))
	in.serve()
	command, answer := in.front("tools/one")
	if answer.Port != in.port {
		t.Errorf("port %d, want %d", answer.Port, in.port)
	}
	wantFailure(t, in.command("run", "tools/two", "--wait", "ready").run(), exitBusy, strconv.Itoa(in.port), "Stop")
	command.signal(sigint)
	command.end()
	foreign := listen(t, local(in.port))
	wantFailure(t, in.command("run", "tools/two", "--wait", "ready", "--json").run(), exitBusy, strconv.Itoa(in.port))
	_ = foreign.Close()
	command, answer = in.front("tools/two")
	if answer.Port != in.port {
		t.Errorf("port %d, want %d", answer.Port, in.port)
	}
	command.signal(sigint)
	command.end()
}

func TestTooManyInterfaces(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, map[string]any{"web_interface": map[string]any{"max_interfaces_per_user": 1}})
	in.script("one", page("", ""))
	in.script("two", page("", ""))
	in.script("task", task("", ""))
	in.serve()
	in.front("tools/one")
	wantFailure(t, in.command("run", "tools/two", "--wait", "ready").run(), exitBusy, "1", "Stop")
	if r := in.command("run", "tools/task", "--wait", "end").run(); r.code != exitOK {
		t.Errorf("one without a page: %v", r)
	}
}

// TestPortTakenBeforeTheScriptHasIt: the run moves on to another port, and the
// foreign program's page is never shown (SPEC PRT-2, PRT-3).
func TestPortTakenBeforeTheScriptHasIt(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("slow", page("", `
with open(os.path.join(args.data_dir, "port-" + args.port), "w"):
    pass
while not os.path.exists(os.path.join(args.data_dir, "go-" + args.port)):
    time.sleep(0.02)
`))
	in.serve()
	command := in.command("run", "tools/slow", "--wait", "ready", "--json").start()
	reached := func(port int) {
		t.Helper()
		waitFor(t, fmt.Sprintf("the start on port %d", port), func() bool {
			return exists(filepath.Join(in.dataDir(), "port-"+strconv.Itoa(port)))
		})
	}
	letGo := func(port int) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(in.dataDir(), "go-"+strconv.Itoa(port)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reached(in.port)
	listen(t, local(in.port)) // a program that is quicker
	letGo(in.port)
	reached(in.port + 1)
	letGo(in.port + 1)
	answer := command.ready()
	if answer.Port != in.port+1 {
		t.Errorf("port %d, want %d", answer.Port, in.port+1)
	}
	if text := get(t, answer.URL); !strings.HasPrefix(text, "page of") {
		t.Errorf("the page says %q", text)
	}
	if rows := in.query("SELECT port_number FROM port_allocations WHERE status <> 'released'"); len(rows) != 1 || rows[0][0] != float64(in.port+1) {
		t.Errorf("live leases: %v", rows)
	}
	command.signal(sigint)
	command.end()
}

func TestEnvironmentsThatDoNotDo(t *testing.T) {
	t.Parallel()
	venv := filepath.Join(t.TempDir(), "bare")
	if out, err := exec.Command("/usr/bin/python3", "-m", "venv", "--without-pip", venv).CombinedOutput(); err != nil {
		t.Fatalf("make a venv: %v\n%s", err, out)
	}
	in := newInstallation(t, map[string]any{"environments": map[string]any{"fallback": "fail", "folders": []string{filepath.Dir(venv)}}})
	in.script("flask", page("@conda_environment: "+venv, ""))
	in.script("plain", task("@conda_environment: "+venv, "print(sys.prefix)"))
	in.script("missing", page("@conda_environment: no-such-environment", ""))
	in.serve()
	wantFailure(t, in.command("run", "tools/flask", "--wait", "ready").run(), exitFailed, venv, "pip install flask")
	wantFailure(t, in.command("run", "tools/missing", "--wait", "ready").run(), exitFailed, "no-such-environment")
	if r := in.command("run", "tools/plain", "--wait", "end").run(); r.code != exitOK || strings.TrimSpace(r.stdout) != venv {
		t.Errorf("a script without a page in an environment without Flask: %v", r)
	}
	// It is shown before anyone runs (SPEC ENV-6).
	if text := in.ok(in.command("script", "show", "tools/missing")); !strings.Contains(text, "no-such-environment") {
		t.Errorf("script show:\n%s", text)
	}
}

func TestFallbackEnvironment(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("page", page("@conda_environment: no-such-environment", ""))
	command, answer := in.front("tools/page")
	shown := in.show(answer.ExecutionID)
	if shown["fallback"] != "no-such-environment" || shown["environment_path"] != "/usr" {
		t.Errorf("fallback %v, environment %v", shown["fallback"], shown["environment_path"])
	}
	command.signal(sigint)
	command.end()
	if text := in.ok(in.command("log", "show", answer.ExecutionID, "--stream", "debug")); !strings.Contains(text, "no-such-environment") {
		t.Errorf("the debug stream does not tell of it:\n%s", text)
	}
}

func TestPythonMissing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("page", page("", ""))
	// A machine without Python: its programs are hidden from the command alone.
	in.as = append(namespace(), "/bin/sh", "-c", `for d in /usr/local /opt /usr/bin; do /usr/bin/mount -t tmpfs none $d || exit 99; done; exec "$@"`, "sh")
	in.envs = []string{"PATH=/nowhere"}
	wantFailure(t, in.command("run", "tools/page", "--wait", "ready").run(), exitFailed, "Python", "apt install python3")
	if text := in.ok(in.command("doctor")); !strings.Contains(text, "python3") {
		t.Errorf("doctor:\n%s", text)
	}
	in.as = nil
}

// namespace starts a program with a view of the file system of its own.
func namespace() []string {
	if os.Getuid() == 0 {
		return []string{"unshare", "--mount"}
	}
	return []string{"unshare", "--user", "--map-root-user", "--mount"}
}
