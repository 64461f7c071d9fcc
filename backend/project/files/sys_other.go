//go:build !linux

package files

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

func inode(fs.FileInfo) uint64 { return 0 }

func isNotFolder(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

func isTooLong(err error) bool { return errors.Is(err, syscall.ENAMETOOLONG) }

func rename(from *os.Root, old string, to *os.Root, name string, how moving) error {
	return renamePlainly(from, old, to, name, how)
}

func syncDir(*os.Root) error { return nil } // Windows has no such thing
