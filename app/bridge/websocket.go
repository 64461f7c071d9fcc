package bridge

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"scriptsmanager/backend/domain"
)

// subprotocol stands first in what a page offers; the token stands second,
// since a page cannot set headers of a WebSocket and an address would show it.
const (
	subprotocol  = "scriptsmanager"
	bearerPrefix = "bearer."
)

// keepalive finds connections that are gone without having said so.
const (
	keepalive    = 15 * time.Second
	pongPatience = 10 * time.Second
)

// accept opens a WebSocket for a session; nil means that the request has been
// answered.
func (b *Bridge) accept(w http.ResponseWriter, r *http.Request) (*session, *websocket.Conn) {
	var s *session
	for _, header := range r.Header.Values("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(header, ",") {
			if token, ok := strings.CutPrefix(strings.TrimSpace(offered), bearerPrefix); ok {
				s = b.sessions.get(token)
			}
		}
	}
	if s == nil {
		b.refused(r, string(errSession.Code))
		fail(w, errSession)
		return nil, nil
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		b.options.Log.Debug("websocket refused", "error", err)
		return nil, nil
	}
	return s, conn
}

// events sends what happens, one event a message.
func (b *Bridge) events(w http.ResponseWriter, r *http.Request) {
	s, conn := b.accept(w, r)
	if conn == nil {
		return
	}
	defer b.sessions.hold(s)()
	defer func() { _ = conn.CloseNow() }()
	ctx := alive(r.Context(), conn)
	events := s.local.Events(ctx)
	// From now on nothing is missed: what the page asks for after this is whole.
	if conn.Write(ctx, websocket.MessageText, []byte(`{"subscribed":true}`)) != nil {
		return
	}
	for e := range events {
		message, err := json.Marshal(map[string]any{"event": e})
		if err != nil {
			b.options.Log.Error("encode event", "type", e.Type, "error", err)
			continue
		}
		if conn.Write(ctx, websocket.MessageText, message) != nil {
			return
		}
	}
	_ = conn.Close(websocket.StatusGoingAway, "")
}

// attach is a script's tab: while it is open, the tab counts as open.
func (b *Bridge) attach(w http.ResponseWriter, r *http.Request) {
	s, conn := b.accept(w, r)
	if conn == nil {
		return
	}
	defer b.sessions.hold(s)()
	defer func() { _ = conn.CloseNow() }()
	ctx := alive(r.Context(), conn)
	release, err := s.local.Attach(ctx, r.PathValue("id"))
	if err != nil {
		e := domain.AsError(err)
		_ = conn.Close(websocket.StatusPolicyViolation, string(e.Code))
		return
	}
	defer release()
	if conn.Write(ctx, websocket.MessageText, []byte(`{"attached":true}`)) != nil {
		return
	}
	<-ctx.Done()
}

// alive gives a context that ends with the connection, however that ends. The
// peer sends nothing.
func alive(ctx context.Context, conn *websocket.Conn) context.Context {
	ctx = conn.CloseRead(ctx)
	go func() {
		tick := time.NewTicker(keepalive)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				wait, cancel := context.WithTimeout(ctx, pongPatience)
				err := conn.Ping(wait)
				cancel()
				if err != nil {
					_ = conn.CloseNow()
					return
				}
			}
		}
	}()
	return ctx
}
