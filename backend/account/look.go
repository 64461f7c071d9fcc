package account

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// looks replaces letters by the Latin ones that they cannot be told from in
// most fonts (Unicode Technical Standard 39, confusables), before and after
// letters have been made small.
var (
	looks = strings.NewReplacer(
		"0", "o", "1", "l", "I", "l", // of capitals, the one that is no small i
		"А", "a", "В", "b", "Е", "e", "К", "k", "М", "m", "Н", "h", "О", "o", "Р", "p", "С", "c", "Т", "t", "У", "y", "Х", "x", "І", "l", "Ј", "j", "Ѕ", "s", "Ԛ", "q", "Ԝ", "w", "Ӏ", "l",
		"Α", "a", "Β", "b", "Ε", "e", "Ζ", "z", "Η", "h", "Ι", "l", "Κ", "k", "Μ", "m", "Ν", "n", "Ο", "o", "Ρ", "p", "Τ", "t", "Υ", "y", "Χ", "x",
	)
	looksSmall = strings.NewReplacer(
		"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ј", "j", "ѕ", "s", "һ", "h", "ԁ", "d", "ԛ", "q", "ԝ", "w", "ӏ", "l", "ѵ", "v", "ց", "g", "օ", "o", "ո", "n", "ս", "u",
		"α", "a", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "σ", "o", "υ", "u", "χ", "x", "γ", "y", "ı", "i", "ɑ", "a", "ɡ", "g", "ſ", "s", "ß", "ss",
	)
)

// look is the same for names that cannot be told apart when read.
func look(name string) string {
	name = looks.Replace(norm.NFKC.String(name))
	return norm.NFC.String(looksSmall.Replace(strings.ToLower(name)))
}

// alike tells whether two names are read as one: in small and capital letters,
// and in letters of other alphabets.
func alike(a, b string) bool {
	return strings.EqualFold(a, b) || look(a) == look(b)
}
