package engine_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scriptsmanager/backend/engine"
)

// opens tells which of the files are opened, by anybody.
type opens struct {
	t     *testing.T
	fd    int
	names map[int]string
}

func watchOpens(t *testing.T, files ...string) *opens {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	o := &opens{t, fd, map[int]string{}}
	for _, f := range files {
		wd, err := unix.InotifyAddWatch(fd, f, unix.IN_OPEN)
		if err != nil {
			t.Fatal(err)
		}
		o.names[wd] = filepath.Base(f)
	}
	return o
}

// since gives what was opened since the last call.
func (o *opens) since() []string {
	var opened []string
	b := make([]byte, 64<<10)
	for {
		n, err := unix.Read(o.fd, b)
		if errors.Is(err, unix.EAGAIN) {
			return slices.Compact(opened)
		}
		if err != nil {
			o.t.Fatal(err)
		}
		for at := 0; at < n; {
			wd, length := int(binary.NativeEndian.Uint32(b[at:])), int(binary.NativeEndian.Uint32(b[at+12:]))
			opened = append(opened, o.names[wd])
			at += unix.SizeofInotifyEvent + length
		}
	}
}

// A group's page asks what its scripts lack and what an environment for it can
// be made with. Opened again, nothing is read and no interpreter is started,
// until something has changed.
func TestGroupsPageIsOpenedAgain(t *testing.T) { // ENV-4
	home := t.TempDir()
	file := func(path, text string, mode os.FileMode) string {
		t.Helper()
		path = filepath.Join(home, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const header = "'''ScriptsManager Metadata:\n@interface: none\n'''\n"
	condarc := file(".condarc", "envs_dirs: [~/mine]\n", 0o600)
	file("miniconda3/conda-meta/history", "==> now <==\n", 0o600)
	file("miniconda3/conda-meta/python-3.11.7-0.json", "{}", 0o600)
	file("miniconda3/condabin/conda", "#!/bin/sh\nexit 64\n", 0o700)
	python := file("miniconda3/bin/python", "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n", 0o700)
	n := newInstallation(t, map[string]string{"j.py": header + "import first_module\n"}, "", func(o *engine.Options) { o.Home = home })
	needs, script := filepath.Join(n.root.Groups(), "g", "requirements.txt"), filepath.Join(n.root.Groups(), "g", "j.py")
	if err := os.WriteFile(needs, []byte("one\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	type seen struct {
		folder       string
		lines, lacks []string
	}
	open := func() seen {
		t.Helper()
		c, err := n.engine.EnvironmentChoices(t.Context(), "g")
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Tools) != 1 || c.Group == nil {
			t.Fatalf("choices: %+v", c)
		}
		scripts, err := n.engine.Scripts(t.Context(), "g")
		if err != nil {
			t.Fatal(err)
		}
		env, err := n.engine.Environment(t.Context(), filepath.Join(home, "miniconda3"))
		if err != nil {
			t.Fatal(err)
		}
		found, err := n.engine.CheckImports(t.Context(), env, scripts)
		if err != nil {
			t.Fatal(err)
		}
		s := seen{folder: c.Tools[0].Folder, lines: c.Group.Lines}
		for _, one := range found {
			for _, m := range one.Missing {
				s.lacks = append(s.lacks, m.Module)
			}
		}
		return s
	}
	first := open()
	if first.folder != filepath.Join(home, "mine") || !slices.Equal(first.lines, []string{"one"}) || !slices.Equal(first.lacks, []string{"first_module"}) {
		t.Fatalf("opened: %+v", first)
	}

	// What goes on besides, as looking for environments, reads these files, too.
	watched := watchOpens(t, condarc, python, needs, script)
	for until := time.Now().Add(time.Minute); ; {
		watched.since()
		open()
		opened := watched.since()
		if len(opened) == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("opening the page again opens %v", opened)
		}
	}

	for path, text := range map[string]string{
		condarc: "envs_dirs: [~/other]\n", needs: "one\ntwo\n", script: header + "import first_module\nimport second_module\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := open()
	if again.folder != filepath.Join(home, "other") || !slices.Equal(again.lines, []string{"one", "two"}) || !slices.Equal(again.lacks, []string{"first_module", "second_module"}) {
		t.Errorf("after a change: %+v", again)
	}
}
