package i18n

import (
	"regexp"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
)

// Number gives a whole number with the separators of the language, as Intl does
// in the interface: 1,234 in English, 1.234 in Italian, 1234 and 12.345 in
// Spanish, with a narrow blank that does not break in French.
func Number(lang domain.Language, n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	separator := map[domain.Language]string{domain.Spanish: ".", domain.Italian: ".", domain.French: "\u202f"}[lang]
	if separator == "" {
		separator = ","
	}
	if len(digits) < 4 || lang == domain.Spanish && len(digits) == 4 {
		return sign + digits
	}
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(digit)
	}
	return sign + b.String()
}

// Decimal gives a number with so many decimals, with the language's signs.
func Decimal(lang domain.Language, v float64, decimals int) string {
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	whole, part, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return text // larger than any that is shown, or no number
	}
	whole = Number(lang, n)
	if v < 0 && n == 0 {
		whole = "-" + whole
	}
	switch {
	case part == "":
		return whole
	case lang == domain.English || !lang.Valid():
		return whole + "." + part
	}
	return whole + "," + part
}

// byteSize is how the engine writes a size that goes into a text.
var byteSize = regexp.MustCompile(`^(\d+(?:\.\d+)?) (B|[KMGT]iB)$`)

// size gives such a one with the language's decimal sign; French counts octets.
func size(lang domain.Language, value, unit string) string {
	if lang != domain.English && lang.Valid() {
		value = strings.Replace(value, ".", ",", 1)
	}
	if lang == domain.French {
		unit = strings.TrimSuffix(unit, "B") + "o"
	}
	return value + " " + unit
}
