package document

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// The examples of CommonMark's specification (testdata/commonmark), through
// the renderer with the sanitiser. testdata/commonmark/differences.json says of
// each one that differs why; one that differs no more has to leave it.
func TestCommonMark(t *testing.T) { // DOC-1, DOC-5
	var examples []struct {
		Markdown, HTML, Section string
		Example                 int
	}
	read(t, "testdata/commonmark/spec.json", &examples)
	if len(examples) < 600 {
		t.Fatalf("%d examples", len(examples))
	}
	var reasons map[string]string
	read(t, "testdata/commonmark/differences.json", &reasons)
	differ := map[string]string{}
	for _, e := range examples {
		got := Render([]byte(e.Markdown), Options{Resolver: asWritten{}}).HTML
		if canonical(t, got) != canonical(t, e.HTML) {
			differ[fmt.Sprint(e.Example)] = e.Section + "\n" + e.Markdown + "\ngot\n" + got + "\nwant\n" + e.HTML
		}
	}
	var missing []string
	for n, what := range differ {
		if reasons[n] == "" {
			missing = append(missing, n+" "+what)
		}
	}
	sort.Strings(missing)
	for _, m := range missing {
		t.Errorf("differs, with no reason: example %s", m)
	}
	for n := range reasons {
		if differ[n] == "" {
			t.Errorf("example %s differs no more: take it out of differences.json", n)
		}
	}
}

// asWritten lets all links and images through.
type asWritten struct{}

func (asWritten) Link(address string) Target  { return Target{Href: address} }
func (asWritten) Image(address string) Target { return Target{Image: address} }

func read(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// canonical writes HTML so that how tags are written does not count. The names
// of headings, which CommonMark does not have, do not count either.
func canonical(t *testing.T, page string) string {
	t.Helper()
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type == html.SelfClosingTagToken {
			token.Type = html.StartTagToken
		}
		var kept []html.Attribute
		for _, a := range token.Attr {
			if a.Key == "data-image" {
				a.Key = "src"
			}
			if a.Key != "id" {
				kept = append(kept, a)
			}
		}
		sort.Slice(kept, func(i, j int) bool { return kept[i].Key < kept[j].Key })
		token.Attr = kept
		out.WriteString(token.String())
	}
	return strings.TrimSpace(out.String())
}
