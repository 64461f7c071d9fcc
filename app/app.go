// Package app is what a signed-in person may do: one file for each area, one
// struct for each area, every exported method the same four steps: session,
// permission, backend, audit. Permission stands here and nowhere else; each
// method is listed in one table with what it requires (permission.go). The
// structs are bound to a Client, which is one window, tab or command. It
// knows neither Wails nor HTTP.
package app

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Product is the product's name as people read it.
const Product = "SIDEL ScriptsManager"

// Kinds of client.
const (
	ClientDesktop = "desktop"
	ClientBrowser = "browser"
	ClientCommand = "command"
)

// App makes clients of one engine.
type App struct {
	engine *engine.Engine
	log    *slog.Logger
	// elapsed is the time since the App was made, which no change of the clock moves.
	elapsed func() time.Duration

	mu       sync.Mutex // guards all below
	clients  map[string]*Client
	shutOuts uint64           // how often somebody was shut out
	shutOut  map[int64]uint64 // by user: which of them was the last of the user's
}

// New makes the App of an engine.
func New(e *engine.Engine) *App {
	made := time.Now()
	return &App{
		engine: e, log: e.Log(), clients: map[string]*Client{}, shutOut: map[int64]uint64{},
		elapsed: func() time.Duration { return time.Since(made) },
	}
}

// ClientOptions says what is known of a client from how it came in.
type ClientOptions struct {
	Kind string // ClientDesktop, ClientBrowser, ClientCommand
	// Owner: it is proven that the operating system's account that owns the
	// root is at the other end. Only such a client may make the first
	// administrator (SPEC USR-1).
	Owner bool
	// System: it acts for the owner without signing in (SPEC API-1). Needs Owner.
	System bool
	// Account is the operating system's at the other end, as the system itself
	// says it. Who comes over TCP has none (SPEC USR-7).
	Account engine.SystemAccount
	// Grace is how long its last attachment to a page may be away before the
	// page is stopped: a tab may be loading again.
	Grace time.Duration
}

// Client is one window, tab or command: at most one person is signed in to it.
type Client struct {
	app     *App
	id      string
	options ClientOptions
	ended   chan struct{}
	data    dataSession

	mu        sync.Mutex // guards all below
	closed    bool
	userID    int64         // 0: nobody is signed in
	name      string        // of who signed in last
	project   int64         // the active project, 0: the default one
	since     time.Time     // somebody is signed in
	used      time.Time     // a person did something; for a command, a call came
	touched   time.Duration // the same by App.elapsed
	idleUser  int64         // whose session here was ended last, since nobody used it
	system    string        // the system's account by which somebody signed in; "": by a password
	told      outside       // what is known of before anybody signs in, as it was told last
	out       bool          // its session was ended from elsewhere: not even a system client goes on
	language  domain.Language
	theme     domain.Theme
	auditNext int64                // where the audit's export that was recorded goes on
	logSearch string               // the last one in others' logs: it was recorded
	logsRead  map[string]time.Time // others' logs, and when each was read last
	logsOpen  []string             // executions whose logs it has open
	listens   int                  // how often it hears events
}

// NewClient makes a client; Close it when its window, tab or command is gone.
func (a *App) NewClient(o ClientOptions) *Client {
	c := &Client{
		app: a, id: uuid.NewString(), options: o, ended: make(chan struct{}),
		language: a.engine.DefaultLanguage(), theme: domain.ThemeSystem,
	}
	a.mu.Lock()
	a.clients[c.id] = c
	a.mu.Unlock()
	return c
}

// Close ends the client's session. It is harmless to call twice.
func (c *Client) Close() {
	c.app.mu.Lock()
	delete(c.app.clients, c.id)
	c.app.mu.Unlock()
	c.view(func() {
		if !c.closed {
			c.closed = true
			close(c.ended)
		}
	})
	c.leaveData()
}

// Kind tells what kind of client it is.
func (c *Client) Kind() string { return c.options.Kind }

// Name is what is told of the client in the log of accesses: who is signed in, or "".
func (c *Client) Name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.userID == 0 {
		return ""
	}
	return c.name
}

// SignedIn tells whether somebody is signed in to it.
func (c *Client) SignedIn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.userID != 0
}

// Structs gives the bound structs, one for each area; the door calls their
// exported methods by name.
func (c *Client) Structs() []any {
	return []any{
		&Session{c}, &Setup{c}, &Dashboard{c}, &Scripts{c}, &Executions{c}, &Logs{c}, &AlwaysOn{c}, &Running{c}, &Ports{c},
		&Environments{c}, &Templates{c}, &Projects{c}, &Data{c}, &Users{c}, &Permissions{c}, &Audit{c}, &System{c}, &Settings{c},
		&DataUse{c}, &Discovery{c}, &Documents{c}, &DocumentStatus{c}, &DocumentEditor{c}, &SystemLogs{c}, &Metadata{c}, &Tags{c},
	}
}

// Events gives the events that the client's person may see, until ctx or the
// client ends. The channel is then closed.
func (c *Client) Events(ctx context.Context) <-chan domain.Event {
	sub := c.app.engine.Events().Subscribe(nil)
	out := make(chan domain.Event)
	c.view(func() { c.listens++ })
	go func() {
		defer close(out)
		defer c.view(func() { c.listens-- })
		defer sub.Close()
		for {
			select {
			case <-ctx.Done():
				return
			case <-c.ended:
				return
			case e, open := <-sub.Events():
				if !open {
					return
				}
				if !c.maySee(ctx, e) {
					if !c.changesOutside(ctx, e) {
						continue
					}
					e = domain.Event{Seq: e.Seq, Type: domain.EventSessionChanged}
				}
				select {
				case out <- e:
				case <-ctx.Done():
					return
				case <-c.ended:
					return
				}
			}
		}
	}()
	return out
}

// maySee is asked when the event goes out, not when it was caused: who signed
// out meanwhile hears nothing more.
func (c *Client) maySee(ctx context.Context, e domain.Event) bool {
	if e.Client != "" && e.Client != c.id {
		return false
	}
	if e.Type == domain.EventMissed || (e.Type == domain.EventSessionEnded && e.Client == c.id) || (e.UserID == 0 && e.Type == domain.EventWindowRaise) {
		return true
	}
	who, _, err := c.person(ctx)
	if err != nil {
		return false
	}
	if e.Type == domain.EventDataChanged { // an administrator's, too: it is the client that looks
		return c.watchesData(ctx, who, e)
	}
	if e.Type == domain.EventTagsChanged { // private to each, an administrator's too
		return who.User.ID == e.UserID
	}
	if who.User.Level == domain.LevelAdmin {
		return true
	}
	if d, ok := e.Data.(domain.DocumentEvent); ok {
		_, err := c.script(ctx, who, d.ScriptID)
		return err == nil
	}
	switch e.Type {
	case domain.EventCorrected, domain.EventLogViewers, domain.EventDataUse, domain.EventSettingsChanged, domain.EventSystemAccounts:
		return false
	default:
		return e.UserID == 0 || who.User.ID == e.UserID || c.sharedWith(ctx, who.User.Level, e)
	}
}

// Attach says that the client shows the execution in a window or tab or waits
// for it; see execution.Service.Attach. It fails with CodeNotSignedIn,
// CodeNotFound or CodeExecutionEnded.
func (c *Client) Attach(ctx context.Context, executionID string) (release func(), err error) {
	e, err := (&Executions{c}).own(ctx, "Executions.Get", executionID)
	if err != nil {
		return nil, err
	}
	return c.app.engine.Attach(e.ID, c.options.Grace, c.options.Kind)
}

// everyClient gives the clients that there are now.
func (a *App) everyClient() []*Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Values(a.clients))
}

// sessionsOf gives the clients to which the user is signed in.
func (a *App) sessionsOf(userID int64) []*Client {
	return slices.DeleteFunc(a.everyClient(), func(c *Client) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.userID != userID
	})
}
