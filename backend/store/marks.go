package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// Mark is what a person noted of an execution, for himself alone.
type Mark struct {
	Bookmarked bool
	Note       string
}

// Share says that an execution may be read by those of level developer and above.
type Share struct {
	By string
	At time.Time
}

// Marks are what lists and pages say of an execution to one person.
type Marks struct {
	Mark
	Share *Share
}

// SetMark keeps what a user notes of an execution; an empty mark is none. It
// fails with CodeNotFound.
func (s *Store) SetMark(ctx context.Context, userID int64, execution string, m Mark) error {
	return s.change(ctx, "mark execution "+execution, func(tx bun.Tx) error {
		id, err := executionRow(ctx, tx.Tx, execution)
		if err != nil {
			return err
		}
		if m == (Mark{}) {
			_, err = tx.Tx.ExecContext(ctx, `DELETE FROM execution_marks WHERE user_id = ? AND execution = ?`, userID, id)
			return err
		}
		_, err = tx.Tx.ExecContext(ctx, `INSERT INTO execution_marks (user_id, execution, bookmarked, note, updated_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (user_id, execution) DO UPDATE SET bookmarked = excluded.bookmarked, note = excluded.note, updated_at = excluded.updated_at`,
			userID, id, m.Bookmarked, withoutNUL(m.Note), at(time.Now()))
		return err
	})
}

// SetShared shares an execution or takes that back, and records who did. It
// fails with CodeNotFound.
func (s *Store) SetShared(ctx context.Context, by Actor, execution string, shared bool) error {
	return s.change(ctx, "share execution "+execution, func(tx bun.Tx) error {
		id, err := executionRow(ctx, tx.Tx, execution)
		if err != nil {
			return err
		}
		statement, args, action := `DELETE FROM execution_shares WHERE execution = ?`, []any{id}, "log.unshare"
		if shared {
			statement, action = `INSERT OR IGNORE INTO execution_shares (execution, shared_by, shared_at) VALUES (?, ?, ?)`, "log.share"
			args = append(args, by.Name, at(time.Now()))
		}
		done, err := tx.Tx.ExecContext(ctx, statement, args...)
		if changed, err := hasChanged(done, err); !changed { // it was so before
			return err
		}
		return audit(ctx, tx, by, action, "execution:"+execution, nil, nil)
	})
}

func executionRow(ctx context.Context, tx *sql.Tx, execution string) (id int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT id FROM execution_logs WHERE execution_uuid = ?`, execution).Scan(&id)
	return id, found(err, "execution", execution)
}

// MarksOf gives what there is to say of executions to a user, by execution;
// one of which there is nothing to say is not in it.
func (s *Store) MarksOf(ctx context.Context, userID int64, executions []string) (map[string]Marks, error) {
	marks := make(map[string]Marks)
	if len(executions) == 0 {
		return marks, nil
	}
	args := []any{userID}
	for _, id := range executions {
		args = append(args, id)
	}
	rows, err := s.read.DB.QueryContext(ctx, `SELECT e.execution_uuid, coalesce(m.bookmarked, FALSE), coalesce(m.note, ''), s.shared_by, s.shared_at
		FROM execution_logs e LEFT JOIN execution_marks m ON m.execution = e.id AND m.user_id = ? LEFT JOIN execution_shares s ON s.execution = e.id
		WHERE e.execution_uuid IN (`+strings.Repeat("?, ", len(executions)-1)+`?) AND (m.execution IS NOT NULL OR s.execution IS NOT NULL)`, args...)
	if err != nil {
		return nil, s.wrap("read marks", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var m Marks
		var by sql.NullString
		var when moment
		if err := rows.Scan(&id, &m.Bookmarked, &m.Note, &by, &when); err != nil {
			return nil, s.wrap("read marks", err)
		}
		if by.Valid {
			m.Share = &Share{By: by.String, At: when.Time}
		}
		marks[id] = m
	}
	return marks, s.wrap("read marks", rows.Err())
}

// DeleteExecution forgets an execution that has ended, and records who had it
// forgotten. It fails with CodeNotFound, CodeExecutionRuns, and with
// CodeBookmarked where somebody has a bookmark on it.
func (s *Store) DeleteExecution(ctx context.Context, by Actor, execution string) error {
	return s.change(ctx, "delete execution "+execution, func(tx bun.Tx) error {
		row, err := deletable(ctx, tx.Tx, execution)
		if err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM script_processes WHERE execution_uuid = ?`, `DELETE FROM execution_logs WHERE execution_uuid = ?`,
		} {
			if _, err := tx.Tx.ExecContext(ctx, statement, execution); err != nil {
				return err
			}
		}
		return audit(ctx, tx, by, "log.delete", "execution:"+execution, map[string]any{
			"script": row.script, "user": row.user, "created_at": row.created,
		}, nil)
	})
}

// Deletable tells why an execution cannot be deleted, as DeleteExecution does.
func (s *Store) Deletable(ctx context.Context, execution string) error {
	_, err := deletable(ctx, s.read.DB, execution)
	return s.wrap("delete execution "+execution, err)
}

type deletedRow struct {
	script, user string
	created      moment
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func deletable(ctx context.Context, q querier, execution string) (row deletedRow, err error) {
	var state domain.State
	var bookmarked bool
	err = q.QueryRowContext(ctx, `SELECT status, script_ref, user_name, created_at,
		EXISTS (SELECT 1 FROM execution_marks WHERE execution = e.id AND bookmarked) FROM execution_logs e WHERE execution_uuid = ?`,
		execution).Scan(&state, &row.script, &row.user, &row.created, &bookmarked)
	switch {
	case err != nil:
		return row, found(err, "execution", execution)
	case state.Live():
		return row, domain.NewError(domain.CodeExecutionRuns)
	case bookmarked:
		return row, domain.NewError(domain.CodeBookmarked)
	}
	return row, nil
}

// SavedFilter is a set of filters that a user gave a name.
type SavedFilter struct {
	ID     int64
	Name   string
	Filter string // as in the address of the page
}

// SavedFilters gives a user's, by name.
func (s *Store) SavedFilters(ctx context.Context, userID int64) ([]SavedFilter, error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT id, name, filter FROM saved_filters WHERE user_id = ? ORDER BY name_key`, userID)
	if err != nil {
		return nil, s.wrap("read saved filters", err)
	}
	defer func() { _ = rows.Close() }()
	list := []SavedFilter{}
	for rows.Next() {
		var f SavedFilter
		if err := rows.Scan(&f.ID, &f.Name, &f.Filter); err != nil {
			return nil, s.wrap("read saved filters", err)
		}
		list = append(list, f)
	}
	return list, s.wrap("read saved filters", rows.Err())
}

// maximumSavedFilters is how many a user may have.
const maximumSavedFilters = 100

// SaveFilter keeps a user's new filter (ID 0) or changes one, whose filter
// stays where none is given. It fails with CodeNameTaken, CodeNotFound or
// CodeLimitReached.
func (s *Store) SaveFilter(ctx context.Context, userID int64, f SavedFilter) (SavedFilter, error) {
	key := strings.ToLower(f.Name)
	err := s.change(ctx, "save filter", func(tx bun.Tx) error {
		var taken int64
		err := tx.Tx.QueryRowContext(ctx, `SELECT id FROM saved_filters WHERE user_id = ? AND name_key = ?`, userID, key).Scan(&taken)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if taken != 0 && taken != f.ID {
			return domain.NewError(domain.CodeNameTaken, "name", f.Name)
		}
		if f.ID == 0 {
			var n int
			if err := tx.Tx.QueryRowContext(ctx, `SELECT count(*) FROM saved_filters WHERE user_id = ?`, userID).Scan(&n); err != nil {
				return err
			}
			if n >= maximumSavedFilters {
				return domain.NewError(domain.CodeLimitReached, "limit", "saved_filters", "value", maximumSavedFilters)
			}
			return tx.Tx.QueryRowContext(ctx, `INSERT INTO saved_filters (user_id, name, name_key, filter, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id`,
				userID, f.Name, key, f.Filter, at(time.Now())).Scan(&f.ID)
		}
		err = tx.Tx.QueryRowContext(ctx, `UPDATE saved_filters SET name = ?1, name_key = ?2, filter = CASE WHEN ?3 = '' THEN filter ELSE ?3 END
			WHERE id = ?4 AND user_id = ?5 RETURNING filter`, f.Name, key, f.Filter, f.ID, userID).Scan(&f.Filter)
		return found(err, "filter", f.Name)
	})
	return f, err
}

// DeleteSavedFilter forgets a user's filter. It fails with CodeNotFound.
func (s *Store) DeleteSavedFilter(ctx context.Context, userID, id int64) error {
	res, err := s.write.DB.ExecContext(ctx, `DELETE FROM saved_filters WHERE id = ? AND user_id = ?`, id, userID)
	if err != nil {
		return s.wrap("delete saved filter", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = found(sql.ErrNoRows, "filter", id)
	}
	return s.wrap("delete saved filter", err)
}
