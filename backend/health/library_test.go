package health

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLibrary(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	lib := write("far/liba.so", "")
	conf := write("ld.so.conf", "# comment\ninclude ld.so.conf.d/*.conf\ninclude ld.so.conf\n")
	write("ld.so.conf.d/x.conf", "/nowhere\n"+filepath.Join(dir, "far")+" # here\n")
	for name, c := range map[string]struct {
		path, library string
		confs, dirs   []string
		want          string
	}{
		"by a file that is included": {library: "liba.so", confs: []string{conf}, want: lib},
		"by LD_LIBRARY_PATH":         {library: "liba.so", path: "relative:" + filepath.Join(dir, "far"), want: lib},
		"in a usual folder":          {library: "liba.so", dirs: []string{filepath.Join(dir, "far")}, want: lib},
		"not there":                  {library: "libb.so", confs: []string{conf, filepath.Join(dir, "none")}, want: ""},
	} {
		if got := library(c.library, c.path, c.confs, c.dirs); got != c.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
