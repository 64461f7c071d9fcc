package engine

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"scriptsmanager/backend/document"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/find"
)

const (
	// findDocument is how much of a document is searched, in bytes.
	findDocument = 256 << 10
	// quoteDocuments is how much of documents one search reads to show what it
	// found in them, in bytes; the document with which that is used up is read
	// to its end. Every key that is typed searches, for 200 hits.
	quoteDocuments = 192 << 10
	// quoteOpening is what opening one counts as.
	quoteOpening = 2 << 10
)

// groupDocuments are the documents in one group's folder.
type groupDocuments struct {
	root *os.Root
	// usual are the names in the folder of documents that no header names, in
	// lower case: most scripts have none there, and need not be asked for.
	usual map[string]bool
}

// documentStamps tells which documents scripts have, and since when. It opens
// each group once.
type documentStamps struct {
	languages []domain.Language
	groups    map[string]*groupDocuments
}

func newDocumentStamps(languages []domain.Language) *documentStamps {
	return &documentStamps{languages: languages, groups: map[string]*groupDocuments{}}
}

func (d *documentStamps) close() {
	for _, g := range d.groups {
		if g.root != nil {
			_ = g.root.Close()
		}
	}
}

func (d *documentStamps) group(dir string) *groupDocuments {
	if g, ok := d.groups[dir]; ok {
		return g
	}
	g := &groupDocuments{usual: map[string]bool{}}
	d.groups[dir] = g
	root, err := os.OpenRoot(dir)
	if err != nil {
		return g
	}
	g.root = root
	if entries, err := fs.ReadDir(root.FS(), document.Folder); err == nil {
		for _, e := range entries {
			g.usual[strings.ToLower(e.Name())] = true
		}
	}
	return g
}

// of gives a script's.
func (d *documentStamps) of(s domain.Script) string {
	g := d.group(filepath.Dir(s.Path))
	if g.root == nil {
		return ""
	}
	var b strings.Builder
	for _, l := range d.languages {
		place := document.Place(s, l)
		if name, usual := strings.CutPrefix(place, document.Folder+"/"); usual && !strings.Contains(name, "/") && !g.usual[strings.ToLower(name)] {
			continue
		}
		if info, err := g.root.Stat(filepath.FromSlash(place)); err == nil {
			_, _ = fmt.Fprintf(&b, "%s %d %d\n", l, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}

// StampDocuments says of each script which documents it has in the languages.
func StampDocuments(entries []find.Entry, languages []domain.Language) {
	stamps := newDocumentStamps(languages)
	defer stamps.close()
	for i := range entries {
		entries[i].Documents = stamps.of(entries[i].Script)
	}
}

// QuoteHits says of each hit where it was found, the best first. Where enough
// of documents was read, a match says the field alone.
func QuoteHits(hits []find.Hit, l domain.Language) [][]find.Match {
	read := quotes{left: quoteDocuments}
	matches := make([][]find.Match, len(hits))
	for i, h := range hits {
		matches[i] = h.Matches(l, read.of(h.Entry))
	}
	return matches
}

// hasDocument tells by a script's stamps whether it has a document in a language.
func hasDocument(stamps string, l domain.Language) bool {
	return strings.HasPrefix(stamps, string(l)+" ") || strings.Contains(stamps, "\n"+string(l)+" ")
}

// quotes reads documents of hits until enough are read.
type quotes struct{ left int }

// of gives what reads a hit's, false from when enough is read.
func (q *quotes) of(e find.Entry) func(domain.Language) (string, bool) {
	return func(l domain.Language) (string, bool) {
		if !hasDocument(e.Documents, l) {
			return "", true
		}
		if q.left <= 0 {
			return "", false
		}
		text := searchedDocument(e.Script, l)
		q.left -= quoteOpening + len(text)
		return text, true
	}
}

// searchedDocument gives what of a script's document in a language is searched,
// "" where there is none.
func searchedDocument(s domain.Script, l domain.Language) string {
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return ""
	}
	defer func() { _ = root.Close() }()
	path := filepath.FromSlash(document.Place(s, l))
	// Looked at first: opening a named pipe would wait for its other end.
	if info, err := root.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := root.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, findDocument))
	if err != nil {
		return ""
	}
	return find.Plain(strings.ToValidUTF8(string(b), " "))
}
