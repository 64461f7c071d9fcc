package main

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim/protocol"
)

// maxDrain bounds what is still read when the tree is gone, as a process
// outside of it may have been given the pipe.
const maxDrain = 64 << 20

// child is the program and all that it started.
type child struct {
	identity process.Identity
	exit     exit          // once mainDone is closed
	mainDone chan struct{} // closed when the program has ended
	treeDone chan struct{} // closed when nothing is left of the tree
	pipes    [2]int        // where its stdout and stderr are read
	wake     int           // an eventfd that tells the pump to finish
	mu       sync.Mutex    // held to collect processes, and to signal by pid
	report   sandbox.Report
}

// start runs the program as leader of a process group of its own.
func start(spec protocol.Spec) (*child, *protocol.StartError) {
	var out, errs [2]int
	null, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, startError(err)
	}
	defer func() { _ = unix.Close(null) }()
	if err := unix.Pipe2(out[:], unix.O_CLOEXEC); err != nil {
		return nil, startError(err)
	}
	defer func() { _ = unix.Close(out[1]) }()
	if err := unix.Pipe2(errs[:], unix.O_CLOEXEC); err != nil {
		_ = unix.Close(out[0])
		return nil, startError(err)
	}
	defer func() { _ = unix.Close(errs[1]) }()
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err == nil {
		var pid int
		var report sandbox.Report
		var guard *sandbox.Guard
		report, guard, err = sandbox.Start(spec.Confine, func() (err error) {
			pid, err = syscall.ForkExec(spec.Argv[0], spec.Argv, &syscall.ProcAttr{
				Dir: spec.Dir, Env: spec.Env,
				Files: []uintptr{uintptr(null), uintptr(out[1]), uintptr(errs[1])},
				Sys:   &syscall.SysProcAttr{Setpgid: true},
			})
			return err
		})
		if err == nil {
			if guard != nil {
				go guard.Serve()
			}
			if err := sandbox.LastToKeep(pid); err != nil {
				report.Notes = append(report.Notes, err.Error())
			}
			c := &child{
				mainDone: make(chan struct{}), treeDone: make(chan struct{}),
				pipes: [2]int{out[0], errs[0]}, wake: wake, report: report,
			}
			// A zombie keeps its stat, so even a program that is over has an identity.
			if c.identity, err = process.Of(pid); err != nil {
				c.identity = process.Identity{PID: pid}
			}
			go c.reap()
			return c, nil
		}
		_ = unix.Close(wake)
	}
	_, _ = unix.Close(out[0]), unix.Close(errs[0])
	if errors.Is(err, syscall.ENOENT) {
		if _, e := os.Stat(spec.Dir); spec.Dir != "" && e != nil {
			return nil, &protocol.StartError{Code: "folder", Text: e.Error()}
		}
	}
	if errors.Is(err, sandbox.ErrNotFull) {
		return nil, &protocol.StartError{Code: protocol.CodeConfinement, Text: err.Error()}
	}
	return nil, startError(&os.PathError{Op: "start", Path: spec.Argv[0], Err: err})
}

func startError(err error) *protocol.StartError {
	e := &protocol.StartError{Code: "other", Text: err.Error()}
	switch {
	case errors.Is(err, syscall.ENOENT):
		e.Code = "not_found"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		e.Code = "permission"
	case errors.Is(err, syscall.ENOEXEC):
		e.Code = "exec_format"
	}
	return e
}

// reap collects the program and every orphan of its tree, until there is none:
// as we are their subreaper, "no child" means that nothing is left.
func (c *child) reap() {
	for {
		// A process keeps its pid until it is collected, which is done under the
		// lock: who signals by pid meanwhile signals nobody else.
		err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			close(c.treeDone)
			return
		}
		c.mu.Lock()
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == nil && pid == c.identity.PID {
			if status.Signaled() {
				c.exit.signal = unix.SignalName(status.Signal())
			} else {
				code := status.ExitStatus()
				c.exit.code = &code
			}
			close(c.mainDone)
		}
		c.mu.Unlock()
	}
}

// signalGroup signals the program's group, as long as the program is there; it
// tells whether it was.
func (c *child) signalGroup(signals ...syscall.Signal) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over() {
		return false
	}
	for _, signal := range signals {
		_ = unix.Kill(-c.identity.PID, signal)
	}
	return true
}

func (c *child) over() bool {
	select {
	case <-c.mainDone:
		return true
	default:
		return false
	}
}

// terminate asks the program's group to end; stopped processes are woken, or
// they would not hear it.
func (c *child) terminate() {
	if !c.signalGroup(unix.SIGTERM, unix.SIGCONT) {
		c.terminateRest()
	}
}

// terminateRest asks all that is left of the tree to end.
func (c *child) terminateRest() {
	process.SignalTree(os.Getpid(), unix.SIGTERM)
	process.SignalTree(os.Getpid(), unix.SIGCONT)
}

// kill kills all that there is of the tree; the program's group first, which the
// kernel does in one step: one by one, a tree that forks is faster.
func (c *child) kill() {
	c.signalGroup(unix.SIGKILL)
	process.KillTree(os.Getpid())
}

func (c *child) usage() process.Usage { return process.UsageOf(process.Tree(os.Getpid())) }

// total is what all collected processes used, and the peak of the largest.
func (c *child) total() (cpu time.Duration, peak int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u) != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss << 10
}

// finish has the pump take what is left in the pipes and end.
func (c *child) finish() { _, _ = unix.Write(c.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) }

// pump copies both streams into the log. One goroutine does it with epoll, as
// the kernel lists the pipes in the order in which they got something: nearer
// to the order of writing than two readers that race.
func (c *child) pump(r *run) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		r.debug.Error("output cannot be read", "error", err.Error())
		return
	}
	open := map[int]format.Kind{c.pipes[0]: format.Stdout, c.pipes[1]: format.Stderr}
	for _, fd := range []int{c.pipes[0], c.pipes[1], c.wake} {
		_ = unix.SetNonblock(fd, true)
		_ = unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
	}
	buffer := make([]byte, bufferSize)
	// take reads once; it tells whether there may be more.
	take := func(fd int) (n int) {
		n, err := unix.Read(fd, buffer)
		switch {
		case n > 0:
			r.record(open[fd], buffer[:n])
		case n == 0 && err == nil:
			delete(open, fd)
			_ = unix.Close(fd) // which takes it out of poll too
		}
		return n
	}
	events := make([]unix.EpollEvent, 3)
	for {
		timeout := -1
		if r.writer.Failed() != nil {
			timeout = int(diskEvery.Milliseconds())
		}
		n, err := unix.EpollWait(poll, events, timeout)
		if err != nil && !errors.Is(err, unix.EINTR) {
			r.debug.Error("output cannot be read", "error", err.Error())
			return
		}
		if n == 0 {
			r.retry()
		}
		finishing := false
		for _, e := range events[:max(n, 0)] {
			if fd := int(e.Fd); fd == c.wake {
				finishing = true
			} else {
				take(fd)
			}
		}
		if finishing {
			for _, fd := range c.pipes {
				for got := 0; open[fd] != 0 && got < maxDrain; {
					n := take(fd)
					if n <= 0 {
						break
					}
					got += n
				}
			}
			return
		}
	}
}
