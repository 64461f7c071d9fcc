package document

import (
	"bytes"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Admonition is a quotation that begins with [!NOTE] or another of the kinds.
type Admonition struct {
	ast.BaseBlock
	Name string // "note", "tip", …
}

// KindAdmonition is Admonition's kind.
var KindAdmonition = ast.NewNodeKind("Admonition")

// Kind gives KindAdmonition.
func (n *Admonition) Kind() ast.NodeKind { return KindAdmonition }

// Dump prints it, for tests.
func (n *Admonition) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"Name": n.Name}, nil)
}

// AdmonitionKinds lists the kinds, which are GitHub's.
func AdmonitionKinds() []string { return []string{"note", "tip", "important", "warning", "caution"} }

type admonitions struct{}

func (admonitions) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithASTTransformers(util.Prioritized(admonitions{}, 500)))
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(admonitions{}, 500)))
}

// Transform makes admonitions of quotations.
func (admonitions) Transform(root *ast.Document, reader text.Reader, _ parser.Context) {
	type found struct {
		quote *ast.Blockquote
		kind  string
	}
	var all []found
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if quote, ok := n.(*ast.Blockquote); ok && entering {
			if kind := admonitionOf(quote, reader.Source()); kind != "" {
				all = append(all, found{quote, kind})
			}
		}
		return ast.WalkContinue, nil
	})
	for _, f := range all {
		first, ok := f.quote.FirstChild().(*ast.Paragraph)
		if !ok {
			continue
		}
		end := first.Lines().At(0).Stop
		for c := first.FirstChild(); c != nil; {
			next := c.NextSibling()
			if at := start(c); at >= 0 && at >= end {
				break
			}
			first.RemoveChild(first, c)
			c = next
		}
		if first.ChildCount() == 0 {
			f.quote.RemoveChild(f.quote, first)
		}
		made := &Admonition{Name: f.kind}
		made.SetPos(f.quote.Pos())
		for c := f.quote.FirstChild(); c != nil; {
			next := c.NextSibling()
			made.AppendChild(made, c)
			c = next
		}
		f.quote.Parent().ReplaceChild(f.quote.Parent(), f.quote, made)
	}
}

func admonitionOf(quote *ast.Blockquote, source []byte) string {
	first, ok := quote.FirstChild().(*ast.Paragraph)
	if !ok || first.Lines().Len() == 0 {
		return ""
	}
	segment := first.Lines().At(0)
	line := bytes.TrimSpace(segment.Value(source))
	if !bytes.HasPrefix(line, []byte("[!")) || !bytes.HasSuffix(line, []byte("]")) {
		return ""
	}
	kind := strings.ToLower(string(line[2 : len(line)-1]))
	if !slices.Contains(AdmonitionKinds(), kind) {
		return ""
	}
	return kind
}

// RegisterFuncs writes admonitions.
func (admonitions) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(KindAdmonition, func(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		n, ok := node.(*Admonition)
		if !ok {
			return ast.WalkContinue, nil
		}
		if entering {
			_, _ = w.WriteString(`<div class="admonition admonition-` + n.Name + `"><p class="admonition-title">` + n.Name + "</p>\n")
		} else {
			_, _ = w.WriteString("</div>\n")
		}
		return ast.WalkContinue, nil
	})
}
