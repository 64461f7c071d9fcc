//go:build e2e && linux

package console_test

import (
	"archive/zip"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// What is handed to who is to help says how the installation stands, and
// nothing that is secret or of the people's work.
func TestSupportBundle(t *testing.T) { // ADM-7, SEC-6
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("telling", task(`@parameters: [{"name": "key", "type": "string", "sensitive": true}, {"name": "plain", "type": "string"}]`,
		`print("PLANTED-OUTPUT", sys.argv)`))
	in.script("broken", "import nothing at all")
	in.ok(in.command("user", "add", "otto", "--level", "operator").with("SCRIPTSMANAGER_USER_PASSWORD=PLANTED-PASSWORD"))
	in.ok(in.command("run", "tools/telling", "--as", "otto", "--set", "key=PLANTED-SECRET", "--set", "plain=PLANTED-PARAMETER", "--wait", "end"))
	in.command("run", "tools/telling", "--set", "none=PLANTED-WRONG", "--wait", "end").run()
	dir := t.TempDir()
	made := decode[map[string]any](t, in.ok(in.command("support-bundle", "--output", dir, "--json").with("PLANTED=PLANTED-VARIABLE", "SCRIPTSMANAGER_ADMIN_PASSWORD=PLANTED-ADMIN")))
	path, _ := made["path"].(string)
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(b)
		if at := strings.Index(string(b), "PLANTED"); at >= 0 {
			t.Errorf("%s has %.60q", f.Name, b[max(0, at-20):])
		}
		if strings.Contains(string(b), "$2a$") || strings.Contains(string(b), "$2b$") {
			t.Errorf("%s has the hash of a password", f.Name)
		}
	}
	for _, name := range []string{
		"about.json", "configuration.json", "findings.json", "database.json", "problems.json", "environments.json", "executions.json",
	} {
		if !json.Valid([]byte(files[name])) {
			t.Errorf("%s: %.80q", name, files[name])
		}
	}
	if _, ok := files["logs/application.log"]; !ok {
		t.Error("no system log")
	}
	if !strings.Contains(files["executions.json"], "tools/telling") || !strings.Contains(files["database.json"], `"executions": 1`) {
		t.Errorf("executions %s\ndatabase %s", files["executions.json"], files["database.json"])
	}
	for what, c := range map[string]*command{
		"not for others": in.command("support-bundle", "--output", dir, "--as", "otto"),
		"no folder":      in.command("support-bundle", "--output", dir+"/none/x.zip"),
	} {
		if r := c.run(); r.code == 0 || r.stderr == "" {
			t.Errorf("%s: %v", what, r)
		}
	}
}
