package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// InsertLease keeps a new lease in state allocated and gives its id. It fails
// with CodePortTaken where another live lease has the port.
func (s *Store) InsertLease(ctx context.Context, l domain.Lease) (int64, error) {
	if l.AllocatedAt.IsZero() {
		l.AllocatedAt = time.Now()
	}
	var id int64
	err := s.change(ctx, "lease port", func(tx bun.Tx) error {
		res, err := tx.Tx.ExecContext(ctx, `INSERT INTO port_allocations
			(port_number, script_id, user_id, project_id, process_id, status, allocated_at, execution_uuid, script_ref)
			VALUES (?, (SELECT id FROM scripts WHERE ref = ?), ?, ?, ?, ?, ?, ?, ?)`,
			l.Port, l.ScriptID, nullID(l.UserID), nullID(l.ProjectID), nullID(int64(l.PID)), domain.LeaseAllocated,
			at(l.AllocatedAt), l.ExecutionID, l.ScriptID)
		if notUnique(err, "port_allocations.port_number") {
			return domain.NewError(domain.CodePortTaken, "port", l.Port).Because(err)
		}
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	})
	return id, err
}

// ActivateLease notes the process that uses the port. It fails with CodeNotFound.
func (s *Store) ActivateLease(ctx context.Context, id int64, pid int) error {
	return s.change(ctx, "activate lease", func(tx bun.Tx) error {
		res, err := tx.Tx.ExecContext(ctx, `UPDATE port_allocations SET status = ?, process_id = ? WHERE id = ? AND status <> 'released'`,
			domain.LeaseActive, pid, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return found(sql.ErrNoRows, "lease", id)
		}
		return nil
	})
}

// ReleaseLease gives all ports of an execution free; none is no error.
func (s *Store) ReleaseLease(ctx context.Context, executionID string) error {
	_, err := s.write.DB.ExecContext(ctx, `UPDATE port_allocations SET status = ?, released_at = ?
		WHERE execution_uuid = ? AND status <> 'released'`, domain.LeaseReleased, at(time.Now()), executionID)
	return s.wrap("release port", err)
}

// LiveLeases gives the leases that are not released, by port.
func (s *Store) LiveLeases(ctx context.Context) ([]domain.Lease, error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT p.id, p.port_number, p.status, p.execution_uuid, p.script_ref,
		coalesce(p.user_id, 0), coalesce(u.deleted_name, u.username, ''), coalesce(p.project_id, 0), coalesce(j.project_name, ''), coalesce(p.process_id, 0), p.allocated_at, p.released_at
		FROM port_allocations p LEFT JOIN users u ON u.id = p.user_id
		LEFT JOIN user_projects j ON j.id = p.project_id WHERE p.status <> 'released' ORDER BY p.port_number`)
	if err != nil {
		return nil, s.wrap("read leases", err)
	}
	defer func() { _ = rows.Close() }()
	leases := []domain.Lease{}
	for rows.Next() {
		var l domain.Lease
		var allocated, released moment
		if err := rows.Scan(&l.ID, &l.Port, &l.State, &l.ExecutionID, &l.ScriptID, &l.UserID, &l.User, &l.ProjectID, &l.Project, &l.PID,
			&allocated, &released); err != nil {
			return nil, s.wrap("read leases", err)
		}
		l.AllocatedAt, l.ReleasedAt = allocated.Time, released.pointer()
		leases = append(leases, l)
	}
	return leases, s.wrap("read leases", rows.Err())
}

// LastPort gives the port that the script had the last time for this user and
// project, 0 for none: what a page keeps in a browser hangs on it.
func (s *Store) LastPort(ctx context.Context, userID, projectID int64, scriptID string) (int, error) {
	var port int
	err := s.read.DB.QueryRowContext(ctx, `SELECT port_number FROM port_allocations
		WHERE user_id IS ? AND script_ref = ? AND project_id IS ? ORDER BY id DESC LIMIT 1`,
		nullID(userID), scriptID, nullID(projectID)).Scan(&port)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return port, s.wrap("read last port", err)
}
