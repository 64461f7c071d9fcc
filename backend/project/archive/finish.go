package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"scriptsmanager/backend/platform"
)

// Finish makes one whole state of what a restore left in its folder: the new
// one, where that was ready, else the one of before. It may be called again.
// Where the new one cannot be put in place, all is as it was before the restore
// and the restore is forgotten, or, where not even that can be done, it is as
// State says: nobody may work in the project until Finish succeeds.
func Finish(work string) error {
	b, err := os.ReadFile(filepath.Join(work, commitFile))
	if errors.Is(err, fs.ErrNotExist) {
		return platform.RemoveAll(work)
	}
	if err != nil {
		return fmt.Errorf("read what a restore left: %w", err)
	}
	var places map[string]string
	if err := json.Unmarshal(b, &places); err != nil {
		return fmt.Errorf("read what a restore left: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(work, formerFolder), 0o700); err != nil {
		return err
	}
	for _, group := range slices.Sorted(maps.Keys(places)) {
		if err := putNew(work, group, places[group]); err != nil {
			return errors.Join(err, takeBack(work, places))
		}
	}
	// It is a project now, whatever comes.
	if err := os.Remove(filepath.Join(work, Fresh)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(filepath.Join(work, commitFile)); err != nil {
		return fmt.Errorf("end a restore: %w", err)
	}
	_ = platform.RemoveAll(work) // what is left of it is none of the project's: if not now, then the next time
	return nil
}

// putNew puts the new state of a group where the one of before is.
func putNew(work, group, place string) error {
	staged, former := filepath.Join(work, stagedFolder, group), filepath.Join(work, formerFolder, group)
	if !exists(staged) {
		return nil // it is in its place already
	}
	if exists(place) {
		if exists(former) { // begun before, and somebody made it anew
			former += newer
		}
		if err := move(place, former); err != nil {
			return fmt.Errorf("put a project aside: %w", err)
		}
	} else if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
		return err
	}
	if err := move(staged, place); err != nil {
		return fmt.Errorf("put a project in its place: %w", err)
	}
	return platform.SyncFolder(filepath.Dir(place))
}

// newer ends the name of a former state that was made while there was another.
const newer = ".2"

// takeBack has everything as it was before the restore, which is forgotten
// then: what is done in the project from now on is not to be overtaken by it.
func takeBack(work string, places map[string]string) error {
	for group, place := range places {
		staged, former := filepath.Join(work, stagedFolder, group), filepath.Join(work, formerFolder, group)
		if exists(former + newer) {
			return fmt.Errorf("take a restore back: there are two former states of %s", group)
		}
		if !exists(staged) {
			if err := move(place, staged); err != nil {
				return fmt.Errorf("take a restore back: %w", err)
			}
		}
		if exists(former) {
			if err := move(former, place); err != nil {
				return fmt.Errorf("take a restore back: %w", err)
			}
			if err := platform.SyncFolder(filepath.Dir(place)); err != nil {
				return err
			}
		}
	}
	if err := os.Remove(filepath.Join(work, commitFile)); err != nil {
		return fmt.Errorf("take a restore back: %w", err)
	}
	return platform.SyncFolder(work)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// move renames a folder, also where a script took away the right to: one that
// gets another parent must be writable itself.
func move(from, to string) error {
	err := os.Rename(from, to)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	for _, dir := range []string{from, filepath.Dir(from), filepath.Dir(to)} {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			_ = os.Chmod(dir, 0o700) //nolint:gosec // a folder's; the next line tells
		}
	}
	return os.Rename(from, to)
}
