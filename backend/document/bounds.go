package document

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"scriptsmanager/backend/domain"
)

// Bounds of what is parsed. Whoever reads Markdown in this application does so
// with Parse, so that these hold for all of it: within them a document ends in
// a few seconds and takes some hundred MB, whatever stands in it.
const (
	// SourceMost is how much of a document is shown, in bytes. It is more than
	// a hundred printed pages; a page of several MB would hold up the window.
	SourceMost = 1 << 20
	// depthMost is how deep lists, quotations and footnotes may stand in each
	// other: each line is held against all that are open.
	depthMost = 40
	// lineMost and paragraphMost bound what is parsed at once, in bytes: looking
	// for the ends of links and emphasis takes the square of it, too.
	lineMost      = 16 << 10
	paragraphMost = 64 << 10
	cellsMost     = 50_000 // of all tables together
	// HeadingsMost are listed, footnotesMost and referencesMost are made: for
	// each reference all footnotes are looked through.
	HeadingsMost   = 2000
	footnotesMost  = 1000
	referencesMost = 10_000
)

// long finds a line that is too long to be parsed.
func (p *Parsed) long() int {
	for i, start := range p.starts {
		end := len(p.Source)
		if i+1 < len(p.starts) {
			end = p.starts[i+1]
		}
		if end-start > lineMost {
			return i + 1
		}
	}
	return 0
}

// largeTables keeps tables that would grow too large as they are written, and
// long paragraphs that are none.
type largeTables struct{ parsed *Parsed }

// Transform is of goldmark. It comes before all others, of which some are slow, too.
func (l largeTables) Transform(node *ast.Paragraph, reader text.Reader, _ parser.Context) {
	cells, whole := cells(node, reader.Source())
	l.parsed.cells += cells
	if l.parsed.cells > cellsMost && cells > 0 || !whole && blockSize(node) > paragraphMost {
		l.parsed.keep(node)
	}
}

// longParagraphs keeps what is too long to be looked through for marks as it is
// written. It comes last: what a table has not taken is a paragraph.
type longParagraphs struct{ parsed *Parsed }

// Transform is of goldmark.
func (l longParagraphs) Transform(node *ast.Paragraph, _ text.Reader, _ parser.Context) {
	if blockSize(node) > paragraphMost {
		l.parsed.keep(node)
	}
}

// keep shows a paragraph as it is written.
func (p *Parsed) keep(node *ast.Paragraph) {
	p.problem(p.LineOf(node), domain.CodeDocumentBlock)
	kept := ast.NewCodeBlock()
	kept.SetLines(node.Lines())
	node.Parent().ReplaceChild(node.Parent(), node, kept)
}

// cells counts those of the table that a paragraph may become: those that a row
// lacks are made up for. whole tells that the table would begin with it, else
// what stands before its heading stays a paragraph.
func cells(node *ast.Paragraph, source []byte) (most int, whole bool) {
	lines := node.Lines()
	for i := 1; i < lines.Len(); i++ {
		segment := lines.At(i)
		rule := segment.Value(source)
		if bytes.IndexByte(rule, '-') < 0 || len(bytes.Trim(rule, "-|: \t\n")) > 0 {
			continue
		}
		whole = whole || i == 1
		most = max(most, (1+bytes.Count(rule, []byte{'|'}))*(lines.Len()-i+1))
	}
	return most, whole
}

// boundedParser is goldmark's, with bounds on how deep its blocks stand.
func boundedParser(p *Parsed) parser.Parser {
	blocks := parser.DefaultBlockParsers()
	for i, block := range blocks {
		// The kinds of blocks that hold others; an item stands in a list.
		if b, ok := block.Value.(parser.BlockParser); ok && (block.Priority == 300 || block.Priority == 800) {
			blocks[i].Value = shallow{b, p}
		}
	}
	return parser.NewParser(
		parser.WithBlockParsers(blocks...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
}

// shallow lets a block begin unless it stands too deep.
type shallow struct {
	parser.BlockParser
	parsed *Parsed
}

// Open is of parser.BlockParser.
func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		switch n.(type) {
		case *ast.List, *ast.Blockquote, *east.Footnote:
			depth++
		}
	}
	if depth < depthMost {
		return s.BlockParser.Open(parent, reader, pc)
	}
	_, before := reader.Position()
	node, state := s.BlockParser.Open(parent, reader, pc)
	if node != nil {
		panic(tooDeep{s.parsed.Line(before.Start)}) // the parser knows no other way out
	}
	return nil, state
}

// tooDeep ends the parsing; Parse tells it.
type tooDeep struct{ line int }

// footnotes is goldmark's extension, as far as there are not too many.
type footnotes struct{ parsed *Parsed }

// Extend is of goldmark.Extender.
func (f footnotes) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(
		parser.WithBlockParsers(util.Prioritized(fewFootnotes{shallow{extension.NewFootnoteBlockParser(), f.parsed}}, 999)),
		parser.WithInlineParsers(util.Prioritized(fewReferences{extension.NewFootnoteParser(), f.parsed}, 101)),
		parser.WithASTTransformers(util.Prioritized(extension.NewFootnoteASTTransformer(), 999)),
	)
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(extension.NewFootnoteHTMLRenderer(
		extension.WithFootnoteIDPrefix(idPrefix),
		extension.WithFootnoteLinkClass("footnote-ref"), extension.WithFootnoteBacklinkClass("footnote-backref"),
	), 500)))
}

func (p *Parsed) manyFootnotes(at int) {
	p.problem(p.Line(at), domain.CodeDocumentFootnotes, "most", footnotesMost, "references", referencesMost)
}

type fewFootnotes struct{ shallow }

// Open is of parser.BlockParser.
func (f fewFootnotes) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if f.parsed.footnotes > footnotesMost {
		return nil, parser.NoChildren
	}
	line, before := reader.Position()
	node, state := f.shallow.Open(parent, reader, pc)
	if node == nil {
		return nil, state
	}
	if f.parsed.footnotes++; f.parsed.footnotes > footnotesMost {
		reader.SetPosition(line, before)
		f.parsed.manyFootnotes(before.Start)
		return nil, parser.NoChildren
	}
	return node, state
}

type fewReferences struct {
	parser.InlineParser
	parsed *Parsed
}

// Parse is of parser.InlineParser.
func (f fewReferences) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if !bytes.HasPrefix(line, []byte("[^")) && !bytes.HasPrefix(line, []byte("![^")) {
		return nil
	}
	if f.parsed.references > referencesMost {
		return nil
	}
	if f.parsed.references++; f.parsed.references > referencesMost {
		f.parsed.manyFootnotes(segment.Start)
		return nil
	}
	return f.InlineParser.Parse(parent, block, pc)
}
