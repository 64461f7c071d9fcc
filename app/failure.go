package app

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"scriptsmanager/backend/domain"
)

// shown makes of any error one that a person may see: an unexpected one goes
// to the log under an incident number, which is all that the person gets.
func (a *App) shown(err error) *domain.Error {
	if err == nil {
		return nil
	}
	if e := domain.AsError(err); e != nil && e.Code != domain.CodeInternal {
		return e
	}
	if errors.Is(err, context.Canceled) {
		return domain.NewError(domain.CodeUnavailable, "detail", "cancelled")
	}
	incident := uuid.NewString()[:8]
	a.log.Error("unexpected failure", "incident", incident, "error", err)
	return domain.NewError(domain.CodeInternal, "incident", incident)
}

// Shown is shown for the doors, which turn every failure of a call into one
// that may go out.
func (c *Client) Shown(err error) *domain.Error { return c.app.shown(err) }
