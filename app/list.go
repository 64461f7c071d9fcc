package app

import (
	"context"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// ExecutionQuery filters and sorts the list; what is not given chooses all.
type ExecutionQuery struct {
	States      []domain.State `json:"states,omitempty"`
	ScriptID    string         `json:"script_id,omitempty"`
	GroupID     string         `json:"group_id,omitempty"`
	ProjectID   int64          `json:"project_id,omitempty"`
	Kind        string         `json:"kind,omitempty"`        // script or environment
	Environment string         `json:"environment,omitempty"` // path
	AllUsers    bool           `json:"all_users,omitempty"`   // administrators only
	User        string         `json:"user,omitempty"`        // of another one: administrators only
	Since       *time.Time     `json:"since,omitempty"`       // begun then or later
	Until       *time.Time     `json:"until,omitempty"`       // begun before
	Shortest    float64        `json:"shortest,omitempty"`    // seconds that it took at least; it has ended
	Longest     float64        `json:"longest,omitempty"`     // seconds that it took at most; it has ended
	Bookmarked  bool           `json:"bookmarked,omitempty"`
	Shared      bool           `json:"shared,omitempty"`    // developers: anybody's
	Sort        string         `json:"sort,omitempty"`      // state, script, duration, project, user, reason; "": when it began
	Ascending   bool           `json:"ascending,omitempty"` // the least first; else the greatest, the newest
	Limit       int            `json:"limit,omitempty"`     // 1 to 500, 0 is 50
	Before      string         `json:"before,omitempty"`    // the Next of the page before, of the same query
}

// ExecutionPage is a page of the list.
type ExecutionPage struct {
	Items []domain.Execution        `json:"items"`
	Marks map[string]ExecutionMarks `json:"marks"` // by execution; of which there is nothing to say is not in it
	Next  string                    `json:"next"`  // "": no more
}

// ExecutionMarks is what the person noted of an execution, and whether it is shared.
type ExecutionMarks struct {
	Bookmarked bool       `json:"bookmarked"`
	Note       string     `json:"note"`
	SharedBy   string     `json:"shared_by,omitempty"` // the administrator's name
	SharedAt   *time.Time `json:"shared_at,omitempty"`
}

func executionMarks(m engine.Marks) ExecutionMarks {
	marks := ExecutionMarks{Bookmarked: m.Bookmarked, Note: m.Note}
	if m.Share != nil {
		marks.SharedBy, marks.SharedAt = m.Share.By, &m.Share.At
	}
	return marks
}

// whose gives the user whose executions are wanted, nil for everyone's. It
// fails with CodeNotAllowed where they are another's, except for administrators.
func (c *Client) whose(ctx context.Context, w who, user string, everyone bool) (*int64, error) {
	if user != "" && user == w.User.Name || user == "" && !everyone {
		return &w.User.ID, nil
	}
	if w.User.Level != domain.LevelAdmin {
		return nil, domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelAdmin))
	}
	if user == "" {
		return nil, nil //nolint:nilnil // everyone
	}
	other, err := c.app.engine.UserByName(ctx, user)
	return &other.ID, err
}

// List lists executions. It fails with CodeNotAllowed, CodeNotFound (user) or
// CodeUsage (sort, before).
func (x *Executions) List(ctx context.Context, r ExecutionQuery) (ExecutionPage, error) {
	w, err := x.c.require(ctx, "Executions.List")
	if err != nil {
		return ExecutionPage{}, err
	}
	filter := engine.ExecutionFilter{
		States: r.States, ScriptID: r.ScriptID, GroupID: r.GroupID, ProjectID: r.ProjectID, Kind: r.Kind, Environment: r.Environment,
		Shortest: seconds(r.Shortest), Longest: seconds(r.Longest), Shared: r.Shared,
		Sort: engine.ExecutionSort(r.Sort), Ascending: r.Ascending, Limit: r.Limit, Before: r.Before,
	}
	if filter.Limit <= 0 {
		filter.Limit = 50
	}
	filter.Limit = min(filter.Limit, 500)
	if r.Since != nil {
		filter.Since = *r.Since
	}
	if r.Until != nil {
		filter.Until = *r.Until
	}
	if r.Bookmarked {
		filter.Bookmarked = w.User.ID
	}
	anybodys := r.Shared && r.User == "" && w.User.Level.AtLeast(domain.LevelDeveloper)
	if !anybodys {
		if filter.UserID, err = x.c.whose(ctx, w, r.User, r.AllUsers); err != nil {
			return ExecutionPage{}, err
		}
	}
	page := ExecutionPage{Marks: map[string]ExecutionMarks{}}
	if page.Items, page.Next, err = x.c.app.engine.ExecutionList(ctx, filter); err != nil {
		return ExecutionPage{}, err
	}
	ids := make([]string, len(page.Items))
	for i, e := range page.Items {
		ids[i] = e.ID
	}
	marks, err := x.c.app.engine.MarksOf(ctx, w.User.ID, ids)
	for id, m := range marks {
		page.Marks[id] = executionMarks(m)
	}
	return page, err
}

// seen gives an execution that the person may look at: his own, a shared one
// for developers, any for administrators.
func (x *Executions) seen(ctx context.Context, method, id string) (domain.Execution, who, error) {
	w, err := x.c.require(ctx, method)
	if err != nil {
		return domain.Execution{}, who{}, err
	}
	e, err := x.c.app.engine.Execution(ctx, id)
	if err != nil {
		return domain.Execution{}, who{}, err
	}
	if e.UserID == w.User.ID || w.User.Level == domain.LevelAdmin {
		return e, w, nil
	}
	if w.User.Level.AtLeast(domain.LevelDeveloper) {
		if shared, err := x.c.app.engine.Shared(ctx, id); err != nil || shared {
			return e, w, err
		}
	}
	return domain.Execution{}, who{}, domain.NewError(domain.CodeNotFound, "what", "execution", "name", id)
}

// readable gives an execution whose log the person may read; that he opens
// another's is recorded (SPEC LOG-11).
func (x *Executions) readable(ctx context.Context, method, id string) (domain.Execution, error) {
	e, w, err := x.seen(ctx, method, id)
	if err != nil {
		return domain.Execution{}, err
	}
	return e, x.c.recordOpened(ctx, w, e)
}

// recordOpened records that the person opens the log of another.
func (c *Client) recordOpened(ctx context.Context, w who, e domain.Execution) error {
	if e.UserID == w.User.ID || !c.opensLog(e.ID) {
		return nil
	}
	err := c.app.engine.RecordLogOpened(ctx, w.Actor, e)
	if err != nil {
		c.forgetLogs()
	}
	return err
}

// logStaysOpen is how long after a look at a log the next one still belongs to
// the same opening: a page reads a log in many parts.
const logStaysOpen = 10 * time.Minute

// opensLog tells whether the client looks at a log that it had not open.
func (c *Client) opensLog(id string) bool {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	last, open := c.logsRead[id]
	if c.logsRead == nil {
		c.logsRead = map[string]time.Time{}
	}
	for other, at := range c.logsRead {
		if now.Sub(at) > logStaysOpen {
			delete(c.logsRead, other)
		}
	}
	c.logsRead[id] = now
	return !open || now.Sub(last) > logStaysOpen
}

// forgetLogs has the next look at each log, and the next search, be a new one:
// what was not recorded, or what another person looked at, does not count.
func (c *Client) forgetLogs() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.logsRead, c.logSearch = nil, ""
}

// TimelineView is an execution's phases and what it used, with all that it
// started, over time.
type TimelineView struct {
	Spans []TimelineSpan `json:"spans"`
	Uses  []TimelineUse  `json:"uses"`
}

// TimelineSpan is how long an execution was in one phase.
type TimelineSpan struct {
	Phase string     `json:"phase"` // queued, environment, port, start, page, running, ending
	From  time.Time  `json:"from"`
	To    *time.Time `json:"to"` // null: it still is
}

// TimelineUse is what an execution used at one time.
type TimelineUse struct {
	At        time.Time `json:"at"`
	CPU       float64   `json:"cpu_percent"` // of one processor, since the one before; several may be at work
	Memory    int64     `json:"memory_bytes"`
	Processes int       `json:"processes"`
}

// Timeline gives an execution's phases and use. It fails with CodeNotFound.
func (x *Executions) Timeline(ctx context.Context, r ExecutionRequest) (TimelineView, error) {
	e, _, err := x.seen(ctx, "Executions.Timeline", r.ExecutionID)
	if err != nil {
		return TimelineView{}, err
	}
	t, err := x.c.app.engine.Timeline(e)
	if err != nil {
		return TimelineView{}, err
	}
	view := TimelineView{Spans: make([]TimelineSpan, len(t.Spans)), Uses: make([]TimelineUse, len(t.Uses))}
	for i, s := range t.Spans {
		view.Spans[i] = TimelineSpan(s)
	}
	last, used := e.CreatedAt, 0.0
	if e.StartedAt != nil {
		last = *e.StartedAt
	}
	for i, u := range t.Uses {
		percent := 0.0
		// A little time gives a great error.
		if passed := u.At.Sub(last).Seconds(); passed >= 0.05 {
			percent = 100 * max(0, u.CPUSeconds-used) / passed
		} else if i > 0 {
			percent = view.Uses[i-1].CPU
		}
		view.Uses[i] = TimelineUse{At: u.At, CPU: percent, Memory: u.Memory, Processes: u.Processes}
		last, used = u.At, u.CPUSeconds
	}
	return view, nil
}
