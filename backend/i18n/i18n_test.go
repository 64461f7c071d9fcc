package i18n_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/translations"
)

func texts(t *testing.T) *i18n.Texts {
	t.Helper()
	files := fstest.MapFS{}
	for name, content := range map[string]string{
		"en.json": `{"plain":"Plain","only.english":"Only {{.name}}","files":{"one":"One file in {{.dir}}","other":"{{.count}} files in {{.dir}}"},
			"error.parameter_max":"{{.name}} must be {{.max}} or less","error.invalid":"Some values are wrong","error.not_allowed":"You must be {{.level}}",
			"level.developer":"developer","options":"One of: {{.options}}"}`,
		"es.json": `{"plain":"Llano","files":{"one":"Un archivo en {{.dir}}","other":"{{.count}} archivos en {{.dir}}"},
			"error.parameter_max":"{{.name}} debe ser {{.max}} o menos","error.invalid":"Hay valores incorrectos",
			"error.not_allowed":"Debe ser {{.level}}","level.developer":"desarrollador"}`,
		"it.json": `{}`, "fr.json": `{"plain":"Simple","files":{"one":"Un fichier dans {{.dir}}","other":"{{.count}} fichiers dans {{.dir}}"}}`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	x, err := i18n.New(files)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestText(t *testing.T) { // UI-5
	x := texts(t)
	for _, c := range []struct {
		lang   domain.Language
		key    string
		params map[string]any
		want   string
	}{
		{domain.Spanish, "plain", nil, "Llano"},
		{domain.Italian, "plain", nil, "Plain"},
		{"de", "plain", nil, "Plain"},
		{domain.Spanish, "only.english", map[string]any{"name": "a<b>&{{.x}}"}, "Only a<b>&{{.x}}"},
		{domain.Spanish, "no.such.text", nil, "no.such.text"},
		{domain.English, "only.english", nil, "Only ?"},
		{domain.Spanish, "files", map[string]any{"count": 1, "dir": "/d"}, "Un archivo en /d"},
		{domain.Spanish, "files", map[string]any{"count": 3.0, "dir": "/d"}, "3 archivos en /d"},
		{domain.Spanish, "files", map[string]any{"count": 2000000.0, "dir": "/d"}, "2.000.000 archivos en /d"},
		{domain.French, "files", map[string]any{"count": int64(5000000), "dir": "/d"}, "5\u202f000\u202f000 fichiers dans /d"},
		{domain.Italian, "files", map[string]any{"count": 1, "dir": "/d"}, "One file in /d"},
		{domain.English, "files", map[string]any{"dir": "/d"}, "? files in /d"},
		{domain.French, "only.english", map[string]any{"name": "45.5 GiB"}, "Only 45.5 GiB"},
		{domain.Spanish, "files", map[string]any{"count": 2, "dir": "1.5 GiB"}, "2 archivos en 1,5 GiB"},
		{domain.French, "files", map[string]any{"count": 2, "dir": "1.5 GiB"}, "2 fichiers dans 1,5 Gio"},
		{domain.French, "files", map[string]any{"count": 2, "dir": "7 B"}, "2 fichiers dans 7 o"},
		{domain.English, "options", map[string]any{"options": []any{"a", 2.0}}, "One of: a, 2"},
		{domain.English, "options", map[string]any{"options": []string{"a", "b"}}, "One of: a, b"},
		{domain.Spanish, "error.not_allowed", map[string]any{"level": domain.LevelDeveloper}, "Debe ser desarrollador"},
		{domain.Spanish, "error.not_allowed", map[string]any{"level": "unheard-of"}, "Debe ser unheard-of"},
	} {
		if got := x.Text(c.lang, c.key, c.params); got != c.want {
			t.Errorf("%s %s %v = %q, want %q", c.lang, c.key, c.params, got, c.want)
		}
	}
}

func TestErrorWithFields(t *testing.T) {
	x := texts(t)
	err := domain.NewError(domain.CodeInvalid)
	err.Fields = map[string]*domain.Error{
		"thickness": domain.NewError(domain.CodeParameterMax, "name", "thickness", "max", 1e6),
		"cells":     domain.NewError(domain.CodeParameterMax, "name", "cells", "max", 0.5),
	}
	want := "Hay valores incorrectos\ncells: cells debe ser 0.5 o menos\nthickness: thickness debe ser 1000000 o menos"
	if got := x.Error(domain.Spanish, err); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := x.Error(domain.Spanish, nil); got != "" {
		t.Errorf("nil = %q", got)
	}
	if got := x.Error(domain.Spanish, domain.NewError("unheard_of")); got != "error.unheard_of" {
		t.Errorf("unknown code = %q", got)
	}
}

func TestBrokenFilesAreToldByName(t *testing.T) {
	for name, content := range map[string]string{"broken": `{"a":`, "not an object": `"a"`} {
		files := fstest.MapFS{"en.json": {Data: []byte(`{}`)}, "es.json": {Data: []byte(content)}, "it.json": {Data: []byte(`{}`)}, "fr.json": {Data: []byte(`{}`)}}
		if _, err := i18n.New(files); err == nil || !strings.Contains(err.Error(), "es.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := i18n.New(fstest.MapFS{}); err == nil {
		t.Error("no files pass")
	}
}

func TestTheProductsOwnTexts(t *testing.T) {
	if err := i18n.Check(translations.Files); err != nil {
		t.Error(err)
	}
	if err := i18n.Check(fstest.MapFS{"en.json": {Data: []byte(`{"a": {"other": 1}}`)}}); err == nil {
		t.Error("a text that is a number passes")
	}
	x, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	e := domain.NewError(domain.CodeFlaskMissing, "environment", "fem", "path", "/opt/conda/envs/fem")
	for _, l := range domain.Languages() {
		got := x.Error(l, e)
		if !strings.Contains(got, "/opt/conda/envs/fem") || !strings.Contains(got, "pip install flask") || strings.Contains(got, "{{") {
			t.Errorf("%s: %s", l, got)
		}
		if l != domain.English && got == x.Error(domain.English, e) {
			t.Errorf("%s is English", l)
		}
	}
}

func TestProblemsOfEnvironments(t *testing.T) { // ENV-6
	x, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	problems := []*domain.EnvironmentProblem{
		domain.NewEnvironmentProblem(domain.ProblemNoPython, "", "python", "/e/bin/python"),
		domain.NewEnvironmentProblem(domain.ProblemPythonMissing, "", "python", "/e/bin/python", "version", "3.11.7"),
		domain.NewEnvironmentProblem(domain.ProblemBrokenLink, "", "python", "/e/bin/python", "home", "/opt/python3.8/bin"),
		domain.NewEnvironmentProblem(domain.ProblemWrongArchitecture, "", "python", "/e/bin/python", "architecture", "aarch64"),
		domain.NewEnvironmentProblem(domain.ProblemMissingLibrary, "", "python", "/e/bin/python", "library", "libpython3.11.so.1.0"),
		domain.NewEnvironmentProblem(domain.ProblemStandardLibrary, "", "python", "/e/bin/python"),
		domain.NewEnvironmentProblem(domain.ProblemNoPermission, "", "python", "/e/bin/python"),
		domain.NewEnvironmentProblem(domain.ProblemNoAnswer, "", "python", "/e/bin/python", "seconds", 30),
		domain.NewEnvironmentProblem(domain.ProblemTooOld, "", "version", "2.7.18"),
		domain.NewEnvironmentProblem(domain.ProblemNotPython, "", "python", "/e/bin/python"),
		domain.NewEnvironmentProblem(domain.ProblemPythonFailed, "", "python", "/e/bin/python"),
		domain.NewEnvironmentProblem(domain.ProblemNoFlask, "", "python", "/e/bin/python"),
		domain.NewEnvironmentProblem(domain.ProblemInterrupted, "", "missing", "conda-meta/history"),
		domain.NewEnvironmentProblem(domain.ProblemUnreadable, "", "path", "/e/conda-meta"),
		domain.NewEnvironmentProblem(domain.ProblemActivation, ""),
	}
	for _, p := range problems {
		for _, l := range domain.Languages() {
			got := x.Problem(l, p)
			if strings.HasPrefix(got, "environment.problem") || strings.ContainsAny(got, "?{<") || l != domain.English && got == x.Problem(domain.English, p) {
				t.Errorf("%s, %s: %q", p.Code, l, got)
			}
			for name, value := range p.Params {
				if name != "python" && !strings.Contains(got, fmt.Sprint(value)) {
					t.Errorf("%s, %s: %q does not tell %v", p.Code, l, got, value)
				}
			}
		}
	}
	// an error tells it in the same language, also where it came as JSON
	e := domain.NewError(domain.CodeEnvironmentBroken, "environment", "fem", "problem", problems[4])
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var again domain.Error
	if err = json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	for _, l := range domain.Languages() {
		if got := x.Error(l, e); !strings.Contains(got, x.Problem(l, problems[4])) || got != x.Error(l, &again) {
			t.Errorf("%s: %q, %q", l, got, x.Error(l, &again))
		}
	}
}

func BenchmarkError(b *testing.B) {
	x, err := i18n.New(translations.Files)
	if err != nil {
		b.Fatal(err)
	}
	e := domain.NewError(domain.CodePortsExhausted, "start", 5200, "end", 5400)
	for b.Loop() {
		x.Error(domain.French, e)
	}
}

func TestNumbersHaveTheSignsOfTheLanguage(t *testing.T) { // UI-5
	for _, c := range []struct {
		lang domain.Language
		n    int64
		want string
	}{
		{domain.English, 999, "999"},
		{domain.English, 1234, "1,234"},
		{domain.English, -1234567, "-1,234,567"},
		{domain.Spanish, 1234, "1234"},
		{domain.Spanish, 12345, "12.345"},
		{domain.Italian, 1234, "1.234"},
		{domain.French, 1234567, "1\u202f234\u202f567"},
		{"", 1234, "1,234"},
	} {
		if got := i18n.Number(c.lang, c.n); got != c.want {
			t.Errorf("%s %d = %q, want %q", c.lang, c.n, got, c.want)
		}
	}
	for _, c := range []struct {
		lang domain.Language
		v    float64
		want string
	}{
		{domain.English, 1234.56, "1,234.6"},
		{domain.Spanish, 1234.56, "1234,6"},
		{domain.Italian, 0.04, "0,0"},
		{domain.French, -0.5, "-0,5"},
	} {
		if got := i18n.Decimal(c.lang, c.v, 1); got != c.want {
			t.Errorf("%s %g = %q, want %q", c.lang, c.v, got, c.want)
		}
	}
}

// The CLDR category "many" of Spanish, Italian and French (1,000,000) has no
// form in the files: "other" is given, never a key or English.
func TestMillionsHaveAText(t *testing.T) { // UI-5
	x, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range domain.Languages() {
		b, err := translations.Files.ReadFile(string(l) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]any
		if err := json.Unmarshal(b, &raw); err != nil {
			t.Fatal(err)
		}
		forms := 0
		for key, value := range raw {
			m, ok := value.(map[string]any)
			if !ok {
				continue
			}
			forms++
			for _, n := range []int64{0, 1, 2, 21, 1000, 1_000_000, 2_000_000, 1_000_001} {
				other, _ := m["other"].(string)
				one, _ := m["one"].(string)
				form := other
				if n == 1 || n == 0 && l == domain.French {
					form = one
				}
				got := x.Text(l, key, map[string]any{"count": n})
				want := strings.NewReplacer("{{.count}}", i18n.Number(l, n), "{{.count_text}}", i18n.Number(l, n)).Replace(form)
				if want = regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAllString(want, "?"); got != want {
					t.Errorf("%s %s for %d = %q, want %q", l, key, n, got, want)
				}
			}
		}
		if forms < 50 {
			t.Errorf("%s has %d texts with forms", l, forms)
		}
	}
}
