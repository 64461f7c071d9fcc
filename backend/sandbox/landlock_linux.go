package sandbox

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// newestABI is the newest version of Landlock whose rights are named here;
// what a newer kernel adds is not asked for.
const newestABI = 7

// ruleNetPort is LANDLOCK_RULE_NET_PORT (linux/landlock.h).
const ruleNetPort = 2

// Groups of rights (linux/landlock.h).
const (
	readFile   = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE
	writeFile  = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	deviceFile = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE |
		unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	readFolder = readFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
	makeInside = unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_REG
	// No devices are made: MAKE_CHAR and MAKE_BLOCK are given to nobody.
	writeFolder = readFolder | writeFile | makeInside | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_SYM |
		unix.LANDLOCK_ACCESS_FS_REFER
	sharedFolder = unix.LANDLOCK_ACCESS_FS_READ_FILE | writeFile | makeInside
	deviceFolder = deviceFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
)

// ABI gives the kernel's version of Landlock; 0 where it has none.
func ABI() int {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return min(int(version), newestABI)
}

// fileSystemRights are those that a version knows.
func fileSystemRights(abi int) uint64 {
	switch {
	case abi >= 5:
		return 1<<16 - 1
	case abi >= 3:
		return 1<<15 - 1
	case abi == 2:
		return 1<<14 - 1
	}
	return 1<<13 - 1
}

// rulesetAttr is struct landlock_ruleset_attr of version 6; older kernels want
// what they do not know to be zero.
type rulesetAttr struct{ fs, net, scoped uint64 }

type netPortAttr struct{ access, port uint64 }

// landlock puts this thread, and what it starts, under the policy's rules.
// no_new_privs must be set.
func landlock(p Policy, abi int) error {
	handled := fileSystemRights(abi)
	attr := rulesetAttr{fs: handled}
	if abi >= 4 {
		attr.net = unix.LANDLOCK_ACCESS_NET_BIND_TCP
		if p.Network == NetworkNone {
			attr.net |= unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		}
	}
	if abi >= 6 {
		attr.scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return fmt.Errorf("make a Landlock ruleset: %w", errno)
	}
	ruleset := int(fd)
	defer func() { _ = unix.Close(ruleset) }()
	for _, grants := range []struct {
		paths        []string
		folder, file uint64
	}{
		{p.Read, readFolder, readFile},
		{p.Write, writeFolder, readFile | writeFile},
		{p.Devices, deviceFolder, deviceFile},
		{p.Shared, sharedFolder, readFile | writeFile},
	} {
		for _, path := range grants.paths {
			if err := allowPath(ruleset, path, grants.folder&handled, grants.file&handled); err != nil {
				return err
			}
		}
	}
	if abi >= 4 {
		for _, port := range p.Bind {
			rule := netPortAttr{unix.LANDLOCK_ACCESS_NET_BIND_TCP, uint64(port)}
			if err := addRule(ruleset, ruleNetPort, unsafe.Pointer(&rule)); err != nil {
				return fmt.Errorf("allow port %d: %w", port, err)
			}
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(ruleset), 0, 0); errno != 0 {
		return fmt.Errorf("apply Landlock: %w", errno)
	}
	return nil
}

// allowPath leaves out what is not there, or is reached over a link by now:
// who could have put that link there may not be granted what it points to.
func allowPath(ruleset int, path string, folder, file uint64) error {
	fd, err := unix.Openat2(unix.AT_FDCWD, path, &unix.OpenHow{
		Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil {
		return nil // less is granted, which the script is told when it wants it
	}
	defer func() { _ = unix.Close(fd) }()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	access := file
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		access = folder
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	if err := addRule(ruleset, unix.LANDLOCK_RULE_PATH_BENEATH, unsafe.Pointer(&rule)); err != nil {
		return fmt.Errorf("allow %s: %w", path, err)
	}
	return nil
}

func addRule(ruleset int, kind uintptr, rule unsafe.Pointer) error {
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), kind, uintptr(rule), 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
