package discovery

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
)

// reader turns the values of one source into fields and notes what is wrong.
type reader struct {
	values
	text     []byte // offsets of nodes count in it
	lines    *lineCounter
	problems []domain.Problem
	offsets  []int // of the problems, where it is not nil
	clean    bool  // nothing was wrong since it was set
	node     node  // what value reads
	arena    *arena
}

func (r *reader) parse(at int) (node, int, *syntaxError) {
	p := jsonParser{text: r.text, pos: at, arena: r.arena}
	n, err := p.value(0)
	return n, p.pos, err
}

// lineCounter gives lines for offsets; asked in order, it counts each line once.
type lineCounter struct {
	text     []byte
	first    int // the line that text begins in
	at, line int // the last answer
}

func (c *lineCounter) of(offset int) int {
	offset = min(max(offset, 0), len(c.text))
	if offset < c.at {
		c.at, c.line = 0, c.first
	}
	c.line += bytes.Count(c.text[c.at:offset], []byte{'\n'})
	c.at = offset
	return c.line
}

func (r *reader) problem(offset int, warning bool, code domain.Code, params map[string]any) {
	if !warning {
		r.clean = false
	}
	if len(r.problems) < mostProblems {
		r.problems = append(r.problems, domain.Problem{Line: r.lines.of(offset), Code: code, Params: params, Warning: warning})
		if r.offsets != nil {
			r.offsets = append(r.offsets, offset)
		}
	}
}

// unknown warns of a key that is not among known.
func (r *reader) unknown(offset int, key, prefix string, known []string) {
	if len(r.problems) < mostProblems {
		code, params := unknownKey(key, prefix, known)
		r.problem(offset, true, code, params)
	}
}

func (r *reader) syntax(err *syntaxError) {
	r.problem(err.offset, false, domain.CodeMetadataJSON, map[string]any{
		"detail": err.Error(), "expected": err.expected, "found": err.found,
	})
}

// wrong notes that what stands at n is not what key may have.
func (r *reader) wrong(n *node, key place, allowed string) {
	r.problem(n.offset, false, domain.CodeMetadataValue, map[string]any{"key": key.String(), "value": shown(n), "allowed": allowed})
}

// shown is a value as a message quotes it.
func shown(n *node) string {
	if s, ok := n.scalar(); ok {
		return clip(s)
	}
	switch n.kind {
	case kindArray:
		return "[…]"
	case kindObject:
		return "{…}"
	default:
		return "null"
	}
}

// Bounds on what one file may hold: a file of nothing but faults must not
// fill the memory, and no form has more than these.
const (
	mostProblems   = 200
	mostParameters = 500
	mostWords      = 200 // tags, paths
)

const (
	allowedBool    = "true, false"
	allowedText    = `"…", {"en": "…", "es": "…", "it": "…", "fr": "…"}`
	allowedString  = `"…"`
	allowedList    = `["…", "…"]`
	allowedTimeout = "0–31536000"
	maxTimeout     = 365 * 24 * 3600
	allowedPort    = "1024–65535"
	allowedMemory  = "512M, 2G, 1.5GiB"
	allowedCPU     = "0.5, 2, 150%"
)

// assign reads one field. key is as it was written; lang is set when the key
// names a language.
func (r *reader) assign(f field, lang domain.Language, key place, n *node) {
	r.clean = true
	stays := r.bad.has(f) // description_es is good, but description was bad
	ok := r.read(f, lang, key, n)
	if ok {
		r.set.add(f)
	}
	if !r.clean || stays {
		r.bad.add(f)
		r.good.drop(f)
	} else if ok {
		r.good.add(f)
	}
}

func (r *reader) read(f field, lang domain.Language, key place, n *node) bool {
	if n.kind == kindNull {
		return false // as if it were not written
	}
	switch f {
	case fieldName:
		return r.readText(&r.name, lang, key, n)
	case fieldDescription:
		return r.readText(&r.description, lang, key, n)
	case fieldDescriptionLong:
		return r.readText(&r.descriptionLong, lang, key, n) && r.localPaths(key, n)
	case fieldCategory:
		return r.readString(&r.category, key, n)
	case fieldEnvironment:
		return r.readString(&r.environment, key, n)
	case fieldTags:
		return r.readList(&r.tags, key, n)
	case fieldPaths:
		return r.readList(&r.paths, key, n)
	case fieldRequiredLevel:
		s, _ := n.scalar()
		if !domain.Level(s).Valid() {
			r.wrong(n, key, "viewer, operator, developer, admin")
			return false
		}
		r.level = domain.Level(s)
		return true
	case fieldParameters:
		r.parameters = r.readParameters(key, n)
		return n.kind == kindArray
	case fieldInterface:
		return r.readWord(&r.iface, key, n, domain.InterfaceWeb, domain.InterfaceNone)
	case fieldNetwork:
		return r.readWord(&r.network, key, n, "full", "local", "none")
	case fieldExecutionTimeout:
		return r.readInt(&r.timeout, key, n, 0, maxTimeout, allowedTimeout)
	case fieldFlaskPort:
		return r.readInt(&r.port, key, n, 1024, 65535, allowedPort)
	case fieldMemoryLimit:
		return r.readLimit(&r.memoryLimit, key, n, isMemory, allowedMemory)
	case fieldCPULimit:
		return r.readLimit(&r.cpuLimit, key, n, isCPU, allowedCPU)
	case fieldIcon:
		return r.readIcon(key, n)
	default:
		return r.readBool(f, key, n)
	}
}

func (r *reader) readText(into *domain.Text, lang domain.Language, key place, n *node) bool {
	put := func(l domain.Language, s string) {
		if *into == nil {
			*into = domain.Text{}
		}
		(*into)[l] = strings.TrimSpace(s)
	}
	if lang == "" {
		lang = domain.English
	} else if n.kind == kindObject {
		r.wrong(n, key, allowedString)
		return *into != nil
	}
	if s, ok := n.scalar(); ok && n.kind != kindBool {
		put(lang, s)
		return true
	}
	if n.kind != kindObject {
		r.wrong(n, key, allowedText)
		return *into != nil
	}
	for i := range n.members {
		m := &n.members[i]
		if !domain.Language(m.key).Valid() {
			r.problem(m.offset, true, domain.CodeMetadataKey,
				map[string]any{"key": key.String() + "." + clip(m.key), "allowed": "en, es, it, fr"})
			continue
		}
		if m.value.kind != kindString {
			r.wrong(&m.value, place{key.String() + ".", m.key}, allowedString)
			continue
		}
		if m.again {
			r.again(m, key.String()+".")
			continue
		}
		put(domain.Language(m.key), m.value.text)
	}
	return *into != nil
}

// again tells whether a member repeats an earlier one, and says so.
func (r *reader) again(m *member, prefix string) bool {
	if m.again {
		r.problem(m.offset, true, domain.CodeMetadataDuplicate, map[string]any{"name": prefix + clip(m.key)})
	}
	return m.again
}

// localPaths makes the paths of long descriptions such as stay in the group.
func (r *reader) localPaths(key place, n *node) bool {
	for l, s := range r.descriptionLong {
		clean := path.Clean(strings.ReplaceAll(s, `\`, "/"))
		if s == "" || clean == "." || clean == ".." || path.IsAbs(clean) || strings.HasPrefix(clean, "../") || strings.Contains(clean, ":") || !domain.DocumentFile(clean) || trimmed(clean) {
			r.wrong(n, key, "docs/….md")
			delete(r.descriptionLong, l)
			continue
		}
		r.descriptionLong[l] = clean
	}
	return len(r.descriptionLong) > 0
}

// trimmed tells of a path that Windows reads as another one.
func trimmed(clean string) bool {
	for part := range strings.SplitSeq(clean, "/") {
		if strings.TrimRight(part, ". ") != part && part != ".." {
			return true
		}
	}
	return false
}

func (r *reader) readString(into *string, key place, n *node) bool {
	s, ok := n.scalar()
	if !ok {
		r.wrong(n, key, allowedString)
		return false
	}
	*into = strings.TrimSpace(s)
	return *into != ""
}

func (r *reader) readList(into *[]string, key place, n *node) bool {
	var list []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" && len(list) < mostWords && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	if s, ok := n.scalar(); ok {
		for part := range strings.SplitSeq(s, ",") {
			add(part)
		}
	} else if n.kind == kindArray {
		for i := range n.members {
			s, ok := n.members[i].value.scalar()
			if !ok {
				r.wrong(&n.members[i].value, key, allowedList)
				continue
			}
			add(s)
		}
	} else {
		r.wrong(n, key, allowedList)
		return false
	}
	*into = list
	return len(list) > 0 || n.kind == kindArray
}

func (r *reader) readWord(into *string, key place, n *node, words ...string) bool {
	s, _ := n.scalar()
	if !slices.Contains(words, s) {
		r.wrong(n, key, strings.Join(words, ", "))
		return false
	}
	*into = s
	return true
}

func (r *reader) readInt(into *int, key place, n *node, least, most int, allowed string) bool {
	number, ok := numberOf(n)
	if !ok || number != float64(int64(number)) || number < float64(least) || number > float64(most) {
		r.wrong(n, key, allowed)
		return false
	}
	*into = int(number)
	return true
}

func (r *reader) readBool(f field, key place, n *node) bool {
	flag, ok := boolOf(n)
	if !ok {
		r.wrong(n, key, allowedBool)
		return false
	}
	r.flags.drop(f)
	if flag {
		r.flags.add(f)
	}
	return true
}

func (r *reader) readLimit(into *string, key place, n *node, valid func(string) bool, allowed string) bool {
	s, _ := n.scalar()
	s = strings.TrimSpace(s)
	if !valid(s) {
		r.wrong(n, key, allowed)
		return false
	}
	*into = s
	return true
}

func (r *reader) readIcon(key place, n *node) bool {
	s, _ := n.scalar()
	s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "bi "), "bi-")
	if s == "" || len(s) > 64 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		r.wrong(n, key, "a–z 0–9 -")
		return false
	}
	r.icon = s
	return true
}

func numberOf(n *node) (float64, bool) {
	switch n.kind {
	case kindNumber:
		return n.number(), true
	case kindString:
		text := bytes.TrimSpace([]byte(n.text))
		p := jsonParser{text: text}
		var number node
		if len(text) > 0 && p.num(&number) == nil && p.pos == len(text) {
			return number.number(), true
		}
	default:
	}
	return 0, false
}

func boolOf(n *node) (value, ok bool) {
	if n.kind == kindBool {
		return n.flag, true
	}
	s, _ := n.scalar()
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "1":
		return true, true
	case "false", "no", "0":
		return false, true
	}
	return false, false
}

// isMemory reads 512M, 2 GB, 1.5GiB or a number of bytes.
func isMemory(s string) bool {
	number := strings.TrimRight(s, "KMGTkmgtiBb ")
	unit := strings.ToUpper(strings.TrimSpace(s[len(number):]))
	return isPositive(number) && slices.Contains([]string{
		"", "B", "K", "KB", "KIB", "M", "MB", "MIB", "G", "GB", "GIB", "T", "TB", "TIB",
	}, unit)
}

// isCPU reads a number of cores, or per cent of one.
func isCPU(s string) bool { return isPositive(strings.TrimSuffix(s, "%")) }

func isPositive(s string) bool {
	number, ok := numberOf(&node{kind: kindString, text: s})
	return ok && number > 0
}

// place is a key as a message names it, put together only when there is one.
type place struct{ prefix, key string }

func (p place) String() string { return p.prefix + p.key }
