//go:build e2e && linux

// Package wine_test runs the programs that were built for Windows (bin/windows, or SM_BIN) under
// Wine, as far as Wine shows what Windows does. It imports nothing of the product. Python's place is
// taken by standin. Where there is no Wine, or none that starts, it is left out.
package wine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait: far more than is needed, for a busy machine.
const patience = 5 * time.Minute

// root has blanks and letters beyond ASCII, as people's folders do.
const root = `C:\Prüfung Ñandú\root é`

// machine is a Windows of its own, as Wine makes one.
type machine struct {
	t       *testing.T
	prefix  string
	control string
	program string
}

// path gives where Linux has a path of drive C.
func (m *machine) path(windows string) string {
	return filepath.Join(m.prefix, "drive_c", filepath.FromSlash(strings.ReplaceAll(strings.TrimPrefix(windows, `C:\`), `\`, "/")))
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	for _, name := range []string{"wine", "wineserver", "x86_64-w64-mingw32-gcc"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("left out: ", err)
		}
	}
	bin := os.Getenv("SM_BIN")
	if bin == "" {
		bin = filepath.Join("..", "..", "bin", "windows")
	}
	bin, err := filepath.Abs(bin)
	check(t, err)
	m := &machine{t: t, prefix: filepath.Join(t.TempDir(), "prefix"), program: filepath.Join(bin, "scriptsmanager.exe")}
	_, err = os.Stat(m.program)
	check(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		for _, flag := range []string{"-k", "-w"} { // end it all, and wait for that
			cmd := exec.CommandContext(ctx, "wineserver", flag)
			cmd.Env = m.environ()
			_ = cmd.Run() // it may have ended by itself
		}
	})
	if _, err := m.command("wineboot", "--init").run(); err != nil {
		t.Skip("left out: Wine does not start here: ", err)
	}
	system := m.path(`C:\windows\system32`)
	if _, err := os.Stat(system); err != nil {
		t.Skip("left out: Wine does not start here: ", err)
	}
	m.build("x86_64-w64-mingw32-gcc", "-shared", "-O2", "-s", "-o", filepath.Join(system, "bcryptprimitives.dll"), filepath.Join("testdata", "bcryptprimitives.c"), "-ladvapi32", "-lntdll")
	m.control = filepath.Join(t.TempDir(), "control.exe")
	m.build("go", "build", "-buildvcs=false", "-trimpath", "-o", m.control, "./standin")
	return m
}

func (m *machine) build(argv ...string) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		m.t.Fatalf("%v: %v\n%s", argv, err, out)
	}
}

func (m *machine) environ() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(m.prefix), "LC_ALL=C.UTF-8", "TMPDIR=" + os.TempDir(),
		"WINEPREFIX=" + m.prefix, "WINEARCH=win64", "WINEDEBUG=-all",
		// Neither .NET nor HTML is offered for download.
		"WINEDLLOVERRIDES=mscoree,mshtml=", "SCRIPTSMANAGER_ADMIN_PASSWORD=correct horse 7",
	}
}

// command is a program of Windows, with what it printed.
type command struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

func (m *machine) command(argv ...string) *command {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	m.t.Cleanup(cancel)
	c := &command{cmd: exec.CommandContext(ctx, "wine", argv...)}
	c.cmd.Env = m.environ()
	c.cmd.Stdout, c.cmd.Stderr = &c.stdout, &c.stderr
	c.cmd.WaitDelay = 5 * time.Second // what Wine starts beside it keeps the pipes
	return c
}

func (c *command) run() (code int, err error) {
	err = c.cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() || errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	if c.cmd.ProcessState != nil {
		code = c.cmd.ProcessState.ExitCode()
	}
	return code, err
}

// run runs scriptsmanager, which must end with the code, and gives what it printed.
func (m *machine) run(want int, args ...string) string {
	m.t.Helper()
	c := m.command(append([]string{m.program, "--root", root}, args...)...)
	if code, err := c.run(); err != nil || code != want {
		m.t.Fatalf("%v: exit code %d, %v, want %d\nstdout: %s\nstderr: %s", args, code, err, want, &c.stdout, &c.stderr)
	}
	return c.stdout.String()
}

func (m *machine) kill(name string) {
	m.t.Helper()
	c := m.command(m.control, "kill", name)
	if code, err := c.run(); err != nil || code != 0 {
		m.t.Fatalf("kill %s: %d, %v: %s", name, code, err, &c.stderr)
	}
}

// start starts scriptsmanager, which goes on, and reads the JSON document that it prints into v.
func (m *machine) start(v any, args ...string) {
	m.t.Helper()
	cmd := exec.Command("wine", append([]string{m.program, "--root", root}, args...)...)
	cmd.Env = m.environ()
	out, err := os.Create(filepath.Join(m.t.TempDir(), "stdout"))
	check(m.t, err)
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	check(m.t, cmd.Start())
	m.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	m.wait("what the program prints", func() bool {
		b, err := os.ReadFile(out.Name())
		return err == nil && json.Unmarshal(b, v) == nil
	})
}

func (m *machine) write(windows, text string) {
	m.t.Helper()
	check(m.t, os.MkdirAll(filepath.Dir(m.path(windows)), 0o700))
	check(m.t, os.WriteFile(m.path(windows), []byte(text), 0o600))
}

func (m *machine) wait(what string, holds func() bool) {
	m.t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("waited %v in vain for %s", patience, what)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func answers(address string) bool {
	c, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

func get(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Timeout: patience}
	response, err := client.Get(url)
	check(t, err)
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v\n%s", url, response.Status, err, b)
	}
	return string(b)
}

// execution is what the tests read of a record.
type execution struct {
	ID       string `json:"id"`
	State    string `json:"state"`
	Reason   string `json:"reason"`
	ExitCode *int   `json:"exit_code"`
	Lines    int    `json:"lines"`
}

func (m *machine) show(id string) (e execution) {
	m.t.Helper()
	check(m.t, json.Unmarshal([]byte(m.run(0, "execution", "show", id, "--json")), &e))
	return e
}

const header = "\"\"\"A script of the tests.\n\nScriptsManager Metadata:\n%s\n\"\"\"\n%s"

// freePorts gives the first of ten ports of which the first is free.
func freePorts(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	return min(l.Addr().(*net.TCPAddr).Port, 65000)
}

// It is one test, as a machine is what takes long.
func TestProgramsRun(t *testing.T) {
	m := newMachine(t)
	const groups = root + `\app\backend\script_groups\tools\`
	m.write(groups+"metadata.json", `{"name": "Tools"}`)
	m.write(groups+"page.py", fmt.Sprintf(header, "@display_name: Page", "# standin: print 1000\n# standin: child\n# standin: page\n"))
	m.write(groups+"task.py", fmt.Sprintf(header, "@interface: none", "# standin: print 300\n# standin: exit 3\n"))
	port := freePorts(t)
	m.write(root+`\config.json`, fmt.Sprintf(`{"limits": {"grace_seconds": 1, "start_seconds": 100}, "web_interface": {"port_range": {"start": %d, "end": %d}}}`, port, port+9))
	m.write(root+`\venv\pyvenv.cfg`, "home = C:\\Python312\nversion = 3.12.1\n")
	python, err := os.ReadFile(m.control)
	check(t, err)
	m.write(root+`\venv\Scripts\python.exe`, string(python))

	if out := m.run(0, "version"); !strings.Contains(out, "ScriptsManager") {
		t.Errorf("version: %s", out)
	}
	m.run(0, "setup", "--admin", "anna")
	if out := m.run(0, "script", "list", "--json"); !strings.Contains(out, `"tools/page"`) || !strings.Contains(out, `"tools/task"`) {
		t.Errorf("script list: %s", out)
	}
	if out := m.run(0, "environment", "list", "--json"); !strings.Contains(out, `"3.12.1"`) {
		t.Errorf("environment list: %s", out)
	}
	if out := m.run(0, "doctor", "--json"); !strings.Contains(out, "windows/amd64") {
		t.Errorf("doctor: %s", out)
	}

	// A script without a page, to its end, by a command that owns the root.
	var task execution
	check(t, json.Unmarshal([]byte(m.run(1, "run", "tools/task", "--wait", "end", "--json")), &task))
	if task.State != "failed" || task.ExitCode == nil || *task.ExitCode != 3 || task.Lines != 600 {
		t.Errorf("task: %+v", task)
	}

	// A page, started by a client of the engine that owns the root.
	var served struct {
		URL string `json:"url"`
	}
	m.start(&served, "serve", "--listen", "127.0.0.1:0", "--json")
	if text := get(t, served.URL); !strings.Contains(text, "<html") {
		t.Errorf("serve answers %s", text)
	}
	m.run(5, "serve", "--listen", "127.0.0.1:0")
	run := func() (id, url, child string) {
		t.Helper()
		var ready struct {
			ID  string `json:"execution_id"`
			URL string `json:"url"`
		}
		m.start(&ready, "run", "tools/page", "--wait", "ready", "--json")
		text := get(t, ready.URL)
		_, child, _ = strings.Cut(text, "child ")
		child, _, _ = strings.Cut(child, ",")
		if !strings.Contains(text, `user_anna\\project_default`) || !answers(child) {
			t.Fatalf("the page says %s", text)
		}
		return ready.ID, ready.URL, child
	}
	gone := func(url, child string) {
		t.Helper()
		m.wait("the end of the page", func() bool { return !answers(strings.Trim(strings.TrimPrefix(url, "http://"), "/")) })
		m.wait("the end of what the page started", func() bool { return !answers(child) })
	}

	id, url, child := run()
	m.run(0, "stop", id)
	gone(url, child)
	if e := m.show(id); e.State != "terminated" || e.Reason != "stopped" || e.Lines < 2000 {
		t.Errorf("stopped: %+v", e)
	}

	// The job object ends the tree of a shim that is killed.
	id, url, child = run()
	m.kill("scriptsmanager-shim.exe")
	gone(url, child)
	m.wait("the end of the record", func() bool { return m.show(id).State != "running" })

	// So it does when all programs are killed; the root is free then.
	_, url, child = run()
	m.kill("scriptsmanager.exe")
	gone(url, child)
	m.run(0, "group", "list")
}
