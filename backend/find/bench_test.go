package find_test

import (
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/find"
	"scriptsmanager/backend/find/findtest"
)

// limit is what a query over 5,000 scripts may take.
const limit = 30 * time.Millisecond

func BenchmarkFind(b *testing.B) {
	entries, text := findtest.Scripts(5000)
	x := find.New()
	x.Set(entries, func(e find.Entry) []string {
		documents := []string{}
		for _, l := range domain.Languages() {
			documents = append(documents, text(e.Script, l))
		}
		return documents
	})
	for _, query := range findtest.Queries() {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				hits, _ := x.Find(find.Query{Text: query, Limit: 20, May: all})
				for _, h := range hits {
					h.Matches(domain.English, func(l domain.Language) (string, bool) { return text(h.Entry.Script, l), true })
				}
			}
			if per := b.Elapsed() / time.Duration(b.N); per > limit {
				b.Logf("%s a query, more than %s", per, limit)
			}
		})
	}
}
