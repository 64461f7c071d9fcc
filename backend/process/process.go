// Package process looks at processes of the operating system and ends them.
//
// A process is named by an Identity (pid, start time, boot), never by its pid
// alone: pids are reused, and nothing here signals a process that is not the
// one that was meant. It starts no processes; of those that others start for an
// answer, Group, Wait and Tail see to it that nothing is left and nothing grows.
package process

import (
	"math/rand/v2"
	"os"
	"time"
)

// Identity names one process for good.
type Identity struct {
	PID    int    `json:"pid"`
	Start  uint64 `json:"start"`   // Linux: clock ticks after boot; Windows: FILETIME
	BootID string `json:"boot_id"` // Linux: the kernel's; Windows: "", as Start is absolute
}

// Self is this process.
func Self() (Identity, error) { return Of(os.Getpid()) }

// Alive tells whether the process runs. A zombie does not.
func (i Identity) Alive() bool {
	if i.PID <= 0 {
		return false
	}
	now, err := Of(i.PID)
	return err == nil && now == i
}

// Usage is what some processes use.
type Usage struct {
	CPU    time.Duration
	Memory int64 // resident bytes
	Count  int
}

// Tag marks a process and all that it ever starts, even where they leave its
// group, session and parent. Linux: an odd pair of limits (soft and hard) of
// POSIX message queues, which every child inherits and hardly any program
// changes. The zero Tag marks nothing.
type Tag struct {
	Soft uint64 `json:"soft"`
	Hard uint64 `json:"hard"`
}

// tagRoom is the default of RLIMIT_MSGQUEUE in bytes, which an ordinary
// process may lower. tagLeast keeps more than one queue of default size usable.
const (
	tagRoom  = 819200
	tagLeast = tagRoom / 4
)

// newTag picks from some 10^11 pairs under the limit.
func newTag(limit uint64) Tag {
	if limit > tagRoom {
		limit = tagRoom
	}
	if limit <= 2*tagLeast {
		return Tag{}
	}
	hard := tagLeast + rand.Uint64N(limit-tagLeast-1) + 1                //nolint:gosec // a mark, not a secret
	return Tag{Soft: tagLeast + rand.Uint64N(hard-tagLeast), Hard: hard} //nolint:gosec // the same
}
