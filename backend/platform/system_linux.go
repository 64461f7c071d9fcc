package platform

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const socketPathsAreShort = true

func userDataFolder() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "scriptsmanager"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find home folder: %w", err)
	}
	return filepath.Join(home, ".local", "share", "scriptsmanager"), nil
}

// runBases lists where run folders may lie, best first. No variable of the
// environment has a say: an engine that is started from another one (a terminal,
// a service, after a new sign-in) must find what an earlier one left running.
// /var/tmp is there after the end of a session and a restart of the machine;
// XDG_RUNTIME_DIR goes with the session.
func runBases() []string {
	own := "scriptsmanager-" + strconv.Itoa(os.Getuid())
	return []string{filepath.Join("/var/tmp", own), filepath.Join("/tmp", own)}
}

// formerBases lists where engines up to 1.0 put run folders.
func formerBases() []string {
	own := "scriptsmanager-" + strconv.Itoa(os.Getuid())
	var bases []string
	for _, dir := range []string{os.Getenv("XDG_RUNTIME_DIR"), "/run/user/" + strconv.Itoa(os.Getuid())} {
		if filepath.IsAbs(dir) {
			bases = append(bases, filepath.Join(dir, "scriptsmanager"))
		}
	}
	return append(bases, filepath.Join(os.TempDir(), own))
}

func checkOwner(dir string, info os.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(st.Uid) != os.Getuid() {
		return fmt.Errorf("%s belongs to another user", dir)
	}
	return nil
}

func tooOpen(info os.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// networkFileSystem names the file system that dir lies on where it is one
// shared over a network.
func networkFileSystem(dir string) (name string, network bool, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return "", false, fmt.Errorf("ask for file system of %s: %w", dir, err)
	}
	// Type is signed and of another width on some processors.
	switch uint32(st.Type) { //nolint:gosec // magic numbers have 32 bits
	case unix.NFS_SUPER_MAGIC:
		return "nfs", true, nil
	case unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
		return "smb", true, nil
	case unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC:
		return "afs", true, nil
	case unix.CEPH_SUPER_MAGIC:
		return "ceph", true, nil
	case unix.CODA_SUPER_MAGIC:
		return "coda", true, nil
	case unix.FUSE_SUPER_MAGIC:
		name := mountType(dir)
		return name, networkFuse(name), nil
	}
	return "", false, nil
}

// networkFuse knows the FUSE file systems that go over a network; others
// (ntfs-3g, encrypted folders) are disks of this computer.
func networkFuse(name string) bool {
	switch strings.TrimPrefix(name, "fuse.") {
	case "sshfs", "rclone", "s3fs", "goofys", "gcsfuse", "glusterfs", "davfs", "davfs2", "curlftpfs", "smbnetfs", "gvfsd-fuse", "google-drive-ocamlfuse", "onedriver", "ceph", "ceph-fuse", "mfs", "beegfs":
		return true
	}
	return false
}

// mountType gives the type of the mount that dir lies on, as /proc/self/mountinfo
// (man 5 proc_pid_mountinfo) says.
func mountType(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	best, kind := "", ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		before, after, ok := strings.Cut(lines.Text(), " - ")
		fields, rest := strings.Fields(before), strings.Fields(after)
		if !ok || len(fields) < 5 || len(rest) == 0 {
			continue
		}
		point := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(fields[4])
		under := dir == point || point == "/" || strings.HasPrefix(dir, point+"/")
		if under && len(point) >= len(best) { // a later mount covers an earlier one
			best, kind = point, rest[0]
		}
	}
	return kind
}

// IsDiskFull tells whether err says that there is no space left, or none that
// this user may use.
func IsDiskFull(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}

// DiskUsage gives how many bytes this user may still write on the disk that
// path lies on, and its size.
func DiskUsage(path string) (free, total uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 0, 0, fmt.Errorf("ask for disk of %s: %w", path, err)
	}
	size := uint64(st.Bsize) //nolint:gosec // never negative
	return st.Bavail * size, st.Blocks * size, nil
}

func replace(from, to string) error { return os.Rename(from, to) }

func remove(path string) error { return os.Remove(path) }

func readUnheld(path string) ([]byte, error) { return os.ReadFile(path) }

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	// Some file systems cannot sync a folder; the rename is then as safe as it gets.
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// maxSocketPath is the size of sun_path less its terminating zero.
const maxSocketPath = 107

// Listen makes a local socket that this user alone can connect to, in a folder
// of mode 700. A socket that nobody listens on any more is replaced.
func Listen(path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("listen on %s: longer than the %d bytes of a socket's address", path, maxSocketPath)
	}
	info, err := os.Lstat(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	if err := checkOwner(filepath.Dir(path), info); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	if tooOpen(info) {
		return nil, fmt.Errorf("listen on %s: others can enter its folder", path)
	}
	l, err := net.Listen("unix", path)
	if errors.Is(err, unix.EADDRINUSE) {
		if c, dialErr := net.Dial("unix", path); dialErr == nil {
			return nil, errors.Join(fmt.Errorf("listen on %s: somebody listens there: %w", path, err), c.Close())
		}
		if st, statErr := os.Lstat(path); statErr != nil || st.Mode()&os.ModeSocket == 0 {
			return nil, fmt.Errorf("listen on %s: something else is there: %w", path, err)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("remove old socket %s: %w", path, err)
		}
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("close socket %s to others: %w", path, err), l.Close())
	}
	return l, nil
}

// Dial connects to a local socket.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", path, err)
	}
	return c, nil
}

// PeerUID gives the user on the other end of a local socket, as the kernel says.
func PeerUID(c net.Conn) (uid int, ok bool) {
	sc, isSys := c.(syscall.Conn)
	if !isSys {
		return 0, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, false
	}
	var cred *unix.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err != nil || credErr != nil {
		return 0, false
	}
	// A connection that is no Unix socket answers with the uid -1.
	if cred.Pid == 0 {
		return 0, false
	}
	return int(cred.Uid), true
}
