package discovery

import (
	"bytes"
	"strings"

	"scriptsmanager/backend/domain"
)

const (
	groupFile  = "metadata.json"
	scriptFile = "scripts/script_metadata.json"
)

// groupDocument is what metadata.json says.
type groupDocument struct {
	values
	problems []domain.Problem
}

// begin makes UTF-8 of a JSON file, as editors on Windows save it too.
func (r *reader) begin(data []byte) (node, bool) {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if bytes.IndexByte(data, '\r') >= 0 {
		data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	text, _, bad := decode(data, "utf-8")
	r.text, r.lines = text, &lineCounter{text: text, line: 1, first: 1}
	if bad >= 0 {
		r.problems = append(r.problems, domain.Problem{
			Line: 1 + bytes.Count(data[:bad], []byte{'\n'}), Code: domain.CodeMetadataEncoding, Params: map[string]any{"detail": "utf-8"},
		})
	}
	n, err := parseDocument(text)
	if err != nil {
		r.syntax(err)
		return n, false
	}
	if n.kind != kindObject {
		r.syntax(&syntaxError{offset: n.offset, expected: "{", found: shown(&n)})
		return n, false
	}
	return n, true
}

// mentionsLevel tells whether a file that cannot be read restricts anything.
func mentionsLevel(data []byte) bool { return bytes.Contains(data, []byte("required_level")) }

func readGroupDocument(data []byte, old *groupDocument) *groupDocument {
	r := &reader{}
	n, ok := r.begin(data)
	if !ok {
		out := &groupDocument{problems: r.problems}
		if old != nil {
			out.values = old.values
		} else if mentionsLevel(data) {
			out.bad.add(fieldRequiredLevel)
		}
		return out
	}
	r.object(&n, "", groupKey, groupKeys())
	if old != nil {
		r.keepGood(&old.values)
	}
	return &groupDocument{values: r.values, problems: r.problems}
}

// object reads the members of a JSON object as fields.
func (r *reader) object(n *node, prefix string, keyOf func(string) (field, domain.Language, bool), known []string) {
	for i := range n.members {
		m := &n.members[i]
		if r.again(m, prefix) {
			continue
		}
		f, lang, ok := keyOf(m.key)
		if !ok {
			r.unknown(m.offset, m.key, prefix, known)
			continue
		}
		r.assign(f, lang, place{prefix, m.key}, &m.value)
	}
}

// scriptDocument is what scripts/script_metadata.json says, by file name
// without .py.
type scriptDocument struct {
	scripts  map[string]*scriptEntry
	problems []domain.Problem // of the file as a whole
	broken   bool             // nothing in it could be read now; scripts is what was read before
	closed   bool             // broken from the first, and it restricts something
}

type scriptEntry struct {
	values
	name     string // as written
	line     int
	problems []domain.Problem
}

func readScriptDocument(data []byte, old *scriptDocument) *scriptDocument {
	r := &reader{}
	n, ok := r.begin(data)
	out := &scriptDocument{scripts: map[string]*scriptEntry{}}
	if !ok {
		out.broken, out.problems = true, r.problems
		if old != nil && len(old.scripts) > 0 {
			out.scripts, out.closed = old.scripts, old.closed
		} else {
			out.closed = mentionsLevel(data)
		}
		return out
	}
	for i := range n.members {
		m := &n.members[i]
		stem := strings.TrimSuffix(m.key, ".py")
		if out.scripts[stem] != nil {
			r.problem(m.offset, true, domain.CodeMetadataDuplicate, map[string]any{"name": clip(m.key)})
			continue
		}
		one := &reader{text: r.text, lines: r.lines}
		if m.value.kind == kindObject {
			one.object(&m.value, "", scriptFieldOf, scriptKeys())
		} else {
			one.wrong(&m.value, place{"", m.key}, "{…}")
		}
		if old != nil {
			if before := old.scripts[stem]; before != nil {
				if m.value.kind != kindObject {
					one.values = before.values
				} else {
					one.keepGood(&before.values)
				}
			}
		}
		out.scripts[stem] = &scriptEntry{values: one.values, name: m.key, line: r.lines.of(m.offset), problems: one.problems}
	}
	out.problems = r.problems
	return out
}
