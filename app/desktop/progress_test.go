package desktop

import (
	"testing"

	"scriptsmanager/backend/domain"
)

func TestProgressIsShown(t *testing.T) { // SDK-3
	s, v, _ := newTestShown(t)
	at := func(phase domain.Phase, p *domain.Progress) *domain.Execution {
		x := running(phase)
		x.Progress = p
		return x
	}
	ended := at("", &domain.Progress{PercentDone: 30})
	ended.State = domain.StateCompleted
	v.take()
	for _, c := range []struct {
		what string
		m    message
		want string
	}{
		{"nothing is told", message{Execution: at(domain.PhaseStarting, nil), Said: &said{Title: "A — P"}}, "title A — P"},
		{"a part", message{Execution: at(domain.PhaseStarting, &domain.Progress{PercentDone: 12.7, Text: "Reading"})}, "title 12 % – A — P; progress Reading 12.7"},
		{"the same again", message{Execution: at(domain.PhaseStarting, &domain.Progress{PercentDone: 12.7, Text: "Reading"})}, ""},
		{"no part", message{Execution: at(domain.PhaseStarting, &domain.Progress{Text: "Thinking"})}, "title A — P; progress Thinking 0"},
		{"another title", message{Said: &said{Title: "B — P"}}, "title B — P"},
		{"taken away", message{Execution: at(domain.PhaseStarting, nil)}, "progress  -1"},
		{"at the end", message{Execution: ended}, ""},
	} {
		s.take(c.m)
		if got := v.take(); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
