package project_test

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/project"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	check(t, os.MkdirAll(filepath.Dir(path), 0o700))
	check(t, os.WriteFile(path, []byte(text), 0o644))
}

func newRoot(t testing.TB) (platform.Root, string) {
	t.Helper()
	r, err := platform.Prepare(t.TempDir())
	check(t, err)
	group := filepath.Join(r.Groups(), "thermal")
	check(t, os.Mkdir(group, 0o700))
	return r, group
}

func TestDataDir(t *testing.T) { // SPEC section 2
	r := platform.Root{Dir: "/root"}
	for _, c := range []struct{ user, project, group, want string }{
		{"ann", "project_default", "thermal", "group_thermal/user_ann/project_default"},
		{"ann", "oven", "group_x", "group_x/user_ann/project_oven"},
	} {
		want := filepath.Join(r.ScriptData(), filepath.FromSlash(c.want))
		if got := project.DataDir(r, c.user, c.project, c.group); got != want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	seen := map[string]string{}
	for _, group := range []string{"a b", "a.b", "a_b", "..", "a/../../b"} {
		dir := project.DataDir(r, "ann", "p", group)
		if other, there := seen[dir]; there {
			t.Errorf("%q and %q share %s", group, other, dir)
		}
		seen[dir] = group
		if !strings.HasPrefix(dir, r.ScriptData()+string(filepath.Separator)+"group_") {
			t.Errorf("%q leads to %s", group, dir)
		}
	}
}

func TestPrepare(t *testing.T) { // PRJ-1
	r, group := newRoot(t)
	write(t, group, "examples/default/walls.json", `{"layers": 3}`)
	write(t, group, "examples/default/deep/er/notes.txt", "notes")
	write(t, group, "examples/other.json", "not a default file")
	write(t, r.Dir, "secret", "secret")
	if runtime.GOOS != "windows" {
		check(t, os.Symlink(filepath.Join(r.Dir, "secret"), filepath.Join(group, "examples", "default", "link")))
		check(t, os.Symlink(r.Dir, filepath.Join(group, "examples", "default", "folder")))
	}
	dir, err := project.Prepare(t.Context(), r, "ann", "project_default", "thermal")
	check(t, err)
	if want := project.DataDir(r, "ann", "project_default", "thermal"); dir != want {
		t.Errorf("folder %s, want %s", dir, want)
	}
	var files []string
	check(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		relative, _ := filepath.Rel(dir, path)
		files = append(files, filepath.ToSlash(relative))
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", relative, info.Mode().Perm())
		}
		return err
	}))
	if want := []string{".", "deep", "deep/er", "deep/er/notes.txt", "walls.json"}; !reflect.DeepEqual(files, want) {
		t.Errorf("files %v, want %v", files, want)
	}
	write(t, dir, "walls.json", "changed")
	check(t, os.RemoveAll(filepath.Join(dir, "deep")))
	_, err = project.Prepare(t.Context(), r, "ann", "project_default", "thermal")
	check(t, err)
	if b, _ := os.ReadFile(filepath.Join(dir, "walls.json")); string(b) != "changed" {
		t.Error("a second use overwrote a file")
	}
	if _, err := os.Stat(filepath.Join(dir, "deep")); err == nil {
		t.Error("a second use brought deleted files back")
	}
}

func TestPrepareWithoutExamples(t *testing.T) {
	r, group := newRoot(t)
	for _, prepare := range []func(){
		func() {},
		func() { write(t, group, "examples/default", "a file") },
		func() {
			check(t, os.RemoveAll(filepath.Join(group, "examples")))
			if runtime.GOOS != "windows" {
				check(t, os.Symlink(r.Dir, filepath.Join(group, "examples")))
			}
		},
	} {
		prepare()
		check(t, os.RemoveAll(r.ScriptData()))
		dir, err := project.Prepare(t.Context(), r, "ann", "p", "thermal")
		check(t, err)
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
			t.Errorf("entries %v, %v", entries, err)
		}
	}
}

func TestPrepareAtOnce(t *testing.T) {
	r, group := newRoot(t)
	for _, name := range []string{"a", "b", "c"} {
		write(t, group, "examples/default/"+name, name)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			dir, err := project.Prepare(t.Context(), r, "ann", "p", "thermal")
			if err != nil {
				t.Error(err)
				return
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
				t.Errorf("half filled: %v, %v", entries, err)
			}
		})
	}
	wg.Wait()
	entries, err := os.ReadDir(filepath.Dir(project.DataDir(r, "ann", "p", "thermal")))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestChanged(t *testing.T) { // EXE-1
	dir := t.TempDir()
	write(t, dir, "same", "same")
	write(t, dir, "deep/grows", "1")
	write(t, dir, "touched", "x")
	write(t, dir, "gone", "x")
	before, err := project.TakeSnapshot(dir)
	check(t, err)
	write(t, dir, "deep/grows", "12")
	write(t, dir, "deep/new", "123")
	later := time.Now().Add(time.Hour)
	check(t, os.Chtimes(filepath.Join(dir, "touched"), later, later))
	check(t, os.Remove(filepath.Join(dir, "gone")))
	if runtime.GOOS != "windows" {
		check(t, os.Symlink("/etc", filepath.Join(dir, "link")))
	}
	after, err := project.TakeSnapshot(dir)
	check(t, err)
	want := []domain.ChangedFile{{Path: "deep/grows", Size: 2}, {Path: "deep/new", Size: 3, New: true}, {Path: "touched", Size: 1}}
	if got := project.Changed(before, after); !reflect.DeepEqual(got, want) {
		t.Errorf("changed %+v, want %+v", got, want)
	}
	if got := project.Changed(after, after); len(got) != 0 {
		t.Errorf("changed %+v", got)
	}
	none, err := project.TakeSnapshot(filepath.Join(dir, "none"))
	check(t, err)
	if got := project.Changed(none, after); len(got) != 4 {
		t.Errorf("changed since nothing: %+v", got)
	}
}

func TestCheckName(t *testing.T) { // PRJ-1
	for in, want := range map[string]string{" Oven 3 ": "Oven 3", "e\u0301": "é", strings.Repeat("é", 100): strings.Repeat("é", 100)} {
		if got, err := project.CheckName(in); err != nil || got != want {
			t.Errorf("CheckName(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "  ", "a\nb", "\xff", strings.Repeat("x", 101)} {
		if _, err := project.CheckName(in); !domain.HasCode(err, domain.CodeNameInvalid) {
			t.Errorf("CheckName(%q): %v", in, err)
		}
	}
}

// BenchmarkTakeSnapshot is held against 200 ms for the most files it looks at.
func BenchmarkTakeSnapshot(b *testing.B) {
	dir := b.TempDir()
	for i := range 20_001 {
		write(b, dir, filepath.Join("d", string(rune('a'+i%26)), strings.Repeat("f", 1+i/26%40)+time.Duration(i).String()), "")
	}
	for b.Loop() {
		s, err := project.TakeSnapshot(dir)
		check(b, err)
		if !s.Partial {
			b.Fatal("not partial")
		}
	}
}
