//go:build !linux

package environment

import (
	"os"
	"time"
)

// changeTime is when the file was last changed.
func changeTime(info os.FileInfo) time.Time { return info.ModTime() }
