package archive_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/archive"
)

func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("a full disk takes the right to mount")
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func TestFullDisk(t *testing.T) { // Bad input: full disk in the middle
	noise := make([]byte, 3<<20)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	dir := filepath.Join(t.TempDir(), "project")
	write(t, dir, "small", "1")
	write(t, dir, "noise", string(noise))
	disk := smallDisk(t)
	if _, err := backup(t, dir, filepath.Join(disk, "a.zip"), true); !domain.HasCode(err, domain.CodeDiskFull) {
		t.Errorf("a backup: %v", err)
	}
	if left, err := os.ReadDir(disk); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	made, err := backup(t, dir, filepath.Join(t.TempDir(), "a.zip"), true)
	check(t, err)
	place := filepath.Join(disk, "place")
	write(t, place, "small", "2")
	_, err = archive.Restore{
		Zip: made.Path, Limits: archive.OwnLimits(), Places: map[string]string{"group_a": place}, Work: filepath.Join(disk, "work"),
	}.Run(t.Context(), quiet{})
	if !domain.HasCode(err, domain.CodeDiskFull) {
		t.Errorf("a restore: %v", err)
	}
	check(t, archive.Finish(filepath.Join(disk, "work")))
	if got := tree(t, disk); !reflect.DeepEqual(got, map[string]string{"place/": "", "place/small": "2"}) {
		t.Errorf("left: %v", got)
	}
}

// A pipe or a link that is put in a file's place is not followed and waits for
// nobody.
func TestSpecialFiles(t *testing.T) { // SEC-5
	root := t.TempDir()
	dir := filepath.Join(root, "project")
	write(t, dir, "x", "1")
	check(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	check(t, os.Symlink("/", filepath.Join(dir, "folder")))
	made, err := backup(t, dir, filepath.Join(root, "a.zip"), true)
	check(t, err)
	if made.Files != 1 || made.LeftOut != 2 {
		t.Errorf("made %+v", made)
	}
	// They stay where they are when something is put back.
	write(t, dir, "x", "2")
	_, err = archive.Restore{
		Zip: made.Path, Limits: archive.OwnLimits(), Places: map[string]string{"group_a": dir}, Work: filepath.Join(root, "work"),
	}.Run(t.Context(), quiet{})
	check(t, err)
	if got := tree(t, dir); got["x"] != "1" || got["pipe"] == "" || got["folder"] == "" {
		t.Errorf("after it: %v", got)
	}
}
