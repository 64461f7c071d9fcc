//go:build e2e && linux

package console_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A script's metadata, edited in the application, read again from its header.
func TestMetadata(t *testing.T) { // DIS-5, DIS-6, DIS-9, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("job", task("@description: Of the header\n@description_es: De la cabecera\n@category: heat", `print(sorted(a for a in sys.argv if a.startswith("--n=")))`))
	for name, level := range map[string]string{"otto": "operator", "dora": "developer"} {
		in.ok(in.command("user", "add", name, "--level", level).with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	}
	out := in.ok(in.command("script", "set-metadata", "tools/job", "description_fr=De l’en-tête", "category=", "execution_timeout=30", "tags=a, b",
		`parameters=[{"name": "n", "type": "integer", "max": 9}]`, "display_name=[beta] Job", "--as", "dora"))
	for _, want := range []string{"edited", "execution_timeout", "[beta] Job"} {
		if !strings.Contains(out, want) {
			t.Errorf("says nothing of %s:\n%s", want, out)
		}
	}
	show := func() map[string]any { return in.object("script", "show", "tools/job") }
	s := show()
	texts, _ := s["description"].(map[string]any)
	sources, _ := s["sources"].(map[string]any)
	if texts["es"] != "De la cabecera" || texts["fr"] != "De l’en-tête" || s["category"] != "" || s["execution_timeout"] != 30.0 || s["name"] != "[beta] Job" ||
		sources["description"] != "edited" || sources["interface"] != "header" {
		t.Errorf("after the edit: %v", s)
	}
	if text := in.ok(in.command("script", "show", "tools/job")); !strings.Contains(text, "edited: category, description, execution_timeout, name, parameters, tags") {
		t.Errorf("where it comes from:\n%s", text)
	}
	if r := in.command("run", "tools/job", "--as", "otto", "--wait", "end", "--set", "n=8").run(); r.code != 0 || !strings.Contains(r.stdout, "['--n=8']") {
		t.Errorf("run with an edited parameter: %v", r)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{2, "n=10", []string{"run", "tools/job", "--set", "n=10"}},
		{3, "", []string{"script", "set-metadata", "tools/job", "category=x", "--as", "otto"}},
		{4, "", []string{"script", "set-metadata", "tools/none", "category=x"}},
		{2, "flask_port", []string{"script", "set-metadata", "tools/job", "flask_port=80"}},
		{2, "parameters.0.min", []string{"script", "set-metadata", "tools/job", `parameters=[{"name": "n", "min": 3, "max": 2}]`}},
		{2, "parameters", []string{"script", "set-metadata", "tools/job", `parameters=[{`}},
		{2, "required_level", []string{"script", "set-metadata", "tools/job", "required_level=admin", "--as", "dora"}},
		{2, "colour", []string{"script", "set-metadata", "tools/job", "colour=red"}},
		{2, "colour", []string{"script", "set-metadata", "tools/job", "--back", "colour"}},
		{2, "", []string{"script", "set-metadata", "tools/job"}},
		{4, "", []string{"script", "reread", "tools/none"}},
		{4, "", []string{"group", "reread", "none"}},
	} {
		if r := in.command(append(c.args, "--json")...).run(); r.code != c.code || c.says != "n=10" && !strings.Contains(r.stderr, c.says) {
			t.Errorf("%v: %v", c.args, r)
		}
	}

	// Whatever happens to the file, what was edited stays.
	in.script("job", task("@description: Changed\n@category: cold\n@network: none", ""))
	again := in.list("script", "reread", "tools/job", "--as", "dora")
	if len(again) != 1 || len(words(again[0]["edited"])) != 6 {
		t.Errorf("read again: %v", again)
	}
	if s := show(); s["category"] != "" || s["network"] != "none" {
		t.Errorf("after the file changed: %v", s)
	}
	path := filepath.Join(in.groups(), "tools", "job.py")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	in.list("group", "reread", "tools")
	if s := show(); s["active"] != false || s["name"] != "[beta] Job" {
		t.Errorf("while it is away: %v", s)
	}
	if r := in.command("script", "set-metadata", "tools/job", "category=x").run(); r.code != 1 {
		t.Errorf("edited while it is away: %v", r)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if s := show(); s["active"] != true || s["name"] != "[beta] Job" || s["execution_timeout"] != 30.0 {
		t.Errorf("back again: %v", s)
	}
	in.ok(in.command("script", "set-metadata", "tools/job", "--back", "category", "--back", "display_name", "--as", "dora"))
	if s := show(); s["category"] != "cold" || s["name"] != "Job" {
		t.Errorf("back to the file: %v", s)
	}
	if list := in.list("audit", "list", "--action", "metadata.edit"); len(list) != 2 {
		t.Errorf("recorded: %v", list)
	}
}
