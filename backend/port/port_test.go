package port_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/port"
)

// memory is the store's contract in memory: one live lease per port.
type memory struct {
	mu     sync.Mutex
	next   int64
	leases map[int64]domain.Lease
	fail   error
	taken  map[int]bool // ports that another process leases between our look and our insert
}

func (m *memory) InsertLease(_ context.Context, l domain.Lease) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return 0, m.fail
	}
	for _, other := range m.leases {
		if other.Port == l.Port && other.State != domain.LeaseReleased {
			return 0, domain.NewError(domain.CodePortTaken, "port", l.Port)
		}
	}
	if m.taken[l.Port] {
		return 0, domain.NewError(domain.CodePortTaken, "port", l.Port)
	}
	m.next++
	if m.leases == nil {
		m.leases = map[int64]domain.Lease{}
	}
	l.ID = m.next
	m.leases[l.ID] = l
	return l.ID, nil
}

func (m *memory) ActivateLease(_ context.Context, id int64, pid int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.leases[id]
	if !ok {
		return errors.New("no such lease")
	}
	l.State, l.PID = domain.LeaseActive, pid
	m.leases[id] = l
	return nil
}

func (m *memory) ReleaseLease(_ context.Context, execution string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, l := range m.leases {
		if l.ExecutionID == execution {
			l.State = domain.LeaseReleased
			m.leases[id] = l
		}
	}
	return nil
}

func (m *memory) LiveLeases(context.Context) ([]domain.Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var live []domain.Lease
	for _, l := range m.leases {
		if l.State != domain.LeaseReleased {
			live = append(live, l)
		}
	}
	return live, nil
}

// freeRange finds n ports in a row that are free now, outside the range from
// which the system gives ports to clients.
func freeRange(t testing.TB, n int) int {
	t.Helper()
	start := 15000 + (os.Getpid()*37)%8000
	for p := start; p < 32000; p++ {
		ok := true
		for q := p; q < p+n && ok; q++ {
			ok = port.Free(q)
		}
		if ok {
			return p
		}
	}
	t.Fatal("no free range of ports")
	return 0
}

func request(id string, wish ...int) port.Request {
	return port.Request{ExecutionID: id, ScriptID: "system/disk", UserID: 1, ProjectID: 1, Wish: wish}
}

func acquire(t testing.TB, l *port.Leases, r port.Request) *port.Held {
	t.Helper()
	h, err := l.Acquire(t.Context(), r)
	if err != nil {
		t.Fatalf("Acquire(%+v): %v", r, err)
	}
	return h
}

func TestWishesThenLowest(t *testing.T) { // PRT-1
	base := freeRange(t, 6)
	l := port.New(port.Rules{Start: base, End: base + 4, Retries: 3}, &memory{}, nil)
	defer l.Close()
	for i, c := range []struct {
		wish []int
		want int
	}{
		{nil, base},
		{[]int{base + 3}, base + 3},
		{[]int{base + 3, base + 2}, base + 2},
		{[]int{80, 0, -1, 70000}, base + 1},
		{[]int{base + 5}, base + 5},
		{nil, base + 4},
	} {
		if h := acquire(t, l, request(strconv.Itoa(i), c.wish...)); h.Port != c.want {
			t.Errorf("%d: wish %v got %d, want %d", i, c.wish, h.Port, c.want)
		}
	}
	_, err := l.Acquire(t.Context(), request("over"))
	if e := domain.AsError(err); e == nil || e.Code != domain.CodePortsExhausted || e.Params["start"] != base || e.Params["end"] != base+4 {
		t.Errorf("all taken: %v", err)
	}
	if err := l.Release(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	if h := acquire(t, l, request("again")); h.Port != base+3 {
		t.Errorf("after release got %d, want %d", h.Port, base+3)
	}
	if err := l.Release(t.Context(), "never leased"); err != nil {
		t.Errorf("release without a lease: %v", err)
	}
}

// A page on a port that browsers refuse would stay empty without a word.
func TestPortsThatBrowsersRefuseAreNotLeased(t *testing.T) { // PRT-1
	const printing = 6566
	l := port.New(port.Rules{Start: printing, End: printing, Retries: 3, Unchecked: true}, &memory{}, nil) // whoever has it here
	defer l.Close()
	if h, err := l.Acquire(t.Context(), request("range")); !domain.HasCode(err, domain.CodePortsExhausted) {
		t.Errorf("of the range: %+v, %v", h, err)
	}
	base := freeRange(t, 1)
	l = port.New(port.Rules{Start: base, End: base, Retries: 3, Unchecked: true}, &memory{}, nil)
	defer l.Close()
	if h := acquire(t, l, request("wish", 6000)); h.Port != base {
		t.Errorf("the wish 6000 got %d, want %d", h.Port, base)
	}
}

func TestBusyPortsAreNotLeased(t *testing.T) { // PRT-2
	base := freeRange(t, 5)
	for _, addr := range []string{"127.0.0.1", "0.0.0.0", "[::1]"} {
		ln, err := net.Listen("tcp", fmt.Sprintf("%s:%d", addr, base))
		if err != nil {
			if addr == "[::1]" {
				t.Logf("no IPv6 here: %v", err)
				continue
			}
			t.Fatal(err)
		}
		l := port.New(port.Rules{Start: base, End: base, Retries: 3}, &memory{}, nil)
		if _, err := l.Acquire(t.Context(), request("a", base)); !domain.HasCode(err, domain.CodePortsExhausted) {
			t.Errorf("%s listens: %v", addr, err)
		}
		if busy, err := port.Listening(base); err != nil || !busy {
			t.Errorf("Listening with %s = %v, %v", addr, busy, err)
		}
		ln.Close()
		if busy, err := port.Listening(base); err != nil || busy {
			t.Errorf("Listening after close = %v, %v", busy, err)
		}
	}
	store := &memory{taken: map[int]bool{base: true}}
	l := port.New(port.Rules{Start: base, End: base + 4, Retries: 3}, store, nil)
	defer l.Close()
	if h := acquire(t, l, request("b")); h.Port != base+1 {
		t.Errorf("the store's word is not the last: got %d", h.Port)
	}
	r := request("c", base+2)
	r.Avoid = []int{base + 2}
	if h := acquire(t, l, r); h.Port != base+3 {
		t.Errorf("avoided port was given: %d", h.Port)
	}
	store.fail = errors.New("disk I/O error")
	if _, err := l.Acquire(t.Context(), request("d")); !errors.Is(err, store.fail) {
		t.Errorf("a failing store: %v", err)
	}
	if !port.Free(base + 4) {
		t.Error("a failed lease holds its port")
	}
}

func TestTwoEnginesDoNotShareAHeldPort(t *testing.T) {
	base := freeRange(t, 2)
	one, two := port.New(port.Rules{Start: base, End: base + 1, Retries: 3}, &memory{}, nil), port.New(port.Rules{Start: base, End: base + 1, Retries: 3}, &memory{}, nil)
	defer one.Close()
	defer two.Close()
	a, b := acquire(t, one, request("a", base)), acquire(t, two, request("b", base))
	if a.Port != base || b.Port != base+1 {
		t.Errorf("got %d and %d", a.Port, b.Port)
	}
}

func TestHeldPortLetsTheServerIn(t *testing.T) {
	base := freeRange(t, 1)
	store := &memory{}
	l := port.New(port.Rules{Start: base, End: base, Retries: 3}, store, nil)
	defer l.Close()
	h := acquire(t, l, request("a"))
	if h.Blocks() { // Windows: the server gets it only after Yield
		if err := h.Yield(); err != nil {
			t.Fatal(err)
		}
	}
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", base)) // Go sets SO_REUSEADDR as Flask does
	if err != nil {
		t.Fatalf("a server with SO_REUSEADDR does not get its held port: %v", err)
	}
	defer ln.Close()
	if pid, ok := port.Owner(base); !ok || pid != os.Getpid() {
		t.Errorf("Owner = %d, %v; want %d", pid, ok, os.Getpid())
	}
	if ok, err := port.OwnedBy(base, []int{os.Getppid(), os.Getpid()}); err != nil || !ok {
		t.Errorf("OwnedBy us = %v, %v", ok, err)
	}
	if ok, err := port.OwnedBy(base, []int{os.Getppid()}); err != nil || ok {
		t.Errorf("OwnedBy another = %v, %v", ok, err)
	}
	if err := l.Activate(t.Context(), h, 4711); err != nil {
		t.Fatal(err)
	}
	if live, _ := l.Live(t.Context()); len(live) != 1 || live[0].PID != 4711 || live[0].State != domain.LeaseActive {
		t.Errorf("live leases %+v", live)
	}
	for range 2 {
		if err := h.Yield(); err != nil {
			t.Errorf("Yield: %v", err)
		}
	}
	if err := l.Release(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if live, _ := l.Live(t.Context()); len(live) != 0 {
		t.Errorf("live after release %+v", live)
	}
}

func TestHoldKeepsPlainBindsOut(t *testing.T) {
	python := "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		t.Skip("needs the system's Python")
	}
	base := freeRange(t, 1)
	l := port.New(port.Rules{Start: base, End: base, Retries: 3}, &memory{}, nil)
	defer l.Close()
	h := acquire(t, l, request("a"))
	plain := fmt.Sprintf("import socket; s = socket.socket(); s.bind(('127.0.0.1', %d))", base)
	if out, err := exec.Command(python, "-I", "-c", plain).CombinedOutput(); err == nil {
		t.Errorf("a plain bind took the held port: %s", out)
	}
	if err := h.Yield(); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(python, "-I", "-c", plain).CombinedOutput(); err != nil {
		t.Errorf("after Yield a plain bind fails: %s", out)
	}
}

// A script that served requests leaves connections in TIME_WAIT; its next run
// wants the same port, as the page's localStorage belongs to it.
func TestWishInTimeWait(t *testing.T) {
	base := freeRange(t, 2)
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", base))
	if err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	server.Close() // the server closes first: TIME_WAIT is on its side
	client.SetReadDeadline(time.Now().Add(5 * time.Second))
	client.Read(make([]byte, 1))
	client.Close()
	ln.Close()
	l := port.New(port.Rules{Start: base, End: base + 1, Retries: 3}, &memory{}, nil)
	defer l.Close()
	deadline := time.Now().Add(5 * time.Second)
	for !port.Free(base) && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond) // the last FIN is on its way
	}
	if h := acquire(t, l, request("a", base)); h.Port != base {
		t.Errorf("a wished port in TIME_WAIT was passed over for %d", h.Port)
	}
}

func TestManyAtOnce(t *testing.T) {
	const n = 20
	base := freeRange(t, n)
	store := &memory{}
	// two engines' worth of Leases on one store, as after a restart that overlaps
	engines := []*port.Leases{port.New(port.Rules{Start: base, End: base + n - 1, Retries: 3}, store, nil), port.New(port.Rules{Start: base, End: base + n - 1, Retries: 3}, store, nil)}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		ports []int
		over  int
	)
	for i := range n + 4 {
		wg.Go(func() {
			h, err := engines[i%2].Acquire(t.Context(), request(strconv.Itoa(i), base))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				ports = append(ports, h.Port)
			case domain.HasCode(err, domain.CodePortsExhausted):
				over++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(ports)
	if len(slices.Compact(ports)) != len(ports) {
		t.Errorf("a port was leased twice: %v", ports)
	}
	// Two engines that look at one port in the same instant may both pass it
	// over, so a few may go without; more leases than ports may never be.
	if len(ports)+over != n+4 || len(ports) < n-4 {
		t.Errorf("%d leases and %d refusals of %d", len(ports), over, n+4)
	}
	for _, e := range engines {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	for p := base; p < base+n; p++ {
		if !port.Free(p) {
			t.Errorf("port %d is held after Close", p)
		}
	}
}

func TestAcquireAgainReplaces(t *testing.T) {
	base := freeRange(t, 2)
	store := &memory{}
	l := port.New(port.Rules{Start: base, End: base + 1, Retries: 3}, store, nil)
	defer l.Close()
	acquire(t, l, request("a"))
	r := request("a")
	r.Avoid = []int{base} // the script could not bind it
	if h := acquire(t, l, r); h.Port != base+1 {
		t.Errorf("got %d", h.Port)
	}
	if live, _ := l.Live(t.Context()); len(live) != 1 {
		t.Errorf("live %+v", live)
	}
	if !port.Free(base) {
		t.Error("the first port is still held")
	}
}

func TestSocketsDoNotLeakIntoChildren(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("needs /proc")
	}
	base := freeRange(t, 1)
	l := port.New(port.Rules{Start: base, End: base, Retries: 3}, &memory{}, nil)
	acquire(t, l, request("a"))
	child := exec.Command("/bin/sleep", "30")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { child.Process.Kill(); child.Wait() }()
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", child.Process.Pid))
	for _, link := range links {
		if target, _ := os.Readlink(link); len(target) > 7 && target[:7] == "socket:" {
			t.Errorf("the child has %s", target)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if !port.Free(base) {
		t.Error("not free although we closed it")
	}
}

func BenchmarkAcquireRelease(b *testing.B) {
	base := freeRange(b, 4)
	l := port.New(port.Rules{Start: base, End: base + 3, Retries: 3}, &memory{}, nil)
	defer l.Close()
	for b.Loop() {
		acquire(b, l, request("a"))
		if err := l.Release(b.Context(), "a"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkListening(b *testing.B) {
	for b.Loop() {
		if _, err := port.Listening(5200); err != nil {
			b.Fatal(err)
		}
	}
}
