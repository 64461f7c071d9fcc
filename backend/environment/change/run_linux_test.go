package change

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/process"
)

// standIn is a conda that answers what a real one did, by its arguments, and
// fails loudly on others. As there, a wrapper starts a shell that starts a
// child, which does the work and prints late.
func standIn(t *testing.T, dir string) Tool {
	t.Helper()
	records, err := filepath.Abs(filepath.Join("testdata", "conda"))
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(dir, "mini conda") // with a space
	text := strings.ReplaceAll(`#!/bin/bash
# wrapper → shell → child
cat > "${TMPDIR:-/tmp}/standin.$$" <<'CHILD'
make() { mkdir -p "$1/conda-meta" "$1/bin"; echo "==> now <==" > "$1/conda-meta/history"; ln -s /usr/bin/python3 "$1/bin/python"; }
prefix=
for a; do [ "$before" = --prefix ] && prefix=$a; before=$a; done
case "${*//$prefix/PREFIX}" in
"create --yes --json --prefix PREFIX --channel conda-forge python=3.11 flask")
	[ -t 1 ] || { echo "no terminal" >&2; exit 9; }
	cat 'RECORDS/conda-24.11.3.linux.create-json.pty.stdout'; make "$prefix" ;;
"create --yes --json --prefix PREFIX python nosuchpkg")
	mkdir -p "$prefix/conda-meta"; touch "$prefix/conda-meta/history"
	cat 'RECORDS/conda-24.11.3.linux.create-json-packagesnotfound.stdout'; exit 1 ;;
"create --yes --json --prefix PREFIX python zero")
	echo "WARNING: something {odd}"; cat 'RECORDS/conda-24.11.3.linux.create-json-packagesnotfound.stdout'; exit 0 ;;
"create --yes --json --prefix PREFIX python lies")
	echo '{"success": true}' ;;
"create --yes --json --prefix PREFIX python rubbish")
	head -c 3000 /dev/urandom; exit 0 ;;
"create --yes --json --prefix PREFIX python full")
	make "$prefix"; echo '{"exception_name": "NoSpaceLeftError", "error": "x", "message": "No space left on devices."}'; exit 1 ;;
"create --yes --json --prefix PREFIX python hangs")
	make "$prefix"; (trap '' TERM; while :; do sleep 0.1; echo more >> "$prefix/late"; done) & echo $! > "$prefix/pid"; touch "$prefix/hangs"; wait ;;
"create --yes --json --prefix PREFIX --clone SOURCE")
	cat 'RECORDS/conda-24.11.3.linux.create-clone-json.stdout'; make "$prefix" ;;
"env create --json --prefix PREFIX --file YML")
	cat 'RECORDS/conda-24.11.3.linux.env-create-yml-json.stdout'; make "$prefix" ;;
"create --yes --json --prefix PREFIX --file LIST")
	# of an explicit list it tells the downloads alone
	tr '\0' '\n' < 'RECORDS/conda-24.11.3.linux.create-json.pty.stdout' | grep -a '^{"fetch"' | tr '\n' '\0'; make "$prefix" ;;
"create --yes --json --prefix PREFIX --file LIST2") ;;
"install --yes --json --prefix PREFIX rigdata")
	cat 'RECORDS/conda-24.11.3.linux.create-json.pipe.stdout' ;;
"env export --prefix PREFIX") cat 'RECORDS/conda-24.11.3.linux.env-export.stdout' ;;
"env export --prefix PREFIX --from-history") cat 'RECORDS/conda-24.11.3.linux.env-export-from-history.stdout' ;;
"list --prefix PREFIX --explicit --md5") cat 'RECORDS/conda-24.11.3.linux.list-explicit-md5.stdout' ;;
*) echo "stand-in: no recording of: $*" >&2; exit 99 ;;
esac
CHILD
bash -c 'bash "$0" "$@"; code=$?; rm -f "$0"; exit $code' "${TMPDIR:-/tmp}/standin.$$" "$@"
`, "RECORDS", records)
	text = strings.ReplaceAll(strings.ReplaceAll(text, "SOURCE", filepath.Join(dir, "source")), "YML", filepath.Join(dir, "e.yml"))
	text = strings.ReplaceAll(text, "LIST", filepath.Join(dir, "list"))
	file(t, filepath.Join(root, "bin", "conda"), text, 0o755)
	return Tool{Name: Conda, Path: filepath.Join(root, "bin", "conda"), Root: root, Envs: filepath.Join(root, "envs")}
}

// written keeps what a job writes, from several goroutines.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(b)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// did is what a job did.
type did struct {
	err       error
	out, errs string
	progress  domain.Progress
	result    map[string]any
	percents  []float64
	told      *domain.Error
}

func runSpec(ctx context.Context, t *testing.T, s Spec) did {
	t.Helper()
	var out, errs, told written
	err := run(ctx, s, []string{"PATH=/usr/bin:/bin", "TMPDIR=" + t.TempDir(), "HOME=" + t.TempDir()}, newReport(&told, &errs), &out, &errs)
	d := did{err: err, out: out.String(), errs: errs.String()}
	for l := range strings.Lines(told.String()) {
		var one line
		if err := json.Unmarshal([]byte(l), &one); err != nil {
			t.Fatal(err)
		}
		if one.Progress != nil {
			d.progress = *one.Progress
			d.percents = append(d.percents, one.Progress.PercentDone)
		}
		if one.Error != nil {
			d.told = one.Error
		}
		if one.Result != nil {
			d.result = one.Result
		}
	}
	for i := 1; i < len(d.percents); i++ {
		if d.percents[i] < d.percents[i-1] {
			t.Errorf("progress goes back: %v", d.percents)
		}
	}
	return d
}

func TestCondaJobs(t *testing.T) { // ENV-7
	dir := t.TempDir()
	tool := standIn(t, dir)
	env := func(name string) string { return filepath.Join(tool.Envs, name) }
	file(t, filepath.Join(dir, "source", "conda-meta", "state"), `{"env_vars": {"RIG_USER_VAR": "hello world"}}`, 0o600)
	file(t, filepath.Join(dir, "e.yml"), "name: x\n", 0o600)
	for _, c := range []struct {
		name string
		spec Spec
		want domain.Code
		out  string
	}{
		{"create", Spec{Action: domain.JobCreate, Target: env("demo"), Python: "3.11", Packages: []string{"flask"}, Channels: []string{"conda-forge"}}, "", ""},
		{"no such package", Spec{Action: domain.JobCreate, Target: env("p"), Packages: []string{"nosuchpkg"}}, domain.CodePackagesMissing, "nosuchpkg"},
		{"0 with an error inside", Spec{Action: domain.JobCreate, Target: env("z"), Packages: []string{"zero"}}, domain.CodePackagesMissing, ""},
		{"says it did and did not", Spec{Action: domain.JobCreate, Target: env("l"), Packages: []string{"lies"}}, domain.CodeToolAnswer, ""},
		{"rubbish", Spec{Action: domain.JobCreate, Target: env("r"), Packages: []string{"rubbish"}}, domain.CodeToolAnswer, ""},
		{"disk full", Spec{Action: domain.JobCreate, Target: env("f"), Packages: []string{"full"}}, domain.CodeDiskFull, ""},
		{"unknown to the stand-in", Spec{Action: domain.JobCreate, Target: env("u"), Packages: []string{"other"}}, domain.CodeEnvironmentFailed, ""},
		{"clone", Spec{Action: domain.JobClone, Target: env("copy"), Source: filepath.Join(dir, "source")}, "", ""},
		{"environment.yml", Spec{Action: domain.JobImport, Format: fileYAML, Target: env("yml"), File: filepath.Join(dir, "e.yml")}, "", ""},
		{"explicit list", Spec{Action: domain.JobImport, Format: fileExplicit, Target: env("list"), File: filepath.Join(dir, "list")}, "", ""},
		{"explicit list that makes nothing", Spec{Action: domain.JobImport, Format: fileExplicit, Target: env("list2"), File: filepath.Join(dir, "list2")}, domain.CodeToolAnswer, ""},
		{"install", Spec{Action: domain.JobInstall, Target: env("demo"), Packages: []string{"rigdata"}}, "", ""},
		{"export", Spec{Action: domain.JobExport, Target: env("demo"), Format: FormatFull}, "", "conda-24.11.3.linux.env-export.stdout"},
		{"export from history", Spec{Action: domain.JobExport, Target: env("demo"), Format: FormatFromHistory}, "", "conda-24.11.3.linux.env-export-from-history.stdout"},
		{"export explicit", Spec{Action: domain.JobExport, Target: env("demo"), Format: FormatExplicit}, "", "conda-24.11.3.linux.list-explicit-md5.stdout"},
		{"over what is there", Spec{Action: domain.JobCreate, Target: env("demo")}, domain.CodeEnvironmentExists, ""},
	} {
		c.spec.Kind, c.spec.Tool, c.spec.Name = domain.EnvironmentConda, tool, filepath.Base(c.spec.Target)
		d := runSpec(t.Context(), t, c.spec)
		if c.want != "" {
			if !domain.HasCode(d.err, c.want) || d.told == nil || d.told.Code != c.want {
				t.Errorf("%s: %v, told %v, want %s\n%s", c.name, d.err, d.told, c.want, d.errs)
			}
			continue
		}
		if d.err != nil {
			t.Errorf("%s: %v\n%s", c.name, d.err, d.errs)
			continue
		}
		if d.progress.PercentDone != 100 || d.result == nil {
			t.Errorf("%s: %+v, result %v", c.name, d.progress, d.result)
		}
		if c.out != "" {
			if want := recorded(t, c.out); strings.TrimSpace(d.out) != strings.TrimSpace(want) || d.result["text"] != d.out {
				t.Errorf("%s prints\n%s", c.name, d.out)
			}
		}
		if c.name == "create" && (!strings.Contains(d.errs, "download click-8.1.3") || !strings.Contains(d.errs, "installed flask 2.2.2")) {
			t.Errorf("the log of a creation:\n%s", d.errs)
		}
	}
	b, err := os.ReadFile(filepath.Join(env("copy"), "conda-meta", "state"))
	if err != nil || !strings.Contains(string(b), "RIG_USER_VAR") {
		t.Errorf("a clone lost its variables: %s %v", b, err)
	}
}

// pidIn waits for a file with a process id.
func pidIn(t *testing.T, path string) process.Identity {
	t.Helper()
	var id process.Identity
	await(t, "the stand-in's child", func() bool {
		var pid int
		b, err := os.ReadFile(path)
		if _, e := fmt.Sscan(string(b), &pid); err != nil || e != nil {
			return false
		}
		id, err = process.Of(pid)
		return err == nil
	})
	return id
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(60 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s: waited too long", what)
		}
	}
}

func TestStopEndsTheWholeTree(t *testing.T) { // ENV-7
	for _, why := range []string{"stopped", "silent"} {
		t.Run(why, func(t *testing.T) {
			tool := standIn(t, t.TempDir())
			target := filepath.Join(tool.Envs, "demo")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			s := Spec{Action: domain.JobCreate, Kind: domain.EnvironmentConda, Tool: tool, Name: "demo", Target: target, Packages: []string{"hangs"}}
			if why == "silent" {
				s.Silence = 2
			}
			done := make(chan did, 1)
			go func() { done <- runSpec(ctx, t, s) }()
			child := pidIn(t, filepath.Join(target, "pid"))
			if why == "stopped" {
				cancel(errStopped)
			}
			var d did
			select {
			case d = <-done:
			case <-time.After(60 * time.Second):
				t.Fatal("goes on")
			}
			if why == "stopped" && !errors.Is(d.err, errStopped) {
				t.Errorf("ended with %v", d.err)
			}
			if why == "silent" && !domain.HasCode(d.err, domain.CodeToolSilent) {
				t.Errorf("ended with %v", d.err)
			}
			await(t, "what conda left running", func() bool { return !child.Alive() })
		})
	}
}

// member is a file of an archive.
type member struct {
	name, link, text string
	kind             byte
	mode             int64
}

func archive(t *testing.T, members ...member) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e.tar.gz")
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, m := range members {
		kind := m.kind
		if kind == 0 {
			kind = tar.TypeReg
		}
		if err := w.WriteHeader(&tar.Header{Name: m.name, Linkname: m.link, Typeflag: kind, Mode: m.mode | 0o600, Size: int64(len(m.text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []interface{ Close() error }{w, z} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestArchive(t *testing.T) { // ENV-7
	whole := []member{
		{name: "conda-meta/history", text: "==> now <==\n"},
		{name: "bin/python3.11", text: "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n", mode: 0o755},
		{name: "bin/python", link: "python3.11", kind: tar.TypeSymlink},
		{name: "lib/", kind: tar.TypeDir, mode: 0o755},
		{name: "lib/same", link: "conda-meta/history", kind: tar.TypeLink},
		{name: "lib/up", link: "../bin/python", kind: tar.TypeSymlink},
		{name: "bin/conda-unpack", text: "import os\nopen('unpacked', 'w').write(os.getcwd())\n", mode: 0o755},
	}
	outside := t.TempDir()
	for name, c := range map[string]struct {
		members []member
		want    domain.Code
	}{
		"whole":                 {whole, ""},
		"a path that leaves":    {append(whole[:2:2], member{name: "../evil", text: "x"}), domain.CodeArchiveUnsafe},
		"an absolute path":      {append(whole[:2:2], member{name: outside + "/evil", text: "x"}), domain.CodeArchiveUnsafe},
		"a link that leaves":    {append(whole[:2:2], member{name: "lib/x", link: "../../x", kind: tar.TypeSymlink}), domain.CodeArchiveUnsafe},
		"an absolute link":      {append(whole[:2:2], member{name: "lib/x", link: outside, kind: tar.TypeSymlink}, member{name: "lib/x/evil", text: "x"}), domain.CodeArchiveUnsafe},
		"a hard link outside":   {append(whole[:2:2], member{name: "lib/x", link: "../../etc/passwd", kind: tar.TypeLink}), domain.CodeArchiveUnsafe},
		"a device":              {append(whole[:2:2], member{name: "lib/x", kind: tar.TypeChar}), domain.CodeArchiveUnsafe},
		"no environment":        {[]member{{name: "hello", text: "x"}}, domain.CodeArchiveInvalid},
		"conda-unpack fails":    {append(whole[:6:6], member{name: "bin/conda-unpack", text: "raise SystemExit('no')\n", mode: 0o755}), domain.CodeEnvironmentFailed},
		"a file over a folder":  {append(whole[:2:2], member{name: "bin", text: "x"}), domain.CodeArchiveInvalid},
		"a file twice":          {append(whole[:2:2], member{name: "bin/python3.11", text: "x"}), domain.CodeArchiveInvalid},
		"links of links inside": {append(whole[:3:3], member{name: "a", link: "bin", kind: tar.TypeSymlink}, member{name: "a/b", text: "x"}), ""},
	} {
		target := filepath.Join(t.TempDir(), "envs", "demo")
		s := Spec{Action: domain.JobImport, Kind: domain.EnvironmentConda, Format: fileArchive, Name: "demo", Target: target, File: archive(t, c.members...)}
		d := runSpec(t.Context(), t, s)
		if c.want != "" {
			if !domain.HasCode(d.err, c.want) {
				t.Errorf("%s: %v, want %s", name, d.err, c.want)
			}
			continue
		}
		if d.err != nil {
			t.Errorf("%s: %v\n%s", name, d.err, d.errs)
			continue
		}
		if name == "whole" {
			if b, err := os.ReadFile(filepath.Join(target, "unpacked")); err != nil || string(b) != target {
				t.Errorf("not adapted to its place: %q %v", b, err)
			}
			if d.progress.PercentDone != 100 {
				t.Errorf("%+v", d.progress)
			}
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("written outside: %v %v", entries, err)
	}
	// Cut off and damaged.
	path := archive(t, whole...)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{
		"cut off": b[:len(b)/2], "another checksum": append(b[:len(b)-8:len(b)-8], 1, 2, 3, 4, 5, 6, 7, 8),
	} {
		file(t, path, string(damaged), 0o600)
		s := Spec{Action: domain.JobImport, Kind: domain.EnvironmentConda, Format: fileArchive, Name: "demo", Target: filepath.Join(t.TempDir(), "demo"), File: path}
		if d := runSpec(t.Context(), t, s); !domain.HasCode(d.err, domain.CodeArchiveInvalid) {
			t.Errorf("%s: %v", name, d.err)
		}
	}
}

func TestVenvIsCloned(t *testing.T) { // ENV-7
	dir := t.TempDir()
	source := Spec{Action: domain.JobCreate, Kind: domain.EnvironmentVenv, Name: "a", Target: filepath.Join(dir, "a"), Python: "/usr/bin/python3"}
	if d := runSpec(t.Context(), t, source); d.err != nil {
		t.Fatal(d.err, d.errs)
	}
	site, _ := filepath.Glob(filepath.Join(source.Target, "lib", "python3*", "site-packages"))
	if len(site) != 1 {
		t.Fatal(site)
	}
	file(t, filepath.Join(site[0], "rigdata", "__init__.py"), "value = 7\n", 0o600)
	file(t, filepath.Join(source.Target, "bin", "rig"), "#!"+filepath.Join(source.Target, "bin", "python")+"\nimport rigdata, sys\nprint(rigdata.value, sys.prefix)\n", 0o755)
	s := Spec{
		Action: domain.JobClone, Kind: domain.EnvironmentVenv, Name: "b", Target: filepath.Join(dir, "b"),
		Source: source.Target, Python: venvPython(source.Target),
	}
	if d := runSpec(t.Context(), t, s); d.err != nil {
		t.Fatal(d.err, d.errs)
	}
	j := &job{spec: s, report: newReport(nil, &written{}), env: []string{"PATH=/usr/bin:/bin"}, out: &written{}, errs: &written{}}
	for _, argv := range [][]string{{filepath.Join(s.Target, "bin", "rig")}, {venvPython(s.Target), "-m", "pip", "--version"}} {
		o, err := j.run(t.Context(), command{name: "clone", argv: argv})
		if err != nil || o.code != 0 || !strings.Contains(o.stdout, s.Target) {
			t.Errorf("%v: %+v %v", argv, o, err)
		}
	}
}

// Who follows the folder would look at all environments each time.
func TestAskingWhereToWriteWritesNothing(t *testing.T) { // ENV-7
	root := t.TempDir()
	envs := filepath.Join(root, "envs")
	folder(t, envs)
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(envs, long, long); err != nil {
		t.Fatal(err)
	}
	if got := envsOf(root, "", nil); got != envs {
		t.Errorf("%s, want %s", got, envs)
	}
	if info, err := os.Stat(envs); err != nil || info.ModTime().After(long.Add(time.Minute)) {
		t.Errorf("something was made in it: %v %v", info, err)
	}
}

func TestStopOfAnInstallationTakesItBack(t *testing.T) { // ENV-7
	dir := t.TempDir()
	target := filepath.Join(dir, "envs", "rig")
	// As conda, it takes back what it has begun when it is asked to end, longer
	// than what is being made and removed anyway may take.
	file(t, filepath.Join(dir, "bin", "conda"), `#!/bin/bash
trap 'sleep 6; rm half; echo back; exit 1' TERM
cd "${@: -2:1}"
touch half
while :; do sleep 0.1; done
`, 0o755)
	file(t, filepath.Join(target, "conda-meta", "history"), "", 0o600)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	done := make(chan did, 1)
	go func() {
		done <- runSpec(ctx, t, Spec{
			Action: domain.JobInstall, Kind: domain.EnvironmentConda, Name: "rig", Target: target, Packages: []string{"x"},
			Tool: Tool{Name: Conda, Path: filepath.Join(dir, "bin", "conda"), Root: dir},
		})
	}()
	half := filepath.Join(target, "half")
	await(t, "the installation", func() bool { return exists(half) })
	cancel(errStopped)
	if d := <-done; !errors.Is(d.err, errStopped) {
		t.Errorf("ended with %v", d.err)
	}
	if exists(half) {
		t.Error("it was killed before it had taken back what it had begun")
	}
}
