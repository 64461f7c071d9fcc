package execution

import (
	"context"
	"slices"

	"scriptsmanager/backend/domain"
)

// The names of the limits, as they stand in config.json.
const (
	limitAll  = "max_concurrent_interfaces"
	limitUser = "max_interfaces_per_user"
)

// waiter is an execution that waits for room (SPEC EXE-5).
type waiter struct {
	actor  *actor
	userID int64
	turn   chan struct{} // closed when there is room for it
	place  domain.QueuePlace
}

// rooms counts the pages that take room, in all and by user.
type rooms struct {
	all  int
	user map[int64]int
}

// takenLocked counts what runs; what waits takes no room, and what is being
// replaced has given its own away. s.mu is held.
func (s *Service) takenLocked() rooms {
	r := rooms{user: map[int64]int{}}
	for _, a := range s.actors {
		if e := a.snapshot(); e.HasPage && e.State.Live() && !a.replaced && !s.waits(a) {
			r.all++
			r.user[e.UserID]++
		}
	}
	return r
}

func (s *Service) waits(a *actor) bool {
	return slices.ContainsFunc(s.waiting, func(w *waiter) bool { return w.actor == a })
}

// reached names the limit that leaves no room for the user; "" is none. His
// own is told first: that one he can do something about.
func (s *Service) reached(r rooms, userID int64) (limit string, value int) {
	switch rules := s.rules(); {
	case r.user[userID] >= rules.MaxInterfacesUser:
		return limitUser, rules.MaxInterfacesUser
	case r.all >= rules.MaxInterfaces:
		return limitAll, rules.MaxInterfaces
	}
	return "", 0
}

// advanceLocked gives room that is free to those who wait, first come first
// served, and tells the others their places. Who is at his own limit is passed
// over and keeps nobody behind him waiting. s.mu is held.
func (s *Service) advanceLocked() {
	if s.closed || len(s.waiting) == 0 {
		return
	}
	taken := s.takenLocked()
	rest := s.waiting[:0]
	for _, w := range s.waiting {
		if limit, _ := s.reached(taken, w.userID); limit != "" {
			rest = append(rest, w)
			continue
		}
		taken.all++
		taken.user[w.userID]++
		close(w.turn)
	}
	clear(s.waiting[len(rest):])
	s.waiting = rest
	s.tellPlacesLocked(taken)
}

// tellPlacesLocked counts for each who waits what is ahead of it for the same
// limit: for a user's own limit that is his alone.
func (s *Service) tellPlacesLocked(taken rooms) {
	all, own := 0, map[int64]int{}
	for _, w := range s.waiting {
		place := domain.QueuePlace{}
		place.Limit, place.Value = s.reached(taken, w.userID)
		if place.Limit == limitUser {
			own[w.userID]++
			place.Place = own[w.userID]
		} else {
			all++
			place.Place = all
		}
		if place == w.place {
			continue
		}
		w.place = place
		w.actor.send(command{update: func(e *domain.Execution) {
			if e.State == domain.StateQueued {
				e.Queue = &place
			}
		}})
	}
}

// enqueueLocked puts an actor at the end of the queue and gives its place.
// s.mu is held.
func (s *Service) enqueueLocked(a *actor, userID int64) domain.QueuePlace {
	w := &waiter{actor: a, userID: userID, turn: make(chan struct{})}
	a.turn = w.turn
	s.waiting = append(s.waiting, w)
	s.tellPlacesLocked(s.takenLocked())
	return w.place
}

// advance looks for room after something has ended.
func (s *Service) advance() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advanceLocked()
}

// leave takes an actor out of the queue; the others move up.
func (s *Service) leave(a *actor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = slices.DeleteFunc(s.waiting, func(w *waiter) bool { return w.actor == a })
	s.advanceLocked()
}

// waitForRoom waits until there is room for the execution. It gives false
// where it has ended instead: it was cancelled, it is no longer allowed, or the
// engine ends.
func (a *actor) waitForRoom(ctx context.Context) bool {
	a.debug.Info("waits for room", "limit", a.e.Queue.Limit, "value", a.e.Queue.Value, "place", a.e.Queue.Place)
	for {
		select {
		case <-a.wake:
			a.handleMail()
			if a.quitting != nil && a.stopping == nil {
				// The next engine knows neither its secret values nor whom to
				// show it to: whoever still waits for it asks that one.
				a.stopping = &StopRequest{Reason: domain.ReasonQuit}
				a.mu.Lock()
				a.e.ReasonParams = map[string]any{"handed_over": true}
				a.mu.Unlock()
			}
			if a.stopping != nil {
				a.service.leave(a)
				a.finish(nil, nil)
				return false
			}
		case <-a.turn:
			a.debug.Info("there is room")
			if may := a.service.config.MayStart; may != nil {
				if err := may(ctx, a.snapshot()); err != nil {
					a.finish(nil, asDomain(err))
					return false
				}
			}
			a.change(true, func(e *domain.Execution) {
				e.State, e.Phase, e.Queue = domain.StateRunning, domain.PhaseEnvironment, nil
			})
			a.service.openWindow(a.snapshot(), a.request.Client)
			return true
		}
	}
}

// openWindow asks a client to show a window of the execution.
func (s *Service) openWindow(e domain.Execution, client string) {
	if e.HasPage && client != "" {
		s.publish(domain.Event{
			Type: domain.EventWindowOpen, UserID: e.UserID, Client: client, Data: domain.RaiseEvent{ExecutionID: e.ID},
		})
	}
}

// endQueued ends an execution that waited when an earlier engine was killed.
func (a *actor) endQueued() {
	a.cancel = func() {}
	a.stopping = &StopRequest{Reason: domain.ReasonLost}
	a.finish(nil, nil)
}
