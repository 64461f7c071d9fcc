package shim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"

	"scriptsmanager/backend/domain"
)

// address is the name of a pipe that nobody can guess, and take before us.
func address(string) string { return `\\.\pipe\scriptsmanager-` + newToken()[:32] }

func dial(ctx context.Context, address string) (net.Conn, error) {
	return winio.DialPipeContext(ctx, address)
}

// spawn starts the shim program with a console of its own that has no window:
// through it CTRL_BREAK reaches the program, and not us. stderr may be nil.
func spawn(program, argument string, stdin, stderr *os.File) (shim *started, readiness *os.File, err error) {
	readiness, ready, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	defer func() { _ = ready.Close() }()
	// Not tied to a context: the shim outlives us. Exec adds SYSTEMROOT.
	cmd := &exec.Cmd{
		Path: program, Args: []string{program, argument}, Dir: filepath.Dir(program), Env: []string{"GOMAXPROCS=2", "GOGC=50"},
		Stdin: stdin, Stdout: ready,
		SysProcAttr: &syscall.SysProcAttr{
			HideWindow: true, CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
		},
	}
	if stderr != nil {
		cmd.Stderr = stderr // a nil *os.File would not be a nil io.Writer
	}
	if err := cmd.Start(); err != nil {
		_ = readiness.Close()
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil, domain.NewError(domain.CodeShimMissing, "path", program).Because(err)
		}
		return nil, nil, fmt.Errorf("start the shim: %w", err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended stands in the state file
		close(exited)
	}()
	return &started{kill: func() { _ = cmd.Process.Kill() }, exited: exited}, readiness, nil
}

func diskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
