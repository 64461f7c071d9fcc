-- +goose Up
ALTER TABLE execution_logs ADD COLUMN duration_ms INTEGER NOT NULL DEFAULT -1; -- -1: not ended
ALTER TABLE execution_logs ADD COLUMN user_name TEXT NOT NULL DEFAULT '';      -- as it was then, as a list shows it
ALTER TABLE execution_logs ADD COLUMN project_name TEXT NOT NULL DEFAULT '';
ALTER TABLE execution_logs ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE execution_logs ADD COLUMN log_bytes INTEGER NOT NULL DEFAULT 0;    -- of its files, when it ended
UPDATE execution_logs SET
    duration_ms = CASE WHEN end_time IS NULL THEN -1 ELSE coalesce(json_extract(data, '$.duration_ms'), 0) END,
    user_name = coalesce(json_extract(data, '$.user'), ''),
    project_name = coalesce(json_extract(data, '$.project'), ''),
    reason = coalesce(json_extract(data, '$.reason'), '');

-- Every column that a list is sorted by has an index, and one behind a user.
-- Each holds all that a list is filtered and sorted by, so that what does not
-- match is passed over, and what does is sorted, without looking at its row.
DROP INDEX execution_logs_created;
DROP INDEX execution_logs_user;
DROP INDEX execution_logs_script;
DROP INDEX execution_logs_group;
DROP INDEX execution_logs_status;
DROP INDEX execution_logs_user_script;
DROP INDEX execution_logs_project;
CREATE INDEX list_created ON execution_logs
    (created_at, id, status, user_id, script_ref, project_id, kind, duration_ms, project_name, user_name, reason, log_bytes);
CREATE INDEX list_status ON execution_logs
    (status, created_at, id, user_id, script_ref, project_id, kind, duration_ms, project_name, user_name, reason);
CREATE INDEX list_script ON execution_logs
    (script_ref, created_at, id, status, user_id, project_id, kind, duration_ms, project_name, user_name, reason);
CREATE INDEX list_duration ON execution_logs
    (duration_ms, created_at, id, status, user_id, script_ref, project_id, kind, project_name, user_name, reason);
CREATE INDEX list_project ON execution_logs
    (project_name, created_at, id, status, user_id, script_ref, project_id, kind, duration_ms, user_name, reason);
CREATE INDEX list_user ON execution_logs
    (user_name, created_at, id, status, user_id, script_ref, project_id, kind, duration_ms, project_name, reason);
CREATE INDEX list_reason ON execution_logs
    (reason, created_at, id, status, user_id, script_ref, project_id, kind, duration_ms, project_name, user_name);
CREATE INDEX list_own_created ON execution_logs
    (user_id, created_at, id, status, script_ref, project_id, kind, duration_ms, project_name, user_name, reason, log_bytes);
CREATE INDEX list_own_status ON execution_logs
    (user_id, status, created_at, id, script_ref, project_id, kind, duration_ms, project_name, user_name, reason);
CREATE INDEX list_own_script ON execution_logs
    (user_id, script_ref, created_at, id, status, project_id, kind, duration_ms, project_name, user_name, reason);
CREATE INDEX list_own_duration ON execution_logs
    (user_id, duration_ms, created_at, id, status, script_ref, project_id, kind, project_name, user_name, reason);
CREATE INDEX list_own_project ON execution_logs
    (user_id, project_name, created_at, id, status, script_ref, project_id, kind, duration_ms, user_name, reason);
CREATE INDEX list_own_reason ON execution_logs
    (user_id, reason, created_at, id, status, script_ref, project_id, kind, duration_ms, project_name, user_name);
CREATE INDEX list_in_project ON execution_logs
    (project_id, created_at, id, status, user_id, script_ref, kind, duration_ms, project_name, user_name, reason);

CREATE TABLE saved_filters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL, -- name in lower case
    filter TEXT NOT NULL,   -- the query of the page's address
    created_at TIMESTAMP NOT NULL,
    UNIQUE (user_id, name_key)
);

-- What a person notes of an execution, for himself alone.
CREATE TABLE execution_marks (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    execution INTEGER NOT NULL REFERENCES execution_logs (id) ON DELETE CASCADE,
    bookmarked BOOLEAN NOT NULL,
    note TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, execution)
) WITHOUT ROWID;
CREATE INDEX execution_marks_execution ON execution_marks (execution, bookmarked);

-- Executions that those of level developer and above may read.
CREATE TABLE execution_shares (
    execution INTEGER PRIMARY KEY REFERENCES execution_logs (id) ON DELETE CASCADE,
    shared_by VARCHAR(100) NOT NULL,
    shared_at TIMESTAMP NOT NULL
);
