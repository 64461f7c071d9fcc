package domain_test

import (
	"encoding/json"
	"errors"
	"testing"

	"scriptsmanager/backend/domain"
)

func TestLevelOrder(t *testing.T) { // USR-2
	levels := domain.Levels()
	for i, a := range levels {
		for j, b := range levels {
			if got := a.AtLeast(b); got != (i >= j) {
				t.Errorf("%s.AtLeast(%s) = %v", a, b, got)
			}
		}
	}
	if domain.Level("root").AtLeast(domain.LevelViewer) || domain.LevelAdmin.AtLeast("root") {
		t.Error("an unknown level passes")
	}
	if _, err := domain.ParseLevel("Admin"); !domain.HasCode(err, domain.CodeLevelUnknown) {
		t.Errorf("ParseLevel(Admin) = %v", err)
	}
}

func TestTextFromStringOrMap(t *testing.T) { // DIS-2
	for in, want := range map[string]string{`"plain"`: "plain", `{"es":"hola"}`: "hola", `{"en":"a","fr":"b"}`: "b"} {
		var text domain.Text
		if err := json.Unmarshal([]byte(in), &text); err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		if got := text.In(domain.French); got != want {
			t.Errorf("%s in French = %q, want %q", in, got, want)
		}
	}
	var text domain.Text
	if json.Unmarshal([]byte(`[1]`), &text) == nil {
		t.Error("a list passes as text")
	}
}

func TestErrorKeepsCause(t *testing.T) {
	cause := errors.New("no space left on device")
	err := error(domain.NewError(domain.CodeDiskFull, "path", "/x").Because(cause))
	if !errors.Is(err, cause) || !domain.HasCode(err, domain.CodeDiskFull) {
		t.Errorf("lost cause or code: %v", err)
	}
	b, _ := json.Marshal(domain.AsError(err))
	if want := `{"code":"disk_full","params":{"path":"/x"}}`; string(b) != want {
		t.Errorf("JSON %s, want %s", b, want)
	}
}
