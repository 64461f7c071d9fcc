package main

import (
	"bytes"
	"strings"
	"testing"

	"scriptsmanager/backend/shim/protocol"
)

// passed gives what stands in the log of text that comes in parts of a size.
func passed(text string, size int, secrets ...string) string {
	m := mask{}
	for _, s := range secrets {
		m.secrets = append(m.secrets, []byte(s))
	}
	var out bytes.Buffer
	for text != "" {
		n := min(size, len(text))
		out.Write(m.pass([]byte(text[:n])))
		text = text[n:]
	}
	out.Write(m.rest())
	return out.String()
}

func TestMask(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		secrets    []string
	}{
		"no secret":             {"all of it", "all of it", nil},
		"in the middle":         {"key=s3cret!\n", "key=********!\n", []string{"s3cret"}},
		"twice":                 {"s3cret s3cret", "******** ********", []string{"s3cret"}},
		"begins only":           {"s3cre", "s3cre", []string{"s3cret"}},
		"begins, then begins":   {"s3cs3cret", "s3c********", []string{"s3cret"}},
		"one begins another":    {"abcd abcdef", "******** ********", []string{"abcd", "abcdef"}},
		"one inside of another": {"xabcdex", "x********x", []string{"abcde", "bcd"}},
		"overlap":               {"abcdef.", "********.", []string{"abcd", "cdef"}},
		"itself again":          {"aaaaaaaa.", "********.", []string{"aaaa"}},
		"over lines":            {"a\nfirst\nsecond\nb", "a\n********\nb", []string{"first\nsecond"}},
	} {
		t.Run(name, func(t *testing.T) {
			for size := 1; size <= len(c.text)+1; size++ {
				if got := passed(c.text, size, c.secrets...); got != c.want {
					t.Errorf("in parts of %d: %q, want %q", size, got, c.want)
				}
			}
		})
	}
}

// However the text is cut into reads: what stands in the log is the same, and
// no secret is in it.
func FuzzMask(f *testing.F) {
	f.Add("key=s3cret!", "s3cret", "cret!", 3)
	f.Add("aaaaaaa", "aaaa", "aa", 1)
	f.Fuzz(func(t *testing.T, text, one, two string, size int) {
		if one == "" || two == "" || strings.ContainsAny(one+two, "*") || size < 1 || len(text)+len(one)+len(two) > 300 {
			t.Skip()
		}
		whole := passed(text, len(text)+1, one, two)
		if got := passed(text, size, one, two); got != whole {
			t.Fatalf("in parts %q, at once %q", got, whole)
		}
		left := strings.Split(whole, protocol.Masked)
		for _, part := range left {
			if strings.Contains(part, one) || strings.Contains(part, two) {
				t.Fatalf("%q is in %q", one+"|"+two, whole)
			}
		}
	})
}
