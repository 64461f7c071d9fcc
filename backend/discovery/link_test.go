//go:build !windows

package discovery_test

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

func TestScanRefusesLinksThatLeave(t *testing.T) { // DIS-1
	dir, outside := t.TempDir(), t.TempDir()
	tree(t, outside, map[string]string{"evil.py": header("@category: evil"), "m.json": `{"required_level": "viewer"}`, "docs/a.md": ""})
	tree(t, dir, map[string]string{"g/real.py": header("@category: real"), "g/lib/deep.py": header("@category: deep"), "other/a.py": ""})
	for link, target := range map[string]string{
		"g/evil.py": filepath.Join(outside, "evil.py"), "g/above.py": "../other/a.py", "g/metadata.json": filepath.Join(outside, "m.json"),
		"g/scripts": outside, "g/docs": filepath.Join(outside, "docs"), "g/alias.py": "real.py", "g/deep.py": "lib/deep.py",
		"g/absolute.py": filepath.Join(dir, "g", "real.py"), "g/loop.py": "loop.py", "g/dangling.py": "nowhere.py", "g/.lock.py": "user@host",
		"linked": outside, "alias": "g", "file": filepath.Join(outside, "m.json"), "g/dir.py": "lib",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "g", "pipe.py"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDiscovery(dir)
	r := scan(t, d)
	if got := scriptIDs(r); got != "g/absolute g/alias g/deep g/real other/a" {
		t.Errorf("scripts %s", got)
	}
	var refused []string
	for _, p := range group(t, r, "g").Problems {
		refused = append(refused, p.File+" "+string(p.Code))
	}
	want := []string{
		"above.py link_escapes", "dangling.py file_unreadable", "docs link_escapes", "evil.py link_escapes",
		"loop.py file_unreadable", "metadata.json link_escapes", "scripts link_escapes",
	}
	if !slices.Equal(refused, want) {
		t.Errorf("refused %q\nwant    %q", refused, want)
	}
	refused = nil
	for _, p := range r.Problems {
		refused = append(refused, p.File)
	}
	if !slices.Equal(refused, []string{"alias", "linked"}) {
		t.Errorf("refused groups %q", refused)
	}
	if s := script(t, r, "g/deep"); s.Category != "deep" {
		t.Errorf("category %q through a link", s.Category)
	}
	tree(t, dir, map[string]string{"g/lib/deep.py": header("@category: deeper")})
	if s := script(t, scan(t, d), "g/deep"); s.Category != "deeper" {
		t.Errorf("category %q after a change behind a link", s.Category)
	}
}
