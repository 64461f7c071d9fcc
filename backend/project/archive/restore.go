package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// Restore says what to put back.
type Restore struct {
	Zip    string            `json:"zip"`
	Limits Limits            `json:"limits"`
	Files  []string          `json:"files"` // of the zip; none: all
	Exact  bool              `json:"exact"` // what is only here goes away
	Places map[string]string `json:"places"`
	// Work is a folder on the file system of the places, for this work alone.
	Work string `json:"work"`
	// Safety is made of the present state first; nil: there is none.
	Safety *Backup `json:"safety"`
	// Reserve is what is left free of the disk, in bytes.
	Reserve uint64 `json:"reserve"`
}

// Restored is what was put back.
type Restored struct {
	Files  int   `json:"files"`
	Bytes  int64 `json:"bytes"`
	Safety *Made `json:"safety,omitempty"`
}

// What lies in the folder of a restore.
const (
	stagedFolder = "new"
	formerFolder = "old"
	commitFile   = "commit.json" // places by group: from here on it is done, whatever happens
)

// Run puts a zip back: the present state is saved first, everything is checked
// before anything is written, then written beside, and then put in place at
// once. Whatever ends it in between, Finish makes one whole state of it. It
// fails as Open and Write do, with CodeDiskFull and CodeNotFound (files).
func (r Restore) Run(ctx context.Context, t Told) (done Restored, err error) {
	defer func() {
		if platform.IsDiskFull(err) && domain.AsError(err) == nil {
			err = domain.NewError(domain.CodeDiskFull, "path", r.Work).Because(err)
		}
	}()
	t.Begin("check")
	z, err := Open(r.Zip, r.Limits)
	if err != nil {
		return done, err
	}
	defer func() { _ = z.Close() }()
	files, err := z.Chosen(r.Files)
	if err != nil {
		return done, err
	}
	for _, f := range files {
		done.Bytes += f.Size
	}
	done.Files = len(files)
	if err := hasRoom(r.Work, done.Bytes, r.Reserve); err != nil {
		return done, err
	}
	if err := z.Verify(ctx, func(n int64, name string) { t.Bytes(n, z.Manifest.Bytes, 0, name) }); err != nil {
		return done, err
	}
	if r.Safety != nil {
		made, err := Write(ctx, *r.Safety, t)
		if err != nil {
			return done, err
		}
		done.Safety = &made
		if err := hasRoom(r.Work, done.Bytes, r.Reserve); err != nil { // it may lie on the same disk
			return done, err
		}
	}
	t.Begin("unpack")
	groups, err := r.stage(ctx, z, files, t)
	if err != nil {
		return done, err
	}
	t.Begin("replace")
	places := map[string]string{}
	for _, group := range groups {
		if places[group] = r.Places[group]; places[group] == "" {
			return done, z.unsafe(group, "group_")
		}
	}
	if err := ctx.Err(); err != nil { // from here on it is not ended half-way
		return done, err
	}
	b, err := json.Marshal(places)
	if err == nil {
		err = platform.WriteFile(filepath.Join(r.Work, commitFile), b, 0o600)
	}
	if err != nil {
		return done, err
	}
	return done, Finish(r.Work)
}

// stage builds the new state of each group that is concerned.
func (r Restore) stage(ctx context.Context, z *Zip, files []File, t Told) (groups []string, err error) {
	staged := filepath.Join(r.Work, stagedFolder)
	if err := os.MkdirAll(staged, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(staged)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	begun := map[string]bool{}
	begin := func(path string) error {
		group, _, _ := strings.Cut(path, "/")
		if begun[group] {
			return nil
		}
		begun[group] = true
		groups = append(groups, group)
		if err := root.Mkdir(group, 0o700); err != nil {
			return err
		}
		if r.Exact {
			return nil
		}
		return keep(ctx, r.Places[group], filepath.Join(staged, group), t)
	}
	if r.Exact && len(r.Files) == 0 { // groups of which the zip has nothing
		for group, place := range r.Places {
			if info, err := os.Lstat(place); err == nil && info.IsDir() {
				if err := begin(group); err != nil {
					return nil, err
				}
			}
		}
	}
	buffer := make([]byte, 256<<10)
	var written, total int64
	for _, f := range files {
		total += f.Size
	}
	for i, f := range files {
		path := here(f.Name, f.path())
		if err := begin(path); err != nil {
			return nil, err
		}
		err := unpack(root, path, func(w io.Writer) error {
			return z.copyTo(ctx, w, f, buffer, func(n int) {
				written += int64(n)
				t.Bytes(written, total, int64(i), path)
			})
		})
		if err != nil {
			return nil, err
		}
		if err := root.Chtimes(path, f.Modified, f.Modified); err != nil {
			return nil, fmt.Errorf("write %s: %w", path, err)
		}
	}
	if len(r.Files) > 0 {
		return groups, nil
	}
	for _, f := range z.Manifest.Folders {
		path := here(f.Name, f.path())
		if err := begin(path); err != nil {
			return nil, err
		}
		if err := room(root, path); err != nil {
			return nil, err
		}
		if err := root.MkdirAll(path, 0o700); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// keep has what is in a project now stand in its new state, too: the files are
// the same ones, no bytes are copied where the system can do without.
func keep(ctx context.Context, from, to string, t Told) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("keep what is in a project: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if relative == "." {
			return makeReadable(path, d)
		}
		target := filepath.Join(to, relative)
		if d.IsDir() {
			if err := makeReadable(path, d); err != nil {
				return err
			}
			return os.Mkdir(target, 0o700)
		}
		//nolint:gosec // nothing runs in the project meanwhile, and a link is linked, not followed
		if err := os.Link(path, target); err == nil || !d.Type().IsRegular() {
			if err != nil {
				t.Say("not kept: %s: %v", shown(relative), err)
			}
			return nil
		}
		return copyFile(path, target)
	})
}

// makeReadable lets a folder be looked into that a script closed to all: what
// lies in it is kept, too.
func makeReadable(path string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil || info.Mode().Perm()&0o500 == 0o500 {
		return err
	}
	if err := os.Chmod(path, 0o700); err != nil { //nolint:gosec // a folder's
		return fmt.Errorf("open a closed folder: %w", err)
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := platform.OpenPlain(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	if err := out.Close(); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// room takes away what stands where a file or folder is to be.
func room(root *os.Root, name string) error {
	for i, c := range name {
		if c != '/' {
			continue
		}
		if info, err := root.Lstat(name[:i]); err == nil && !info.IsDir() {
			if err := root.Remove(name[:i]); err != nil {
				return err
			}
		}
	}
	if info, err := root.Lstat(name); err == nil && !info.IsDir() {
		return root.Remove(name)
	}
	return nil
}

func unpack(root *os.Root, name string, write func(io.Writer) error) error {
	if err := room(root, name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := root.RemoveAll(name); err != nil { // a folder
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), f.Close())
	}
	return f.Close()
}

// Fresh is the file in a restore's folder that tells the number of the project
// that was made for it.
const Fresh = "fresh"

// State tells whether what a restore prepared is to be put in place, and the
// project that was made for it, 0 for none.
func State(work string) (committed bool, fresh int64, err error) {
	if _, err := os.Lstat(filepath.Join(work, commitFile)); err == nil {
		committed = true
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, 0, fmt.Errorf("look at what a restore left: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(work, Fresh))
	if errors.Is(err, fs.ErrNotExist) {
		return committed, 0, nil
	}
	if err != nil {
		return committed, 0, fmt.Errorf("look at what a restore left: %w", err)
	}
	fresh, err = strconv.ParseInt(string(b), 10, 64)
	return committed, fresh, err
}
