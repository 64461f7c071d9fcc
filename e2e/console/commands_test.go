//go:build e2e && linux

package console_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// keys are those that a document of the command line must have, at least.
func wantKeys(t *testing.T, what string, m map[string]any, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if _, ok := m[key]; !ok {
			t.Errorf("%s has no %q: %v", what, key, m)
		}
	}
	for key := range m {
		if key != strings.ToLower(key) || strings.ContainsAny(key, "- ") {
			t.Errorf("%s: %q is not in snake case", what, key)
		}
	}
}

// wantTimes wants every field that is named as a time to be RFC 3339.
func wantTimes(t *testing.T, what string, m map[string]any) {
	t.Helper()
	for key, value := range m {
		text, isText := value.(string)
		if strings.HasSuffix(key, "_at") && isText {
			if _, err := time.Parse(time.RFC3339, text); err != nil {
				t.Errorf("%s: %s is %q, not RFC 3339", what, key, text)
			}
		}
	}
}

func TestEveryCommand(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("hello", task("@display_name: Hello\n@display_name_es: Hola", `print("hello"); print("oops", file=sys.stderr)`))
	done := in.object("run", "tools/hello", "--wait", "end")
	id, _ := done["id"].(string)

	nobody := func(t *testing.T) { everyCommand(t, in, id) }
	t.Run("nobody owns the root", nobody)
	server, _ := in.serve()
	t.Run("serve owns the root", nobody)
	server.signal(sigint)
	if r := server.end(); r.code != exitOK {
		t.Errorf("serve after Ctrl-C: %v", r)
	}
}

func everyCommand(t *testing.T, in *installation, id string) {
	cases := []struct {
		name  string
		args  []string
		list  bool
		keys  []string
		human string // what people must see without --json
	}{
		{"group list", []string{"group", "list"}, true, []string{"id", "name", "script_count"}, "tools"},
		{"script list", []string{"script", "list"}, true, []string{"id", "name", "group_id", "required_level"}, "tools/hello"},
		{"script list of a group", []string{"script", "list", "--group", "tools"}, true, []string{"id", "name"}, "Hello"},
		{"script show", []string{"script", "show", "tools/hello"}, false, []string{"id", "name", "parameters", "problems", "path"}, "tools/hello"},
		{"script show with .py", []string{"script", "show", "tools/hello.py"}, false, []string{"id", "name"}, "Hello"},
		{"execution list", []string{"execution", "list"}, true, []string{"id", "name", "script_id", "state", "created_at"}, id},
		{"execution show", []string{"execution", "show", id}, false, []string{"id", "name", "state", "exit_code", "pid", "created_at", "ended_at"}, id},
		{"log show", []string{"log", "show", id}, true, []string{"seq", "time", "stream", "text"}, "hello"},
		{"environment list", []string{"environment", "list"}, true, []string{"id", "name", "path", "kind", "python_version", "state", "flask_version"}, "/usr"},
		{"environment refresh", []string{"environment", "refresh"}, true, []string{"name", "path"}, "/usr"},
		{"environment show", []string{"environment", "show", "system"}, false, []string{"name", "path", "packages"}, "/usr"},
		{"environment activate", []string{"environment", "activate", "/usr"}, false, []string{"variables", "unset", "path"}, "PATH"},
		{"doctor", []string{"doctor"}, false, []string{"findings", "confinement"}, "Python"},
		{"data usage", []string{"data", "usage", "--measure"}, false, []string{"measured_at", "projects", "system"}, "INSTALLATION"},
		{"discovery list", []string{"discovery", "list", "--refresh"}, false, []string{"scanned_at", "problems"}, "Groups:"},
		{"system-log list", []string{"system-log", "list"}, true, []string{"name", "size"}, "application"},
		{"system-log show", []string{"system-log", "show", "application", "--lines", "5"}, true, []string{"time", "level", "message"}, "INFO"},
		{"version", []string{"version"}, false, []string{"version"}, "ScriptsManager"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			check := func(text string) {
				t.Helper()
				objects := []map[string]any{}
				if c.list {
					objects = decode[[]map[string]any](t, text)
					if len(objects) == 0 {
						t.Fatal("the list is empty")
					}
				} else {
					objects = append(objects, decode[map[string]any](t, text))
				}
				for _, o := range objects {
					wantKeys(t, c.name, o, c.keys...)
					wantTimes(t, c.name, o)
				}
			}
			at := *in
			at.t = t
			before := at.bare(append([]string{"--json", "--root", in.dir}, c.args...)...)
			after := at.bare(append(slices.Clone(c.args), "--root", in.dir, "--json")...)
			check(at.ok(before))
			check(at.ok(after))
			if text := at.ok(at.command(c.args...)); !strings.Contains(text, c.human) {
				t.Errorf("without --json, %q is missing in:\n%s", c.human, text)
			}
		})
	}
}

func TestEmptyListsAreArrays(t *testing.T) {
	t.Parallel()
	in := newRoot(t, nil)
	for _, args := range [][]string{{"group", "list"}, {"script", "list"}, {"execution", "list"}, {"port", "list"}} {
		if got := in.list(args...); args[0] != "group" && len(got) != 0 {
			t.Errorf("%v: %v", args, got)
		}
	}
}

func TestSetupAndUsers(t *testing.T) {
	t.Parallel()
	in := newRoot(t, nil)
	user := decode[map[string]any](t, in.ok(
		in.command("setup", "--admin", adminName, "--language", "it", "--json").with("SCRIPTSMANAGER_ADMIN_PASSWORD="+password)))
	wantKeys(t, "setup", user, "id", "name", "level", "language")
	if user["name"] != adminName || user["level"] != "admin" || user["language"] != "it" {
		t.Errorf("setup made %v", user)
	}
	again := in.command("setup", "--admin", "second").with("SCRIPTSMANAGER_ADMIN_PASSWORD=" + password).run()
	wantFailure(t, again, exitFailed, "already set up")

	// The password may come by the standard input as well.
	added := decode[map[string]any](t, in.ok(in.command("--json", "user", "add", "otto", "--level", "operator").stdin(password+"\n")))
	wantKeys(t, "user add", added, "id", "name", "level", "created_at")
	wantTimes(t, "user add", added)
	text := in.ok(in.command("user", "add", "vera", "--level", "viewer").with("SCRIPTSMANAGER_USER_PASSWORD=" + password))
	if !strings.Contains(text, "vera") {
		t.Errorf("user add prints %q", text)
	}

	// Changed, kept out and let in again; the last administrator stays.
	changed := decode[map[string]any](t, in.ok(in.command("user", "edit", "VERA", "--level", "developer", "--display-name", "Vera B.", "--json")))
	if changed["level"] != "developer" || changed["display_name"] != "Vera B." || changed["email"] != "vera@localhost" {
		t.Errorf("user edit: %v", changed)
	}
	if text := in.ok(in.command("user", "deactivate", "vera", "--lang", "it")); !strings.Contains(text, "vera non") {
		t.Errorf("user deactivate: %s", text)
	}
	for _, u := range in.list("user", "list") {
		if u["name"] == "vera" && u["active"] != false {
			t.Errorf("user list: %v", u)
		}
	}
	in.ok(in.command("user", "activate", "vera"))
	for _, args := range [][]string{{"edit", adminName, "--level", "operator"}, {"deactivate", adminName}} {
		wantFailure(t, in.command(append([]string{"user"}, args...)...).run(), exitFailed, "administrator")
	}
	// One that is not locked is as it should be.
	if text := in.ok(in.command("user", "unlock", "Vera", "--lang", "fr")); !strings.Contains(text, "vera peut") {
		t.Errorf("user unlock: %s", text)
	}
	wantFailure(t, in.command("user", "unlock", "nobody").run(), exitNotFound, "nobody")
	// Who signs in as the system's user is set and taken back.
	if text := in.ok(in.command("user", "system-sign-in", "vera")); !strings.Contains(text, "vera") {
		t.Errorf("user system-sign-in: %s", text)
	}
	if text := in.ok(in.command("user", "system-sign-in", "--off")); strings.Contains(text, "vera") {
		t.Errorf("user system-sign-in --off: %s", text)
	}
	// What an account has is told; it is deleted by its name only, and never the last administrator.
	if data := decode[map[string]any](t, in.ok(in.command("user", "data", "vera", "--json"))); data["bytes"] != 0.0 {
		t.Errorf("user data: %v", data)
	}
	wantFailure(t, in.command("user", "delete", "vera", "--data", "keep", "--confirm", "Vera").run(), exitUsage, "vera")
	wantFailure(t, in.command("user", "delete", "vera", "--data", "hand-over", "--confirm", "vera").run(), exitUsage, "--to")
	wantFailure(t, in.command("user", "delete", adminName, "--data", "delete", "--confirm", adminName).run(), exitFailed, "administrator")
	in.ok(in.command("user", "reset-data", "otto", "--confirm", "otto"))
	if text := in.ok(in.command("user", "delete", "otto", "--data", "hand-over", "--to", "vera", "--confirm", "otto")); !strings.Contains(text, "otto") {
		t.Errorf("user delete: %s", text)
	}
	wantFailure(t, in.command("user", "deactivate", "otto").run(), exitNotFound, "otto")
	wantFailure(t, in.command("user", "edit", "vera", "--level", "boss").run(), exitUsage, "boss")
	wantFailure(t, in.command("user", "deactivate", "nobody").run(), exitNotFound, "nobody")
	reset := in.command("user", "reset-password", "vera")
	wantFailure(t, reset.with("SCRIPTSMANAGER_USER_PASSWORD=Vera2026!").run(), exitUsage, "guessed")
	in.ok(in.command("user", "reset-password", "vera").with("SCRIPTSMANAGER_USER_PASSWORD=" + password))

	// Passwords are nowhere in clear.
	if hits := in.grep(password); len(hits) > 0 {
		t.Errorf("the password stands in %v", hits)
	}
}

func TestHelpAndLanguage(t *testing.T) {
	t.Parallel()
	in := newRoot(t, nil)
	for _, args := range [][]string{{}, {"--help"}, {"run", "--help"}, {"execution", "list", "--help"}} {
		r := in.bare(args...).run()
		if r.code != exitOK || !strings.Contains(r.stdout, "Usage: scriptsmanager") {
			t.Errorf("%v: %v", args, r)
		}
	}
	r := in.command("--lang", "es", "execution", "show", "nobody").run()
	if r.code != exitNotFound || !strings.Contains(r.stderr, "nobody") || strings.Contains(r.stderr, "was not found") {
		t.Errorf("--lang es: %v", r)
	}
	r = in.command("execution", "show", "nobody").with("LC_ALL=fr_FR.UTF-8").run()
	if strings.Contains(r.stderr, "was not found") {
		t.Errorf("LC_ALL=fr: %v", r)
	}
}
