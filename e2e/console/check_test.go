//go:build e2e && linux

package console_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// SDK-5: a script is run, and what of the contract it breaks is told.
func TestCheck(t *testing.T) {
	in := newInstallation(t, map[string]any{"confinement": "off", "limits": map[string]any{"grace_seconds": 1, "start_seconds": 30}})
	html := func(script string) string {
		return strings.Replace(script, `self.send_header("Content-Length"`, `self.send_header("Content-Type", "text/html"); self.send_header("Content-Length"`, 1)
	}
	const clean = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
	for _, c := range []struct {
		name, text string
		code       int
		findings   []string
	}{
		{"good", html(page("", clean)), exitOK, nil},
		{"job", task("", "print('done')"), exitOK, nil},
		{"helper", docstring("") + "from scriptsmanager import Number, Script\nscript = Script('Twice')\n@script.form(Number('x', 'x'))\ndef twice(x):\n    return {'twice': 2 * x}\nscript.run()\n", exitOK, nil},
		{"careless", page("", ""), exitOK, []string{"contract_kind", "contract_signal"}},
		{"stubborn", html(page("", stubborn)), exitFailed, []string{"contract_killed"}},
		{"rude", html(page("", "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n")), exitFailed, []string{"contract_exit"}},
		{"absent", html(strings.Replace(page("", clean), "send_response(200)", "send_response(404)", 1)), exitFailed, []string{"contract_status"}},
		{"mute", strings.Replace(page("", clean), "self.send_response(200)", "self.wfile.write(b'hello'); return", 1), exitFailed, []string{"contract_silent"}},
		{"open", html(page("", clean+"other = socket.create_server(('0.0.0.0', 0))\n")), exitFailed, []string{"contract_listens"}},
		{"untidy", html(page("", clean+"open('notes.txt', 'w').write('x')\n")), exitFailed, []string{"contract_wrote"}},
		{"broken", page("", "raise SystemExit(4)"), exitFailed, []string{"script_exited_early"}},
		{"failing", task("", "sys.exit(4)"), exitFailed, []string{"script_failed"}},
		{"raising", task("", "def read():\n    return json_of_nothing\n\nread()"), exitFailed, []string{"contract_raised"}},
		{"early", page("", "never_given\n"), exitFailed, []string{"contract_raised"}},
		{"header", html(page("@required_level: king", clean)), exitFailed, []string{"metadata_value"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in.script(c.name, c.text)
			r := in.command("check", "tools/"+c.name, "--json").run()
			var report struct {
				OK       bool
				Findings []struct {
					Code, Text string
					Warning    bool
				}
			}
			if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
				t.Fatalf("%v: %v", err, r)
			}
			var codes []string
			for _, f := range report.Findings {
				codes = append(codes, f.Code)
				if f.Text == "" || strings.Contains(f.Text, "{{") || f.Text == f.Code {
					t.Errorf("%s has no text: %q", f.Code, f.Text)
				}
			}
			if r.code != c.code || report.OK != (c.code == exitOK) || !slices.Equal(codes, c.findings) {
				t.Errorf("%v, want %v and code %d: %v", codes, c.findings, c.code, r)
			}
		})
	}
	words := in.command("check", "tools/stubborn").run()
	if !strings.HasPrefix(words.stdout, "breaks  It did not end within 1 s") {
		t.Errorf("in words: %v", words)
	}
	if words := in.ok(in.command("check", "tools/good")); words != "tools/good keeps the contract.\n" {
		t.Errorf("in words: %q", words)
	}
	at := 1 + strings.Count(strings.SplitAfter(content(t, in, "raising"), "read():")[0], "\n")
	for language, says := range map[string]string{"en": "breaks  It ended with ", "es": "incumple  Terminó con ", "it": "viola  È terminato con ", "fr": "enfreint  Il s’est terminé par "} {
		r := in.command("check", "tools/raising", "--lang", language).run()
		if !strings.HasPrefix(r.stdout, says+"NameError: name 'json_of_nothing' is not defined (raising.py, ") || !strings.Contains(r.stdout, fmt.Sprintf(" %d)", at+1)) {
			t.Errorf("%s: %v", language, r)
		}
	}
	if r := in.command("check", "tools/good", "--lang", "fr").run(); r.stdout != "tools/good respecte le contrat.\n" {
		t.Errorf("in French: %v", r)
	}
}

// content is what stands in a script of the tests.
func content(t *testing.T, in *installation, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(in.groups(), "tools", name+".py"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// DIS-10: a new script works as it is made, keeps the contract, and overwrites
// nothing.
func TestScriptNew(t *testing.T) {
	in := newInstallation(t, nil)
	for _, template := range []string{"form", "dashboard", "job"} {
		made := in.object("script", "new", "mine/"+template+"_one", "--template", template, "--title", "Größe, 2nd try")
		if made["script_id"] != "mine/"+template+"_one" {
			t.Errorf("made %v", made)
		}
		report := in.object("check", "mine/"+template+"_one")
		if findings, ok := report["findings"].([]any); !ok || len(findings) != 0 {
			t.Errorf("%s: %v", template, report)
		}
		shown := in.object("script", "show", "mine/"+template+"_one")
		if name := fmt.Sprint(shown["name"]); !strings.Contains(name, "Größe, 2nd try") {
			t.Errorf("its name is %s", name)
		}
		for _, suffix := range []string{"", "_es", "_it", "_fr"} {
			doc := filepath.Join(in.groups(), "mine", "docs", template+"_one"+suffix+".md")
			if b, err := os.ReadFile(doc); err != nil || !strings.HasPrefix(string(b), "# Größe, 2nd try\n") {
				t.Errorf("%s: %v %.40s", doc, err, b)
			}
		}
	}
	path := filepath.Join(in.groups(), "mine", "form_one.py")
	if err := os.WriteFile(path, []byte("# my own work\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"mine/form_one"}, exitFailed, "is there already, and nothing was changed"},
		{[]string{"mine"}, exitUsage, "GROUP/SCRIPT"},
		{[]string{"../x"}, exitUsage, "small letters"},
		{[]string{"mine/Größe"}, exitUsage, "small letters"},
		{[]string{"mine/docs"}, exitUsage, "small letters"},
		{[]string{"mine/con"}, exitUsage, "small letters"},
		{[]string{"mine/x", "--template", "page"}, exitUsage, "form, dashboard, job"},
		{[]string{"mine/x", "--title", `a"b`}, exitUsage, "quotation marks"},
	} {
		r := in.command(append([]string{"script", "new"}, c.args...)...).run()
		if r.code != c.code || !strings.Contains(r.stderr, c.says) {
			t.Errorf("%v: %v, want %d and %q", c.args, r, c.code, c.says)
		}
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "# my own work\n" {
		t.Errorf("it was overwritten: %s %v", b, err)
	}
	// What could not be made whole leaves nothing.
	taken := filepath.Join(in.groups(), "mine", "docs", "later_fr.md")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := in.command("script", "new", "mine/later").run(); r.code != exitFailed {
		t.Errorf("over a document: %v", r)
	}
	if left, _ := filepath.Glob(filepath.Join(in.groups(), "mine", "*later*")); len(left) != 0 {
		t.Errorf("half a script is left: %v", left)
	}
}
