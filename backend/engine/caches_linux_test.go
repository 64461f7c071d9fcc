package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/sandbox"
)

// SEC-2: a confined script finds what it kept in its cache the last time, but
// neither another script's nor another user's; home and temporary folder are new.
func TestCache(t *testing.T) {
	const keeps = `'''ScriptsManager Metadata:
@interface: none
'''
import glob, os
cache = os.environ["XDG_CACHE_HOME"]
def seen(folder):
    try: return len(os.listdir(folder))
    except PermissionError: return "refused"
all = os.path.dirname(os.path.dirname(cache))
print(len(os.listdir(cache)), len(os.listdir(os.environ["HOME"])), len(os.listdir(os.environ["TMPDIR"])), seen(os.path.dirname(cache)), seen(all), os.environ["MPLCONFIGDIR"].startswith(cache))
for folder in (cache, os.environ["HOME"], os.environ["TMPDIR"]): open(os.path.join(folder, "kept"), "w").close()
`
	if !sandbox.Supported || sandbox.ABI() == 0 {
		t.Skip("this machine does not confine")
	}
	n := newInstallation(t, map[string]string{"a.py": keeps, "b.py": keeps}, confinedConfig)
	for _, c := range []struct{ script, want string }{
		{"a", "0 0 0 refused refused True"}, {"a", "1 0 0 refused refused True"}, {"b", "0 0 0 refused refused True"}, {"a", "1 0 0 refused refused True"},
	} {
		x := n.await(n.run(c.script), "ended", ended)
		if got := strings.TrimSpace(n.output(x)); got != c.want {
			t.Errorf("%s: %s, want %s", c.script, got, c.want)
		}
	}
	caches := filepath.Join(n.root.Caches(), "user_"+strings.TrimPrefix(n.user.Folder, "user_"))
	entries, err := os.ReadDir(caches)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v, %v", entries, err)
	}
	if _, err := os.Stat(filepath.Join(n.root.Caches(), "CACHEDIR.TAG")); err != nil {
		t.Error(err)
	}
	first, old := filepath.Join(caches, entries[0].Name()), time.Now().Add(-100*24*time.Hour)
	if err := os.Chtimes(first, old, old); err != nil {
		t.Fatal(err)
	}
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	n.open()
	if left, err := os.ReadDir(caches); err != nil || len(left) != 1 {
		t.Errorf("of two caches, one unused for long, are left %v, %v", left, err)
	}
}
