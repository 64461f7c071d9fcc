package engine_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/translations"
)

const job = `"""ScriptsManager Metadata:
@interface: none
%s
"""
import argparse, os, sys, time
p = argparse.ArgumentParser(); p.add_argument("--data-dir"); p.add_argument("--folder")
a, rest = p.parse_known_args()
`

// confinedConfig asks for what the machine can do.
const confinedConfig = `{"web_interface":{"port_range":{"start":START,"end":END}},"limits":{"grace_seconds":1,"start_seconds":20},"confinement":"prefer"}`

// SEC-2: an execution started by the engine is confined, says so, and leaves
// nothing of its own folder.
func TestConfined(t *testing.T) {
	text := strings.Replace(job, "%s", `@parameters: [{"name":"folder","type":"directory"}]`, 1) + `
open(os.path.join(a.data_dir, "made"), "w").write("x")
open(os.path.join(a.folder, "chosen"), "w").write("x")
open(os.path.join(os.environ["TMPDIR"], "t"), "w").write("x")
open(os.path.join(os.environ["HOME"], "h"), "w").write("x")
open(os.environ["SCRIPTSMANAGER_PARAMETERS"]).read(); open(os.environ["SCRIPTSMANAGER_LOGO"]).read() if os.path.exists(os.environ["SCRIPTSMANAGER_LOGO"]) else 0
print(os.environ["TMPDIR"])
root = a.data_dir[:a.data_dir.index("/data/script_groups")]
for path in ("data/scriptsmanager.db", "config.json"):
    try:
        open(os.path.join(root, path)); print("read", path); sys.exit(1)
    except PermissionError: pass
`
	n := newInstallation(t, map[string]string{"a.py": text}, confinedConfig)
	folder := t.TempDir()
	e, _, err := n.engine.Run(t.Context(), engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}, n.request("a", map[string]any{"folder": folder}))
	if err != nil {
		t.Fatal(err)
	}
	x := n.await(e.ID, "ended", ended)
	if x.State != domain.StateCompleted {
		t.Fatalf("%s %s %v: %s", x.State, x.Reason, x.Error, n.output(x))
	}
	want := string(sandbox.Probe().Level)
	if x.Confinement != want {
		t.Errorf("confinement %s, the machine gives %s", x.Confinement, want)
	}
	if _, err := os.Stat(filepath.Join(folder, "chosen")); err != nil {
		t.Error(err)
	}
	own := strings.TrimSpace(n.output(x))
	// It goes after the end is recorded.
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		_, err := os.Stat(filepath.Dir(own))
		if os.IsNotExist(err) && filepath.IsAbs(own) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("its own folder %s is left: %v", own, err)
		}
	}
}

// SEC-2, ENV-8: wherever in the installation an environment lies, what runs in
// it reads it and starts its programs, and does not change it.
func TestConfinedInAnEnvironmentOfTheInstallation(t *testing.T) {
	if sandbox.Probe().Level == sandbox.None {
		t.Skip("this machine does not confine")
	}
	n := newInstallation(t, map[string]string{"a.py": strings.Replace(job, "%s", "", 1) + `
import subprocess
import ownmodule
print("prefix", sys.prefix)
print("module", ownmodule.__file__)
print("started", subprocess.run([sys.executable, "-c", "import ownmodule; print(ownmodule.word)"], capture_output=True, text=True).stdout.strip())
for path in (ownmodule.__file__, os.path.join(sys.prefix, "bin", "more"), os.path.join(sys.prefix, "pyvenv.cfg")):
    try:
        open(path, "a").write("#"); print("wrote", path); sys.exit(1)
    except PermissionError: pass
`}, strings.Replace(confinedConfig, `"prefer"`, `"require"`, 1))
	by := engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}
	for _, place := range []string{"environments/v", "app/backend/script_groups/g/venv", "app/backend/script_groups/other/venv", "venvs/deep/v", ".venv"} {
		path := filepath.Join(n.root.Dir, filepath.FromSlash(place))
		if out, err := exec.Command("/usr/bin/python3", "-I", "-m", "venv", "--without-pip", path).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		found, err := filepath.Glob(filepath.Join(path, "lib/python3*/site-packages"))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		if err := os.WriteFile(filepath.Join(found[0], "ownmodule.py"), []byte("word = 'found'\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		env, err := n.engine.FindEnvironment(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.engine.AssignToGroup(t.Context(), by, "g", &env); err != nil {
			t.Fatal(err)
		}
		x := n.await(n.run("a"), "ended", ended)
		out := n.output(x)
		if x.State != domain.StateCompleted || x.EnvironmentPath != path || x.Confinement == string(sandbox.None) ||
			!strings.Contains(out, "prefix "+path+"\n") || !strings.Contains(out, "started found\n") {
			t.Errorf("%s: in %s, confinement %s, %s %v:\n%s", place, x.EnvironmentPath, x.Confinement, x.State, x.Error, out)
		}
	}
}

func (n *installation) output(x domain.Execution) string {
	b, err := os.ReadFile(x.LogPath)
	if err != nil {
		n.t.Error(err)
	}
	return string(b)
}

// EXE-4: the reason stands in words.
func TestLimitInWords(t *testing.T) {
	texts, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	n := newInstallation(t, map[string]string{
		"memory.py": strings.Replace(job, "%s", "@memory_limit: 100M", 1) + "x = bytearray(300 << 20); time.sleep(100)",
		"time.py":   strings.Replace(job, "%s", "@execution_timeout: 1", 1) + "time.sleep(100)",
		"many.py":   strings.Replace(job, "%s", "", 1) + "import os\nfor i in range(12):\n    if os.fork() == 0: time.sleep(100)\ntime.sleep(100)",
	}, `{"web_interface":{"port_range":{"start":START,"end":END}},"limits":{"grace_seconds":1,"start_seconds":20,"processes":6}}`)
	for script, want := range map[string]string{
		"memory": "Ended: used more than 100 MB", "time": "Ended: ran longer than 1 seconds", "many": "Ended: had more than 6 processes",
	} {
		x := n.await(n.run(script), "ended", ended)
		text := texts.Text(domain.English, "reason."+string(x.Reason), x.ReasonParams)
		if x.State != domain.StateTerminated || text != want {
			t.Errorf("%s: %s %q, want %q", script, x.State, text, want)
		}
	}
}

// SEC-2: doctor says what holds.
func TestDoctorConfinement(t *testing.T) {
	n := newInstallation(t, nil, confinedConfig)
	findings, err := n.engine.Doctor(context.Background(), domain.English)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range findings {
		found = found || f.ID == "confinement" && f.Text != "" && !strings.Contains(f.Text, "health.")
	}
	c := n.engine.Confinement()
	if !found || c.Policy != "prefer" || len(c.Holds)+len(c.Missing) != len(sandbox.Parts()) {
		t.Errorf("findings %+v, confinement %+v", findings, c)
	}
}

// SEC-2: no socket of ours, and no other script's page, answers a script.
func TestDoorsAreClosedToScripts(t *testing.T) {
	if offer := sandbox.Probe(); !slices.Contains(offer.Holds, sandbox.PartConnect) {
		t.Skip("this machine does not judge connections")
	}
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, ""), "a.py": strings.Replace(job, "%s", "", 1) + `
import socket
runs = os.path.dirname(os.path.dirname(os.path.dirname(os.environ["TMPDIR"])))
tried = []
for path in sorted({line.split()[-1] for line in open("/proc/net/unix")}):
    if path.startswith(runs + "/"):
        try:
            socket.socket(socket.AF_UNIX).connect(path); print("through to", path)
        except PermissionError: tried.append(path)
for port in json.loads(os.environ["TEST_PORTS"]):
    try:
        socket.create_connection(("127.0.0.1", port)); print("through to", port)
    except PermissionError: tried.append(port)
print(len(tried))
`}, confinedConfig)
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer door.Close()
	n.engine.CloseToScripts(door.Addr().(*net.TCPAddr).Port)
	local, _, err := n.engine.Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	p := n.ready(n.run("p"))
	text, err := os.ReadFile(filepath.Join(n.root.Groups(), "g", "a.py"))
	if err != nil {
		t.Fatal(err)
	}
	ports := fmt.Sprintf("[%d, %d]", p.Port, door.Addr().(*net.TCPAddr).Port)
	n.write("a.py", strings.NewReplacer(`json.loads(os.environ["TEST_PORTS"])`, ports).Replace(string(text)))
	x := n.ended(n.run("a"))
	// The engine's, the page's shim's and its own shim's; and two ports.
	if got := strings.TrimSpace(n.output(x)); x.State != domain.StateCompleted || got != "5" {
		t.Errorf("%s: %s", x.State, got)
	}
}
