//go:build e2e && linux

package console_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Who did what is listed, exported and verified at the command line.
func TestAudit(t *testing.T) { // ADM-4, API-1
	t.Parallel()
	in := newInstallation(t, nil)
	in.script("good", task("", `print("well")`))
	in.ok(in.command("run", "tools/good", "--wait", "end"))

	records := in.list("audit", "list", "--limit", "1000")
	if len(records) < 2 {
		t.Fatalf("records %v", records)
	}
	wantKeys(t, "record", records[0], "id", "at", "actor_kind", "actor", "action", "object", "hash")
	runs := in.list("audit", "list", "--action", "execution.run", "--text", "tools/good")
	if len(runs) != 1 || !strings.HasPrefix(runs[0]["object"].(string), "execution:") {
		t.Errorf("runs %v", runs)
	}
	if none := in.list("audit", "list", "--user", "nobody"); len(none) != 0 {
		t.Errorf("of nobody %v", none)
	}
	whole := in.object("audit", "verify")
	wantKeys(t, "verified", whole, "ok", "records", "head", "copied", "faults")
	if whole["ok"] != true || whole["records"].(float64) < 2 {
		t.Errorf("%v", whole)
	}
	head, _ := whole["head"].(string)
	in.ok(in.command("audit", "verify", "--head", head))

	file := filepath.Join(t.TempDir(), "audit.csv")
	in.ok(in.command("audit", "export", "--output", file))
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < len(records)+2 { // with its head and itself
		t.Errorf("%d rows, %v", len(rows), err)
	}
	for what, c := range map[string]*command{
		"no such format":  in.command("audit", "export", "--output", filepath.Join(t.TempDir(), "audit.xml")),
		"no such folder":  in.command("audit", "export", "--output", filepath.Join(t.TempDir(), "none", "audit.csv")),
		"no head":         in.command("audit", "verify", "--head", "12"),
		"no time":         in.command("audit", "list", "--since", "yesterday"),
		"not for viewers": in.command("audit", "list", "--as", "nobody"),
	} {
		if r := c.run(); r.code == 0 || r.stderr == "" {
			t.Errorf("%s: %v", what, r)
		}
	}

	// Somebody with the file in his hands.
	in.tamper(
		`DROP TRIGGER audit_unchanged`, `DROP TRIGGER audit_kept`, `UPDATE audit SET actor = 'eve' WHERE id = 2`,
		`DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)`,
	)
	r := in.command("audit", "verify", "--json", "--head", head).run()
	if r.code != 1 {
		t.Fatalf("exit code %d: %v", r.code, r)
	}
	bad := decode[map[string]any](t, r.stdout)
	var kinds []string
	for _, f := range bad["faults"].([]any) {
		kinds = append(kinds, f.(map[string]any)["kind"].(string))
	}
	if text := strings.Join(kinds, " "); !strings.Contains(text, "changed") || !strings.Contains(text, "cut") {
		t.Errorf("faults %v", kinds)
	}
	for _, language := range []string{"en", "es", "it", "fr"} {
		said := in.command("audit", "verify", "--lang", language).run()
		if said.code != 1 || strings.Contains(said.stdout, "cli.") || strings.Contains(said.stdout, "{{") || !strings.Contains(said.stdout, "2") {
			t.Errorf("%s: %v", language, said)
		}
	}
}
