package desktop

import (
	"context"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// warned shows the bar above the page while the execution is about to be ended,
// counts down in it, and takes it away.
func (s *shown) warned() {
	s.mu.Lock()
	w := s.execution.Warning
	if w == nil || !s.execution.State.Live() {
		shown := s.warning
		s.warning = false
		s.mu.Unlock()
		if shown {
			s.view.Warn("", "")
		}
		return
	}
	counts := s.warning
	s.warning = true
	s.mu.Unlock()
	s.view.Warn(s.warningText(*w), s.text("warning_keep"))
	if !counts {
		go s.countDown()
	}
}

// countDown goes on until the bar is taken away.
func (s *shown) countDown() {
	for range time.Tick(time.Second) {
		s.mu.Lock()
		w, stays := s.execution.Warning, s.warning
		s.mu.Unlock()
		if !stays || w == nil {
			return
		}
		s.view.Warn(s.warningText(*w), s.text("warning_keep"))
	}
}

func (s *shown) warningText(w domain.EndWarning) string {
	left := max(0, time.Until(w.EndsAt)).Round(time.Second)
	said := "0 s"
	if left > 0 {
		said = domain.ShortDuration(left)
	}
	key := "warning_idle"
	if w.Reason == domain.ReasonTimeout {
		key = "warning_timeout"
	}
	return s.text(key, "time", said)
}

// text gives a text with its placeholders filled in: a name and a value each.
func (s *shown) text(key string, pair ...string) string {
	s.mu.Lock()
	t := s.settings.Texts[key]
	s.mu.Unlock()
	for i := 0; i+1 < len(pair); i += 2 {
		t = strings.ReplaceAll(t, "{{."+pair[i]+"}}", pair[i+1])
	}
	return t
}

// keep says that the script is to be kept running.
func (s *shown) keep() { s.send(wish{Verb: verbKeep}) }

// input tells that a person moved the mouse or typed in the window: that
// counts for the limit of the page, and for the session.
func (s *shown) input() { s.send(wish{Verb: verbUsed}) }

// notify tells outside of its window that an execution is about to be ended.
// Administrators hear of everyone's executions, and are told of their own.
func (m *windows) notify(ctx context.Context, x domain.Execution) {
	state := m.ask(ctx)
	if x.Warning == nil || state.User == nil || state.User.ID != x.UserID {
		return
	}
	l := state.Language
	key := "viewer.warning_idle"
	if x.Warning.Reason == domain.ReasonTimeout {
		key = "viewer.warning_timeout"
	}
	name := m.say(x).Name
	left := max(time.Second, time.Until(x.Warning.EndsAt))
	m.main.Notify(
		m.options.Text(l, "viewer.warning_title", map[string]any{"script": name}),
		m.options.Text(l, key, map[string]any{"time": domain.ShortDuration(left)}),
	)
}
