package platform_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// EXE-6: an engine started from another environment finds what runs.
func TestRunFolder(t *testing.T) {
	r := platform.Root{Dir: t.TempDir()}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	dir, err := platform.RunFolder(r)
	check(t, err)
	t.Cleanup(func() { _ = os.Remove(dir) })
	base := fmt.Sprintf("/var/tmp/scriptsmanager-%d", os.Getuid())
	if filepath.Dir(dir) != base || len(filepath.Base(dir)) != 8 {
		t.Errorf("folder %s", dir)
	}
	link := filepath.Join(t.TempDir(), "link")
	check(t, os.Symlink(r.Dir, link))
	for name, runtime := range map[string]string{"none": "", "another": t.TempDir()} {
		t.Setenv("XDG_RUNTIME_DIR", runtime)
		t.Setenv("TMPDIR", runtime)
		t.Setenv("HOME", runtime)
		for _, root := range []string{r.Dir, link} {
			if again, err := platform.RunFolder(platform.Root{Dir: root}); err != nil || again != dir {
				t.Errorf("%s, by %s: %s, %v", name, root, again, err)
			}
		}
	}
	other, err := platform.RunFolder(platform.Root{Dir: t.TempDir()})
	if err != nil || other == dir {
		t.Errorf("another root has %s, %v", other, err)
	}
	_ = os.Remove(other)
	check(t, os.Chmod(dir, 0o755))
	_, err = platform.RunFolder(r)
	check(t, err)
	for _, d := range []string{base, dir} {
		if info, err := os.Stat(d); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("mode %o, %v", info.Mode().Perm(), err)
		}
	}

	// A link, a file, and somebody else's folder, in the place of ours.
	spoil := map[string]func(){
		"a link": func() { check(t, os.Symlink(t.TempDir(), dir)) },
		"a file": func() { check(t, os.WriteFile(dir, nil, 0o600)) },
	}
	if asRoot() {
		spoil["a foreign folder"] = func() { check(t, errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, 65534, 65534))) }
	}
	for name, f := range spoil {
		check(t, os.Remove(dir))
		f()
		got, err := platform.RunFolder(r)
		if err != nil || got == dir || filepath.Base(got) != filepath.Base(dir) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		_ = os.Remove(got)
	}
}

// EXE-6: what an engine of before started is still found.
func TestFormerRunFolders(t *testing.T) {
	root, runtime, tmp := "/some/root", t.TempDir(), t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	t.Setenv("TMPDIR", tmp)
	r := platform.Root{Dir: root}
	own := fmt.Sprintf("scriptsmanager-%d", os.Getuid())
	name := fmt.Sprintf("%x", sha256.Sum256([]byte(root)))[:8]
	want := []string{filepath.Join(runtime, "scriptsmanager", name), filepath.Join(tmp, own, name)}
	for _, dir := range want {
		check(t, os.MkdirAll(dir, 0o700))
	}
	if got := platform.FormerRunFolders(r); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// One that others could have written into, or put there, is not believed.
	check(t, os.Chmod(want[0], 0o777))
	check(t, os.Rename(want[1], want[1]+"x"))
	check(t, os.Symlink(want[1]+"x", want[1]))
	if got := platform.FormerRunFolders(r); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestListenIsClosedToOthers(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "sock")
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	l, err := platform.Listen(path)
	check(t, err)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o, %v", info.Mode().Perm(), err)
	}
	check(t, l.Close())

	// A socket that a killed process left behind is replaced.
	old, err := net.Listen("unix", path)
	check(t, err)
	old.(*net.UnixListener).SetUnlinkOnClose(false)
	check(t, old.Close())
	l, err = platform.Listen(path)
	check(t, err)
	check(t, l.Close())

	check(t, os.WriteFile(path, []byte("precious"), 0o600))
	if _, err := platform.Listen(path); err == nil {
		t.Error("a file was replaced by a socket")
	}
	check(t, os.Chmod(dir, 0o755))
	if _, err := platform.Listen(filepath.Join(dir, "t")); err == nil {
		t.Error("listens where others can enter")
	}
	if _, err := platform.Listen("/tmp/" + strings.Repeat("x", 120)); err == nil {
		t.Error("listens on too long a path")
	}
}

func TestPeerUIDOfOtherConnections(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	c, err := net.Dial("tcp", l.Addr().String())
	check(t, err)
	if uid, ok := platform.PeerUID(c); ok {
		t.Errorf("a TCP peer has the uid %d", uid)
	}
	check(t, errors.Join(c.Close(), l.Close()))
}

// mountSmall gives a file system of one megabyte, where the test may mount one.
func mountSmall(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		if asRoot() && !errors.Is(err, syscall.EPERM) {
			t.Fatal(err)
		}
		t.Skip("a full disk takes the right to mount")
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func TestFullDisk(t *testing.T) { // Bad input: disk full
	dir := mountSmall(t)
	path := filepath.Join(dir, "config.json")
	check(t, platform.WriteFile(path, []byte("old"), 0o600))
	big := make([]byte, 2<<20)
	if err := platform.WriteFile(path, big, 0o600); !domain.HasCode(err, domain.CodeDiskFull) {
		t.Errorf("error %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("the old file became %d bytes, %v", len(got), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	_ = os.WriteFile(filepath.Join(dir, "fill"), big, 0o600) // as far as it goes
	if _, err := platform.Prepare(dir); !domain.HasCode(err, domain.CodeDiskFull) {
		t.Errorf("Prepare: %v", err)
	}
}
