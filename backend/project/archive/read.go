package archive

import (
	"archive/zip"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// Limits bound what a zip may hold.
type Limits struct {
	Entries int   `json:"entries"`
	Bytes   int64 `json:"bytes"` // of all files, unpacked
	Ratio   int64 `json:"ratio"` // unpacked to packed, of what is large
	// Manifest bounds the manifest, in bytes.
	Manifest int64 `json:"manifest"`
}

const (
	// maxEntries bounds the memory that the list of a zip takes.
	maxEntries   = 300_000
	maxDirectory = 96 << 20 // bytes of the list
	// deflate cannot do better than 1032; what does has parts that overlap.
	bestRatio = 1040
	// Below it nothing is a bomb.
	harmless = 64 << 20
	// Of the manifest, which is read into memory, already from here on.
	harmlessManifest = 1 << 20
)

// OwnLimits are those for a zip of which is known that we made it.
func OwnLimits() Limits {
	return Limits{Entries: maxEntries, Bytes: 1 << 50, Ratio: bestRatio, Manifest: 256 << 20}
}

// ForeignLimits are those for a zip from elsewhere.
func ForeignLimits() Limits {
	return Limits{Entries: maxEntries, Bytes: 200 << 30, Ratio: 200, Manifest: 64 << 20}
}

// groupName is what the first folder of a file may be called.
var groupName = regexp.MustCompile(`^group_[A-Za-z0-9_-]{1,80}$`)

// Zip is a zip of a project that was looked through: nothing in it leads out.
type Zip struct {
	Manifest Manifest
	Size     int64 // of the zip

	path    string
	file    *os.File
	entries map[string]*zip.File // by name, below data/
}

// Close closes the file.
func (z *Zip) Close() error { return z.file.Close() }

// Open looks through a zip. It fails with CodeBackupInvalid where it is none of
// ours or is damaged, CodeBackupUnsafe where something in it is not safe, and
// CodeBackupBomb where it unpacks to more than the limits allow. Content is
// checked when it is read: see Verify.
func Open(path string, l Limits) (_ *Zip, err error) {
	f, err := platform.OpenPlain(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, domain.NewError(domain.CodeNotFound, "what", "backup", "name", path).Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open a backup: %w", err)
	}
	z := &Zip{path: path, file: f, entries: map[string]*zip.File{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at a backup: %w", err)
	}
	z.Size = info.Size()
	return z, z.look(l)
}

func (z *Zip) invalid(detail string) error {
	return domain.NewError(domain.CodeBackupInvalid, "path", z.path, "detail", detail)
}

func (z *Zip) unsafe(member, problem string) error {
	return domain.NewError(domain.CodeBackupUnsafe, "path", z.path, "member", shown(member), "problem", problem)
}

// shown makes a hostile name fit for a message.
func shown(name string) string {
	name = strings.Trim(fmt.Sprintf("%q", name), `"`)
	if len(name) > 120 {
		name = strings.ToValidUTF8(name[:120], "") + "…"
	}
	return name
}

// bounded hands out so many bytes and no more: the list of a zip is read into
// memory before anything is known of it.
type bounded struct {
	r    io.ReaderAt
	left int64
	off  bool // the list is read
}

var errDirectory = errors.New("the list of a zip is too long")

func (b *bounded) ReadAt(p []byte, at int64) (int, error) {
	if !b.off {
		if b.left -= int64(len(p)); b.left < 0 {
			return 0, errDirectory
		}
	}
	return b.r.ReadAt(p, at)
}

func (z *Zip) look(l Limits) error {
	source := &bounded{r: z.file, left: maxDirectory}
	zr, err := zip.NewReader(source, z.Size)
	switch {
	case errors.Is(err, errDirectory):
		return domain.NewError(domain.CodeBackupBomb, "path", z.path, "limit", fmt.Sprint(l.Entries))
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return domain.NewError(domain.CodeBackupInvalid, "path", z.path, "detail", err.Error()).Because(err)
	case len(zr.File) > l.Entries:
		return domain.NewError(domain.CodeBackupBomb, "path", z.path, "limit", fmt.Sprint(l.Entries))
	}
	source.off = true
	seen := map[string]bool{}
	var total uint64
	var manifest *zip.File
	for _, f := range zr.File {
		name, isFolder := strings.CutSuffix(f.Name, "/")
		if p := problem(name); p != "" {
			return z.unsafe(f.Name, p)
		}
		if seen[fold(name)] {
			return z.unsafe(f.Name, "2 ×")
		}
		seen[fold(name)] = true
		kind := f.Mode().Type()
		switch {
		case isFolder && kind != fs.ModeDir || !isFolder && kind != 0:
			return z.unsafe(f.Name, kind.String())
		case f.Flags&1 != 0:
			return z.invalid("encrypted")
		case f.Method != zip.Store && f.Method != zip.Deflate:
			return z.invalid(fmt.Sprint("method ", f.Method))
		case isFolder && f.UncompressedSize64 > 0:
			return z.unsafe(f.Name, "/")
		}
		if total += f.UncompressedSize64; f.UncompressedSize64 > uint64(l.Bytes) || total > uint64(l.Bytes) { //nolint:gosec // not negative
			return z.bomb(l.Bytes)
		}
		switch below, isData := strings.CutPrefix(name, dataPrefix); {
		case name == manifestName && !isFolder:
			manifest = f
		case name == readmeName && !isFolder, name+"/" == dataPrefix && isFolder:
		case isData:
			z.entries[below] = f
		default:
			return z.unsafe(f.Name, "?")
		}
	}
	if manifest == nil {
		return z.invalid(manifestName)
	}
	if ratio := int64(total) / max(z.Size, 1); total > harmless && ratio > l.Ratio {
		return z.bomb(l.Ratio * z.Size)
	}
	if err := z.apart(zr.File); err != nil {
		return err
	}
	return z.readManifest(manifest, l)
}

func (z *Zip) bomb(limit int64) error {
	return domain.NewError(domain.CodeBackupBomb, "path", z.path, "limit", limit)
}

// apart makes sure that no two members share bytes.
func (z *Zip) apart(files []*zip.File) error {
	type span struct{ from, to int64 }
	spans := make([]span, 0, len(files))
	for _, f := range files {
		at, err := f.DataOffset()
		if err != nil {
			return domain.NewError(domain.CodeBackupInvalid, "path", z.path, "detail", err.Error()).Because(err)
		}
		if f.CompressedSize64 > uint64(z.Size) { //nolint:gosec // a size
			return z.invalid(shown(f.Name))
		}
		spans = append(spans, span{at, at + int64(f.CompressedSize64)}) //nolint:gosec // at most the file's size
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i, s := range spans {
		if s.to > z.Size || i > 0 && s.from < spans[i-1].to {
			return z.bomb(z.Size)
		}
	}
	return nil
}

func (z *Zip) readManifest(f *zip.File, l Limits) error {
	size := f.UncompressedSize64
	if size > uint64(l.Manifest) || size > harmlessManifest && size/max(f.CompressedSize64, 1) > uint64(l.Ratio) { //nolint:gosec // not negative
		return z.bomb(l.Manifest)
	}
	r, err := f.Open()
	if err != nil {
		return domain.NewError(domain.CodeBackupInvalid, "path", z.path, "detail", err.Error()).Because(err)
	}
	defer func() { _ = r.Close() }()
	if err := decodeManifest(io.LimitReader(r, l.Manifest), &z.Manifest, len(z.entries), l.Entries); err != nil {
		return domain.NewError(domain.CodeBackupInvalid, "path", z.path, "detail", manifestName+": "+err.Error()).Because(err)
	}
	m := &z.Manifest
	if m.Format != Format || m.FormatVersion < 1 || m.FormatVersion > formatVersion {
		return z.invalid(fmt.Sprintf("%s: %q %d", manifestName, shown(m.Format), m.FormatVersion))
	}
	paths, members := map[string]bool{}, map[string]bool{}
	inside := func(name, path string, folder bool) error {
		e, there := z.entries[name]
		switch group, _, _ := strings.Cut(name, "/"); {
		case !there || members[name] || strings.HasSuffix(e.Name, "/") != folder:
			return z.invalid(manifestName + ": " + shown(name))
		case !groupName.MatchString(group) || !folder && group == name:
			return z.unsafe(name, "group_")
		case !mayBe(name, path) || !local(path, group) || paths[path]:
			return z.unsafe(path, shown(name))
		}
		members[name], paths[path] = true, true
		return nil
	}
	m.Bytes = 0
	for _, f := range m.Files {
		if err := inside(f.Name, f.path(), false); err != nil {
			return err
		}
		if f.Size < 0 || z.entries[f.Name].UncompressedSize64 != uint64(f.Size) {
			return z.invalid(shown(f.Name))
		}
		m.Bytes += f.Size
	}
	for _, f := range m.Folders {
		if err := inside(f.Name, f.path(), true); err != nil {
			return err
		}
	}
	if len(members) != len(z.entries) {
		return z.invalid(manifestName)
	}
	for path := range paths { // nothing lies in a file
		for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path[:i], '/') {
			if paths[path[:i]] {
				return z.unsafe(path, shown(path[:i]))
			}
		}
	}
	return nil
}

// local tells whether a path of the project can be written below its group.
func local(path, group string) bool {
	if !fs.ValidPath(path) || strings.IndexByte(path, 0) >= 0 || path != group && !strings.HasPrefix(path, group+"/") {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if len(part) > longestName {
			return false
		}
	}
	return len(path) <= longestPath
}

// copyTo writes a file's content, and fails with CodeBackupInvalid where it is
// not what the manifest says.
func (z *Zip) copyTo(ctx context.Context, w io.Writer, f File, buffer []byte, done func(int)) error {
	damaged := func(err error) error {
		return domain.NewError(domain.CodeBackupInvalid, "path", z.path, "detail", shown(f.Name)).Because(err)
	}
	r, err := z.entries[f.Name].Open()
	if err != nil {
		return damaged(err)
	}
	defer func() { _ = r.Close() }()
	sum, left := sha256.New(), f.Size
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buffer)
		if left -= int64(n); left < 0 {
			return damaged(errors.New("longer than it said"))
		}
		sum.Write(buffer[:n])
		if _, err := w.Write(buffer[:n]); err != nil {
			return fmt.Errorf("write %s: %w", f.Name, err)
		}
		if done != nil {
			done(n)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return damaged(err)
		}
	}
	if left != 0 || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return damaged(errors.New("not what the manifest says"))
	}
	return nil
}

// Verify reads everything in the zip and compares it with the manifest. told
// hears how many bytes of it are read.
func (z *Zip) Verify(ctx context.Context, told func(done int64, name string)) error {
	buffer := make([]byte, 256<<10)
	var done int64
	for _, f := range z.Manifest.Files {
		err := z.copyTo(ctx, io.Discard, f, buffer, func(n int) {
			done += int64(n)
			if told != nil {
				told(done, f.Name)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sumOf gives the SHA-256 of all that is read.
func sumOf(ctx context.Context, r io.Reader) (string, error) {
	sum := sha256.New()
	if _, err := io.CopyBuffer(sum, reader{ctx, r}, make([]byte, 256<<10)); err != nil {
		return "", fmt.Errorf("read: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Known tells what a zip holds, by its manifest.
func Known(ctx context.Context, path string, l Limits) (Made, error) {
	z, err := Open(path, l)
	if err != nil {
		return Made{}, err
	}
	defer func() { _ = z.Close() }()
	made := summed(z.Manifest)
	made.Path, made.Size = path, z.Size
	made.SHA256, err = sumOf(ctx, io.NewSectionReader(z.file, 0, z.Size))
	return made, err
}

// Groups gives the folders of the groups of which the zip has something.
func (z *Zip) Groups() []string {
	seen := map[string]bool{}
	var groups []string
	for name := range z.entries {
		group, _, _ := strings.Cut(name, "/")
		if !seen[group] {
			seen[group] = true
			groups = append(groups, group)
		}
	}
	slices.Sort(groups)
	return groups
}
