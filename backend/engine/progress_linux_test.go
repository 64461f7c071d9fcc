package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// SDK-3: what a script tells of its work is seen while it runs, and not after.
func TestScriptTellsItsProgress(t *testing.T) {
	n := newInstallation(t, map[string]string{"job.py": `'''ScriptsManager Metadata:
@interface: none
'''
import argparse, os, time
from scriptsmanager import busy, progress
p = argparse.ArgumentParser(); p.add_argument("--data-dir"); a, _ = p.parse_known_args()
def wait(name):
    while not os.path.exists(os.path.join(a.data_dir, name)): time.sleep(0.02)
with busy():
    progress(1, 4, "Reading the tables")
    wait("first")
progress(3, 4)
wait("second")
progress(None)
wait("third")
`}, "")
	id := n.run("job")
	x := n.await(id, "busy", func(e domain.Execution) bool { return e.Busy && e.Progress != nil || ended(e) })
	if !x.State.Live() || x.Progress.PercentDone != 25 || x.Progress.Text != "Reading the tables" {
		t.Fatalf("%s: %+v, %s", x.State, x.Progress, n.output(x))
	}
	n.goOn(x, "first")
	x = n.await(id, "at 75 %", func(e domain.Execution) bool {
		return e.Progress != nil && e.Progress.PercentDone == 75 && !e.Busy || ended(e)
	})
	if !x.State.Live() {
		t.Fatalf("ended: %s", n.output(x))
	}
	n.goOn(x, "second")
	n.await(id, "silent", func(e domain.Execution) bool { return e.Progress == nil })
	n.goOn(x, "third")
	if x = n.ended(id); x.State != domain.StateCompleted || x.Progress != nil || x.Busy {
		t.Errorf("at the end %s, %+v, busy %v", x.State, x.Progress, x.Busy)
	}
}

// goOn makes the file that a script waits for.
func (n *installation) goOn(x domain.Execution, name string) {
	n.t.Helper()
	if err := os.WriteFile(filepath.Join(x.DataDir, name), nil, 0o600); err != nil {
		n.t.Fatal(err)
	}
}

// WIN-4: a page that works is not idle, though nobody uses it; when it has
// worked, it is.
func TestBusyPageIsNotIdle(t *testing.T) {
	const work = 8 * time.Second
	works := strings.Replace(waitingPage("@execution_timeout: 4"), `print("serving"`, `
def work():
    from scriptsmanager import busy
    import time
    with busy(): time.sleep(8)
import threading; threading.Thread(target=work, daemon=True).start()
print("serving"`, 1)
	n := newInstallation(t, map[string]string{"page.py": works}, "")
	x := n.ended(n.run("page"))
	if x.Reason != domain.ReasonIdle || x.EndedAt.Sub(*x.StartedAt) < work {
		t.Errorf("%s after %v: %s", x.Reason, x.EndedAt.Sub(*x.StartedAt), n.output(x))
	}
}

// SDK-2: the brand's colours and the place of the texts are handed over.
func TestBrandIsHandedOver(t *testing.T) {
	n := newInstallation(t, map[string]string{"job.py": `'''ScriptsManager Metadata:
@interface: none
'''
import os
print("css", open(os.environ["SCRIPTSMANAGER_BRAND_CSS"]).read(), "locales", os.environ["SCRIPTSMANAGER_LOCALES"])
`}, "", func(o *engine.Options) { o.BrandCSS = []byte(":root{--brand:blue}") })
	x := n.ended(n.run("job"))
	if out := n.output(x); !strings.Contains(out, "css :root{--brand:blue} locales "+filepath.Join(n.root.Groups(), "g", "locales")) {
		t.Errorf("%s: %s", x.State, out)
	}
}
