package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

func TestDocumentHistory(t *testing.T) { // DOC-2
	s := openStore(t)
	save := func(text, found string, write func() error) (domain.DocumentVersion, error) {
		c := store.DocumentChange{
			Version: domain.DocumentVersion{ScriptID: "g/s", Language: domain.Italian, Path: "docs/s_it.md", Hash: "of " + text, Size: int64(len(text))},
			Content: []byte(text),
		}
		if found != "" {
			c.Found, c.FoundHash = []byte(found), "of "+found
		}
		return s.KeepDocument(t.Context(), store.Actor{Name: "dora"}, c, write)
	}
	fine := func() error { return nil }
	if _, err := save("one", "by hand", fine); err != nil {
		t.Fatal(err)
	}
	failure := errors.New("the disk is full")
	if _, err := save("lost", "one", func() error { return failure }); !errors.Is(err, failure) {
		t.Errorf("a file that could not be written gives %v", err)
	}
	if _, err := save("two", "one", fine); err != nil {
		t.Fatal(err)
	}
	list, err := s.DocumentVersions(t.Context(), "g/s", domain.Italian)
	if err != nil || len(list) != 3 {
		t.Fatalf("history is %+v %v", list, err)
	}
	for i, want := range []struct{ author, text string }{{"dora", "two"}, {"dora", "one"}, {"", "by hand"}} {
		v, content, err := s.DocumentVersion(t.Context(), list[i].ID)
		if err != nil || v.Author != want.author || string(content) != want.text || v.Hash != "of "+want.text {
			t.Errorf("version %d is %+v %q %v, want %v", i, v, content, err, want)
		}
	}
	// It is bounded by number and by size, and the newest one stays.
	for i := range 210 {
		if _, err := save(fmt.Sprint(i), "", fine); err != nil {
			t.Fatal(err)
		}
	}
	if list, _ = s.DocumentVersions(t.Context(), "g/s", domain.Italian); len(list) != 200 || list[0].Hash != "of 209" {
		t.Errorf("%d versions are kept", len(list))
	}
	if _, _, err := s.DocumentVersion(t.Context(), 1); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("a version that went gives %v", err)
	}
	if list, err := s.DocumentVersions(t.Context(), "g/s", domain.English); err != nil || len(list) != 0 {
		t.Errorf("of another language: %v %v", list, err)
	}
	big := strings.Repeat("words that are packed well. ", 1<<15)
	if v, err := save(big, "", fine); err != nil {
		t.Error(err)
	} else if _, content, err := s.DocumentVersion(t.Context(), v.ID); err != nil || string(content) != big {
		t.Errorf("a long one comes back with %d bytes, %v", len(content), err)
	}
}

// Two languages, or scripts, can name one file: who wrote it under the one is told under the other.
func TestDocumentOfTwo(t *testing.T) { // DOC-2
	s := openStore(t)
	save := func(id domain.ScriptID, l domain.Language, path, author, text, found string) {
		t.Helper()
		c := store.DocumentChange{
			Version: domain.DocumentVersion{ScriptID: id, Language: l, Path: path, Hash: "of " + text, Size: int64(len(text))},
			Content: []byte(text),
		}
		if found != "" {
			c.Found, c.FoundHash = []byte(found), "of "+found
		}
		if _, err := s.KeepDocument(t.Context(), store.Actor{Name: author}, c, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	save("g/s", domain.English, "docs/a.md", "dora", "of dora", "")
	save("g2/s", domain.English, "docs/a.md", "nobody here", "of dora", "")
	save("g/s", domain.French, "docs/a.md", "otto", "of otto", "of dora")
	save("g/t", domain.French, "docs/a.md", "dora", "again of dora", "by hand")
	for _, one := range []struct {
		id   domain.ScriptID
		want string
	}{{"g/s", "otto,dora"}, {"g/t", "dora,"}} {
		list, err := s.DocumentVersions(t.Context(), one.id, domain.French)
		authors := []string{}
		for _, v := range list {
			authors = append(authors, v.Author)
		}
		if got := strings.Join(authors, ","); err != nil || got != one.want {
			t.Errorf("%s was written by %q %v, want %q", one.id, got, err, one.want)
		}
	}
	english, err := s.DocumentVersions(t.Context(), "g/s", domain.English)
	if err != nil || len(english) != 1 {
		t.Fatalf("history is %+v %v", english, err)
	}
	if french, _ := s.DocumentVersions(t.Context(), "g/s", domain.French); !french[1].CreatedAt.Equal(english[0].CreatedAt) {
		t.Errorf("dora wrote at %v, told as %v", english[0].CreatedAt, french[1].CreatedAt)
	}
}
