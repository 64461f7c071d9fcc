package platform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

const socketPathsAreShort = false // pipes have names, not paths

func userDataFolder() (string, error) {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_LocalAppData, 0)
	if err != nil {
		return "", fmt.Errorf("find local application data: %w", err)
	}
	return filepath.Join(dir, "ScriptsManager"), nil
}

// runBases: the temporary folder of Windows lies in the user's profile.
func runBases() []string { return []string{filepath.Join(os.TempDir(), "scriptsmanager")} }

func formerBases() []string { return nil }

// checkOwner asks the folder's security descriptor. Administrators' files
// belong to their group, which is as good.
func checkOwner(dir string, _ os.FileInfo) error {
	sd, err := windows.GetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("ask for owner of %s: %w", dir, err)
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return fmt.Errorf("ask for owner of %s: %w", dir, err)
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return fmt.Errorf("ask for own user: %w", err)
	}
	if owner.Equals(user.User.Sid) || owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) {
		return nil
	}
	return fmt.Errorf("%s belongs to another user", dir)
}

// tooOpen: the profile's access list is inherited, mode bits say nothing here.
func tooOpen(os.FileInfo) bool { return false }

func networkFileSystem(dir string) (name string, network bool, err error) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return "", false, fmt.Errorf("ask for file system of %s: %w", dir, err)
	}
	var volume [windows.MAX_PATH + 1]uint16
	if err := windows.GetVolumePathName(p, &volume[0], uint32(len(volume))); err != nil {
		return "", false, fmt.Errorf("ask for file system of %s: %w", dir, err)
	}
	if windows.GetDriveType(&volume[0]) == windows.DRIVE_REMOTE {
		return strings.TrimSuffix(windows.UTF16ToString(volume[:]), `\`), true, nil
	}
	return "", false, nil
}

// IsDiskFull tells whether err says that there is no space left, or none that
// this user may use.
func IsDiskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

// DiskUsage gives how many bytes this user may still write on the disk that
// path lies on, and its size.
func DiskUsage(path string) (free, total uint64, err error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, 0, fmt.Errorf("ask for disk of %s: %w", path, err)
	}
	if err := windows.GetDiskFreeSpaceEx(p, &free, &total, nil); err != nil {
		return 0, 0, fmt.Errorf("ask for disk of %s: %w", path, err)
	}
	return free, total, nil
}

// busyPatience outlasts whoever reads a file, and a virus scanner that holds
// one just written: here a file that is open is neither replaced nor removed.
const busyPatience = 2 * time.Second

func replace(from, to string) error {
	return patiently(func() error { return os.Rename(from, to) })
}

func remove(path string) error {
	return patiently(func() error { return os.Remove(path) })
}

// readUnheld reads a file that others may replace or remove meanwhile, which
// os.ReadFile does not let them.
func readUnheld(path string) ([]byte, error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	h, err := windows.CreateFile(p, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	f := os.NewFile(uintptr(h), path)
	b, err := io.ReadAll(f)
	return b, errors.Join(err, f.Close())
}

// patiently tries again while another program holds the file.
func patiently(change func() error) error {
	for end := time.Now().Add(busyPatience); ; time.Sleep(20 * time.Millisecond) {
		err := change()
		busy := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		if !busy || time.Now().After(end) {
			return err
		}
	}
}

// syncFolder has nothing to do: NTFS writes its journal itself.
func syncFolder(string) error { return nil }

func pipeName(path string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(filepath.Clean(path))))
	return `\\.\pipe\scriptsmanager-` + hex.EncodeToString(sum[:12])
}

// pipeBuffer lets a writer go on before the other side reads, as a socket does:
// without a buffer two sides that both write first would wait for each other.
const pipeBuffer = 64 << 10

// Listen makes a named pipe that this user alone can connect to; path gives
// its name.
func Listen(path string) (net.Listener, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("listen on %s: ask for own user: %w", path, err)
	}
	// D:P is a protected list: nothing is inherited, so nobody else gets in.
	l, err := winio.ListenPipe(pipeName(path), &winio.PipeConfig{
		SecurityDescriptor: "D:P(A;;GA;;;" + user.User.Sid.String() + ")",
		InputBufferSize:    pipeBuffer, OutputBufferSize: pipeBuffer,
	})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	return l, nil
}

// Dial connects to a named pipe.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	c, err := winio.DialPipeContext(ctx, pipeName(path))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", path, err)
	}
	return c, nil
}

// PeerUID is not known on Windows; the pipe's access list stands for it.
func PeerUID(net.Conn) (uid int, ok bool) { return 0, false }
