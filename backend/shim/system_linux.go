package shim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/shim/protocol"
)

// address is where the shim of a run folder listens.
func address(runDir string) string { return filepath.Join(runDir, protocol.SocketFile) }

func dial(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", address)
}

// spawn starts the shim program in a session of its own, so that what ends us
// (the terminal, our group) does not end it. Its environment is empty but for
// two settings that keep it small. stderr may be nil.
func spawn(program, argument string, stdin, stderr *os.File) (shim *started, readiness *os.File, err error) {
	if stderr == nil {
		null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("open %s: %w", os.DevNull, err)
		}
		defer func() { _ = null.Close() }()
		stderr = null
	}
	readiness, ready, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	defer func() { _ = ready.Close() }()
	p, err := os.StartProcess(program, []string{program, argument}, &os.ProcAttr{
		Dir: "/", Env: []string{"GOMAXPROCS=2", "GOGC=50"},
		Files: []*os.File{stdin, ready, stderr},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		_ = readiness.Close()
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil, domain.NewError(domain.CodeShimMissing, "path", program).Because(err)
		}
		return nil, nil, fmt.Errorf("start the shim: %w", err)
	}
	exited := make(chan struct{})
	go func() {
		_, _ = p.Wait() // how it ended stands in the state file
		close(exited)
	}()
	return &started{kill: func() { _ = p.Kill() }, exited: exited}, readiness, nil
}

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
