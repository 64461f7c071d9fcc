package store

import (
	"context"
	"database/sql"
)

// LogSize is what executions' logs take, and of how many they are.
type LogSize struct {
	Bytes, Executions int64
}

// LogSizes adds up the logs by user and project; 0 is what is of none.
func (s *Store) LogSizes(ctx context.Context) (map[[2]int64]LogSize, error) {
	sizes := map[[2]int64]LogSize{}
	err := s.each(ctx, `SELECT coalesce(user_id, 0), coalesce(project_id, 0), coalesce(sum(log_bytes), 0), count(*)
		FROM execution_logs GROUP BY 1, 2`, nil, func(rows *sql.Rows) error {
		var key [2]int64
		var size LogSize
		err := rows.Scan(&key[0], &key[1], &size.Bytes, &size.Executions)
		sizes[key] = size
		return err
	})
	return sizes, s.wrap("add up logs", err)
}
