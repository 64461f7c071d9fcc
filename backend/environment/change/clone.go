package change

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/printed"
)

// cloneVenv makes a venv from the same Python as another one and copies its
// packages, without any network. Programs that name the old place in their
// first line name the new one.
func (j *job) cloneVenv(ctx context.Context) (map[string]any, error) {
	s := j.spec
	j.report.plan([]string{"venv", "packages", "verify"}, []float64{15, 80, 5})
	j.report.begin("venv")
	const ask = `import os, sys, sysconfig
print(getattr(sys, "_base_executable", sys.executable)); print(sysconfig.get_path("purelib")); print(sysconfig.get_path("platlib"))
with open(os.path.join(sys.prefix, "pyvenv.cfg"), encoding="utf-8", errors="replace") as settings:
    pairs = [[part.strip().lower() for part in line.split("=", 1)] for line in settings]
print("shared" if ["include-system-site-packages", "true"] in pairs else "own")`
	o, err := j.run(ctx, command{name: "python", argv: []string{s.Python, "-I", "-c", ask}, quiet: true, silence: 5 * time.Minute})
	if err != nil {
		return nil, err
	}
	said := strings.Split(strings.TrimSpace(o.stdout), "\n")
	if o.code != 0 || len(said) != 4 {
		return nil, domain.NewError(domain.CodeEnvironmentFailed, "tool", s.Python, "detail", printed.Brief(lastLine(o.stderr)))
	}
	if err := j.claim(); err != nil {
		return nil, err
	}
	argv := []string{said[0], "-I", "-m", "venv", "--without-pip"}
	if strings.TrimSpace(said[3]) == "shared" {
		argv = append(argv, "--system-site-packages")
	}
	o, err = j.run(ctx, command{name: "venv", argv: append(argv, s.Target), silence: 5 * time.Minute})
	if err == nil && o.code != 0 {
		err = j.pipError("venv", o)
	}
	if err != nil {
		return nil, err
	}
	j.report.begin("packages")
	folders := []string{strings.TrimSpace(said[1])}
	if platform := strings.TrimSpace(said[2]); platform != folders[0] {
		folders = append(folders, platform)
	}
	for _, from := range append(folders, filepath.Dir(venvPython(s.Source))) {
		rel, err := filepath.Rel(s.Source, from)
		if err != nil || !filepath.IsLocal(rel) {
			return nil, domain.NewError(domain.CodeEnvironmentFailed, "tool", "venv", "detail", from)
		}
		j.report.say("copy %s", from)
		if err := j.copyFolder(ctx, from, filepath.Join(s.Target, rel)); err != nil {
			return nil, diskError(err, s.Target)
		}
	}
	j.report.begin("verify")
	o, err = j.run(ctx, command{name: "python", argv: []string{venvPython(s.Target), "-c", "import sys"}, quiet: true, silence: 5 * time.Minute})
	if err == nil && o.code != 0 {
		err = domain.NewError(domain.CodeEnvironmentFailed, "tool", "python", "detail", printed.Brief(lastLine(o.stderr)))
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"path": s.Target}, nil
}

// copyFolder copies what is not there yet.
func (j *job) copyFolder(ctx context.Context, from, to string) error {
	var files, size int64
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if e.IsDir() {
			if e.Name() == "__pycache__" {
				return filepath.SkipDir // it names the old place
			}
			return os.MkdirAll(target, 0o755) //nolint:gosec // as Python makes them
		}
		if _, err := os.Lstat(target); err == nil {
			return nil // made with the venv
		}
		if e.Type()&fs.ModeSymlink != 0 {
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			if inside, ok := strings.CutPrefix(link, j.spec.Source+string(filepath.Separator)); ok {
				link = filepath.Join(j.spec.Target, inside)
			}
			return os.Symlink(link, target) //nolint:gosec // into a folder that we have just made
		}
		if !e.Type().IsRegular() {
			return nil
		}
		n, err := j.copyFile(path, target)
		files, size = files+1, size+n
		j.report.bytes(size, 0, files, rel)
		return err
	})
}

// maxScript is up to what size a program's first line is looked at.
const maxScript = 1 << 20

func (j *job) copyFile(from, to string) (int64, error) {
	info, err := os.Stat(from)
	if err != nil {
		return 0, err
	}
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer func() { _ = in.Close() }()
	var content io.Reader = in
	if info.Size() < maxScript && info.Mode()&0o100 != 0 {
		b, err := io.ReadAll(in)
		if err != nil {
			return 0, err
		}
		content = bytes.NewReader(relocated(b, j.spec.Source, j.spec.Target))
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, content)
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return n, fmt.Errorf("copy %s: %w", from, err)
	}
	return n, nil
}

// maxShebang is how long a first line that names an interpreter may be, as pip's
// distlib has it (scripts.py, _build_shebang).
const maxShebang = 127

// relocated has a program that names an interpreter in the environment from
// name the one in the environment to. A path that is too long for the first line,
// or has a space, stands in the second one, which the shell reads, as pip writes it.
func relocated(program []byte, from, to string) []byte {
	from, to = from+string(filepath.Separator), to+string(filepath.Separator)
	line, rest, ok := bytes.Cut(program, []byte("\n"))
	if !ok || !bytes.HasPrefix(line, []byte("#!")) {
		return program
	}
	moved := func(line []byte) []byte { return bytes.ReplaceAll(line, []byte(from), []byte(to)) }
	const exec = "'''exec' "
	if bytes.HasPrefix(rest, []byte(exec)) {
		second, rest, _ := bytes.Cut(rest, []byte("\n"))
		if called := second[len(exec):]; len(called) > 0 && called[0] != '"' { // as pip leaves it where it has no space
			called, arguments, _ := bytes.Cut(called, []byte(" "))
			second = fmt.Appendf(nil, "%s%q %s", exec, called, arguments)
		}
		return bytes.Join([][]byte{line, moved(second), rest}, []byte("\n"))
	}
	called, own := bytes.CutPrefix(line, []byte("#!"+from))
	if !own {
		return bytes.Join([][]byte{moved(line), rest}, []byte("\n"))
	}
	called, arguments, _ := bytes.Cut(bytes.TrimRight(called, "\r"), []byte(" "))
	python := to + string(called)
	first := strings.TrimSpace("#!" + python + " " + string(arguments))
	if len(first) < maxShebang && !strings.ContainsAny(python, " \t") {
		return append([]byte(first+"\n"), rest...)
	}
	second := exec + `"` + python + `" ` + string(arguments) + ` "$0" "$@"`
	return append([]byte("#!/bin/sh\n"+second+"\n' '''\n"), rest...)
}
