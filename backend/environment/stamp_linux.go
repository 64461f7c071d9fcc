package environment

import (
	"os"
	"syscall"
	"time"
)

// changeTime is when the file was last changed. The inode's own time cannot be
// set back, as the modification time is by tar and by cp -p.
func changeTime(info os.FileInfo) time.Time {
	t := info.ModTime()
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		if c := time.Unix(st.Ctim.Unix()); c.After(t) {
			return c
		}
	}
	return t
}
