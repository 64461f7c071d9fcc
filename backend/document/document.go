package document

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// Bounds of what is made of one document; what is parsed of it has its own.
const (
	// htmlMost bounds what is made of it.
	htmlMost = 8 << 20
	// FormulaMost and DiagramMost bound one formula and one diagram, in bytes,
	// formulasMost and diagramsMost how many are drawn.
	FormulaMost  = 8 << 10
	DiagramMost  = 32 << 10
	formulasMost = 2000
	diagramsMost = 50
	// problemsMost bounds what is told of one document.
	problemsMost = 100
	// timeMost is how long making the HTML may take. Nothing that people write
	// needs a second.
	timeMost = 5 * time.Second
)

// Features says what Markdown may hold beyond CommonMark, footnotes, task
// lists, strikethrough and admonitions.
type Features struct {
	Tables    bool
	Highlight bool // of code
	Contents  bool // headings are listed
	Math      bool
	Diagrams  bool
}

// AllFeatures has everything on.
func AllFeatures() Features {
	return Features{Tables: true, Highlight: true, Contents: true, Math: true, Diagrams: true}
}

// Options says how a document is rendered.
type Options struct {
	Features Features
	// File names the document in its problems, relative to the group's folder.
	File string
	// Resolver says where links and images lead; with nil they lead nowhere.
	Resolver Resolver
	// Word gives the title of an admonition ("note", "warning", …); nil leaves it as it is.
	Word func(kind string) string
}

// Document is Markdown made ready to be shown.
type Document struct {
	HTML     string           `json:"html"`
	Contents []Heading        `json:"contents"`
	Problems []domain.Problem `json:"problems"`
}

// Heading is one of the contents.
type Heading struct {
	Level int    `json:"level"`
	ID    string `json:"id"` // of the element in the HTML
	Text  string `json:"text"`
	Line  int    `json:"line"`
}

// rendering bounds how many documents are made at a time: each may take a
// processor for a while.
type rendering chan struct{}

// Renderer makes HTML of Markdown, some at a time.
type Renderer struct{ slots rendering }

// NewRenderer makes a Renderer that works on at most that many documents at a time.
func NewRenderer(most int) *Renderer { return &Renderer{slots: make(rendering, most)} }

// Render makes HTML of Markdown. It fails only where ctx ends before; all that
// is wrong with the document is told in its problems, and what cannot be
// rendered is shown as it is written.
func (r *Renderer) Render(ctx context.Context, source []byte, o Options) (Document, error) {
	ctx, cancel := context.WithTimeout(ctx, timeMost)
	defer cancel()
	made := make(chan Document, 1)
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return r.late(ctx, source, o)
	}
	// The parser cannot be interrupted: what takes too long keeps its slot to
	// its end, which the bounds above make sure of.
	go func() {
		defer func() { <-r.slots }()
		made <- Render(source, o)
	}()
	select {
	case d := <-made:
		return d, nil
	case <-ctx.Done():
		return r.late(ctx, source, o)
	}
}

func (r *Renderer) late(ctx context.Context, source []byte, o Options) (Document, error) {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return Document{}, ctx.Err()
	}
	p := prepare(source)
	p.problem(0, domain.CodeDocumentSlow, "seconds", int(timeMost/time.Second))
	return plain(p, o), nil
}

// Render makes HTML of Markdown, however long it takes; see Renderer.
func Render(source []byte, o Options) (d Document) {
	p := Parse(source, o.Features)
	if p.Root == nil {
		return plain(p, o)
	}
	defer func() {
		// A document must not end the application, whatever a library makes of it.
		if r := recover(); r != nil {
			p.problem(0, domain.CodeDocumentBroken, "detail", fmt.Sprint(r))
			d = plain(p, o)
		}
	}()
	raw, err := p.html(o)
	if err != nil {
		p.problem(0, domain.CodeDocumentBroken, "detail", err.Error())
		return plain(p, o)
	}
	d = Document{HTML: finish(sanitise(raw), p, o), Contents: []Heading{}}
	if o.Features.Contents {
		d.Contents = p.headings
	}
	p.targets(o.Resolver)
	d.Problems = p.told(o.File)
	return d
}

// plain shows a document as it is written.
func plain(p *Parsed, o Options) Document {
	return Document{
		HTML:     `<pre class="document-plain">` + html.EscapeString(strings.TrimRight(string(p.Source), "\n")) + "</pre>\n",
		Contents: []Heading{}, Problems: p.told(o.File),
	}
}
