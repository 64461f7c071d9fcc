package document

import (
	"bytes"
	"html"
	"strings"
	"time"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// Bounds of highlighting: what is beyond is shown in one colour.
const (
	highlightMost = 128 << 10 // bytes of one block
	highlightTime = time.Second
)

// code writes blocks of code, with a class for each kind of word, and diagrams
// as marked text.
type code struct {
	highlight, diagrams bool
	mark                string
}

func (c code) Extend(m goldmark.Markdown) {
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(&codeHTML{code: c}, 200)))
}

type codeHTML struct {
	code
	spent time.Duration // on highlighting this document
}

func (c *codeHTML) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		n, ok := node.(*ast.FencedCodeBlock)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		text := n.Lines().Value(source)
		language := ""
		if l := n.Language(source); l != nil {
			language = string(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(l))))
		}
		if c.diagrams && isDiagram(n, source) {
			class := "diagram"
			if _, large := n.AttributeString("too-large"); large {
				class += " diagram-large"
			}
			_, _ = w.WriteString(`<pre class="` + class + `" data-mark="` + c.mark + `">` + html.EscapeString(string(text)) + "</pre>\n")
			return ast.WalkSkipChildren, nil
		}
		_, _ = w.WriteString("<pre><code")
		if language != "" {
			_, _ = w.WriteString(` class="language-` + html.EscapeString(language) + `"`)
		}
		_, _ = w.WriteString(">")
		if !c.highlighted(w, language, text) {
			_, _ = w.WriteString(html.EscapeString(string(text)))
		}
		_, _ = w.WriteString("</code></pre>\n")
		return ast.WalkSkipChildren, nil
	})
}

// highlighted writes code with its classes, or tells that it did not.
func (c *codeHTML) highlighted(w util.BufWriter, language string, text []byte) (done bool) {
	if !c.highlight || language == "" || len(text) > highlightMost || c.spent > highlightTime {
		return false
	}
	lexer := lexers.GlobalLexerRegistry.Get(strings.ToLower(language))
	if lexer == nil {
		return false
	}
	begun := time.Now()
	defer func() {
		c.spent += time.Since(begun)
		if recover() != nil { // a lexer's expression that does not end is stopped so
			done = false
		}
	}()
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, string(text))
	if err != nil {
		return false
	}
	var out bytes.Buffer
	formatter := chromahtml.New(chromahtml.WithClasses(true), chromahtml.PreventSurroundingPre(true))
	if err := formatter.Format(&out, styles.Fallback, tokens); err != nil {
		return false
	}
	_, _ = w.Write(out.Bytes())
	return true
}
