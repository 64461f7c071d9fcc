package change

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// Drafts keeps a record of each environment that is being made, in a folder of
// the installation: whoever comes after a job that was killed, even with the
// whole machine, finds what to remove by it.
type Drafts struct {
	Folder string
	Home   string // whose list of conda's environments is kept right; "" none
}

// trashPrefix begins the names of what is being removed.
const trashPrefix = ".removing-"

// draft is the record of an environment that is being made.
type draft struct {
	Target string `json:"target"`
	Kind   string `json:"kind"`
	Listed string `json:"listed,omitempty"` // as what conda knows it, where that is not Target
}

// Path is the record of a job.
func (d Drafts) Path(job string) string { return filepath.Join(d.Folder, job+".json") }

// Begin records that the job is about to make the environment, or to remove
// it, and completes the spec with where. It fails with CodeEnvironmentExists
// where something stands in the place of a new one: nothing that a job did not
// make, or was not asked to remove, is ever removed for it.
func (d Drafts) Begin(job string, s *Spec) error {
	made := draft{Target: s.Target, Kind: s.Kind}
	switch {
	case makes(s.Action):
		if err := absent(*s); err != nil {
			return err
		}
	case s.Action == domain.JobRemove:
		// What is moved there is gone for everybody, and is removed at leisure.
		s.Trash = filepath.Join(filepath.Dir(s.Target), trashPrefix+job)
		made.Target, made.Listed = s.Trash, s.Target
	default:
		return nil
	}
	s.Draft = d.Path(job)
	if err := os.MkdirAll(d.Folder, 0o700); err != nil {
		return diskError(err, d.Folder)
	}
	b, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("record what is being made: %w", err)
	}
	if err := platform.WriteFile(d.Path(job), b, 0o600); err != nil {
		return diskError(err, d.Folder)
	}
	return nil
}

// absent refuses a target where something stands.
func absent(s Spec) error {
	_, err := os.Lstat(s.Target)
	if err == nil {
		return domain.NewError(domain.CodeEnvironmentExists, "environment", s.Name, "path", s.Target)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for %s: %w", s.Target, err)
	}
	return nil
}

// End forgets what a job made, or, where it did not become whole, removes it.
// A job without a record left nothing.
func (d Drafts) End(job string, whole bool) error {
	path := d.Path(job)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read what was being made: %w", err)
	}
	var made draft
	if err := json.Unmarshal(b, &made); err != nil || !filepath.IsAbs(made.Target) {
		// Nothing is removed by a record that is not whole.
		return errors.Join(fmt.Errorf("record of what was being made is not whole: %w", err), os.Remove(path))
	}
	if !whole || strings.HasPrefix(filepath.Base(made.Target), trashPrefix) {
		if err := platform.RemoveAll(made.Target); err != nil {
			return fmt.Errorf("remove what was being made: %w", err)
		}
		if made.Kind == domain.EnvironmentConda {
			if made.Listed == "" {
				made.Listed = made.Target
			}
			if !exists(made.Listed) { // a removal may have been stopped before it began
				unlist(d.Home, made.Listed)
			}
		}
	}
	return os.Remove(path)
}

// Sweep removes what jobs that do not live any more left.
func (d Drafts) Sweep(lives func(job string) bool) (removed []string, err error) {
	entries, err := os.ReadDir(d.Folder)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("look for what was being made: %w", err)
	}
	var errs []error
	for _, e := range entries {
		job, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok || lives(job) {
			continue
		}
		if err := d.End(job, false); err != nil {
			errs = append(errs, err)
			continue
		}
		removed = append(removed, job)
	}
	return removed, errors.Join(errs...)
}

// unlist takes an environment that is gone out of conda's list of them, which
// a killed conda leaves there.
func unlist(home, prefix string) {
	if home == "" {
		return
	}
	path := filepath.Join(home, ".conda", "environments.txt")
	b, err := os.ReadFile(path)
	if err != nil {
		return
	}
	var kept strings.Builder
	for l := range strings.Lines(string(b)) {
		if strings.TrimRight(l, "\r\n") != prefix {
			kept.WriteString(l)
		}
	}
	if kept.Len() == len(b) {
		return
	}
	_ = platform.WriteFile(path, []byte(kept.String()), 0o600) // a dead line does no harm
}

// Hidden gives what jobs make at this moment, and what they are removing: it
// is no environment.
func (d Drafts) Hidden() []string {
	entries, err := os.ReadDir(d.Folder)
	if err != nil {
		return nil // there is none
	}
	var paths []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		var made draft
		if b, err := os.ReadFile(filepath.Join(d.Folder, e.Name())); err == nil && json.Unmarshal(b, &made) == nil && made.Target != "" {
			paths = append(paths, filepath.Clean(made.Target))
		}
	}
	return paths
}

// diskError says where there is no room.
func diskError(err error, path string) error {
	if platform.IsDiskFull(err) {
		return domain.NewError(domain.CodeDiskFull, "path", path).Because(err)
	}
	return err
}
