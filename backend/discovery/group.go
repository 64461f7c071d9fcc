package discovery

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// errName is of a name that no id can be made of.
var errName = errors.New("not a usable file name (control characters or invalid UTF-8)")

// group is a candidate folder as the last scan saw it. It is never changed
// once made: a scan that finds a difference makes another.
type group struct {
	id    string
	files []pythonFile // sorted by name
	meta  documentFile[groupDocument]
	extra documentFile[scriptDocument]
	links []domain.Problem // links and names that were refused, folders that could not be read

	hasExtraFolder bool // there is a folder for script_metadata.json
	edits          *groupEdits

	differs bool // from what the scan before showed
	shown   bool // it is a group: it has scripts or metadata
	group   domain.Group
	scripts []domain.Script
}

type pythonFile struct {
	found
	fresh    bool // read so soon after its change that it must be read again
	header   Header
	problems []domain.Problem // of the file: it could not be read
}

type documentFile[T any] struct {
	found
	fresh    bool
	exists   bool
	content  *T // nil: never read
	problems []domain.Problem
}

// worker scans groups one after the other.
type worker struct {
	d     *Discovery
	now   time.Time
	buf   []byte
	arena arena
}

// listing is what a look at a group's folder finds, before anything is read.
type listing struct {
	files       []found
	meta, extra *found
	links       []domain.Problem
	extraFolder bool
}

// scanGroup gives old itself where nothing has changed, nil where the folder
// has vanished.
func (w *worker) scanGroup(id string, old *group) *group {
	path := filepath.Join(w.d.dir, id)
	dir, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var seen listing
	if err == nil {
		defer func() { _ = dir.Close() }()
		seen, err = w.list(folder{dir}, path)
	}
	if err != nil {
		return w.unreadable(id, path, old, err)
	}
	_, again := w.d.again[id]
	if old != nil && !again && old.edits == w.d.edits[id] && old.unchanged(&seen) {
		return old
	}
	return w.read(folder{dir}, id, path, &seen, old)
}

// unreadable keeps what is known of a group whose folder cannot be listed.
func (w *worker) unreadable(id, path string, old *group, err error) *group {
	g := &group{id: id, edits: w.d.edits[id]}
	problem := fileProblem(".", err)
	if old != nil {
		if len(old.links) == 1 && sameProblem(old.links[0], problem) && old.edits == w.d.edits[id] {
			return old
		}
		g.files, g.meta, g.extra = old.files, old.meta, old.extra
	}
	g.links = []domain.Problem{problem}
	w.build(g, path, old)
	g.differs = true
	return g
}

// list finds the files of a group that matter.
func (w *worker) list(d folder, path string) (listing, error) {
	var seen listing
	entries, err := d.dir.ReadDir(-1)
	if err != nil {
		return seen, err
	}
	seen.files = make([]found, 0, len(entries))
	scripts := false
	for _, e := range entries {
		name := e.Name()
		switch {
		case name == groupFile:
			seen.meta = seen.look(d, path, name)
		case name == "scripts":
			if e.Type()&fs.ModeSymlink == 0 || seen.linkedFolder(path, name) {
				scripts = e.IsDir() || e.Type()&fs.ModeSymlink != 0
			}
		case name == "docs" && e.Type()&fs.ModeSymlink != 0:
			seen.linkedFolder(path, name)
		case !isScriptName(name) || e.IsDir():
		case !cleanName(name):
			seen.links = append(seen.links, fileProblem(strings.ToValidUTF8(name, "\uFFFD"), errName))
		default:
			if f := seen.look(d, path, name); f != nil {
				seen.files = append(seen.files, *f)
			}
		}
	}
	seen.extraFolder = scripts
	if scripts {
		seen.lookExtra(d, path)
	}
	slices.SortFunc(seen.files, func(a, b found) int { return strings.Compare(a.name, b.name) })
	slices.SortFunc(seen.links, func(a, b domain.Problem) int { return strings.Compare(a.File, b.File) })
	return seen, nil
}

func (l *listing) look(d folder, path, name string) *found {
	f, err := look(d, path, name)
	if err != nil {
		l.links = append(l.links, fileProblem(name, err))
	}
	return f
}

// linkedFolder tells whether a link to a folder stays in the group.
func (l *listing) linkedFolder(path, name string) bool {
	_, err := inside(path, name)
	if err != nil {
		l.links = append(l.links, fileProblem(name, err))
	}
	return err == nil
}

// lookExtra finds scripts/script_metadata.json. Either part may be a link.
func (l *listing) lookExtra(d folder, path string) {
	s, mode, err := d.stat(scriptFile)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil && mode == 0 {
		if _, above, e := d.stat("scripts"); e == nil && above == fs.ModeDir {
			l.extra = &found{name: scriptFile, stamp: s}
			return
		}
	}
	f, err := follow(path, scriptFile)
	if err != nil {
		l.links = append(l.links, fileProblem(scriptFile, err))
	}
	l.extra = f
}

// isScriptName leaves out helper modules and what editors leave behind.
func isScriptName(name string) bool {
	return strings.HasSuffix(name, ".py") && len(name) > len(".py") && name[0] != '_' && name[0] != '.' && name[0] != '#'
}

func cleanName(name string) bool {
	return utf8.ValidString(name) && strings.IndexFunc(name, unicode.IsControl) < 0
}

func (g *group) unchanged(seen *listing) bool {
	if len(g.files) != len(seen.files) || !g.meta.same(seen.meta) || !g.extra.same(seen.extra) ||
		g.hasExtraFolder != seen.extraFolder || !slices.EqualFunc(g.links, seen.links, sameProblem) {
		return false
	}
	for i := range seen.files {
		if f := &g.files[i]; f.fresh || f.found != seen.files[i] {
			return false
		}
	}
	return true
}

func (f *documentFile[T]) same(seen *found) bool {
	if seen == nil {
		return !f.exists
	}
	return f.exists && !f.fresh && f.found == *seen
}

// read reads what is new of a group and takes the rest from old.
func (w *worker) read(d folder, id, path string, seen *listing, old *group) *group {
	g := &group{id: id, links: seen.links, hasExtraFolder: seen.extraFolder, files: make([]pythonFile, 0, len(seen.files)), edits: w.d.edits[id]}
	one, again := w.d.again[id]
	for _, f := range seen.files {
		var before *pythonFile
		if old != nil {
			before = old.file(f.name)
		}
		wanted := again && (one == "" || one+".py" == f.name)
		if before != nil && !wanted && !before.fresh && before.found == f {
			g.files = append(g.files, *before)
			continue
		}
		if file, ok := w.readScript(d, path, f, before); ok {
			g.files = append(g.files, file)
		}
	}
	var meta documentFile[groupDocument]
	var extra documentFile[scriptDocument]
	if old != nil {
		meta, extra = old.meta, old.extra
		meta.fresh, extra.fresh = meta.fresh || again, extra.fresh || again
	}
	g.meta = readDocumentFile(w, d, path, seen.meta, meta, readGroupDocument)
	g.extra = readDocumentFile(w, d, path, seen.extra, extra, readScriptDocument)
	w.build(g, path, old)
	// What was read again only because it was fresh is mostly the same.
	g.differs = old == nil || !reflect.DeepEqual(old.group, g.group) || !reflect.DeepEqual(old.scripts, g.scripts)
	return g
}

func (g *group) file(name string) *pythonFile {
	i, ok := slices.BinarySearchFunc(g.files, name, func(f pythonFile, name string) int { return strings.Compare(f.name, name) })
	if !ok {
		return nil
	}
	return &g.files[i]
}

// readScript is not ok for a file that has vanished meanwhile.
func (w *worker) readScript(d folder, path string, f found, before *pythonFile) (pythonFile, bool) {
	out := pythonFile{found: f, fresh: f.stamp.fresh(w.now)}
	in, err := f.open(d, path)
	if errors.Is(err, fs.ErrNotExist) {
		return out, false
	}
	if err == nil {
		w.buf, out.header, err = readHead(in, w.buf, &w.arena)
		_ = in.Close()
		if cap(w.buf) > 4*mostRead {
			w.buf = make([]byte, 0, mostRead)
		}
	}
	if err != nil {
		out.problems = []domain.Problem{fileProblem(f.name, err)}
		if before != nil {
			out.header.values = before.header.values
		} else {
			out.header.bad.add(fieldRequiredLevel)
		}
		return out, true
	}
	for i := range out.header.Problems {
		p := &out.header.Problems[i]
		p.File = f.name
		if p.Code == domain.CodeScriptSyntax {
			p.Params["script"], p.Params["file"], p.Params["line"] = strings.TrimSuffix(f.name, ".py"), f.name, p.Line
		}
	}
	if before != nil {
		out.header.keepGood(&before.header.values)
	}
	return out, true
}

func readDocumentFile[T any](w *worker, d folder, path string, seen *found, old documentFile[T], parse func([]byte, *T) *T) documentFile[T] {
	if seen == nil {
		return documentFile[T]{}
	}
	if old.same(seen) {
		return old
	}
	out := documentFile[T]{found: *seen, exists: true, fresh: seen.stamp.fresh(w.now)}
	in, err := seen.open(d, path)
	var data []byte
	if err == nil {
		data, err = readDocument(in)
		_ = in.Close()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return documentFile[T]{}
	case err != nil:
		out.content = old.content
		out.problems = []domain.Problem{fileProblem(seen.name, err)}
		if out.content == nil { // who may see the scripts is not known
			out.content = parse([]byte("required_level"), nil)
		}
		clearProblems(out.content)
	default:
		out.content = parse(data, old.content)
	}
	return out
}
