// Package execution owns the life of every execution: one actor for each, a
// goroutine that alone changes its record, from the click on Run until its
// last byte is on disk and its port is free again. It promises that what the
// store and the events say is what happened, in order, and that nothing which
// it started outlives a stop. It does not decide who may run what (app does),
// nor how a process is confined and recorded (the shim does).
package execution

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim"
	"scriptsmanager/backend/store"
)

// Store is what executions need of the database.
type Store interface {
	// InsertExecution records who started it with it.
	InsertExecution(ctx context.Context, e domain.Execution, by store.Actor) error
	UpdateExecution(ctx context.Context, e domain.Execution) error
	// Execution fails with CodeNotFound.
	Execution(ctx context.Context, id string) (domain.Execution, error)
	LiveExecutions(ctx context.Context) ([]domain.Execution, error)
	SetPreview(ctx context.Context, executionID, stdout, stderr, debug string) error
}

// Activated is what a script is started with in its environment.
type Activated struct {
	Python  string   // the interpreter
	Environ []string // the whole environment of the child
	// Set and Unset are the names of the variables that the activation sets and
	// takes away, sorted; Printed is the end of what its scripts printed.
	Set, Unset []string
	Printed    string
}

// Environments finds and activates what a script runs in.
type Environments interface {
	// Resolve fails with CodePythonMissing, CodeFlaskMissing,
	// CodeEnvironmentMissing or CodeEnvironmentBroken.
	Resolve(ctx context.Context, wanted string, needFlask bool) (e domain.Environment, fallbackFrom string, err error)
	// Activate gives what a child is started with, its environment made from base.
	Activate(ctx context.Context, e domain.Environment, base []string) (Activated, error)
	// List gives all that are known, the broken ones too.
	List() []domain.Environment
}

// Ports leases ports.
type Ports interface {
	// Acquire fails with CodePortsExhausted. wish is tried first where it is
	// not 0; avoid are ports that the script could not have before.
	Acquire(ctx context.Context, e domain.Execution, wish int, avoid []int) (Hold, error)
	// Retries is how many other ports are tried where a script cannot bind.
	Retries() int
	Release(ctx context.Context, executionID string) error
	// Leases lists the leases that are not released.
	Leases(ctx context.Context) ([]domain.Lease, error)
	// Restore records that a running execution has its port.
	Restore(ctx context.Context, e domain.Execution) error
	// Listening tells whether any program listens on the port.
	Listening(port int) (bool, error)
	// OwnedBy tells whether one of the processes listens on the port.
	OwnedBy(port int, pids []int) (bool, error)
	// ListenersOf gives the ports on which any of the processes listens.
	ListenersOf(pids []int) []int
}

// Hold is a leased port that is kept from others until the script has it.
type Hold interface {
	Port() int
	Activate(ctx context.Context, pid int) error
	Close() error
}

// Folders prepares data folders and tells what changed in them.
type Folders interface {
	// Prepare makes the data folder of a user's project for a group.
	Prepare(ctx context.Context, userFolder, projectFolder, groupID string) (string, error)
	// Snapshot remembers the folder's files; the function it gives tells what
	// changed since.
	Snapshot(dir string) (changed func() []domain.ChangedFile)
	// Cache makes the folder in which a user's executions of a script keep what
	// they can do without, and notes that it was used.
	Cache(userFolder string, script domain.ScriptID) (string, error)
	// Approved gives the folders that a script may write into besides its own, and
	// those that its header asks for and nobody approved.
	Approved(ctx context.Context, script domain.Script) (approved, waiting []string, err error)
	// LogBase is where an execution's log lies, without extension.
	LogBase(userFolder, executionID string, day time.Time) string
}

// Logs reads and writes executions' logs.
type Logs interface {
	// Debug opens the debug stream of a log; close it when done.
	Debug(base string) (*slog.Logger, func() error, error)
	// Size gives the bytes of its files.
	Size(base string) int64
	// Uses opens what is kept of its use; close it when done.
	Uses(base string) (UseLog, error)
	// Tail gives the end of a stream, at most n bytes.
	Tail(base string, stream domain.Stream, n int) string
	// Remove takes an execution's output away, not its debug stream.
	Remove(base string) error
}

// Config is what an installation says about executions.
type Config struct {
	ShimProgram      string   // path of scriptsmanager-shim
	RunFolder        string   // short folder for run files, outside the data
	FormerRunFolders []string // where earlier engines may have left run files
	Logo             string   // handed to scripts
	BrandCSS         string   // the brand's colours, handed to scripts
	Home             string   // the account's own home, which scripts do not get
	Protected        []string // folders of ours that no path of a person opens
	Environments     string   // folder of the environments that were made in them
	NewMeter         func(port int) Meter
	Warnings         Warnings
	GuardFolder      string // for the files of the guard of pages, short; "" guards none
	Helper           fs.FS  // the Python helper, which every script can import; nil is none
	HelperFolder     string // where it is put, short
	// Guarded tells whether a script's page is guarded; nil is always.
	Guarded func(ctx context.Context, script domain.ScriptID) bool
	// MayStart says why an execution that waited may not start any more; nil where
	// it may. Much can change while one waits.
	MayStart func(ctx context.Context, e domain.Execution) error
	// JobEnded cleans up behind a job, before its end is recorded and told.
	JobEnded func(e domain.Execution) error
	Rules    Rules // as at first; see SetRules
}

// Rules are what an installation may change while executions run.
type Rules struct {
	Environ           []string       // what children inherit before activation
	Grace             time.Duration  // between asking a script to end and killing it
	StartTimeout      time.Duration  // until its page must answer
	MaxInterfaces     int            // pages that run at once, in all
	MaxInterfacesUser int            // and for each user
	Confinement       sandbox.Mode   // policy
	ClosedPorts       [][2]int       // ranges that scripts do not connect to, their own port aside
	Limits            sandbox.Limits // of scripts that say nothing themselves
	LogLimit          int64          // bytes of output that a log takes; 0 is none
	Idle              time.Duration  // without use before a page is stopped; 0 is none
}

// Service starts, stops and knows executions.
type Service struct {
	config  Config
	store   Store
	envs    Environments
	ports   Ports
	folders Folders
	logs    Logs
	publish func(domain.Event)
	log     *slog.Logger

	shims *shim.Starter
	// compiled has the Pythons, by folder, that have compiled our modules.
	compiled sync.Map

	ruling  atomic.Pointer[Rules]
	closing chan struct{} // closed by close

	comparing sync.Mutex      // held while record and machine are compared; guards the one below
	suspects  map[string]bool // what differed the last time and may have been on its way

	mu      sync.Mutex // guards all below
	doors   []int      // ports of ours, besides those of the configuration
	closed  bool
	actors  map[string]*actor
	waiting []*waiter // in the order in which they came
	running sync.WaitGroup
}

// New makes a service; Recover must be called before the first Start.
func New(config Config, store Store, envs Environments, ports Ports, folders Folders, logs Logs,
	publish func(domain.Event), log *slog.Logger,
) *Service {
	s := &Service{
		config: config, store: store, envs: envs, ports: ports, folders: folders, logs: logs,
		publish: publish, log: log, shims: shim.NewStarter(config.ShimProgram), closing: make(chan struct{}), actors: map[string]*actor{},
		suspects: map[string]bool{},
	}
	s.ruling.Store(&config.Rules)
	return s
}

// SetRules changes what holds: how many pages may run from now on, the rest for
// what is started from now on. Who waits for room that there is now, gets it.
func (s *Service) SetRules(r Rules) {
	s.ruling.Store(&r)
	s.advance()
}

func (s *Service) rules() *Rules { return s.ruling.Load() }

// firstSpare leaves the machine to the start of the product.
const firstSpare = 2 * time.Second

// KeepReady has the next Run find its shim started. It is for an engine that
// people press Run in, not for that of a command.
func (s *Service) KeepReady() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.shims.Keep(firstSpare)
	}
}

// CloseToScripts keeps scripts that start from now on from connecting to a port
// of ours.
func (s *Service) CloseToScripts(port int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doors = append(s.doors, port)
}

// closedPorts are those that the configuration closes, ours, and those of pages
// that run on ports of an earlier range.
func (s *Service) closedPorts() [][2]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.rules().ClosedPorts)
	shut := func(port int) {
		if !slices.ContainsFunc(all, func(r [2]int) bool { return r[0] <= port && port <= r[1] }) {
			all = append(all, [2]int{port, port})
		}
	}
	for _, port := range s.doors {
		shut(port)
	}
	for _, a := range s.actors {
		if port := a.snapshot().Port; port > 0 {
			shut(port)
		}
	}
	return all
}

// Request says what to run and for whom. Values are checked ones.
type Request struct {
	Script   domain.Script
	Group    domain.Group
	User     domain.User
	Project  domain.Project
	Values   map[string]any
	Theme    domain.Theme // light or dark
	Language domain.Language
	Actor    string                    // user, schedule, system
	By       store.Actor               // who is recorded to have started it
	Client   string                    // who is asked to show its window; "" is nobody
	AlwaysOn int64                     // for which domain.AlwaysOn; 0: a person's own execution
	Template *domain.ExecutionTemplate // what the values are from; nil: no template
	Queue    bool                      // wait for room where a limit of interfaces is reached
	Fresh    bool                      // take nothing that was left by its last window
}

// Start begins an execution and returns at once; how it goes on is told by
// events. If the same script already runs in the same project for the user,
// that one is given and existing is true (SPEC WIN-5), unless it is about to
// end with its last window and was started otherwise: then it ends now, and a
// new one begins. It fails with CodeTooManyInterfaces, CodeDiskFull or
// CodeUnavailable.
func (s *Service) Start(ctx context.Context, r Request) (e domain.Execution, existing bool, err error) {
	// The header only proposes it: what counts is whether it is kept now.
	r.Script.AlwaysOn = r.AlwaysOn != 0
	e = s.newExecution(r)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return domain.Execution{}, false, domain.NewError(domain.CodeUnavailable, "detail", "the engine is stopping")
	}
	if e.HasPage {
		same := s.sameLocked(e)
		if same != nil && !same.leftWith(r) {
			s.mu.Unlock()
			return same.snapshot(), true, nil
		}
		s.advanceLocked() // room that has just come free is for who waits
		if same != nil {
			same.replaced = true // its room is for who takes its place
			same.send(command{stop: &StopRequest{Reason: domain.ReasonWindowClosed}})
		}
		if limit, value := s.reached(s.takenLocked(), e.UserID); limit != "" {
			if !r.Queue {
				s.mu.Unlock()
				return domain.Execution{}, false, domain.NewError(domain.CodeTooManyInterfaces, "limit", limit, "value", value)
			}
			e.State, e.Phase = domain.StateQueued, ""
		}
	}
	a := newActor(s, e, r)
	if e.State == domain.StateQueued {
		place := s.enqueueLocked(a, e.UserID)
		e.Queue, a.e.Queue = &place, &place
	}
	s.actors[e.ID] = a
	s.running.Add(1)
	s.mu.Unlock()

	if err := s.store.InsertExecution(ctx, e, r.By); err != nil {
		s.forget(a)
		a.refuse()
		close(a.done) // somebody may have found it meanwhile
		s.running.Done()
		return domain.Execution{}, false, fmt.Errorf("record execution of %s: %w", r.Script.ID, err)
	}
	s.publish(domain.Event{Type: domain.EventExecutionChanged, UserID: e.UserID, Data: e})
	if e.State != domain.StateQueued {
		s.openWindow(e, r.Client)
	}
	go s.see(a, a.run)
	return e, false, nil
}

// see sees an actor, which counts as running, through its life and to the end of
// what has to be written about it.
func (s *Service) see(a *actor, live func()) {
	defer s.running.Done()
	defer s.forget(a)
	live()
	s.advance()
	a.settle()
}

func (s *Service) newExecution(r Request) domain.Execution {
	now := time.Now().UTC()
	id := uuid.NewString()
	return domain.Execution{
		ID: id, Name: r.Script.Name.In(domain.English), Kind: domain.KindScript,
		ScriptID: r.Script.ID, GroupID: r.Group.ID, ScriptName: r.Script.Name,
		UserID: r.User.ID, User: r.User.Name, ProjectID: r.Project.ID, Project: r.Project.Name,
		Actor: r.Actor, State: domain.StateRunning, Phase: domain.PhaseEnvironment,
		HasPage: r.Script.Interface != domain.InterfaceNone, Confinement: string(sandbox.None),
		Parameters: Public(r.Script.Parameters, r.Values),
		LogPath:    s.folders.LogBase(r.User.Folder, id, now) + ".log",
		CreatedAt:  now, AlwaysOn: r.AlwaysOn, Template: r.Template,
	}
}

// sameLocked finds a page of the same script for the same user and project
// that is not on its way out.
func (s *Service) sameLocked(e domain.Execution) *actor {
	for _, a := range s.actors {
		other := a.snapshot()
		if other.HasPage && other.State.Live() && other.Phase != domain.PhaseStopping && !a.replaced &&
			other.ScriptID == e.ScriptID && other.UserID == e.UserID && other.ProjectID == e.ProjectID {
			return a
		}
	}
	return nil
}

func (s *Service) forget(a *actor) {
	s.mu.Lock()
	delete(s.actors, a.id)
	s.mu.Unlock()
	s.leave(a)
}

func (s *Service) actor(id string) *actor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.actors[id]
}

// Live gives a live execution as it is now, and one whose end could not be
// recorded yet.
func (s *Service) Live(id string) (domain.Execution, bool) {
	if a := s.actor(id); a != nil {
		return a.snapshot(), true
	}
	return domain.Execution{}, false
}

// AllLive gives all live executions, oldest first.
func (s *Service) AllLive() []domain.Execution {
	actors := s.supervised()
	list := make([]domain.Execution, 0, len(actors))
	for _, a := range actors {
		// An actor that is just leaving is not live any more.
		if e := a.snapshot(); e.State.Live() {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b domain.Execution) int {
		return cmpOr(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return list
}

func cmpOr(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// StopRequest says who wants an execution to end, and how.
type StopRequest struct {
	Reason domain.Reason
	By     string         // the user's name, for ReasonStopped
	Now    bool           // kill without grace
	Params map[string]any // of the reason, where it has others
}

// Stop asks an execution to end and returns without waiting for it. It fails
// with CodeExecutionEnded where it is not live.
func (s *Service) Stop(id string, r StopRequest) error {
	a := s.actor(id)
	if a == nil || !a.send(command{stop: &r}) {
		return domain.NewError(domain.CodeExecutionEnded)
	}
	return nil
}

// Wait blocks until the execution is not live any more.
func (s *Service) Wait(ctx context.Context, id string) error {
	a := s.actor(id)
	if a == nil {
		return nil
	}
	select {
	case <-a.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Attach says that a window, tab or command shows the execution. When the
// last attachment has been released and none comes within its grace, a page
// is stopped, unless the script is a background or always-on one. It fails
// with CodeExecutionEnded. release may be called more than once.
func (s *Service) Attach(id string, grace time.Duration, stop StopRequest) (release func(), err error) {
	a := s.actor(id)
	if a == nil || !a.send(command{attach: 1}) {
		return nil, domain.NewError(domain.CodeExecutionEnded)
	}
	var once sync.Once
	return func() {
		once.Do(func() { a.send(command{attach: -1, grace: grace, stop: &stop}) })
	}, nil
}

// Close stops what must not outlive the engine, waits for it until ctx ends
// and lets go of the rest, which goes on under its shims (SPEC EXE-6).
func (s *Service) Close(ctx context.Context, reason domain.Reason) error {
	return s.close(ctx, quitRequest{reason: reason})
}

// HandOver closes the service without stopping anything that is not being
// stopped: the engine was that of a command, and what others started in it is
// for the next engine. A page that a client shows stops if that does not come
// soon.
func (s *Service) HandOver(ctx context.Context) error {
	return s.close(ctx, quitRequest{handOver: true})
}

func (s *Service) close(ctx context.Context, q quitRequest) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.shims.Close() // may wait for a process; nobody else need wait with it
	actors := s.supervised()
	for _, a := range actors {
		a.send(command{quit: &q})
	}
	done := make(chan struct{})
	go func() { s.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop executions: %w", ctx.Err())
	}
}

// runDir is short, since the path of a Unix socket in it may have 108 bytes
// only; twelve hexadecimal digits of a random UUID do not meet twice. What an
// earlier engine started may lie elsewhere.
func (s *Service) runDir(id string) string {
	name := strings.ReplaceAll(id, "-", "")[:12]
	dir := filepath.Join(s.config.RunFolder, name)
	if len(s.config.FormerRunFolders) == 0 {
		return dir
	}
	if _, err := os.Lstat(dir); err == nil {
		return dir
	}
	for _, folder := range s.config.FormerRunFolders {
		if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
			return filepath.Join(folder, name)
		}
	}
	return dir
}
