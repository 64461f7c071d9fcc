package document

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/yuin/goldmark/ast"

	"scriptsmanager/backend/domain"
)

// schemeScript is that of links from script to script: script:group/name?flow=3.
const schemeScript = "script"

// Target is where a link or an image leads.
type Target struct {
	Why      domain.Code // not "": nowhere, and this is the reason
	Href     string
	External bool
	Image    string // the image's path in the group's folder
}

// Resolver says where links and images lead, as far as one person may go.
type Resolver interface {
	// Link is asked for all but links within the document.
	Link(address string) Target
	Image(address string) Target
}

// resolve says where a link leads.
func (p *Parsed) resolve(href string, r Resolver) Target {
	if fragment, ok := strings.CutPrefix(href, "#"); ok {
		return p.heading(fragment)
	}
	if r == nil {
		return Target{Why: domain.CodeDocumentLinkOutside}
	}
	return r.Link(href)
}

func (p *Parsed) heading(fragment string) Target {
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	for _, id := range []string{fragment, idPrefix + fragment, idPrefix + strings.ToLower(fragment)} {
		if p.ids[id] || strings.HasPrefix(id, idPrefix+"fn:") || strings.HasPrefix(id, idPrefix+"fnref") {
			return Target{Href: "#" + id}
		}
	}
	return Target{Why: domain.CodeDocumentLinkHeading}
}

// targets tells of each link and image in the Markdown that leads nowhere.
func (p *Parsed) targets(r Resolver) {
	if r == nil {
		return
	}
	_ = ast.Walk(p.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			p.targetProblem(n, string(n.Destination), p.resolve(string(n.Destination), r))
		case *ast.Image:
			p.targetProblem(n, string(n.Destination), r.Image(string(n.Destination)))
		}
		return ast.WalkContinue, nil
	})
}

func (p *Parsed) targetProblem(n ast.Node, address string, t Target) {
	if t.Why != "" {
		p.problem(p.LineOf(n), t.Why, "link", clip(address), "target", clip(address), "most", ImageMost>>20)
	}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

// Site is where a document stands: a Resolver for one person and one group.
type Site struct {
	Root  *os.Root // the group's folder
	Group string
	File  string // the document's path in it, with slashes
	// Script finds a script that the person may see.
	Script func(id domain.ScriptID) (domain.Script, bool)
	// Document tells whose document a file of the group is, "" for nobody's that
	// the person may see.
	Document func(file string) domain.ScriptID

	images map[string]Target
}

// Link says where a link leads.
func (p *Site) Link(address string) Target {
	u, err := url.Parse(address)
	if err != nil {
		return Target{Why: domain.CodeDocumentLinkAddress}
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https", "mailto":
		return Target{Href: u.String(), External: true}
	case schemeScript:
		return p.script(u)
	case "":
	default:
		return Target{Why: domain.CodeDocumentLinkOutside}
	}
	if u.Host != "" {
		return Target{Why: domain.CodeDocumentLinkOutside}
	}
	file, ok := p.within(u.Path)
	if !ok {
		return Target{Why: domain.CodeDocumentLinkOutside}
	}
	if p.Document != nil {
		if id := p.Document(file); id != "" {
			return Target{Href: scriptHref(id, nil)}
		}
	}
	if _, err := p.Root.Stat(filepath.FromSlash(file)); err != nil {
		return Target{Why: domain.CodeDocumentLinkMissing}
	}
	return Target{Why: domain.CodeDocumentLinkFile}
}

// within gives the path in the group's folder of one that is written in the document.
func (p *Site) within(written string) (string, bool) {
	written = strings.ReplaceAll(written, `\`, "/")
	if written == "" || path.IsAbs(written) {
		return "", false
	}
	file := path.Join(path.Dir(p.File), written)
	return file, fs.ValidPath(file) && filepath.IsLocal(filepath.FromSlash(file))
}

func (p *Site) script(u *url.URL) Target {
	id := u.Opaque
	if id == "" {
		id = strings.TrimPrefix(u.Host+u.Path, "/")
	}
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	if !strings.Contains(id, "/") {
		id = p.Group + "/" + id
	}
	if p.Script == nil {
		return Target{Why: domain.CodeDocumentLinkScript}
	}
	script, ok := p.Script(id)
	if !ok {
		return Target{Why: domain.CodeDocumentLinkScript}
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Target{Why: domain.CodeDocumentLinkAddress}
	}
	for name := range values {
		known := false
		for _, parameter := range script.Parameters {
			known = known || (parameter.Name == name && !parameter.Secret())
		}
		if !known {
			return Target{Why: domain.CodeDocumentLinkParameter}
		}
	}
	return Target{Href: scriptHref(script.ID, values)}
}

// scriptHref is the address of a script's page in the frontend, with values for
// its form.
func scriptHref(id domain.ScriptID, values url.Values) string {
	group, name, _ := strings.Cut(id, "/")
	href := "#/scripts/" + url.PathEscape(group) + "/" + url.PathEscape(name)
	if len(values) == 0 {
		return href
	}
	fill := url.Values{}
	for name, v := range values {
		fill["p."+name] = v
	}
	return href + "?" + strings.ReplaceAll(fill.Encode(), "+", "%20")
}

// Image says which of the group's files an image is.
func (p *Site) Image(address string) Target {
	if t, ok := p.images[address]; ok {
		return t
	}
	if p.images == nil {
		p.images = map[string]Target{}
	}
	t := p.image(address)
	p.images[address] = t
	return t
}

func (p *Site) image(address string) Target {
	u, err := url.Parse(address)
	if err != nil {
		return Target{Why: domain.CodeDocumentImageOutside}
	}
	if u.Scheme != "" || u.Host != "" {
		return Target{Why: domain.CodeDocumentImageOutside}
	}
	file, ok := p.within(u.Path)
	if !ok {
		return Target{Why: domain.CodeDocumentImageOutside}
	}
	info, err := p.Root.Stat(filepath.FromSlash(file))
	switch {
	case err != nil, !info.Mode().IsRegular():
		return Target{Why: domain.CodeDocumentImageMissing}
	case imageTypes[strings.ToLower(path.Ext(file))] == "":
		return Target{Why: domain.CodeDocumentImageType}
	case info.Size() > ImageMost:
		return Target{Why: domain.CodeDocumentImageLarge}
	}
	return Target{Image: file}
}
