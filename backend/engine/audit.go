package engine

import (
	"context"
	"time"

	"scriptsmanager/backend/audit"
	"scriptsmanager/backend/store"
)

// AuditFilter chooses records of who did what.
type AuditFilter = store.AuditFilter

// AuditRecord tells of one change.
type AuditRecord = store.AuditRecord

// AuditWords are what records can be filtered by.
type AuditWords = store.AuditWords

// AuditRecords gives a page of the record of who did what.
func (e *Engine) AuditRecords(ctx context.Context, f AuditFilter) ([]AuditRecord, error) {
	return e.store.AuditRecords(ctx, f)
}

// AuditWords gives who acted, and what was done.
func (e *Engine) AuditWords(ctx context.Context) (AuditWords, error) {
	return e.store.AuditWords(ctx)
}

// VerifyAudit looks whether anybody changed the audit or its copy; noted is a
// head that was noted before, nil for none.
func (e *Engine) VerifyAudit(ctx context.Context, noted *audit.Head) (audit.Verified, error) {
	return e.auditCopier.Verify(ctx, noted)
}

// RecordAuditExport records that somebody takes the audit with him.
func (e *Engine) RecordAuditExport(ctx context.Context, a Actor, format string, f AuditFilter) error {
	what := map[string]any{"format": format}
	for key, value := range map[string]string{"actor": f.Actor, "action": f.Action, "text": f.Text} {
		if value != "" {
			what[key] = value
		}
	}
	for key, value := range map[string]time.Time{"since": f.Since, "until": f.Until} {
		if !value.IsZero() {
			what[key] = value
		}
	}
	return e.store.Audit(ctx, a, "audit.export", "audit", nil, what)
}
