//go:build e2e && linux

package console_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// DOC-3, DOC-4: what is wrong in documentation is told with file and line, and
// by the exit code.
func TestDocsCheck(t *testing.T) {
	in := newInstallation(t, nil)
	in.object("script", "new", "mine/one", "--template", "job")
	if report := in.object("docs", "check"); report["ok"] != true || report["errors"] != 0.0 {
		t.Errorf("samples and a new script: %v", report)
	}
	docs := filepath.Join(in.groups(), "mine", "docs")
	english, err := os.ReadFile(filepath.Join(docs, "one.md"))
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(english), "## Method\n", "", 1) + "\n[a](gone.md) ![b](gone.png) [c](script:mine/none) $\\frac{a$\n\n```mermaid\n"
	if err := os.WriteFile(filepath.Join(docs, "one.md"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(docs, "one_it.md")); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"mine/one", "mine/one.py", "mine", "mine/"} {
		r := in.command("docs", "check", what, "--lang", "en").run()
		if r.code != exitFailed {
			t.Errorf("%s: %v", what, r)
		}
		line := 1 + strings.Count(broken[:strings.Index(broken, "[a]")], "\n")
		for _, says := range []string{"“gone.md” leads to no file", "“gone.png” is not there", "“mine/none”, which does not exist", "“Method” is missing", "has no counterpart", "“mermaid” begins here", "mine/docs/one_it.md: There is no documentation"} {
			if !strings.Contains(r.stdout, says) {
				t.Errorf("%s: %q is not in\n%s", what, says, r.stdout)
			}
		}
		if where := "mine/docs/one.md:" + strconv.Itoa(line); !strings.Contains(r.stdout, where) {
			t.Errorf("%s: %s is not in\n%s", what, where, r.stdout)
		}
	}
	if err := os.WriteFile(filepath.Join(docs, "one.md"), english, 0o600); err != nil {
		t.Fatal(err)
	}
	if report := in.object("docs", "check", "mine/one"); report["ok"] != true || report["warnings"] == 0.0 {
		t.Errorf("with advice alone: %v", report)
	}
	if r := in.command("docs", "check", "mine/one", "--strict").run(); r.code != exitFailed {
		t.Errorf("strict: %v", r)
	}
	for _, what := range []string{"none", "mine/none"} {
		if r := in.command("docs", "check", what).run(); r.code != 4 {
			t.Errorf("%s: %v", what, r)
		}
	}
}
