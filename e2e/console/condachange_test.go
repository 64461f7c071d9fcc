//go:build e2e && linux

package console_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// condaProgram puts a conda into an installation that answers what a real one
// did, by its arguments, and fails loudly on others.
func (in *installation) condaProgram(root string) {
	in.t.Helper()
	records, err := filepath.Abs(filepath.Join("..", "..", "backend", "environment", "change", "testdata", "conda"))
	if err != nil {
		in.t.Fatal(err)
	}
	program, err := os.ReadFile(filepath.Join("..", "testdata", "conda.sh"))
	if err != nil {
		in.t.Fatal(err)
	}
	text := strings.NewReplacer("RECORDS", records, "HOME", in.home).Replace(string(program))
	if err := os.WriteFile(filepath.Join(root, "bin", "conda"), []byte(text), 0o755); err != nil {
		in.t.Fatal(err)
	}
}

func TestCondaEnvironments(t *testing.T) { // ENV-7
	t.Parallel()
	in := newInstallation(t, nil)
	in.condaProgram(in.conda("miniconda3", true))
	// New ones go where conda would make them: the first folder is none.
	blocked := in.write("none", "")
	for name, text := range map[string]string{
		".condarc": "envs_dirs:\n  - " + blocked + "/envs\n  - ~/mine\n", "e.yml": "name: x\ndependencies: [python]\n",
	} {
		if err := os.WriteFile(filepath.Join(in.home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(in.home, "mine", name) }
	in.serve()

	r := in.command("environment", "create", "good", "--python", "3.11", "--channel", "conda-forge", "flask").within(long).run()
	said := r.stdout + r.stderr
	if r.code != exitOK || !strings.Contains(said, "download click-8.1.3") || !strings.Contains(said, "installed flask 2.2.2") {
		t.Fatalf("create: %v", r)
	}
	if !in.listed(at("good")) {
		t.Fatal("it is not in the list")
	}
	wantFailure(t, in.command("environment", "create", "good", "--json").run(), exitFailed, at("good"))
	in.ok(in.command("environment", "create", "warned", "warned").within(long))

	for _, c := range []struct{ name, want, code string }{
		{"nosuchpkg", "nosuchpkg", "packages_missing"},
		{"zero", "nosuchpkg", "packages_missing"},
		{"lies", "conda", "tool_answer"},
		{"rubbish", "conda", "tool_answer"},
		{"full", "space", "disk_full"},
		{"other", "no recording", "environment_failed"},
	} {
		wantFailure(t, in.command("environment", "create", c.name, c.name).within(long).run(), exitFailed, c.want)
		in.nothingMade(at(c.name))
		r := in.command("environment", "create", c.name, c.name, "--json").within(long).run()
		failed, _ := decode[map[string]any](t, r.stdout)["error"].(map[string]any)
		if r.code != exitFailed || failed["code"] != c.code {
			t.Errorf("%s as JSON: exit code %d, %v", c.name, r.code, failed)
		}
		in.nothingMade(at(c.name))
	}

	hangs := in.command("environment", "create", "hangs", "hangs").start()
	waitFor(t, "conda's begin", func() bool { _, err := os.Stat(filepath.Join(at("hangs"), "late")); return err == nil || hangs.ended() })
	hangs.signal(sigint)
	if r := hangs.endsIn(long); r.code != exitFailed {
		t.Errorf("conda hangs, after Ctrl-C: %v", r)
	}
	in.nothingMade(at("hangs"))

	in.ok(in.command("environment", "clone", "good", "copy").within(long))
	in.ok(in.command("environment", "import", filepath.Join(in.home, "e.yml"), "yml").within(long))
	in.ok(in.command("environment", "install", "good", "rigdata").within(long))
	if text := in.ok(in.command("environment", "export", "good", "--format", "from-history").within(long)); !strings.Contains(text, "dependencies:") {
		t.Errorf("exported: %s", text)
	}
	for _, name := range []string{"copy", "yml"} {
		if !in.listed(at(name)) {
			t.Errorf("%s is not in the list", name)
		}
		in.ok(in.command("environment", "remove", name, "--confirm", name).within(long))
		in.nothingMade(at(name))
	}
	wantFailure(t, in.command("environment", "remove", "base", "--confirm", "base", "--force").run(), exitFailed, "base")
}
