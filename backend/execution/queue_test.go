package execution

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

// crowd is a service whose actors are records alone: the queue is looked at
// without processes.
type crowd struct {
	*Service
	actors map[string]*actor
}

func newCrowd(all, user int) *crowd {
	s := &Service{actors: map[string]*actor{}}
	s.ruling.Store(&Rules{MaxInterfaces: all, MaxInterfacesUser: user})
	return &crowd{Service: s, actors: map[string]*actor{}}
}

// come brings an execution of the user; it runs or waits. The name begins with
// the user's letter.
func (c *crowd) come(name string) {
	user := int64(name[0])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advanceLocked()
	a := newActor(c.Service, domain.Execution{ID: name, UserID: user, HasPage: true, State: domain.StateRunning}, Request{})
	if limit, _ := c.reached(c.takenLocked(), user); limit != "" {
		a.e.State = domain.StateQueued
		place := c.enqueueLocked(a, user)
		a.e.Queue = &place
	}
	c.actors[name], c.Service.actors[name] = a, a
}

// end ends one that runs or waits.
func (c *crowd) end(name string) {
	c.actors[name].e.State = domain.StateCompleted
	c.forget(c.actors[name])
}

// queue tells who waits, with place and limit.
func (c *crowd) queue() string {
	var list []string
	for _, w := range c.waiting {
		w.actor.handleQueueMail()
		e := w.actor.e
		list = append(list, fmt.Sprintf("%s:%s%d", e.ID, map[string]string{limitAll: "all", limitUser: "own"}[e.Queue.Limit], e.Queue.Place))
	}
	return strings.Join(list, " ")
}

// handleQueueMail does what was sent, without telling anybody.
func (a *actor) handleQueueMail() {
	for _, c := range a.takeMail() {
		c.update(&a.e)
	}
}

func (c *crowd) started(name string) bool {
	select {
	case <-c.actors[name].turn:
		return true
	default:
		return c.actors[name].turn == nil
	}
}

func (c *crowd) want(t *testing.T, when, queue string) {
	t.Helper()
	if got := c.queue(); got != queue {
		t.Errorf("%s the queue is %q, want %q", when, got, queue)
	}
}

func TestQueueIsFirstComeFirstServed(t *testing.T) { // EXE-5
	c := newCrowd(2, 2)
	for _, name := range []string{"a1", "b1", "c1", "d1", "b2"} {
		c.come(name)
	}
	c.want(t, "full", "c1:all1 d1:all2 b2:all3")
	c.end("a1")
	if !c.started("c1") || c.started("d1") {
		t.Error("not the first was started")
	}
	c.want(t, "after one has gone", "d1:all1 b2:all2")
	c.end("d1")
	c.want(t, "after one was cancelled", "b2:all1")
	// Room that comes free is for who waits, not for who comes just then.
	c.actors["b1"].e.State = domain.StateCompleted
	c.come("e1")
	if !c.started("b2") || c.started("e1") {
		t.Error("who came later was started before who waited")
	}
	c.want(t, "then", "e1:all1")
}

func TestWhoIsAtHisOwnLimitBlocksNobody(t *testing.T) { // EXE-5
	c := newCrowd(4, 2)
	for _, name := range []string{"a1", "a2", "a3", "a4", "b1", "c1", "c2"} {
		c.come(name)
	}
	// Room for four: a1, a2, b1, c1.
	if !c.started("b1") || !c.started("c1") {
		t.Fatal("who has room waits behind one at his own limit")
	}
	c.want(t, "full", "a3:own1 a4:own2 c2:all1")
	c.end("b1")
	if !c.started("c2") || c.started("a3") {
		t.Error("one at his own limit keeps others waiting")
	}
	c.want(t, "then", "a3:own1 a4:own2")
	c.end("a1")
	if !c.started("a3") {
		t.Error("he is not started when his own limit allows")
	}
	c.want(t, "at last", "a4:own1")
}

func TestNobodyIsStartedWhileTheEngineEnds(t *testing.T) {
	c := newCrowd(1, 1)
	c.come("a1")
	c.come("b1")
	c.closed = true
	c.end("a1")
	if c.started("b1") {
		t.Error("started while the engine ends")
	}
}

// A page that runs on a port of an earlier range is closed to other scripts, too.
func TestClosedPorts(t *testing.T) { // SEC-2
	c := newCrowd(2, 2)
	c.ruling.Store(&Rules{MaxInterfaces: 2, MaxInterfacesUser: 2, ClosedPorts: [][2]int{{5200, 5400}}})
	c.come("a1")
	c.come("b1")
	c.actors["a1"].e.Port, c.actors["b1"].e.Port = 5300, 6100
	c.CloseToScripts(8420)
	if got, want := c.closedPorts(), [][2]int{{5200, 5400}, {8420, 8420}, {6100, 6100}}; !slices.Equal(got, want) {
		t.Errorf("closed: %v, want %v", got, want)
	}
}
