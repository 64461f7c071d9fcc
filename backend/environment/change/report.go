package change

import (
	"io"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/progress"
)

type line = progress.Line

// report tells how far a change is, in this package's words.
type report struct{ to *progress.Report }

func newReport(to, log io.Writer) *report { return &report{progress.New(to, log)} }

func openReport(path string, log io.Writer) (*report, func()) {
	r, done := progress.Open(path, log)
	return &report{r}, done
}

func (r *report) plan(steps []string, shares []float64) { r.to.Plan(steps, shares) }
func (r *report) begin(step string)                     { r.to.Begin(step) }
func (r *report) part(share float64, text string)       { r.to.Part(share, text) }
func (r *report) say(format string, args ...any)        { r.to.Say(format, args...) }

func (r *report) bytes(done, total, files int64, text string) { r.to.Bytes(done, total, files, text) }

func (r *report) end(err *domain.Error, result map[string]any) { r.to.End(err, result) }
