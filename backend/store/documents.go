package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// What is kept of one document; older versions go first.
const (
	maximumVersions     = 200
	maximumVersionBytes = 16 << 20 // as they are stored
)

const versionColumns = `id, script_ref, language, path, created_at, author, coalesce(origin, 0), hash, size`

func scanVersion(scan func(...any) error, more ...any) (v domain.DocumentVersion, err error) {
	var created moment
	err = scan(append([]any{&v.ID, &v.ScriptID, &v.Language, &v.Path, &created, &v.Author, &v.Origin, &v.Hash, &v.Size}, more...)...)
	v.CreatedAt = created.Time
	return v, err
}

// DocumentVersions lists the versions of a script's document, newest first.
func (s *Store) DocumentVersions(ctx context.Context, id domain.ScriptID, l domain.Language) ([]domain.DocumentVersion, error) {
	list := []domain.DocumentVersion{}
	err := s.each(ctx, `SELECT `+versionColumns+` FROM document_versions WHERE script_ref = ? AND language = ? ORDER BY id DESC`,
		[]any{id, l}, func(rows *sql.Rows) error {
			v, err := scanVersion(rows.Scan)
			list = append(list, v)
			return err
		})
	return list, s.wrap("read versions of a document", err)
}

// DocumentVersion gives a version and the file as it was. It fails with CodeNotFound.
func (s *Store) DocumentVersion(ctx context.Context, id int64) (v domain.DocumentVersion, content []byte, err error) {
	var packed []byte
	v, err = scanVersion(s.read.DB.QueryRowContext(ctx, `SELECT `+versionColumns+`, content FROM document_versions WHERE id = ?`, id).Scan, &packed)
	if err == nil {
		content, err = unpacked(packed)
	}
	return v, content, s.wrap("read version of a document", found(err, "document_version", id))
}

func packed(content []byte) ([]byte, error) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return w.EncodeAll(content, nil), w.Close()
}

func unpacked(content []byte) ([]byte, error) {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.DecodeAll(content, nil)
}

// DocumentChange is a document that is written.
type DocumentChange struct {
	Version domain.DocumentVersion // of what is new; ID, CreatedAt and Author are filled in
	Content []byte
	// Found is the file as it stood there, and its hash; nil where none did.
	Found     []byte
	FoundHash string
}

// KeepDocument keeps what a document becomes, and what was found before where
// its history does not know it, has write change the file, and records it: all
// of it or, where write fails, nothing.
func (s *Store) KeepDocument(ctx context.Context, a Actor, c DocumentChange, write func() error) (v domain.DocumentVersion, err error) {
	v = c.Version
	err = s.change(ctx, "keep document of "+v.ScriptID, func(tx bun.Tx) error {
		var last string
		err := tx.Tx.QueryRowContext(ctx, `SELECT hash FROM document_versions WHERE script_ref = ? AND language = ? ORDER BY id DESC LIMIT 1`,
			v.ScriptID, v.Language).Scan(&last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if c.Found != nil && c.FoundHash != last {
			before, err := whoLeft(ctx, tx, v, c.FoundHash)
			if err != nil {
				return err
			}
			before.Size = int64(len(c.Found))
			if _, err := insertVersion(ctx, tx, before, c.Found); err != nil {
				return err
			}
		}
		v.Author = a.Name
		if v, err = insertVersion(ctx, tx, v, c.Content); err != nil {
			return err
		}
		if err := forgetVersions(ctx, tx, v); err != nil {
			return err
		}
		action, before := "document.save", any(nil)
		if v.Origin != 0 {
			action = "document.take_back"
		}
		if c.Found != nil {
			before = recordedDocument(v.Language, v.Path, c.FoundHash, int64(len(c.Found)))
		}
		if err := audit(ctx, tx, a, action, "script:"+v.ScriptID, before, recordedDocument(v.Language, v.Path, v.Hash, v.Size)); err != nil {
			return err
		}
		return write()
	})
	return v, err
}

func recordedDocument(l domain.Language, path, hash string, size int64) map[string]any {
	return map[string]any{"language": l, "path": path, "sha256": hash, "size": size}
}

func insertVersion(ctx context.Context, tx bun.Tx, v domain.DocumentVersion, content []byte) (domain.DocumentVersion, error) {
	small, err := packed(content)
	if err != nil {
		return v, err
	}
	if v.CreatedAt.IsZero() {
		v.CreatedAt = time.Now().UTC()
	}
	done, err := tx.Tx.ExecContext(ctx, `INSERT INTO document_versions (script_ref, language, path, created_at, author, origin, hash, size, content)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, v.ScriptID, v.Language, v.Path, at(v.CreatedAt), v.Author, nullID(v.Origin), v.Hash, v.Size, small)
	if err != nil {
		return v, err
	}
	v.ID, err = done.LastInsertId()
	return v, err
}

// whoLeft says whose the file is that a new version takes the place of: of who
// wrote it as another script's or language's document, else of nobody known.
func whoLeft(ctx context.Context, tx bun.Tx, v domain.DocumentVersion, hash string) (domain.DocumentVersion, error) {
	before := v
	before.Author, before.Origin, before.Hash = "", 0, hash
	group, _, _ := strings.Cut(v.ScriptID, "/")
	var created moment
	var author, last string
	err := tx.Tx.QueryRowContext(ctx, `SELECT created_at, author, hash FROM document_versions
		WHERE script_ref > ? AND script_ref < ? AND path = ? ORDER BY id DESC LIMIT 1`,
		group+"/", group+"0", v.Path).Scan(&created, &author, &last) // 0 is the sign after /
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return before, nil
	case err == nil && last == hash:
		before.Author, before.CreatedAt = author, created.Time
	}
	return before, err
}

// forgetVersions removes the oldest ones of what is more than is kept.
func forgetVersions(ctx context.Context, tx bun.Tx, v domain.DocumentVersion) error {
	_, err := tx.Tx.ExecContext(ctx, `DELETE FROM document_versions WHERE id <> ?1 AND id IN (
		SELECT id FROM (SELECT id, row_number() OVER newest AS n, sum(length(content)) OVER newest AS bytes
			FROM document_versions WHERE script_ref = ?2 AND language = ?3 WINDOW newest AS (ORDER BY id DESC))
		WHERE n > ?4 OR bytes > ?5)`, v.ID, v.ScriptID, v.Language, maximumVersions, maximumVersionBytes)
	return err
}
