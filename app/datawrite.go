package app

import (
	"context"
	"errors"
	"path"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/files"
)

// DataSaveRequest is a text to write.
type DataSaveRequest struct {
	ProjectID int64  `json:"project_id"`
	GroupID   string `json:"group_id"`
	Path      string `json:"path"`
	Text      string `json:"text"`
	Encoding  string `json:"encoding"` // "" is UTF-8
	// Version is that of the file that the text was made of, by Look; "" is for
	// a file that is not there yet.
	Version string `json:"version"`
	// Unchecked has a file whose name says JSON written though it is none.
	Unchecked bool `json:"unchecked"`
}

// DataSaved is a file that was written.
type DataSaved struct {
	Entry   domain.DataEntry `json:"entry"`
	Version string           `json:"version"` // for the next Save
}

// Save writes a text file. It fails with CodeFileChanged where somebody wrote
// it since that version (ask Look for the other text: nothing was written),
// CodeFileExists where a new one has the name of another, CodeFileJSON,
// CodeFileEncoding, CodeFileName…, CodeFileLarge or CodeDiskFull.
func (d *Data) Save(ctx context.Context, r DataSaveRequest) (DataSaved, error) {
	a, err := d.place(ctx, "Data.Save", r.ProjectID, r.GroupID, dataChange)
	if err != nil {
		return DataSaved{}, err
	}
	data, err := files.Encode(r.Text, r.Encoding)
	if err != nil {
		return DataSaved{}, err
	}
	if len(data) > dataTextMost {
		return DataSaved{}, domain.NewError(domain.CodeFileLarge, "name", r.Path, "size", len(data), "maximum", dataTextMost)
	}
	if files.Sniff(r.Path, []byte(r.Text), true).Kind == files.ContentJSON && !r.Unchecked {
		if err := files.CheckJSON([]byte(r.Text)); err != nil {
			return DataSaved{}, err
		}
	}
	staging, err := d.c.app.engine.Staging()
	if err != nil {
		return DataSaved{}, err
	}
	draft, err := staging.NewDraft()
	if err != nil {
		return DataSaved{}, err
	}
	defer draft.Discard()
	if _, err := draft.Write(data); err != nil {
		return DataSaved{}, err
	}
	saved := DataSaved{Version: files.Hash(data)}
	err = a.change(ctx, func(f *files.Folder) (err error) {
		saved.Entry, err = f.Put(draft, r.Path, files.Wanted{Version: r.Version})
		return err
	})
	if err != nil {
		return DataSaved{}, err
	}
	return saved, d.changed(ctx, a, "data.save", beside(r.Path, saved.Entry.Name), map[string]any{"bytes": len(data), "new": r.Version == ""}, parent(r.Path))
}

// beside is the path of an entry beside another.
func beside(other, name string) string {
	if p := parent(other); p != "" {
		return p + "/" + name
	}
	return name
}

// parent is the folder that a path lies in; "" is the outermost.
func parent(p string) string {
	if dir := path.Dir(p); dir != "." {
		return dir
	}
	return ""
}

// changed records a change and tells who looks at the folders.
func (d *Data) changed(ctx context.Context, a dataAccess, action, path string, what map[string]any, folders ...string) error {
	d.c.app.engine.DataChanged(a.place, folders...)
	return d.record(context.WithoutCancel(ctx), a, action, path, what)
}

// DataPathResult is where something lies now.
type DataPathResult struct {
	Path string `json:"path"`
}

// MakeFolder makes a folder. It fails with CodeFileExists or CodeFileName….
func (d *Data) MakeFolder(ctx context.Context, r DataFileRequest) (DataPathResult, error) {
	a, err := d.place(ctx, "Data.MakeFolder", r.ProjectID, r.GroupID, dataChange)
	if err != nil {
		return DataPathResult{}, err
	}
	var made string
	err = a.change(ctx, func(f *files.Folder) (err error) {
		made, err = f.MakeFolder(r.Path)
		return err
	})
	if err != nil {
		return DataPathResult{}, err
	}
	return DataPathResult{made}, d.changed(ctx, a, "data.folder", made, nil, parent(made))
}

// DataMoveRequest gives something another name or place.
type DataMoveRequest struct {
	ProjectID int64  `json:"project_id"`
	GroupID   string `json:"group_id"`
	From      string `json:"from"`
	To        string `json:"to"`
}

// Move renames or moves a file or folder; nothing is ever replaced. It fails
// with CodeNotFound, CodeFileExists or CodeFileName….
func (d *Data) Move(ctx context.Context, r DataMoveRequest) (DataPathResult, error) {
	a, err := d.place(ctx, "Data.Move", r.ProjectID, r.GroupID, dataChange)
	if err != nil {
		return DataPathResult{}, err
	}
	var moved string
	err = a.changeThere(ctx, func(f *files.Folder) (err error) {
		moved, err = f.Move(r.From, r.To)
		return err
	})
	if err != nil {
		return DataPathResult{}, err
	}
	return DataPathResult{moved}, d.changed(ctx, a, "data.move", r.From, map[string]any{"to": moved}, parent(r.From), parent(moved))
}

// DataPathsRequest names files and folders of a project.
type DataPathsRequest struct {
	ProjectID int64    `json:"project_id"`
	GroupID   string   `json:"group_id"`
	Paths     []string `json:"paths"` // "" is all
}

// Weigh counts what lies at some paths. It fails with CodeNotFound.
func (d *Data) Weigh(ctx context.Context, r DataPathsRequest) (files.Count, error) {
	a, err := d.place(ctx, "Data.Weigh", r.ProjectID, r.GroupID, dataNames)
	if err != nil {
		return files.Count{}, err
	}
	for _, p := range r.Paths {
		if err := d.record(ctx, a, "data.list", p, nil); err != nil {
			return files.Count{}, err
		}
	}
	var count files.Count
	err = a.open(func(f *files.Folder) (err error) {
		count, err = f.Weigh(ctx, r.Paths)
		return err
	})
	return count, err
}

// DataDeleteRequest names what is to go, and how many files the person was told
// that these are.
type DataDeleteRequest struct {
	ProjectID int64    `json:"project_id"`
	GroupID   string   `json:"group_id"`
	Paths     []string `json:"paths"`
	Files     int      `json:"files"`
}

// Delete removes files and folders for good. It fails with CodeNotFound, or
// CodeFilesMore where there are more files by now than the person was told of.
func (d *Data) Delete(ctx context.Context, r DataDeleteRequest) (files.Count, error) {
	a, err := d.place(ctx, "Data.Delete", r.ProjectID, r.GroupID, dataChange)
	if err != nil {
		return files.Count{}, err
	}
	staging, err := d.c.app.engine.Staging()
	if err != nil {
		return files.Count{}, err
	}
	var gone files.Deleted
	err = a.changeThere(ctx, func(f *files.Folder) (err error) {
		gone, err = f.Delete(ctx, staging, r.Paths, r.Files)
		return err
	})
	if len(gone.Paths) == 0 {
		return files.Count{}, err
	}
	folders := make([]string, len(gone.Paths))
	for i, p := range gone.Paths {
		folders[i] = parent(p)
	}
	count := gone.Count
	subject, what := "", map[string]any{"files": count.Files, "folders": count.Folders, "bytes": count.Bytes}
	if err != nil { // some of it is gone: how much is not known
		what = map[string]any{"failed": err.Error()}
	}
	if len(gone.Paths) == 1 {
		subject = gone.Paths[0]
	} else {
		what["paths"] = gone.Paths
	}
	return count, errors.Join(err, d.changed(ctx, a, "data.delete", subject, what, folders...))
}
