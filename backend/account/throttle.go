package account

import (
	"math"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
)

// maxNames bounds the memory that guessing at ever new names can take.
const maxNames = 10_000

// throttle slows down guessing per name: after some wrong passwords the next
// one must wait a second, then two, four, … up to a longest wait.
type throttle struct {
	now func() time.Time

	mutex   sync.Mutex // guards all below
	free    int
	longest time.Duration
	names   map[string]guesses
}

type guesses struct {
	wrong int
	last  time.Time
	until time.Time // no answer before
}

// begin counts a try as wrong until it turns out right, so that many at the
// same time do not get by. It fails with CodeSignInWait.
func (t *throttle) begin(name string) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	now := t.now()
	g := t.names[name]
	if wait := g.until.Sub(now); wait > 0 {
		if wait > t.longest { // the clock was set back
			wait, g.last, g.until = t.longest, now, now.Add(t.longest)
			t.names[name] = g
		}
		return domain.NewError(domain.CodeSignInWait, "seconds", int(math.Ceil(wait.Seconds())))
	}
	// Who stopped guessing for long enough begins anew.
	if g.wrong > 0 && now.Sub(g.last) > 2*t.longest {
		g = guesses{}
	}
	g.wrong++
	g.last = now
	if over := g.wrong - t.free; over >= 0 {
		wait := t.longest
		if over < 30 { // beyond, the shift would overflow
			wait = min(time.Second<<over, t.longest)
		}
		g.until = now.Add(wait)
	}
	if _, there := t.names[name]; !there && len(t.names) >= maxNames {
		t.forgetOldest()
	}
	t.names[name] = g
	return nil
}

func (t *throttle) right(name string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	delete(t.names, name)
}

func (t *throttle) forgetOldest() {
	oldest := ""
	for name, g := range t.names {
		if oldest == "" || g.last.Before(t.names[oldest].last) {
			oldest = name
		}
	}
	delete(t.names, oldest)
}
