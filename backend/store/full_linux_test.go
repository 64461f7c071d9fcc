package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

func TestFullDisk(t *testing.T) { // Bad input: disk full
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skip("a full disk takes the right to mount")
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	path := filepath.Join(dir, "scriptsmanager.db")
	s := must(store.Open(t.Context(), path))(t)
	defer func() { _ = s.Close() }()
	newUser(t, s, "ann", domain.LevelAdmin)
	var err error
	kept := 0
	for ; err == nil && kept < 1000; kept++ {
		err = s.SetSetting(t.Context(), system, fmt.Sprint("key", kept), strings.Repeat("x", 20000))
	}
	if e := wantCode(t, err, domain.CodeDiskFull); e.Params["path"] != path {
		t.Errorf("params %v", e.Params)
	}
	kept--
	// What was told to be saved is there, and the rest is not.
	for i := range kept + 1 {
		var value string
		if there := must(s.Setting(t.Context(), fmt.Sprint("key", i), &value))(t); there != (i < kept) {
			t.Errorf("setting %d of %d: %v", i, kept, there)
		}
	}
	if _, _, err := s.UserByName(t.Context(), "ann"); err != nil {
		t.Error("reading stopped too: ", err)
	}
}

func TestOpenOnFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("a full disk takes the right to mount")
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	_, err := store.Open(t.Context(), filepath.Join(dir, "scriptsmanager.db"))
	wantCode(t, err, domain.CodeDiskFull)
}
