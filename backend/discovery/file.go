package discovery

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"scriptsmanager/backend/domain"
)

// stamp tells one state of a file from another without reading it.
type stamp struct {
	size, modified, changed int64 // times in ns; changed is the inode's, where there is one
	inode, device           uint64
}

const (
	// A file changed again within one tick of the file system's clock keeps
	// its times; what was read so soon after a change is read once more.
	tick = 50 * time.Millisecond

	firstRead   = 8 << 10 // nearly every header ends in here
	mostRead    = 64 << 10
	maxHead     = 8 << 20
	maxDocument = 4 << 20
)

// fresh tells whether a file with this stamp may still change unseen.
func (s stamp) fresh(now time.Time) bool {
	age := now.UnixNano() - max(s.modified, s.changed)
	return age < int64(tick) && age > -int64(tick)
}

// readHead reads as much of a file as its head needs. buf is used and
// returned, grown if need be, so that the next file can have it.
func readHead(f io.Reader, buf []byte, a *arena) ([]byte, Header, error) {
	buf = buf[:0]
	a.reset()
	from := 0
	for step := firstRead; ; step = min(2*step, mostRead) {
		if cap(buf)-len(buf) < step {
			buf = append(make([]byte, 0, 2*cap(buf)+step), buf...)
		}
		n, err := io.ReadFull(f, buf[len(buf):len(buf)+step])
		buf = buf[:len(buf)+n]
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return buf, Header{}, err
		}
		h := locate(buf, end || len(buf) >= maxHead, from)
		if !h.needMore {
			return buf, parseHead(buf, h, a), nil
		}
		from = h.resume
	}
}

// readDocument reads a whole file of at most maxDocument bytes.
func readDocument(f io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(data) > maxDocument {
		err = errors.New("> 4 MiB")
	}
	return data, err
}

// found is a file of a group as it stands on the disk.
type found struct {
	name  string // relative to the group, with slashes
	link  string // where it really is, relative to the group, for a link
	stamp stamp
}

// errEscapes tells of a link that leaves its group.
var errEscapes = errors.New("link leaves the group")

// look finds the regular file of that name in an open group. It gives nil for
// anything else, and an error for a link that must or cannot be followed.
func look(d folder, groupPath, name string) (*found, error) {
	s, mode, err := d.stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	switch mode {
	case 0:
		return &found{name: name, stamp: s}, nil
	case fs.ModeSymlink:
		return follow(groupPath, name)
	default:
		return nil, nil
	}
}

// follow finds the regular file or, as nil, anything else behind a name on
// whose way there are links.
func follow(groupPath, name string) (*found, error) {
	target, err := inside(groupPath, name)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(filepath.Join(groupPath, target))
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil
	}
	return &found{name: name, link: target, stamp: stampOf(info)}, nil
}

// inside resolves all links of name and gives the path below the group.
func inside(groupPath, name string) (string, error) {
	root, err := filepath.EvalSymlinks(groupPath)
	if err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(filepath.Join(groupPath, filepath.FromSlash(name)))
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(root, target)
	if err != nil || !filepath.IsLocal(rel) {
		return "", errEscapes
	}
	return rel, nil
}

// open opens what look found. A link is opened at the place that it was found
// to lead to, which must still be in the group.
func (f *found) open(d folder, groupPath string) (io.ReadCloser, error) {
	if f.link == "" {
		return d.open(f.name)
	}
	root, err := os.OpenRoot(groupPath)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	return root.Open(f.link)
}

// fileProblem says why a file could not be had.
func fileProblem(file string, err error) domain.Problem {
	if errors.Is(err, errEscapes) {
		return domain.Problem{File: file, Code: domain.CodeLinkEscapes, Params: map[string]any{"path": file}}
	}
	detail := err
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		detail = pathError.Err // the path stands in its own parameter
	}
	return domain.Problem{File: file, Code: domain.CodeFileUnreadable, Params: map[string]any{"path": file, "detail": detail.Error()}}
}
