// Package i18n gives the product's texts in a person's language. It loads the
// files of package translations once; a text that a language lacks is given in
// English, and one that English lacks as its key, so that nothing fails for
// want of a word. It formats no dates and chooses no language.
package i18n

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"scriptsmanager/backend/domain"
)

// Texts is safe for concurrent use.
type Texts struct {
	tongues map[domain.Language]func() *tongue           // made at the first use: a person needs one or two
	help    map[domain.Language]func() map[string]string // by the English text
}

// tongue is all texts of one language.
type tongue struct {
	holders   map[string][]string // placeholders by key; a key is there for each text
	localizer *goi18n.Localizer
}

var placeholder = regexp.MustCompile(`\{\{-?\s*\.([A-Za-z_][A-Za-z0-9_]*)\s*-?\}\}`)

// New takes <language>.json of all four languages from files. It fails where one
// is missing or is not JSON.
func New(files fs.FS) (*Texts, error) {
	t := &Texts{tongues: map[domain.Language]func() *tongue{}, help: map[domain.Language]func() map[string]string{}}
	for _, l := range domain.Languages() {
		name := string(l) + ".json"
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("load translations: %w", err)
		}
		if !json.Valid(b) || !bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
			return nil, fmt.Errorf("load translations: %s is no object of JSON", name)
		}
		t.tongues[l] = sync.OnceValue(func() *tongue {
			if loaded, err := parse(l, b); err == nil {
				return loaded
			}
			return &tongue{} // Check tells why; whoever asks gets English, or the key
		})
		t.help[l] = sync.OnceValue(func() map[string]string {
			var known map[string]string
			if b, err := fs.ReadFile(files, "help/"+string(l)+".json"); err == nil {
				_ = json.Unmarshal(b, &known) // a test reads it; English is given else
			}
			return known
		})
	}
	return t, nil
}

// Check reads all texts of all languages, as a test of the files does.
func Check(files fs.FS) error {
	for _, l := range domain.Languages() {
		b, err := fs.ReadFile(files, string(l)+".json")
		if err == nil {
			_, err = parse(l, b)
		}
		if err != nil {
			return fmt.Errorf("texts in %s: %w", l, err)
		}
	}
	return nil
}

func parse(l domain.Language, b []byte) (*tongue, error) {
	bundle := goi18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	file, err := bundle.ParseMessageFileBytes(b, string(l)+".json")
	if err != nil {
		return nil, err
	}
	t := &tongue{holders: make(map[string][]string, len(file.Messages)), localizer: goi18n.NewLocalizer(bundle, string(l))}
	for _, m := range file.Messages {
		var holders []string
		for _, text := range []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other} {
			for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(holders, found[1]) {
					holders = append(holders, found[1])
				}
			}
		}
		t.holders[m.ID] = holders
	}
	return t, nil
}

func (t *Texts) tongue(l domain.Language) *tongue {
	if load, ok := t.tongues[l]; ok {
		return load()
	}
	return &tongue{}
}

// Help gives what the command line's grammar says in English in a person's
// language; where that has no word for it, as it is.
func (t *Texts) Help(lang domain.Language, english string) string {
	if load, ok := t.help[lang]; ok {
		if text := load()[english]; text != "" {
			return text
		}
	}
	return english
}

// Has tells whether there is a text under the key.
func (t *Texts) Has(key string) bool {
	_, ok := t.tongue(domain.English).holders[key]
	return ok
}

// Text gives the text under the key with the parameters put in. A parameter
// called "count" chooses between one and many, and is shown as Number gives it. Parameters that are words of
// ours ("level", "type", "limit", "owner", "what": their texts stand under
// "<parameter>.<value>") are translated too. A placeholder without a
// parameter becomes "?".
func (t *Texts) Text(lang domain.Language, key string, params map[string]any) string {
	own := t.tongue(lang)
	holders, ok := own.holders[key]
	if !ok {
		lang, own = domain.English, t.tongue(domain.English)
		if holders, ok = own.holders[key]; !ok {
			return key
		}
	}
	data := make(map[string]any, len(params))
	for name, value := range params {
		data[name] = t.value(lang, name, value)
	}
	count, counted := wholeNumber(params["count"])
	if counted {
		data["count"] = Number(lang, count)
		data["count_text"] = data["count"] // the interface's name for it
	}
	for _, name := range holders {
		if _, ok := data[name]; !ok {
			data[name] = "?"
		}
	}
	config := &goi18n.LocalizeConfig{MessageID: key, TemplateData: data}
	if counted {
		config.PluralCount = count
	}
	text, err := own.localizer.Localize(config)
	if err != nil && config.PluralCount != nil {
		config.PluralCount = nil // a language without a form for this number
		text, err = own.localizer.Localize(config)
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
	case string:
		if found := byteSize.FindStringSubmatch(v); found != nil {
			return size(lang, found[1], found[2])
		}
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
	case *domain.EnvironmentProblem:
		return t.Problem(lang, v)
	}
	switch name {
	case "problem": // one that came as JSON
		if m, ok := value.(map[string]any); ok {
			code, _ := m["code"].(string)
			params, _ := m["params"].(map[string]any)
			return t.Problem(lang, &domain.EnvironmentProblem{Code: code, Params: params})
		}
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

// Problem says what is wrong with an environment and what to do. nil gives "".
func (t *Texts) Problem(lang domain.Language, p *domain.EnvironmentProblem) string {
	if p == nil {
		return ""
	}
	return t.Text(lang, "environment.problem."+p.Code, p.Params)
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
