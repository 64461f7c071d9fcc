package desktop

import (
	"fmt"
	"math"

	"scriptsmanager/backend/domain"
)

// progress is what a window shows of how far its script is.
type progress struct {
	told    bool
	text    string
	percent float64 // 0: not known
}

func progressOf(x domain.Execution) progress {
	if x.Progress == nil || !x.State.Live() {
		return progress{}
	}
	return progress{told: true, text: x.Progress.Text, percent: x.Progress.PercentDone}
}

// titleWith puts the percent before the window's title, so that it is seen in
// the taskbar, too.
func (p progress) titleWith(title string) string {
	if title == "" || p.percent <= 0 {
		return title
	}
	return fmt.Sprintf("%d %% – %s", int(math.Floor(p.percent)), title)
}

// tellProgress lets title and bar follow what the script says.
func (s *shown) tellProgress() {
	s.mu.Lock()
	p := progressOf(s.execution)
	news := p != s.progress
	s.progress = p
	title := p.titleWith(s.said.Title)
	titled := title != s.titled
	s.titled = title
	s.mu.Unlock()
	if titled {
		s.view.Title(title)
	}
	switch {
	case !news:
	case p.told:
		s.view.Progress(p.text, p.percent)
	default:
		s.view.Progress("", -1)
	}
}
