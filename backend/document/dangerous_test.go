package document

import (
	"strings"

	"golang.org/x/net/html"
)

// dangerous looks through HTML, as a browser reads it, for anything that could
// run or fetch, and names the first.
func dangerous(page string) string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return err.Error()
	}
	allowed := map[string]bool{"html": true, "head": true, "body": true, "input": true}
	for name := range strings.SplitSeq("h1 h2 h3 h4 h5 h6 p br hr blockquote pre div span section ul ol li dl dt dd table caption thead tbody tfoot tr th td em strong b i u s del ins mark small sub sup kbd samp var code abbr cite q dfn time figure figcaption details summary a img bdo bdi wbr ruby rt rp", " ") {
		allowed[name] = true
	}
	attributes := map[string]bool{}
	for name := range strings.SplitSeq("class id title lang dir align colspan rowspan scope start open type checked disabled href target rel alt width height data-number data-image data-why data-link data-alt", " ") {
		attributes[name] = true
	}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			return "a comment"
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !allowed[n.Data] || n.Namespace != "" {
			return "<" + n.Data + ">"
		}
		for _, a := range n.Attr {
			switch {
			case !attributes[a.Key]:
				return "<" + n.Data + " " + a.Key + ">"
			case a.Key == "href" && !goodAddress(a.Val):
				return "href=" + a.Val
			case a.Key == "id" && !strings.HasPrefix(a.Val, idPrefix):
				return "id=" + a.Val
			case a.Key == "data-image" && (strings.Contains(a.Val, "..") || strings.HasPrefix(a.Val, "/")):
				return "data-image=" + a.Val
			case a.Key == "type" && a.Val != "checkbox":
				return "type=" + a.Val
			}
		}
	}
	return ""
}
