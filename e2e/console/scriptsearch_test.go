//go:build e2e && linux

package console_test

import (
	"fmt"
	"strings"
	"testing"
)

// Scripts are found by what they are called, tagged, described and documented
// as, the best first, and only by who may see them.
func TestScriptSearch(t *testing.T) { // TAG-2, UI-6, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("pump", task("@display_name: Pump\n@description_long: docs/pump.md", "pass"))
	in.script("tagged", task("@display_name: Other\n@tags: pump", "pass"))
	in.script("closed", task("@display_name: Closed pump\n@required_level: admin", "pass"))
	in.script("written", task("@display_name: Third\n@description_it: Una pùmp\n@description_long: docs/written.md", "pass"))
	in.write("app/backend/script_groups/tools/docs/written.md", "# Cavitación\n\nWhen the *flow* breaks.")
	in.write("app/backend/script_groups/tools/docs/pump.md", "# Nothing")
	in.ok(in.command("user", "add", "otto", "--level", "operator").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	found := func(args ...string) string {
		t.Helper()
		ids := []string{}
		for _, h := range in.object(append([]string{"script", "search"}, args...)...)["hits"].([]any) {
			ids = append(ids, strings.TrimPrefix(h.(map[string]any)["script_id"].(string), "tools/"))
		}
		return fmt.Sprint(ids)
	}
	for args, want := range map[string]string{
		"PUMP":                  "[pump closed tagged written]",
		"pump --as otto":        "[pump tagged written]",
		"pump --limit 1":        "[pump]",
		"cavitacion flow":       "[written]",
		"cavitacion nothing":    "[]",
		"pump --group none":     "[]",
		"mine --as otto":        "[]",
		"closed --group tools":  "[closed]",
		"closed pump --as otto": "[]",
	} {
		if got := found(strings.Fields(args)...); got != want {
			t.Errorf("%s finds %s, want %s", args, got, want)
		}
	}
	in.ok(in.command("tag", "add", "tools/pump", "mine", "--as", "otto"))
	if got := found("mine", "--as", "otto"); got != "[pump]" {
		t.Errorf("an own tag finds %s", got)
	}
	if r := in.command("script", "search", "cavit", "--lang", "it").run(); !strings.Contains(r.stdout, "Documentazione: Cavitación") {
		t.Errorf("for people: %v", r)
	}
}
