//go:build e2e && linux

package console_test

import (
	"archive/zip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// long is for what makes a real environment, which is much work.
const long = 5 * time.Minute

func (c *command) within(d time.Duration) *command {
	c.limit = d
	return c
}

// endsIn is end for what may take longer.
func (r *running) endsIn(d time.Duration) result {
	r.t.Helper()
	select {
	case <-r.done:
	case <-time.After(d): // end tells
	}
	return r.end()
}

// wheel makes a package of one module that can be installed offline.
func wheel(t *testing.T, dir, name, version, code string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, name+"-"+version+"-py3-none-any.whl"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	info := name + "-" + version + ".dist-info/"
	for _, file := range [][2]string{
		{name + ".py", code},
		{info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n"},
		{info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
		{info + "RECORD", name + ".py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n"},
	} {
		w, err := z.Create(file[0])
		if err == nil {
			_, err = w.Write([]byte(file[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// venv is where an environment of that name is made without conda.
func (in *installation) venv(name string) string { return filepath.Join(in.dir, "environments", name) }

// listed tells whether the environment is in the list.
func (in *installation) listed(path string) bool {
	in.t.Helper()
	for _, e := range in.list("environment", "list") {
		if e["path"] == path {
			return true
		}
	}
	return false
}

// nothingMade looks whether anything of an environment is left.
func (in *installation) nothingMade(path string) {
	in.t.Helper()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		in.t.Errorf("%s is left (%v)", path, err)
	}
	if entries, _ := os.ReadDir(filepath.Join(in.dir, "data", "environment_jobs")); len(entries) > 0 {
		in.t.Errorf("records of what is being made are left: %v", entries)
	}
	if in.listed(path) {
		in.t.Errorf("%s is in the list", path)
	}
}

// pythonOf writes a Python that makes venvs in a way of the test's own: makes
// is shell code, with the folder in $target.
func pythonOf(t *testing.T, makes string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python3")
	text := "#!/bin/sh\ncase \"$*\" in\n*\"-m venv\"*)\n\tfor target; do :; done\n" + makes + " ;;\n*) exec /usr/bin/python3 \"$@\" ;;\nesac\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// Venvs without pip, which is most of the work; and one that never ends and
// has a child that does not want to.
const (
	quickVenv   = `exec /usr/bin/python3 -I -m venv --without-pip "$target"`
	endlessVenv = `mkdir -p "$target/bin"; echo "home = /usr/bin" > "$target/pyvenv.cfg"
	(trap '' TERM INT; while :; do echo more >> "$target/late"; sleep 0.1; done) &
	echo begun; wait`
)

func TestEnvironmentOfAGroup(t *testing.T) { // ENV-4, ENV-7, ENV-8
	t.Parallel()
	in := newInstallation(t, nil)
	wheels := filepath.Join(in.home, "wheels ü")
	wheel(t, wheels, "rigdata", "1.0", "value = 7\n")
	wheel(t, wheels, "rigmore", "2.0", "value = 8\n")
	in.script("needs", task("", "import rigdata\nprint(rigdata.value, sys.prefix)"))
	in.script("waits", task("", "print('up', flush=True)\nwhile True: time.sleep(0.1)"))
	in.write("app/backend/script_groups/tools/requirements.txt", "rigdata == 1.0  # ours\n")

	// Made, filled and assigned, with what pip says as it says it.
	r := in.command("environment", "create", "--group", "tools", "--kind", "venv", "--python", "/usr/bin/python3", "--offline-folder", wheels).within(long).run()
	if said := r.stdout + r.stderr; r.code != exitOK || !strings.Contains(said, "Processing ") || !strings.Contains(said, "rigdata-1.0") {
		t.Fatalf("create: %v", r)
	}
	made := in.venv("tools")
	if got, want := in.ok(in.command("run", "tools/needs", "--wait", "end")), "7 "+made+"\n"; got != want {
		t.Fatalf("the group's script prints %q, want %q", got, want)
	}
	wantFailure(t, in.command("environment", "create", "tools", "--kind", "venv", "--json").run(), exitFailed, made)

	in.ok(in.command("environment", "install", "tools", "rigmore", "--offline-folder", wheels).within(long))
	r = in.command("environment", "install", "tools", "no-such-package", "--offline-folder", wheels).within(long).run()
	wantFailure(t, r, exitFailed, "no-such-package")
	if got := in.ok(in.command("environment", "export", "tools").within(long)); !strings.Contains(got, "rigdata") || !strings.Contains(got, "rigmore") {
		t.Errorf("exported: %s", got)
	}
	shown := decode[map[string]any](t, in.ok(in.command("environment", "export", "tools", "--json").within(long)))
	job, _ := shown["job"].(map[string]any)
	progress, _ := job["progress"].(map[string]any)
	result, _ := job["result"].(map[string]any)
	if shown["kind"] != "environment" || shown["state"] != "completed" || progress["percent_done"] != 100.0 || !strings.Contains(fmt.Sprint(result["text"]), "rigmore") {
		t.Errorf("as JSON: %v", shown)
	}

	in.ok(in.command("environment", "clone", "tools", "còpia_2").within(long))
	out, err := exec.Command(filepath.Join(in.venv("còpia_2"), "bin", "python"), "-c", "import rigdata, rigmore, sys; print(rigmore.value, sys.prefix)").Output()
	if got, want := string(out), "8 "+in.venv("còpia_2")+"\n"; err != nil || got != want {
		t.Errorf("the copy prints %q: %v", got, err)
	}

	// Removed only when the name is typed, nothing is to run in it, or that is
	// told, and nothing runs in it.
	wantFailure(t, in.command("environment", "remove", "còpia_2", "--confirm", "copia_2").run(), exitUsage, "còpia_2")
	in.ok(in.command("environment", "remove", "còpia_2", "--confirm", "còpia_2").within(long))
	in.nothingMade(in.venv("còpia_2"))
	remove := []string{"environment", "remove", "tools", "--confirm", "tools"}
	wantFailure(t, in.command(remove...).run(), exitBusy, "tools", "--force")
	wantFailure(t, in.command(append(remove, "--lang", "it")...).run(), exitBusy, "ambiente", "--force")
	remove = append(remove, "--force")
	waits := in.command("run", "tools/waits", "--wait", "end").start()
	waitFor(t, "the script's output", func() bool { return strings.Contains(waits.stdout.String(), "up") || waits.ended() })
	wantFailure(t, in.command(remove...).run(), exitBusy, "tools/waits")
	waits.signal(sigint)
	waits.end()
	in.ok(in.command(remove...).within(long))
	in.nothingMade(made)
	// What was assigned stays, and is missing.
	for _, g := range in.list("group", "list") {
		if g["id"] == "tools" && g["environment"] != made {
			t.Errorf("the group's environment: %v", g)
		}
	}
	wantFailure(t, in.command("environment", "remove", "tools", "--confirm", "tools").run(), exitNotFound, "tools")
}

func TestNamesOfEnvironments(t *testing.T) { // ENV-7
	t.Parallel()
	in := newInstallation(t, nil)
	in.serve()
	for _, name := range []string{"..", "a b", "../x", "x/../../y", "a;touch x", "$(touch x)", "`x`", "a'b", "base", "con", "x..y", ".hidden", "a\nb"} {
		for _, argv := range [][]string{
			{"environment", "create", name, "--kind", "venv"},
			{"environment", "clone", "system", name, "--json"},
		} {
			r := in.command(argv...).run()
			wantFailure(t, r, exitUsage, "name")
			if argv[1] == "clone" && !strings.Contains(r.stderr, `"environment_name"`) {
				t.Errorf("%q: %v", name, r)
			}
		}
	}
	for _, c := range []struct {
		code int
		want string
		argv []string
	}{
		{exitUsage, "--prefix=/", []string{"create", "x", "--kind", "venv", "--", "--prefix=/"}},
		{exitUsage, "offline", []string{"create", "x", "--offline-folder", "/no/where"}},
		{exitFailed, "conda", []string{"create", "x", "--kind", "conda"}},
		{exitNotFound, "2.2", []string{"create", "x", "--kind", "venv", "--python", "2.2"}},
		{exitNotFound, "no-such", []string{"create", "x", "--group", "no-such"}},
		{exitNotFound, "no-such", []string{"clone", "no-such", "x"}},
		{exitNotFound, "no-such", []string{"export", "no-such"}},
		{exitUsage, "/no/where.yml", []string{"import", "/no/where.yml", "x"}},
		{exitFailed, "/usr", []string{"remove", "system", "--confirm", "system", "--force"}},
		{exitFailed, "/usr", []string{"install", "system", "flask"}},
	} {
		wantFailure(t, in.command(append([]string{"environment"}, c.argv...)...).run(), c.code, c.want)
	}
	if entries, _ := os.ReadDir(filepath.Join(in.dir, "environments")); len(entries) > 0 {
		t.Errorf("there is %v", entries)
	}
}

func TestCreationIsCancelled(t *testing.T) { // ENV-7
	t.Parallel()
	owners(t, func(t *testing.T, serve bool) {
		in := newInstallation(t, nil)
		if serve {
			in.serve()
		}
		create := []string{"environment", "create", "half", "--kind", "venv", "--python", pythonOf(t, endlessVenv)}
		front := in.command(create...).start()
		begun := func() bool {
			_, err := os.Stat(filepath.Join(in.venv("half"), "late"))
			return err == nil || front.ended()
		}
		waitFor(t, "the creation's begin", begun)
		if in.listed(in.venv("half")) {
			t.Error("it is in the list before it is made")
		}
		wantFailure(t, in.command(create...).run(), exitBusy, "half")
		front.signal(sigint)
		if r := front.endsIn(long); r.code != exitFailed {
			t.Errorf("after Ctrl-C: %v", r)
		}
		in.nothingMade(in.venv("half"))
		if !serve {
			return
		}
		id := decode[map[string]any](t, in.ok(in.command(append(create, "--wait", "no", "--json")...)))["execution_id"].(string)
		waitFor(t, "the creation's begin", begun)
		in.ok(in.command("stop", id))
		waitFor(t, "the creation's end", func() bool { return in.show(id)["state"] == "terminated" })
		in.nothingMade(in.venv("half"))
	})
}

func TestTwoCreationsOfOneName(t *testing.T) { // ENV-7
	t.Parallel()
	in := newInstallation(t, nil)
	in.serve()
	create := []string{"environment", "create", "one", "--kind", "venv", "--python", pythonOf(t, quickVenv)}
	both := []*running{in.command(create...).start(), in.command(create...).start()}
	won := 0
	for _, c := range both {
		if r := c.endsIn(long); r.code == exitOK {
			won++
		} else if !strings.Contains(r.stderr, "one") || r.code != exitBusy && r.code != exitFailed {
			t.Errorf("who came second: %v", r)
		}
	}
	if won != 1 || !in.listed(in.venv("one")) {
		t.Errorf("%d have made it", won)
	}
}

func TestCreationIsKilled(t *testing.T) { // ENV-7, EXE-7
	t.Parallel()
	in := newInstallation(t, nil)
	server, _ := in.serve()
	create := []string{"environment", "create", "half", "--kind", "venv", "--python", pythonOf(t, endlessVenv), "--wait", "no", "--json"}
	id := decode[map[string]any](t, in.ok(in.command(create...)))["execution_id"].(string)
	waitFor(t, "the creation's begin", func() bool { _, err := os.Stat(filepath.Join(in.venv("half"), "late")); return err == nil })
	server.signal(syscall.SIGKILL)
	<-server.done
	waitFor(t, "the end of all processes", func() bool {
		all := processesOf(in.dir)
		for _, line := range all {
			if pid, err := strconv.Atoi(line[:strings.IndexByte(line, ':')]); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
			}
		}
		return len(all) == 0
	})
	waitFor(t, "the creation's end on record", func() bool { return in.show(id)["state"] == "failed" })
	in.nothingMade(in.venv("half"))
}

// TestVenvOnAFullDisk: that there was no room is told, and what was begun goes.
func TestVenvOnAFullDisk(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("a small disk can be mounted by root alone")
	}
	in := newInstallation(t, nil)
	mountDisk(t, filepath.Join(in.dir, "environments"), "4m")
	r := in.command("environment", "create", "big", "--kind", "venv", "--python", "/usr/bin/python3").within(long).run()
	wantFailure(t, r, exitFailed, "space", filepath.Join(in.dir, "environments"))
	in.nothingMade(in.venv("big"))
}
