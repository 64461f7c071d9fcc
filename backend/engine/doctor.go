package engine

import (
	"context"

	"scriptsmanager/backend/domain"
)

// Finding is one thing that the doctor looked at.
type Finding struct {
	ID    string `json:"id"`
	State string `json:"state"` // ok, warning, missing
	Title string `json:"title"`
	Text  string `json:"text"` // what to do
}

// Doctor looks at what the product needs on this machine.
func (e *Engine) Doctor(ctx context.Context, l domain.Language) []Finding {
	return []Finding{}
}
