package door

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"scriptsmanager/backend/domain"
)

// ProtocolVersion is that of the messages on the local socket; both sides
// must have the same (SPEC PKG-1).
const ProtocolVersion = 1

// maxMessage bounds one message, so that a peer cannot fill the memory.
const maxMessage = 32 << 20

// request is what a client sends, one JSON object a line. The first one is a
// hello.
type request struct {
	ID       int64           `json:"id"`
	Hello    *hello          `json:"hello,omitempty"`
	Method   string          `json:"method,omitempty"`
	Argument json.RawMessage `json:"argument,omitempty"`
	Events   bool            `json:"events,omitempty"`  // send events from now on
	Attach   string          `json:"attach,omitempty"`  // an execution
	Release  int64           `json:"release,omitempty"` // the id of an attach
	Raise    bool            `json:"raise,omitempty"`   // bring the main window to the front
}

// hello opens a connection: the token proves that the peer can read what only
// the root's owner can, which a confined script cannot.
type hello struct {
	Version int    `json:"version"`
	Product string `json:"product"` // the peer's version, for the log
	Token   string `json:"token"`
	Kind    string `json:"kind"` // app.ClientDesktop or app.ClientCommand
	As      string `json:"as,omitempty"`
}

// response is what a server sends.
type response struct {
	ID     int64           `json:"id,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *domain.Error   `json:"error,omitempty"`
	Event  *wireEvent      `json:"event,omitempty"`
}

type wireEvent struct {
	Seq  int64            `json:"seq"`
	Type domain.EventType `json:"type"`
	Data json.RawMessage  `json:"data,omitempty"`
}

// Dial connects to the engine that owns a root. as is the user whose rights
// are wanted, "" the system session. It fails with CodeUnavailable where
// nobody answers or the versions differ.
func Dial(ctx context.Context, conn net.Conn, token, kind, as string) (*Remote, error) {
	r := &Remote{
		conn: conn, waiting: map[int64]chan response{}, done: make(chan struct{}),
		subs: map[chan domain.Event]context.Context{},
	}
	r.enc = json.NewEncoder(conn)
	go r.read()
	_, err := r.send(ctx, request{Hello: &hello{
		Version: ProtocolVersion, Product: domain.Version, Token: token, Kind: kind, As: as,
	}})
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// Remote is a Caller of an engine in another process.
type Remote struct {
	conn net.Conn
	done chan struct{} // closed when the connection has ended

	writeMu sync.Mutex // guards enc
	enc     *json.Encoder

	mu      sync.Mutex // guards all below
	last    int64
	waiting map[int64]chan response
	subs    map[chan domain.Event]context.Context
	asked   bool // for events
}

func (r *Remote) read() {
	defer close(r.done)
	scan := bufio.NewScanner(r.conn)
	scan.Buffer(make([]byte, 64<<10), maxMessage)
	for scan.Scan() {
		var m response
		if err := json.Unmarshal(scan.Bytes(), &m); err != nil {
			break
		}
		if m.Event != nil {
			r.deliver(*m.Event)
			continue
		}
		r.mu.Lock()
		ch := r.waiting[m.ID]
		delete(r.waiting, m.ID)
		r.mu.Unlock()
		if ch != nil {
			ch <- m
		}
	}
	_ = r.conn.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	for ch := range r.subs {
		close(ch)
	}
	r.subs = nil
}

func (r *Remote) deliver(w wireEvent) {
	e := domain.Event{Seq: w.Seq, Type: w.Type, Data: w.Data}
	r.mu.Lock()
	defer r.mu.Unlock()
	for ch, ctx := range r.subs {
		if ctx.Err() != nil {
			delete(r.subs, ch)
			close(ch)
			continue
		}
		select {
		case ch <- e:
		default:
			// The reader is far behind: it hears that it missed some as soon
			// as it has read the rest.
			select {
			case <-ch:
			default:
			}
			select {
			case ch <- domain.Event{Seq: w.Seq, Type: domain.EventMissed}:
			default:
			}
		}
	}
}

// errEnded is the cause of every failure for which the connection's end is to
// blame, not the engine's answer.
var errEnded = errors.New("the connection to the engine ended")

func gone(cause error) error {
	return domain.NewError(domain.CodeUnavailable, "detail", "the connection ended").Because(errors.Join(errEnded, cause))
}

// Gone tells whether a Remote's call failed because its connection ended: the
// engine may have done what it was asked to, and another one may be there by now.
func Gone(err error) bool { return errors.Is(err, errEnded) }

func (r *Remote) send(ctx context.Context, q request) (response, error) {
	ch := make(chan response, 1)
	r.mu.Lock()
	r.last++
	q.ID = r.last
	r.waiting[q.ID] = ch
	r.mu.Unlock()
	r.writeMu.Lock()
	err := r.enc.Encode(q)
	r.writeMu.Unlock()
	if err != nil {
		r.forget(q.ID)
		return response{}, gone(err)
	}
	result := func(m response) (response, error) {
		if m.Error != nil {
			return m, m.Error
		}
		return m, nil
	}
	select {
	case m := <-ch:
		return result(m)
	case <-r.done:
		select {
		case m := <-ch: // it came just before the end
			return result(m)
		default:
		}
		r.forget(q.ID)
		return response{}, gone(nil)
	case <-ctx.Done():
		r.forget(q.ID)
		if q.Attach != "" {
			// The server has attached, or will: nobody would release it.
			go func() { _, _ = r.send(context.WithoutCancel(ctx), request{Release: q.ID}) }()
		}
		return response{}, domain.NewError(domain.CodeUnavailable, "detail", "cancelled").Because(ctx.Err())
	}
}

// forget waits no longer for an answer.
func (r *Remote) forget(id int64) {
	r.mu.Lock()
	delete(r.waiting, id)
	r.mu.Unlock()
}

// Call calls a method.
func (r *Remote) Call(ctx context.Context, method string, argument json.RawMessage) (json.RawMessage, error) {
	m, err := r.send(ctx, request{Method: method, Argument: argument})
	return m.Result, err
}

// Events gives the events from now on; Data is json.RawMessage.
func (r *Remote) Events(ctx context.Context) <-chan domain.Event {
	ch := make(chan domain.Event, 1024)
	r.mu.Lock()
	if r.subs == nil {
		r.mu.Unlock()
		close(ch)
		return ch
	}
	r.subs[ch] = ctx
	ask := !r.asked
	r.asked = true
	r.mu.Unlock()
	if ask {
		if _, err := r.send(ctx, request{Events: true}); err != nil {
			r.mu.Lock()
			r.asked = false
			r.mu.Unlock()
		}
	}
	go func() {
		select {
		case <-ctx.Done():
			r.mu.Lock()
			defer r.mu.Unlock()
			if _, still := r.subs[ch]; still {
				delete(r.subs, ch)
				close(ch)
			}
		case <-r.done:
		}
	}()
	return ch
}

// Attach attaches to an execution until release.
func (r *Remote) Attach(ctx context.Context, executionID string) (func(), error) {
	m, err := r.send(ctx, request{Attach: executionID})
	if err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() {
		// Where the connection has gone, the server has released it already.
		_, _ = r.send(context.Background(), request{Release: m.ID})
	}), nil
}

// RaiseMainWindow asks the owner to bring its main window to the front. It
// fails with CodeNotFound where the owner has none.
func (r *Remote) RaiseMainWindow(ctx context.Context) error {
	_, err := r.send(ctx, request{Raise: true})
	return err
}

// Done is closed when the connection has ended.
func (r *Remote) Done() <-chan struct{} { return r.done }

// Close ends the connection and with it the session and its attachments.
func (r *Remote) Close() error {
	if err := r.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("close connection to the engine: %w", err)
	}
	<-r.done
	return nil
}
