package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"scriptsmanager/backend/audit"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Audit is the record of who did what.
type Audit struct{ c *Client }

const (
	auditPage   = 100
	auditPart   = 2000 // records in one part of an export
	auditLonger = 1000 // records in a page at most
)

// AuditRequest chooses records; what is empty chooses all.
type AuditRequest struct {
	Actor  string     `json:"actor,omitempty"` // name of who acted
	Action string     `json:"action,omitempty"`
	Text   string     `json:"text,omitempty"`  // in the object, or what was before or after
	Since  *time.Time `json:"since,omitempty"` // then or later
	Until  *time.Time `json:"until,omitempty"` // before

	Limit  int   `json:"limit,omitempty"`  // 0: 100
	Before int64 `json:"before,omitempty"` // next of the page before
}

func (r AuditRequest) filter() engine.AuditFilter {
	f := engine.AuditFilter{Actor: r.Actor, Action: r.Action, Text: r.Text, Before: r.Before}
	if r.Since != nil {
		f.Since = *r.Since
	}
	if r.Until != nil {
		f.Until = *r.Until
	}
	return f
}

// AuditPage is a page of records, newest first.
type AuditPage struct {
	Records []engine.AuditRecord `json:"records"`
	Next    int64                `json:"next"` // 0: there are no more
}

// List gives a page of records.
func (a *Audit) List(ctx context.Context, r AuditRequest) (AuditPage, error) {
	if _, err := a.c.require(ctx, "Audit.List"); err != nil {
		return AuditPage{}, err
	}
	limit := r.Limit
	if limit <= 0 {
		limit = auditPage
	}
	return a.page(ctx, r, min(limit, auditLonger))
}

func (a *Audit) page(ctx context.Context, r AuditRequest, limit int) (AuditPage, error) {
	f := r.filter()
	f.Limit = limit + 1
	records, err := a.c.app.engine.AuditRecords(ctx, f)
	if err != nil {
		return AuditPage{}, err
	}
	if len(records) > limit {
		return AuditPage{Records: records[:limit], Next: records[limit-1].ID}, nil
	}
	return AuditPage{Records: records}, nil
}

// Words gives who acted, and what was done: what records can be filtered by.
func (a *Audit) Words(ctx context.Context) (engine.AuditWords, error) {
	if _, err := a.c.require(ctx, "Audit.Words"); err != nil {
		return engine.AuditWords{}, err
	}
	return a.c.app.engine.AuditWords(ctx)
}

// AuditVerifyRequest may name a head that was noted: NUMBER:HASH.
type AuditVerifyRequest struct {
	Head string `json:"head,omitempty"`
}

// Verify looks whether anybody changed, removed or reordered records, or their
// copy. It fails with CodeUsage where the head is none.
func (a *Audit) Verify(ctx context.Context, r AuditVerifyRequest) (audit.Verified, error) {
	if _, err := a.c.require(ctx, "Audit.Verify"); err != nil {
		return audit.Verified{}, err
	}
	var noted *audit.Head
	if strings.TrimSpace(r.Head) != "" {
		head, err := audit.ParseHead(r.Head)
		if err != nil {
			return audit.Verified{}, err
		}
		noted = &head
	}
	return a.c.app.engine.VerifyAudit(ctx, noted)
}

// AuditExportRequest says which records are wanted, in what format. Before is
// what the part before gave as Next; 0 for the first part.
type AuditExportRequest struct {
	AuditRequest
	Format string `json:"format"` // txt, json or csv
}

// AuditPart is a part of a file.
type AuditPart struct {
	Data []byte `json:"data"` // in JSON as base64
	Next int64  `json:"next"` // 0: it is the last one
}

// Export gives a part of a file with the records, newest first. The beginning
// of an export is recorded. It fails with CodeInvalid (format).
func (a *Audit) Export(ctx context.Context, r AuditExportRequest) (AuditPart, error) {
	w, err := a.c.require(ctx, "Audit.Export")
	if err != nil {
		return AuditPart{}, err
	}
	if !slices.Contains(audit.Formats(), r.Format) {
		return AuditPart{}, domain.NewError(domain.CodeInvalid).With("format",
			domain.NewError(domain.CodeParameterOption, "name", "format", "options", strings.Join(audit.Formats(), ", ")))
	}
	a.c.mu.Lock()
	begins := r.Before == 0 || r.Before != a.c.auditNext
	a.c.mu.Unlock()
	if begins {
		if err := a.c.app.engine.RecordAuditExport(ctx, w.Actor, r.Format, r.filter()); err != nil {
			return AuditPart{}, err
		}
	}
	page, err := a.page(ctx, r.AuditRequest, auditPart)
	if err != nil {
		return AuditPart{}, err
	}
	a.c.mu.Lock()
	a.c.auditNext = page.Next
	a.c.mu.Unlock()
	data, err := audit.Part(r.Format, page.Records, r.Before == 0, page.Next == 0)
	return AuditPart{Data: data, Next: page.Next}, err
}
