package desktop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
)

// The test program is the window's program as well: it writes what it is told
// into a file in its folder, and what the file "say" there holds to the main
// process.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == ViewerCommand {
		window := os.Args[2]
		out, err := os.OpenFile(filepath.Join(window, "told"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			os.Exit(1)
		}
		_ = os.WriteFile(filepath.Join(window, "pid"), fmt.Append(nil, os.Getpid()), 0o600)
		go func() {
			for {
				if b, err := os.ReadFile(filepath.Join(window, "say")); err == nil {
					_ = os.Remove(filepath.Join(window, "say"))
					_, _ = os.Stdout.Write(b)
				}
				time.Sleep(5 * time.Millisecond)
			}
		}()
		_, _ = io.Copy(out, os.Stdin)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// engine stands in for the application behind the door, with one execution.
type engine struct {
	mu       sync.Mutex
	x        map[string]domain.Execution
	lines    []domain.LogLine
	attached map[string]int
	released map[string]int
	calls    []string
	language domain.Language
}

func newEngine(x ...domain.Execution) *engine {
	e := &engine{x: map[string]domain.Execution{}, attached: map[string]int{}, released: map[string]int{}, language: domain.English}
	for _, one := range x {
		e.x[one.ID] = one
	}
	return e
}

func (e *engine) Events(context.Context) <-chan domain.Event { return nil }

func (e *engine) Attach(_ context.Context, id string) (func(), error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.x[id]; !ok {
		return nil, domain.NewError(domain.CodeNotFound)
	}
	if !e.x[id].State.Live() {
		return nil, domain.NewError(domain.CodeExecutionEnded)
	}
	e.attached[id]++
	return sync.OnceFunc(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.released[id]++
	}), nil
}

func (e *engine) Call(_ context.Context, method string, argument json.RawMessage) (json.RawMessage, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, method+" "+string(argument))
	var a struct {
		ExecutionID string `json:"execution_id"`
		From        int64  `json:"from"`
	}
	_ = json.Unmarshal(argument, &a)
	var result any
	switch method {
	case "Session.State":
		result = map[string]any{"language": e.language, "theme": "dark", "user": map[string]any{"id": 7}}
	case "Scripts.Get":
		result = map[string]any{"script": map[string]any{"path": "/g/s.py", "confirm_close": true}}
	case "Executions.Used":
	case "Executions.Get", "Executions.Stop", "Executions.KeepRunning":
		x, ok := e.x[a.ExecutionID]
		if !ok {
			return nil, domain.NewError(domain.CodeNotFound, "what", "execution", "name", a.ExecutionID)
		}
		result = x
	case "Executions.Again":
		x := domain.Execution{ID: "again", State: domain.StateQueued, Phase: domain.PhaseEnvironment, HasPage: true}
		e.x["again"] = x
		result = map[string]any{"execution": x}
	case "Executions.Log":
		page := domain.LogPage{Total: int64(len(e.lines)), Next: int64(len(e.lines)) + 1}
		for _, l := range e.lines {
			if a.From < 0 || l.Seq >= a.From {
				page.Lines = append(page.Lines, l)
			}
		}
		result = page
	case "Panic":
		panic("out of it")
	case "Fail":
		return nil, errors.New("a secret path")
	default:
		return nil, domain.NewError(domain.CodeNotAllowed, "level", "admin")
	}
	return json.Marshal(result)
}

func (e *engine) count(id string) (attached, released int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.attached[id], e.released[id]
}

func (e *engine) called(prefix string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.calls {
		if strings.HasPrefix(c, prefix) {
			return true
		}
	}
	return false
}

type recordedMain struct {
	mu   sync.Mutex
	done []string
}

func (m *recordedMain) note(s string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = append(m.done, s)
}
func (m *recordedMain) ShowLog(id string) { m.note("log " + id) }
func (m *recordedMain) OpenURL(a string)  { m.note("open " + a) }
func (m *recordedMain) ShowFile(p string) { m.note("file " + p) }
func (m *recordedMain) Notify(title, text string) {
	m.note("notify " + title + ": " + text)
}

func (m *recordedMain) did(s string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.done {
		if d == s {
			return true
		}
	}
	return false
}

type scene struct {
	t    *testing.T
	e    *engine
	main *recordedMain
	w    *windows
	dir  string // of the window
}

func newScene(t *testing.T, x domain.Execution) *scene {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	s := &scene{t: t, e: newEngine(x), main: &recordedMain{}, dir: filepath.Join(data, dataName(x))}
	text := func(l domain.Language, key string, _ map[string]any) string { return string(l) + ":" + key }
	s.w = newWindows(s.e, Options{WindowData: data, Text: text}, s.main, func(dir string) *exec.Cmd {
		return exec.Command(self, ViewerCommand, dir)
	})
	t.Cleanup(s.w.close)
	s.w.handle(t.Context(), domain.Event{Type: domain.EventWindowOpen, Data: domain.RaiseEvent{ExecutionID: x.ID}})
	s.until("the window is told the execution", func() bool { return s.told().Execution != nil })
	return s
}

func (s *scene) until(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("not in time: %s", what)
		}
	}
}

// told sums up all messages that the window got.
func (s *scene) told() message {
	var sum message
	f, err := os.Open(filepath.Join(s.dir, "told"))
	if err != nil {
		return sum
	}
	defer f.Close()
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return sum
		}
		var m message
		if json.Unmarshal(line, &m) != nil {
			s.t.Errorf("not JSON: %s", line)
			continue
		}
		if m.Settings != nil {
			sum.Settings = m.Settings
		}
		if m.Execution != nil {
			sum.Execution, sum.Said = m.Execution, m.Said
		}
		if m.Reset {
			sum.Lines = nil
		}
		sum.Lines = append(sum.Lines, m.Lines...)
		sum.Raise = sum.Raise || m.Raise
		if m.Problem != "" {
			sum.Problem = m.Problem
		}
	}
}

func (s *scene) says(line string) {
	s.t.Helper()
	temporary := filepath.Join(s.dir, "saying")
	if err := os.WriteFile(temporary, []byte(line+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(temporary, filepath.Join(s.dir, "say")); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) process() *os.Process {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	var pid int
	_, _ = fmt.Sscan(string(bytes.TrimSpace(b)), &pid)
	p, err := os.FindProcess(pid)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func live() domain.Execution {
	return domain.Execution{
		ID: "e1", Name: "Heat", ScriptID: "g/s", ScriptName: domain.Text{"en": "Heat", "fr": "Chaleur"}, Project: "project_default", User: "anna",
		State: domain.StateRunning, Phase: domain.PhaseStarting, HasPage: true, URL: "http://127.0.0.1:5201/",
	}
}

func TestWindowHoldsAnAttachment(t *testing.T) { // WIN-3: a window that is killed counts as closed
	s := newScene(t, live())
	if a, r := s.e.count("e1"); a != 1 || r != 0 {
		t.Fatalf("attached %d, released %d", a, r)
	}
	told := s.told()
	if told.Settings == nil || !told.Settings.ConfirmClose || told.Settings.Texts["stop"] != "en:viewer.stop" || told.Said.Title != "Heat — project_default — anna" {
		t.Errorf("told %+v, %+v", told.Settings, told.Said)
	}
	if err := s.process().Kill(); err != nil {
		t.Fatal(err)
	}
	s.until("the attachment is released", func() bool { _, r := s.e.count("e1"); return r == 1 })
	s.until("the window is forgotten", func() bool { return !s.w.any() })
}

func TestWindowIsToldChangesAndOutput(t *testing.T) { // WIN-2
	s := newScene(t, live())
	s.e.mu.Lock()
	s.e.lines = []domain.LogLine{{Seq: 1, Text: "one"}, {Seq: 2, Text: strings.Repeat("x", 2*lineLongest)}}
	s.e.mu.Unlock()
	s.w.handle(t.Context(), domain.Event{Type: domain.EventExecutionOutput, Data: map[string]any{"execution_id": "e1", "lines": 2}})
	s.until("output", func() bool { return len(s.told().Lines) >= 2 })
	lines := s.told().Lines
	if last := lines[len(lines)-1]; len(last.Text) != lineLongest || !last.Cut {
		t.Errorf("a long line of %d", len(last.Text))
	}
	ended := live()
	ended.State, ended.Phase, ended.Reason = domain.StateFailed, "", domain.ReasonExitCode
	ended.Error = domain.NewError(domain.CodeScriptExitedEarly)
	s.w.handle(t.Context(), domain.Event{Type: domain.EventExecutionChanged, Data: ended})
	s.w.handle(t.Context(), domain.Event{Type: domain.EventExecutionChanged, Data: live()}) // overtaken
	s.w.handle(t.Context(), domain.Event{Type: domain.EventWindowOpen, Data: domain.RaiseEvent{ExecutionID: "e1"}})
	s.until("raise", func() bool { return s.told().Raise })
	if told := s.told(); told.Execution.State != domain.StateFailed || told.Said.Error != "en:error.script_exited_early" || told.Said.Reason != "en:reason.exit_code" {
		t.Errorf("told %+v, %+v", told.Execution, told.Said)
	}
	s.e.mu.Lock()
	s.e.language = domain.French
	s.e.mu.Unlock()
	s.w.handle(t.Context(), domain.Event{Type: domain.EventUserChanged})
	s.until("language", func() bool { return s.told().Said.Name == "Chaleur" && s.told().Settings.Language == domain.French })
}

func TestWindowAsks(t *testing.T) {
	s := newScene(t, live())
	for line, happened := range map[string]func() bool{
		`{"verb":"stop"}`:         func() bool { return s.e.called(`Executions.Stop {"execution_id":"e1"}`) },
		`{"verb":"keep"}`:         func() bool { return s.e.called(`Executions.KeepRunning {"execution_id":"e1"}`) },
		`{"verb":"used"}`:         func() bool { return s.e.called(`Executions.Used {"execution_id":"e1"}`) },
		`{"verb":"kill"}`:         func() bool { return s.e.called(`Executions.Stop {"execution_id":"e1","now":true}`) },
		`{"verb":"open_log"}`:     func() bool { return s.main.did("log e1") },
		`{"verb":"open_browser"}`: func() bool { return s.main.did("open http://127.0.0.1:5201/") },
		`{"verb":"open_link","url":"https://example.com/"}`: func() bool { return s.main.did("open https://example.com/") },
	} {
		s.says(line)
		s.until(line, happened)
	}
}

func TestWindowThatLiesIsClosed(t *testing.T) {
	s := newScene(t, live())
	s.says(`{"verb":"call","method":"Users.Add"}`)
	s.until("the attachment is released", func() bool { _, r := s.e.count("e1"); return r == 1 })
	if s.e.called("Users.Add") {
		t.Error("it was called")
	}
}

func TestWindowRunsAgain(t *testing.T) {
	x := live()
	x.State, x.Phase = domain.StateFailed, ""
	s := newScene(t, x)
	s.says(`{"verb":"again"}`)
	s.until("the window shows the new execution", func() bool { return s.told().Execution.ID == "again" })
	s.until("the new one is attached", func() bool { a, _ := s.e.count("again"); return a == 1 })
	if a, r := s.e.count("again"); a != 1 || r != 0 {
		t.Errorf("new one: attached %d, released %d", a, r)
	}
	s.w.handle(t.Context(), domain.Event{Type: domain.EventWindowOpen, Data: domain.RaiseEvent{ExecutionID: "again"}})
	s.until("its window is raised", func() bool { return s.told().Raise })
	s.w.close()
	if a, r := s.e.count("again"); a != 1 || r != 1 {
		t.Errorf("after the end: attached %d, released %d", a, r)
	}
}

func TestCloseEndsAllWindows(t *testing.T) { // quitting
	s := newScene(t, live())
	s.w.close()
	if _, r := s.e.count("e1"); r != 1 {
		t.Errorf("released %d", r)
	}
	s.w.show(t.Context(), "e1")
	if a, _ := s.e.count("e1"); a != 1 {
		t.Errorf("a window was opened after the end")
	}
}

func TestDoorCall(t *testing.T) { // API-2
	var logged bytes.Buffer
	d := &Door{ctx: t.Context(), caller: newEngine(live()), log: Options{Log: textLog(&logged)}.log()}
	for _, c := range []struct{ method, argument, want string }{
		{"Session.State", "", `{"result":{"language":"en","theme":"dark","user":{"id":7}}}`},
		{"Users.List", "", `{"error":{"code":"not_allowed","params":{"level":"admin"}}}`},
		{"Session.State", "{", `{"error":{"code":"usage"`},
		{"Panic", "{}", `{"error":{"code":"internal","params":{"incident":"`},
		{"Fail", "{}", `{"error":{"code":"internal","params":{"incident":"`},
	} {
		if got := d.Call(c.method, c.argument); !strings.HasPrefix(got, c.want) || !json.Valid([]byte(got)) {
			t.Errorf("%s(%s): %s, want %s", c.method, c.argument, got, c.want)
		}
	}
	if !strings.Contains(logged.String(), "a secret path") || !strings.Contains(logged.String(), "out of it") {
		t.Errorf("logged %s", logged.String())
	}
}

func TestBatch(t *testing.T) {
	in := make(chan domain.Event)
	var got [][]domain.Event
	done := make(chan struct{})
	go func() {
		defer close(done)
		batch(t.Context(), in, func(events []domain.Event) { got = append(got, events) })
	}()
	const many = 2500
	for i := range int64(many) {
		in <- domain.Event{Seq: i}
	}
	close(in)
	<-done
	var next int64
	for _, events := range got {
		for _, e := range events {
			if e.Seq != next {
				t.Fatalf("event %d came as number %d", e.Seq, next)
			}
			next++
		}
	}
	if next != many || len(got) >= many/2 {
		t.Errorf("%d events in %d batches", next, len(got))
	}
}

func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
