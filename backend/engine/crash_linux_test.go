package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/store"
)

// steal makes another program of the test listen on a port.
func steal(t *testing.T, port int) {
	t.Helper()
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) })
	}}
	l, err := config.Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
}

// stubborn never listens, and does not end when asked to.
const stubborn = `import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
while True: time.sleep(0.1)
`

func TestStopHoldsWhileThePortIsChanged(t *testing.T) { // EXE-3, PRT-3
	for name, end := range map[string]func(*installation, domain.Execution, func()){
		"stop": func(n *installation, e domain.Execution, _ func()) {
			if err := n.engine.Stop(e.ID, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}); err != nil {
				t.Fatal(err)
			}
		},
		"window": func(_ *installation, _ domain.Execution, release func()) { release() },
	} {
		t.Run(name, func(t *testing.T) {
			n := newInstallation(t, map[string]string{"s.py": stubborn},
				`{"web_interface":{"port_range":{"start":START,"end":END}},"limits":{"grace_seconds":3}}`)
			id := n.run("s")
			release, err := n.engine.Attach(id, 0, "browser")
			if err != nil {
				t.Fatal(err)
			}
			e := n.await(id, "deaf", func(e domain.Execution) bool { return e.PID != 0 && e.Lines > 0 })
			steal(t, e.Port)
			n.await(id, "ended for its port", func(e domain.Execution) bool { return e.Phase == domain.PhaseStopping })
			end(n, e, release)
			again := n.await(id, "ended", func(x domain.Execution) bool { return ended(x) || (x.PID != 0 && x.PID != e.PID) })
			if again.State != domain.StateTerminated || alive(e.PID) {
				t.Errorf("%s, %s, pid %d after %d: %v", again.State, again.Reason, again.PID, e.PID, again.Error)
			}
		})
	}
}

func TestKilledShimLeavesNothing(t *testing.T) { // EXE-7
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, "")}, "")
	for range 8 {
		e := n.ready(n.run("p"))
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", e.PID))
		if err != nil {
			t.Fatal(err)
		}
		parent, err := strconv.Atoi(string(bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])[1]))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(parent, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if e = n.ended(e.ID); e.Reason != domain.ReasonLost || alive(e.PID) {
			t.Fatalf("%s, %s, script alive %v", e.State, e.Reason, alive(e.PID))
		}
	}
	if h := n.engine.Health(t.Context()); h.ActiveScripts != 0 || !strings.HasPrefix(h.PortUsage, "0/") {
		t.Errorf("health: %+v", h)
	}
}

func TestRecordHasWhatTheNextEngineNeeds(t *testing.T) { // EXE-6: an engine may be killed before a page answers
	n := newInstallation(t, map[string]string{"s.py": stubborn}, "")
	id := n.run("s")
	e := n.await(id, "started", func(e domain.Execution) bool { return e.PID != 0 })
	s, err := store.Open(t.Context(), n.root.Database())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	kept, err := s.Execution(t.Context(), id)
	if err != nil || kept.Port != e.Port || kept.DataDir != e.DataDir || len(kept.Command) == 0 {
		t.Errorf("recorded: port %d of %d, folder %q, command %q, %v", kept.Port, e.Port, kept.DataDir, kept.Command, err)
	}
}

// A page that an ending command's engine was just launching is ready under the
// next one, at whatever moment that was.
func TestLaunchIsHandedOverWhole(t *testing.T) { // EXE-6
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, "")}, "")
	kind := platform.OwnerServe
	n.change = append(n.change, func(o *engine.Options) { o.Kind = kind })
	for i := range 12 {
		if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
			t.Fatal(err)
		}
		kind = platform.OwnerCommand
		n.open()
		id := n.run("p")
		if _, err := n.engine.Attach(id, 0, "command"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(8*i) * time.Millisecond) // the moment is the point
		if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
			t.Fatal(err)
		}
		kind = platform.OwnerServe
		n.open()
		n.ready(id)
		if err := n.engine.Stop(id, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}); err != nil {
			t.Fatal(err)
		}
		n.ended(id)
	}
}

func TestRunFoldersLeftByAKilledEngineGo(t *testing.T) { // EXE-7, SEC-6
	n := newInstallation(t, map[string]string{"j.py": "'''ScriptsManager Metadata:\n@interface: none\n'''\nimport time\nwhile True: time.sleep(0.1)\n"}, "")
	running := n.ready(n.run("j"))
	left := filepath.Join(n.engine.RunDir(), "0123456789ab")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "parameters.json"), []byte(`{"key":"secret"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	draft := filepath.Join(filepath.Dir(n.root.Groups()), ".new-123")
	if err := os.MkdirAll(draft, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	n.open()
	for _, path := range []string{left, draft} {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if e, err := n.engine.Execution(t.Context(), running.ID); err != nil || !e.State.Live() || !alive(running.PID) {
		t.Errorf("what runs on: %s, %v", e.State, err)
	}
}

func TestSettingsOfOursHold(t *testing.T) { // EXE-1: whatever is inherited
	n := newInstallation(t, map[string]string{"e.py": `'''ScriptsManager Metadata:
@interface: none
'''
import os
print(os.environ["no_proxy"], os.environ["PYTHONUTF8"])
`}, "")
	e := n.ended(n.run("e"))
	page, err := n.engine.ReadLog(e, 1, 10, nil)
	if err != nil || len(page.Lines) != 1 || page.Lines[0].Text != ".example.com,127.0.0.1,localhost,::1 1" {
		t.Errorf("the script has %+v, %v", page.Lines, err)
	}
}

func TestDocumentIsAFile(t *testing.T) { // DOC-1
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, "")}, "")
	group := filepath.Join(n.root.Groups(), "g")
	if err := syscall.Mkfifo(filepath.Join(group, "doc.md"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(group, "link.md")); err != nil {
		t.Fatal(err)
	}
	s, err := n.engine.Script(t.Context(), "g/p")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"doc.md", "link.md", "../../../config.json", "/etc/passwd"} {
		s.DescriptionLong = domain.Text{domain.English: path}
		done := make(chan error, 1)
		go func() {
			source, err := n.engine.Document(t.Context(), s, domain.English)
			if err == nil {
				err = fmt.Errorf("gives %q", source.Text)
			} else if domain.AsError(err) != nil {
				err = nil
			}
			done <- err
		}()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s: never answers", path)
		}
	}
}
