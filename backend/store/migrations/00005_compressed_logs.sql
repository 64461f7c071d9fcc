-- +goose Up
ALTER TABLE execution_logs ADD COLUMN compressed BOOLEAN NOT NULL DEFAULT FALSE; -- its log's files are

-- What is to be compressed next, the oldest first.
CREATE INDEX execution_logs_plain ON execution_logs (created_at, id) WHERE NOT compressed;
