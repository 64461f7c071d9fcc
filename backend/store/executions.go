package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

const (
	previewBytes = 4096
	defaultPage  = 50
	maximumPage  = 1000
)

// ExecutionFilter chooses executions; the zero value of a field chooses all.
type ExecutionFilter struct {
	States      []domain.State
	ScriptID    string
	GroupID     string
	UserID      *int64
	ProjectID   int64
	Kind        string
	Environment string    // path
	Since       time.Time // created then or later
	Until       time.Time // created before
	Limit       int       // of a page; 0 is 50, at most 1,000
	Before      string    // the next of the page before
}

// InsertExecution keeps a new execution, that its project was used, and who
// started it, all in one: nothing runs of which the record does not say whose
// it is. The user and the project must exist where they are not 0.
func (s *Store) InsertExecution(ctx context.Context, e domain.Execution, by Actor) error {
	return s.change(ctx, "keep execution "+e.ID, func(tx bun.Tx) error {
		c, err := executionColumns(e)
		if err != nil {
			return err
		}
		if _, err := tx.Tx.ExecContext(ctx, `INSERT INTO execution_logs (script_id, user_id, project_id, session_id, status,
			start_time, end_time, duration_seconds, exit_code, parameters, conda_environment, flask_port, log_level,
			last_updated, kind, script_ref, group_ref, data, created_at, execution_uuid)
			VALUES ((SELECT id FROM scripts WHERE ref = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			append(c, at(e.CreatedAt), e.ID)...); err != nil {
			return err
		}
		if _, err := tx.Tx.ExecContext(ctx, `UPDATE user_projects SET last_accessed = ? WHERE id = ?`,
			at(time.Now()), nullID(e.ProjectID)); err != nil {
			return err
		}
		if e.Job != nil {
			err = audit(ctx, tx, by, e.Kind+"."+e.Job.Action, e.Kind+":"+e.Job.Target, nil, map[string]any{
				"execution": e.ID, "parameters": e.Parameters,
			})
		} else {
			err = audit(ctx, tx, by, "run", "execution:"+e.ID, nil, map[string]any{
				"script": e.ScriptID, "project": e.Project, "parameters": e.Parameters,
			})
		}
		if err != nil {
			return err
		}
		return keepProcess(ctx, tx.Tx, e)
	})
}

// UpdateExecution keeps an execution as it is now. It fails with CodeNotFound.
func (s *Store) UpdateExecution(ctx context.Context, e domain.Execution) error {
	return s.change(ctx, "keep execution "+e.ID, func(tx bun.Tx) error {
		c, err := executionColumns(e)
		if err != nil {
			return err
		}
		res, err := tx.Tx.ExecContext(ctx, `UPDATE execution_logs SET script_id = (SELECT id FROM scripts WHERE ref = ?),
			user_id = ?, project_id = ?, session_id = ?, status = ?, start_time = ?, end_time = ?, duration_seconds = ?,
			exit_code = ?, parameters = ?, conda_environment = ?, flask_port = ?, log_level = ?, last_updated = ?,
			kind = ?, script_ref = ?, group_ref = ?, data = ? WHERE execution_uuid = ?`, append(c, e.ID)...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return found(sql.ErrNoRows, "execution", e.ID)
		}
		return keepProcess(ctx, tx.Tx, e)
	})
}

// executionColumns gives the values that both statements above begin with.
func executionColumns(e domain.Execution) ([]any, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	parameters, err := json.Marshal(e.Parameters)
	if err != nil {
		return nil, err
	}
	var seconds, exitCode any
	if e.EndedAt != nil {
		seconds = e.DurationMS / 1000
	}
	if e.ExitCode != nil {
		exitCode = *e.ExitCode
	}
	level := "INFO"
	if e.State == domain.StateFailed {
		level = "ERROR"
	}
	return []any{
		e.ScriptID, nullID(e.UserID), nullID(e.ProjectID), session(e), string(e.State), atPointer(e.StartedAt), atPointer(e.EndedAt),
		seconds, exitCode, string(parameters), nullText(e.Environment), nullID(int64(e.Port)), level, at(time.Now()),
		e.Kind, e.ScriptID, e.GroupID, string(data),
	}, nil
}

// session names the session of a script's interface: there is one per execution.
func session(e domain.Execution) any {
	if e.HasPage {
		return e.ID
	}
	return nil
}

// keepProcess keeps the row of script_processes, from the moment that there is a process.
func keepProcess(ctx context.Context, tx *sql.Tx, e domain.Execution) error {
	if e.PID == 0 {
		return nil
	}
	var seen moment
	if e.State.Live() {
		seen = at(time.Now())
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO script_processes
		(script_id, user_id, process_id, flask_port, tab_session_id, status, started_at, last_ping, ended_at, execution_uuid)
		VALUES ((SELECT id FROM scripts WHERE ref = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (execution_uuid) DO UPDATE SET process_id = excluded.process_id, flask_port = excluded.flask_port,
		status = excluded.status, started_at = excluded.started_at, last_ping = coalesce(excluded.last_ping, last_ping),
		ended_at = excluded.ended_at`,
		e.ScriptID, nullID(e.UserID), e.PID, nullID(int64(e.Port)), session(e), string(e.State), atPointer(e.StartedAt),
		seen, atPointer(e.EndedAt), e.ID)
	return err
}

// Execution gives one execution. It fails with CodeNotFound.
func (s *Store) Execution(ctx context.Context, id string) (e domain.Execution, err error) {
	var data []byte
	err = s.read.DB.QueryRowContext(ctx, `SELECT data FROM execution_logs WHERE execution_uuid = ?`, id).Scan(&data)
	if err == nil {
		err = json.Unmarshal(data, &e)
	}
	return e, s.wrap("read execution "+id, found(err, "execution", id))
}

// Executions gives a page of executions, newest first, and what to ask for
// next in Before, "" after the last page. New executions do not shift pages.
func (s *Store) Executions(ctx context.Context, f ExecutionFilter) (items []domain.Execution, next string, err error) {
	if hasNUL(f.ScriptID + f.GroupID + f.Kind + f.Environment) {
		return []domain.Execution{}, "", nil
	}
	limit := f.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maximumPage)
	q := s.read.NewSelect().Table("execution_logs").Column("id", "created_at", "data").
		Order("created_at DESC", "id DESC").Limit(int64(limit) + 1)
	if len(f.States) > 0 {
		q = q.Where("status IN (?)", bun.List(f.States))
	}
	for _, c := range []struct {
		use   bool
		where string
		value any
	}{
		{f.ScriptID != "", "script_ref = ?", f.ScriptID},
		{f.GroupID != "", "group_ref = ?", f.GroupID},
		{f.UserID != nil, "user_id = ?", f.UserID},
		{f.ProjectID != 0, "project_id = ?", f.ProjectID},
		{f.Kind != "", "kind = ?", f.Kind},
		{f.Environment != "", "json_extract(data, '$.environment_path') = ?", f.Environment},
		{!f.Since.IsZero(), "created_at >= ?", at(f.Since)},
		{!f.Until.IsZero(), "created_at < ?", at(f.Until)},
	} {
		if c.use {
			q = q.Where(c.where, c.value)
		}
	}
	if f.Before != "" {
		created, id, err := parseCursor(f.Before)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(created_at, id) < (?, ?)", created, id)
	}
	var rows []struct {
		ID        int64
		CreatedAt moment
		Data      []byte
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, "", s.wrap("read executions", err)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = last.CreatedAt.UTC().Format(timeFormat) + "_" + strconv.FormatInt(last.ID, 10)
	}
	items = make([]domain.Execution, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal(r.Data, &items[i]); err != nil {
			return nil, "", s.wrap("read executions", err)
		}
	}
	return items, next, nil
}

func parseCursor(cursor string) (moment, int64, error) {
	bad := func(err error) (moment, int64, error) {
		return moment{}, 0, domain.NewError(domain.CodeUsage, "detail", "before: "+strconv.Quote(cursor)).Because(err)
	}
	created, id, ok := strings.Cut(cursor, "_")
	if !ok {
		return bad(fmt.Errorf("no _ in cursor"))
	}
	t, err := time.Parse(timeFormat, created)
	if err != nil {
		return bad(err)
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return bad(err)
	}
	return at(t), n, nil
}

// LiveExecutions gives what is queued or running, oldest first.
func (s *Store) LiveExecutions(ctx context.Context) ([]domain.Execution, error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT data FROM execution_logs WHERE status IN ('queued', 'running') ORDER BY created_at, id`)
	if err != nil {
		return nil, s.wrap("read live executions", err)
	}
	defer func() { _ = rows.Close() }()
	live := []domain.Execution{}
	for rows.Next() {
		var data sql.RawBytes
		if err := rows.Scan(&data); err != nil {
			return nil, s.wrap("read live executions", err)
		}
		var e domain.Execution
		if err := json.Unmarshal(data, &e); err != nil {
			return nil, s.wrap("read live executions", err)
		}
		live = append(live, e)
	}
	return live, s.wrap("read live executions", rows.Err())
}

// SetPreview keeps the ends (4 KiB each) of what an execution wrote, for
// programs that read the table; the log files hold everything.
func (s *Store) SetPreview(ctx context.Context, executionID, stdout, stderr, debug string) error {
	_, err := s.write.DB.ExecContext(ctx, `UPDATE execution_logs SET output = ?, error_output = ?, debug_output = ?
		WHERE execution_uuid = ?`, tail(stdout), tail(stderr), tail(debug), executionID)
	return s.wrap("keep preview of "+executionID, err)
}

// tail cuts at a character's start and replaces what is no UTF-8.
func tail(text string) string {
	if len(text) > previewBytes {
		text = text[len(text)-previewBytes:]
		for i := 0; i < utf8.UTFMax && i < len(text); i++ {
			if utf8.RuneStart(text[i]) {
				text = text[i:]
				break
			}
		}
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
