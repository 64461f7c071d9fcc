package engine_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/mattn/go-sqlite3" // the database, beside the engine that owns it

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/store"
)

const lasting = `'''ScriptsManager Metadata:
@interface: none
'''
import time
print("begun", flush=True)
while True: time.sleep(0.1)
`

// exec changes the database behind the engine's back.
func (n *installation) exec(query string, args ...any) {
	n.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+n.root.Database()+"?_busy_timeout=30000&_foreign_keys=off")
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(n.t.Context(), query, args...); err != nil {
		n.t.Fatal(err)
	}
}

// status is what the database says of an execution, "" where it says nothing.
func (n *installation) status(id string) (status string) {
	n.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+n.root.Database()+"?_busy_timeout=30000")
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRowContext(n.t.Context(), `SELECT status FROM execution_logs WHERE execution_uuid = ?`, id).Scan(&status)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		n.t.Fatal(err)
	}
	return status
}

func (n *installation) lease(id string) (found domain.Lease) {
	n.t.Helper()
	leases, err := n.engine.Leases(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	for _, l := range leases {
		if l.ExecutionID == id {
			found = l
		}
	}
	return found
}

func (n *installation) leased(id string) domain.Lease {
	n.t.Helper()
	for until := time.Now().Add(60 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if l := n.lease(id); l.State == domain.LeaseActive {
			return l
		}
		if time.Now().After(until) {
			n.t.Fatalf("the lease is never active: %+v", n.lease(id))
		}
	}
}

func (n *installation) reconcile() []domain.Correction {
	n.t.Helper()
	found, err := n.engine.Reconcile(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	return found
}

// corrected wants exactly one correction, and its traces in the audit and in
// the system log.
func (n *installation) corrected(found []domain.Correction, kind domain.CorrectionKind, executionID string) {
	n.t.Helper()
	if len(found) != 1 || found[0].Kind != kind || found[0].ExecutionID != executionID {
		n.t.Fatalf("corrections %+v, want one %s of %s", found, kind, executionID)
	}
	n.traced(kind, executionID)
}

func (n *installation) traced(kind domain.CorrectionKind, executionID string) {
	n.t.Helper()
	s, err := store.Open(n.t.Context(), n.root.Database())
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	records, err := s.AuditRecords(n.t.Context(), store.AuditFilter{})
	if err != nil {
		n.t.Fatal(err)
	}
	audited := slices.ContainsFunc(records, func(r store.AuditRecord) bool {
		var c domain.Correction
		return r.ActorKind == store.ActorSystem && r.Action == "execution.correct" && r.Object == "execution:"+executionID &&
			json.Unmarshal(r.After, &c) == nil && c.Kind == kind
	})
	if !audited {
		n.t.Errorf("the audit has no %s of %s: %+v", kind, executionID, records)
	}
	b, err := os.ReadFile(filepath.Join(n.root.SystemLogs(), "application.log"))
	if err != nil {
		n.t.Fatal(err)
	}
	logged := slices.ContainsFunc(strings.Split(string(b), "\n"), func(line string) bool {
		return strings.Contains(line, string(kind)) && strings.Contains(line, executionID)
	})
	if !logged {
		n.t.Errorf("application.log has no %s of %s", kind, executionID)
	}
}

// stranger is an execution that the database says runs, and that does not.
func (n *installation) stranger() string {
	n.t.Helper()
	s, err := store.Open(n.t.Context(), n.root.Database())
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	e := domain.Execution{
		ID: uuid.NewString(), Kind: domain.KindScript, ScriptID: "g/j", GroupID: "g", UserID: n.user.ID, Actor: "user",
		State: domain.StateRunning, Phase: domain.PhaseReady, HasPage: true, Port: n.port + 9, CreatedAt: time.Now().UTC(),
	}
	if err := s.InsertExecution(n.t.Context(), e, engine.Actor{Kind: store.ActorSystem, Name: "test"}); err != nil {
		n.t.Fatal(err)
	}
	if _, err := s.InsertLease(n.t.Context(), domain.Lease{
		Port: e.Port, State: domain.LeaseAllocated, ExecutionID: e.ID, ScriptID: e.ScriptID, UserID: e.UserID,
	}); err != nil {
		n.t.Fatal(err)
	}
	return e.ID
}

func TestReconcileFindsNothingWhereNothingDiffers(t *testing.T) { // EXE-7
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, ""), "j.py": lasting}, "")
	p, j := n.ready(n.run("p")), n.ready(n.run("j"))
	n.leased(p.ID)
	for range 3 {
		if found := n.reconcile(); len(found) != 0 {
			t.Fatalf("corrected %+v", found)
		}
	}
	for _, e := range []domain.Execution{p, j} {
		if now, err := n.engine.Execution(t.Context(), e.ID); err != nil || !ready(now) || now.PID != e.PID || !alive(e.PID) {
			t.Errorf("%s is %s %s, %v", e.ScriptID, now.State, now.Phase, err)
		}
	}
}

func TestReconcileEndsTheRecordOfWhatHasGone(t *testing.T) { // EXE-7, PRT-4
	n := newInstallation(t, map[string]string{"j.py": lasting}, "")
	sub := n.engine.Events().Subscribe(func(e domain.Event) bool { return e.Type == domain.EventCorrected })
	defer sub.Close()
	id := n.stranger()
	n.corrected(n.reconcile(), domain.CorrectionEnded, id)
	select {
	case e := <-sub.Events():
		if c, is := e.Data.(domain.Correction); !is || c.ExecutionID != id || e.UserID != n.user.ID {
			t.Errorf("the event is %+v", e)
		}
	case <-time.After(60 * time.Second):
		t.Error("no event tells of it")
	}
	e, err := n.engine.Execution(t.Context(), id)
	if err != nil || e.State != domain.StateFailed || e.Reason != domain.ReasonLost || e.EndedAt == nil {
		t.Errorf("recorded as %s, %s, %v", e.State, e.Reason, err)
	}
	if l := n.lease(id); l.Port != 0 {
		t.Errorf("its port is still leased: %+v", l)
	}
	if found := n.reconcile(); len(found) != 0 {
		t.Errorf("corrected again: %+v", found)
	}
}

func TestReconcileReleasesWhatNobodyHolds(t *testing.T) { // PRT-4, EXE-7
	n := newInstallation(t, map[string]string{"j.py": lasting}, "")
	id := n.stranger()
	n.exec(`UPDATE execution_logs SET status = 'failed', data = json_set(data, '$.state', 'failed') WHERE execution_uuid = ?`, id)
	n.corrected(n.reconcile(), domain.CorrectionReleased, id)
	if l := n.lease(id); l.Port != 0 {
		t.Errorf("still leased: %+v", l)
	}
}

func TestReconcileRestoresRecordAndLease(t *testing.T) { // EXE-7, PRT-4
	n := newInstallation(t, map[string]string{"p.py": fmt.Sprintf(page, "")}, "")
	e := n.ready(n.run("p"))
	n.leased(e.ID)
	// in the second pass, since what is written may be on its way in the first
	twice := func(kind domain.CorrectionKind) {
		t.Helper()
		if found := n.reconcile(); len(found) != 0 {
			t.Fatalf("corrected at first sight: %+v", found)
		}
		n.corrected(n.reconcile(), kind, e.ID)
		if l := n.lease(e.ID); l.Port != e.Port || l.PID != e.PID || l.State != domain.LeaseActive {
			t.Errorf("the lease is %+v", l)
		}
	}
	n.exec(`UPDATE port_allocations SET status = 'allocated', process_id = NULL WHERE execution_uuid = ?`, e.ID)
	twice(domain.CorrectionLease)
	n.exec(`DELETE FROM port_allocations WHERE execution_uuid = ?`, e.ID)
	twice(domain.CorrectionLease)

	n.exec(`DELETE FROM execution_logs WHERE execution_uuid = ?`, e.ID)
	n.corrected(n.reconcile(), domain.CorrectionRecord, e.ID)
	n.exec(`UPDATE execution_logs SET status = 'completed' WHERE execution_uuid = ?`, e.ID)
	if s := n.status(e.ID); s != "completed" {
		t.Fatalf("the record is %q", s)
	}
	n.exec(`UPDATE execution_logs SET data = json_set(data, '$.state', 'completed') WHERE execution_uuid = ?`, e.ID)
	if found := n.reconcile(); len(found) != 1 || found[0].Kind != domain.CorrectionRecord {
		t.Fatalf("corrected %+v", found)
	}
	if s := n.status(e.ID); s != "running" || !alive(e.PID) {
		t.Errorf("the record is %q, the script lives: %v", s, alive(e.PID))
	}
}

func TestReconcileEndsAndTakesUpWhatNobodySupervises(t *testing.T) { // EXE-7
	for _, kind := range []domain.CorrectionKind{domain.CorrectionProcess, domain.CorrectionTakenUp} {
		t.Run(string(kind), func(t *testing.T) {
			n := newInstallation(t, map[string]string{"j.py": lasting}, "")
			e := n.ready(n.run("j"))
			dir := n.engine.RunDir()
			if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
				t.Fatal(err)
			}
			// The next engine does not find its run folder: the execution is lost.
			folder := filepath.Join(dir, strings.ReplaceAll(e.ID, "-", "")[:12])
			aside := filepath.Join(dir, "aside")
			if err := os.Rename(folder, aside); err != nil {
				t.Fatal(err)
			}
			n.open()
			if err := os.Rename(aside, folder); err != nil {
				t.Fatal(err)
			}
			n.traced(domain.CorrectionEnded, e.ID)
			if s := n.status(e.ID); s != "failed" || !alive(e.PID) {
				t.Fatalf("the record is %q, the script lives: %v", s, alive(e.PID))
			}
			if kind == domain.CorrectionTakenUp {
				n.exec(`UPDATE execution_logs SET status = 'running', data = json_set(data, '$.state', 'running', '$.phase', 'ready')
					WHERE execution_uuid = ?`, e.ID)
				n.corrected(n.reconcile(), kind, e.ID)
				if now, err := n.engine.Execution(t.Context(), e.ID); err != nil || !now.State.Live() || !alive(e.PID) {
					t.Fatalf("it is %s, %v", now.State, err)
				}
				if err := n.engine.Stop(e.ID, execution.StopRequest{Reason: domain.ReasonStopped, Now: true}); err != nil {
					t.Fatal(err)
				}
				n.ended(e.ID)
			} else {
				n.corrected(n.reconcile(), kind, e.ID)
			}
			if alive(e.PID) {
				t.Error("it lives")
			}
			if _, err := os.Stat(folder); !os.IsNotExist(err) {
				t.Errorf("its run folder: %v", err)
			}
		})
	}
}

func TestNextEngineEndsWhatNoRecordKnows(t *testing.T) { // EXE-7
	n := newInstallation(t, map[string]string{"j.py": lasting}, "")
	e := n.ready(n.run("j"))
	if err := n.engine.Close(context.Background(), domain.ReasonQuit); err != nil {
		t.Fatal(err)
	}
	n.exec(`DELETE FROM execution_logs WHERE execution_uuid = ?`, e.ID)
	n.open()
	n.traced(domain.CorrectionProcess, e.ID)
	if alive(e.PID) {
		t.Error("it lives")
	}
}

func TestReconcileLeavesAloneWhatIsOnItsWay(t *testing.T) { // EXE-7
	n := newInstallation(t, map[string]string{"s.py": stubborn},
		`{"web_interface":{"port_range":{"start":START,"end":END}},"limits":{"grace_seconds":60,"start_seconds":120},"reconcile_interval":86400}`)
	id := n.run("s")
	e := n.await(id, "started", func(e domain.Execution) bool { return e.PID != 0 && e.Lines > 0 })
	n.exec(`UPDATE execution_logs SET status = 'completed' WHERE execution_uuid = ?`, id)
	n.exec(`DELETE FROM port_allocations WHERE execution_uuid = ?`, id)
	alone := func(phase domain.Phase) {
		t.Helper()
		for range 3 {
			if found := n.reconcile(); len(found) != 0 {
				t.Fatalf("corrected while %s: %+v", phase, found)
			}
		}
		if now, _ := n.engine.Execution(t.Context(), id); now.Phase != phase || !alive(e.PID) {
			t.Fatalf("it is %s, lives: %v", now.Phase, alive(e.PID))
		}
	}
	alone(domain.PhaseStarting)
	if err := n.engine.Stop(id, execution.StopRequest{Reason: domain.ReasonStopped}); err != nil {
		t.Fatal(err)
	}
	n.await(id, "stopping", func(e domain.Execution) bool { return e.Phase == domain.PhaseStopping })
	alone(domain.PhaseStopping)
}

func TestCleanUpRemovesWhatEndedOnesLeft(t *testing.T) { // EXE-7, SEC-6
	n := newInstallation(t, map[string]string{"j.py": lasting}, "")
	e := n.ready(n.run("j"))
	left := filepath.Join(n.engine.RunDir(), "0123456789ab")
	other := filepath.Join(n.engine.RunDir(), "not-of-an-execution")
	for _, dir := range []string{left, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(left, "parameters.json"), []byte(`{"key":"secret"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := n.engine.CleanUp(t.Context()); got != 1 {
		t.Errorf("removed %d folders, want 1", got)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("what an ended one left: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("what is not an execution's: %v", err)
	}
	if now, err := n.engine.Execution(t.Context(), e.ID); err != nil || !ready(now) || !alive(e.PID) {
		t.Errorf("what runs: %s, %v", now.State, err)
	}
}
