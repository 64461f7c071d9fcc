package escape_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"scriptsmanager/backend/escape"
)

func TestStrip(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "",
		"plain é":                           "plain é",
		"\x1b[1;31mred\x1b[0m!":             "red!",
		"\x1b[?25l\x1b[2 qx":                "x",
		"\x1b]0;title\x07x":                 "x",
		"\x1b]8;;a\x1b\\link\x1b]8;;\x1b\\": "link",
		"\x1bPq#0\x1b\\x":                   "x",
		"\x1b]cut\x1b[31mx":                 "x",
		"\x1b]no end":                       "no end",
		"\x1b[31":                           "31",
		"\x1b[3\x01x":                       "3\x01x",
		"\x1b(Bx\x1b=y\x1b7z":               "xyz",
		"\x1bé":                             "é",
		"\x1b\x1b[1mx\x1b":                  "x",
		"\x1b(":                             "(",
	} {
		if got := escape.Strip(nil, []byte(text)); string(got) != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if len(text) > 0 && text[0] == 0x1b && escape.Length(text) != escape.Length([]byte(text)) {
			t.Errorf("%q: as a string it is %d long", text, escape.Length(text))
		}
	}
}

func FuzzStrip(f *testing.F) {
	for _, text := range []string{"", "a\x1b[31mb\x1b[0m", "\x1b", "\x1b]0;title\x07x", "\x1bP\x1b\\", "\x1b[\x1b[1", "\x1b(Bx", "\x1bé"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		got := escape.Strip([]byte("buffer")[:0], text)
		if !bytes.Equal(before, text) {
			t.Fatal("the text was changed")
		}
		if bytes.IndexByte(got, 0x1b) >= 0 {
			t.Fatalf("%q of %q", got, text)
		}
		if utf8.Valid(text) && !utf8.Valid(got) {
			t.Fatalf("%q of %q is no text any more", got, text)
		}
		rest := text // what is left stood there in this order
		for _, c := range got {
			at := bytes.IndexByte(rest, c)
			if at < 0 {
				t.Fatalf("%q of %q", got, text)
			}
			rest = rest[at+1:]
		}
	})
}

func BenchmarkStrip(b *testing.B) {
	line := bytes.Repeat([]byte("some \x1b[31mred\x1b[0m words of a line "), 4)
	buffer := make([]byte, 0, len(line))
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		escape.Strip(buffer, line)
	}
}
