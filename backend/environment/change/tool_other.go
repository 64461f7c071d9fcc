//go:build !linux

package change

import (
	"fmt"
	"os"
	"os/exec"
)

// apart leaves a tool in our job object, which ends with us.
func apart(*exec.Cmd) {}

func adopt() {}

// terminate ends the whole tree: there is no way to ask a tool without a window.
func (t *tree) terminate() {
	t.look()
	t.kill()
}

// outputs gives where a tool's output is read and where it is written.
func outputs(bool) (read, write *os.File, err error) {
	if read, write, err = os.Pipe(); err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	return read, write, nil
}

// writable tells whether we may make files in a folder, by making one.
func writable(dir string) bool {
	f, err := os.CreateTemp(dir, ".write-test-*")
	if err != nil {
		return false
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	return true
}
