package sandbox

import "golang.org/x/sys/unix"

// auditArch is what the kernel calls this architecture (linux/audit.h).
const auditArch = unix.AUDIT_ARCH_AARCH64

// foreignFrom: there is no second interface on this architecture.
const foreignFrom = 0

var refusedHere []uint32

// sysOpen: there is openat only.
const sysOpen = -1
