// Package tag owns the rules of tags: what one may be called, which of them
// are the same, and how several are written into one text. It keeps nothing,
// and does not know whose a tag is.
package tag

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"scriptsmanager/backend/domain"
)

// Rules are those of the configuration, for the tags that people give.
type Rules struct {
	Most    int  // of one person, on one script
	Longest int  // characters
	Any     bool // all characters that can be seen, not letters, digits, _ and - alone
}

// separator stands between tags in one text, and so in no tag.
const separator = ","

// Key is the same for names that are one tag: case does not count.
func Key(name string) string { return strings.ToLower(norm.NFC.String(name)) }

// Check gives the name as it is kept. It fails with CodeTagEmpty, CodeTagLong,
// CodeTagCharacter or CodeTagHidden.
func (r Rules) Check(name string) (string, error) {
	n := norm.NFC.String(strings.TrimSpace(strings.ToValidUTF8(name, "\uFFFD")))
	if n == "" {
		return "", domain.NewError(domain.CodeTagEmpty)
	}
	if length := utf8.RuneCountInString(n); length > r.Longest {
		return "", domain.NewError(domain.CodeTagLong, "maximum", r.Longest, "length", length)
	}
	if r.Any {
		if i := strings.IndexFunc(n, func(c rune) bool { return !visible(c) }); i >= 0 {
			return "", domain.NewError(domain.CodeTagHidden)
		}
		return n, nil
	}
	if i := strings.IndexFunc(n, func(c rune) bool { return !plain(c) }); i >= 0 {
		c, _ := utf8.DecodeRuneInString(n[i:])
		if !visible(c) && c != ',' {
			return "", domain.NewError(domain.CodeTagHidden)
		}
		if like := Plain(n); like != "" {
			return "", domain.NewError(domain.CodeTagCharacter, "character", string(c), "suggestion", like)
		}
		return "", domain.NewError(domain.CodeTagOnly, "character", string(c))
	}
	return n, nil
}

func plain(c rune) bool {
	return c == '_' || c == '-' || unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c)
}

// visible is what may stand in a tag where any character may.
func visible(c rune) bool {
	return c != ',' && c != utf8.RuneError && (c == ' ' || unicode.IsGraphic(c))
}

// Plain gives a name that is like this one and has letters, digits, _ and -
// alone; "" where nothing is left.
func Plain(name string) string {
	words := strings.FieldsFunc(name, func(c rune) bool { return !plain(c) })
	return strings.Trim(strings.Join(words, "_"), "_-")
}

// Index gives where a name is among others, -1 where it is not.
func Index(names []string, name string) int {
	key := Key(name)
	return slices.IndexFunc(names, func(n string) bool { return Key(n) == key })
}

// Join writes tags into one text, Split reads them out of it.
func Join(names []string) string { return strings.Join(names, separator) }

// Split gives the tags of a text, each once.
func Split(text string) []string {
	names := []string{}
	for name := range strings.SplitSeq(text, separator) {
		if name = strings.TrimSpace(name); name != "" && Index(names, name) < 0 {
			names = append(names, name)
		}
	}
	return names
}

// Change takes tags away from has and adds others, which are checked, in the
// order in which they come. What is there already is not added again; system
// are those that the script has by itself. It fails with CodeInvalid: the
// fields name the tags that cannot be added.
func (r Rules) Change(has, system, add, remove []string) ([]string, error) {
	now := slices.DeleteFunc(slices.Clone(has), func(n string) bool { return Index(remove, n) >= 0 })
	wrong := map[string]*domain.Error{}
	for _, given := range add {
		name, err := r.Check(given)
		switch {
		case err != nil:
			wrong[given] = domain.AsError(err)
		case Index(now, name) >= 0:
		case Index(system, name) >= 0:
			wrong[given] = domain.NewError(domain.CodeTagSystem, "name", name)
		case len(now) >= r.Most:
			wrong[given] = domain.NewError(domain.CodeTagsMany, "maximum", r.Most)
		default:
			now = append(now, name)
		}
	}
	if len(wrong) > 0 {
		return nil, &domain.Error{Code: domain.CodeInvalid, Fields: wrong}
	}
	return now, nil
}

// Rename gives tags in which one has another name; where that is there too,
// they become one. Changed is false where there is nothing to rename.
func Rename(has []string, from, to string) (now []string, changed bool) {
	at := Index(has, from)
	if at < 0 || has[at] == to {
		return has, false
	}
	now = slices.Clone(has)
	if other := Index(now, to); other >= 0 && other != at {
		now[other] = to
		return slices.Delete(now, at, at+1), true
	}
	now[at] = to
	return now, true
}
