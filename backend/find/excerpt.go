package find

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// Part is a piece of a text; a hit is what was looked for.
type Part struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit"`
}

// Match is a place in a script where words of the query are.
type Match struct {
	Field    string          `json:"field"`    // name, tag, own_tag, description, parameter, group, document
	Language domain.Language `json:"language"` // of the text; "" where it has none
	Parts    []Part          `json:"parts"`
}

const (
	excerptBefore = 40  // characters before the first hit
	excerptLong   = 160 // characters in all
	mostMatches   = 3
	pieceLong     = 4096 // bytes of a text that are looked at together
)

// Matches tells, for a hit, where those words are that the name in the language
// does not have: a few places that have all of them, if it can be. document
// gives a script's document in a language, "" where there is none, and false
// where it is not to be read: then the place has no text.
func (h Hit) Matches(l domain.Language, document func(domain.Language) (string, bool)) []Match {
	s := &h.Entry.Script
	left := missing(h.Terms, s.Name.In(l))
	matches := []Match{}
	try := func(field string, lang domain.Language, text string) {
		if len(left) == 0 || len(matches) == mostMatches {
			return
		}
		rest := missing(left, text)
		if len(rest) == len(left) {
			return
		}
		matches = append(matches, Match{Field: field, Language: lang, Parts: Excerpt(text, h.Terms)})
		left = rest
	}
	languages := append([]domain.Language{l}, slices.DeleteFunc(domain.Languages(), func(o domain.Language) bool { return o == l })...)
	for _, lang := range languages {
		try("name", lang, s.Name[lang])
	}
	try("name", "", fileName(s.ID))
	for _, tag := range h.Own {
		try("own_tag", "", tag)
	}
	for _, tag := range s.Tags {
		try("tag", "", tag)
	}
	for _, lang := range languages {
		try("description", lang, s.Description[lang])
	}
	for i := range s.Parameters {
		p := &s.Parameters[i]
		for _, lang := range languages {
			try("parameter", lang, p.Label[lang])
		}
		try("parameter", "", p.Name)
	}
	for _, lang := range languages {
		try("group", lang, h.Entry.GroupName[lang])
	}
	try("group", "", s.Category)
	try("group", "", s.GroupID)
	for _, lang := range languages {
		if len(left) == 0 || len(matches) == mostMatches {
			break
		}
		text, read := document(lang)
		if !read {
			return append(matches, Match{Field: "document", Parts: []Part{}})
		}
		try("document", lang, text)
	}
	return matches
}

// missing gives the terms that are not in a text.
func missing(terms []string, text string) []string {
	folded := Fold(text)
	return slices.DeleteFunc(slices.Clone(terms), func(term string) bool { return indexOf(folded, term) >= 0 })
}

// Marked gives a whole text with the terms marked.
func Marked(text string, terms []string) []Part {
	f := fold(text)
	return f.parts(0, len(text), f.hits(terms))
}

// Excerpt gives a piece of a text around the first term that is in it.
func Excerpt(text string, terms []string) []Part {
	text, cutBefore, cutAfter := around(text, terms)
	text = strings.Join(strings.Fields(text), " ")
	f := fold(text)
	hits := f.hits(terms)
	from, to := 0, len(text)
	if utf8.RuneCountInString(text) > excerptLong {
		first := 0
		if len(hits) > 0 {
			first = hits[0][0]
		}
		from = back(text, first, excerptBefore)
		to = forth(text, from, excerptLong)
	}
	parts := f.parts(from, to, hits)
	if from > 0 || cutBefore {
		parts = append([]Part{{Text: "…"}}, parts...)
	}
	if to < len(text) || cutAfter {
		parts = append(parts, Part{Text: "…"})
	}
	return joinParts(parts)
}

// around gives the pieces of a text about the first term that is in it, so that
// a long text need not be taken apart as a whole, and whether it goes on before
// and after.
func around(text string, terms []string) (piece string, before, after bool) {
	from, start := 0, 0 // of the piece before, and of the one that is looked at
	for {
		end := pieceEnd(text, start)
		if len(missing(terms, text[start:end])) < len(terms) {
			to := pieceEnd(text, end)
			return text[from:to], from > 0, strings.TrimSpace(text[to:]) != ""
		}
		if end == len(text) { // none is
			to := pieceEnd(text, 0)
			return text[:to], false, to < len(text)
		}
		from, start = start, end
	}
}

// pieceEnd gives where a piece that begins somewhere ends: between two words.
func pieceEnd(text string, start int) int {
	if len(text)-start <= pieceLong {
		return len(text)
	}
	if i := strings.IndexAny(text[start+pieceLong:], " \n"); i >= 0 {
		return start + pieceLong + i
	}
	return len(text)
}

// joinParts makes one of neighbours of one kind.
func joinParts(parts []Part) []Part {
	joined := []Part{}
	for _, p := range parts {
		if n := len(joined); n > 0 && joined[n-1].Hit == p.Hit {
			joined[n-1].Text += p.Text
			continue
		}
		joined = append(joined, p)
	}
	return joined
}

// back gives where n characters before a place begin, at a word's beginning
// where there is one.
func back(text string, at, n int) int {
	from := at
	for ; n > 0 && from > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:from])
		from -= size
	}
	if from > 0 {
		if i := strings.IndexByte(text[from:at], ' '); i >= 0 {
			return from + i + 1
		}
	}
	return from
}

// forth gives where n characters after a place end, at a word's end where there
// is one.
func forth(text string, from, n int) int {
	to := from
	for ; n > 0 && to < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[to:])
		to += size
	}
	if to < len(text) {
		if i := strings.LastIndexByte(text[from:to], ' '); i > (to-from)/2 {
			return from + i
		}
	}
	return to
}

// foldedText is a text folded, and where each byte of that is from.
type foldedText struct {
	text, folded string
	from         []int // by byte of folded: the character's beginning in text
}

func fold(text string) foldedText {
	f := foldedText{text: text}
	var b strings.Builder
	for i, r := range text {
		for range len(foldRune(r)) {
			f.from = append(f.from, i)
		}
		b.WriteString(foldRune(r))
	}
	f.folded = b.String()
	return f
}

// hits gives where the terms are in the text, in its order, none of them over
// another.
func (f *foldedText) hits(terms []string) [][2]int {
	var hits [][2]int
	for _, term := range terms {
		for from := 0; ; {
			at := -1
			if term != "" {
				at = indexOf(f.folded[from:], term)
			}
			if at < 0 {
				break
			}
			if at += from; beginsOnly(term) && at == from && from > 0 {
				if before, _ := utf8.DecodeLastRuneInString(f.folded[:at]); ofWord(before) {
					from = at + 1
					continue
				}
			}
			from = at + len(term)
			hits = append(hits, [2]int{f.from[at], f.after(from - 1)})
		}
	}
	slices.SortFunc(hits, func(a, b [2]int) int { return a[0] - b[0] })
	merged := [][2]int{}
	for _, h := range hits {
		if n := len(merged); n > 0 && h[0] < merged[n-1][1] {
			merged[n-1][1] = max(merged[n-1][1], h[1])
			continue
		}
		merged = append(merged, h)
	}
	return merged
}

// after gives where the character ends in the text that a byte of the folded one
// is of, with the accents that follow it.
func (f *foldedText) after(i int) int {
	_, size := utf8.DecodeRuneInString(f.text[f.from[i]:])
	end := f.from[i] + size
	for end < len(f.text) {
		r, size := utf8.DecodeRuneInString(f.text[end:])
		if !unicode.Is(unicode.Mn, r) {
			break
		}
		end += size
	}
	return end
}

func (f *foldedText) parts(from, to int, hits [][2]int) []Part {
	parts := []Part{}
	add := func(a, b int, hit bool) {
		if a < b {
			parts = append(parts, Part{Text: strings.ToValidUTF8(f.text[a:b], "\uFFFD"), Hit: hit})
		}
	}
	at := from
	for _, h := range hits {
		a, b := max(h[0], from), min(h[1], to)
		if a >= b {
			continue
		}
		add(at, a, false)
		add(a, b, true)
		at = b
	}
	add(at, to, false)
	return parts
}
