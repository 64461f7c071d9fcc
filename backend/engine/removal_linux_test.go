package engine_test

import (
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Data that could not be taken away are not recorded as removed. USR-6, ADM-4
func TestRefusedResetIsNotRecorded(t *testing.T) {
	n := newInstallation(t, nil, "")
	bob, p, _ := n.person("bob")
	recorded := func() int {
		t.Helper()
		records, err := n.engine.AuditRecords(t.Context(), engine.AuditFilter{Action: "user.reset_data"})
		if err != nil {
			t.Fatal(err)
		}
		return len(records)
	}
	// So long that the name that it is put aside under is none.
	bob.Folder = "user_" + strings.Repeat("x", 245)
	n.exec(`UPDATE users SET folder = '` + bob.Folder + `' WHERE username = 'bob'`)
	file := n.fileOf(bob, p)
	if _, err := n.engine.ResetUserData(t.Context(), n.actor(), bob.ID); err == nil || domain.HasCode(err, domain.CodeUserRuns) {
		t.Fatalf("reset: %v", err)
	}
	if !there(file) || recorded() != 0 {
		t.Errorf("there: %t, recorded %d times", there(file), recorded())
	}
	bob.Folder = "user_bob2"
	n.exec(`UPDATE users SET folder = 'user_bob2' WHERE username = 'bob'`)
	file = n.fileOf(bob, p)
	if _, err := n.engine.ResetUserData(t.Context(), n.actor(), bob.ID); err != nil || there(file) || recorded() != 1 {
		t.Errorf("%v, there: %t, recorded %d times", err, there(file), recorded())
	}
}
