package process_test

import (
	"strings"
	"testing"

	"scriptsmanager/backend/process"
)

func TestTailKeepsTheEnd(t *testing.T) {
	tail := process.NewTail(5)
	for _, part := range []string{"abc", "defg", "", "h\xff"} {
		if n, err := tail.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("write %q: %d, %v", part, n, err)
		}
	}
	if got := string(tail.Bytes()); got != "efgh\xff" {
		t.Errorf("kept %q", got)
	}
	if got := tail.String(); got != "efgh\ufffd" {
		t.Errorf("as text %q", got)
	}
	if _, err := tail.Write([]byte(strings.Repeat("x", 100))); err != nil || tail.String() != "xxxxx" {
		t.Errorf("more at once than is kept: %q, %v", tail.String(), err)
	}
}
