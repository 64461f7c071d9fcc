package execution

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

func TestSecretsOf(t *testing.T) {
	declared := []domain.Parameter{
		{Name: "key", Type: domain.TypeString, Sensitive: true},
		{Name: "word", Type: domain.TypePassword},
		{Name: "plain", Type: domain.TypeString},
		{Name: "pin", Type: domain.TypeInteger, Sensitive: true},
		{Name: "many", Type: domain.TypeString, Multiple: true, Sensitive: true},
		{Name: "tree", Type: domain.TypeJSON, Sensitive: true},
	}
	got := secretsOf(declared, map[string]any{
		"key": `a "quoted" é 😀`, "word": "abc", "plain": "seen by all", "pin": int64(918273),
		"many": []any{"first one", "2nd"}, "tree": map[string]any{"token": "inside", "n": []any{float64(1234.5)}},
	})
	for _, want := range []string{
		`a "quoted" é 😀`, `a \"quoted\" é 😀`, `a \"quoted\" \u00e9 \ud83d\ude00`, `a+%22quoted%22+%C3%A9+%F0%9F%98%80`,
		"918273", "first one", "inside", "1234.5",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not masked: %q", want, got)
		}
	}
	for _, not := range []string{"abc", "2nd", "seen by all", ""} {
		if slices.Contains(got, not) {
			t.Errorf("%q is masked", not)
		}
	}
}

// What Python really writes of a secret is masked.
func TestSecretsAsPythonWritesThem(t *testing.T) {
	declared := []domain.Parameter{{Name: "key", Type: domain.TypePassword}}
	const program = `
import sys, json, urllib.parse
s = sys.argv[1]
for form in (s, json.dumps(s), json.dumps(s, ensure_ascii=False), repr(s), ascii(s), urllib.parse.quote(s, safe=""), urllib.parse.quote_plus(s)):
    print(form, end="\x00")
`
	for _, secret := range []string{"pässwörd", `back\slash "and" more`, "it's \"both\"", "tab\tand 😀 \x1b[", "日本語のパス", "a&b=c d/e"} {
		texts := secretsOf(declared, map[string]any{"key": secret})
		out, err := exec.Command("/usr/bin/python3", "-X", "utf8", "-c", program, secret).Output()
		if err != nil {
			t.Fatal(err)
		}
		for form := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
			if !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(form, s) }) {
				t.Errorf("%q as %s: none of %q", secret, form, texts)
			}
		}
	}
}
