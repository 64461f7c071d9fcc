package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"scriptsmanager/backend/domain"
)

// LastRuns gives a user's newest execution of each script that he ran.
func (s *Store) LastRuns(ctx context.Context, userID int64) (_ map[domain.ScriptID]domain.Execution, err error) {
	defer func() { err = s.wrap("read last runs", err) }()
	rows, err := s.read.DB.QueryContext(ctx, `SELECT data, max(created_at) FROM execution_logs
		WHERE user_id = ? AND script_ref <> '' GROUP BY script_ref`, userID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	last := map[domain.ScriptID]domain.Execution{}
	for rows.Next() {
		var data, at sql.RawBytes
		if err := rows.Scan(&data, &at); err != nil {
			return nil, err
		}
		var e domain.Execution
		if err := json.Unmarshal(data, &e); err != nil {
			return nil, err
		}
		last[e.ScriptID] = e
	}
	return last, rows.Err()
}
