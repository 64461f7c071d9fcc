package discovery

import (
	"bytes"
	"strings"

	"scriptsmanager/backend/domain"
)

// Header is what the head of a Python file says in the form of SPEC DIS-3.
type Header struct {
	Found    bool             // there is a "ScriptsManager Metadata:" line
	Problems []domain.Problem // without File
	values
}

// Ignored tells that the file says it is no script.
func (h Header) Ignored() bool { return h.flags.has(fieldIgnore) }

// Fields lists what the header gives a usable value for, by the JSON names of
// domain.Script.
func (h Header) Fields() []string {
	var names []string
	for f := range fieldCount {
		if h.set.has(f) {
			names = append(names, fieldNames[f])
		}
	}
	return names
}

// Script gives the header's own values; all other fields are zero.
func (h Header) Script() domain.Script {
	return domain.Script{
		Name: h.name, Description: h.description, DescriptionLong: h.descriptionLong, Category: h.category, Tags: h.tags,
		RequiredLevel: h.level, Environment: h.environment, Parameters: h.parameters, Interface: h.iface,
		AutoOpenInterface: h.flags.has(fieldAutoOpenInterface), RequiresParameters: h.flags.has(fieldRequiresParameters),
		ConfirmClose: h.flags.has(fieldConfirmClose), Background: h.flags.has(fieldBackground),
		AlwaysOn: h.flags.has(fieldAlwaysOn), ExecutionTimeout: h.timeout, FlaskPort: h.port, MemoryLimit: h.memoryLimit,
		CPULimit: h.cpuLimit, Network: h.network, Paths: h.paths,
	}
}

// ParseHeader reads the header of a Python file of which source is the
// beginning: the module's docstring, else the leading comments. The text is
// taken as it stands in the file, so that JSON in it is escaped as JSON is.
// It never panics and never fails: what is wrong is in Problems.
func ParseHeader(source []byte) Header {
	return parseHead(source, locate(source, true, 0), &arena{})
}

const heading = "scriptsmanager metadata"

func parseHead(source []byte, h head, a *arena) Header {
	var out Header
	if h.utf16 {
		out.Problems = []domain.Problem{{Line: 1, Code: domain.CodeMetadataEncoding, Params: map[string]any{"detail": "UTF-16"}}}
		return out
	}
	if h.hasString {
		text := source[h.text[0]:h.text[1]]
		if at := findHeading(text); at >= 0 {
			return readLines(source, h, h.text[0], text, at, !h.raw, a)
		}
		out.ignoreOnly(text)
	}
	if h.comments[1] > h.comments[0] {
		comments := source[h.comments[0]:h.comments[1]]
		if at := findHeading(comments); at >= 0 {
			return readLines(source, head{coding: h.coding, codingLine: h.codingLine}, h.comments[0], comments, at, false, a)
		}
		out.ignoreOnly(comments)
	}
	return out
}

// ignoreOnly takes "@ignore: true" in a file without any other metadata, as
// people write it into a helper module.
func (h *Header) ignoreOnly(text []byte) {
	if !bytes.Contains(text, []byte("@ignore")) {
		return
	}
	for line := range bytes.Lines(text) {
		key, value, ok := splitKey(uncomment(bytes.TrimSpace(line)))
		if ok && string(key) == "ignore" {
			if flag, known := boolOf(&node{kind: kindString, text: string(value)}); flag && known {
				h.flags.add(fieldIgnore)
				h.set.add(fieldIgnore)
			}
		}
	}
}

// findHeading gives the offset of the line after the heading, or -1.
func findHeading(text []byte) int {
	const most = 200 // a heading is not longer, indented as it may be
	for from := 0; from < len(text); {
		i := bytes.IndexByte(text[from:], ':')
		if i < 0 {
			return -1
		}
		colon := from + i
		from = colon + 1
		before := text[max(0, colon-most):colon]
		line := uncomment(bytes.TrimSpace(before[bytes.LastIndexAny(before, "\r\n")+1:]))
		if len(line) != len(heading) || !strings.EqualFold(string(line), heading) {
			continue
		}
		end := from
		for end < len(text) && (text[end] == ' ' || text[end] == '\t' || text[end] == '\f') {
			end++
		}
		if end == len(text) || text[end] == '\n' || text[end] == '\r' {
			return end
		}
	}
	return -1
}

func uncomment(line []byte) []byte {
	if len(line) > 0 && line[0] == '#' {
		return bytes.TrimSpace(bytes.TrimLeft(line, "#"))
	}
	return line
}

// readLines reads the lines of text from offset at on; text begins at offset
// start of the source.
func readLines(source []byte, h head, start int, text []byte, at int, escapes bool, a *arena) Header {
	firstLine := 1 + countLines(source[:start+at])
	raw := text[at:]
	if bytes.IndexByte(raw, '\r') >= 0 {
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	decoded, known, bad := decode(raw, h.coding)
	if !h.hasString {
		decoded = stripComments(decoded)
	}
	r := &reader{text: decoded, arena: a, lines: &lineCounter{text: decoded, line: firstLine, first: firstLine}}
	if !known {
		r.problems = append(r.problems, domain.Problem{
			Line: h.codingLine, Code: domain.CodeMetadataEncoding, Params: map[string]any{"detail": clip(h.coding)}, Warning: bad < 0,
		})
	} else if bad >= 0 {
		coding := h.coding
		if coding == "" {
			coding = "utf-8"
		}
		r.problems = append(r.problems, domain.Problem{
			Line: firstLine + bytes.Count(raw[:bad], []byte{'\n'}), Code: domain.CodeMetadataEncoding, Params: map[string]any{"detail": clip(coding)},
		})
	}
	if h.unended {
		r.problems = append(r.problems, domain.Problem{
			Line: 1 + countLines(source[:h.stringStart]), Code: domain.CodeScriptSyntax, Params: map[string]any{"detail": h.quote},
		})
	}
	r.keys(escapes)
	return Header{Found: true, Problems: r.problems, values: r.values}
}

// countLines counts the line ends of any system.
func countLines(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	if bytes.IndexByte(b, '\r') < 0 {
		return n
	}
	for i, c := range b {
		if c == '\r' && (i+1 == len(b) || b[i+1] != '\n') {
			n++
		}
	}
	return n
}

// stripComments takes the comment signs away and leaves the lines.
func stripComments(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for line := range bytes.Lines(text) {
		body := bytes.TrimLeft(line, " \t\f")
		if len(body) > 0 && body[0] == '#' {
			body = bytes.TrimLeft(body, "#")
		}
		out = append(out, body...)
	}
	return out
}

// keys goes through the "@key: value" lines; everything else is prose.
func (r *reader) keys(escapes bool) {
	var seen keySet
	text := r.text
	for pos := 0; pos < len(text); {
		end := lineEnd(text, pos)
		start := pos
		for start < end && (text[start] == ' ' || text[start] == '\t' || text[start] == '\f') {
			start++
		}
		if start == end || text[start] != '@' {
			pos = end + 1
			continue
		}
		key, value, ok := splitKey(text[start:end])
		if !ok {
			r.forgottenColon(text[start:end], start)
			pos = end + 1
			continue
		}
		valueAt := end - len(value) // value ends with its line
		n, next := r.value(key, valueAt, end, start-pos, escapes)
		pos = next
		if n == nil {
			continue
		}
		k, known := headerKeys[string(key)]
		switch {
		case !known:
			r.unknown(start, string(key), "@", scriptKeys())
		case seen.has(k):
			r.problem(start, true, domain.CodeMetadataDuplicate, map[string]any{"name": "@" + k.name})
		default:
			seen.add(k)
			r.assign(k.field, k.lang, place{"@", k.name}, n)
		}
	}
}

func lineEnd(text []byte, pos int) int {
	if i := bytes.IndexByte(text[pos:], '\n'); i >= 0 {
		return pos + i
	}
	return len(text)
}

// splitKey takes "@key: value" apart; value keeps the end of the line.
func splitKey(line []byte) (key, value []byte, ok bool) {
	if len(line) < 2 || line[0] != '@' {
		return nil, nil, false
	}
	i := 1
	for i < len(line) && (line[i]|0x20 >= 'a' && line[i]|0x20 <= 'z' || line[i] >= '0' && line[i] <= '9' || line[i] == '_' || line[i] == '-') {
		i++
	}
	end := i
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	if end == 1 || i == len(line) || line[i] != ':' {
		return nil, nil, false
	}
	return line[1:end], bytes.TrimLeft(line[i+1:], " \t"), true
}

// forgottenColon reports a line that is a known key and nothing that follows
// the rules; any other line that begins with @ is prose.
func (r *reader) forgottenColon(line []byte, offset int) {
	word, rest, _ := strings.Cut(string(line[1:]), " ")
	word = strings.TrimSpace(word)
	if _, known := headerKeys[word]; known {
		r.problem(offset, false, domain.CodeMetadataValue, map[string]any{
			"key": "@" + word, "value": clip(strings.TrimSpace(rest)), "allowed": "@" + word + ": …",
		})
	}
}

// value reads the value that begins at offset at of a line that ends at end,
// and gives the offset of the line to go on with. A nil node is a value that
// could not be read; any other is r.node, until the next call.
func (r *reader) value(key []byte, at, end, indent int, escapes bool) (*node, int) {
	k, known := headerKeys[string(key)]
	f := k.field
	json := known && at < end && (r.text[at] == '[' || r.text[at] == '{')
	if json && f != fieldParameters && f != fieldTags && f != fieldPaths {
		// "[beta] Heat transfer" is a fine description; only a map is JSON here.
		_, _, err := r.parse(at)
		json = r.text[at] == '{' && err == nil
	}
	if known && f == fieldParameters && at == end && startsJSON(r.text[end:]) {
		json = true // the array begins on the next line
	}
	if json {
		return r.jsonValue(f, at)
	}
	text := string(bytes.TrimSpace(r.text[at:end]))
	if known && f == fieldParameters {
		if text != "" {
			_, _, err := parseJSON(r.text[:end], at)
			if err == nil {
				err = &syntaxError{offset: at, expected: "[", found: clip(text)}
			}
			r.syntax(err)
			r.bad.add(f)
			return nil, end + 1
		}
		r.node = node{offset: at}
		return &r.node, end + 1
	}
	if known && (f == fieldDescription || f == fieldName) {
		text, end = r.continued(text, end, indent)
	}
	if escapes && strings.IndexByte(text, '\\') >= 0 {
		text = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\'`, `'`).Replace(text)
	}
	r.node = node{kind: kindString, text: text, offset: at}
	return &r.node, end + 1
}

func startsJSON(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\n")
	return len(rest) > 0 && rest[0] == '['
}

func (r *reader) jsonValue(f field, at int) (*node, int) {
	n, after, err := r.parse(at)
	if err != nil {
		r.syntax(err)
		r.bad.add(f)
		return nil, r.nextKey(lineEnd(r.text, at) + 1)
	}
	end := lineEnd(r.text, after)
	if rest := bytes.TrimSpace(r.text[after:end]); len(rest) > 0 {
		p := jsonParser{text: r.text, pos: after}
		p.space()
		r.syntax(p.fault("⏎"))
		r.bad.add(f)
		return nil, end + 1
	}
	r.node = n
	return &r.node, end + 1
}

// nextKey finds the next line that is a known key, which ends broken JSON.
func (r *reader) nextKey(pos int) int {
	for pos < len(r.text) {
		end := lineEnd(r.text, pos)
		if key, _, ok := splitKey(bytes.TrimLeft(r.text[pos:end], " \t")); ok {
			if _, known := headerKeys[string(key)]; known {
				return pos
			}
		}
		pos = end + 1
	}
	return len(r.text)
}

// continued takes the lines that follow and are indented more than their key
// as part of a text.
func (r *reader) continued(text string, end, indent int) (string, int) {
	for end < len(r.text) {
		pos := end + 1
		next := lineEnd(r.text, min(pos, len(r.text)))
		if pos >= next {
			break
		}
		line := r.text[pos:next]
		body := bytes.TrimLeft(line, " \t")
		if len(line)-len(body) <= indent || len(bytes.TrimSpace(body)) == 0 || body[0] == '@' {
			break
		}
		text = strings.TrimSpace(text + " " + string(bytes.TrimSpace(body)))
		end = next
	}
	return text, end
}
