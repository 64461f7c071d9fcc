// Package template reads the examples of a group: sets of parameters that come
// with its scripts, examples/*.json. It promises that a file that is wrong
// spoils no other one, and that each fault comes with its line. It does not
// know what a script's parameters may be, and keeps nothing.
package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"scriptsmanager/backend/domain"
)

const (
	folder       = "examples"
	mostFiles    = 1000
	largestFile  = 1 << 20 // bytes
	longestTitle = 200     // characters
)

// NameMaximum is how long a template's name may be, in characters.
const NameMaximum = 100

// LongestValues is how long the values of a kept template may be together, in
// bytes of JSON: they go into the audit with each change.
const LongestValues = 64 << 10

// CheckName gives the name as it is kept. It fails with CodeTemplateName.
func CheckName(name string) (string, error) {
	n := norm.NFC.String(strings.TrimSpace(name))
	if n == "" || !utf8.ValidString(n) || utf8.RuneCountInString(n) > NameMaximum || strings.ContainsFunc(n, hidden) {
		return "", domain.NewError(domain.CodeTemplateName, "name", strings.ToValidUTF8(name, "\uFFFD"), "maximum", NameMaximum)
	}
	return n, nil
}

// hidden is what nobody sees in a name, and what turns it around.
func hidden(r rune) bool {
	return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e ||
		r >= 0x2060 && r <= 0x206f || r == 0xfeff
}

// Example is one file of a group.
type Example struct {
	File       string // relative to the group's folder
	Script     string // the script's file name without .py; "" where the file does not say
	Title      domain.Text
	Parameters map[string]any
	Problems   []domain.Problem
	lines      map[string]int
}

// Line gives the line in which a parameter stands, 0 where it does not.
func (e Example) Line(parameter string) int { return e.lines[parameter] }

// Examples reads the examples of the group in the folder, by file name. A
// group without any has none.
func Examples(groupDir string) ([]Example, error) {
	root, err := os.OpenRoot(groupDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read examples: %w", err)
	}
	defer func() { _ = root.Close() }()
	dir, err := root.Open(folder)
	if err != nil {
		return nil, nil // there are none, or a link that leads out
	}
	defer func() { _ = dir.Close() }()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, nil // examples is no folder
	}
	var names []string
	for _, one := range entries {
		if n := one.Name(); strings.HasSuffix(n, ".json") && !strings.HasPrefix(n, ".") && utf8.ValidString(n) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	list := make([]Example, 0, len(names))
	for _, name := range names[:min(len(names), mostFiles)] {
		list = append(list, read(root, path.Join(folder, name)))
	}
	return list, nil
}

func read(root *os.Root, file string) Example {
	e := Example{File: file}
	text, err := contents(root, file)
	if err != nil {
		e.problem(0, domain.CodeFileUnreadable, "path", file, "detail", cause(err))
		return e
	}
	e.parse(text)
	return e
}

func contents(root *os.Root, file string) ([]byte, error) {
	// Looked at first: opening a named pipe would wait for its other end.
	info, err := root.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("no file")
	}
	if info.Size() > largestFile {
		return nil, fmt.Errorf("larger than %d bytes", largestFile)
	}
	f, err := root.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, largestFile))
	return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), err
}

func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func (e *Example) problem(line int, code domain.Code, pairs ...any) {
	p := domain.NewError(code, pairs...)
	e.Problems = append(e.Problems, domain.Problem{File: e.File, Line: line, Code: p.Code, Params: p.Params})
}

func (e *Example) parse(text []byte) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		line := 1
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line = lineAt(text, syntax.Offset)
		}
		e.problem(line, domain.CodeExampleJSON, "detail", err.Error())
		return
	}
	lines := keyLines(text, 1)
	e.lines = map[string]int{}
	for name, line := range keyLines(text, 2) {
		if parameter, ok := strings.CutPrefix(name, "parameters\x00"); ok {
			e.lines[parameter] = line
		}
	}
	var script string
	if json.Unmarshal(whole["script"], &script) != nil || script == "" || strings.ContainsAny(script, `/\`) {
		e.problem(max(lines["script"], 1), domain.CodeExampleScript, "script", script)
	} else {
		e.Script = strings.TrimSuffix(script, ".py")
	}
	e.Title = title(whole["name"])
	if json.Unmarshal(whole["parameters"], &e.Parameters) != nil || e.Parameters == nil {
		e.Parameters = nil
		e.problem(max(lines["parameters"], 1), domain.CodeExampleParameters)
	}
}

// title reads a text, or one by language; what is none is left out.
func title(raw json.RawMessage) domain.Text {
	given := map[string]string{}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		given[string(domain.English)] = one
	} else {
		var all map[string]any
		_ = json.Unmarshal(raw, &all) // what is no object has no texts
		for language, v := range all {
			if s, ok := v.(string); ok {
				given[language] = s
			}
		}
	}
	t := domain.Text{}
	for _, l := range domain.Languages() {
		s := strings.TrimSpace(strings.Map(func(r rune) rune {
			if hidden(r) {
				return ' '
			}
			return r
		}, given[string(l)]))
		if runes := []rune(s); len(runes) > longestTitle {
			s = string(runes[:longestTitle])
		}
		if s != "" {
			t[l] = s
		}
	}
	return t
}

func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(max(offset-1, 0), int64(len(text)))], []byte{'\n'})
}

// keyLines gives the lines of the keys of objects at a depth, from 1; a key's
// name has those of the objects around it before it, each with a NUL behind.
// The text is JSON.
func keyLines(text []byte, depth int) map[string]int {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	lines := map[string]int{}
	type level struct {
		object, value bool   // value: what comes next is one
		key           string // the last one
	}
	var open []level
	for {
		token, err := d.Token()
		if err != nil {
			return lines
		}
		delimiter, isDelimiter := token.(json.Delim)
		if isDelimiter && (delimiter == '}' || delimiter == ']') {
			open = open[:len(open)-1]
			continue
		}
		if n := len(open); n > 0 && open[n-1].object {
			top := &open[n-1]
			if key, isKey := token.(string); isKey && !top.value {
				top.key, top.value = key, true
				if n == depth && !slices.ContainsFunc(open, func(l level) bool { return !l.object }) {
					name := ""
					for _, l := range open[:n-1] {
						name += l.key + "\x00"
					}
					if _, before := lines[name+key]; !before {
						lines[name+key] = lineAt(text, d.InputOffset())
					}
				}
				continue
			}
			top.value = false
		}
		if isDelimiter {
			open = append(open, level{object: delimiter == '{'})
		}
	}
}
