package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/files"
)

const (
	// transfersMost is how many uploads and downloads a client has at once.
	transfersMost = 32
	// transferIdle is how long one waits for its next part: a tab that sleeps
	// goes on, one that was left does not keep its half file for ever.
	transferIdle = 30 * time.Minute
	// spaceKept is what an upload leaves free of the disk: a database that cannot
	// write is worse than an upload that is refused.
	spaceKept = 64 << 20
	// copiesMost is how many names "x (2)", "x (3)" … are tried.
	copiesMost = 1000
)

// transfer is an upload or a download that is under way.
type transfer struct {
	userID int64
	access dataAccess
	idle   *time.Timer

	mu    sync.Mutex // guards all below
	ended bool

	// of an upload
	draft *files.Draft
	path  string
	size  int64
	want  files.Wanted
	both  bool

	// of a download
	reader io.ReadCloser
	after  func() error // at the end: what is wrong with what was read
	left   []string
	leftMu sync.Mutex // guards left, which a zip's own goroutine fills
}

// end gives up what the transfer holds.
func (t *transfer) end() {
	t.idle.Stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	if t.draft != nil {
		t.draft.Discard()
	}
	if t.reader != nil {
		_ = t.reader.Close()
	}
}

// begin keeps a transfer under a new id. Where it fails, with CodeLimitReached or
// because the client is gone, end it: others may be about to do so, too.
func (d *Data) begin(t *transfer) (string, error) {
	id := uuid.NewString()
	t.idle = time.AfterFunc(transferIdle, func() { d.drop(id) })
	if !d.c.data.add(id, t) {
		t.idle.Stop()
		return "", domain.NewError(domain.CodeLimitReached, "limit", "transfers", "value", transfersMost)
	}
	if d.c.over(t.userID) {
		d.drop(id)
		return "", domain.NewError(domain.CodeNotSignedIn)
	}
	return id, nil
}

// add keeps a transfer where there are not too many.
func (s *dataSession) add(id string, t *transfer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.transfers) >= transfersMost {
		return false
	}
	if s.transfers == nil {
		s.transfers = map[string]*transfer{}
	}
	s.transfers[id] = t
	return true
}

// take finds a transfer of the person's, and locks it.
func (d *Data) take(ctx context.Context, method, id string) (*transfer, error) {
	w, err := d.c.require(ctx, method)
	if err != nil {
		return nil, err
	}
	gone := domain.NewError(domain.CodeNotFound, "what", "transfer", "name", id)
	s := &d.c.data
	s.mu.Lock()
	t := s.transfers[id]
	s.mu.Unlock()
	if t == nil || t.userID != w.User.ID {
		return nil, gone
	}
	t.mu.Lock()
	if t.ended {
		t.mu.Unlock()
		return nil, gone
	}
	t.idle.Reset(transferIdle)
	return t, nil
}

// drop ends a transfer and forgets it.
func (d *Data) drop(id string) {
	s := &d.c.data
	s.mu.Lock()
	t := s.transfers[id]
	delete(s.transfers, id)
	s.mu.Unlock()
	if t != nil {
		t.end()
	}
}

// What an upload does where its name is taken.
const (
	existingReplace = "replace"
	existingBoth    = "both"
)

// DataUploadRequest begins an upload.
type DataUploadRequest struct {
	ProjectID int64  `json:"project_id"`
	GroupID   string `json:"group_id"`
	Path      string `json:"path"` // folders that are not there are made
	Size      int64  `json:"size"` // bytes
	// Existing: "replace" a file of that name, keep "both", or "" neither.
	Existing string `json:"existing"`
	// Version is that of the file to be replaced that the person knows of.
	Version string `json:"version"`
}

// DataTransfer is an upload or download that was begun.
type DataTransfer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"` // -1: not known before the end
}

// Upload begins an upload: its parts follow, in order, and UploadEnd gives the
// file its place, where nobody sees it before. It fails with CodeFileExists
// (nothing was sent yet), CodeFileName…, CodeSpaceShort or CodeDiskFull.
func (d *Data) Upload(ctx context.Context, r DataUploadRequest) (DataTransfer, error) {
	a, err := d.place(ctx, "Data.Upload", r.ProjectID, r.GroupID, dataChange)
	if err != nil {
		return DataTransfer{}, err
	}
	if r.Existing != "" && r.Existing != existingReplace && r.Existing != existingBoth {
		return DataTransfer{}, domain.NewError(domain.CodeFieldInvalid, "name", "existing", "value", r.Existing)
	}
	staging, err := d.c.app.engine.Staging()
	if err != nil {
		return DataTransfer{}, err
	}
	free, err := staging.Free()
	if err != nil {
		return DataTransfer{}, fmt.Errorf("ask for free space: %w", err)
	}
	if r.Size < 0 || r.Size > free-spaceKept {
		return DataTransfer{}, domain.NewError(domain.CodeSpaceShort, "needed", r.Size, "free", max(0, free-spaceKept))
	}
	t := &transfer{userID: a.who.User.ID, access: a, path: r.Path, size: r.Size}
	if err := t.choose(ctx, r.Existing, r.Version); err != nil {
		return DataTransfer{}, err
	}
	if t.draft, err = staging.NewDraft(); err != nil {
		return DataTransfer{}, err
	}
	id, err := d.begin(t)
	if err != nil {
		t.end()
		return DataTransfer{}, err
	}
	return DataTransfer{ID: id, Name: path.Base(t.path), Size: r.Size}, nil
}

// choose settles what becomes of a file that has the upload's name.
func (t *transfer) choose(ctx context.Context, existing, version string) error {
	t.want, t.both = files.Wanted{}, existing == existingBoth
	return t.access.change(ctx, func(f *files.Folder) error {
		if err := f.CheckNew(t.path); err != nil {
			return err
		}
		e, err := f.Look(t.path)
		switch {
		case domain.HasCode(err, domain.CodeNotFound):
			return nil // the end looks once more
		case err != nil:
			return err
		case existing == existingReplace && e.Kind == domain.DataFile:
			if t.want.Version = e.Version; version != "" {
				t.want.Version = version
			}
			return nil
		case t.both:
			return nil
		default:
			return domain.NewError(domain.CodeFileExists, "name", e.Name)
		}
	})
}

// DataPartRequest is the next part of an upload.
type DataPartRequest struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset"`
	Data   []byte `json:"data"`
}

// DataReceived is how much of an upload is here.
type DataReceived struct {
	Size int64 `json:"size"`
}

// UploadPart takes a part. It fails with CodeNotFound where the upload is none
// of this session's (any more), CodeUploadBroken where the part does not follow,
// or CodeDiskFull.
func (d *Data) UploadPart(ctx context.Context, r DataPartRequest) (DataReceived, error) {
	t, err := d.take(ctx, "Data.UploadPart", r.ID)
	if err != nil {
		return DataReceived{}, err
	}
	defer t.mu.Unlock()
	if t.draft == nil || r.Offset != t.draft.Size() || r.Offset+int64(len(r.Data)) > t.size {
		return DataReceived{}, domain.NewError(domain.CodeUploadBroken, "name", path.Base(t.path))
	}
	_, err = t.draft.Write(r.Data)
	return DataReceived{t.draft.Size()}, err
}

// DataUploadEndRequest ends an upload. Existing and Version may change what was
// chosen at its beginning.
type DataUploadEndRequest struct {
	ID       string `json:"id"`
	Existing string `json:"existing"`
	Version  string `json:"version"`
}

// DataUploaded is a file that was uploaded.
type DataUploaded struct {
	Entry domain.DataEntry `json:"entry"`
	Path  string           `json:"path"`
}

// UploadEnd gives the file its place. Where somebody wrote under its name
// meanwhile it fails with CodeFileExists or CodeFileChanged: nothing is lost,
// and UploadEnd may be called again with another choice. It also fails with
// CodeUploadBroken where parts are missing.
func (d *Data) UploadEnd(ctx context.Context, r DataUploadEndRequest) (DataUploaded, error) {
	t, err := d.take(ctx, "Data.UploadEnd", r.ID)
	if err != nil {
		return DataUploaded{}, err
	}
	result, err := d.uploadEnd(ctx, t, r)
	t.mu.Unlock()
	if err == nil {
		d.drop(r.ID)
	}
	return result, err
}

func (d *Data) uploadEnd(ctx context.Context, t *transfer, r DataUploadEndRequest) (DataUploaded, error) {
	if t.draft == nil || t.draft.Size() != t.size {
		return DataUploaded{}, domain.NewError(domain.CodeUploadBroken, "name", path.Base(t.path))
	}
	// The level may have been lowered since the beginning.
	a, err := d.place(ctx, "Data.UploadEnd", t.access.place.Project.ID, t.access.place.GroupID, dataChange)
	if err != nil {
		return DataUploaded{}, err
	}
	t.access = a
	if r.Existing != "" {
		if err := t.choose(ctx, r.Existing, r.Version); err != nil {
			return DataUploaded{}, err
		}
	}
	result := DataUploaded{Path: t.path}
	made := []string{parent(t.path)}
	err = a.change(ctx, func(f *files.Folder) error {
		at, folders, err := f.MakeFolders(parent(t.path))
		for _, folder := range folders {
			made = append(made, parent(folder))
		}
		if err != nil {
			return err
		}
		place := path.Join(at, path.Base(t.path))
		result.Path = place
		for n := 2; ; n++ {
			result.Entry, err = f.Put(t.draft, result.Path, t.want)
			if !t.both || n > copiesMost || !domain.HasCode(err, domain.CodeFileExists) {
				return err
			}
			result.Path = copyName(place, n)
		}
	})
	if err != nil {
		return DataUploaded{}, err
	}
	result.Path = beside(result.Path, result.Entry.Name)
	return result, d.changed(ctx, a, "data.upload", result.Path, map[string]any{"bytes": t.size, "replaced": t.want.Version != ""}, made...)
}

// copyName is a path with a number: "x.csv" becomes "x (2).csv".
func copyName(p string, n int) string {
	name := path.Base(p)
	ending := path.Ext(name)
	if ending == name {
		ending = "" // ".name"
	}
	return beside(p, fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ending), n, ending))
}

// DataTransferRequest names an upload or a download.
type DataTransferRequest struct {
	ID string `json:"id"`
}

// TransferEnd gives up an upload or a download. One that has ended already is
// none to complain of.
func (d *Data) TransferEnd(ctx context.Context, r DataTransferRequest) error {
	t, err := d.take(ctx, "Data.TransferEnd", r.ID)
	if domain.HasCode(err, domain.CodeNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	t.mu.Unlock()
	d.drop(r.ID)
	return nil
}

// Download begins a download: of one file as it is, of a folder or of several
// as a zip. Its parts are asked for one after the other. It fails with
// CodeNotFound, CodeFileLink or CodeFileSpecial.
func (d *Data) Download(ctx context.Context, r DataPathsRequest) (DataTransfer, error) {
	a, err := d.place(ctx, "Data.Download", r.ProjectID, r.GroupID, dataContent)
	if err != nil {
		return DataTransfer{}, err
	}
	if len(r.Paths) == 0 {
		return DataTransfer{}, domain.NewError(domain.CodeFieldInvalid, "name", "paths", "value", "")
	}
	for _, p := range r.Paths {
		if err := d.record(ctx, a, "data.read", p, nil); err != nil {
			return DataTransfer{}, err
		}
	}
	t := &transfer{userID: a.who.User.ID, access: a}
	result := DataTransfer{Size: -1}
	err = a.open(func(f *files.Folder) error {
		if len(r.Paths) > 1 || r.Paths[0] == "" {
			result.Name = files.ZipName(r.Paths, a.place.Project.Folder+"_"+a.place.GroupID)
			return nil
		}
		e, err := f.Look(r.Paths[0])
		if err != nil {
			return err
		}
		if e.Kind == domain.DataFolder {
			result.Name = files.ZipName(r.Paths, "")
			return nil
		}
		file, err := f.OpenFile(r.Paths[0])
		if err != nil {
			return err
		}
		result.Name, result.Size = e.Name, file.Info.Size()
		t.reader = file
		// A script may write it while it is read: the halves would not fit.
		t.after = func() error { return file.Unchanged(r.Paths[0]) }
		return nil
	})
	if err != nil {
		return DataTransfer{}, err
	}
	if t.reader == nil {
		t.reader = zipOf(context.WithoutCancel(ctx), a, r.Paths, t) // it goes on from call to call
	}
	if result.ID, err = d.begin(t); err != nil {
		t.end()
		return DataTransfer{}, err
	}
	return result, nil
}

// zipOf writes a zip while it is read.
func zipOf(ctx context.Context, a dataAccess, paths []string, t *transfer) io.ReadCloser {
	ctx, cancel := context.WithCancel(ctx)
	out, in := io.Pipe()
	go func() {
		err := a.open(func(f *files.Folder) error {
			return f.Zip(ctx, in, paths, func(path string) {
				t.leftMu.Lock()
				defer t.leftMu.Unlock()
				t.left = append(t.left, path)
			})
		})
		_ = in.CloseWithError(err) // nil is the end
	}()
	return &zipReader{out, cancel}
}

type zipReader struct {
	*io.PipeReader

	cancel context.CancelFunc
}

// Close ends the writing, too.
func (z *zipReader) Close() error {
	z.cancel()
	return z.PipeReader.Close()
}

// DataDownloaded is the next part of a download.
type DataDownloaded struct {
	Data []byte `json:"data"` // in JSON as base64
	End  bool   `json:"end"`  // there is no more
	// Left out of a zip, at the end: links, and what cannot be read.
	Left []string `json:"left"`
}

// downloadPart is how much of a download one call gives.
const downloadPart = 1 << 20

// DownloadPart gives the next part. It fails with CodeNotFound where the
// download is none of this session's (any more), and with CodeFileChanged where
// the file was written while it was read.
func (d *Data) DownloadPart(ctx context.Context, r DataTransferRequest) (DataDownloaded, error) {
	t, err := d.take(ctx, "Data.DownloadPart", r.ID)
	if err != nil {
		return DataDownloaded{}, err
	}
	var part DataDownloaded
	if a := t.access; a.shared { // it may have been taken back meanwhile
		_, err = d.place(ctx, "Data.DownloadPart", a.place.Project.ID, a.place.GroupID, dataContent)
	}
	if err == nil {
		part, err = t.next()
	}
	t.mu.Unlock()
	if part.End || err != nil {
		d.drop(r.ID)
	}
	return part, err
}

func (t *transfer) next() (DataDownloaded, error) {
	if t.reader == nil {
		return DataDownloaded{}, domain.NewError(domain.CodeUploadBroken, "name", path.Base(t.path))
	}
	var b bytes.Buffer
	n, err := io.CopyN(&b, t.reader, downloadPart)
	part := DataDownloaded{Data: b.Bytes(), End: n < downloadPart, Left: []string{}}
	if part.Data == nil {
		part.Data = []byte{}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return DataDownloaded{}, err
	}
	if part.End {
		if t.after != nil {
			if err := t.after(); err != nil {
				return DataDownloaded{}, err
			}
		}
		t.leftMu.Lock()
		part.Left = append(part.Left, t.left...)
		t.leftMu.Unlock()
	}
	return part, nil
}
