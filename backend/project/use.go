package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/platform"
)

// measured bounds how many files of a project are counted.
const measured = 200_000

// removedPrefix begins the name that a deleted project's folder has until it is
// removed.
const removedPrefix = ".deleted-"

// Use is what a project holds of one group.
type Use struct {
	Folder  string `json:"folder"` // group_…
	Files   int64  `json:"files"`
	Bytes   int64  `json:"bytes"`
	Partial bool   `json:"partial"` // there are more than are counted
}

// GroupFolder is the folder's name in which the data of a group's scripts lie.
func GroupFolder(groupID string) string { return platform.Prefixed("group_", groupFolder(groupID)) }

// Folders gives the data folders of a project that are there, by the name of
// their group's folder.
func Folders(root platform.Root, userFolder, projectFolder string) (map[string]string, error) {
	groups, err := os.ReadDir(root.ScriptData())
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a project's folders: %w", err)
	}
	folders := map[string]string{}
	for _, g := range groups {
		dir := FolderIn(root, g.Name(), userFolder, projectFolder)
		if strings.HasPrefix(g.Name(), "group_") && g.IsDir() && isFolder(dir) {
			folders[g.Name()] = dir
		}
	}
	return folders, nil
}

// FolderIn says where a project's files lie in a group's folder.
func FolderIn(root platform.Root, group, userFolder, projectFolder string) string {
	return filepath.Join(root.ScriptData(), group, UserDir(userFolder), ProjectDir(projectFolder))
}

// Uses counts what a project holds of each group. Links are not followed and
// not counted; what cannot be read is left out.
func Uses(ctx context.Context, root platform.Root, userFolder, projectFolder string) ([]Use, error) {
	folders, err := Folders(root, userFolder, projectFolder)
	if err != nil {
		return nil, err
	}
	uses := []Use{}
	left := measured
	for _, group := range slices.Sorted(maps.Keys(folders)) {
		u := Use{Folder: group}
		err := filepath.WalkDir(folders[group], func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				if d != nil && d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if !d.Type().IsRegular() {
				return ctx.Err()
			}
			if left--; left < 0 {
				u.Partial = true
				return fs.SkipAll
			}
			if info, err := d.Info(); err == nil {
				u.Files++
				u.Bytes += info.Size()
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("measure a project: %w", err)
		}
		uses = append(uses, u)
	}
	return uses, nil
}

// Remove takes away what a deleted project has on the disk: first out of
// sight, then for good. What stopped half-way is ended by the next call with
// the same number.
func Remove(root platform.Root, userFolder, projectFolder string, number int64) error {
	folders, err := Folders(root, userFolder, projectFolder)
	if err != nil {
		return err
	}
	hidden := fmt.Sprint(removedPrefix, number)
	for _, dir := range folders {
		if err := os.Rename(dir, filepath.Join(filepath.Dir(dir), hidden)); err != nil {
			return fmt.Errorf("put a deleted project aside: %w", err)
		}
	}
	groups, err := os.ReadDir(root.ScriptData())
	if err != nil {
		return fmt.Errorf("look for a deleted project: %w", err)
	}
	var errs []error
	for _, g := range groups {
		errs = append(errs, RemoveAll(filepath.Join(root.ScriptData(), g.Name(), UserDir(userFolder), hidden)))
	}
	return errors.Join(errs...)
}

// RemoveAll removes a folder with all in it, also where a script took away the
// right to change it. No link is followed.
func RemoveAll(dir string) error {
	if err := platform.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove a deleted project: %w", err)
	}
	return nil
}
