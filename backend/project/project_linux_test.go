package project_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/project"
)

func TestPrepareOnFullDisk(t *testing.T) { // Bad input: disk full
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("a full disk takes the right to mount")
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	r, err := platform.Prepare(dir)
	check(t, err)
	write(t, filepath.Join(r.Groups(), "thermal"), "examples/default/big", strings.Repeat("x", 600<<10))
	_, err = project.Prepare(t.Context(), r, "ann", "p", "thermal")
	if !domain.HasCode(err, domain.CodeDiskFull) {
		t.Errorf("error %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(project.DataDir(r, "ann", "p", "thermal")))
	if err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
