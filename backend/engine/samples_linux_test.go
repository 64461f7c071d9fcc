package engine_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	samples "scriptsmanager/app/backend/script_groups"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/sandbox"
)

// SEC-2: every script that comes with the product works as far confined as the
// machine can, by default.
func TestSamplesConfined(t *testing.T) {
	if err := exec.Command("/usr/bin/python3", "-c", "import flask").Run(); err != nil {
		t.Fatal("the samples need Flask for /usr/bin/python3")
	}
	n := newInstallation(t, map[string]string{"own.py": "'''ScriptsManager Metadata:\n@interface: none\n'''\nopen('result.csv', 'w')\n"}, "")
	if err := fs.WalkDir(samples.Groups, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(n.root.Groups(), path)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		b, err := fs.ReadFile(samples.Groups, path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, 0o600)
	}); err != nil {
		t.Fatal(err)
	}
	if err := n.engine.Rescan(t.Context()); err != nil {
		t.Fatal(err)
	}
	csv, folder := filepath.Join(t.TempDir(), "in.csv"), t.TempDir()
	old := filepath.Join(folder, "old.log")
	for path, text := range map[string]string{csv: "a,b\n1,2\n3,4\n", old: "x"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	values := map[string]map[string]any{
		"data_analysis/csv_summary": {"file": csv},
		"system/disk_use":           {"directory": folder},
		"system/log_cleaner":        {"directory": folder, "reference_date": "2999-01-01", "dry_run": false},
	}
	level := string(sandbox.Probe().Level)
	scripts, err := n.engine.Scripts(t.Context(), "")
	if err != nil || len(scripts) < 9 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	for _, s := range scripts {
		if s.GroupID == "g" {
			continue
		}
		t.Run(s.ID, func(t *testing.T) {
			g, err := n.engine.Group(t.Context(), s.GroupID)
			if err != nil {
				t.Fatal(err)
			}
			q := n.request("own", nil)
			if q.Values, err = execution.Check(s.Parameters, values[s.ID]); err != nil {
				t.Fatal(err)
			}
			q.Script, q.Group = s, g
			e, _, err := n.engine.Run(t.Context(), engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}, q)
			if err != nil {
				t.Fatal(err)
			}
			if s.Interface == domain.InterfaceNone {
				x := n.ended(e.ID)
				if _, err := os.Stat(old); x.State != domain.StateCompleted || x.Confinement != level || !os.IsNotExist(err) {
					t.Errorf("%s at %s, %v: %s", x.State, x.Confinement, err, n.output(x))
				}
				return
			}
			x := n.ready(e.ID)
			if x.Phase != domain.PhaseReady || x.Confinement != level {
				t.Fatalf("%s %s at %s: %s", x.State, x.Reason, x.Confinement, n.output(x))
			}
			if text := get(t, x.URL); !strings.Contains(text, "<html") {
				t.Errorf("page: %.200s", text)
			}
			if err := n.engine.Stop(e.ID, execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}); err != nil {
				t.Fatal(err)
			}
			if out := n.output(n.ended(e.ID)); strings.Contains(out, "Traceback") || strings.Contains(out, "Permission") {
				t.Error(out)
			}
		})
	}
}

// SEC-2: a person reads what was refused, and what to do.
func TestRefusedInWords(t *testing.T) {
	n := newInstallation(t, map[string]string{"own.py": "'''ScriptsManager Metadata:\n@interface: none\n'''\nopen('result.csv', 'w')\n"}, "")
	x := n.ended(n.run("own"))
	want := filepath.Join(n.root.Groups(), "g", "result.csv")
	if sandbox.ABI() == 0 {
		t.Skip("this machine does not confine")
	}
	if x.State != domain.StateFailed || x.Error == nil || x.Error.Code != domain.CodeScriptRefused || x.Error.Params["path"] != want {
		t.Errorf("%s %+v: %s", x.State, x.Error, n.output(x))
	}
}
