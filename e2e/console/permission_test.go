//go:build e2e && linux

package console_test

import (
	"strings"
	"testing"
)

// What is allowed and denied on top of levels holds at once, for what is
// listed, found, shown and run.
func TestPermissions(t *testing.T) { // USR-3, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("open", task("", `print("open")`))
	in.script("high", task("@required_level: developer", `print("high")`))
	in.ok(in.command("user", "add", "otto", "--level", "operator").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	in.ok(in.command("user", "add", "vera", "--level", "viewer").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))

	verdict := func(user, script string) string {
		x := in.object("permission", "explain", user, "tools/"+script)
		wantKeys(t, "explained", x, "user", "verdicts")
		v, _ := x["verdicts"].([]any)[0].(map[string]any)
		see, _ := v["see"].(bool)
		run, _ := v["run"].(bool)
		return strings.Join([]string{v["reason"].(string), map[bool]string{true: "sees"}[see], map[bool]string{true: "runs"}[run]}, " ")
	}
	code := func(user, script string) int {
		return in.command("run", "tools/"+script, "--as", user, "--wait", "end").run().code
	}
	if v := verdict("otto", "high"); v != "level  " || code("otto", "high") != 4 {
		t.Errorf("too high a level: %s, %d", v, code("otto", "high"))
	}
	in.ok(in.command("permission", "set", "tools/high.py", "--user", "otto", "--allow"))
	if v := verdict("otto", "high"); v != "permission sees runs" || code("otto", "high") != 0 {
		t.Errorf("allowed: %s, %d", v, code("otto", "high"))
	}
	in.ok(in.command("permission", "set", "tools", "--user", "otto", "--deny"))
	if v := verdict("otto", "open"); v != "permission  " || code("otto", "open") != 4 {
		t.Errorf("denied by its group: %s, %d", v, code("otto", "open"))
	}
	if v := verdict("otto", "high"); v != "permission sees runs" { // the script before the group
		t.Errorf("allowed in a denied group: %s", v)
	}
	in.ok(in.command("permission", "set", "tools/high", "--user", "vera", "--allow"))
	if v := verdict("vera", "high"); v != "permission sees " || code("vera", "high") != 3 {
		t.Errorf("a viewer: %s, %d", v, code("vera", "high"))
	}
	if list := in.list("permission", "list"); len(list) != 3 {
		t.Errorf("permissions %v", list)
	}
	in.ok(in.command("permission", "set", "tools", "--user", "otto", "--clear"))
	if v := verdict("otto", "open"); v != "level sees runs" || code("otto", "open") != 0 {
		t.Errorf("taken back: %s, %d", v, code("otto", "open"))
	}
	if list := in.list("script", "list", "--group", "tools", "--as", "vera"); len(list) != 1 {
		t.Errorf("a viewer's scripts: %v", list)
	}
	if r := in.command("script", "show", "tools/high", "--as", "nobody").run(); r.code == 0 {
		t.Errorf("shown to nobody: %v", r)
	}
	// Nor is a denied group filled or given an environment by a developer.
	in.ok(in.command("user", "add", "dora", "--level", "developer").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	in.ok(in.command("permission", "set", "tools", "--user", "dora", "--deny"))
	for _, c := range []*command{
		in.command("group", "set-environment", "tools", "system", "--as", "dora"),
		in.command("script", "new", "tools/other", "--as", "dora"),
	} {
		if r := c.run(); r.code != 4 {
			t.Errorf("a denied group: %v", r)
		}
	}
	in.ok(in.command("script", "new", "others/first", "--as", "dora"))

	for what, c := range map[string]*command{
		"no effect":      in.command("permission", "set", "tools", "--user", "otto"),
		"two effects":    in.command("permission", "set", "tools", "--user", "otto", "--allow", "--deny"),
		"for nobody":     in.command("permission", "set", "tools", "--allow"),
		"no such person": in.command("permission", "set", "tools", "--user", "nobody", "--allow"),
		"no such level":  in.command("permission", "set", "tools", "--level", "chief", "--allow"),
		"administrators": in.command("permission", "set", "tools", "--level", "admin", "--deny"),
		"no such script": in.command("permission", "set", "tools/none", "--user", "otto", "--allow"),
		"no such group":  in.command("permission", "set", "none", "--user", "otto", "--allow"),
		"not for others": in.command("permission", "list", "--as", "otto"),
	} {
		if r := c.run(); r.code == 0 || r.stderr == "" {
			t.Errorf("%s: %v", what, r)
		}
	}
	if said := in.ok(in.command("permission", "explain", "otto")); !strings.Contains(said, "tools/high") || strings.Contains(said, "cli.") {
		t.Errorf("explained: %s", said)
	}
}
