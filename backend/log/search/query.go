package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// Query is what is looked for in a line. How one is written:
//
//	pump failed      lines with both words, in any order
//	"pump failed"    with these words beside each other
//	temp*            with a word that begins so
//	*ratur*          with these letters anywhere
//	pump -test       with the one and without the other; also: pump NOT test
//
// Upper and lower case are the same. A term may have signs in it, like 3.14 or
// a-b; then they are looked for as written.
type Query struct {
	terms []term
}

// term is one thing that a line must have, or must not.
type term struct {
	text        string // folded
	not         bool
	left, right bool // a word must not go on there
}

const (
	longestQuery = 1000 // bytes
	mostTerms    = 50
)

// Parse reads a query. It fails with CodeInvalid, for the field query, where
// there is nothing to look for, or only what is not to be there, or too much.
func Parse(text string) (Query, error) {
	refuse := func(wrong *domain.Error) (Query, error) {
		return Query{}, domain.NewError(domain.CodeInvalid).With("query", wrong)
	}
	tooLong := domain.NewError(domain.CodeQueryLong, "max", longestQuery, "terms", mostTerms)
	if len(text) > longestQuery {
		return refuse(tooLong)
	}
	var q Query
	not := false
	for rest := text; ; {
		rest = strings.TrimLeftFunc(rest, blank)
		if rest == "" {
			break
		}
		var item string
		var t term
		if item, rest = next(rest); !not && item == "NOT" {
			not = true
			continue
		}
		if len(item) > 1 && item[0] == '-' && !not {
			t.not, item = true, item[1:]
		}
		t.not = t.not || not
		not = false
		if !t.read(item) {
			continue
		}
		if q.terms = append(q.terms, t); len(q.terms) > mostTerms {
			return refuse(tooLong)
		}
	}
	for _, t := range q.terms {
		if !t.not {
			return q, nil
		}
	}
	if len(q.terms) > 0 {
		return refuse(domain.NewError(domain.CodeQueryNegative))
	}
	return refuse(domain.NewError(domain.CodeQueryEmpty))
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// next cuts the first item off: what is between quotes, with a sign before it,
// or all until a blank. Quotes without an end reach to the end.
func next(text string) (item, rest string) {
	start := 0
	if text[0] == '-' {
		start = 1
	}
	if start < len(text) && text[start] == '"' {
		if end := strings.IndexByte(text[start+1:], '"'); end >= 0 {
			end += start + 1
			return text[:end+1], text[end+1:]
		}
		return text, ""
	}
	if end := strings.IndexFunc(text, blank); end >= 0 {
		return text[:end], text[end:]
	}
	return text, ""
}

// read takes in an item without its sign, and tells whether there is anything in it.
func (t *term) read(item string) bool {
	quoted := strings.HasPrefix(item, `"`)
	if quoted {
		item = strings.Join(strings.FieldsFunc(strings.Trim(item, `"`), blank), " ")
	}
	t.left, t.right = true, true
	if !quoted {
		if item, t.left = cutStar(item, strings.CutPrefix); item == "" {
			return false
		}
		if item, t.right = cutStar(item, strings.CutSuffix); item == "" {
			return false
		}
	}
	t.text, _ = fold(strings.ToValidUTF8(item, "\uFFFD"))
	if t.text == "" {
		return false
	}
	// Where the term itself begins or ends with a sign, there is no word to go on.
	first, _ := utf8.DecodeRuneInString(t.text)
	last, _ := utf8.DecodeLastRuneInString(t.text)
	t.left = t.left && wordRune(first)
	t.right = t.right && wordRune(last)
	return true
}

func cutStar(item string, cut func(s, affix string) (string, bool)) (rest string, bound bool) {
	bound = true
	for {
		shorter, found := cut(item, "*")
		if !found {
			return item, bound
		}
		item, bound = shorter, false
	}
}

// find gives where the term first stands in a folded text from a place on, -1
// where it does not.
func (t *term) find(folded string, from int) int {
	for from <= len(folded)-len(t.text) {
		i := strings.Index(folded[from:], t.text)
		if i < 0 {
			return -1
		}
		i += from
		if t.bound(folded, i) {
			return i
		}
		_, size := utf8.DecodeRuneInString(folded[i:])
		from = i + size
	}
	return -1
}

// bound tells whether a word neither begins before i nor ends after the term.
func (t *term) bound(folded string, i int) bool {
	if t.left {
		if r, size := utf8.DecodeLastRuneInString(folded[:i]); size > 0 && wordRune(r) {
			return false
		}
	}
	if t.right {
		if r, size := utf8.DecodeRuneInString(folded[i+len(t.text):]); size > 0 && wordRune(r) {
			return false
		}
	}
	return true
}

// Match tells whether a line has all that is asked for and nothing of what is not.
func (q Query) Match(line string) bool {
	folded, _ := fold(Plain(line))
	return q.match(folded)
}

func (q Query) match(folded string) bool {
	for i := range q.terms {
		if t := &q.terms[i]; (t.find(folded, 0) >= 0) == t.not {
			return false
		}
	}
	return true
}

// Marks gives where what is asked for stands in a line without control
// characters (Plain), in bytes, in order, none touching another.
func (q Query) Marks(plain string) []Mark {
	folded, at := fold(plain)
	covered := make([]bool, len(folded)+1)
	for i := range q.terms {
		t := &q.terms[i]
		if t.not {
			continue
		}
		for from := 0; ; {
			found := t.find(folded, from)
			if found < 0 {
				break
			}
			for j := range len(t.text) {
				covered[found+j] = true
			}
			from = found + len(t.text)
		}
	}
	place := func(i int) int {
		if at == nil {
			return i
		}
		return at[i]
	}
	var marks []Mark
	for i := 0; i < len(folded); i++ {
		if !covered[i] {
			continue
		}
		start := i
		for covered[i] {
			i++
		}
		marks = append(marks, Mark{place(start), place(i)})
	}
	return marks
}

// Mark is a part of a text, in bytes.
type Mark struct{ Start, End int }

// expression gives the terms of the index that a block must have to be looked
// into (FTS5), "" where the index cannot tell.
func (q Query) expression() string {
	var all []string
	for _, t := range q.terms {
		if t.not {
			continue
		}
		all = append(all, t.indexed()...)
	}
	return strings.Join(all, " AND ")
}

// indexed gives the words of a term that the index knows.
func (t *term) indexed() []string {
	var found []string
	var list []string
	words(t.text, func(w string) { list = append(list, w) })
	first, _ := utf8.DecodeRuneInString(t.text)
	last, _ := utf8.DecodeLastRuneInString(t.text)
	for i, w := range list {
		// A word at an edge that may go on is only a part of one.
		if i == 0 && !t.left && wordRune(first) {
			continue
		}
		prefix := i == len(list)-1 && !t.right && wordRune(last)
		word := `"` + short(w) + `"`
		if prefix {
			word += "*"
		}
		found = append(found, word)
	}
	return found
}
