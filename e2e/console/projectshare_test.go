//go:build e2e && linux

package console_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestProjectIsShared(t *testing.T) { // PRJ-6, section 18: enable_project_sharing
	t.Parallel()
	in := newInstallation(t, map[string]any{"security": map[string]any{"enable_project_sharing": true}})
	in.script("write", task("", `print(1)`))
	for _, user := range []string{"otto", "olga"} {
		in.ok(in.command("user", "add", user, "--level", "operator").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	}
	in.ok(in.command("project", "create", "Oven", "--as", "otto"))
	file := filepath.Join(t.TempDir(), "walls.json")
	if err := os.WriteFile(file, []byte(`{"walls":3}`), 0o600); err != nil {
		t.Fatal(err)
	}
	in.ok(in.command("data", "put", file, "tools/", "--project", "Oven", "--as", "otto"))
	shared := []string{"--owner", "otto", "--project", "Oven", "--as", "olga"}
	get := append([]string{"data", "get", "tools/walls.json", "-o", "-"}, shared...)
	if r := in.command(get...).run(); r.code != 4 {
		t.Errorf("not shared: %v", r)
	}
	in.ok(in.command("project", "share", "Oven", "olga", "--as", "otto"))
	if list := in.list("project", "list", "--shared", "--as", "olga"); len(list) != 1 || list[0]["owner"] != "otto" || list[0]["name"] != "Oven" {
		t.Errorf("shared with olga: %v", list)
	}
	if out := in.ok(in.command("project", "list", "--as", "otto")); !strings.Contains(out, "olga") {
		t.Errorf("otto's list: %s", out)
	}
	if out := in.ok(in.command(get...)); strings.TrimSpace(out) != `{"walls":3}` {
		t.Errorf("read: %q", out)
	}
	if r := in.command(append([]string{"data", "put", file, "tools/other/"}, shared...)...).run(); r.code == 0 || !strings.Contains(r.stderr, "otto") {
		t.Errorf("written to: %v", r)
	}
	in.ok(in.command("project", "unshare", "Oven", "--as", "otto"))
	if r := in.command(get...).run(); r.code != 4 {
		t.Errorf("taken back: %v", r)
	}
}
