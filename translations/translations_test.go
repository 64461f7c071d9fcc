package translations_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"scriptsmanager/translations"
)

var languages = []string{"en", "es", "it", "fr"}

// load reads a file; each text is given with its form after the key: "key",
// or "key[one]" and "key[other]".
func load(t *testing.T, language string) map[string]string {
	t.Helper()
	b, err := translations.Files.ReadFile(language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatalf("%s: %v", language, err)
	}
	texts := map[string]string{}
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			texts[key] = v
		case map[string]any:
			if len(v) != 2 || v["one"] == nil || v["other"] == nil {
				t.Errorf("%s: %s has the forms %v, want one and other", language, key, slices.Sorted(maps.Keys(v)))
			}
			for form, text := range v {
				s, ok := text.(string)
				if !ok {
					t.Errorf("%s: %s[%s] is no text", language, key, form)
				}
				texts[key+"["+form+"]"] = s
			}
		default:
			t.Errorf("%s: %s is neither a text nor forms of one", language, key)
		}
	}
	return texts
}

var holder = regexp.MustCompile(`\{\{[^}]*\}\}`)

func placeholders(text string) []string {
	found := holder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestSameKeysAndPlaceholders(t *testing.T) { // UI-5
	english := load(t, "en")
	for _, language := range languages {
		texts := load(t, language)
		for key, text := range texts {
			reference, ok := english[key]
			if !ok {
				t.Errorf("%s: %s is not in en.json", language, key)
				continue
			}
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is empty", language, key)
			}
			// "one" may say the number in a word
			if got, want := placeholders(text), placeholders(reference); !slices.Equal(got, want) && !strings.HasSuffix(key, "[one]") {
				t.Errorf("%s: %s has the placeholders %v, English has %v", language, key, got, want)
			}
			for _, h := range placeholders(text) {
				if !regexp.MustCompile(`^\{\{\.[a-zA-Z_][a-zA-Z0-9_]*\}\}$`).MatchString(h) {
					t.Errorf("%s: %s: the placeholder %s is not of the form {{.name}}", language, key, h)
				}
			}
			if _, err := template.New("").Parse(text); err != nil {
				t.Errorf("%s: %s: %v", language, key, err)
			}
		}
		for key := range english {
			if _, ok := texts[key]; !ok {
				t.Errorf("%s: %s is missing", language, key)
			}
		}
	}
}

type constant struct{ name, value, comment string }

// constants gives the values of all constants of a type in package domain.
func constants(t *testing.T, typeName string) []constant {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "backend", "domain", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("package domain: %v, %v", files, err)
	}
	var found []constant
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if ident, ok := spec.Type.(*ast.Ident); !ok || ident.Name != typeName || len(spec.Values) != 1 {
				return true
			}
			literal, ok := spec.Values[0].(*ast.BasicLit)
			if !ok {
				return true
			}
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, constant{spec.Names[0].Name, value, spec.Comment.Text()})
			return true
		})
	}
	if len(found) == 0 {
		t.Fatalf("no constants of type %s in package domain", typeName)
	}
	return found
}

func TestEveryWordOfTheDomainHasAText(t *testing.T) {
	english := load(t, "en")
	for typeName, prefix := range map[string]string{
		"Code": "error.", "Reason": "reason.", "State": "state.", "Phase": "phase.", "Level": "level.", "ParameterType": "type.",
	} {
		for _, c := range constants(t, typeName) {
			_, plain := english[prefix+c.value]
			if _, forms := english[prefix+c.value+"[other]"]; !plain && !forms {
				t.Errorf("%s has no text %s%s", c.name, prefix, c.value)
			}
		}
	}
}

// A code's comment in package domain names the parameters that come with it; a
// text that uses another shows "?" to the person.
func TestErrorsUseTheParametersThatThereAre(t *testing.T) {
	english := load(t, "en")
	for _, c := range constants(t, "Code") {
		for _, h := range placeholders(english["error."+c.value] + english["error."+c.value+"[other]"]) {
			name := strings.Trim(h, "{}.")
			if !regexp.MustCompile(`\b` + name + `\b`).MatchString(c.comment) {
				t.Errorf("error.%s uses %s, which %s does not have: %q", c.value, h, c.name, strings.TrimSpace(c.comment))
			}
		}
	}
}
