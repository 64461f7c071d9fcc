package search

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"scriptsmanager/backend/escape"
)

// longestWord is how much of a word the index keeps, in bytes.
const longestWord = 64

// wordRune tells whether r belongs to a word: a letter, a mark on one, or a digit.
func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// fold gives text in lower case, rune by rune. Where each rune keeps its
// length, at is nil: a place in the folded text is the same in text; otherwise
// at[i] is the place in text of the rune that the folded byte i belongs to.
func fold(text string) (folded string, at []int) {
	plain := true
	for i := range len(text) {
		c := text[i]
		if c >= utf8.RuneSelf {
			return foldRunes(text)
		}
		if 'A' <= c && c <= 'Z' {
			plain = false
		}
	}
	if plain {
		return text, nil
	}
	return strings.ToLower(text), nil
}

func foldRunes(text string) (string, []int) {
	b := make([]byte, 0, len(text)+utf8.UTFMax)
	var at []int
	for i, r := range text {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[i:])
		}
		before := len(b)
		b = utf8.AppendRune(b, unicode.ToLower(r))
		if at == nil && len(b)-before != size {
			at = make([]int, before, len(text)+utf8.UTFMax)
			for j := range at {
				at[j] = j
			}
		}
		if at != nil {
			for range len(b) - before {
				at = append(at, i)
			}
		}
	}
	if at != nil {
		at = append(at, len(text))
	}
	return string(b), at
}

// words calls take for each word of a folded text.
func words(folded string, take func(word string)) {
	start := -1
	for i := 0; i < len(folded); {
		r, size := rune(folded[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(folded[i:])
		}
		switch {
		case wordRune(r):
			if start < 0 {
				start = i
			}
		case start >= 0:
			take(folded[start:i])
			start = -1
		}
		i += size
	}
	if start >= 0 {
		take(folded[start:])
	}
}

// short cuts a word to what the index keeps of it.
func short(word string) string {
	if len(word) <= longestWord {
		return word
	}
	n := longestWord
	for !utf8.RuneStart(word[n]) {
		n--
	}
	return word[:n]
}

// block gathers the distinct words of lines.
type block struct {
	first, count int64
	size         int
	words        map[string]struct{}
	text         []byte // the words, with a blank after each
}

func newBlock() *block { return &block{words: make(map[string]struct{}, 4096)} }

func (b *block) reset(first int64) {
	clear(b.words)
	b.first, b.count, b.size, b.text = first, 0, 0, b.text[:0]
}

func (b *block) add(line string) {
	b.count++
	b.size += len(line) + 1
	folded, _ := fold(Plain(line))
	words(folded, b.word)
}

func (b *block) word(word string) {
	word = short(word)
	if _, known := b.words[word]; known {
		return
	}
	b.text = append(append(b.text, word...), ' ')
	b.words[strings.Clone(word)] = struct{}{} // word lies in a line that is soon gone
}

// done gives the block without what was needed to gather it.
func (b *block) done() block { return block{first: b.first, count: b.count, text: bytes.Clone(b.text)} }

// Plain takes the control sequences of terminals out of a line, and other
// control characters but the tabulator become blanks: a word in colour is a word.
func Plain(line string) string {
	i := 0
	for i < len(line) && (line[i] >= ' ' && line[i] != 0x7f || line[i] == '\t') {
		i++
	}
	if i == len(line) {
		return line
	}
	b := make([]byte, i, len(line))
	copy(b, line)
	for i < len(line) {
		c := line[i]
		switch {
		case c == 0x1b:
			i += escape.Length(line[i:])
			continue
		case c < ' ' && c != '\t' || c == 0x7f:
			c = ' '
		}
		b = append(b, c)
		i++
	}
	return string(b)
}
