package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
	"scriptsmanager/bench/served"
)

// The ports of all roots here, away from those of the product.
const (
	firstPort = 21000
	lastPort  = 21399
	grace     = 2 * time.Second
)

// site is a root under torture.
type site struct {
	ctx      context.Context
	programs string
	root     string
	mark     string // seconds that processes of this root sleep, so that they are known
	random   *rand.Rand
	server   *served.Server
}

func newSite(ctx context.Context, programs string, random *rand.Rand) (*site, error) {
	root, err := os.MkdirTemp("", "sm-torture-")
	if err != nil {
		return nil, err
	}
	s := &site{ctx: ctx, programs: programs, root: root, random: random, mark: "98765." + strconv.Itoa(os.Getpid()) + strconv.Itoa(random.IntN(1000000))}
	config := fmt.Sprintf(`{"web_interface":{"port_range":{"start":%d,"end":%d},"max_concurrent_interfaces":1000,"max_interfaces_per_user":1000},
"limits":{"grace_seconds":%d,"start_seconds":600,"processes":100}}`, firstPort, lastPort, int(grace.Seconds()))
	if err := os.WriteFile(filepath.Join(root, "config.json"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.group(), 0o700); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *site) group() string { return filepath.Join(s.root, "app", "backend", "script_groups", "t") }

// script writes a script of the group; MARK in it is the site's mark.
func (s *site) script(name, text string) error {
	return os.WriteFile(filepath.Join(s.group(), name+".py"), []byte(strings.ReplaceAll(text, "MARK", s.mark)), 0o600)
}

// setup makes the administrator; scripts must be there.
func (s *site) setup() error { return served.Setup(s.programs, s.root) }

func (s *site) start() (err error) {
	if s.server, err = served.Start(s.programs, s.root); err != nil {
		return err
	}
	return s.server.SignIn()
}

func (s *site) run(script string) (domain.Execution, error) {
	var result struct {
		Execution domain.Execution `json:"execution"`
	}
	err := s.server.Call("Executions.Run", map[string]any{"script_id": "t/" + script}, &result)
	return result.Execution, err
}

func (s *site) execution(id string) (e domain.Execution, err error) {
	err = s.server.Call("Executions.Get", map[string]any{"execution_id": id}, &e)
	return e, err
}

func (s *site) live() ([]domain.Execution, error) {
	var page struct {
		Items []domain.Execution `json:"items"`
	}
	err := s.server.Call("Executions.List", map[string]any{"states": []string{"queued", "running"}, "limit": 500}, &page)
	return page.Items, err
}

// await asks until it is so; it fails after limit.
func await(limit time.Duration, ok func() (bool, error)) error {
	for until := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		if good, err := ok(); err != nil || good {
			return err
		}
		if time.Now().After(until) {
			return errLate
		}
	}
}

var errLate = errors.New("it does not come")

// stopAll ends all executions, at once where killing is right.
func (s *site) stopAll(now bool) error {
	list, err := s.live()
	if err != nil {
		return err
	}
	for _, e := range list {
		var ignored any
		_ = s.server.Call("Executions.Stop", map[string]any{"execution_id": e.ID, "now": now}, &ignored) // it may have ended
	}
	return await(time.Minute, func() (bool, error) {
		list, err := s.live()
		return len(list) == 0, err
	})
}

// found is a process of the site.
type found struct {
	pid  int
	line string
}

// processes gives the site's scripts and what they started: the mark or the
// root stands in their arguments. Programs of ours are left out.
func (s *site) processes(needle string) (list []found) {
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		line, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		if err != nil || len(line) == 0 || bytes.HasPrefix(line, []byte(s.programs)) {
			continue
		}
		if bytes.Contains(line, []byte(needle)) {
			list = append(list, found{pid, string(bytes.ReplaceAll(line, []byte{0}, []byte{' '}))})
		}
	}
	return list
}

// shimOf is the parent of an execution's process.
func shimOf(pid int) (int, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	return strconv.Atoi(string(fields[1]))
}

// settled looks, while no engine runs, at what the database says: it must be
// whole, and where all has ended, nothing in it may be live.
func (s *site) settled(t *trial, over bool) error {
	db, err := store.Open(s.ctx, filepath.Join(s.root, "data", "scriptsmanager.db"))
	if err != nil {
		t.bad("database", "does not open: %v", err)
		return nil
	}
	defer func() { _ = db.Close() }()
	if err := db.Check(s.ctx); err != nil {
		t.bad("database", "%v", err)
	}
	if !over {
		return nil
	}
	leases, err := db.LiveLeases(s.ctx)
	if err != nil {
		return err
	}
	for _, l := range leases {
		t.bad("port", "%d is leased to %s", l.Port, l.ExecutionID)
	}
	live, err := db.LiveExecutions(s.ctx)
	if err != nil {
		return err
	}
	for _, e := range live {
		t.bad("execution", "%s is %s for ever", e.ID, e.State)
	}
	return nil
}

// remove ends whatever is left and takes the root away.
func (s *site) remove() {
	if s.server != nil {
		_ = s.stopAll(true)
		_ = s.server.Stop()
	}
	for _, p := range append(s.processes(s.mark), s.processes(s.root)...) {
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
	_ = os.RemoveAll(s.root)
}

// body is what a page answers.
func body(url string) (string, error) {
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	return string(b), err
}
