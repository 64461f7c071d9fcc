//go:build e2e && linux

package console_test

import (
	"strings"
	"testing"
)

// Sets of parameters are kept, offered, run, changed and deleted.
func TestTemplates(t *testing.T) { // PRJ-5, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("job", task(`@parameters: [{"name": "n", "type": "integer", "max": 9}, {"name": "word", "type": "string"}]`,
		`print(sorted(a for a in sys.argv if a.startswith(("--n=", "--word="))))`))
	in.write("app/backend/script_groups/tools/examples/big.json", `{"name": "Big", "script": "job.py", "parameters": {"n": 8}}`)
	for name, level := range map[string]string{"otto": "operator", "dora": "developer"} {
		in.ok(in.command("user", "add", name, "--level", level).with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	}
	in.ok(in.command("template", "save", "tools/job", "Mine", "--set", "n=3", "--set", "word=a b", "--as", "otto"))
	in.ok(in.command("template", "save", "tools/job", "All", "--set", "n=4", "--shared", "--as", "dora"))
	if list := in.list("template", "list", "tools/job", "--as", "otto"); len(list) != 3 {
		t.Errorf("otto's templates: %v", list)
	}
	if list := in.list("template", "list", "tools/job", "--as", "dora"); len(list) != 2 {
		t.Errorf("dora's templates: %v", list)
	}
	if list := in.list("template", "list", "--user", "otto"); len(list) != 1 {
		t.Errorf("an administrator asks for otto's: %v", list)
	}
	for args, want := range map[string]string{
		"Mine":             `['--n=3', '--word=a b']`,
		"all":              `['--n=4']`,
		"big":              `['--n=8']`,
		"big.json":         `['--n=8']`,
		"dora/All":         `['--n=4']`,
		"Mine --set n=5":   `['--n=5', '--word=a b']`,
		"Mine --set word=": `['--n=3']`,
	} {
		name, set, _ := strings.Cut(args, " ")
		command := append([]string{"run", "tools/job", "--as", "otto", "--wait", "end", "--template", name}, strings.Fields(set)...)
		if r := in.command(command...).run(); r.code != 0 || !strings.Contains(r.stdout, want) {
			t.Errorf("%s: %v", args, r)
		}
	}
	for _, c := range []struct {
		code int
		args []string
	}{
		{4, []string{"template", "show", "tools/job", "Mine", "--as", "dora"}}, // as if it were not there
		{4, []string{"run", "tools/job", "--template", "Mine", "--as", "dora"}},
		{3, []string{"template", "save", "tools/job", "X", "--shared", "--as", "otto"}},
		{3, []string{"template", "delete", "tools/job", "All", "--as", "otto"}},
		{2, []string{"template", "save", "tools/job", "mine", "--as", "otto"}}, // the name is taken
		{2, []string{"template", "save", "tools/job", "Y", "--set", "n=10", "--as", "otto"}},
		{2, []string{"always-on", "set", "tools/job", "--template", "All", "--set", "n=1", "--as", "dora"}},
	} {
		if r := in.command(c.args...).run(); r.code != c.code {
			t.Errorf("%v: %v", c.args, r)
		}
	}
	in.ok(in.command("always-on", "set", "tools/job", "--template", "All", "--as", "dora"))
	if x := in.object("template", "show", "tools/job", "All", "--as", "dora"); len(x["uses"].([]any)) != 1 {
		t.Errorf("used by %v", x["uses"])
	}
	in.ok(in.command("template", "save", "tools/job", "Mine", "--replace", "--rename", "Other", "--as", "otto"))
	if r := in.command("template", "show", "tools/job", "Other", "--as", "otto").run(); !strings.Contains(r.stdout, "word=a b") {
		t.Errorf("after another name: %v", r)
	}
	in.ok(in.command("template", "delete", "tools/job", "Other", "--as", "otto"))
	if list := in.list("template", "list", "tools/job", "--as", "otto"); len(list) != 2 {
		t.Errorf("left: %v", list)
	}
}
