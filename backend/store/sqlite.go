//go:build cgo

package store

import (
	"errors"
	"strings"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// sqliteFull: SQLite reports ENOSPC as FULL, a quota and some failed syncs as
// an input/output error with errno.
func sqliteFull(err error) bool {
	var se sqlite3.Error
	return errors.As(err, &se) && (se.Code == sqlite3.ErrFull ||
		se.Code == sqlite3.ErrIoErr && (se.SystemErrno == syscall.ENOSPC || se.SystemErrno == errQuota))
}

// Damaged tells whether err says that a file is no database, or not a whole one.
func Damaged(err error) bool {
	var se sqlite3.Error
	return errors.As(err, &se) && (se.Code == sqlite3.ErrNotADB || se.Code == sqlite3.ErrCorrupt)
}

// notUnique tells whether err is a broken UNIQUE constraint or index that
// names the column or index.
func notUnique(err error, name string) bool {
	var se sqlite3.Error
	return errors.As(err, &se) && se.ExtendedCode == sqlite3.ErrConstraintUnique && strings.Contains(se.Error(), name)
}
