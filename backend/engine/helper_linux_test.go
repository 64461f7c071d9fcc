package engine_test

import (
	"path/filepath"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

// SDK-3: every script can import the helper, one without a page too; none can
// change it for others, and no check of imports misses it.
func TestHelperIsOnThePath(t *testing.T) {
	n := newInstallation(t, map[string]string{"job.py": `'''ScriptsManager Metadata:
@interface: none
'''
import scriptsmanager
print("file", scriptsmanager.__file__)
for mode in ("a", "r"):
    try: open(scriptsmanager.__file__, mode); print(mode, "opened")
    except PermissionError: print(mode, "refused")
`}, "")
	x := n.ended(n.run("job"))
	out := n.output(x)
	if x.State != domain.StateCompleted || !strings.Contains(out, filepath.Join("helper", "scriptsmanager.py")) || !strings.Contains(out, "r opened") {
		t.Errorf("%s: %s", x.State, out)
	}
	if x.Confinement != "none" && !strings.Contains(out, "a refused") {
		t.Errorf("a script at %s may change the helper: %s", x.Confinement, out)
	}
	scripts, err := n.engine.Scripts(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, env := range n.engine.Environments() {
		if !env.Usable() {
			continue
		}
		found, err := n.engine.CheckImports(t.Context(), env, scripts)
		if err != nil || len(found) != 0 {
			t.Errorf("%s: %+v, %v", env.Path, found, err)
		}
		return
	}
	t.Error("no environment to check with")
}
