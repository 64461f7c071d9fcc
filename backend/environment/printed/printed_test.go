package printed_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/environment/printed"
)

func all(text string) (objects []string) {
	for o := range printed.Objects(text) {
		objects = append(objects, string(o))
	}
	return objects
}

func TestObjects(t *testing.T) {
	for text, want := range map[string][]string{
		`{"a": 1}`: {`{"a": 1}`},
		"WARNING: {odd} thing\nlibmamba {\"x\": 1}\n{\n  \"a\": {\n    \"b\": 2}\n}\nand {more}\n": {"{\n  \"a\": {\n    \"b\": 2}\n}"},
		"{\"fetch\":1}\x00{\"fetch\":2}\x00\n{\"success\": true}":                                  {`{"fetch":1}`, `{"fetch":2}`, `{"success": true}`},
		"\r{\"a\":1}\r\n": {`{"a":1}`},
		"{not\n{\"a\":1}": {`{"a":1}`},
		"{\"cut\": [1,":   nil,
		"":                nil,
		"[{\"a\": 1}]":    nil,
	} {
		if got := all(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for o := range printed.Objects("{}\n{\"b\": 1}") { // who has what he wants reads no more
		if string(o) != "{}" {
			t.Errorf("%s", o)
		}
		break
	}
}

// Rubbish that begins an object in each line takes no time.
func TestObjectsInRubbish(t *testing.T) {
	start := time.Now()
	if got := all(strings.Repeat("{\"a\":\n", 1<<20)); got != nil {
		t.Errorf("%d objects", len(got))
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %s", took)
	}
}

func FuzzObjects(f *testing.F) {
	f.Add("warning\n{\"a\": {\"b\": [1]}}\x00{}\n{")
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range all(text) {
			if !json.Valid([]byte(o)) || !strings.Contains(text, o) || o[0] != '{' {
				t.Errorf("%q", o)
			}
		}
	})
}

func TestBrief(t *testing.T) { // ENV-7
	for text, want := range map[string]string{
		"  two\n lines\t": "two lines",
		"\x1b[1;31merror\x1b[0m \x1b]0;title\x07no such\x1b[2K": "error no such",
		"a\x00\x01\xff\xfeb\x7f":                                "a\uFFFDb\uFFFD",
		"né à 中 …":                                              "né à 中 …",
		strings.Repeat("x", 301):                                strings.Repeat("x", 300) + "…",
	} {
		if got := printed.Brief(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
