package document

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"scriptsmanager/backend/domain"
)

// idPrefix keeps the names of a document's elements apart from the page's own.
const idPrefix = "doc-"

// Parsed is Markdown as a tree. Besides goldmark's nodes it has Formula and
// Admonition. All places in it are those of Source.
type Parsed struct {
	// Source is the Markdown in UTF-8, its lines ended by \n: bytes may stand
	// elsewhere than in the file, lines do not.
	Source []byte
	// Root is nil where it stands too deep in itself to be parsed.
	Root ast.Node

	features Features
	markdown goldmark.Markdown
	starts   []int // of lines
	headings []Heading
	ids      map[string]bool
	problems []domain.Problem

	cells, footnotes, references int // so far

	// mark is on what is drawn later; HTML in the Markdown cannot know it.
	mark string
}

// Parse makes the tree. What is wrong so far is told by Problems.
func Parse(source []byte, f Features) (p *Parsed) {
	p = prepare(source)
	p.features = f
	if line := p.long(); line > 0 {
		p.problem(line, domain.CodeDocumentLine, "most", lineMost>>10)
		return p
	}
	before := slices.Clone(p.problems)
	defer func() {
		switch r := recover().(type) {
		case nil:
		case tooDeep:
			p.problems = before
			p.problem(r.line, domain.CodeDocumentDeep, "most", depthMost)
		default:
			p.Root = nil
			p.problem(0, domain.CodeDocumentBroken, "detail", fmt.Sprint(r))
		}
	}()
	p.markdown = markdown(p)
	p.Root = p.markdown.Parser().Parse(text.NewReader(p.Source), parser.WithContext(parser.NewContext(parser.WithIDs(newHeadingIDs()))))
	p.collect()
	return p
}

// prepare brings a file into the form that is parsed.
func prepare(source []byte) *Parsed {
	p := &Parsed{ids: map[string]bool{}, headings: []Heading{}, mark: rand.Text()}
	source = bytes.TrimPrefix(source, []byte("\xEF\xBB\xBF"))
	if len(source) > SourceMost {
		whole := len(source)
		source = source[:SourceMost]
		if end := bytes.LastIndexByte(source, '\n'); end > 0 {
			source = source[:end+1]
		} else {
			for len(source) > 0 && !utf8.FullRune(source[max(0, len(source)-utf8.UTFMax):]) {
				source = source[:len(source)-1]
			}
		}
		p.problem(1+bytes.Count(source, []byte{'\n'}), domain.CodeDocumentCut, "size", megabytes(int64(whole)), "most", SourceMost>>20)
	}
	if bytes.IndexByte(source, '\r') >= 0 {
		source = bytes.ReplaceAll(bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	for at := 0; at < len(source); {
		r, size := utf8.DecodeRune(source[at:])
		if r == utf8.RuneError && size == 1 {
			p.problem(1+bytes.Count(source[:at], []byte{'\n'}), domain.CodeDocumentEncoding)
			source = bytes.ToValidUTF8(source, []byte("\uFFFD"))
			break
		}
		at += size
	}
	p.Source = source
	p.starts = []int{0}
	for i, b := range source {
		if b == '\n' {
			p.starts = append(p.starts, i+1)
		}
	}
	return p
}

// Line gives the line, from 1, in which a byte of Source stands.
func (p *Parsed) Line(offset int) int {
	if offset < 0 {
		return 0
	}
	return sort.SearchInts(p.starts, offset+1)
}

// LineOf gives the line in which a node begins; 0 where it has no place.
func (p *Parsed) LineOf(n ast.Node) int {
	for ; n != nil; n = n.Parent() {
		if at := start(n); at >= 0 {
			return p.Line(at)
		}
	}
	return 0
}

// start gives where a node begins in the source, or -1.
func start(n ast.Node) int {
	switch n := n.(type) {
	case *ast.Text:
		return n.Segment.Start
	case *Formula:
		return n.At
	}
	if n.Type() == ast.TypeBlock {
		if lines := n.Lines(); lines != nil && lines.Len() > 0 {
			return lines.At(0).Start
		}
	}
	if at := n.Pos(); at >= 0 && n.Kind() != ast.KindDocument {
		return at
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if at := start(c); at >= 0 {
			return at
		}
	}
	return -1
}

// Headings gives the headings in their order.
func (p *Parsed) Headings() []Heading { return slices.Clone(p.headings) }

// Targets tells whether a link to #fragment leads to something in the document.
func (p *Parsed) Targets() func(fragment string) bool {
	within := &Parsed{ids: p.ids}
	return func(fragment string) bool { return within.heading(fragment).Why == "" }
}

// Problems gives what is wrong so far; file names the document in it.
func (p *Parsed) Problems(file string) []domain.Problem { return p.told(file) }

func (p *Parsed) problem(line int, code domain.Code, params ...any) {
	if len(p.problems) >= problemsMost {
		return
	}
	e := domain.NewError(code, params...)
	p.problems = append(p.problems, domain.Problem{Line: line, Code: code, Params: e.Params, Warning: true})
}

func (p *Parsed) told(file string) []domain.Problem {
	out := slices.Clone(p.problems)
	if out == nil {
		out = []domain.Problem{}
	}
	for i := range out {
		out[i].File = file
	}
	slices.SortStableFunc(out, func(a, b domain.Problem) int { return a.Line - b.Line })
	return out
}

// collect finds headings, and numbers the formulas.
func (p *Parsed) collect() {
	number, formulas, diagrams, many := 0, 0, 0, false
	labels, refs := map[string]*Formula{}, []*Formula{}
	_ = ast.Walk(p.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			h := Heading{Level: n.Level, Text: Text(n, p.Source), Line: p.LineOf(n)}
			if id, ok := n.AttributeString("id"); ok {
				h.ID = string(asBytes(id))
			}
			switch {
			case len(p.headings) < HeadingsMost:
				p.headings = append(p.headings, h)
				p.ids[h.ID] = true
			case !many:
				many = true
				p.problem(h.Line, domain.CodeDocumentHeadings, "most", HeadingsMost)
			}
		case *Formula:
			formulas++
			p.formula(n, &number, formulas)
			if n.Label != "" && n.Number > 0 {
				labels[n.Label] = n
			}
			if !n.Display {
				refs = append(refs, n)
			}
		case *ast.FencedCodeBlock:
			if isDiagram(n, p.Source) && p.features.Diagrams {
				diagrams++
				if size := n.Lines().Len(); diagrams > diagramsMost || blockSize(n) > DiagramMost {
					n.SetAttributeString("too-large", size)
					p.problem(p.LineOf(n), domain.CodeDocumentDiagramLarge, "most", DiagramMost>>10, "count", diagramsMost)
				}
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range refs {
		if m := reference.FindSubmatch(n.TeX); m != nil {
			n.ref = labels[string(m[1])]
		}
	}
}

func (p *Parsed) formula(n *Formula, number *int, count int) {
	line := p.LineOf(n)
	switch {
	case n.Open:
		p.problem(line, domain.CodeDocumentFormulaOpen)
	case len(n.TeX) > FormulaMost || count > formulasMost:
		n.TooLarge = true
		p.problem(line, domain.CodeDocumentFormulaLarge, "most", FormulaMost>>10, "count", formulasMost)
	}
	if !n.Display || n.Open {
		return
	}
	n.TeX, n.Label = takeLabel(n.TeX)
	if !n.ownNumber() {
		*number++
		n.Number = *number
	}
	if n.Label != "" && count <= formulasMost {
		p.ids[n.id()] = true
	}
}

func blockSize(n ast.Node) int {
	size := 0
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		size += segment.Len()
	}
	return size
}

func isDiagram(n *ast.FencedCodeBlock, source []byte) bool {
	return strings.EqualFold(string(n.Language(source)), "mermaid")
}

func asBytes(v any) []byte {
	switch v := v.(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

// Text gives the words of a node without their marks.
func Text(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(n.Segment.Value(source)))))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(source))
		case *Formula:
			b.Write(n.TeX)
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimSpace(b.String())
}

// markdown puts goldmark together. It is made anew for each document, since
// some of its parts keep something.
func markdown(p *Parsed) goldmark.Markdown {
	f := p.features
	extensions := []goldmark.Extender{
		extension.Strikethrough,
		extension.TaskList,
		footnotes{p},
		admonitions{},
		code{highlight: f.Highlight, diagrams: f.Diagrams, mark: p.mark},
	}
	if f.Tables {
		extensions = append(extensions, extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)))
	}
	if f.Math {
		extensions = append(extensions, mathematics{p.mark})
	}
	return goldmark.New(
		goldmark.WithParser(boundedParser(p)),
		goldmark.WithExtensions(extensions...),
		goldmark.WithParserOptions(parser.WithAutoHeadingID(), parser.WithParagraphTransformers(
			util.Prioritized(largeTables{p}, 50), util.Prioritized(longParagraphs{p}, 300),
		)),
		// HTML in Markdown goes through as it is, and then through the sanitiser.
		goldmark.WithRendererOptions(unsafeHTML{}),
	)
}

// headingIDs makes names of headings as GitHub does, of letters in any script.
type headingIDs struct {
	seen map[string]bool
	next map[string]int // the number to try for a name that is taken
}

func newHeadingIDs() *headingIDs { return &headingIDs{seen: map[string]bool{}, next: map[string]int{}} }

func (h *headingIDs) Generate(value []byte, _ ast.NodeKind) []byte {
	base := idPrefix + slug(string(value))
	id := base
	for n := max(h.next[base], 1); h.seen[id]; n++ {
		id = base + "-" + strconv.Itoa(n)
		h.next[base] = n + 1
	}
	h.seen[id] = true
	return []byte(id)
}

func (h *headingIDs) Put(value []byte) { h.seen[string(value)] = true }

// slug makes the name that a heading's words have in a link.
func slug(words string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(words)) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mn, r), r == '_', r == '-':
			b.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte('-')
		}
		if b.Len() >= 100 {
			break
		}
	}
	if b.Len() == 0 {
		return "section"
	}
	return b.String()
}
