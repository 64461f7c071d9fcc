//go:build e2e && linux

package console_test

import (
	"encoding/json"
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
}
