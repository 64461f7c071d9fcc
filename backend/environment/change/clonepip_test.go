package change

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWhatPipInstalledIsCloned(t *testing.T) { // ENV-7
	dir := t.TempDir()
	source, target := filepath.Join(dir, "so urce"), filepath.Join(dir, "target")
	site := filepath.Join("lib", "python3.11", "site-packages")
	in := func(parts ...string) string { return filepath.Join(append([]string{source, site}, parts...)...) }
	file(t, in("rig.py"), "value = 7\n", 0o600)
	file(t, in("rig-1.0.dist-info", "INSTALLER"), "pip\n", 0o600)
	file(t, in("rig-1.0.dist-info", "RECORD"), "rig.py,sha256=x,10\n../../../bin/rig,,\n__pycache__/rig.cpython-311.pyc,,\nrig-1.0.dist-info/RECORD,,\n\"gone,too.py\",,\n../../../../outside,,\n/etc/hostname,,\n", 0o600)
	file(t, in("__pycache__", "rig.cpython-311.pyc"), "x", 0o600)
	file(t, filepath.Join(source, "bin", "rig"), "#!"+filepath.Join(source, "bin", "python")+"\nimport rig\n", 0o755)
	file(t, filepath.Join(dir, "outside"), "x", 0o600)
	file(t, in("numpy-1.0.dist-info", "INSTALLER"), "conda", 0o600)
	file(t, in("numpy-1.0.dist-info", "RECORD"), "numpy.py,,\n", 0o600)
	file(t, in("numpy.py"), "", 0o600)
	file(t, in("lost-2.0.dist-info", "INSTALLER"), "pip", 0o600)
	folder(t, target)

	var log bytes.Buffer
	j := &job{spec: Spec{Source: source, Target: target}, report: newReport(nil, &log)}
	copied, left, err := j.copyPip(t.Context())
	if err != nil || !slices.Equal(copied, []string{"rig-1.0"}) || !slices.Equal(left, []string{"lost-2.0"}) {
		t.Fatalf("copied %v, left %v: %v", copied, left, err)
	}
	var got []string
	if err := filepath.WalkDir(target, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(target, path)
			got = append(got, rel)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"bin/rig", site + "/rig-1.0.dist-info/RECORD", site + "/rig.py"}
	if !slices.Equal(got, want) {
		t.Errorf("there is %v, want %v", got, want)
	}
	if b, err := os.ReadFile(filepath.Join(target, "bin", "rig")); err != nil || !strings.HasPrefix(string(b), "#!"+target) {
		t.Errorf("the program names another Python: %s %v", b, err)
	}
	if !strings.Contains(log.String(), "not copied: lost-2.0") {
		t.Errorf("what was left is not told: %s", log.String())
	}
}

func TestFirstFolderToWriteIn(t *testing.T) { // ENV-7
	dir := t.TempDir()
	root, home := filepath.Join(dir, "root"), filepath.Join(dir, "home")
	folder(t, root)
	blocked := filepath.Join(dir, "file")
	file(t, blocked, "", 0o600)
	for name, c := range map[string]struct {
		root  string
		named []string
		want  string
	}{
		"none named":              {root, nil, filepath.Join(root, "envs")},
		"one to be made":          {root, []string{filepath.Join(dir, "a", "b")}, filepath.Join(dir, "a", "b")},
		"the first cannot be":     {root, []string{filepath.Join(blocked, "x"), dir}, dir},
		"nothing but the home is": {filepath.Join(blocked, "root"), []string{filepath.Join(blocked, "x")}, filepath.Join(home, ".conda", "envs")},
	} {
		if got := envsOf(c.root, home, c.named); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if entries, err := os.ReadDir(root); err != nil || len(entries) > 0 {
		t.Errorf("something was left: %v %v", entries, err)
	}
}
