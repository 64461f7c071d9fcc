package app

import (
	"context"
	"encoding/hex"
	"slices"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/project/files"
)

const (
	// dataListMost is how many entries of a folder one call gives.
	dataListMost = 1000
	// dataPartMost is how much of a file one call gives: some of them fit into
	// what a browser sends and gets in one message.
	dataPartMost = 4 << 20
	// dataTextMost is how long a text may be to be edited.
	dataTextMost = 2 << 20
	// dataPageMost is how much text one page of a longer file has.
	dataPageMost = 256 << 10
	// dataHead is how many first bytes are shown of what is no text.
	dataHead = 512
)

// Data shows and changes the files of projects (SPEC PRJ-3). Everybody has his
// own; administrators have others' too, as far as the configuration lets them,
// and that is recorded (SPEC PRJ-6). With whom a project is shared, he reads it.
type Data struct{ c *Client }

// DataGroup is a group of which a project may have files.
type DataGroup struct {
	GroupID string      `json:"group_id"`
	Name    domain.Text `json:"name"`
	Used    bool        `json:"used"`  // there is a data folder
	Known   bool        `json:"known"` // the group is there, and the person sees it
}

// DataRights is what the person may do with a project's files.
type DataRights struct {
	Read    bool   `json:"read"`    // contents; else names and sizes
	Write   bool   `json:"write"`   // and change
	Foreign bool   `json:"foreign"` // an administrator looks, which is recorded
	Shared  bool   `json:"shared"`  // its owner lets the person read it
	Owner   string `json:"owner"`
	Project string `json:"project"`
}

// DataGroups is what a project has files for.
type DataGroups struct {
	Groups []DataGroup `json:"groups"`
	Rights DataRights  `json:"rights"`
}

// DataProjectRequest names a project; 0 is the active one.
type DataProjectRequest struct {
	ProjectID int64 `json:"project_id"`
}

// Groups lists the groups that the person sees, and those for which the project
// has files. It fails with CodeNotFound.
func (d *Data) Groups(ctx context.Context, r DataProjectRequest) (DataGroups, error) {
	a, err := d.project(ctx, "Data.Groups", r.ProjectID, dataNames)
	if err != nil {
		return DataGroups{}, err
	}
	seen, err := d.c.seenGroups(ctx, a.who)
	if err != nil {
		return DataGroups{}, err
	}
	used, err := d.c.app.engine.DataGroups(ctx, a.place.Owner, a.place.Project)
	if err != nil {
		return DataGroups{}, err
	}
	result := DataGroups{Groups: []DataGroup{}, Rights: a.rights()}
	for _, g := range seen {
		if here := slices.Contains(used, g.ID); here || !a.reader() {
			result.Groups = append(result.Groups, DataGroup{GroupID: g.ID, Name: g.Name, Used: here, Known: true})
		}
	}
	if a.reader() {
		return result, nil
	}
	for _, id := range used {
		if !slices.ContainsFunc(result.Groups, func(g DataGroup) bool { return g.GroupID == id }) {
			result.Groups = append(result.Groups, DataGroup{GroupID: id, Name: domain.Text{domain.English: id}, Used: true})
		}
	}
	return result, nil
}

// DataFolderRequest asks for a part of a folder.
type DataFolderRequest struct {
	ProjectID int64  `json:"project_id"`
	GroupID   string `json:"group_id"`
	Path      string `json:"path"` // with slashes; "" is the outermost
	From      int    `json:"from"` // entry
	Limit     int    `json:"limit"`
}

// DataFolderView is a part of a folder.
type DataFolderView struct {
	Entries []domain.DataEntry `json:"entries"`
	Total   int                `json:"total"` // in the folder
}

// List gives what is in a folder, folders first, then by name. A project's
// folder that no script has used yet is empty. It fails with CodeNotFound,
// CodeFileLink, CodeFileSpecial or CodeFileName….
func (d *Data) List(ctx context.Context, r DataFolderRequest) (DataFolderView, error) {
	a, err := d.place(ctx, "Data.List", r.ProjectID, r.GroupID, dataNames)
	if err != nil {
		return DataFolderView{}, err
	}
	if err := d.record(ctx, a, "data.list", r.Path, nil); err != nil {
		return DataFolderView{}, err
	}
	view := DataFolderView{Entries: []domain.DataEntry{}}
	err = a.open(func(f *files.Folder) error {
		page, err := f.List(ctx, r.Path, r.From, within(r.Limit, dataListMost))
		view = DataFolderView(page)
		return err
	})
	if err != nil && r.Path == "" && domain.HasCode(err, domain.CodeNotFound) {
		return view, nil
	}
	return view, err
}

func within(limit, most int) int {
	if limit <= 0 || limit > most {
		return most
	}
	return limit
}

// DataFileRequest names a file of a project.
type DataFileRequest struct {
	ProjectID int64  `json:"project_id"`
	GroupID   string `json:"group_id"`
	Path      string `json:"path"`
}

// DataFileView is what a file is and, where it is a text that is not too long,
// what stands in it.
type DataFileView struct {
	Entry    domain.DataEntry `json:"entry"`
	Kind     string           `json:"kind"` // json, table, text, image, binary; "" for what is no file, or may not be read
	Encoding string           `json:"encoding"`
	Type     string           `json:"type"` // of an image: the media type
	// Whole: Text is all of it, and may be written again under Version.
	Whole   bool          `json:"whole"`
	Exact   bool          `json:"exact"` // written again, it is the same bytes
	Text    string        `json:"text"`
	Version string        `json:"version"`
	Head    string        `json:"head"` // the first bytes, hexadecimal, of what is no text
	Problem *domain.Error `json:"problem,omitempty"`
	Dialect files.Dialect `json:"dialect"` // of a table
}

// Look tells what stands at a path and how to show it. JSON that is none comes
// with the problem. It fails with CodeNotFound.
func (d *Data) Look(ctx context.Context, r DataFileRequest) (DataFileView, error) {
	a, err := d.place(ctx, "Data.Look", r.ProjectID, r.GroupID, dataNames)
	if err != nil {
		return DataFileView{}, err
	}
	view := DataFileView{}
	err = a.open(func(f *files.Folder) (err error) {
		view.Entry, err = f.Look(r.Path)
		return err
	})
	if err != nil {
		return view, err
	}
	if view.Entry.Kind != domain.DataFile || !a.rights().Read {
		return view, d.record(ctx, a, "data.list", r.Path, nil)
	}
	if err := d.record(ctx, a, "data.read", r.Path, nil); err != nil {
		return DataFileView{}, err
	}
	err = a.open(func(f *files.Folder) error { return view.fill(f, r.Path) })
	return view, err
}

// fill reads as much of a file as is shown at once.
func (v *DataFileView) fill(f *files.Folder, path string) error {
	head, err := f.Read(path, 0, 64<<10, "")
	if err != nil {
		return err
	}
	content := files.Sniff(v.Entry.Name, head.Data, int64(len(head.Data)) == head.Size)
	v.Kind, v.Encoding, v.Type = content.Kind, content.Encoding, content.Type
	v.Version = head.Version
	switch content.Kind {
	case files.ContentBinary, files.ContentImage:
		if content.Encoding == "" {
			v.Head = hex.EncodeToString(head.Data[:min(len(head.Data), dataHead)])
			return nil
		}
	case files.ContentTable:
		v.Dialect = files.GuessDialect(files.Decode(head.Data, content.Encoding))
	}
	if head.Size > dataTextMost {
		return nil
	}
	all, err := f.ReadAll(path, dataTextMost)
	if domain.HasCode(err, domain.CodeFileLarge) {
		return nil // it has grown meanwhile
	}
	if err != nil {
		return err
	}
	v.Whole, v.Exact, v.Version = true, files.Exact(all.Data, content.Encoding), all.Version
	v.Text = files.Decode(all.Data, content.Encoding)
	if content.Kind == files.ContentJSON {
		v.Problem = domain.AsError(files.CheckJSON([]byte(v.Text)))
	}
	return nil
}

// DataTextRequest asks for a piece of a text.
type DataTextRequest struct {
	ProjectID int64  `json:"project_id"`
	GroupID   string `json:"group_id"`
	Path      string `json:"path"`
	Encoding  string `json:"encoding"`
	Offset    int64  `json:"offset"` // 0, or the Next of another piece
}

// DataTextView is a piece of a text.
type DataTextView struct {
	Text string `json:"text"`
	Next int64  `json:"next"` // where the next piece begins
	Size int64  `json:"size"` // of the file
}

// Text gives a piece of a text, in whole lines. It fails with CodeNotFound.
func (d *Data) Text(ctx context.Context, r DataTextRequest) (DataTextView, error) {
	a, err := d.read(ctx, "Data.Text", r.ProjectID, r.GroupID, r.Path)
	if err != nil {
		return DataTextView{}, err
	}
	var view DataTextView
	err = a.open(func(f *files.Folder) error {
		file, err := f.OpenFile(r.Path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		part, err := files.TextPage(file, r.Encoding, r.Offset, dataPageMost)
		view = DataTextView{Text: part.Text, Next: part.Next, Size: file.Info.Size()}
		return err
	})
	return view, err
}

// DataReadRequest asks for bytes of a file.
type DataReadRequest struct {
	ProjectID int64  `json:"project_id"`
	GroupID   string `json:"group_id"`
	Path      string `json:"path"`
	Offset    int64  `json:"offset"`
	Limit     int    `json:"limit"`   // at most 4 MiB; 0 is that
	Version   string `json:"version"` // of an entry; "" is any
}

// DataPart is a piece of a file.
type DataPart struct {
	Data    []byte `json:"data"` // in JSON as base64
	Size    int64  `json:"size"` // of the whole
	Version string `json:"version"`
}

// Read gives bytes of a file. It fails with CodeNotFound, or CodeFileChanged
// where the file has another version than the one that was asked for.
func (d *Data) Read(ctx context.Context, r DataReadRequest) (DataPart, error) {
	a, err := d.read(ctx, "Data.Read", r.ProjectID, r.GroupID, r.Path)
	if err != nil {
		return DataPart{}, err
	}
	var part files.Part
	err = a.open(func(f *files.Folder) (err error) {
		part, err = f.Read(r.Path, r.Offset, within(r.Limit, dataPartMost), r.Version)
		return err
	})
	return DataPart(part), err
}

// read is place for who reads a file, which is recorded of others'.
func (d *Data) read(ctx context.Context, method string, projectID int64, groupID, path string) (dataAccess, error) {
	a, err := d.place(ctx, method, projectID, groupID, dataContent)
	if err == nil {
		err = d.record(ctx, a, "data.read", path, nil)
	}
	return a, err
}

// DataTableRequest asks for rows of a table.
type DataTableRequest struct {
	ProjectID int64         `json:"project_id"`
	GroupID   string        `json:"group_id"`
	Path      string        `json:"path"`
	Encoding  string        `json:"encoding"`
	Dialect   files.Dialect `json:"dialect"`
	From      int64         `json:"from"` // row, the first one is 0
	Limit     int           `json:"limit"`
}

// DataTableView is some rows of a table.
type DataTableView struct {
	Rows    [][]string `json:"rows"`
	Total   int64      `json:"total"`
	Partial bool       `json:"partial"` // there are more rows than were looked for
}

// dataRowsMost is how many rows one call gives.
const dataRowsMost = 500

// Table gives rows of a file, wherever in it they are. It fails with
// CodeNotFound or CodeFieldInvalid.
func (d *Data) Table(ctx context.Context, r DataTableRequest) (DataTableView, error) {
	a, err := d.read(ctx, "Data.Table", r.ProjectID, r.GroupID, r.Path)
	if err != nil {
		return DataTableView{}, err
	}
	view := DataTableView{Rows: [][]string{}}
	err = a.open(func(f *files.Folder) error {
		file, err := f.OpenFile(r.Path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		table, err := d.c.app.engine.DataTable(ctx, file, r.Dialect)
		if err != nil {
			return err
		}
		view.Total, view.Partial = table.Rows, table.Partial
		view.Rows, err = table.Read(file.File, r.Encoding, r.From, within(r.Limit, dataRowsMost))
		return err
	})
	return view, err
}

// DataJSONRequest is a text that should be JSON.
type DataJSONRequest struct {
	Text string `json:"text"`
}

// DataJSONResult is the text in order, or where it ends to be JSON.
type DataJSONResult struct {
	Text    string        `json:"text"`
	Problem *domain.Error `json:"problem"`
}

// FormatJSON indents JSON and changes nothing else of it.
func (d *Data) FormatJSON(ctx context.Context, r DataJSONRequest) (DataJSONResult, error) {
	if _, err := d.c.require(ctx, "Data.FormatJSON"); err != nil {
		return DataJSONResult{}, err
	}
	text, err := files.FormatJSON([]byte(r.Text))
	if domain.HasCode(err, domain.CodeFileJSON) {
		return DataJSONResult{Text: r.Text, Problem: domain.AsError(err)}, nil
	}
	return DataJSONResult{Text: string(text)}, err
}

// DataWatchRequest names the folders that the client shows.
type DataWatchRequest struct {
	ProjectID int64    `json:"project_id"`
	GroupID   string   `json:"group_id"`
	Paths     []string `json:"paths"` // at most 100; none: it looks at nothing
}

// dataWatchMost is how many folders a client may look at.
const dataWatchMost = 100

// Watch says which folders the client shows from now on, in place of those that
// it showed: it hears of changes in them by EventDataChanged. It fails with
// CodeNotFound or CodeLimitReached.
func (d *Data) Watch(ctx context.Context, r DataWatchRequest) error {
	a, err := d.place(ctx, "Data.Watch", r.ProjectID, r.GroupID, dataNames)
	if err != nil {
		return err
	}
	if len(r.Paths) > dataWatchMost {
		return domain.NewError(domain.CodeLimitReached, "limit", "paths", "value", dataWatchMost)
	}
	d.c.app.engine.WatchData(d.c.id, a.place, r.Paths)
	if d.c.over(a.who.User.ID) {
		d.c.app.engine.WatchData(d.c.id, engine.DataPlace{}, nil)
		return domain.NewError(domain.CodeNotSignedIn)
	}
	return nil
}
