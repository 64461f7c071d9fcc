package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// asked is the value of a flag of the whole command line before it is parsed.
func asked(args []string, flag string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if value, ok := strings.CutPrefix(arg, flag+"="); ok {
			return value
		}
		if arg == flag && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// language is the one that help and mistakes of the command line are said in:
// of --lang, else of the environment, else of config.json.
func (o Options) language() domain.Language {
	if l := domain.Language(asked(o.Args, "--lang")); l.Valid() {
		return l
	}
	for _, name := range languageVariables {
		if v := Variable(o.Environ, name); v != "" && v != "C" && v != "POSIX" && !strings.HasPrefix(v, "C.") {
			return Language(o.Environ)
		}
	}
	dir, err := platform.FindRoot(asked(o.Args, "--root"), Variable(o.Environ, "SCRIPTSMANAGER_ROOT"), o.Program)
	if err != nil {
		return domain.English
	}
	var file struct {
		Documentation struct {
			Language domain.Language `json:"default_language"`
		} `json:"documentation"`
	}
	b, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil || json.Unmarshal(b, &file) != nil || !file.Documentation.Language.Valid() {
		return domain.English // a file with a mistake is told of where it is used
	}
	return file.Documentation.Language
}

// translate says the grammar's help in the person's language.
func (s *session) translate(node *kong.Node) {
	node.Help = s.Texts.Help(s.lang, node.Help)
	for _, p := range node.Positional {
		p.Help = s.Texts.Help(s.lang, p.Help)
	}
	for _, f := range node.Flags {
		f.Help = s.Texts.Help(s.lang, f.Help)
	}
	for _, child := range node.Children {
		s.translate(child)
	}
}

// kong's own words, each at the beginning of a line, and two of its usage.
var (
	headings  = []string{"Usage:", "Arguments:", "Flags:", "Commands:"}
	standIns  = []string{"<command>", "[flags]"}
	moreOnOne = `Run "scriptsmanager <command> --help" for more information on a command.`
)

// printHelp is kong's help with its own words in the person's language.
func (s *session) printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if s.lang == domain.English {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	out := ctx.Stdout
	var b bytes.Buffer
	ctx.Stdout = &b
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		if line == moreOnOne {
			lines[i] = s.Texts.Help(s.lang, line)
			continue
		}
		for _, heading := range headings {
			rest, ok := strings.CutPrefix(line, heading)
			if !ok {
				continue
			}
			for _, word := range standIns {
				rest = strings.ReplaceAll(rest, word, s.Texts.Help(s.lang, word))
			}
			lines[i] = s.Texts.Help(s.lang, heading) + rest
		}
	}
	_, err = out.Write([]byte(strings.Join(lines, "\n")))
	return err
}

// mistakes are kong's own sentences, the more special ones first. A part that is
// another of these sentences is said in the language, too.
var mistakes = []string{
	"%s, did you mean one of %s?", "%s, did you mean %s?", "unexpected argument %s", "unknown flag %s", "missing flags: %s",
	"%s must be one of %s but got %s", "%s: expected a valid 64 bit int but got %s", "%s: expected an int but got %s",
	"%s: missing value, expecting %s", `%s: expected %s value but got "EOL" (<EOL>)`, "%s: expected %s value but got %s (long flag); perhaps try %s?",
	"%s and %s can't be used together",
	"expected one of %s", "expected %s",
}

// mistake says what kong found wrong in the person's language.
func (s *session) mistake(english string) string {
	if s.lang == domain.English {
		return english
	}
	for _, pattern := range mistakes {
		expression := "^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), "%s", "(.+?)") + "$"
		found := regexp.MustCompile(expression).FindStringSubmatch(english)
		if found == nil {
			continue
		}
		text := s.Texts.Help(s.lang, pattern)
		for _, part := range found[1:] {
			text = strings.Replace(text, "%s", s.mistake(part), 1)
		}
		return text
	}
	return english
}
