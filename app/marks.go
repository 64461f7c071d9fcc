package app

import (
	"context"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

const (
	maximumNote       = 4096 // bytes
	maximumFilterName = 60   // characters
	maximumFilter     = 4096 // bytes
	maximumDeleted    = 1000 // executions at once
)

// Marks gives what the person noted of an execution, and whether it is shared.
// It fails with CodeNotFound.
func (x *Executions) Marks(ctx context.Context, r ExecutionRequest) (ExecutionMarks, error) {
	e, w, err := x.seen(ctx, "Executions.Marks", r.ExecutionID)
	if err != nil {
		return ExecutionMarks{}, err
	}
	return x.marks(ctx, w, e.ID)
}

func (x *Executions) marks(ctx context.Context, w who, id string) (ExecutionMarks, error) {
	marks, err := x.c.app.engine.MarksOf(ctx, w.User.ID, []string{id})
	return executionMarks(marks[id]), err
}

// MarkRequest says what the person notes of an execution, for himself alone.
type MarkRequest struct {
	ExecutionID string `json:"execution_id"`
	Bookmarked  bool   `json:"bookmarked"`
	Note        string `json:"note"` // at most 4,096 bytes
}

// SetMark keeps a bookmark and a note. It fails with CodeNotFound or
// CodeInvalid (note).
func (x *Executions) SetMark(ctx context.Context, r MarkRequest) (ExecutionMarks, error) {
	e, w, err := x.seen(ctx, "Executions.SetMark", r.ExecutionID)
	if err != nil {
		return ExecutionMarks{}, err
	}
	note := strings.TrimSpace(r.Note)
	if len(note) > maximumNote {
		return ExecutionMarks{}, domain.NewError(domain.CodeInvalid).
			With("note", domain.NewError(domain.CodeNoteLong, "maximum", maximumNote))
	}
	if err := x.c.app.engine.SetMark(ctx, w.User.ID, e.ID, engine.Mark{Bookmarked: r.Bookmarked, Note: note}); err != nil {
		return ExecutionMarks{}, err
	}
	return x.marks(ctx, w, e.ID)
}

// ShareRequest shares an execution with developers, or takes that back.
type ShareRequest struct {
	ExecutionID string `json:"execution_id"`
	Shared      bool   `json:"shared"`
}

// Share lets those of level developer and above read an execution (SPEC
// LOG-10). It fails with CodeNotFound.
func (x *Executions) Share(ctx context.Context, r ShareRequest) (ExecutionMarks, error) {
	e, w, err := x.seen(ctx, "Executions.Share", r.ExecutionID)
	if err != nil {
		return ExecutionMarks{}, err
	}
	if err := x.c.app.engine.SetShared(ctx, w.Actor, e.ID, r.Shared); err != nil {
		return ExecutionMarks{}, err
	}
	return x.marks(ctx, w, e.ID)
}

// DeleteRequest names executions to be deleted, with their logs.
type DeleteRequest struct {
	ExecutionIDs []string `json:"execution_ids"` // at most 1,000
}

// DeleteResult tells what was deleted, and what was left and why.
type DeleteResult struct {
	Deleted []string       `json:"deleted"`
	Left    []LeftStanding `json:"left"`
}

// LeftStanding is an execution that was not deleted.
type LeftStanding struct {
	ExecutionID string        `json:"execution_id"`
	Error       *domain.Error `json:"error"` // CodeExecutionRuns, CodeBookmarked, CodeNotFound …
}

// Delete deletes ended executions with their logs: one's own, and an
// administrator anybody's. What runs or has a bookmark is left. It fails with
// CodeUsage where there are too many.
func (x *Executions) Delete(ctx context.Context, r DeleteRequest) (DeleteResult, error) {
	w, err := x.c.require(ctx, "Executions.Delete")
	if err != nil {
		return DeleteResult{}, err
	}
	if len(r.ExecutionIDs) > maximumDeleted {
		return DeleteResult{}, domain.NewError(domain.CodeLimitReached, "limit", "execution_ids", "value", maximumDeleted)
	}
	result := DeleteResult{Deleted: []string{}, Left: []LeftStanding{}}
	for _, id := range r.ExecutionIDs {
		e, err := x.own(ctx, "Executions.Delete", id)
		if err == nil {
			err = x.c.app.engine.DeleteExecution(ctx, w.Actor, e)
		}
		if err == nil {
			result.Deleted = append(result.Deleted, id)
			continue
		}
		failure := domain.AsError(err)
		if failure == nil || ctx.Err() != nil {
			return result, err
		}
		result.Left = append(result.Left, LeftStanding{ExecutionID: id, Error: failure})
	}
	return result, nil
}

// SavedFilter is a set of filters of the list that a person gave a name.
type SavedFilter struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Filter string `json:"filter"` // as in the page's address
}

// Filters gives the person's sets of filters, by name.
func (x *Executions) Filters(ctx context.Context) ([]SavedFilter, error) {
	w, err := x.c.require(ctx, "Executions.Filters")
	if err != nil {
		return nil, err
	}
	list, err := x.c.app.engine.SavedFilters(ctx, w.User.ID)
	saved := make([]SavedFilter, len(list))
	for i, f := range list {
		saved[i] = SavedFilter(f)
	}
	return saved, err
}

// SaveFilter keeps a new set of filters (id 0), or gives one another name, and
// other filters where they are given. It fails with CodeNotFound,
// CodeNameTaken, CodeNameInvalid or CodeLimitReached.
func (x *Executions) SaveFilter(ctx context.Context, r SavedFilter) (SavedFilter, error) {
	w, err := x.c.require(ctx, "Executions.SaveFilter")
	if err != nil {
		return SavedFilter{}, err
	}
	r.Name = strings.TrimSpace(r.Name)
	if n := len([]rune(r.Name)); n == 0 || n > maximumFilterName || strings.ContainsFunc(r.Name, func(c rune) bool { return c < ' ' }) {
		return SavedFilter{}, domain.NewError(domain.CodeNameInvalid, "name", r.Name)
	}
	if len(r.Filter) > maximumFilter || strings.ContainsRune(r.Filter, 0) || r.ID == 0 && r.Filter == "" {
		return SavedFilter{}, domain.NewError(domain.CodeUsage, "detail", "filter")
	}
	f, err := x.c.app.engine.SaveFilter(ctx, w.User.ID, engine.SavedFilter(r))
	return SavedFilter(f), err
}

// FilterRequest names a set of filters.
type FilterRequest struct {
	ID int64 `json:"id"`
}

// DeleteFilter forgets a set of filters. It fails with CodeNotFound.
func (x *Executions) DeleteFilter(ctx context.Context, r FilterRequest) error {
	w, err := x.c.require(ctx, "Executions.DeleteFilter")
	if err != nil {
		return err
	}
	return x.c.app.engine.DeleteSavedFilter(ctx, w.User.ID, r.ID)
}
