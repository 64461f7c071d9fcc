package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"scriptsmanager/backend/platform"
)

const (
	longestName = 255  // bytes; of most file systems
	longestPath = 4096 // bytes; Linux' PATH_MAX
	badLetters  = `<>:"|?*\`
)

// problem tells what is not safe about a name in a zip, "" where it is safe on
// every system: the part that leads out, that cannot be written, or that
// another system takes for something else.
func problem(name string) string {
	switch {
	case name == "":
		return "\"\""
	case !utf8.ValidString(name):
		return "UTF-8"
	case len(name) > longestPath:
		return fmt.Sprint(len(name), " > ", longestPath)
	case strings.HasPrefix(name, "/"):
		return "/"
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "" || part == "." || part == "..":
			return "“" + part + "”"
		case len(part) > longestName:
			return fmt.Sprint(len(part), " > ", longestName)
		case reserved(part):
			return part
		case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
			return "“" + part + "”"
		}
		if i := strings.IndexFunc(part, bad); i >= 0 {
			return fmt.Sprintf("%q", part[i:i+1])
		}
	}
	return ""
}

func bad(r rune) bool { return r < 0x20 || r == 0x7f || strings.ContainsRune(badLetters, r) }

// reserved tells whether Windows keeps the name for a device, with any ending.
func reserved(part string) bool {
	return platform.Reserved(platform.DeviceName(part))
}

// fold makes names equal that some system takes for one: other case, other
// composition of accents.
func fold(name string) string {
	return strings.ToLower(strings.ToUpper(norm.NFC.String(name)))
}

// safe gives the name in a zip for a path of a project: what some system cannot
// write is written as %XX. A path that needs nothing of it stays as it is.
func safe(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		var b strings.Builder
		for j := range len(part) {
			c := part[j]
			last := j == len(part)-1 && (c == '.' || c == ' ')
			if c < 0x20 || c == 0x7f || c == '%' || last || j == 0 && reserved(part) || strings.IndexByte(badLetters, c) >= 0 {
				fmt.Fprintf(&b, "%%%02X", c)
			} else {
				b.WriteByte(c)
			}
		}
		if parts[i] = b.String(); len(parts[i]) > longestName {
			short := parts[i][:longestName-30]
			for !utf8.ValidString(short) {
				short = short[:len(short)-1]
			}
			parts[i] = short + mark(part)
		}
	}
	return strings.Join(parts, "/")
}

// mark makes a name another one.
func mark(path string) string {
	sum := sha256.Sum256([]byte(path))
	return "%" + hex.EncodeToString(sum[:8])
}

// names gives each path of a project a name that no other has on any system.
type names struct{ taken map[string]bool }

func (n *names) of(path string) string {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	name := safe(path)
	if n.taken[fold(name)] {
		name += mark(path)
	}
	n.taken[fold(name)] = true
	return name
}

// mayBe tells whether a zip of ours may call a path so.
func mayBe(name, path string) bool {
	s := safe(path)
	return name == s || name == s+mark(path)
}

// here is what a file is called on this system.
func here(name, path string) string {
	if runtime.GOOS == "windows" {
		return name
	}
	return path
}
