package execution

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/shim/protocol"
)

// shortestSecret is the length in bytes from which on a secret is masked in what
// a script writes: shorter ones stand in any text by chance.
const shortestSecret = 4

// secretsOf gives the texts to be masked in a log: the values of secret
// parameters as they are, and as JSON, Python and addresses write them.
func secretsOf(declared []domain.Parameter, values map[string]any) []string {
	var found []string
	for _, p := range declared {
		v, ok := values[p.Name]
		if _, flag := v.(bool); ok && p.Secret() && !flag { // true and false stand everywhere
			found = append(found, format(p, v))
			found = append(found, leaves(v)...)
		}
	}
	var texts []string
	for _, secret := range found {
		for _, text := range []string{
			secret, strings.ReplaceAll(secret, "\n", "\r\n"), // as Python writes it on Windows
			strings.TrimSpace(secret), inJSON(secret), pythonJSON(secret), pythonText(secret, false), pythonText(secret, true),
			url.QueryEscape(secret), strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"), url.PathEscape(secret),
		} {
			if len(text) >= shortestSecret && !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// hiding gives what masks the texts, longest first; nil where there are none.
func hiding(secrets []string) *strings.Replacer {
	if len(secrets) == 0 {
		return nil
	}
	slices.SortStableFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(secrets))
	for _, s := range secrets {
		pairs = append(pairs, s, protocol.Masked)
	}
	return strings.NewReplacer(pairs...)
}

// leaves gives the texts and numbers inside of a list or a JSON value.
func leaves(v any) (found []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case json.Number:
		return []string{v.String()}
	case float64:
		return []string{decimal(v)}
	case []string:
		return v
	case []any:
		for _, one := range v {
			found = append(found, leaves(one)...)
		}
	case map[string]any:
		for _, one := range v {
			found = append(found, leaves(one)...)
		}
	}
	return found
}

// inJSON gives a text as it stands between the quotes of JSON.
func inJSON(text string) string {
	quoted := format(domain.Parameter{Type: domain.TypeJSON}, text)
	return quoted[1 : len(quoted)-1]
}

// pythonJSON is the same as json.dumps of Python writes it: in ASCII alone.
func pythonJSON(text string) string {
	var b strings.Builder
	for _, r := range inJSON(text) {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		units := []rune{r}
		if r > 0xFFFF {
			r -= 0x10000
			units = []rune{0xD800 + r>>10, 0xDC00 + r&0x3FF}
		}
		for _, u := range units {
			fmt.Fprintf(&b, `\u%04x`, u)
		}
	}
	return b.String()
}

// pythonText is a text as it stands between the quotes of Python's repr, or of
// its ascii.
func pythonText(text string, ascii bool) string {
	quote := strings.Contains(text, "'") && strings.Contains(text, `"`)
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\\', r == '\'' && quote:
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80 && unicode.IsPrint(r), r >= 0x80 && !ascii && unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}
