package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

const previewBytes = 4096

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
			last_updated, kind, script_ref, group_ref, data, duration_ms, user_name, project_name, reason, log_bytes,
			created_at, execution_uuid)
			VALUES ((SELECT id FROM scripts WHERE ref = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			append(c, at(e.CreatedAt), e.ID)...); err != nil {
			return err
		}
		if e.Job == nil { // a backup is no use of it
			if _, err := tx.Tx.ExecContext(ctx, `UPDATE user_projects SET last_accessed = ? WHERE id = ?`,
				at(time.Now()), nullID(e.ProjectID)); err != nil {
				return err
			}
		}
		if e.Job != nil {
			err = audit(ctx, tx, by, e.Kind+"."+e.Job.Action, e.Kind+":"+e.Job.Target, nil, map[string]any{
				"execution": e.ID, "parameters": e.Parameters,
			})
		} else {
			err = audit(ctx, tx, by, "execution.run", "execution:"+e.ID, nil, map[string]any{
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
			kind = ?, script_ref = ?, group_ref = ?, data = ?, duration_ms = ?, user_name = ?, project_name = ?, reason = ?,
			log_bytes = ? WHERE execution_uuid = ?`, append(c, e.ID)...)
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
	took := int64(-1)
	if e.EndedAt != nil {
		seconds, took = e.DurationMS/1000, e.DurationMS
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
		e.Kind, e.ScriptID, e.GroupID, string(data), took, e.User, e.Project, string(e.Reason), e.LogBytes,
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
