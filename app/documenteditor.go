package app

import (
	"context"
	"strconv"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// DocumentEditor lets developers write scripts' documentation (SPEC DOC-2).
type DocumentEditor struct{ c *Client }

// edited gives the script whose document in the language the person may write.
func (d *DocumentEditor) edited(ctx context.Context, method string, r DocumentRequest) (who, domain.Script, error) {
	w, err := d.c.require(ctx, method)
	if err != nil {
		return who{}, domain.Script{}, err
	}
	if !r.Language.Valid() {
		return who{}, domain.Script{}, domain.NewError(domain.CodeNotFound, "what", "language", "name", string(r.Language))
	}
	s, err := d.c.script(ctx, w, r.ScriptID)
	if err == nil && !s.Active {
		err = domain.NewError(domain.CodeScriptInactive, "script", s.ID)
	}
	return w, s, err
}

func (d *DocumentEditor) sees(w who) func(domain.Script) bool {
	return func(s domain.Script) bool { return d.c.app.engine.CanSee(w.User, s) }
}

// Open gives a document to be edited; where there is none, the template's text.
// It fails with CodeNotFound, CodeScriptInactive, and as engine.OpenDocument does.
func (d *DocumentEditor) Open(ctx context.Context, r DocumentRequest) (engine.DocumentSource, error) {
	w, s, err := d.edited(ctx, "DocumentEditor.Open", r)
	if err != nil {
		return engine.DocumentSource{}, err
	}
	return d.c.app.engine.OpenDocument(ctx, s, r.Language, d.sees(w))
}

// DocumentTextRequest is a text that is to be a script's document.
type DocumentTextRequest struct {
	DocumentRequest
	Text string `json:"text"`
}

// Check says what is wrong in a text that is not saved. It fails as Open does.
func (d *DocumentEditor) Check(ctx context.Context, r DocumentTextRequest) ([]domain.Problem, error) {
	w, s, err := d.edited(ctx, "DocumentEditor.Check", r.DocumentRequest)
	if err != nil {
		return nil, err
	}
	return d.c.app.engine.CheckDocument(ctx, s, r.Language, r.Text, d.sees(w))
}

// DocumentSaveRequest is a text that is to be written.
type DocumentSaveRequest struct {
	DocumentTextRequest
	Base   string `json:"base"`             // DocumentSource.Hash of what was edited
	Origin int64  `json:"origin,omitempty"` // the version that is taken back
}

// Save writes a document and gives it as it is now. It is recorded. It fails
// with CodeDocumentChanged where somebody changed the file meanwhile, which
// Open then gives, and as engine.SaveDocument does.
func (d *DocumentEditor) Save(ctx context.Context, r DocumentSaveRequest) (engine.DocumentSource, error) {
	w, s, err := d.edited(ctx, "DocumentEditor.Save", r.DocumentRequest)
	if err != nil {
		return engine.DocumentSource{}, err
	}
	q := engine.DocumentSave{Language: r.Language, Text: r.Text, Base: r.Base, Origin: r.Origin}
	if _, err := d.c.app.engine.SaveDocument(ctx, w.Actor, s, q); err != nil {
		return engine.DocumentSource{}, err
	}
	return d.c.app.engine.OpenDocument(ctx, s, r.Language, d.sees(w))
}

// History lists what the document was, newest first. It fails as Open does.
func (d *DocumentEditor) History(ctx context.Context, r DocumentRequest) ([]domain.DocumentVersion, error) {
	_, s, err := d.edited(ctx, "DocumentEditor.History", r)
	if err != nil {
		return nil, err
	}
	return d.c.app.engine.DocumentVersions(ctx, s, r.Language)
}

// DocumentVersionID names a version of a document.
type DocumentVersionID struct {
	ID int64 `json:"id"`
}

// DocumentVersionText is what a document was.
type DocumentVersionText struct {
	domain.DocumentVersion
	Text string `json:"text"`
}

// Version gives what a document was. It fails with CodeNotFound.
func (d *DocumentEditor) Version(ctx context.Context, r DocumentVersionID) (DocumentVersionText, error) {
	w, err := d.c.require(ctx, "DocumentEditor.Version")
	if err != nil {
		return DocumentVersionText{}, err
	}
	v, text, err := d.c.app.engine.DocumentVersion(ctx, r.ID)
	if err != nil {
		return DocumentVersionText{}, err
	}
	// What may not be seen is as what does not exist.
	if _, err := d.c.script(ctx, w, v.ScriptID); err != nil {
		return DocumentVersionText{}, domain.NewError(domain.CodeNotFound, "what", "document_version", "name", strconv.FormatInt(r.ID, 10))
	}
	return DocumentVersionText{DocumentVersion: v, Text: text}, nil
}

// DocumentImageAdd is an image that was pasted.
type DocumentImageAdd struct {
	DocumentRequest
	Name string `json:"name"`
	Data []byte `json:"data"` // in JSON as base64
}

// DocumentImageAdded says where it lies, from the document.
type DocumentImageAdded struct {
	Path string `json:"path"`
}

// AddImage puts an image beside the document. It is recorded. It fails as
// engine.AddDocumentImage does.
func (d *DocumentEditor) AddImage(ctx context.Context, r DocumentImageAdd) (DocumentImageAdded, error) {
	w, s, err := d.edited(ctx, "DocumentEditor.AddImage", r.DocumentRequest)
	if err != nil {
		return DocumentImageAdded{}, err
	}
	path, err := d.c.app.engine.AddDocumentImage(ctx, w.Actor, s, r.Language, r.Name, r.Data)
	return DocumentImageAdded{Path: path}, err
}
