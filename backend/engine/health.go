package engine

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// Health is how the engine is, in words that name nobody.
type Health struct {
	Status        string
	Timestamp     time.Time
	Database      string
	Conda         string
	ActiveScripts int
	PortUsage     string
}

// Health looks at the parts that everything else needs.
func (e *Engine) Health(ctx context.Context) Health {
	h := Health{
		Status: "healthy", Timestamp: time.Now().UTC(), Database: "connected", Conda: "not available",
		ActiveScripts: e.RunningCount(),
	}
	leases, err := e.store.LiveLeases(ctx)
	if err != nil {
		h.Status, h.Database = "unhealthy", "not available"
	}
	ports := e.Config().WebInterface.PortRange
	h.PortUsage = fmt.Sprintf("%d/%d", len(leases), ports.End-ports.Start+1)
	for _, env := range e.environments.List() {
		if env.Kind == domain.EnvironmentConda {
			h.Conda = "available"
		}
	}
	return h
}

// OwnConnection tells whether the client's end of a TCP connection on this
// machine belongs to the account that this process has. It is false where the
// system does not say.
func OwnConnection(client, server netip.AddrPort) bool {
	uid, known := platform.ConnectionUID(client, server)
	return known && uid == os.Getuid()
}
