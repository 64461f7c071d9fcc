package project

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"scriptsmanager/backend/platform"
)

// Size is what files take.
type Size struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

// Sizes tells what a user's files take, by the folder of the project, over all
// groups. Links are not followed; partial: there is more that cannot be read.
func Sizes(root platform.Root, userFolder string) (sizes map[string]Size, partial bool, err error) {
	sizes = map[string]Size{}
	err = eachGroup(root, func(data *os.Root, group string) error {
		return fs.WalkDir(data.FS(), path.Join(group, UserDir(userFolder)), func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // none there, or removed meanwhile
			}
			if errors.Is(err, fs.ErrPermission) {
				if partial = true; d != nil && d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil || !d.Type().IsRegular() {
				return nil //nolint:nilerr // removed meanwhile
			}
			parts := strings.SplitN(name, "/", 4)
			if len(parts) < 4 {
				return nil
			}
			s := sizes[parts[2]]
			s.Files++
			s.Bytes += info.Size()
			sizes[parts[2]] = s
			return nil
		})
	})
	return sizes, partial, err
}

// UserDir is the name of a user's folder in that of a group's data.
func UserDir(folder string) string { return platform.Prefixed("user_", folder) }

// ProjectDir is the name of a project's folder in that of its user.
func ProjectDir(folder string) string { return platform.Prefixed("project_", folder) }

// eachGroup calls f with the folder of each group's data.
func eachGroup(root platform.Root, f func(data *os.Root, group string) error) error {
	data, groups, err := openGroups(root)
	if err != nil || data == nil {
		return err
	}
	defer func() { _ = data.Close() }()
	for _, group := range groups {
		if err := f(data, group); err != nil {
			return err
		}
	}
	return nil
}

// openGroups opens the folder of all data, nil where there is none yet, and
// gives those of groups in it.
func openGroups(root platform.Root) (data *os.Root, groups []string, err error) {
	if data, err = os.OpenRoot(root.ScriptData()); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	entries, err := fs.ReadDir(data.FS(), ".")
	if err != nil {
		return nil, nil, errors.Join(err, data.Close())
	}
	for _, e := range entries {
		if e.IsDir() {
			groups = append(groups, e.Name())
		}
	}
	return data, groups, nil
}
