package discovery

import (
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
)

// scriptKey is a key of a header or of script_metadata.json.
type scriptKey struct {
	name  string
	field field
	lang  domain.Language // of keys with a language, as description_es
}

// headerKeys is a table and never changes.
var headerKeys = makeHeaderKeys()

func makeHeaderKeys() map[string]scriptKey {
	keys := map[string]scriptKey{}
	for f := range fieldAutoDiscovery {
		name := fieldNames[f]
		switch f {
		case fieldName:
			name = "display_name"
		case fieldEnvironment:
			name = "conda_environment"
		default: // the header's word is the field's
		}
		keys[name] = scriptKey{name: name, field: f}
		if f == fieldName || f == fieldDescription || f == fieldDescriptionLong {
			for _, l := range domain.Languages() {
				keys[name+"_"+string(l)] = scriptKey{name: name + "_" + string(l), field: f, lang: l}
			}
		}
	}
	return keys
}

// keySet remembers which keys a header has had.
type keySet [len(fieldNames)]byte

func (k scriptKey) bit() byte {
	switch k.lang {
	case domain.English:
		return 2
	case domain.Spanish:
		return 4
	case domain.Italian:
		return 8
	case domain.French:
		return 16
	default:
		return 1
	}
}

func (s *keySet) has(k scriptKey) bool { return s[k.field]&k.bit() != 0 }
func (s *keySet) add(k scriptKey)      { s[k.field] |= k.bit() }

func scriptFieldOf(key string) (field, domain.Language, bool) {
	k, ok := headerKeys[key]
	return k.field, k.lang, ok
}

func groupKey(key string) (field, domain.Language, bool) {
	switch key {
	case "name":
		return fieldName, "", true
	case "description":
		return fieldDescription, "", true
	case "icon":
		return fieldIcon, "", true
	case "required_level":
		return fieldRequiredLevel, "", true
	case "category":
		return fieldCategory, "", true
	case "conda_environment":
		return fieldEnvironment, "", true
	case "auto_discovery":
		return fieldAutoDiscovery, "", true
	case "execution_timeout":
		return fieldExecutionTimeout, "", true
	case "memory_limit":
		return fieldMemoryLimit, "", true
	case "cpu_limit":
		return fieldCPULimit, "", true
	}
	return 0, "", false
}

func scriptKeys() []string {
	return []string{
		"always_on", "auto_open_interface", "background", "category", "conda_environment", "confirm_close", "cpu_limit",
		"description", "description_long", "display_name", "execution_timeout", "flask_port", "ignore", "interface",
		"memory_limit", "network", "parameters", "paths", "required_level", "requires_parameters", "tags",
	}
}

func groupKeys() []string {
	return []string{
		"auto_discovery", "category", "conda_environment", "cpu_limit", "description", "execution_timeout", "icon", "memory_limit",
		"name", "required_level",
	}
}

func parameterKeys() []string {
	return []string{
		"default", "depends_on", "description", "label", "max", "min", "multiple", "name", "options", "pattern",
		"required", "sensitive", "step", "type",
	}
}

// otherWords are what people write for a key when they have not looked it up.
func otherWords(key string) string {
	switch key {
	case "name", "title":
		return "display_name"
	case "display_name":
		return "name"
	case "level", "user_level", "permission":
		return "required_level"
	case "environment", "env", "conda", "conda_env":
		return "conda_environment"
	case "timeout":
		return "execution_timeout"
	case "port":
		return "flask_port"
	case "params", "arguments", "args":
		return "parameters"
	case "tag", "keywords":
		return "tags"
	case "choices", "values":
		return "options"
	case "help", "summary":
		return "description"
	case "minimum":
		return "min"
	case "maximum":
		return "max"
	case "regex":
		return "pattern"
	}
	return ""
}

// unknownKey makes the warning for a key that is not among known, with the
// one that was probably meant, if any is near.
func unknownKey(key, prefix string, known []string) (domain.Code, map[string]any) {
	params := map[string]any{"key": prefix + clip(key), "allowed": strings.Join(known, ", ")}
	lang := ""
	base := strings.ToLower(strings.ReplaceAll(key, "-", "_"))
	if b, suffix, ok := cutLast(base, "_"); ok && domain.Language(suffix).Valid() {
		base, lang = b, "_"+suffix
	}
	meant := otherWords(base)
	if !slices.Contains(known, meant) {
		meant = nearest(base, known)
	}
	if meant != "" {
		if _, ok := headerKeys[meant+lang]; ok && meant+lang != key {
			meant += lang
		}
		params["suggestion"] = meant
		params["allowed"] = meant
	}
	return domain.CodeMetadataKey, params
}

// nearest gives the word of known that is at most a third of its letters away
// from s, or "".
func nearest(s string, known []string) string {
	best, found := len(s)/3+1, ""
	if len(s) > 64 {
		return ""
	}
	for _, k := range known {
		if d := distance(s, k); d < best || d == best && found == "" && d <= 2 && len(k) > 3 {
			best, found = d, k
		}
	}
	return found
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours between two words (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// clip shortens what is quoted in a message.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
