package change

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
)

// line is execution.JobLine, in this package's words.
type line struct {
	Progress *domain.Progress `json:"progress,omitempty"`
	Error    *domain.Error    `json:"error,omitempty"`
	Result   map[string]any   `json:"result,omitempty"`
}

// reportEvery is the pause between two reports of the same step.
const reportEvery = 100 * time.Millisecond

// report tells how far a job is. What cannot be told is no reason to fail.
type report struct {
	log io.Writer // what people read

	mu     sync.Mutex
	to     io.Writer // one JSON object a line; nil: nobody wants to know
	now    domain.Progress
	shares []float64 // of each step, of 100 in all
	last   time.Time
	began  time.Time // of counting bytes
}

// newReport makes a report with its steps and the share of the whole that each
// is thought to take.
func newReport(to, log io.Writer) *report { return &report{to: to, log: log} }

// plan sets the steps.
func (r *report) plan(steps []string, shares []float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shares = shares
	r.now.Steps = nil
	for _, name := range steps {
		r.now.Steps = append(r.now.Steps, domain.Step{Name: name, State: domain.StepPending})
	}
	r.tell(true)
}

// begin ends the step at work and begins the one named.
func (r *report) begin(step string) {
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

// part tells how much of the step at work is done, from 0 to 1, and what it
// works on.
func (r *report) part(share float64, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.partLocked(share, text)
	r.tell(false)
}

func (r *report) partLocked(share float64, text string) {
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

// bytes tells how much was read of a file whose size is known.
func (r *report) bytes(done, total, files int64, text string) {
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

// end tells that all steps are done, or that the one at work failed.
func (r *report) end(err *domain.Error, result map[string]any) {
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
		r.write(line{Error: err})
	} else if result != nil {
		r.write(line{Result: result})
	}
}

func (r *report) tell(now bool) {
	if !now && time.Since(r.last) < reportEvery {
		return
	}
	r.last = time.Now()
	p := r.now
	r.write(line{Progress: &p})
}

func (r *report) write(l line) {
	if r.to == nil {
		return
	}
	if b, err := json.Marshal(l); err == nil {
		_, _ = r.to.Write(append(b, '\n'))
	}
}

// say writes a line for people.
func (r *report) say(format string, args ...any) { _, _ = fmt.Fprintf(r.log, format+"\n", args...) }

// openReport opens the file that was named for it; "" is none.
func openReport(path string, log io.Writer) (*report, func()) {
	if path == "" {
		return newReport(nil, log), func() {}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		_, _ = fmt.Fprintln(log, "progress is not told:", err)
		return newReport(nil, log), func() {}
	}
	return newReport(f, log), func() { _ = f.Close() }
}
