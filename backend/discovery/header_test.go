package discovery_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/discovery"
	"scriptsmanager/backend/domain"
)

// brief writes problems as "line code[!]", ! for errors.
func brief(problems []domain.Problem) string {
	parts := []string{}
	for _, p := range problems {
		s := fmt.Sprintf("%d %s", p.Line, p.Code)
		if !p.Warning {
			s += "!"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

const customerHeader = `"""
ScriptsManager Metadata:
@description: Creates a complete system backup with compression options
@description_long: docs/backup_system.md
@description_es: Crea una copia de seguridad completa del sistema con opciones de compresión
@description_long_es: docs/backup_system_es.md
@description_it: Crea un backup completo del sistema con opzioni di compressione
@description_fr: Crée une sauvegarde complète du système avec options de compression
@required_level: admin
@category: backup
@tags: system,maintenance,storage
@parameters: [
{
"name": "destination",
"type": "path",
"required": true,
"description": "Backup destination directory"
},
{
"name": "compression",
"type": "select",
"options": ["none", "gzip", "bzip2"],
"default": "gzip"
}
]
@execution_timeout: 3600
@flask_port: 5200
"""
# Your script code here...
`

func TestParseHeaderOfTheSpecification(t *testing.T) { // DIS-3
	h := discovery.ParseHeader([]byte(customerHeader))
	if !h.Found || len(h.Problems) != 0 {
		t.Fatalf("found %v, problems %s", h.Found, brief(h.Problems))
	}
	got, _ := json.Marshal(h.Script())
	s := h.Script()
	if s.RequiredLevel != domain.LevelAdmin || s.Category != "backup" || s.ExecutionTimeout != 3600 || s.FlaskPort != 5200 ||
		!slices.Equal(s.Tags, []string{"system", "maintenance", "storage"}) ||
		s.Description[domain.French] != "Crée une sauvegarde complète du système avec options de compression" ||
		s.DescriptionLong[domain.Spanish] != "docs/backup_system_es.md" || len(s.Parameters) != 2 ||
		!s.Parameters[0].Required || s.Parameters[1].Default != "gzip" || len(s.Parameters[1].Options) != 3 {
		t.Errorf("read %s", got)
	}
}

func TestParseHeaderTakesRealFiles(t *testing.T) { // DIS-3
	const lines = "ScriptsManager Metadata:\n@description: Wände\n@category: heat\n"
	doc := `"""` + "\n" + lines + `"""` + "\nimport os\n"
	latin := strings.ReplaceAll(doc, "ä", "\xe4")
	comments := "# " + strings.ReplaceAll(strings.TrimSuffix(lines, "\n"), "\n", "\n# ") + "\n"
	for name, source := range map[string]string{
		"plain":                       doc,
		"CRLF":                        strings.ReplaceAll(doc, "\n", "\r\n"),
		"CR":                          strings.ReplaceAll(doc, "\n", "\r"),
		"byte order mark":             "\xEF\xBB\xBF" + doc,
		"single quotes":               strings.ReplaceAll(doc, `"""`, "'''"),
		"raw":                         "r" + doc,
		"upper raw":                   "R" + doc,
		"unicode":                     "u" + doc,
		"shebang and comments":        "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n\n# (c) somebody\n" + doc,
		"latin-1":                     "# -*- coding: latin-1 -*-\n" + latin,
		"cp1252 after shebang":        "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n" + latin,
		"iso-8859-15":                 "# coding: iso-8859-15\n" + latin,
		"tabs":                        "\"\"\"\n\tScriptsManager Metadata:\n\t@description:\tWände\n\t@category\t:\theat \t\n\"\"\"",
		"on the first line":           `"""ScriptsManager Metadata:` + "\n@description: Wände\n@category: heat\"\"\"",
		"prose around":                `"""Heat.` + "\n\nUsage: run it: now\n\n" + lines + "\nSee also: the book.\n@ nobody\n" + `"""`,
		"comments":                    "#!/usr/bin/env python3\n" + comments + "import os\n",
		"comments, double signs":      strings.ReplaceAll(comments, "# ", "##\t"),
		"comments CRLF":               strings.ReplaceAll(comments, "\n", "\r\n"),
		"comments before a docstring": comments + `"""Something else."""`,
		"heading in capitals":         strings.ReplaceAll(doc, "ScriptsManager Metadata", "SCRIPTSMANAGER METADATA"),
		"form feed and blank lines":   "\n\f\n  \n" + doc,
		"escaped quotes in the text":  `"""\"""` + "\n" + lines + `"""`,
		"value over two lines":        `"""` + "\n" + strings.ReplaceAll(lines, "Wände\n", "\n    Wände\n") + `"""`,
		"prefix text a megabyte long": `"""` + strings.Repeat("All about heat, \"quoted\".\n", 40_000) + lines + `"""`,
	} {
		t.Run(name, func(t *testing.T) {
			h := discovery.ParseHeader([]byte(source))
			s := h.Script()
			if !h.Found || len(h.Problems) != 0 || s.Description[domain.English] != "Wände" || s.Category != "heat" {
				t.Errorf("found %v, description %q, category %q, problems %v", h.Found, s.Description, s.Category, h.Problems)
			}
		})
	}
}

func TestParseHeaderFindsNone(t *testing.T) {
	for name, source := range map[string]string{
		"empty":                "",
		"code first":           "import os\n\"\"\"\nScriptsManager Metadata:\n@category: heat\n\"\"\"",
		"bytes":                "b\"\"\"\nScriptsManager Metadata:\n@category: heat\n\"\"\"",
		"formatted":            "f\"\"\"\nScriptsManager Metadata:\n@category: heat\n\"\"\"",
		"comment after code":   "x = 1\n# ScriptsManager Metadata:\n# @category: heat\n",
		"in the middle":        "\"\"\"The ScriptsManager Metadata: are elsewhere.\n@category: heat\"\"\"",
		"no heading":           "\"\"\"\n@category: heat\n\"\"\"",
		"second string":        "'''a'''\n\"\"\"\nScriptsManager Metadata:\n@category: heat\n\"\"\"",
		"docstring ends early": "\"\"\"\nScriptsManager Metadata:\n\"\"\"\n# @category: heat\n",
	} {
		if h := discovery.ParseHeader([]byte(source)); len(h.Fields()) > 0 || len(h.Problems) > 0 {
			t.Errorf("%s: fields %v, problems %s", name, h.Fields(), brief(h.Problems))
		}
	}
}

func TestParseHeaderReportsWithLine(t *testing.T) { // DIS-8
	for name, c := range map[string]struct{ lines, want string }{
		"unknown key":            {"@colour: red", "3 metadata_key"},
		"misspelt key":           {"@catgory: heat", "3 metadata_key"},
		"twice":                  {"@category: a\n@category: b", "4 metadata_duplicate"},
		"no colon":               {"@category heat", "3 metadata_value!"},
		"unknown level":          {"@category: a\n@required_level: root", "4 metadata_value!"},
		"level in capitals":      {"@required_level: Admin", "3 metadata_value!"},
		"bad port":               {"@flask_port: 99999", "3 metadata_value!"},
		"port is no number":      {"@flask_port: http", "3 metadata_value!"},
		"port zero":              {"@flask_port: 0", "3 metadata_value!"},
		"bad timeout":            {"@execution_timeout: -5", "3 metadata_value!"},
		"timeout with fraction":  {"@execution_timeout: 1.5", "3 metadata_value!"},
		"bad boolean":            {"@background: perhaps", "3 metadata_value!"},
		"bad interface":          {"@interface: window", "3 metadata_value!"},
		"bad network":            {"@network: some", "3 metadata_value!"},
		"bad memory":             {"@memory_limit: much", "3 metadata_value!"},
		"bad cpu":                {"@cpu_limit: -1", "3 metadata_value!"},
		"docs outside":           {"@description_long: ../../etc/passwd", "3 metadata_value!"},
		"docs absolute":          {"@description_long: /etc/passwd", "3 metadata_value!"},
		"docs drive":             {`@description_long: C:\x.md`, "3 metadata_value!"},
		"JSON comma":             {"@parameters: [\n{\"name\": \"a\"}\n{\"name\": \"b\"}\n]\n@category: x", "5 metadata_json!"},
		"JSON string not ended":  {"@parameters: [\n{\"name\": \"a}\n]\n@category: x", "4 metadata_json!"},
		"JSON not ended":         {"@parameters: [\n{\"name\": \"a\"}\n@category: x", "5 metadata_json!"},
		"JSON trailing comma":    {"@parameters: [\n{\"name\": \"a\"},\n]", "5 metadata_json!"},
		"JSON single quotes":     {"@parameters: [{'name': 'a'}]", "3 metadata_json!"},
		"JSON and more":          {"@parameters: [] []", "3 metadata_json!"},
		"parameters no JSON":     {"@parameters: none", "3 metadata_json!"},
		"parameters no array":    {"@parameters: {\"name\": \"a\"}", "3 metadata_value!"},
		"unknown type":           {"@parameters: [\n{\"name\": \"a\",\n \"type\": \"float\"}]", "5 metadata_value!"},
		"duplicate name":         {"@parameters: [\n{\"name\": \"a\"},\n{\"name\": \"a\"}]", "5 metadata_duplicate!"},
		"reserved":               {"@parameters: [{\"name\": \"port\"}]", "3 metadata_reserved!"},
		"reserved by underscore": {"@parameters: [{\"name\": \"data_dir\"}]", "3 metadata_reserved!"},
		"no name":                {"@parameters: [{\"type\": \"string\"}]", "3 metadata_name!"},
		"bad name":               {"@parameters: [{\"name\": \"a b\"}]", "3 metadata_name!"},
		"min above max":          {"@parameters: [{\"name\": \"a\", \"type\": \"number\", \"min\": 2, \"max\": 1}]", "3 metadata_range!"},
		"select without options": {"@parameters: [{\"name\": \"a\", \"type\": \"select\"}]", "3 metadata_options!"},
		"default not an option":  {"@parameters: [{\"name\": \"a\", \"type\": \"select\", \"options\": [1, 2], \"default\": 3}]", "3 metadata_default!"},
		"default out of range":   {"@parameters: [{\"name\": \"a\", \"type\": \"integer\", \"min\": 2, \"default\": 1}]", "3 metadata_default!"},
		"default of wrong type":  {"@parameters: [{\"name\": \"a\", \"type\": \"integer\", \"default\": \"x\"}]", "3 metadata_default!"},
		"default half":           {"@parameters: [{\"name\": \"a\", \"type\": \"integer\", \"default\": 0.5}]", "3 metadata_default!"},
		"default no date":        {"@parameters: [{\"name\": \"a\", \"type\": \"date\", \"default\": \"31.12.2025\"}]", "3 metadata_default!"},
		"default no color":       {"@parameters: [{\"name\": \"a\", \"type\": \"color\", \"default\": \"red\"}]", "3 metadata_default!"},
		"default of a secret":    {"@parameters: [{\"name\": \"a\", \"type\": \"password\", \"default\": \"x\"}]", "3 metadata_secret!"},
		"default against pattern": {
			"@parameters: [{\"name\": \"a\", \"pattern\": \"[0-9]+\", \"default\": \"1x\"}]", "3 metadata_default!",
		},
		"bad pattern":         {"@parameters: [{\"name\": \"a\", \"pattern\": \"(\"}]", "3 metadata_pattern!"},
		"bad step":            {"@parameters: [{\"name\": \"a\", \"step\": 0}]", "3 metadata_value!"},
		"unknown property":    {"@parameters: [{\"name\": \"a\", \"requierd\": true}]", "3 metadata_key"},
		"depends on nothing":  {"@parameters: [{\"name\": \"a\", \"depends_on\": {\"b\": 1}}]", "3 metadata_depends!"},
		"depends on itself":   {"@parameters: [{\"name\": \"a\", \"depends_on\": {\"a\": 1}}]", "3 metadata_depends!"},
		"circle":              {"@parameters: [{\"name\": \"a\", \"depends_on\": {\"b\": 1}},\n{\"name\": \"b\", \"depends_on\": {\"a\": 1}}]", "3 metadata_depends!"},
		"option twice":        {"@parameters: [{\"name\": \"a\", \"type\": \"select\", \"options\": [1, \"1\"]}]", "3 metadata_duplicate"},
		"unknown language":    {"@description: {\"en\": \"a\", \"de\": \"b\"}", "3 metadata_key"},
		"undecodable":         {"@category: x\n@description: W\xe4nde", "4 metadata_encoding!"},
		"nested too deeply":   {"@parameters: " + strings.Repeat("[", 100), "3 metadata_json!"},
		"JSON number too big": {"@parameters: [{\"name\": \"a\", \"max\": 1e999}]", "3 metadata_json!"},
	} {
		t.Run(name, func(t *testing.T) {
			source := "\"\"\"\nScriptsManager Metadata:\n" + c.lines + "\n\"\"\"\n"
			if got := brief(discovery.ParseHeader([]byte(source)).Problems); got != c.want {
				t.Errorf("docstring: %q, want %q", got, c.want)
			}
			comment := "#!/usr/bin/python3\n# ScriptsManager Metadata:\n# " + strings.ReplaceAll(c.lines, "\n", "\n#  ") + "\n"
			if got := brief(discovery.ParseHeader([]byte(comment)).Problems); got != c.want {
				t.Errorf("comments: %q, want %q", got, c.want)
			}
			windows := strings.ReplaceAll(source, "\n", "\r\n")
			if got := brief(discovery.ParseHeader([]byte(windows)).Problems); got != c.want {
				t.Errorf("CRLF: %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseHeaderEncodingProblems(t *testing.T) { // DIS-8
	for name, c := range map[string]struct{ source, want string }{
		"UTF-16":        {"\xff\xfe\"\x00", "1 metadata_encoding!"},
		"unknown name":  {"# coding: klingon\n'''\nScriptsManager Metadata:\n@category: \xe4\n'''", "1 metadata_encoding!"},
		"unknown plain": {"# coding: klingon\n'''\nScriptsManager Metadata:\n@category: a\n'''", "1 metadata_encoding"},
		"not ended":     {"'''\nScriptsManager Metadata:\n@category: a\n", "1 script_syntax!"},
		"cp1252 hole":   {"# coding: cp1252\n'''\nScriptsManager Metadata:\n@category: \x81\n'''", "4 metadata_encoding!"},
	} {
		if got := brief(discovery.ParseHeader([]byte(c.source)).Problems); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestUnknownKeySuggestsTheNearest(t *testing.T) { // DIS-8
	for key, want := range map[string]any{
		"catgory": "category", "required-level": "required_level", "requiredlevel": "required_level", "tag": "tags",
		"descripton_es": "description_es", "timeout": "execution_timeout", "Description": "description", "port": "flask_port",
		"name": "display_name", "zzz": nil, "colour": nil, "author": nil,
	} {
		problems := discovery.ParseHeader([]byte("'''\nScriptsManager Metadata:\n@" + key + ": 1\n'''")).Problems
		if len(problems) != 1 || problems[0].Params["suggestion"] != want {
			t.Errorf("%s: %v, want %v", key, problems, want)
		}
	}
}

func TestHeaderKeepsWhatIsRight(t *testing.T) { // DIS-8
	h := discovery.ParseHeader([]byte(`'''
ScriptsManager Metadata:
@parameters: [
  {"name": "a", "type": "float", "label": "A", "default": "x"},
  {"name": "b", "type": "number", "min": 5, "max": 1},
  {"name": "port"},
  {"name": "text", "label": "]}\"[{", "default": "]"},
  {"name": "n", "type": "integer", "default": "7", "options": [1, "two", {"value": 3, "label": {"es": "tres"}}]},
  {"name": "flag", "type": "boolean", "default": "yes"},
  {"name": "many", "type": "multiselect", "options": ["x", "y"], "default": ["y"]}
]
@tags: ["a, b", "c"]
@background: Yes
@auto_open_interface: 0
@description: [beta] \"Heat\"
@category: after
'''`))
	s := h.Script()
	var names []string
	for _, p := range s.Parameters {
		names = append(names, fmt.Sprintf("%s:%s=%v", p.Name, p.Type, p.Default))
	}
	want := "a:string=x b:number=<nil> text:string=] n:integer=7 flag:boolean=true many:multiselect=[y]"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("parameters %s\nwant       %s", got, want)
	}
	if _, ok := s.Parameters[3].Default.(float64); !ok || s.Parameters[3].Options[2].Value != "3" || s.Parameters[3].Options[2].Label[domain.Spanish] != "tres" {
		t.Errorf("typed %#v", s.Parameters[3])
	}
	if s.Parameters[2].Label[domain.English] != `]}"[{` {
		t.Errorf("label %q", s.Parameters[2].Label)
	}
	if !slices.Equal(s.Tags, []string{"a, b", "c"}) || !s.Background || s.AutoOpenInterface || s.Category != "after" || s.Description[domain.English] != `[beta] "Heat"` {
		t.Errorf("read %+v", s)
	}
	if got := brief(h.Problems); got != "4 metadata_value!, 5 metadata_range!, 6 metadata_reserved!" {
		t.Errorf("problems %s", got)
	}
}

func TestHeaderIgnore(t *testing.T) { // DIS-1
	for source, want := range map[string]bool{
		"'''\nScriptsManager Metadata:\n@ignore: true\n'''":  true,
		"'''\nScriptsManager Metadata:\n@ignore: false\n'''": false,
		"'''Helpers.\n@ignore: true\n'''":                    true,
		"# @ignore: yes\nimport os":                          true,
		"import os\n# @ignore: true":                         false,
	} {
		if got := discovery.ParseHeader([]byte(source)).Ignored(); got != want {
			t.Errorf("%q: ignored %v", source, got)
		}
	}
}
