//go:build unix

package environment_test

import (
	"os"
	"testing"

	"scriptsmanager/backend/environment"
)

func TestWritableByOthers(t *testing.T) { // ENV-1
	m := newMachine(t)
	// The temporary folder lies in a sticky one, which does not count.
	m.installation("opt/conda")
	m.mkdir("opt/conda/lib/python3.11/site-packages")
	find := func() bool {
		t.Helper()
		f, ok := byPath(environment.Find(t.Context(), m.options()), m.path("opt/conda"))
		if !ok {
			t.Fatal("not found")
		}
		return f.Writable
	}
	if find() {
		t.Fatal("flagged from the start")
	}
	for _, p := range []string{"opt/conda", "opt/conda/bin", "opt/conda/lib/python3.11/site-packages", "opt"} {
		chmod := func(mode os.FileMode) {
			if err := os.Chmod(m.path(p), mode); err != nil {
				t.Fatal(err)
			}
		}
		chmod(0o777)
		if !find() {
			t.Errorf("%s may be written to by all, which is not flagged", p)
		}
		chmod(0o777 | os.ModeSticky)
		if got, want := find(), p != "opt"; got != want {
			t.Errorf("%s is sticky: %v", p, got)
		}
		chmod(0o755)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(m.path("opt/conda/bin"), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if !find() {
			t.Error("it belongs to somebody else, which is not flagged")
		}
	}
}

func TestGroupShared(t *testing.T) {
	passwd := []byte("root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\nben:x:1001:1001::/home/ben:/bin/sh\nbad\n")
	group := []byte("root:x:0:\nanna:x:1000:\nben:x:1001:\nstaff:x:50:\nlab:x:60:anna,ben\nown:x:70:root,anna\n")
	for gid, want := range map[uint32]bool{1000: false, 1001: true, 50: false, 60: true, 70: false, 99: true} {
		if got := environment.GroupShared(passwd, group, gid, 1000); got != want {
			t.Errorf("group %d: %v", gid, got)
		}
	}
}

func FuzzGroupShared(f *testing.F) {
	f.Add([]byte("a:x:1:1:"), []byte("a:x:1:b"))
	f.Fuzz(func(_ *testing.T, passwd, group []byte) { environment.GroupShared(passwd, group, 1, 1) })
}
