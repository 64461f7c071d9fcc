package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"scriptsmanager/backend/platform"
)

// Move is a project's folder that becomes another user's.
type Move struct {
	FromUser, From string // folders of user and project
	ToUser, To     string
}

// Renaming is one data folder of those that a Move is about. Paths are below
// the folder of all data, with slashes.
type Renaming struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// PlanHandOver says which folders are to be renamed. It fails where something
// is in the place of one.
func PlanHandOver(root platform.Root, moves []Move) (plan []Renaming, err error) {
	err = eachGroup(root, func(data *os.Root, group string) error {
		for _, m := range moves {
			r := Renaming{From: path.Join(group, UserDir(m.FromUser), ProjectDir(m.From)), To: path.Join(group, UserDir(m.ToUser), ProjectDir(m.To))}
			if !folderIn(data, r.From) {
				continue // never used with this group
			}
			if folderIn(data, r.To) {
				_ = data.Remove(r.To) // one with nothing in it is in nobody's way
			}
			if _, err := data.Lstat(r.To); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("hand over %s: %w", r.From, errors.Join(err, &fs.PathError{Op: "rename", Path: r.To, Err: fs.ErrExist}))
			}
			plan = append(plan, r)
		}
		return nil
	})
	return plan, err
}

// HandOver renames what is still to be renamed, so that it lasts. Where it
// fails, some may be; see TakeBack.
func HandOver(root platform.Root, plan []Renaming) error {
	return renameAll(root, plan, "hand over")
}

// TakeBack undoes as much of HandOver as was done.
func TakeBack(root platform.Root, plan []Renaming) error {
	back := make([]Renaming, len(plan))
	for i, r := range plan {
		back[i] = Renaming{From: r.To, To: r.From}
	}
	return renameAll(root, back, "take back")
}

func renameAll(root platform.Root, list []Renaming, doing string) error {
	data, _, err := openGroups(root)
	if err != nil || data == nil {
		return err
	}
	defer func() { _ = data.Close() }()
	var errs []error
	for _, r := range list {
		if !folderIn(data, r.From) {
			continue // done
		}
		// Into another folder a folder moves only where it may be written to,
		// and a script may have taken that away.
		_ = data.Chmod(r.From, folderMode)
		err := data.MkdirAll(path.Dir(r.To), folderMode)
		if err == nil {
			err = data.Rename(r.From, r.To)
		}
		for _, changed := range []string{path.Dir(r.To), path.Dir(r.From)} {
			if err == nil {
				err = platform.SyncFolder(filepath.Join(data.Name(), filepath.FromSlash(changed)))
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", doing, r.From, err))
			continue
		}
		_ = data.Remove(path.Dir(r.From)) // where nothing else is left
	}
	return errors.Join(errs...)
}

func folderIn(data *os.Root, name string) bool {
	info, err := data.Lstat(name)
	return err == nil && info.IsDir()
}
