package check

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"

	"scriptsmanager/backend/document"
	"scriptsmanager/backend/domain"
)

// Bounds of what is kept of a text.
const (
	mostLinks  = 5000
	mostTarget = 2000 // bytes
)

// outline is what the checks need to know of a text, whatever stands around it.
type outline struct {
	headings []heading
	ids      func(fragment string) bool // whether a heading has that name
	links    []link
	problems []domain.Problem // File is ""
	unread   bool             // it is beyond what is parsed

	parsed *document.Parsed // while it is made
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

// reading bounds how many texts are parsed at a time: each may take a processor
// for some seconds, and hundreds of MB.
var reading = make(chan struct{}, 2)

// outlined reads a text. document.Parse says whether it may be parsed at all.
// Links are looked for as readers see them: brackets in formulas are none.
func outlined(source []byte) *outline {
	reading <- struct{}{}
	defer func() { <-reading }()
	o := &outline{parsed: document.Parse(source, document.AllFeatures())}
	for _, p := range o.parsed.Problems("") {
		if p.Code != domain.CodeDocumentFormulaOpen { // which formulas tell, with their words
			p.Warning = false
			o.problems = append(o.problems, p)
		}
	}
	o.unread = o.parsed.Root == nil
	if !o.unread {
		o.read()
	}
	o.parsed = nil
	return o
}

func (o *outline) read() {
	defer func() {
		// A document must not end the application, whatever a library makes of it.
		if r := recover(); r != nil {
			o.unread = true
			o.add(0, domain.CodeDocumentBroken, "detail", fmt.Sprint(r))
		}
	}()
	o.ids = o.parsed.Targets()
	o.walk(o.parsed.Source)
	if plain := document.Parse(o.parsed.Source, document.Features{Tables: true}); plain.Root != nil {
		o.formulas(plain.Source, o.code(plain))
	}
}

// code finds what is code, and the fences that nothing closes.
func (o *outline) code(plain *document.Parsed) []span {
	source := plain.Source
	var found []span
	_ = ast.Walk(plain.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
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
	_ = ast.Walk(o.parsed.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			o.heading(source, n)
		case *ast.Link:
			o.link(n.Destination, position(n), false)
		case *ast.Image:
			o.link(n.Destination, position(n), true)
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

// link keeps a link; of one that is longer than any address only the beginning.
func (o *outline) link(target []byte, at int, image bool) {
	if len(o.links) < mostLinks {
		o.links = append(o.links, link{target: string(target[:min(len(target), mostTarget)]), line: o.line(at), image: image})
	}
}

func (o *outline) heading(source []byte, n *ast.Heading) {
	if len(o.headings) >= document.HeadingsMost {
		return
	}
	h := heading{level: n.Level, line: o.line(position(n)), text: document.Text(n, source)}
	next := n.NextSibling()
	h.empty = next == nil
	if other, ok := next.(*ast.Heading); ok && other.Level <= n.Level {
		h.empty = true
	}
	o.headings = append(o.headings, h)
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
		var target []byte
		for g := 4; g < len(m); g += 2 {
			if m[g] >= 0 {
				target = part[m[g]:m[g+1]]
			}
		}
		o.link(target, at+m[0], strings.EqualFold(string(part[m[2]:m[3]]), htmlImage))
	}
}

// line is the number of the line in which a byte stands.
func (o *outline) line(at int) int { return max(o.parsed.Line(at), 1) }

func (o *outline) add(at int, code domain.Code, pairs ...any) {
	if len(o.problems) < mostProblems {
		o.problems = append(o.problems, problem(o.line(at), code, pairs...))
	}
}

func problem(line int, code domain.Code, pairs ...any) domain.Problem {
	return domain.Problem{Line: line, Code: code, Params: domain.NewError(code, pairs...).Params}
}
