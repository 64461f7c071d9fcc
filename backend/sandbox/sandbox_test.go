package sandbox

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
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

// A venv beside the scripts, or an installation that is a venv itself, opens
// what belongs to its Python alone, and no link in it leads elsewhere.
func TestEnvironmentElsewhereInWhatIsProtected(t *testing.T) { // SEC-2, ENV-8
	if filepath.Separator != '/' {
		t.Skip("confinement of files is Linux's")
	}
	root := Resolve(t.TempDir())
	for _, dir := range []string{
		"bin", "lib/python3.11", "data", "groups/g/venv/bin", "groups/g/venv/lib/python3.11/site-packages", "groups/g/venv/notes",
		"pixi/envs/default/conda-meta", "pixi/envs/default/lib/python3.12", "pixi/envs/default/plugins", "elsewhere/python3.11",
		"data/linked/bin",
	} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"pyvenv.cfg", "config.json", "groups/g/venv/pyvenv.cfg"} {
		if err := os.WriteFile(filepath.Join(root, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(root, "elsewhere"), filepath.Join(root, "data/linked/lib")); err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string][]string{
		"groups/g/venv":     {"groups/g/venv/bin", "groups/g/venv/lib", "groups/g/venv/pyvenv.cfg"},
		"pixi/envs/default": {"pixi/envs/default"},
		".":                 {"bin", "lib", "pyvenv.cfg"},
		"data/linked":       {"data/linked/bin"},
		"groups/g":          nil,
	} {
		var p Policy
		p.Grants(Wish{Prefix: filepath.Join(root, prefix), Protected: []string{root}, Environments: filepath.Join(root, "environments")})
		var opened []string
		for _, path := range p.Read {
			if inside(path, root) {
				opened = append(opened, strings.TrimPrefix(path, root+"/"))
			}
		}
		if !slices.Equal(opened, want) {
			t.Errorf("an environment in %s opens %v, want %v", prefix, opened, want)
		}
	}
}

// Nothing that people choose or approve lets a script change what it runs in.
func TestEnvironmentIsNotWritten(t *testing.T) { // SEC-2
	if filepath.Separator != '/' {
		t.Skip("confinement of files is Linux's")
	}
	dir := Resolve(t.TempDir())
	for _, name := range []string{
		"venv/bin", "venv/lib/python3.11", "venv/out", "other", "usr/bin", "usr/lib/python3",
		"conda/bin", "conda/lib/python3.12", "conda/conda-meta", "conda/pkgs", "conda/tmp", "plain/bin", "plain/lib/python3.13", "plain/mine",
	} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "venv/pyvenv.cfg"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	based := filepath.Join(dir, "based")
	for _, name := range []string{"bin", "lib/python3.13"} {
		if err := os.MkdirAll(filepath.Join(based, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(based, "pyvenv.cfg"), []byte("home = "+filepath.Join(dir, "plain/bin")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(names ...string) (paths []string) {
		for _, name := range names {
			paths = append(paths, filepath.Join(dir, name))
		}
		return paths
	}
	venv := filepath.Join(dir, "venv")
	system := filepath.Join(dir, "usr")
	want := at("other", "usr", "venv/out")
	all := Wish{Prefix: venv, Interpreters: at("conda", "plain", "based", "venv")}
	write, approved := all, all
	write.Write, approved.Approved = []string{dir}, []string{dir}
	for _, c := range []struct {
		wish Wish
		want []string
	}{
		{write, at("conda/tmp", "other", "plain/mine", "usr", "venv/out")},
		{approved, at("conda/tmp", "other", "plain/mine", "usr", "venv/out")},
		{Wish{Prefix: based, Write: at("plain", "based")}, at("plain/mine")}, // what it is made from
		{Wish{Prefix: venv, Write: append([]string{filepath.Join(venv, "lib"), filepath.Join(venv, "bin/python3")}, want...)}, want},
		{Wish{Prefix: system, Approved: want}, want}, // not all there is Python's
	} {
		var p Policy
		p.Grants(c.wish)
		if !slices.Equal(p.Write, c.want) {
			t.Errorf("%+v: may write %v, want %v", c.wish, p.Write, c.want)
		}
	}
}
