//go:build e2e && linux

package console_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Executions are exported in all formats, one or many; secrets are in none, as
// they are not in the logs (LOG-7, LOG-11).
func TestLogsAreExported(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, nil)
	header := `@parameters: [{"name": "token", "type": "password"}, {"name": "flow", "type": "number"}]`
	in.script("pump", task(header, `
values = json.load(open(os.environ["SCRIPTSMANAGER_PARAMETERS"]))
print("flow", values["flow"], "with", values["token"])
print(json.dumps(values))
sys.stderr.write("Error: %r is wrong\n" % values["token"])
sys.exit(4)`))
	in.script("fan", task("", `print("the fan turns")`))
	const token = `tök"en/7788`
	r := in.command("run", "tools/pump", "--wait", "end", "--set", "token="+token, "--set", "flow=2.5").run()
	if r.code != 1 || !strings.Contains(r.stdout, "flow 2.5 with ********") {
		t.Fatalf("%v", r)
	}
	in.ok(in.command("run", "tools/fan", "--wait", "end"))
	if hits := in.grep("7788"); len(hits) > 0 {
		t.Errorf("the secret stands in %v", hits)
	}
	list := in.list("execution", "list")
	ids := map[string]string{}
	for _, x := range list {
		script, _ := x["script_id"].(string)
		ids[script], _ = x["id"].(string)
	}
	pump, fan := ids["tools/pump"], ids["tools/fan"]
	if pump == "" || fan == "" {
		t.Fatalf("%v", list)
	}
	dir := t.TempDir()
	for format, begins := range map[string]string{"txt": "", "json": "[", "csv": "\uFEFFexecution_id,", "pdf": "%PDF-"} {
		path := filepath.Join(dir, "both."+format)
		answer := in.object("log", "export", fan, pump, "--output", path)
		wantKeys(t, "log export", answer, "execution_id", "path", "format", "bytes")
		b, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(b), begins) || answer["bytes"] != float64(len(b)) {
			t.Errorf("%s: %v, %.60q, %v", format, answer, b, err)
		}
		if format != "pdf" && (!strings.Contains(string(b), "the fan turns") || !strings.Contains(string(b), "flow 2.5 with ********")) {
			t.Errorf("%s: %s", format, b)
		}
	}
	path := filepath.Join(dir, "one.txt")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := in.ok(in.command("log", "export", pump, "--format", "json", "--output", path)); strings.TrimSpace(got) != path {
		t.Errorf("%q", got)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var record struct {
		ID         string            `json:"execution_id"`
		ExitCode   int               `json:"exit_code"`
		Parameters map[string]any    `json:"parameters"`
		Output     map[string]string `json:"output"`
	}
	if err := json.Unmarshal(b, &record); err != nil {
		t.Fatal(err)
	}
	if record.ID != pump || record.ExitCode != 4 || record.Output["stderr"] != "Error: '********' is wrong" || record.Parameters["flow"] != 2.5 ||
		!strings.Contains(record.Output["debug"], `"exit"`) {
		t.Errorf("%+v", record)
	}
	wantFailure(t, in.command("log", "export", pump, "--format", "doc", "--output", path).run(), exitUsage, "pdf")
	wantFailure(t, in.command("log", "export", "nothing", "--output", path).run(), exitNotFound, "nothing")
	wantFailure(t, in.command("log", "export", pump, "--output", filepath.Join(dir, "no", "such.txt")).run(), exitUsage, filepath.Join(dir, "no"))
	if after, err := os.ReadFile(path); err != nil || string(after) != string(b) {
		t.Errorf("the file is not as it was: %v", err)
	}
	wantFailure(t, in.command("log", "export", pump, "--output", dir, "--format", "txt").run(), exitUsage, dir)

	// A pipe is written to, not replaced; so is a device. Of a link, what it leads to is replaced.
	pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link.txt")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	writing := in.command("log", "export", fan, "--output", pipe, "--format", "txt").start()
	if b, err := os.ReadFile(pipe); err != nil || !strings.Contains(string(b), "the fan turns") {
		t.Errorf("from the pipe: %q, %v", b, err)
	}
	if r := writing.end(); r.code != exitOK {
		t.Errorf("into a pipe: %v", r)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is replaced: %v", err)
	}
	in.ok(in.command("log", "export", fan, "--output", link))
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is replaced: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), "the fan turns") {
		t.Errorf("behind the link: %.60q, %v", b, err)
	}

	// A log that somebody removed is not one without output.
	logs, err := filepath.Glob(filepath.Join(in.dir, "data", "logs", "executions", "*", "*", "execution_"+fan+".log"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("%q, %v", logs, err)
	}
	if found := in.list("log", "search", `"fan turns"`); len(found) != 1 {
		t.Errorf("found before it is removed: %v", found)
	}
	if err := os.Remove(logs[0]); err != nil {
		t.Fatal(err)
	}
	if r := in.command("log", "search", `"fan turns"`).run(); r.code != exitOK || r.stdout != "" || !strings.Contains(r.stderr, "1 log is gone") {
		t.Errorf("searched after it was removed: %v", r)
	}
	if r := in.command("log", "export", fan, pump, "--output", path, "--json").run(); r.code != exitOK || !strings.Contains(r.stdout, `"incomplete": 1`) || !strings.Contains(r.stderr, "1 execution") {
		t.Errorf("of a log that is gone: %v", r)
	}
	if r := in.command("log", "show", fan).run(); r.code != exitOK || r.stdout != "" || !strings.Contains(r.stderr, "removed") {
		t.Errorf("a log that is gone: %v", r)
	}
}
