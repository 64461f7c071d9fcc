package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"
)

// KeptLog is an ended execution whose log is kept.
type KeptLog struct {
	Execution string
	LogPath   string // where its output is, or was before it was compressed; "": none
	CreatedAt time.Time
	Bytes     int64 // of its log's files
}

// OldLogs gives the executions of a user (0: nobody's) that ended in a span of
// time and that nobody has a bookmark on, the oldest first.
func (s *Store) OldLogs(ctx context.Context, userID int64, from, before time.Time, limit int) ([]KeptLog, error) {
	var since any = "" // before all times
	if !from.IsZero() {
		since = at(from)
	}
	return s.keptLogs(ctx, "read old logs", `SELECT execution_uuid, coalesce(json_extract(data, '$.log_path'), ''), created_at, log_bytes
		FROM execution_logs e WHERE user_id IS ?1 AND created_at < ?3 AND status NOT IN ('queued', 'running')
		AND coalesce(end_time, created_at) >= ?2 AND coalesce(end_time, created_at) < ?3
		AND NOT EXISTS (SELECT 1 FROM execution_marks WHERE execution = e.id AND bookmarked)
		ORDER BY created_at, id LIMIT ?4`, orNull(userID), since, at(before), limit)
}

// PlainLogs gives the ended executions that began before a time and whose logs
// are not compressed, the oldest first.
func (s *Store) PlainLogs(ctx context.Context, before time.Time, limit int) ([]KeptLog, error) {
	return s.keptLogs(ctx, "read logs to compress", `SELECT execution_uuid, coalesce(json_extract(data, '$.log_path'), ''), created_at, log_bytes
		FROM execution_logs WHERE NOT compressed AND created_at < ? AND status NOT IN ('queued', 'running')
		ORDER BY created_at, id LIMIT ?`, at(before), limit)
}

// orNull is a user's id as the table has it.
func orNull(userID int64) any {
	if userID == 0 {
		return nil
	}
	return userID
}

func (s *Store) keptLogs(ctx context.Context, doing, query string, args ...any) (found []KeptLog, err error) {
	err = s.each(ctx, query, args, func(rows *sql.Rows) error {
		var l KeptLog
		var created moment
		err := rows.Scan(&l.Execution, &l.LogPath, &created, &l.Bytes)
		l.CreatedAt = created.Time
		found = append(found, l)
		return err
	})
	return found, s.wrap(doing, err)
}

// UnsizedLogs gives ended executions of which is not known what their logs take.
func (s *Store) UnsizedLogs(ctx context.Context, limit int) ([]KeptLog, error) {
	return s.keptLogs(ctx, "read logs of no size", `SELECT execution_uuid, coalesce(json_extract(data, '$.log_path'), ''), created_at, log_bytes
		FROM execution_logs WHERE log_bytes = 0 AND status NOT IN ('queued', 'running') LIMIT ?`, limit)
}

// SetLogBytes keeps what logs take, by execution.
func (s *Store) SetLogBytes(ctx context.Context, bytes map[string]int64) error {
	return s.change(ctx, "keep sizes of logs", func(tx bun.Tx) error {
		for id, n := range bytes {
			if _, err := tx.Tx.ExecContext(ctx, `UPDATE execution_logs SET log_bytes = ? WHERE execution_uuid = ?`, n, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetCompressed notes that logs are compressed, and what they take now, by
// execution.
func (s *Store) SetCompressed(ctx context.Context, bytes map[string]int64) error {
	return s.change(ctx, "note compressed logs", func(tx bun.Tx) error {
		for id, n := range bytes {
			if _, err := tx.Tx.ExecContext(ctx, `UPDATE execution_logs SET compressed = TRUE, log_bytes = ? WHERE execution_uuid = ?`, n, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// LogUse is what logs take.
type LogUse struct {
	Executions int64
	Bytes      int64
}

// LogUse gives what the ended executions of each user take, by user (0:
// nobody's).
func (s *Store) LogUse(ctx context.Context) (map[int64]LogUse, error) {
	found := map[int64]LogUse{}
	err := s.each(ctx, `SELECT coalesce(user_id, 0), count(*), coalesce(sum(log_bytes), 0) FROM execution_logs GROUP BY user_id`, nil,
		func(rows *sql.Rows) error {
			var user int64
			var u LogUse
			err := rows.Scan(&user, &u.Executions, &u.Bytes)
			found[user] = u
			return err
		})
	return found, s.wrap("sum up logs", err)
}

// LogUseOf gives what the executions of a user take, and what of that is
// bookmarked by anybody.
func (s *Store) LogUseOf(ctx context.Context, userID int64) (all, bookmarked LogUse, err error) {
	err = s.read.DB.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(log_bytes), 0) FROM execution_logs WHERE user_id = ?`, userID).
		Scan(&all.Executions, &all.Bytes)
	if err != nil {
		return all, bookmarked, s.wrap("sum up logs", err)
	}
	err = s.read.DB.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(log_bytes), 0) FROM execution_logs
		WHERE user_id = ? AND id IN (SELECT execution FROM execution_marks WHERE bookmarked)`, userID).
		Scan(&bookmarked.Executions, &bookmarked.Bytes)
	return all, bookmarked, s.wrap("sum up bookmarked logs", err)
}

// ScriptLogUse is what the logs of a script take.
type ScriptLogUse struct {
	ScriptID string
	LogUse
}

// LargestLogs gives the scripts whose executions by a user take most.
func (s *Store) LargestLogs(ctx context.Context, userID int64, limit int) ([]ScriptLogUse, error) {
	found := []ScriptLogUse{}
	err := s.each(ctx, `SELECT script_ref, count(*), sum(log_bytes) AS bytes FROM execution_logs
		WHERE user_id = ? GROUP BY script_ref HAVING bytes > 0 ORDER BY bytes DESC LIMIT ?`, []any{userID, limit},
		func(rows *sql.Rows) error {
			var u ScriptLogUse
			err := rows.Scan(&u.ScriptID, &u.Executions, &u.Bytes)
			found = append(found, u)
			return err
		})
	return found, s.wrap("find the largest logs", err)
}
