package discovery

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// readParameters reads what it can of the declared parameters: one that is
// wrong in part keeps the rest, one that could not be passed is left out.
func (r *reader) readParameters(key place, n *node) []domain.Parameter {
	if n.kind != kindArray {
		r.wrong(n, key, `[{"name": "…"}]`)
		return nil
	}
	items := n.members
	if len(items) > mostParameters {
		r.problem(items[mostParameters].value.offset, false, domain.CodeMetadataValue,
			map[string]any{"key": key.String(), "value": strconv.Itoa(len(items)), "allowed": fmt.Sprintf("≤ %d", mostParameters)})
		items = items[:mostParameters]
	}
	list := make([]domain.Parameter, 0, len(items))
	depends := map[string]int{} // parameter → offset of its depends_on
	for i := range items {
		item := &items[i].value
		if item.kind != kindObject {
			r.wrong(item, key, `{"name": "…"}`)
			continue
		}
		p, ok := r.readParameter(item)
		if !ok {
			continue
		}
		if slices.ContainsFunc(list, func(other domain.Parameter) bool { return other.Name == p.Name }) {
			r.problem(item.get("name").offset, false, domain.CodeMetadataDuplicate, map[string]any{"name": p.Name})
			continue
		}
		if p.DependsOn != nil {
			depends[p.Name] = item.get("depends_on").offset
		}
		list = append(list, p)
	}
	r.checkDepends(list, depends)
	return list
}

func (r *reader) readParameter(n *node) (domain.Parameter, bool) {
	var p domain.Parameter
	name := n.get("name")
	if name == nil || name.kind != kindString || !isParameterName(name.text) {
		at, written := n, ""
		if name != nil {
			at, written = name, shown(name)
		}
		r.problem(at.offset, false, domain.CodeMetadataName, map[string]any{"name": written})
		return p, false
	}
	p.Name = name.text
	// argparse stores --data_dir and --data-dir under one name.
	if slices.Contains(domain.ReservedParameters(), strings.ToLower(strings.ReplaceAll(p.Name, "_", "-"))) {
		r.problem(name.offset, false, domain.CodeMetadataReserved, map[string]any{"name": p.Name})
		return p, false
	}
	p.Type = domain.TypeString
	if t := n.get("type"); t != nil {
		if t.kind == kindString && slices.Contains(domain.ParameterTypes(), domain.ParameterType(t.text)) {
			p.Type = domain.ParameterType(t.text)
		} else {
			r.wrong(t, place{p.Name + ".", "type"}, typeNames())
		}
	}
	prefix := p.Name + "."
	for i := range n.members {
		if m := &n.members[i]; !r.again(m, prefix) {
			r.readProperty(&p, prefix, m)
		}
	}
	r.checkParameter(&p, n)
	return p, true
}

func (r *reader) readProperty(p *domain.Parameter, prefix string, m *member) {
	n := &m.value
	where := place{prefix, m.key}
	if n.kind == kindNull {
		return
	}
	switch m.key {
	case "name", "type", "default": // default is read when the rest is known
	case "label":
		r.readText(&p.Label, "", where, n)
	case "description":
		r.readText(&p.Description, "", where, n)
	case "required":
		p.Required = r.flag(where, n)
	case "multiple":
		p.Multiple = r.flag(where, n)
	case "sensitive":
		p.Sensitive = r.flag(where, n)
	case "min":
		p.Min = r.number(where, n)
	case "max":
		p.Max = r.number(where, n)
	case "step":
		if p.Step = r.number(where, n); p.Step != nil && *p.Step <= 0 {
			r.wrong(n, where, "> 0")
			p.Step = nil
		}
	case "pattern":
		if n.kind != kindString {
			r.wrong(n, where, allowedString)
		} else if _, err := regexp.Compile(n.text); err != nil {
			r.problem(n.offset, false, domain.CodeMetadataPattern,
				map[string]any{"name": p.Name, "pattern": clip(n.text), "detail": clip(err.Error())})
		} else {
			p.Pattern = n.text
		}
	case "options":
		p.Options = r.readOptions(p.Name, where, n)
	case "depends_on":
		if n.kind != kindObject {
			r.wrong(n, where, `{"name": "…"}`)
		} else if len(n.members) > 0 {
			p.DependsOn, _ = n.any().(map[string]any)
		}
	default:
		r.unknown(m.offset, m.key, prefix, parameterKeys())
	}
}

func (r *reader) flag(where place, n *node) bool {
	flag, ok := boolOf(n)
	if !ok {
		r.wrong(n, where, allowedBool)
	}
	return flag
}

func (r *reader) number(where place, n *node) *float64 {
	number, ok := numberOf(n)
	if !ok {
		r.wrong(n, where, "0–9")
		return nil
	}
	return &number
}

func (r *reader) readOptions(name string, where place, n *node) []domain.Option {
	const allowed = `["…"], [1], [{"value": "…", "label": "…"}]`
	if n.kind != kindArray {
		r.wrong(n, where, allowed)
		return nil
	}
	options := make([]domain.Option, 0, len(n.members))
	seen := make(map[string]bool, len(n.members))
	for i := range n.members {
		item := &n.members[i].value
		var option domain.Option
		value := item
		if item.kind == kindObject {
			value = item.get("value")
			if value == nil {
				r.wrong(item, where, allowed)
				continue
			}
			if label := item.get("label"); label != nil {
				r.readText(&option.Label, "", where, label)
			}
			for j := range item.members {
				if k := item.members[j].key; k != "value" && k != "label" {
					r.unknown(item.members[j].offset, k, name+".options.", []string{"label", "value"})
				}
			}
		}
		text, ok := value.scalar()
		if !ok {
			r.wrong(value, where, allowed)
			continue
		}
		option.Value = text
		if seen[text] {
			r.problem(item.offset, true, domain.CodeMetadataDuplicate, map[string]any{"name": name + ": " + clip(text)})
			continue
		}
		seen[text] = true
		options = append(options, option)
	}
	return options
}

// checkParameter looks at what the properties say together.
func (r *reader) checkParameter(p *domain.Parameter, n *node) {
	if p.Min != nil && p.Max != nil && *p.Min > *p.Max {
		r.problem(n.get("min").offset, false, domain.CodeMetadataRange, map[string]any{"name": p.Name, "min": *p.Min, "max": *p.Max})
		p.Min, p.Max = nil, nil
	}
	if (p.Type == domain.TypeSelect || p.Type == domain.TypeMultiselect) && len(p.Options) == 0 {
		at := n.get("options")
		if at == nil {
			at = n
		}
		r.problem(at.offset, false, domain.CodeMetadataOptions, map[string]any{"name": p.Name})
		p.Type = domain.TypeString // a list to choose from without choices cannot be filled in
	}
	d := n.get("default")
	if d == nil || d.kind == kindNull {
		return
	}
	if p.Secret() {
		// A default lies in a file that everyone reads and would be stored and shown.
		r.problem(d.offset, false, domain.CodeMetadataSecret, map[string]any{"name": p.Name})
		return
	}
	value, allowed := typedDefault(p, d)
	if allowed != "" {
		r.problem(d.offset, false, domain.CodeMetadataDefault, map[string]any{"name": p.Name, "value": shown(d), "allowed": allowed})
		return
	}
	p.Default = value
}

// typedDefault gives the default in the parameter's type (numbers as float64,
// as encoding/json has them), or what would be allowed.
func typedDefault(p *domain.Parameter, n *node) (value any, allowed string) {
	several := p.Type == domain.TypeMultiselect || p.Multiple && p.Type != domain.TypeJSON
	if !several {
		return typedValue(p, n)
	}
	list := []any{}
	if n.kind != kindArray {
		v, allowed := typedValue(p, n)
		if allowed != "" {
			return nil, allowed
		}
		return append(list, v), ""
	}
	for i := range n.members {
		v, allowed := typedValue(p, &n.members[i].value)
		if allowed != "" {
			return nil, allowed
		}
		list = append(list, v)
	}
	return list, ""
}

func typedValue(p *domain.Parameter, n *node) (value any, allowed string) {
	switch p.Type {
	case domain.TypeJSON:
		return n.any(), ""
	case domain.TypeBoolean:
		flag, ok := boolOf(n)
		if !ok {
			return nil, allowedBool
		}
		return flag, ""
	case domain.TypeInteger, domain.TypeNumber:
		return typedNumber(p, n)
	}
	s, ok := n.scalar()
	if !ok {
		return nil, allowedString
	}
	switch p.Type {
	case domain.TypeSelect, domain.TypeMultiselect:
		if !slices.ContainsFunc(p.Options, func(o domain.Option) bool { return o.Value == s }) {
			values := make([]string, len(p.Options))
			for i, o := range p.Options {
				values[i] = o.Value
			}
			return nil, clip(strings.Join(values, ", "))
		}
	case domain.TypeDate:
		if _, err := time.Parse(time.DateOnly, s); err != nil && s != "" {
			return nil, "2025-12-31"
		}
	case domain.TypeDatetime:
		if !isDatetime(s) && s != "" {
			return nil, "2025-12-31T23:59, 2025-12-31T23:59:59+01:00"
		}
	case domain.TypeColor:
		if s != "" && (len(s) != 7 || s[0] != '#' || strings.Trim(s[1:], "0123456789abcdefABCDEF") != "") {
			return nil, "#0a7cff"
		}
	}
	if p.Pattern != "" && s != "" {
		// The whole value has to match, as in an HTML form.
		if pattern, err := regexp.Compile(`^(?:` + p.Pattern + `)$`); err == nil && !pattern.MatchString(s) {
			return nil, clip(p.Pattern)
		}
	}
	return s, ""
}

func typedNumber(p *domain.Parameter, n *node) (value any, allowed string) {
	number, ok := numberOf(n)
	switch {
	case !ok:
		return nil, "0–9"
	case p.Type == domain.TypeInteger && number != math.Trunc(number):
		return nil, "…, -1, 0, 1, …"
	case p.Min != nil && number < *p.Min:
		return nil, "≥ " + formatNumber(*p.Min)
	case p.Max != nil && number > *p.Max:
		return nil, "≤ " + formatNumber(*p.Max)
	}
	return number, ""
}

func isDatetime(s string) bool {
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04",
	} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// checkDepends drops conditions on parameters that do not exist, and circles,
// whose parameters would never be shown.
func (r *reader) checkDepends(list []domain.Parameter, offsets map[string]int) {
	if len(offsets) == 0 {
		return
	}
	byName := map[string]*domain.Parameter{}
	for i := range list {
		byName[list[i].Name] = &list[i]
	}
	fault := func(p *domain.Parameter, other string) {
		r.problem(offsets[p.Name], false, domain.CodeMetadataDepends, map[string]any{"name": p.Name, "other": clip(other)})
	}
	for i := range list {
		p := &list[i]
		for other := range sortedKeys(p.DependsOn) {
			if byName[other] == nil {
				fault(p, other)
				delete(p.DependsOn, other)
			}
		}
	}
	for i := range list {
		p := &list[i]
		seen := map[string]bool{}
		var reaches func(name string) bool
		reaches = func(name string) bool {
			if seen[name] {
				return false
			}
			seen[name] = true
			for other := range byName[name].DependsOn {
				if other == p.Name || reaches(other) {
					return true
				}
			}
			return false
		}
		if reaches(p.Name) {
			fault(p, p.Name)
			p.DependsOn = nil
		}
		if len(p.DependsOn) == 0 {
			p.DependsOn = nil
		}
	}
}

// isParameterName allows what can be an option of argparse, a key of a form
// and a Python name once its dashes are underscores.
func isParameterName(s string) bool {
	if s == "" || len(s) > 64 || s[0]|0x20 < 'a' || s[0]|0x20 > 'z' {
		return false
	}
	for _, c := range []byte(s) {
		if !(c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}
