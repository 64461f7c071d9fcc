package desktop

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"scriptsmanager/app/static"
	"scriptsmanager/backend/domain"
)

//go:embed page
var pageFiles embed.FS

// trouble is what is wrong with a page that should be shown.
type trouble string

const (
	troubleCrashed     trouble = "crashed"     // the web view's process for it ended
	troubleUnreachable trouble = "unreachable" // it does not answer although its script runs
)

// view is the web view and window that a script's window process drives.
type view interface {
	ShowScript(address string) // takes away what a page could reach of ours first
	ShowOwn()
	Title(string)
	Raise()
	Copy(string)
	Settle(settings)          // takes the theme and the language
	Warn(text, button string) // shows a bar above the page, or changes it; "" takes it away
	// Progress shows how far the script says that it is: percent is negative
	// where it tells nothing, and 0 where it does not know.
	Progress(text string, percent float64)
	Quit()
}

// shown is what one script's window shows, in that window's process: our own
// page with the phases, output and result, or the script's page.
type shown struct {
	send  func(wish)
	view  view
	nonce string // in the path of our pages; a script's page cannot know it

	mu        sync.Mutex // guards what follows
	settings  settings
	execution domain.Execution
	said      said
	lines     []domain.LogLine
	problem   string
	trouble   trouble
	warning   bool          // the bar is shown
	progress  progress      // what the window shows of it
	titled    string        // the title that the window has
	script    string        // the address that is shown; "" is our own page
	version   int64         // grows with each change
	changed   chan struct{} // closed at the next change
}

func newShown(send func(wish), v view) *shown {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails since Go 1.24
	return &shown{send: send, view: v, nonce: hex.EncodeToString(random), changed: make(chan struct{})}
}

// take puts in what the main process tells, and lets the view follow.
func (s *shown) take(m message) {
	s.mu.Lock()
	if m.Settings != nil {
		s.settings = *m.Settings
	}
	if m.Execution != nil {
		if m.Execution.ID != s.execution.ID {
			s.trouble, s.problem = "", ""
		}
		s.execution = *m.Execution
	}
	if m.Said != nil {
		s.said = *m.Said
	}
	if m.Reset {
		s.lines = nil
	}
	s.lines = mergeLines(s.lines, m.Lines)
	if m.Problem != "" {
		s.problem = m.Problem
	}
	s.touch()
	s.mu.Unlock()
	if m.Settings != nil {
		s.view.Settle(*m.Settings)
	}
	s.tellProgress()
	if m.Raise {
		s.view.Raise()
	}
	s.follow()
	s.warned()
}

// mergeLines adds lines to those there are. A line that was open comes again.
func mergeLines(have, more []domain.LogLine) []domain.LogLine {
	for _, line := range more {
		for len(have) > 0 && have[len(have)-1].Seq >= line.Seq {
			have = have[:len(have)-1]
		}
		have = append(have, line)
	}
	if over := len(have) - linesKept; over > 0 {
		have = append([]domain.LogLine(nil), have[over:]...)
	}
	return have
}

// touch tells the page that waits. s.mu is held.
func (s *shown) touch() {
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

// wanted is the script's address if its page is what should be shown now.
// s.mu is held.
func (s *shown) wanted() string {
	x := s.execution
	if !x.HasPage || x.State != domain.StateRunning || x.Phase != domain.PhaseReady || s.trouble != "" || scriptOrigin(x.URL) == "" {
		return ""
	}
	return x.URL
}

// follow brings the view to what should be shown.
func (s *shown) follow() {
	s.mu.Lock()
	want := s.wanted()
	same := want == s.script
	s.script = want
	s.mu.Unlock()
	switch {
	case same:
	case want == "":
		s.view.ShowOwn()
	default:
		s.view.ShowScript(want)
	}
}

// fails tells that the script's page cannot be shown.
func (s *shown) fails(t trouble) {
	s.mu.Lock()
	if s.script == "" { // our own page: it comes again below
		t = ""
	}
	s.trouble = t
	s.touch()
	s.mu.Unlock()
	if t == "" {
		s.view.ShowOwn()
		return
	}
	s.follow()
}

// reload shows the script's page again after a failure.
func (s *shown) reload() {
	s.mu.Lock()
	s.trouble = ""
	s.touch()
	s.mu.Unlock()
	s.follow()
}

func (s *shown) showsScript() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.script != ""
}

func (s *shown) live() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.execution.State.Live()
}

func (s *shown) stopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.execution.Phase == domain.PhaseStopping
}

// pageState is what our page polls.
type pageState struct {
	Version   int64            `json:"version"`
	Settings  settings         `json:"settings"`
	Execution domain.Execution `json:"execution"`
	Said      said             `json:"said"`
	Problem   string           `json:"problem"`
	Trouble   trouble          `json:"trouble"`
	Lines     []domain.LogLine `json:"lines"`
	First     int64            `json:"first"`    // Seq of the first line that is kept; 0: none
	Own       int64            `json:"own"`      // Seq of the traceback's own line; 0: none
	Grace     int64            `json:"grace_ms"` // left until it is killed, while it stops
}

const pollWait = 5 * time.Second

// state gives what the page does not have yet: the lines after from. It waits
// a while for a version other than the given one.
func (s *shown) state(ctx context.Context, from, version int64) pageState {
	limit := time.NewTimer(pollWait)
	defer limit.Stop()
	for {
		s.mu.Lock()
		if s.version != version {
			break
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
			continue
		case <-ctx.Done():
		case <-limit.C:
		}
		s.mu.Lock()
		break
	}
	defer s.mu.Unlock()
	p := pageState{
		Version: s.version, Settings: s.settings, Execution: s.execution, Said: s.said,
		Problem: s.problem, Trouble: s.trouble, Lines: []domain.LogLine{},
	}
	for _, line := range s.lines {
		if line.Seq >= from {
			p.Lines = append(p.Lines, line)
		}
	}
	if len(s.lines) > 0 {
		p.First = s.lines[0].Seq
	}
	if !s.execution.State.Live() {
		if i := ownLine(s.lines, s.settings.Source); i >= 0 {
			p.Own = s.lines[i].Seq
		}
	}
	if end := s.execution.GraceEndsAt; end != nil {
		p.Grace = max(0, time.Until(*end).Milliseconds())
	}
	return p
}

// ServeHTTP serves our own page. Only that page is answered: everything but
// the first document lies below a nonce that no script's page can know, and
// nothing at all is answered while a script's page is shown.
func (s *shown) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	head := rw.Header()
	head.Set("Cache-Control", "no-store")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Content-Type-Options", "nosniff")
	if s.showsScript() {
		http.Error(rw, "", http.StatusForbidden)
		return
	}
	if r.URL.Path == "/" && r.Method == http.MethodGet {
		head.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(rw, `<!doctype html><html><head><meta http-equiv="refresh" content="0;url=/%s/page"></head><body></body></html>`, s.nonce)
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/"+s.nonce+"/")
	if !ok {
		http.Error(rw, "", http.StatusForbidden)
		return
	}
	if name, ok := strings.CutPrefix(path, "verb/"); ok {
		if r.Method != http.MethodPost {
			http.Error(rw, "", http.StatusMethodNotAllowed)
			return
		}
		s.press(name)
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	switch path {
	case "page":
		head.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
		serve(rw, "text/html; charset=utf-8", s.page, "page/page.html")
	case "page.css":
		serve(rw, "text/css; charset=utf-8", pageFiles.ReadFile, "page/page.css")
	case "page.js":
		serve(rw, "text/javascript; charset=utf-8", pageFiles.ReadFile, "page/page.js")
	case "logo.png":
		serve(rw, "image/png", static.Images.ReadFile, "images/SIDEL.png")
	case "logo_dark.png":
		serve(rw, "image/png", static.Images.ReadFile, "images/SIDEL_dark.png")
	case "state":
		query := r.URL.Query()
		from, _ := strconv.ParseInt(query.Get("from"), 10, 64)
		version, _ := strconv.ParseInt(query.Get("version"), 10, 64)
		head.Set("Content-Type", "application/json")
		_ = json.NewEncoder(rw).Encode(s.state(r.Context(), from, version))
	default:
		http.Error(rw, "", http.StatusNotFound)
	}
}

// page is our page in the right theme from its first paint.
func (s *shown) page(name string) ([]byte, error) {
	b, err := pageFiles.ReadFile(name)
	s.mu.Lock()
	theme := s.settings.Theme
	s.mu.Unlock()
	if theme == domain.ThemeDark {
		b = bytes.Replace(b, []byte("<html "), []byte(`<html data-theme="dark" `), 1)
	}
	return b, err
}

func serve(rw http.ResponseWriter, kind string, read func(string) ([]byte, error), name string) {
	b, err := read(name)
	if err != nil {
		http.Error(rw, "", http.StatusNotFound)
		return
	}
	rw.Header().Set("Content-Type", kind)
	_, _ = rw.Write(b)
}

// press does what a button or key of the window says.
func (s *shown) press(name string) {
	switch name {
	case "stop":
		s.stop()
	case "again":
		s.send(wish{Verb: verbAgain})
	case "open_log":
		s.send(wish{Verb: verbOpenLog})
	case "open_browser":
		s.send(wish{Verb: verbOpenBrowser})
	case "reload":
		s.reload()
	case "copy":
		s.view.Copy(s.details())
	case "close":
		s.view.Quit()
	}
}

// stop asks for a stop with grace, and the second time for one without.
func (s *shown) stop() {
	switch {
	case !s.live():
	case s.stopping():
		s.send(wish{Verb: verbKill})
	default:
		s.send(wish{Verb: verbStop})
	}
}

// details is what "copy" puts on the clipboard: enough for a report.
func (s *shown) details() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	line := func(text string) {
		if text != "" {
			_, _ = io.WriteString(&b, text+"\n")
		}
	}
	x := s.execution
	line(s.said.Title)
	line(x.ID + "  " + x.CreatedAt.Format(time.RFC3339))
	line(s.said.Error)
	line(s.said.Reason)
	line(s.settings.Texts["environment"] + ": " + x.Environment + " (" + x.EnvironmentPath + ")")
	if x.ExitCode != nil {
		line(s.settings.Texts["exit_code"] + ": " + strconv.Itoa(*x.ExitCode))
	}
	line(strings.Join(x.Command, " "))
	b.WriteByte('\n')
	for _, l := range s.lines {
		line(l.Text)
	}
	return b.String()
}
