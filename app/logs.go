package app

import (
	"cmp"
	"context"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/log/search"
)

// Logs searches the logs of executions. Everybody finds what is his,
// administrators what is anybody's.
type Logs struct{ c *Client }

// LogSearch is what is looked for, and in which executions; what is not given
// chooses all.
type LogSearch struct {
	Query     string         `json:"query"`               // see search.Query
	AllUsers  bool           `json:"all_users,omitempty"` // administrators only
	User      string         `json:"user,omitempty"`      // of another one: administrators only
	ScriptID  string         `json:"script_id,omitempty"`
	GroupID   string         `json:"group_id,omitempty"`
	ProjectID int64          `json:"project_id,omitempty"`
	Kind      string         `json:"kind,omitempty"` // script, environment
	States    []domain.State `json:"states,omitempty"`
	Since     *time.Time     `json:"since,omitempty"`    // started then or later
	Until     *time.Time     `json:"until,omitempty"`    // started before
	Shortest  float64        `json:"shortest,omitempty"` // seconds that it took at least
	Longest   float64        `json:"longest,omitempty"`  // seconds that it took at most
	Stream    domain.Stream  `json:"stream,omitempty"`   // stdout or stderr

	Bookmarked bool `json:"bookmarked,omitempty"`
	Shared     bool `json:"shared,omitempty"` // developers: anybody's

	Limit  int    `json:"limit,omitempty"`  // 1 to 1,000; 0 is 100
	Width  int    `json:"width,omitempty"`  // bytes of a line that are given, 40 to 65,536; 0 is 300
	Before string `json:"before,omitempty"` // the Next of the answer before
}

// LogPart is a part of a line; what was looked for is marked.
type LogPart struct {
	Text   string `json:"text"`
	Marked bool   `json:"marked,omitempty"`
}

// LogHit is a line that was found.
type LogHit struct {
	ExecutionID string        `json:"execution_id"`
	ScriptID    string        `json:"script_id"`
	Name        domain.Text   `json:"name"` // the script's, or what a job does in English
	User        string        `json:"user"`
	Project     string        `json:"project"`
	State       domain.State  `json:"state"`
	CreatedAt   time.Time     `json:"created_at"`
	Line        int64         `json:"line"`
	Time        time.Time     `json:"time"` // zero: not known
	Stream      domain.Stream `json:"stream"`
	Parts       []LogPart     `json:"parts"` // the line around the first mark, without control characters
}

// LogSearchPage is some of what was found, the newest first.
type LogSearchPage struct {
	Hits  []LogHit `json:"hits"`
	Next  string   `json:"next"`  // to go on from, also where nothing was found yet; "": everything was looked at
	Lines int64    `json:"lines"` // that were looked at for this answer

	Unread []string `json:"unread,omitempty"` // executions whose logs are gone or damaged, or were cut
}

// searchFor is how long a search works until it answers with what it has.
const searchFor = 300 * time.Millisecond

// Search finds lines. It fails with CodeInvalid (query) or CodeNotAllowed.
func (l *Logs) Search(ctx context.Context, r LogSearch) (LogSearchPage, error) {
	w, err := l.c.require(ctx, "Logs.Search")
	if err != nil {
		return LogSearchPage{}, err
	}
	var userID *int64
	if anybodys := r.Shared && r.User == "" && w.User.Level.AtLeast(domain.LevelDeveloper); !anybodys {
		if userID, err = l.c.whose(ctx, w, r.User, r.AllUsers); err != nil {
			return LogSearchPage{}, err
		}
	}
	others := userID == nil || *userID != w.User.ID
	query, err := search.Parse(r.Query)
	if err != nil {
		return LogSearchPage{}, err
	}
	if r.Stream != "" {
		if err := checkOutput(r.Stream); err != nil {
			return LogSearchPage{}, err
		}
	}
	filter := engine.LogFilter{
		UserID: userID, ScriptID: r.ScriptID, GroupID: r.GroupID, ProjectID: r.ProjectID, States: r.States, Stream: r.Stream,
		Shortest: seconds(r.Shortest), Longest: seconds(r.Longest), Kind: r.Kind, Shared: r.Shared,
	}
	if r.Bookmarked {
		filter.Bookmarked = cmp.Or(w.User.ID, -1) // who is nobody has none
	}
	if r.Since != nil {
		filter.Since = *r.Since
	}
	if r.Until != nil {
		filter.Until = *r.Until
	}
	if others && l.c.newLogSearch(r.User+"\x00"+r.Query) {
		if err := l.c.app.engine.RecordLogSearch(ctx, w.Actor, r.User, r.Query); err != nil {
			l.c.forgetLogs()
			return LogSearchPage{}, err
		}
	}
	found, err := l.c.app.engine.SearchLogs(ctx, query, filter, min(r.Limit, 1000), r.Before, searchFor)
	if err != nil {
		return LogSearchPage{}, err
	}
	width := 300
	if r.Width != 0 {
		width = min(max(r.Width, 40), 64<<10)
	}
	page := LogSearchPage{Hits: make([]LogHit, len(found.Hits)), Next: found.Next, Lines: found.Lines, Unread: found.Unread}
	for i, h := range found.Hits {
		x := h.Execution
		name := x.ScriptName
		if len(name) == 0 {
			name = domain.Text{domain.English: x.Name}
		}
		page.Hits[i] = LogHit{
			ExecutionID: x.ID, ScriptID: x.ScriptID, Name: name, User: x.User, Project: x.Project, State: x.State,
			CreatedAt: x.CreatedAt, Line: h.Line.Seq, Time: h.Line.Time, Stream: h.Line.Stream,
			Parts: parts(query.Snippet(h.Line.Text, width)),
		}
	}
	return page, nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// parts cuts a text at its marks.
func parts(text string, marks []search.Mark) []LogPart {
	var list []LogPart
	add := func(part string, marked bool) {
		if part != "" {
			list = append(list, LogPart{part, marked})
		}
	}
	end := 0
	for _, m := range marks {
		add(text[end:m.Start], false)
		add(text[m.Start:m.End], true)
		end = m.End
	}
	add(text[end:], false)
	return list
}

// newLogSearch tells whether a search is another one than the client's last,
// whatever it says of where it goes on.
func (c *Client) newLogSearch(search string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logSearch == search {
		return false
	}
	c.logSearch = search
	return true
}
