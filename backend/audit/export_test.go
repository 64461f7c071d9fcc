package audit_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/audit"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

func TestPartsMakeOneFile(t *testing.T) {
	records := []store.AuditRecord{
		{ID: 1, At: time.Unix(0, 0), ActorKind: "user", UserID: 7, Actor: "=cmd()", Level: domain.LevelAdmin, Action: "run", Object: "a\nb,\"c\"", After: json.RawMessage(`{"n":1}`), Hash: "ab"},
		{ID: 2, At: time.Unix(1, 0), ActorKind: "system", Actor: "setup", Action: "x", Object: "y"},
		{ID: 3, At: time.Unix(2, 0), ActorKind: "system", Actor: "setup", Action: "x", Object: "\x1b[2J\b\u202e\u009b"},
	}
	whole := func(format string) string {
		var b strings.Builder
		for _, p := range []struct {
			records     []store.AuditRecord
			first, last bool
		}{{records[:2], true, false}, {records[2:], false, false}, {nil, false, true}} {
			part, err := audit.Part(format, p.records, p.first, p.last)
			check(t, err)
			b.Write(part)
		}
		return b.String()
	}
	var back []store.AuditRecord
	check(t, json.Unmarshal([]byte(whole(audit.JSON)), &back))
	if len(back) != 3 || back[0].Object != records[0].Object || string(back[0].After) != `{"n":1}` {
		t.Errorf("%+v", back)
	}
	rows, err := csv.NewReader(strings.NewReader(whole(audit.CSV))).ReadAll()
	check(t, err)
	if len(rows) != 4 || rows[0][0] != "id" || rows[1][4] != "'=cmd()" || rows[1][7] != records[0].Object {
		t.Errorf("%q", rows)
	}
	text := whole(audit.TXT)
	if strings.Count(text, "\n") != 3 || strings.ContainsAny(text, "\x1b\b\u202e\u009b") || !strings.HasPrefix(text, "1  1970-01-01T00:00:00.000Z  =cmd() (admin)  run  a\\u000ab") {
		t.Errorf("%q", text)
	}
	if _, err := audit.Part("xml", records, true, true); err == nil {
		t.Error("xml is no format")
	}
	if part, err := audit.Part(audit.JSON, nil, true, true); err != nil || string(part) != "[\n]\n" {
		t.Errorf("%q, %v", part, err)
	}
}
