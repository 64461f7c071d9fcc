package execution

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/shim"
	"scriptsmanager/backend/shim/protocol"
	"scriptsmanager/backend/store"
)

// Lookup finds a script by its id.
type Lookup func(domain.ScriptID) (domain.Script, bool)

// Recover puts right what an earlier engine left (SPEC EXE-6, EXE-7): those
// that go on by themselves are taken up again, those that ended meanwhile get
// their end, the rest is lost. It gives what did not agree with the record.
func (s *Service) Recover(ctx context.Context, lookup Lookup) ([]domain.Correction, error) {
	found, err := s.compare(ctx, lookup, true)
	s.Clean(ctx)
	return found, err
}

// Reconcile compares what is recorded with what runs, puts right what differs
// and gives it (SPEC EXE-7). What is starting or stopping is left alone. After
// an error, what was put right before is given all the same.
func (s *Service) Reconcile(ctx context.Context, lookup Lookup) ([]domain.Correction, error) {
	return s.compare(ctx, lookup, false)
}

// comparison is one look at everything.
type comparison struct {
	*Service
	ctx    context.Context
	lookup Lookup
	first  bool // nothing of before is supervised yet
	found  []domain.Correction
	doubts map[string]bool // the suspects of the next time
}

func (s *Service) compare(ctx context.Context, lookup Lookup, first bool) ([]domain.Correction, error) {
	s.comparing.Lock()
	defer s.comparing.Unlock()
	c := &comparison{Service: s, ctx: ctx, lookup: lookup, first: first, doubts: map[string]bool{}}
	var errs []error
	for _, step := range []func() error{c.records, c.processes, c.leases} {
		if err := ctx.Err(); err != nil {
			errs = append(errs, err)
			break
		}
		errs = append(errs, step())
	}
	s.suspects = c.doubts
	return c.found, errors.Join(errs...)
}

func (c *comparison) corrected(kind domain.CorrectionKind, e domain.Execution) {
	c.found = append(c.found, domain.Correction{
		Kind: kind, ExecutionID: e.ID, ScriptID: e.ScriptID, UserID: e.UserID, Port: e.Port, PID: e.PID,
	})
}

// sure tells whether something differs for the second time. What is written
// beside the actor may have been on its way the first time.
func (c *comparison) sure(what string) bool {
	if c.suspects[what] {
		return true
	}
	c.doubts[what] = true
	return false
}

// records looks for executions that are recorded as running while nobody
// supervises them, and for supervised ones whose shim or record has gone.
func (c *comparison) records() error {
	// An execution is supervised before it is recorded, and until its end is.
	// So one that was recorded as live before, and is supervised by nobody
	// and still recorded as live after, is what we look for.
	recorded, err := c.store.LiveExecutions(c.ctx)
	if err != nil {
		return fmt.Errorf("list executions that are recorded as running: %w", err)
	}
	live := map[string]bool{}
	for _, e := range recorded {
		live[e.ID] = true
		if c.actor(e.ID) != nil || (e.State == domain.StateQueued && !c.first) {
			continue
		}
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if now, err := c.store.Execution(c.ctx, e.ID); err != nil || !now.State.Live() || c.isClosed() {
			continue
		}
		runs, err := c.takeUp(e)
		switch {
		case err != nil:
			return err
		case !runs:
			c.corrected(domain.CorrectionEnded, e)
		case !c.first:
			c.corrected(domain.CorrectionTakenUp, e)
		}
	}
	for _, a := range c.supervised() {
		if e := a.snapshot(); settled(e) {
			c.shimOf(a, e)
			if !live[e.ID] {
				c.recordOf(a)
			}
		}
	}
	return nil
}

// settled tells whether an execution is neither starting nor stopping.
func settled(e domain.Execution) bool {
	return e.State == domain.StateRunning && e.Phase == domain.PhaseReady
}

func (s *Service) supervised() []*actor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.actors))
}

func (s *Service) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// takeUp supervises an execution of before again, or records its end. It gives
// whether it still runs, and fails where there was no time to find out.
func (c *comparison) takeUp(e domain.Execution) (runs bool, err error) {
	script, _ := c.lookup(e.ScriptID)
	script.AlwaysOn = e.AlwaysOn != 0
	e.Attachments, e.Warning = 0, nil // they were of the earlier engine
	a := newActor(c.Service, e, Request{Script: script})
	if e.State == domain.StateQueued {
		a.endQueued()
		return false, nil
	}
	sh, err := shim.Attach(c.ctx, c.runDir(e.ID))
	if err != nil {
		if c.ctx.Err() != nil {
			return false, c.ctx.Err()
		}
		a.recoverEnd()
		return false, nil
	}
	state, err := shim.ReadState(c.runDir(e.ID))
	runs = err != nil || state.Phase != protocol.PhaseEnded
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return runs, sh.Release() // the next engine takes it up
	}
	c.actors[e.ID] = a
	c.running.Add(1)
	c.mu.Unlock()
	go c.see(a, func() { a.resume(sh) })
	return runs, nil
}

// shimOf sees to it that an execution ends whose shim has gone without the end
// of its connection, as when a child of the shim's holds that open.
func (c *comparison) shimOf(a *actor, e domain.Execution) {
	state, err := shim.ReadState(c.runDir(e.ID))
	if err != nil || state.Phase == protocol.PhaseEnded || state.Shim.Alive() || !c.sure("shim:"+e.ID) {
		return
	}
	if a.send(command{gone: true}) {
		c.corrected(domain.CorrectionEnded, e)
	}
}

// Corrector is who corrects, for the audit.
func Corrector() store.Actor { return store.Actor{Kind: store.ActorSystem, Name: "reconciliation"} }

// recordOf writes the record of a running execution again where it is gone or
// says that it ended.
func (c *comparison) recordOf(a *actor) {
	kept, err := c.store.Execution(c.ctx, a.id)
	missing := domain.HasCode(err, domain.CodeNotFound)
	if (err != nil && !missing) || (err == nil && kept.State.Live()) {
		return
	}
	// Its end is known to all before it is recorded: what is still running
	// now was so when we read the record.
	e := a.snapshot()
	if !settled(e) {
		return
	}
	if missing {
		err = c.store.InsertExecution(c.ctx, e, Corrector())
	} else {
		err = c.store.UpdateExecution(c.ctx, e)
	}
	if err != nil {
		c.log.Error("record a running execution again", "execution", e.ID, "error", err)
		return
	}
	if a.snapshot().State.Live() {
		c.corrected(domain.CorrectionRecord, e)
		return
	}
	// It ended in between: what we wrote must not stay.
	if err := c.store.UpdateExecution(c.ctx, a.snapshot()); err != nil {
		c.log.Error("record the end of an execution", "execution", e.ID, "error", err)
	}
}

// runDirName is what runDir makes of an id.
var runDirName = regexp.MustCompile(`^[0-9a-f]{12}$`)

// unknownRunDirs lists the run folders that no supervised execution has. A
// folder is made after its execution is supervised, and removed before that ends.
func (s *Service) unknownRunDirs() (dirs []string, err error) {
	for _, folder := range append([]string{s.config.RunFolder}, s.config.FormerRunFolders...) {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("look for run folders: %w", err)
		}
		for _, entry := range entries {
			if entry.IsDir() && runDirName.MatchString(entry.Name()) {
				dirs = append(dirs, filepath.Join(folder, entry.Name()))
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil // what is let go of is for the next engine
	}
	known := s.knownLocked()
	return slices.DeleteFunc(dirs, func(dir string) bool { return known[filepath.Base(dir)] }), nil
}

func (s *Service) knownLocked() map[string]bool {
	known := map[string]bool{}
	for id := range s.actors {
		known[filepath.Base(s.runDir(id))] = true
	}
	return known
}

// processes ends what runs in a run folder and is recorded as ended, or not
// at all, as where the database is an older one.
func (c *comparison) processes() error {
	dirs, err := c.unknownRunDirs()
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		state, err := shim.ReadState(dir)
		if err != nil || state.Phase == protocol.PhaseEnded || !(state.Shim.Alive() || state.Script.Alive()) {
			continue // there is nothing but the folder, which Clean removes
		}
		if !c.first && (state.Phase == protocol.PhaseStopping || c.recordedLive(state.ExecutionID)) {
			continue // it ends by itself; or the record could not be read before
		}
		if err := end(dir); err != nil {
			c.log.Error("end a script of which no record tells", "run_folder", dir, "error", err)
			continue
		}
		e := domain.Execution{ID: state.ExecutionID, PID: state.Script.PID}
		if kept, err := c.store.Execution(c.ctx, state.ExecutionID); err == nil {
			e.ScriptID, e.UserID, e.Port = kept.ScriptID, kept.UserID, kept.Port
		}
		c.corrected(domain.CorrectionProcess, e)
		c.removeRunDir(dir)
	}
	return nil
}

func (c *comparison) recordedLive(id string) bool {
	e, err := c.store.Execution(c.ctx, id)
	return err == nil && e.State.Live()
}

// end ends what runs in a run folder, in order where the shim does it.
func end(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), dying)
	defer cancel()
	if sh, err := shim.Attach(ctx, dir); err == nil {
		defer sh.Drop()
		if sh.Kill() == nil {
			for open := true; open; {
				select {
				case _, open = <-sh.Events():
				case <-ctx.Done():
					open = false
				}
			}
		}
	}
	_, err := sweep(dir)
	return err
}

// sweep cleans up behind a shim that is gone, or is dying, or hangs and is
// ended for it.
func sweep(dir string) (state shim.State, err error) {
	for _, killed := range []bool{false, true} {
		for patience := time.Now().Add(dying); ; time.Sleep(10 * time.Millisecond) {
			if state, err = shim.Sweep(dir); !errors.Is(err, shim.ErrAlive) {
				return state, err
			}
			if time.Now().After(patience) {
				break
			}
		}
		if !killed {
			// Nobody else would end it, nor what it has started.
			if err := state.Shim.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				return state, fmt.Errorf("end a shim that does not answer: %w", err)
			}
		}
	}
	return state, err
}

// leases looks for ports that are leased to nobody who runs, and for running
// scripts whose port is not recorded as theirs.
func (c *comparison) leases() error {
	leases, err := c.ports.Leases(c.ctx)
	if err != nil {
		return fmt.Errorf("list leased ports: %w", err)
	}
	of := map[string]domain.Lease{}
	var left []string
	for _, lease := range leases {
		of[lease.ExecutionID] = lease
		if c.actor(lease.ExecutionID) == nil {
			left = append(left, lease.ExecutionID)
		}
	}
	if len(left) > 0 {
		if err := c.releaseLeft(left); err != nil {
			return err
		}
	}
	for _, a := range c.supervised() {
		e := a.snapshot()
		if !settled(e) || e.Port == 0 {
			continue
		}
		lease := of[e.ID]
		if lease.Port == e.Port && lease.PID == e.PID && lease.State == domain.LeaseActive {
			continue
		}
		if !c.sure("lease:"+e.ID) || !settled(a.snapshot()) {
			continue
		}
		if err := c.ports.Restore(c.ctx, e); err != nil {
			c.log.Error("record whose a port is", "execution", e.ID, "port", e.Port, "error", err)
			continue
		}
		if a.snapshot().State.Live() {
			c.corrected(domain.CorrectionLease, e)
		} else if err := c.ports.Release(c.ctx, e.ID); err != nil { // it ended in between
			return err
		}
	}
	return nil
}

// releaseLeft releases those that are still leased: they may have been
// released, and then their supervision ended, since they were listed.
func (c *comparison) releaseLeft(executions []string) error {
	leases, err := c.ports.Leases(c.ctx)
	if err != nil {
		return fmt.Errorf("list leased ports: %w", err)
	}
	for _, lease := range leases {
		if !slices.Contains(executions, lease.ExecutionID) || c.isClosed() {
			continue
		}
		if err := c.ports.Release(c.ctx, lease.ExecutionID); err != nil {
			return err
		}
		c.found = append(c.found, domain.Correction{
			Kind: domain.CorrectionReleased, ExecutionID: lease.ExecutionID, ScriptID: lease.ScriptID,
			UserID: lease.UserID, Port: lease.Port, PID: lease.PID,
		})
	}
	return nil
}

// Clean removes the run folders that ended executions left: they may hold
// secret values. It gives how many it removed.
func (s *Service) Clean(ctx context.Context) (removed int) {
	s.comparing.Lock()
	defer s.comparing.Unlock()
	dirs, err := s.unknownRunDirs()
	if err != nil {
		s.log.Warn("look for run folders of before", "error", err)
	}
	for _, dir := range dirs {
		if ctx.Err() != nil {
			return removed
		}
		// What still runs there is not for us to judge.
		if _, err := shim.Sweep(dir); !errors.Is(err, shim.ErrAlive) && s.removeRunDir(dir) {
			removed++
		}
	}
	for _, folder := range s.config.FormerRunFolders {
		_ = os.Remove(folder) // stays where something is in it still
	}
	return removed
}

func (s *Service) removeRunDir(dir string) bool {
	if err := os.RemoveAll(dir); err != nil {
		s.log.Warn("remove run folder of before", "run_folder", dir, "error", err)
		return false
	}
	return true
}
