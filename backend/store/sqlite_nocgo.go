//go:build !cgo

package store

import _ "github.com/mattn/go-sqlite3" // its driver then says that it needs cgo

// Without cgo nothing can be opened, so nothing can fail in these ways. This
// file lets whatever imports the store be checked for other systems.

func sqliteFull(error) bool { return false }

// Damaged tells whether err says that a file is no database, or not a whole one.
func Damaged(error) bool { return false }

func notUnique(error, string) bool { return false }
