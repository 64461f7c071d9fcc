package platform_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

func TestRunFolder(t *testing.T) {
	r := platform.Root{Dir: "/some/root"}
	short, err := os.MkdirTemp("/tmp", "run")
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	t.Setenv("XDG_RUNTIME_DIR", short)
	dir, err := platform.RunFolder(r)
	check(t, err)
	if filepath.Dir(dir) != filepath.Join(short, "scriptsmanager") || len(filepath.Base(dir)) != 8 {
		t.Errorf("folder %s", dir)
	}
	again, err := platform.RunFolder(r)
	if err != nil || again != dir {
		t.Errorf("the second time %s, %v", again, err)
	}
	if other, err := platform.RunFolder(platform.Root{Dir: "/other"}); err != nil || other == dir {
		t.Errorf("another root has %s, %v", other, err)
	}
	check(t, os.Chmod(dir, 0o755))
	_, err = platform.RunFolder(r)
	check(t, err)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %o, %v", info.Mode().Perm(), err)
	}
}

func TestRunFolderFallsBackAndRefuses(t *testing.T) {
	r := platform.Root{Dir: "/some/root"}
	tmp, err := os.MkdirTemp("/tmp", "run")
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	t.Setenv("TMPDIR", tmp)
	for name, runtime := range map[string]string{"none": "", "missing": filepath.Join(tmp, "none"), "too long": filepath.Join(t.TempDir(), strings.Repeat("x", 60))} {
		if name == "too long" {
			check(t, os.Mkdir(runtime, 0o700))
		}
		t.Setenv("XDG_RUNTIME_DIR", runtime)
		if dir, err := platform.RunFolder(r); err != nil || !strings.HasPrefix(dir, filepath.Join(tmp, "scriptsmanager-")) {
			t.Errorf("%s: %s, %v", name, dir, err)
		}
	}

	// A link, and somebody else's folder, in the place of ours.
	link := filepath.Join(tmp, "link")
	check(t, os.Mkdir(link, 0o700))
	check(t, os.Symlink(t.TempDir(), filepath.Join(link, "scriptsmanager")))
	t.Setenv("XDG_RUNTIME_DIR", link)
	if dir, err := platform.RunFolder(r); err != nil || strings.HasPrefix(dir, link) {
		t.Errorf("through a link: %s, %v", dir, err)
	}
	if asRoot() {
		foreign := filepath.Join(tmp, "foreign")
		check(t, os.MkdirAll(filepath.Join(foreign, "scriptsmanager"), 0o700))
		check(t, os.Chown(filepath.Join(foreign, "scriptsmanager"), 65534, 65534))
		t.Setenv("XDG_RUNTIME_DIR", foreign)
		if dir, err := platform.RunFolder(r); err != nil || strings.HasPrefix(dir, foreign) {
			t.Errorf("in a foreign folder: %s, %v", dir, err)
		}
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
