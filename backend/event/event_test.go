package event_test

import (
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/event"
)

func TestSlowReaderIsToldAndNeverBlocksThePublisher(t *testing.T) {
	bus := event.NewBus()
	slow := bus.Subscribe(nil)
	defer slow.Close()
	for range 5000 {
		bus.Publish(domain.Event{Type: domain.EventExecutionOutput})
	}
	var last domain.Event
	for len(slow.Events()) > 0 {
		e := <-slow.Events()
		if e.Seq != last.Seq+1 || last.Type == domain.EventMissed {
			t.Fatalf("event %d, %s, after %d", e.Seq, e.Type, last.Seq)
		}
		last = e
	}
	// Nothing more may happen for long, so that the notice waits for nothing.
	if last.Type != domain.EventMissed {
		t.Fatalf("before a gap comes %s, want %s", last.Type, domain.EventMissed)
	}
	bus.Publish(domain.Event{Type: domain.EventExecutionChanged})
	if e := <-slow.Events(); e.Type != domain.EventExecutionChanged || e.Seq != 5001 {
		t.Fatalf("after the notice comes %+v", e)
	}
}

func TestReaderGetsOnlyWhatItWants(t *testing.T) {
	bus := event.NewBus()
	mine := bus.Subscribe(func(e domain.Event) bool { return e.UserID == 7 })
	bus.Publish(domain.Event{UserID: 8})
	bus.Publish(domain.Event{UserID: 7})
	if e := <-mine.Events(); e.UserID != 7 || e.Seq != 2 {
		t.Fatalf("got %+v", e)
	}
	mine.Close()
	mine.Close()
	if _, open := <-mine.Events(); open {
		t.Fatal("channel still open after Close")
	}
	bus.Publish(domain.Event{UserID: 7})
}
