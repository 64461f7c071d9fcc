package project_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/platform/platformtest"
	"scriptsmanager/backend/project"
)

// What a script has closed keeps nobody from seeing, handing over and removing
// the rest.
func TestClosedFoldersOfAUser(t *testing.T) { // USR-6
	root, err := platform.Prepare(t.TempDir())
	check(t, err)
	dir := project.DataDir(root, "ann", "oven", "thermal")
	write(t, dir, "open.txt", "12345")
	write(t, dir, "closed/file", "1")
	check(t, os.Chmod(filepath.Join(dir, "closed"), 0))
	check(t, os.Chmod(dir, 0o500))
	check(t, platformtest.AsNobody(t, root.Dir, func() error {
		sizes, partial, err := project.Sizes(root, "ann")
		if err != nil || !partial || sizes["project_oven"].Bytes != 5 {
			t.Errorf("sizes %v, partial %v, %v", sizes, partial, err)
		}
		plan, err := project.PlanHandOver(root, []project.Move{{FromUser: "ann", From: "oven", ToUser: "bob", To: "oven"}})
		if err != nil || len(plan) != 1 {
			t.Fatalf("plan %v, %v", plan, err)
		}
		if err := project.HandOver(root, plan); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(project.DataDir(root, "bob", "oven", "thermal"), "open.txt")); err != nil {
			t.Error(err)
		}
		if err := project.RemoveOf(root, "bob"); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Dir(project.DataDir(root, "bob", "oven", "thermal"))); !os.IsNotExist(err) {
			t.Errorf("not removed: %v", err)
		}
		return nil
	}))
}

// What was put aside and not removed, as the power went, is removed later; all
// else stays.
func TestRemoveAside(t *testing.T) {
	root, err := platform.Prepare(t.TempDir())
	check(t, err)
	for _, user := range []string{"ann", "bob"} {
		write(t, project.DataDir(root, user, "oven", "thermal"), "f", "1")
		write(t, project.DataDir(root, user, "press", "thermal"), ".deleted-f/x", "1")
	}
	for _, below := range []string{"user_ann", "user_bob/project_oven", "user_nobody"} {
		aside, err := project.PutAside(root, below)
		if err != nil || len(aside) != 1 && below != "user_nobody" {
			t.Errorf("%s: %v, %v", below, aside, err)
		}
	}
	write(t, project.DataDir(root, "ann", "oven", "thermal"), "again", "1")
	check(t, project.RemoveAside(root))
	var left []string
	check(t, filepath.WalkDir(root.ScriptData(), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			left = append(left, filepath.Base(path))
		}
		return err
	}))
	if len(left) != 2 || left[0] != "again" || left[1] != "x" {
		t.Errorf("left: %v", left)
	}
}
