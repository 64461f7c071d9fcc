package log

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"unicode"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// Matcher finds places in a text. It may be used by one goroutine at a time.
type Matcher interface {
	// Next gives the first match that begins at or after an offset. A start
	// below 0 says that there is none.
	Next(text []byte, from int) (start, end int)
}

// wholeBlocks is a Matcher whose matches never hold a line feed and never
// depend on one, so that many lines can be looked through at once.
type wholeBlocks interface {
	Matcher
	wholeBlocks()
}

// PatternMost is the longest text or expression to be looked for, in bytes.
const PatternMost = 1000

// Pattern is what a person looks for in lines.
type Pattern struct {
	Text   string // as it stands, or an expression; not empty, one line
	Case   bool   // upper and lower case differ
	Word   bool   // letters, digits and _ beside it are no match
	Regexp bool   // RE2: takes time in proportion to the text, whatever it says
}

// Matcher makes the pattern's. It fails with CodeInvalid, field "text".
func (p Pattern) Matcher() (Matcher, error) {
	if p.Text == "" || len(p.Text) > PatternMost || bytes.ContainsAny([]byte(p.Text), "\r\n") {
		return nil, domain.NewError(domain.CodeInvalid, "text", p.Text)
	}
	var m Matcher
	switch {
	case p.Regexp || !p.Case && !ascii(p.Text):
		expression := p.Text
		if !p.Regexp {
			expression = regexp.QuoteMeta(expression)
		}
		if !p.Case {
			expression = "(?i)" + expression
		}
		compiled, err := regexp.Compile(expression)
		if err != nil {
			return nil, domain.NewError(domain.CodeInvalid, "text", p.Text).Because(err)
		}
		m = &expressionMatcher{expression: compiled}
	case p.Case:
		m = textMatcher(p.Text)
	default:
		m = &foldMatcher{needle: lowered(nil, []byte(p.Text))}
	}
	if p.Word {
		if blocks, ok := m.(wholeBlocks); ok {
			return wordBlocks{wordMatcher{blocks}}, nil
		}
		return wordMatcher{m}, nil
	}
	return m, nil
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

type textMatcher string

func (textMatcher) wholeBlocks() {}

func (m textMatcher) Next(text []byte, from int) (int, int) {
	at := bytes.Index(text[from:], []byte(m))
	if at < 0 {
		return -1, -1
	}
	return from + at, from + at + len(m)
}

// foldMatcher finds a text of ASCII whatever the case.
type foldMatcher struct {
	needle []byte
	of     []byte // the text that low was made of
	low    []byte
}

func (*foldMatcher) wholeBlocks() {}

func (m *foldMatcher) Next(text []byte, from int) (int, int) {
	// The copy serves all the calls that go through one text.
	if from == 0 || len(m.of) != len(text) || len(text) > 0 && &m.of[0] != &text[0] {
		m.of, m.low = text, lowered(m.low[:0], text)
	}
	at := bytes.Index(m.low[from:], m.needle)
	if at < 0 {
		return -1, -1
	}
	return from + at, from + at + len(m.needle)
}

// lowered appends text with its ASCII capitals made small, eight bytes at a time.
func lowered(to, text []byte) []byte {
	const ones = 0x0101010101010101
	at := len(to)
	to = append(to, text...)
	rest := to[at:]
	for len(rest) >= 8 {
		eight := rest[:8]
		word := binary.LittleEndian.Uint64(eight)
		seven := word & (0x7f * ones)
		beyond := seven + (0x7f-'Z')*ones // bit 7 of a byte: it is above Z
		from := seven + (0x80-'A')*ones   // bit 7 of a byte: it is A or above
		capital := ^word & (beyond ^ from) & (0x80 * ones)
		binary.LittleEndian.PutUint64(eight, word|capital>>2)
		rest = rest[8:]
	}
	for i, c := range rest {
		if c >= 'A' && c <= 'Z' {
			rest[i] = c + 'a' - 'A'
		}
	}
	return to
}

// expressionMatcher finds an expression. Where one match is not enough it finds
// all of a text at once: what is before an offset counts for \b and ^, so the
// text cannot be cut there.
type expressionMatcher struct {
	expression *regexp.Regexp
	all        [][]int // of the text that is gone through; nil: not yet
}

func (m *expressionMatcher) Next(text []byte, from int) (int, int) {
	if from == 0 {
		m.all = nil
		if at := m.expression.FindIndex(text); at != nil {
			return at[0], at[1]
		}
		return -1, -1
	}
	if m.all == nil {
		m.all = m.expression.FindAllIndex(text, -1)
	}
	for ; len(m.all) > 0; m.all = m.all[1:] {
		if at := m.all[0]; at[0] >= from {
			return at[0], at[1]
		}
	}
	return -1, -1
}

// wordMatcher takes only matches that stand alone.
type wordMatcher struct{ of Matcher }

type wordBlocks struct{ wordMatcher }

func (wordBlocks) wholeBlocks() {}

func (m wordMatcher) Next(text []byte, from int) (int, int) {
	for from <= len(text) {
		start, end := m.of.Next(text, from)
		if start < 0 {
			return -1, -1
		}
		before, _ := utf8.DecodeLastRune(text[:start])
		after, _ := utf8.DecodeRune(text[end:])
		if !(start > 0 && inWord(before)) && !(end < len(text) && inWord(after)) {
			return start, end
		}
		from = start + 1
	}
	return -1, -1
}

func inWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
