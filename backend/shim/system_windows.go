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
	"scriptsmanager/backend/shim/protocol"
)

// address is the name of a pipe that nobody can guess, and take before us.
func address(string) string { return `\\.\pipe\scriptsmanager-` + newToken()[:32] }

func dial(ctx context.Context, address string) (net.Conn, error) {
	return winio.DialPipeContext(ctx, address)
}

// launch starts the shim with a console of its own that has no window: through
// it CTRL_BREAK reaches the program, and not us.
func launch(program, runDir string) (shim *started, readiness *os.File, err error) {
	crash, err := os.OpenFile(filepath.Join(runDir, protocol.CrashFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the shim's own log: %w", err)
	}
	defer func() { _ = crash.Close() }()
	readiness, ready, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	defer func() { _ = ready.Close() }()
	// Not tied to a context: the shim outlives us. Exec adds SYSTEMROOT.
	cmd := &exec.Cmd{
		Path: program, Args: []string{program, runDir}, Dir: filepath.Dir(program), Env: []string{"GOMAXPROCS=2", "GOGC=50"},
		Stdout: ready, Stderr: crash,
		SysProcAttr: &syscall.SysProcAttr{
			HideWindow: true, CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
		},
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
