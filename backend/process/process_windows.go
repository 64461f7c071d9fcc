package process

import (
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Of gives the identity of a process that runs.
func Of(pid int) (Identity, error) {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION|windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return Identity{}, fmt.Errorf("look at process %d: %w", pid, err)
	}
	defer func() { _ = windows.CloseHandle(h) }()
	return identity(h, pid)
}

func identity(h windows.Handle, pid int) (Identity, error) {
	// A handle keeps an ended process known, so the exit is asked for.
	if event, err := windows.WaitForSingleObject(h, 0); err == nil && event == windows.WAIT_OBJECT_0 {
		return Identity{}, fmt.Errorf("look at process %d: %w", pid, os.ErrProcessDone)
	}
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(h, &created, &exited, &kernel, &user); err != nil {
		return Identity{}, fmt.Errorf("look at process %d: %w", pid, err)
	}
	return Identity{PID: pid, Start: uint64(created.HighDateTime)<<32 | uint64(created.LowDateTime)}, nil
}

// Kill ends the process at once, and no other that got its pid.
func (i Identity) Kill() error {
	access := uint32(windows.PROCESS_QUERY_LIMITED_INFORMATION | windows.SYNCHRONIZE | windows.PROCESS_TERMINATE)
	h, err := windows.OpenProcess(access, false, uint32(i.PID))
	if err != nil {
		return fmt.Errorf("kill process %d: %w", i.PID, err)
	}
	defer func() { _ = windows.CloseHandle(h) }()
	if now, err := identity(h, i.PID); err != nil || now != i {
		return fmt.Errorf("kill process %d: %w", i.PID, os.ErrProcessDone)
	}
	if err := windows.TerminateProcess(h, 1); err != nil {
		return fmt.Errorf("kill process %d: %w", i.PID, err)
	}
	return nil
}

// families gives the children of every process. Windows keeps a dead parent's
// pid, which may be reused: a child older than its parent is no child of it.
func families() map[int][]int {
	children := map[int][]int{}
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return children
	}
	defer func() { _ = windows.CloseHandle(snapshot) }()
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		children[int(entry.ParentProcessID)] = append(children[int(entry.ParentProcessID)], int(entry.ProcessID))
	}
	return children
}

// Children gives the processes whose parent is pid.
func Children(pid int) []int {
	parent, err := Of(pid)
	if err != nil {
		return nil
	}
	return younger(parent, families()[pid])
}

func younger(parent Identity, pids []int) []int {
	var kept []int
	for _, pid := range pids {
		if child, err := Of(pid); err == nil && child.Start >= parent.Start {
			kept = append(kept, pid)
		}
	}
	return kept
}

// Tree gives all descendants of pid, parents first, without pid.
func Tree(pid int) []int {
	children := families()
	var tree []int
	var walk func(int)
	walk = func(p int) {
		parent, err := Of(p)
		if err != nil {
			return
		}
		for _, child := range younger(parent, children[p]) {
			if child != p {
				tree = append(tree, child)
				walk(child)
			}
		}
	}
	walk(pid)
	return tree
}

var getProcessMemoryInfo = windows.NewLazySystemDLL("kernel32.dll").NewProc("K32GetProcessMemoryInfo")

// memoryCounters is PROCESS_MEMORY_COUNTERS of psapi.h.
type memoryCounters struct {
	size, pageFaults                                         uint32
	peakWorkingSet, workingSet                               uintptr
	peakPagedPool, pagedPool, peakNonPagedPool, nonPagedPool uintptr
	pagefile, peakPagefile                                   uintptr
}

// UsageOf adds up what the processes use; those that are gone count nothing.
func UsageOf(pids []int) Usage {
	var u Usage
	for _, pid := range pids {
		h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
		if err != nil {
			continue
		}
		var created, exited, kernel, user windows.Filetime
		if windows.GetProcessTimes(h, &created, &exited, &kernel, &user) == nil {
			u.CPU += interval(kernel) + interval(user)
			u.Count++
		}
		m := memoryCounters{size: uint32(unsafe.Sizeof(memoryCounters{}))}
		if ok, _, _ := getProcessMemoryInfo.Call(uintptr(h), uintptr(unsafe.Pointer(&m)), uintptr(m.size)); ok != 0 {
			u.Memory += int64(m.workingSet)
		}
		_ = windows.CloseHandle(h)
	}
	return u
}

func interval(f windows.Filetime) time.Duration {
	return time.Duration(uint64(f.HighDateTime)<<32|uint64(f.LowDateTime)) * 100
}

// KillTree kills all descendants of pid that there are now, not pid, and tells
// how many it found.
func KillTree(pid int) int {
	tree := Tree(pid)
	for _, p := range tree {
		if i, err := Of(p); err == nil {
			_ = i.Kill()
		}
	}
	return len(tree)
}

// KillTree is KillTree of the process, and does nothing where another one has
// its pid.
func (i Identity) KillTree() int {
	if !i.Alive() {
		return 0
	}
	return KillTree(i.PID)
}

// NewTag gives the zero Tag: on Windows a job object holds the tree together,
// and ends it with the shim.
func NewTag() Tag { return Tag{} }

// Apply does nothing on Windows.
func (t Tag) Apply() error { return nil }

// Find finds nothing on Windows.
func (t Tag) Find() []Identity { return nil }

// Descendants is Tree.
func Descendants(pid int) []int { return Tree(pid) }

// SharedOnce adds up the memory of the processes; the system does not tell what
// they share.
func SharedOnce(pids []int) int64 { return UsageOf(pids).Memory }
