package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/audit"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

type auditCmds struct {
	List   auditListCmd   `cmd:"" help:"List who did what, the newest first."`
	Verify auditVerifyCmd `cmd:"" help:"Look whether anybody changed, removed or reordered records."`
	Export auditExportCmd `cmd:"" help:"Write the records into a file."`
}

// auditChoice is what records are chosen by.
type auditChoice struct {
	User   string `help:"Only what this person did, or what the product did under this name." placeholder:"U"`
	Action string `help:"Only this action." placeholder:"ACTION"`
	Text   string `help:"Only records with this text in the object, or in what was before or after." placeholder:"TEXT"`
	Since  string `help:"Only from this day (2026-01-31), this time (2026-01-31T08:00) or so long ago (90m, 12h, 7d) on." placeholder:"D"`
	Until  string `help:"Only what was done before." placeholder:"D"`
}

func (r auditChoice) request() (q app.AuditRequest, err error) {
	q = app.AuditRequest{Actor: r.User, Action: r.Action, Text: r.Text}
	now := time.Now()
	if q.Since, err = moment("--since", r.Since, now); err != nil {
		return q, err
	}
	q.Until, err = moment("--until", r.Until, now)
	return q, err
}

type auditListCmd struct {
	auditChoice
	Limit int    `help:"At most so many records." default:"50"`
	As    string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run prints records.
func (r auditListCmd) Run(ctx context.Context, s *session) error {
	if r.Limit < 1 {
		return domain.NewError(domain.CodeUsage, "detail", fmt.Sprintf("--limit %d (1 or more)", r.Limit))
	}
	q, err := r.request()
	if err != nil {
		return err
	}
	return s.with(ctx, r.As, func(c *connection) error {
		records := []engine.AuditRecord{}
		for len(records) < r.Limit {
			q.Limit = min(r.Limit-len(records), 1000)
			var page app.AuditPage
			if err := door.Call(ctx, c, "Audit.List", q, &page); err != nil {
				return err
			}
			records = append(records, page.Records...)
			if q.Before = page.Next; q.Before == 0 {
				break
			}
		}
		return s.print(records, func(w io.Writer) {
			rows := [][]string{}
			for _, one := range records {
				rows = append(rows, []string{
					fmt.Sprint(one.ID), one.At.Local().Format("2006-01-02 15:04:05"), one.Actor, one.Action, one.Object,
					strings.TrimSpace(string(one.Before) + " → " + string(one.After)),
				})
				if one.Before == nil {
					rows[len(rows)-1][5] = string(one.After)
				}
			}
			table(w, []string{"ID", "TIME", "WHO", "ACTION", "OBJECT", "BEFORE → AFTER"}, rows)
		})
	})
}

type auditVerifyCmd struct {
	Head string `help:"A head that this command printed before and that was noted elsewhere: what was up to it must still be there." placeholder:"NUMBER:HASH"`
	As   string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run prints what was found, and ends with 1 where something is wrong.
func (r auditVerifyCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var v audit.Verified
		if err := door.Call(ctx, c, "Audit.Verify", app.AuditVerifyRequest{Head: r.Head}, &v); err != nil {
			return err
		}
		answer := map[string]any{
			"ok": v.OK(), "records": v.Records, "head": "", "copied": v.Copied, "faults": v.Faults, "more": v.More, "parted": v.Parted,
		}
		if v.Records > 0 {
			answer["head"] = v.Head.String()
		}
		err := s.print(answer, func(w io.Writer) {
			say := func(key string, params map[string]any) { _, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, key, params)) }
			for _, f := range v.Faults {
				which := fmt.Sprint(f.From)
				if f.To != f.From {
					which += "–" + fmt.Sprint(f.To)
				}
				say("cli.audit.fault."+f.Kind, map[string]any{"range": which, "file": f.File})
			}
			if v.More {
				say("cli.audit.more", nil)
			}
			if v.Parted > 0 {
				say("cli.audit.parted", map[string]any{"number": v.Parted})
			}
			say("cli.audit.records", map[string]any{"count": v.Records, "count_text": fmt.Sprint(v.Records), "copied": v.Copied})
			if v.OK() {
				say("cli.audit.whole", nil)
			}
			if v.Records > 0 {
				say("cli.audit.head", map[string]any{"head": v.Head.String()})
			}
		})
		if err == nil && !v.OK() {
			return exitCode(ExitFailed)
		}
		return err
	})
}

type auditExportCmd struct {
	auditChoice
	Format string `help:"txt, json or csv; by the ending of --output where it is not said." placeholder:"FORMAT"`
	Output string `short:"o" help:"The file to write; what is there is replaced." required:"" placeholder:"FILE"`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run writes the file, which is whole or as it was.
func (r auditExportCmd) Run(ctx context.Context, s *session) error {
	q, err := r.request()
	if err != nil {
		return err
	}
	format := r.Format
	if format == "" && filepath.Ext(r.Output) != "" {
		format = strings.ToLower(filepath.Ext(r.Output)[1:])
	}
	output, err := absolutes(r.Output)
	if err != nil {
		return err
	}
	return s.with(ctx, r.As, func(c *connection) error {
		size, err := written(output[0], func(w io.Writer) error {
			for {
				var part app.AuditPart
				if err := door.Call(ctx, c, "Audit.Export", app.AuditExportRequest{AuditRequest: q, Format: format}, &part); err != nil {
					return err
				}
				if _, err := w.Write(part.Data); err != nil {
					return unwritten(output[0], err)
				}
				if q.Before = part.Next; q.Before == 0 {
					return nil
				}
			}
		})
		if err != nil {
			return err
		}
		return s.print(map[string]any{"path": output[0], "format": format, "bytes": size}, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, output[0])
		})
	})
}
