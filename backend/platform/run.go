package platform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// maxRunFolder leaves room for "/<uuid>/<name>" in the 108 bytes of a Unix
// socket's address.
const maxRunFolder = 56

// RunFolder makes the folder for the sockets and states of what runs now, and
// for what scripts keep while they run, and gives its path: short, outside of
// the data, readable by this user only. A folder of somebody else in its place
// is refused, and so is a link. The same root has the same folder, whatever the
// environment.
func RunFolder(r Root) (string, error) {
	// Two ways to the same root are one.
	dir := r.Dir
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	name := shortName(dir)
	var errs []error
	for _, base := range append(runBases(), filepath.Join(r.Data(), "run")) {
		dir := filepath.Join(base, name)
		if len(dir) > maxRunFolder && socketPathsAreShort {
			errs = append(errs, fmt.Errorf("%s is too long for a socket's address", dir))
			continue
		}
		err := privateFolder(base)
		if err == nil {
			err = privateFolder(dir)
		}
		if err == nil {
			return dir, nil
		}
		errs = append(errs, err)
	}
	return "", rootError(r.Dir, fmt.Errorf("make folder for sockets: %w", errors.Join(errs...)))
}

// FormerRunFolders gives the run folders that earlier engines of this root may
// have left, as far as they are there and this user's alone.
func FormerRunFolders(r Root) []string {
	now, _ := RunFolder(r)
	var found []string
	for _, base := range formerBases() {
		dir := filepath.Join(base, shortName(r.Dir))
		if dir != now && !slices.Contains(found, dir) && isPrivate(base) && isPrivate(dir) {
			found = append(found, dir)
		}
	}
	return found
}

func shortName(root string) string {
	sum := sha256.Sum256([]byte(root))
	return hex.EncodeToString(sum[:4])
}

func isPrivate(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && checkOwner(dir, info) == nil && !tooOpen(info)
}

// privateFolder makes dir with mode 700, or makes sure of what is there.
func privateFolder(dir string) error {
	if err := os.Mkdir(dir, folderMode); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	if err := checkOwner(dir, info); err != nil {
		return err
	}
	if tooOpen(info) {
		return os.Chmod(dir, folderMode)
	}
	return nil
}
