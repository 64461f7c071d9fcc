package check

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"scriptsmanager/backend/document"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// MaxText is how many bytes a document may have: the viewer shows no more.
const MaxText = document.SourceMost

// mostProblems are told of one document: who mends these sees the next.
const mostProblems = 200

// The states of a document.
const (
	There   = "there"
	Missing = "missing"
	Old     = "old" // the English one was changed since
)

// Report is what is wrong in a script's documentation.
type Report struct {
	Languages map[domain.Language]string `json:"languages"` // There, Missing or Old
	Problems  []domain.Problem           `json:"problems"`  // File is relative to the group's folder
}

// Around is what a document can lead to outside of its group.
type Around struct {
	// Script gives a script and whether it is there for who asks.
	Script func(domain.ScriptID) (domain.Script, bool)
}

// Checker keeps what it read of files until they change. It may be used by
// many at a time.
type Checker struct {
	mu   sync.Mutex // guards seen
	seen map[string]read
}

// read is a file as it was read last.
type read struct {
	at      time.Time
	size    int64
	outline *outline
}

// mostSeen bounds what is kept.
const mostSeen = 50_000

// NewChecker makes one.
func NewChecker() *Checker { return &Checker{seen: map[string]read{}} }

// Script looks at all documents of a script; group is its folder. A language
// that is missing or older than the English one is a warning, all else that
// readers would stumble over is an error.
func (c *Checker) Script(group *os.Root, s domain.Script, a Around) Report {
	r := Report{Languages: map[domain.Language]string{}, Problems: []domain.Problem{}}
	changed := map[domain.Language]time.Time{}
	for _, l := range domain.Languages() {
		place := document.Place(s, l)
		o, info, err := c.read(group, place)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			r.Languages[l] = Missing
		case err != nil:
			r.Languages[l] = Missing
			r.add(place, unreadable(place, err))
		default:
			r.Languages[l], changed[l] = There, info.ModTime()
			r.add(place, o.check(place, l, s, group, a)...)
		}
	}
	for _, l := range domain.Languages() {
		english, ok := changed[domain.English]
		place, at := document.Place(s, l), changed[l]
		switch {
		case r.Languages[l] == Missing && !slices.ContainsFunc(r.Problems, func(p domain.Problem) bool { return p.File == place }):
			r.add(place, warning(domain.CodeDocumentMissing, "language", string(l)))
		case ok && r.Languages[l] == There && at.Before(english):
			r.Languages[l] = Old
			r.add(place, warning(domain.CodeDocumentOld, "language", string(l)))
		}
	}
	return r
}

// Text looks at a text that is to become the script's document in the language.
func Text(group *os.Root, s domain.Script, l domain.Language, source string, a Around) []domain.Problem {
	place := document.Place(s, l)
	if len(source) > MaxText {
		return []domain.Problem{{File: place, Code: domain.CodeDocumentLong, Params: map[string]any{"maximum": MaxText}}}
	}
	r := Report{Problems: []domain.Problem{}}
	r.add(place, outlined([]byte(source)).check(place, l, s, group, a)...)
	return r.Problems
}

func (r *Report) add(file string, problems ...domain.Problem) {
	for _, p := range problems {
		p.File = file
		r.Problems = append(r.Problems, p)
	}
}

func warning(code domain.Code, pairs ...any) domain.Problem {
	p := problem(0, code, pairs...)
	p.Warning = true
	return p
}

func unreadable(place string, err error) domain.Problem {
	if e := domain.AsError(err); e != nil {
		return domain.Problem{Code: e.Code, Params: e.Params}
	}
	return problem(0, domain.CodeFileUnreadable, "path", place, "detail", err.Error())
}

// read reads a document, as far as it changed since the last time.
func (c *Checker) read(group *os.Root, place string) (*outline, fs.FileInfo, error) {
	f, err := platform.OpenPlainIn(group, place)
	if err != nil {
		return nil, nil, notPlain(group, place, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	key := path.Join(group.Name(), place)
	c.mu.Lock()
	last, ok := c.seen[key]
	c.mu.Unlock()
	if ok && last.size == info.Size() && last.at.Equal(info.ModTime()) {
		return last.outline, info, nil
	}
	if info.Size() > MaxText {
		return nil, nil, domain.NewError(domain.CodeDocumentLong, "maximum", MaxText)
	}
	source, err := io.ReadAll(io.LimitReader(f, MaxText+1))
	if err != nil {
		return nil, nil, err
	}
	o := outlined(source)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen) >= mostSeen {
		clear(c.seen)
	}
	c.seen[key] = read{at: info.ModTime(), size: info.Size(), outline: o}
	return o, info, nil
}

// notPlain says why something is no file that can be read; it keeps
// fs.ErrNotExist where nothing is there.
func notPlain(group *os.Root, place string, err error) error {
	info, looked := group.Lstat(place)
	switch {
	case errors.Is(looked, fs.ErrNotExist):
		return fs.ErrNotExist
	case looked != nil:
		return looked
	case info.IsDir():
		return domain.NewError(domain.CodeDocumentFolder)
	case info.Mode()&fs.ModeSymlink != 0:
		if _, followed := group.Stat(place); followed != nil {
			return domain.NewError(domain.CodeLinkEscapes, "path", place)
		}
		return domain.NewError(domain.CodeDocumentFolder)
	case !info.Mode().IsRegular():
		return domain.NewError(domain.CodeFileSpecial, "name", place)
	}
	return err
}

// check adds to what is wrong in the text itself what is wrong around it.
func (o *outline) check(place string, l domain.Language, s domain.Script, group *os.Root, a Around) []domain.Problem {
	list := slices.Clone(o.problems)
	if !o.unread {
		list = append(list, o.structure(l)...)
	}
	found := map[link]*domain.Error{} // of those that stand there often
	for _, one := range o.links {
		key := link{target: one.target, image: one.image}
		e, ok := found[key]
		if !ok {
			e = follow(one, place, o.ids, group, a)
			found[key] = e
		}
		if e != nil {
			list = append(list, domain.Problem{Line: one.line, Code: e.Code, Params: e.Params})
		}
	}
	slices.SortStableFunc(list, func(a, b domain.Problem) int { return cmp.Compare(a.Line, b.Line) })
	return list[:min(len(list), mostProblems)]
}

// structure tells which headings of the template are not there or have nothing
// under them.
func (o *outline) structure(l domain.Language) []domain.Problem {
	var list []domain.Problem
	if !slices.ContainsFunc(o.headings, func(h heading) bool { return h.level == 1 }) {
		list = append(list, problem(1, domain.CodeDocumentTitle))
	}
	for i, s := range sections[l] {
		at := slices.IndexFunc(o.headings, func(h heading) bool { return s.is(h.text) })
		switch {
		case at < 0:
			list = append(list, problem(o.place(i, l), domain.CodeDocumentHeading, "heading", s[0]))
		case o.headings[at].empty:
			p := problem(o.headings[at].line, domain.CodeDocumentEmpty, "heading", o.headings[at].text)
			p.Warning = true
			list = append(list, p)
		}
	}
	return list
}

// place is the line after which a missing section belongs: that of the last
// heading of those before it.
func (o *outline) place(index int, l domain.Language) int {
	for i := index - 1; i >= 0; i-- {
		for _, h := range o.headings {
			if sections[l][i].is(h.text) {
				return h.line
			}
		}
	}
	return 1
}

// follow says what is wrong with where a link leads, or nil. Nothing is fetched.
func follow(one link, from string, ids func(string) bool, group *os.Root, a Around) *domain.Error {
	target := strings.TrimSpace(one.target)
	shown := clip(target)
	u, err := url.Parse(target)
	if err != nil || target == "" {
		return dead(one, shown)
	}
	scheme := strings.ToLower(u.Scheme)
	switch {
	case scheme == "script" && !one.image:
		return toScript(u, a)
	case one.image && (scheme != "" || u.Host != ""):
		return domain.NewError(domain.CodeDocumentImageRemote, "target", shown)
	case scheme == "http" || scheme == "https":
		if u.Host == "" {
			return dead(one, shown)
		}
		return nil
	case scheme == "mailto":
		return nil
	case scheme != "" || u.Host != "":
		return domain.NewError(domain.CodeDocumentOutside, "target", shown)
	case u.Path == "":
		if u.Fragment != "" && !ids(u.Fragment) {
			return domain.NewError(domain.CodeDocumentAnchor, "target", "#"+clip(u.Fragment))
		}
		return nil
	}
	return toFile(one, u.Path, from, shown, group)
}

func dead(one link, shown string) *domain.Error {
	if one.image {
		return domain.NewError(domain.CodeDocumentImageMissing, "target", shown)
	}
	return domain.NewError(domain.CodeDocumentLinkDead, "target", shown)
}

func toFile(one link, to, from, shown string, group *os.Root) *domain.Error {
	place := path.Join(path.Dir(from), to)
	if path.IsAbs(to) || strings.ContainsRune(to, '\\') || place == ".." || strings.HasPrefix(place, "../") {
		return domain.NewError(domain.CodeDocumentOutside, "target", shown)
	}
	info, err := group.Stat(place)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return dead(one, shown)
	case err != nil: // a link of the file system that leads out
		return domain.NewError(domain.CodeDocumentOutside, "target", shown)
	case !info.Mode().IsRegular():
		return dead(one, shown)
	case one.image && imageType(group, place) == "" && !strings.EqualFold(path.Ext(place), ".svg"):
		return domain.NewError(domain.CodeDocumentImageKind, "target", shown)
	}
	return nil
}

// toScript follows script:group/name?parameter=value.
func toScript(u *url.URL, a Around) *domain.Error {
	id := strings.TrimSuffix(cmp.Or(u.Opaque, strings.Trim(u.Path, "/")), ".py")
	if decoded, err := url.PathUnescape(id); err == nil {
		id = decoded
	}
	s, ok := a.Script(id)
	if !ok {
		return domain.NewError(domain.CodeDocumentScript, "script", clip(id))
	}
	for name := range u.Query() {
		if !slices.ContainsFunc(s.Parameters, func(p domain.Parameter) bool { return p.Name == name }) {
			return domain.NewError(domain.CodeDocumentParameter, "script", clip(id), "name", clip(name))
		}
	}
	return nil
}
