//go:build e2e && linux

package console_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestBadCommands: what a person gets wrong at the terminal.
func TestBadCommands(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("developers", task("@required_level: developer", ""))
	in.script("everyone", task("@required_level: viewer", ""))
	in.serve()
	for name, level := range map[string]string{"otto": "operator", "vera": "viewer"} {
		in.ok(in.command("user", "add", name, "--level", level).with("SCRIPTSMANAGER_USER_PASSWORD=" + password))
	}
	addUser := []string{"SCRIPTSMANAGER_USER_PASSWORD=" + password}
	cases := []struct {
		name    string
		args    []string
		environ []string
		code    int
		parts   []string
	}{
		{"no such command", []string{"fly"}, nil, exitUsage, []string{"fly"}},
		{"no such flag", []string{"script", "list", "--colour"}, nil, exitUsage, []string{"--colour"}},
		{"an argument too few", []string{"script", "show"}, nil, exitUsage, []string{"<G/S>"}},
		{"no such way to wait", []string{"run", "tools/everyone", "--wait", "long"}, nil, exitUsage, []string{"ready", "end", "long"}},
		{"no such language", []string{"--lang", "de", "version"}, nil, exitUsage, []string{"de", "fr"}},
		{"unknown level", []string{"user", "add", "x", "--level", "boss"}, addUser, exitUsage, []string{"boss", "operator", "developer"}},
		{"a name taken", []string{"user", "add", "OTTO", "--level", "viewer"}, addUser, exitFailed, []string{"OTTO"}},
		{"a name that cannot be", []string{"user", "add", "a/b", "--level", "viewer"}, addUser, exitUsage, []string{"a/b", "letters"}},
		{"a short password", []string{"user", "add", "x", "--level", "viewer"}, []string{"SCRIPTSMANAGER_USER_PASSWORD=short"}, exitUsage, []string{"8"}},
		{"a long password", []string{"user", "add", "x", "--level", "viewer"}, []string{"SCRIPTSMANAGER_USER_PASSWORD=" + strings.Repeat("x", 73)}, exitUsage, []string{"72"}},
		{"a common password", []string{"user", "add", "x", "--level", "viewer"}, []string{"SCRIPTSMANAGER_USER_PASSWORD=P@ssw0rd2026"}, exitUsage, []string{"guessed"}},
		{"a name that looks like another", []string{"user", "add", "оttо", "--level", "viewer"}, addUser, exitUsage, []string{"looks the same", "otto"}},
		{"no password", []string{"user", "add", "x", "--level", "viewer"}, nil, exitUsage, []string{"SCRIPTSMANAGER_USER_PASSWORD"}},
		{"a setting without a value", []string{"settings", "set", "limits.grace_seconds", "7"}, nil, exitUsage, []string{"limits.grace_seconds”", "KEY=VALUE"}},
		{"unknown user", []string{"run", "tools/everyone", "--as", "nobody"}, nil, exitNotFound, []string{"nobody"}},
		// What one may not see is as if it were not there.
		{"level too low for the script", []string{"run", "tools/developers", "--as", "otto"}, nil, exitNotFound, []string{"tools/developers"}},
		{"a viewer runs nothing", []string{"run", "tools/everyone", "--as", "vera"}, nil, exitNotAllowed, []string{"Operator"}},
		{"unknown script", []string{"run", "tools/nothing"}, nil, exitNotFound, []string{"tools/nothing"}},
		{"unknown group", []string{"script", "list", "--group", "nothing"}, nil, exitNotFound, []string{"nothing"}},
		{"unknown project", []string{"run", "tools/everyone", "--project", "nothing"}, nil, exitNotFound, []string{"nothing"}},
		{"unknown execution", []string{"execution", "show", "nothing"}, nil, exitNotFound, []string{"nothing"}},
		{"unknown execution to stop", []string{"stop", "nothing"}, nil, exitNotFound, []string{"nothing"}},
		{"unknown state", []string{"execution", "list", "--state", "dreaming"}, nil, exitUsage, []string{"dreaming", "running"}},
		{"a path that climbs", []string{"script", "show", "../../etc/passwd"}, nil, exitNotFound, []string{"passwd"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			at := *in
			at.t = t
			wantFailure(t, at.command(c.args...).with(c.environ...).run(), c.code, c.parts...)
			r := at.command(append([]string{"--json"}, c.args...)...).with(c.environ...).run()
			if r.code != c.code || r.stdout != "" {
				t.Errorf("with --json: %v", r)
			}
		})
	}
}

func TestWithoutAdministrator(t *testing.T) {
	t.Parallel()
	in := newRoot(t, nil)
	in.script("any", task("", ""))
	wantFailure(t, in.command("run", "tools/any").run(), exitNotAllowed, "setup")
	wantFailure(t, in.command("setup", "--admin", "anna").run(), exitUsage, "SCRIPTSMANAGER_ADMIN_PASSWORD")
	wantFailure(t, in.command("setup", "--admin", "anna", "--language", "de").run(), exitUsage, "de")
	wantFailure(t, in.command("setup", "--admin", "an na").with("SCRIPTSMANAGER_ADMIN_PASSWORD="+password).run(), exitUsage, "an na")
}

func TestSecondStartOnTheSameRoot(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	server, _ := in.serve()
	wantFailure(t, in.command("serve", "--listen", "127.0.0.1:0").run(), exitBusy,
		in.dir, strconv.Itoa(server.cmd.Process.Pid), "--root")
	wantFailure(t, in.command("serve", "--listen", "127.0.0.1:0", "--json").run(), exitBusy, in.dir)

	// A root whose owner was killed is free at once.
	server.signal(os.Kill)
	server.end()
	in.serve()
}

func TestServeAddresses(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	busy := listen(t, "127.0.0.1:0")
	_, port, _ := strings.Cut(busy.Addr().String(), ":")
	wantFailure(t, in.command("serve", "--listen", "127.0.0.1:"+port).run(), exitBusy, port)
	wantFailure(t, in.command("serve", "--listen", "0.0.0.0:0").run(), exitUsage, "0.0.0.0", "127.0.0.1")
	wantFailure(t, in.command("serve", "--listen", "here").run(), exitUsage, "here")
}

func TestServeWaitsForACommand(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("page", page("", ""))
	command, answer := in.front("tools/page")
	server := in.command("serve", "--listen", "127.0.0.1:0").start()
	waitFor(t, "what serve says", func() bool {
		return strings.Contains(server.stderr.String(), strconv.Itoa(command.cmd.Process.Pid))
	})
	command.signal(sigint)
	command.end()
	waitFor(t, "the address", func() bool { return strings.HasPrefix(server.stdout.String(), "http://127.0.0.1:") })
	gone(t, answer.PID)
}

func TestRootNotWritable(t *testing.T) {
	t.Parallel()
	dir := publicFolder(t)
	locked := filepath.Join(dir, "locked")
	if err := os.Mkdir(locked, 0o555); err != nil {
		t.Fatal(err)
	}
	in := newRoot(t, nil)
	in.asOrdinaryUser(dir)
	for _, root := range []string{locked, filepath.Join(locked, "below"), filepath.Join(dir, "locked", "a", "b")} {
		r := in.bare("script", "list", "--root", root).run()
		wantFailure(t, r, exitFailed, root, "--root")
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	wantFailure(t, in.bare("setup", "--admin", "anna", "--root", file).run(), exitFailed, file)
}

// publicFolder is a folder that every account may enter.
func publicFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sm-console-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

const ordinary = 65534

// asOrdinaryUser has commands run by an account without rights, from a copy of
// the programs that it can reach. Where the tests themselves run without
// rights, it is theirs.
func (in *installation) asOrdinaryUser(public string) {
	in.t.Helper()
	in.home = filepath.Join(public, "home")
	if err := os.Mkdir(in.home, 0o700); err != nil {
		in.t.Fatal(err)
	}
	in.envs = []string{"TMPDIR=" + in.home}
	if os.Getuid() != 0 {
		return
	}
	copyPrograms(in.t, filepath.Join(public, "bin"), "scriptsmanager", "scriptsmanager-shim")
	in.program = filepath.Join(public, "bin", "scriptsmanager")
	id := strconv.Itoa(ordinary)
	in.as = []string{"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"}
	if err := os.Chown(in.home, ordinary, ordinary); err != nil {
		in.t.Fatal(err)
	}
}

func copyPrograms(t *testing.T, dir string, names ...string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(program), name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOrdinaryUser does the main job without any rights on the machine.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	public := publicFolder(t)
	in := rootIn(t, filepath.Join(public, "root"), nil)
	in.script("page", page("", family))
	in.asOrdinaryUser(public)
	if os.Getuid() == 0 {
		if out, err := exec.Command("chown", "-R", strconv.Itoa(ordinary), in.dir).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	in.setup()
	command, answer := in.front("tools/page")
	children := in.childrenOf()
	get(t, answer.URL)
	command.signal(sigint)
	if r := command.end(); r.code != exitOK {
		t.Errorf("after Ctrl-C: %v", r)
	}
	gone(t, append(children, answer.PID)...)
	// Nobody else can read what it wrote.
	for _, path := range []string{in.dir, filepath.Join(in.dir, "data", "scriptsmanager.db"), in.dataDir()} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestShimMissing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("page", page("", ""))
	dir := filepath.Join(publicFolder(t), "bin")
	copyPrograms(t, dir, "scriptsmanager")
	in.program = filepath.Join(dir, "scriptsmanager")
	wantFailure(t, in.command("run", "tools/page", "--wait", "ready").run(), exitFailed, filepath.Join(dir, "scriptsmanager-shim"))
}

func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text string
		parts      []string
	}{
		{"broken JSON", "{\n  \"limits\": {\n", []string{"config.json"}},
		{"a value out of range", `{"limits": {"grace_seconds": -4}}`, []string{"config.json", "limits.grace_seconds", "3600"}},
		{"an unknown key", `{"limits": {"grave_seconds": 4}}`, []string{"config.json", "grave_seconds"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := newInstallation(t, nil)
			in.write("config.json", c.text)
			r := in.command("script", "list").run()
			wantFailure(t, r, exitOK, c.parts...)
			// Programs read stdout, which has the answer alone.
			if r = in.command("script", "list", "--json").run(); r.code != exitOK {
				t.Errorf("with --json: %v", r)
			}
			decode[[]map[string]any](t, r.stdout)
		})
	}
}

func TestDamagedDatabase(t *testing.T) {
	t.Parallel()
	t.Run("newer", func(t *testing.T) {
		in := newInstallation(t, nil)
		in.change("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999999, 1)")
		wantFailure(t, in.command("script", "list").run(), exitFailed, "newer", "scriptsmanager.db")
	})
	t.Run("not a database", func(t *testing.T) {
		in := newRoot(t, nil)
		in.write("data/scriptsmanager.db", strings.Repeat("this is not a database\n", 1000))
		wantFailure(t, in.command("script", "list").run(), exitFailed, "scriptsmanager.db")
		if err := os.Remove(filepath.Join(in.dir, "data", "scriptsmanager.db")); err != nil {
			t.Fatal(err)
		}
	})
}

// change writes to the database behind the product's back.
func (in *installation) change(sql string) {
	in.t.Helper()
	cmd := exec.Command("/usr/bin/python3", "-c",
		"import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()",
		filepath.Join(in.dir, "data", "scriptsmanager.db"), sql)
	if out, err := cmd.CombinedOutput(); err != nil {
		in.t.Fatalf("%s: %v\n%s", sql, err, out)
	}
}
