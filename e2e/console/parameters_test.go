//go:build e2e && linux

package console_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const declared = `@parameters: [
    {"name": "text", "type": "string"},
    {"name": "count", "type": "integer", "min": 1, "max": 10, "default": 3},
    {"name": "factor", "type": "number", "min": -5, "max": 5, "step": 0.5},
    {"name": "flag", "type": "boolean"},
    {"name": "kind", "type": "select", "options": ["fine", "coarse"]},
    {"name": "many", "type": "multiselect", "options": ["a", "b", "c"]},
    {"name": "day", "type": "date"},
    {"name": "data", "type": "json"},
    {"name": "source", "type": "file"},
    {"name": "secret", "type": "password"},
    {"name": "token", "type": "string", "sensitive": true}
]`

// given is what seen wrote down.
type given struct {
	Argv           []string          `json:"argv"`
	Environ        map[string]string `json:"environ"`
	Cwd            string            `json:"cwd"`
	Parameters     map[string]any    `json:"parameters"`
	ParametersMode string            `json:"parameters_mode"`
	Cmdline        []string          `json:"cmdline"`
}

func (in *installation) given() given {
	in.t.Helper()
	b, err := os.ReadFile(filepath.Join(in.dataDir(), "seen.json"))
	if err != nil {
		in.t.Fatal(err)
	}
	return decode[given](in.t, string(b))
}

func TestArguments(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("seen", task(declared, seen))
	source := in.write("source.csv", "1;2\n")
	contract := []string{
		"--data-dir", in.dataDir(), "--user-level", "admin", "--port", "0", "--project-id", "1",
		"--project-name", "project_default", "--theme", "light", "--language", "en",
	}
	cases := []struct {
		name string
		set  []string
		want []string
	}{
		{"none but the default", nil, []string{"--count=3"}},
		{"begins with a hyphen", []string{"text=-rf /"}, []string{"--text=-rf /", "--count=3"}},
		{"quotes and spaces", []string{`text= it's "so" $HOME ; | * `}, []string{`--text= it's "so" $HOME ; | * `, "--count=3"}},
		{"more equal signs and commas", []string{"text=a=b,c=d"}, []string{"--text=a=b,c=d", "--count=3"}},
		{"lines", []string{"text=one\ntwo\r\n\tthree"}, []string{"--text=one\ntwo\r\n\tthree", "--count=3"}},
		{"other writing systems", []string{"text=größer 温度 🌡 naïve"}, []string{"--text=größer 温度 🌡 naïve", "--count=3"}},
		{"backslashes", []string{`text=C:\new\table`}, []string{`--text=C:\new\table`, "--count=3"}},
		{"numbers", []string{"count=10", "factor=-2.5"}, []string{"--count=10", "--factor=-2.5"}},
		{"an empty optional one", []string{"text=", "count=1"}, []string{"--count=1"}},
		{"booleans", []string{"flag=yes"}, []string{"--count=3", "--flag=true"}},
		{"a choice", []string{"kind=coarse"}, []string{"--count=3", "--kind=coarse"}},
		{"several values", []string{"many=a,c"}, []string{"--count=3", `--many=["a","c"]`}},
		{"a date", []string{"day=2026-02-28"}, []string{"--count=3", "--day=2026-02-28"}},
		{"JSON", []string{`data={"a": [1, "<é>"]}`}, []string{"--count=3", `--data={"a":[1,"<é>"]}`}},
		{"a file by a relative path", []string{"source=source.csv"}, []string{"--count=3", "--source=" + source}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			args := []string{"run", "tools/seen", "--wait", "end"}
			for _, set := range c.set {
				args = append(args, "--set", set)
			}
			at := *in
			at.t, at.home = t, in.dir // relative paths are those of the working folder
			at.ok(at.command(args...))
			got := at.given()
			if want := append(slices.Clone(contract), c.want...); !slices.Equal(got.Argv, want) {
				t.Errorf("arguments are\n%q, want\n%q", got.Argv, want)
			}
			if got.Cwd != filepath.Join(in.groups(), "tools") {
				t.Errorf("the working folder is %s", got.Cwd)
			}
			if shown := at.ok(at.command("execution", "list", "--limit", "1", "--json")); strings.Contains(shown, `"id": ""`) {
				t.Error(shown)
			}
		})
	}
	got := in.given()
	if got.Parameters["source"] != source || got.Parameters["count"] != 3.0 {
		t.Errorf("the file of parameters has %v", got.Parameters)
	}
}

func TestContractVariables(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, map[string]any{"confinement_environment": []string{"MY_*"}})
	in.script("seen", task(declared, seen))
	command := in.command("run", "tools/seen", "--wait", "end", "--json").with(
		"SCRIPTSMANAGER_ADMIN_PASSWORD=hidden-1", "SCRIPTSMANAGER_USER_PASSWORD=hidden-2",
		"SCRIPTSMANAGER_LANGUAGE=en", "MY_OWN=kept", "CLOUD_KEY=hidden-3", "http_proxy=http://127.0.0.1:1")
	shown := decode[map[string]any](t, in.ok(command))
	got := in.given()
	ours := map[string]string{}
	for name, value := range got.Environ {
		if strings.HasPrefix(name, "SCRIPTSMANAGER_") {
			ours[name] = value
		}
		if strings.Contains(value, "hidden-") {
			t.Errorf("%s reached the script", name)
		}
	}
	if ours["SCRIPTSMANAGER_EXECUTION_ID"] != shown["id"] {
		t.Errorf("SCRIPTSMANAGER_EXECUTION_ID is %q, want %v", ours["SCRIPTSMANAGER_EXECUTION_ID"], shown["id"])
	}
	if info, err := os.Stat(ours["SCRIPTSMANAGER_LOGO"]); err != nil || info.Size() == 0 {
		t.Errorf("SCRIPTSMANAGER_LOGO: %v", err)
	}
	if got.Environ["MY_OWN"] != "kept" {
		t.Error("a variable that the configuration names does not reach the script")
	}
	if !strings.Contains(got.Environ["no_proxy"], "127.0.0.1") {
		t.Errorf("no_proxy is %q", got.Environ["no_proxy"])
	}
	if got.ParametersMode != "0o600" {
		t.Errorf("the file of parameters has mode %s", got.ParametersMode)
	}
	if path := ours["SCRIPTSMANAGER_PARAMETERS"]; path == "" || exists(path) || exists(filepath.Dir(path)) {
		t.Errorf("%q is still there", path)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestSecretsGoByTheFileAlone(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("seen", strings.Replace(page(declared, seen), "args, rest", "args, more", 1))
	in.serve()
	const first, second = "s3cret-Ünder", "tok-en-42"
	command, answer := in.front("tools/seen", "--set", "secret="+first, "--set", "token="+second, "--set", "text=plain")
	got := in.given()
	if got.Parameters["secret"] != first || got.Parameters["token"] != second || got.Parameters["text"] != "plain" {
		t.Errorf("the file of parameters has %v", got.Parameters)
	}
	if err := os.Remove(filepath.Join(in.dataDir(), "seen.json")); err != nil { // the script's own doing
		t.Fatal(err)
	}
	for _, secret := range []string{first, second} {
		if strings.Contains(fmt.Sprint(got.Argv, got.Cmdline, got.Environ), secret) {
			t.Errorf("%q stands in the arguments or the environment of the script", secret)
		}
		// The command in front has it in its own arguments, where its person put it.
		for _, line := range processesOf(secret) {
			if !strings.HasPrefix(line, fmt.Sprint(command.cmd.Process.Pid)+":") {
				t.Errorf("%q stands at %s", secret, line)
			}
		}
	}
	path := got.Environ["SCRIPTSMANAGER_PARAMETERS"]
	command.signal(sigint)
	command.end()
	if exists(path) {
		t.Errorf("%s is still there", path)
	}
	for _, secret := range []string{first, second} {
		if hits := in.grep(secret); len(hits) > 0 {
			t.Errorf("%q stands in %v", secret, hits)
		}
		for _, args := range [][]string{{"execution", "show", answer.ExecutionID}, {"log", "show", answer.ExecutionID, "--stream", "debug,stdout,stderr"}} {
			if text := in.ok(in.command(append(args, "--json")...)); strings.Contains(text, secret) {
				t.Errorf("%v shows %q", args, secret)
			}
		}
	}
	shown, _ := in.show(answer.ExecutionID)["parameters"].(map[string]any)
	if want := map[string]any{"text": "plain", "count": 3.0}; !reflect.DeepEqual(shown, want) {
		t.Errorf("recorded are %v, want %v", shown, want)
	}
}

func TestWrongParameters(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("seen", task(strings.Replace(declared, `{"name": "text", "type": "string"}`,
		`{"name": "text", "type": "string", "required": true, "pattern": "[a-z]+"}`, 1), seen))
	in.serve()
	cases := []struct {
		name  string
		set   []string
		parts []string
	}{
		{"above the maximum", []string{"text=a", "count=11"}, []string{"count", "10"}},
		{"below the minimum", []string{"text=a", "count=0"}, []string{"count", "1"}},
		{"not a number", []string{"text=a", "count=many"}, []string{"count", "whole number"}},
		{"not whole", []string{"text=a", "count=1.5"}, []string{"count"}},
		{"off the steps", []string{"text=a", "factor=0.3"}, []string{"factor", "0.5"}},
		{"not a truth value", []string{"text=a", "flag=maybe"}, []string{"flag"}},
		{"not among the options", []string{"text=a", "kind=rough"}, []string{"kind", "fine, coarse"}},
		{"one of several not among the options", []string{"text=a", "many=a,z"}, []string{"many", "a, b, c"}},
		{"no such day", []string{"text=a", "day=2026-02-30"}, []string{"day"}},
		{"not JSON", []string{"text=a", "data={"}, []string{"data", "JSON"}},
		{"no such file", []string{"text=a", "source=/no/such/file"}, []string{"source", "/no/such/file"}},
		{"unknown", []string{"text=a", "nosuch=1"}, []string{"nosuch"}},
		{"required", nil, []string{"text"}},
		{"pattern", []string{"text=ABC"}, []string{"text", "[a-z]+"}},
		{"no equal sign", []string{"text"}, []string{"text", "NAME=VALUE"}},
		{"several at once", []string{"count=0", "nosuch=1"}, []string{"count", "nosuch", "text"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			at := *in
			at.t = t
			args := []string{"run", "tools/seen", "--wait", "end"}
			for _, set := range c.set {
				args = append(args, "--set", set)
			}
			wantFailure(t, at.command(args...).run(), exitUsage, c.parts...)
			r := at.command(append(args, "--json")...).run()
			wantFailure(t, r, exitUsage)
			if r.stdout != "" {
				t.Errorf("stdout: %s", r.stdout)
			}
		})
	}
	if runs := in.list("execution", "list"); len(runs) != 0 {
		t.Errorf("something was run: %v", runs)
	}
}
