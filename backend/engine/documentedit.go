package engine

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"scriptsmanager/backend/document"
	"scriptsmanager/backend/document/check"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/files"
	"scriptsmanager/backend/store"
)

// maxPasted bounds an image that is put into a document, in bytes.
const maxPasted = 8 << 20

// DocumentSource is a document as it is edited.
type DocumentSource struct {
	ScriptID domain.ScriptID `json:"script_id"`
	Language domain.Language `json:"language"`
	Path     string          `json:"path"`  // relative to the group's folder
	There    bool            `json:"there"` // else Text is the template's
	Text     string          `json:"text"`  // its lines end with \n, whatever the file's do
	Hash     string          `json:"hash"`  // of the file; "" where none is there
	// Encoding is the file's; it is written as UTF-8.
	Encoding  string                     `json:"encoding"`
	Languages map[domain.Language]string `json:"languages"` // check.There and so on
	Problems  []domain.Problem           `json:"problems"`
}

// OpenDocument reads a script's document in the language to be edited. It fails
// with CodeDocumentFolder, CodeDocumentName, CodeDocumentLong, CodeFileUnreadable
// and CodeDocumentBinary.
func (e *Engine) OpenDocument(ctx context.Context, s domain.Script, l domain.Language, seen func(domain.Script) bool) (DocumentSource, error) {
	group, err := openGroup(s)
	if err != nil {
		return DocumentSource{}, err
	}
	defer func() { _ = group.Close() }()
	s = e.withOwnDocuments(ctx, s)
	d := DocumentSource{ScriptID: s.ID, Language: l, Path: document.Place(s, l), Encoding: files.UTF8}
	content, _, err := document.ReadFile(group, d.Path, check.MaxText)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.Text = check.New(s.Name.In(l), l)
	case err != nil:
		return DocumentSource{}, err
	default:
		d.There, d.Hash = true, document.Hash(content)
		if d.Text, d.Encoding, err = decoded(d.Path, content); err != nil {
			return DocumentSource{}, err
		}
	}
	around := e.aroundOne(ctx, seen)
	d.Languages = e.documents.Script(group, s, around).Languages
	d.Problems = check.Text(group, s, l, d.Text, around)
	return d, ctx.Err()
}

func openGroup(s domain.Script) (*os.Root, error) {
	group, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return nil, domain.NewError(domain.CodeFileUnreadable, "path", s.GroupID, "detail", err.Error()).Because(err)
	}
	return group, nil
}

// decoded is the text of a file, with \n at the ends of its lines.
func decoded(place string, content []byte) (text, encoding string, err error) {
	encoding = files.Sniff(path.Base(place), content, true).Encoding
	if encoding == "" {
		return "", "", domain.NewError(domain.CodeDocumentBinary, "path", place)
	}
	text = files.Decode(content, encoding)
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), encoding, nil
}

// encoded is a text as it is written over what was found: its lines end as
// those there do, a mark at its beginning stays.
func encoded(text string, found []byte) []byte {
	text = strings.ToValidUTF8(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\uFFFD")
	if n := bytes.Count(found, []byte("\r\n")); n > 0 && n*2 > bytes.Count(found, []byte("\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	const mark = "\ufeff"
	if text = strings.TrimPrefix(text, mark); bytes.HasPrefix(found, []byte(mark)) {
		text = mark + text
	}
	return []byte(text)
}

// DocumentSave is a text that is to be a script's document.
type DocumentSave struct {
	Language domain.Language
	Text     string
	Base     string // hash of the file that was edited; "" where none was there
	Origin   int64  // the version that is taken back; 0 is none
}

// SaveDocument writes a script's document, keeps its history and records it. It
// fails with CodeDocumentChanged where the file is not what was edited: nothing
// has changed then; and as OpenDocument does, and with CodeDocumentUnwritable
// and CodeDiskFull.
func (e *Engine) SaveDocument(ctx context.Context, a Actor, s domain.Script, q DocumentSave) (domain.DocumentVersion, error) {
	group, err := openGroup(s)
	if err != nil {
		return domain.DocumentVersion{}, err
	}
	defer func() { _ = group.Close() }()
	s = e.withOwnDocuments(ctx, s)
	place := document.Place(s, q.Language)
	if len(q.Text) > check.MaxText {
		return domain.DocumentVersion{}, domain.NewError(domain.CodeDocumentLong, "maximum", check.MaxText)
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	found, _, err := document.ReadFile(group, place, check.MaxText)
	hash := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		found = nil
	case err != nil:
		return domain.DocumentVersion{}, err
	default:
		hash = document.Hash(found)
	}
	if hash != q.Base {
		return domain.DocumentVersion{}, domain.NewError(domain.CodeDocumentChanged, "path", place, "gone", hash == "")
	}
	if q.Origin != 0 {
		if v, _, err := e.store.DocumentVersion(ctx, q.Origin); err != nil || v.ScriptID != s.ID || v.Language != q.Language {
			return domain.DocumentVersion{}, domain.NewError(domain.CodeNotFound, "what", "document_version", "name", place).Because(err)
		}
	}
	content := encoded(q.Text, found)
	draft, err := document.Prepare(group, place, content, hash, check.MaxText)
	if err != nil {
		return domain.DocumentVersion{}, err
	}
	defer draft.Drop()
	// Who leaves in this moment must not stop it between the file and its history.
	v, err := e.store.KeepDocument(context.WithoutCancel(ctx), a, store.DocumentChange{
		Version: domain.DocumentVersion{
			ScriptID: s.ID, Language: q.Language, Path: place, Origin: q.Origin, Hash: document.Hash(content), Size: int64(len(content)),
		},
		Content: content, Found: found, FoundHash: hash,
	}, draft.Put)
	if err != nil {
		return domain.DocumentVersion{}, errors.Join(err, draft.Back())
	}
	e.finder.changed() // before it is told: who hears of it may search at once
	e.bus.Publish(domain.Event{Type: domain.EventDocumentChanged, Data: domain.DocumentEvent{ScriptID: s.ID, Language: q.Language}})
	return v, nil
}

// CheckDocument says what is wrong in a text that is to be a script's document.
func (e *Engine) CheckDocument(ctx context.Context, s domain.Script, l domain.Language, text string, seen func(domain.Script) bool) ([]domain.Problem, error) {
	group, err := openGroup(s)
	if err != nil {
		return nil, err
	}
	defer func() { _ = group.Close() }()
	return check.Text(group, e.withOwnDocuments(ctx, s), l, text, e.aroundOne(ctx, seen)), ctx.Err()
}

// DocumentVersions lists what a script's document was, newest first.
func (e *Engine) DocumentVersions(ctx context.Context, s domain.Script, l domain.Language) ([]domain.DocumentVersion, error) {
	return e.store.DocumentVersions(ctx, s.ID, l)
}

// DocumentVersion gives a version and its text. It fails with CodeNotFound.
func (e *Engine) DocumentVersion(ctx context.Context, id int64) (domain.DocumentVersion, string, error) {
	v, content, err := e.store.DocumentVersion(ctx, id)
	if err != nil {
		return v, "", err
	}
	text, _, err := decoded(v.Path, content)
	return v, text, err
}

// AddDocumentImage puts an image beside a script's document, named safely and
// by its content, and gives its path from there. It is recorded. It fails with
// CodeDocumentPaste, CodeDocumentUnwritable and CodeDiskFull.
func (e *Engine) AddDocumentImage(ctx context.Context, a Actor, s domain.Script, l domain.Language, name string, content []byte) (string, error) {
	ending := check.ImageEnding(content)
	if ending == "" || len(content) > maxPasted {
		return "", domain.NewError(domain.CodeDocumentPaste, "maximum", maxPasted)
	}
	group, err := openGroup(s)
	if err != nil {
		return "", err
	}
	defer func() { _ = group.Close() }()
	place := document.Place(e.withOwnDocuments(ctx, s), l)
	file, err := document.AddImage(group, place, name, ending, content)
	if err != nil {
		return "", err
	}
	if err := e.store.Audit(ctx, a, "document.image", "script:"+s.ID, nil, map[string]any{"path": file, "size": len(content)}); err != nil {
		return "", err
	}
	return strings.TrimPrefix(file, path.Dir(place)+"/"), nil
}
