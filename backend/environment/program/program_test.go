package program_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"scriptsmanager/backend/environment/program"
)

func put(t *testing.T, mode os.FileMode, path ...string) string {
	t.Helper()
	p := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte("#!/bin/sh\n"), mode); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProgramsOfAnInstallation(t *testing.T) { // ENV-1
	if runtime.GOOS == "windows" {
		t.Skip("the places are others")
	}
	root := t.TempDir()
	if got := program.First(root); got != "" {
		t.Errorf("in an empty folder there is %s", got)
	}
	micro := put(t, 0o700, root, "bin", "micromamba")
	put(t, 0o600, root, "bin", "conda") // cannot be started
	if got := program.First(root); got != micro {
		t.Errorf("got %s", got)
	}
	conda := put(t, 0o700, root, "condabin", "conda")
	if got := program.First(root); got != conda {
		t.Errorf("got %s", got)
	}
}

func TestMicromambaAlone(t *testing.T) { // ENV-1
	if runtime.GOOS == "windows" {
		t.Skip("the places are others")
	}
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	inHome := put(t, 0o700, home, ".local", "bin", "micromamba")
	onPath := put(t, 0o700, dir, "bin", "micromamba")
	named := put(t, 0o700, dir, "opt", "micromamba-2.1")
	mamba := put(t, 0o700, dir, "opt", "mamba")
	path := "PATH=relative:" + filepath.Join(dir, "bin")
	for name, c := range map[string]struct {
		home    string
		environ []string
		want    string
	}{
		"nowhere":              {"", []string{"PATH=/nowhere"}, ""},
		"in the home":          {home, []string{"PATH=/nowhere"}, inHome},
		"on PATH":              {home, []string{path}, onPath},
		"of MAMBA_EXE":         {home, []string{path, "MAMBA_EXE=" + named}, named},
		"MAMBA_EXE is mamba's": {home, []string{path, "MAMBA_EXE=" + mamba}, onPath},
		"MAMBA_EXE is gone":    {home, []string{path, "MAMBA_EXE=" + named + "x"}, onPath},
	} {
		if got := program.Alone(c.home, c.environ); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
