//go:build !windows

package protocol

import "os"

func rename(from, to string) error { return os.Rename(from, to) }
