package main

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// closeInherited has nothing to do: handles are inherited by list only.
func closeInherited() {}

// keepFolder has nothing to do: Windows cleans up only when a person asks.
func keepFolder(string) {}

// becomeReaper has nothing to do: the job object holds the tree together.
func becomeReaper() error { return nil }

// pipeBuffer lets a writer go on before the engine reads, as a socket does.
const pipeBuffer = 64 << 10

// listen makes a named pipe that only this user may open.
func listen(address string) (net.Listener, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("find out the user: %w", err)
	}
	listener, err := winio.ListenPipe(address, &winio.PipeConfig{
		SecurityDescriptor: "D:P(A;;GA;;;" + user.User.Sid.String() + ")",
		InputBufferSize:    pipeBuffer, OutputBufferSize: pipeBuffer,
	})
	if err != nil {
		return nil, fmt.Errorf("listen for the engine: %w", err)
	}
	return listener, nil
}

// allowed needs no look: the pipe's access list keeps others out.
func allowed(net.Conn) bool { return true }

func writeReady(line []byte) {
	_, _ = os.Stdout.Write(line)
	_ = os.Stdout.Close()
}

// leaveInput lets go of where the run folder came from.
func leaveInput() { _ = os.Stdin.Close() }

func diskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
