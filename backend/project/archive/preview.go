package archive

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"scriptsmanager/backend/domain"
)

// States of a file in a preview.
const (
	New     = "new"     // only in the zip
	Changed = "changed" // other content
	Same    = "same"
	Here    = "here" // only in the project
)

// previewed is how many files a preview names.
const previewed = 2_000

// PreviewFile is a file of the zip, the project or both.
type PreviewFile struct {
	Name  string `json:"name"` // in the zip; of one that is only here its path
	Path  string `json:"path"`
	State string `json:"state"`
	Size  int64  `json:"size"` // in the zip; of one that is only here its own
}

// Preview compares a zip with a project.
type Preview struct {
	New     int           `json:"new"`
	Changed int           `json:"changed"`
	Same    int           `json:"same"`
	Here    int           `json:"here"`
	Bytes   int64         `json:"bytes"` // of all files in the zip
	Files   []PreviewFile `json:"files"` // the first of them: new, changed, here, same
	Partial bool          `json:"partial"`
	LeftOut []LeftOut     `json:"left_out"` // was not in the project's backup
}

// Compare tells what restoring would do; dirs are the project's folders, by
// group.
func (z *Zip) Compare(ctx context.Context, dirs map[string]string) (Preview, error) {
	p := Preview{Bytes: z.Manifest.Bytes, LeftOut: z.Manifest.LeftOut, Files: []PreviewFile{}}
	if len(p.LeftOut) > previewed {
		p.LeftOut = p.LeftOut[:previewed]
	}
	w := &writer{told: silent{}}
	list, closeAll, err := w.listAll(ctx, dirs)
	defer closeAll()
	if err != nil {
		return p, err
	}
	now := map[string]found{}
	for _, f := range list {
		if !f.folder {
			now[f.path] = f
		}
	}
	byState := map[string][]PreviewFile{}
	note := func(f PreviewFile) {
		if len(byState[f.State]) < previewed {
			byState[f.State] = append(byState[f.State], f)
		}
	}
	for _, f := range z.Manifest.Files {
		path := here(f.Name, f.path())
		state := New
		if own, there := now[path]; there {
			delete(now, path)
			same, err := sameAs(ctx, own, f)
			if err != nil {
				return p, err
			}
			state = Changed
			if same {
				state = Same
			}
		}
		switch state {
		case New:
			p.New++
		case Changed:
			p.Changed++
		default:
			p.Same++
		}
		note(PreviewFile{Name: f.Name, Path: path, State: state, Size: f.Size})
	}
	for _, f := range list {
		if own, only := now[f.path]; only && !f.folder {
			p.Here++
			note(PreviewFile{Name: f.path, Path: f.path, State: Here, Size: own.size})
		}
	}
	for _, state := range []string{New, Changed, Here, Same} {
		p.Files = append(p.Files, byState[state]...)
	}
	if len(p.Files) > previewed {
		p.Files, p.Partial = p.Files[:previewed], true
	}
	return p, nil
}

// sameAs compares a file with one in a zip. What has its size and time is not
// read.
func sameAs(ctx context.Context, own found, f File) (bool, error) {
	if own.size != f.Size {
		return false, nil
	}
	if own.time.Equal(f.Modified) && !f.Unsteady {
		return true, nil
	}
	file, _, err := open(own)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	sum, err := sumOf(ctx, file)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return err == nil && sum == f.SHA256, nil
}

// Chosen gives the files of a zip that are meant: all where none are named,
// else those named and those in folders named.
func (z *Zip) Chosen(chosen []string) ([]File, error) {
	if len(chosen) == 0 {
		return z.Manifest.Files, nil
	}
	used := map[string]bool{}
	var files []File
	for _, f := range z.Manifest.Files {
		meant := false
		for _, name := range chosen {
			name = strings.TrimSuffix(name, "/")
			if f.Name == name || f.path() == name || strings.HasPrefix(f.Name, name+"/") || strings.HasPrefix(f.path(), name+"/") {
				used[name], meant = true, true
			}
		}
		if meant {
			files = append(files, f)
		}
	}
	for _, name := range chosen {
		if !used[strings.TrimSuffix(name, "/")] {
			return nil, domain.NewError(domain.CodeNotFound, "what", "file", "name", name)
		}
	}
	return files, nil
}
