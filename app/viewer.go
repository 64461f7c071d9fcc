package app

import (
	"context"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// FindRequest asks where a text is in one log.
type FindRequest struct {
	ExecutionID string          `json:"execution_id"`
	Text        string          `json:"text"`
	Case        bool            `json:"case,omitempty"`     // upper and lower case differ
	Word        bool            `json:"word,omitempty"`     // whole words
	Regexp      bool            `json:"regexp,omitempty"`   // the text is an expression (RE2)
	Streams     []domain.Stream `json:"streams,omitempty"`  // none: stdout and stderr
	From        int64           `json:"from"`               // a line; 0 is the first, or the last when backward
	Backward    bool            `json:"backward,omitempty"` // from the line up
	Limit       int             `json:"limit"`              // the most lines, up to 5000; 0: they are only counted
}

// FindResult is what was found in a part of the log.
type FindResult struct {
	Lines []int64 `json:"lines"` // in the order in which they were found
	Count int64   `json:"count"` // lines found, with those that are not named
	Next  int64   `json:"next"`  // the line to go on from: above Total, or 0 when backward, at the end
	Total int64   `json:"total"` // complete lines
}

// FindInLog looks for a text in an execution's log, in a part of it that takes
// a fraction of a second: Next tells where to go on. Who stops asking has
// cancelled. It fails with CodeNotFound or CodeInvalid (text, stream).
func (x *Executions) FindInLog(ctx context.Context, r FindRequest) (FindResult, error) {
	e, err := x.readable(ctx, "Executions.FindInLog", r.ExecutionID)
	if err != nil {
		return FindResult{}, err
	}
	if err := checkStreams(r.Streams); err != nil {
		return FindResult{}, err
	}
	found, err := x.c.app.engine.FindInLog(ctx, e, engine.LogFind{
		LogPattern: engine.LogPattern{Text: r.Text, Case: r.Case, Word: r.Word, Regexp: r.Regexp},
		Streams:    r.Streams,
		From:       r.From,
		Backward:   r.Backward,
		Limit:      min(max(r.Limit, 0), 5000),
	})
	return FindResult(found), err
}

// RowsRequest asks where the lines of one stream are.
type RowsRequest struct {
	ExecutionID string        `json:"execution_id"`
	Stream      domain.Stream `json:"stream"` // stdout or stderr
	Every       int64         `json:"every"`  // a place each so many rows, 100 and more
	From        int64         `json:"from"`   // go on from this line; 0 is the first
	Count       int64         `json:"count"`  // the stream's lines before it
}

// RowsResult tells where the lines of a stream are among all of them.
type RowsResult struct {
	Starts []int64 `json:"starts"` // lines that are row 0, every, 2*every … of the stream
	Count  int64   `json:"count"`  // the stream's lines
	Next   int64   `json:"next"`   // the line to go on from
}

// LogRows counts the lines of one stream, for a view of it alone. It fails with
// CodeNotFound or CodeInvalid.
func (x *Executions) LogRows(ctx context.Context, r RowsRequest) (RowsResult, error) {
	e, err := x.readable(ctx, "Executions.LogRows", r.ExecutionID)
	if err != nil {
		return RowsResult{}, err
	}
	if err := checkOutput(r.Stream); err != nil {
		return RowsResult{}, err
	}
	rows, err := x.c.app.engine.LogRows(e, r.Stream, max(r.Every, 100), r.From, max(r.Count, 0))
	return RowsResult{Starts: rows.Starts, Count: rows.Count, Next: rows.Next}, err
}

// LineAtRequest names a moment of an execution.
type LineAtRequest struct {
	ExecutionID string    `json:"execution_id"`
	Time        time.Time `json:"time"`
}

// LineAtResult is a line of a log.
type LineAtResult struct {
	Line int64 `json:"line"`
}

// LogLineAt gives the first line that came at a time or later, the last where
// none did. It fails with CodeNotFound.
func (x *Executions) LogLineAt(ctx context.Context, r LineAtRequest) (LineAtResult, error) {
	e, err := x.readable(ctx, "Executions.LogLineAt", r.ExecutionID)
	if err != nil {
		return LineAtResult{}, err
	}
	line, err := x.c.app.engine.LogLineAt(e, r.Time)
	return LineAtResult{Line: line}, err
}
