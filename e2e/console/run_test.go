//go:build e2e && linux

package console_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// dataDir is what a script of "tools" gets as --data-dir.
func (in *installation) dataDir() string {
	return filepath.Join(in.dir, "data", "script_groups", "group_tools", "user_"+adminName, "project_default")
}

// childrenOf reads the numbers that family wrote.
func (in *installation) childrenOf() []int {
	in.t.Helper()
	var pids []int
	waitFor(in.t, "the children's numbers", func() bool {
		b, err := os.ReadFile(filepath.Join(in.dataDir(), "pids"))
		for _, field := range strings.Fields(string(b)) {
			pid, _ := strconv.Atoi(field)
			pids = append(pids, pid)
		}
		return err == nil
	})
	return pids
}

// state asks for an execution's state.
func (in *installation) show(id string) map[string]any {
	in.t.Helper()
	return in.object("execution", "show", id)
}

// owners are the two ways in which a command finds the engine.
func owners(t *testing.T, f func(t *testing.T, serve bool)) {
	for _, serve := range []bool{false, true} {
		t.Run(map[bool]string{false: "nobody owns the root", true: "serve owns the root"}[serve], func(t *testing.T) {
			t.Parallel()
			f(t, serve)
		})
	}
}

func TestRunInFront(t *testing.T) {
	t.Parallel()
	owners(t, func(t *testing.T, serve bool) {
		in := newInstallation(t, nil)
		in.script("page", page("@display_name: Page", family))
		if serve {
			in.serve()
		}
		command, answer := in.front("tools/page")

		document := decode[map[string]any](t, command.document())
		keys := []string{}
		for key := range document {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		if want := []string{"execution_id", "pid", "port", "state", "url"}; !slices.Equal(keys, want) {
			t.Errorf("the keys are %v, want exactly %v", keys, want)
		}
		if answer.State != "running" || answer.Port < in.port || answer.Port > in.port+9 {
			t.Errorf("run says %+v", answer)
		}
		if want := fmt.Sprintf("http://127.0.0.1:%d/", answer.Port); answer.URL != want {
			t.Errorf("url is %q, want %q", answer.URL, want)
		}
		if text := get(t, answer.URL); text != "page of project_default in en" {
			t.Errorf("the page says %q", text)
		}
		// The number is the interpreter's, not the shim's.
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", answer.PID))
		if err != nil || !strings.HasPrefix(string(line), "/usr/bin/python3") || !strings.Contains(string(line), "page.py") {
			t.Errorf("process %d is %q, %v", answer.PID, line, err)
		}
		shown := in.show(answer.ExecutionID)
		if shown["state"] != "running" || shown["phase"] != "ready" || shown["pid"] != float64(answer.PID) {
			t.Errorf("execution show: %v", shown)
		}
		if rows := in.query("SELECT port_number, status, process_id FROM port_allocations WHERE status <> 'released'"); len(rows) != 1 ||
			rows[0][0] != float64(answer.Port) || rows[0][1] != "active" || rows[0][2] != float64(answer.PID) {
			t.Errorf("leases: %v", rows)
		}
		if command.ended() {
			t.Fatalf("the command did not stay in front: %v", command.end())
		}

		children := in.childrenOf()
		command.signal(sigint)
		if r := command.end(); r.code != exitOK {
			t.Errorf("after Ctrl-C: %v", r)
		}
		gone(t, append(children, answer.PID)...)
		if answers(answer.Port) {
			t.Error("the page still answers")
		}
		shown = in.show(answer.ExecutionID)
		if shown["state"] != "terminated" || shown["reason"] != "stopped" {
			t.Errorf("after Ctrl-C: %v", shown)
		}
		wantTimes(t, "execution show", shown)
		if path, _ := shown["log_path"].(string); !strings.HasPrefix(path,
			filepath.Join(in.dir, "data", "logs", "executions", "user_"+adminName)+string(filepath.Separator)) {
			t.Errorf("the log lies in %s", path)
		}
	})
}

func TestTheEndOfTheCommandEndsThePage(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			owners(t, func(t *testing.T, serve bool) {
				in := newInstallation(t, map[string]any{"limits": map[string]any{"grace_seconds": 1}})
				in.script("page", page("", family))
				if serve {
					in.serve()
				}
				command, answer := in.front("tools/page")
				children := in.childrenOf()
				command.signal(signal)
				gone(t, append(children, answer.PID)...)
				command.end()
				waitFor(t, "the end in the database", func() bool { return in.show(answer.ExecutionID)["state"] != "running" })
				if shown := in.show(answer.ExecutionID); shown["state"] != "terminated" {
					t.Errorf("after %v: %v", signal, shown)
				}
			})
		})
	}
}

func TestWaitForTheEnd(t *testing.T) {
	t.Parallel()
	owners(t, func(t *testing.T, serve bool) {
		in := newInstallation(t, nil)
		in.script("good", task("", `print("to stdout"); print("to stderr", file=sys.stderr)`))
		in.script("bad", task("", `print("before"); sys.exit(3)`))
		in.script("killed", task("", `os.kill(os.getpid(), signal.SIGKILL)`))
		if serve {
			in.serve()
		}
		r := in.command("run", "tools/good", "--wait", "end").run()
		if r.code != exitOK || r.stdout != "to stdout\n" || r.stderr != "to stderr\n" {
			t.Errorf("good: %v", r)
		}
		r = in.command("run", "tools/good", "--wait", "end", "--json").run()
		shown := decode[map[string]any](t, r.stdout)
		wantKeys(t, "run --wait end", shown, "id", "name", "state", "exit_code")
		if r.code != exitOK || shown["state"] != "completed" || shown["exit_code"] != 0.0 {
			t.Errorf("good: %v", r)
		}
		r = in.command("run", "tools/bad", "--wait", "end").run()
		wantFailure(t, r, exitFailed, "3")
		if r.stdout != "before\n" {
			t.Errorf("bad: %v", r)
		}
		r = in.command("run", "tools/bad", "--wait", "end", "--json").run()
		shown = decode[map[string]any](t, r.stdout)
		if r.code != exitFailed || shown["state"] != "failed" || shown["exit_code"] != 3.0 {
			t.Errorf("bad: %v", r)
		}
		r = in.command("run", "tools/killed", "--wait", "end").run()
		wantFailure(t, r, exitFailed, "SIGKILL")
	})
}

func TestRunWithoutWaiting(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("quick", task("", `print("done")`))
	in.script("page", page("", ""))
	// Nobody is there to look after it: as with --wait end.
	if r := in.command("run", "tools/quick").run(); r.code != exitOK || r.stdout != "done\n" {
		t.Errorf("without an owner: %v", r)
	}
	in.serve()
	document := in.object("run", "tools/page")
	wantKeys(t, "run", document, "execution_id")
	id, _ := document["execution_id"].(string)
	if text := strings.TrimSpace(in.ok(in.command("run", "tools/quick"))); len(text) != 36 {
		t.Errorf("run prints %q, want the id alone", text)
	}
	waitFor(t, "the page", func() bool { return in.show(id)["phase"] == "ready" })
	if in.show(id)["state"] != "running" {
		t.Errorf("after the command's end: %v", in.show(id))
	}
	if r := in.command("stop", id).run(); r.code != exitOK {
		t.Errorf("stop: %v", r)
	}
	if shown := in.show(id); shown["state"] != "terminated" || shown["reason"] != "stopped" {
		t.Errorf("after stop: %v", shown)
	}
	wantFailure(t, in.command("stop", id).run(), exitFailed, "ended")
	wantFailure(t, in.command("stop", id, "--json").run(), exitFailed, "ended")
}

func TestStop(t *testing.T) {
	t.Parallel()
	owners(t, func(t *testing.T, serve bool) {
		in := newInstallation(t, map[string]any{"limits": map[string]any{"grace_seconds": 600}})
		in.script("page", page("", family))
		in.script("stubborn", page("", stubborn))
		if serve {
			in.serve()
		}
		command, answer := in.front("tools/page")
		children := in.childrenOf()
		// One child ignores SIGTERM, so that the grace would have to pass.
		stopped := in.object("stop", answer.ExecutionID, "--now")
		wantKeys(t, "stop", stopped, "id", "state", "reason")
		if stopped["state"] != "terminated" {
			t.Errorf("stop: %v", stopped)
		}
		gone(t, append(children, answer.PID)...)
		if r := command.end(); r.code != exitFailed {
			t.Errorf("the command in front of what somebody stopped: %v", r)
		}

		// A second Ctrl-C does not wait for the grace to pass.
		command, answer = in.front("tools/stubborn")
		command.signal(sigint)
		waitFor(t, "the stop", func() bool { return in.show(answer.ExecutionID)["phase"] == "stopping" })
		command.signal(sigint)
		command.end()
		gone(t, answer.PID)
	})
}

func TestStubbornScriptIsKilledAfterTheGrace(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, map[string]any{"limits": map[string]any{"grace_seconds": 1}})
	in.script("stubborn", page("", stubborn))
	command, answer := in.front("tools/stubborn")
	command.signal(sigint)
	if r := command.end(); r.code != exitOK {
		t.Errorf("after Ctrl-C: %v", r)
	}
	gone(t, answer.PID)
	if shown := in.show(answer.ExecutionID); shown["state"] != "terminated" || shown["signal"] != "SIGKILL" {
		t.Errorf("a script that ignores SIGTERM: %v", shown)
	}
}

func TestServeEndsItsPages(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("page", page("", ""))
	server, address := in.serve()
	if !strings.HasPrefix(address, "http://127.0.0.1:") {
		t.Errorf("serve prints %q", address)
	}
	command, answer := in.front("tools/page")
	server.signal(syscall.SIGTERM)
	if r := server.end(); r.code != exitOK {
		t.Errorf("serve: %v", r)
	}
	r := command.end()
	wantFailure(t, r, exitFailed, "quit")
	gone(t, answer.PID)
	if shown := in.show(answer.ExecutionID); shown["state"] != "terminated" || shown["reason"] != "quit" {
		t.Errorf("after the end of serve: %v", shown)
	}
}

// TestTwoInFront: the second command uses the first one's engine, and takes it
// over when the first one ends.
func TestTwoInFront(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{sigint, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			in := newInstallation(t, nil)
			in.script("one", page("", ""))
			in.script("two", page("", family))
			first, one := in.front("tools/one")
			second, two := in.front("tools/two")
			children := in.childrenOf()
			if one.Port == two.Port {
				t.Fatalf("both have port %d", one.Port)
			}
			first.signal(signal)
			if r := first.end(); r.code != exitOK {
				t.Errorf("the first: %v", r)
			}
			gone(t, one.PID)
			// Any command finds the second one as the owner now.
			shown := in.show(two.ExecutionID)
			if shown["state"] != "running" || shown["pid"] != float64(two.PID) {
				t.Errorf("after the end of the first, the second's script: %v", shown)
			}
			if text := get(t, two.URL); !strings.Contains(text, "page of") {
				t.Errorf("the second's page: %q", text)
			}
			waitFor(t, "the second as owner", func() bool {
				return strings.Contains(in.owner(), strconv.Itoa(second.cmd.Process.Pid))
			})
			if second.ended() {
				t.Fatalf("the second ended with the first: %v", second.end())
			}
			second.signal(signal)
			if r := second.end(); r.code != exitOK {
				t.Errorf("the second: %v", r)
			}
			gone(t, append(children, two.PID)...)
			if shown := in.show(two.ExecutionID); shown["state"] != "terminated" || shown["reason"] != "stopped" {
				t.Errorf("the second's script: %v", shown)
			}
		})
	}
}

// owner is what stands in the root about who owns it.
func (in *installation) owner() string {
	b, _ := os.ReadFile(filepath.Join(in.dir, "owner.json"))
	return string(b)
}

func TestTheSameScriptTwice(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("page", page("", ""))
	in.serve()
	first, one := in.front("tools/page")
	second, two := in.front("tools/page")
	if one.ExecutionID != two.ExecutionID || one.PID != two.PID {
		t.Errorf("the same page in the same project: %+v and %+v", one, two)
	}
	// It stops with the last command in front of it, not with the first.
	first.signal(syscall.SIGKILL)
	first.end()
	if !alive(two.PID) || in.show(two.ExecutionID)["state"] != "running" {
		t.Error("the page ended with one of two commands")
	}
	second.signal(syscall.SIGKILL)
	gone(t, two.PID)
}

func TestLogShow(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("lines", task("", `
for i in range(1, 101):
    print("out", i)
    if i % 10 == 0:
        print("err", i, file=sys.stderr)
`))
	in.script("slow", task("", `
folder = sys.argv[sys.argv.index("--data-dir") + 1]
print("first")
while not os.path.exists(os.path.join(folder, "go")):
    time.sleep(0.02)
print("last")
`))
	in.serve()
	id, _ := in.object("run", "tools/lines", "--wait", "end")["id"].(string)
	lines := func(args ...string) []string {
		t.Helper()
		text := strings.TrimSuffix(in.ok(in.command(append([]string{"log", "show", id}, args...)...)), "\n")
		if text == "" {
			return nil
		}
		return strings.Split(text, "\n")
	}
	if got := lines(); len(got) != 110 {
		t.Errorf("%d lines, want 110", len(got))
	}
	if got := lines("--stream", "stderr"); len(got) != 10 || got[0] != "err 10" {
		t.Errorf("stderr: %q", got)
	}
	if got := lines("--stream", "stdout"); len(got) != 100 || got[99] != "out 100" {
		t.Errorf("stdout: %q", got)
	}
	if got := lines("--from", "109"); len(got) != 2 {
		t.Errorf("from 109: %q", got)
	}
	if got := lines("--from=-3"); len(got) != 3 {
		t.Errorf("the last three: %q", got)
	}
	if got := lines("--from", "111"); len(got) != 0 {
		t.Errorf("behind the end: %q", got)
	}
	if got := lines("--stream", "debug"); len(got) < 4 || !strings.Contains(strings.Join(got, "\n"), "python") {
		t.Errorf("debug: %q", got)
	}
	for _, line := range in.list("log", "show", id, "--stream", "stdout,stderr,debug") {
		wantKeys(t, "log show", line, "seq", "time", "stream", "text")
	}
	wantFailure(t, in.command("log", "show", id, "--stream", "nonsense").run(), exitUsage, "nonsense")
	wantFailure(t, in.command("log", "show", "no-such-id").run(), exitNotFound, "no-such-id")

	// --follow shows lines as they come, and ends with the execution.
	slow, _ := in.object("run", "tools/slow")["execution_id"].(string)
	follow := in.command("log", "show", slow, "--follow").start()
	waitFor(t, "the first line", func() bool { return follow.stdout.String() == "first\n" })
	if err := os.WriteFile(filepath.Join(in.dataDir(), "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := follow.end(); r.code != exitOK || r.stdout != "first\nlast\n" {
		t.Errorf("--follow: %v", r)
	}
}
