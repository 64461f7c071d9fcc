// Package event is the engine's bus: who causes something publishes it, who
// shows something subscribes. Each event gets the next number of the bus. A
// publisher never waits: a reader that falls behind loses its backlog and is
// told so by one EventMissed, after which it asks for everything again.
// Nothing is stored.
package event

import (
	"sync"

	"scriptsmanager/backend/domain"
)

// backlog is how many events one reader may be behind. A burst of a few
// hundred changes (a folder of scripts copied) must fit.
const backlog = 1024

// Bus hands events from publishers to subscribers. The zero value is not
// usable, see NewBus.
type Bus struct {
	mu   sync.Mutex // guards all below
	seq  int64
	subs map[*Subscription]struct{}
}

// NewBus makes a bus without subscribers.
func NewBus() *Bus { return &Bus{subs: map[*Subscription]struct{}{}} }

// Publish numbers the event and hands it to every subscription that wants it.
// It does not block.
func (b *Bus) Publish(e domain.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seq++
	e.Seq = b.seq
	for s := range b.subs {
		if s.wants == nil || s.wants(e) {
			s.put(e)
		}
	}
}

// Subscribe makes a subscription for the events that wants accepts; nil
// accepts all. wants is called with the bus locked: it must be quick and must
// not publish.
func (b *Bus) Subscribe(wants func(domain.Event) bool) *Subscription {
	s := &Subscription{bus: b, wants: wants, ch: make(chan domain.Event, backlog+1)}
	b.mu.Lock()
	b.subs[s] = struct{}{}
	b.mu.Unlock()
	return s
}

// Subscription is one reader of the bus.
type Subscription struct {
	bus    *Bus
	wants  func(domain.Event) bool
	ch     chan domain.Event
	missed bool // guarded by bus.mu: EventMissed is the last one in ch, and not read yet
}

// Events is the channel to read from; it is closed by Close.
func (s *Subscription) Events() <-chan domain.Event { return s.ch }

func (s *Subscription) put(e domain.Event) {
	// The notice is put in at once, in the place kept for it: no other event may
	// come for long. Until it is read, further ones are among those missed.
	if s.missed && len(s.ch) > 0 {
		return
	}
	s.missed = len(s.ch) >= backlog
	if s.missed {
		e = domain.Event{Seq: e.Seq, Type: domain.EventMissed}
	}
	s.ch <- e
}

// Close ends the subscription and closes its channel.
func (s *Subscription) Close() {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if _, ok := s.bus.subs[s]; ok {
		delete(s.bus.subs, s)
		close(s.ch)
	}
}
