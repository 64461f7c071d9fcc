//go:build e2e && linux

package console_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

const sigint = syscall.SIGINT

// inGo are signs of an error in the words of the program's language.
var inGo = regexp.MustCompile(`%!|&\{|<no value>|map\[|goroutine |panic:|\berror\.[a-z_]+\b|\breason\.[a-z_]+\b|: (open|stat|dial|fork/exec|write|read) |sqlite|SQLITE`)

// wantFailure wants the exit code and one message for people, with the parts
// given: what it is about, and what to do.
func wantFailure(t *testing.T, r result, code int, parts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("the exit code is %d, want %d\n%v", r.code, code, r)
	}
	message := r.stderr
	if strings.HasPrefix(strings.TrimSpace(message), "{") {
		var document struct {
			Error struct {
				Code    string `json:"code"`
				Message string `json:"message"`
			} `json:"error"`
		}
		if err := json.Unmarshal([]byte(message), &document); err != nil {
			t.Errorf("with --json, stderr is not one document: %v\n%s", err, message)
		}
		if document.Error.Code == "" {
			t.Errorf("the error has no code: %s", message)
		}
		message = document.Error.Message
	}
	if len(strings.TrimSpace(message)) < 20 {
		t.Errorf("the message says too little: %q", message)
	}
	if found := inGo.FindString(message); found != "" {
		t.Errorf("%q in the message is not for people: %s", found, message)
	}
	for _, part := range parts {
		if !strings.Contains(message, part) {
			t.Errorf("%q is missing in the message: %s", part, message)
		}
	}
}

// grep lists the files of the root that hold the text.
func (in *installation) grep(text string) (hits []string) {
	in.t.Helper()
	err := filepath.WalkDir(in.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			hits = append(hits, path)
		}
		return err
	})
	if err != nil {
		in.t.Fatal(err)
	}
	return hits
}
