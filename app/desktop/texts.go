package desktop

import (
	"context"
	"strings"

	"scriptsmanager/backend/domain"
)

// viewerTexts are the keys, below "viewer.", of all that a script's window
// says by itself.
func viewerTexts() []string {
	return []string{
		"menu_page", "menu_script", "reload", "back", "forward", "zoom_in", "zoom_out", "zoom_reset",
		"open_log", "stop", "kill", "open_browser", "close", "run_again", "copy", "copied",
		"phase_environment", "phase_port", "phase_starting", "phase_ready",
		"starting", "running", "stopping", "completed", "failed", "terminated", "grace",
		"crashed", "crashed_text", "unreachable", "unreachable_text",
		"output", "no_output", "environment", "exit_code", "duration", "fallback",
		"link_title", "link_text", "link_open", "cancel", "save_title", "save", "download_failed",
		"close_title", "close_text", "close_confirm", "keep_title", "keep_text", "close_keep",
		"find", "find_next", "find_previous", "find_count", "find_position", "find_none", "print", "saving", "saved", "show_file", "drop_missed",
		"warning_idle", "warning_timeout", "warning_keep",
	}
}

// texts gives all of them in a language. Values that only the window knows
// stay as placeholders.
func (m *windows) texts(l domain.Language) map[string]string {
	all := map[string]string{}
	for _, key := range viewerTexts() {
		all[key] = m.options.Text(l, "viewer."+key, map[string]any{
			"seconds": "{{.seconds}}", "address": "{{.address}}", "reason": "{{.reason}}", "script": "{{.script}}", "environment": "{{.environment}}", "time": "{{.time}}",
			"count": "{{.count}}", "number": "{{.number}}", "file": "{{.file}}", "site": "{{.site}}",
		})
	}
	return all
}

// ask reads the session's language and theme.
func (m *windows) ask(ctx context.Context) session {
	s, err := call[session](ctx, m.caller, "Session.State", nil)
	if err != nil || !s.Language.Valid() {
		s.Language = domain.English
	}
	if !s.Theme.Valid() {
		s.Theme = domain.ThemeSystem
	}
	m.mu.Lock()
	m.state = s
	m.mu.Unlock()
	return s
}

func (m *windows) language() domain.Language {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.Language
}

// settle tells a window again how to look and speak.
func (m *windows) settle(ctx context.Context, w *window) {
	x := w.shown()
	m.settleFor(ctx, w, x)
	if x.State != "" {
		s := m.say(x)
		w.out.change(func(msg *message) {
			if msg.Execution == nil {
				msg.Execution = &x
			}
			msg.Said = &s
		})
	}
}

func (m *windows) settleFor(ctx context.Context, w *window, x domain.Execution) {
	state := m.ask(ctx)
	s := settings{Texts: m.texts(state.Language), Language: state.Language, Theme: state.Theme}
	detail, err := call[struct {
		Script struct {
			Path         string `json:"path"`
			ConfirmClose bool   `json:"confirm_close"`
			Background   bool   `json:"background"`
		} `json:"script"`
	}](ctx, m.caller, "Scripts.Get", map[string]string{"script_id": x.ScriptID})
	if err == nil { // a script that is gone has nothing to add
		s.Source, s.ConfirmClose, s.Background = detail.Script.Path, detail.Script.ConfirmClose, detail.Script.Background
	}
	kept := m.recall(x)
	s.Place, s.Sites = kept.Place, kept.Sites
	w.out.change(func(msg *message) { msg.Settings = &s })
}

func (m *windows) say(x domain.Execution) said {
	l := m.language()
	s := said{Name: x.ScriptName.In(l)}
	if s.Name == "" {
		s.Name = x.Name
	}
	s.Title = strings.Join([]string{s.Name, x.Project, x.User}, " — ")
	if x.Reason != "" {
		params := map[string]any{"script": s.Name}
		for k, v := range x.ReasonParams {
			params[k] = v
		}
		s.Reason = m.options.Text(l, "reason."+string(x.Reason), params)
	}
	if x.Error != nil {
		s.Error = m.options.Text(l, "error."+string(x.Error.Code), x.Error.Params)
	}
	return s
}

func (m *windows) sayError(err error) string {
	e := domain.AsError(err)
	if e == nil {
		e = domain.NewError(domain.CodeUnavailable, "detail", "")
	}
	return m.options.Text(m.language(), "error."+string(e.Code), e.Params)
}
