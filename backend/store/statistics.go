package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"scriptsmanager/backend/domain"
)

// Totals counts executions by state.
type Totals struct {
	Queued     int64 `json:"queued"`
	Running    int64 `json:"running"`
	Completed  int64 `json:"completed"`
	Failed     int64 `json:"failed"`
	Terminated int64 `json:"terminated"`
	All        int64 `json:"all"`
}

// Day counts the ended executions that began on a day.
type Day struct {
	Date       string `json:"date"` // YYYY-MM-DD, where the computer is
	Completed  int64  `json:"completed"`
	Failed     int64  `json:"failed"`
	Terminated int64  `json:"terminated"`
}

// Totals counts the executions of a user, nil for everyone's.
func (s *Store) Totals(ctx context.Context, userID *int64) (t Totals, err error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT status, sum(number) FROM execution_totals
		WHERE ?1 IS NULL OR user_id = ?1 GROUP BY status`, userID)
	if err != nil {
		return t, s.wrap("count executions", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var state domain.State
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return t, s.wrap("count executions", err)
		}
		switch state {
		case domain.StateQueued:
			t.Queued = n
		case domain.StateRunning:
			t.Running = n
		case domain.StateCompleted:
			t.Completed = n
		case domain.StateFailed:
			t.Failed = n
		case domain.StateTerminated:
			t.Terminated = n
		}
		t.All += n
	}
	return t, s.wrap("count executions", rows.Err())
}

// Days counts by day for the last days up to today, oldest first; a day
// without executions is there too.
func (s *Store) Days(ctx context.Context, userID *int64, days int) ([]Day, error) {
	return s.days(ctx, ExecutionFilter{UserID: userID}, days)
}

func (s *Store) days(ctx context.Context, f ExecutionFilter, days int) ([]Day, error) {
	y, m, d := time.Now().Date()
	list := make([]Day, 0, max(days, 0))
	for i := days - 1; i >= 0; i-- {
		// Not 24 hours: where clocks change a day has 23 or 25.
		f.Since, f.Until = time.Date(y, m, d-i, 0, 0, 0, 0, time.Local), time.Date(y, m, d-i+1, 0, 0, 0, 0, time.Local)
		day := Day{Date: f.Since.Format(time.DateOnly)}
		if err := s.countDay(ctx, f, &day); err != nil {
			return nil, s.wrap("count executions by day", err)
		}
		list = append(list, day)
	}
	return list, nil
}

func (s *Store) countDay(ctx context.Context, f ExecutionFilter, day *Day) error {
	all, _ := f.filterTerms()
	where, args := all.where()
	query := `SELECT status, count(*) FROM execution_logs INDEXED BY ` + f.byTime() + where + ` GROUP BY status`
	rows, err := s.read.DB.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var state domain.State
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return err
		}
		switch state {
		case domain.StateCompleted:
			day.Completed = n
		case domain.StateFailed:
			day.Failed = n
		case domain.StateTerminated:
			day.Terminated = n
		case domain.StateQueued, domain.StateRunning:
		}
	}
	return rows.Err()
}

// LastParameters gives what a user's last execution of a script was started
// with, nil where there is none.
func (s *Store) LastParameters(ctx context.Context, userID int64, scriptID string) (map[string]any, error) {
	var data []byte
	err := s.read.DB.QueryRowContext(ctx, `SELECT parameters FROM execution_logs WHERE user_id = ? AND script_ref = ?
		ORDER BY created_at DESC, id DESC LIMIT 1`, userID, scriptID).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var parameters map[string]any
	if err == nil {
		err = json.Unmarshal(data, &parameters)
	}
	return parameters, s.wrap("read last parameters of "+scriptID, err)
}

// RecentScripts gives the ids of the scripts that a user ran last, newest first.
func (s *Store) RecentScripts(ctx context.Context, userID int64, limit int) ([]string, error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT script_ref, max(created_at) AS last FROM execution_logs
		WHERE user_id = ? AND script_ref <> '' GROUP BY script_ref ORDER BY last DESC LIMIT ?`, userID, limit)
	if err != nil {
		return nil, s.wrap("read recent scripts", err)
	}
	defer func() { _ = rows.Close() }()
	ids := []string{}
	for rows.Next() {
		var id string
		var last sql.RawBytes
		if err := rows.Scan(&id, &last); err != nil {
			return nil, s.wrap("read recent scripts", err)
		}
		ids = append(ids, id)
	}
	return ids, s.wrap("read recent scripts", rows.Err())
}

// Counts tells how many rows the tables have, of what version the database is,
// and how many bytes it takes.
func (s *Store) Counts(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, one := range []struct{ name, query string }{
		{"version", `SELECT max(version_id) FROM goose_db_version WHERE is_applied`},
		{"bytes", `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`},
		{"users", `SELECT count(*) FROM users`},
		{"projects", `SELECT count(*) FROM user_projects`},
		{"groups", `SELECT count(*) FROM script_groups`},
		{"scripts", `SELECT count(*) FROM scripts`},
		{"executions", `SELECT count(*) FROM execution_logs`},
		{"live_executions", `SELECT count(*) FROM execution_logs WHERE status IN ('queued', 'running')`},
		{"permissions", `SELECT count(*) FROM permissions`},
		{"always_on", `SELECT count(*) FROM always_on`},
		{"audit", `SELECT count(*) FROM audit`},
	} {
		var n int64
		if err := s.read.DB.QueryRowContext(ctx, one.query).Scan(&n); err != nil {
			return nil, s.wrap("count "+one.name, err)
		}
		counts[one.name] = n
	}
	return counts, nil
}
