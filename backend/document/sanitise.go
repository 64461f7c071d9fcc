package document

import (
	"bufio"
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"scriptsmanager/backend/domain"
)

// unsafeHTML lets HTML within Markdown through to the sanitiser.
type unsafeHTML struct{}

// SetConfig is of renderer.Option.
func (unsafeHTML) SetConfig(c *renderer.Config) { html.WithUnsafe().SetConfig(c) }

// html makes HTML of the tree, which is not safe yet.
func (p *Parsed) html(_ Options) ([]byte, error) {
	var out bounded
	w := bufio.NewWriter(&out) // keeps the first error, and writes nothing after it
	err := p.markdown.Renderer().Render(w, p.Source, p.Root)
	if err == nil {
		err = w.Flush()
	}
	if out.full {
		err = errLarge
	}
	return out.Bytes(), err
}

var errLarge = errors.New("the page would be too large")

type bounded struct {
	bytes.Buffer
	full bool
}

// Write fails where there would be too much.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > htmlMost {
		b.full = true
		return 0, errLarge
	}
	return b.Buffer.Write(p)
}

// policy is what HTML may hold. It is a list of what is allowed: no scripts, no
// styles, no forms, no frames, nothing that is loaded but images, whose
// addresses finish replaces.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(
		"h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "div", "span", "section",
		"ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
		"em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup", "kbd", "samp", "var", "code",
		"abbr", "cite", "q", "dfn", "time", "figure", "figcaption", "details", "summary", "a", "img", "bdo", "bdi", "wbr", "ruby", "rt", "rp",
	)
	// Only names of ours, and those of the highlighter, which are short.
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[a-z][a-z0-9]{0,2}$`)).OnElements("span")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^formula( formula-(open|large|display))*$`)).OnElements("span", "div")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^admonition admonition-[a-z]+$`)).OnElements("div")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^admonition-title$`)).OnElements("p")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^diagram( diagram-large)?$`)).OnElements("pre")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^language-[^\s"'<>]{1,40}$`)).OnElements("code")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(footnote-(ref|backref)|formula-ref)$`)).OnElements("a")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^footnotes$`)).OnElements("div")
	p.AllowAttrs("data-number").Matching(regexp.MustCompile(`^[0-9]{1,5}$`)).OnElements("span", "div")
	p.AllowAttrs("data-mark").Matching(regexp.MustCompile(`^[A-Z2-7]{26}$`)).OnElements("span", "div", "pre")
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^doc-[\p{L}\p{N}\p{Mn}_:.-]{1,140}$`)).Globally()
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|center|right)$`)).OnElements("th", "td", "p", "div")
	p.AllowAttrs("colspan", "rowspan").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("th", "td")
	p.AllowAttrs("scope").Matching(regexp.MustCompile(`^(row|col|rowgroup|colgroup)$`)).OnElements("th")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	p.AllowAttrs("open").Matching(regexp.MustCompile(`^(open)?$`)).OnElements("details")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z-]{2,20}$`)).Globally()
	p.AllowAttrs("title").Globally()
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").Matching(regexp.MustCompile(`^$`)).OnElements("input")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(regexp.MustCompile(`^[0-9]{1,4}$`)).OnElements("img")
	p.AllowNoAttrs().OnElements("a", "img")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AllowURLSchemes("http", "https", "mailto", schemeScript)
	p.SkipElementsContent("script", "style", "iframe", "object", "embed", "noscript", "noembed", "noframes", "template", "title", "textarea", "select", "svg", "math", "xmp", "plaintext", "frameset")
	return p
})

// sanitise takes away all that policy does not allow.
func sanitise(raw []byte) []byte { return policy().SanitizeBytes(raw) }

// finish says where links and images lead, and gives admonitions their titles.
// What it gets is sanitised, so that it has to know a few elements only; what
// it makes itself is escaped.
func finish(safe []byte, p *Parsed, o Options) string {
	var out strings.Builder
	z := nethtml.NewTokenizer(bytes.NewReader(safe))
	var open []string // ends of the links that are open: what their </a> becomes
	titled := false
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			break
		}
		token := z.Token()
		switch {
		case token.DataAtom == atom.A && kind == nethtml.StartTagToken:
			var end string
			token, end = p.link(token, o)
			open = append(open, end)
		case token.DataAtom == atom.A && kind == nethtml.EndTagToken:
			if len(open) == 0 {
				continue
			}
			token.Data, open = open[len(open)-1], open[:len(open)-1]
		case token.DataAtom == atom.Img:
			token = p.image(token, o)
			if token.Data == "span" {
				out.WriteString(token.String() + nethtml.EscapeString(attribute(token, "data-alt")) + "</span>")
				continue
			}
		case token.DataAtom == atom.Input:
			// A list of tasks is looked at, not worked with.
			token.Attr = append(without(token.Attr, "type", "disabled"), nethtml.Attribute{Key: "type", Val: "checkbox"}, nethtml.Attribute{Key: "disabled"})
		case token.DataAtom == atom.Span, token.DataAtom == atom.Div, token.DataAtom == atom.Pre:
			token = p.drawn(token)
		case token.DataAtom == atom.P && attribute(token, "class") == "admonition-title":
			titled = kind == nethtml.StartTagToken
		case kind == nethtml.TextToken && titled:
			titled = false
			if name := strings.TrimSpace(token.Data); o.Word != nil && slices.Contains(AdmonitionKinds(), name) {
				token.Data = o.Word(name)
			}
		}
		out.WriteString(token.String())
	}
	return out.String()
}

// drawn keeps formulas and diagrams of the Markdown apart from those that are
// written as HTML: these were neither measured nor counted, and are shown as
// they are written.
func (p *Parsed) drawn(t nethtml.Token) nethtml.Token {
	class := attribute(t, "class")
	if (strings.HasPrefix(class, "formula") || strings.HasPrefix(class, "diagram")) && attribute(t, "data-mark") != p.mark {
		t.Attr = without(t.Attr, "class")
	}
	t.Attr = without(t.Attr, "data-mark")
	return t
}

func attribute(t nethtml.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func without(attributes []nethtml.Attribute, keys ...string) []nethtml.Attribute {
	kept := attributes[:0:0]
	for _, a := range attributes {
		keep := true
		for _, key := range keys {
			keep = keep && a.Key != key
		}
		if keep {
			kept = append(kept, a)
		}
	}
	return kept
}

// link gives a link's element for where it leads, and the name of its end. What
// leads nowhere is no link any more, and says why.
func (p *Parsed) link(t nethtml.Token, o Options) (nethtml.Token, string) {
	href := attribute(t, "href")
	t.Attr = without(t.Attr, "href", "target", "rel")
	if href == "" {
		return t, "a"
	}
	target := p.resolve(href, o.Resolver)
	if target.Why != "" {
		return nethtml.Token{Type: t.Type, Data: "span", Attr: []nethtml.Attribute{
			{Key: "class", Val: "link-dead"}, {Key: "data-why", Val: string(target.Why)}, {Key: "data-link", Val: href},
		}}, "span"
	}
	t.Attr = append(t.Attr, nethtml.Attribute{Key: "href", Val: target.Href})
	if target.External {
		t.Attr = append(t.Attr, nethtml.Attribute{Key: "target", Val: "_blank"}, nethtml.Attribute{Key: "rel", Val: "noopener noreferrer nofollow"})
	}
	return t, "a"
}

func (p *Parsed) image(t nethtml.Token, o Options) nethtml.Token {
	src := attribute(t, "src")
	target := Target{Why: domain.CodeDocumentImageOutside}
	if o.Resolver != nil {
		target = o.Resolver.Image(src)
	}
	if target.Why != "" {
		alt := attribute(t, "alt")
		if alt == "" {
			alt = src
		}
		return nethtml.Token{Type: nethtml.StartTagToken, Data: "span", Attr: []nethtml.Attribute{
			{Key: "class", Val: "image-missing"}, {Key: "data-why", Val: string(target.Why)}, {Key: "data-link", Val: src}, {Key: "data-alt", Val: alt},
		}}
	}
	t.Attr = append(without(t.Attr, "src"), nethtml.Attribute{Key: "data-image", Val: target.Image})
	return t
}
