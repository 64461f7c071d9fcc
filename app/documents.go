package app

import (
	"context"

	"scriptsmanager/backend/document"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Documents shows scripts' long descriptions (SPEC DOC-1, DOC-5): sanitised,
// with links to what the person may see.
type Documents struct{ c *Client }

// Get gives a script's documentation in the language, else in the
// installation's own, else in English. It fails with CodeNotFound,
// CodeFileUnreadable and CodeDocumentLarge.
func (d *Documents) Get(ctx context.Context, r DocumentRequest) (engine.DocumentView, error) {
	w, err := d.c.require(ctx, "Documents.Get")
	if err != nil {
		return engine.DocumentView{}, err
	}
	script, err := d.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return engine.DocumentView{}, err
	}
	return d.c.app.engine.RenderDocument(ctx, script, r.Language, d.sees(ctx, w))
}

// DocumentPreviewRequest is a text as it would stand in a script's documentation.
type DocumentPreviewRequest struct {
	ScriptID domain.ScriptID `json:"script_id"`
	Language domain.Language `json:"language"`
	Text     string          `json:"text"`
}

// Preview shows a text that is not saved. It fails with CodeNotFound and
// CodeInvalid.
func (d *Documents) Preview(ctx context.Context, r DocumentPreviewRequest) (engine.DocumentView, error) {
	w, err := d.c.require(ctx, "Documents.Preview")
	if err != nil {
		return engine.DocumentView{}, err
	}
	script, err := d.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return engine.DocumentView{}, err
	}
	if !r.Language.Valid() {
		return engine.DocumentView{}, domain.NewError(domain.CodeInvalid)
	}
	return d.c.app.engine.PreviewDocument(ctx, script, r.Language, r.Text, d.sees(ctx, w))
}

// DocumentImageRequest names a picture by its path in the group's folder.
type DocumentImageRequest struct {
	ScriptID domain.ScriptID `json:"script_id"`
	Path     string          `json:"path"`
}

// Image gives a picture of the script's group. It fails with CodeNotFound,
// CodeDocumentImageLarge, CodeDocumentImagePixels and CodeDocumentImageType.
func (d *Documents) Image(ctx context.Context, r DocumentImageRequest) (document.Image, error) {
	w, err := d.c.require(ctx, "Documents.Image")
	if err != nil {
		return document.Image{}, err
	}
	script, err := d.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return document.Image{}, err
	}
	return d.c.app.engine.DocumentImage(script, r.Path)
}

func (d *Documents) sees(ctx context.Context, w who) engine.Sees {
	return func(id domain.ScriptID) (domain.Script, bool) {
		script, err := d.c.script(ctx, w, id)
		return script, err == nil && script.Active
	}
}
