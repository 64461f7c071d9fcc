package engine

import (
	"encoding/json"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
)

// Span is how long an execution was in one phase.
type Span struct {
	Phase string // one of the Span constants
	From  time.Time
	To    *time.Time // nil: it still is
}

// The phases of a timeline, in their order.
const (
	SpanQueued      = "queued"      // it waits for room
	SpanEnvironment = "environment" // its environment is activated
	SpanPort        = "port"        // a port is leased
	SpanStart       = "start"       // folders, confinement, the shim and the interpreter
	SpanPage        = "page"        // the script runs, its page does not answer yet
	SpanRunning     = "running"
	SpanEnding      = "ending" // it was told to end
)

// Timeline is an execution's phases, and what it used meanwhile.
type Timeline struct {
	Spans []Span
	Uses  []log.Use
}

// debugLines is how many debug lines are looked through for phases.
const debugLines = 5000

// Timeline gives an execution's phases by its debug lines, and its use.
func (e *Engine) Timeline(x domain.Execution) (Timeline, error) {
	page, err := e.ReadLog(x, 1, debugLines, []domain.Stream{domain.Debug})
	if err != nil {
		return Timeline{}, err
	}
	uses, err := log.ReadUses(e.logBase(x.LogPath))
	return Timeline{Spans: spans(x, page.Lines), Uses: uses}, err
}

// spans tells phases by the debug lines that end and begin them.
func spans(x domain.Execution, lines []domain.LogLine) []Span {
	list := []Span{}
	begin := func(phase string, at time.Time) {
		n := len(list)
		if n > 0 && list[n-1].Phase == phase {
			return
		}
		if n > 0 {
			list[n-1].To = &at
		}
		list = append(list, Span{Phase: phase, From: at})
	}
	begin(SpanEnvironment, x.CreatedAt)
	for _, line := range lines {
		var said struct {
			Time time.Time `json:"time"`
			Text string    `json:"msg"`
		}
		if json.Unmarshal([]byte(line.Text), &said) != nil || said.Time.Before(x.CreatedAt) {
			continue
		}
		switch at := said.Time.UTC(); said.Text {
		case "waits for room":
			list[0].Phase = SpanQueued
		case "there is room", "port taken by another program, trying another one":
			begin(SpanEnvironment, at)
		case "environment":
			if x.HasPage {
				begin(SpanPort, at)
			} else {
				begin(SpanStart, at)
			}
		case "port":
			begin(SpanStart, at)
		case "script started":
			if x.HasPage {
				begin(SpanPage, at)
			} else {
				begin(SpanRunning, at)
			}
		case "page answers":
			begin(SpanRunning, at)
		case "stop":
			begin(SpanEnding, at)
		}
	}
	if last := &list[len(list)-1]; x.EndedAt != nil {
		last.To = x.EndedAt
		if x.EndedAt.Before(last.From) { // the clock was set back
			last.To = &last.From
		}
	}
	return list
}
