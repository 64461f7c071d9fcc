package sandbox

import "golang.org/x/sys/unix"

// auditArch is what the kernel calls this architecture (linux/audit.h).
const auditArch = unix.AUDIT_ARCH_X86_64

// foreignFrom: from here on are the numbers of the x32 interface.
const foreignFrom = 0x40000000

// refusedHere are those that only this architecture has.
var refusedHere = []uint32{
	unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_USELIB, unix.SYS__SYSCTL, unix.SYS_CREATE_MODULE,
}

const sysOpen = unix.SYS_OPEN
