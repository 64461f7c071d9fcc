package sandbox

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

func TestEnviron(t *testing.T) {
	for kv, want := range map[string]bool{
		"PATH=/usr/bin": true, "LANG=C": true, "LC_ALL=C": true, "TZ=UTC": true, "https_proxy=x": true, "HTTPS_PROXY=x": true,
		"SSL_CERT_FILE=x": true, "ANSYSLMD_LICENSE_FILE=1055@host": true, "LM_LICENSE_FILE=x": true, "OMP_NUM_THREADS=4": true,
		"CUDA_VISIBLE_DEVICES=0": true, "CONDA_ENVS_PATH=x": true,
		"DISPLAY=:0": false, "LD_PRELOAD=x": false, "LD_LIBRARY_PATH=x": false, "PYTHONPATH=x": false, "PYTHONSTARTUP=x": false,
		"AWS_SECRET_ACCESS_KEY=x": false, "SSH_AUTH_SOCK=x": false, "DBUS_SESSION_BUS_ADDRESS=x": false, "XDG_RUNTIME_DIR=x": false,
		"GITHUB_TOKEN=x": false, "no name": false,
	} {
		if got := len(Environ([]string{kv}, nil)) == 1; got != want {
			t.Errorf("%s passes: %v", kv, got)
		}
	}
}

func TestEnvironMore(t *testing.T) { // SEC-2: what an administrator lets through
	all := []string{"ACME_HOME=1", "ACME_KEY=2", "TOKEN=3", "TOKENS=4", "PATH=/bin"}
	for _, c := range []struct{ more, want []string }{
		{nil, []string{"PATH=/bin"}},
		{[]string{"TOKEN"}, []string{"TOKEN=3", "PATH=/bin"}},
		{[]string{"ACME_*", "MISSING"}, []string{"ACME_HOME=1", "ACME_KEY=2", "PATH=/bin"}},
	} {
		if got := Environ(all, c.more); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.more, got, c.want)
		}
	}
}

func TestCarve(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"a/b/secret/x", "a/c", "d"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "a/b/secret"), filepath.Join(dir, "a/link")); err != nil {
		t.Skip(err)
	}
	in := func(names ...string) (all []string) {
		for _, n := range names {
			all = append(all, filepath.Join(dir, n))
		}
		return all
	}
	for _, c := range []struct {
		path string
		want []string
	}{
		{"d", in("d")}, {"a/b/secret", nil}, {"a/b/secret/x", nil}, {".", in("a/c", "d")}, {"a", in("a/c")}, {"a/b", nil},
	} {
		if got := carve(filepath.Join(dir, c.path), in("a/b/secret")); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.path, got, c.want)
		}
	}
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		holds []Part
		want  Level
	}{
		{nil, None},
		{[]Part{PartPrivilege}, None},
		{[]Part{PartCalls}, Limited},
		{[]Part{PartFiles}, Files},
		{Parts(), Full},
		{slices.DeleteFunc(Parts(), func(p Part) bool { return p == PartDevices }), Full},
		{slices.DeleteFunc(Parts(), func(p Part) bool { return p == PartSignals }), Files},
	} {
		r := Report{Holds: c.holds}
		if r.settle(); r.Level != c.want || len(r.Missing)+len(r.Holds) != len(Parts()) {
			t.Errorf("%v: %s, missing %v; want %s", c.holds, r.Level, r.Missing, c.want)
		}
	}
}

func TestPrefixes(t *testing.T) {
	dir := t.TempDir()
	write := func(path, text string) string {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("base/bin/python3", "")
	write("venv/pyvenv.cfg", "include-system-site-packages = false\nhome = "+filepath.Join(dir, "base/bin")+"\n")
	write("conda/pkgs/x", "")
	if got, want := prefixes(Wish{Prefix: filepath.Join(dir, "venv"), Python: filepath.Join(dir, "base/bin/python3")}),
		[]string{filepath.Join(dir, "base"), filepath.Join(dir, "venv")}; !reflect.DeepEqual(got, want) && filepath.Separator == '/' {
		t.Errorf("venv: %v, want %v", got, want)
	}
	if got := prefixes(Wish{Prefix: filepath.Join(dir, "conda/envs/fem")}); !slices.Contains(got, filepath.Join(dir, "conda")) {
		t.Errorf("conda: %v", got)
	}
}

func TestEnvironmentInWhatIsProtected(t *testing.T) { // SEC-2, ENV-8
	root := Resolve(t.TempDir())
	environments := filepath.Join(root, "environments")
	for _, dir := range []string{"environments/fem", "environments/other", "data"} {
		if err := os.MkdirAll(filepath.Join(root, filepath.FromSlash(dir)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, opened := range map[string]bool{
		filepath.Join(environments, "fem"): true, environments: false, root: false, filepath.Join(root, "data"): false,
	} {
		var p Policy
		p.Grants(Wish{Prefix: prefix, Protected: []string{root}, Environments: environments})
		below := slices.DeleteFunc(slices.Clone(p.Read), func(path string) bool { return !inside(path, root) })
		if want := []string{prefix}; opened && !slices.Equal(below, want) || !opened && len(below) > 0 {
			t.Errorf("with an interpreter in %s, %v is opened", prefix, below)
		}
	}
}
