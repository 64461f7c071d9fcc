package imports_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/imports"
)

// python is a Python of this machine.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3", "python"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Python: build/install-packages.sh lists what is needed")
	return ""
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func check(t *testing.T, c *imports.Checker, in imports.Interpreter, scripts ...string) []imports.Report {
	t.Helper()
	got, err := c.Check(t.Context(), in, scripts)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(scripts) {
		t.Fatalf("%d reports for %d scripts", len(got), len(scripts))
	}
	return got
}

// words is "absent_x:3 (absent_y:4)": modules with lines, optional ones in brackets.
func words(r imports.Report) string {
	var list []string
	for _, m := range r.Missing {
		text := m.Module + ":" + itoa(m.Line)
		if m.Optional {
			text = "(" + text + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, " ")
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// ENV-4: imports are read, not run.
func TestMissingModules(t *testing.T) {
	cases := map[string]struct{ source, want string }{
		"nothing":          {"import os, sys\nfrom json import dumps\n", ""},
		"plain":            {"import os\nimport absent_a.b as c, absent_d\n", "absent_a:2 absent_d:2"},
		"from":             {"from absent_a.b import c\n", "absent_a:1"},
		"future":           {"from __future__ import annotations\n", ""},
		"twice":            {"import absent_a\nimport absent_a\n", "absent_a:1"},
		"in a function":    {"def f():\n    import absent_a\n", "absent_a:2"},
		"in a class":       {"class C:\n    if True:\n        import absent_a\n", "absent_a:3"},
		"optional":         {"try:\n    import absent_a\nexcept ImportError:\n    absent_a = None\n", "(absent_a:2)"},
		"optional of two":  {"try:\n    import absent_a\nexcept (OSError, ModuleNotFoundError):\n    pass\n", "(absent_a:2)"},
		"optional bare":    {"try:\n    import absent_a\nexcept:\n    pass\n", "(absent_a:2)"},
		"other exception":  {"try:\n    import absent_a\nexcept ValueError:\n    pass\n", "absent_a:2"},
		"gives up":         {"import sys\ntry:\n    import absent_a\nexcept ImportError:\n    print('x')\n    sys.exit(1)\n", "absent_a:3"},
		"raises":           {"try:\n    import absent_a\nexcept ImportError as e:\n    raise RuntimeError('x') from e\n", "absent_a:2"},
		"instead, there":   {"try:\n    import absent_a\nexcept ImportError:\n    import json\n", "(absent_a:2)"},
		"instead, missing": {"try:\n    import absent_a\nexcept ImportError:\n    import absent_b\n", "absent_b:4 (absent_a:2)"},
		"not needed then":  {"try:\n    import json\nexcept ImportError:\n    import absent_b\n", "(absent_b:4)"},
		"first optional":   {"try:\n    import absent_a\nexcept ImportError:\n    pass\nimport absent_a\n", "absent_a:5"},
		"else":             {"try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    import absent_a\n", "(absent_a:6)"},
		"suppress":         {"import contextlib\nwith contextlib.suppress(ImportError):\n    import absent_a\n", "(absent_a:3)"},
		"another with":     {"with open('x'):\n    import absent_a\n", "absent_a:2"},
		"for types":        {"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import absent_a\nelse:\n    import absent_b\n", "absent_b:5"},
		"for types dotted": {"import typing\nif typing.TYPE_CHECKING:\n    import absent_a\n", ""},
		"of a system":      {"import sys\nif sys.platform.startswith('win'):\n    import absent_a\n", "(absent_a:3)"},
		"main":             {"if __name__ == '__main__':\n    import absent_a\n", "absent_a:2"},
		"by name":          {"import importlib\nimportlib.import_module('absent_a.b')\n__import__('absent_c')\nimportlib.import_module('.d', 'e')\n", "absent_a:2 absent_c:3"},
		"by value":         {"import importlib, sys\nimportlib.import_module(sys.argv[1])\n", ""},
		"in a text":        {"'''\nimport absent_a\n'''\n# import absent_b\n", ""},
		"of nothing":       {"from . import absent_a\nfrom .absent_b import c\n", ""},
		"signature":        {"\ufeffimport absent_a\n", "absent_a:1"},
		"accents":          {"# -*- coding: latin-1 -*-\nimport absent_a\n", "absent_a:2"},
		"awkward name":     {"import absent_é\n", "absent_é:1"},
	}
	dir, c := t.TempDir(), imports.New()
	in := imports.Interpreter{Python: python(t)}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := check(t, c, in, write(t, dir, strings.ReplaceAll(name, " ", "_")+".py", tc.source))[0]
			if got := words(r); got != tc.want || r.Problem != nil {
				t.Errorf("got %q, problem %v, want %q", got, r.Problem, tc.want)
			}
			if want := tc.want != "" && !strings.HasPrefix(tc.want, "("); r.Lacks() != want {
				t.Errorf("lacks something: %v", r.Lacks())
			}
		})
	}
}

func TestModulesBesideTheScript(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "group with ä space")
	write(t, dir, "helper.py", "import absent_helper\nimport script\n")
	write(t, dir, "package/__init__.py", "from . import other\nfrom .deep.most import x\n")
	write(t, dir, "package/other.py", "import absent_other\n")
	write(t, dir, "package/unused.py", "import absent_unused\n")
	write(t, dir, "package/deep/__init__.py", "")
	write(t, dir, "package/deep/most.py", "from ..other import y\nimport absent_most\n")
	write(t, dir, "plain/sub.py", "import absent_sub\n")
	write(t, dir, "json/note.txt", "a folder that hides nothing of Python's")
	script := write(t, dir, "script.py", "import helper\nimport package\nimport plain.sub\nimport json\nimport absent_own\n")
	r := check(t, imports.New(), imports.Interpreter{Python: python(t)}, script)[0]
	if got, want := words(r), "absent_own:5 absent_helper:1 absent_most:2 absent_other:1 absent_sub:1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := r.Missing[1].File, filepath.Join(dir, "helper.py"); got != want {
		t.Errorf("named %s, want %s", got, want)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	scripts := []string{
		write(t, dir, "syntax.py", "x = 1\nif:\n"),
		write(t, dir, "bytes.py", "x = 1\n\n# \xff\xfe\n"),
		write(t, dir, "zero.py", "x = 1\n\x00\n"),
		write(t, dir, "coding.py", "# -*- coding: no-such -*-\n"),
		filepath.Join(dir, "gone.py"),
		dir,
		write(t, dir, "deep.py", "x = "+strings.Repeat("(", 5000)+strings.Repeat(")", 5000)+"\n"),
		write(t, dir, "long.py", "x = 1"+strings.Repeat(" + 1", 4000)+"\nimport absent_a\n"),
		write(t, dir, "large.py", strings.Repeat("# many\n", 700_000)),
		write(t, dir, "uses_syntax.py", "import syntax\nimport absent_a\n"),
		write(t, dir, "good.py", "import absent_a\n"),
	}
	got := check(t, imports.New(), imports.Interpreter{Python: python(t)}, scripts...)
	wants := []struct {
		kind string
		line int
	}{
		{domain.ImportSyntax, 2},
		{domain.ImportEncoding, 3},
		{domain.ImportEncoding, 2},
		{domain.ImportEncoding, 1},
		{domain.ImportUnreadable, 0},
		{domain.ImportUnreadable, 0},
	}
	for i, want := range wants {
		if p := got[i].Problem; p == nil || p.Kind != want.kind || p.Line != want.line || p.Detail == "" {
			t.Errorf("%s: problem %+v, want %+v", filepath.Base(scripts[i]), p, want)
		}
	}
	if got[6].Problem == nil {
		t.Error("5,000 brackets are no problem")
	}
	if p := got[8].Problem; p == nil || p.Kind != domain.ImportTooLarge {
		t.Errorf("a large file: problem %+v", p)
	}
	if p := got[9].Problem; p == nil || p.Kind != domain.ImportSyntax || p.File != scripts[0] || words(got[9]) != "absent_a:2" {
		t.Errorf("a module beside it: problem %+v, missing %s", p, words(got[9]))
	}
	if words(got[10]) != "absent_a:1" || got[10].Problem != nil {
		t.Errorf("the good one: %+v", got[10])
	}
}

// A script must not be run by being looked at.
func TestNothingIsExecuted(t *testing.T) {
	dir := t.TempDir()
	mark := filepath.Join(dir, "ran")
	trap := "open(" + quote(mark) + ", 'w').close()\n"
	write(t, dir, "helper.py", trap)
	write(t, dir, "ast.py", trap) // names of what our own program imports
	write(t, dir, "sitecustomize.py", trap)
	script := write(t, dir, "script.py", trap+"import helper\nimport ast\nimport absent_a.b\n")
	in := imports.Interpreter{Python: python(t), Environ: []string{"PYTHONSTARTUP=" + script, "PYTHONINSPECT=1"}}
	if got := words(check(t, imports.New(), in, script)[0]); got != "absent_a:4" {
		t.Errorf("missing %q", got)
	}
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was run: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "__pycache__")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was compiled: %v", err)
	}
}

func quote(s string) string { return "r'" + s + "'" }

func TestNamesOfPackages(t *testing.T) {
	script := write(t, t.TempDir(), "script.py", "import absent_a\nimport winreg\nimport ossaudiodev_absent\n")
	for _, m := range check(t, imports.New(), imports.Interpreter{Python: python(t)}, script)[0].Missing {
		if m.Standard != (m.Module == "winreg") || (m.Package == "") != m.Standard {
			t.Errorf("%+v", m)
		}
	}
	for module, want := range map[string][2]string{
		"PIL": {"pillow", "pillow"}, "cv2": {"opencv-python", "opencv"}, "sklearn": {"scikit-learn", "scikit-learn"},
		"yaml": {"pyyaml", "pyyaml"}, "numpy": {"numpy", "numpy"},
	} {
		if pypi, conda := imports.Packages(module); pypi != want[0] || conda != want[1] {
			t.Errorf("%s: %s, %s", module, pypi, conda)
		}
	}
}

// The folders that activation adds are where a script would look as well.
func TestSearchPath(t *testing.T) {
	dir, more := t.TempDir(), t.TempDir()
	write(t, more, "added.py", "")
	script := write(t, dir, "script.py", "import added\n")
	c := imports.New()
	if got := words(check(t, c, imports.Interpreter{Python: python(t)}, script)[0]); got != "added:1" {
		t.Errorf("without: %q", got)
	}
	in := imports.Interpreter{Python: python(t), Environ: []string{"PYTHONPATH=relative" + string(os.PathListSeparator) + more}}
	if got := words(check(t, c, in, script)[0]); got != "" {
		t.Errorf("with: %q", got)
	}
}

// counting is a stand-in for Python that counts its starts.
func counting(t *testing.T) (program string, starts func() int) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in is a shell script")
	}
	dir := t.TempDir()
	count := filepath.Join(dir, "count")
	program = write(t, dir, "python", "#!/bin/sh\necho x >>'"+count+"'\nexec '"+python(t)+"' \"$@\"\n")
	if err := os.Chmod(program, 0o700); err != nil {
		t.Fatal(err)
	}
	return program, func() int {
		b, _ := os.ReadFile(count)
		return strings.Count(string(b), "x")
	}
}

func TestAskedAgainOnlyAfterAChange(t *testing.T) {
	program, starts := counting(t)
	dir, site := t.TempDir(), t.TempDir()
	a := write(t, dir, "a.py", "import helper\nimport absent_a\nimport installed\n")
	b := write(t, dir, "b.py", "import absent_b\n")
	write(t, dir, "helper.py", "import absent_c\n")
	in := imports.Interpreter{Python: program, Environ: []string{"PYTHONPATH=" + site}}
	c := imports.New()
	want := func(count int, texts ...string) {
		t.Helper()
		for i, r := range check(t, c, in, a, b) {
			if got := words(r); got != texts[i] {
				t.Errorf("script %d: got %q, want %q", i, got, texts[i])
			}
		}
		if got := starts(); got != count {
			t.Errorf("%d starts, want %d", got, count)
		}
	}
	want(1, "absent_a:2 installed:3 absent_c:1", "absent_b:1")
	want(1, "absent_a:2 installed:3 absent_c:1", "absent_b:1")
	write(t, dir, "b.py", "import absent_bb\n")
	want(2, "absent_a:2 installed:3 absent_c:1", "absent_bb:1")
	write(t, dir, "helper.py", "import absent_cc, absent_d\n")
	want(3, "absent_a:2 installed:3 absent_cc:1 absent_d:1", "absent_bb:1")
	write(t, site, "installed.py", "")
	want(4, "absent_a:2 absent_cc:1 absent_d:1", "absent_bb:1")
	write(t, dir, "absent_a.py", "") // a module put beside the script
	want(5, "absent_cc:1 absent_d:1", "absent_bb:1")
	want(5, "absent_cc:1 absent_d:1", "absent_bb:1")
}

func TestInterpretersThatDoNotAnswer(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-ins are shell scripts")
	}
	dir := t.TempDir()
	script := write(t, dir, "script.py", "")
	for name, tc := range map[string]struct{ text, want string }{
		"silent":  {"exit 0", "something else"},
		"rubbish": {"echo '\n@scriptsmanager {\"scripts\":'", "read its answer"},
		"fails":   {"echo no such library >&2; exit 3", "no such library"},
		"other":   {"echo; echo '@scriptsmanager {\"scripts\":[{\"path\":\"/x\"}]}'", `for "/x"`},
		"none":    {"echo; echo '@scriptsmanager {}'", "0 of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			program := write(t, dir, name, "#!/bin/sh\n"+tc.text+"\n")
			if err := os.Chmod(program, 0o700); err != nil {
				t.Fatal(err)
			}
			_, err := imports.New().Check(t.Context(), imports.Interpreter{Python: program}, []string{script})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	t.Run("not there", func(t *testing.T) {
		_, err := imports.New().Check(t.Context(), imports.Interpreter{Python: filepath.Join(dir, "nothing")}, []string{script})
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("hangs", func(t *testing.T) {
		program := write(t, dir, "hangs", "#!/bin/sh\nsleep 1000 & sleep 1000\n")
		if err := os.Chmod(program, 0o700); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		_, err := imports.New().Check(ctx, imports.Interpreter{Python: program}, []string{script})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
