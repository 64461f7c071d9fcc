package project

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"scriptsmanager/backend/domain"
)

// maxFiles bounds the time and memory of a snapshot: about 50 ms.
const maxFiles = 20_000

// Snapshot is what lay in a folder at a moment.
type Snapshot struct {
	Partial bool // there are more files than are looked at

	taken time.Time
	files map[string]fileState
}

type fileState struct {
	size     int64
	modified time.Time
}

// TakeSnapshot looks at the files under dir, at most 20,000 of them. Links are
// not followed and not listed; what cannot be read is left out.
func TakeSnapshot(dir string) (Snapshot, error) {
	return take(dir, func(d fs.DirEntry) bool { return d.Type().IsRegular() })
}

// TakeFullSnapshot does the same, with links and all else that is no folder.
func TakeFullSnapshot(dir string) (Snapshot, error) {
	return take(dir, func(d fs.DirEntry) bool { return !d.IsDir() })
}

func take(dir string, counts func(fs.DirEntry) bool) (Snapshot, error) {
	s := Snapshot{taken: time.Now(), files: map[string]fileState{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if path == dir {
				return err
			}
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !counts(d) {
			return nil
		}
		if len(s.files) >= maxFiles {
			s.Partial = true
			return fs.SkipAll
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) { // gone in between
			return nil
		}
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		s.files[filepath.ToSlash(relative)] = fileState{info.Size(), info.ModTime()}
		return nil
	})
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("look at files in %s: %w", dir, err)
	}
	return s, nil
}

// Changed lists by path the files that are new or changed between two
// snapshots of the same folder. Where the first was partial, a file that it
// does not have counts only if it was written since.
func Changed(before, after Snapshot) []domain.ChangedFile {
	changed := []domain.ChangedFile{}
	for path, now := range after.files {
		old, was := before.files[path]
		switch {
		case was && old.size == now.size && old.modified.Equal(now.modified):
		case !was && before.Partial && now.modified.Before(before.taken):
		default:
			changed = append(changed, domain.ChangedFile{Path: path, Size: now.size, New: !was})
		}
	}
	slices.SortFunc(changed, func(a, b domain.ChangedFile) int { return cmp.Compare(a.Path, b.Path) })
	return changed
}
