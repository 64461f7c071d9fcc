package change

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

// Programs of a copy start the copy's Python, wherever the two lie.
func TestProgramsOfACopy(t *testing.T) { // ENV-7
	const body = "# -*- coding: utf-8 -*-\nimport sys\nprint(sys.argv[0] + '|' + '|'.join(sys.argv[1:]) + '|' + sys.executable)\n"
	long := strings.Repeat("l", 120)
	for name, c := range map[string]struct{ from, to, header string }{
		"plain":                {"a", "b", "#!%FROM%/bin/python\n"},
		"with arguments":       {"a", "b", "#!%FROM%/bin/python -Es\n"},
		"from a space":         {"a b", "c", "#!/bin/sh\n'''exec' \"%FROM%/bin/python\" \"$0\" \"$@\"\n' '''\n"},
		"to a space":           {"a", "b c", "#!%FROM%/bin/python\n"},
		"to a long path":       {"a", long, "#!%FROM%/bin/python -E\n"},
		"from a long path":     {long, "b", "#!/bin/sh\n'''exec' %FROM%/bin/python \"$0\" \"$@\"\n' '''\n"},
		"from long to a space": {long, "b c", "#!/bin/sh\n'''exec' %FROM%/bin/python \"$0\" \"$@\"\n' '''\n"},
		"with a line feed":     {"a", "b", "#!%FROM%/bin/python\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			from, to := filepath.Join(dir, c.from), filepath.Join(dir, c.to)
			python := filepath.Join(to, "bin", "python")
			if err := os.MkdirAll(filepath.Dir(python), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("/usr/bin/python3", python); err != nil {
				t.Fatal(err)
			}
			program := filepath.Join(to, "bin", "tool")
			file(t, program, string(relocated([]byte(strings.ReplaceAll(c.header, "%FROM%", from)+body), from, to)), 0o755)
			out, err := exec.CommandContext(t.Context(), program, "x y").CombinedOutput()
			if want := program + "|x y|" + python; err != nil || strings.TrimSpace(string(out)) != want {
				b, _ := os.ReadFile(program)
				t.Errorf("says %s, %v, want %s\n%s", out, err, want, b)
			}
		})
	}
	for _, other := range []string{"", "no program", "#!/usr/bin/env python3\nx\n", "\x7fELF\n#!", "#!/a-longer/bin/python\n"} {
		if got := string(relocated([]byte(other), "/a", "/b")); got != other {
			t.Errorf("%q became %q", other, got)
		}
	}
}

// A venv that sees the packages of the Python that it was made from has a copy
// that does so, too; its links lead into the copy.
func TestCopyOfAVenvThatSharesPackages(t *testing.T) { // ENV-7
	dir := t.TempDir()
	source, target := filepath.Join(dir, "source"), filepath.Join(dir, "target")
	if out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", "-m", "venv", "--without-pip", "--system-site-packages", source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	file(t, filepath.Join(source, "bin", "solver-2"), "#!/bin/sh\n", 0o755)
	if err := os.Symlink(filepath.Join(source, "bin", "solver-2"), filepath.Join(source, "bin", "solver")); err != nil {
		t.Fatal(err)
	}
	d := runSpec(t.Context(), t, Spec{
		Action: domain.JobClone, Kind: domain.EnvironmentVenv, Name: "target", Source: source, Target: target, Python: venvPython(source),
	})
	if d.err != nil {
		t.Fatalf("%v\n%s", d.err, d.errs)
	}
	b, err := os.ReadFile(filepath.Join(target, "pyvenv.cfg"))
	if err != nil || !strings.Contains(string(b), "include-system-site-packages = true") {
		t.Errorf("pyvenv.cfg of the copy: %s %v", b, err)
	}
	if link, err := os.Readlink(filepath.Join(target, "bin", "solver")); err != nil || link != filepath.Join(target, "bin", "solver-2") {
		t.Errorf("a link of the copy leads to %s: %v", link, err)
	}
}
