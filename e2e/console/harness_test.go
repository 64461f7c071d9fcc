//go:build e2e && linux

// Package console_test drives the built programs as a person at a terminal
// does: it starts bin/scriptsmanager with real scripts in a fresh root and
// looks at what it prints, at its exit codes, at processes, ports, files and
// the database. It imports nothing of the product, so that it holds what is
// promised to the outside, and it expects scriptsmanager-shim beside the
// program. SM_BIN names another folder of programs than ../../bin.
package console_test

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
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Exit codes of the command line.
const (
	exitOK         = 0
	exitFailed     = 1
	exitUsage      = 2
	exitNotAllowed = 3
	exitNotFound   = 4
	exitBusy       = 5
)

const (
	adminName = "anna"
	password  = "correct horse 7"
	// patience bounds every wait: far more than is needed, for a busy machine.
	patience = 60 * time.Second
)

// program is the path of the command line program.
var program string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	// Programs inherit what their parent ignores: heard here, a hangup is not
	// ignored by them, also where the tests were started by nohup.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	dir := os.Getenv("SM_BIN")
	if dir == "" {
		dir = filepath.Join("..", "..", "bin")
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		for _, name := range []string{"scriptsmanager", "scriptsmanager-shim"} {
			if _, err = os.Stat(filepath.Join(dir, name)); err != nil {
				break
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the programs are not built (run `make console`, or set SM_BIN):", err)
		return 1
	}
	program = filepath.Join(dir, "scriptsmanager")
	return m.Run()
}

// installation is a root with its own ports and its own home folder.
type installation struct {
	t    *testing.T
	dir  string
	home string
	port int // first of its range of ten
	// as are arguments before the program, to run it as somebody else.
	as      []string
	program string   // the program where it is not the usual one
	envs    []string // more variables
}

// ranges are the ranges of ten ports that no running test has, those first that
// none had yet: connections linger at ports for a minute, and a port where they
// do is passed over. They differ from process to process, as several may test at
// once.
var ranges = func() chan int {
	free := make(chan int, 180)
	for i := range cap(free) {
		free <- 12000 + os.Getpid()%11*1800 + i*10
	}
	return free
}()

// portRange is the first port of ten that are this test's until it ends.
func portRange(t *testing.T) int {
	t.Helper()
	first := <-ranges
	t.Cleanup(func() { ranges <- first })
	return first
}

// newRoot makes a root without administrator, with the configuration given
// (keys of config.json) beside its own range of ports.
func newRoot(t *testing.T, configuration map[string]any) *installation {
	t.Helper()
	return rootIn(t, filepath.Join(t.TempDir(), "root"), configuration)
}

func rootIn(t *testing.T, dir string, configuration map[string]any) *installation {
	t.Helper()
	in := &installation{t: t, dir: dir, home: t.TempDir(), port: portRange(t), program: program}
	if err := os.MkdirAll(in.groups(), 0o700); err != nil {
		t.Fatal(err)
	}
	// A folder that is there keeps the sample groups out: fewer scripts to read.
	in.write("app/backend/script_groups/tools/metadata.json", `{"name": "Tools"}`)
	config := map[string]any{"limits": map[string]any{"grace_seconds": 3, "start_seconds": 30}}
	web := map[string]any{"port_range": map[string]any{"start": in.port, "end": in.port + 9}}
	for key, value := range configuration {
		if given, ok := value.(map[string]any); ok && key == "web_interface" {
			for k, v := range given {
				web[k] = v
			}
			continue
		}
		config[key] = value
	}
	config["web_interface"] = web
	b, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	in.write("config.json", string(b))
	t.Cleanup(in.nothingLeft)
	return in
}

// newInstallation makes a root with an administrator.
func newInstallation(t *testing.T, configuration map[string]any) *installation {
	t.Helper()
	in := newRoot(t, configuration)
	in.setup()
	return in
}

func (in *installation) setup() {
	in.t.Helper()
	in.ok(in.command("setup", "--admin", adminName).with("SCRIPTSMANAGER_ADMIN_PASSWORD=" + password))
}

func (in *installation) groups() string {
	return filepath.Join(in.dir, "app", "backend", "script_groups")
}

// write writes a file below the root.
func (in *installation) write(name, text string) string {
	in.t.Helper()
	path := filepath.Join(in.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		in.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		in.t.Fatal(err)
	}
	return path
}

// script writes a script of the group "tools" and gives its id.
func (in *installation) script(name, text string) string {
	in.t.Helper()
	in.write("app/backend/script_groups/tools/"+name+".py", text)
	return "tools/" + name
}

// command is an invocation of the program.
type command struct {
	in      *installation
	args    []string
	environ []string
	input   string
	limit   time.Duration
}

func (in *installation) command(args ...string) *command {
	return &command{in: in, args: append([]string{"--root", in.dir}, args...), environ: in.environ(), limit: patience}
}

// bare is a command without --root.
func (in *installation) bare(args ...string) *command {
	c := in.command()
	c.args = args
	return c
}

func (in *installation) environ() []string {
	return append([]string{"PATH=/usr/bin:/bin", "HOME=" + in.home, "LANG=en_US.UTF-8", "TMPDIR=" + os.TempDir()}, in.envs...)
}

func (c *command) with(variables ...string) *command {
	c.environ = append(c.environ, variables...)
	return c
}

func (c *command) stdin(text string) *command {
	c.input = text
	return c
}

func (c *command) prepare(ctx context.Context) *exec.Cmd {
	argv := append(append([]string{}, c.in.as...), c.in.program)
	argv = append(argv, c.args...)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = c.environ, c.in.home
	cmd.Stdin = strings.NewReader(c.input)
	return cmd
}

// result is what an invocation came to.
type result struct {
	code           int
	stdout, stderr string
}

func (r result) String() string {
	return fmt.Sprintf("exit code %d\nstdout: %s\nstderr: %s", r.code, r.stdout, r.stderr)
}

// run runs the command to its end.
func (c *command) run() result {
	t := c.in.t
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), c.limit)
	defer cancel()
	cmd := c.prepare(ctx)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// What inherited the pipes and lives on must not hold us up.
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v\n%s", c.args, err, stderr.String())
	}
	if ctx.Err() != nil {
		t.Fatalf("%v did not end within %v\nstdout: %s\nstderr: %s", c.args, c.limit, &stdout, &stderr)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// ok runs a command that must succeed, and gives what it printed.
func (in *installation) ok(c *command) string {
	in.t.Helper()
	r := c.run()
	if r.code != exitOK {
		in.t.Fatalf("%v: %v", c.args, r)
	}
	return r.stdout
}

// object runs a command with --json that must succeed and print one object.
func (in *installation) object(args ...string) map[string]any {
	in.t.Helper()
	return decode[map[string]any](in.t, in.ok(in.command(append(args, "--json")...)))
}

// list is the same for an array of objects.
func (in *installation) list(args ...string) []map[string]any {
	in.t.Helper()
	return decode[[]map[string]any](in.t, in.ok(in.command(append(args, "--json")...)))
}

// decode reads exactly one JSON document.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	d := json.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&v); err != nil {
		t.Fatalf("not JSON of the form that is wanted: %v\n%s", err, text)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("more than one JSON document: %s", text)
	}
	return v
}

// running is a command that stays in front.
type running struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *output
	stderr *output
	done   chan struct{}
}

// output collects what is written, for readers at the same time.
type output struct {
	mu   sync.Mutex
	text []byte
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, b...)
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// start starts a command that goes on; it is killed at the end of the test.
func (c *command) start() *running {
	t := c.in.t
	t.Helper()
	r := &running{t: t, cmd: c.prepare(context.Background()), stdout: &output{}, stderr: &output{}, done: make(chan struct{})}
	r.cmd.Stdout, r.cmd.Stderr = r.stdout, r.stderr
	r.cmd.WaitDelay = 5 * time.Second
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = r.cmd.Wait() // the exit code is asked for by end
		close(r.done)
	}()
	t.Cleanup(func() {
		r.signal(syscall.SIGTERM)
		select {
		case <-r.done:
		case <-time.After(patience):
			r.signal(syscall.SIGKILL)
			<-r.done
			t.Errorf("%v did not end after SIGTERM\n%s", r.cmd.Args, r.stderr)
		}
	})
	return r
}

func (r *running) signal(s os.Signal) {
	_ = r.cmd.Process.Signal(s) // it may have ended
}

// end waits for the command's end and gives its result.
func (r *running) end() result {
	r.t.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		r.t.Fatalf("%v goes on\nstdout: %s\nstderr: %s", r.cmd.Args, r.stdout, r.stderr)
	}
	return result{r.cmd.ProcessState.ExitCode(), r.stdout.String(), r.stderr.String()}
}

func (r *running) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// ready is what `run --wait ready --json` prints.
type ready struct {
	ExecutionID string `json:"execution_id"`
	URL         string `json:"url"`
	Port        int    `json:"port"`
	PID         int    `json:"pid"`
	State       string `json:"state"`
}

// document waits for the command's JSON document on stdout.
func (r *running) document() string {
	r.t.Helper()
	waitFor(r.t, "the command's JSON document", func() bool {
		return json.Valid([]byte(r.stdout.String())) || r.ended()
	})
	if !json.Valid([]byte(r.stdout.String())) {
		r.t.Fatalf("no JSON document: %v", r.end())
	}
	return r.stdout.String()
}

func (r *running) ready() ready {
	r.t.Helper()
	return decode[ready](r.t, r.document())
}

// serve starts headless mode on a free port and gives it with its address.
func (in *installation) serve() (*running, string) {
	in.t.Helper()
	r := in.command("serve", "--listen", "127.0.0.1:0", "--json").start()
	return r, decode[struct {
		URL string `json:"url"`
	}](in.t, r.document()).URL
}

// front runs a script with `run --wait ready` and waits until its page answers.
func (in *installation) front(id string, more ...string) (*running, ready) {
	in.t.Helper()
	r := in.command(append([]string{"run", id, "--wait", "ready", "--json"}, more...)...).start()
	return r, r.ready()
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain for %s", patience, what)
		}
	}
}

// alive tells whether a process runs; a zombie does not.
func alive(pid int) bool {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false
	}
	rest := b[bytes.LastIndexByte(b, ')')+1:]
	return !bytes.HasPrefix(bytes.TrimSpace(rest), []byte("Z"))
}

func gone(t *testing.T, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		waitFor(t, fmt.Sprintf("the end of process %d", pid), func() bool { return !alive(pid) })
	}
}

// processesOf lists processes that have the text in their command line or
// environment.
func processesOf(text string) (list []string) {
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || !alive(pid) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		environ, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		if bytes.Contains(line, []byte(text)) || bytes.Contains(environ, []byte(text)) {
			list = append(list, entry.Name()+": "+string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	}
	return list
}

// get fetches a page.
func get(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v\n%s", url, response.Status, err, b)
	}
	return string(b)
}

func answers(port int) bool {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// query asks the database, as an administrator could with the sqlite3 program.
func (in *installation) query(sql string) [][]any {
	in.t.Helper()
	return in.sqlite("ro", sql)
}

// tamper changes the database, as whoever owns its file can.
func (in *installation) tamper(statements ...string) {
	in.t.Helper()
	for _, sql := range statements {
		in.sqlite("rw", sql)
	}
}

func (in *installation) sqlite(mode, sql string) [][]any {
	in.t.Helper()
	const code = `import json, sqlite3, sys
db = sqlite3.connect("file:" + sys.argv[1] + "?mode=" + sys.argv[3], uri=True, timeout=10)
print(json.dumps([list(row) for row in db.execute(sys.argv[2])], default=repr))
db.commit()`
	cmd := exec.Command("/usr/bin/python3", "-c", code, filepath.Join(in.dir, "data", "scriptsmanager.db"), sql, mode)
	b, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			in.t.Fatalf("%s: %v\n%s", sql, err, exit.Stderr)
		}
		in.t.Fatal(err)
	}
	return decode[[][]any](in.t, string(b))
}

// nothingLeft is asked at the end of every test: no process of this root, no
// live lease, no live execution (SPEC PRT-2, EXE-3).
func (in *installation) nothingLeft() {
	t := in.t
	if t.Failed() {
		return // what it left then says nothing
	}
	var left []string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if left = processesOf(in.dir); len(left) == 0 {
			break
		}
	}
	if len(left) > 0 {
		t.Errorf("processes are left:\n%s", strings.Join(left, "\n"))
	}
	if _, err := os.Stat(filepath.Join(in.dir, "data", "scriptsmanager.db")); err != nil {
		return // it was never opened
	}
	const live = "SELECT execution_uuid, status FROM execution_logs WHERE status IN ('queued', 'running')"
	if rows := in.query(live); len(rows) > 0 {
		// One that ended in the moment in which its engine did is put right by
		// the next engine (EXE-6).
		in.ok(in.command("execution", "list"))
		if rows := in.query(live); len(rows) > 0 {
			t.Errorf("executions are live in the database: %v", rows)
		}
	}
	if rows := in.query("SELECT * FROM port_allocations WHERE status <> 'released'"); len(rows) > 0 {
		t.Errorf("leases are live in the database: %v", rows)
	}
}
