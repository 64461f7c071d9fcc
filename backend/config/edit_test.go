package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestEditKeepsTheRest(t *testing.T) { // SPEC ADM-3
	for _, c := range []struct {
		name, before string
		changes      map[string]any
		after        string
	}{
		{"a value", "{\n  \"debug\": false,\n  \"job_workers\": 2\n}\n", map[string]any{"debug": true}, "{\n  \"debug\": true,\n  \"job_workers\": 2\n}\n"},
		{"nothing yet", "", map[string]any{"limits.cpus": 1.5}, "{\n  \"limits\": {\n    \"cpus\": 1.5\n  }\n}\n"},
		{"an empty object", "{}", map[string]any{"debug": true}, `{"debug": true}`},
		{"one line", `{"debug": false}`, map[string]any{"limits.cpus": 2.0}, `{"debug": false, "limits": {"cpus": 2}}`},
		{
			"tabs and a further key", "{\n\t\"limits\": {\n\t\t\"cpus\": 1\n\t}\n}",
			map[string]any{"limits.processes": 9.0, "debug": true},
			"{\n\t\"limits\": {\n\t\t\"cpus\": 1,\n\t\t\"processes\": 9\n\t},\n\t\"debug\": true\n}",
		},
		{
			"three levels", "{\n    \"debug\": true\n}",
			map[string]any{"web_interface.port_range.start": 5300.0},
			"{\n    \"debug\": true,\n    \"web_interface\": {\n        \"port_range\": {\n            \"start\": 5300\n        }\n    }\n}",
		},
		{"lines of Windows", "\ufeff{\r\n  \"debug\": true\r\n}", map[string]any{"job_workers": 3.0}, "\ufeff{\r\n  \"debug\": true,\r\n  \"job_workers\": 3\r\n}"},
		{"a list", `{"backup": {"exclude_patterns": []}}`, map[string]any{"backup.exclude_patterns": []any{"*.tmp", "<a>"}}, `{"backup": {"exclude_patterns": ["*.tmp", "<a>"]}}`},
		{"taken out, the first", `{"debug": true, "job_workers": 2}`, map[string]any{"debug": nil}, `{"job_workers": 2}`},
		{"taken out, the last", "{\n  \"debug\": true,\n  \"job_workers\": 2\n}", map[string]any{"job_workers": nil}, "{\n  \"debug\": true\n}"},
		{"taken out with its section", "{\n  \"debug\": true,\n  \"limits\": {\n    \"cpus\": 2\n  }\n}", map[string]any{"limits.cpus": nil}, "{\n  \"debug\": true\n}"},
		{"taken out, the only one", "{\n  \"limits\": {\"cpus\": 2}\n}", map[string]any{"limits.cpus": nil}, "{}"},
		{"taken out, not there", `{"debug": true}`, map[string]any{"limits.cpus": nil}, `{"debug": true}`},
		{"several of the name", `{"debug": false, "x": "}]\"{", "debug": true}`, map[string]any{"debug": false}, `{"debug": false, "x": "}]\"{", "debug": false}`},
		{"no object on the way", `{"limits": 3}`, map[string]any{"limits.cpus": 2.0}, `{"limits": {"cpus": 2}}`},
		{"what is none of ours", `{"limits": {"grave": 1, "cpus": 2}}`, map[string]any{"limits.grave": nil}, `{"limits": {"cpus": 2}}`},
	} {
		got, err := Edit([]byte(c.before), c.changes)
		if err != nil || string(got) != c.after {
			t.Errorf("%s: %v\ngot  %q\nwant %q", c.name, err, got, c.after)
		}
	}
	for _, broken := range []string{"{", "[]", "null", `"x"`, "{\"debug\": true,}"} {
		if got, err := Edit([]byte(broken), map[string]any{"debug": true}); err == nil {
			t.Errorf("%s: changed to %s", broken, got)
		}
	}
}

func FuzzEdit(f *testing.F) {
	customer, err := os.ReadFile(filepath.Join("testdata", "customer.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(customer, "limits.cpus", "4", false)
	f.Add([]byte(`{"a":{"b":[1,{"c":"\\\""}],"b":{}},"a":{"b":{"c":1}}}`), "a.b.c", `"}"`, true)
	f.Add([]byte("{\n}"), "x", "[1, 2]", false)
	f.Add([]byte(`{ "a" : { } , "b" : [ ] }`), "a.c", "{}", true)
	f.Fuzz(func(t *testing.T, data []byte, key, value string, out bool) {
		var before map[string]any
		var wanted any
		trimmed := []byte(strings.TrimPrefix(string(data), byteOrderMark))
		if json.Unmarshal(trimmed, &before) != nil || before == nil || json.Unmarshal([]byte(value), &wanted) != nil || wanted == nil || strings.ContainsRune(key, '\ufffd') {
			return
		}
		path := strings.Split(key, ".")
		change := map[string]any{key: wanted}
		if out {
			change[key] = nil
		}
		edited, err := Edit(data, change)
		if err != nil {
			t.Fatal(err)
		}
		var after map[string]any
		if err := json.Unmarshal([]byte(strings.TrimPrefix(string(edited), byteOrderMark)), &after); err != nil {
			t.Fatalf("%q became %q: %v", data, edited, err)
		}
		at := func(m map[string]any, path []string) (any, bool) {
			for _, name := range path[:len(path)-1] {
				below, ok := m[name].(map[string]any)
				if !ok {
					return nil, false
				}
				m = below
			}
			v, ok := m[path[len(path)-1]]
			return v, ok
		}
		got, there := at(after, path)
		if !out && !reflect.DeepEqual(got, wanted) {
			t.Fatalf("%q became %q, without %s", data, edited, key)
		}
		if out && there && !duplicates(trimmed) {
			t.Fatalf("%q became %q, with %s", data, edited, key)
		}
		for name, value := range before { // what is elsewhere stays
			if name != path[0] && !reflect.DeepEqual(after[name], value) {
				t.Fatalf("%q became %q: %s", data, edited, name)
			}
		}
	})
}

// duplicates tells whether an object has a name twice: taken out, the other one counts.
func duplicates(data []byte) bool {
	d := document{data}
	var look func(s span) bool
	look = func(s span) bool {
		if d.data[s.from] != '{' {
			return false
		}
		seen := map[string]bool{}
		for _, m := range d.members(s) {
			if seen[m.name] || look(m.value) {
				return true
			}
			seen[m.name] = true
		}
		return false
	}
	return look(d.value(0))
}
