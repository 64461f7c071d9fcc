package execution

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"scriptsmanager/backend/domain"
)

func TestMemoryOf(t *testing.T) { // EXE-4
	for in, want := range map[string]int64{
		"512M": 512 << 20, "2G": 2 << 30, "1.5GiB": 3 << 29, "64 KB": 64 << 10, "2048": 2 << 30, "7B": 7, "1T": 1 << 40,
		"": 0, "M": 0, "-1M": 0, "0": 0, "1e300G": 0, "NaN": 0, "5X": 0,
	} {
		if got, ok := memoryOf(in); got != want || ok != (want > 0) {
			t.Errorf("%q: %d, %v", in, got, ok)
		}
	}
}

func TestCPUsOf(t *testing.T) { // EXE-4
	for in, want := range map[string]float64{"0.5": 0.5, "2": 2, "150%": 1.5, "": 0, "%": 0, "-1": 0, "NaN": 0} {
		if got, ok := cpusOf(in); got != want || ok != (want > 0) {
			t.Errorf("%q: %v, %v", in, got, ok)
		}
	}
}

func TestChosenPaths(t *testing.T) { // SEC-2
	declared := []domain.Parameter{
		{Name: "in", Type: domain.TypeFile, Multiple: true},
		{Name: "out", Type: domain.TypeDirectory},
		{Name: "new", Type: domain.TypePath},
		{Name: "text", Type: domain.TypeString},
	}
	dir := t.TempDir()
	read, write := chosenPaths(declared, map[string]any{
		"in": []any{"/a", "/b"}, "out": dir, "new": dir + "/not/yet", "text": "/etc",
	})
	if !slices.Equal(read, []string{"/a", "/b"}) || !slices.Equal(write, []string{dir, dir + "/not"}) {
		t.Errorf("read %v, write %v", read, write)
	}
}

func TestRefusedPath(t *testing.T) { // SEC-2
	for stderr, want := range map[string]string{
		"Traceback (most recent call last):\n  File \"s.py\", line 1, in <module>\nPermissionError: [Errno 13] Permission denied: '/private/x'\n": "/private/x",
		"PermissionError: [Errno 13] Permission denied: 'out.csv'\n":                                                                              "/group/out.csv",
		"PermissionError: [Errno 1] Operation not permitted: \"it's\"\n":                                                                          "/group/it's",
		"PermissionError: [Errno 13] Permission denied: '/a' -> '/b'\n":                                                                           "/a",
		"PermissionError: [Errno 13] Keine Berechtigung: '/a'\nPermissionError: [Errno 13] x: '/b'":                                               "/b",
		"PermissionError: [Errno 13] Permission denied\n":                                                                                         "",
		"FileNotFoundError: [Errno 2] No such file or directory: '/x'\n":                                                                          "",
		"it said PermissionError: [Errno 13] Permission denied: '/x'\n":                                                                           "",
	} {
		if got := refusedPath(stderr, "/group"); got != want {
			t.Errorf("%q: %q, want %q", stderr, got, want)
		}
	}
}

func TestOwnModules(t *testing.T) { // SEC-2
	dir := t.TempDir()
	for path, size := range map[string]int{"a.py": 10, "lib/b.py": 20, "lib/deep/c.py": 40, "lib/deep/er/d.py": 80, "data.csv": 160} {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, make([]byte, size), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if got := ownModules(dir); got != 70 {
		t.Errorf("%d bytes", got)
	}
	if got := ownModules(filepath.Join(dir, "none")); got != 0 {
		t.Errorf("%d bytes of no folder", got)
	}
}

func TestLogoFiles(t *testing.T) { // SEC-2
	logo := filepath.Join(t.TempDir(), "SIDEL.png")
	if got := logoFiles(logo); !slices.Equal(got, []string{logo}) {
		t.Errorf("without a dark variant: %q", got)
	}
	dark := filepath.Join(filepath.Dir(logo), "SIDEL_dark.png")
	if err := os.WriteFile(dark, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := logoFiles(logo); !slices.Equal(got, []string{logo, dark}) {
		t.Errorf("with a dark variant: %q", got)
	}
}
