//go:build e2e

// Package desktop_e2e drives the real programs in bin/ as a person does: in a
// virtual display with a window manager, through the pages of their windows.
// It imports no package of the product.
package desktop_e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	patience   = 90 * time.Second // a machine that builds at the same time is slow
	mainTitle  = "SIDEL ScriptsManager"
	admin      = "anna"
	password   = "correct horse 7"
	sampleID   = "thermal_analysis/heat_transfer"
	sampleName = "Heat transfer through a wall"
)

// repository is the folder that holds bin/ and test-results/.
var (
	repository string
	shim       string // the compiled automation.c
	presser    string // and press.c
	dragger    string // and drag.c
	display    string
	texts      map[string]any // what the pages say in English
)

func TestMain(m *testing.M) { os.Exit(prepare(m)) }

func prepare(m *testing.M) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	here, err := os.Getwd()
	if err != nil {
		return fail(err)
	}
	repository = filepath.Dir(filepath.Dir(here))
	b, err := os.ReadFile(filepath.Join(repository, "translations", "en.json"))
	if err != nil {
		return fail(err)
	}
	if err := json.Unmarshal(b, &texts); err != nil {
		return fail(err)
	}
	work, err := os.MkdirTemp("", "desktop-e2e-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(work)
	shim, presser, dragger = filepath.Join(work, "automation.so"), filepath.Join(work, "press"), filepath.Join(work, "drag")
	for program, how := range map[string]string{
		shim:    "-shared -fPIC -Wl,-z,lazy testdata/automation.c $(pkg-config --cflags webkit2gtk-4.1)",
		presser: "testdata/press.c $(pkg-config --cflags --libs atspi-2 gobject-2.0)",
		dragger: "testdata/drag.c $(pkg-config --cflags --libs gtk+-3.0)",
	} {
		build := exec.Command("sh", "-c", `gcc -O1 -o "$0" `+how, program)
		if out, err := build.CombinedOutput(); err != nil {
			return fail(fmt.Errorf("build %s: %w\n%s", filepath.Base(program), err, out))
		}
	}
	stop, err := openDisplay("1600x1000")
	if err != nil {
		return fail(err)
	}
	defer stop()
	return m.Run()
}

// openDisplay starts a virtual display of a size and a window manager in it,
// and takes it for what is started from then on.
func openDisplay(size string) (stop func(), err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", size+"x24", "-nolisten", "tcp",
		// A server that begins anew when its only client goes takes the window manager with it, while that starts.
		"-noreset")
	server.ExtraFiles = []*os.File{write}
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	_ = write.Close()
	number := make([]byte, 16)
	n, err := read.Read(number) // it writes the number when it is ready
	if err != nil {
		return nil, fmt.Errorf("Xvfb did not start: %w", err)
	}
	display = ":" + strings.TrimSpace(string(number[:n]))
	manager := exec.Command("openbox")
	manager.Env = append(os.Environ(), "DISPLAY="+display)
	if err := manager.Start(); err != nil {
		return nil, fmt.Errorf("start openbox: %w", err)
	}
	for end := time.Now().Add(patience); inDisplay("wmctrl", "-m").Run() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			return nil, fmt.Errorf("the window manager did not start")
		}
	}
	return func() {
		for _, c := range []*exec.Cmd{manager, server} {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}, nil
}

func inDisplay(name string, arguments ...string) *exec.Cmd {
	c := exec.Command(name, arguments...)
	c.Env = append(os.Environ(), "DISPLAY="+display)
	return c
}

// desk is one root with an account, and what runs on it.
type desk struct {
	t       *testing.T
	root    string
	windows string // where processes announce their windows
	app     *exec.Cmd
	stderr  string   // the application's log of its standard error
	environ []string // of the application, beside what each has
}

// newDesk makes a root with an administrator.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := emptyDesk(t)
	d.cli("setup", "--admin", admin)
	return d
}

func emptyDesk(t *testing.T) *desk {
	t.Helper()
	// t.TempDir fails the test when a process that is ending still writes there.
	dir, err := os.MkdirTemp("", "desk-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d := &desk{t: t, root: filepath.Join(dir, "root"), windows: filepath.Join(dir, "windows"), stderr: filepath.Join(dir, "stderr")}
	for _, folder := range []string{d.root, d.windows} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// script puts a script into a group of the root.
func (d *desk) script(name, source string) string {
	d.t.Helper()
	group := filepath.Join(d.root, "app", "backend", "script_groups", "desk")
	if err := os.MkdirAll(group, 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(group, name+".py"), []byte(source), 0o644); err != nil {
		d.t.Fatal(err)
	}
	return "desk/" + name
}

// cli runs the command line on the root and gives what it prints.
func (d *desk) cli(arguments ...string) []byte {
	d.t.Helper()
	c := exec.Command(filepath.Join(repository, "bin", "scriptsmanager"), append(arguments, "--root", d.root)...)
	c.Env = append(os.Environ(), "SCRIPTSMANAGER_ADMIN_PASSWORD="+password)
	var out, errors bytes.Buffer
	c.Stdout, c.Stderr = &out, &errors
	if err := c.Run(); err != nil {
		d.t.Fatalf("scriptsmanager %s: %v\n%s", strings.Join(arguments, " "), err, errors.Bytes())
	}
	return out.Bytes()
}

type execution struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Phase  string `json:"phase"`
	Reason string `json:"reason"`
	PID    int    `json:"pid"`
	URL    string `json:"url"`
}

// last is the newest execution, as the command line tells it.
func (d *desk) last() execution {
	d.t.Helper()
	var all []execution
	if err := json.Unmarshal(d.cli("execution", "list", "--json"), &all); err != nil {
		d.t.Fatal(err)
	}
	if len(all) == 0 {
		return execution{}
	}
	return all[0]
}

func (d *desk) command(arguments ...string) *exec.Cmd {
	program := filepath.Join(repository, "bin", "scriptsmanager-desktop")
	c := inDisplay(program, append([]string{"--root", d.root}, arguments...)...)
	c.Env = append(c.Env, "LD_PRELOAD="+shim, "DESKTOP_E2E_FOLDER="+d.windows, "DESKTOP_E2E_PROGRAM="+program,
		// What the web view remembers is of this desk alone, its language above all.
		"XDG_DATA_HOME="+filepath.Join(filepath.Dir(d.root), "data"), "XDG_CACHE_HOME="+filepath.Join(filepath.Dir(d.root), "cache"),
		"GDK_BACKEND=x11", "LIBGL_ALWAYS_SOFTWARE=1", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "LANGUAGE=")
	c.Env = append(c.Env, d.environ...)
	return c
}

// open starts the application and drives its main window.
func (d *desk) open() *page {
	d.t.Helper()
	log, err := os.Create(d.stderr)
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close()
	d.app = d.command()
	d.app.Stdout, d.app.Stderr = log, log
	start(d.t, d.app)
	d.t.Cleanup(func() {
		if d.t.Failed() {
			b, _ := os.ReadFile(d.stderr)
			d.t.Logf("the application said:\n%s", b)
		}
	})
	return d.drive(d.app.Process.Pid)
}

// start starts a program that is ended with the test, first kindly.
func start(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = c.Process.Kill()
			<-ended
		}
	})
}

// signIn signs in at the main window, as the administrator that newDesk made.
func (d *desk) signIn(main *page) {
	d.t.Helper()
	main.fill("input[name=username]", admin)
	main.fill("input[name=password]", password)
	main.click("button[type=submit]")
	main.until("the frame after signing in", func() bool { return main.has("nav") })
}

// run opens a script's page in the main window and presses Run. It gives the
// page of the window that opens.
func (d *desk) run(main *page, script string) *page {
	d.t.Helper()
	before := d.announced()
	var none any
	main.must(main.run("location.hash = arguments[0]", &none, "#/scripts/"+script))
	main.click(button(text("ui.run.run")))
	return d.another(before)
}

// another is the page of the window that opens beside those that were there.
func (d *desk) another(before map[int]bool) *page {
	d.t.Helper()
	return d.drive(d.newcomer(before))
}

// newcomer is the process of the window that opens beside those that were there.
func (d *desk) newcomer(before map[int]bool) int {
	d.t.Helper()
	pid := 0
	d.until("a window opens", func() bool {
		for p := range d.announced() {
			if !before[p] {
				pid = p
			}
		}
		return pid != 0
	})
	return pid
}

// said is what native parts of a window's process were given to say last,
// newest first, a line each.
func (d *desk) said(pid int) []string {
	b, _ := os.ReadFile(filepath.Join(d.windows, strconv.Itoa(pid)+".said"))
	all := strings.Split(strings.TrimSpace(string(b)), "\n")
	slices.Reverse(all)
	return all
}

func (d *desk) announced() map[int]bool {
	d.t.Helper()
	files, err := os.ReadDir(d.windows)
	if err != nil {
		d.t.Fatal(err)
	}
	all := map[int]bool{}
	for _, f := range files {
		if pid, err := strconv.Atoi(f.Name()); err == nil {
			all[pid] = true
		}
	}
	return all
}

// titles are those of the windows on the screen.
func (d *desk) titles() []string {
	out, err := inDisplay("wmctrl", "-l").Output()
	if err != nil {
		return nil
	}
	var titles []string
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if f := strings.SplitN(strings.Join(strings.Fields(line), " "), " ", 4); len(f) == 4 {
			titles = append(titles, f[3])
		}
	}
	return titles
}

// active is the title of the window that has the focus.
func (d *desk) active() string {
	out, err := inDisplay("xdotool", "getactivewindow", "getwindowname").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func (d *desk) hasWindow(title string) bool {
	for _, have := range d.titles() {
		if have == title {
			return true
		}
	}
	return false
}

// close closes a window as its close button does.
func (d *desk) close(title string) {
	d.t.Helper()
	if out, err := inDisplay("wmctrl", "-F", "-c", title).CombinedOutput(); err != nil {
		d.t.Fatalf("close %q: %v %s; there are %q", title, err, out, d.titles())
	}
}

func (d *desk) until(what string, ok func() bool) {
	d.t.Helper()
	until(d.t, what, ok, func() string { return fmt.Sprintf("windows: %q", d.titles()) })
}

func until(t *testing.T, what string, ok func() bool, otherwise func() string) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s\n%s", what, otherwise())
		}
	}
}

// text is what the pages say in English for a key.
func text(key string) string {
	s, _ := texts[key].(string)
	if s == "" {
		panic("no text " + key)
	}
	return s
}

func running(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	// After the name in parentheses comes the state; a zombie has ended.
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	return len(f) > 0 && f[0] != "Z"
}
