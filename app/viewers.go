package app

import (
	"context"

	"scriptsmanager/backend/domain"
)

// viewingMost is of how many logs a client may say that it has them open.
const viewingMost = 64

// ViewingRequest names the executions whose logs the client has open.
type ViewingRequest struct {
	ExecutionIDs []string `json:"execution_ids"` // all of them; at most 64
}

// ViewingResult tells administrators how many clients have each of them open,
// this one included; others are told nothing.
type ViewingResult struct {
	Viewers []domain.LogViewers `json:"viewers"`
}

// Viewing says which logs the client has open from now on, until it says so
// anew or its connection ends. What the person may not see is left out. It
// fails with CodeLimitReached.
func (x *Executions) Viewing(ctx context.Context, r ViewingRequest) (ViewingResult, error) {
	w, err := x.c.require(ctx, "Executions.Viewing")
	if err != nil {
		return ViewingResult{}, err
	}
	if len(r.ExecutionIDs) > viewingMost {
		return ViewingResult{}, domain.NewError(domain.CodeLimitReached, "limit", "execution_ids", "value", viewingMost)
	}
	open := make([]string, 0, len(r.ExecutionIDs))
	for _, id := range r.ExecutionIDs {
		_, _, err := x.seen(ctx, "Executions.Viewing", id)
		if domain.HasCode(err, domain.CodeNotFound) {
			continue
		}
		if err != nil {
			return ViewingResult{}, err
		}
		open = append(open, id)
	}
	x.c.view(func() { x.c.logsOpen = open })
	result := ViewingResult{Viewers: []domain.LogViewers{}}
	if w.User.Level == domain.LevelAdmin {
		for _, id := range open {
			result.Viewers = append(result.Viewers, domain.LogViewers{ExecutionID: id, Viewers: x.c.app.engine.LogViewers(id)})
		}
	}
	return result, nil
}

// view changes what the engine's count of viewers goes by, and counts anew. A
// browser's tab counts while it hears events: its session outlives it.
func (c *Client) view(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	var open []string
	if !c.closed && (c.listens > 0 || c.options.Kind == ClientCommand) {
		open = c.logsOpen
	}
	c.app.engine.ViewLogs(c.id, open)
}

// sharedWith tells whether an event is of an execution that is shared with
// those of the level (SPEC LOG-10).
func (c *Client) sharedWith(ctx context.Context, level domain.Level, e domain.Event) bool {
	if !level.AtLeast(domain.LevelDeveloper) {
		return false
	}
	var id string
	switch data := e.Data.(type) {
	case domain.Execution:
		id = data.ID
	case domain.OutputEvent:
		id = data.ExecutionID
	default:
		return false
	}
	shared, err := c.app.engine.Shared(ctx, id)
	return err == nil && shared
}
