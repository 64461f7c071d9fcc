//go:build e2e && linux

package console_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLiveDiscovery: what changes in the groups' folders shows while the
// engine runs (SPEC DIS-7, DIS-8, DIS-9).
func TestLiveDiscovery(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.serve()
	script := func(id string) map[string]any {
		t.Helper()
		for _, s := range in.list("script", "list") {
			if s["id"] == id {
				return s
			}
		}
		return nil
	}
	if len(in.list("script", "list")) != 0 {
		t.Fatal("there are scripts already")
	}

	path := in.write("app/backend/script_groups/tools/new.py", task("@display_name: First name", `print("one")`))
	waitFor(t, "the new script", func() bool { return script("tools/new") != nil })
	if got := script("tools/new"); got["name"] != "First name" || got["active"] != true {
		t.Errorf("new: %v", got)
	}
	if r := in.command("run", "tools/new", "--wait", "end").run(); r.code != exitOK || r.stdout != "one\n" {
		t.Errorf("run of the new script: %v", r)
	}

	in.write("app/backend/script_groups/tools/new.py", task("@display_name: Second name\n@required_level: developer", `print("two")`))
	waitFor(t, "the changed header", func() bool { return script("tools/new")["name"] == "Second name" })
	if got := script("tools/new"); got["required_level"] != "developer" {
		t.Errorf("changed: %v", got)
	}

	if err := os.Rename(path, path+".txt"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the removal", func() bool { s := script("tools/new"); return s == nil || s["active"] == false })
	wantFailure(t, in.command("run", "tools/new", "--wait", "end").run(), exitFailed, "tools/new")
	if err := os.Rename(path+".txt", path); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "its return", func() bool { s := script("tools/new"); return s != nil && s["active"] == true })
	if runs := in.list("execution", "list", "--script", "tools/new"); len(runs) != 1 {
		t.Errorf("its history has %d runs, want 1", len(runs))
	}

	// A whole group, moved in.
	folder := filepath.Join(t.TempDir(), "pumps")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"metadata.json": `{"name": {"en": "Pumps", "fr": "Pompes"}}`, "curve.py": task("@display_name: Curve", ""), "_helper.py": "x = 1\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(folder, filepath.Join(in.groups(), "pumps")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the group", func() bool { return script("pumps/curve") != nil })
	if got := in.list("script", "list", "--group", "pumps"); len(got) != 1 {
		t.Errorf("the group has %v", got)
	}
	names := map[any]any{}
	for _, g := range decode[[]map[string]any](t, in.ok(in.command("group", "list", "--json", "--lang", "fr"))) {
		names[g["id"]] = g["name"]
	}
	if names["pumps"] != "Pompes" {
		t.Errorf("groups in French: %v", names)
	}
}

func TestWrongMetadataIsShownAtTheScript(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("good", task("@display_name: Good", `print("fine")`))
	in.serve()
	cases := []struct {
		name, file, text string
		line             float64
		parts            []string
	}{
		{"broken JSON in the header", "tools/json.py", `"""x

ScriptsManager Metadata:
@interface: none
@parameters: [
    {"name": "a", "type": "string"},
    {"name": "b" "type": "string"}
]
"""
print("runs")
`, 7, []string{"JSON"}},
		{"unknown level", "tools/level.py", `"""x

ScriptsManager Metadata:
@interface: none
@required_level: boss
"""
print("runs")
`, 5, []string{"boss", "operator"}},
		{"unknown type", "tools/type.py", `"""x

ScriptsManager Metadata:
@interface: none
@parameters: [{"name": "a", "type": "colour"}]
"""
print("runs")
`, 5, []string{"colour"}},
		{"a bad port", "tools/port.py", `"""x

ScriptsManager Metadata:
@flask_port: many
@interface: none
"""
print("runs")
`, 4, []string{"many"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			at := *in
			at.t = t
			at.write("app/backend/script_groups/"+c.file, c.text)
			id := strings.TrimSuffix(c.file, ".py")
			var problems []any
			waitFor(t, "the problem of "+id, func() bool {
				r := at.command("script", "show", id, "--json").run()
				if r.code != exitOK {
					return false
				}
				problems, _ = decode[map[string]any](t, r.stdout)["problems"].([]any)
				return len(problems) > 0
			})
			problem, _ := problems[0].(map[string]any)
			if problem["file"] != filepath.Base(c.file) || problem["line"] != c.line {
				t.Errorf("the problem is at %v:%v, want line %v", problem["file"], problem["line"], c.line)
			}
			text := at.ok(at.command("script", "show", id))
			for _, part := range append(c.parts, fmt.Sprintf("%s:%v: ", filepath.Base(c.file), c.line)) {
				if !strings.Contains(text, part) {
					t.Errorf("%q is missing in:\n%s", part, text)
				}
			}
			if list := at.ok(at.command("script", "list")); !strings.Contains(list, id) || !strings.Contains(list, "tools/good") {
				t.Errorf("script list:\n%s", list)
			}
			// It stays runnable with the defaults.
			if r := at.command("run", id, "--wait", "end").run(); r.code != exitOK || r.stdout != "runs\n" {
				t.Errorf("run: %v", r)
			}
		})
	}

	in.write("app/backend/script_groups/tools/metadata.json", "{\n  \"name\": \"Tools\",\n  \"icon\": oops\n}\n")
	waitFor(t, "the problem of the group", func() bool {
		for _, g := range in.list("group", "list") {
			for _, p := range g["problems"].([]any) {
				if p := p.(map[string]any); p["file"] == "metadata.json" && p["line"] == 3.0 {
					return true
				}
			}
		}
		return false
	})
	if r := in.command("run", "tools/good", "--wait", "end").run(); r.code != exitOK {
		t.Errorf("after broken JSON in metadata.json: %v", r)
	}
}
