package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim/protocol"
)

// outsider is how long the pipes are read after the tree is gone, as a process
// outside of it may have been given one.
const outsider = time.Second

// child is the program and all that it started, in a job object: the end of the
// shim, however it comes, closes the job and so ends them.
type child struct {
	identity process.Identity
	exit     exit          // once mainDone is closed
	mainDone chan struct{} // closed when the program has ended
	treeDone chan struct{} // closed when nothing is left of the tree
	pipes    [2]*os.File   // where its stdout and stderr are read
	finishes chan struct{}
	report   sandbox.Report
	job      windows.Handle
}

// start runs the program as head of a console group of its own. It is made
// suspended and goes on inside the job, so that nothing it does is outside.
func start(spec protocol.Spec) (*child, *protocol.StartError) {
	c := &child{
		mainDone: make(chan struct{}), treeDone: make(chan struct{}), finishes: make(chan struct{}),
	}
	var info windows.ProcessInformation
	report, _, err := sandbox.Start(spec.Confine, func() (err error) {
		info, err = c.create(spec)
		return err
	})
	c.report = report
	if err != nil {
		for _, p := range c.pipes {
			if p != nil {
				_ = p.Close()
			}
		}
		if c.job != 0 {
			_ = windows.CloseHandle(c.job)
		}
		if errors.Is(err, sandbox.ErrNotFull) {
			return nil, &protocol.StartError{Code: protocol.CodeConfinement, Text: err.Error()}
		}
		return nil, startError(spec, err)
	}
	if c.identity, err = process.Of(int(info.ProcessId)); err != nil {
		c.identity = process.Identity{PID: int(info.ProcessId)}
	}
	_, err = windows.ResumeThread(info.Thread)
	_ = windows.CloseHandle(info.Thread)
	if err != nil {
		_ = windows.TerminateJobObject(c.job, 1)
	}
	go c.wait(info.Process)
	return c, nil
}

func (c *child) create(spec protocol.Spec) (info windows.ProcessInformation, err error) {
	if c.job, err = newJob(); err != nil {
		return info, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return info, err
	}
	defer func() { _ = null.Close() }()
	handles := []windows.Handle{windows.Handle(null.Fd())}
	for i := range c.pipes {
		reader, writer, err := os.Pipe()
		if err != nil {
			return info, err
		}
		defer func() { _ = writer.Close() }()
		c.pipes[i] = reader
		handles = append(handles, windows.Handle(writer.Fd()))
	}
	for _, h := range handles {
		if err := windows.SetHandleInformation(h, windows.HANDLE_FLAG_INHERIT, windows.HANDLE_FLAG_INHERIT); err != nil {
			return info, err
		}
	}
	attributes, err := windows.NewProcThreadAttributeList(1)
	if err != nil {
		return info, err
	}
	defer attributes.Delete()
	if err := attributes.Update(windows.PROC_THREAD_ATTRIBUTE_HANDLE_LIST, unsafe.Pointer(&handles[0]),
		uintptr(len(handles))*unsafe.Sizeof(handles[0])); err != nil {
		return info, err
	}
	startup := windows.StartupInfoEx{
		StartupInfo: windows.StartupInfo{
			Flags: windows.STARTF_USESTDHANDLES, StdInput: handles[0], StdOutput: handles[1], StdErr: handles[2],
		},
		ProcThreadAttributeList: attributes.List(),
	}
	startup.Cb = uint32(unsafe.Sizeof(startup))
	program, err := windows.UTF16PtrFromString(spec.Argv[0])
	if err != nil {
		return info, err
	}
	line, err := windows.UTF16PtrFromString(windows.ComposeCommandLine(spec.Argv))
	if err != nil {
		return info, err
	}
	var dir *uint16
	if spec.Dir != "" {
		if dir, err = windows.UTF16PtrFromString(spec.Dir); err != nil {
			return info, err
		}
	}
	environment, err := block(spec.Env)
	if err != nil {
		return info, err
	}
	// The console is the shim's own, without a window: CTRL_BREAK reaches the
	// group through it.
	flags := uint32(windows.CREATE_SUSPENDED | windows.CREATE_NEW_PROCESS_GROUP |
		windows.CREATE_UNICODE_ENVIRONMENT | windows.EXTENDED_STARTUPINFO_PRESENT)
	err = windows.CreateProcess(program, line, nil, nil, true, flags, environment, dir, &startup.StartupInfo, &info)
	runtime.KeepAlive(handles)
	if err != nil {
		return info, err
	}
	if err := windows.AssignProcessToJobObject(c.job, info.Process); err != nil {
		err = errors.Join(fmt.Errorf("put the program into its job: %w", err), windows.TerminateProcess(info.Process, 1))
		_, _ = windows.CloseHandle(info.Thread), windows.CloseHandle(info.Process)
		return info, err
	}
	return info, nil
}

// newJob makes a job object that ends its processes when it is closed.
func newJob() (windows.Handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, fmt.Errorf("make a job object: %w", err)
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		return 0, errors.Join(fmt.Errorf("set up a job object: %w", err), windows.CloseHandle(job))
	}
	return job, nil
}

// block is an environment as CreateProcess takes it: each entry and the whole
// end with a zero.
func block(environ []string) (*uint16, error) {
	var b []uint16
	for _, entry := range environ {
		text, err := windows.UTF16FromString(entry)
		if err != nil {
			return nil, fmt.Errorf("environment: %w", err)
		}
		b = append(b, text...)
	}
	if len(b) == 0 {
		b = append(b, 0)
	}
	b = append(b, 0)
	return &b[0], nil
}

func startError(spec protocol.Spec, err error) *protocol.StartError {
	e := &protocol.StartError{Code: "other", Text: (&os.PathError{Op: "start", Path: spec.Argv[0], Err: err}).Error()}
	switch {
	case errors.Is(err, windows.ERROR_DIRECTORY):
		e.Code = "folder"
	case errors.Is(err, os.ErrNotExist):
		e.Code = "not_found"
	case errors.Is(err, os.ErrPermission), errors.Is(err, windows.ERROR_ELEVATION_REQUIRED):
		e.Code = "permission"
	case errors.Is(err, windows.ERROR_BAD_EXE_FORMAT):
		e.Code = "exec_format"
	}
	return e
}

// wait sees the program end, then the rest of the job.
func (c *child) wait(h windows.Handle) {
	_, _ = windows.WaitForSingleObject(h, windows.INFINITE)
	var status uint32
	if windows.GetExitCodeProcess(h, &status) == nil {
		code := int(status)
		c.exit.code = &code
	}
	_ = windows.CloseHandle(h)
	close(c.mainDone)
	for pause := time.Millisecond; c.accounting().active > 0; pause = min(2*pause, 50*time.Millisecond) {
		time.Sleep(pause)
	}
	close(c.treeDone)
}

// accounting is JOBOBJECT_BASIC_ACCOUNTING_INFORMATION of winnt.h.
type accounting struct {
	user, kernel, periodUser, periodKernel int64 // of 100 ns
	pageFaults, total, active, terminated  uint32
}

func (c *child) accounting() accounting {
	var a accounting
	_ = windows.QueryInformationJobObject(c.job, windows.JobObjectBasicAccountingInformation,
		uintptr(unsafe.Pointer(&a)), uint32(unsafe.Sizeof(a)), nil)
	return a
}

// terminate sends CTRL_BREAK to the program's group; console programs get
// SIGBREAK by it.
func (c *child) terminate() {
	_ = windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(c.identity.PID))
}

// terminateRest asks what is left of the program's group.
func (c *child) terminateRest() { c.terminate() }

// kill ends all processes of the job.
func (c *child) kill() { _ = windows.TerminateJobObject(c.job, 1) }

func (c *child) usage() process.Usage {
	a := c.accounting()
	tree := process.UsageOf(process.Tree(os.Getpid()))
	return process.Usage{CPU: time.Duration(a.user+a.kernel) * 100, Memory: tree.Memory, Count: int(a.active)}
}

// total is what the job used, and the most memory that it had committed.
func (c *child) total() (cpu time.Duration, peak int64) {
	a := c.accounting()
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	_ = windows.QueryInformationJobObject(c.job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)), nil)
	return time.Duration(a.user+a.kernel) * 100, int64(limits.PeakJobMemoryUsed)
}

// finish has the pump end when the pipes are empty.
func (c *child) finish() { close(c.finishes) }

// pump copies both streams into the log, each in the order of its own.
func (c *child) pump(r *run) {
	var recording sync.Mutex
	var readers sync.WaitGroup
	for i, kind := range []format.Kind{format.Stdout, format.Stderr} {
		readers.Go(func() {
			buffer := make([]byte, bufferSize)
			for {
				n, err := c.pipes[i].Read(buffer)
				if n > 0 {
					recording.Lock()
					r.record(kind, buffer[:n])
					recording.Unlock()
				}
				if err != nil {
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { readers.Wait(); close(done) }()
	retry := time.NewTicker(diskEvery)
	defer retry.Stop()
	for {
		select {
		case <-done:
			return
		case <-retry.C:
			recording.Lock()
			if r.writer.Failed() != nil {
				r.retry()
			}
			recording.Unlock()
		case <-c.finishes:
			select {
			case <-done:
			case <-time.After(outsider):
				// Whoever still reads gives up the log to the end of the run.
				recording.Lock()
			}
			return
		}
	}
}
