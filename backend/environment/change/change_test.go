package change

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

func TestNames(t *testing.T) { // ENV-7
	for _, name := range []string{"demo", "fluid-2", "a_b", "py3.11", "étude", "_x", "c++", strings.Repeat("n", 100)} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q is refused: %v", name, err)
		}
	}
	for _, name := range []string{
		"", ".", "..", "../x", "a/b", `a\b`, "a b", "a;b", "a$(id)", "a`b", "a'b", `a"b`, "a&b", "a|b", "a*", "a?", "-x", ".x", "+x",
		"a\nb", "a\x00b", "\xff", "base", "ROOT", "con", "NUL.txt", "com0", "LPT0.x", "com9", "x.", "a..b", "~", "x.lock", strings.Repeat("n", 101), "a#b", "a:b", "a%b",
	} {
		if err := CheckName(name); !domain.HasCode(err, domain.CodeEnvironmentName) {
			t.Errorf("%q is taken: %v", name, err)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("demo")
	f.Add("../x")
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) != nil {
			return
		}
		if strings.ContainsAny(name, "/\\ \t\n;$`'\"&|<>*?:#%~") || !inside(filepath.Join("/envs", name), "/envs") {
			t.Errorf("%q is taken", name)
		}
	})
}

func TestCommandLines(t *testing.T) {
	conda := Tool{Name: Conda, Path: "/opt/m/bin/conda", Root: "/opt/m", Envs: "/opt/m/envs"}
	micro := Tool{Name: Micromamba, Path: "/opt/mm", Root: "/opt/r", Envs: "/opt/r/envs", Lib: true}
	for name, c := range map[string]struct {
		spec Spec
		want string
	}{
		"create": {
			Spec{Action: domain.JobCreate, Tool: conda, Target: "/opt/m/envs/demo", Python: "3.11", Packages: []string{"flask", "rigdata"}, Channels: []string{"conda-forge"}},
			"/opt/m/bin/conda create --yes --json --prefix /opt/m/envs/demo --channel conda-forge python=3.11 flask rigdata",
		},
		"create, with the Python among the packages": {
			Spec{Action: domain.JobCreate, Tool: conda, Target: "/e", Packages: []string{"python>=3.9", "python-dateutil"}},
			"/opt/m/bin/conda create --yes --json --prefix /e python>=3.9 python-dateutil",
		},
		"create offline": {
			Spec{Action: domain.JobCreate, Tool: conda, Target: "/e", Offline: "/opt/my channel"},
			"/opt/m/bin/conda create --yes --json --prefix /e --offline --override-channels --channel file:///opt/my%20channel python",
		},
		"micromamba offline": {
			Spec{Action: domain.JobCreate, Tool: micro, Target: "/e", Offline: "/opt/rig/channel", Python: "3.11"},
			"/opt/mm create --yes --json --prefix /e --override-channels --channel file:///opt/rig/channel python=3.11",
		},
		"clone":            {Spec{Action: domain.JobClone, Tool: conda, Target: "/e", Source: "/s"}, "/opt/m/bin/conda create --yes --json --prefix /e --clone /s"},
		"micromamba clone": {Spec{Action: domain.JobClone, Tool: micro, Target: "/e", Source: "/s"}, "/opt/mm create --yes --json --prefix /e --file /listed"},
		"environment.yml":  {Spec{Action: domain.JobImport, Format: fileYAML, Tool: conda, Target: "/e", File: "/f.yml"}, "/opt/m/bin/conda env create --json --prefix /e --file /f.yml"},
		"micromamba yml":   {Spec{Action: domain.JobImport, Format: fileYAML, Tool: micro, Target: "/e", File: "/f.yml"}, "/opt/mm create --yes --json --prefix /e --file /f.yml"},
		"explicit":         {Spec{Action: domain.JobImport, Format: fileExplicit, Tool: conda, Target: "/e", File: "/f.txt"}, "/opt/m/bin/conda create --yes --json --prefix /e --file /f.txt"},
		"install":          {Spec{Action: domain.JobInstall, Tool: conda, Target: "/e", Packages: []string{"numpy=1.26"}}, "/opt/m/bin/conda install --yes --json --prefix /e numpy=1.26"},
	} {
		if got := strings.Join(CondaArguments(c.spec, "/listed"), " "); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
	got := pipArguments([]string{"/v/bin/python", "-m", "pip"}, []string{"flask"}, "/r.txt", "/w")
	want := []string{"/v/bin/python", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-user", "--progress-bar", "off", "--no-index", "--find-links", "/w", "--requirement", "/r.txt", "--", "flask"}
	if !slices.Equal(got, want) {
		t.Errorf("pip: %q", got)
	}
}

func recorded(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "conda", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAnswers(t *testing.T) { // ENV-7
	ok := `{"success": true, "actions": {"LINK": [{"name": "flask", "version": "2.2.2"}]}}`
	conda := Tool{Name: Conda}
	for name, c := range map[string]struct {
		o    outcome
		want domain.Code
		say  string // in its parameters
	}{
		"as recorded":           {outcome{stdout: recorded(t, "conda-24.11.3.linux.create-json.pipe.stdout")}, "", ""},
		"environment.yml":       {outcome{stdout: recorded(t, "conda-24.11.3.linux.env-create-yml-json.stdout")}, "", ""},
		"clone":                 {outcome{stdout: recorded(t, "conda-24.11.3.linux.create-clone-json.stdout")}, "", ""},
		"micromamba":            {outcome{stdout: recorded(t, "micromamba-2.1.1.linux.create-json-pipe-demo2.stdout")}, "", ""},
		"warnings before":       {outcome{stdout: "WARNING: A directory already exists {at the target}\nwarning  libmamba x\n" + ok}, "", ""},
		"words after":           {outcome{stdout: ok + "\nThank you {for} using\n"}, "", ""},
		"no such package":       {outcome{code: 1, stdout: recorded(t, "conda-24.11.3.linux.create-json-packagesnotfound.stdout")}, domain.CodePackagesMissing, "nosuchpkg"},
		"an error inside":       {outcome{stdout: recorded(t, "conda-24.11.3.linux.create-json-packagesnotfound.stdout")}, domain.CodePackagesMissing, "file:///opt/rig/channel/noarch"},
		"no environment":        {outcome{code: 1, stdout: recorded(t, "conda-24.11.3.linux.list-nosuchenv-json.stdout")}, domain.CodeEnvironmentFailed, "Not a conda environment"},
		"success: false":        {outcome{stdout: `{"success": false, "message": "no luck"}`}, domain.CodeEnvironmentFailed, "no luck"},
		"micromamba cannot":     {outcome{code: 1, stdout: recorded(t, "micromamba-2.1.1.linux.create-json-existing.stdout"), stderr: recorded(t, "micromamba-2.1.1.linux.create-json-existing.err")}, domain.CodePackagesConflict, "unsupported request"},
		"micromamba says all":   {outcome{code: 1, stderr: recorded(t, "micromamba-2.1.1.linux.create-json-offline-fail.err")}, domain.CodeEnvironmentFailed, "pkgs_dir does not exist"},
		"micromamba lacks one":  {outcome{code: 1, stdout: `{"solver_problems": ["nothing provides requested nosuchpkg"], "success": false}`}, domain.CodePackagesMissing, "nosuchpkg"},
		"another name of error": {outcome{code: 1, stdout: `{"exception_name": "PackagesNotFoundInChannelsError", "error": "x", "packages": ["a", "b"]}`}, domain.CodePackagesMissing, "a, b"},
		"no network":            {outcome{code: 1, stdout: `{"exception_name": "CondaHTTPError", "message": "HTTP 000 CONNECTION FAILED for url <https://u:pw@repo.example.com/t/tok-1/x>"}`}, domain.CodePackagesOffline, "https://***@repo.example.com/t/***/x"},
		"conflict":              {outcome{code: 1, stdout: `{"exception_name": "LibMambaUnsatisfiableError", "message": "a needs b"}`}, domain.CodePackagesConflict, "a needs b"},
		"disk full":             {outcome{code: 1, stdout: `{"exception_name": "NoSpaceLeftError", "message": "No space left on devices."}`}, domain.CodeDiskFull, ""},
		"disk full, no JSON":    {outcome{code: 1, stderr: "OSError: [Errno 28] No space left on device"}, domain.CodeDiskFull, ""},
		"rubbish and 0":         {outcome{stdout: "\x1b[1m%%% }{ not\nJSON"}, domain.CodeToolAnswer, "JSON"},
		"nothing and 0":         {outcome{}, domain.CodeToolAnswer, ""},
		"nothing and 252":       {outcome{code: 252}, domain.CodeEnvironmentFailed, "252"},
		"a traceback":           {outcome{code: 1, stderr: "Traceback:\nKeyError: 'pkgs'"}, domain.CodeEnvironmentFailed, "KeyError"},
	} {
		a, understood := parseAnswer(c.o.stdout)
		err := condaError(Spec{Tool: conda, Target: "/e"}, c.o, a, understood)
		own := domain.AsError(err)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want == "":
		case own == nil || own.Code != c.want || !strings.Contains(own.Error(), c.say):
			t.Errorf("%s: %v, want %s with %q", name, err, c.want, c.say)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(`{"success": true}`, "", 0)
	f.Add("warning\n{\"error\": \"x\"}\n{", "no", 1)
	f.Fuzz(func(t *testing.T, stdout, stderr string, code int) {
		a, understood := parseAnswer(stdout)
		err := condaError(Spec{Tool: Tool{Name: Conda}}, outcome{code: code, stdout: stdout, stderr: stderr}, a, understood)
		if err == nil && (code != 0 || !understood) {
			t.Errorf("exit code %d, understood %v: no error", code, understood)
		}
	})
}

func TestLinesOfATerminal(t *testing.T) {
	var fetched []fetch
	r := &reader{heard: make(chan<- struct{}), take: func(line string) bool {
		f, ok := parseFetch(line)
		if ok {
			fetched = append(fetched, f)
		}
		return ok
	}}
	r.add([]byte(recorded(t, "conda-24.11.3.linux.create-json.pty.stdout")))
	r.end()
	if len(fetched) != 8 || fetched[0].name != "click-8.1.3" || fetched[7] != (fetch{"flask-2.2.2", 1}) {
		t.Errorf("downloads: %+v", fetched)
	}
	a, understood := parseAnswer(r.kept.String())
	if !understood || a.Success == nil || !*a.Success || len(a.Actions.Link) == 0 {
		t.Errorf("understood %v: %+v", understood, a)
	}
	spinner := &reader{heard: make(chan<- struct{})}
	spinner.add([]byte("Solving: - \b\b\\ \b\bdone\r\n\x00next\n"))
	if got := spinner.kept.String(); got != "Solving: done\nnext\n" {
		t.Errorf("a spinner leaves %q", got)
	}
}

func TestPlan(t *testing.T) { // ENV-7
	dir := t.TempDir()
	root, venvs := filepath.Join(dir, "miniconda"), filepath.Join(dir, "environments")
	for _, d := range []string{"condabin", "conda-meta", "bin", "pkgs", "envs/demo/conda-meta", "envs/two/conda-meta"} {
		folder(t, filepath.Join(root, d))
	}
	file(t, filepath.Join(root, "bin", "conda"), "#!/bin/sh\n", 0o755)
	folder(t, filepath.Join(venvs, "mine"))
	file(t, filepath.Join(venvs, "mine", "pyvenv.cfg"), "home = /usr/bin\n", 0o600)
	yml, explicitList, reqs := filepath.Join(dir, "e.yml"), filepath.Join(dir, "e.txt"), filepath.Join(dir, "requirements.txt")
	archive, bad := filepath.Join(dir, "e.tar.gz"), filepath.Join(dir, "bad.tar.gz")
	file(t, yml, "name: x\n", 0o600)
	file(t, explicitList, "@EXPLICIT\n", 0o600)
	file(t, reqs, "flask\n", 0o600)
	file(t, archive, "\x1f\x8b....", 0o600)
	file(t, bad, "no archive", 0o600)
	known := []domain.Environment{
		{Name: "base", Path: root, Kind: domain.EnvironmentConda, Root: root, Python: "/usr/bin/python3"},
		{Name: "demo", Path: filepath.Join(root, "envs", "demo"), Kind: domain.EnvironmentConda, Root: root},
		{Name: "two", Path: filepath.Join(root, "envs", "two"), Kind: domain.EnvironmentConda, Root: root},
		{Name: "two", Path: filepath.Join(dir, "two"), Kind: domain.EnvironmentVenv},
		{Name: "mine", Path: filepath.Join(venvs, "mine"), Kind: domain.EnvironmentVenv, Python: "/usr/bin/python3"},
		{Name: "system", Path: "/usr", Kind: domain.EnvironmentSystem, Python: "/usr/bin/python3", PythonVersion: "3.11.2"},
	}
	with := Place{Environments: known, Tools: FindTools(known, dir, nil, nil), VenvFolder: venvs, Lookup: among(known)}
	if want := []Tool{{Name: Conda, Path: filepath.Join(root, "bin", "conda"), Root: root, Envs: filepath.Join(root, "envs")}}; !reflect.DeepEqual(with.Tools, want) {
		t.Fatalf("tools: %+v", with.Tools)
	}
	without := Place{Environments: known[4:], VenvFolder: venvs, Lookup: among(known[4:])}
	for name, c := range map[string]struct {
		q      Request
		p      Place
		want   domain.Code
		kind   string
		target string
	}{
		"conda where there is one":    {Request{Action: domain.JobCreate, Name: "new"}, with, "", domain.EnvironmentConda, filepath.Join(root, "envs", "new")},
		"venv where there is none":    {Request{Action: domain.JobCreate, Name: "new"}, without, "", domain.EnvironmentVenv, filepath.Join(venvs, "new")},
		"venv where it is wanted":     {Request{Action: domain.JobCreate, Name: "new", Requirements: reqs}, with, "", domain.EnvironmentVenv, filepath.Join(venvs, "new")},
		"venv of a version":           {Request{Action: domain.JobCreate, Name: "new", Kind: "venv", Python: "3.11"}, with, "", domain.EnvironmentVenv, filepath.Join(venvs, "new")},
		"no such version":             {Request{Action: domain.JobCreate, Name: "new", Kind: "venv", Python: "2.2"}, with, domain.CodeNotFound, "", ""},
		"conda without conda":         {Request{Action: domain.JobCreate, Name: "new", Kind: "conda"}, without, domain.CodeCondaMissing, "", ""},
		"one that is there":           {Request{Action: domain.JobCreate, Name: "demo"}, with, domain.CodeEnvironmentExists, "", ""},
		"an option for a package":     {Request{Action: domain.JobCreate, Name: "new", Packages: []string{"--prefix=/"}}, with, domain.CodeInvalid, "", ""},
		"an address for a package":    {Request{Action: domain.JobCreate, Name: "new", Packages: []string{"x @ https://evil.example/x"}}, with, domain.CodeInvalid, "", ""},
		"an option for a channel":     {Request{Action: domain.JobCreate, Name: "new", Channels: []string{"-x"}}, with, domain.CodeInvalid, "", ""},
		"no such folder":              {Request{Action: domain.JobCreate, Name: "new", Offline: filepath.Join(dir, "none")}, with, domain.CodeInvalid, "", ""},
		"a folder that is none":       {Request{Action: domain.JobCreate, Name: "new", Offline: yml}, with, domain.CodeInvalid, "", ""},
		"environment.yml":             {Request{Action: domain.JobImport, Name: "new", File: yml}, with, "", domain.EnvironmentConda, filepath.Join(root, "envs", "new")},
		"environment.yml, no conda":   {Request{Action: domain.JobImport, Name: "new", File: yml}, without, domain.CodeCondaMissing, "", ""},
		"explicit":                    {Request{Action: domain.JobImport, Name: "new", File: explicitList}, with, "", domain.EnvironmentConda, filepath.Join(root, "envs", "new")},
		"archive":                     {Request{Action: domain.JobImport, Name: "new", File: archive}, with, "", domain.EnvironmentConda, filepath.Join(root, "envs", "new")},
		"archive, no conda":           {Request{Action: domain.JobImport, Name: "new", File: archive}, without, "", domain.EnvironmentConda, filepath.Join(venvs, "new")},
		"no archive":                  {Request{Action: domain.JobImport, Name: "new", File: bad}, with, domain.CodeArchiveInvalid, "", ""},
		"requirements":                {Request{Action: domain.JobImport, Name: "new", File: reqs}, with, "", domain.EnvironmentVenv, filepath.Join(venvs, "new")},
		"clone":                       {Request{Action: domain.JobClone, Name: "new", Source: "demo"}, with, "", domain.EnvironmentConda, filepath.Join(root, "envs", "new")},
		"clone of a venv":             {Request{Action: domain.JobClone, Name: "new", Source: "mine"}, with, "", domain.EnvironmentVenv, filepath.Join(venvs, "new")},
		"clone of the system's":       {Request{Action: domain.JobClone, Name: "new", Source: "system"}, with, domain.CodeEnvironmentKept, "", ""},
		"install in one of two":       {Request{Action: domain.JobInstall, Name: "two", Packages: []string{"x"}}, with, domain.CodeEnvironmentNames, "", ""},
		"install by path":             {Request{Action: domain.JobInstall, Name: filepath.Join(root, "envs", "two"), Packages: []string{"x"}}, with, "", domain.EnvironmentConda, filepath.Join(root, "envs", "two")},
		"install in an installation":  {Request{Action: domain.JobInstall, Name: "base", Packages: []string{"x"}}, with, domain.CodeEnvironmentKept, "", ""},
		"install in the system's":     {Request{Action: domain.JobInstall, Name: "system", Packages: []string{"x"}}, with, domain.CodeEnvironmentKept, "", ""},
		"install nothing":             {Request{Action: domain.JobInstall, Name: "demo"}, with, domain.CodeInvalid, "", ""},
		"remove":                      {Request{Action: domain.JobRemove, Name: "demo", Confirm: "demo"}, with, "", domain.EnvironmentConda, filepath.Join(root, "envs", "demo")},
		"remove, not typed":           {Request{Action: domain.JobRemove, Name: "demo", Confirm: "Demo"}, with, domain.CodeEnvironmentTyped, "", ""},
		"remove an installation":      {Request{Action: domain.JobRemove, Name: "base", Confirm: "base"}, with, domain.CodeEnvironmentKept, "", ""},
		"remove the system's":         {Request{Action: domain.JobRemove, Name: "system", Confirm: "system"}, with, domain.CodeEnvironmentKept, "", ""},
		"remove a venv elsewhere":     {Request{Action: domain.JobRemove, Name: filepath.Join(dir, "two"), Confirm: "two"}, with, domain.CodeEnvironmentKept, "", ""},
		"remove a venv of ours":       {Request{Action: domain.JobRemove, Name: "mine", Confirm: "mine"}, without, "", domain.EnvironmentVenv, filepath.Join(venvs, "mine")},
		"export the records of pip":   {Request{Action: domain.JobExport, Name: "mine"}, with, "", domain.EnvironmentVenv, filepath.Join(venvs, "mine")},
		"export a history of a venv":  {Request{Action: domain.JobExport, Name: "mine", Format: FormatFromHistory}, with, domain.CodeInvalid, "", ""},
		"export of what is not there": {Request{Action: domain.JobExport, Name: "none"}, with, domain.CodeEnvironmentUnknown, "", ""},
	} {
		s, err := Plan(c.q, c.p)
		switch {
		case c.want != "" && !domain.HasCode(err, c.want):
			t.Errorf("%s: %v, want %s", name, err, c.want)
		case c.want != "":
		case err != nil || s.Kind != c.kind || s.Target != c.target:
			t.Errorf("%s: %s at %s (%v), want %s at %s", name, s.Kind, s.Target, err, c.kind, c.target)
		}
	}
}

// among looks an environment up as environment.Environments does.
func among(list []domain.Environment) func(string) (domain.Environment, error) {
	return func(wanted string) (domain.Environment, error) {
		var named []domain.Environment
		for _, e := range list {
			if e.Path == wanted {
				return e, nil
			}
			if e.Name == wanted {
				named = append(named, e)
			}
		}
		switch len(named) {
		case 0:
			return domain.Environment{}, domain.NewError(domain.CodeEnvironmentUnknown, "environment", wanted)
		case 1:
			return named[0], nil
		}
		return domain.Environment{}, domain.NewError(domain.CodeEnvironmentNames, "environment", wanted)
	}
}

func folder(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func file(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	folder(t, filepath.Dir(path))
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestDrafts(t *testing.T) {
	home := t.TempDir()
	d := Drafts{Folder: filepath.Join(home, "jobs"), Home: home}
	target := filepath.Join(home, "envs", "demo")
	txt := filepath.Join(home, ".conda", "environments.txt")
	file(t, txt, "/other\n"+target+"\n", 0o600)
	s := Spec{Action: domain.JobCreate, Kind: domain.EnvironmentConda, Name: "demo", Target: target}
	if err := d.Begin("one", &s); err != nil || s.Draft != d.Path("one") {
		t.Fatal(err, s.Draft)
	}
	file(t, filepath.Join(target, "locked", "file"), "x", 0o400)
	if err := os.Chmod(filepath.Join(target, "locked"), 0o500); err != nil {
		t.Fatal(err)
	}
	if removed, err := d.Sweep(func(string) bool { return true }); err != nil || len(removed) > 0 {
		t.Errorf("of a job that lives: %v %v", removed, err)
	}
	if removed, err := d.Sweep(func(string) bool { return false }); err != nil || !slices.Equal(removed, []string{"one"}) {
		t.Errorf("swept %v: %v", removed, err)
	}
	if exists(target) || exists(s.Draft) {
		t.Error("something is left")
	}
	if b, err := os.ReadFile(txt); err != nil || string(b) != "/other\n" {
		t.Errorf("conda's list: %q %v", b, err)
	}
	// What is whole stays, what was there before is not touched.
	if err := d.Begin("two", &s); err != nil {
		t.Fatal(err)
	}
	folder(t, target)
	if err := d.End("two", true); err != nil || !exists(target) {
		t.Errorf("whole, and removed: %v", err)
	}
	if err := d.Begin("three", &s); !domain.HasCode(err, domain.CodeEnvironmentExists) || exists(d.Path("three")) {
		t.Errorf("over what is there: %v", err)
	}
	file(t, d.Path("four"), "{", 0o600)
	if err := d.End("four", false); err == nil || exists(d.Path("four")) {
		t.Errorf("a record that is not whole: %v", err)
	}
	if err := d.End("five", false); err != nil {
		t.Errorf("without a record: %v", err)
	}
}
