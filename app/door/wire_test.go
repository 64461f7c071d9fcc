package door

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
)

// peer is the server's end of a connection, played by the test.
type peer struct {
	t    *testing.T
	conn net.Conn
	scan *bufio.Scanner
}

func (p *peer) read() request {
	p.t.Helper()
	var q request
	if !p.scan.Scan() {
		p.t.Errorf("no request: %v", p.scan.Err())
		return q
	}
	if err := json.Unmarshal(p.scan.Bytes(), &q); err != nil {
		p.t.Error(err)
	}
	return q
}

func (p *peer) write(r response) {
	p.t.Helper()
	if err := json.NewEncoder(p.conn).Encode(r); err != nil {
		p.t.Error(err)
	}
}

func dialPeer(t *testing.T, serve func(*peer)) (*Remote, error) {
	t.Helper()
	client, server := net.Pipe()
	go func() {
		defer server.Close()
		serve(&peer{t: t, conn: server, scan: bufio.NewScanner(server)})
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return Dial(ctx, client, "token", "command", "")
}

// The server refuses and hangs up: the reason must come through, not the end.
func TestRefusalIsHeardBeforeTheEnd(t *testing.T) {
	for range 200 {
		_, err := dialPeer(t, func(p *peer) {
			q := p.read()
			p.write(response{ID: q.ID, Error: domain.NewError(domain.CodeNotFound, "what", "user", "name", "nobody")})
		})
		if Gone(err) || !domain.HasCode(err, domain.CodeNotFound) {
			t.Fatalf("error %v", err)
		}
	}
}

// Who gives up waiting for an attachment must not keep a page alive.
func TestAttachmentThatNobodyWaitsForIsReleased(t *testing.T) {
	requests := make(chan request, 4)
	r, err := dialPeer(t, func(p *peer) {
		q := p.read()
		p.write(response{ID: q.ID, Result: json.RawMessage("{}")})
		requests <- p.read() // attach, which is not answered
		requests <- p.read()
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := r.Attach(ctx, "some-execution")
		failed <- err
	}()
	attach := <-requests
	cancel()
	if err := <-failed; domain.AsError(err) == nil || !errors.Is(err, context.Canceled) {
		t.Errorf("attach: %v", err)
	}
	if q := <-requests; attach.Attach == "" || q.Release != attach.ID {
		t.Errorf("after %+v came %+v", attach, q)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	waits := func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.waiting)
	}
	for until := time.Now().Add(20 * time.Second); waits() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("it waits for answers after the end")
		}
	}
}
