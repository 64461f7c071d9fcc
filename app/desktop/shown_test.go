package desktop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
)

type recordedView struct {
	mu     sync.Mutex
	done   []string
	warned []string
}

func (v *recordedView) note(s string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done = append(v.done, s)
}
func (v *recordedView) ShowScript(a string) { v.note("script " + a) }
func (v *recordedView) ShowOwn()            { v.note("own") }
func (v *recordedView) Title(t string)      { v.note("title " + t) }
func (v *recordedView) Raise()              { v.note("raise") }
func (v *recordedView) Copy(t string)       { v.note("copy " + t) }
func (v *recordedView) Quit()               { v.note("quit") }
func (v *recordedView) Settle(s settings)   { v.note("settle " + string(s.Language)) }
func (v *recordedView) Progress(text string, percent float64) {
	v.note(fmt.Sprintf("progress %s %g", text, percent))
}

func (v *recordedView) Warn(t, b string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.warned = append(v.warned, t+"|"+b)
}

// warning waits for the bar's next content.
func (v *recordedView) warning(t *testing.T) string {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(time.Millisecond) {
		v.mu.Lock()
		if len(v.warned) > 0 {
			first := v.warned[0]
			v.warned = v.warned[1:]
			v.mu.Unlock()
			return first
		}
		v.mu.Unlock()
	}
	t.Fatal("no more is shown")
	return ""
}

func (v *recordedView) take() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := strings.Join(v.done, "; ")
	v.done = nil
	return s
}

func newTestShown(t *testing.T) (*shown, *recordedView, *[]wish) {
	t.Helper()
	v := &recordedView{}
	var wishes []wish
	return newShown(func(w wish) { wishes = append(wishes, w) }, v), v, &wishes
}

func running(phase domain.Phase) *domain.Execution {
	x := &domain.Execution{ID: "e1", State: domain.StateRunning, Phase: phase, HasPage: true}
	if phase == domain.PhaseReady {
		x.URL = "http://127.0.0.1:5201/"
	}
	return x
}

func TestShownFollowsTheExecution(t *testing.T) { // WIN-2, WIN-3
	s, v, _ := newTestShown(t)
	step := func(what string, m message, want string) {
		t.Helper()
		s.take(m)
		if got := v.take(); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	step("start", message{Execution: running(domain.PhaseStarting), Said: &said{Title: "A — P — U"}}, "title A — P — U")
	step("ready", message{Execution: running(domain.PhaseReady)}, "script http://127.0.0.1:5201/")
	step("ready again", message{Execution: running(domain.PhaseReady)}, "")
	step("another language", message{Settings: &settings{Language: domain.French}}, "settle fr")
	step("raise", message{Raise: true}, "raise")
	s.fails(troubleCrashed)
	if got := v.take(); got != "own" {
		t.Errorf("crash: %q", got)
	}
	step("news while crashed", message{Execution: running(domain.PhaseReady)}, "")
	s.press("reload")
	if got := v.take(); got != "script http://127.0.0.1:5201/" {
		t.Errorf("reload: %q", got)
	}
	step("stopping", message{Execution: running(domain.PhaseStopping)}, "own")
	step("ended", message{Execution: &domain.Execution{ID: "e1", State: domain.StateFailed, HasPage: true}}, "")
	again := running(domain.PhaseReady)
	again.ID = "e2"
	step("run again", message{Execution: again}, "script http://127.0.0.1:5201/")

	foreign := running(domain.PhaseReady)
	foreign.URL = "http://192.0.2.1:80/"
	step("address elsewhere", message{Execution: foreign}, "own")
	plain := running(domain.PhaseReady)
	plain.HasPage = false
	step("no page", message{Execution: plain}, "")
}

func TestShownServesItsOwnPageOnly(t *testing.T) { // WIN-7
	s, _, wishes := newTestShown(t)
	s.take(message{
		Settings:  &settings{Theme: domain.ThemeDark, Source: "/g/s.py"},
		Execution: &domain.Execution{ID: "e1", State: domain.StateFailed},
		Lines:     []domain.LogLine{{Seq: 4, Text: "x"}, {Seq: 5, Text: `  File "/g/s.py", line 1`}},
	})
	ask := func(method, path string) *httptest.ResponseRecorder {
		rw := httptest.NewRecorder()
		s.ServeHTTP(rw, httptest.NewRequest(method, path, http.NoBody))
		return rw
	}
	own := "/" + s.nonce + "/"
	for path, code := range map[string]int{
		"GET /": 200, "GET " + own + "page": 200, "GET " + own + "page.js": 200, "GET " + own + "page.css": 200,
		"GET " + own + "logo.png": 200, "GET " + own + "logo_dark.png": 200, "GET " + own + "state": 200,
		"GET /page": 403, "GET /" + strings.Repeat("0", 32) + "/page": 403, "POST /": 403, "POST /verb/stop": 403,
		"GET " + own + "verb/again": 405, "GET " + own + "../page": 404, "GET " + own + "nothing": 404,
	} {
		method, path, _ := strings.Cut(path, " ")
		if got := ask(method, path).Code; got != code {
			t.Errorf("%s %s: %d, want %d", method, path, got, code)
		}
	}
	if page := ask("GET", own+"page"); !strings.Contains(page.Body.String(), `data-theme="dark"`) || !strings.Contains(page.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("page: %v %s", page.Header(), page.Body)
	}
	var state pageState
	if err := json.Unmarshal(ask("GET", own+"state?from=5&version=-1").Body.Bytes(), &state); err != nil {
		t.Fatal(err)
	}
	if len(state.Lines) != 1 || state.First != 4 || state.Own != 5 {
		t.Errorf("state %+v", state)
	}
	if got := ask("POST", own+"verb/again").Code; got != 204 || len(*wishes) != 1 || (*wishes)[0].Verb != verbAgain {
		t.Errorf("again: %d, %v", got, *wishes)
	}
	x := running(domain.PhaseReady)
	x.ID = "e2"
	s.take(message{Execution: x})
	for _, path := range []string{"/", own + "page", own + "state", own + "verb/stop"} {
		if got := ask("POST", path).Code; got != 403 {
			t.Errorf("%s while a script's page is shown: %d", path, got)
		}
	}
}

func TestShownTellsNews(t *testing.T) {
	s, _, _ := newTestShown(t)
	s.take(message{Execution: running(domain.PhaseStarting)})
	first := s.state(t.Context(), 0, -1)
	answer := make(chan pageState)
	go func() { answer <- s.state(t.Context(), 1, first.Version) }()
	s.take(message{Lines: []domain.LogLine{{Seq: 1, Text: "a", Open: true}}})
	select {
	case p := <-answer:
		if len(p.Lines) != 1 {
			t.Errorf("%+v", p)
		}
	case <-time.After(3 * time.Second):
		t.Fatal("news do not come before the wait is over")
	}
}

func TestShownStopsThenKills(t *testing.T) { // EXE-9
	s, _, wishes := newTestShown(t)
	s.stop()
	s.take(message{Execution: running(domain.PhaseReady)})
	s.stop()
	s.take(message{Execution: running(domain.PhaseStopping)})
	s.stop()
	if len(*wishes) != 2 || (*wishes)[0].Verb != verbStop || (*wishes)[1].Verb != verbKill {
		t.Errorf("%v", *wishes)
	}
}

func TestMergeLines(t *testing.T) {
	have := mergeLines(nil, []domain.LogLine{{Seq: 1, Text: "a"}, {Seq: 2, Text: "b", Open: true}})
	have = mergeLines(have, []domain.LogLine{{Seq: 2, Text: "bc"}, {Seq: 3, Text: "d"}})
	if len(have) != 3 || have[1].Text != "bc" {
		t.Errorf("%v", have)
	}
	for i := range int64(2 * linesKept) {
		have = mergeLines(have, []domain.LogLine{{Seq: 4 + i}})
	}
	if len(have) != linesKept || have[len(have)-1].Seq != 3+2*linesKept {
		t.Errorf("%d lines, last %d", len(have), have[len(have)-1].Seq)
	}
}
