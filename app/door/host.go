package door

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/platform"
)

// Host is an engine with its doors: what a desktop, serve or a command runs
// in its own process.
type Host struct {
	Engine *engine.Engine
	App    *app.App

	listener net.Listener
	token    string
	raise    func()
	server   chan error // gives the server's end
	cancel   context.CancelFunc
	started  chan struct{} // closed when Start is through
	startErr error         // valid once started is closed
}

// Open opens and starts an engine and answers on its local socket. It fails
// as engine.Open does.
func Open(ctx context.Context, o engine.Options) (*Host, error) {
	h, err := Prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := h.Start(ctx); err != nil {
		return nil, errors.Join(err, h.Close(domain.ReasonQuit))
	}
	return h, nil
}

// Prepare opens an engine, so that the root is ours, and leaves it to be
// started: a window need not wait for that. It fails as engine.Open does.
func Prepare(ctx context.Context, o engine.Options) (*Host, error) {
	e, err := engine.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	h := &Host{Engine: e, App: app.New(e), server: make(chan error, 1), started: make(chan struct{})}
	if h.listener, h.token, err = e.Listen(); err != nil {
		return nil, errors.Join(err, closeEngine(ctx, e))
	}
	if o.Kind == platform.OwnerDesktop {
		h.raise = e.RaiseMain
	}
	return h, nil
}

// Start starts the engine and answers on the local socket; call it once. It
// fails as engine.Start does, and Close is next then.
func (h *Host) Start(ctx context.Context) error {
	defer close(h.started)
	if h.startErr = h.Engine.Start(ctx); h.startErr != nil {
		return h.startErr
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h.cancel = cancel
	s := &Server{App: h.App, Token: h.token, Allowed: engine.SameAccount, Raise: h.raise, Log: h.Engine.Log()}
	var ends sync.WaitGroup
	ends.Go(func() { h.App.EndUnused(run) })
	ends.Go(func() { h.App.EndTakenBack(run) })
	go func() {
		err := s.Serve(run, h.listener)
		cancel()
		ends.Wait()
		h.server <- err
	}()
	return nil
}

// Client is a Caller in this process; its calls wait until the engine has
// started, and fail as that did.
func (h *Host) Client(o app.ClientOptions) Caller {
	return &waiting{Local: NewLocal(h.App.NewClient(o)), host: h}
}

type waiting struct {
	*Local
	host *Host
}

func (w *waiting) wait(ctx context.Context) error {
	select {
	case <-w.host.started:
	case <-ctx.Done():
		return w.client.Shown(ctx.Err())
	}
	if w.host.startErr != nil {
		return w.client.Shown(w.host.startErr)
	}
	return nil
}

// Call calls a method as soon as the engine has started.
func (w *waiting) Call(ctx context.Context, method string, argument json.RawMessage) (json.RawMessage, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.Local.Call(ctx, method, argument)
}

// Attach attaches as soon as the engine has started.
func (w *waiting) Attach(ctx context.Context, executionID string) (func(), error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.Local.Attach(ctx, executionID)
}

// closeLimit is how long an engine may take to end: the grace of scripts and
// some more.
const closeLimit = 30 * time.Second

// closeEngine closes one that did not start, also where that was since ctx ended.
func closeEngine(ctx context.Context, e *engine.Engine) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	return e.Close(ctx, domain.ReasonQuit)
}

// Close stops the pages, then the engine, then the doors, so that clients see
// how their executions end. Start must be through, or never called.
func (h *Host) Close(reason domain.Reason) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	if h.cancel == nil { // it did not start
		return errors.Join(h.listener.Close(), h.Engine.Close(ctx, reason))
	}
	h.Engine.Quiet(ctx, reason)
	h.cancel()
	return errors.Join(<-h.server, h.Engine.Close(ctx, reason))
}
