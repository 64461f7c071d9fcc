package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
)

const (
	variablePrefix = "SCRIPTSMANAGER_"
	maxFile        = 1 << 20 // a configuration has a few kilobytes; more is another file
)

// Load reads the file at path (none is no problem) and overrides it with the
// variables of environ ("NAME=value", as os.Environ gives them):
// SCRIPTSMANAGER_ and the key in capitals, with "_" for ".", or the customer's
// own names, which come after. What is wrong is told in the problems, with the
// parameters of CodeConfigInvalid (file or variable, key, allowed), and has no
// effect. The error is for a file that is there and cannot be read; the
// configuration is usable even then.
func Load(path string, environ []string) (Config, []domain.Problem, error) {
	data, err := readFile(path)
	c, problems := parse(filepath.Base(path), data, environ)
	return c, problems, err
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
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

func parse(file string, data []byte, environ []string) (Config, []domain.Problem) {
	l := loader{file: file, data: data, keys: keys(), values: map[string]any{}}
	l.readJSON()
	l.readEnvironment(environ)
	c := Default()
	for _, name := range slices.Sorted(maps.Keys(l.values)) {
		l.assign(&c, name, l.values[name])
	}
	// A start from the file and an end from elsewhere may not fit.
	if r := &c.WebInterface.PortRange; r.Start > r.End {
		l.problem(file, "web_interface.port_range", "start ≤ end")
		*r = Default().WebInterface.PortRange
	}
	return c, l.problems
}

type loader struct {
	file     string
	data     []byte
	keys     map[string]key
	values   map[string]any // good values by key
	problems []domain.Problem
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
	data := bytes.TrimPrefix(l.data, []byte("\ufeff"))
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
