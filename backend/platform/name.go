package platform

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// maxName keeps a path of a root, three names and a file below 260 characters,
// which is where Windows stops by default.
const maxName = 60

// SafeName makes a name that can stand in a path on every system: ASCII
// letters, digits, "_" and "-" only, accents taken off, at most 60 long, never
// empty and none of the names that Windows keeps for devices. Different names
// may give the same result; whoever stores it makes it unique. A safe name
// stays as it is.
func SafeName(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, "_")) {
		switch {
		case b.Len() >= maxName:
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			b.WriteRune(r)
		case r >= 0x300 && r <= 0x36f: // the accent that NFKD split off
		default:
			b.WriteByte('_')
		}
	}
	name := b.String()
	if name == "" {
		return "_"
	}
	if Reserved(name) {
		return name + "_"
	}
	return name
}

// Prefixed puts prefix before name unless it stands there already.
func Prefixed(prefix, name string) string {
	if strings.HasPrefix(name, prefix) {
		return name
	}
	return prefix + name
}

// DeviceName is the part of a file's name that Windows compares with those of
// its devices: without any ending and the blanks before it, with digits for the
// superscript ones.
func DeviceName(file string) string {
	base, _, _ := strings.Cut(file, ".")
	return strings.NewReplacer("¹", "1", "²", "2", "³", "3").Replace(strings.TrimRight(base, " "))
}

// Reserved tells whether Windows keeps a name for a device; of a file's, see
// DeviceName.
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
func Reserved(name string) bool {
	switch n := strings.ToUpper(name); n {
	case "CON", "PRN", "AUX", "NUL":
		return true
	default:
		return len(n) == 4 && (strings.HasPrefix(n, "COM") || strings.HasPrefix(n, "LPT")) && n[3] >= '0' && n[3] <= '9'
	}
}
