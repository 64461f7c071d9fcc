package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// Listen opens the local socket of the root and notes, where only the owner
// can read it, how to reach it and the token that proves who has read it.
func (e *Engine) Listen() (net.Listener, string, error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails, by its documentation
	token := hex.EncodeToString(secret[:])
	path := filepath.Join(e.runDir, "engine")
	l, err := platform.Listen(path)
	if err != nil {
		return nil, "", fmt.Errorf("open the local socket: %w", err)
	}
	err = e.lock.Describe(platform.Owner{
		Kind: e.options.Kind, PID: os.Getpid(), Socket: path, Token: token,
		Version: domain.Version, StartedAt: time.Now().UTC(),
	})
	if err != nil {
		_ = l.Close()
		return nil, "", fmt.Errorf("say who owns the root: %w", err)
	}
	return l, token, nil
}

// SameAccount tells whether the peer of a local connection has our account,
// as the system says it. Where it says nothing (Windows), the pipe's access
// list has done so already.
func SameAccount(c net.Conn) bool {
	uid, known := platform.PeerUID(c)
	return !known || uid == os.Getuid()
}

// ownerStarts is how long the owner of a root may take until it listens.
const ownerStarts = 10 * time.Second

// DialOwner connects to the engine that owns the root. It fails with
// CodeNotFound where nobody owns it and CodeUnavailable where the owner does
// not answer.
func DialOwner(ctx context.Context, root platform.Root) (net.Conn, platform.Owner, error) {
	ctx, cancel := context.WithTimeout(ctx, ownerStarts)
	defer cancel()
	for {
		owner, owned := platform.ReadOwner(root)
		if !owned {
			return nil, owner, domain.NewError(domain.CodeNotFound, "what", "owner", "name", root.Dir)
		}
		var err error
		if owner.Socket != "" {
			var conn net.Conn
			if conn, err = platform.Dial(ctx, owner.Socket); err == nil {
				return conn, owner, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, owner, domain.NewError(domain.CodeUnavailable,
				"detail", fmt.Sprintf("%s (process %d) does not answer", owner.Kind, owner.PID)).Because(err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
