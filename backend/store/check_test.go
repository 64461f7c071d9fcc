package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

func TestCheckTellsOfDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scriptsmanager.db")
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("a new one: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) / 2; i < len(b); i++ {
		b[i] = 0xA5
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = store.Open(t.Context(), path)
	if err == nil {
		err = s.Check(t.Context())
		defer s.Close()
	}
	if !domain.HasCode(err, domain.CodeDatabaseDamaged) {
		t.Errorf("half of it overwritten: %v", err)
	}
}
