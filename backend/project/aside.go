package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"scriptsmanager/backend/platform"
)

// PutAside takes what groups have at a path below theirs (user_…, or
// user_…/project_…) out of sight at once, and gives where it is until
// RemoveAside. Where it fails, the rest is put aside still.
func PutAside(root platform.Root, below string) (aside []string, err error) {
	var errs []error
	err = eachGroup(root, func(data *os.Root, group string) error {
		from := path.Join(group, filepath.ToSlash(below))
		if !folderIn(data, from) {
			return nil
		}
		to := path.Join(path.Dir(from), removedPrefix+path.Base(from))
		for n := 2; ; n++ {
			if _, err := data.Lstat(to); err != nil {
				break // where it is not for want of one, renaming says so
			}
			to = path.Join(path.Dir(from), fmt.Sprintf("%s%s-%d", removedPrefix, path.Base(from), n))
		}
		if err := data.Rename(from, to); err != nil {
			errs = append(errs, fmt.Errorf("put aside %s: %w", from, err))
			return nil
		}
		aside = append(aside, filepath.Join(data.Name(), filepath.FromSlash(to)))
		return nil
	})
	return aside, errors.Join(append(errs, err)...)
}

// RemoveAside removes for good all that was put aside, also before a crash.
func RemoveAside(root platform.Root) error {
	var errs []error
	err := eachGroup(root, func(data *os.Root, group string) error {
		for _, in := range append([]string{group}, foldersIn(data, group)...) {
			for _, dir := range foldersIn(data, in) {
				if strings.HasPrefix(path.Base(dir), removedPrefix) {
					errs = append(errs, RemoveAll(filepath.Join(data.Name(), filepath.FromSlash(dir))))
				}
			}
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}

// foldersIn gives those in a folder, none where it cannot be read.
func foldersIn(data *os.Root, dir string) (list []string) {
	entries, _ := fs.ReadDir(data.FS(), dir)
	for _, e := range entries {
		if e.IsDir() {
			list = append(list, path.Join(dir, e.Name()))
		}
	}
	return list
}

// RemoveOf removes all data folders of a user's; no link is followed.
func RemoveOf(root platform.Root, userFolder string) error {
	aside, err := PutAside(root, UserDir(userFolder))
	errs := []error{err}
	for _, dir := range aside {
		errs = append(errs, RemoveAll(dir))
	}
	return errors.Join(errs...)
}
