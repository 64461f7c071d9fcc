package translations_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"scriptsmanager/translations"
)

// said gives every text of a language, of the files and of the help, by key.
func said(t *testing.T, language string) map[string]string {
	t.Helper()
	texts := load(t, language)
	if language == "en" {
		return texts
	}
	b, err := translations.Files.ReadFile("help/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var help map[string]string
	if err := json.Unmarshal(b, &help); err != nil {
		t.Fatal(err)
	}
	for english, text := range help {
		texts["help: "+english] = text
	}
	return texts
}

type unused struct{ language, instead, word string }

// unusedWords reads the last table of docs/terms.md.
func unusedWords(t *testing.T) []unused {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "docs", "terms.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(b), "\n## Words that are not used\n")
	if !ok {
		t.Fatal("docs/terms.md has no list of words that are not used")
	}
	var found []unused
	for _, row := range regexp.MustCompile(`(?m)^\| (\w\w) \| (.*?) \| (.*?) \|$`).FindAllStringSubmatch(table, -1) {
		for word := range strings.SplitSeq(row[3], ", ") {
			found = append(found, unused{row[1], row[2], word})
		}
	}
	if len(found) < 30 {
		t.Fatalf("only %d words were read", len(found))
	}
	return found
}

// hasWord tells whether a text has the word for itself; a small one in any
// case. Parts of paths, keys and file names are no words.
func hasWord(text, word string) bool {
	if first := []rune(word)[0]; !unicode.IsUpper(first) {
		text = strings.ToLower(text)
	}
	part := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-", r) }
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(word)
		before, after := []rune(text[:from]), []rune(text[to:])
		joined := len(before) > 0 && part(before[len(before)-1]) ||
			len(after) > 0 && part(after[0]) && (after[0] != '.' || len(after) > 1 && part(after[1]))
		if !joined {
			return true
		}
		at = to
	}
}

func TestOneThingHasOneWord(t *testing.T) { // UI-5
	for text, word := range map[string]string{"Il registro.": "registro", "i tag": "tag", "Suo": "Suo"} {
		if !hasWord(text, word) {
			t.Errorf("%q is not found in %q", word, text)
		}
	}
	for text, word := range map[string]string{"il suo": "Suo", "registrato": "registro", "a/log.txt": "log", "--tag": "tag"} {
		if hasWord(text, word) {
			t.Errorf("%q is found in %q", word, text)
		}
	}
	words := unusedWords(t)
	for _, language := range languages {
		for key, text := range said(t, language) {
			text = holder.ReplaceAllString(text, "…")
			for _, w := range words {
				if w.language == language && hasWord(text, w.word) {
					t.Errorf("%s: %s says %q, docs/terms.md has %q for it: %s", language, key, w.word, w.instead, text)
				}
			}
		}
	}
}

// The rules of docs/terms.md that can be told from the signs alone.
func TestTypography(t *testing.T) { // UI-5
	for _, language := range languages {
		for key, text := range said(t, language) {
			for wrong, why := range map[string]string{
				`[\p{L}\}]'[\p{L}\{« ]|'$`: "straight apostrophe",
				`  `:                       "two blanks",
				`\.\.\.$|[\p{L}]\.\.\.`:    "three points in place of …",
			} {
				if found := regexp.MustCompile(wrong).FindString(text); found != "" && !strings.Contains(key, "help: ") {
					t.Errorf("%s: %s has a %s (%q): %s", language, key, why, found, text)
				}
			}
			if language == "fr" {
				if regexp.MustCompile(`[^\x{a0}\x{202f}][;?!»]|[^\x{a0}\x{202f}\d]%|[\p{L}\}»] :|« | »|[^\x{a0}]:(?: |$)`).MatchString(frenchProse(text)) {
					t.Errorf("fr: %s wants a no-break space: %q", key, text)
				}
			} else if regexp.MustCompile(`[\p{L}\}] [;:?!](?:\s|$)`).MatchString(text) && !strings.Contains(text, `\ |`) {
				t.Errorf("%s: %s has a blank before punctuation: %s", language, key, text)
			}
			if language != "en" && strings.ContainsAny(text, "“”") || language == "en" && strings.ContainsAny(text, "«»") {
				t.Errorf("%s: %s has the quotation marks of another language: %s", language, key, text)
			}
			if language == "es" && (strings.Count(text, "?") != strings.Count(text, "¿") || strings.Count(text, "!") != strings.Count(text, "¡")) && !strings.Contains(text, `< >`) {
				t.Errorf("es: %s: a question has two marks: %s", key, text)
			}
		}
	}
}

// Italian tells people what to do with "Lei" ("Salvi", "Lo corregga"), never in
// the infinitive ("Salvare", "Correggerlo").
func TestItalianAddressesThePerson(t *testing.T) {
	order := regexp.MustCompile(`(?:^|[.;:] |[.;:] (?:poi|prima|quindi|oppure) )(\p{L}+(?:are|ere|ire|rre|(?:ar|er|ir)(?:l[oaie]|ne|[cv]i|gli|si)))\b`)
	nouns := []string{"lettere"} // what ends so and is no verb
	for _, text := range []string{"È vuoto. Salvarlo.", "Manca; poi aggiungere", "Usare PNG"} {
		if !order.MatchString(text) {
			t.Errorf("%q is not found", text)
		}
	}
	for key, text := range load(t, "it") {
		if !regexp.MustCompile(`^(error|health|environment|cli|imports)\.`).MatchString(key) {
			continue // buttons and questions have forms of their own
		}
		for _, found := range order.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(nouns, strings.ToLower(found[1])) {
				t.Errorf("%s has an order in the infinitive (%s): %s", key, found[1], text)
			}
		}
	}
}

// frenchProse leaves out what stands in a text exactly as it is typed: times,
// addresses, signs that no name may have, placeholders.
func frenchProse(text string) string {
	text = holder.ReplaceAllString(text, "x")
	text = regexp.MustCompile(`< > : " / \\ \| \? \*|<[^>]*>|"[^"]*":?|%s|\S+://\S+`).ReplaceAllString(text, "x")
	return text
}

// A text that equals the English one has been forgotten, unless its words are
// those of the language, too: testdata/same_as_english.json lists these.
func TestTextsAreTranslated(t *testing.T) { // UI-5
	path := filepath.Join("testdata", "same_as_english.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var allowed map[string][]string
	if err := json.Unmarshal(b, &allowed); err != nil {
		t.Fatal(err)
	}
	english := load(t, "en")
	same := map[string][]string{}
	for _, language := range languages[1:] {
		for key, text := range load(t, language) {
			plain := strings.TrimFunc(holder.ReplaceAllString(text, ""), func(r rune) bool { return !unicode.IsLetter(r) })
			if text != english[key] || plain == "" {
				continue
			}
			if !slices.Contains(same[language], text) {
				same[language] = append(same[language], text)
			}
			if !slices.Contains(allowed[language], text) {
				t.Errorf("%s: %s is English (%q); where that is the language's word, too: go test ./translations -run Translated -update", language, key, text)
			}
		}
		slices.Sort(same[language])
		for _, text := range allowed[language] {
			if !slices.Contains(same[language], text) {
				t.Errorf("%s: nothing is %q as in English any more; take it out of %s", language, text, path)
			}
		}
	}
	if *update {
		b, err := json.MarshalIndent(same, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A merge that keeps both sides may leave a key twice; the last one counts then,
// and nobody sees the first.
func TestNoKeyStandsTwice(t *testing.T) {
	for _, language := range languages {
		b, err := translations.Files.ReadFile(language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		before := ""
		for _, found := range regexp.MustCompile(`(?m)^  "([^"]+)":`).FindAllSubmatch(b, -1) {
			key := string(found[1])
			if key <= before {
				t.Errorf("%s: %s stands after %s: twice, or not in order", language, key, before)
			}
			before = key
		}
	}
}
