package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"scriptsmanager/backend/domain"
)

const (
	busyMilliseconds = 10000 // nobody else should write; a person with sqlite3 open may
	statementCache   = 64    // prepared statements kept per connection
	readers          = 4
)

// Store is the open database. Its methods may be called at the same time.
type Store struct {
	path    string
	write   *bun.DB // one connection; its transactions take the lock at BEGIN
	read    *bun.DB // read-only connections
	lists   listLimits
	audited chan struct{} // see Audited

	syncMutex sync.Mutex
	known     *known // what SyncScripts wrote last; nil: to be read
}

// Open opens the database at path, makes it where there is none, and brings an
// older one up to date, after a copy of it was put beside it. It fails with
// CodeDatabaseNewer where a later version of the product wrote it, with
// CodeDatabaseDamaged and with CodeDiskFull. One process may have it open at a time (the root's lock).
func Open(ctx context.Context, path string) (*Store, error) {
	return open(ctx, path, embedded())
}

func open(ctx context.Context, path string, migrations fs.FS) (_ *Store, err error) {
	// SQLite would make it with the umask's mode; -wal and -shm take over this one's.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", coded(path, err))
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	writer, err := sql.Open("sqlite3", dsn(path, false))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1)
	writer.SetConnMaxIdleTime(0)
	s := &Store{path: path, write: bun.NewDB(writer, sqlitedialect.New(), bun.WithDiscardUnknownColumns()), lists: usualLimits(), audited: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := migrate(ctx, writer, path, migrations); err != nil {
		return nil, s.wrap("migrate database", err)
	}
	reader, err := sql.Open("sqlite3", dsn(path, true))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	reader.SetMaxOpenConns(max(readers, runtime.NumCPU()))
	reader.SetMaxIdleConns(readers)
	s.read = bun.NewDB(reader, sqlitedialect.New(), bun.WithDiscardUnknownColumns())
	if err := reader.PingContext(ctx); err != nil {
		return nil, s.wrap("open database for reading", err)
	}
	if err := s.chainEarlier(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends all connections; SQLite folds the write-ahead log into the file.
func (s *Store) Close() error {
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	return errors.Join(append(errs, s.write.Close())...)
}

// dsn: options in the address hold for every connection of a pool.
func dsn(path string, readOnly bool) string {
	q := url.Values{}
	q.Set("_busy_timeout", fmt.Sprint(busyMilliseconds))
	q.Set("_foreign_keys", "on")
	q.Set("_stmt_cache_size", fmt.Sprint(statementCache))
	if readOnly {
		q.Set("mode", "ro")
		q.Set("_query_only", "on")
	} else {
		q.Set("_journal_mode", "WAL")
		q.Set("_synchronous", "FULL")
		q.Set("_txlock", "immediate")
	}
	return Address(path, q)
}

// Address is how the driver is told of a SQLite file, and what its options are.
func Address(path string, options url.Values) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") && filepath.VolumeName(path) != "" { // C:/…
		p = "/" + p
	}
	return "file:" + (&url.URL{Path: p}).EscapedPath() + "?" + options.Encode()
}

// change runs fn in one writing transaction. No query may be made on the
// store itself within fn: the one writing connection is taken.
func (s *Store) change(ctx context.Context, doing string, fn func(tx bun.Tx) error) error {
	err := s.write.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error { return fn(tx) })
	if err == nil {
		select {
		case s.audited <- struct{}{}:
		default:
		}
	}
	return s.wrap(doing, err)
}

// wrap says what was tried and turns what SQLite says about the disk into a
// code. A *domain.Error keeps its code.
func (s *Store) wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, coded(s.path, err))
}

// coded gives CodeDiskFull or CodeDatabaseDamaged where err means it.
func coded(path string, err error) error {
	if domain.AsError(err) == nil && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, errQuota) || sqliteFull(err)) {
		return domain.NewError(domain.CodeDiskFull, "path", path).Because(err)
	}
	if domain.AsError(err) == nil && Damaged(err) {
		return domain.NewError(domain.CodeDatabaseDamaged, "path", path).Because(err)
	}
	return err
}

// found turns "no rows" into CodeNotFound with what was looked for.
func found(err error, what string, name any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return domain.NewError(domain.CodeNotFound, "what", what, "name", fmt.Sprint(name)).Because(err)
	}
	return err
}

// bun writes values into the text of a query and refuses one with a NUL in it,
// which SQLite would take for the query's end. Nothing kept has one, so a
// search for one finds nothing.
func hasNUL(s string) bool { return strings.IndexByte(s, 0) >= 0 }

func withoutNUL(s string) string { return strings.ReplaceAll(s, "\x00", "") }

// Check asks SQLite whether the file is whole. It fails with
// CodeDatabaseDamaged where it is not, with what SQLite says.
func (s *Store) Check(ctx context.Context) error {
	var said string
	if err := s.read.DB.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&said); err != nil {
		return s.wrap("check database", err)
	}
	if said != "ok" {
		return domain.NewError(domain.CodeDatabaseDamaged, "path", s.path).Because(errors.New(said))
	}
	return nil
}
