package engine_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/sandbox"
)

// SEC-2: a script writes into a folder that its header asks for only when an
// administrator approved it, and only as it was then.
func TestApprovedPaths(t *testing.T) {
	if sandbox.ABI() == 0 {
		t.Skip("this machine does not confine")
	}
	dir := t.TempDir()
	share, other := filepath.Join(dir, "share"), filepath.Join(dir, "other")
	if err := errors.Join(os.Mkdir(share, 0o700), os.Mkdir(other, 0o700)); err != nil {
		t.Fatal(err)
	}
	n := newInstallation(t, map[string]string{"w.py": fmt.Sprintf(`'''ScriptsManager Metadata:
@interface: none
@paths: ["%[1]s", "%[2]s", "/no/such", "relative"]
'''
import os
for folder in ("%[1]s", "%[2]s"):
    try:
        open(os.path.join(folder, "made"), "w").close(); print("yes")
    except PermissionError: print("no")
`, share, other)}, "")
	ctx := t.Context()
	s, err := n.engine.Script(ctx, "g/w")
	if err != nil || len(s.Paths) != 4 {
		t.Fatalf("%v, %v", s.Paths, err)
	}
	anna := engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}
	expect := func(when, want string) {
		t.Helper()
		if got := strings.Join(strings.Fields(n.output(n.ended(n.run("w")))), " "); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	expect("nothing approved", "no no")
	for path, code := range map[string]domain.Code{
		dir: domain.CodeNotFound, "/no/such": domain.CodePathNotApprovable, "relative": domain.CodePathNotApprovable,
	} {
		if err := n.engine.ApprovePaths(ctx, anna, s, []string{path}); !domain.HasCode(err, code) {
			t.Errorf("%s: %v", path, err)
		}
	}
	ours := s
	for _, path := range []string{n.root.Dir, n.root.Data(), filepath.Dir(n.root.Dir), n.engine.RunDir(), "/"} {
		ours.Paths = []string{path}
		if err := n.engine.ApprovePaths(ctx, anna, ours, ours.Paths); !domain.HasCode(err, domain.CodePathNotApprovable) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := n.engine.ApprovePaths(ctx, anna, s, []string{share}); err != nil {
		t.Fatal(err)
	}
	expect("one approved", "yes no")
	paths, err := n.engine.Paths(ctx, s)
	if err != nil || len(paths) != 4 || !paths[0].Approved || paths[0].By != "anna" || paths[0].At == nil || paths[1].Approved {
		t.Errorf("%+v, %v", paths, err)
	}
	// What is put in its place later was not approved.
	if err := errors.Join(os.RemoveAll(share), os.Symlink(other, share)); err != nil {
		t.Fatal(err)
	}
	expect("a link in its place", "no no")
	if err := n.engine.ApprovePaths(ctx, anna, s, nil); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(share), os.Mkdir(share, 0o700)); err != nil {
		t.Fatal(err)
	}
	expect("withdrawn", "no no")
}
