package bridge

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
)

// maxSessions caps the map, since anyone on this machine may ask for a
// session; the one unused for longest makes room, signed-out ones first.
const maxSessions = 1000

// keepSignedOut is how long a tab that is loaded anew is still told why its
// session ended. When that ends is app's (App.EndUnused).
const keepSignedOut = 24 * time.Hour

// session is one tab's.
type session struct {
	client *app.Client
	local  *door.Local
	used   time.Time // guarded by sessions.mu
	open   int       // WebSockets; guarded by sessions.mu
}

// sessions keeps the tokens of tabs.
type sessions struct {
	app *app.App

	mu  sync.Mutex // guards all
	all map[string]*session
}

func newSessions(a *app.App) *sessions {
	return &sessions{app: a, all: map[string]*session{}}
}

func (s *sessions) add(o app.ClientOptions) string {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails, by its documentation
	token := hex.EncodeToString(secret[:])
	c := s.app.NewClient(o)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) >= maxSessions {
		s.dropOldestLocked()
	}
	s.all[token] = &session{client: c, local: door.NewLocal(c), used: time.Now()}
	return token
}

func (s *sessions) dropOldestLocked() {
	var oldest string
	var signedIn bool
	for token, one := range s.all {
		in := one.client.SignedIn()
		if oldest == "" || (signedIn && !in) || (signedIn == in && one.used.Before(s.all[oldest].used)) {
			oldest, signedIn = token, in
		}
	}
	s.all[oldest].client.Close()
	delete(s.all, oldest)
}

// get gives the token's session and notes that it was used; nil where it is
// not known.
func (s *sessions) get(token string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.all[token]
	if one != nil {
		one.used = time.Now()
	}
	return one
}

// hold keeps a token while a WebSocket is open.
func (s *sessions) hold(one *session) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one.open++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		one.open--
		one.used = time.Now()
	}
}

// expire forgets tokens that nobody uses until ctx ends.
func (s *sessions) expire(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s.expireAt(now)
		}
	}
}

func (s *sessions) expireAt(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, one := range s.all {
		if one.open == 0 && now.Sub(one.used) > keepSignedOut && !one.client.SignedIn() {
			one.client.Close()
			delete(s.all, token)
		}
	}
}

func (s *sessions) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, one := range s.all {
		one.client.Close()
		delete(s.all, token)
	}
}
