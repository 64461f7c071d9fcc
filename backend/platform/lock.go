package platform

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"scriptsmanager/backend/domain"
)

// The kinds of owner.
const (
	OwnerDesktop = "desktop"
	OwnerServe   = "serve"
	OwnerCommand = "command"
)

// lockPatience outlasts the moment for which ReadOwner holds the lock shared.
const lockPatience = 250 * time.Millisecond

// Owner is who holds a root, and how to talk to it. It holds a token and
// stands in a file of mode 600.
type Owner struct {
	Kind      string    `json:"kind"`
	PID       int       `json:"pid"`
	Socket    string    `json:"socket,omitempty"` // "" until it listens
	Token     string    `json:"token,omitempty"`  // what the first message must prove to know
	Version   string    `json:"version,omitempty"`
	StartedAt time.Time `json:"started_at"`
}

// Lock is a held root. The operating system drops it when the process ends,
// however it ends.
type Lock struct {
	root Root
	file *flock.Flock
}

func (r Root) lockFile() string  { return filepath.Join(r.Dir, ".lock") }
func (r Root) ownerFile() string { return filepath.Join(r.Dir, "owner.json") }

// LockRoot makes this process the owner of the root and notes kind and pid.
// It fails with CodeRootOwned, also where this very process holds it already.
func LockRoot(r Root, kind string) (*Lock, error) {
	file := flock.New(r.lockFile(), flock.SetPermissions(0o600))
	for end := time.Now().Add(lockPatience); ; time.Sleep(10 * time.Millisecond) {
		ok, err := file.TryLock()
		if err != nil {
			return nil, rootError(r.Dir, errors.Join(err, file.Close()))
		}
		if ok {
			break
		}
		if time.Now().After(end) {
			_ = file.Close()
			owner, _ := readOwner(r)
			return nil, domain.NewError(domain.CodeRootOwned, "root", r.Dir, "owner", owner.Kind, "pid", owner.PID)
		}
	}
	l := &Lock{root: r, file: file}
	if err := l.Describe(Owner{Kind: kind, PID: os.Getpid(), Version: domain.Version, StartedAt: time.Now().UTC()}); err != nil {
		return nil, errors.Join(err, l.Unlock())
	}
	return l, nil
}

// Describe replaces what others read about the owner.
func (l *Lock) Describe(o Owner) error {
	b, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return fmt.Errorf("describe owner of %s: %w", l.root.Dir, err)
	}
	return WriteFile(l.root.ownerFile(), append(b, '\n'), 0o600)
}

// Unlock gives the root free. The lock file stays: to remove it would let two
// processes hold locks on two files of the same name.
func (l *Lock) Unlock() error {
	err := remove(l.root.ownerFile())
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.file.Close())
}

// ReadOwner tells who owns the root now. What a process that ended without
// unlocking left behind does not count.
func ReadOwner(r Root) (Owner, bool) {
	if _, err := os.Stat(r.lockFile()); err != nil {
		return Owner{}, false
	}
	// A shared lock, so that two who ask do not see each other as the owner.
	probe := flock.New(r.lockFile(), flock.SetFlag(os.O_RDONLY))
	free, err := probe.TryRLock()
	_ = probe.Close()
	if err != nil || free {
		return Owner{}, false
	}
	return readOwner(r)
}

func readOwner(r Root) (Owner, bool) {
	var o Owner
	b, err := readUnheld(r.ownerFile())
	if err != nil || json.Unmarshal(b, &o) != nil {
		return Owner{}, false
	}
	return o, true
}
