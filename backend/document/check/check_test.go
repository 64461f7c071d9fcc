package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/document/check"
	"scriptsmanager/backend/domain"
)

const whole = "# Title\n\n## Purpose\ntext\n\n## Inputs\ntext\n\n## Method\ntext\n\n## Worked example\ntext\n\n## Limits\ntext\n"

// group makes a group's folder with the files and opens it.
func group(t *testing.T, files map[string]string) *os.Root {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

var wall = domain.Script{ID: "g/wall", GroupID: "g", Filename: "wall.py", Parameters: []domain.Parameter{{Name: "area"}}}

var around = check.Around{Script: func(id string) (domain.Script, bool) { return wall, id == wall.ID }}

func said(list []domain.Problem) []string {
	out := []string{}
	for _, p := range list {
		out = append(out, fmt.Sprintf("%s %d", strings.TrimPrefix(string(p.Code), "document_"), p.Line))
	}
	return out
}

func TestText(t *testing.T) { // DOC-3
	const png = "\x89PNG\r\n\x1a\n0000"
	root := group(t, map[string]string{"docs/a.png": png, "docs/no.png": "text", "docs/other.md": "x", "docs/sub/x.txt": "x"})
	if err := os.Symlink("/etc/hostname", filepath.Join(root.Name(), "docs", "out.txt")); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"good", "", nil},
		{"links that lead somewhere", "[a](other.md) [b](sub/x.txt) [c](#worked-example) [d](https://x.y) [e](mailto:a@b) [f](script:g/wall?area=3) ![g](a.png)", nil},
		{"a file that is not there", "x\n\n[a](gone.md)", []string{"link_dead 20"}},
		{"a file by a reference", "[a][b]\n\n[b]: gone.md", []string{"link_dead 18"}},
		{"a folder", "[a](sub)", []string{"link_dead 18"}},
		{"no such heading", "[a](#nothing)", []string{"anchor 18"}},
		{"out of the group", "[a](../../x.md) [b](/etc/passwd) [c](out.txt) [d](file:///x) [e](javascript:alert(1))", []string{"outside 18", "outside 18", "outside 18", "outside 18", "outside 18"}},
		{"no such script", "[a](script:g/none)", []string{"script 18"}},
		{"no such parameter", "[a](script:g/wall?height=1)", []string{"parameter 18"}},
		{"no such image", "![a](gone.png)", []string{"image_missing 18"}},
		{"an image from elsewhere", "![a](https://x.y/a.png) ![b](data:image/png;base64,xx)", []string{"image_remote 18", "image_remote 18"}},
		{"no image", "![a](no.png)", []string{"image_kind 18"}},
		{"as HTML", "<img src=\"gone.png\">\n\ntext <a href='gone.md'>x</a>", []string{"image_missing 18", "link_dead 20"}},
		{"links in code", "`[a](gone.md)`\n\n```\n[a](gone.md) $x\n```", nil},
		{"brackets in formulas", "$[a](b)$ and $$\\frac{a}{b} [x](y)$$", nil},
		{"a formula without end", "text $\\alpha + 1\n\nmore $x$", []string{"formula_end 18"}},
		{"a display without end", "$$\n\\alpha\n\n## More\n$x$", []string{"formula_end 18"}},
		{"prices", "It costs $5 and $ 6, or 7$.", nil},
		{"escaped", "\\$\\alpha", nil},
		{"a brace", "a\n\n$$\nx\n\\frac{a{b}\n$$", []string{"brace 22"}},
		{"braces in text", "$\\text{\\{ok\\}} \\left( a \\right) \\begin{matrix}a\\end{matrix}$", nil},
		{"left alone", "$\\left( a$", []string{"brace 18"}},
		{"an environment", "$$\\begin{cases}a$$", []string{"brace 18"}},
		{"another end", "$$\\begin{cases}a\\end{matrix}$$", []string{"brace 18"}},
		{"a fence", "text\n\n```mermaid\ngraph TD\n", []string{"fence 20"}},
		{"an empty fence", "text\n\n~~~", []string{"fence 20"}},
		{"a fence that is closed", "````\n```\n````\n\n> ```\n> x\n> ```", nil},
		{"a fence in a list", "- a\n\n  ```\n  x\n  ```\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := said(check.Text(root, wall, domain.English, whole+"\n"+c.text, around))
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestStructure(t *testing.T) { // DOC-3
	root := group(t, nil)
	for _, c := range []struct {
		name, text string
		language   domain.Language
		want       []string
	}{
		{"nothing", "", domain.English, []string{"title 1", "heading 1", "heading 1", "heading 1", "heading 1", "heading 1"}},
		{"one is missing", strings.Replace(whole, "## Method\n", "", 1), domain.English, []string{"heading 6"}},
		{"nothing under it", strings.Replace(whole, "## Limits\ntext\n", "## Limits\n", 1), domain.English, []string{"empty 15"}},
		{"in its own words", "# T\n## 1. OBJECTIF :\nx\n## Donn\u00e9es d’entr\u00e9e\nx\n## Methode\nx\n## Exemple\nx\n## Limites\nx", domain.French, nil},
		{"of another language", whole, domain.Italian, []string{"heading 1", "heading 1", "heading 1", "heading 1", "heading 1"}},
		{"underlined", "Title\n=====\n\nPurpose\n-------\nx\n\n## Inputs\nx\n## Method\nx\n## Example\nx\n## Limits\nx", domain.English, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := said(check.Text(root, wall, c.language, c.text, around)); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	for _, l := range domain.Languages() {
		if got := said(check.Text(root, wall, l, check.New("A title", l), around)); len(got) > 0 {
			t.Errorf("the template in %s: %q", l, got)
		}
	}
}

func TestScript(t *testing.T) { // DOC-3, DOC-4
	spanish := check.New("Pared", domain.Spanish)
	root := group(t, map[string]string{"docs/wall.md": whole, "docs/wall_es.md": spanish, "docs/pared.md": spanish})
	s := wall
	s.DescriptionLong = domain.Text{domain.Italian: "docs/folder.md"}
	if err := os.Mkdir(filepath.Join(root.Name(), "docs", "folder.md"), 0o700); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, at := range map[string]time.Time{"wall.md": now, "wall_es.md": now.Add(-time.Hour)} {
		if err := os.Chtimes(filepath.Join(root.Name(), "docs", name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	c := check.NewChecker()
	r := c.Script(root, s, around)
	if got, want := fmt.Sprint(r.Languages), "map[en:there es:old fr:missing it:missing]"; got != want {
		t.Errorf("languages are %s, want %s", got, want)
	}
	if got, want := said(r.Problems), []string{"folder 0", "old 0", "missing 0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// What changed is read again.
	if err := os.WriteFile(filepath.Join(root.Name(), "docs", "wall.md"), []byte(whole+"\xff\xfe [a](gone)"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := said(c.Script(root, s, around).Problems); !slices.Contains(got, "encoding 17") || !slices.Contains(got, "link_dead 17") {
		t.Errorf("after a change: %q", got)
	}
}

func TestBadFiles(t *testing.T) { // DOC-3
	root := group(t, map[string]string{"docs/x": "x"})
	docs := filepath.Join(root.Name(), "docs")
	for name, make := range map[string]func(path string) error{
		"folder":   func(path string) error { return os.Mkdir(path, 0o700) },
		"escapes":  func(path string) error { return os.Symlink("/etc/passwd", path) },
		"dangling": func(path string) error { return os.Symlink("none", path) },
		"long":     func(path string) error { return os.WriteFile(path, make10MB(), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(docs, "wall.md")
			if err := make(path); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = os.RemoveAll(path) }()
			r := check.NewChecker().Script(root, wall, around)
			if len(r.Problems) == 0 || r.Problems[0].Warning && name != "dangling" || r.Problems[0].File != "docs/wall.md" {
				t.Errorf("got %v", r.Problems)
			}
		})
	}
}

func make10MB() []byte { return []byte(strings.Repeat("word ", 2<<20)) }

// What is nested without end must end all the same.
func TestNestedWithoutEnd(t *testing.T) { // DOC-5
	for name, text := range map[string]string{
		"quotes": strings.Repeat(">", 10_000) + " x",
		"lists":  strings.Repeat("- ", 10_000) + "x",
		"indented": func() string {
			var b strings.Builder
			for i := range 1000 {
				b.WriteString(strings.Repeat("  ", i) + "- x\n")
			}
			return b.String()
		}(),
		"brackets": strings.Repeat("[", 400_000),
		"dollars":  strings.Repeat("$", 100_001),
		"braces":   "$" + strings.Repeat("{", 100_000) + "$",
		"stars":    strings.Repeat("*a ", 30_000),
		// Each of these took minutes or tens of GB.
		"a wide table":          strings.Repeat("a|", 1000) + "\n" + strings.Repeat("-|", 1000) + "\n" + strings.Repeat("a\n", 350_000),
		"a wide table below":    "x\ny\n" + strings.Repeat("a|", 7000) + "\n" + strings.Repeat("-|", 7000) + "\n" + strings.Repeat("a\n", 16_000),
		"numbered lists":        strings.Repeat("1. ", 1<<17) + "x" + strings.Repeat("\n", 1<<19),
		"blank lines in lists":  strings.Repeat("1. ", 39) + "x" + strings.Repeat("\n", 1<<14),
		"headings of no name":   strings.Repeat("#\n", 1<<16),
		"headings of one name":  strings.Repeat("# a\n", 1<<16),
		"lonely dollars":        strings.Repeat("$a ", 350_000),
		"lonely dollars, short": strings.Repeat(strings.Repeat("$a ", 5000)+"\n\n", 10),
		"formulas without end":  strings.Repeat(strings.Repeat("$\\a ", 3000)+"\n\n", 10),
		"footnotes":             strings.Repeat("[^aaaa]: x\n\n", 40_000) + strings.Repeat("[^zzzz]", 60_000),
		"one long target":       "[a]: <" + strings.Repeat("b", 16_000) + ">\n\n" + strings.Repeat("[a]\n\n", 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			list := check.Text(group(t, nil), wall, domain.English, text, around)
			if len(list) == 0 || len(list) > 200 {
				t.Errorf("%d problems", len(list))
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	root := f.TempDir()
	dir, err := os.OpenRoot(root)
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = dir.Close() }()
	for _, seed := range []string{whole, "$$", "```", "[a](b \"c\")", "<img src='x", "> ```\n$a", "\\", "$\\begin{"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		check.Text(dir, wall, domain.English, text, around)
	})
}
