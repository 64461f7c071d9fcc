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
