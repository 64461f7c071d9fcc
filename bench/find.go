package main

import (
	"fmt"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/find"
	"scriptsmanager/backend/find/findtest"
)

const foundScripts = 5000

// finds measures queries over 5,000 scripts with documentation in four
// languages, with excerpts, beside a reading of all of their text, folded
// already, in memory: what a search without an index does at the least. The
// aim: 30 ms for each.
func finds(count int) ([]result, error) {
	entries, text := findtest.Scripts(foundScripts)
	documents := func(s domain.Script) []string {
		texts := []string{}
		for _, l := range domain.Languages() {
			texts = append(texts, text(s, l))
		}
		return texts
	}
	var all strings.Builder
	for _, e := range entries {
		for _, document := range documents(e.Script) {
			all.WriteString(find.Fold(document))
		}
	}
	whole := all.String()
	began := time.Now()
	x := find.New()
	x.Set(entries, documents)
	made := milliseconds(time.Since(began))
	may := func(domain.Script) bool { return true }
	results := []result{}
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
			hits, total := x.Find(find.Query{Text: query, Limit: 20, May: may})
			for _, h := range hits {
				h.Matches(domain.English, func(l domain.Language) string { return text(h.Entry.Script, l) })
			}
			ours = append(ours, milliseconds(time.Since(began)))
			found = total
		}
		r := compare(fmt.Sprintf("%q looked for in 5,000 scripts, over reading %d MB of their documentation in memory", query, len(whole)>>20), "30 ms or less", "ms", ours, peer)
		r.Note = fmt.Sprintf("%d found; the index was made in %.0f ms", found, made)
		results = append(results, r)
	}
	return results, nil
}
