// Package findtest makes scripts as real ones look, with documentation in four
// languages, for benchmarks of the search over them. The product does not
// import it.
package findtest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/find"
)

const (
	vocabulary = 20_000 // words
	documentOf = 350    // words: some 2.5 kB
)

// Queries are what people type: a letter, words on their way, several words,
// one that stands in documents alone, and one that nothing has.
func Queries() []string {
	return []string{"c", "ca", "calculation", "calculation 17", "wall heat ther", "script_00042", "appendix", "zzzz", "c b d"}
}

// Scripts makes that many, of 200 groups, and what gives their documents. They
// are the same each time.
func Scripts(count int) ([]find.Entry, func(domain.Script, domain.Language) string) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	words := make([]string, vocabulary)
	for i := range words {
		words[i] = word(random)
	}
	text := func(n int) string {
		var b strings.Builder
		for range n {
			// A few words are most of any text.
			at := int(float64(vocabulary) * random.Float64() * random.Float64() * random.Float64())
			b.WriteString(words[at])
			b.WriteByte(' ')
		}
		return b.String()
	}
	entries := make([]find.Entry, count)
	documents := map[string]string{}
	for i := range entries {
		group := fmt.Sprintf("group_%03d", i%200)
		s := domain.Script{
			ID: fmt.Sprintf("%s/script_%05d", group, i), GroupID: group, Active: true, Category: "thermal", Tags: []string{"heat", "wall", words[i%500]},
			Name: domain.Text{}, Description: domain.Text{}, DescriptionLong: domain.Text{},
		}
		for _, l := range domain.Languages() {
			s.Name[l] = fmt.Sprintf("Calculation %d %s", i, words[random.IntN(vocabulary)])
			s.Description[l] = text(15)
			s.DescriptionLong[l] = fmt.Sprintf("docs/script_%05d_%s.md", i, l)
			documents[s.ID+string(l)] = text(documentOf) + "appendix\n"
		}
		for p := range 6 {
			s.Parameters = append(s.Parameters, domain.Parameter{Name: fmt.Sprintf("parameter_%d", p), Label: domain.Text{domain.English: text(2)}})
		}
		entries[i] = find.Entry{Script: s, GroupName: domain.Text{domain.English: "Group " + group}}
	}
	return entries, func(s domain.Script, l domain.Language) string { return documents[s.ID+string(l)] }
}

func word(random *rand.Rand) string {
	const consonants, vowels = "bcdfghlmnprstvz", "aeiou"
	var b strings.Builder
	for range 2 + random.IntN(3) {
		b.WriteByte(consonants[random.IntN(len(consonants))])
		b.WriteByte(vowels[random.IntN(len(vowels))])
	}
	if random.IntN(3) == 0 {
		b.WriteByte(consonants[random.IntN(len(consonants))])
	}
	return b.String()
}
