package app

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/log/export"
)

const (
	// exportedMost is how many executions one export takes.
	exportedMost = 10_000
	// exportedPart is how much of an export one call gives.
	exportedPart = 4 << 20
)

// LogExportRequest says which executions to write into a file.
type LogExportRequest struct {
	ExecutionIDs []string        `json:"execution_ids"`
	Format       string          `json:"format"`             // txt, json, csv, pdf or raw
	Language     domain.Language `json:"language,omitempty"` // of a TXT or PDF; "" is the person's
}

// Export begins an export of executions with their logs, as an execution of
// kind export. It fails with CodeInvalid (format, execution_ids), CodeNotFound
// or CodeUnavailable. An export of another's log is recorded as its opening is.
func (l *Logs) Export(ctx context.Context, r LogExportRequest) (domain.Execution, error) {
	w, err := l.c.require(ctx, "Logs.Export")
	if err != nil {
		return domain.Execution{}, err
	}
	if !slices.Contains(export.Formats(), r.Format) {
		return domain.Execution{}, domain.NewError(domain.CodeInvalid).With("format",
			domain.NewError(domain.CodeParameterOption, "name", "format", "options", strings.Join(export.Formats(), ", ")))
	}
	if len(r.ExecutionIDs) == 0 || len(r.ExecutionIDs) > exportedMost {
		return domain.Execution{}, domain.NewError(domain.CodeInvalid).With("execution_ids",
			domain.NewError(domain.CodeParameterRequired, "name", "execution_ids"))
	}
	language := r.Language
	if language == "" {
		language = w.User.Language
	}
	q := engine.LogExport{Format: r.Format, Language: language}
	for _, id := range r.ExecutionIDs {
		x, err := (&Executions{l.c}).readable(ctx, "Logs.Export", id)
		if err != nil {
			return domain.Execution{}, err
		}
		q.Executions = append(q.Executions, x)
	}
	if w.User.ID == 0 {
		return domain.Execution{}, domain.NewError(domain.CodeSetupNeeded)
	}
	return l.c.app.engine.ExportLogs(ctx, w.Actor, w.User, w.actor(), q)
}

// ExportedRequest says which part of an export is wanted.
type ExportedRequest struct {
	ExecutionID string `json:"execution_id"` // of the export
	Offset      int64  `json:"offset"`
}

// ExportedPart is a part of a file.
type ExportedPart struct {
	Name string `json:"name"`
	Data []byte `json:"data"` // in JSON as base64
	Size int64  `json:"size"` // of the whole
}

// Exported gives a part of what an export has written. It fails with
// CodeNotFound, also where the file is removed already.
func (l *Logs) Exported(ctx context.Context, r ExportedRequest) (ExportedPart, error) {
	w, err := l.c.require(ctx, "Logs.Exported")
	if err != nil {
		return ExportedPart{}, err
	}
	// Not a shared one: sharing an export does not share the logs in it.
	x, err := (&Executions{l.c}).own(ctx, "Logs.Exported", r.ExecutionID)
	if err == nil {
		err = l.c.recordOpened(ctx, w, x)
	}
	if err != nil {
		return ExportedPart{}, err
	}
	data, size, err := l.c.app.engine.ExportedPart(x, max(0, r.Offset), exportedPart)
	if err != nil {
		return ExportedPart{}, err
	}
	return ExportedPart{Name: filepath.Base(x.Job.Target), Data: data, Size: size}, nil
}
