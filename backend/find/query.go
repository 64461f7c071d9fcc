package find

import (
	"cmp"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
)

// Query says what is looked for, and for whom.
type Query struct {
	Text  string
	Limit int // so many of the best
	// May tells whether the person may see a script.
	May func(domain.Script) bool
	// Own are the person's own tags.
	Own map[domain.ScriptID][]string
}

// Hit is a script that was found, and where each word of the query is in it at
// the best.
type Hit struct {
	Entry Entry
	Own   []string
	Terms []string
	At    []Field // of each term
}

// How the whole query fits the name, above where its words are.
const (
	rankBegin = int(FieldName) + 1 + iota
	rankExact
)

// candidate is what a hit is sorted by.
type candidate struct {
	at    int // its slot
	rank  int // the worst field of a term, or how the query fits the name
	total int // of the terms' grades
}

// Find gives the best scripts in which all words of the query are, and how many
// there are in all. A query without words finds none.
func (x *Index) Find(q Query) (hits []Hit, total int) {
	terms := Terms(q.Text)
	if len(terms) == 0 {
		return nil, 0
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	grades := make([][]grade, len(terms))
	for i, word := range terms {
		grades[i] = make([]grade, len(x.slots))
		x.term(word, grades[i])
	}
	x.ownTags(q.Own, terms, grades)
	whole := joined(q.Text)
	best := make([]candidate, 0, max(q.Limit, 0)+1)
	for at, s := range x.slots {
		if s == nil {
			continue
		}
		c := candidate{at: at, rank: int(FieldName)}
		for i := range grades {
			g := grades[i][at]
			if c.rank = min(c.rank, int(g.field())); g == 0 {
				break
			}
			c.total += int(g)
		}
		if c.rank == int(FieldNone) || !q.May(s.entry.Script) {
			continue
		}
		if c.rank == int(FieldName) {
			c.rank = s.nameRank(whole)
		}
		total++
		// Only the best are kept in order: sorting all costs more than finding them.
		if n := len(best); n == cap(best)-1 && (n == 0 || x.compare(c, best[n-1]) > 0) {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, c, x.compare)
		best = slices.Insert(best, i, c)
		best = best[:min(len(best), cap(best)-1)]
	}
	for _, c := range best {
		h := Hit{Entry: x.slots[c.at].entry, Terms: terms, At: make([]Field, len(terms))}
		h.Own = q.Own[h.Entry.Script.ID]
		for i := range terms {
			h.At[i] = grades[i][c.at].field()
		}
		hits = append(hits, h)
	}
	return hits, total
}

// compare is less than 0 where a comes before b.
func (x *Index) compare(a, b candidate) int {
	if c := cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.total, a.total)); c != 0 {
		return c
	}
	one, other := x.slots[a.at], x.slots[b.at]
	return cmp.Or(strings.Compare(one.sortName(), other.sortName()), strings.Compare(one.entry.Script.ID, other.entry.Script.ID))
}

func (x *Index) ownTags(own map[domain.ScriptID][]string, terms []string, grades [][]grade) {
	for id, tags := range own {
		at, ok := x.byScript[id]
		if !ok {
			continue
		}
		for _, tag := range tags {
			words(tag, func(word string) {
				for i, term := range terms {
					how := fitsWithin
					switch {
					case word == term:
						how = fitsWhole
					case strings.HasPrefix(word, term):
						how = fitsBegin
					case beginsOnly(term) || !strings.Contains(word, term):
						continue
					}
					grades[i][at] = max(grades[i][at], gradeOf(FieldTag, how))
				}
			})
		}
	}
}

// nameRank tells how the whole query fits one of the names.
func (s *slot) nameRank(query string) int {
	rank := int(FieldName)
	for _, name := range s.names {
		if name == query {
			return rankExact
		}
		if strings.HasPrefix(name, query) {
			rank = rankBegin
		}
	}
	return rank
}

// sortName is the one that lists are sorted by.
func (s *slot) sortName() string { return s.names[min(1, len(s.names)-1)] }

// joined gives the words of a text, folded, with one blank between them.
func joined(text string) string {
	var b strings.Builder
	words(text, func(word string) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	})
	return b.String()
}

func fileName(id domain.ScriptID) string { return id[strings.LastIndexByte(id, '/')+1:] }
