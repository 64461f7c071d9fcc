package find

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded are letters that are written as others without their mark, and do not
// come apart by themselves.
var folded = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d", 'ı': "i",
}

// latin are the folded forms of the letters that most texts are made of.
var latin = func() (table [0x250]string) {
	for r := range rune(len(table)) {
		table[r] = foldSlowly(r)
	}
	return table
}()

// foldRune gives what a character counts as: lower case, without accents; ""
// for an accent that stands by itself.
func foldRune(r rune) string {
	if r >= 0 && int(r) < len(latin) {
		return latin[r]
	}
	return foldSlowly(r)
}

func foldSlowly(r rune) string {
	if s, ok := folded[r]; ok {
		return s
	}
	if unicode.Is(unicode.Mn, r) {
		return ""
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		if !unicode.Is(unicode.Mn, part) {
			b.WriteRune(unicode.ToLower(part))
		}
	}
	return b.String()
}

// Fold gives a text in which case and accents do not count.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		if r < utf8.RuneSelf {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			b.WriteRune(r)
			continue
		}
		b.WriteString(foldRune(r))
	}
	return b.String()
}

// ofWord tells what words are made of; all else stands between them.
func ofWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// words calls each with the words of a text, folded.
func words(text string, each func(string)) {
	text = Fold(text) // as a whole: its words are pieces of one text
	start := -1
	for i, r := range text {
		switch {
		case ofWord(r) && start < 0:
			start = i
		case !ofWord(r) && start >= 0:
			each(text[start:i])
			start = -1
		}
	}
	if start >= 0 {
		each(text[start:])
	}
}

// Terms gives what is looked for: the words of a query, each once. Words that
// are within another one of the query say nothing more.
func Terms(query string) []string {
	if len(query) > longestQuery {
		query = strings.ToValidUTF8(query[:longestQuery], "")
	}
	terms := []string{}
	words(query, func(word string) {
		for i, known := range terms {
			switch {
			case strings.Contains(known, word):
				return
			case strings.Contains(word, known):
				terms[i] = word
				return
			}
		}
		if len(terms) < mostTerms {
			terms = append(terms, word)
		}
	})
	return terms
}

// beginsOnly tells whether a term counts at the beginning of words alone: a
// single letter is within nearly all of them.
func beginsOnly(term string) bool { return len(term) == 1 }

// indexOf gives where a term is in a folded text, -1 where it is not.
func indexOf(folded, term string) int {
	for from := 0; ; {
		at := strings.Index(folded[from:], term)
		if at < 0 || !beginsOnly(term) {
			return at
		}
		at += from
		if before, _ := utf8.DecodeLastRuneInString(folded[:at]); at == 0 || !ofWord(before) {
			return at
		}
		from = at + 1
	}
}

const (
	longestQuery = 400 // bytes
	mostTerms    = 16
)
