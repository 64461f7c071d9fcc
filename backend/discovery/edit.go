package discovery

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
)

// maxEdit bounds what people may write for one script, in bytes.
const maxEdit = 1 << 20

// EditableFields are the fields that people may edit in the application, by
// their JSON names in domain.Script. "ignore" would take the script away
// together with the page that takes it back; the environment is assigned.
func EditableFields() []string {
	var names []string
	for f := range fieldIgnore {
		if f != fieldEnvironment {
			names = append(names, fieldNames[f])
		}
	}
	return names
}

func editableField(name string) (field, bool) {
	i := slices.Index(fieldNames[:fieldIgnore], name)
	return field(max(i, 0)), i >= 0 && field(i) != fieldEnvironment //nolint:gosec // below fieldIgnore
}

// groupEdits is what people edited of a group's scripts, by stem.
type groupEdits struct{ scripts map[string]*values }

func (e *groupEdits) of(stem string) *values {
	if e == nil {
		return nil
	}
	return e.scripts[stem]
}

// Edit is what people set for a script in the application, by field, as JSON.
type Edit map[string]json.RawMessage

// CheckEdit reads an edit by the rules of the files (SPEC DIS-5) and gives it
// as it is kept. What is wrong comes by path, as "parameters.2.min"; what the
// files' rules only warn of is wrong here, too.
func CheckEdit(e Edit) (Edit, map[string]*domain.Error) {
	v, wrong := readEdit(e)
	if len(wrong) > 0 {
		return nil, wrong
	}
	clean := Edit{}
	for f := range fieldIgnore {
		if v.set.has(f) {
			if b, err := json.Marshal(v.get(f)); err == nil { // it was JSON
				clean[fieldNames[f]] = b
			}
		}
	}
	return clean, nil
}

// readEdit gives what can be used of an edit, and what is wrong in it.
func readEdit(e Edit) (*values, map[string]*domain.Error) {
	wrong := map[string]*domain.Error{}
	all := &values{}
	for _, name := range slices.Sorted(maps.Keys(e)) {
		f, ok := editableField(name)
		if !ok {
			code, params := unknownKey(name, "", EditableFields())
			wrong[name] = editError(code, params)
			continue
		}
		if len(e[name]) > maxEdit {
			wrong[name] = domain.NewError(domain.CodeEditValue, "key", name, "value", clip(string(e[name])), "allowed", "≤ 1 MiB")
			continue
		}
		if v := readEdited(f, name, e[name], wrong); v != nil && v.set.has(f) {
			all.copyField(f, v)
			all.set.add(f)
			all.good.add(f)
		}
	}
	return all, wrong
}

func readEdited(f field, name string, text []byte, wrong map[string]*domain.Error) *values {
	r := &reader{text: text, lines: &lineCounter{text: text, line: 1, first: 1}, offsets: []int{}}
	n, fault := parseDocument(text)
	if fault != nil {
		r.syntax(fault)
	} else if n.kind == kindNull {
		r.wrong(&n, place{"", name}, allowedString)
	} else if emptied(f, &n) {
		r.set.add(f)
	} else {
		r.assign(f, "", place{"", name}, &n)
		r.settle(f, name, &n)
	}
	for i, p := range r.problems {
		at := name + pathAt(&n, r.offsets[i])
		if wrong[at] == nil {
			wrong[at] = editError(p.Code, p.Params)
		}
	}
	return &r.values
}

// editError says of an edit what the code says of a file, where what is wrong is
// left out and here is refused.
func editError(code domain.Code, params map[string]any) *domain.Error {
	if rest, ok := strings.CutPrefix(string(code), "metadata_"); ok {
		code = domain.Code("edit_" + rest)
	}
	return &domain.Error{Code: code, Params: params}
}

// emptied tells of a value that says nothing: in a file it is as if it were not
// written, or wrong; an edit sets the field to nothing.
func emptied(f field, n *node) bool {
	switch f {
	case fieldCategory, fieldMemoryLimit, fieldCPULimit:
		return n.kind == kindString && strings.TrimSpace(n.text) == ""
	case fieldFlaskPort:
		return n.kind == kindNumber && n.number() == 0
	default:
		return false
	}
}

// settle makes of an empty text or list one that is set, and refuses it where
// there must be one.
func (r *reader) settle(f field, name string, n *node) {
	if len(r.problems) > 0 {
		return
	}
	switch f {
	case fieldDescription:
		r.description = written(r.description)
	case fieldDescriptionLong:
		r.descriptionLong = written(r.descriptionLong)
	case fieldTags, fieldPaths:
	default:
		r.name = written(r.name)
		if !r.set.has(f) || f == fieldName && r.name.In(domain.English) == "" {
			r.wrong(n, place{"", name}, allowedText)
		}
		return
	}
	r.set.add(f)
}

// written leaves the languages out for which nothing is written.
func written(t domain.Text) domain.Text {
	maps.DeleteFunc(t, func(_ domain.Language, s string) bool { return s == "" })
	return t
}

// pathAt names what stands at an offset: ".2.min" for the third item's min.
func pathAt(n *node, offset int) string {
	var path strings.Builder
	for {
		at := -1
		for i := range n.members {
			begins := n.members[i].offset
			if n.kind == kindArray {
				begins = n.members[i].value.offset
			}
			if begins <= offset {
				at = i
			}
		}
		if at < 0 {
			return path.String()
		}
		if n.kind == kindArray {
			path.WriteString("." + strconv.Itoa(at))
		} else {
			path.WriteString("." + n.members[at].key)
		}
		n = &n.members[at].value
	}
}

// get gives the value of one field, as domain.Script has it.
func (v *values) get(f field) any {
	s := domain.Script{
		Name: v.name, Description: v.description, DescriptionLong: v.descriptionLong, Category: v.category, Tags: v.tags,
		RequiredLevel: v.level, Environment: v.environment, Parameters: v.parameters, Interface: v.iface,
		ExecutionTimeout: v.timeout, FlaskPort: v.port, MemoryLimit: v.memoryLimit, CPULimit: v.cpuLimit, Network: v.network, Paths: v.paths,
	}
	if f >= fieldAutoOpenInterface && f <= fieldAlwaysOn {
		return v.flags.has(f)
	}
	return fieldOf(&s, f)
}

// FieldValue gives the value that a script has for an editable field.
func FieldValue(s domain.Script, name string) any {
	f, ok := editableField(name)
	if !ok {
		return nil
	}
	return fieldOf(&s, f)
}

func fieldOf(s *domain.Script, f field) any {
	switch f {
	case fieldName:
		return textOf(s.Name)
	case fieldDescription:
		return textOf(s.Description)
	case fieldDescriptionLong:
		return textOf(s.DescriptionLong)
	case fieldCategory:
		return s.Category
	case fieldTags:
		return listOf(s.Tags)
	case fieldRequiredLevel:
		return s.RequiredLevel
	case fieldParameters:
		return listOf(s.Parameters)
	case fieldInterface:
		return s.Interface
	case fieldAutoOpenInterface:
		return s.AutoOpenInterface
	case fieldRequiresParameters:
		return s.RequiresParameters
	case fieldConfirmClose:
		return s.ConfirmClose
	case fieldBackground:
		return s.Background
	case fieldAlwaysOn:
		return s.AlwaysOn
	case fieldExecutionTimeout:
		return s.ExecutionTimeout
	case fieldFlaskPort:
		return s.FlaskPort
	case fieldMemoryLimit:
		return s.MemoryLimit
	case fieldCPULimit:
		return s.CPULimit
	case fieldNetwork:
		return s.Network
	case fieldPaths:
		return listOf(s.Paths)
	default:
		return s.Environment
	}
}

func textOf(t domain.Text) domain.Text {
	if t == nil {
		return domain.Text{}
	}
	return t
}

func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// SetEdits says what people edited of all scripts. It counts from the next Scan on.
func (d *Discovery) SetEdits(all map[domain.ScriptID]Edit) {
	edits := map[string]*groupEdits{}
	for id, e := range all {
		group, stem, _ := strings.Cut(id, "/")
		if edits[group] == nil {
			edits[group] = &groupEdits{map[string]*values{}}
		}
		v, wrong := readEdit(e)
		if len(wrong) > 0 {
			d.log.Warn("what was edited of a script cannot be used as a whole", "script", id, "wrong", wrong)
		}
		edits[group].scripts[stem] = v
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.edits = edits
}

// SetEdit is SetEdits for one script.
func (d *Discovery) SetEdit(id domain.ScriptID, e Edit) {
	group, stem, _ := strings.Cut(id, "/")
	v, _ := readEdit(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	of := &groupEdits{map[string]*values{}}
	if before := d.edits[group]; before != nil {
		maps.Copy(of.scripts, before.scripts)
	}
	of.scripts[stem] = v
	if len(e) == 0 {
		delete(of.scripts, stem)
	}
	d.edits[group] = of
}

// Reread scans, and reads a group's files though nothing tells that they have
// changed: of one script, or all of them for stem "".
func (d *Discovery) Reread(ctx context.Context, groupID, stem string) (Result, error) {
	d.mu.Lock()
	if _, all := d.again[groupID]; all && d.again[groupID] != stem {
		stem = ""
	}
	d.again[groupID] = stem
	d.mu.Unlock()
	return d.Scan(ctx)
}

// Layer is what one source says of a script's editable fields.
type Layer struct {
	Source string         // domain.SourceEdited, file, header, group or default
	Values map[string]any // by field; what it does not say is missing
}

// Layers gives what each source says of a script as the last Scan saw it, the
// strongest first. There are none for a script that is not there.
func (d *Discovery) Layers(id domain.ScriptID) []Layer {
	group, stem, _ := strings.Cut(id, "/")
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.groups[group]
	if g == nil {
		return nil
	}
	f := g.file(stem + ".py")
	if f == nil {
		return nil
	}
	var layers []Layer
	add := func(source byte, v *values, may func(field) bool) {
		if v == nil {
			return
		}
		l := Layer{Source: sourceNames[source], Values: map[string]any{}}
		for f := range fieldIgnore {
			if f != fieldEnvironment && v.set.has(f) && may(f) {
				l.Values[fieldNames[f]] = v.get(f)
			}
		}
		layers = append(layers, l)
	}
	whole := func(field) bool { return true }
	add(sourceEdited, g.edits.of(stem), whole)
	if g.extra.content != nil && g.extra.content.scripts[stem] != nil {
		add(sourceFile, &g.extra.content.scripts[stem].values, whole)
	}
	add(sourceHeader, &f.header.values, whole)
	if g.meta.content != nil {
		add(sourceGroup, &g.meta.content.values, inherited)
	}
	plain := (&builder{header: &values{}, of: &values{}}).script(stem)
	l := Layer{Source: sourceNames[sourceDefault], Values: map[string]any{}}
	for _, name := range EditableFields() {
		l.Values[name] = FieldValue(plain, name)
	}
	return append(layers, l)
}

// inherited are the fields that a script has from its group.
func inherited(f field) bool {
	return slices.Contains([]field{fieldCategory, fieldRequiredLevel, fieldExecutionTimeout, fieldMemoryLimit, fieldCPULimit}, f)
}

// Same tells whether two values of a field are the same JSON.
func Same(a, b any) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && bytes.Equal(x, y)
}
