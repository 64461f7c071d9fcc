package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// On Windows both names of a change of case find the file itself, as those of
// two hard links do here.
func TestRenamePlainlyToAnotherCase(t *testing.T) {
	dir := t.TempDir()
	for _, err := range []error{
		os.WriteFile(filepath.Join(dir, "a.txt"), nil, 0o600),
		os.WriteFile(filepath.Join(dir, "other.txt"), nil, 0o600),
		os.Mkdir(filepath.Join(dir, "sub"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"A.txt", "b.txt", "sub/A.txt"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			continue // the system has but one name
		}
		if err := os.Link(filepath.Join(dir, "a.txt"), filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	sub, err := root.OpenRoot("sub")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sub.Close() }()
	if err := renamePlainly(root, "a.txt", root, "A.txt", moveNew); err != nil {
		t.Errorf("another case of the same name: %v", err)
	}
	for to, in := range map[string]*os.Root{"b.txt": root, "other.txt": root, "A.txt": sub} {
		if err := renamePlainly(root, "a.txt", in, to, moveNew); !errors.Is(err, fs.ErrExist) {
			t.Errorf("to %s in %s: %v, want that it is taken", to, in.Name(), err)
		}
	}
}
