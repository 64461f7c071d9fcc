package door

import (
	"context"
	"errors"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Host is an engine with its doors: what a desktop, serve or a command runs
// in its own process.
type Host struct {
	Engine *engine.Engine
	App    *app.App

	server chan error // gives the server's end
	cancel context.CancelFunc
}

// Open opens and starts an engine and answers on its local socket. It fails
// as engine.Open does.
func Open(ctx context.Context, o engine.Options) (*Host, error) {
	e, err := engine.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	h := &Host{Engine: e, App: app.New(e), server: make(chan error, 1)}
	listener, token, err := e.Listen()
	if err != nil {
		return nil, errors.Join(err, closeEngine(ctx, e))
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h.cancel = cancel
	s := &Server{App: h.App, Token: token, Allowed: engine.SameAccount, Log: e.Log()}
	if o.Kind == "desktop" {
		s.Raise = e.RaiseMain
	}
	if err := e.Start(ctx); err != nil {
		cancel()
		_ = listener.Close()
		return nil, errors.Join(err, closeEngine(ctx, e))
	}
	go func() { h.server <- s.Serve(run, listener) }()
	return h, nil
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
// how their executions end.
func (h *Host) Close(reason domain.Reason) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	h.Engine.Quiet(ctx, reason)
	h.cancel()
	return errors.Join(<-h.server, h.Engine.Close(ctx, reason))
}
