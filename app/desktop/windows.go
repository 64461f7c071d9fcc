package desktop

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
)

// windowEnd is how long a script's window may take to end after its standard
// input did, before it is killed; a native dialog can keep one alive.
const windowEnd = 2 * time.Second

// stopLimit is how long asking the engine to stop a window's script may take.
const stopLimit = 5 * time.Second

// mainWindow is what the windows of scripts ask of the main one.
type mainWindow interface {
	ShowLog(executionID string)
	OpenURL(address string)
	Notify(title, text string)
	ShowFile(path string)
}

// windows owns the windows of scripts: a process and an attachment for each.
type windows struct {
	caller  Caller
	options Options
	main    mainWindow
	command func(dataDir string) *exec.Cmd // the program that shows a window
	log     *slog.Logger

	// switching is held while a window goes over to a new execution, so that
	// the event about that one does not open a second window.
	switching sync.RWMutex
	running   sync.WaitGroup // one for each window's process

	remembering sync.Mutex // held while a file of what is remembered is read or written

	mu     sync.Mutex // guards what follows
	open   map[string]*window
	state  session // how the person wants windows to look and speak
	closed bool
}

// window is one script's window, seen from the main process.
type window struct {
	out    *outbox
	grew   chan struct{} // holds a token when there may be new output
	wishes chan wish

	mu        sync.Mutex // guards what follows
	execution domain.Execution
	release   func()
	asked     bool   // closing was asked for, by a person or by us
	stops     bool   // its script is to be stopped when the window is gone
	place     *place // where it stood last
}

func newWindows(caller Caller, o Options, main mainWindow, command func(string) *exec.Cmd) *windows {
	return &windows{caller: caller, options: o, main: main, command: command, log: o.log(), open: map[string]*window{}}
}

// handle does what an event asks of the windows of scripts. It does not wait.
func (m *windows) handle(ctx context.Context, e domain.Event) {
	switch e.Type {
	case domain.EventWindowOpen, domain.EventWindowRaise:
		if r, ok := decode[domain.RaiseEvent](e.Data); ok && r.ExecutionID != "" {
			go m.show(ctx, r.ExecutionID)
		}
	case domain.EventExecutionChanged:
		if !m.any() {
			return
		}
		if x, ok := decode[domain.Execution](e.Data); ok {
			if w := m.of(x.ID); w != nil {
				m.tell(w, x)
			}
		}
	case domain.EventExecutionWarned:
		if x, ok := decode[domain.Execution](e.Data); ok {
			go m.notify(ctx, x)
		}
	case domain.EventExecutionOutput:
		if !m.any() {
			return
		}
		if x, ok := decode[domain.OutputEvent](e.Data); ok {
			if w := m.of(x.ExecutionID); w != nil {
				w.look()
			}
		}
	case domain.EventMissed:
		for _, w := range m.all() {
			go m.refresh(ctx, w)
		}
	case domain.EventUserChanged: // language or theme
		for _, w := range m.all() {
			go m.settle(ctx, w)
		}
	default:
	}
}

func (m *windows) any() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.open) > 0
}

func (m *windows) of(id string) *window {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.open[id]
}

func (m *windows) all() []*window {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []*window
	for _, w := range m.open {
		all = append(all, w)
	}
	return all
}

// show opens the window of an execution, or brings it to the front.
func (m *windows) show(ctx context.Context, id string) {
	m.switching.RLock()
	defer m.switching.RUnlock()
	m.mu.Lock()
	if m.closed || ctx.Err() != nil {
		m.mu.Unlock()
		return
	}
	if w := m.open[id]; w != nil {
		m.mu.Unlock()
		w.out.change(func(msg *message) { msg.Raise = true })
		return
	}
	w := &window{out: newOutbox(), grew: make(chan struct{}, 1), wishes: make(chan wish, 8)}
	w.execution.ID = id
	m.open[id] = w
	m.running.Add(1)
	m.mu.Unlock()
	go func() {
		defer m.running.Done()
		if err := m.run(ctx, w); err != nil {
			m.log.Error("script window", "execution", id, "error", err)
		}
	}()
}

// run attaches, shows the window until its process ends, and releases.
func (m *windows) run(ctx context.Context, w *window) error {
	id := w.id()
	defer m.forget(w)
	release, err := m.attach(ctx, id)
	if err != nil {
		return fmt.Errorf("attach: %w", err)
	}
	w.mu.Lock()
	w.release = release
	w.mu.Unlock()
	defer w.let()

	x, err := call[domain.Execution](ctx, m.caller, "Executions.Get", executionArgument{id})
	if err != nil {
		return fmt.Errorf("read execution: %w", err)
	}
	m.settleFor(ctx, w, x)
	m.tell(w, x)

	dir := filepath.Join(m.options.WindowData, dataName(x))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("folder for the window: %w", err)
	}
	// What belongs to this window's process ends with it.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := m.command(dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("pipe: %w", err)
	}
	cmd.Stdout = &wishReader{take: w.take, refuse: w.end}
	// The web view's helpers inherit pipes and may outlive the window.
	cmd.WaitDelay = windowEnd
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the window's program: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer stdin.Close()
		encoder := json.NewEncoder(stdin)
		for {
			msg, more := w.out.next(ctx)
			if !more || encoder.Encode(msg) != nil {
				return
			}
		}
	}()
	go func() { // its end after we closed its input is waited for, not hoped for
		select {
		case <-w.out.done():
		case <-ctx.Done():
		case <-ended:
			return
		}
		select {
		case <-ended:
		case <-time.After(windowEnd):
			_ = cmd.Process.Kill()
		}
	}()
	go m.follow(ctx, w)
	go m.serve(ctx, w)
	err = cmd.Wait()
	close(ended)
	w.mu.Lock()
	asked, stops, at, x := w.asked, w.stops, w.place, w.execution
	w.mu.Unlock()
	if stops {
		// Also where the person quit right after.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		if _, failed := m.caller.Call(ctx, "Executions.Stop", mustJSON(executionArgument{x.ID})); failed != nil {
			m.log.Warn("stop with the window", "execution", x.ID, "error", failed)
		}
		cancel()
	}
	w.let() // what follows need not be waited for
	if at != nil {
		m.remember(x, func(r *remembered) { r.Place = at })
	}
	if err != nil && !asked {
		return fmt.Errorf("the window's program ended: %w", err)
	}
	return nil
}

// attach attaches. An execution that failed before its window was there is
// shown without an attachment: the window says what went wrong.
func (m *windows) attach(ctx context.Context, id string) (release func(), err error) {
	release, err = m.caller.Attach(ctx, id)
	if domain.HasCode(err, domain.CodeExecutionEnded) {
		return func() {}, nil
	}
	return release, err
}

func (m *windows) forget(w *window) {
	w.out.close()
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, other := range m.open {
		if other == w {
			delete(m.open, id)
		}
	}
}

// serve does what the window asks for.
func (m *windows) serve(ctx context.Context, w *window) {
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-w.wishes:
			if err := m.grant(ctx, w, a); err != nil {
				m.log.Warn("script window asked", "execution", w.id(), "verb", string(a.Verb), "error", err)
				problem := m.sayError(err)
				w.out.change(func(msg *message) { msg.Problem = problem })
			}
		}
	}
}

func (m *windows) grant(ctx context.Context, w *window, a wish) error {
	x := w.shown()
	switch a.Verb {
	case verbStop, verbKill:
		_, err := m.caller.Call(ctx, "Executions.Stop", mustJSON(struct {
			executionArgument
			Now bool `json:"now,omitempty"`
		}{executionArgument{x.ID}, a.Verb == verbKill}))
		return err
	case verbKeep:
		_, err := m.caller.Call(ctx, "Executions.KeepRunning", mustJSON(executionArgument{x.ID}))
		return err
	case verbUsed:
		_, err := m.caller.Call(ctx, "Executions.Used", mustJSON(executionArgument{x.ID}))
		if domain.HasCode(err, domain.CodeExecutionEnded) || domain.HasCode(err, domain.CodeNotSignedIn) {
			return nil // it ended already; the main window says who signs in
		}
		return err
	case verbAgain:
		return m.again(ctx, w)
	case verbOpenLog:
		m.main.ShowLog(x.ID)
	case verbOpenBrowser:
		if scriptOrigin(x.URL) != "" {
			m.main.OpenURL(x.URL)
		}
	case verbOpenLink:
		m.main.OpenURL(a.URL)
		m.remember(x, func(r *remembered) { r.allow(a.URL) })
	case verbShowFile:
		m.main.ShowFile(a.Path)
	case verbClosed, verbCloseStop, verbPlaced: // see take
	}
	return nil
}

// again runs the script once more with the same values, in the same window.
func (m *windows) again(ctx context.Context, w *window) error {
	m.switching.Lock()
	defer m.switching.Unlock()
	before := w.shown()
	if before.State.Live() {
		return nil // a second click
	}
	result, err := call[struct {
		Execution domain.Execution `json:"execution"`
	}](ctx, m.caller, "Executions.Again", executionArgument{before.ID})
	if err != nil {
		return err
	}
	id := result.Execution.ID
	if other := m.of(id); other != nil && other != w { // it runs already, elsewhere
		other.out.change(func(msg *message) { msg.Raise = true })
		w.end()
		return nil
	}
	release, err := m.attach(ctx, id)
	if err != nil {
		return err
	}
	m.mu.Lock()
	delete(m.open, before.ID)
	m.open[id] = w
	m.mu.Unlock()
	w.let()
	w.mu.Lock()
	w.execution, w.release = domain.Execution{ID: id}, release
	w.mu.Unlock()
	w.out.change(func(msg *message) { msg.addLines(nil, true) })
	m.tell(w, result.Execution)
	w.look()
	return nil
}

// tell passes on what is now known of the window's execution.
func (m *windows) tell(w *window, x domain.Execution) {
	w.mu.Lock()
	if x.ID != w.execution.ID || (w.execution.State != "" && rank(x) < rank(w.execution)) {
		w.mu.Unlock()
		return
	}
	ends := w.execution.State.Live() && !x.State.Live()
	w.execution = x
	w.mu.Unlock()
	s := m.say(x)
	w.out.change(func(msg *message) { msg.Execution, msg.Said = &x, &s })
	if ends {
		w.look()
	}
}

func (m *windows) refresh(ctx context.Context, w *window) {
	x, err := call[domain.Execution](ctx, m.caller, "Executions.Get", executionArgument{w.id()})
	if err != nil {
		return // it was asked for too early or too late; the next event tells more
	}
	m.tell(w, x)
	w.look()
}

// follow passes on the end of the execution's output while the window shows it.
func (m *windows) follow(ctx context.Context, w *window) {
	var id string
	var from int64
	w.look()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.grew:
		}
		x := w.shown()
		fresh := x.ID != id
		if x.State == domain.StateRunning && x.Phase == domain.PhaseReady && x.HasPage {
			continue // its page is shown
		}
		if fresh {
			id, from = x.ID, -linesKept
		}
		page, err := m.lines(ctx, id, from)
		if err == nil && page.Total-page.Next > linesKept { // too much to show all
			fresh = true
			page, err = m.lines(ctx, id, -linesKept)
		}
		if err != nil {
			m.log.Warn("read output for a window", "execution", id, "error", err)
			id = ""
			continue
		}
		w.out.change(func(msg *message) { msg.addLines(page.Lines, fresh) })
		from = page.Next
		if n := len(page.Lines); n > 0 {
			if last := page.Lines[n-1]; last.Open {
				from = last.Seq // it may grow
			} else if page.Next <= page.Total {
				w.look()
			}
		}
	}
}

func (m *windows) lines(ctx context.Context, id string, from int64) (domain.LogPage, error) {
	return call[domain.LogPage](ctx, m.caller, "Executions.Log", struct {
		executionArgument
		From    int64           `json:"from"`
		Limit   int             `json:"limit"`
		Streams []domain.Stream `json:"streams"`
	}{executionArgument{id}, from, linesKept, []domain.Stream{domain.Stdout, domain.Stderr}})
}

// close ends all windows and waits until their processes are gone and their
// attachments released.
func (m *windows) close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	for _, w := range m.all() {
		w.end()
	}
	m.running.Wait()
}

func (w *window) id() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.execution.ID
}

func (w *window) shown() domain.Execution {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.execution
}

// take takes in a wish of the window's process. What is about its end is not
// left to serve, which may have ended before it comes to that.
func (w *window) take(a wish) {
	switch a.Verb {
	case verbClosed, verbCloseStop:
		w.mu.Lock()
		w.asked, w.stops = true, a.Verb == verbCloseStop
		w.mu.Unlock()
	case verbPlaced:
		w.mu.Lock()
		w.place = a.Place
		w.mu.Unlock()
	default:
		select {
		case w.wishes <- a:
		default: // a page that floods us is not answered
		}
	}
}

func (w *window) look() {
	select {
	case w.grew <- struct{}{}:
	default:
	}
}

// end makes the window's process end, by closing its standard input.
func (w *window) end() {
	w.mu.Lock()
	w.asked = true
	w.mu.Unlock()
	w.out.close()
}

// let releases the attachment.
func (w *window) let() {
	w.mu.Lock()
	release := w.release
	w.release = nil
	w.mu.Unlock()
	if release != nil {
		release()
	}
}

func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the arguments are our own types of strings and numbers
	}
	return b
}
