package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/net"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/port"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/store"
)

// ShimProgram is the path of the shim, beside the running program.
func (e *Engine) ShimProgram() string {
	name := "scriptsmanager-shim"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(e.options.Program, name)
}

// withoutSecrets takes away what is meant for us alone: passwords and
// settings by environment variable are no business of a script.
func withoutSecrets(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		return strings.HasPrefix(strings.ToUpper(kv), "SCRIPTSMANAGER_")
	})
}

// environmentsOf is what executions need of environments.
type environmentsOf struct{ *environment.Environments }

// Activate makes the child's environment.
func (n environmentsOf) Activate(ctx context.Context, env domain.Environment, base []string) (execution.Activated, error) {
	a, err := n.Activation(ctx, env)
	if err != nil {
		return execution.Activated{}, err
	}
	return execution.Activated{
		Python: a.Python, Environ: a.Apply(base), Printed: a.Printed,
		Set: append(slices.Sorted(maps.Keys(a.Env)), "PATH"), Unset: a.Unset,
	}, nil
}

// portsOf is what executions need of ports.
type portsOf struct {
	leases *port.Leases
	store  *store.Store
}

// Acquire wishes for the header's port, then for the one that the script had
// last: localStorage belongs to host and port.
func (p portsOf) Acquire(ctx context.Context, e domain.Execution, wish int, avoid []int) (execution.Hold, error) {
	var wishes []int
	if wish != 0 {
		wishes = append(wishes, wish)
	}
	if last, err := p.store.LastPort(ctx, e.UserID, e.ProjectID, e.ScriptID); err != nil {
		return nil, fmt.Errorf("last port of %s: %w", e.ScriptID, err)
	} else if last != 0 {
		wishes = append(wishes, last)
	}
	held, err := p.leases.Acquire(ctx, port.Request{
		ExecutionID: e.ID, ScriptID: e.ScriptID, UserID: e.UserID, ProjectID: e.ProjectID, Wish: wishes, Avoid: avoid,
	})
	if err != nil {
		return nil, err
	}
	if held.Blocks() {
		if err := held.Yield(); err != nil {
			return nil, err
		}
	}
	return holdOf{p.leases, held}, nil
}

// Retries is how many other ports a script may be tried on.
func (p portsOf) Retries() int { return p.leases.Retries() }

// Release gives the execution's port back.
func (p portsOf) Release(ctx context.Context, executionID string) error {
	return p.leases.Release(ctx, executionID)
}

// Leases lists the leases that are not released.
func (p portsOf) Leases(ctx context.Context) ([]domain.Lease, error) { return p.leases.Live(ctx) }

// Restore records that the execution's process has its port.
func (p portsOf) Restore(ctx context.Context, e domain.Execution) error {
	return p.leases.Restore(ctx, port.Request{
		ExecutionID: e.ID, ScriptID: e.ScriptID, UserID: e.UserID, ProjectID: e.ProjectID,
	}, e.Port, e.PID)
}

// Listening tells whether any program listens on the port.
func (p portsOf) Listening(number int) (bool, error) { return port.Listening(number) }

// OwnedBy tells whether one of the processes listens on the port.
func (p portsOf) OwnedBy(number int, pids []int) (bool, error) { return port.OwnedBy(number, pids) }

// ListenersOf gives the ports on which the processes listen.
func (p portsOf) ListenersOf(pids []int) []int {
	var ports []int
	for _, address := range listening(pids) {
		ports = append(ports, int(address.Port))
	}
	return ports
}

// listening gives where the processes listen.
func listening(pids []int) []net.Addr {
	var addresses []net.Addr
	for _, pid := range pids {
		connections, err := net.ConnectionsPid("tcp", int32(pid)) //nolint:gosec // a process id fits
		if err != nil {
			continue // it may have ended meanwhile
		}
		for _, c := range connections {
			if c.Status == "LISTEN" {
				addresses = append(addresses, c.Laddr)
			}
		}
	}
	return addresses
}

// holdOf is a leased port of an execution.
type holdOf struct {
	leases *port.Leases
	held   *port.Held
}

// Port is the port's number.
func (h holdOf) Port() int { return h.held.Port }

// Activate notes whose process has the port.
func (h holdOf) Activate(ctx context.Context, pid int) error {
	return h.leases.Activate(ctx, h.held, pid)
}

// Close stops to keep others away; the lease stays until Release.
func (h holdOf) Close() error { return h.held.Yield() }

// foldersOf is what executions need of projects' folders.
type foldersOf struct {
	root   platform.Root
	engine *Engine // for what is approved
}

// Prepare makes the data folder.
func (f foldersOf) Prepare(ctx context.Context, userFolder, projectFolder, groupID string) (string, error) {
	return project.Prepare(ctx, f.root, userFolder, projectFolder, groupID)
}

// Snapshot remembers the folder's files. A folder that cannot be read shows no
// changes, which is no reason not to run.
func (f foldersOf) Snapshot(dir string) func() []domain.ChangedFile {
	return changesIn(dir, project.TakeSnapshot)
}

// changesIn looks at a folder, and gives what tells how it has changed since;
// nothing, where it cannot be looked at.
func changesIn(dir string, take func(string) (project.Snapshot, error)) func() []domain.ChangedFile {
	before, err := take(dir)
	return func() []domain.ChangedFile {
		after, err2 := take(dir)
		if err != nil || err2 != nil {
			return nil
		}
		return project.Changed(before, after)
	}
}

// LogBase is SPEC section 2's path of an execution's log.
func (f foldersOf) LogBase(userFolder, executionID string, day time.Time) string {
	return filepath.Join(f.root.ExecutionLogs(), platform.Prefixed("user_", userFolder), day.Local().Format(time.DateOnly), "execution_"+executionID)
}

// logsOf is what executions need of logs.
type logsOf struct{}

// Debug opens the debug stream.
func (logsOf) Debug(base string) (*slog.Logger, func() error, error) {
	logger, closer, err := log.OpenDebug(base)
	if platform.IsDiskFull(err) {
		return nil, nil, domain.NewError(domain.CodeDiskFull, "path", filepath.Dir(base)).Because(err)
	}
	if err != nil {
		return nil, nil, err
	}
	return logger, closer.Close, nil
}

// Size gives the bytes of a log's files.
func (logsOf) Size(base string) int64 { return log.Size(base) }

// Uses opens what is kept of an execution's use.
func (logsOf) Uses(base string) (execution.UseLog, error) {
	l, err := log.OpenUses(base)
	if err != nil {
		return nil, err
	}
	return usesOf{l}, nil
}

// usesOf keeps figures in a log.
type usesOf struct{ *log.UseLog }

// Add keeps figures.
func (u usesOf) Add(f execution.Figures) error {
	return u.UseLog.Add(log.Use{At: f.At.UTC().Round(time.Millisecond), CPUSeconds: f.CPUSeconds, Memory: f.Memory, Processes: f.Processes})
}

// Tail gives the end of a stream; a log that cannot be read has none.
func (logsOf) Tail(base string, stream domain.Stream, n int) string {
	r, err := log.Open(base)
	if err != nil {
		return ""
	}
	defer func() { _ = r.Close() }()
	return r.Tail(n, stream)
}

// Remove takes the output away.
func (logsOf) Remove(base string) error {
	for _, suffix := range []string{format.LogSuffix, format.IndexSuffix} {
		if err := os.Remove(base + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove output: %w", err)
		}
	}
	return nil
}
