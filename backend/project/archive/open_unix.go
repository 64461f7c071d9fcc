//go:build unix

package archive

import "syscall"

// withoutWaiting: at a named pipe nobody is waited for.
const withoutWaiting = syscall.O_NONBLOCK
