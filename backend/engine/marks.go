package engine

import (
	"context"
	"fmt"
	"sync"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/store"
)

// Mark is what a person noted of an execution.
type Mark = store.Mark

// Marks are what there is to say of an execution to one person.
type Marks = store.Marks

// SavedFilter is a set of filters with a name.
type SavedFilter = store.SavedFilter

// MarksOf gives what there is to say of executions to a user.
func (e *Engine) MarksOf(ctx context.Context, userID int64, executions []string) (map[string]Marks, error) {
	return e.store.MarksOf(ctx, userID, executions)
}

// SetMark keeps what a user notes of an execution.
func (e *Engine) SetMark(ctx context.Context, userID int64, execution string, m Mark) error {
	e.marking.RLock()
	defer e.marking.RUnlock()
	return e.store.SetMark(ctx, userID, execution, m)
}

// SetShared shares an execution with developers, or takes that back.
func (e *Engine) SetShared(ctx context.Context, a Actor, execution string, shared bool) error {
	e.shares.mu.Lock()
	defer e.shares.mu.Unlock()
	delete(e.shares.known, execution)
	return e.store.SetShared(ctx, a, execution, shared)
}

// shares keeps which executions are shared: it is asked for each line of events.
type shares struct {
	mu    sync.Mutex // guards known; held while the store is asked or changed
	known map[string]bool
}

// sharesKept bounds shares; what is not kept is asked again.
const sharesKept = 4096

// Shared tells whether an execution is shared.
func (e *Engine) Shared(ctx context.Context, execution string) (bool, error) {
	e.shares.mu.Lock()
	defer e.shares.mu.Unlock()
	if shared, ok := e.shares.known[execution]; ok {
		return shared, nil
	}
	marks, err := e.store.MarksOf(ctx, 0, []string{execution})
	if err != nil {
		return false, err
	}
	if e.shares.known == nil || len(e.shares.known) >= sharesKept {
		e.shares.known = map[string]bool{}
	}
	shared := marks[execution].Share != nil
	e.shares.known[execution] = shared
	return shared, nil
}

// RecordLogOpened records that somebody opened the log of another.
func (e *Engine) RecordLogOpened(ctx context.Context, a Actor, x domain.Execution) error {
	return e.store.Audit(context.WithoutCancel(ctx), a, "log.open", "execution:"+x.ID, nil, map[string]any{"script": x.ScriptID, "user": x.User})
}

// DeleteExecution removes an ended execution: its log's files, what the index
// of logs has of it, and the record. It fails with CodeExecutionRuns,
// CodeBookmarked or CodeNotFound, and then everything stays.
func (e *Engine) DeleteExecution(ctx context.Context, a Actor, x domain.Execution) error {
	ctx = context.WithoutCancel(ctx) // what is begun is done whole
	if _, live := e.executions.Live(x.ID); live {
		return domain.NewError(domain.CodeExecutionRuns)
	}
	if err := e.store.Deletable(ctx, x.ID); err != nil {
		return err
	}
	index, err := e.openLogIndex(ctx)
	if err != nil {
		return err
	}
	if err := index.Forget(ctx, x.ID); err != nil {
		return fmt.Errorf("forget log of %s: %w", x.ID, err)
	}
	// That may have taken its time; from here on nobody sets a bookmark.
	e.marking.Lock()
	defer e.marking.Unlock()
	if err := e.store.Deletable(ctx, x.ID); err != nil {
		return err
	}
	// The files first: what is left over when something stops it is a record
	// that can be deleted again, and never a log that nobody knows of.
	if x.LogPath != "" {
		if err := log.Remove(e.logBase(x.LogPath)); err != nil {
			return fmt.Errorf("delete log of %s: %w", x.ID, err)
		}
	}
	return e.store.DeleteExecution(ctx, a, x.ID)
}

// SavedFilters gives a user's sets of filters.
func (e *Engine) SavedFilters(ctx context.Context, userID int64) ([]SavedFilter, error) {
	return e.store.SavedFilters(ctx, userID)
}

// SaveFilter keeps or changes one. See store.SaveFilter.
func (e *Engine) SaveFilter(ctx context.Context, userID int64, f SavedFilter) (SavedFilter, error) {
	return e.store.SaveFilter(ctx, userID, f)
}

// DeleteSavedFilter forgets one. It fails with CodeNotFound.
func (e *Engine) DeleteSavedFilter(ctx context.Context, userID, id int64) error {
	return e.store.DeleteSavedFilter(ctx, userID, id)
}
