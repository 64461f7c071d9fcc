package engine

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// Statistics of executions.
type (
	// PeriodFilter chooses the executions that statistics are of.
	PeriodFilter = store.PeriodFilter
	// PeriodStatistics says how executions went.
	PeriodStatistics = store.PeriodStatistics
)

// PeriodStatistics counts and measures the executions of a period (SPEC LOG-9).
func (e *Engine) PeriodStatistics(ctx context.Context, f PeriodFilter) (PeriodStatistics, error) {
	return e.store.Statistics(ctx, f)
}

// ScriptNames gives the names of those of the scripts that there are.
func (e *Engine) ScriptNames(ctx context.Context, ids []domain.ScriptID) (map[domain.ScriptID]domain.Text, error) {
	names := map[domain.ScriptID]domain.Text{}
	for _, id := range ids {
		script, err := e.store.Script(ctx, id)
		switch {
		case err == nil:
			names[id] = script.Name
		case !domain.HasCode(err, domain.CodeNotFound):
			return nil, err
		}
	}
	return names, nil
}
