package files

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func inode(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}

func isNotFolder(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

func isTooLong(err error) bool { return errors.Is(err, syscall.ENAMETOOLONG) }

// rename moves what stands under a name, in one step, by the open folders: no
// path is looked up anew.
func rename(from *os.Root, old string, to *os.Root, name string, how moving) error {
	a, err := from.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	b, err := to.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }()
	flags := map[moving]uint{moveNew: unix.RENAME_NOREPLACE, moveExchange: unix.RENAME_EXCHANGE}[how]
	err = unix.Renameat2(int(a.Fd()), old, int(b.Fd()), name, flags)
	if flags != 0 && (errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS)) && old != name {
		// A file system that knows no flags.
		return renamePlainly(from, old, to, name, how)
	}
	return err
}

func syncDir(dir *os.Root) error {
	at, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = at.Close() }()
	return at.Sync()
}
