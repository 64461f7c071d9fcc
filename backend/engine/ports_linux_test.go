package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
)

// grabber is a program without manners: it listens on ports that are leased to
// scripts which do not listen yet, at any moment between lease and page.
type grabber struct {
	mu      sync.Mutex // guards all below
	grabbed map[int]net.Listener
	times   map[string]int // by execution
}

// perExecution is how often the grabber takes an execution's port at most:
// less than an execution tries others.
const perExecution = 2

// look is one look at what runs; seldom takes only some of the ports.
func (g *grabber) look(ctx context.Context, e *engine.Engine, random *rand.Rand) {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) })
	}}
	leases, err := e.Leases(ctx)
	if err != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range leases {
		if g.times[l.ExecutionID] >= perExecution || g.grabbed[l.Port] != nil || random.IntN(4) > 0 {
			continue
		}
		listener, err := config.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", l.Port))
		if err != nil {
			continue // the script was quicker
		}
		g.grabbed[l.Port] = listener
		g.times[l.ExecutionID]++
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				_ = c.Close()
			}
		}()
	}
}

func (g *grabber) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range g.grabbed {
		_ = l.Close()
	}
}

// Pages start while another program grabs ports: each ends up with a port of
// its own, and what its address shows is its own page.
func TestPagesComeUpWhileAnotherProgramGrabsPorts(t *testing.T) { // PRT-2, PRT-3
	const pages, first = 6, 26100
	scripts := map[string]string{}
	for i := range pages {
		scripts[fmt.Sprintf("p%d.py", i)] = fmt.Sprintf(page, "")
	}
	n := newInstallation(t, scripts, fmt.Sprintf(`{"web_interface":{"port_range":{"start":%d,"end":%d},"port_check_retries":%d,
		"max_interfaces_per_user":%d},"limits":{"grace_seconds":1,"start_seconds":60}}`, first, first+59, perExecution+1, pages))
	g := &grabber{grabbed: map[int]net.Listener{}, times: map[string]int{}}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		random := rand.New(rand.NewPCG(1, 2))
		for tick := time.NewTicker(3 * time.Millisecond); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
				g.look(ctx, n.engine, random)
			}
		}
	}()
	defer g.close()
	defer func() { stop(); <-done }()
	var ids []string
	for i := range pages {
		ids = append(ids, n.run(fmt.Sprintf("p%d", i)))
	}
	seen := map[int]bool{}
	for _, id := range ids {
		e := n.ready(id)
		if !ready(e) {
			t.Errorf("%s is %s on port %d: %v", e.ScriptID, e.State, e.Port, e.Error)
			continue
		}
		g.mu.Lock()
		foreign := g.grabbed[e.Port] != nil
		g.mu.Unlock()
		if seen[e.Port] || foreign {
			t.Errorf("%s has port %d, which is another's", e.ScriptID, e.Port)
		}
		seen[e.Port] = true
		if got, want := get(t, e.URL), fmt.Sprintf("page of %d", e.PID); got != want {
			t.Errorf("the page on port %d is %q, want %q", e.Port, got, want)
		}
	}
	g.mu.Lock()
	taken := len(g.grabbed)
	g.mu.Unlock()
	if taken == 0 {
		t.Error("the other program never got a port: this showed nothing")
	}
	for _, id := range ids {
		if err := n.engine.Stop(id, execution.StopRequest{Reason: domain.ReasonStopped, Now: true}); err != nil {
			t.Error(err)
		}
		n.ended(id)
	}
	if leases, err := n.engine.Leases(t.Context()); err != nil || len(leases) != 0 {
		t.Errorf("leases that survive: %+v, %v", leases, err)
	}
}

// A program that takes the port for a moment, before the script gets to it, is
// waited for: it does not count as one that has the port.
func TestPortTakenForAMoment(t *testing.T) { // PRT-3
	marker := filepath.Join(t.TempDir(), "go on")
	patient := strings.Replace(fmt.Sprintf(page, ""), "HTTPServer((", fmt.Sprintf(`import os, time
while not os.path.exists(%q): time.sleep(0.02)
HTTPServer((`, marker), 1)
	n := newInstallation(t, map[string]string{"p.py": patient}, `{"confinement":"off","web_interface":{"port_range":
		{"start":START,"end":END},"port_check_retries":0},"limits":{"grace_seconds":1}}`)
	id := n.run("p")
	port := n.await(id, "the script's process", func(e domain.Execution) bool { return e.PID != 0 }).Port
	foreign, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)) // with SO_REUSEADDR
	if err != nil {
		t.Fatal(err)
	}
	conn, err := foreign.Accept() // we are asked for the page
	if err != nil {
		t.Fatal(err)
	}
	_, _ = conn.Close(), foreign.Close()
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if e := n.ready(id); !ready(e) || e.Port != port {
		t.Errorf("%s on port %d, want %d: %v", e.State, e.Port, port, e.Error)
	}
}

// A server that does not set SO_REUSEADDR cannot bind a port that is held for
// it; it gets one all the same.
func TestServerThatBindsPlainlyGetsAPort(t *testing.T) { // PRT-2
	plain := strings.Replace(fmt.Sprintf(page, ""), `HTTPServer((`, `HTTPServer.allow_reuse_address = False
HTTPServer((`, 1)
	n := newInstallation(t, map[string]string{"p.py": plain}, "")
	e := n.ready(n.run("p"))
	if !ready(e) {
		t.Fatalf("%s on port %d: %v", e.State, e.Port, e.Error)
	}
	if got, want := get(t, e.URL), fmt.Sprintf("page of %d", e.PID); got != want {
		t.Errorf("the page is %q, want %q", got, want)
	}
}

// Without the check, a port is given that another program has; the script is
// then tried on others, as often as port_check_retries says.
func TestPortsWithoutCheck(t *testing.T) { // PRT-2
	for retries, want := range map[int]domain.State{0: domain.StateFailed, 1: domain.StateRunning} {
		n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, "")}, fmt.Sprintf(`{"web_interface":{"port_range":
			{"start":START,"end":END},"port_availability_check":false,"port_check_retries":%d},"limits":{"grace_seconds":1}}`, retries))
		steal(t, n.port)
		e := n.ready(n.run("p"))
		if e.State != want {
			t.Errorf("with %d retries: %s on port %d: %v", retries, e.State, e.Port, e.Error)
		}
		if want == domain.StateRunning && e.Port == n.port {
			t.Errorf("it runs on the port of another program")
		}
	}
}

func TestRunningTellsWhatIsUsed(t *testing.T) { // ADM-2
	n := newInstallation(t, map[string]string{"busy.py": `'''ScriptsManager Metadata:
@interface: none
'''
import subprocess, sys
blob = bytearray(64 << 20)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("begun", flush=True)
while True: pass
`}, "")
	id := n.run("busy")
	n.await(id, "begun", func(e domain.Execution) bool { return ready(e) && e.Lines > 0 })
	for until := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		live, uses := n.engine.Running(t.Context())
		if len(live) != 1 || live[0].ID != id {
			t.Fatalf("running are %+v", live)
		}
		u := uses[id]
		if u.CPUSeconds > 0 && u.CPUPercent > 0 && u.Memory > 64<<20 && u.Processes == 2 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("it uses %+v", u)
		}
	}
	x, err := n.engine.Execution(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if x = n.engine.WithUse(t.Context(), x); x.CPUSeconds <= 0 || x.MemoryPeak < 64<<20 {
		t.Errorf("it has used %v s and %d bytes", x.CPUSeconds, x.MemoryPeak)
	}
}

func TestEndLease(t *testing.T) { // PRT-5
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, "")}, "")
	anna := engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}
	stop := execution.StopRequest{Reason: domain.ReasonStopped, By: "anna"}
	e := n.ready(n.run("p"))
	if err := n.engine.EndLease(t.Context(), anna, e.Port, stop); err != nil {
		t.Fatal(err)
	}
	if e = n.ended(e.ID); e.Reason != domain.ReasonStopped {
		t.Errorf("it ended as %s", e.Reason)
	}
	if err := n.engine.EndLease(t.Context(), anna, e.Port, stop); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("a port of nobody's: %v", err)
	}
	// a lease that its execution has survived
	left := n.stranger()
	if err := n.engine.EndLease(t.Context(), anna, n.port+9, stop); err != nil {
		t.Fatal(err)
	}
	if l := n.lease(left); l.Port != 0 {
		t.Errorf("it is still there: %+v", l)
	}
}
