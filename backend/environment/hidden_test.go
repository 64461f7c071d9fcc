package environment_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"scriptsmanager/backend/environment"
)

func TestWhatIsBeingMadeIsNotFound(t *testing.T) { // ENV-7
	root := t.TempDir()
	for _, name := range []string{"whole", "half"} {
		dir := filepath.Join(root, "environments", name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "pyvenv.cfg"), []byte("home = /usr/bin\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	half := filepath.Join(root, "environments", "half")
	has := func(hidden func() []string) bool {
		found := environment.Find(context.Background(), environment.Options{RootDir: root, System: t.TempDir(), Hidden: hidden})
		if !slices.ContainsFunc(found, func(f environment.Found) bool { return f.Name == "whole" }) {
			t.Errorf("the other one is not found: %v", found)
		}
		return slices.ContainsFunc(found, func(f environment.Found) bool { return f.Path == half })
	}
	if has(func() []string { return []string{half} }) {
		t.Error("found while it is being made")
	}
	if !has(nil) || !has(func() []string { return nil }) {
		t.Error("not found once it is made")
	}
}

func TestFoldersOfNewEnvironments(t *testing.T) { // ENV-7
	home, root := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		filepath.Join(home, ".condarc"): "envs_dirs:\n  - ~/mine\n  - /data/envs\n",
		filepath.Join(root, ".condarc"): "envs_dirs: [/site/envs, /data/envs]\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := environment.Options{Home: home, System: t.TempDir(), Environ: []string{"CONDA_ENVS_DIRS=/first/of:/all"}}
	e := environment.New(o, &memory{}, nil)
	for range 2 {
		got := e.EnvsFolders(root)
		if want := []string{"/first/of", "/all", filepath.Join(home, "mine"), "/data/envs", "/site/envs"}; !slices.Equal(got, want) {
			t.Errorf("folders: %v, want %v", got, want)
		}
		got[0] = "changed by the caller"
	}
	if err := os.Remove(filepath.Join(home, ".condarc")); err != nil {
		t.Fatal(err)
	}
	if got, want := e.EnvsFolders(root), []string{"/first/of", "/all", "/site/envs", "/data/envs"}; !slices.Equal(got, want) {
		t.Errorf("folders after a change: %v, want %v", got, want)
	}
}
