package discovery

import (
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// folder gives access to the files directly in an open folder. The calls go
// by the folder's descriptor: a rescan of 10,000 files is nothing but these,
// and paths and os.FileInfo would double it.
type folder struct{ dir *os.File }

// stat describes what stands at name itself, links not followed.
func (d folder) stat(name string) (stamp, fs.FileMode, error) {
	var st unix.Stat_t
	for {
		err := unix.Fstatat(int(d.dir.Fd()), name, &st, unix.AT_SYMLINK_NOFOLLOW)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return stamp{}, 0, &fs.PathError{Op: "stat", Path: name, Err: err}
		}
		break
	}
	s := stamp{
		size: st.Size, modified: st.Mtim.Nano(), changed: st.Ctim.Nano(), inode: st.Ino, device: uint64(st.Dev),
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return s, 0, nil
	case unix.S_IFDIR:
		return s, fs.ModeDir, nil
	case unix.S_IFLNK:
		return s, fs.ModeSymlink, nil
	default:
		return s, fs.ModeIrregular, nil
	}
}

// open opens a regular file; a link that has taken its place is refused, and
// a pipe does not block.
func (d folder) open(name string) (io.ReadCloser, error) {
	for {
		fd, err := unix.Openat(int(d.dir.Fd()), name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		switch err {
		case nil:
			return rawFile(fd), nil
		case unix.EINTR:
		default:
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// rawFile reads without the runtime's poller, which has nothing to do for
// regular files.
type rawFile int

func (f rawFile) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(int(f), b)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, err
		case n == 0 && len(b) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

func (f rawFile) Close() error { return unix.Close(int(f)) }

func stampOf(info fs.FileInfo) stamp {
	s := stamp{size: info.Size(), modified: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.changed, s.inode, s.device = time.Unix(st.Ctim.Unix()).UnixNano(), st.Ino, uint64(st.Dev)
	}
	return s
}
