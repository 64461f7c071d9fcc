package discovery

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// displayName makes "Heat transfer" of heat_transfer.
func displayName(stem string) domain.Text {
	s := strings.Join(strings.FieldsFunc(stem, func(r rune) bool { return r == '_' || r == '-' || r == ' ' }), " ")
	if s == "" {
		s = stem
	}
	first, size := utf8.DecodeRuneInString(s)
	return domain.Text{domain.English: string(unicode.ToUpper(first)) + s[size:]}
}

func formatNumber(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func typeNames() string {
	var names []string
	for _, t := range domain.ParameterTypes() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

func sortedKeys[V any](m map[string]V) iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(m)))
}
