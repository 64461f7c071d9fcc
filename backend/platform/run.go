package platform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// maxRunFolder leaves room for "/<uuid>/<name>" in the 108 bytes of a Unix
// socket's address.
const maxRunFolder = 56

// RunFolder makes the folder for the sockets and states of what runs now, and
// gives its path: short, outside of the data, readable by this user only. A
// folder of somebody else in its place is refused. The same root has the same
// folder as long as the system's runtime folder is the same.
func RunFolder(r Root) (string, error) { return shortFolder(r, runBases()) }

// ScratchFolder makes the folder for what scripts keep while they run, on the
// disk that the system has for temporary files: the runtime folder is memory,
// and small. What else RunFolder promises holds.
func ScratchFolder(r Root) (string, error) { return shortFolder(r, scratchBases()) }

func shortFolder(r Root, bases []string) (string, error) {
	sum := sha256.Sum256([]byte(r.Dir))
	name := hex.EncodeToString(sum[:4])
	var errs []error
	for _, base := range bases {
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
