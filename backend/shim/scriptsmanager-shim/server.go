package main

import (
	"bufio"
	"crypto/subtle"
	"encoding/json"
	"net"
	"sync"
	"time"

	"scriptsmanager/backend/shim/protocol"
)

const (
	maxClients    = 64
	maxRequest    = 64 << 10
	maxAnswers    = 64 // that a client may leave unread before it is dropped
	helloLimit    = 5 * time.Second
	farewellLimit = 500 * time.Millisecond
)

// What a client is still to be told, as bits. Events are told of what is now,
// never queued: a slow client gets fewer, and delays nobody.
const (
	startedBit = 1 << iota
	outputBit
	stoppingBit
	diskBit
	endedBit
)

// clients are those that are connected.
type clients struct {
	mu   sync.Mutex
	all  map[*client]struct{}
	done sync.WaitGroup // their writers
}

// notify has all subscribers told.
func (c *clients) notify(bit uint8) {
	c.mu.Lock()
	for client := range c.all {
		client.tell(bit)
	}
	c.mu.Unlock()
}

// flush waits a moment until the last events are out.
func (c *clients) flush() {
	c.mu.Lock()
	for client := range c.all {
		client.leave()
	}
	c.mu.Unlock()
	done := make(chan struct{})
	go func() { c.done.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(farewellLimit):
	}
}

func (c *clients) add(one *client) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) >= maxClients {
		return false
	}
	if c.all == nil {
		c.all = map[*client]struct{}{}
	}
	c.all[one] = struct{}{}
	c.done.Add(1)
	return true
}

func (c *clients) remove(client *client) {
	c.mu.Lock()
	delete(c.all, client)
	c.mu.Unlock()
}

// client is one connection.
type client struct {
	run    *run
	conn   net.Conn
	wake   chan struct{} // capacity 1
	closed chan struct{} // closed when the reader is done

	mu         sync.Mutex
	answers    []protocol.Message
	subscribed bool
	pending    uint8
	leaving    bool
	holds      bool
}

func (r *run) serve(listener net.Listener) {
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				time.Sleep(50 * time.Millisecond) // out of descriptors, perhaps
				continue
			}
			c := &client{run: r, conn: conn, wake: make(chan struct{}, 1), closed: make(chan struct{})}
			if !allowed(conn) || !r.clients.add(c) {
				_ = conn.Close()
				continue
			}
			go c.write()
			go c.read()
		}
	}()
}

// tell notes that the subscriber is to hear of something.
func (c *client) tell(bit uint8) {
	c.mu.Lock()
	if c.subscribed {
		c.pending |= bit
	}
	c.mu.Unlock()
	c.nudge()
}

func (c *client) leave() {
	c.mu.Lock()
	c.leaving = true
	c.mu.Unlock()
	c.nudge()
}

func (c *client) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// read serves the client's requests until its connection ends.
func (c *client) read() {
	defer func() {
		close(c.closed)
		c.run.clients.remove(c)
		_ = c.conn.Close()
		c.mu.Lock()
		holds := c.holds
		c.mu.Unlock()
		if holds {
			c.run.hold(-1)
		}
	}()
	_ = c.conn.SetReadDeadline(time.Now().Add(helloLimit))
	lines := bufio.NewScanner(c.conn)
	lines.Buffer(make([]byte, 0, 1024), maxRequest)
	known := false
	for lines.Scan() {
		var q protocol.Request
		if json.Unmarshal(lines.Bytes(), &q) != nil {
			return
		}
		if !known {
			if q.Op != protocol.OpHello || subtle.ConstantTimeCompare([]byte(q.Token), []byte(c.run.spec.Token)) != 1 {
				return
			}
			known = true
			_ = c.conn.SetReadDeadline(time.Time{})
		}
		if !c.answer(c.do(q)) {
			return
		}
	}
}

func (c *client) do(q protocol.Request) protocol.Message {
	m := protocol.Message{Version: protocol.Version, ID: q.ID}
	switch q.Op {
	case protocol.OpHello:
	case protocol.OpHold:
		c.mu.Lock()
		held := c.holds
		c.holds = true
		c.mu.Unlock()
		if !held {
			c.run.hold(1)
		}
	case protocol.OpRelease:
		c.mu.Lock()
		held := c.holds
		c.holds = false
		c.mu.Unlock()
		if held {
			c.run.release(q.Grace)
		}
	case protocol.OpSubscribe:
		c.subscribe()
	case protocol.OpStatus:
		m.State = c.run.snapshot(true)
		return m
	case protocol.OpStop:
		grace := q.Grace
		if grace < 0 {
			grace = c.run.spec.Grace
		}
		c.run.stop(protocol.EndStopped, grace)
	case protocol.OpKill:
		c.run.kill(protocol.EndKilled)
	case protocol.OpPolicy:
		if q.OnLoss != protocol.LossStop && q.OnLoss != protocol.LossContinue {
			m.Error = "on_loss is neither " + protocol.LossStop + " nor " + protocol.LossContinue
			return m
		}
		c.run.setPolicy(q.OnLoss)
	case protocol.OpExtend:
		if err := c.run.extend(q.Time); err != nil {
			m.Error = err.Error()
			return m
		}
	default:
		m.Error = "unknown operation"
		return m
	}
	m.State = c.run.snapshot(false)
	return m
}

// subscribe has the client told of all that is, and of what comes.
func (c *client) subscribe() {
	s := c.run.snapshot(false)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscribed = true
	if s.Script.PID != 0 {
		c.pending |= startedBit
	}
	if s.Bytes > 0 || s.LostBytes > 0 {
		c.pending |= outputBit
	}
	switch s.Phase {
	case protocol.PhaseStopping:
		c.pending |= stoppingBit
	case protocol.PhaseEnded:
		c.pending |= endedBit
	}
	if s.DiskFull {
		c.pending |= diskBit
	}
}

func (c *client) answer(m protocol.Message) bool {
	c.mu.Lock()
	c.answers = append(c.answers, m)
	ok := len(c.answers) <= maxAnswers
	c.mu.Unlock()
	c.nudge()
	return ok
}

// write sends answers and events.
func (c *client) write() {
	defer c.run.clients.done.Done()
	var lastOutput time.Time
	var later <-chan time.Time
	for {
		c.mu.Lock()
		answers, pending, leaving := c.answers, c.pending, c.leaving
		c.answers, c.pending = nil, 0
		if wait := outputEvery - time.Since(lastOutput); pending == outputBit && wait > 0 && !leaving {
			// Output alone can wait for more of it.
			c.pending, pending = outputBit, 0
			if later == nil {
				later = time.After(wait)
			}
		}
		c.mu.Unlock()
		if pending&outputBit != 0 {
			lastOutput, later = time.Now(), nil
		}
		if !c.send(answers, pending) {
			return
		}
		if leaving {
			_ = c.conn.Close()
			return
		}
		select {
		case <-c.wake:
		case <-later:
			later = nil
		case <-c.closed:
			return
		}
	}
}

func (c *client) send(answers []protocol.Message, pending uint8) bool {
	if pending == 0 && len(answers) == 0 {
		return true
	}
	var out []byte
	add := func(m protocol.Message) {
		line, _ := json.Marshal(m) // plain data of ours
		out = append(append(out, line...), '\n')
	}
	for _, m := range answers {
		add(m)
	}
	if pending != 0 {
		state := c.run.snapshot(false)
		event := func(bit uint8, name string) {
			if pending&bit != 0 {
				add(protocol.Message{Version: protocol.Version, Event: name, Lines: state.Lines, Bytes: state.Bytes, State: state})
			}
		}
		event(startedBit, protocol.EventStarted)
		if pending&outputBit != 0 {
			add(protocol.Message{Version: protocol.Version, Event: protocol.EventOutput, Lines: state.Lines, Bytes: state.Bytes})
		}
		event(stoppingBit, protocol.EventStopping)
		event(diskBit, protocol.EventDisk)
		event(endedBit, protocol.EventEnded)
	}
	_, err := c.conn.Write(out)
	if err != nil {
		_ = c.conn.Close() // the reader sees it
	}
	return err == nil
}
