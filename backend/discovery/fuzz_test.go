package discovery

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// sound checks what must hold of whatever was read from any bytes.
func sound(t *testing.T, s domain.Script, problems []domain.Problem, lines int) {
	t.Helper()
	if s.RequiredLevel != "" && !s.RequiredLevel.Valid() {
		t.Errorf("level %q", s.RequiredLevel)
	}
	if s.FlaskPort < 0 || s.FlaskPort > 65535 || s.ExecutionTimeout < 0 {
		t.Errorf("port %d, timeout %d", s.FlaskPort, s.ExecutionTimeout)
	}
	names := map[string]bool{}
	for _, p := range s.Parameters {
		if !isParameterName(p.Name) || names[p.Name] {
			t.Errorf("parameter name %q", p.Name)
		}
		if p.Secret() && p.Default != nil {
			t.Errorf("parameter %q: default of a secret", p.Name)
		}
		names[p.Name] = true
	}
	for _, p := range problems {
		if p.Line < 1 || p.Line > lines || p.Code == "" {
			t.Errorf("problem %+v of %d lines", p, lines)
		}
	}
	b, err := json.Marshal([]any{s, problems})
	if err != nil || !utf8.Valid(b) {
		t.Errorf("not to be written as JSON: %v", err)
	}
}

func FuzzParseHeader(f *testing.F) {
	for _, s := range []string{
		"", "#!/usr/bin/python\n# -*- coding: latin-1 -*-\nr'''\r\nScriptsManager Metadata:\r\n@description: \xe4\r\n@tags: a,b\r\n'''",
		"\xEF\xBB\xBF\"\"\"\nScriptsManager Metadata:\n@parameters: [\n{\"name\": \"a\", \"type\": \"select\", \"options\": [\"]\"],\n\"depends_on\": {\"a\": 1}}]\n@flask_port: 5200\n\"\"\"",
		"# ScriptsManager Metadata:\n#  @ignore: true\n#@description: [x\n#  more\n", "'ScriptsManager Metadata:'", "'''\\'''\\\\'''", "u\"\"\"",
		"'''\nScriptsManager Metadata:\n@required_level: x\n@cpu_limit: 50%\n@memory_limit: 1 GiB\n@paths: /a, /b\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		h := ParseHeader(source)
		sound(t, h.Script(), h.Problems, countLines(source)+1)
		// Read in steps it must be the same as read at once.
		for _, step := range []int{1, 3, 7} {
			if len(source) > 2000 {
				break
			}
			from, got := 0, head{needMore: true}
			for end := min(step, len(source)); got.needMore; end = min(end+step, len(source)) {
				got = locate(source[:end], end == len(source), from)
				from = got.resume
			}
			want := locate(source, true, 0)
			got.resume, want.resume = 0, 0
			if got.hasString || want.hasString {
				if got.text != want.text || got.unended != want.unended || got.comments != want.comments {
					t.Errorf("in steps of %d %+v, at once %+v", step, got, want)
				}
			}
		}
	})
}

func FuzzMetadata(f *testing.F) {
	for _, s := range []string{
		`{"name": {"en": "A", "es": "B"}, "required_level": "operator", "execution_timeout": 300, "auto_discovery": "no", "icon": "bi-gear"}`,
		`{"a.py": {"display_name": {"en": "A"}, "parameters": [{"name": "n", "type": "integer", "default": 1, "min": 0, "max": 3}]}, "b": 5}`,
		"\xEF\xBB\xBF{\r\n\"name\": \"\\ud800\"\r\n}", `{"a": 1e999}`, `{"a": [1, 2,]}`, `{"x": "\u00zz"}`, `-0`, `01`, `nul`, `[[[[`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := bytes.Count(data, []byte{'\n'}) + bytes.Count(data, []byte{'\r'}) + 1
		group := readGroupDocument(data, nil)
		sound(t, domain.Script{RequiredLevel: group.level, ExecutionTimeout: group.timeout}, group.problems, lines)
		again := readGroupDocument([]byte("{"), group)
		if again.set != group.set {
			t.Error("a broken file loses what was read before")
		}
		scripts := readScriptDocument(data, nil)
		for _, s := range scripts.scripts {
			sound(t, Header{values: s.values}.Script(), s.problems, lines)
		}
		sound(t, domain.Script{}, scripts.problems, lines)
		// Our parser accepts what encoding/json does, and reads the same.
		n, err := parseDocument(data)
		var want any
		if theirs := json.Unmarshal(data, &want); (err == nil) != (theirs == nil) {
			if err == nil || err.expected[0] != 0xE2 && err.expected[:2] != "±"[:2] { // "≤ 64 × [ {": they allow 10,000
				t.Fatalf("ours %v, theirs %v", err, theirs)
			}
			return
		}
		if err == nil {
			ours, _ := json.Marshal(lastWins(&n))
			theirs, _ := json.Marshal(want)
			if !bytes.Equal(ours, theirs) {
				t.Errorf("ours %s, theirs %s", ours, theirs)
			}
		}
	})
}

// lastWins gives the value with encoding/json's choice among equal keys.
func lastWins(n *node) any {
	switch n.kind {
	case kindArray:
		list := make([]any, len(n.members))
		for i := range n.members {
			list[i] = lastWins(&n.members[i].value)
		}
		return list
	case kindObject:
		object := map[string]any{}
		for i := range n.members {
			object[n.members[i].key] = lastWins(&n.members[i].value)
		}
		return object
	default:
		return n.any()
	}
}
