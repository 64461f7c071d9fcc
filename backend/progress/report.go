// Package progress is what a job's process (SPEC JOB-1) tells the engine of its work:
// steps, how far it is, what came out, why it failed. Lines are appended to a
// file, so that nothing is lost with the engine. It does no work itself.
package progress

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
)

// Line is one thing that a job tells: one of the fields.
type Line struct {
	Progress *domain.Progress `json:"progress,omitempty"`
	Error    *domain.Error    `json:"error,omitempty"`
	Result   map[string]any   `json:"result,omitempty"`
}

// reportEvery is the pause between two reports of the same step.
const reportEvery = 100 * time.Millisecond

// Report tells how far a job is. What cannot be told is no reason to fail.
type Report struct {
	log io.Writer // what people read

	mu     sync.Mutex
	to     io.Writer // one JSON object a line; nil: none
	now    domain.Progress
	shares []float64 // of each step, of 100 in all
	last   time.Time
	began  time.Time // of counting bytes
}

// New makes a report that writes lines for the engine to one place (nil: nobody
// wants to know) and words for people to another.
func New(to, log io.Writer) *Report { return &Report{to: to, log: log} }

// Plan sets the steps, and the share of the whole, of 100, that each is thought
// to take.
func (r *Report) Plan(steps []string, shares []float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shares = shares
	r.now.Steps = nil
	for _, name := range steps {
		r.now.Steps = append(r.now.Steps, domain.Step{Name: name, State: domain.StepPending})
	}
	r.tell(true)
}

// Begin ends the step at work and begins the one named.
func (r *Report) Begin(step string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.Step == step {
		return
	}
	done := 0.0
	seen := false
	for i := range r.now.Steps {
		s := &r.now.Steps[i]
		switch {
		case s.Name == step:
			s.State, seen = domain.StepRunning, true
		case !seen && s.State == domain.StepRunning:
			s.State = domain.StepDone
		case !seen && s.State == domain.StepPending:
			s.State = domain.StepSkipped
		}
		if !seen {
			done += r.shares[i]
		}
	}
	r.now.Step, r.now.Text, r.now.PercentDone = step, "", max(done, r.now.PercentDone)
	r.now.BytesDone, r.now.TotalBytes, r.now.FilesDone, r.now.TotalFiles = 0, 0, 0, 0
	r.now.ThroughputBPS, r.now.ETASeconds, r.began = 0, 0, time.Now()
	r.tell(true)
}

// Part tells how much of the step at work is done, from 0 to 1, and what it
// works on.
func (r *Report) Part(share float64, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.partLocked(share, text)
	r.tell(false)
}

func (r *Report) partLocked(share float64, text string) {
	done := 0.0
	for i, s := range r.now.Steps {
		if s.Name == r.now.Step {
			done += min(max(share, 0), 1) * r.shares[i]
			break
		}
		done += r.shares[i]
	}
	r.now.PercentDone = max(done, r.now.PercentDone)
	if text != "" {
		r.now.Text = text
	}
}

// Bytes tells how much was read of a file whose size is known.
func (r *Report) Bytes(done, total, files int64, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.BytesDone, r.now.TotalBytes, r.now.FilesDone = done, total, files
	if took := time.Since(r.began).Seconds(); took > 0.2 {
		r.now.ThroughputBPS = float64(done) / took
		if r.now.ThroughputBPS > 0 {
			r.now.ETASeconds = float64(max(0, total-done)) / r.now.ThroughputBPS
		}
	}
	if total > 0 {
		r.partLocked(float64(done)/float64(total), text)
	}
	r.tell(false)
}

// End tells that all steps are done, or that the one at work failed.
func (r *Report) End(err *domain.Error, result map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.now.Steps {
		s := &r.now.Steps[i]
		switch {
		case s.State == domain.StepRunning && err != nil:
			s.State = domain.StepFailed
		case s.State == domain.StepRunning:
			s.State = domain.StepDone
		case s.State == domain.StepPending:
			s.State = domain.StepSkipped
		}
	}
	if err == nil {
		r.now.PercentDone, r.now.ETASeconds = 100, 0
	}
	r.tell(true)
	if err != nil {
		r.write(Line{Error: err})
	} else if result != nil {
		r.write(Line{Result: result})
	}
}

func (r *Report) tell(now bool) {
	if !now && time.Since(r.last) < reportEvery {
		return
	}
	r.last = time.Now()
	p := r.now
	r.write(Line{Progress: &p})
}

func (r *Report) write(l Line) {
	if r.to == nil {
		return
	}
	if b, err := json.Marshal(l); err == nil {
		_, _ = r.to.Write(append(b, '\n'))
	}
}

// Say writes a line for people.
func (r *Report) Say(format string, args ...any) { _, _ = fmt.Fprintf(r.log, format+"\n", args...) }

// Open opens the file that was named for it; "" is none.
func Open(path string, log io.Writer) (*Report, func()) {
	if path == "" {
		return New(nil, log), func() {}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		_, _ = fmt.Fprintln(log, "progress is not told:", err)
		return New(nil, log), func() {}
	}
	return New(f, log), func() { _ = f.Close() }
}
