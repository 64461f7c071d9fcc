package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// SaveEnvironments keeps what was found and verified. What is not among it is
// kept as no longer available. DetectedAt stays what it was the first time.
func (s *Store) SaveEnvironments(ctx context.Context, environments []domain.Environment) error {
	return s.change(ctx, "keep environments", func(tx bun.Tx) error {
		if _, err := tx.Tx.ExecContext(ctx, `UPDATE conda_environments SET is_available = FALSE, is_present = FALSE`); err != nil {
			return err
		}
		for _, e := range environments {
			data, err := json.Marshal(e)
			if err != nil {
				return fmt.Errorf("keep environment %s: %w", e.Path, err)
			}
			if _, err := tx.Tx.ExecContext(ctx, `INSERT INTO conda_environments
				(name, path, python_version, is_available, detected_at, last_verified, kind, state, is_present, data)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, TRUE, ?)
				ON CONFLICT (path) DO UPDATE SET name = excluded.name, python_version = excluded.python_version,
				is_available = excluded.is_available, last_verified = excluded.last_verified, kind = excluded.kind,
				state = excluded.state, is_present = TRUE, data = excluded.data`,
				e.Name, e.Path, e.PythonVersion, e.Usable(), at(e.DetectedAt), atPointer(e.VerifiedAt), e.Kind, e.State, string(data)); err != nil {
				return fmt.Errorf("keep environment %s: %w", e.Path, err)
			}
		}
		return nil
	})
}

// Environments gives what SaveEnvironments kept last, in the order of its first finding.
func (s *Store) Environments(ctx context.Context) ([]domain.Environment, error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT data, detected_at FROM conda_environments WHERE is_present ORDER BY id`)
	if err != nil {
		return nil, s.wrap("read environments", err)
	}
	defer func() { _ = rows.Close() }()
	environments := []domain.Environment{}
	for rows.Next() {
		var e domain.Environment
		var data []byte
		var detected moment
		if err := rows.Scan(&data, &detected); err != nil {
			return nil, s.wrap("read environments", err)
		}
		if err := json.Unmarshal(data, &e); err != nil {
			return nil, s.wrap("read environments", err)
		}
		e.DetectedAt = detected.Time
		environments = append(environments, e)
	}
	return environments, s.wrap("read environments", rows.Err())
}
