package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// The kinds of actor.
const (
	ActorUser     = "user"
	ActorSystem   = "system"
	ActorSchedule = "schedule"
)

// Actor is who makes a change.
type Actor struct {
	Kind   string
	UserID int64 // 0: not a user
	Name   string
	Level  domain.Level // of a user
}

// AuditRecord tells of one change.
type AuditRecord struct {
	ID        int64           `json:"id"`
	At        time.Time       `json:"at"`
	ActorKind string          `json:"actor_kind"`
	UserID    int64           `json:"user_id,omitempty"`
	Actor     string          `json:"actor"`
	Level     domain.Level    `json:"actor_level,omitempty"` // as it was then
	Action    string          `json:"action"`
	Object    string          `json:"object"`
	Before    json.RawMessage `json:"before,omitempty"`
	After     json.RawMessage `json:"after,omitempty"`
	Hash      string          `json:"hash"` // hexadecimal; "": none, which no record of ours lacks
}

// Sum is the hash that the record has in a chain: SHA-256 over the hash of the
// record before it ("" for the first one), its number, its time as RFC 3339 in
// UTC with nine digits, the kind, number ("" for none), name and level of who
// acted, action, object, and what was before and after as they are written
// ("" for none), each followed by a NUL, which none of them contains.
func (r AuditRecord) Sum(before string) string {
	h := sha256.New()
	user := ""
	if r.UserID != 0 {
		user = strconv.FormatInt(r.UserID, 10)
	}
	for _, field := range []string{
		before, strconv.FormatInt(r.ID, 10), r.At.UTC().Format(timeFormat), r.ActorKind, user, r.Actor, string(r.Level),
		r.Action, r.Object, string(r.Before), string(r.After),
	} {
		hashField(h, field)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashField(h hash.Hash, field string) {
	_, _ = h.Write([]byte(field)) // it never fails
	_, _ = h.Write([]byte{0})
}

// Audit records something that changed outside of the database. Changes in it
// are recorded by the methods that make them.
func (s *Store) Audit(ctx context.Context, a Actor, action, object string, before, after any) error {
	return s.change(ctx, "record "+action, func(tx bun.Tx) error { return audit(ctx, tx, a, action, object, before, after) })
}

func audit(ctx context.Context, tx bun.Tx, a Actor, action, object string, before, after any) error {
	r := AuditRecord{
		At: at(time.Now()).Time, ActorKind: a.Kind, UserID: a.UserID, Actor: withoutNUL(a.Name), Level: a.Level,
		Action: action, Object: withoutNUL(object),
	}
	err := error(nil)
	if r.Before, err = jsonOrNull(before); err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	if r.After, err = jsonOrNull(after); err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	if err := chain(ctx, tx, r); err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}

// chain appends a record. Its number is one that no record ever had, so that
// it counts to the hash.
func chain(ctx context.Context, tx bun.Tx, r AuditRecord) error {
	var last []byte
	if err := tx.Tx.QueryRowContext(ctx, `SELECT (SELECT hash FROM audit ORDER BY id DESC LIMIT 1)`).Scan(&last); err != nil {
		return err
	}
	done, err := tx.Tx.ExecContext(ctx, `INSERT INTO audit (at, actor_kind, user_id, actor, actor_level, action, object, before, after)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, at(r.At), r.ActorKind, nullID(r.UserID), r.Actor, string(r.Level), r.Action, r.Object,
		nullJSON(r.Before), nullJSON(r.After))
	if err != nil {
		return err
	}
	if r.ID, err = done.LastInsertId(); err != nil {
		return err
	}
	return setHash(ctx, tx, r.ID, r.Sum(hex.EncodeToString(last)))
}

func setHash(ctx context.Context, tx bun.Tx, id int64, sum string) error {
	b, err := hex.DecodeString(sum)
	if err != nil {
		return err
	}
	_, err = tx.Tx.ExecContext(ctx, `UPDATE audit SET hash = ? WHERE id = ?`, b, id)
	return err
}

// chainEarlier makes the chain of records that are from before there was one.
func (s *Store) chainEarlier(ctx context.Context) error {
	return s.change(ctx, "chain the audit", func(tx bun.Tx) error {
		var chained bool // one without a hash behind others is no record of ours
		err := tx.Tx.QueryRowContext(ctx, `SELECT hash IS NOT NULL FROM audit ORDER BY id LIMIT 1`).Scan(&chained)
		if errors.Is(err, sql.ErrNoRows) || chained {
			return nil
		}
		if err != nil {
			return err
		}
		records, err := readAudit(ctx, tx.Tx, ` ORDER BY id`)
		if err != nil {
			return err
		}
		last := ""
		for _, r := range records {
			last = r.Sum(last)
			if err := setHash(ctx, tx, r.ID, last); err != nil {
				return err
			}
		}
		return nil
	})
}

// AuditFilter chooses records; the zero value of a field chooses all.
type AuditFilter struct {
	Actor  string // the name
	Action string
	Text   string    // in the object, the action or what was before or after
	Since  time.Time // then or later
	Until  time.Time // before

	Limit  int   // 0: 100
	Before int64 // the number of the last one of the page before; 0: the first page
	Oldest bool  // the oldest first; Before is the last number then, too
}

const auditPage = 100

// AuditRecords gives a page of records, newest first. One more than the limit
// is never given: a full page may have another after it.
func (s *Store) AuditRecords(ctx context.Context, f AuditFilter) ([]AuditRecord, error) {
	if hasNUL(f.Actor + f.Action + f.Text) {
		return []AuditRecord{}, nil
	}
	var t terms
	if f.Before != 0 {
		sign := "<"
		if f.Oldest {
			sign = ">"
		}
		t = append(t, term{"id " + sign + " ?", []any{f.Before}})
	}
	if f.Actor != "" {
		t = append(t, term{"actor = ?", []any{f.Actor}})
	}
	if f.Action != "" {
		t = append(t, term{"action = ?", []any{f.Action}})
	}
	if f.Text != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(f.Text) + "%"
		t = append(t, term{
			`(object LIKE ? ESCAPE '\' OR action LIKE ? ESCAPE '\' OR before LIKE ? ESCAPE '\' OR after LIKE ? ESCAPE '\')`,
			[]any{like, like, like, like},
		})
	}
	if !f.Since.IsZero() {
		t = append(t, term{"at >= ?", []any{at(f.Since)}})
	}
	if !f.Until.IsZero() {
		t = append(t, term{"at < ?", []any{at(f.Until)}})
	}
	order, limit := " DESC", f.Limit
	if f.Oldest {
		order = ""
	}
	if limit <= 0 {
		limit = auditPage
	}
	where, args := t.where()
	records, err := readAudit(ctx, s.read.DB, where+` ORDER BY id`+order+` LIMIT ?`, append(args, limit)...)
	return records, s.wrap("read audit", err)
}

// AuditWords are what records can be filtered by.
type AuditWords struct {
	Actors  []string `json:"actors"`
	Actions []string `json:"actions"`
}

// AuditWords gives who acted and what was done, each once, in order.
func (s *Store) AuditWords(ctx context.Context) (w AuditWords, err error) {
	if w.Actors, err = s.distinct(ctx, "actor"); err != nil {
		return w, s.wrap("read audit", err)
	}
	w.Actions, err = s.distinct(ctx, "action")
	return w, s.wrap("read audit", err)
}

// distinct steps from one value to the next in a column's index, past all
// records that have the same one.
func (s *Store) distinct(ctx context.Context, column string) (values []string, err error) {
	values = []string{}
	err = s.each(ctx, `WITH RECURSIVE v (x) AS (
			SELECT min(`+column+`) FROM audit
			UNION ALL SELECT (SELECT min(`+column+`) FROM audit WHERE `+column+` > x) FROM v WHERE x IS NOT NULL)
		SELECT x FROM v WHERE x IS NOT NULL`, nil,
		func(rows *sql.Rows) error {
			var v string
			err := rows.Scan(&v)
			values = append(values, v)
			return err
		})
	return values, err
}

// Audited tells that records may have come: it never blocks, and several may
// be told of by one.
func (s *Store) Audited() <-chan struct{} { return s.audited }

const auditColumns = `id, at, actor_kind, coalesce(user_id, 0), actor, actor_level, action, object, before, after, hash`

func readAudit(ctx context.Context, from interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, which string, args ...any,
) ([]AuditRecord, error) {
	rows, err := from.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit`+which, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	records := []AuditRecord{}
	for rows.Next() {
		var r AuditRecord
		var t moment
		var level string
		var old, fresh, sum []byte
		if err := rows.Scan(&r.ID, &t, &r.ActorKind, &r.UserID, &r.Actor, &level, &r.Action, &r.Object, &old, &fresh, &sum); err != nil {
			return nil, err
		}
		r.At, r.Level, r.Before, r.After, r.Hash = t.Time, domain.Level(level), bytes.Clone(old), bytes.Clone(fresh), hex.EncodeToString(sum)
		records = append(records, r)
	}
	return records, rows.Err()
}

// jsonOrNull makes what is before or after.
func jsonOrNull(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil //nolint:nilnil // NULL
	}
	return json.Marshal(v)
}

func nullJSON(b json.RawMessage) any {
	if b == nil {
		return nil
	}
	return string(b)
}

func nullID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
