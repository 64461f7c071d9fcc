package files_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/files"
)

func TestSniff(t *testing.T) { // PRJ-3
	for _, c := range []struct {
		name, head, kind, encoding, media string
	}{
		{"a.json", `{"a": 1}`, "json", "utf-8", ""},
		{"a.JSON", "\xef\xbb\xbf{}", "json", "utf-8-bom", ""},
		{"a.json", "\xff\xfe{\x00}\x00", "json", "utf-16le", ""},
		{"a.csv", "a;b\n", "table", "utf-8", ""},
		{"a.csv", "gr\xf6\xdfe;b\n", "table", "windows-1252", ""},
		{"a.csv", "\xff\xfea\x00;\x00", "text", "utf-16le", ""},
		{"a.txt", "", "text", "utf-8", ""},
		{"a.txt", "\x00\x01", "binary", "", ""},
		{"a.txt", "\x01\x02\x03\x04\x05\xff", "binary", "", ""},
		{"a.txt", "\x89PNG\r\n\x1a\n123", "image", "", "image/png"}, // what it is, not what it is called
		{"a.png", "no picture", "text", "utf-8", ""},
		{"a.svg", "<svg/>", "image", "utf-8", "image/svg+xml"},
		{"a", "GIF89a", "image", "", "image/gif"},
		{"a", "RIFF1234WEBP", "image", "", "image/webp"},
		{"a", "\xff\xd8\xff\xe0", "image", "", "image/jpeg"},
	} {
		got := files.Sniff(c.name, []byte(c.head), true)
		if got != (files.Content{Kind: c.kind, Encoding: c.encoding, Type: c.media}) {
			t.Errorf("%s %q is %+v", c.name, c.head, got)
		}
	}
	if got := files.Sniff("a", []byte("ab\xc3"), false); got.Encoding != "utf-8" { // a cut character
		t.Errorf("cut: %+v", got)
	}
}

func TestEncodings(t *testing.T) {
	for _, c := range []struct{ text, encoding string }{
		{"größe €", files.UTF8}, {"größe €", files.UTF8BOM}, {"größe 😀", files.UTF16LE}, {"größe 😀", files.UTF16BE}, {"größe €", files.Windows1252},
	} {
		data, err := files.Encode(c.text, c.encoding)
		check(t, err)
		if got := files.Decode(data, c.encoding); got != c.text || !files.Exact(data, c.encoding) {
			t.Errorf("%s: %q", c.encoding, got)
		}
	}
	_, err := files.Encode("日", files.Windows1252)
	want(t, err, domain.CodeFileEncoding)
	_, err = files.Encode("x", "ebcdic")
	want(t, err, domain.CodeFileEncoding)
	if files.Exact([]byte("\xff\xfea\x00b"), files.UTF16LE) {
		t.Error("half a character would be lost")
	}
}

func TestJSON(t *testing.T) { // PRJ-3: line-exact
	for text, place := range map[string]string{
		"{\n \"a\": 1,\n}":       "3:1 }",
		"{\n \"a\" 1}":           "2:6 1",
		"[1, 2":                  "1:6 ",
		"{} x":                   "1:4 x",
		"{\"ä\": ö}":             "1:7 ö",
		"":                       "1:1 ",
		"[1,\n\n01]":             "3:2 1",
		"{\"a\": \"b\nc\"}":      "1:9 \\n",
		"[nul]":                  "1:5 ]",
		strings.Repeat("[", 200): "1:201 ",
	} {
		e := domain.AsError(files.CheckJSON([]byte(text)))
		if e == nil || e.Code != domain.CodeFileJSON {
			t.Errorf("%q: %v", text, e)
			continue
		}
		if got := fmt.Sprintf("%v:%v %v", e.Params["line"], e.Params["column"], e.Params["found"]); got != place {
			t.Errorf("%q: %s, want %s", text, got, place)
		}
	}
	got, err := files.FormatJSON([]byte(`{"z":12345678901234567890123,"a":1.0e+2,"z":[],"s":"<é>"}`))
	check(t, err)
	if string(got) != "{\n  \"z\": 12345678901234567890123,\n  \"a\": 1.0e+2,\n  \"z\": [],\n  \"s\": \"<é>\"\n}\n" {
		t.Errorf("formatted %s", got)
	}
}

func TestTextPages(t *testing.T) {
	p := newPlace(t)
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "line %d äöü\n", i)
	}
	b.WriteString(strings.Repeat("é", 10_000)) // without a line end
	for _, encoding := range []string{files.UTF8, files.UTF16LE, files.UTF16BE, files.Windows1252} {
		data, err := files.Encode(b.String(), encoding)
		check(t, err)
		check(t, os.WriteFile(filepath.Join(p.dir, "t"), data, 0o600))
		file, err := p.folder.OpenFile("t")
		check(t, err)
		var all strings.Builder
		for at := int64(0); at < file.Info.Size(); {
			part, err := files.TextPage(file, encoding, at, 5001)
			check(t, err)
			if part.Next <= at {
				t.Fatalf("%s stays at %d", encoding, at)
			}
			all.WriteString(part.Text)
			at = part.Next
		}
		_ = file.Close()
		if all.String() != b.String() {
			t.Errorf("%s: pages are not the whole", encoding)
		}
	}
}

func TestGuessDialect(t *testing.T) {
	for text, want := range map[string]files.Dialect{
		"a,b,c\n1,2,3\n":                      {Delimiter: ",", Quote: `"`, Header: true},
		"name;value\nx;1,5\ny;2,5\n":          {Delimiter: ";", Quote: `"`, Header: true},
		"1\t2\n3\t4\n":                        {Delimiter: "\t", Quote: `"`},
		"a|b\n\"x|y\"|2\n":                    {Delimiter: "|", Quote: `"`, Header: true},
		"'a,1';'b,2'\n'c,3';5\n":              {Delimiter: ";", Quote: "'", Header: true},
		"one, two\n\"three\nfour\", 5\n":      {Delimiter: ",", Quote: `"`, Header: true},
		"":                                    {Delimiter: ",", Quote: `"`},
		"just text":                           {Delimiter: ",", Quote: `"`},
		"time;temp, in C\n1;20\n2;21\n3;22\n": {Delimiter: ";", Quote: `"`, Header: true},
		"it's,5\nthat's,6\n":                  {Delimiter: ",", Quote: `"`},
	} {
		if got := files.GuessDialect(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func (p place) table(t testing.TB, text string, d files.Dialect) [][]string {
	t.Helper()
	check(t, os.WriteFile(filepath.Join(p.dir, "t.csv"), []byte(text), 0o600))
	file, err := p.folder.OpenFile("t.csv")
	check(t, err)
	defer func() { _ = file.Close() }()
	index, err := files.IndexTable(t.Context(), file.File, d)
	check(t, err)
	rows, err := index.Read(file.File, files.UTF8, 0, int(index.Rows)+10)
	check(t, err)
	if int64(len(rows)) != index.Rows {
		t.Fatalf("%d rows said, %d read of %q", index.Rows, len(rows), text)
	}
	return rows
}

func TestTable(t *testing.T) { // PRJ-3
	p := newPlace(t)
	comma := files.Dialect{Delimiter: ",", Quote: `"`}
	for text, want := range map[string][][]string{
		"a,b\n1,2\n":                   {{"a", "b"}, {"1", "2"}},
		"a,b\r\n1,2":                   {{"a", "b"}, {"1", "2"}},
		"a\rb\r":                       {{"a"}, {"b"}},
		"a\r\rb":                       {{"a"}, {""}, {"b"}},
		"":                             {},
		"\n":                           {{""}},
		"\"a\nb\",\"c\"\"d\",\"\"\nx":  {{"a\nb", `c"d`, ""}, {"x"}},
		"ab\"\"cd,e\nf":                {{`ab""cd`, "e"}, {"f"}},
		"\"a\"x\"b\nc":                 {{`ax"b`}, {"c"}},
		"\"never ends\n1,2":            {{"never ends\n1,2"}},
		"\xef\xbb\xbf\"a,b\",c\n1,2\n": {{"a,b", "c"}, {"1", "2"}},
	} {
		if got := p.table(t, text, comma); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
	file, err := p.folder.OpenFile("t.csv")
	check(t, err)
	defer func() { _ = file.Close() }()
	for _, d := range []files.Dialect{{}, {Delimiter: "ab"}, {Delimiter: "x"}, {Delimiter: ",", Quote: "`"}} {
		_, err := files.IndexTable(t.Context(), file.File, d)
		want(t, err, domain.CodeFieldInvalid)
	}
}

// Rows anywhere in a large table are the same as Go's reader finds from its
// beginning.
func TestTableAnywhere(t *testing.T) {
	p := newPlace(t)
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var want [][]string
	for i := range 30_000 {
		row := []string{fmt.Sprint(i), strings.Repeat("x", r.IntN(50)), `q"q`, "two\nlines", "a,b"}
		want = append(want, row)
		check(t, w.Write(row))
	}
	w.Flush()
	check(t, os.WriteFile(filepath.Join(p.dir, "t.csv"), b.Bytes(), 0o600))
	file, err := p.folder.OpenFile("t.csv")
	check(t, err)
	defer func() { _ = file.Close() }()
	index, err := files.IndexTable(t.Context(), file.File, files.Dialect{Delimiter: ",", Quote: `"`})
	check(t, err)
	if index.Rows != 30_000 {
		t.Fatalf("%d rows", index.Rows)
	}
	for _, from := range []int64{0, 1, 255, 256, 257, 12_345, 29_999, 30_000, -1} {
		rows, err := index.Read(file.File, files.UTF8, from, 3)
		check(t, err)
		for i, row := range rows {
			if !reflect.DeepEqual(row, want[from+int64(i)]) {
				t.Errorf("row %d: %q", from+int64(i), row)
			}
		}
		if n := len(rows); n == 0 && from >= 0 && from < 30_000 {
			t.Errorf("no rows from %d on", from)
		}
	}
}

func FuzzTable(f *testing.F) {
	for _, s := range []string{"a,b\n1,2", "\"a\"\"b\"\r\n", "a\r\r\n\"", "'x';y|\"", "\xef\xbb\xbf\"a\""} {
		f.Add(s)
	}
	p := newPlace(f)
	f.Fuzz(func(t *testing.T, text string) {
		d := files.GuessDialect(text)
		for _, d := range []files.Dialect{d, {Delimiter: ","}, {Delimiter: ";", Quote: "'"}} {
			for _, row := range p.table(t, text, d) {
				for _, cell := range row {
					if !utf8.ValidString(cell) {
						t.Errorf("cell %q is no text", cell)
					}
				}
			}
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"a", "..", "con.txt", "a\nb", "\xff", "\uf780", "a/b", "é"} {
		f.Add(s)
	}
	p := newPlace(f)
	f.Fuzz(func(t *testing.T, name string) {
		shown := files.Shown(name)
		if !utf8.ValidString(shown) {
			t.Errorf("%q is shown as %q", name, shown)
		}
		if good, err := files.CheckName(name); err == nil {
			if again, err := files.CheckName(good); err != nil || again != good || files.Shown(good) != good || filepath.Base(good) != good {
				t.Errorf("%q gives %q, which gives %q, %v", name, good, again, err)
			}
		}
		if name != "" && !strings.ContainsAny(name, "/\x00") && name != "." && name != ".." && len(name) < 256 {
			// What a script wrote under any name is found under the name that is shown.
			if err := os.WriteFile(filepath.Join(p.dir, name), []byte(name), 0o600); err == nil {
				part, err := p.folder.Read(shown, 0, 1000, "")
				if err != nil || string(part.Data) != name {
					t.Errorf("%q, shown %q: %v", name, shown, err)
				}
				_, err = p.folder.Delete(t.Context(), p.staging, []string{shown}, 1)
				check(t, err)
			}
		}
		_, _ = p.folder.Look(name) // never out of the folder
		if _, err := p.folder.MakeFolder(name); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(p.dir), "escaped")); err == nil {
				t.Error("a folder was made outside")
			}
			_, _ = p.folder.Delete(t.Context(), p.staging, []string{name}, 0)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{"{}", "[1,]", "{\"a\":\n}", "\xff", "1 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e := domain.AsError(files.CheckJSON([]byte(text))); e != nil {
			line, ok := e.Params["line"].(int)
			if !ok || line < 1 || line > 1+strings.Count(text, "\n") {
				t.Errorf("line %v of %q", e.Params["line"], text)
			}
			return
		}
		formatted, err := files.FormatJSON([]byte(text))
		check(t, err)
		again, err := files.FormatJSON(formatted)
		check(t, err)
		if !bytes.Equal(formatted, again) {
			t.Errorf("formatted twice: %q, %q", formatted, again)
		}
	})
}

// BenchmarkIndexTable is held against a second for 100 MB: "opens at once".
func BenchmarkIndexTable(b *testing.B) {
	p := newPlace(b)
	line := strings.Repeat("12345.678;", 9) + "\"text\"\n"
	data := bytes.Repeat([]byte(line), 100<<20/len(line))
	check(b, os.WriteFile(filepath.Join(p.dir, "t.csv"), data, 0o600))
	file, err := p.folder.OpenFile("t.csv")
	check(b, err)
	defer func() { _ = file.Close() }()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		_, err := files.IndexTable(b.Context(), file.File, files.Dialect{Delimiter: ";", Quote: `"`})
		check(b, err)
	}
}

// An answer of long rows has fewer of them, and at least one.
func TestTableOfLongRows(t *testing.T) {
	p := newPlace(t)
	row := strings.Repeat(strings.Repeat("x", 5000)+";", 99) + "end\n"
	check(t, os.WriteFile(filepath.Join(p.dir, "t.csv"), []byte(strings.Repeat(row, 30)), 0o600))
	file, err := os.Open(filepath.Join(p.dir, "t.csv"))
	check(t, err)
	defer func() { _ = file.Close() }()
	table, err := files.IndexTable(t.Context(), file, files.Dialect{Delimiter: ";"})
	check(t, err)
	for from := int64(0); from < table.Rows; {
		rows, err := table.Read(file, files.UTF8, from, 500)
		check(t, err)
		size := 0
		for _, row := range rows {
			if len(row) != 100 || row[99] != "end" {
				t.Fatalf("row %v", row)
			}
			for _, cell := range row {
				size += len(cell)
			}
		}
		if len(rows) == 0 || size > 4<<20 {
			t.Fatalf("from %d there are %d rows of %d bytes", from, len(rows), size)
		}
		from += int64(len(rows))
	}
}

// What cannot be read is not taken for the end.
func TestTextPageThatCannotBeRead(t *testing.T) {
	p := newPlace(t)
	check(t, os.WriteFile(filepath.Join(p.dir, "a.txt"), []byte("one\ntwo\n"), 0o600))
	file, err := p.folder.OpenFile("a.txt")
	check(t, err)
	check(t, os.Truncate(filepath.Join(p.dir, "a.txt"), 4))
	if part, err := files.TextPage(file, files.UTF8, 0, 100); err != nil || part.Text != "one\n" {
		t.Errorf("a file that became shorter: %+v, %v", part, err)
	}
	check(t, file.Close())
	if part, err := files.TextPage(file, files.UTF8, 0, 100); err == nil {
		t.Errorf("read of a closed file: %+v", part)
	}
}
