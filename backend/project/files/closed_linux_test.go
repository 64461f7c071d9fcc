package files_test

import (
	"os"
	"path/filepath"
	"testing"

	"scriptsmanager/backend/platform/platformtest"
	"scriptsmanager/backend/project/files"
)

// A script may have closed a folder in what is deleted.
func TestDeleteClosedFolders(t *testing.T) {
	p := newPlace(t)
	p.write(t, "d/closed/file", "1")
	check(t, os.Chmod(filepath.Join(p.dir, "d", "closed"), 0o500))
	check(t, platformtest.AsNobody(t, filepath.Dir(p.outside), func() error {
		_, err := p.folder.Delete(t.Context(), p.staging, []string{"d"}, 9)
		return err
	}))
	if p.staged(t) != 0 {
		t.Error("it lies among the uploads")
	}
}

// What a crash left among the uploads is removed, and ends none where it cannot be.
func TestStagingOpensWithWhatIsClosed(t *testing.T) {
	p := newPlace(t)
	dir := filepath.Join(filepath.Dir(p.outside), "uploads")
	check(t, os.MkdirAll(filepath.Join(dir, "old", "closed", "deep"), 0o700))
	check(t, os.Chmod(filepath.Join(dir, "old", "closed"), 0o500))
	check(t, platformtest.AsNobody(t, filepath.Dir(p.outside), func() error {
		s, err := files.OpenStaging(dir)
		if err == nil {
			err = s.Close()
		}
		return err
	}))
	if p.staged(t) != 0 {
		t.Error("it is left, and could be removed")
	}
}
