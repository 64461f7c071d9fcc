package log

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"scriptsmanager/backend/log/format"
)

// Changed gives when output was last written; the zero time where there is none.
func Changed(base string) time.Time {
	for _, path := range paths(base, format.LogSuffix) {
		if info, err := os.Stat(path); err == nil {
			return info.ModTime()
		}
	}
	return time.Time{}
}

// Size is how much room a log takes on the disk, all its files together.
func Size(base string) int64 {
	var size int64
	for _, path := range paths(base, suffixes()...) {
		if info, err := os.Stat(path); err == nil {
			size += info.Size()
		}
	}
	return size
}

// suffixes end the names of all files of a log.
func suffixes() []string {
	return []string{format.LogSuffix, format.IndexSuffix, format.DebugSuffix, UseSuffix}
}

// paths gives the names that files of a log may have.
func paths(base string, suffixes ...string) []string {
	names := make([]string, 0, 2*len(suffixes))
	for _, s := range suffixes {
		names = append(names, base+s, base+s+Compressed)
	}
	return names
}

// newSuffix ends the name of a file that is not whole yet.
const newSuffix = ".new"

// Remove removes the files of a log, also what is left of ones that did not
// become whole. Those that are not there are no error.
func Remove(base string) error {
	var errs []error
	names := paths(base, suffixes()...)
	for _, suffix := range suffixes() {
		names = append(names, base+suffix+Compressed+newSuffix)
	}
	if parts, err := filepath.Glob(base + UseSuffix + ".*"); err == nil { // of a pattern that is none there are none
		names = append(names, parts...)
	}
	for _, path := range names {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, fmt.Errorf("remove a log: %w", err))
		}
	}
	return errors.Join(errs...)
}
