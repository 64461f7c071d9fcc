package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"

	"scriptsmanager/backend/store" // brings the driver
)

// version of the tables; an index of another one is made anew.
const version = 2

// blockSize is how much text a block of lines has at most, but for one line
// that is longer.
const blockSize = 64 << 10

// longestLine is how much of a line is searched, in bytes.
const longestLine = 1 << 20

const tables = `
CREATE TABLE source (
	id INTEGER PRIMARY KEY,        -- as in execution_logs
	execution TEXT NOT NULL,       -- UUID
	base TEXT NOT NULL,            -- path of the log without its ending
	user_id INTEGER NOT NULL,
	script TEXT NOT NULL,
	project_id INTEGER NOT NULL,
	created INTEGER NOT NULL,      -- ms since 1970
	lines INTEGER NOT NULL DEFAULT 0, -- that are in blocks
	whole INTEGER NOT NULL DEFAULT 0  -- 1: it ended and all of it is in blocks
);
CREATE INDEX source_open ON source (id) WHERE whole = 0;
CREATE INDEX source_execution ON source (execution);
CREATE TABLE block (
	id INTEGER PRIMARY KEY,        -- as the row of words
	source INTEGER NOT NULL,
	first INTEGER NOT NULL,        -- line
	count INTEGER NOT NULL         -- of lines
);
CREATE INDEX block_source ON block (source, id);
CREATE VIRTUAL TABLE words USING fts5 (
	text, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
INSERT INTO words (words, rank) VALUES ('hashsize', 16777216);
`

// Source is an execution whose log can be searched.
type Source struct {
	ID        int64  // grows with each execution
	Execution string // UUID
	Base      string // path of the log without its ending
	UserID    int64
	Script    string
	ProjectID int64
	Created   time.Time
}

// Catalogue tells of executions.
type Catalogue interface {
	// LogSources gives the executions after one, the oldest first.
	LogSources(ctx context.Context, after int64, limit int) ([]Source, error)
	// LogsEnded tells which of these executions have ended or are gone.
	LogsEnded(ctx context.Context, ids []int64) (map[int64]bool, error)
}

// Index knows which words stand in which blocks of lines of which logs. It is
// derived from the logs: where it is damaged or gone it is made anew. Its
// methods may be called at the same time.
type Index struct {
	path      string
	catalogue Catalogue

	files  sync.RWMutex // held for writing while the file is made anew
	write  *sql.DB      // nil: it could not be made anew
	read   *sql.DB
	made   int64 // a number by which one file is told from another
	closed bool

	building    sync.Mutex          // one builds at a time
	taking      sync.Mutex          // held for each log that is taken in or forgotten
	failing     map[int64]time.Time // logs that could not be read, and when to try again; of who builds
	discovering sync.Mutex
	wake        chan struct{}
}

// Open opens the index at path, and makes it where there is none, or none that
// can be used.
func Open(ctx context.Context, path string, catalogue Catalogue) (*Index, error) {
	x := &Index{path: path, catalogue: catalogue, wake: make(chan struct{}, 1), failing: map[int64]time.Time{}}
	if err := x.open(ctx); err != nil {
		if !unusable(err) {
			return nil, err
		}
		if again := x.anew(ctx); again != nil {
			return nil, errors.Join(err, again)
		}
	}
	return x, nil
}

var (
	errClosed  = errors.New("the index of logs is closed")
	errNotOpen = errors.New("the index of logs is not open")
	errOther   = errors.New("the index of logs has other tables")
)

// catalogueError is a failure of the catalogue or of who allows, which says
// nothing of the index.
type catalogueError struct{ error }

func (e catalogueError) Unwrap() error { return e.error }

// unusable tells whether an error says that the file must be made anew.
func unusable(err error) bool {
	var foreign catalogueError
	return !errors.As(err, &foreign) && (store.Damaged(err) || errors.Is(err, errOther) || errors.Is(err, errNotOpen))
}

// anew begins with an empty file.
func (x *Index) anew(ctx context.Context) error {
	if err := errors.Join(x.close(), remove(x.path)); err != nil {
		return err
	}
	return x.open(ctx)
}

// whole does something with the file; where that finds it damaged, it is done
// once more with a new one.
func (x *Index) whole(ctx context.Context, do func() error) error {
	renewed, err := x.mended(ctx, do)
	if renewed {
		_, err = x.once(do)
	}
	return err
}

// mended does something with the file, and begins a new one where that finds
// it damaged.
func (x *Index) mended(ctx context.Context, do func() error) (renewed bool, err error) {
	used, err := x.once(do)
	if !unusable(err) {
		return false, err
	}
	x.files.Lock()
	defer x.files.Unlock()
	if x.closed {
		return false, errClosed
	}
	if x.write == used { // nobody else has made it anew
		if again := x.anew(ctx); again != nil {
			return false, errors.Join(err, again)
		}
		x.Wake()
	}
	return true, nil
}

// once does something with the file, and tells which one it was.
func (x *Index) once(do func() error) (used *sql.DB, err error) {
	x.files.RLock()
	defer x.files.RUnlock()
	switch {
	case x.closed:
		return nil, errClosed
	case x.write == nil:
		return nil, errNotOpen
	}
	return x.write, do()
}

func remove(path string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (x *Index) open(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open the index of logs: %w", err), x.close())
		}
	}()
	f, err := os.OpenFile(x.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if x.write, err = sql.Open("sqlite3", store.Address(x.path, url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_txlock": {"immediate"}, "_busy_timeout": {"10000"},
	})); err != nil {
		return err
	}
	x.write.SetMaxOpenConns(1)
	if err := x.prepare(ctx); err != nil {
		return err
	}
	if x.read, err = sql.Open("sqlite3", store.Address(x.path, url.Values{
		"mode": {"ro"}, "_query_only": {"on"}, "_busy_timeout": {"10000"},
	})); err != nil {
		return err
	}
	x.read.SetMaxOpenConns(4)
	x.read.SetMaxIdleConns(2)
	return nil
}

// prepare makes the tables, or finds that they are as they should be.
func (x *Index) prepare(ctx context.Context) error {
	var have int
	if err := x.write.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&have); err != nil {
		return err
	}
	if have == version {
		// Not the whole: what is damaged deep inside is met when it is read.
		var n int
		if err := x.write.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name IN ('source', 'block', 'words')`).Scan(&n); err != nil {
			return err
		}
		if n != 3 {
			return fmt.Errorf("%w: %d of 3", errOther, n)
		}
		return x.write.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&x.made)
	}
	if have != 0 {
		return fmt.Errorf("%w: version %d", errOther, have)
	}
	x.made = time.Now().UnixNano() & (1<<31 - 1)
	return x.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, tables+fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d;", version, x.made))
		return err
	})
}

// change does something in one transaction.
func (x *Index) change(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Close closes the index.
func (x *Index) Close() error {
	x.files.Lock()
	defer x.files.Unlock()
	x.closed = true
	return x.close()
}

func (x *Index) close() error {
	var errs []error
	for _, db := range []*sql.DB{x.read, x.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	x.read, x.write = nil, nil
	return errors.Join(errs...)
}

// Forget takes the log of an execution out of the index.
func (x *Index) Forget(ctx context.Context, execution string) error {
	x.taking.Lock() // not building: that is held for all logs
	defer x.taking.Unlock()
	return x.whole(ctx, func() error { return x.forget(ctx, execution) })
}

func (x *Index) forget(ctx context.Context, execution string) error {
	err := x.change(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{
			`DELETE FROM words WHERE rowid IN (SELECT b.id FROM block b JOIN source s ON s.id = b.source WHERE s.execution = ?)`,
			`DELETE FROM block WHERE source IN (SELECT id FROM source WHERE execution = ?)`,
			`UPDATE source SET lines = 0, whole = 1 WHERE execution = ?`, // the row says that it was taken in
		} {
			if _, err := tx.ExecContext(ctx, statement, execution); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget a log: %w", err)
	}
	return nil
}
