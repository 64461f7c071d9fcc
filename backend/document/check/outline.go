package check

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"scriptsmanager/backend/domain"
)

// maxNesting is how deep lists and quotes may stand in each other: a reader
// sees no more, and what follows the tree needs a stack for each.
const maxNesting = 100

// outline is what the checks need to know of a text, whatever stands around it.
type outline struct {
	headings []heading
	links    []link
	problems []domain.Problem // File is ""
	lines    []int            // where each begins
}

type heading struct {
	level, line int
	text        string
	empty       bool // nothing stands under it
}

type link struct {
	target string
	line   int
	image  bool
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))

// outlined reads a text. Formulas are blanked before links are looked for:
// brackets in them are no links.
func outlined(source []byte) *outline {
	o := &outline{lines: []int{0}}
	for i, b := range source {
		if b == '\n' {
			o.lines = append(o.lines, i+1)
		}
	}
	if line := deepest(source); line > 0 {
		o.problems = append(o.problems, domain.Problem{Line: line, Code: domain.CodeDocumentNested, Params: map[string]any{"most": maxNesting}})
		return o
	}
	code := o.code(source)
	blanked := bytes.Clone(source)
	for _, f := range o.formulas(source, code) {
		for i := f.whole.from; i < f.whole.to; i++ {
			if blanked[i] != '\n' {
				blanked[i] = 'x'
			}
		}
	}
	o.walk(blanked)
	return o
}

// deepest gives the first line that is nested too deep, or 0.
func deepest(source []byte) int {
	n := 0
	for line := range bytes.Lines(source) {
		n++
		depth, blanks := 0, 0
		for _, b := range line {
			switch b {
			case ' ':
				blanks++
				continue
			case '\t':
				blanks += 4
				continue
			case '>', '-', '*', '+':
				depth++
				continue
			}
			break
		}
		if depth+blanks/2 > maxNesting && len(bytes.Trim(line, " \t\r\n-*")) > 0 {
			return n
		}
	}
	return 0
}

// code finds what is code, and the fences that nothing closes.
func (o *outline) code(source []byte) []span {
	var found []span
	_ = ast.Walk(markdown.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			found = append(found, o.fence(source, n))
		case *ast.CodeBlock, *ast.HTMLBlock:
			if lines := n.Lines(); lines.Len() > 0 {
				found = append(found, span{lines.At(0).Start, lines.At(lines.Len() - 1).Stop})
			}
		case *ast.CodeSpan, *ast.RawHTML, *ast.AutoLink:
			from, to := n.Pos(), 0
			if raw, ok := n.(*ast.RawHTML); ok && raw.Segments.Len() > 0 {
				from, to = raw.Segments.At(0).Start, raw.Segments.At(raw.Segments.Len()-1).Stop
			}
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					to = t.Segment.Stop
				}
			}
			if to > from && from >= 0 {
				found = append(found, span{from, to})
			}
		case *ast.Link:
			// The target may hold a dollar sign.
		}
		return ast.WalkContinue, nil
	})
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	return found
}

// fence gives the span of a fenced block, and says where nothing closes it.
func (o *outline) fence(source []byte, n *ast.FencedCodeBlock) span {
	from := max(n.Pos(), 0)
	open := bytes.TrimLeft(source[from:], " \t")
	sign := byte('`')
	if len(open) > 0 {
		sign = open[0]
	}
	end := lineEnd(source, from)
	if lines := n.Lines(); lines.Len() > 0 {
		end = lines.At(lines.Len() - 1).Stop
		if end > 0 && source[end-1] != '\n' {
			end = lineEnd(source, end)
		}
	}
	last := source[end:lineEnd(source, end)]
	if closing := bytes.TrimSpace(bytes.TrimLeft(last, "> \t")); len(closing) < 3 || len(bytes.Trim(closing, string(sign))) > 0 {
		kind := string(n.Language(source))
		if kind == "" {
			kind = string(bytes.Repeat([]byte{sign}, 3))
		}
		o.add(from, domain.CodeDocumentFence, "kind", clip(kind))
	}
	return span{from, lineEnd(source, end)}
}

// lineEnd is where the line after at begins.
func lineEnd(source []byte, at int) int {
	if i := bytes.IndexByte(source[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(source)
}

// walk finds headings, links and images.
func (o *outline) walk(source []byte) {
	tree := markdown.Parser().Parse(text.NewReader(source))
	_ = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			o.heading(source, n)
		case *ast.Link:
			o.links = append(o.links, link{target: string(n.Destination), line: o.line(position(n))})
		case *ast.Image:
			o.links = append(o.links, link{target: string(n.Destination), line: o.line(position(n)), image: true})
		case *ast.HTMLBlock:
			for i := range n.Lines().Len() {
				s := n.Lines().At(i)
				o.html(s.Value(source), s.Start)
			}
		case *ast.RawHTML:
			for i := range n.Segments.Len() {
				s := n.Segments.At(i)
				o.html(s.Value(source), s.Start)
			}
		}
		return ast.WalkContinue, nil
	})
}

func (o *outline) heading(source []byte, n *ast.Heading) {
	h := heading{level: n.Level, line: o.line(position(n)), text: plain(source, n)}
	next := n.NextSibling()
	h.empty = next == nil
	if other, ok := next.(*ast.Heading); ok && other.Level <= n.Level {
		h.empty = true
	}
	o.headings = append(o.headings, h)
}

// plain is the text of a node without its marks.
func plain(source []byte, n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Segment.Value(source))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// position is where a node begins, as far as it is known.
func position(n ast.Node) int {
	for ; n != nil; n = n.Parent() {
		if at := n.Pos(); at >= 0 && n.Kind() != ast.KindDocument {
			return at
		}
	}
	return 0
}

var (
	htmlTarget = regexp.MustCompile(`(?i)<(img|a)\b[^>]*?\b(?:src|href)\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	htmlImage  = "img"
)

// html finds links and images that are written as HTML.
func (o *outline) html(part []byte, at int) {
	for _, m := range htmlTarget.FindAllSubmatchIndex(part, -1) {
		target := ""
		for g := 4; g < len(m); g += 2 {
			if m[g] >= 0 {
				target = string(part[m[g]:m[g+1]])
			}
		}
		o.links = append(o.links, link{target: target, line: o.line(at + m[0]), image: strings.EqualFold(string(part[m[2]:m[3]]), htmlImage)})
	}
}

// line is the number of the line in which a byte stands.
func (o *outline) line(at int) int {
	i, found := slices.BinarySearch(o.lines, at)
	if found {
		return i + 1
	}
	return max(i, 1)
}

func (o *outline) add(at int, code domain.Code, pairs ...any) {
	o.problems = append(o.problems, problem(o.line(at), code, pairs...))
}

func problem(line int, code domain.Code, pairs ...any) domain.Problem {
	return domain.Problem{Line: line, Code: code, Params: domain.NewError(code, pairs...).Params}
}
