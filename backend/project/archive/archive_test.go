package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/archive"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// quiet hears what a work tells.
type quiet struct{ at func(step string) }

func (q quiet) Begin(step string) {
	if q.at != nil {
		q.at(step)
	}
}
func (quiet) Bytes(int64, int64, int64, string) {}
func (quiet) Say(string, ...any)                {}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	check(t, os.MkdirAll(filepath.Dir(path), 0o700))
	check(t, os.WriteFile(path, []byte(text), 0o600))
}

// tree is what lies in a folder.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	check(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || path == dir {
			return err
		}
		relative, _ := filepath.Rel(dir, path)
		switch {
		case info.IsDir():
			files[filepath.ToSlash(relative)+"/"] = ""
		case info.Mode().IsRegular():
			b, err := os.ReadFile(path)
			check(t, err)
			files[filepath.ToSlash(relative)] = string(b)
		default:
			files[filepath.ToSlash(relative)] = info.Mode().Type().String()
		}
		return nil
	}))
	return files
}

func backup(t testing.TB, dir, output string, compress bool) (archive.Made, error) {
	t.Helper()
	return archive.Write(t.Context(), archive.Backup{
		Folders: map[string]string{"group_a": dir}, Output: output, Compress: compress, Product: "1", MadeAt: time.Now(),
		User: "ann", Project: "Oven", Readme: "how",
	}, quiet{})
}

func TestWriteAndRestore(t *testing.T) { // PRJ-4
	for _, compress := range []bool{true, false} {
		root := t.TempDir()
		dir := filepath.Join(root, "project")
		write(t, dir, "walls.json", "{}")
		write(t, dir, "deep/er/large", strings.Repeat("0123456789", 1<<19))
		write(t, dir, "empty", "")
		check(t, os.MkdirAll(filepath.Join(dir, "nothing", "in it"), 0o700))
		if runtime.GOOS != "windows" {
			for _, name := range []string{"a:b", "CON", "line\nbreak", "Case", "case", "é", "e\u0301", "100%", "dot.", strings.Repeat("x", 255), strings.Repeat("?", 255)} {
				write(t, dir, "odd/"+name, name)
			}
		}
		want := tree(t, dir)
		if runtime.GOOS != "windows" {
			check(t, os.Symlink("/etc/passwd", filepath.Join(dir, "link")))
		}
		made, err := backup(t, dir, filepath.Join(root, "a.zip"), compress)
		check(t, err)
		if runtime.GOOS != "windows" && (made.LeftOut != 1 || made.Files != 14) {
			t.Errorf("made %+v", made)
		}
		z, err := archive.Open(made.Path, archive.OwnLimits())
		check(t, err)
		check(t, z.Close())
		if z.Manifest.Project != "Oven" || z.Manifest.Bytes != made.Bytes {
			t.Errorf("manifest %+v", z.Manifest)
		}
		place := filepath.Join(root, "groups", "group_a", "user_ann", "project_new")
		_, err = archive.Restore{
			Zip: made.Path, Limits: archive.ForeignLimits(), Places: map[string]string{"group_a": place}, Work: filepath.Join(root, "work"),
		}.Run(t.Context(), quiet{})
		check(t, err)
		if got := tree(t, place); !reflect.DeepEqual(got, want) {
			for name, text := range want {
				if got[name] != text {
					t.Errorf("compress %v: %q is not what it was", compress, name)
				}
			}
		}
		if _, err := os.Lstat(filepath.Join(root, "work")); err == nil {
			t.Error("the restore's folder is left")
		}
		if info, err := os.Stat(filepath.Join(place, "walls.json")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info, err)
		}
	}
}

func TestCompareAndParts(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "project")
	for name, text := range map[string]string{"same": "1", "touched": "2", "changed": "3", "gone": "4", "deep/x": "5", "deep/y": "6"} {
		write(t, dir, name, text)
	}
	made, err := backup(t, dir, filepath.Join(root, "a.zip"), true)
	check(t, err)
	write(t, dir, "changed", "other")
	write(t, dir, "here", "new")
	write(t, dir, "deep/x", "other")
	later := time.Now().Add(time.Hour)
	check(t, os.Chtimes(filepath.Join(dir, "touched"), later, later))
	check(t, os.Remove(filepath.Join(dir, "gone")))
	folders := map[string]string{"group_a": dir}
	z, err := archive.Open(made.Path, archive.OwnLimits())
	check(t, err)
	p, err := z.Compare(t.Context(), folders)
	check(t, err)
	if p.New != 1 || p.Changed != 2 || p.Same != 3 || p.Here != 1 || p.Files[0].Path != "group_a/gone" || p.Partial {
		t.Errorf("preview %+v", p)
	}
	if _, err := z.Chosen([]string{"group_a/none"}); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("chosen: %v", err)
	}
	check(t, z.Close())
	restore := archive.Restore{Zip: made.Path, Limits: archive.OwnLimits(), Places: folders, Work: filepath.Join(root, "work"), Files: []string{"group_a/deep"}}
	_, err = restore.Run(t.Context(), quiet{})
	check(t, err)
	if got := tree(t, dir); got["deep/x"] != "5" || got["changed"] != "other" || got["here"] != "new" || got["gone"] != "" {
		t.Errorf("a folder of it: %v", got)
	}
	restore.Files, restore.Exact = nil, true
	safety := archive.Backup{Folders: folders, Output: filepath.Join(root, "safety.zip"), MadeAt: time.Now(), Project: "Oven"}
	restore.Safety = &safety
	done, err := restore.Run(t.Context(), quiet{})
	check(t, err)
	if got := tree(t, dir); len(got) != 7 || got["changed"] != "3" || got["here"] != "" {
		t.Errorf("exactly: %v", got)
	}
	if done.Safety == nil || done.Safety.Files != 6 {
		t.Errorf("safety %+v", done.Safety)
	}
}

// A restore that is killed at any of its steps leaves one whole state.
func TestRestoreCutOff(t *testing.T) { // PRJ-4: kill -9
	root := t.TempDir()
	old, a, b := map[string]string{"x": "old", "only": "old"}, filepath.Join(root, "a"), filepath.Join(root, "b")
	fill := func() {
		for _, dir := range []string{a, b} {
			check(t, os.RemoveAll(dir))
			for name, text := range old {
				write(t, dir, name, text)
			}
		}
	}
	fill()
	write(t, a, "x", "new")
	write(t, b, "x", "new")
	made, err := archive.Write(t.Context(), archive.Backup{Folders: map[string]string{"group_a": a, "group_b": b}, Output: filepath.Join(root, "z.zip"), Compress: true, Project: "P"}, quiet{})
	check(t, err)
	work := filepath.Join(root, "work")
	for _, cut := range []string{"check", "unpack", "replace"} {
		fill()
		ctx, cancel := context.WithCancel(t.Context())
		_, err := archive.Restore{
			Zip: made.Path, Limits: archive.OwnLimits(), Places: map[string]string{"group_a": a, "group_b": b}, Work: work,
		}.Run(ctx, quiet{at: func(step string) {
			if step == cut {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", cut, err)
		}
		check(t, archive.Finish(work))
		for _, dir := range []string{a, b} {
			if got := tree(t, dir); !reflect.DeepEqual(got, old) {
				t.Errorf("cut at %s: %v", cut, got)
			}
		}
	}
	// From the word on that it is ready, each step that was done is one more that is done.
	for step := range 5 {
		fill()
		check(t, os.MkdirAll(filepath.Join(work, "new"), 0o700))
		places := map[string]string{"group_a": a, "group_b": b}
		for group := range places {
			write(t, filepath.Join(work, "new", group), "x", "new")
		}
		list, _ := json.Marshal(places)
		check(t, os.WriteFile(filepath.Join(work, "commit.json"), list, 0o600))
		check(t, os.MkdirAll(filepath.Join(work, "old"), 0o700))
		for i, group := range []string{"group_a", "group_b"} {
			if step > 2*i {
				check(t, os.Rename(places[group], filepath.Join(work, "old", group)))
			}
			if step > 2*i+1 {
				check(t, os.Rename(filepath.Join(work, "new", group), places[group]))
			}
		}
		check(t, archive.Finish(work))
		check(t, archive.Finish(work))
		for _, dir := range []string{a, b} {
			if got := tree(t, dir); !reflect.DeepEqual(got, map[string]string{"x": "new"}) {
				t.Errorf("killed after %d: %v", step, got)
			}
		}
		if _, err := os.Lstat(work); err == nil {
			t.Errorf("killed after %d: something is left", step)
		}
	}
}

// member is one of a zip made by hand.
type member struct {
	name, text string
	mode       os.FileMode
	raw        func(*zip.FileHeader)
}

func byHand(t testing.TB, members ...member) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hostile.zip")
	f, err := os.Create(path)
	check(t, err)
	w := zip.NewWriter(f)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		if m.mode != 0 {
			h.SetMode(m.mode)
		}
		if m.raw != nil {
			m.raw(h)
			to, err := w.CreateRaw(h)
			check(t, err)
			_, err = io.WriteString(to, m.text)
			check(t, err)
			continue
		}
		to, err := w.CreateHeader(h)
		check(t, err)
		_, err = io.WriteString(to, m.text)
		check(t, err)
	}
	check(t, w.Close())
	check(t, f.Close())
	return path
}

func manifest(files ...archive.File) member {
	if files == nil {
		files = []archive.File{}
	}
	b, _ := json.Marshal(archive.Manifest{Format: archive.Format, FormatVersion: 1, Project: "P", Files: files})
	return member{name: "manifest.json", text: string(b)}
}

func TestHostileZips(t *testing.T) { // SEC-5
	file := func(name string) member { return member{name: name, text: "x"} }
	says := func(name string) member { return manifest(archive.File{Name: name, Size: 1}) }
	for _, c := range []struct {
		what string
		code domain.Code
		zip  []member
	}{
		{"leaves", domain.CodeBackupUnsafe, []member{file("data/group_a/../../x"), manifest()}},
		{"leaves by another slash", domain.CodeBackupUnsafe, []member{file(`data/group_a/..\x`), manifest()}},
		{"absolute", domain.CodeBackupUnsafe, []member{file("/etc/x"), manifest()}},
		{"absolute on Windows", domain.CodeBackupUnsafe, []member{file("C:/x"), manifest()}},
		{"line break", domain.CodeBackupUnsafe, []member{file("data/group_a/a\nb"), manifest()}},
		{"NUL", domain.CodeBackupUnsafe, []member{file("data/group_a/a\x00b"), manifest()}},
		{"256 bytes", domain.CodeBackupUnsafe, []member{file("data/group_a/" + strings.Repeat("x", 256)), manifest()}},
		{"device of Windows", domain.CodeBackupUnsafe, []member{file("data/group_a/con.txt"), manifest()}},
		{"device with a sign", domain.CodeBackupUnsafe, []member{file("data/group_a/COM¹"), manifest()}},
		{"dot at the end", domain.CodeBackupUnsafe, []member{file("data/group_a/x."), manifest()}},
		{"stream of NTFS", domain.CodeBackupUnsafe, []member{file("data/group_a/x:y"), manifest()}},
		{"twice", domain.CodeBackupUnsafe, []member{file("data/group_a/x"), file("data/group_a/x"), says("group_a/x")}},
		{"other case", domain.CodeBackupUnsafe, []member{file("data/group_a/x"), file("data/group_a/X"), says("group_a/x")}},
		{"other Unicode form", domain.CodeBackupUnsafe, []member{file("data/group_a/é"), file("data/group_a/e\u0301"), says("group_a/é")}},
		{"link", domain.CodeBackupUnsafe, []member{{name: "data/group_a/x", text: "/etc", mode: os.ModeSymlink | 0o777}, says("group_a/x")}},
		{"device", domain.CodeBackupUnsafe, []member{{name: "data/group_a/x", mode: os.ModeDevice | 0o666}, says("group_a/x")}},
		{"in a file", domain.CodeBackupUnsafe, []member{file("data/group_a/x"), file("data/group_a/x/y"), manifest(archive.File{Name: "group_a/x", Size: 1}, archive.File{Name: "group_a/x/y", Size: 1})}},
		{"no group", domain.CodeBackupUnsafe, []member{file("data/x/y"), says("x/y")}},
		{"beside data", domain.CodeBackupUnsafe, []member{file("group_a/x"), manifest()}},
		{"a path that leaves", domain.CodeBackupUnsafe, []member{file("data/group_a/x"), manifest(archive.File{Name: "group_a/x", Path: "group_a/../../x", Size: 1})}},
		{"a path that is another", domain.CodeBackupUnsafe, []member{file("data/group_a/x"), manifest(archive.File{Name: "group_a/x", Path: "group_b/y", Size: 1})}},
		{"no manifest", domain.CodeBackupInvalid, []member{file("data/group_a/x")}},
		{"not in the manifest", domain.CodeBackupInvalid, []member{file("data/group_a/x"), manifest()}},
		{"not in the zip", domain.CodeBackupInvalid, []member{says("group_a/x")}},
		{"another size", domain.CodeBackupInvalid, []member{file("data/group_a/x"), manifest(archive.File{Name: "group_a/x", Size: 2})}},
		{"of another program", domain.CodeBackupInvalid, []member{{name: "manifest.json", text: `{"format":"x"}`}}},
		{"encrypted", domain.CodeBackupInvalid, []member{{name: "data/group_a/x", text: "x", raw: func(h *zip.FileHeader) { h.Flags |= 1 }}, says("group_a/x")}},
		{"unknown method", domain.CodeBackupInvalid, []member{{name: "data/group_a/x", text: "x", raw: func(h *zip.FileHeader) { h.Method = 99 }}, says("group_a/x")}},
		{"bomb", domain.CodeBackupBomb, []member{{name: "data/group_a/x", text: strings.Repeat("\x00", 100<<20)}, manifest(archive.File{Name: "group_a/x", Size: 100 << 20})}},
		{"says it is huge", domain.CodeBackupBomb, []member{{name: "data/group_a/x", text: "x", raw: func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 60; h.CompressedSize64 = 1 }}, says("group_a/x")}},
	} {
		path := byHand(t, c.zip...)
		z, err := archive.Open(path, archive.ForeignLimits())
		if err == nil {
			check(t, z.Close())
		}
		if !domain.HasCode(err, c.code) {
			t.Errorf("%s: %v", c.what, err)
		}
		// Nothing is written before that is known.
		root := t.TempDir()
		_, err = archive.Restore{Zip: path, Limits: archive.ForeignLimits(), Places: map[string]string{"group_a": filepath.Join(root, "place")}, Work: filepath.Join(root, "work")}.Run(t.Context(), quiet{})
		if entries, _ := os.ReadDir(root); err == nil || len(entries) > 0 {
			t.Errorf("%s: restored: %v, %v", c.what, entries, err)
		}
	}
	for name, text := range map[string]string{"empty": "", "no zip": "hello", "half": "PK\x03\x04"} {
		path := filepath.Join(t.TempDir(), "x.zip")
		check(t, os.WriteFile(path, []byte(text), 0o600))
		if _, err := archive.Open(path, archive.OwnLimits()); !domain.HasCode(err, domain.CodeBackupInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every byte that is flipped is found, or does not count.
func TestDamageIsFound(t *testing.T) { // BAK-2
	root := t.TempDir()
	dir := filepath.Join(root, "project")
	write(t, dir, "x", strings.Repeat("walls ", 50))
	made, err := backup(t, dir, filepath.Join(root, "a.zip"), true)
	check(t, err)
	whole, err := os.ReadFile(made.Path)
	check(t, err)
	for i := 0; i < len(whole); i += 7 {
		b := bytes.Clone(whole)
		b[i] ^= 0x10
		path := filepath.Join(root, "b.zip")
		check(t, os.WriteFile(path, b, 0o600))
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) == made.SHA256 {
			t.Fatalf("byte %d", i)
		}
		z, err := archive.Open(path, archive.OwnLimits())
		if err != nil {
			continue
		}
		place := filepath.Join(root, "place")
		_, err = archive.Restore{Zip: path, Limits: archive.OwnLimits(), Places: map[string]string{"group_a": place}, Work: filepath.Join(root, "work")}.Run(t.Context(), quiet{})
		check(t, archive.Finish(filepath.Join(root, "work")))
		if got, failed := os.ReadFile(filepath.Join(place, "x")); err == nil && (failed != nil || string(got) != strings.Repeat("walls ", 50)) {
			t.Errorf("byte %d: restored as %q, %v", i, got, failed)
		}
		check(t, z.Close())
		check(t, os.RemoveAll(place))
	}
}

// A file that is written to all the time is taken as it was at one moment, or
// told of; what goes away in between is left.
func TestWrittenToMeanwhile(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "project")
	write(t, dir, "steady", "1")
	write(t, dir, "grows", strings.Repeat("x", 6<<20))
	f, err := os.OpenFile(filepath.Join(dir, "grows"), os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				_, _ = f.WriteString("0123456789")
				name := filepath.Join(dir, "comes and goes")
				_ = os.WriteFile(name, []byte("x"), 0o600)
				_ = os.Remove(name)
			}
		}
	}()
	made, err := backup(t, dir, filepath.Join(root, "a.zip"), true)
	close(stop)
	<-stopped
	check(t, f.Close())
	check(t, err)
	if made.Unsteady != 1 || made.Files < 2 {
		t.Errorf("made %+v", made)
	}
}

func FuzzOpen(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "project")
	write(f, dir, "x", "walls")
	write(f, dir, "deep/CON", "")
	path := filepath.Join(f.TempDir(), "a.zip")
	_, err := archive.Write(context.Background(), archive.Backup{Folders: map[string]string{"group_a": dir}, Output: path, Project: "P"}, quiet{})
	check(f, err)
	b, err := os.ReadFile(path)
	check(f, err)
	f.Add(b)
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		root := t.TempDir()
		path := filepath.Join(root, "x.zip")
		check(t, os.WriteFile(path, b, 0o600))
		place := filepath.Join(root, "in", "place")
		_, err := archive.Restore{
			Zip: path, Limits: archive.Limits{Entries: 100, Bytes: 1 << 20, Ratio: 100, Manifest: 1 << 20}, Places: map[string]string{"group_a": place}, Work: filepath.Join(root, "in", "work"),
		}.Run(t.Context(), quiet{})
		if err != nil {
			check(t, archive.Finish(filepath.Join(root, "in", "work")))
		}
		// Whatever it was: nothing lies beside its place, and no link in it.
		check(t, filepath.Walk(root, func(p string, info os.FileInfo, err error) error {
			inside := strings.HasPrefix(p, place+string(filepath.Separator))
			known := p == root || p == path || p == place || p == filepath.Dir(place)
			if !inside && !known || inside && !info.IsDir() && !info.Mode().IsRegular() {
				t.Errorf("%s (%v) was written", p, info.Mode())
			}
			return err
		}))
	})
}
