package store

import (
	"context"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// LogSource is an execution whose log can be searched.
type LogSource struct {
	ID        int64 // grows with each execution
	Execution string
	LogPath   string
	UserID    int64
	ScriptID  domain.ScriptID
	ProjectID int64
	CreatedAt moment
}

// LogSources gives the executions that were kept after one (0: all), the
// oldest first.
func (s *Store) LogSources(ctx context.Context, after int64, limit int) (found []LogSource, err error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT id, execution_uuid, coalesce(json_extract(data, '$.log_path'), ''),
		coalesce(user_id, 0), script_ref, coalesce(project_id, 0), created_at FROM execution_logs
		WHERE id > ? ORDER BY id LIMIT ?`, after, limit)
	if err != nil {
		return nil, s.wrap("read logs' executions", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l LogSource
		if err := rows.Scan(&l.ID, &l.Execution, &l.LogPath, &l.UserID, &l.ScriptID, &l.ProjectID, &l.CreatedAt); err != nil {
			return nil, s.wrap("read logs' executions", err)
		}
		found = append(found, l)
	}
	return found, s.wrap("read logs' executions", rows.Err())
}

// LogsLive tells which of these executions are queued or running.
func (s *Store) LogsLive(ctx context.Context, ids []int64) (map[int64]bool, error) {
	var live []int64
	err := s.read.NewSelect().Table("execution_logs").Column("id").
		Where("id IN (?)", bun.List(ids)).Where("status IN ('queued', 'running')").Scan(ctx, &live)
	if err != nil {
		return nil, s.wrap("read live executions", err)
	}
	found := make(map[int64]bool, len(live))
	for _, id := range live {
		found[id] = true
	}
	return found, nil
}
