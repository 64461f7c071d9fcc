package archive_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform/platformtest"
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

// A folder that a script closed to all, itself too, keeps nothing from being
// backed up and restored.
func TestClosedFolders(t *testing.T) {
	root := t.TempDir()
	a, b := filepath.Join(root, "1", "a"), filepath.Join(root, "2", "b")
	write(t, a, "x", "old")
	write(t, filepath.Join(a, "sub"), "y", "mine")
	write(t, b, "x", "old")
	places := map[string]string{"group_a": a, "group_b": b}
	open := func() {
		for _, dir := range []string{a, filepath.Join(a, "sub"), b} {
			_ = os.Chmod(dir, 0o700)
		}
	}
	t.Cleanup(open)
	made, err := archive.Write(t.Context(), archive.Backup{Folders: places, Output: filepath.Join(root, "good.zip"), Project: "P"}, quiet{})
	check(t, err)
	check(t, platformtest.AsNobody(t, root, func() error {
		check(t, os.Chmod(b, 0))
		closed, err := archive.Write(t.Context(), archive.Backup{Folders: places, Output: filepath.Join(root, "z.zip"), Project: "P"}, quiet{})
		if err != nil || closed.Files != 2 || closed.LeftOut != 1 {
			t.Errorf("a closed group: %+v, %v", closed, err)
		}
		write(t, a, "later", "mine")
		check(t, os.Chmod(filepath.Join(a, "sub"), 0))
		check(t, os.Chmod(a, 0o500))
		r := archive.Restore{Zip: made.Path, Limits: archive.OwnLimits(), Places: places, Work: filepath.Join(root, "work")}
		_, err = r.Run(t.Context(), quiet{})
		return err
	}))
	open()
	if got := tree(t, a); got["x"] != "old" || got["sub/y"] != "mine" || got["later"] != "mine" {
		t.Errorf("restored: %v", got)
	}
}
