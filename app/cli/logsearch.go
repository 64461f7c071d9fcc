package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type logSearchCmd struct {
	Text   string   `arg:"" help:"Words that a line has; \"words beside each other\", beginning*, *part*, -without."`
	User   string   `help:"Only in executions of this person." placeholder:"U"`
	Script string   `help:"Only in executions of this script." placeholder:"G/S"`
	State  []string `help:"Only in executions in this state (queued, running, completed, failed, terminated)." placeholder:"STATE"`
	Since  string   `help:"Only in executions started on this day (2026-01-31), at this time (2026-01-31T08:00) or so long ago (90m, 12h, 7d), or later." placeholder:"D"`
	Until  string   `help:"Only in executions started before." placeholder:"D"`
	Stream string   `help:"Only lines of stdout or of stderr." placeholder:"STREAM"`
	Kind   string   `help:"Only in executions of scripts, or in changes of environments (script, environment)." placeholder:"KIND"`
	Only   string   `help:"Only in executions with a bookmark, or in shared ones (bookmarked, shared)." placeholder:"WHICH"`
	Limit  int      `help:"At most so many lines." default:"100"`
}

// foundLine is a line in JSON.
type foundLine struct {
	ExecutionID string        `json:"execution_id"`
	ScriptID    string        `json:"script_id"`
	User        string        `json:"user"`
	Line        int64         `json:"line"`
	Time        time.Time     `json:"time"`
	Stream      domain.Stream `json:"stream"`
	Text        string        `json:"text"`
}

// Run prints lines of logs, the newest first, as they are found. With --json it
// is one array.
func (r logSearchCmd) Run(ctx context.Context, s *session) error {
	if r.Limit < 1 {
		return domain.NewError(domain.CodeUsage, "detail", fmt.Sprintf("--limit %d (1 or more)", r.Limit))
	}
	states, err := states(r.State)
	if err != nil {
		return err
	}
	q := app.LogSearch{
		Query: r.Text, User: r.User, AllUsers: r.User == "", ScriptID: strings.TrimSuffix(r.Script, ".py"),
		States: states, Stream: domain.Stream(r.Stream), Width: 64 << 10,
	}
	switch r.Kind {
	case "", domain.KindScript, domain.KindEnvironment:
		q.Kind = r.Kind
	default:
		return domain.NewError(domain.CodeUsage, "detail", "--kind "+r.Kind+" (script, environment)")
	}
	switch r.Only {
	case "":
	case "bookmarked":
		q.Bookmarked = true
	case "shared":
		q.Shared = true
	default:
		return domain.NewError(domain.CodeUsage, "detail", "--only "+r.Only+" (bookmarked, shared)")
	}
	now := time.Now()
	if q.Since, err = moment("--since", r.Since, now); err != nil {
		return err
	}
	if q.Until, err = moment("--until", r.Until, now); err != nil {
		return err
	}
	return s.with(ctx, "", func(c *connection) error {
		all, unread := []foundLine{}, map[string]bool{}
		for left := r.Limit; left > 0; {
			q.Limit = min(left, 1000)
			var page app.LogSearchPage
			if err := door.Call(ctx, c, "Logs.Search", q, &page); err != nil {
				return err
			}
			for _, h := range page.Hits {
				line := foundLine{
					ExecutionID: h.ExecutionID, ScriptID: h.ScriptID, User: h.User, Line: h.Line, Time: h.Time, Stream: h.Stream,
				}
				for _, p := range h.Parts {
					line.Text += p.Text
				}
				if all = append(all, line); s.flags.JSON {
					continue
				}
				if _, err := fmt.Fprintf(s.Stdout, "%s:%d: %s\n", line.ExecutionID, line.Line, line.Text); err != nil {
					return err
				}
			}
			for _, id := range page.Unread {
				unread[id] = true
			}
			left -= len(page.Hits)
			if q.Before = page.Next; q.Before == "" {
				break
			}
		}
		if n := len(unread); n > 0 {
			_, _ = fmt.Fprintln(s.Stderr, "scriptsmanager: "+s.Texts.Text(s.lang, "ui.logsearch.unread", map[string]any{
				"count": n, "count_text": fmt.Sprint(n),
			}))
		}
		if !s.flags.JSON {
			return nil
		}
		return s.print(all, func(io.Writer) {})
	})
}

// states reads states of executions.
func states(names []string) (list []domain.State, err error) {
	for _, name := range names {
		switch state := domain.State(name); state {
		case domain.StateQueued, domain.StateRunning, domain.StateCompleted, domain.StateFailed, domain.StateTerminated:
			list = append(list, state)
		default:
			return nil, domain.NewError(domain.CodeUsage, "detail",
				"--state "+name+" (queued, running, completed, failed, terminated)")
		}
	}
	return list, nil
}

// moment reads a day, a time of a day or how long ago; "" is nil.
func moment(flag, text string, now time.Time) (*time.Time, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // none is wanted
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return &t, nil
		}
	}
	ago := text
	var days int
	if n, err := fmt.Sscanf(text, "%dd", &days); n == 1 && err == nil && text == fmt.Sprintf("%dd", days) {
		ago = fmt.Sprintf("%dh", 24*days)
	}
	d, err := time.ParseDuration(ago)
	if err != nil || d < 0 {
		return nil, domain.NewError(domain.CodeUsage, "detail", flag+" "+text+" (2026-01-31, 2026-01-31T08:00, 90m, 12h, 7d)")
	}
	t := now.Add(-d)
	return &t, nil
}
