package engine

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/format"
)

// How much of a log one step of a search looks through: each takes about a
// tenth of a second, so that it can be cancelled and shows how far it is.
const (
	findText       = 64 << 20
	findExpression = 8 << 20
)

// LogPattern is what a person looks for in lines.
type LogPattern = log.Pattern

// LogFind says what to look for in one log.
type LogFind struct {
	LogPattern
	Streams  []domain.Stream
	From     int64 // a line; 0: the first, or the last when backward
	Backward bool
	Limit    int // the most lines to name; 0: they are counted
}

// LogFound is what one step of a search found.
type LogFound struct {
	Lines       []int64
	Count       int64
	Next, Total int64 // as log.Progress has them
}

// FindInLog takes one step of a search through an execution's log. It fails
// with CodeInvalid where the pattern is none.
func (e *Engine) FindInLog(ctx context.Context, x domain.Execution, f LogFind) (LogFound, error) {
	m, err := f.Matcher()
	if err != nil {
		return LogFound{}, err
	}
	r, err := e.openLogOf(x)
	if err != nil {
		return LogFound{}, err
	}
	defer func() { _ = r.Close() }()
	found := LogFound{Lines: []int64{}}
	span := log.Span{From: f.From, Streams: f.Streams, Most: findText}
	if f.Regexp {
		span.Most = findExpression
	}
	take := func(h log.Hit) bool {
		if h.Open { // it has no number that stays
			return true
		}
		found.Count++
		if f.Limit == 0 {
			return true
		}
		found.Lines = append(found.Lines, h.Seq)
		return len(found.Lines) < f.Limit
	}
	find := r.Find
	if f.Backward {
		find = r.FindLast
	}
	at, err := find(ctx, m, span, take)
	found.Next, found.Total = at.Next, at.Total
	return found, err
}

// LogRows counts the lines of one stream. See log.Reader.Rows.
func (e *Engine) LogRows(x domain.Execution, stream domain.Stream, every, from, count int64) (log.Rows, error) {
	r, err := e.openLogOf(x)
	if err != nil {
		return log.Rows{}, err
	}
	defer func() { _ = r.Close() }()
	return r.Rows(stream, every, from, count)
}

// LogLineAt gives the first line at or after a time. See log.Reader.LineAt.
func (e *Engine) LogLineAt(x domain.Execution, at time.Time) (int64, error) {
	r, err := e.openLogOf(x)
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }()
	return r.LineAt(at)
}

// tracebackText is how much of a log one step looks through for tracebacks.
const tracebackText = 32 << 20

// Tracebacks takes one step of looking for tracebacks in an execution's log.
// Places are those of files in the script's folder. See log.Reader.Tracebacks.
func (e *Engine) Tracebacks(ctx context.Context, x domain.Execution, from, row int64, streams []domain.Stream) (log.Tracebacks, error) {
	folder := ""
	script, err := e.store.Script(ctx, x.ScriptID)
	switch {
	case err == nil:
		folder = filepath.Dir(script.Path)
	case x.ScriptID != "" && !domain.HasCode(err, domain.CodeNotFound):
		return log.Tracebacks{}, err
	}
	r, err := e.openLogOf(x)
	if err != nil {
		return log.Tracebacks{}, err
	}
	defer func() { _ = r.Close() }()
	return r.Tracebacks(ctx, folder, from, row, tracebackText, streams...)
}

func (e *Engine) openLogOf(x domain.Execution) (*log.Reader, error) {
	return log.Open(e.logBase(x.LogPath))
}

// logBase is the path of a log's files without their ending. A record may have
// the path of another root, which this one was copied or moved from: of a log,
// the root's own is meant.
func (e *Engine) logBase(path string) string { return logBase(e.options.Root.ExecutionLogs(), path) }

func logBase(logs, path string) string {
	path = strings.TrimSuffix(path, format.LogSuffix)
	day, name := filepath.Split(path)
	user, day := filepath.Split(filepath.Clean(day))
	of, user := filepath.Split(filepath.Clean(user))
	if filepath.Base(of) == filepath.Base(logs) && strings.HasPrefix(name, "execution_") {
		return filepath.Join(logs, user, day, name)
	}
	return path
}
