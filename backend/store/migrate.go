package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/pressly/goose/v3"

	"scriptsmanager/backend/domain"
)

// Each file is one version and runs in one transaction.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

func embedded() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

func migrate(ctx context.Context, db *sql.DB, path string, files fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	now, err := version(ctx, db)
	switch {
	case err != nil:
		return err
	case now > newest:
		return domain.NewError(domain.CodeDatabaseNewer, "path", path)
	case now == newest:
		return nil
	case now > 0:
		if err := safetyCopy(ctx, db, path, now); err != nil {
			return err
		}
	}
	if _, err := p.Up(ctx); err != nil {
		var partial *goose.PartialError
		if errors.As(err, &partial) {
			return fmt.Errorf("%s: %w", partial.Failed.Source.Path, partial.Err)
		}
		return err
	}
	return nil
}

// version reads goose's table without letting it be made: a database that
// turns out to be newer is not to be touched.
func version(ctx context.Context, db *sql.DB) (int64, error) {
	var tables int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?`,
		goose.DefaultTablename).Scan(&tables); err != nil {
		return 0, fmt.Errorf("read schema: %w", err)
	}
	if tables == 0 {
		return 0, nil
	}
	var v sql.NullInt64
	if err := db.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&v); err != nil {
		return 0, fmt.Errorf("read database version: %w", err)
	}
	return v.Int64, nil
}

// safetyCopy puts a copy beside the database, as it was at version v.
func safetyCopy(ctx context.Context, db *sql.DB, path string, v int64) error {
	to := fmt.Sprintf("%s.version-%d-%s", path, v, time.Now().UTC().Format("20060102T150405.000"))
	// VACUUM INTO takes an empty file; made here so that nobody else can read it.
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("copy database before migrating: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("copy database before migrating: %w", err)
	}
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return errors.Join(fmt.Errorf("copy database to %s before migrating: %w", to, err), os.Remove(to))
	}
	return nil
}
