package files_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/files"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, err error, code domain.Code) {
	t.Helper()
	if !domain.HasCode(err, code) {
		t.Errorf("error %v, want %s", err, code)
	}
}

type place struct {
	dir     string // the data folder
	outside string
	folder  *files.Folder
	staging *files.Staging
}

func newPlace(t testing.TB) place {
	t.Helper()
	base := t.TempDir()
	p := place{dir: filepath.Join(base, "groups", "group_g", "user_u", "project_p"), outside: filepath.Join(base, "secret")}
	check(t, os.MkdirAll(p.dir, 0o700))
	check(t, os.WriteFile(p.outside, []byte("secret"), 0o600))
	var err error
	p.folder, err = files.Open(filepath.Join(base, "groups"), "group_g/user_u/project_p", &sync.Mutex{})
	check(t, err)
	t.Cleanup(p.folder.Close)
	p.staging, err = files.OpenStaging(filepath.Join(base, "uploads"))
	check(t, err)
	t.Cleanup(func() { _ = p.staging.Close() })
	return p
}

func (p place) write(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	check(t, os.MkdirAll(filepath.Dir(path), 0o700))
	check(t, os.WriteFile(path, []byte(text), 0o600))
}

func (p place) text(name string) string {
	b, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(name)))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// put writes a text as somebody at the application does.
func (p place) put(t testing.TB, path, text, version string) error {
	t.Helper()
	d, err := p.staging.NewDraft()
	check(t, err)
	defer d.Discard()
	_, err = d.Write([]byte(text))
	check(t, err)
	_, err = p.folder.Put(d, path, files.Wanted{Version: version})
	return err
}

func (p place) staged(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(filepath.Dir(p.outside), "uploads"))
	check(t, err)
	return len(entries)
}

func TestList(t *testing.T) { // PRJ-3
	p := newPlace(t)
	for _, name := range []string{"run 10.csv", "run 9.csv", "B.txt", "a.txt", "folder/x", "Z/y"} {
		p.write(t, name, "12345")
	}
	page, err := p.folder.List(t.Context(), "", 0, 100)
	check(t, err)
	var names []string
	for _, e := range page.Entries {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, ","); got != "folder,Z,a.txt,B.txt,run 9.csv,run 10.csv" || page.Total != 6 {
		t.Errorf("listed %s, %d", got, page.Total)
	}
	if e := page.Entries[2]; e.Kind != domain.DataFile || e.Size != 5 || e.Version == "" || time.Since(e.ModifiedAt) > time.Hour {
		t.Errorf("entry %+v", e)
	}
	page, err = p.folder.List(t.Context(), "", 4, 1)
	check(t, err)
	if len(page.Entries) != 1 || page.Entries[0].Name != "run 9.csv" || page.Total != 6 {
		t.Errorf("page %+v", page)
	}
	_, err = p.folder.List(t.Context(), "none", 0, 1)
	want(t, err, domain.CodeNotFound)
	_, err = p.folder.List(t.Context(), "a.txt", 0, 1)
	want(t, err, domain.CodeNotFound)
}

func TestNothingLeadsOut(t *testing.T) { // SEC-5, bad input: names with .., absolute ones, links
	p := newPlace(t)
	p.write(t, "a.txt", "a")
	for _, path := range []string{"..", "../x", "a/../../x", "/etc/passwd", "//x", "a//b", ".", "./a.txt", "x\x00y", "../project_p/a.txt"} {
		_, err := p.folder.Look(path)
		want(t, err, domain.CodeFileNamePath)
		_, err = p.folder.OpenFile(path)
		want(t, err, domain.CodeFileNamePath)
		want(t, p.put(t, path, "x", ""), domain.CodeFileNamePath)
		_, err = p.folder.MakeFolder(path)
		want(t, err, domain.CodeFileNamePath)
		_, err = p.folder.Move("a.txt", path)
		want(t, err, domain.CodeFileNamePath)
		_, err = p.folder.Delete(t.Context(), p.staging, []string{path}, 1000)
		want(t, err, domain.CodeFileNamePath)
	}
	if runtime.GOOS == "windows" {
		return
	}
	check(t, os.Symlink(p.outside, filepath.Join(p.dir, "link")))
	check(t, os.Symlink(filepath.Dir(p.outside), filepath.Join(p.dir, "links")))
	check(t, os.Symlink("a.txt", filepath.Join(p.dir, "inside")))
	for _, link := range []string{"link", "inside"} {
		e, err := p.folder.Look(link)
		check(t, err)
		if e.Kind != domain.DataLink || e.Target == "" {
			t.Errorf("%s is %+v", link, e)
		}
		_, err = p.folder.OpenFile(link)
		want(t, err, domain.CodeFileLink)
		want(t, p.put(t, link, "x", e.Version), domain.CodeFileLink)
		want(t, p.put(t, link, "x", ""), domain.CodeFileExists)
	}
	_, err := p.folder.List(t.Context(), "links", 0, 10)
	want(t, err, domain.CodeFileLink)
	_, err = p.folder.OpenFile("links/secret")
	want(t, err, domain.CodeFileLink)
	want(t, p.put(t, "links/new", "x", ""), domain.CodeFileLink)
	_, _, err = p.folder.MakeFolders("links/deep")
	want(t, err, domain.CodeFileLink)
	_, err = p.folder.Move("a.txt", "links/a.txt")
	want(t, err, domain.CodeFileLink)
	_, err = p.folder.Delete(t.Context(), p.staging, []string{"links"}, 1)
	check(t, err)
	if b, err := os.ReadFile(p.outside); err != nil || string(b) != "secret" {
		t.Errorf("what the link led to: %q, %v", b, err)
	}
	if _, err := os.Lstat(filepath.Join(p.dir, "links")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the link is still there")
	}
	// Nor is the data folder itself a link.
	check(t, os.Symlink("project_p", filepath.Join(filepath.Dir(p.dir), "project_q")))
	_, err = files.Open(filepath.Join(filepath.Dir(p.outside), "groups"), "group_g/user_u/project_q", &sync.Mutex{})
	want(t, err, domain.CodeFileLink)
}

func TestNames(t *testing.T) { // bad input: names that are safe on both systems
	for name, code := range map[string]domain.Code{
		"": domain.CodeFileNameEmpty, ".": domain.CodeFileNameDots, "..": domain.CodeFileNameDots,
		strings.Repeat("x", 256): domain.CodeFileNameLong, strings.Repeat("é", 128): domain.CodeFileNameLong,
		"a\nb": domain.CodeFileNameControl, "a\tb": domain.CodeFileNameControl, "a\x7f": domain.CodeFileNameControl, "a\u202eb": domain.CodeFileNameControl,
		"a\u200bb": domain.CodeFileNameControl, "a:b": domain.CodeFileNameCharacter, `a\b`: domain.CodeFileNameCharacter, "a/b": domain.CodeFileNameCharacter,
		"a?": domain.CodeFileNameCharacter, "a.": domain.CodeFileNameEnd, "a ": domain.CodeFileNameEnd, " a": domain.CodeFileNameEnd, "a. .": domain.CodeFileNameEnd,
		"CON": domain.CodeFileNameReserved, "con.txt": domain.CodeFileNameReserved, "Com1.tar.gz": domain.CodeFileNameReserved, "lpt².x": domain.CodeFileNameReserved,
		"nul .txt": domain.CodeFileNameReserved, "CONIN$": domain.CodeFileNameReserved, "a\xff": domain.CodeFileNameEncoding, "a\uf780": domain.CodeFileNameEncoding,
	} {
		_, err := files.CheckName(name)
		if !domain.HasCode(err, code) {
			t.Errorf("%q: %v, want %s", name, err, code)
		}
	}
	for name, want := range map[string]string{
		"a": "a", ".hidden": ".hidden", "a b (2).csv": "a b (2).csv", "e\u0301.csv": "é.csv", "conf.txt": "conf.txt", "com10": "com10",
		strings.Repeat("x", 255): strings.Repeat("x", 255), "日本.json": "日本.json",
	} {
		if got, err := files.CheckName(name); err != nil || got != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}

func TestOddNamesThatAreThere(t *testing.T) { // bad input: what a script on Linux wrote
	if runtime.GOOS != "linux" {
		t.Skip("no such names here")
	}
	p := newPlace(t)
	odd := []string{"con", "a:b", "line\nbreak", `back\slash`, "bytes\xff\xfe", "end.", "\uf7ff", strings.Repeat("n", 255)}
	for _, name := range odd {
		p.write(t, name, name)
	}
	page, err := p.folder.List(t.Context(), "", 0, 100)
	check(t, err)
	if len(page.Entries) != len(odd) {
		t.Fatalf("%d of %d listed", len(page.Entries), len(odd))
	}
	for _, e := range page.Entries {
		b, err := json.Marshal(e)
		check(t, err)
		check(t, json.Unmarshal(b, &e)) // as it goes through the door
		if e.Odd == "" && len(e.Name) != 255 {
			t.Errorf("%q is not odd", e.Name)
		}
		part, err := p.folder.Read(e.Name, 0, 1000, e.Version)
		check(t, err)
		if !slices.Contains(odd, string(part.Data)) {
			t.Errorf("%q has %q", e.Name, part.Data)
		}
		if err := p.put(t, e.Name, "new", e.Version); err != nil { // it may be edited
			t.Errorf("edit %q: %v", e.Name, err)
		}
		if _, err := p.folder.Delete(t.Context(), p.staging, []string{e.Name}, 1); err != nil {
			t.Errorf("delete %q: %v", e.Name, err)
		}
	}
	if left, _ := os.ReadDir(p.dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestPut(t *testing.T) { // PRJ-3: two writers
	p := newPlace(t)
	check(t, p.put(t, "a.json", "one", ""))
	want(t, p.put(t, "a.json", "two", ""), domain.CodeFileExists)
	want(t, p.put(t, "A.JSON", "two", ""), domain.CodeFileExists) // the same on Windows
	want(t, p.put(t, "a:b", "x", ""), domain.CodeFileNameCharacter)
	want(t, p.put(t, "none/a", "x", ""), domain.CodeNotFound)
	all, err := p.folder.ReadAll("a.json", 100)
	check(t, err)
	check(t, p.put(t, "a.json", "mine", all.Version))
	want(t, p.put(t, "a.json", "theirs", all.Version), domain.CodeFileChanged)
	if got := p.text("a.json"); got != "mine" {
		t.Errorf("it holds %q", got)
	}
	// A script writes the same number of bytes, in the same tick, with the clock
	// set back.
	all, err = p.folder.ReadAll("a.json", 100)
	check(t, err)
	info, err := os.Stat(filepath.Join(p.dir, "a.json"))
	check(t, err)
	p.write(t, "a.json", "MINE")
	check(t, os.Chtimes(filepath.Join(p.dir, "a.json"), info.ModTime(), info.ModTime()))
	want(t, p.put(t, "a.json", "late", all.Version), domain.CodeFileChanged)
	if got := p.text("a.json"); got != "MINE" {
		t.Errorf("it holds %q", got)
	}
	check(t, os.Remove(filepath.Join(p.dir, "a.json")))
	err = p.put(t, "a.json", "late", all.Version)
	want(t, err, domain.CodeFileChanged)
	if e := domain.AsError(err); e == nil || e.Params["gone"] != true {
		t.Errorf("error %v", err)
	}
	if n := p.staged(t); n != 0 {
		t.Errorf("%d left in the staging folder", n)
	}
}

// Nothing that was written is lost without a word, however many write at once.
func TestManyWriters(t *testing.T) {
	p := newPlace(t)
	p.write(t, "n.txt", ".")
	var wg sync.WaitGroup
	var mu sync.Mutex
	written := 0
	for range 8 {
		wg.Go(func() {
			for range 20 {
				all, err := p.folder.ReadAll("n.txt", 1<<20)
				if err != nil {
					t.Error(err)
					return
				}
				switch err := p.put(t, "n.txt", string(all.Data)+".", all.Version); {
				case err == nil:
					mu.Lock()
					written++
					mu.Unlock()
				case !domain.HasCode(err, domain.CodeFileChanged):
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(p.text("n.txt")); got != written+1 || written == 0 {
		t.Errorf("%d writes were said to be done, %d are in the file", written, got-1)
	}
}

func TestMoveAndFolders(t *testing.T) {
	p := newPlace(t)
	p.write(t, "a.txt", "a")
	p.write(t, "d/e/b.txt", "b")
	got, err := p.folder.MakeFolder("ne\u0301w")
	check(t, err)
	if got != "néw" {
		t.Errorf("made %q", got)
	}
	_, err = p.folder.MakeFolder("D")
	want(t, err, domain.CodeFileExists)
	got, err = p.folder.Move("a.txt", "A.txt") // case alone
	check(t, err)
	if got != "A.txt" || p.text("A.txt") != "a" {
		t.Errorf("moved to %q", got)
	}
	_, err = p.folder.Move("A.txt", "d/e/B.TXT")
	want(t, err, domain.CodeFileExists)
	_, err = p.folder.Move("none", "x")
	want(t, err, domain.CodeNotFound)
	_, err = p.folder.Move("d", "d/e/d")
	want(t, err, domain.CodeFileNamePath)
	_, err = p.folder.Move("d", "nul")
	want(t, err, domain.CodeFileNameReserved)
	_, err = p.folder.Move("d/e", "e")
	check(t, err)
	if p.text("e/b.txt") != "b" {
		t.Error("the folder was not moved with what is in it")
	}
	at, made, err := p.folder.MakeFolders("e/x/y")
	check(t, err)
	if at != "e/x/y" || !slices.Equal(made, []string{"e/x", "e/x/y"}) {
		t.Errorf("made %v", made)
	}
	for range 2 { // as a Mac writes it; the second time it is there, composed
		at, made, err = p.folder.MakeFolders("cafe\u0301/sub")
		check(t, err)
		if at != "caf\u00e9/sub" {
			t.Errorf("made %q, %q", at, made)
		}
	}
	_, _, err = p.folder.MakeFolders("e/b.txt/y")
	want(t, err, domain.CodeFileExists)
}

func TestDelete(t *testing.T) {
	p := newPlace(t)
	for i := range 10 {
		p.write(t, fmt.Sprintf("d/%d", i), "123")
	}
	count, err := p.folder.Weigh(t.Context(), []string{"d"})
	check(t, err)
	if count != (files.Count{Files: 10, Folders: 1, Bytes: 30}) {
		t.Errorf("weighs %+v", count)
	}
	p.write(t, "d/more", "x")
	_, err = p.folder.Delete(t.Context(), p.staging, []string{"d"}, count.Files)
	want(t, err, domain.CodeFilesMore)
	if p.text("d/0") != "123" {
		t.Error("it was deleted all the same")
	}
	_, err = p.folder.Delete(t.Context(), p.staging, []string{"d"}, 11)
	check(t, err)
	if _, err := os.Stat(filepath.Join(p.dir, "d")); !errors.Is(err, fs.ErrNotExist) || p.staged(t) != 0 {
		t.Errorf("left: %v, %d", err, p.staged(t))
	}
}

func TestDeleteSaysWhatIsGone(t *testing.T) {
	p := newPlace(t)
	p.write(t, "d/a", "1")
	p.write(t, "e", "2")
	// What lies in another one of them goes with that.
	gone, err := p.folder.Delete(t.Context(), p.staging, []string{"d/a", "d", "d", "e"}, 2)
	check(t, err)
	if gone.Files != 2 || gone.Folders != 1 || !slices.Equal(gone.Paths, []string{"d", "e"}) {
		t.Errorf("gone: %+v", gone)
	}
}

func TestStagingForgetsWhatACrashLeft(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "uploads")
	s, err := files.OpenStaging(dir)
	check(t, err)
	d, err := s.NewDraft()
	check(t, err)
	_, err = d.Write([]byte("half"))
	check(t, err)
	check(t, os.MkdirAll(filepath.Join(dir, "folder", "deep"), 0o700))
	s, err = files.OpenStaging(dir)
	check(t, err)
	defer func() { _ = s.Close() }()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestRead(t *testing.T) {
	p := newPlace(t)
	p.write(t, "a", "0123456789")
	part, err := p.folder.Read("a", 4, 3, "")
	check(t, err)
	if string(part.Data) != "456" || part.Size != 10 {
		t.Errorf("part %+v", part)
	}
	if past, err := p.folder.Read("a", 40, 3, part.Version); err != nil || len(past.Data) != 0 {
		t.Errorf("behind the end: %v, %v", past, err)
	}
	p.write(t, "a", "0123456789x")
	_, err = p.folder.Read("a", 0, 3, part.Version)
	want(t, err, domain.CodeFileChanged)
	_, err = p.folder.ReadAll("a", 10)
	want(t, err, domain.CodeFileLarge)
	check(t, os.Mkdir(filepath.Join(p.dir, "d"), 0o700))
	_, err = p.folder.OpenFile("d")
	want(t, err, domain.CodeFileFolder)
}

func TestZip(t *testing.T) { // PRJ-3
	p := newPlace(t)
	p.write(t, "d/a.txt", "a")
	p.write(t, "d/é/b.txt", strings.Repeat("b", 100_000))
	check(t, os.Mkdir(filepath.Join(p.dir, "d", "empty"), 0o700))
	if runtime.GOOS != "windows" {
		check(t, os.Symlink(p.outside, filepath.Join(p.dir, "d", "link")))
	}
	var b bytes.Buffer
	var left []string
	check(t, p.folder.Zip(t.Context(), &b, []string{"d"}, func(path string) { left = append(left, path) }))
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	check(t, err)
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		r, err := f.Open()
		check(t, err)
		_, err = io.Copy(io.Discard, r)
		check(t, err)
	}
	if got := strings.Join(names, ","); got != "d/,d/empty/,d/é/,d/é/b.txt,d/a.txt" {
		t.Errorf("zip has %s", got)
	}
	if runtime.GOOS != "windows" && !slices.Equal(left, []string{"d/link"}) {
		t.Errorf("left out %v", left)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.folder.Zip(ctx, io.Discard, []string{""}, func(string) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// BenchmarkList is held against 300 ms for a page of a folder of 100,000 files.
func BenchmarkList(b *testing.B) {
	p := newPlace(b)
	for i := range 100_000 {
		check(b, os.WriteFile(filepath.Join(p.dir, fmt.Sprintf("file %d.csv", i)), nil, 0o600))
	}
	for b.Loop() {
		page, err := p.folder.List(b.Context(), "", 50_000, 500)
		check(b, err)
		if len(page.Entries) != 500 {
			b.Fatal(len(page.Entries))
		}
	}
}
