package find_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/find"
)

func entry(id string, change func(*find.Entry)) find.Entry {
	e := find.Entry{Script: domain.Script{ID: id, GroupID: strings.Split(id, "/")[0], Active: true}, GroupName: domain.Text{}}
	if change != nil {
		change(&e)
	}
	return e
}

func named(id, name string) find.Entry {
	return entry(id, func(e *find.Entry) { e.Script.Name = domain.Text{domain.English: name} })
}

func all(domain.Script) bool { return true }

func index(documents map[string]string, entries ...find.Entry) *find.Index {
	x := find.New()
	x.Set(entries, func(e find.Entry) []string { return []string{documents[e.Script.ID]} })
	return x
}

func ids(x *find.Index, q find.Query) []string {
	if q.May == nil {
		q.May = all
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	hits, _ := x.Find(q)
	found := []string{}
	for _, h := range hits {
		found = append(found, h.Entry.Script.ID)
	}
	return found
}

// Exact name, beginning of the name, part of the name, tag, description,
// parameter, group, documentation.
func TestRanks(t *testing.T) { // UI-3
	x := index(map[string]string{"g/h": "All about the pump."},
		named("g/a", "Pump"), named("g/b", "Pump test"), named("g/c", "A pump"), named("g/c2", "Heatpump"),
		entry("g/d", func(e *find.Entry) { e.Script.Tags = []string{"pump"} }),
		entry("g/e", func(e *find.Entry) { e.Script.Description = domain.Text{domain.French: "La pump"} }),
		entry("g/f", func(e *find.Entry) {
			e.Script.Parameters = []domain.Parameter{{Name: "x", Label: domain.Text{domain.Italian: "Pump"}}}
		}),
		entry("pump/g", nil), entry("g/h", nil), entry("g/i", nil))
	if got, want := ids(x, find.Query{Text: "PUMP"}), []string{"g/a", "g/b", "g/c", "g/c2", "g/d", "g/e", "g/f", "pump/g", "g/h"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if got, want := ids(x, find.Query{Text: "pump tes"}), []string{"g/b"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

func TestAllWordsMustBeThere(t *testing.T) { // TAG-2
	x := index(map[string]string{"g/a": "Die Größe der Strömung, l'œuvre"}, named("g/a", "Térmico"), named("g/b", "Termico due"))
	for text, want := range map[string]string{
		"termico":         "[g/a g/b]",
		"TÉRMICO":         "[g/a g/b]",
		"te\u0301rmico":   "[g/a g/b]",
		"termico grosse":  "[g/a]",
		"stromung termi":  "[g/a]",
		"oeuvre":          "[g/a]",
		"termico nothing": "[]",
		"":                "[]",
		"  +*\"' ":        "[]",
		"ermic":           "[g/a g/b]",
		"d":               "[g/b g/a]",
		"r":               "[]",
	} {
		if got := fmt.Sprint(ids(x, find.Query{Text: text})); got != want {
			t.Errorf("%q finds %s, want %s", text, got, want)
		}
	}
}

func TestOwnTagsAreFoundByTheirOwner(t *testing.T) { // TAG-1, TAG-2
	x := index(nil, named("g/a", "One"), named("g/b", "Two"))
	if got := ids(x, find.Query{Text: "mine", Own: map[string][]string{"g/b": {"Mine-too"}, "gone/x": {"mine"}}}); !slices.Equal(got, []string{"g/b"}) {
		t.Errorf("found %v", got)
	}
	if got := ids(x, find.Query{Text: "mine"}); len(got) != 0 {
		t.Errorf("another one finds %v", got)
	}
}

func TestWhatMayNotBeSeenIsNeitherFoundNorCounted(t *testing.T) {
	x := index(nil, named("g/a", "Pump"), named("secret/b", "Pump"))
	hits, total := x.Find(find.Query{Text: "pump", Limit: 10, May: func(s domain.Script) bool { return s.GroupID == "g" }})
	if len(hits) != 1 || total != 1 || hits[0].Entry.Script.ID != "g/a" {
		t.Errorf("found %v of %d", hits, total)
	}
}

func TestIndexFollowsChanges(t *testing.T) {
	x := find.New()
	read := 0
	text := func(find.Entry) []string { read++; return []string{"steam"} }
	var entries []find.Entry
	for i := range 500 {
		entries = append(entries, named(fmt.Sprintf("g/s%03d", i), fmt.Sprintf("Number%d", i)))
	}
	x.Set(entries, text)
	x.Set(entries, text)
	if read != 500 {
		t.Errorf("what has not changed was read again: %d", read)
	}
	entries[3] = named("g/s003", "Boiler")
	entries[4].Documents = "another"
	x.Set(entries[:100], text)
	if read != 502 || x.Len() != 100 {
		t.Errorf("%d read, %d there", read, x.Len())
	}
	for query, want := range map[string]int{"boiler": 1, "number3": 10, "number200": 0, "steam": 100} {
		if got := len(ids(x, find.Query{Text: query})); got != want {
			t.Errorf("%q finds %d, want %d", query, got, want)
		}
	}
	x.Set(nil, text)
	if got := ids(x, find.Query{Text: "steam"}); len(got) != 0 || x.Len() != 0 {
		t.Errorf("an empty index finds %v", got)
	}
}

func marked(parts []find.Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestMatchesSayWhere(t *testing.T) { // UI-3
	long := strings.Repeat("Nothing of it here. ", 40) + "Then the CALOR´s énergie comes, at last." + strings.Repeat(" And on.", 40)
	x := index(map[string]string{"g/a": long}, entry("g/a", func(e *find.Entry) {
		e.Script.Name = domain.Text{domain.English: "Heat", domain.Spanish: "Térmico"}
		e.Script.Tags = []string{"wall"}
	}))
	look := func(query string) string {
		hits, _ := x.Find(find.Query{Text: query, Limit: 1, May: all, Own: map[string][]string{"g/a": {"my_own"}}})
		if len(hits) != 1 {
			return "nothing"
		}
		var all []string
		for _, m := range hits[0].Matches(domain.English, func(l domain.Language) (string, bool) {
			if l == domain.French {
				return long, true
			}
			return "", true
		}) {
			all = append(all, fmt.Sprintf("%s %s: %s", m.Field, m.Language, marked(m.Parts)))
		}
		return strings.Join(all, "; ")
	}
	for query, want := range map[string]string{
		"heat":           "",
		"termi":          "name es: [Térmi]co",
		"heat wall":      "tag : [wall]",
		"own":            "own_tag : my_[own]",
		"calor energie":  "document fr: …it here. Nothing of it here. Then the [CALOR]´s [énergie] comes, at last. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on.…",
		"wall own termi": "name es: [Térmi]co; own_tag : my_[own]; tag : [wall]",
	} {
		if got := look(query); got != want {
			t.Errorf("%q:\n%s, want\n%s", query, got, want)
		}
	}
	if got := marked(find.Marked("Heat e\u0301nergie", find.Terms("energie h"))); got != "[H]eat [e\u0301nergie]" {
		t.Errorf("marked: %s", got)
	}
}

// Of a long text as of a short one: what stands around the first word that is
// looked for, and no more.
func TestExcerptOfALongText(t *testing.T) {
	before, after := strings.Repeat("Nothing of it here. ", 40_000), strings.Repeat(" And on.", 40_000)
	for name, c := range map[string]struct{ text, want string }{
		"in the middle": {before + "Then the CALOR comes." + after, "…it here. Nothing of it here. Then the [CALOR] comes. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And…"},
		"at the end":    {before + "Then the CALOR.\n", "…it here. Nothing of it here. Then the [CALOR]."},
		"nowhere":       {after, "And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on. And on.…"},
		"one word":      {strings.Repeat("x", 1<<16) + "calor" + strings.Repeat("y", 1<<16), "…" + strings.Repeat("x", 40) + "[calor]" + strings.Repeat("y", 115) + "…"},
	} {
		if got := marked(find.Excerpt(c.text, []string{"calor"})); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, c.want)
		}
	}
}

func TestPlain(t *testing.T) {
	got := find.Plain("# Title\n\n- a **bold** [link](https://x.y/z) `code`\n\n```py\nx = 1\n```\n| a | b |\n|---|---|\n")
	if want := "Title\na bold link code\nx = 1\na   b\n"; got != want {
		t.Errorf("plain: %q, want %q", got, want)
	}
}

// holds tells whether a term is in a text: a single letter at the beginning of
// a word, all else anywhere.
func holds(folded, term string) bool {
	if len(term) > 1 {
		return strings.Contains(folded, term)
	}
	for _, word := range strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		if strings.HasPrefix(word, term) {
			return true
		}
	}
	return false
}

// Whatever is looked for: what is found has all words, what has them is found,
// and what is marked is the text.
func FuzzFind(f *testing.F) {
	for _, q := range []string{"heat", "TÉ rm", "\xff\x00", "ﬁ ß œ", "a a a", strings.Repeat("x ", 500), "İ ı", "e\u0301", "한글", "½ ²"} {
		f.Add(q, "Heat transfer", "Über Wärme ﬁn £ 한글 ½")
	}
	f.Fuzz(func(t *testing.T, query, name, document string) {
		x := index(map[string]string{"g/a": document}, named("g/a", name), named("g/b", document))
		terms := find.Terms(query)
		hits, total := x.Find(find.Query{Text: query, Limit: 10, May: all})
		if total != len(hits) || len(terms) == 0 && total > 0 {
			t.Fatalf("%d of %d", len(hits), total)
		}
		found := map[string]find.Hit{}
		for _, h := range hits {
			found[h.Entry.Script.ID] = h
		}
		for id, text := range map[string]string{"g/a": name + "\n" + document + "\na\ng", "g/b": document + "\nb\ng"} {
			has := len(terms) > 0
			for _, term := range terms {
				has = has && holds(find.Fold(text), term)
			}
			h, ok := found[id]
			if ok != has {
				t.Errorf("%q finds %s: %v, it has all: %v", query, id, ok, has)
			}
			if !ok {
				continue
			}
			for _, m := range h.Matches(domain.English, func(domain.Language) (string, bool) { return document, true }) {
				if marked(m.Parts) == "" || len(m.Parts) == 0 {
					t.Errorf("an empty match %+v", m)
				}
			}
		}
		var whole strings.Builder
		for _, p := range find.Marked(name, terms) {
			whole.WriteString(p.Text)
		}
		if want := strings.ToValidUTF8(name, "\uFFFD"); strings.ToValidUTF8(whole.String(), "\uFFFD") != want && strings.ToValidUTF8(name, "") == name {
			t.Errorf("marked it is %q, was %q", whole.String(), name)
		}
		find.Excerpt(document, terms)
		find.Plain(document)
	})
}
