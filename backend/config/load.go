package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

const (
	variablePrefix = "SCRIPTSMANAGER_"
	byteOrderMark  = "\ufeff"
	maxFile        = 1 << 20 // a configuration has a few kilobytes; more is another file
)

// Read gives what stands in the file at path; nothing where there is none. It
// fails with CodeFileUnreadable, also for what is no file and for a link that
// leads nowhere.
func Read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return nil, unreadable(path, errors.New("a link that leads nowhere"))
		}
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	if info.IsDir() {
		return nil, unreadable(path, errors.New("a folder"))
	}
	if !info.Mode().IsRegular() { // to open a pipe would wait for whoever writes into it
		return nil, unreadable(path, errors.New("not a file"))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(data) > maxFile {
		return nil, unreadable(path, fmt.Errorf("more than %d bytes", maxFile))
	}
	return data, nil
}

func unreadable(path string, err error) error {
	return domain.NewError(domain.CodeFileUnreadable, "path", path, "detail", err.Error()).Because(err)
}

// Loaded is what a file and the variables that override it mean.
type Loaded struct {
	Config Config
	// Values are what stands in the file and is allowed, by key, as
	// encoding/json gives it.
	Values map[string]any
	// Variables are the environment variables in force, by the key that each
	// overrides.
	Variables map[string]string
	// FileProblems and VariableProblems tell what is wrong, with the parameters
	// of CodeConfigInvalid, CodeConfigJSON or CodeConfigEncoding. It has no
	// effect.
	FileProblems     []domain.Problem
	VariableProblems []domain.Problem
}

// Parse reads a file's data and overrides it with the variables of environ
// ("NAME=value", as os.Environ gives them): SCRIPTSMANAGER_ and the key in
// capitals, with "_" for ".", or the customer's own names, which come after.
// file is the name that problems carry.
func Parse(file string, data []byte, environ []string) Loaded {
	l := loader{file: file, data: data, keys: keys(), values: map[string]any{}, variables: map[string]string{}}
	l.readJSON()
	c := Default()
	for _, name := range slices.Sorted(maps.Keys(l.values)) {
		l.assign(&c, name, l.values[name])
	}
	l.checkRange(file, &c, Default())
	loaded := Loaded{Values: maps.Clone(l.values), FileProblems: l.problems, Variables: l.variables}
	l.problems = nil
	before := c
	clear(l.values)
	l.readEnvironment(environ)
	for _, name := range slices.Sorted(maps.Keys(l.values)) {
		l.assign(&c, name, l.values[name])
	}
	if len(l.variables) > 0 {
		l.checkRange(cmp.Or(l.variables["web_interface.port_range.start"], l.variables["web_interface.port_range.end"]), &c, before)
	}
	loaded.Config, loaded.VariableProblems = c, l.problems
	return loaded
}

// checkRange looks whether a start and an end fit, which may come from two
// places. Where they do not, the range is as it was before.
func (l *loader) checkRange(from string, c *Config, before Config) {
	if r := &c.WebInterface.PortRange; r.Start > r.End {
		l.problem(from, RangeKey, "start ≤ end")
		*r = before.WebInterface.PortRange
	}
}

// RangeKey is the key that is told of where a start and an end do not fit.
const RangeKey = "web_interface.port_range"

type loader struct {
	file     string
	data     []byte
	keys     map[string]key
	values   map[string]any // good values by key
	problems []domain.Problem

	variables map[string]string // that are in force, by key
}

func (l *loader) problem(file, name, allowed string) {
	p := domain.Problem{File: file, Code: domain.CodeConfigInvalid, Params: map[string]any{"file": file, "key": name, "allowed": allowed}}
	if file == l.file {
		p.Line = l.line(name)
	}
	l.problems = append(l.problems, p)
}

// line finds where the last part of the key stands first, going part by part.
func (l *loader) line(name string) int {
	at := 0
	for part := range strings.SplitSeq(name, ".") {
		i := bytes.Index(l.data[at:], []byte(strconv.Quote(part)))
		if i < 0 {
			return 0
		}
		at += i
	}
	return 1 + bytes.Count(l.data[:at], []byte("\n"))
}

func (l *loader) readJSON() {
	data := bytes.TrimPrefix(l.data, []byte(byteOrderMark))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		l.problems = append(l.problems, domain.Problem{
			File: l.file, Code: domain.CodeConfigEncoding, Params: map[string]any{"file": l.file},
		})
		return
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		line := 0
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line = 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		}
		l.problems = append(l.problems, domain.Problem{
			File: l.file, Line: line, Code: domain.CodeConfigJSON,
			Params: map[string]any{"file": l.file, "line": line, "detail": err.Error()},
		})
		return
	}
	top, ok := v.(map[string]any)
	if !ok {
		l.problem(l.file, "", "{…}")
		return
	}
	l.walk("", top)
}

func (l *loader) walk(prefix string, object map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		full, value := prefix+name, object[name]
		if k, ok := l.keys[full]; ok && !strings.Contains(name, ".") {
			if k.ok(value) {
				l.values[full] = value
			} else {
				l.problem(l.file, full, k.allowed)
			}
			continue
		}
		below := l.below(prefix)
		switch inner, isObject := value.(map[string]any); {
		case !slices.Contains(below, name):
			l.problem(l.file, full, strings.Join(below, ", "))
		case !isObject:
			l.problem(l.file, full, "{"+strings.Join(l.below(full+"."), ", ")+"}")
		default:
			l.walk(full+".", inner)
		}
	}
}

// below lists the names that may stand under a prefix.
func (l *loader) below(prefix string) []string {
	names := map[string]bool{}
	for full := range l.keys {
		if rest, ok := strings.CutPrefix(full, prefix); ok {
			first, _, _ := strings.Cut(rest, ".")
			names[first] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Variable gives the name of the environment variable for a key.
func Variable(key string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func (l *loader) readEnvironment(environ []string) {
	variables := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name)
		}
		variables[name] = value
	}
	for _, full := range slices.Sorted(maps.Keys(l.keys)) {
		k := l.keys[full]
		name := Variable(full)
		value, ok := variables[name]
		if !ok && k.variable != "" {
			name = k.variable
			value, ok = variables[name]
		}
		if !ok || value == "" {
			continue
		}
		if v, ok := l.parseVariable(k, full, value); ok {
			l.values[full] = v
			l.variables[full] = name
		} else if name != "DEBUG" { // other programs use that one for values of their own
			l.problem(name, full, k.allowed)
		}
	}
}

// parseVariable reads text as the kind of value that the key's default has.
// Booleans are taken as the customer writes them ("True").
func (l *loader) parseVariable(k key, full, value string) (any, bool) {
	c := Default()
	var v any
	switch f := field(&c, full); f.Kind() {
	case reflect.Bool:
		switch strings.ToLower(value) {
		case "true", "1", "yes", "on":
			v = true
		case "false", "0", "no", "off":
			v = false
		}
	case reflect.Int, reflect.Float64:
		if n, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
			v = n
		}
	case reflect.Slice:
		list := []any{}
		for part := range strings.SplitSeq(value, string(os.PathListSeparator)) {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		v = list
	default:
		v = value
	}
	return v, k.ok(v)
}

// field finds the field of Config that a key names.
func field(c *Config, full string) reflect.Value {
	v := reflect.ValueOf(c).Elem()
	for part := range strings.SplitSeq(full, ".") {
		found := reflect.Value{}
		for i := range v.NumField() {
			if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag == part {
				found = v.Field(i)
			}
		}
		if !found.IsValid() {
			panic("config: no field for key " + full) // TestKeysMatchConfig holds the table complete
		}
		v = found
	}
	return v
}

// assign puts a checked value into its field.
func (l *loader) assign(c *Config, full string, value any) {
	switch f := field(c, full); v := value.(type) {
	case bool:
		f.SetBool(v)
	case string:
		f.SetString(v)
	case float64:
		if f.Kind() == reflect.Int {
			f.SetInt(int64(v))
		} else {
			f.SetFloat(v)
		}
	case []any:
		list := make([]string, len(v))
		for i, e := range v {
			list[i], _ = e.(string) // the rules for lists allow text only
		}
		f.Set(reflect.ValueOf(list))
	}
}
