package document

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
)

func newPlace(t *testing.T, files map[string]string) *Site {
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
	return &Site{
		Root: root, Group: "g", File: "docs/p.md",
		Script: func(id domain.ScriptID) (domain.Script, bool) {
			if id != "g/p" && id != "other/q" {
				return domain.Script{}, false
			}
			return domain.Script{ID: id, Parameters: []domain.Parameter{{Name: "flow"}, {Name: "key", Sensitive: true}}}, true
		},
		Document: func(file string) domain.ScriptID {
			if file == "docs/p.md" {
				return "g/p"
			}
			return ""
		},
	}
}

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"

func TestRender(t *testing.T) { // DOC-1
	place := newPlace(t, map[string]string{"docs/a.png": png, "docs/note.txt": "x", "docs/big.png": png + strings.Repeat("x", ImageMost)})
	word := func(kind string) string { return strings.ToUpper(kind) }
	for _, test := range []struct{ name, source, want string }{
		{"heading", "# Über *alles* 1.5", `<h1 id="doc-über-alles-15">Über <em>alles</em> 1.5</h1>`},
		{"same heading twice", "# a\n\n# a", `<h1 id="doc-a-1">`},
		{"link to a heading", "# Two words\n\n[x](#two-words)", `<a href="#doc-two-words">x</a>`},
		{"link to no heading", "[x](#three)", `<span class="link-dead" data-why="document_link_heading" data-link="#three">x</span>`},
		{"table", "|a|b|\n|-|-:|\n|1|2|", `<td align="right">2</td>`},
		{"task", "- [x] done", `<input checked="" type="checkbox" disabled=""/> done`},
		{"footnote", "a[^1]\n\n[^1]: b", `<a class="footnote-ref" href="#doc-fn:1">1</a>`},
		{"strikethrough", "~~a~~", `<del>a</del>`},
		{"admonition", "> [!WARNING]\n> *Hot*", `<div class="admonition admonition-warning"><p class="admonition-title">WARNING</p>` + "\n<p><em>Hot</em></p>"},
		{"no admonition", "> [!OTHER]\n> x", `<blockquote>`},
		{"code", "```python\nimport os\n```", `<code class="language-python"><span class="kn">import</span>`},
		{"code of no language", "```\n<b>\n```", `<pre><code>&lt;b&gt;`},
		{"formula", "a $x_1 * y_2 * z$ b", `<span class="formula">x_1 * y_2 * z</span>`},
		{"prices", "from $5 to $6 or \\$x\\$.", `from $5 to $6 or $x$.`},
		{"formula in code", "`$a$`", `<code>$a$</code>`},
		{"display", "$$\nE = mc^2\n$$", `<div class="formula formula-display" data-number="1">E = mc^2</div>`},
		{"display within words", "so $$a$$ is", `<span class="formula formula-display" data-number="1">a</span>`},
		{"display with own number", "$$a \\tag{x}$$", `<div class="formula formula-display">a \tag{x}</div>`},
		{"reference", "$$a\\label{e}$$\n\nsee $\\eqref{e}$", `<a class="formula-ref" href="#doc-eq-e">(1)</a>`},
		{"formula as code", "```math\na<b\n```", `<div class="formula formula-display" data-number="1">a&lt;b</div>`},
		{"display in a list", "- a\n\n  $$b$$\n", `<div class="formula formula-display" data-number="1">b</div>`},
		{"formula without end", "$$\na\n\nb", `<div class="formula formula-open formula-display">a</div>` + "\n<p>b</p>"},
		{"diagram", "```mermaid\ngraph TD; A-->B\n```", `<pre class="diagram">graph TD; A--&gt;B`},
		{"image", "![x](a.png)", `<img alt="x" data-image="docs/a.png">`},
		{"image in HTML", `<img src="a.png" width=40>`, `<img width="40" data-image="docs/a.png">`},
		{"image that is missing", "![x](b.png)", `<span class="image-missing" data-why="document_image_missing" data-link="b.png" data-alt="x">x</span>`},
		{"image elsewhere", "![x](https://example.com/a.png)", `data-why="document_image_outside"`},
		{"image outside", "![x](../../a.png)", `data-why="document_image_outside"`},
		{"image too large", "![x](big.png)", `data-why="document_image_large"`},
		{"no image", "![x](note.txt)", `data-why="document_image_type"`},
		{"script", "[x](script:other/q?flow=3%20m)", `<a href="#/scripts/other/q?p.flow=3%20m">x</a>`},
		{"script of the group", "[x](script:p)", `<a href="#/scripts/g/p">x</a>`},
		{"script in HTML", `<a href="script:p?flow=1">x</a>`, `<a href="#/scripts/g/p?p.flow=1">x</a>`},
		{"unseen script", "[x](script:secret/s)", `data-why="document_link_script"`},
		{"no parameter", "[x](script:p?depth=3)", `data-why="document_link_parameter"`},
		{"secret parameter", "[x](script:p?key=3)", `data-why="document_link_parameter"`},
		{"document of a script", "[x](p.md)", `<a href="#/scripts/g/p">x</a>`},
		{"file", "[x](note.txt)", `data-why="document_link_file"`},
		{"file that is missing", "[x](gone.txt)", `data-why="document_link_missing"`},
		{"path outside", "[x](../../../etc/passwd)", `data-why="document_link_outside"`},
		{"absolute path", "[x](/etc/passwd)", `data-why="document_link_outside"`},
		{"page of ours", "[x](#/users)", `data-why="document_link_heading"`},
		{"site", "[x](https://example.com)", `<a href="https://example.com" target="_blank" rel="noopener noreferrer nofollow">x</a>`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := Render([]byte(test.source), Options{Features: AllFeatures(), File: place.File, Resolver: place, Word: word})
			if !strings.Contains(strings.ReplaceAll(d.HTML, "/>", ">"), strings.ReplaceAll(test.want, "/>", ">")) {
				t.Errorf("gives\n%s\nwant\n%s\nproblems %+v", d.HTML, test.want, d.Problems)
			}
		})
	}
}

// What HTML in Markdown writes itself is not drawn: nobody has measured or
// counted it; nor are its words texts of ours.
func TestHTMLWritesNoFormulas(t *testing.T) { // DOC-5
	word := func(kind string) string { return strings.ToUpper(kind) }
	d := Render([]byte(`<span class="formula">x</span> $y$

<pre class="diagram">graph TD</pre>
<div class="formula formula-display" data-mark="AAAAAAAAAAAAAAAAAAAAAAAAAA">z</div>
<p class="admonition-title">ui.secret</p>

`+"```mermaid\nA\n```\n"), Options{Features: AllFeatures(), Word: word})
	if n := strings.Count(d.HTML, `class="formula`); n != 1 {
		t.Errorf("%d formulas", n)
	}
	if n := strings.Count(d.HTML, `class="diagram`); n != 1 {
		t.Errorf("%d diagrams", n)
	}
	if strings.Contains(d.HTML, "data-mark") || strings.Contains(d.HTML, "UI.SECRET") {
		t.Error("has a mark or a text")
	}
	if t.Failed() {
		t.Log(d.HTML)
	}
}

// Where nobody says where links lead, nothing is fetched and none leads anywhere.
func TestNoResolver(t *testing.T) { // DOC-5
	d := Render([]byte("![a](https://example.com/a.png) [b](script:p) [c](https://example.com) <img src='x'>\n\n# D\n\n[e](#d)"), Options{})
	if strings.Contains(d.HTML, "<img") || strings.Contains(d.HTML, "href=\"script") || strings.Contains(d.HTML, "href=\"http") || !strings.Contains(d.HTML, `href="#doc-d"`) {
		t.Error(d.HTML)
	}
}

func TestFeaturesAreSwitchedOff(t *testing.T) {
	d := Render([]byte("# A\n\n|a|\n|-|\n|1|\n\n```python\nimport os\n```\n\n$a$\n\n```mermaid\ngraph TD\n```\n"), Options{})
	for _, not := range []string{"<table", "<span", "formula", `class="diagram"`} {
		if strings.Contains(d.HTML, not) {
			t.Errorf("has %s:\n%s", not, d.HTML)
		}
	}
	if len(d.Contents) != 0 {
		t.Errorf("contents: %+v", d.Contents)
	}
}

func TestProblemsHaveLines(t *testing.T) {
	place := newPlace(t, nil)
	d := Render([]byte("# A\n\n[x](gone.md)\n\ntext\n![y](gone.png)\n\n> - [z](#gone)\n\n$$\nopen"), Options{Features: AllFeatures(), File: "docs/p.md", Resolver: place})
	var got []string
	for _, p := range d.Problems {
		got = append(got, fmt.Sprintf("%s:%d %s", p.File, p.Line, p.Code))
	}
	want := "docs/p.md:3 document_link_missing, docs/p.md:6 document_image_missing, docs/p.md:8 document_link_heading, docs/p.md:10 document_formula_open"
	if strings.Join(got, ", ") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, ", "), want)
	}
	if len(d.Contents) != 1 || d.Contents[0] != (Heading{1, "doc-a", "A", 1}) {
		t.Errorf("contents %+v", d.Contents)
	}
}

func TestBadInputIsBounded(t *testing.T) {
	code := func(d Document) string {
		if len(d.Problems) == 0 {
			return ""
		}
		return string(d.Problems[0].Code)
	}
	for _, test := range []struct {
		name, source, code string
	}{
		{"10 MB", strings.Repeat("A line of words.\n\n", 10<<20/18), "document_cut"},
		{"10 MB in one line", strings.Repeat("a", 10<<20), "document_cut"},
		{"10,000 lists in one line", strings.Repeat("- ", 10000) + "x", "document_line"},
		{"5,000 lists in one line", strings.Repeat("- ", 5000) + "x", "document_deep"},
		{"10,000 nested lists", nested(10000), "document_deep"},
		{"200 nested lists", nested(200), "document_deep"},
		{"quotations", strings.Repeat(">", 5000), "document_deep"},
		{"UTF-8 that is broken", "# A\n\nb\xff\xfec", "document_encoding"},
		{"NUL and controls", "a\x00b\x1b[31m", ""},
		{"wide table", "|" + strings.Repeat("a|", 2000) + "\n|" + strings.Repeat("-|", 2000) + "\n" + strings.Repeat("|a|\n", 5000), "document_block"},
		{"rows of a wide table below other lines", "x\ny\n" + strings.Repeat("a|", 7000) + "\n" + strings.Repeat("-|", 7000) + "\n" + strings.Repeat("a\n", 16_000), "document_block"},
		{"many wide tables", strings.Repeat(strings.Repeat("a|", 220)+"\n"+strings.Repeat("-|", 220)+"\n"+strings.Repeat("a\n", 200)+"\n", 800), "document_block"},
		{"what looks like a long table", "[a|b|c\n-|-\n" + strings.Repeat("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n", 2000), "document_block"},
		{"headings of one name", strings.Repeat("# a\n", 1<<15), "document_headings"},
		{"headings of no name", strings.Repeat("#\n", 1<<15), "document_headings"},
		{"blank lines in lists", strings.Repeat("1. ", 5000) + "x" + strings.Repeat("\n", 1<<19), "document_deep"},
		{"lists after what is no fence", strings.Repeat("    ```\n\n", 1) + strings.Repeat(strings.Repeat("- ", 5000)+"x\n", 90), "document_deep"},
		{"code far to the right", "``` a\n~~~\n" + strings.Repeat(" ", 400) + "- x\n```\n", ""},
		{"code within a quotation far to the right", "> ````\n> ```\n>" + strings.Repeat("\t", 90) + "- x\n", ""},
		{"blank lines within what is deep", strings.Repeat("1. ", depthMost-1) + "x" + strings.Repeat("\n", 1<<12), ""},
		{"footnotes", many(55_000, "[^%d]: x\n\n") + strings.Repeat("[^999]", 60_000), "document_footnotes"},
		{"references to footnotes", many(900, "[^%d]: x\n\n") + strings.Repeat(strings.Repeat("[^899] ", 1000)+"\n\n", 11), "document_footnotes"},
		{"footnotes in one another", strings.Repeat("[^a]: ", 2500) + "x" + strings.Repeat("\n", 1<<19), "document_deep"},
		{"large formula", "$$\n" + strings.Repeat("x^\n", FormulaMost) + "$$", "document_formula_large"},
		{"large diagram", "```mermaid\n" + strings.Repeat("A-->B\n", DiagramMost/5) + "```", "document_diagram_large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			begun := time.Now()
			d, err := NewRenderer(1).Render(t.Context(), []byte(test.source), Options{Features: AllFeatures(), File: "a.md"})
			if err != nil || code(d) != test.code {
				t.Errorf("gives %q, %v, want %q", code(d), err, test.code)
			}
			if took := time.Since(begun); took > 2*timeMost {
				t.Errorf("takes %v", took)
			}
			if len(d.HTML) > 2*htmlMost {
				t.Errorf("makes %d bytes", len(d.HTML))
			}
		})
	}
}

func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func nested(depth int) string {
	var b bytes.Buffer
	for i := range depth {
		if b.Len() > 11<<20 {
			break
		}
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}

func TestFind(t *testing.T) { // DOC-1
	place := newPlace(t, map[string]string{"docs/p.md": "# A", "docs/p_it.md": "# B", "docs/folder/x": "", "docs/large.md": strings.Repeat("a\n", readMost)})
	if err := os.Symlink("/etc/passwd", filepath.Join(place.Root.Name(), "docs", "link.md")); err != nil {
		t.Fatal(err)
	}
	files := domain.Text{domain.English: "docs/p.md", domain.Italian: "docs/p_it.md", domain.French: "docs/gone.md"}
	for _, test := range []struct {
		name  string
		files domain.Text
		order []domain.Language
		want  string
	}{
		{"own language", files, []domain.Language{domain.Italian, domain.English}, "it # B"},
		{"falls back", files, []domain.Language{domain.Spanish, domain.English}, "en # A"},
		{"file is gone", files, []domain.Language{domain.French, domain.English}, "en # A"},
		{"none", nil, []domain.Language{domain.English}, "not_found"},
		{"folder", domain.Text{domain.English: "docs/folder"}, []domain.Language{domain.English}, "file_unreadable"},
		{"link out of the group", domain.Text{domain.English: "docs/link.md"}, []domain.Language{domain.English}, "file_unreadable"},
		{"path out of the group", domain.Text{domain.English: "../../etc/passwd"}, []domain.Language{domain.English}, "file_unreadable"},
		{"too large", domain.Text{domain.English: "docs/large.md"}, []domain.Language{domain.English}, "document_large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Find(place.Root, test.files, "g/p", test.order...)
			got := string(s.Language) + " " + string(s.Text)
			if e := domain.AsError(err); e != nil {
				got = string(e.Code)
			}
			if got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func FuzzRender(f *testing.F) {
	for _, seed := range []string{"# a\n\n$$x$$ $y$ [a](script:p) ![b](c.png)", "> [!NOTE]\n> a\n\n```mermaid\nx\n```", "|a|\n|-|\n|`b`|\n\n[^1]\n\n[^1]: $$\n", "<a href='java\nscript:x'>", "- [ ] $\\eqref{a}$ $$\\label{a}$$"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		p := &Site{Group: "g", File: "docs/a.md", Script: func(id domain.ScriptID) (domain.Script, bool) { return domain.Script{ID: id}, id == "g/p" }}
		root, err := os.OpenRoot(".")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = root.Close() }()
		p.Root = root
		d := Render([]byte(source), Options{Features: AllFeatures(), File: p.File, Resolver: p})
		if bad := dangerous(d.HTML); bad != "" {
			t.Errorf("%q gives %s:\n%s", source, bad, d.HTML)
		}
		lines := 1 + strings.Count(source, "\n") + strings.Count(source, "\r")
		for _, problem := range d.Problems {
			if problem.Line < 0 || problem.Line > lines {
				t.Errorf("line %d of %d: %+v", problem.Line, lines, problem)
			}
		}
		for _, h := range d.Contents {
			if !strings.Contains(d.HTML, `id="`+h.ID+`"`) {
				t.Errorf("contents have %q, which is not there:\n%s", h.ID, d.HTML)
			}
		}
	})
}

// schemes are those that a link may have.
func goodAddress(address string) bool {
	if strings.HasPrefix(address, "#") {
		return true
	}
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "mailto")
}
