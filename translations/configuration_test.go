package translations_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"scriptsmanager/backend/config"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/translations"
)

var update = flag.Bool("update", false, "write docs/configuration.md from the table of keys")

// The page of all keys says what the table of keys and the texts say, so that
// it cannot drift from them: go test ./translations -run Configuration -update
func TestConfigurationIsDocumented(t *testing.T) { // SPEC section 18
	texts, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "docs", "configuration.md")
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- keys -->\n", "<!-- end of keys -->\n"
	head, rest, found := strings.Cut(string(have), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatal("the page has no place for the keys")
	}
	want := head + begin + keyTables(texts) + end + tail
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(have) {
		t.Error("docs/configuration.md is not what the table of keys says: go test ./translations -run Configuration -update")
	}
}

func keyTables(texts *i18n.Texts) string {
	say := func(key string) string {
		return strings.ReplaceAll(texts.Text(domain.English, key, nil), "|", `\|`)
	}
	var b strings.Builder
	section := ""
	for _, k := range config.Keys() {
		if k.Section != section {
			section = k.Section
			fmt.Fprintf(&b, "\n### %s\n\n| key | default | allowed | takes effect | older variable |\n|---|---|---|---|---|\n", say("setting.section."+section))
		}
		value, err := json.Marshal(k.Default)
		if err != nil {
			panic(err) // it is JSON's own
		}
		unit := ""
		if k.Unit != "" {
			unit = " " + say("setting.unit."+k.Unit)
		}
		older := ""
		for _, v := range k.Variables[1:] {
			older = "`" + v + "`"
		}
		fmt.Fprintf(&b, "| `%s`<br>%s | `%s`%s | %s | %s | %s |\n", k.Name, say("setting.text."+k.Text), value, unit,
			strings.ReplaceAll(k.Allowed, "*", `\*`), say("setting.effect."+string(k.Effect)), older)
	}
	return b.String() + "\n"
}

// Every key has a name and an explanation in each language, as have what else
// is said of keys.
func TestSettingsHaveTexts(t *testing.T) {
	for _, language := range domain.Languages() {
		b, err := os.ReadFile(string(language) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var known map[string]any
		if err := json.Unmarshal(b, &known); err != nil {
			t.Fatal(err)
		}
		for _, k := range config.Keys() {
			wanted := []string{"setting.name." + k.Text, "setting.text." + k.Text, "setting.section." + k.Section, "setting.effect." + string(k.Effect)}
			if k.Unit != "" {
				wanted = append(wanted, "setting.unit."+k.Unit)
			}
			for _, key := range wanted {
				if known[key] == nil {
					t.Errorf("%s: no text %s", language, key)
				}
			}
		}
	}
}

// What the table says has no effect, nothing reads; all else, something does.
func TestKeysWithoutEffectAreThoseThatNothingReads(t *testing.T) { // ADM-3
	read := map[string]bool{} // "Parent.Field", and "Field" of what a variable holds
	for _, folder := range []string{"app", "backend", "main.go"} {
		goFiles(t, folder, func(path string) {
			if strings.Contains(filepath.ToSlash(path), "backend/config/") {
				return
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if parent, ok := s.X.(*ast.SelectorExpr); ok {
					read[parent.Sel.Name+"."+s.Sel.Name] = true
				}
				if _, ok := s.X.(*ast.Ident); ok {
					read[s.Sel.Name] = true
				}
				return true
			})
		})
	}
	// Fields of these names are read of other structs, too.
	common := map[string]bool{"Enabled": true, "Compression": true, "RetentionDays": true, "Logo": true, "Folders": true, "Fallback": true, "Name": true, "Start": true, "End": true, "Listen": true, "Confinement": true, "Debug": true}
	fields := map[string]string{}
	var walk func(prefix, parent string, typ reflect.Type)
	walk = func(prefix, parent string, typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := prefix + f.Tag.Get("json")
			switch {
			case f.Type == reflect.TypeFor[config.ByLevel]():
				for _, level := range domain.Levels() {
					fields[name+"."+string(level)] = parent + "." + f.Name
				}
			case f.Type.Kind() == reflect.Struct:
				walk(name+".", f.Name, f.Type)
			default:
				fields[name] = parent + "." + f.Name
			}
		}
	}
	walk("", "", reflect.TypeFor[config.Config]())
	for _, k := range config.Keys() {
		parent, field, _ := strings.Cut(fields[k.Name], ".")
		known := read[parent+"."+field] || read[field] && (!common[field] || parent == "")
		if known != (k.Effect != config.EffectNone) {
			t.Errorf("%s: the table says %q, and it is read: %v", k.Name, k.Effect, known)
		}
	}
}
