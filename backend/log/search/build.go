package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"scriptsmanager/backend/log"
)

const (
	// rest is how often running executions are looked at.
	rest = 15 * time.Second
	// batch is how many blocks are kept in one transaction, 8 MiB of text: a
	// search that comes upon a new execution waits for that long.
	batch = 128
	// patience is how long a log that cannot be read is left alone.
	patience = 10 * time.Minute
	// settled is how long a log without its end must have been as it is until
	// all of it is taken to be there.
	settled = 5 * time.Second
	// sourcePage is how many executions are taken in at a time.
	sourcePage = 1000
)

// Wake has Run look for new output now: an execution ended.
func (x *Index) Wake() {
	select {
	case x.wake <- struct{}{}:
	default: // it will
	}
}

// Run keeps the index up to date until ctx ends.
func (x *Index) Run(ctx context.Context, logger *slog.Logger) {
	tick := time.NewTicker(rest)
	defer tick.Stop()
	for {
		if err := x.Build(ctx); err != nil && ctx.Err() == nil {
			logger.LogAttrs(ctx, slog.LevelError, "logs could not be indexed", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-x.wake:
		case <-tick.C:
		}
	}
}

// Build takes in what is new: executions, and whole blocks of their output; of
// those that ended, everything.
func (x *Index) Build(ctx context.Context) error {
	x.building.Lock()
	defer x.building.Unlock()
	var open []opened
	x.taking.Lock()
	err := x.whole(ctx, func() (err error) {
		if err = x.discover(ctx); err == nil {
			open, err = x.unfinished(ctx)
		}
		return err
	})
	x.taking.Unlock()
	if err != nil {
		return err
	}
	var errs []error
	for len(open) > 0 && ctx.Err() == nil {
		n := min(len(open), sourcePage)
		ids := make([]int64, n)
		for i, s := range open[:n] {
			ids[i] = s.ID
		}
		ended, err := x.catalogue.LogsEnded(ctx, ids)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, s := range open[:n] {
			if time.Now().Before(x.failing[s.ID]) {
				continue
			}
			renewed, err := x.takeOne(ctx, s, ended[s.ID])
			if renewed || ctx.Err() != nil {
				return errors.Join(append(errs, ctx.Err())...) // it is built from the beginning at once
			}
			if err != nil {
				x.failing[s.ID] = time.Now().Add(patience)
				errs = append(errs, fmt.Errorf("index the log of %s: %w", s.Execution, err))
			}
		}
		open = open[n:]
	}
	return errors.Join(errs...)
}

// takeOne takes in one log, unless it was forgotten meanwhile.
func (x *Index) takeOne(ctx context.Context, s opened, ended bool) (renewed bool, err error) {
	x.taking.Lock()
	defer x.taking.Unlock()
	return x.mended(ctx, func() error {
		var whole bool
		if err := x.read.QueryRowContext(ctx, `SELECT whole FROM source WHERE id = ?`, s.ID).Scan(&whole); errors.Is(err, sql.ErrNoRows) || whole {
			return nil // of an index that was made anew, too: it is taken in with the next pass
		} else if err != nil {
			return err
		}
		return x.take(ctx, s, ended)
	})
}

// discover takes in executions that are new.
func (x *Index) discover(ctx context.Context) error {
	x.discovering.Lock()
	defer x.discovering.Unlock()
	var last sql.NullInt64
	if err := x.read.QueryRowContext(ctx, `SELECT max(id) FROM source`).Scan(&last); err != nil {
		return fmt.Errorf("index logs: %w", err)
	}
	for {
		found, err := x.catalogue.LogSources(ctx, last.Int64, sourcePage)
		if err != nil {
			return catalogueError{err}
		}
		if len(found) == 0 {
			return nil
		}
		if err := x.insert(ctx, found); err != nil {
			return fmt.Errorf("index logs: %w", err)
		}
		last.Int64 = found[len(found)-1].ID
	}
}

func (x *Index) insert(ctx context.Context, found []Source) error {
	return x.change(ctx, func(tx *sql.Tx) error {
		for _, s := range found {
			if _, err := tx.ExecContext(ctx, `INSERT INTO source (id, execution, base, user_id, script, project_id, created)
				VALUES (?, ?, ?, ?, ?, ?, ?)`, s.ID, s.Execution, s.Base, s.UserID, s.Script, s.ProjectID, s.Created.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
}

// opened is a source of which there is more to take in.
type opened struct {
	Source
	lines int64
}

func (x *Index) unfinished(ctx context.Context) ([]opened, error) {
	rows, err := x.write.QueryContext(ctx, `SELECT id, execution, base, lines FROM source WHERE whole = 0 ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("index logs: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []opened
	for rows.Next() {
		var s opened
		if err := rows.Scan(&s.ID, &s.Execution, &s.Base, &s.lines); err != nil {
			return nil, fmt.Errorf("index logs: %w", err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("index logs: %w", err)
	}
	return all, nil
}

// take brings blocks of a log into the index.
func (x *Index) take(ctx context.Context, s opened, ended bool) error {
	r, err := log.Open(s.Base)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	b := newBlock()
	b.reset(s.lines + 1)
	var blocks []block
	for ctx.Err() == nil {
		page, err := r.ReadLong(b.first+b.count, log.MaxLimit, longestLine)
		if err != nil {
			return err
		}
		for _, line := range page.Lines {
			if line.Open && !ended || line.Seq < b.first+b.count {
				continue
			}
			if b.count > 0 && b.size+len(line.Text) >= blockSize {
				blocks = append(blocks, b.done())
				b.reset(line.Seq)
			}
			b.add(line.Text)
		}
		if len(page.Lines) == 0 || page.Lines[len(page.Lines)-1].Open {
			whole := ended && (page.Ended || still(s.Base))
			if whole && b.count > 0 {
				blocks = append(blocks, b.done())
			}
			return x.keep(ctx, s.ID, blocks, whole)
		}
		if len(blocks) >= batch {
			if err := x.keep(ctx, s.ID, blocks, false); err != nil {
				return err
			}
			blocks = blocks[:0]
		}
	}
	return ctx.Err()
}

// still tells whether nothing was written to a log for a while, or it is gone.
func still(base string) bool {
	return time.Since(log.Changed(base)) > settled
}

// keep writes blocks of a source; whole: there are no more.
func (x *Index) keep(ctx context.Context, source int64, blocks []block, whole bool) error {
	if len(blocks) == 0 && !whole {
		return nil
	}
	// With a context that can end, the driver would work on another thread than
	// that of who calls, which has its priority. A batch is short.
	ctx = context.WithoutCancel(ctx)
	return x.change(ctx, func(tx *sql.Tx) error {
		for _, b := range blocks {
			if err := insertBlock(ctx, tx, source, b); err != nil {
				return err
			}
		}
		if n := len(blocks); n > 0 {
			last := blocks[n-1]
			if _, err := tx.ExecContext(ctx, `UPDATE source SET lines = ? WHERE id = ?`, last.first+last.count-1, source); err != nil {
				return err
			}
		}
		if !whole {
			return nil
		}
		_, err := tx.ExecContext(ctx, `UPDATE source SET whole = 1 WHERE id = ?`, source)
		return err
	})
}

func insertBlock(ctx context.Context, tx *sql.Tx, source int64, b block) error {
	made, err := tx.ExecContext(ctx, `INSERT INTO block (source, first, count) VALUES (?, ?, ?)`, source, b.first, b.count)
	if err != nil {
		return err
	}
	id, err := made.LastInsertId()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO words (rowid, text) VALUES (?, ?)`, id, b.text)
	return err
}
