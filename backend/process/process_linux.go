package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// clockTick is USER_HZ, which is 100 on every architecture that Go runs on.
const clockTick = 100

type stat struct {
	state  byte
	parent int
	group  int
	ticks  uint64 // CPU, user and system
	start  uint64
	pages  int64
}

// readStat parses /proc/<pid>/stat (proc(5)); the name in brackets may hold
// anything, so fields are counted from the last bracket.
func readStat(pid int) (stat, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, fmt.Errorf("look at process %d: %w", pid, err)
	}
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) < 22 {
		return stat{}, fmt.Errorf("look at process %d: stat has %d fields", pid, len(f))
	}
	number := func(i int) uint64 {
		n, _ := strconv.ParseUint(string(f[i]), 10, 64) // the kernel wrote it
		return n
	}
	return stat{
		state: f[0][0], parent: int(number(1)), group: int(number(2)),
		ticks: number(11) + number(12), start: number(19), pages: int64(number(21)),
	}, nil
}

var bootID = sync.OnceValues(func() (string, error) {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("find out which boot this is: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
})

// Of gives the identity of a process that runs.
func Of(pid int) (Identity, error) {
	s, err := readStat(pid)
	if err != nil {
		return Identity{}, err
	}
	if s.state == 'Z' || s.state == 'X' {
		return Identity{}, fmt.Errorf("look at process %d: %w", pid, os.ErrProcessDone)
	}
	boot, err := bootID()
	return Identity{PID: pid, Start: s.start, BootID: boot}, err
}

// Signal sends a signal to the process, and to no other that got its pid.
func (i Identity) Signal(signal syscall.Signal) error {
	fd, err := unix.PidfdOpen(i.PID, 0)
	if err != nil {
		return fmt.Errorf("signal process %d: %w", i.PID, gone(err))
	}
	defer func() { _ = unix.Close(fd) }()
	// The descriptor stands for the process that has the pid now, so that the
	// check after opening it holds for what is signalled.
	if !i.Alive() {
		return fmt.Errorf("signal process %d: %w", i.PID, os.ErrProcessDone)
	}
	if err := unix.PidfdSendSignal(fd, signal, nil, 0); err != nil {
		return fmt.Errorf("signal process %d: %w", i.PID, gone(err))
	}
	return nil
}

func gone(err error) error {
	if errors.Is(err, unix.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// Kill ends the process at once.
func (i Identity) Kill() error { return i.Signal(unix.SIGKILL) }

// all gives the pids there are.
func all() []int {
	d, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer func() { _ = d.Close() }()
	names, _ := d.Readdirnames(-1)
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if name[0] >= '1' && name[0] <= '9' {
			if pid, err := strconv.Atoi(name); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// member is a process as it was seen: with its start it is no other that gets
// its pid later.
type member struct {
	pid   int
	start uint64
}

// families gives the living children of every process.
func families() map[int][]member {
	children := map[int][]member{}
	for _, pid := range all() {
		if s, err := readStat(pid); err == nil && s.state != 'Z' && s.state != 'X' {
			children[s.parent] = append(children[s.parent], member{pid, s.start})
		}
	}
	return children
}

// signal sends a signal to the member, not to another process that has its pid
// by now.
func (m member) signal(signal syscall.Signal) {
	fd, err := unix.PidfdOpen(m.pid, 0)
	if err != nil {
		return // it is gone
	}
	defer func() { _ = unix.Close(fd) }()
	// The descriptor stands for who has the pid now, so the look comes after it.
	if s, err := readStat(m.pid); err == nil && s.start == m.start {
		_ = unix.PidfdSendSignal(fd, signal, nil, 0)
	}
}

// Children gives the processes whose parent is pid, without zombies.
func Children(pid int) []int {
	var pids []int
	for _, child := range families()[pid] {
		pids = append(pids, child.pid)
	}
	return pids
}

// Tree gives all descendants of pid, parents first, without pid and zombies.
func Tree(pid int) []int {
	var tree []int
	for _, m := range members(pid) {
		tree = append(tree, m.pid)
	}
	return tree
}

func members(pid int) (tree []member) {
	children := families()
	var walk func(int)
	walk = func(p int) {
		for _, child := range children[p] {
			tree = append(tree, child)
			walk(child.pid)
		}
	}
	walk(pid)
	return tree
}

// UsageOf adds up what the processes use; those that are gone count nothing.
func UsageOf(pids []int) Usage {
	var u Usage
	for _, pid := range pids {
		if s, err := readStat(pid); err == nil {
			u.CPU += time.Duration(s.ticks) * (time.Second / clockTick)
			u.Memory += s.pages * int64(os.Getpagesize())
			u.Count++
		}
	}
	return u
}

// SignalTree sends a signal to all descendants of pid, not to pid.
func SignalTree(pid int, signal syscall.Signal) {
	for _, m := range members(pid) {
		m.signal(signal)
	}
}

// KillTree kills all descendants of pid that there are now, not pid, and tells
// how many it found. Each is stopped before its children are looked at, so that
// it neither forks nor reaps meanwhile. Where descendants may fork faster, call
// it until it finds none.
func KillTree(pid int) int { return killBelow(pid, families()) }

// KillTree is KillTree of the process, and does nothing where another one has
// its pid.
func (i Identity) KillTree() int {
	children := families()
	if !i.Alive() { // looked at after the families: it had the pid then
		return 0
	}
	return killBelow(i.PID, children)
}

func killBelow(pid int, children map[int][]member) (found int) {
	var walk func(int)
	walk = func(p int) {
		for _, child := range children[p] {
			child.signal(unix.SIGSTOP)
			walk(child.pid)
			child.signal(unix.SIGKILL)
			found++
		}
	}
	walk(pid)
	return found
}

// NewTag makes a tag. It is the zero Tag where this process's own limit leaves
// no room for one.
func NewTag() Tag {
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MSGQUEUE, &now); err != nil {
		return Tag{}
	}
	return newTag(now.Max)
}

// Apply marks this process and what it starts from now on.
func (t Tag) Apply() error {
	if t == (Tag{}) {
		return nil
	}
	if err := unix.Setrlimit(unix.RLIMIT_MSGQUEUE, &unix.Rlimit{Cur: t.Soft, Max: t.Hard}); err != nil {
		return fmt.Errorf("tag the process: %w", err)
	}
	return nil
}

// Find gives the living processes with the tag, as far as this user may look.
func (t Tag) Find() []Identity {
	if t == (Tag{}) {
		return nil
	}
	var found []Identity
	for _, pid := range all() {
		if t.on(pid) {
			if i, err := Of(pid); err == nil {
				found = append(found, i)
			}
		}
	}
	return found
}

func (t Tag) on(pid int) bool {
	var limit unix.Rlimit
	err := unix.Prlimit(pid, unix.RLIMIT_MSGQUEUE, nil, &limit)
	return err == nil && limit.Cur == t.Soft && limit.Max == t.Hard
}

// Descendants is Tree by a shorter way where the kernel keeps lists of children
// (CONFIG_PROC_CHILDREN): its cost grows with the tree, not with the machine.
func Descendants(pid int) []int {
	tree, ok := listed(pid)
	if !ok {
		return Tree(pid)
	}
	for i := 0; i < len(tree); i++ {
		more, _ := listed(tree[i]) // it may be gone
		tree = append(tree, more...)
	}
	return tree
}

// listed gives the living children of all threads of a process.
func listed(pid int) (children []int, ok bool) {
	folder := "/proc/" + strconv.Itoa(pid) + "/task/"
	d, err := os.Open(folder)
	if err != nil {
		return nil, false
	}
	threads, _ := d.Readdirnames(-1)
	_ = d.Close()
	for _, thread := range threads {
		b, err := os.ReadFile(folder + thread + "/children")
		if err != nil {
			continue
		}
		ok = true
		for _, field := range bytes.Fields(b) {
			child, _ := strconv.Atoi(string(field)) // the kernel wrote it
			if s, err := readStat(child); err == nil && s.state != 'Z' && s.state != 'X' {
				children = append(children, child)
			}
		}
	}
	return children, ok
}

// SharedOnce adds up the resident memory of the processes, each page that some
// of them share counted once (proc(5), smaps_rollup); where the system does not
// say, as often as it is shared.
func SharedOnce(pids []int) int64 {
	var sum int64
	for _, pid := range pids {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
		_, rest, found := bytes.Cut(b, []byte("\nPss:"))
		if err != nil || !found {
			sum += UsageOf([]int{pid}).Memory
			continue
		}
		if f := bytes.Fields(rest); len(f) > 0 {
			kilobytes, _ := strconv.ParseInt(string(f[0]), 10, 64) // the kernel wrote it
			sum += kilobytes << 10
		}
	}
	return sum
}
