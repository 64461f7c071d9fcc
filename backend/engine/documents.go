package engine

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"scriptsmanager/backend/document"
	"scriptsmanager/backend/domain"
)

// documentsAtOnce is how many documents are rendered at a time.
const documentsAtOnce = 2

// DocumentView is a script's documentation ready to be shown.
type DocumentView struct {
	document.Document
	Language  domain.Language   `json:"language"`
	Requested domain.Language   `json:"requested"`
	Fallback  bool              `json:"fallback"` // another language than asked for
	Path      string            `json:"path"`     // relative to the group's folder
	Languages []domain.Language `json:"languages"`
}

// Sees finds a script that one person may see.
type Sees func(id domain.ScriptID) (domain.Script, bool)

// DocumentationLanguages are those in which scripts are to be documented.
func (e *Engine) DocumentationLanguages() []domain.Language {
	wanted := e.Config().Documentation.SupportedLanguages
	languages := []domain.Language{}
	for _, l := range domain.Languages() {
		if len(wanted) == 0 || slices.Contains(wanted, string(l)) {
			languages = append(languages, l)
		}
	}
	return languages
}

// DocumentLanguages lists the languages in which a script has a document that
// is there.
func (e *Engine) DocumentLanguages(ctx context.Context, s domain.Script) []domain.Language {
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return []domain.Language{}
	}
	defer func() { _ = root.Close() }()
	return e.documentLanguages(root, e.withOwnDocuments(ctx, s))
}

// documentLanguages is DocumentLanguages for a script with its own documents;
// root is the group's folder.
func (e *Engine) documentLanguages(root *os.Root, s domain.Script) []domain.Language {
	languages := []domain.Language{}
	for _, l := range e.DocumentationLanguages() {
		if info, err := root.Stat(filepath.FromSlash(document.Place(s, l))); err == nil && info.Mode().IsRegular() {
			languages = append(languages, l)
		}
	}
	return languages
}

// Document reads a script's document in the language, else in the
// installation's, else in English, else in any. It fails with CodeNotFound,
// CodeFileUnreadable and CodeDocumentLarge.
func (e *Engine) Document(ctx context.Context, s domain.Script, l domain.Language) (document.Source, error) {
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return document.Source{}, domain.NewError(domain.CodeNotFound, "what", "document", "name", s.ID).Because(err)
	}
	defer func() { _ = root.Close() }()
	return e.findDocument(root, e.withOwnDocuments(ctx, s), l)
}

func (e *Engine) findDocument(root *os.Root, s domain.Script, l domain.Language) (document.Source, error) {
	supported := e.DocumentationLanguages()
	order, files := []domain.Language{}, domain.Text{}
	for _, one := range append([]domain.Language{l, e.DefaultLanguage(), domain.English}, supported...) {
		if slices.Contains(supported, one) {
			order, files[one] = append(order, one), document.Place(s, one)
		}
	}
	return document.Find(root, files, s.ID, order...)
}

// DocumentFeatures is what config.json lets Markdown hold.
func (e *Engine) DocumentFeatures() document.Features {
	d := e.Config().Documentation
	on := func(name string) bool { return slices.Contains(d.MarkdownExtensions, name) }
	return document.Features{
		Tables: on("tables"), Highlight: on("codehilite"), Contents: on("toc"),
		Math: on("math") && d.EnableMathRendering, Diagrams: d.EnableDiagramRendering,
	}
}

// RenderDocument makes a script's document ready to be shown to who sees that
// (SPEC DOC-1). It fails as Document does.
func (e *Engine) RenderDocument(ctx context.Context, s domain.Script, l domain.Language, sees Sees) (DocumentView, error) {
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return DocumentView{}, domain.NewError(domain.CodeNotFound, "what", "document", "name", s.ID).Because(err)
	}
	defer func() { _ = root.Close() }()
	s = e.withOwnDocuments(ctx, s)
	source, err := e.findDocument(root, s, l)
	if err != nil {
		return DocumentView{}, err
	}
	return e.renderDocument(ctx, root, s, source, l, sees)
}

// PreviewDocument makes a text ready to be shown as if it stood in the script's
// document of that language (SPEC DOC-2). Nothing is read or written of it.
func (e *Engine) PreviewDocument(ctx context.Context, s domain.Script, l domain.Language, text string, sees Sees) (DocumentView, error) {
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return DocumentView{}, domain.NewError(domain.CodeNotFound, "what", "group", "name", s.GroupID).Because(err)
	}
	defer func() { _ = root.Close() }()
	s = e.withOwnDocuments(ctx, s)
	return e.renderDocument(ctx, root, s, document.Source{Language: l, File: document.Place(s, l), Text: []byte(text)}, l, sees)
}

func (e *Engine) renderDocument(ctx context.Context, root *os.Root, s domain.Script, source document.Source, l domain.Language, sees Sees) (DocumentView, error) {
	owners, err := e.documentOwners(ctx, s.GroupID, sees)
	if err != nil {
		return DocumentView{}, err
	}
	made, err := e.pages.Render(ctx, source.Text, document.Options{
		Features: e.DocumentFeatures(), File: source.File,
		Word: func(kind string) string { return e.options.Texts.Text(source.Language, "document."+kind, nil) },
		Resolver: &document.Site{
			Root: root, Group: s.GroupID, File: source.File, Script: sees,
			Document: func(file string) domain.ScriptID { return owners[file] },
		},
	})
	if err != nil {
		return DocumentView{}, err
	}
	return DocumentView{
		Document: made, Language: source.Language, Requested: l, Fallback: source.Language != l, Path: source.File,
		Languages: e.documentLanguages(root, s),
	}, nil
}

// documentOwners tells of the documents in a group whose they are, as far as
// the person sees those scripts.
func (e *Engine) documentOwners(ctx context.Context, group string, sees Sees) (map[string]domain.ScriptID, error) {
	scripts, err := e.Scripts(ctx, group)
	if err != nil {
		return nil, err
	}
	owners := map[string]domain.ScriptID{}
	for _, s := range ownDocuments(scripts) {
		if _, ok := sees(s.ID); !ok {
			continue
		}
		for _, l := range domain.Languages() {
			owners[filepath.ToSlash(filepath.Clean(document.Place(s, l)))] = s.ID
		}
	}
	return owners, nil
}

// DocumentImage reads a picture of the script's group. It fails as
// document.ReadImage does.
func (e *Engine) DocumentImage(s domain.Script, file string) (document.Image, error) {
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return document.Image{}, domain.NewError(domain.CodeNotFound, "what", "file", "name", file).Because(err)
	}
	defer func() { _ = root.Close() }()
	return document.ReadImage(root, file)
}
