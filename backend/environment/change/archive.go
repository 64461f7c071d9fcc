package change

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/printed"
	"scriptsmanager/backend/platform"
)

const (
	maxMembers = 2_000_000
	// keepFree is how much of a disk an archive does not take.
	keepFree = 256 << 20
	// lookAtDisk is after how many bytes the disk is looked at again.
	lookAtDisk = 64 << 20
)

// unpackArchive makes an environment of a conda-pack archive: it is unpacked
// and then adapts itself to its place by its own program. It needs no network.
func (j *job) unpackArchive(ctx context.Context) (map[string]any, error) {
	s := j.spec
	j.report.plan([]string{"unpack", "paths", "verify"}, []float64{80, 15, 5})
	j.report.begin("unpack")
	if err := j.claim(); err != nil {
		return nil, err
	}
	j.report.say("unpack %s to %s", s.File, s.Target)
	if err := j.unpack(ctx); err != nil {
		return nil, err
	}
	if !isFolder(filepath.Join(s.Target, "conda-meta")) {
		return nil, domain.NewError(domain.CodeArchiveInvalid, "path", s.File, "detail", "conda-meta is missing")
	}
	j.report.begin("paths")
	if err := j.adapt(ctx); err != nil {
		return nil, err
	}
	j.report.begin("verify")
	if err := j.whole(ctx); err != nil {
		return nil, err
	}
	return map[string]any{"path": s.Target}, nil
}

// adapt runs conda-unpack, which the archive brings.
func (j *job) adapt(ctx context.Context) error {
	program := filepath.Join(j.spec.Target, "bin", "conda-unpack")
	argv := []string{condaPython(j.spec.Target), program}
	if runtime.GOOS == "windows" {
		program = filepath.Join(j.spec.Target, "Scripts", "conda-unpack.exe")
		argv = []string{program}
	}
	if !exists(program) {
		j.report.say("the archive has no conda-unpack: what names its old place is left as it is")
		return nil
	}
	if !exists(argv[0]) {
		return domain.NewError(domain.CodeArchiveInvalid, "path", j.spec.File, "detail", "it has no Python")
	}
	o, err := j.run(ctx, command{name: "conda-unpack", argv: argv, silence: 15 * time.Minute, dir: j.spec.Target})
	if err != nil {
		return err
	}
	if o.code != 0 {
		if noSpace.MatchString(o.stderr) {
			return domain.NewError(domain.CodeDiskFull, "path", j.spec.Target)
		}
		return domain.NewError(domain.CodeEnvironmentFailed, "tool", "conda-unpack", "detail", printed.Brief(lastLine(o.stderr)))
	}
	return nil
}

// counter counts what is read of a file.
type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

// unpack takes in an archive that nobody has reason to trust: nothing of it is
// written outside of the target, nor leads out of it.
func (j *job) unpack(ctx context.Context) error {
	s := j.spec
	f, err := os.Open(s.File)
	if err != nil {
		return domain.NewError(domain.CodeFileUnreadable, "path", s.File, "detail", err.Error())
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at %s: %w", s.File, err)
	}
	root, err := os.OpenRoot(s.Target)
	if err != nil {
		return fmt.Errorf("open %s: %w", s.Target, err)
	}
	defer func() { _ = root.Close() }()
	read := &counter{from: f}
	z, err := gzip.NewReader(read)
	if err != nil {
		return invalidArchive(s, err)
	}
	u := &unpacker{root: root, spec: s}
	members := tar.NewReader(z)
	for n := int64(0); ; n++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		h, err := members.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || n > maxMembers {
			return invalidArchive(s, err)
		}
		if err := u.member(ctx, h, members); err != nil {
			return err
		}
		j.report.bytes(read.n, info.Size(), n+1, h.Name)
	}
	// To its end, or the checksum is not looked at.
	if _, err := io.Copy(io.Discard, &stopper{ctx, z}); err != nil {
		return invalidArchive(s, err)
	}
	return nil
}

func invalidArchive(s Spec, err error) error {
	text := "too many files"
	if err != nil {
		text = err.Error()
	}
	return domain.NewError(domain.CodeArchiveInvalid, "path", s.File, "detail", text)
}

type unpacker struct {
	root    *os.Root
	spec    Spec
	written int64 // since the disk was looked at
	looked  bool
}

func (u *unpacker) member(ctx context.Context, h *tar.Header, content io.Reader) error {
	unsafe := domain.NewError(domain.CodeArchiveUnsafe, "path", u.spec.File, "member", h.Name)
	name := path.Clean(strings.TrimPrefix(h.Name, "./"))
	if name == "." {
		return nil
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return unsafe
	}
	if dir := path.Dir(name); dir != "." {
		if err := u.root.MkdirAll(dir, 0o755); err != nil {
			return u.failed(name, err)
		}
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return u.failed(name, u.root.MkdirAll(name, 0o755))
	case tar.TypeReg:
		return u.file(ctx, name, h, content)
	case tar.TypeSymlink:
		leads := path.Join(path.Dir(name), h.Linkname) //nolint:gosec // looked at here, and nothing is opened by it
		if path.IsAbs(h.Linkname) || !filepath.IsLocal(filepath.FromSlash(leads)) {
			return unsafe
		}
		return u.failed(name, u.root.Symlink(h.Linkname, name))
	case tar.TypeLink:
		old := path.Clean(strings.TrimPrefix(h.Linkname, "./"))
		if !filepath.IsLocal(filepath.FromSlash(old)) {
			return unsafe
		}
		return u.failed(name, u.root.Link(old, name))
	case tar.TypeXGlobalHeader:
		return nil
	}
	return unsafe // a device, a pipe
}

func (u *unpacker) file(ctx context.Context, name string, h *tar.Header, content io.Reader) error {
	if err := u.room(h.Size); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if h.Mode&0o100 != 0 {
		mode = 0o755
	}
	f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return u.failed(name, err)
	}
	_, err = io.Copy(f, &stopper{ctx, content})
	if e := f.Close(); err == nil {
		err = e
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return u.failed(name, err)
}

// room looks whether the disk holds the file and something besides.
func (u *unpacker) room(size int64) error {
	u.written += size
	if u.looked && u.written < lookAtDisk {
		return nil
	}
	free, _, err := platform.DiskUsage(u.spec.Target)
	if err == nil && (size < 0 || uint64(size)+keepFree > free) {
		return domain.NewError(domain.CodeDiskFull, "path", u.spec.Target)
	}
	u.looked, u.written = true, 0
	return nil
}

// failed says what of the archive could not be written.
func (u *unpacker) failed(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case platform.IsDiskFull(err):
		return domain.NewError(domain.CodeDiskFull, "path", u.spec.Target).Because(err)
	case strings.Contains(err.Error(), "escapes"):
		return domain.NewError(domain.CodeArchiveUnsafe, "path", u.spec.File, "member", name)
	}
	return domain.NewError(domain.CodeArchiveInvalid, "path", u.spec.File, "detail", fmt.Sprintf("%s: %v", name, err))
}

// stopper reads until ctx ends.
type stopper struct {
	ctx  context.Context
	from io.Reader
}

func (s *stopper) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.Read(b)
}
