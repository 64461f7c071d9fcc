package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/document"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/find"
	"scriptsmanager/backend/find/findtest"
)

const (
	foundScripts = 5000
	foundHits    = 200 // as the pages of scripts ask for
)

// finds measures queries over 5,000 scripts with documentation in four
// languages, for the 200 best, with excerpts out of the documents' files as the
// engine reads them, beside a reading of all of their text, folded already, in
// memory: what a search without an index does at the least. The aim: 30 ms for
// each.
func finds(count int) (results []result, err error) {
	dir, err := os.MkdirTemp("", "bench-find-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	entries, text := findtest.Scripts(foundScripts)
	documents := func(e find.Entry) []string {
		texts := []string{}
		for _, l := range domain.Languages() {
			texts = append(texts, text(e.Script, l))
		}
		return texts
	}
	var all strings.Builder
	for i := range entries {
		e := &entries[i]
		group := filepath.Join(dir, e.Script.GroupID)
		if err := os.MkdirAll(filepath.Join(group, document.Folder), 0o700); err != nil {
			return nil, err
		}
		e.Script.Path, e.Script.Filename = filepath.Join(group, filepath.Base(e.Script.ID)+".py"), filepath.Base(e.Script.ID)+".py"
		for _, l := range domain.Languages() {
			written := text(e.Script, l)
			all.WriteString(find.Fold(written))
			if err := os.WriteFile(filepath.Join(group, document.Place(e.Script, l)), []byte(written), 0o600); err != nil {
				return nil, err
			}
		}
	}
	stamped := time.Now()
	engine.StampDocuments(entries, domain.Languages())
	stamps := milliseconds(time.Since(stamped))
	whole := all.String()
	began := time.Now()
	x := find.New()
	x.Set(entries, documents)
	made := milliseconds(time.Since(began))
	may := func(domain.Script) bool { return true }
	for _, query := range findtest.Queries() {
		var ours, peer []float64
		found := 0
		for range count {
			began := time.Now()
			for _, term := range find.Terms(query) {
				_ = strings.Count(whole, term)
			}
			peer = append(peer, milliseconds(time.Since(began)))
			began = time.Now()
			hits, total := x.Find(find.Query{Text: query, Limit: foundHits, May: may})
			engine.QuoteHits(hits, domain.English)
			ours = append(ours, milliseconds(time.Since(began)))
			found = total
		}
		r := compare(fmt.Sprintf("%q looked for in 5,000 scripts, the 200 best with excerpts from files, over reading %d MB of their documentation in memory", query, len(whole)>>20), "30 ms or less", "ms", ours, peer)
		r.Note = fmt.Sprintf("%d found; the index was made in %.0f ms, and 20,000 documents looked at in %.0f ms", found, made, stamps)
		results = append(results, r)
	}
	return results, nil
}
