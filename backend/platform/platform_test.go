package platform_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ordinary skips the rest of a test for root, whom permissions do not stop.
func asRoot() bool { return os.Geteuid() == 0 }

func TestFindRoot(t *testing.T) { // SPEC section 2
	exe := t.TempDir()
	check(t, os.MkdirAll(filepath.Join(exe, "app", "backend", "script_groups"), 0o700))
	data := t.TempDir()
	t.Setenv("XDG_DATA_HOME", data)
	abs, err := filepath.Abs("rel")
	check(t, err)
	for _, c := range []struct{ flag, env, exe, want string }{
		{"/flag", "/env", exe, "/flag"},
		{"rel", "", "", abs},
		{"", "/env", exe, "/env"},
		{"", "", exe, exe},
		{"", "", t.TempDir(), filepath.Join(data, "scriptsmanager")},
		{"", "", "", filepath.Join(data, "scriptsmanager")},
	} {
		if runtime.GOOS != "linux" && c.want != exe {
			continue
		}
		if got, err := platform.FindRoot(c.flag, c.env, c.exe); err != nil || got != c.want {
			t.Errorf("FindRoot(%q, %q, %q) = %q, %v; want %q", c.flag, c.env, c.exe, got, err, c.want)
		}
	}
}

func TestPrepareMakesFolders(t *testing.T) {
	r, err := platform.Prepare(filepath.Join(t.TempDir(), "new", "root"))
	check(t, err)
	for _, dir := range []string{r.Dir, r.Groups(), r.Data(), r.ExecutionLogs(), r.SystemLogs(), r.AuditLogs(), r.ScriptData(), r.ProjectBackups()} {
		info, err := os.Stat(dir)
		check(t, err)
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %o", dir, info.Mode().Perm())
		}
	}
	if left, _ := filepath.Glob(filepath.Join(r.Dir, ".write-test-*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
	if _, err := platform.Prepare(r.Dir); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

func TestPrepareRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(file, nil, 0o600))
	paths := map[string]string{"a file": file, "below a file": filepath.Join(file, "x")}
	if runtime.GOOS == "linux" {
		paths["read-only file system"] = "/proc/scriptsmanager"
	}
	if !asRoot() && runtime.GOOS != "windows" {
		closed := t.TempDir()
		check(t, os.Chmod(closed, 0o500))
		paths["no right to write"] = closed
	}
	for name, path := range paths {
		_, err := platform.Prepare(path)
		if !domain.HasCode(err, domain.CodeRootNotWritable) {
			t.Errorf("%s: %v", name, err)
		} else if p := domain.AsError(err).Params; p["root"] != path || p["reason"] == "" {
			t.Errorf("%s: params %v", name, p)
		}
	}
}

func TestLock(t *testing.T) { // API: one owner per root
	r, err := platform.Prepare(t.TempDir())
	check(t, err)
	if o, ok := platform.ReadOwner(r); ok {
		t.Errorf("owner of a new root: %+v", o)
	}
	l, err := platform.LockRoot(r, platform.OwnerServe)
	check(t, err)
	_, err = platform.LockRoot(r, platform.OwnerDesktop)
	if !domain.HasCode(err, domain.CodeRootOwned) {
		t.Fatalf("second lock in the same process: %v", err)
	}
	if p := domain.AsError(err).Params; p["owner"] != platform.OwnerServe || p["pid"] != os.Getpid() || p["root"] != r.Dir {
		t.Errorf("params %v", p)
	}
	want := platform.Owner{Kind: platform.OwnerServe, PID: os.Getpid(), Socket: "/s", Token: "secret", Version: "1", StartedAt: time.Now().UTC().Round(0)}
	check(t, l.Describe(want))
	if o, ok := platform.ReadOwner(r); !ok || o != want {
		t.Errorf("owner %+v, %v; want %+v", o, ok, want)
	}
	for _, name := range []string{"owner.json", ".lock"} {
		if info, err := os.Stat(filepath.Join(r.Dir, name)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	check(t, l.Unlock())
	if o, ok := platform.ReadOwner(r); ok {
		t.Errorf("owner after unlocking: %+v", o)
	}
	l, err = platform.LockRoot(r, platform.OwnerCommand)
	check(t, err)
	check(t, l.Unlock())
}

// TestMain lets the test program be the other process of TestLockOfKilledProcess.
func TestMain(m *testing.M) {
	if root := os.Getenv("PLATFORM_TEST_LOCK"); root != "" {
		if _, err := platform.LockRoot(platform.Root{Dir: root}, platform.OwnerDesktop); err != nil {
			_, _ = os.Stdout.WriteString(err.Error())
			os.Exit(1)
		}
		_, _ = os.Stdout.WriteString("locked\n")
		time.Sleep(time.Hour) // and not select {}, in which Go on Windows sees a deadlock
	}
	os.Exit(m.Run())
}

func TestLockOfKilledProcess(t *testing.T) {
	r, err := platform.Prepare(t.TempDir())
	check(t, err)
	self, err := os.Executable()
	check(t, err)
	other := exec.CommandContext(t.Context(), self)
	other.Env = append(os.Environ(), "PLATFORM_TEST_LOCK="+r.Dir)
	out, err := other.StdoutPipe()
	check(t, err)
	check(t, other.Start())
	line := make([]byte, 7)
	if n, err := out.Read(line); err != nil || string(line[:n]) != "locked\n" {
		t.Fatalf("other process says %q, %v", line[:n], err)
	}
	_, err = platform.LockRoot(r, platform.OwnerServe)
	if !domain.HasCode(err, domain.CodeRootOwned) || domain.AsError(err).Params["pid"] != other.Process.Pid {
		t.Fatalf("error %v, want pid %d", err, other.Process.Pid)
	}
	check(t, other.Process.Kill())
	_ = other.Wait() // killed: says so
	if _, err := os.Stat(filepath.Join(r.Dir, "owner.json")); err != nil {
		t.Fatalf("the killed process left no owner.json: %v", err)
	}
	if o, ok := platform.ReadOwner(r); ok {
		t.Errorf("a killed process still owns: %+v", o)
	}
	l, err := platform.LockRoot(r, platform.OwnerServe)
	check(t, err)
	if o, ok := platform.ReadOwner(r); !ok || o.Kind != platform.OwnerServe {
		t.Errorf("owner %+v", o)
	}
	check(t, l.Unlock())
}

func TestReadersDoNotDisturbLocking(t *testing.T) {
	r, err := platform.Prepare(t.TempDir())
	check(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for range 4 {
		go func() {
			for ctx.Err() == nil {
				platform.ReadOwner(r)
			}
		}()
	}
	for range 20 {
		l, err := platform.LockRoot(r, platform.OwnerCommand)
		check(t, err)
		check(t, l.Unlock())
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	for _, c := range []struct {
		data string
		mode fs.FileMode
	}{{"one", 0o600}, {"two longer", 0o644}, {"", 0o600}} {
		check(t, platform.WriteFile(path, []byte(c.data), c.mode))
		got, err := os.ReadFile(path)
		check(t, err)
		info, err := os.Stat(path)
		check(t, err)
		if string(got) != c.data || runtime.GOOS != "windows" && info.Mode().Perm() != c.mode {
			t.Errorf("%q with mode %o, want %q with %o", got, info.Mode().Perm(), c.data, c.mode)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	check(t, err)
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if err := platform.WriteFile(filepath.Join(t.TempDir(), "none", "x"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("folder missing: %v", err)
	}
}

func TestDiskUsage(t *testing.T) {
	free, total, err := platform.DiskUsage(t.TempDir())
	if err != nil || total == 0 || free > total {
		t.Errorf("free %d of %d, %v", free, total, err)
	}
	if _, _, err := platform.DiskUsage(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error for a missing path")
	}
}

func TestIsDiskFull(t *testing.T) {
	full := []error{syscall.ENOSPC}
	if runtime.GOOS == "linux" {
		full = append(full, syscall.EDQUOT)
	} else {
		full = []error{syscall.Errno(112), syscall.Errno(39)}
	}
	for _, err := range full {
		if !platform.IsDiskFull(&fs.PathError{Op: "write", Path: "x", Err: err}) {
			t.Errorf("%v is not full", err)
		}
	}
	if platform.IsDiskFull(fs.ErrPermission) || platform.IsDiskFull(nil) {
		t.Error("full for another reason")
	}
}

func TestSafeName(t *testing.T) { // SPEC section 2
	for in, want := range map[string]string{
		"ann": "ann", "Ann-B_2": "Ann-B_2", "Zoë Müller": "Zoe_Muller", "a/b\\c": "a_b_c", "..": "__", "": "_", "日本": "__",
		"CON": "CON_", "com1": "com1_", "console": "console", "COM10": "COM10", "a\x00b": "a_b", "\xff": "_", "ﬁn": "fin",
		strings.Repeat("x", 100): strings.Repeat("x", 60),
	} {
		if got := platform.SafeName(in); got != want {
			t.Errorf("SafeName(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"project_default": "project_default", "x": "project_x", "project": "project_project"} {
		if got := platform.Prefixed("project_", in); got != want {
			t.Errorf("Prefixed(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"", "CON", "é", "a/b", "\xff", strings.Repeat("é", 61)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := platform.SafeName(s)
		if name == "" || len(name) > 61 || strings.ContainsFunc(name, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
		}) {
			t.Errorf("SafeName(%q) = %q", s, name)
		}
		if again := platform.SafeName(name); again != name {
			t.Errorf("SafeName(%q) = %q", name, again)
		}
	})
}

func TestSocket(t *testing.T) {
	r, err := platform.Prepare(t.TempDir())
	check(t, err)
	dir, err := platform.RunFolder(r)
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "engine.sock")
	l, err := platform.Listen(path)
	check(t, err)
	accepted := make(chan net.Conn, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			accepted <- c
		}
		close(accepted)
	}()
	c, err := platform.Dial(t.Context(), path)
	check(t, err)
	peer := <-accepted
	if peer == nil {
		t.Fatal("not accepted")
	}
	// Nobody reads yet: a write must not wait for that.
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 5)
	if _, err := peer.Read(buf); err != nil || !bytes.Equal(buf, []byte("hello")) {
		t.Errorf("read %q, %v", buf, err)
	}
	uid, ok := platform.PeerUID(peer)
	if want := runtime.GOOS == "linux"; ok != want || ok && uid != os.Getuid() {
		t.Errorf("peer %d, %v", uid, ok)
	}
	if _, err := platform.Listen(path); err == nil {
		t.Error("two listen on one socket")
	}
	check(t, errors.Join(c.Close(), peer.Close(), l.Close()))
	if _, err := platform.Dial(t.Context(), path); err == nil {
		t.Error("connected to a closed socket")
	}
}
