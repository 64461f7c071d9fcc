package desktop

import (
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
)

func warnedOf(reason domain.Reason, left time.Duration) *domain.Execution {
	x := running(domain.PhaseReady)
	x.UserID = 7
	x.Limits = []domain.Limit{{Kind: domain.LimitIdle, Value: 1800}}
	x.Warning = &domain.EndWarning{Reason: reason, EndsAt: time.Now().Add(left), Seconds: 1800}
	return x
}

func TestWarningIsShownAndTakenBack(t *testing.T) { // WIN-4
	s, v, wishes := newTestShown(t)
	s.take(message{Settings: &settings{Texts: map[string]string{
		"warning_idle": "idle, {{.time}}", "warning_timeout": "time, {{.time}}", "warning_keep": "Keep",
	}}})
	s.take(message{Execution: running(domain.PhaseReady)})
	s.input()
	if len(*wishes) != 1 || (*wishes)[0].Verb != verbUsed { // the session is used as well
		t.Errorf("input where nothing is limited: %v", *wishes)
	}
	*wishes = nil
	s.take(message{Execution: warnedOf(domain.ReasonIdle, 2*time.Hour)})
	if got := v.warning(t); !strings.HasPrefix(got, "idle, ") || !strings.HasSuffix(got, "|Keep") {
		t.Errorf("shown: %q", got)
	}
	if got := v.warning(t); !strings.HasPrefix(got, "idle, 1 h 59 min ") {
		t.Errorf("counted down: %q", got)
	}
	s.keep()
	s.input()
	if len(*wishes) != 2 || (*wishes)[0].Verb != verbKeep || (*wishes)[1].Verb != verbUsed {
		t.Errorf("asked for: %v", *wishes)
	}
	s.take(message{Execution: running(domain.PhaseReady)})
	for got := v.warning(t); got != "|"; got = v.warning(t) {
		if !strings.HasPrefix(got, "idle, ") {
			t.Fatalf("shown: %q", got)
		}
	}
	s.take(message{Execution: warnedOf(domain.ReasonTimeout, -time.Second)})
	if got := v.warning(t); got != "time, 0 s|Keep" {
		t.Errorf("shown: %q", got)
	}
	s.take(message{Execution: &domain.Execution{ID: "e1", State: domain.StateTerminated}})
	for v.warning(t) != "|" {
	}
}

func TestWarningIsNotified(t *testing.T) { // WIN-4
	s := newScene(t, live())
	foreign := warnedOf(domain.ReasonIdle, time.Minute)
	foreign.UserID, foreign.ScriptName = 8, domain.Text{"en": "Foreign"}
	s.w.handle(t.Context(), domain.Event{Type: domain.EventExecutionWarned, Data: *foreign})
	s.w.handle(t.Context(), domain.Event{Type: domain.EventExecutionWarned, Data: *warnedOf(domain.ReasonTimeout, time.Minute)})
	s.until("a notification", func() bool {
		return s.main.did("notify en:viewer.warning_title: en:viewer.warning_timeout")
	})
	if s.main.did("notify en:viewer.warning_title: en:viewer.warning_idle") {
		t.Error("another person's execution was told of")
	}
}
