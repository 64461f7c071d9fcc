//go:build amd64 || arm64

package sandbox

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// refused are system calls that no script needs: they look into other
// processes, change the machine, or are ways around the other rules.
var refused = []uint32{
	// other processes
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE, unix.SYS_KCMP,
	unix.SYS_PIDFD_GETFD, unix.SYS_PERF_EVENT_OPEN, unix.SYS_BPF, unix.SYS_USERFAULTFD, unix.SYS_FANOTIFY_INIT,
	// keys of the account
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	// file systems and namespaces
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT,
	unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_UNSHARE, unix.SYS_SETNS,
	unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD,
	// Landlock does not see who owns a file and its further attributes
	unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR,
	unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR,
	463, 466, 467, 469, // setxattrat, removexattrat, open_tree_attr, file_setattr
	// the machine
	unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE,
	unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_SETTIMEOFDAY,
	unix.SYS_CLOCK_SETTIME, unix.SYS_ACCT, unix.SYS_SYSLOG, unix.SYS_VHANGUP,
	// its requests are not seen by a filter
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
}

// Values that x/sys does not have under a name.
const (
	namespaces     = 0x7e020000 // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
	tiocsti        = 0x5412
	tioclinux      = 0x541c
	typeMask       = 0xf // of socket(2), without SOCK_CLOEXEC and SOCK_NONBLOCK
	retErrno       = unix.SECCOMP_RET_ERRNO
	retAllow       = unix.SECCOMP_RET_ALLOW
	retNotify      = unix.SECCOMP_RET_USER_NOTIF
	offsetNumber   = 0
	offsetArch     = 4
	offsetArgument = 16
)

// A program is put together forwards; jumps name labels that come later.
type program struct {
	code   []unix.SockFilter
	jumps  []jump
	labels map[string]int
}

type jump struct {
	at      int
	yes, no string // "" is the next instruction
}

func (p *program) add(code uint16, k uint32) {
	p.code = append(p.code, unix.SockFilter{Code: code, K: k})
}

func (p *program) load(offset uint32) { p.add(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offset) }

// argument loads the low half of an argument: what is an int there is cut by
// the kernel in the same way.
func (p *program) argument(n uint32) { p.load(offsetArgument + 8*n) }

func (p *program) test(how uint16, k uint32, yes, no string) {
	p.jumps = append(p.jumps, jump{len(p.code), yes, no})
	p.add(unix.BPF_JMP|how|unix.BPF_K, k)
}

func (p *program) equal(k uint32, yes, no string) { p.test(unix.BPF_JEQ, k, yes, no) }

func (p *program) label(name string) { p.labels[name] = len(p.code) }

func (p *program) end(action uint32) { p.add(unix.BPF_RET|unix.BPF_K, action) }

func (p *program) refuse(errno unix.Errno) { p.end(retErrno | uint32(errno)) }

// call opens a part that is for one system call; done ends it. What does not
// end inside is allowed.
func (p *program) call(number uint32, body func(out string)) {
	out := fmt.Sprintf("after %d", len(p.code))
	p.equal(number, "", out)
	body(out + " allow")
	p.label(out + " allow")
	p.end(retAllow)
	p.label(out)
}

func (p *program) resolve() ([]unix.SockFilter, error) {
	for _, j := range p.jumps {
		distance := func(label string) (uint8, error) {
			if label == "" {
				return 0, nil
			}
			d := p.labels[label] - j.at - 1
			if d < 0 || d > 255 {
				return 0, fmt.Errorf("jump to %q over %d instructions", label, d)
			}
			return uint8(d), nil
		}
		var err error
		if p.code[j.at].Jt, err = distance(j.yes); err != nil {
			return nil, err
		}
		if p.code[j.at].Jf, err = distance(j.no); err != nil {
			return nil, err
		}
	}
	return p.code, nil
}

// filter makes the program for a policy; abi is what Landlock holds besides.
func filter(policy Policy, abi int, guarded bool) ([]unix.SockFilter, error) {
	p := &program{labels: map[string]int{}}
	p.load(offsetArch)
	p.equal(auditArch, "ours", "")
	p.refuse(unix.ENOSYS)
	p.label("ours")
	p.load(offsetNumber)
	if foreignFrom > 0 {
		p.test(unix.BPF_JGE, foreignFrom, "", "native")
		p.refuse(unix.ENOSYS)
		p.label("native")
	}
	for i, number := range append(refused[:len(refused):len(refused)], refusedHere...) {
		next := fmt.Sprintf("refused %d", i)
		p.equal(number, "", next)
		p.refuse(unix.EPERM)
		p.label(next)
	}
	if guarded {
		// Every connection is judged by the guard.
		p.call(unix.SYS_CONNECT, func(string) { p.end(retNotify) })
	}
	p.sockets(policy)
	p.call(unix.SYS_CLONE, func(out string) {
		p.argument(0)
		p.test(unix.BPF_JSET, namespaces, "", out)
		p.refuse(unix.EPERM)
	})
	// Its flags stand in memory, where a filter cannot look: the C library
	// falls back on clone.
	p.call(unix.SYS_CLONE3, func(string) { p.refuse(unix.ENOSYS) })
	p.call(unix.SYS_IOCTL, func(out string) {
		p.argument(1)
		p.equal(tiocsti, "typed", "")
		p.equal(tioclinux, "typed", out)
		p.label("typed")
		p.refuse(unix.EPERM)
	})
	// The limits of others, and the one by which a script's processes are found
	// again, stay as they are.
	p.call(unix.SYS_PRLIMIT64, func(out string) {
		p.argument(2)
		p.equal(0, "", "new limit")
		p.load(offsetArgument + 8*2 + 4)
		p.equal(0, out, "")
		p.label("new limit")
		p.argument(0)
		p.equal(0, "", "refused limit")
		p.argument(1)
		p.equal(unix.RLIMIT_MSGQUEUE, "refused limit", out)
		p.label("refused limit")
		p.refuse(unix.EPERM)
	})
	p.call(unix.SYS_SETRLIMIT, func(out string) {
		p.argument(0)
		p.equal(unix.RLIMIT_MSGQUEUE, "", out)
		p.refuse(unix.EPERM)
	})
	if policy.CPUs > 0 {
		p.call(unix.SYS_SCHED_SETAFFINITY, func(string) { p.refuse(unix.EPERM) })
	}
	if abi < 3 {
		p.emptying()
	}
	p.end(retAllow)
	return p.resolve()
}

// emptying refuses what an older Landlock does not count as writing.
func (p *program) emptying() {
	p.call(unix.SYS_TRUNCATE, func(string) { p.refuse(unix.EPERM) })
	p.call(unix.SYS_OPENAT2, func(string) { p.refuse(unix.ENOSYS) })
	for _, open := range []struct {
		number   int
		argument uint32
	}{{sysOpen, 1}, {unix.SYS_OPENAT, 2}} {
		if open.number < 0 {
			continue
		}
		p.call(uint32(open.number), func(out string) {
			p.argument(open.argument)
			p.add(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, unix.O_TRUNC|unix.O_ACCMODE)
			p.equal(unix.O_TRUNC|unix.O_RDONLY, "", out)
			p.refuse(unix.EPERM)
		})
	}
}

// sockets lets through what Landlock's rules for TCP, and ours for connecting,
// cover: other protocols would be ways around.
func (p *program) sockets(policy Policy) {
	p.call(unix.SYS_SOCKET, func(out string) {
		inet := "inet"
		if policy.Network == NetworkNone && len(policy.Bind) == 0 {
			inet = "no network"
		}
		p.argument(0)
		p.equal(unix.AF_UNIX, out, "")
		p.equal(unix.AF_NETLINK, out, "")
		p.equal(unix.AF_CAN, out, "")
		p.equal(unix.AF_INET, inet, "")
		p.equal(unix.AF_INET6, inet, "")
		p.refuse(unix.EAFNOSUPPORT)
		p.label("no network")
		p.refuse(unix.EACCES)
		p.label("inet")
		p.argument(1)
		p.add(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, typeMask)
		p.equal(unix.SOCK_STREAM, "protocol", "")
		if policy.Network == NetworkFull {
			p.equal(unix.SOCK_DGRAM, "protocol", "")
		}
		p.refuse(unix.EACCES)
		p.label("protocol")
		p.argument(2)
		for _, protocol := range []uint32{0, unix.IPPROTO_TCP, unix.IPPROTO_UDP, unix.IPPROTO_ICMP, unix.IPPROTO_ICMPV6} {
			p.equal(protocol, out, "")
		}
		p.refuse(unix.EPROTONOSUPPORT)
	})
	// What connects by sending is not seen as connecting.
	for number, flags := range map[uint32]uint32{unix.SYS_SENDTO: 3, unix.SYS_SENDMSG: 2, unix.SYS_SENDMMSG: 3} {
		p.call(number, func(out string) {
			p.argument(flags)
			p.test(unix.BPF_JSET, unix.MSG_FASTOPEN, "", out)
			p.refuse(unix.EPERM)
		})
	}
}

// filterCalls puts the filter on this thread. Where guarded it gives the
// descriptor on which connections are asked for. no_new_privs must be set.
func filterCalls(policy Policy, abi int, guarded bool) (int, error) {
	code, err := filter(policy, abi, guarded)
	if err != nil {
		return -1, fmt.Errorf("make a filter of system calls: %w", err)
	}
	flags := uintptr(0)
	if guarded {
		flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
	}
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	if errno != 0 {
		return -1, fmt.Errorf("filter system calls: %w", errno)
	}
	if !guarded {
		return -1, nil
	}
	return int(fd), nil // closed on exec by the kernel's own doing
}
