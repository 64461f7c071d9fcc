package check

import (
	"bytes"
	"strings"

	"scriptsmanager/backend/domain"
)

// span is a part of a text, by its bytes.
type span struct{ from, to int }

// findFormulas finds what stands between the signs of a text's formulas, outside
// of the parts that are code: of $$…$$, and of $…$ with no blank behind the
// first and before the last sign, in one paragraph. open are the signs that begin a formula without an end.
func findFormulas(text []byte, code []span) (found []span, open []int) {
	for i := 0; i < len(text); {
		if len(code) > 0 && i >= code[0].from {
			i, code = max(i, code[0].to), code[1:]
			continue
		}
		switch {
		case text[i] == '\\':
			i += 2
		case text[i] != '$':
			i++
		default:
			end, inner := i+1, span{}
			display := i+1 < len(text) && text[i+1] == '$'
			if display {
				inner = displayed(text, i, code)
				end = i + 2
			} else {
				inner = inline(text, i, code)
			}
			switch {
			case inner.to > 0 && display:
				end = inner.to + 2
				found = append(found, inner)
			case inner.to > 0:
				end = inner.to + 1
				found = append(found, inner)
			case len(open) < mostProblems && (display || formulaLike(text[i+1:])):
				open = append(open, i)
			}
			i = end
		}
	}
	return found, open
}

// displayed finds the end of what begins with $$: the next one, before a
// heading, code and the end of its paragraph where it stands in one.
func displayed(text []byte, at int, code []span) span {
	before := at - 1
	for before >= 0 && (text[before] == ' ' || text[before] == '\t' || text[before] == '>') {
		before--
	}
	alone := before < 0 || text[before] == '\n'
	for i := at + 2; i < len(text); i++ {
		switch {
		case len(code) > 0 && i >= code[0].from:
			return span{}
		case text[i] == '\\':
			i++
		case text[i] == '$' && i+1 < len(text) && text[i+1] == '$':
			return span{at + 2, i}
		case text[i] == '\n' && !alone && blankLine(text, i+1):
			return span{}
		case text[i] == '\n' && i+2 < len(text) && text[i+1] == '#' && (text[i+2] == '#' || text[i+2] == ' '):
			return span{}
		}
	}
	return span{}
}

func inline(text []byte, at int, code []span) span {
	if at+1 >= len(text) || isBlank(text[at+1]) {
		return span{}
	}
	for i := at + 1; i < len(text); i++ {
		switch {
		case len(code) > 0 && i >= code[0].from:
			return span{}
		case text[i] == '\\':
			i++
		case text[i] == '\n' && blankLine(text, i+1):
			return span{}
		case text[i] == '$':
			after := i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9'
			if i > at+1 && !isBlank(text[i-1]) && !after {
				return span{at + 1, i}
			}
			return span{}
		}
	}
	return span{}
}

// formulaLike tells whether a dollar sign without a counterpart was meant to
// begin a formula: a price does not.
func formulaLike(rest []byte) bool {
	line, _, _ := bytes.Cut(rest[:min(len(rest), 4*longest)], []byte("\n"))
	return len(line) > 0 && !isBlank(line[0]) && (line[0] < '0' || line[0] > '9') && bytes.ContainsAny(line, `\^_{=`)
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func blankLine(text []byte, at int) bool {
	line, _, _ := bytes.Cut(text[at:], []byte("\n"))
	return len(bytes.TrimSpace(line)) == 0
}

// lonely finds what has no counterpart in a formula: a brace, \left or \right,
// the beginning or end of a LaTeX environment. "" is none; at is where it stands.
func lonely(text string) (what string, at int) {
	type open struct {
		what, end string
		at        int
	}
	var stack []open
	closes := func(what, end string, at int) (string, int) {
		if len(stack) == 0 || stack[len(stack)-1].end != end {
			if len(stack) > 0 && stack[len(stack)-1].end != "}" && end == "}" {
				return stack[len(stack)-1].what, stack[len(stack)-1].at
			}
			return what, at
		}
		stack = stack[:len(stack)-1]
		return "", 0
	}
	for i := 0; i < len(text); {
		what, n := token(text[i:])
		bad := ""
		switch {
		case what == "{":
			stack = append(stack, open{"{", "}", i})
		case what == "}":
			bad, at = closes("}", "}", i)
		case what == `\left`:
			stack = append(stack, open{what, `\right`, i})
		case what == `\right`:
			bad, at = closes(what, what, i)
		case strings.HasPrefix(what, `\begin{`):
			stack = append(stack, open{what, `\end` + strings.TrimPrefix(what, `\begin`), i})
		case strings.HasPrefix(what, `\end{`):
			bad, at = closes(what, what, i)
		}
		if bad != "" {
			return bad, at
		}
		i += n
	}
	if len(stack) > 0 {
		return stack[len(stack)-1].what, stack[len(stack)-1].at
	}
	return "", 0
}

// token is the next sign or command of LaTeX, \begin and \end with their name,
// and how many bytes it takes.
func token(text string) (string, int) {
	if text[0] != '\\' {
		if text[0] == '%' { // a comment
			if end := strings.IndexByte(text, '\n'); end >= 0 {
				return "%", end
			}
			return "%", len(text)
		}
		return text[:1], 1
	}
	n := 1
	for n < len(text) && (text[n] >= 'a' && text[n] <= 'z' || text[n] >= 'A' && text[n] <= 'Z') {
		n++
	}
	if n == 1 {
		return text[:min(2, len(text))], min(2, len(text))
	}
	if word := text[:n]; (word == `\begin` || word == `\end`) && n < len(text) && text[n] == '{' {
		if end := strings.IndexByte(text[n:], '}'); end > 0 {
			return text[:n+end+1], n + end + 1
		}
	}
	return text[:n], n
}

// formulas tells of formulas without their end and of what has no counterpart in one.
func (o *outline) formulas(text []byte, code []span) {
	found, open := findFormulas(text, code)
	for _, at := range open {
		o.add(at, domain.CodeDocumentFormulaEnd, "formula", clip(firstLine(text[at:])))
	}
	for _, f := range found {
		if len(o.problems) >= mostProblems {
			return
		}
		if what, at := lonely(string(text[f.from:f.to])); what != "" {
			o.add(f.from+at, domain.CodeDocumentBrace, "formula", clip(firstLine(bytes.TrimSpace(text[f.from:f.to]))), "what", what)
		}
	}
}

func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(text[:min(len(text), 8*longest)], []byte("\n"))
	return strings.TrimSpace(string(line))
}

// longest is how many characters of a document's text stand in a message.
const longest = 60

func clip(s string) string {
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}
