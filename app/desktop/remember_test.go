package desktop

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

// A window comes back where it stood, in any project, and a site is asked about
// once, for this script and person alone. WIN-5, WIN-6
func TestWindowIsRemembered(t *testing.T) {
	s := newScene(t, live())
	if told := s.told(); told.Settings.Place != nil || len(told.Settings.Sites) != 0 {
		t.Fatalf("a first window is told of %+v", told.Settings)
	}
	s.says(`{"verb":"placed","place":{"x":30,"y":40,"width":900,"height":700}}` + "\n" +
		`{"verb":"open_link","url":"https://example.com/a?b"}` + "\n" + `{"verb":"open_link","url":"https://example.com/c"}`)
	s.until("both are opened", func() bool { return s.main.did("open https://example.com/c") })
	s.w.close()

	elsewhere, another, foreign := live(), live(), live()
	elsewhere.ProjectID, another.ScriptID, foreign.UserID = 9, "g/other", 8
	kept := s.w.recall(elsewhere)
	if kept.Place == nil || *kept.Place != (place{X: 30, Y: 40, Width: 900, Height: 700}) || !slices.Equal(kept.Sites, []string{"https://example.com"}) {
		t.Errorf("kept: %+v", kept)
	}
	for _, x := range []domain.Execution{another, foreign} {
		if kept := s.w.recall(x); kept.Place != nil || kept.Sites != nil {
			t.Errorf("%s of %d is told of %+v", x.ScriptID, x.UserID, kept)
		}
	}
	var broken strings.Builder
	s.w.log = textLog(&broken)
	if err := os.WriteFile(rememberedFile(s.w.options.WindowData, live()), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if kept := s.w.recall(live()); kept.Place != nil || broken.Len() == 0 {
		t.Errorf("a broken file gives %+v, logged %q", kept, broken.String())
	}
}

func TestSiteOf(t *testing.T) {
	for address, want := range map[string]string{
		"https://Example.com/a?b":      "https://example.com",
		"https://example.com:443/":     "https://example.com",
		"http://example.com/":          "http://example.com",
		"https://example.com:8443/":    "https://example.com:8443",
		"https://sub.example.com/":     "https://sub.example.com",
		"mailto:a@example.com":         "mailto:",
		"https://a:b@example.com/":     "",
		"file:///etc/passwd":           "",
		"https://example.com@evil.xy/": "",
	} {
		if got := siteOf(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestSitesAreBounded(t *testing.T) {
	var r remembered
	for i := range 2 * sitesMost {
		r.allow(fmt.Sprintf("https://s%d.example.com/", i))
	}
	if len(r.Sites) != sitesMost || r.Sites[sitesMost-1] != fmt.Sprintf("https://s%d.example.com", 2*sitesMost-1) {
		t.Errorf("%d sites, the last is %s", len(r.Sites), r.Sites[len(r.Sites)-1])
	}
}

// What closing a window asks. WIN-3
func TestClosing(t *testing.T) {
	live := domain.Execution{State: domain.StateRunning, Phase: domain.PhaseReady, HasPage: true}
	job := domain.Execution{State: domain.StateRunning, Phase: domain.PhaseStarting}
	busyJob := job
	busyJob.Busy = true
	always, stopping, ended := live, live, live
	busy := live
	busy.Busy = true
	busyEnded := busy
	busyEnded.State = domain.StateFailed
	always.AlwaysOn, stopping.Phase, ended.State = 3, domain.PhaseStopping, domain.StateCompleted
	for name, c := range map[string]struct {
		settings  settings
		execution domain.Execution
		want      closing
	}{
		"plain":                         {settings{}, live, closes},
		"says that it asks":             {settings{ConfirmClose: true}, live, asksToStop},
		"can go on":                     {settings{Background: true}, live, asksToKeep},
		"has no page":                   {settings{}, job, closes},
		"has no page, and is busy":      {settings{}, busyJob, asksToKeep},
		"has no page, and says it asks": {settings{ConfirmClose: true}, job, asksToKeep},
		"is busy":                       {settings{}, busy, asksToStop},
		"was busy":                      {settings{}, busyEnded, closes},
		"can go on, and says it asks":   {settings{Background: true, ConfirmClose: true}, live, asksToKeep},
		"goes on in any case":           {settings{Background: true, ConfirmClose: true}, always, closes},
		"is being stopped":              {settings{ConfirmClose: true}, stopping, closes},
		"has ended":                     {settings{Background: true, ConfirmClose: true}, ended, closes},
		"waits for room, says it asks":  {settings{ConfirmClose: true}, domain.Execution{State: domain.StateQueued, HasPage: true}, asksToStop},
		"nothing is known of it so far": {settings{ConfirmClose: true}, domain.Execution{}, closes},
	} {
		if got := closingOf(c.settings, c.execution); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// A script that would go on is stopped where the person said so, and only there. WIN-3
func TestClosingStopsWhatWouldGoOn(t *testing.T) {
	for line, want := range map[string]bool{`{"verb":"close_stop"}`: true, `{"verb":"closed"}`: false} {
		s := newScene(t, live())
		s.says(line + "\n" + `{"verb":"open_log"}`) // what comes after has been read, so has this
		s.until("it was read", func() bool { return s.main.did("log e1") })
		s.w.close()
		if got := s.e.called(`Executions.Stop {"execution_id":"e1"}`); got != want {
			t.Errorf("%s: stopped %v", line, got)
		}
	}
}

func TestWindowShowsAFile(t *testing.T) { // WIN-6
	s := newScene(t, live())
	s.says(`{"verb":"show_file","path":"/home/anna/a.csv"}`)
	s.until("the file is shown", func() bool { return s.main.did("file /home/anna/a.csv") })
}
