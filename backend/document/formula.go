package document

import (
	"bytes"
	"html"
	"regexp"
	"strconv"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Formula is a formula in TeX: $…$ within words, $$…$$ by itself.
type Formula struct {
	ast.BaseNode
	block    bool
	Display  bool
	TeX      []byte
	At       int    // where it begins in the source
	Label    string // of \label{…}
	Number   int    // 0: it has none, or one of its own (\tag)
	Open     bool   // it is begun and not ended
	TooLarge bool   // it is not drawn
	ended    bool
	ref      *Formula // what \eqref{…} alone means
}

// KindFormula is Formula's kind.
var KindFormula = ast.NewNodeKind("Formula")

// Kind gives KindFormula.
func (n *Formula) Kind() ast.NodeKind { return KindFormula }

// Type tells blocks from what stands within words.
func (n *Formula) Type() ast.NodeType {
	if n.block {
		return ast.TypeBlock
	}
	return ast.TypeInline
}

// IsRaw tells that what stands within is no Markdown.
func (n *Formula) IsRaw() bool { return true }

// Dump prints it, for tests.
func (n *Formula) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"TeX": string(n.TeX)}, nil)
}

// Text gives its source.
func (n *Formula) Text([]byte) []byte { return n.TeX }

// HasBlankPreviousLines is of ast.Node.
func (n *Formula) HasBlankPreviousLines() bool { return false }

// SetBlankPreviousLines is of ast.Node.
func (n *Formula) SetBlankPreviousLines(bool) {}

// Lines gives no lines: TeX has what stands in them.
func (n *Formula) Lines() *text.Segments { return text.NewSegments() }

// SetLines is of ast.Node.
func (n *Formula) SetLines(*text.Segments) {}

var (
	labelled  = regexp.MustCompile(`\\label\s*\{([A-Za-z0-9_:.-]{1,60})\}`)
	ownNumber = regexp.MustCompile(`\\(tag\b|notag\b|nonumber\b|begin\s*\{(equation|align|gather|alignat)\})`)
	reference = regexp.MustCompile(`^\s*\\(?:eqref|ref)\s*\{([A-Za-z0-9_:.-]{1,60})\}\s*$`)
)

func takeLabel(tex []byte) ([]byte, string) {
	m := labelled.FindSubmatch(tex)
	if m == nil {
		return tex, ""
	}
	return bytes.TrimSpace(labelled.ReplaceAll(tex, nil)), string(m[1])
}

func (n *Formula) ownNumber() bool { return ownNumber.Match(n.TeX) }

func (n *Formula) id() string { return formulaID(n.Label) }

func formulaID(label string) string { return idPrefix + "eq-" + slug(label) }

// mathematics is the extension of goldmark for formulas.
type mathematics struct{ mark string }

func (f mathematics) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(
		// Before emphasis, whose marks are usual in formulas.
		parser.WithInlineParsers(util.Prioritized(formulaInline{}, 150)),
		parser.WithBlockParsers(util.Prioritized(formulaBlock{}, 690)),
		parser.WithASTTransformers(util.Prioritized(formulaFences{}, 500)),
	)
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(formulaHTML(f), 500)))
}

// formulaFences makes formulas of the code that is marked as math.
type formulaFences struct{}

func (formulaFences) Transform(root *ast.Document, reader text.Reader, _ parser.Context) {
	var found []*ast.FencedCodeBlock
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if f, ok := n.(*ast.FencedCodeBlock); ok && entering && string(f.Language(reader.Source())) == "math" {
			found = append(found, f)
		}
		return ast.WalkContinue, nil
	})
	for _, f := range found {
		n := &Formula{block: true, Display: true, At: max(f.Pos(), 0), TeX: bytes.TrimSpace(f.Lines().Value(reader.Source()))}
		f.Parent().ReplaceChild(f.Parent(), f, n)
	}
}

type formulaInline struct{}

func (formulaInline) Trigger() []byte { return []byte{'$'} }

// Parse reads a formula on one line. A single $ counts only where no blank
// stands within next to it and no digit follows, so that prices stay what they
// are; these are Pandoc's rules.
func (formulaInline) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	marks := 1
	if len(line) > 1 && line[1] == '$' {
		marks = 2
	}
	body := line[marks:]
	end := closing(body, marks)
	if end <= 0 {
		return nil
	}
	tex := body[:end]
	if marks == 1 {
		after := body[end+1:]
		if blank(tex[0]) || blank(tex[len(tex)-1]) || (len(after) > 0 && after[0] >= '0' && after[0] <= '9') {
			return nil
		}
	} else if tex = bytes.TrimSpace(tex); len(tex) == 0 {
		return nil
	}
	n := &Formula{Display: marks == 2, TeX: bytes.Clone(tex), At: segment.Start}
	block.Advance(marks + end + marks)
	return n
}

func blank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' }

// closing finds the marks that end a formula, not an escaped one.
func closing(body []byte, marks int) int {
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '$':
			if marks == 1 {
				return i
			}
			if i+1 < len(body) && body[i+1] == '$' {
				return i
			}
		}
	}
	return -1
}

type formulaBlock struct{}

func (formulaBlock) Trigger() []byte { return []byte{'$'} }

// Open begins a formula where $$ begins a line and either nothing stands behind
// the $$ that end it, or they stand in a later line.
func (formulaBlock) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	at := pc.BlockOffset()
	if at < 0 || !bytes.HasPrefix(line[at:], []byte("$$")) {
		return nil, parser.NoChildren
	}
	body := line[at+2:]
	n := &Formula{block: true, Display: true, At: segment.Start + at}
	if end := closing(body, 2); end >= 0 {
		n.TeX = bytes.TrimSpace(bytes.Clone(body[:end]))
		if len(bytes.TrimSpace(body[end+2:])) > 0 || len(n.TeX) == 0 {
			return nil, parser.NoChildren
		}
		n.ended = true
		reader.AdvanceToEOL()
		return n, parser.NoChildren
	}
	n.Open = true
	n.TeX = bytes.Clone(body)
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

// Continue reads to the $$ that end it, or to a blank line, which no formula has.
func (formulaBlock) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	n, ok := node.(*Formula)
	if !ok || n.ended {
		return parser.Close
	}
	line, _ := reader.PeekLine()
	if util.IsBlank(line) {
		return parser.Close
	}
	if end := closing(line, 2); end >= 0 {
		n.TeX = append(n.TeX, line[:end]...)
		n.Open, n.ended = false, true
		reader.AdvanceToEOL()
		return parser.Close
	}
	n.TeX = append(n.TeX, line...)
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (formulaBlock) Close(node ast.Node, _ text.Reader, _ parser.Context) {
	if n, ok := node.(*Formula); ok {
		n.TeX = bytes.TrimSpace(n.TeX)
	}
}

func (formulaBlock) CanInterruptParagraph() bool { return true }

func (formulaBlock) CanAcceptIndentedLine() bool { return false }

// formulaHTML writes formulas as marked text.
type formulaHTML struct{ mark string }

func (f formulaHTML) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(KindFormula, func(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		n, ok := node.(*Formula)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		element := "span"
		if n.block {
			element = "div"
		}
		put := func(parts ...string) {
			for _, part := range parts {
				_, _ = w.WriteString(part)
			}
		}
		tex := html.EscapeString(string(n.TeX))
		if n.ref != nil {
			put(`<a class="formula-ref" href="#`, n.ref.id()[len(idPrefix):], `">(`, strconv.Itoa(n.ref.Number), `)</a>`)
			return ast.WalkSkipChildren, nil
		}
		put("<", element, ` class="formula`)
		switch {
		case n.Open:
			put(` formula-open`)
		case n.TooLarge:
			put(` formula-large`)
		}
		if n.Display {
			put(` formula-display`)
		}
		put(`"`)
		if n.Label != "" {
			put(` id="`, n.id(), `"`)
		}
		if n.Number > 0 {
			put(` data-number="`, strconv.Itoa(n.Number), `"`)
		}
		put(` data-mark="`, f.mark, `"`)
		put(">", tex, "</", element, ">")
		if n.block {
			put("\n")
		}
		return ast.WalkSkipChildren, nil
	})
}
