//go:build e2e && linux

package console_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Settings are listed, changed and taken back at the command line, by the
// application that runs or by the command itself.
func TestSettings(t *testing.T) { // ADM-3, API-1, CFG
	t.Parallel()
	for name, served := range map[string]bool{"by itself": false, "by the owner": true} {
		t.Run(name, func(t *testing.T) {
			in := newInstallation(t, nil)
			if served {
				in.serve()
			}
			in.ok(in.command("user", "add", "otto", "--level", "developer").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
			path := filepath.Join(in.dir, "config.json")
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			list, _ := in.object("settings", "list")["settings"].([]any)
			if len(list) < 60 {
				t.Fatalf("%d settings", len(list))
			}
			one := in.object("settings", "get", "limits.grace_seconds")
			wantKeys(t, "setting", one, "name", "kind", "default", "allowed", "effect", "value", "file", "source", "variables")
			if said := in.ok(in.command("settings", "list", "grace")); !strings.Contains(said, "limits.grace_seconds") || strings.Contains(said, "job_workers") || strings.Contains(said, "setting.") {
				t.Errorf("found %s", said)
			}

			said := in.ok(in.command("settings", "set", "limits.grace_seconds=9", "debug=true", "environments.folders=/opt/a, /opt/b"))
			if !strings.Contains(said, "limits.grace_seconds") || !strings.Contains(said, "9") || strings.Contains(said, "setting.") {
				t.Errorf("set %s", said)
			}
			if got := in.ok(in.command("settings", "get", "environments.folders")); strings.TrimSpace(got) != `["/opt/a","/opt/b"]` {
				t.Errorf("list %s", got)
			}
			if said = in.ok(in.command("settings", "set", "debug=true")); strings.Contains(said, "debug") {
				t.Errorf("unchanged %s", said)
			}
			history := in.list("settings", "history")
			if len(history) != 3 || history[0]["source"] != "form" {
				t.Fatalf("history %v", history)
			}
			in.ok(in.command("settings", "unset", "debug"))
			if got := in.ok(in.command("settings", "get", "debug")); strings.TrimSpace(got) != "false" {
				t.Errorf("unset %s", got)
			}
			first, _ := history[2]["id"].(float64)
			in.ok(in.command("settings", "take-back", strconv.Itoa(int(first)), "--later"))
			after, err := os.ReadFile(path)
			if err != nil || strings.TrimSpace(string(after)) != strings.TrimSpace(string(before)) {
				t.Errorf("taken back: %s\nbefore: %s", after, before)
			}
			if records := in.list("audit", "list", "--action", "setting.change"); len(records) < 6 {
				t.Errorf("audit %v", records)
			}

			for what, c := range map[string]struct {
				args []string
				code int
			}{
				"unknown":         {[]string{"set", "limits.grave_seconds=1"}, 4},
				"unknown, to get": {[]string{"get", "limits"}, 4},
				"not allowed":     {[]string{"set", "limits.grace_seconds=many"}, 2},
				"no value":        {[]string{"set", "debug"}, 2},
				"no change":       {[]string{"take-back", "999"}, 4},
				"not for others":  {[]string{"set", "debug=true", "--as", "otto"}, 3},
				"nor to see":      {[]string{"list", "--as", "otto"}, 3},
			} {
				if r := in.command(append([]string{"settings"}, c.args...)...).run(); r.code != c.code || r.stderr == "" || strings.Contains(r.stderr, "error.") {
					t.Errorf("%s: %v", what, r)
				}
			}

			// A mistake by hand leaves what was in force, and says so.
			in.ok(in.command("settings", "set", "limits.grace_seconds=8"))
			in.write("config.json", "{\n  \"limits\": {\n    \"grave_seconds\": 4\n  }\n}\n")
			if served {
				waitFor(t, "the mistake to be seen", func() bool { return in.object("settings", "list")["refused"] == true })
			}
			if got := in.ok(in.command("settings", "get", "limits.grace_seconds")); strings.TrimSpace(got) != "8" {
				t.Errorf("in force %s", got)
			}
			r := in.command("settings", "list").run()
			wantFailure(t, r, 0, "config.json", "grave_seconds", "grace_seconds")
			if doctor := in.command("doctor").run(); !strings.Contains(doctor.stdout, "grave_seconds") {
				t.Errorf("doctor %v", doctor)
			}
			wantFailure(t, in.command("settings", "set", "debug=true").run(), 1, "config.json", "grave_seconds")
			in.ok(in.command("settings", "restore"))
			if r := in.command("settings", "list").run(); r.stderr != "" {
				t.Errorf("restored %v", r)
			}
			// Or corrected by hand.
			in.write("config.json", `{"limits": {"grace_seconds": 6}}`)
			waitFor(t, "the correction to be taken up", func() bool {
				return strings.TrimSpace(in.ok(in.command("settings", "get", "limits.grace_seconds"))) == "6"
			})
			if newest := in.list("settings", "history")[0]; newest["source"] != "file" || newest["actor"] != "config.json" {
				t.Errorf("by hand %v", newest)
			}
		})
	}
}
