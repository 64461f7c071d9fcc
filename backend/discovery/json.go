package discovery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// kind is the type of a JSON value.
type kind byte

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

// node is one JSON value that knows where it stands; encoding/json does not
// tell positions, and every fault must come with its line.
type node struct {
	kind    kind
	flag    bool
	offset  int      // of the first byte, in the text that was parsed
	text    string   // of a string; the literal of a number
	members []member // of an object; of an array, without keys
}

// arena holds the members of one file's values, in one piece of memory.
type arena struct {
	open   []member // of the objects and arrays that have not ended yet, innermost last
	closed []member
}

// reset makes all of it free again: nothing that was parsed may be in use.
func (a *arena) reset() {
	const most = 4096 // members; what one large file took is given back
	if cap(a.closed) > most {
		*a = arena{}
	}
	a.open, a.closed = a.open[:0], a.closed[:0]
}

// keep moves what is open from base on to where it stays.
func (a *arena) keep(base int) []member {
	list := a.open[base:]
	if cap(a.closed)-len(a.closed) < len(list) {
		a.closed = make([]member, 0, max(16, 2*cap(a.closed), len(list)))
	}
	from := len(a.closed)
	a.closed = append(a.closed, list...)
	a.open = a.open[:base]
	return a.closed[from:len(a.closed):len(a.closed)]
}

type member struct {
	key    string
	offset int
	again  bool // an earlier member has the same key
	value  node
}

// get gives the first member of that name, as the faults say.
func (n *node) get(key string) *node {
	for i := range n.members {
		if n.members[i].key == key {
			return &n.members[i].value
		}
	}
	return nil
}

// any gives the value as encoding/json would.
func (n *node) any() any {
	switch n.kind {
	case kindBool:
		return n.flag
	case kindNumber:
		return n.number()
	case kindString:
		return n.text
	case kindArray:
		list := make([]any, len(n.members))
		for i := range n.members {
			list[i] = n.members[i].value.any()
		}
		return list
	case kindObject:
		object := make(map[string]any, len(n.members))
		for i := len(n.members) - 1; i >= 0; i-- { // the first of equal keys counts
			object[n.members[i].key] = n.members[i].value.any()
		}
		return object
	case kindNull:
	}
	return nil
}

// number gives the value of a number; the parser has checked its range.
func (n *node) number() float64 {
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil {
		return 0
	}
	return f
}

// scalar gives a string, number or boolean as it would be typed.
func (n *node) scalar() (string, bool) {
	switch n.kind {
	case kindString, kindNumber:
		return n.text, true
	case kindBool:
		return strconv.FormatBool(n.flag), true
	default:
		return "", false
	}
}

// syntaxError says where JSON ends to be JSON. Both texts are symbols rather
// than words, so that they read alike in every language.
type syntaxError struct {
	offset   int
	expected string
	found    string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("expected %s, found %s", e.expected, e.found)
}

const (
	maxDepth      = 64 // deeper nesting than any form needs; bounds the stack
	expectedValue = `" 0–9 { [ true false null`
	foundEnd      = "EOF"
)

type jsonParser struct {
	text  []byte
	pos   int
	arena *arena
}

// parseJSON reads the value that text begins with and gives the offset behind
// it. What follows is the caller's to judge.
func parseJSON(text []byte, from int) (node, int, *syntaxError) {
	p := jsonParser{text: text, pos: from, arena: &arena{}}
	n, err := p.value(0)
	return n, p.pos, err
}

// parseDocument reads text that is one value and nothing else.
func parseDocument(text []byte) (node, *syntaxError) {
	p := jsonParser{text: text, arena: &arena{}}
	n, err := p.value(0)
	if err != nil {
		return n, err
	}
	p.space()
	if p.pos < len(text) {
		return n, p.fault(foundEnd)
	}
	return n, nil
}

func (p *jsonParser) fault(expected string) *syntaxError {
	found := foundEnd
	if p.pos < len(p.text) {
		r, size := utf8.DecodeRune(p.text[p.pos:])
		switch {
		case r == utf8.RuneError && size == 1:
			found = fmt.Sprintf(`\x%02x`, p.text[p.pos])
		case r == '\n':
			found = "⏎"
		case r < ' ' || r == 0x7f:
			found = fmt.Sprintf(`\x%02x`, r)
		default:
			found = string(r)
		}
	}
	return &syntaxError{offset: min(p.pos, len(p.text)), expected: expected, found: found}
}

func (p *jsonParser) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *jsonParser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *jsonParser) value(depth int) (node, *syntaxError) {
	p.space()
	n := node{offset: p.pos}
	if depth > maxDepth {
		return n, p.fault(fmt.Sprintf("≤ %d × [ {", maxDepth))
	}
	switch c := p.peek(); {
	case c == '{':
		n.kind = kindObject
		return n, p.object(&n, depth)
	case c == '[':
		n.kind = kindArray
		return n, p.array(&n, depth)
	case c == '"':
		n.kind = kindString
		var err *syntaxError
		n.text, err = p.str()
		return n, err
	case c == '-' || c >= '0' && c <= '9':
		n.kind = kindNumber
		return n, p.num(&n)
	case p.word("true"):
		n.kind, n.flag = kindBool, true
		return n, nil
	case p.word("false"):
		n.kind = kindBool
		return n, nil
	case p.word("null"):
		return n, nil
	default:
		return n, p.fault(expectedValue)
	}
}

func (p *jsonParser) word(w string) bool {
	if len(p.text)-p.pos >= len(w) && string(p.text[p.pos:p.pos+len(w)]) == w {
		p.pos += len(w)
		return true
	}
	return false
}

func (p *jsonParser) object(n *node, depth int) *syntaxError {
	p.pos++
	p.space()
	if p.peek() == '}' {
		p.pos++
		return nil
	}
	base := len(p.arena.open)
	var seen map[string]bool // only for objects that are too large to be searched
	for {
		p.space()
		m := member{offset: p.pos}
		if p.peek() != '"' {
			if len(p.arena.open) == base {
				return p.fault(`" }`)
			}
			return p.fault(`"`)
		}
		var err *syntaxError
		if m.key, err = p.str(); err != nil {
			return err
		}
		p.space()
		if p.peek() != ':' {
			return p.fault(":")
		}
		p.pos++
		if m.value, err = p.value(depth + 1); err != nil {
			return err
		}
		m.again, seen = repeats(p.arena.open[base:], m.key, seen)
		p.arena.open = append(p.arena.open, m)
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case '}':
			p.pos++
			n.members = p.arena.keep(base)
			return nil
		default:
			return p.fault(", }")
		}
	}
}

// repeats tells whether key is that of an earlier member; from some size on,
// it keeps the keys in seen.
func repeats(earlier []member, key string, seen map[string]bool) (bool, map[string]bool) {
	const large = 16
	if len(earlier) < large {
		return slices.ContainsFunc(earlier, func(m member) bool { return m.key == key }), nil
	}
	if seen == nil {
		seen = make(map[string]bool, 2*large)
		for i := range earlier {
			seen[earlier[i].key] = true
		}
	}
	again := seen[key]
	seen[key] = true
	return again, seen
}

func (p *jsonParser) array(n *node, depth int) *syntaxError {
	p.pos++
	p.space()
	if p.peek() == ']' {
		p.pos++
		return nil
	}
	base := len(p.arena.open)
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		p.arena.open = append(p.arena.open, member{value: item})
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			n.members = p.arena.keep(base)
			return nil
		default:
			return p.fault(", ]")
		}
	}
}

func (p *jsonParser) str() (string, *syntaxError) {
	start := p.pos
	p.pos++
	plain := true
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			p.pos++
			if plain {
				return string(p.text[start+1 : p.pos-1]), nil
			}
			var s string
			if err := json.Unmarshal(p.text[start:p.pos], &s); err != nil {
				p.pos = start
				return "", p.fault(`"…"`)
			}
			return s, nil
		case c == '\\':
			plain = false
			if err := p.escape(); err != nil {
				return "", err
			}
		case c < ' ':
			return "", p.fault(`"`)
		case c < utf8.RuneSelf:
			p.pos++
		default:
			r, size := utf8.DecodeRune(p.text[p.pos:])
			if r == utf8.RuneError && size == 1 {
				plain = false // Unmarshal puts U+FFFD there
			}
			p.pos += size
		}
	}
	return "", p.fault(`"`)
}

func (p *jsonParser) escape() *syntaxError {
	p.pos++
	c := p.peek()
	if c != 'u' {
		if c == 0 || bytes.IndexByte([]byte(`"\/bfnrt`), c) < 0 {
			return p.fault(`\" \\ \/ \b \f \n \r \t \u`)
		}
		p.pos++
		return nil
	}
	p.pos++
	for range 4 {
		c := p.peek()
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return p.fault("0–9 a–f")
		}
		p.pos++
	}
	return nil
}

func (p *jsonParser) digits() *syntaxError {
	start := p.pos
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.pos++
	}
	if p.pos == start {
		return p.fault("0–9")
	}
	return nil
}

func (p *jsonParser) num(n *node) *syntaxError {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if err := p.digits(); err != nil {
		return err
	}
	if p.peek() == '.' {
		p.pos++
		if err := p.digits(); err != nil {
			return err
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if err := p.digits(); err != nil {
			return err
		}
	}
	n.text = string(p.text[start:p.pos])
	if _, err := strconv.ParseFloat(n.text, 64); err != nil {
		p.pos = start
		return p.fault("±1.8e308")
	}
	return nil
}
