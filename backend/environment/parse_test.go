package environment_test

import (
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/environment"
)

func TestParseHistory(t *testing.T) {
	for name, c := range map[string]struct{ text, python, command string }{
		"conda 24": {condaHistory, "3.11.7", "%ROOT%/bin/conda"},
		"upgrade": {
			"+defaults/linux-64::python-3.11.7-h955ad1f_0\n==> later <==\n-defaults/linux-64::python-3.11.7-h955ad1f_0\n+file:///opt/channel/linux-64::python-3.12.1-h996f2a0_0_cpython\n",
			"3.12.1", "",
		},
		"removed":               {"+d/linux-64::python-3.11.7-h9_0\n-d/linux-64::python-3.11.7-h9_0\n", "", ""},
		"old form":              {"+python-2.7.3-4\r\n", "2.7.3", ""},
		"other packages":        {"+d/noarch::python-dateutil-2.8-pyh_0\n+d/noarch::python_abi-3.11-5_cp311\n+d/noarch::ipython-8.0-py_0\n", "", ""},
		"Windows":               {"# cmd: C:\\Users\\A B\\miniconda3\\Scripts\\conda-script.py create -n x\n", "", `C:\Users\A B\miniconda3\Scripts\conda-script.py`},
		"spaces":                {"# cmd: /opt/my tools/bin/conda create -n conda\n", "", "/opt/my tools/bin/conda"},
		"a folder called conda": {"# cmd: /srv/far conda/conda/bin/conda create -n x\n", "", "/srv/far conda/conda/bin/conda"},
		"micromamba":            {"# cmd: /usr/bin/micromamba create -n x\n", "", "/usr/bin/micromamba"},
		"specs only":            {"# cmd: unknown\n# update specs: ['python=3.11']\n", "", "unknown"},
	} {
		if python, command := environment.ParseHistory([]byte(c.text)); python != c.python || command != c.command {
			t.Errorf("%s: got %q, %q", name, python, command)
		}
	}
}

func TestParseCondarc(t *testing.T) {
	for text, want := range map[string][]string{
		"envs_dirs:\n  - /a\n  - \"/b c\"\n  - '/d'\nchannels:\n  - x\n":  {"/a", "/b c", "/d"},
		"envs_dirs: [/a, '/b', \"/c\"] # here\n":                          {"/a", "/b", "/c"},
		"envs_path: ~/envs\n":                                             {"~/envs"},
		"\ufeffenvs_dirs:\r\n- /a #first\r\n\r\n# no\r\n- /b\r\n":         {"/a", "/b"},
		"x:\n  envs_dirs:\n    - /no\n":                                   nil,
		"envs_dirs:\nother: 1\n- /no\n":                                   nil,
		"envs_dirs: '/unended\n":                                          nil,
		"envs_dirs: [\n":                                                  nil,
		"envs_dirs: &a\n  - /a\nenvs_path: *a\n":                          {"/a"},
		"envs_dirs:\n  - /a\nenvs_dirs: [/b]\n":                           {"/a", "/b"},
		"envs_dirs: [/a,\n  /b] #!final\n":                                {"/a", "/b"},
		"envs_dirs: |\n  /a\n  /b\n":                                      nil,
		"envs_dirs:\n  - ~\n  - null\n  - [/no]\n  - >-\n    /a\n    b\n": {"/a b"},
		"{envs_dirs: [/a], channels: [x]}":                                {"/a"},
		"- /no\n":                                                         nil,
		"":                                                                nil,
		// a mistake elsewhere loses nothing
		"channels: [x\nenvs_dirs:\n- /a\nssl_verify: @no\n":                         {"/a"},
		"\tx: 1\nenvs_dirs:\n  - /a\n\nproxy: \"\\q\"\nenvs_path: /b\n":             {"/a", "/b"},
		"<<<<<<< mine\nenvs_dirs: [/a]\n=======\nenvs_dirs: [/b]\n>>>>>>> theirs\n": {"/a", "/b"},
		"envs_dirs: [/a]\nrubbish: \x00\x01\n":                                      {"/a"},
	} {
		if got := environment.ParseCondarc([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestCondaPathDirsOnWindows(t *testing.T) { // as conda 24.11 computes it
	const e = `C:\Users\me\miniconda3\envs\demo`
	want := []string{e, e + `\Library\mingw-w64\bin`, e + `\Library\usr\bin`, e + `\Library\bin`, e + `\Scripts`, e + `\bin`}
	if got := environment.CondaPathDirs(e, true, func(string) bool { return false }); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	ucrt := e + `\Library\ucrt64\bin`
	if got := environment.CondaPathDirs(e, true, func(d string) bool { return d == ucrt }); len(got) != 7 || got[1] != ucrt {
		t.Errorf("with ucrt64: %q", got)
	}
}

func FuzzParseEnvironmentsTxt(f *testing.F) {
	f.Add([]byte("/a\n# b\n\r\nC:\\envs\\x\n\\\\host\\share\\e\n\x00\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, p := range environment.ParseEnvironmentsTxt(b) {
			if p != strings.TrimSpace(p) || strings.ContainsAny(p, "\x00\n") || len(p) > 4096 {
				t.Errorf("path %q", p)
			}
		}
	})
}

func FuzzParseCondarc(f *testing.F) {
	f.Add([]byte("envs_dirs:\n  - /a\n  - \"/b\" # c\nenvs_path: [a, 'b']\n"))
	f.Add([]byte("channels: [x\nenvs_dirs: &a\n- *a\nenvs_path: {a: 1}\n\"envs_dirs\": !!binary x\n---\nenvs_dirs: y\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, d := range environment.ParseCondarc(b) {
			if d == "" || d != strings.TrimSpace(d) || strings.ContainsAny(d, "\n\x00") {
				t.Errorf("folder %q", d)
			}
		}
	})
}

func FuzzParseHistory(f *testing.F) {
	f.Add([]byte(condaHistory))
	f.Add([]byte("+python-2.7.3-4\n# cmd: C:\\x\\conda.exe create\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		python, command := environment.ParseHistory(b)
		if python != "" && (python[0] < '0' || python[0] > '9') {
			t.Errorf("version %q", python)
		}
		if command != "" && !strings.Contains(string(b), command) {
			t.Errorf("command %q", command)
		}
	})
}

func FuzzParseVenv(f *testing.F) {
	f.Add([]byte("home = /usr/bin\nversion=3.11\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for key := range environment.ParseVenv(b) {
			if key != strings.ToLower(key) {
				t.Errorf("key %q", key)
			}
		}
	})
}
