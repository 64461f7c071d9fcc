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
	text := strings.NewReplacer("RECORDS", records, "HOME", in.home).Replace(`#!/bin/bash
make() {
	mkdir -p "$1/conda-meta" "$1/bin"; echo "==> now <==" > "$1/conda-meta/history"; echo '{}' > "$1/conda-meta/python-3.11.7-0.json"
	ln -s /usr/bin/python3 "$1/bin/python"
}
prefix= before=
for a; do [ "$before" = --prefix ] && prefix=$a; before=$a; done
case "${*//$prefix/PREFIX}" in
"create --yes --json --prefix PREFIX --channel conda-forge python=3.11 flask")
	[ -t 1 ] || { echo "no terminal" >&2; exit 9; }
	cat 'RECORDS/conda-24.11.3.linux.create-json.pty.stdout'; make "$prefix" ;;
"create --yes --json --prefix PREFIX python warned")
	echo "WARNING: something {odd}"; echo "warning  libmamba x" >&2
	cat 'RECORDS/conda-24.11.3.linux.create-json.pipe.stdout'; echo "Thank you {for} using it"; make "$prefix" ;;
"create --yes --json --prefix PREFIX python nosuchpkg")
	mkdir -p "$prefix/conda-meta"; touch "$prefix/conda-meta/history"
	cat 'RECORDS/conda-24.11.3.linux.create-json-packagesnotfound.stdout'; exit 1 ;;
"create --yes --json --prefix PREFIX python zero")
	echo "WARNING: something {odd}"; cat 'RECORDS/conda-24.11.3.linux.create-json-packagesnotfound.stdout'; exit 0 ;;
"create --yes --json --prefix PREFIX python lies") echo '{"success": true}' ;;
"create --yes --json --prefix PREFIX python rubbish") make "$prefix"; head -c 3000 /dev/urandom; exit 0 ;;
"create --yes --json --prefix PREFIX python full")
	make "$prefix"; echo '{"exception_name": "NoSpaceLeftError", "error": "x", "message": "No space left on devices."}'; exit 1 ;;
"create --yes --json --prefix PREFIX python hangs")
	make "$prefix"; (trap '' TERM INT; while :; do sleep 0.1; echo more >> "$prefix/late"; done) & wait ;;
"create --yes --json --prefix PREFIX --clone HOME/mine/good")
	cat 'RECORDS/conda-24.11.3.linux.create-clone-json.stdout'; make "$prefix" ;;
"env create --json --prefix PREFIX --file HOME/e.yml")
	cat 'RECORDS/conda-24.11.3.linux.env-create-yml-json.stdout'; make "$prefix" ;;
"install --yes --json --prefix PREFIX rigdata") cat 'RECORDS/conda-24.11.3.linux.create-json.pipe.stdout' ;;
"env export --prefix PREFIX --from-history") cat 'RECORDS/conda-24.11.3.linux.env-export-from-history.stdout' ;;
*) echo "stand-in: no recording of: $*" >&2; exit 99 ;;
esac
`)
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
