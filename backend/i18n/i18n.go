// Package i18n gives the product's texts in a person's language. It loads the
// files of package translations once; a text that a language lacks is given in
// English, and one that English lacks as its key, so that nothing fails for
// want of a word. It formats no dates and chooses no language.
package i18n

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"scriptsmanager/backend/domain"
)

// Texts is safe for concurrent use.
type Texts struct {
	keys       map[domain.Language]map[string]bool
	holders    map[string][]string // placeholders by key, of all languages
	localizers map[domain.Language]*goi18n.Localizer
}

var placeholder = regexp.MustCompile(`\{\{-?\s*\.([A-Za-z_][A-Za-z0-9_]*)\s*-?\}\}`)

// New loads <language>.json of all four languages from files.
func New(files fs.FS) (*Texts, error) {
	bundle := goi18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	t := &Texts{keys: map[domain.Language]map[string]bool{}, holders: map[string][]string{}, localizers: map[domain.Language]*goi18n.Localizer{}}
	for _, l := range domain.Languages() {
		name := string(l) + ".json"
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("load translations: %w", err)
		}
		file, err := bundle.ParseMessageFileBytes(b, path.Base(name))
		if err != nil {
			return nil, fmt.Errorf("load translations from %s: %w", name, err)
		}
		t.keys[l] = make(map[string]bool, len(file.Messages))
		for _, m := range file.Messages {
			t.keys[l][m.ID] = true
			for _, text := range []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other} {
				for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
					if !slices.Contains(t.holders[m.ID], found[1]) {
						t.holders[m.ID] = append(t.holders[m.ID], found[1])
					}
				}
			}
		}
	}
	for _, l := range domain.Languages() {
		t.localizers[l] = goi18n.NewLocalizer(bundle, string(l))
	}
	return t, nil
}

// Has tells whether there is a text under the key.
func (t *Texts) Has(key string) bool { return t.keys[domain.English][key] }

// Text gives the text under the key with the parameters put in. A parameter
// called "count" chooses between one and many. Parameters that are words of
// ours ("level", "type", "limit", "owner", "what": their texts stand under
// "<parameter>.<value>") are translated too. A placeholder without a
// parameter becomes "?".
func (t *Texts) Text(lang domain.Language, key string, params map[string]any) string {
	if !t.keys[lang][key] {
		lang = domain.English
	}
	if !t.keys[lang][key] {
		return key
	}
	localizer := t.localizers[lang]
	data := make(map[string]any, len(params))
	for name, value := range params {
		data[name] = t.value(lang, name, value)
	}
	for _, name := range t.holders[key] {
		if _, ok := data[name]; !ok {
			data[name] = "?"
		}
	}
	config := &goi18n.LocalizeConfig{MessageID: key, TemplateData: data}
	if count, ok := wholeNumber(params["count"]); ok {
		config.PluralCount = count
	}
	text, err := localizer.Localize(config)
	if err != nil && config.PluralCount != nil {
		config.PluralCount = nil // a language without a form for this number
		text, err = localizer.Localize(config)
	}
	if err != nil || text == "" {
		return key
	}
	return text
}

// value makes a parameter ready for a text: words of ours are translated,
// numbers that came as JSON do not show as 1e+06, lists are read out.
func (t *Texts) value(lang domain.Language, name string, value any) any {
	switch v := value.(type) {
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return int64(v)
		}
		return v
	case *float64:
		if v == nil {
			return "?"
		}
		return t.value(lang, name, *v)
	case []string:
		return strings.Join(v, ", ")
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = fmt.Sprint(t.value(lang, name, item))
		}
		return strings.Join(parts, ", ")
	case nil:
		return "?"
	}
	switch name {
	case "level", "type", "limit", "owner", "what":
		if key := name + "." + fmt.Sprint(value); t.Has(key) {
			return t.Text(lang, key, nil)
		}
	}
	return value
}

func wholeNumber(value any) (int64, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1e15
	}
	return 0, false
}

// Error gives the text of an error, and of its fields on lines of their own
// below it, sorted by field. nil gives "".
func (t *Texts) Error(lang domain.Language, err *domain.Error) string {
	if err == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(t.Text(lang, "error."+string(err.Code), err.Params))
	for _, name := range slices.Sorted(maps.Keys(err.Fields)) {
		fmt.Fprintf(&b, "\n%s: %s", name, strings.ReplaceAll(t.Error(lang, err.Fields[name]), "\n", "\n  "))
	}
	return b.String()
}
