package archive_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/archive"
)

// prepared is a restore that is ready to be put in place.
func prepared(t testing.TB, places map[string]string) (work string) {
	t.Helper()
	work = filepath.Join(t.TempDir(), "work")
	for group := range places {
		write(t, filepath.Join(work, "new", group), "x", "new")
	}
	list, err := json.Marshal(places)
	check(t, err)
	check(t, os.WriteFile(filepath.Join(work, "commit.json"), list, 0o600))
	return work
}

// A restore that cannot be put in place is undone, and does not come back over
// what is done in the project from then on.
func TestRestoreThatCannotBePutInPlace(t *testing.T) { // PRJ-4
	root := t.TempDir()
	a := filepath.Join(root, "a")
	write(t, a, "x", "old")
	write(t, root, "file", "no folder")
	work := prepared(t, map[string]string{"group_a": a, "group_b": filepath.Join(root, "file", "b")})
	if err := archive.Finish(work); err == nil {
		t.Fatal("was put below a file")
	}
	if got := tree(t, a); !reflect.DeepEqual(got, map[string]string{"x": "old"}) {
		t.Errorf("afterwards: %v", got)
	}
	if committed, _, err := archive.State(work); err != nil || committed {
		t.Errorf("is to be put in place still: %v, %v", committed, err)
	}
	write(t, a, "x", "later work")
	check(t, os.Remove(filepath.Join(root, "file")))
	check(t, archive.Finish(work))
	if got := tree(t, a); !reflect.DeepEqual(got, map[string]string{"x": "later work"}) {
		t.Errorf("later: %v", got)
	}
	if _, err := os.Lstat(work); err == nil {
		t.Error("something is left")
	}
}

func TestRestoreThatCannotBeTakenBack(t *testing.T) { // PRJ-4
	root := t.TempDir()
	write(t, root, "file", "no folder")
	a, b := filepath.Join(root, "a"), filepath.Join(root, "file", "b")
	work := prepared(t, map[string]string{"group_a": a, "group_b": b})
	check(t, os.RemoveAll(filepath.Join(work, "new", "group_a"))) // it was put there, and somebody took it away
	if err := archive.Finish(work); err == nil {
		t.Fatal("was put below a file")
	}
	if committed, _, err := archive.State(work); err != nil || !committed {
		t.Errorf("is forgotten: %v, %v", committed, err)
	}
	check(t, os.Remove(filepath.Join(root, "file")))
	check(t, archive.Finish(work))
	if got := tree(t, b); !reflect.DeepEqual(got, map[string]string{"x": "new"}) {
		t.Errorf("once it can be: %v", got)
	}
}

func TestRoomOnTheDiskIsLeft(t *testing.T) {
	root := t.TempDir()
	place := filepath.Join(root, "a")
	write(t, place, "x", "1")
	whole := archive.Backup{Folders: map[string]string{"group_a": place}, Output: filepath.Join(root, "out", "z.zip"), Project: "P"}
	check(t, os.Mkdir(filepath.Join(root, "out"), 0o700))
	for _, compress := range []bool{false, true} {
		b := whole
		b.Compress, b.Reserve = compress, math.MaxInt64
		_, err := archive.Write(t.Context(), b, quiet{})
		left, _ := os.ReadDir(filepath.Join(root, "out"))
		if !domain.HasCode(err, domain.CodeDiskFull) || len(left) > 0 {
			t.Errorf("compressed %v: %v, left %v", compress, err, left)
		}
	}
	made, err := archive.Write(t.Context(), whole, quiet{})
	check(t, err)
	r := archive.Restore{Zip: made.Path, Limits: archive.OwnLimits(), Places: map[string]string{"group_a": place}, Work: filepath.Join(root, "work"), Reserve: math.MaxInt64}
	if _, err := r.Run(t.Context(), quiet{}); !domain.HasCode(err, domain.CodeDiskFull) {
		t.Errorf("restore: %v", err)
	}
}

// A folder that a script closed to all, itself too, keeps nothing from being
// backed up and restored. Whoever may do all is kept from nothing.
func TestClosedFolders(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root looks into every folder")
	}
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
	check(t, err)
	open()
	if got := tree(t, a); got["x"] != "old" || got["sub/y"] != "mine" || got["later"] != "mine" {
		t.Errorf("restored: %v", got)
	}
}
