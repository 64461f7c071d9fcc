package engine

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/search"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/store"
)

// logIndex opens the index of logs when it is first wanted.
type logIndex struct {
	mu    sync.Mutex
	index *search.Index
}

// openLogIndex gives the index of logs.
func (e *Engine) openLogIndex(ctx context.Context) (*search.Index, error) {
	e.logIndex.mu.Lock()
	defer e.logIndex.mu.Unlock()
	if e.logIndex.index == nil {
		x, err := search.Open(ctx, e.options.Root.LogIndex(), logSources{e.store, e.options.Root.ExecutionLogs()})
		if err != nil {
			return nil, err
		}
		e.logIndex.index = x
	}
	return e.logIndex.index, nil
}

func (l *logIndex) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.index == nil {
		return nil
	}
	return l.index.Close()
}

// logSources tells the index of executions.
type logSources struct {
	store *store.Store
	logs  string // their folder
}

func (l logSources) LogSources(ctx context.Context, after int64, limit int) ([]search.Source, error) {
	rows, err := l.store.LogSources(ctx, after, limit)
	found := make([]search.Source, len(rows))
	for i, r := range rows {
		found[i] = search.Source{
			ID: r.ID, Execution: r.Execution, Base: logBase(l.logs, r.LogPath),
			UserID: r.UserID, Script: r.ScriptID, ProjectID: r.ProjectID, Created: r.CreatedAt.Time,
		}
	}
	return found, err
}

func (l logSources) LogsEnded(ctx context.Context, ids []int64) (map[int64]bool, error) {
	live, err := l.store.LogsLive(ctx, ids)
	if err != nil {
		return nil, err
	}
	ended := make(map[int64]bool, len(ids))
	for _, id := range ids {
		ended[id] = !live[id]
	}
	return ended, nil
}

// indexer keeps the index of logs up to date.
type indexer struct{ e *Engine }

// Serve runs until ctx ends.
func (s *indexer) Serve(ctx context.Context) error {
	x, err := s.e.openLogIndex(ctx)
	if err != nil {
		return err
	}
	sub := s.e.bus.Subscribe(func(ev domain.Event) bool {
		e, ok := ev.Data.(domain.Execution)
		return ok && ev.Type == domain.EventExecutionChanged && !e.State.Live()
	})
	defer sub.Close()
	go func() {
		for range sub.Events() {
			x.Wake()
		}
	}()
	done := make(chan error, 1)
	go func() {
		// The supervisor catches what panics in Serve alone.
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("index logs: %v\n%s", r, debug.Stack())
			}
			close(done)
		}()
		runtime.LockOSThread() // the thread ends with this goroutine
		if err := platform.Background(); err != nil {
			s.e.log.Warn("logs are indexed at usual priority", "error", err)
		}
		x.Run(ctx, s.e.log)
	}()
	if err := <-done; err != nil {
		return err
	}
	return ctx.Err()
}

func (s *indexer) String() string { return "index logs" }

// LogFilter chooses the executions whose logs are searched; the zero value of
// a field chooses all.
type LogFilter struct {
	UserID    *int64
	ScriptID  domain.ScriptID
	GroupID   string
	ProjectID int64
	States    []domain.State
	Since     time.Time // created then or later
	Until     time.Time // created before
	Shortest  time.Duration
	Longest   time.Duration
	Stream    domain.Stream

	Kind       string
	Bookmarked int64 // by this user
	Shared     bool
}

// LogHit is a line that was found, and of which execution it is.
type LogHit struct {
	Execution domain.Execution
	Line      domain.LogLine
}

// LogAnswer is some of what was found, the newest first.
type LogAnswer struct {
	Hits  []LogHit
	Next  string // to go on from; "" when everything was looked at
	Lines int64  // that were looked at

	Unread []string // executions whose logs are gone or damaged, or were cut
}

// SearchLogs gives the next lines of logs that match. It answers after within,
// even with nothing found yet, and is then asked again with Next as before.
func (e *Engine) SearchLogs(ctx context.Context, q search.Query, f LogFilter, limit int, before string, within time.Duration) (LogAnswer, error) {
	x, err := e.openLogIndex(ctx)
	if err != nil {
		return LogAnswer{}, err
	}
	if e.options.Kind == platform.OwnerCommand && before == "" {
		e.buildLogIndex(ctx, x)
	}
	known := map[string]domain.Execution{}
	execution := func(id string) (domain.Execution, error) {
		if got, ok := known[id]; ok {
			return got, nil
		}
		got, err := e.store.Execution(ctx, id)
		if err == nil {
			known[id] = got
		}
		return got, err
	}
	filter := search.Filter{
		UserID: f.UserID, Script: f.ScriptID, ProjectID: f.ProjectID, Since: f.Since, Until: f.Until, Stream: f.Stream,
		Allow: func(_ context.Context, id string) (bool, error) {
			got, err := execution(id)
			if failure := domain.AsError(err); failure != nil && failure.Code == domain.CodeNotFound {
				return false, nil // removed since
			}
			return err == nil && f.takes(got), err
		},
	}
	if f.Bookmarked != 0 || f.Shared {
		if filter.Among, err = e.marked(ctx, f); err != nil {
			return LogAnswer{}, err
		}
	}
	found, err := x.Search(ctx, search.Request{Query: q, Filter: filter, Limit: limit, Before: before, Within: within})
	if err != nil {
		return LogAnswer{}, err
	}
	for _, unread := range found.Unread {
		e.log.Warn("a log could not be searched", "error", unread.Because)
	}
	answer := LogAnswer{Hits: make([]LogHit, len(found.Hits)), Next: found.Next, Lines: found.Lines}
	for _, unread := range found.Unread {
		answer.Unread = append(answer.Unread, unread.Execution)
	}
	for i, h := range found.Hits {
		got, err := execution(h.Execution)
		if err != nil {
			return LogAnswer{}, err
		}
		answer.Hits[i] = LogHit{Execution: got, Line: h.Line}
	}
	return answer, nil
}

// marked gives the executions that are bookmarked, or shared: they are few.
func (e *Engine) marked(ctx context.Context, f LogFilter) ([]string, error) {
	ids := []string{}
	q := ExecutionFilter{
		UserID: f.UserID, ScriptID: f.ScriptID, GroupID: f.GroupID, ProjectID: f.ProjectID, Kind: f.Kind,
		Bookmarked: f.Bookmarked, Shared: f.Shared, Limit: 1000,
	}
	for {
		page, next, err := e.store.Executions(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, x := range page {
			ids = append(ids, x.ID)
		}
		if q.Before = next; next == "" {
			return ids, nil
		}
	}
}

// takes tells whether an execution is as the filter wants, by what the index
// does not know.
func (f LogFilter) takes(x domain.Execution) bool {
	if f.Kind != "" && x.Kind != f.Kind {
		return false
	}
	if f.GroupID != "" && x.GroupID != f.GroupID {
		return false
	}
	if len(f.States) > 0 && !slices.Contains(f.States, x.State) {
		return false
	}
	if f.Shortest == 0 && f.Longest == 0 {
		return true
	}
	took := time.Duration(x.DurationMS) * time.Millisecond
	if x.State.Live() && x.StartedAt != nil {
		took = time.Since(*x.StartedAt)
	}
	return took >= f.Shortest && (f.Longest == 0 || took <= f.Longest)
}

// RecordLogSearch records that an administrator searches the logs of another
// person, or "" of all.
func (e *Engine) RecordLogSearch(ctx context.Context, a Actor, user, query string) error {
	what := "logs"
	if user != "" {
		what = "user:" + user
	}
	return e.store.Audit(context.WithoutCancel(ctx), a, "log.search", what, nil, map[string]any{"query": query})
}

// buildFor is how long a command works on the index before it searches: where
// nothing but commands uses a root, nobody else does.
const buildFor = 2 * time.Second

func (e *Engine) buildLogIndex(ctx context.Context, x *search.Index) {
	building, cancel := context.WithTimeout(ctx, buildFor)
	defer cancel()
	if err := x.Build(building); err != nil && building.Err() == nil {
		e.log.Warn("logs could not be indexed", "error", err)
	}
}
