package execution

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// maxListLength bounds how long a list is that Check accepts, so that an
// argument list cannot grow beyond what the system passes on.
const maxListLength = 1000

// maxArgument is how many bytes of one value a command line takes: Linux has a
// limit of 128 KiB for each argument (MAX_ARG_STRLEN).
const maxArgument = 100 << 10

// Check holds the values that a person gave against the declared parameters
// and gives them back in their proper types (SPEC section 3): a missing value
// takes its default, an empty optional one is left out, one whose depends_on
// does not hold is ignored. Values may be JSON values or, as from a command
// line, strings. It fails with CodeInvalid, the reason for each parameter in
// Fields.
func Check(declared []domain.Parameter, given map[string]any) (map[string]any, error) {
	fields := map[string]*domain.Error{}
	values := map[string]any{}
	known := map[string]bool{}
	for _, p := range declared {
		known[p.Name] = true
	}
	for name := range given {
		if !known[name] {
			fields[name] = domain.NewError(domain.CodeParameterUnknown, "name", name)
		}
	}
	raw := func(p domain.Parameter) any {
		if v, ok := given[p.Name]; ok {
			return v
		}
		return p.Default
	}
	byName := map[string]any{}
	for _, p := range declared {
		byName[p.Name] = raw(p)
	}
	for _, p := range declared {
		if !Shown(p, byName) {
			continue
		}
		v := raw(p)
		if empty(v) {
			if p.Required {
				fields[p.Name] = domain.NewError(domain.CodeParameterRequired, "name", p.Name)
			}
			continue
		}
		clean, err := checkValue(p, v)
		if err != nil {
			fields[p.Name] = err
			continue
		}
		if !p.Secret() && len(format(p, clean)) > maxArgument {
			fields[p.Name] = domain.NewError(domain.CodeParameterLong, "name", p.Name, "max", maxArgument)
			continue
		}
		values[p.Name] = clean
	}
	if len(fields) > 0 {
		return nil, &domain.Error{Code: domain.CodeInvalid, Fields: fields}
	}
	return values, nil
}

// Shown tells whether a parameter applies, given the values of the others:
// every entry of depends_on must equal, or be one of, the other's value.
func Shown(p domain.Parameter, values map[string]any) bool {
	for other, want := range p.DependsOn {
		have := plain(values[other])
		switch w := want.(type) {
		case []any:
			if !slices.ContainsFunc(w, func(one any) bool { return plain(one) == have }) {
				return false
			}
		default:
			if plain(w) != have {
				return false
			}
		}
	}
	return true
}

// plain makes a value comparable across the ways in which it may be written:
// true, "true" and 1, "1" are what people mean as the same.
func plain(v any) string {
	if v == nil {
		return ""
	}
	if f, ok := v.(float64); ok {
		return decimal(f)
	}
	return fmt.Sprint(v)
}

// decimal writes a number as people write it, with an exponent only where it
// would be unreadably long; the bounds are those of JSON in a browser, so that
// form and engine see the same text.
func decimal(f float64) string {
	if a := math.Abs(f); f == 0 || (a >= 1e-6 && a < 1e21) {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

func checkValue(p domain.Parameter, v any) (any, *domain.Error) {
	if !p.Multiple && p.Type != domain.TypeMultiselect {
		return checkOne(p, v)
	}
	list, ok := v.([]any)
	if s, isString := v.(string); isString && !ok {
		if json.Unmarshal([]byte(s), &list) != nil || list == nil {
			list = nil
			for one := range strings.SplitSeq(s, ",") {
				list = append(list, strings.TrimSpace(one))
			}
		}
		ok = true
	}
	if !ok {
		list = []any{v}
	}
	if len(list) > maxListLength {
		return nil, domain.NewError(domain.CodeParameterMax, "name", p.Name, "max", maxListLength)
	}
	clean := make([]any, 0, len(list))
	for _, one := range list {
		c, err := checkOne(p, one)
		if err != nil {
			return nil, err
		}
		clean = append(clean, c)
	}
	return clean, nil
}

func checkOne(p domain.Parameter, v any) (any, *domain.Error) {
	wrongType := domain.NewError(domain.CodeParameterType, "name", p.Name, "type", string(p.Type))
	switch p.Type {
	case domain.TypeInteger, domain.TypeNumber:
		return checkNumber(p, v, wrongType)
	case domain.TypeBoolean:
		switch plain(v) {
		case "true", "1", "yes", "on":
			return true, nil
		case "false", "0", "no", "off":
			return false, nil
		}
		return nil, wrongType
	case domain.TypeJSON:
		s, ok := v.(string)
		if !ok {
			return v, nil
		}
		var parsed any
		if err := json.Unmarshal([]byte(s), &parsed); err != nil {
			return nil, wrongType.Because(err)
		}
		return parsed, nil
	case domain.TypeSelect, domain.TypeMultiselect:
		s := plain(v)
		if !slices.ContainsFunc(p.Options, func(o domain.Option) bool { return o.Value == s }) {
			options := make([]string, len(p.Options))
			for i, o := range p.Options {
				options[i] = o.Value
			}
			return nil, domain.NewError(domain.CodeParameterOption, "name", p.Name, "options", strings.Join(options, ", "))
		}
		return s, nil
	default:
		s, ok := v.(string)
		if !ok || strings.ContainsRune(s, 0) {
			return nil, wrongType
		}
		return checkString(p, s, wrongType)
	}
}

func checkString(p domain.Parameter, s string, wrongType *domain.Error) (any, *domain.Error) {
	layouts := []string(nil)
	switch p.Type {
	case domain.TypeDate:
		layouts = []string{time.DateOnly}
	case domain.TypeDatetime:
		layouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime}
	case domain.TypeColor:
		if !colorPattern.MatchString(s) {
			return nil, wrongType
		}
	case domain.TypeFile, domain.TypeDirectory, domain.TypePath:
		if err := checkPath(p, s); err != nil {
			return nil, err
		}
	}
	if layouts != nil && !slices.ContainsFunc(layouts, func(l string) bool { _, err := time.Parse(l, s); return err == nil }) {
		return nil, wrongType
	}
	if p.Pattern != "" {
		re, err := regexp.Compile("^(?:" + p.Pattern + ")$")
		if err == nil && !re.MatchString(s) {
			return nil, domain.NewError(domain.CodeParameterPattern, "name", p.Name, "pattern", p.Pattern)
		}
	}
	if n := float64(len([]rune(s))); p.Type == domain.TypeString || p.Type == domain.TypeText || p.Type == domain.TypePassword {
		if p.Min != nil && n < *p.Min {
			return nil, domain.NewError(domain.CodeParameterMin, "name", p.Name, "min", *p.Min)
		}
		if p.Max != nil && n > *p.Max {
			return nil, domain.NewError(domain.CodeParameterMax, "name", p.Name, "max", *p.Max)
		}
	}
	return s, nil
}

var colorPattern = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// checkPath wants an absolute path, since neither the script's folder nor the
// engine's is where the person who typed it stands.
func checkPath(p domain.Parameter, s string) *domain.Error {
	bad := domain.NewError(domain.CodeParameterPath, "name", p.Name, "path", s)
	if !filepath.IsAbs(s) {
		return bad
	}
	if p.Type == domain.TypePath {
		return nil
	}
	info, err := os.Stat(s)
	if err != nil {
		return bad.Because(err)
	}
	if info.IsDir() != (p.Type == domain.TypeDirectory) {
		return bad
	}
	return nil
}

func checkNumber(p domain.Parameter, v any, wrongType *domain.Error) (any, *domain.Error) {
	f, ok := number(v)
	if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, wrongType
	}
	if p.Type == domain.TypeInteger && (f != math.Trunc(f) || math.Abs(f) > 1<<53) {
		return nil, wrongType
	}
	if p.Min != nil && f < *p.Min {
		return nil, domain.NewError(domain.CodeParameterMin, "name", p.Name, "min", *p.Min)
	}
	if p.Max != nil && f > *p.Max {
		return nil, domain.NewError(domain.CodeParameterMax, "name", p.Name, "max", *p.Max)
	}
	if p.Step != nil && *p.Step > 0 {
		base := 0.0
		if p.Min != nil {
			base = *p.Min
		}
		steps := (f - base) / *p.Step
		// Decimal steps such as 0.1 are not exact in binary.
		if math.Abs(steps-math.Round(steps)) > 1e-6*math.Max(1, math.Abs(steps)) {
			return nil, domain.NewError(domain.CodeParameterStep, "name", p.Name, "step", *p.Step)
		}
	}
	if p.Type == domain.TypeInteger {
		return int64(f), nil
	}
	return f, nil
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case int:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f, err == nil
	}
	return 0, false
}

// Arguments makes the script's arguments from checked values, one
// --name=value each, in the order of declaration. Secret ones are left out:
// they go by the parameters file alone (SPEC section 3).
func Arguments(declared []domain.Parameter, values map[string]any) []string {
	var args []string
	for _, p := range declared {
		v, ok := values[p.Name]
		if !ok || p.Secret() {
			continue
		}
		args = append(args, "--"+p.Name+"="+format(p, v))
	}
	return args
}

func format(p domain.Parameter, v any) string {
	switch v := v.(type) {
	case string:
		if p.Type != domain.TypeJSON {
			return v
		}
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return decimal(v)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Public gives the values that may be stored and shown: all but secret ones.
func Public(declared []domain.Parameter, values map[string]any) map[string]any {
	public := make(map[string]any, len(values))
	for _, p := range declared {
		if v, ok := values[p.Name]; ok && !p.Secret() {
			public[p.Name] = v
		}
	}
	return public
}
