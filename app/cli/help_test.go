package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/translations"
)

func texts(t *testing.T) *i18n.Texts {
	t.Helper()
	x, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// helps gives every sentence of the grammar and of kong that a person may read.
func helps(t *testing.T) map[string]bool {
	t.Helper()
	var flags commands
	parser, err := kong.New(&flags, kong.Name("scriptsmanager"), kong.Description(description))
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{moreOnOne: true, "Try: %s --help": true, "--lang %s: use en, es, it or fr": true}
	for _, list := range [][]string{headings, standIns, mistakes} {
		for _, text := range list {
			wanted[text] = true
		}
	}
	var walk func(node *kong.Node, path string)
	walk = func(node *kong.Node, path string) {
		if node.Hidden {
			return
		}
		say := func(of, text string) {
			if text == "" {
				t.Errorf("%s%s has no help", path, of)
			}
			wanted[text] = true
		}
		say("", node.Help)
		for _, p := range node.Positional {
			say(" <"+p.Name+">", p.Help)
		}
		for _, f := range node.Flags {
			if !f.Hidden {
				say(" --"+f.Name, f.Help)
			}
		}
		for _, child := range node.Children {
			walk(child, path+" "+child.Name)
		}
	}
	walk(parser.Model.Node, "scriptsmanager")
	return wanted
}

// What the command line says of itself stands in translations/help by its
// English words, in each of the other languages.
func TestHelpIsTranslated(t *testing.T) { // UI-5
	wanted := helps(t)
	for _, language := range []string{"es", "it", "fr"} {
		b, err := translations.Files.ReadFile("help/" + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var known map[string]string
		if err := json.Unmarshal(b, &known); err != nil {
			t.Fatalf("%s: %v", language, err)
		}
		for text := range wanted {
			if known[text] == "" {
				t.Errorf("help/%s.json has nothing for %q", language, text)
			}
		}
		for text, said := range known {
			if !wanted[text] {
				t.Logf("help/%s.json: nothing says %q (any more)", language, text) // it does no harm
			}
			if strings.Count(text, "%s") != strings.Count(said, "%s") {
				t.Errorf("help/%s.json: %q has not the placeholders of %q", language, said, text)
			}
		}
	}
}

func run(t *testing.T, environ []string, args ...string) (out, wrong string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(t.Context(), Options{Args: args, Environ: environ, Program: t.TempDir(), Stdout: &stdout, Stderr: &stderr, Texts: texts(t)})
	return stdout.String(), stderr.String(), code
}

func TestHelpIsInTheLanguage(t *testing.T) {
	configured := t.TempDir()
	if err := os.WriteFile(filepath.Join(configured, "config.json"), []byte(`{"documentation": {"default_language": "es"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		environ []string
		args    []string
		says    []string
	}{
		{[]string{"LANG=it_IT.UTF-8"}, nil, []string{"Uso: scriptsmanager <comando> [opzioni]", "Opzioni:", "Comandi:", "Esegue uno script."}},
		{[]string{"LANG=it_IT.UTF-8"}, []string{"run", "--help", "--lang", "fr"}, []string{"Utilisation\u00a0: scriptsmanager run", "Arguments\u00a0:"}},
		{[]string{"LANG=it_IT.UTF-8"}, []string{"--lang=es", "user", "list", "--help"}, []string{"Muestra las cuentas."}},
		{[]string{"LANG=C.UTF-8"}, []string{"--root", configured, "--help"}, []string{"Ejecuta un script."}},
		{nil, []string{"--root=" + configured, "--help"}, []string{"Ejecuta un script."}},
		{[]string{"LC_ALL=en_GB.UTF-8"}, []string{"--root", configured, "--help"}, []string{"Usage: scriptsmanager <command> [flags]", "Run a script."}},
		{[]string{"LANG=de_DE.UTF-8"}, []string{"--root", configured, "--help"}, []string{"Run a script."}},
		{[]string{"LANG=C"}, []string{"--help"}, []string{"Run a script."}},
	} {
		out, _, code := run(t, c.environ, c.args...)
		for _, text := range c.says {
			if !strings.Contains(out, text) || code != ExitOK {
				t.Errorf("%v %v: no %q (%d) in\n%s", c.environ, c.args, text, code, out)
			}
		}
	}
}

func TestMistakesAreInTheLanguage(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"usr", "argomento non previsto: usr; intendeva \"user\"?\nProvi: scriptsmanager --help"},
		{"user list --foo=1", "opzione sconosciuta: --foo; intendeva \"--root\"?"},
		{"user add bob", "mancano opzioni: --level=LEVEL"},
		{"user", "era atteso uno di questi: \"list\", \"add\""},
		{"log show x --from y", "--from: era atteso un numero intero, non \"y\""},
		{"log show x --from", "--from: manca il valore (int)"},
		{"log show x --from --json", "--from: manca il valore (int) prima di \"--json\""},
		{"run g/s --theme blue", "--theme deve essere uno di \"\",\"light\",\"dark\", non \"blue\""},
		{"permission set g --allow --deny --user x", "--allow e --deny non si possono usare insieme"},
		{"settings set", "era atteso \"<key=value> ...\""},
		{"version --lang de", "--lang de: usi en, es, it o fr"},
	} {
		_, wrong, code := run(t, []string{"LANG=it_IT.UTF-8"}, strings.Fields(c.args)...)
		if !strings.Contains(wrong, "scriptsmanager: "+c.says) || code != ExitUsage {
			t.Errorf("%s (%d) says %q, want %q", c.args, code, wrong, c.says)
		}
	}
	s := &session{Options: Options{Texts: texts(t)}, lang: domain.English}
	if got := s.mistake("unknown flag --x"); got != "unknown flag --x" {
		t.Errorf("English says %q", got)
	}
}
