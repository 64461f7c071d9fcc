package shim_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim"
)

// victim is an installation as a script sees it, with what it must not reach.
type victim struct {
	dir, data, group, private, home, root string
	parameters                            string
	what                                  map[string]any // for probe.py
	kept                                  []string       // files that must stay as they are
	protected                             []string
}

func newVictim(t *testing.T, spec *shim.Spec) *victim {
	t.Helper()
	dir, err := filepath.EvalSymlinks(filepath.Dir(spec.RunDir))
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{dir: dir, root: filepath.Join(dir, "root"), home: filepath.Join(dir, "home")}
	v.data = filepath.Join(v.root, "data/script_groups/group_g/user_anna/project_one")
	v.group = filepath.Join(v.root, "app/backend/script_groups/g")
	v.private = filepath.Join(dir, "scratch", "t1")
	v.parameters = filepath.Join(spec.RunDir, "parameters.json")
	file := func(path string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("secret of "+path), 0o600); err != nil {
			t.Fatal(err)
		}
		v.kept = append(v.kept, path)
		return path
	}
	for _, d := range []string{v.data, filepath.Join(v.private, "tmp"), filepath.Join(v.private, "home")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	listen := func(network, address string) {
		t.Helper()
		l, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
	}
	if err := os.MkdirAll(filepath.Join(dir, "runs"), 0o700); err != nil {
		t.Fatal(err)
	}
	socket, abstract := filepath.Join(dir, "runs", "engine"), fmt.Sprintf("sm-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	listen("unix", socket)
	listen("unix", "@"+abstract)
	bridge, othershim := freePort(t), filepath.Join(dir, "runs", "0123456789ab", "s")
	if err := os.MkdirAll(filepath.Dir(othershim), 0o700); err != nil {
		t.Fatal(err)
	}
	listen("unix", othershim)
	listen("tcp", fmt.Sprintf("127.0.0.1:%d", bridge))
	dgram, err := net.ListenPacket("unixgram", "@"+abstract+"d")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dgram.Close() })
	engine := exec.Command("/bin/sleep", "1000")
	engine.Env = []string{"SECRET=1"}
	if err := engine.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Process.Kill(); _ = engine.Wait() })
	v.what = map[string]any{
		"database": file(filepath.Join(v.root, "data/scriptsmanager.db")), "owner": file(filepath.Join(v.root, "data/owner.json")),
		"config": file(filepath.Join(v.root, "config.json")), "other": file(filepath.Join(v.root, "data/script_groups/group_g/user_bert/project_one/result.csv")),
		"project":    file(filepath.Join(v.root, "data/script_groups/group_g/user_anna/project_two/result.csv")),
		"othergroup": file(filepath.Join(v.root, "app/backend/script_groups/h/other.py")), "otherrun": file(filepath.Join(dir, "runs/0123456789ab/parameters.json")),
		"otherscratch": file(filepath.Join(dir, "scratch/t2/tmp/x")), "log": file(filepath.Join(v.root, "data/logs/executions/user_bert/execution_1.log")),
		"homefile": file(filepath.Join(v.home, "thesis.txt")), "key": file(filepath.Join(v.home, ".ssh/id_ed25519")),
		"script": file(filepath.Join(v.group, "script.py")), "parameters": file(v.parameters),
		"data": v.data, "group": v.group, "home": v.home, "root": v.root, "engine": engine.Process.Pid, "port": freePort(t),
		"bridge": bridge, "othershim": othershim,
		"socket": socket, "shimsocket": filepath.Join(spec.RunDir, "s"), "abstract": abstract, "abstractdgram": abstract + "d",
	}
	v.protected = []string{v.root, filepath.Join(dir, "runs"), filepath.Join(dir, "scratch"), spec.RunDir}
	return v
}

// writeParameters writes what to attack to where the script reads it.
func (v *victim) writeParameters(t *testing.T) {
	t.Helper()
	b, err := json.Marshal(v.what)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(v.parameters, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// confine gives the spec the policy of an execution.
func (v *victim) confine(spec *shim.Spec, change func(*sandbox.Policy, *sandbox.Wish)) {
	wish := sandbox.Wish{
		Python: python, Prefix: "/usr", Home: v.home, Group: v.group, Data: v.data, Private: v.private,
		Files: []string{v.parameters}, Protected: v.protected,
	}
	spec.Confine = sandbox.Policy{Mode: sandbox.Prefer, Bind: []int{v.what["port"].(int)}}
	spec.Confine.Closed = [][2]int{{v.what["bridge"].(int), v.what["bridge"].(int)}}
	if change != nil {
		change(&spec.Confine, &wish)
	}
	spec.Confine.Grants(wish)
	spec.Dir = v.data
	tmp := filepath.Join(v.private, "tmp")
	spec.Env = append(spec.Env, "HOME="+filepath.Join(v.private, "home"), "TMPDIR="+tmp, "PYTHONUNBUFFERED=1", "LANG=C.UTF-8", "MPLCONFIGDIR="+filepath.Join(tmp, "mpl"))
}

// holdsFrom names the attempts that are refused only from a version of
// Landlock on; all others are at any.
var holdsFrom = map[string]int{
	"bind another TCP port": 4, "bind any TCP port": 4, "bind another TCP port by IPv6": 4,
	"signal the engine": 6, "signal the engine by a pidfd": 6, "signal the shim": 6, "send to an abstract socket": 6,
}

// SEC-2: nothing gets through, at any version of Landlock that the kernel has.
func TestProbes(t *testing.T) {
	if sandbox.ABI() == 0 {
		t.Skip("this kernel has no Landlock")
	}
	script, err := os.ReadFile("testdata/probe.py")
	if err != nil {
		t.Fatal(err)
	}
	var table []string
	byABI := map[int]map[string]string{}
	for abi := 1; abi <= sandbox.ABI(); abi++ {
		t.Run(fmt.Sprintf("ABI %d", abi), func(t *testing.T) {
			spec := specOf(t)
			v := newVictim(t, &spec)
			v.writeParameters(t)
			if err := os.WriteFile(filepath.Join(v.group, "script.py"), script, 0o600); err != nil {
				t.Fatal(err)
			}
			spec.Argv = []string{python, filepath.Join(v.group, "script.py"), v.parameters}
			before := contents(t, v.kept)
			v.confine(&spec, func(p *sandbox.Policy, _ *sandbox.Wish) { p.MaxABI = abi })
			s := start(t, spec)
			level := await[shim.Started](t, s).Confinement
			if level.ABI != abi || (level.Level == sandbox.Full) != (abi >= 6) {
				t.Errorf("confinement %+v", level)
			}
			ended := await[shim.Ended](t, s)
			results := map[string]string{}
			if err := json.Unmarshal([]byte(output(t, spec)), &results); err != nil {
				t.Fatalf("%s: %v: %s", text(ended), err, output(t, spec))
			}
			if len(results) < 60 {
				t.Errorf("only %d attempts", len(results))
			}
			for name, result := range results {
				through := result == "through"
				if !through && !refusal(result) {
					t.Errorf("%s was not refused, it did not work: %s", name, result)
				}
				if expected := abi < holdsFrom[name]; through != expected {
					t.Errorf("%s: %s, expected through: %v", name, result, expected)
				}
			}
			for name := range holdsFrom {
				if results[name] == "" {
					t.Errorf("no attempt %q", name)
				}
			}
			after := contents(t, v.kept)
			for path, was := range before {
				if after[path] != was {
					t.Errorf("%s was changed: %q", path, after[path])
				}
			}
			byABI[abi] = results
		})
	}
	for name := range byABI[sandbox.ABI()] {
		line := fmt.Sprintf("%-60s", name)
		for abi := 1; abi <= sandbox.ABI(); abi++ {
			word, _, _ := strings.Cut(byABI[abi][name], ":")
			line += fmt.Sprintf(" %-8s", word)
		}
		table = append(table, line)
	}
	slices.Sort(table)
	t.Logf("%d attempts; through by version of Landlock 1…%d:\n%s", len(table), sandbox.ABI(), strings.Join(table, "\n"))
}

// refusal tells whether an error says no, and not that the attempt is a bad one.
func refusal(result string) bool {
	return slices.ContainsFunc([]string{
		"Permission denied", "Operation not permitted", "Protocol not supported", "Address family not supported",
		"Invalid cross-device link", "Function not", "not allowed", "non-zero exit status",
	}, func(no string) bool { return strings.Contains(result, no) })
}

// Without confinement the attempts work, so that their refusal means something.
func TestProbesWork(t *testing.T) {
	script, err := os.ReadFile("testdata/probe.py")
	if err != nil {
		t.Fatal(err)
	}
	_, out, _ := confinedRun(t, string(script), func(v *victim, p *sandbox.Policy, _ *sandbox.Wish) {
		p.Mode = sandbox.Off
		v.what["control"] = true
		v.writeParameters(t)
	})
	results := map[string]string{}
	if err := json.Unmarshal([]byte(out), &results); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	through := 0
	for name, result := range results {
		if result == "through" {
			through++
		} else {
			t.Logf("%s: %s", name, result)
		}
	}
	if through < 60 {
		t.Errorf("only %d of %d attempts work at all", through, len(results))
	}
}

func contents(t *testing.T, paths []string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%s is gone: %v", path, err)
		}
		info, err := os.Stat(path)
		if err == nil {
			all[path] = fmt.Sprint(info.Mode(), string(b))
		}
	}
	return all
}

// confinedRun runs a program confined and gives how it ended and its output.
func confinedRun(t *testing.T, program string, change func(*victim, *sandbox.Policy, *sandbox.Wish)) (string, string, sandbox.Report) {
	t.Helper()
	spec := specOf(t)
	v := newVictim(t, &spec)
	path := filepath.Join(v.group, "script.py")
	if err := os.WriteFile(path, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	v.writeParameters(t)
	spec.Argv = []string{python, path, v.parameters}
	v.confine(&spec, func(p *sandbox.Policy, w *sandbox.Wish) {
		if change != nil {
			change(v, p, w)
		}
	})
	s := start(t, spec)
	report := await[shim.Started](t, s).Confinement
	ended := await[shim.Ended](t, s)
	return text(ended), strings.TrimSpace(output(t, spec)), report
}
