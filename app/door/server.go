package door

import (
	"bufio"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// helloTimeout bounds how long a peer may stay silent at first.
const helloTimeout = 5 * time.Second

// Server speaks the door's protocol on a local socket.
type Server struct {
	App   *app.App
	Token string
	// Allowed tells whether the peer is the root's owner, as the system says
	// it; nil accepts whoever knows the token.
	Allowed func(net.Conn) bool
	// Raise brings the main window to the front; nil where there is none.
	Raise func()
	Log   *slog.Logger
}

// lastAnswers is how long requests that came before the end may still take:
// what is asked for was done, and whoever asked is to hear of it.
const lastAnswers = 2 * time.Second

// Serve answers connections until ctx ends. It then takes no more requests,
// answers those it has, closes the connections and waits.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var open sync.WaitGroup
	defer open.Wait()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return err
			}
			s.Log.Warn("accept on the local socket", "error", err)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		open.Add(1)
		go func() {
			defer open.Done()
			defer conn.Close()
			// Ends the reading; what was read is answered before the connection ends.
			stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
			defer stop()
			s.serveConn(ctx, conn)
		}()
	}
}

// maxReleased bounds what a session remembers of attachments that are released
// and may still come.
const maxReleased = 100

// session is one connection.
type session struct {
	server *Server
	local  *Local
	writes sync.Mutex // guards enc
	enc    *json.Encoder

	mu       sync.Mutex // guards both below
	attached map[int64]func()
	released map[int64]bool // before they were attached: requests are served side by side
}

func (s *Server) serveConn(ctx context.Context, conn net.Conn) {
	if s.Allowed != nil && !s.Allowed(conn) {
		s.Log.Warn("foreign account refused on the local socket")
		return
	}
	scan := bufio.NewScanner(conn)
	scan.Buffer(make([]byte, 64<<10), maxMessage)
	_ = conn.SetReadDeadline(time.Now().Add(helloTimeout))
	if !scan.Scan() {
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	if ctx.Err() != nil {
		return // the line above may have undone the end of reading
	}
	var first request
	enc := json.NewEncoder(conn)
	if json.Unmarshal(scan.Bytes(), &first) != nil || first.Hello == nil ||
		subtle.ConstantTimeCompare([]byte(first.Hello.Token), []byte(s.Token)) != 1 {
		_ = enc.Encode(response{ID: first.ID, Error: domain.NewError(domain.CodeNotSignedIn)})
		return
	}
	if first.Hello.Version != ProtocolVersion {
		_ = enc.Encode(response{ID: first.ID, Error: domain.NewError(domain.CodeUnavailable,
			"detail", "the running engine is version "+domain.Version+", this is "+first.Hello.Product)})
		return
	}
	o := app.ClientOptions{Kind: app.ClientCommand, Owner: true, System: true}
	if first.Hello.Kind == app.ClientDesktop {
		o = app.ClientOptions{Kind: app.ClientDesktop, Owner: true}
	}
	o.Account = engine.PeerAccount(conn)
	ended := ctx
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	c := &session{server: s, local: NewLocal(s.App.NewClient(o)), enc: enc, attached: map[int64]func(){}, released: map[int64]bool{}}
	defer c.end()
	if first.Hello.As != "" {
		if err := c.local.client.ActAs(ctx, first.Hello.As); err != nil {
			c.answer(response{ID: first.ID, Error: c.local.client.Shown(err)})
			return
		}
	}
	c.answer(response{ID: first.ID, Result: json.RawMessage("{}")})
	var calls, streams sync.WaitGroup
	for scan.Scan() {
		var q request
		if json.Unmarshal(scan.Bytes(), &q) != nil {
			break
		}
		group := &calls
		if q.Events {
			group = &streams
		}
		group.Go(func() { c.handle(ctx, q) })
	}
	if ended.Err() != nil {
		// A peer that does not read must not hold up the end.
		_ = conn.SetWriteDeadline(time.Now().Add(lastAnswers))
		late := time.AfterFunc(lastAnswers, cancel)
		calls.Wait()
		late.Stop()
	}
	cancel()
	_ = conn.Close()
	calls.Wait()
	streams.Wait()
}

func (c *session) answer(r response) {
	c.writes.Lock()
	defer c.writes.Unlock()
	// A peer that has gone is noticed by the reading side.
	_ = c.enc.Encode(r)
}

func (c *session) handle(ctx context.Context, q request) {
	r := response{ID: q.ID, Result: json.RawMessage("null")}
	var err error
	switch {
	case q.Method != "":
		r.Result, err = c.local.Call(ctx, q.Method, q.Argument)
	case q.Events:
		events := c.local.Events(ctx)
		c.answer(r)
		c.forward(events)
		return
	case q.Attach != "":
		var release func()
		if release, err = c.local.Attach(ctx, q.Attach); err == nil {
			c.mu.Lock()
			gone := c.released[q.ID]
			delete(c.released, q.ID)
			if !gone {
				c.attached[q.ID] = release
			}
			c.mu.Unlock()
			if gone {
				release()
			}
		}
	case q.Release != 0:
		c.mu.Lock()
		release, there := c.attached[q.Release]
		delete(c.attached, q.Release)
		if !there && len(c.released) < maxReleased {
			c.released[q.Release] = true
		}
		c.mu.Unlock()
		if release != nil {
			release()
		}
	case q.Raise:
		if c.server.Raise == nil {
			err = domain.NewError(domain.CodeNotFound, "what", "window", "name", app.Product)
		} else {
			c.server.Raise()
		}
	default:
		err = domain.NewError(domain.CodeUsage, "detail", "empty request")
	}
	if err != nil {
		r.Result, r.Error = nil, c.local.client.Shown(err)
	}
	c.answer(r)
}

func (c *session) forward(events <-chan domain.Event) {
	for e := range events {
		b, err := json.Marshal(e.Data)
		if err != nil {
			c.server.Log.Error("encode event", "type", e.Type, "error", err)
			continue
		}
		c.answer(response{Event: &wireEvent{Seq: e.Seq, Type: e.Type, Data: b}})
	}
}

// end releases what the connection held.
func (c *session) end() {
	c.mu.Lock()
	attached := c.attached
	c.attached = nil
	c.mu.Unlock()
	for _, release := range attached {
		release()
	}
	_ = c.local.Close()
}
