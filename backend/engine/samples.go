package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// SampleState is how a sample group stands in the root.
type SampleState string

// The states of sample groups.
const (
	SampleThere  SampleState = "there"  // as it came
	SampleAbsent SampleState = "absent" // nothing of its name is there
	SampleOwn    SampleState = "own"    // changed or made by a person: it is never touched
)

// Sample is one of the groups that come with the product.
type Sample struct {
	ID          string      `json:"id"`
	Name        domain.Text `json:"name"`
	Description domain.Text `json:"description"`
	Scripts     int         `json:"scripts"`
	State       SampleState `json:"state"`
}

// Samples lists the groups that come with the product, by name of folder.
func (e *Engine) Samples() ([]Sample, error) {
	if e.options.Samples == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(e.options.Samples, ".")
	if err != nil {
		return nil, fmt.Errorf("read the sample groups: %w", err)
	}
	var list []Sample
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		s := Sample{ID: entry.Name()}
		if b, err := fs.ReadFile(e.options.Samples, s.ID+"/metadata.json"); err == nil {
			if err := json.Unmarshal(b, &s); err != nil {
				return nil, fmt.Errorf("read the sample group %s: %w", s.ID, err)
			}
		}
		scripts, err := fs.Glob(e.options.Samples, s.ID+"/*.py")
		if err != nil {
			return nil, err
		}
		s.Scripts = len(scripts)
		if s.State, err = e.sampleState(s.ID, filepath.Join(e.options.Root.Groups(), s.ID)); err != nil {
			return nil, fmt.Errorf("compare the sample group %s: %w", s.ID, err)
		}
		list = append(list, s)
	}
	return list, nil
}

// sampleState compares a folder with a sample, file by file.
func (e *Engine) sampleState(id, dir string) (SampleState, error) {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return SampleAbsent, nil
	}
	same, whole, err := e.likeSample(id, dir)
	if err != nil {
		return "", err
	}
	if !same || !whole {
		return SampleOwn, nil
	}
	return SampleThere, nil
}

// likeSample tells whether all that is in a folder is as in a sample, and
// whether it is all of that. What Python compiles is nobody's change.
func (e *Engine) likeSample(id, dir string) (same, whole bool, err error) {
	var want []string
	err = fs.WalkDir(e.options.Samples, id, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			want = append(want, name)
		}
		return err
	})
	if err != nil {
		return false, false, err
	}
	same, found := true, 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || filepath.Ext(path) == ".pyc" && filepath.Base(filepath.Dir(path)) == "__pycache__" {
			return nil
		}
		below, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := id + "/" + filepath.ToSlash(below)
		if same = d.Type().IsRegular() && slices.Contains(want, name); !same {
			return fs.SkipAll
		}
		found++
		there, err := os.ReadFile(path) //nolint:gosec // of the root, and no link
		if err != nil {
			return err
		}
		came, err := fs.ReadFile(e.options.Samples, name)
		if err != nil {
			return err
		}
		if same = bytes.Equal(there, came); !same {
			return fs.SkipAll
		}
		return nil
	})
	return same && err == nil, found >= len(want), err
}

// KeepSamples leaves these sample groups in the root and no others: those that
// are missing come, those that are not wanted go, as long as they are as they
// came. It fails with CodeNotFound for what is no sample, and with
// CodeGroupRuns, and changes nothing then.
func (e *Engine) KeepSamples(ctx context.Context, a Actor, keep []string) ([]Sample, error) {
	e.sampling.Lock()
	defer e.sampling.Unlock()
	list, err := e.Samples()
	if err != nil {
		return nil, err
	}
	for _, id := range keep {
		if !slices.ContainsFunc(list, func(s Sample) bool { return s.ID == id }) {
			return nil, domain.NewError(domain.CodeNotFound, "what", "group", "name", id)
		}
	}
	var come, leave []string
	for _, s := range list {
		switch wanted := slices.Contains(keep, s.ID); {
		case wanted && s.State == SampleAbsent:
			come = append(come, s.ID)
		case !wanted && s.State == SampleThere:
			if n := e.runningIn(s.ID); n > 0 {
				return nil, domain.NewError(domain.CodeGroupRuns, "name", s.ID, "count", n)
			}
			leave = append(leave, s.ID)
		}
	}
	if len(come)+len(leave) == 0 {
		return list, nil
	}
	ctx = context.WithoutCancel(ctx)
	if err := e.store.Audit(ctx, a, "sample.keep", "groups:samples", nil, map[string]any{"added": come, "removed": leave}); err != nil {
		return nil, err
	}
	var failed error
	for _, id := range come {
		failed = errors.Join(failed, e.addSample(id))
	}
	for _, id := range leave {
		failed = errors.Join(failed, e.removeSample(id))
	}
	if err := errors.Join(failed, e.Rescan(ctx)); err != nil {
		return nil, err
	}
	return e.Samples()
}

func (e *Engine) runningIn(group string) (n int) {
	for _, x := range e.executions.AllLive() {
		if strings.HasPrefix(x.ScriptID, group+"/") {
			n++
		}
	}
	return n
}

// addSample moves a sample to its place whole.
func (e *Engine) addSample(id string) error {
	draft, err := os.MkdirTemp(filepath.Dir(e.options.Root.Groups()), draftPrefix)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(draft) }() // if not now, then at the next start
	from, err := fs.Sub(e.options.Samples, id)
	if err != nil {
		return err
	}
	target := filepath.Join(e.options.Root.Groups(), id)
	if err := copyTree(filepath.Join(draft, id), from); err != nil {
		if platform.IsDiskFull(err) {
			return domain.NewError(domain.CodeDiskFull, "path", target).Because(err)
		}
		return fmt.Errorf("put the sample group %s into the root: %w", id, err)
	}
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		return err // somebody has made one of that name meanwhile
	}
	return os.Rename(filepath.Join(draft, id), target)
}

// removedSample begins the name of the folder into which a sample is moved that
// is taken away: not one of the drafts, which go at a start without a look at them.
const removedSample = ".removed-"

// sweepSamples does to its end what a crash cut off while a sample was taken
// away. What a person had changed goes back; where its place is taken, it stays.
func (e *Engine) sweepSamples() {
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(e.options.Root.Groups()), removedSample+"*"))
	for _, apart := range left {
		if err := e.sweepSample(apart); err != nil {
			e.log.Warn("a sample group that was being taken away is left", "folder", apart, "error", err)
		}
	}
}

func (e *Engine) sweepSample(apart string) error {
	entries, err := os.ReadDir(apart)
	if err != nil {
		return err
	}
	for _, one := range entries {
		aside, place := filepath.Join(apart, one.Name()), filepath.Join(e.options.Root.Groups(), one.Name())
		same := false
		if e.options.Samples != nil {
			if _, err := fs.Stat(e.options.Samples, one.Name()); err == nil {
				if same, _, err = e.likeSample(one.Name(), aside); err != nil {
					return err
				}
			}
		}
		if same {
			if err := os.RemoveAll(aside); err != nil {
				return err
			}
			continue
		}
		if _, err := os.Lstat(place); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is taken: %w", place, errors.Join(err, fs.ErrExist))
		}
		if err := os.Rename(aside, place); err != nil {
			return err
		}
	}
	return os.Remove(apart)
}

// removeSample takes a sample away, and looks at it again where nobody writes
// to it any more: what a person has changed meanwhile goes back.
func (e *Engine) removeSample(id string) error {
	apart, err := os.MkdirTemp(filepath.Dir(e.options.Root.Groups()), removedSample)
	if err != nil {
		return err
	}
	place, aside := filepath.Join(e.options.Root.Groups(), id), filepath.Join(apart, id)
	if err := os.Rename(place, aside); err != nil {
		_ = os.Remove(apart) // it is empty
		return fmt.Errorf("remove the sample group %s: %w", id, err)
	}
	if state, err := e.sampleState(id, aside); err != nil || state != SampleThere {
		err = errors.Join(err, os.Rename(aside, place))
		_ = os.Remove(apart) // only where it is empty
		return err
	}
	if err := os.RemoveAll(apart); err != nil {
		return fmt.Errorf("remove the sample group %s: %w", id, err)
	}
	return nil
}
