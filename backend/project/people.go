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

// Size is what files take.
type Size struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

// Move is a project's folder that becomes another user's.
type Move struct {
	FromUser, From string // folders of user and project
	ToUser, To     string
}

// Sizes tells what a user's files take, by the folder of the project, over all
// groups. Links are not followed.
func Sizes(root platform.Root, userFolder string) (map[string]Size, error) {
	sizes := map[string]Size{}
	err := eachGroup(root, func(data *os.Root, group string) error {
		return fs.WalkDir(data.FS(), path.Join(group, userDir(userFolder)), func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // none there, or removed meanwhile
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
	return sizes, err
}

// RemoveOf removes all data folders of a user's; no link is followed.
func RemoveOf(root platform.Root, userFolder string) error {
	return eachGroup(root, func(data *os.Root, group string) error {
		return RemoveAll(filepath.Join(data.Name(), group, userDir(userFolder)))
	})
}

// HandOver moves folders of projects, all or none.
func HandOver(root platform.Root, moves []Move) error {
	data, groups, err := openGroups(root)
	if err != nil || data == nil {
		return err
	}
	defer func() { _ = data.Close() }()
	var done [][2]string
	for _, group := range groups {
		for _, m := range moves {
			from := path.Join(group, userDir(m.FromUser), projectDir(m.From))
			if info, err := data.Lstat(from); err != nil || !info.IsDir() {
				continue // never used with this group
			}
			to := path.Join(group, userDir(m.ToUser), projectDir(m.To))
			err := data.MkdirAll(path.Dir(to), folderMode)
			if err == nil {
				err = data.Rename(from, to)
			}
			if err != nil {
				err = fmt.Errorf("hand over %s: %w", from, err)
				for _, d := range done {
					err = errors.Join(err, data.Rename(d[1], d[0]))
				}
				return err
			}
			done = append(done, [2]string{from, to})
		}
	}
	for _, d := range done {
		_ = data.Remove(path.Dir(d[0])) // where nothing else is left
	}
	return nil
}

func userDir(folder string) string    { return platform.Prefixed("user_", folder) }
func projectDir(folder string) string { return platform.Prefixed("project_", folder) }

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
