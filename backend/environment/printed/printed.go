// Package printed reads what programs that make environments print: the JSON
// in it, as warnings may stand before it, messages after it, progress between;
// and their own words for a message of ours. It promises to end soon, whatever
// was printed, and knows no program.
package printed

import (
	"encoding/json"
	"iter"
	"strings"
	"unicode"

	"scriptsmanager/backend/escape"
)

// maxBrief bounds a program's own words in a message, in characters; the log
// has all of them.
const maxBrief = 300

// Brief makes one line of a text, not too long, that commands no terminal: of
// what is no text, a single mark stands there.
func Brief(text string) string {
	text = strings.ToValidUTF8(string(escape.Strip(nil, []byte(text))), "\uFFFD")
	last := ' '
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			r = '\uFFFD'
		}
		if r == '\uFFFD' && last == r {
			return -1
		}
		last = r
		return r
	}, text)
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) > maxBrief {
		return string(words[:maxBrief]) + "…"
	}
	return string(words)
}

// So many beginnings that lead to no object are tried: what has more is rubbish.
const maxTries = 1000

// Objects gives the JSON objects of a text, in order. Each begins at the
// beginning of a line, which a line feed, a carriage return or NUL ends: in the
// middle of a line a brace is part of a message.
func Objects(text string) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		tries := 0
		for at := 0; at < len(text) && tries < maxTries; {
			i := strings.IndexByte(text[at:], '{')
			if i < 0 {
				return
			}
			at += i
			if at > 0 && text[at-1] != '\n' && text[at-1] != '\r' && text[at-1] != 0 {
				at++
				continue
			}
			var object json.RawMessage
			d := json.NewDecoder(strings.NewReader(text[at:]))
			if d.Decode(&object) != nil {
				tries++
				at++
				continue
			}
			if !yield(object) {
				return
			}
			at += int(d.InputOffset())
		}
	}
}
