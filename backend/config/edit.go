package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Edit changes single keys in a file's data and leaves the rest as it stands:
// order, indentation, line ends, a byte order mark. A nil value takes the key
// out, and the objects with it that are empty then. data is nothing, or a JSON
// object; else Edit fails.
func Edit(data []byte, changes map[string]any) ([]byte, error) {
	rest, marked := bytes.CutPrefix(data, []byte(byteOrderMark))
	if len(bytes.TrimSpace(rest)) == 0 {
		rest = []byte("{\n}\n")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(rest, &object); err != nil {
		return nil, fmt.Errorf("change a configuration: %w", err)
	}
	if object == nil {
		return nil, fmt.Errorf("change a configuration: null")
	}
	for _, name := range ordered(changes) {
		d := document{rest}
		path := strings.Split(name, ".")
		if value := changes[name]; value == nil {
			rest = d.without(path)
		} else {
			written, err := encode(value)
			if err != nil {
				return nil, fmt.Errorf("change the setting %s: %w", name, err)
			}
			rest = d.with(path, written)
		}
	}
	if marked {
		rest = append([]byte(byteOrderMark), rest...)
	}
	return rest, nil
}

// ordered gives the keys as Config has them, others behind.
func ordered(changes map[string]any) []string {
	names := make([]string, 0, len(changes))
	for _, k := range Keys() {
		if _, there := changes[k.Name]; there {
			names = append(names, k.Name)
		}
	}
	known := len(names)
	for name := range changes {
		if !slices.Contains(names[:known], name) {
			names = append(names, name)
		}
	}
	slices.Sort(names[known:])
	return names
}

// encode writes a value on one line; a list with spaces, as a person would.
func encode(value any) ([]byte, error) {
	if list, ok := value.([]any); ok {
		parts := make([][]byte, len(list))
		for i, one := range list {
			part, err := encode(one)
			if err != nil {
				return nil, err
			}
			parts[i] = part
		}
		return slices.Concat([]byte("["), bytes.Join(parts, []byte(", ")), []byte("]")), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// document is valid JSON as it is written.
type document struct{ data []byte }

// span is from its first byte to behind its last one.
type span struct{ from, to int }

type member struct {
	name       string
	key, value span
}

// with puts a value at a path; what stands on the way and is no object is
// replaced.
func (d document) with(path []string, value []byte) []byte {
	at := d.value(0)
	for i, name := range path {
		members := d.members(at)
		found := lastNamed(members, name)
		if found < 0 {
			return d.insert(at, members, path[i:], value)
		}
		at = members[found].value
		if i == len(path)-1 {
			return d.replace(at, value)
		}
		if d.data[at.from] != '{' {
			indent, unit, newline := d.style(members[found].key.from)
			return d.replace(at, nest(path[i+1:], value, indent, unit, newline))
		}
	}
	return d.data
}

// without takes a path out, and the objects that are empty without it.
func (d document) without(path []string) []byte {
	at := d.value(0)
	var levels [][]member
	var chosen []int
	var objects []span
	for _, name := range path {
		if d.data[at.from] != '{' {
			return d.data
		}
		members := d.members(at)
		found := lastNamed(members, name)
		if found < 0 {
			return d.data
		}
		levels, chosen, objects = append(levels, members), append(chosen, found), append(objects, at)
		at = members[found].value
	}
	level := len(levels) - 1
	for level > 0 && len(levels[level]) == 1 {
		level--
	}
	members, i, object := levels[level], chosen[level], objects[level]
	switch {
	case len(members) == 1:
		return d.replace(span{object.from + 1, object.to - 1}, nil)
	case i > 0:
		return d.replace(span{members[i-1].value.to, members[i].value.to}, nil)
	default:
		return d.replace(span{members[0].key.from, members[1].key.from}, nil)
	}
}

// lastNamed is the member that counts where several have the name; -1 is none.
func lastNamed(members []member, name string) int {
	for i, m := range slices.Backward(members) {
		if m.name == name {
			return i
		}
	}
	return -1
}

func (d document) replace(s span, by []byte) []byte {
	return slices.Concat(d.data[:s.from], by, d.data[s.to:])
}

// insert puts a member behind the last one of an object, as that is written.
func (d document) insert(object span, members []member, path []string, value []byte) []byte {
	if len(members) > 0 {
		last := members[len(members)-1]
		indent, unit, newline := d.style(last.key.from)
		text := nest(path, value, indent, unit, newline)
		between := ", "
		if newline != "" {
			between = "," + newline + indent
		}
		return d.replace(span{last.value.to, last.value.to}, append([]byte(between), inner(text)...))
	}
	indent, unit, newline := d.style(object.from)
	if newline == "" && object.from == d.value(0).from && bytes.ContainsAny(d.data, "\n") {
		newline, unit = lineEnd(d.data), "  "
	}
	if newline == "" {
		return d.replace(span{object.from + 1, object.to - 1}, inner(nest(path, value, "", "", "")))
	}
	body := inner(nest(path, value, indent+unit, unit, newline))
	return d.replace(span{object.from + 1, object.to - 1}, slices.Concat([]byte(newline+indent+unit), body, []byte(newline+indent)))
}

// nest writes objects around a value, one for each name; the outermost's
// members stand at indent. Without newline it is one line.
func nest(path []string, value []byte, indent, unit, newline string) []byte {
	if len(path) == 0 {
		return value
	}
	name, err := encode(path[0])
	if err != nil {
		panic(err) // a string can be written
	}
	if len(path) == 1 {
		return slices.Concat([]byte("{"), name, []byte(": "), value, []byte("}"))
	}
	below := inner(nest(path[1:], value, indent+unit, unit, newline))
	if newline == "" {
		return slices.Concat([]byte("{"), name, []byte(": {"), below, []byte("}}"))
	}
	return slices.Concat([]byte("{"), name, []byte(": {"+newline+indent+unit), below, []byte(newline+indent+"}}"))
}

// inner is what stands between the braces.
func inner(object []byte) []byte { return object[1 : len(object)-1] }

func lineEnd(data []byte) string {
	if bytes.Contains(data, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// style tells how what begins at a place is written: the indentation of its
// line, by how much each level is indented, and how lines end; no line end
// where it does not begin a line.
func (d document) style(at int) (indent, unit, newline string) {
	start := bytes.LastIndexByte(d.data[:at], '\n')
	unit = "  "
	if members := d.members(d.value(0)); len(members) > 0 { // the outermost ones tell the unit
		from := members[0].key.from
		if line := bytes.LastIndexByte(d.data[:from], '\n'); line >= 0 {
			if before := d.data[line+1 : from]; len(before) > 0 && len(bytes.TrimLeft(before, " \t")) == 0 {
				unit = string(before)
			}
		}
	}
	if start < 0 {
		return "", unit, ""
	}
	line := d.data[start+1 : at]
	white := len(line) - len(bytes.TrimLeft(line, " \t"))
	indent = string(line[:white])
	if d.data[at] == '"' && white < len(line) {
		return indent, unit, "" // other members stand before it on its line
	}
	return indent, unit, lineEnd(d.data)
}

// value is the value that begins at i or behind the space there.
func (d document) value(i int) span {
	i = d.space(i)
	return span{i, d.end(i)}
}

func (d document) space(i int) int {
	for i < len(d.data) && strings.IndexByte(" \t\r\n", d.data[i]) >= 0 {
		i++
	}
	return i
}

// end is behind the value that begins at i.
func (d document) end(i int) int {
	switch d.data[i] {
	case '"':
		for i++; d.data[i] != '"'; i++ {
			if d.data[i] == '\\' {
				i++
			}
		}
		return i + 1
	case '{', '[':
		for depth := 0; ; i++ {
			switch d.data[i] {
			case '"':
				i = d.end(i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	default:
		for i < len(d.data) && strings.IndexByte(" \t\r\n,]}", d.data[i]) < 0 {
			i++
		}
		return i
	}
}

func (d document) members(object span) []member {
	var list []member
	for i := d.space(object.from + 1); d.data[i] == '"'; {
		m := member{key: d.value(i)}
		if err := json.Unmarshal(d.data[m.key.from:m.key.to], &m.name); err != nil {
			panic(err) // the whole was read before
		}
		m.value = d.value(d.space(m.key.to) + 1) // behind the colon
		list = append(list, m)
		if i = d.space(m.value.to); d.data[i] == ',' {
			i = d.space(i + 1)
		}
	}
	return list
}
