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

// TracebacksRequest asks where the tracebacks of a log are.
type TracebacksRequest struct {
	ExecutionID string          `json:"execution_id"`
	Streams     []domain.Stream `json:"streams,omitempty"` // none: stdout and stderr
	From        int64           `json:"from"`              // a line; 0 is the first
	Row         int64           `json:"row"`               // the streams' lines before it
}

// TracebackRows is a run of a traceback's rows, which are the lines of the
// streams that were asked for, counted from 0.
type TracebackRows struct {
	Row   int64 `json:"row"`
	Count int64 `json:"count"`
}

// Traceback is what Python said of one exception and those that led to it.
type Traceback struct {
	First int64           `json:"first"` // line
	Parts []TracebackRows `json:"parts"` // in order; rows between are of the other stream
	Said  int64           `json:"said"`  // the row with the exception and its message
	Place string          `json:"place"` // "file.py:12" in the script's folder, innermost; "": there is none
}

// TracebacksResult is what was found in a part of the log. What begins at a
// request's From or behind it takes the place of what was found there before.
type TracebacksResult struct {
	Tracebacks []Traceback `json:"tracebacks"`
	Next       int64       `json:"next"` // the line to go on from
	Row        int64       `json:"row"`  // its row
	Total      int64       `json:"total"`
	End        bool        `json:"end"` // every line was looked at
}

// Tracebacks looks for Python's tracebacks in a part of an execution's log that
// takes a fraction of a second. It fails with CodeNotFound or CodeInvalid.
func (x *Executions) Tracebacks(ctx context.Context, r TracebacksRequest) (TracebacksResult, error) {
	e, err := x.readable(ctx, "Executions.Tracebacks", r.ExecutionID)
	if err != nil {
		return TracebacksResult{}, err
	}
	for _, s := range r.Streams {
		if err := checkOutput(s); err != nil {
			return TracebacksResult{}, err
		}
	}
	found, err := x.c.app.engine.Tracebacks(ctx, e, r.From, r.Row, r.Streams)
	if err != nil {
		return TracebacksResult{}, err
	}
	result := TracebacksResult{
		Tracebacks: make([]Traceback, len(found.Found)), Next: found.Next, Row: found.Row, Total: found.Total, End: found.End,
	}
	for i, t := range found.Found {
		parts := make([]TracebackRows, len(t.Parts))
		for j, p := range t.Parts {
			parts[j] = TracebackRows(p)
		}
		result.Tracebacks[i] = Traceback{First: t.First, Parts: parts, Said: t.Said, Place: t.Place}
	}
	return result, nil
}
