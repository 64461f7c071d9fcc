package files

import (
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// maxName is how many bytes a name has at most, on Linux; Windows counts 255
// UTF-16 units, which are never more.
const maxName = 255

// forbidden is what no name has on Windows.
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const forbidden = `<>:"/\|?*`

// What a name of a file that is no text (on Linux any bytes are a name) is
// shown as: each byte from 0x80 on as the character escaped+byte, of Unicode's
// private use. Those characters are shown so themselves, so that each name has
// one form and each form one name.
const escaped = 0xF700

func isEscape(r rune) bool { return r >= escaped+0x80 && r <= escaped+0xFF }

// Shown gives the form in which a name goes to people and through JSON.
func Shown(name string) string {
	if utf8.ValidString(name) && !strings.ContainsFunc(name, isEscape) {
		return name
	}
	var b strings.Builder
	for len(name) > 0 {
		r, n := utf8.DecodeRuneInString(name)
		if (r == utf8.RuneError && n == 1) || isEscape(r) {
			for i := range n {
				b.WriteRune(escaped + rune(name[i]))
			}
		} else {
			b.WriteString(name[:n])
		}
		name = name[n:]
	}
	return b.String()
}

// meant is the opposite of Shown.
func meant(shown string) string {
	if !strings.ContainsFunc(shown, isEscape) {
		return shown
	}
	var b strings.Builder
	for _, r := range shown {
		if isEscape(r) {
			b.WriteByte(byte(r - escaped)) //nolint:gosec // isEscape holds the range
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// CheckName gives a new name as it is to be stored: one that can stand on
// Windows and on Linux alike, in Unicode's composed form. It fails with one of
// the codes CodeFileName…, which tells what is wrong.
func CheckName(name string) (string, error) {
	n := norm.NFC.String(name)
	if code := wrong(n); code != "" {
		return "", domain.NewError(code, "name", Shown(name), "maximum", maxName)
	}
	return n, nil
}

// wrong tells why a name cannot stand on both systems, "" where it can.
func wrong(name string) domain.Code {
	switch {
	case name == "":
		return domain.CodeFileNameEmpty
	case !utf8.ValidString(name) || strings.ContainsFunc(name, isEscape):
		return domain.CodeFileNameEncoding
	case len(name) > maxName:
		return domain.CodeFileNameLong
	case name == "." || name == "..":
		return domain.CodeFileNameDots
	case strings.ContainsFunc(name, unsafeRune):
		return domain.CodeFileNameControl
	case strings.ContainsAny(name, forbidden):
		return domain.CodeFileNameCharacter
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") || strings.HasPrefix(name, " "):
		return domain.CodeFileNameEnd
	}
	base := platform.DeviceName(name)
	if platform.Reserved(base) || strings.EqualFold(base, "CONIN$") || strings.EqualFold(base, "CONOUT$") {
		return domain.CodeFileNameReserved
	}
	return ""
}

// unsafeRune tells of what is not seen in a name or turns it around: control
// characters, line separators, marks of direction, zero width.
func unsafeRune(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF' || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) ||
		(r >= '\u200B' && r <= '\u200D')
}

func outside(path string) error { return domain.NewError(domain.CodeFileNamePath, "name", path) }

// split cuts a path with slashes, as it is shown, into names; "" is the folder
// itself. It fails with CodeFileNamePath where it cannot lie in a folder.
func split(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	parts := strings.Split(path, "/")
	for i, part := range parts {
		name := meant(part)
		windows := runtime.GOOS == "windows" && (strings.ContainsAny(name, forbidden) || !filepath.IsLocal(name))
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") || windows {
			return nil, outside(path)
		}
		parts[i] = name
	}
	return parts, nil
}

// cut gives the folder and the last name of a path that is not "".
func cut(path string) (folder, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

// join puts a name, as it is shown, behind a path.
func join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

// Below is where a folder lies on the disk, for who follows it; false for a
// path that leads out. Nothing is looked at.
func Below(dir, path string) (string, bool) {
	parts, err := split(path)
	if err != nil {
		return "", false
	}
	return filepath.Join(append([]string{dir}, parts...)...), true
}
